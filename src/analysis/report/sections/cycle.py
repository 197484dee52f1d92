"""What to do in the next budget cycle: the duties, and what the scenarios of the catalog would bring and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.catalog import load_catalog
from analysis.measures.budget import MINIMUM_SHARE
from analysis.measures.training import ANNUAL_HOURS
from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import both, estimate_source, msg, number, region_name, study_sample
from analysis.results import StudyResults

if TYPE_CHECKING:
    from analysis.policy import Scenario, ScenarioResult

SEED = 20250817
"""Of the draws behind scenarios that meet the ends of the index; fixed, so that a report is the same in every run."""
SMALLEST_UNIT = 5
"""Officers below whom hours per head would tell of persons."""


def next_cycle(results: StudyResults, region_code: str) -> Block:
    """Return the training duty as it stands and each scenario with gain, cost and cost per point."""
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
        alt=said,
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
    from analysis.policy import load_scenarios, run_scenario, scenario_effects

    scenarios = load_scenarios()
    effects = scenario_effects(scenarios.values(), results.estimates)
    if effects is None:
        return []
    found = []
    for scenario in scenarios.values():
        rng = np.random.default_rng([SEED, *region_code.encode(), *scenario.key.encode()])
        outcome = run_scenario(scenario, region_code, results.panel, effects, rng, verdicts=results.verdicts)
        found.append(_row(scenario, outcome))
    return sorted(found, key=lambda row: -(row["estimate"] if row["estimate"] is not None else -np.inf))


def _row(scenario: Scenario, outcome: ScenarioResult) -> dict[str, Any]:
    from analysis.policy import scenario_message

    change, cost = outcome.change, outcome.cost
    return {
        "scenario": scenario.key,
        "label": both(scenario.label),
        "estimate": number(change.estimate) if change else None,
        "conf_low": number(change.conf_low) if change else None,
        "conf_high": number(change.conf_high) if change else None,
        "n_reached": outcome.n_reached,
        "sentence": scenario_message(outcome),
        "cost": number(cost.total.estimate) if cost else None,
        "cost_sentence": cost.reason if cost else None,
        "notes": list(outcome.notes),
    }
