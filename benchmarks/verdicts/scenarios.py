"""How often the intervals of scenarios hold what the scenario would truly change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.policy import (
    Effects,
    Scenario,
    latest_units,
    load_scenarios,
    make_plan,
    observed_range,
    run_scenario,
    scenario_effects,
)
from analysis.policy.records import form_prices
from analysis.synthetic import Truth

# Intervals are exact unless the ceiling is met; then so many draws move an end by three percent of the width.
DRAWS = 1000
# Term of a scenario to the claim that holds its true effect, and the size of the claim's dose in units of the term.
TRUE_EFFECTS = {
    "training_hours": ("training_raises_quality", 10.0),
    "training_matched": ("matched_training_works_better", 10.0),
    "leadership": ("leadership_raises_quality", 0.5),
    "hours_mentoring": ("mentoring_workshops_seminars_differ", 10.0),
}


def judged_scenarios(panel: pd.DataFrame, estimates: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Return the predictions of the catalog's scenarios with what they would truly change.

    The truth is the mean over the units reached of the change of each term times its true effect per unit of the term
    (the region's own where it differs).

    Parameters
    ----------
    panel, estimates
        Of one simulated study; estimates in the claims' units.
    truth
        What is true of it.

    Returns
    -------
    pandas.DataFrame
        ``scenario, region_code, estimate, conf_low, conf_high, truth, covered``; refused ones are left out.
    """
    scenarios = load_scenarios()
    effects = scenario_effects(scenarios.values(), estimates)
    rows = []
    for region in effects.regions if effects is not None else ():
        for key, scenario in scenarios.items():
            row = _judged(scenario, region, panel, effects, truth)
            if row is not None:
                rows.append({"scenario": key, "region_code": region, **row})
    return pd.DataFrame(rows)


def _judged(
    scenario: Scenario, region: str, panel: pd.DataFrame, effects: Effects, truth: Truth
) -> dict[str, float | bool] | None:
    found = run_scenario(scenario, region, panel, effects, np.random.default_rng(0), draws=DRAWS)
    if found.change is None:
        return None
    true = float(mean_change(scenario, region, panel, effects) @ _true_effects(effects, region, truth))
    low, high = found.change.conf_low, found.change.conf_high
    figures = {"estimate": found.change.estimate, "conf_low": low, "conf_high": high, "truth": true}
    return {**figures, "covered": low <= true <= high}


def mean_change(scenario: Scenario, region: str, panel: pd.DataFrame, effects: Effects) -> np.ndarray:
    """Return the mean change of each term over the units that a scenario reaches, shape (K,)."""
    own = effects.of(region)
    units = latest_units(panel.loc[panel["region_code"] == region])
    costs = {f"hours_{key}": price for key, price in form_prices().items()}
    observed = observed_range(panel, (*own.terms, *scenario.terms))
    plan = make_plan(scenario, units, own.terms, observed, cost_per_hour=costs, centres=own.centres)
    reached = plan.reached & ~np.isnan(plan.change).any(axis=1)
    return np.asarray(plan.change[reached].mean(axis=0))


def _true_effects(effects: Effects, region: str, truth: Truth) -> np.ndarray:
    claims = [(truth.claims[TRUE_EFFECTS[term][0]], TRUE_EFFECTS[term][1]) for term in effects.terms]
    return np.array([float(claim.regions.get(region, claim.effect or 0.0)) / dose for claim, dose in claims])
