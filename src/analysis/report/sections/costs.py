"""What one index point costs with each lever, per officer and year, for the cards of a region."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.report.sections._common import msg, number
from analysis.results import StudyResults

HALF_YEARS = 2
LEADERSHIP_SCENARIO = "leadership_lowest_third"
"""Leadership support has no price in the tables; the programme of this scenario has one."""


def lever_costs(results: StudyResults, region_code: str) -> dict[str, dict[str, Any]]:
    """Return the cost of one more index point by lever, those without price or positive effect left out.

    Training and budget are priced with the region's own records, leadership with the programme of a scenario.

    Returns
    -------
    dict
        ``estimate, conf_low, conf_high`` (rupiah per officer and year), ``sentence`` and ``basis``. `conf_high` is
        None where the effect's interval reaches zero: then no amount is sure to buy a point.
    """
    return {**_recorded(results, region_code), **_leadership(results, region_code)}


def _recorded(results: StudyResults, region_code: str) -> dict[str, dict[str, Any]]:
    from analysis.claims.costs import cost_per_point

    here = results.estimates[results.estimates["region_code"] == region_code]
    panel = results.panel[results.panel["region_code"] == region_code]
    needed = {"budget_per_head", "hours_partner", "training_hours", "cost_per_hour_own", "cost_per_hour_partner"}
    if panel.empty or not needed <= set(panel.columns):
        return {}
    table = cost_per_point(here, panel)
    return {
        str(row["lever"]): _told(
            HALF_YEARS * row["cost"], HALF_YEARS * row["conf_low"], HALF_YEARS * row["conf_high"], "own"
        )
        for row in table.to_dict("records")
    }


def _leadership(results: StudyResults, region_code: str) -> dict[str, dict[str, Any]]:
    from analysis.policy import load_scenarios, run_scenario, scenario_effects

    scenario = load_scenarios()[LEADERSHIP_SCENARIO]
    effects = scenario_effects([scenario], results.estimates)
    if effects is None:
        return {}
    rng = np.random.default_rng(list(region_code.encode()))
    outcome = run_scenario(scenario, region_code, results.panel, effects, rng, verdicts=results.verdicts)
    found = outcome.cost.per_officer_point if outcome.cost else None
    if found is None:
        return {}
    return {"leadership": _told(found.estimate, found.conf_low, found.conf_high, "scenario")}


def _told(estimate: float, low: float, high: float, basis: str) -> dict[str, Any]:
    figures = {"estimate": number(estimate), "conf_low": number(low), "conf_high": number(high)}
    key = "cost" if figures["conf_high"] is not None else "cost_open"
    values = {name: _told_to(value) for name, value in (("estimate", estimate), ("low", low), ("high", high))}
    return figures | {"sentence": msg(f"levers.{key}", **values), "basis": msg(f"levers.cost_{basis}")}


def _told_to(amount: float, digits: int = 2) -> float:
    """Return an amount to two significant digits: prices and effects are not known better."""
    return float(f"{amount:.{digits}g}") if np.isfinite(amount) else amount
