"""What works and how sure we are: effects at three levels beside what others found, checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import (
    LEVERS,
    claim_decimals,
    estimate_id,
    estimates_source,
    label,
    lever_rows,
    msg,
    number,
    records,
    region_name,
    study_sample,
    unit_label,
)
from analysis.report.sections.labels import in_words
from analysis.results import StudyResults

if TYPE_CHECKING:
    from analysis.policy import Evidence

LEVELS = ("own", "pooled", "national")
PRIOR = {
    "training": (
        *("arthur_2003_results", "azulai_2020_individual", "azulai_2020_team", "banerjee_2021_training"),
        "pdam_makassar_training",
    ),
    "leadership": (
        *("lacerenza_2017_results", "fenizia_2022_managers", "banerjee_2021_managers", "rasul_2018_monitoring"),
        "padang_pariaman_leadership",
    ),
    "budget": ("deree_2018_pay", "lewis_2017_spending"),
}
"""Findings of others that bear on each lever; those not confirmed are left out."""
EXPECTED_FOR = ("training", "leadership")
"""Levers for which effects on those trained have been measured and an expectation for a unit follows."""
LEAST_UNITS = 3
BOUNDS = re.compile(r"(-?[\d.]+) to (-?[\d.]+)")
SIZE = re.compile(r"[\dkN=;, ]+")
"""Samples that are figures only; others are told in one language."""


def effects(results: StudyResults, region_code: str) -> Block:
    """Return each lever's effect in the region alone, with the others' help and in all, beside prior evidence."""
    verdicts = lever_rows(results, region_code)
    groups = [_group(results, lever, verdicts[lever], region_code) for lever in LEVERS if lever in verdicts]
    groups = [group for group in groups if group["rows"]]
    name = region_name(region_code)
    return Block(
        id="effects",
        kind="intervals",
        data={"groups": groups, "reference": 0},
        text={
            "title": msg("effects.title"),
            "lead": msg("effects.lead" if groups else "effects.none", region=name),
            "note": msg("effects.note_prior"),
        },
        alt=_effects_alt(groups, name),
        source=(*estimates_source([group["spec"] for group in groups]), msg("source.evidence")),
        sample=study_sample(results),
    )


def _group(results: StudyResults, lever: str, verdict: dict[str, Any], region_code: str) -> dict[str, Any]:
    rows = lever_estimates(results, verdict, region_code)
    shown = [
        {
            "level": row["level"],
            "label": msg(f"level.{row['level']}", region=region_name(region_code)),
            "estimate": number(row["estimate"]),
            "conf_low": number(row["conf_low"]),
            "conf_high": number(row["conf_high"]),
            "n_units": number(row["n_units"]),
            "own": row["level"] == "pooled",
            "row": estimate_id(verdict["spec"], row["level"], region_code),
        }
        for row in rows
    ]
    expected = _expected(results, lever, region_code) if shown else []
    return {
        "lever": lever,
        "spec": verdict["spec"],
        "label": msg(f"lever.{lever}"),
        "unit": unit_label(verdict["unit"]),
        "rows": shown + expected,
        "prior": prior_evidence(lever),
        "places": claim_decimals(verdict["claim"]),
    }


def _expected(results: StudyResults, lever: str, region_code: str) -> list[dict[str, Any]]:
    """Return what effects on those trained would lead one to expect of a unit, on the scale of the index.

    A range without an estimate, see `analysis.policy.expected_range`; none with fewer than three units, whose spread
    is not known.
    """
    from analysis.policy import expected_range, index_spread

    panel = results.panel[results.panel["region_code"] == region_code]
    if lever not in EXPECTED_FOR or panel["unit_id"].nunique() < LEAST_UNITS:
        return []
    spread = index_spread(panel)
    if number(spread) is None:
        return []
    found = expected_range(spread)
    row = {"level": "prior", "label": msg("level.prior"), "estimate": None, "n_units": None, "own": False, "row": None}
    return [row | {"conf_low": found.low, "conf_high": found.high}]


def prior_evidence(lever: str) -> list[dict[str, Any]]:
    """Return the confirmed findings of others that bear on a lever, each in its own unit with interval and sample."""
    from analysis.policy import benchmarks

    known = benchmarks()
    return [_finding(known[key]) for key in PRIOR[lever] if key in known]


def _finding(found: Evidence) -> dict[str, Any]:
    effect = (
        msg(f"prior.effect_{found.effect_unit}", value=found.effect)
        if found.effect is not None and found.effect_unit
        else msg(f"prior.direction_{found.direction}")
    )
    bounds = BOUNDS.match(found.interval or "")
    interval = [msg("interval.n2", low=float(bounds[1]), high=float(bounds[2]))] if bounds else []
    sample = [msg("prior.sample", sample=found.sample)] if SIZE.fullmatch(found.sample or "") else []
    return {
        "evidence": found.key,
        "study": f"{found.study} ({found.year})",
        "question": {
            "id": f"{found.treatment_id} → {found.outcome_id}",
            "en": f"{found.treatment_en} → {found.outcome_en}",
        },
        "setting": {"id": found.setting_id, "en": found.setting_en},
        "parts": [effect, *interval, *sample, msg(f"prior.role_{found.role}")],
        "source": found.source,
    }


def lever_estimates(results: StudyResults, verdict: dict[str, Any], region_code: str) -> list[dict[str, Any]]:
    """Return the estimates of a verdict's specification in the order of `LEVELS`, those with a number only."""
    table = results.estimates
    rows = records(table[table["spec"] == verdict["spec"]]) if verdict["spec"] else []
    chosen = []
    for level in LEVELS:
        place = None if level == "national" else region_code
        found = [r for r in rows if r["level"] == level and r["region_code"] == place]
        chosen += [r for r in found if number(r["estimate"]) is not None][:1]
    return chosen


