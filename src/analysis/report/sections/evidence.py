"""What works and how sure we are: effects at three levels, checks."""

from __future__ import annotations

from typing import Any

from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import (
    LEVERS,
    claim_decimals,
    estimate_source,
    label,
    lever_rows,
    msg,
    number,
    records,
    region_name,
    study_sample,
    unit_label,
)
from analysis.results import StudyResults

LEVELS = ("own", "pooled", "national")


def effects(results: StudyResults, region_code: str) -> Block:
    """Return each lever's effect in the region alone, in the region with the help of the others, and in the nation."""
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
            "note": msg("effects.note"),
        },
        alt=_effects_alt(groups, name),
        source=estimate_source(None),
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
        }
        for row in rows
    ]
    return {
        "lever": lever,
        "label": msg(f"lever.{lever}"),
        "unit": unit_label(verdict["unit"]),
        "rows": shown,
        "places": claim_decimals(verdict["claim"]),
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


def _effects_alt(groups: list[dict[str, Any]], name: str) -> Message:
    if not groups:
        return msg("effects.none", region=name)
    every = [row for group in groups for row in group["rows"]]
    clear = sum(row["conf_low"] > 0 or row["conf_high"] < 0 for row in every if row["conf_low"] is not None)
    return msg("effects.alt", n=len(every), clear=clear,
               low=min(row["conf_low"] for row in every if row["conf_low"] is not None),
               high=max(row["conf_high"] for row in every if row["conf_high"] is not None))  # fmt: skip


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
            "reason": row["reason"],
        }
        for row in rows
    ]
    return {"lever": lever, "label": msg(f"lever.{lever}"), "rows": shown}
