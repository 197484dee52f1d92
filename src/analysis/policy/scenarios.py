"""What a scenario is predicted to change, with all of its uncertainty, or why nothing can be said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.claims.records import load_declared
from analysis.errors import PembinaanError
from analysis.measures.satisfaction import INDEX_PER_POINT, SCALE, satisfaction_grade
from analysis.messages import Message
from analysis.policy.cost import CostPerPoint, Interval, cost_per_point, yearly_cost
from analysis.policy.effects import NATION, Effects, draw_effects
from analysis.policy.grades import next_grade, probabilities_of_next_grade
from analysis.policy.plan import UNIT_COLUMNS, Plan, make_plan
from analysis.policy.records import Scenario, form_prices
from analysis.policy.start import Start, starting_point
from analysis.results import FloatArray

LOWEST, HIGHEST = SCALE[0] * INDEX_PER_POINT, SCALE[1] * INDEX_PER_POINT
WITHOUT_NUMBERS = ("not_identified", "no_data")
DRAWS = 4000
UNIT_RESULTS = (
    *(*UNIT_COLUMNS, "index", "reached", "outside", "change", "std_error", "conf_low", "conf_high"),
    *("grade", "next_grade", "probability_next_grade", "probability_without"),
)


@dataclass(frozen=True)
class ScenarioResult:
    """The prediction for one scenario and region.

    Parameters
    ----------
    scenario, region_code
        Which one, and where.
    status
        ``"ok"``, or ``"refused"``: then there is no number and `reason` says why.
    reason
        Why there is no number.
    change
        Mean change of the index over the units reached.
    change_region
        Mean change over all of the region's units.
    probability_positive
        Share of draws in which the units reached gain on average.
    n_units, n_reached
        Units with the data that are needed, and those that the scenario reaches.
    n_without_data
        Units left out for a missing value.
    share_outside
        Share of the units reached that would leave the observed range; their change is cut short at its end.
    expected_upgrades
        Expected number of units that move up a grade because of the change.
    cost
        Cost a year and per point.
    units
        One row per unit: `UNIT_COLUMNS`, ``index, reached, outside, change, std_error, conf_low, conf_high, grade,
        next_grade, probability_next_grade, probability_without``.
    notes
        What a reader has to know: assumptions, extrapolation, ceiling.
    """

    scenario: str
    region_code: str
    status: Literal["ok", "refused"]
    reason: Message | None
    change: Interval | None = None
    change_region: Interval | None = None
    probability_positive: float | None = None
    n_units: int = 0
    n_reached: int = 0
    n_without_data: int = 0
    share_outside: float | None = None
    expected_upgrades: float | None = None
    cost: CostPerPoint | None = None
    units: pd.DataFrame | None = None
    notes: tuple[Message, ...] = ()


def run_scenario(
    scenario: Scenario,
    region: str,
    panel: pd.DataFrame,
    effects: Effects,
    rng: np.random.Generator,
    *,
    verdicts: pd.DataFrame | None = None,
    cost_per_hour: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    start: Start | None = None,
) -> ScenarioResult:
    """Predict what a scenario changes in one region.

    A unit's change is ``sum over terms of effect x change of the term``; the changed index is kept within 25 to 100.
    Where this bound is never met the change is linear in the effects and its interval is exact (t or normal);
    otherwise it is read from the draws.

    Parameters
    ----------
    scenario
        What is changed where.
    region
        Region code.
    panel
        The whole study's panel: the observed range comes from all regions.
    effects
        Effects per one unit of each panel column.
    rng
        Source of random numbers.
    verdicts
        `StudyResults.verdicts`; where a claim that the scenario rests on is not identified or has no data, there is
        no number.
    cost_per_hour
        Rupiah per JP and participant by panel column; from ``forms.yml`` by default.
    draws, level
        Number of draws; level of the intervals.
    start
        See `starting_point`, of the same panel; to spare its making when many regions are asked about.

    Returns
    -------
    ScenarioResult
    """
    refusal = refusal_of(scenario, region, effects, verdicts)
    if refusal is not None:
        return ScenarioResult(scenario.key, region, "refused", refusal)
    own = effects.of(region)
    known_start = start or starting_point(panel, (*own.terms, *scenario.terms))
    rows, units = known_start.rows_of(region), known_start.units_of(region)
    costs = {f"hours_{key}": price for key, price in form_prices().items()} | dict(cost_per_hour or {})
    try:
        plan = make_plan(scenario, units, own.terms, known_start.observed, cost_per_hour=costs, centres=own.centres)
    except PembinaanError as error:
        return ScenarioResult(scenario.key, region, "refused", error.message)
    known = ~np.isnan(plan.change).any(axis=1)
    if not (known & plan.reached).any():
        return ScenarioResult(scenario.key, region, "refused", Message("policy.no_units_reached"))
    plan = Plan(plan.change[known], plan.wanted[known], plan.reached[known], plan.outside[known])
    used = pd.DataFrame(units[known]).reset_index(drop=True)
    prediction = _predict(used, plan, own, rng, draws, level)
    total = yearly_cost(scenario.cost, plan, own.terms, prediction.units["headcount"], rows, level=level)
    return _result(scenario, region, plan, own, prediction, total, int((~known).sum()), level)


def refusal_of(scenario: Scenario, region: str, effects: Effects, verdicts: pd.DataFrame | None) -> Message | None:
    """Return why a scenario can have no number in a region, or None."""
    missing = [term for term in scenario.terms if term not in effects.terms]
    if missing:
        return Message("policy.effect_missing", {"names": missing})
    if effects.regions != (NATION,) and region not in effects.regions:
        return Message("policy.no_effects_of_region", {"region": region})
    return refusal_by_verdict(scenario.claims, region, verdicts)


def refusal_by_verdict(claims: Iterable[str], region: str, verdicts: pd.DataFrame | None) -> Message | None:
    """Return why the verdicts on claims leave no number in a region, or None."""
    if verdicts is None:
        return None
    for claim in claims:
        rows = verdicts.loc[(verdicts["claim"] == claim) & (verdicts["region_code"] == region), "verdict"]
        found = rows.iloc[0] if len(rows) else None
        if found in WITHOUT_NUMBERS:
            return Message(f"policy.{found}", _label_of(claim))
    return None


def _label_of(claim: str) -> dict[str, str]:
    known = load_declared().claims.get(claim)
    return {"id_text": known.label.id if known else claim, "en_text": known.label.en if known else claim}


@dataclass(frozen=True)
class _Prediction:
    """Draws of the mean change and the table by unit."""

    units: pd.DataFrame
    reached: Interval
    everywhere: Interval
    probability_positive: float
    capped: bool


def _predict(
    units: pd.DataFrame, plan: Plan, effects: Effects, rng: np.random.Generator, draws: int, level: float
) -> _Prediction:
    drawn = draw_effects(effects, draws, rng)[:, 0, :]
    now = units["index"].to_numpy(dtype=float)
    plain = drawn @ plan.change.T
    changes = np.clip(now + plain, LOWEST, HIGHEST) - now
    capped = not np.array_equal(np.clip(now + plain, LOWEST, HIGHEST), now + plain)
    weights = np.vstack([np.eye(len(units)), plan.reached / plan.reached.sum(), np.full(len(units), 1 / len(units))])
    if capped:
        intervals = [_from_draws(changes @ weight, level) for weight in weights]
    else:
        intervals = linear_intervals(weights @ plan.change, effects, level=level)
    mean_reached = changes @ weights[-2]
    # Half of the exact zeros, so that a change that reaches nobody is neither good nor bad.
    positive = float(np.mean(mean_reached > 0) + np.mean(mean_reached == 0) / 2)
    table = _unit_table(units, plan, intervals[:-2], changes)
    return _Prediction(table, intervals[-2], intervals[-1], positive, capped)


def linear_interval(weights: FloatArray, effects: Effects, *, level: float = 0.95) -> Interval:
    """Return ``weights . effects`` of one region with its exact interval.

    Parameters
    ----------
    weights
        Change of each term, shape (K,).
    effects
        Effects of one region.
    level
        Of the interval.
    """
    return linear_intervals(np.asarray(weights)[None, :], effects, level=level)[0]


def linear_intervals(weights: FloatArray, effects: Effects, *, level: float = 0.95) -> list[Interval]:
    """Return `linear_interval` of every row of weights, shape (N, K)."""
    estimates = weights @ effects.mean[0]
    errors = np.sqrt(np.clip(np.einsum("nk,kl,nl->n", weights, effects.vcov, weights), 0.0, None))
    margins = float(stats.t.isf((1 - level) / 2, effects.df)) * errors
    columns = (estimates, errors, estimates - margins, estimates + margins)
    return [Interval(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]


def _from_draws(values: FloatArray, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(values.std()), float(low), float(high))


def _unit_table(units: pd.DataFrame, plan: Plan, intervals: list[Interval], changes: FloatArray) -> pd.DataFrame:
    now, error = (units[name].to_numpy(dtype=float) for name in ("index", "index_std_error"))
    chances = probabilities_of_next_grade(now, error, changes)
    table = units[[name for name in UNIT_COLUMNS if name in units.columns]].copy()
    table["index"] = now
    table["reached"], table["outside"] = plan.reached, plan.outside
    table["change"] = [item.estimate for item in intervals]
    for name in ("std_error", "conf_low", "conf_high"):
        table[name] = [getattr(item, name) for item in intervals]
    table["grade"] = [satisfaction_grade(value) for value in now]
    table["next_grade"] = [next_grade(value) for value in now]
    table["probability_next_grade"], table["probability_without"] = chances[:, 0], chances[:, 1]
    return table[[name for name in UNIT_RESULTS if name in table.columns]]


def _result(
    scenario: Scenario,
    region: str,
    plan: Plan,
    effects: Effects,
    prediction: _Prediction,
    total: Interval,
    n_without_data: int,
    level: float,
) -> ScenarioResult:
    table = prediction.units
    officers = float(table.loc[table["reached"], "headcount"].sum())
    share_outside = float(plan.outside.sum() / plan.reached.sum())
    gained = (table["probability_next_grade"] - table["probability_without"]).sum()
    return ScenarioResult(
        scenario=scenario.key,
        region_code=region,
        status="ok",
        reason=None,
        change=prediction.reached,
        change_region=prediction.everywhere,
        probability_positive=prediction.probability_positive,
        n_units=len(table),
        n_reached=int(plan.reached.sum()),
        n_without_data=n_without_data,
        share_outside=share_outside,
        expected_upgrades=float(gained),
        cost=cost_per_point(total, prediction.reached, officers, level=level, df=effects.df),
        units=table,
        notes=tuple(_notes(scenario, share_outside, prediction.capped, n_without_data)),
    )


def _notes(scenario: Scenario, share_outside: float, capped: bool, n_without_data: int) -> Iterable[Message]:
    if scenario.assumption is not None:
        wording = {"id_text": scenario.assumption.id, "en_text": scenario.assumption.en}
        yield Message("policy.note_assumption", wording)
    if share_outside > 0:
        yield Message("policy.note_outside", {"share": share_outside})
    if capped:
        yield Message("policy.note_capped", {"highest": HIGHEST})
    if n_without_data:
        yield Message("policy.note_without_data", {"n": n_without_data})


def scenario_message(result: ScenarioResult) -> Message:
    """Return the finding of a scenario as one sentence."""
    if result.reason is not None or result.change is None:
        return result.reason or Message("policy.no_units_reached")
    values = asdict(result.change) | {"n": result.n_reached, "probability": result.probability_positive}
    key = "policy.scenario_clear" if result.change.clear_of_zero else "policy.scenario_unclear"
    return Message(key, values)


def summary_table(results: Iterable[ScenarioResult]) -> pd.DataFrame:
    """Return one row per scenario and region.

    Returns
    -------
    pandas.DataFrame
        scenario, region_code, status, estimate, std_error, conf_low, conf_high, probability_positive, n_units,
        n_reached, share_outside, expected_upgrades, cost_status, cost_total, cost_per_point, cost_low, cost_high,
        sentence and cost_sentence (a `Message` as dict); sorted by scenario and region.
    """
    rows = [summary_row(result) for result in results]
    columns = list(rows[0]) if rows else ["scenario", "region_code"]
    return pd.DataFrame(rows, columns=columns).sort_values(["scenario", "region_code"], ignore_index=True)


def summary_row(result: ScenarioResult) -> dict[str, Any]:
    """Return one row of `summary_table`."""
    missing = Interval(math.nan, math.nan, math.nan, math.nan)
    cost = result.cost
    per_point = cost.per_point if cost and cost.per_point else missing
    return {
        "scenario": result.scenario,
        "region_code": result.region_code,
        "status": result.status,
        **asdict(result.change or missing),
        "probability_positive": result.probability_positive,
        "n_units": result.n_units,
        "n_reached": result.n_reached,
        "share_outside": result.share_outside,
        "expected_upgrades": result.expected_upgrades,
        "cost_status": cost.status if cost else None,
        "cost_total": cost.total.estimate if cost else math.nan,
        "cost_per_point": per_point.estimate,
        "cost_low": per_point.conf_low,
        "cost_high": per_point.conf_high,
        "sentence": scenario_message(result).as_dict(),
        "cost_sentence": cost.reason.as_dict() if cost else None,
    }