def effect_ids(results: StudyResults, region_code: str) -> set[str]:
    """Return the ids of the rows of estimates behind the levers' effects."""
    verdicts = lever_rows(results, region_code)
    shown = [verdicts[lever] for lever in LEVERS if lever in verdicts]
    return {
        estimate_id(verdict["spec"], row["level"], region_code)
        for verdict in shown
        for row in lever_estimates(results, verdict, region_code)
    }


def _effects_alt(groups: list[dict[str, Any]], name: str) -> Message:
    if not groups:
        return msg("effects.none", region=name)
    every = [row for group in groups for row in group["rows"] if row["estimate"] is not None]
    known = [row for row in every if row["conf_low"] is not None]
    clear = sum(row["conf_low"] > 0 or row["conf_high"] < 0 for row in known)
    return msg(
        "effects.alt_chart",
        region=name,
        n=len(every),
        clear=clear,
        low=min((row["conf_low"] for row in known), default=None),
        high=max((row["conf_high"] for row in known), default=None),
    )


def how_sure(results: StudyResults, region_code: str) -> Block:
    """Return the checks of each lever's specification with three outcomes: passed, failed, could not be done."""
    verdicts = lever_rows(results, region_code)
    groups = [_check_group(results, lever, verdicts[lever], region_code) for lever in LEVERS if lever in verdicts]
    groups = [group for group in groups if group["rows"]]
    every = [row for group in groups for row in group["rows"]]
    passed, failed = (sum(row["passed"] is state for row in every) for state in (True, False))
    counts = {"passed": passed, "failed": failed, "open": len(every) - passed - failed, "n": len(every)}
    key = "checks.none" if not every else "checks.all_passed" if failed == 0 else "checks.some_failed"
    return Block(
        id="how_sure",
        kind="checks",
        data={"groups": groups, "counts": counts},
        text={"title": msg("checks.title"), "lead": msg(key, **counts), "note": msg("checks.note")},
        alt=msg(key, **counts),
        source=(msg("source.checks"),),
        sample=study_sample(results),
    )


def _check_group(results: StudyResults, lever: str, verdict: dict[str, Any], region_code: str) -> dict[str, Any]:
    table = results.checks
    rows = [r for r in records(table) if r["spec"] == verdict["spec"] and r["region_code"] in (None, region_code)]
    shown = [
        {
            "name": row["name"],
            "label": label("check", row["name"]),
            "passed": None if row["passed"] is None else bool(row["passed"]),
            "reason": in_words(row["reason"]),
        }
        for row in rows
    ]
    return {"lever": lever, "label": msg(f"lever.{lever}"), "rows": shown}
