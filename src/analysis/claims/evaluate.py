"""The whole of it: every claim, every region, estimates, checks and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.catalog import Catalog
from analysis.claims import sentences
from analysis.claims.checks import checks_of
from analysis.claims.effects import Effect, Level, estimate_all
from analysis.claims.frames import COST_COLUMNS
from analysis.claims.records import Claim, Declared, EffectSpec, load_declared
from analysis.claims.trend import estimate_trend
from analysis.claims.trend_sentences import judge_trend
from analysis.claims.verdict import Evidence, Judgement, detectable, judge
from analysis.diagnostics import benjamini_hochberg
from analysis.identification import Identification, adjustment_columns, identify
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Check

VERDICT_COLUMNS = (
    *("claim", "region_code", "verdict", "estimate", "conf_low", "conf_high", "unit", "strength"),
    *("n_units", "n_regions", "spec", "reason"),
)
CHECK_COLUMNS = ("spec", "region_code", "name", "passed", "statistic", "p_value", "reason")
# Which table a column comes from, to say what was not handed in.
TABLE_OF = {
    "training": "training",
    "hours": "training",
    "weak": "survey",
    "index": "survey",
    "u": "survey",
    "leadership": "leadership",
    "resistance": "leadership",
    "log_budget": "budget",
    "complaints": "complaints",
    "log_cost": "training",
}

Effects = Mapping[tuple[Level, str | None], Effect]


@dataclass(frozen=True)
class Assessment:
    """Estimates, verdicts and checks with the columns named in `analysis.results.StudyResults`."""

    estimates: pd.DataFrame
    verdicts: pd.DataFrame
    checks: pd.DataFrame


@dataclass(frozen=True)
class Answer:
    """What is known of one claim before multiplicity: its effects and checks, or why there are none.

    Parameters
    ----------
    claim, spec
        The claim and its specification.
    effects
        Estimates by level and region; empty if `refused`.
    checks
        Checks of the national estimate.
    refused
        Judgement by region (None for the nation) where nothing can be estimated.
    variants
        National estimates under the other defensible specifications.
    steady
        The half-years since satisfaction was last measured in another way, where the claim is about its trend.
    """

    claim: Claim
    spec: EffectSpec
    effects: Effects
    checks: tuple[Check, ...]
    refused: Mapping[str | None, Judgement]
    variants: tuple[Effect, ...] = ()
    steady: pd.DataFrame | None = None


def evaluate(panel: pd.DataFrame, catalog: Catalog, breaks: Sequence[str] = ()) -> Assessment:
    """Answer every claim for the nation and for every region of the panel.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    catalog
        Its folder holds claims, specifications, graph and rules.
    breaks
        Half-years from which satisfaction was measured in another way; a trend starts at the last of them.

    Returns
    -------
    Assessment
        Figures are in the claims' units; rows whose spec is ``<spec>:<variant>`` are the nation's estimate under
        another defensible specification. Verdicts on a region rest on its estimate with the help of the others.
    """
    declared = load_declared(catalog.folder)
    panel = panel.sort_values(["unit_id", "period_index"], kind="stable", ignore_index=True)
    regions = sorted(str(code) for code in panel["region_code"].unique())
    steady = since_break(panel, breaks)
    answers = [answer(panel, claim, declared, regions, steady) for claim in declared.claims.values()]
    verdicts = [row for place in (None, *regions) for row in _judged(answers, place, panel, declared)]
    order = {claim: rank for rank, claim in enumerate(declared.claims)}
    verdicts.sort(key=lambda row: (order[row["claim"]], row["region_code"] is not None, row["region_code"] or ""))
    return Assessment(
        estimates=_estimates_table(answers),
        verdicts=pd.DataFrame(verdicts, columns=list(VERDICT_COLUMNS)),
        checks=_checks_table(answers),
    )


def since_break(panel: pd.DataFrame, breaks: Sequence[str]) -> pd.DataFrame:
    """Return the half-years since the last break of method, all where there is none."""
    return panel[panel["period"] >= max(breaks, default="")]


def answer(
    panel: pd.DataFrame,
    claim: Claim,
    declared: Declared,
    regions: Iterable[str],
    steady: pd.DataFrame | None = None,
) -> Answer:
    """Estimate what answers one claim, or say why nothing does."""
    spec, nodes = declared.specs[claim.spec], declared.graph
    places = (None, *regions)
    if spec.design == "trend":
        steady = panel if steady is None else steady
        effects = estimate_trend(steady, spec.key, 1 - declared.rules.level)
        return Answer(claim, spec, effects, (), {}, steady=steady)
    unrecorded = next((n for n in (spec.treatment, spec.outcome) if nodes[n].column is None), None)
    if unrecorded is not None:
        reason = Judgement("no_data", 0, sentences.no_table_sentence(nodes, unrecorded))
        return Answer(claim, spec, {}, (), dict.fromkeys(places, reason))
    found = identification_of(spec, declared)
    columns = {key: node.column for key, node in nodes.items() if node.column is not None}
    needed = needed_columns(
        spec, columns[spec.outcome], () if not found.identified else adjustment_columns(nodes, found)
    )
    missing = without_data(panel, spec, needed, places)
    if not found.identified:
        reason = Judgement(
            "not_identified", 0, sentences.not_identified_sentence(nodes, found, spec.design == "cross_section")
        )
        return Answer(claim, spec, {}, (), {place: missing.get(place, reason) for place in places})
    if None in missing:
        return Answer(claim, spec, {}, (), {place: missing.get(place, missing[None]) for place in places})
    controls = adjustment_columns(nodes, found)
    estimated = estimate_all(panel, spec, columns[spec.outcome], controls, declared.rules)
    checks, variants = checks_of(estimated, columns, declared.rules)
    return Answer(claim, spec, estimated.effects, checks, missing, variants)


def identification_of(spec: EffectSpec, declared: Declared) -> Identification:
    """Return whether the effect of a specification is identified by its design, and what it has to hold constant."""
    if spec.design == "cross_section":
        return identify(declared.graph, spec.treatment, spec.outcome, absorbed=("period",))
    return identify(declared.graph, spec.treatment, spec.outcome)


def needed_columns(spec: EffectSpec, outcome: str, controls: Iterable[str]) -> tuple[str, ...]:
    """Return the panel columns without which nothing can be estimated."""
    if spec.design == "provider_costs":
        return tuple(COST_COLUMNS)
    treatments = spec.treatments[:1] if spec.cohort is None else ()
    return tuple(dict.fromkeys([outcome, *treatments, *controls, *spec.moderators]))


def without_data(
    panel: pd.DataFrame, spec: EffectSpec, needed: Iterable[str], places: Iterable[str | None]
) -> dict[str | None, Judgement]:
    """Return the judgement that data are missing, for the places (region, or None for the nation) where they are."""
    needed = list(needed)
    columns = [name for name in dict.fromkeys([*needed, *filter(None, (spec.cohort,))]) if name in panel.columns]
    by_region = panel.groupby("region_code")[columns].count()
    found: dict[str | None, Judgement] = {}
    for place in places:
        known = by_region.sum() if place is None else by_region.loc[place]
        empty = [name for name in needed if not known.get(name, 0)]
        if empty:
            tables = sorted({_table_of(name) for name in empty})
            found[place] = Judgement("no_data", 0, sentences.missing_tables_sentence(tables))
        elif spec.cohort is not None and not known[spec.cohort]:
            found[place] = Judgement("no_data", 0, sentences.no_programme_sentence())
    return found


def _table_of(column: str) -> str:
    named = [table for prefix, table in TABLE_OF.items() if column.startswith(prefix)]
    if column.endswith("_on") or column.endswith("_start"):
        return "programmes"
    return "officers" if column.startswith("professionalism") else named[0] if named else "survey"


def _judged(answers: list[Answer], place: str | None, panel: pd.DataFrame, declared: Declared) -> list[dict[str, Any]]:
    """Return one verdict row per claim for a place; p-values are adjusted over the claims of the place."""
    level: Level = "national" if place is None else "pooled"
    rows = [_row_of(item, level, place) for item in answers]
    raw = np.array([np.nan if row is None else float(row["p_value"]) for row in rows])
    adjusted = benjamini_hochberg(raw)
    tested = int(np.isfinite(raw).sum())
    return [
        _verdict_row(item, row, float(p_value), tested, place, panel, declared)
        for item, row, p_value in zip(answers, rows, adjusted, strict=True)
    ]


def _row_of(item: Answer, level: Level, place: str | None) -> Mapping[str, Any] | None:
    if place in item.refused:
        return None
    effect = item.effects.get((level, place))
    return None if effect is None else effect.row


def _verdict_row(
    item: Answer,
    row: Mapping[str, Any] | None,
    adjusted: float,
    tested: int,
    place: str | None,
    panel: pd.DataFrame,
    declared: Declared,
) -> dict[str, Any]:
    regions = sum(1 for (level, _), effect in item.effects.items() if level == "own" and effect.row is not None)
    judgement = _judgement(item, row, adjusted, tested, place, panel, declared, regions)
    figures = {name: float(row[name]) if row is not None else np.nan for name in ("estimate", "conf_low", "conf_high")}
    return {
        "claim": item.claim.key,
        "region_code": place,
        "verdict": judgement.verdict,
        **figures,
        "unit": sentences.wording(item.claim.unit),
        "strength": judgement.strength,
        "n_units": float(row["n_units"]) if row is not None else np.nan,
        "n_regions": float(regions) if row is not None else np.nan,
        "spec": item.spec.key,
        "reason": judgement.reason.as_dict(),
    }


def _judgement(
    item: Answer,
    row: Mapping[str, Any] | None,
    adjusted: float,
    tested: int,
    place: str | None,
    panel: pd.DataFrame,
    declared: Declared,
    regions: int,
) -> Judgement:
    if place in item.refused:
        return item.refused[place]
    level: Level = "national" if place is None else "pooled"
    if row is None:
        reason = item.effects[(level, place)].reason or Message("claims.reason.no_estimate")
        return Judgement("no_data", 0, sentences.too_little_sentence(reason))
    visible = detectable(row, declared.rules)
    evidence = Evidence(item.claim, row, adjusted, item.checks, tested, regions, place, visible)
    if item.spec.design == "trend":
        return judge_trend(evidence, item.effects, panel if item.steady is None else item.steady, declared.rules)
    return judge(evidence, declared.rules)


def _estimates_table(answers: list[Answer]) -> pd.DataFrame:
    order = {"national": 0, "pooled": 1, "own": 2}
    rows = [
        {"spec": effect.spec, "level": effect.level, "region_code": effect.region, **effect.row}
        for item in answers
        for effect in (*item.effects.values(), *item.variants)
        if effect.row is not None
    ]
    rows.sort(key=lambda row: (row["spec"], order[row["level"]], row["region_code"] or ""))
    return pd.DataFrame(rows, columns=["spec", "level", "region_code", *ESTIMATE_COLUMNS])


def _checks_table(answers: list[Answer]) -> pd.DataFrame:
    rows = [
        {
            "spec": item.spec.key,
            "region_code": None,
            "name": check.name,
            "passed": check.passed,
            "statistic": check.statistic,
            "p_value": check.p_value,
            "reason": check.reason.as_dict(),
        }
        for item in answers
        for check in item.checks
    ]
    table = pd.DataFrame(rows, columns=list(CHECK_COLUMNS))
    return table.astype({"statistic": float, "p_value": float, "passed": object})
