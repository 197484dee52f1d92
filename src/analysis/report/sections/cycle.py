"""What to do in the next budget cycle: the duties, and what the scenarios would bring and cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.catalog import load_catalog
from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import (
    estimate_source,
    msg,
    number,
    records,
    region_name,
    study_sample,
    unit_index,
)
from analysis.report.sections.descriptions import of_choices
from analysis.report.sections.quality import disclosable
from analysis.results import StudyResults

SMALLEST_UNIT = 5
"""Officers below whom hours per head would tell of persons."""
ANNUAL_HOURS = 20.0
"""Lesson hours that every civil servant is due in a year (PP 11/2017 jo PP 17/2020 article 203)."""
MINIMUM_SHARE = {"province": 0.0034, "regency": 0.0016, "city": 0.0016}
"""Least share of regional expenditure for developing civil servants, net (guidelines for regional budgets)."""
SHOWN_UNITS = 40


def next_cycle(results: StudyResults, region_code: str) -> Block:
    """Return the duties as they stand and each scenario with gain, chances, cost, cost per point and units."""
    scenarios = _scenarios(results, region_code)
    duty = hours_of_the_year(results.panel, region_code)
    answered = [row for row in scenarios if row["estimate"] is not None]
    level = load_catalog().region(region_code).level
    name = region_name(region_code)
    said = msg("cycle.lead" if answered else "cycle.none", n=len(answered), region=name)
    return Block(
        id="next_cycle",
        kind="allocation",
        data={
            "duty": duty,
            "duty_sentence": _duty_sentence(duty),
            "minimum_sentence": msg(f"cycle.minimum_{level}", share=MINIMUM_SHARE[level]),
            "scenarios": scenarios,
        },
        text={"title": msg("cycle.title"), "lead": said, "note": msg("cycle.note")},
        alt=of_choices(answered) if answered else said,
        source=estimate_source(None),
        sample=study_sample(results),
        privacy={"minimum_officers": SMALLEST_UNIT},
    )


def hours_of_the_year(panel: pd.DataFrame, region_code: str) -> dict[str, Any] | None:
    """Return lesson hours per officer in the last two half-years, and how many units stay below the yearly duty.

    Returns
    -------
    dict or None
        ``hours`` (JP per officer and year, units weighted by officers), ``n_units``, ``n_below``, ``required``; None
        without records of hours.
    """
    if not {"training_hours_now", "headcount"} <= set(panel.columns):
        return None
    rows = panel[(panel["region_code"] == region_code) & (panel["headcount"] >= SMALLEST_UNIT)]
    last = sorted(rows["period"].unique())[-2:]
    yearly = rows[rows["period"].isin(last)].groupby("unit_id")["training_hours_now"].sum(min_count=2).dropna()
    if yearly.empty:
        return None
    officers = rows.groupby("unit_id")["headcount"].last().loc[yearly.index]
    return {
        "hours": float(np.average(yearly, weights=officers)),
        "n_units": len(yearly),
        "n_below": int((yearly < ANNUAL_HOURS).sum()),
        "required": ANNUAL_HOURS,
    }


def _duty_sentence(duty: dict[str, Any] | None) -> Message:
    return msg("cycle.duty", **duty) if duty else msg("cycle.duty_unknown", required=ANNUAL_HOURS)


def _scenarios(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return the scenarios, the largest gain first; those without a number last."""
    table = results.scenarios
    units = _units(results, region_code)
    findings = _findings(results, region_code)
    found = [
        _row(row, units.get(row["scenario"], []), findings.get(row["scenario"], []))
        for row in records(table[table["region_code"] == region_code])
    ]
    return sorted(found, key=lambda row: -(row["estimate"] if row["estimate"] is not None else -np.inf))


def _row(row: dict[str, Any], units: list[dict[str, Any]], findings: list[Any]) -> dict[str, Any]:
    said = number(row["estimate"]) is not None
    return {
        "scenario": row["scenario"],
        "label": row["label"],
        "question": row["question"],
        "estimate": number(row["estimate"]),
        "conf_low": number(row["conf_low"]),
        "conf_high": number(row["conf_high"]),
        "probability_positive": number(row["probability_positive"]),
        "n_reached": int(row["n_reached"]),
        "share_outside": number(row["share_outside"]),
        "sentence": row["sentence"],
        "everywhere": _everywhere(row) if said else None,
        "grades": _grades(row) if said else None,
        "cost": number(row["cost_total"]),
        "cost_per_point": number(row["cost_per_point"]),
        "cost_sentence": row["cost_sentence"],
        "notes": row["notes"],
        "units": units,
        "evidence": findings,
    }


def _everywhere(row: dict[str, Any]) -> Message | None:
    """Return the change over all units, where the scenario reaches some of them only."""
    if row["n_reached"] == row["n_units"]:
        return None
    values = {name: row[f"everywhere{end}"] for name, end in (("estimate", ""), ("low", "_low"), ("high", "_high"))}
    return msg("cycle.everywhere", n=int(row["n_units"]), **values)


def _grades(row: dict[str, Any]) -> Message:
    return msg("cycle.grades", expected=row["expected_upgrades"], n=int(row["n_reached"]))


def _units(results: StudyResults, region_code: str) -> dict[str, list[dict[str, Any]]]:
    """Return the units that may be told by scenario, the likeliest to gain a grade first."""
    table = results.scenario_units
    rows = records(table[table["region_code"] == region_code])
    told = {period: told_units(results, region_code, period) for period in {row["period"] for row in rows}}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["unit_id"] in told[row["period"]]:
            found.setdefault(row["scenario"], []).append(_unit(row))
    return {
        name: sorted(units, key=lambda unit: (-(unit["gained"] or 0.0), unit["name"]))[:SHOWN_UNITS]
        for name, units in found.items()
    }


def told_units(results: StudyResults, region_code: str, period: str) -> set[str]:
    """Return the units whose index of a half-year may be told."""
    shown, _ = disclosable(unit_index(results, region_code, period))
    return {str(row["unit_id"]) for row in shown}


def _unit(row: dict[str, Any]) -> dict[str, Any]:
    chances = [number(row[name]) for name in ("probability_next_grade", "probability_without")]
    gained = chances[0] - chances[1] if chances[0] is not None and chances[1] is not None else None
    return {
        "name": row["unit_name"],
        "index": row["index"],
        "change": row["change"],
        "conf_low": row["conf_low"],
        "conf_high": row["conf_high"],
        "grade": row["grade"],
        "next_grade": row["next_grade"],
        "chance": chances[0],
        "chance_without": chances[1],
        "gained": gained,
        "outside": bool(row["outside"]),
    }


def _findings(results: StudyResults, region_code: str) -> dict[str, list[Any]]:
    """Return the published findings beside each prediction, in words."""
    found: dict[str, list[Any]] = {}
    for row in records(results.benchmarks[results.benchmarks["region_code"] == region_code]):
        found.setdefault(row["scenario"], []).append({"sentence": row["sentence"], "source": row["source"]})
    return found
