"""A use of the budget that stays good when the effects are not what they were estimated to be.

The best plan at the point estimates leans on the luckiest of them. Here plans are compared over draws of the effects:
what they gain over the present use, how much they give away against the best plan for each draw (regret), and what it
would be worth to know the effects better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import UsageError
from analysis.messages import Message
from analysis.policy.allocation import Allocation, describe, solve
from analysis.policy.cost import Interval
from analysis.policy.problem import AllocationProblem, draw_slopes, segment_slopes, split_into_segments, value_of
from analysis.policy.programme import Programme
from analysis.results import FloatArray

Rule = Literal["expected", "maximum"]
REGRET_QUANTILE = 0.95
"""The worst draw of many is a matter of their number; the 95th percentile of regret is not."""


@dataclass(frozen=True)
class AllocationChoice:
    """Plans compared over draws of the effects.

    Parameters
    ----------
    status
        ``"ok"`` or ``"infeasible"``: then only `reason` and `remedies` are filled.
    reason, remedies
        See `Allocation`.
    chosen
        The plan with the least regret by the rule.
    candidate
        Its name in `candidates`.
    candidates
        One row per plan: candidate (``present``, ``even``, ``best_on_average``, ``best_at_estimate``, ``draw_<n>``),
        feasible (the present use may break a rule), expected_value, expected_regret, high_regret (95th percentile),
        maximum_regret, probability_best; sorted by the rule. Values are means over all draws, regrets over the solved
        ones.
    gain
        Value of the chosen plan less that of the present use, index points; missing without a present use.
    probability_better
        Share of draws in which the chosen plan beats the present use.
    fragile_gain
        Gain that the best plan at the point estimates promises itself at these estimates: too good, because it picks
        the luckiest estimates.
    value_of_perfect_information
        Expected gain in index points from knowing the effects before choosing.
    value_of_halved_errors
        The same from estimates with half the standard error.
    sentence
        The finding in words.
    """

    status: Literal["ok", "infeasible"]
    reason: Message | None
    remedies: tuple[Message, ...] = ()
    chosen: Allocation | None = None
    candidate: str | None = None
    candidates: pd.DataFrame | None = None
    gain: Interval | None = None
    probability_better: float | None = None
    fragile_gain: float | None = None
    value_of_perfect_information: float | None = None
    value_of_halved_errors: float | None = None
    sentence: Message | None = None


def choose_allocation(
    problem: AllocationProblem,
    draws: FloatArray,
    present: FloatArray | None = None,
    *,
    rule: Rule = "expected",
    solved_draws: int = 60,
    level: float = 0.95,
) -> AllocationChoice:
    """Compare plans over draws of the effects and choose the one with the least regret.

    Parameters
    ----------
    problem
        What is distributed.
    draws
        Index points per JP per officer and year, shape (D, U, F) (or (D, 1, F): the same in all units).
    present
        Present hours, shape (U, F); need not keep the rules.
    rule
        ``"expected"``: least mean regret, which is the largest mean value; ``"maximum"``: least largest regret.
    solved_draws
        Draws, evenly spread over all, whose own best plan is worked out.
    level
        Of the interval of the gain.

    Raises
    ------
    UsageError
        If draws or present use do not have the right shape.
    """
    _check_shapes(problem, draws, present)
    average = solve(problem, segment_slopes(problem, draws))
    if not average.ok:
        return AllocationChoice("infeasible", average.reason, average.remedies)
    programme = Programme(problem)
    subset = draws[np.unique(np.linspace(0, len(draws) - 1, min(solved_draws, len(draws))).astype(int))]
    own_best = [_best(programme, segment_slopes(problem, draw)) for draw in subset]
    plans = _candidates(problem, programme, draws, average, present, own_best)
    table = _compare(problem, programme, plans, draws, subset, own_best, rule)
    name = str(table.loc[table["feasible"], "candidate"].iloc[0])
    chosen = describe(problem, plans[name], segment_slopes(problem, draws))
    gains = None if present is None else np.subtract(*values_over(problem, [chosen.hours, present], draws))
    gain = None if gains is None else _interval(gains, level)
    better = None if gains is None else float(np.mean(gains > 0))
    return AllocationChoice(
        status="ok",
        reason=None,
        chosen=chosen,
        candidate=name,
        candidates=table,
        gain=gain,
        probability_better=better,
        fragile_gain=_fragile_gain(problem, plans["best_at_estimate"], present, draws),
        value_of_perfect_information=_perfect_information(problem, programme, subset, own_best),
        value_of_halved_errors=value_of_halved_errors(problem, draws, solved_draws),
        sentence=_sentence(gain, better),
    )


def _check_shapes(problem: AllocationProblem, draws: FloatArray, present: FloatArray | None) -> None:
    units, forms, _ = problem.shape
    fits = draws.ndim == 3 and draws.shape[1] in (1, units) and draws.shape[2] == forms
    if not fits or (present is not None and np.shape(present) != (units, forms)):
        raise UsageError("policy.allocation_problem", units=units, forms=forms)


def _best(programme: Programme, slopes: FloatArray) -> FloatArray:
    hours = programme.best(slopes)
    if hours is None:
        # Limits do not depend on the effects, and they were met before.
        raise UsageError("policy.solver_failed")
    return hours


def _candidates(
    problem: AllocationProblem,
    programme: Programme,
    draws: FloatArray,
    average: Allocation,
    present: FloatArray | None,
    own_best: list[FloatArray],
) -> dict[str, FloatArray]:
    at_estimate = _best(programme, segment_slopes(problem, draws.mean(axis=0)))
    plans = {"best_on_average": average.hours, "best_at_estimate": at_estimate, "even": even_use(problem)}
    if present is not None:
        plans["present"] = np.asarray(present, dtype=float)
    return plans | {f"draw_{number}": hours for number, hours in enumerate(own_best)}


def even_use(problem: AllocationProblem) -> FloatArray:
    """Return the same hours for every officer, of all forms alike, as far as money, trainers and range allow."""
    units, forms, _ = problem.shape
    one_hour = np.full(forms, 1 / forms)
    officers = problem.headcount.sum()
    per_hour = officers * float(one_hour @ problem.cost_per_hour)
    days = officers * float(one_hour @ problem.trainer_days_per_hour)
    hours = min(
        problem.budget / per_hour if per_hour > 0 else np.inf, problem.maximum_hours, sum(problem.widths) * forms
    )
    hours = min(hours, problem.trainer_days / days if days > 0 else np.inf)
    if problem.package_hours:
        hours = np.floor(hours / forms / problem.package_hours) * problem.package_hours * forms
    return np.tile(one_hour * hours, (units, 1))


def _compare(
    problem: AllocationProblem,
    programme: Programme,
    plans: dict[str, FloatArray],
    draws: FloatArray,
    subset: FloatArray,
    own_best: list[FloatArray],
    rule: Rule,
) -> pd.DataFrame:
    optimum = np.array(
        [value_of(problem, hours, segment_slopes(problem, draw)) for hours, draw in zip(own_best, subset, strict=True)]
    )
    values = values_over(problem, list(plans.values()), subset)
    regret = np.maximum(optimum - values, 0.0)
    table = pd.DataFrame(
        {
            "candidate": list(plans),
            "feasible": [programme.allows(hours) for hours in plans.values()],
            "expected_value": values_over(problem, list(plans.values()), draws).mean(axis=1),
            "expected_regret": regret.mean(axis=1),
            "high_regret": np.quantile(regret, REGRET_QUANTILE, axis=1),
            "maximum_regret": regret.max(axis=1),
            "probability_best": _shares_best(values),
        }
    )
    first = {"expected": -table["expected_value"], "maximum": table["maximum_regret"]}[rule]
    # Rounded, so that of plans that are equal but for rounding the first one leads.
    order = table.assign(first=first.round(9)).sort_values("first", kind="stable")
    return order.drop(columns="first").reset_index(drop=True)


def values_over(problem: AllocationProblem, plans: list[FloatArray], draws: FloatArray) -> FloatArray:
    """Return the value of every plan (rows) in every draw (columns)."""
    filled = np.array([split_into_segments(problem, hours).ravel() for hours in plans])
    return np.asarray(filled @ draw_slopes(problem, draws).reshape(len(draws), -1).T)


def _shares_best(values: FloatArray) -> FloatArray:
    """Share of draws in which each plan is the best of all; ties are shared."""
    best = np.isclose(values, values.max(axis=0), rtol=1e-9, atol=1e-12)
    return np.asarray((best / best.sum(axis=0)).mean(axis=1))


def _interval(values: FloatArray, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(values.std()), float(low), float(high))


def _fragile_gain(
    problem: AllocationProblem, hours: FloatArray, present: FloatArray | None, draws: FloatArray
) -> float | None:
    if present is None:
        return None
    slopes = segment_slopes(problem, draws.mean(axis=0))
    return value_of(problem, hours, slopes) - value_of(problem, present, slopes)


def _perfect_information(
    problem: AllocationProblem, programme: Programme, subset: FloatArray, own_best: list[FloatArray]
) -> float:
    """Return mean of the best values less the best mean value, over the same draws: never negative."""
    known = [value_of(problem, hours, segment_slopes(problem, d)) for hours, d in zip(own_best, subset, strict=True)]
    slopes = segment_slopes(problem, subset)
    return max(float(np.mean(known)) - value_of(problem, _best(programme, slopes), slopes), 0.0)


def value_of_halved_errors(problem: AllocationProblem, draws: FloatArray, solved_draws: int = 60) -> float:
    """Return the expected gain, index points, from estimates with half the standard error before choosing.

    With normal effects of mean m and variance V the better estimates would lie around m with variance 3V/4 and leave
    V/4 (preposterior analysis, Raiffa and Schlaifer 1961). Each such estimate gets its own best plan; what this
    gains over the one best plan for all of them is the value.

    Parameters
    ----------
    problem, draws
        As in `choose_allocation`.
    solved_draws
        Draws whose best plan is worked out.
    """
    mean, error = draws.mean(axis=0), draws.std(axis=0)
    places = np.unique(np.linspace(0, len(draws) - 1, min(solved_draws, len(draws))).astype(int))
    centres = mean + np.sqrt(0.75) * (draws[places] - mean)
    slopes = [_expected_slopes(problem, centre, error / 2) for centre in centres]
    programme = Programme(problem)
    informed = [value_of(problem, _best(programme, slope), slope) for slope in slopes]
    together = np.mean(slopes, axis=0)
    return max(float(np.mean(informed)) - value_of(problem, _best(programme, together), together), 0.0)


def _expected_slopes(problem: AllocationProblem, mean: FloatArray, error: FloatArray) -> FloatArray:
    """Return the mean of `segment_slopes` over normal effects.

    The mean of the positive part of a normal variable is ``m Phi(m/s) + s phi(m/s)``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(error > 0, mean / error, np.inf * np.sign(mean))
    gain = mean * stats.norm.cdf(ratio) + error * stats.norm.pdf(ratio)
    gain = np.where(error > 0, gain, np.maximum(mean, 0.0))
    units, forms, _ = problem.shape
    positive = segment_slopes(problem, np.broadcast_to(gain, (units, forms)))
    harm = segment_slopes(problem, np.broadcast_to(np.minimum(mean - gain, 0.0), (units, forms)))
    return positive + harm


def _sentence(gain: Interval | None, better: float | None) -> Message:
    if gain is None:
        return Message("policy.allocation_without_present")
    key = "policy.allocation_better" if gain.clear_of_zero and gain.estimate > 0 else "policy.allocation_unsure"
    # A share of draws is never read as certainty.
    probability = None if better is None else min(max(better, 0.01), 0.99)
    values = {"estimate": gain.estimate, "low": gain.conf_low, "high": gain.conf_high, "probability": probability}
    return Message(key, values)


def allocation_table(problem: AllocationProblem, allocation: Allocation, present: FloatArray | None) -> pd.DataFrame:
    """Return one row per unit and form.

    Returns
    -------
    pandas.DataFrame
        unit, form, hours (JP per officer and year), hours_now, change, cost (rupiah a year), trainer_days.
    """
    units, forms, _ = problem.shape
    now = np.full((units, forms), np.nan) if present is None else np.asarray(present, dtype=float)
    participants = allocation.hours * problem.headcount[:, None]
    return pd.DataFrame(
        {
            "unit": np.repeat(problem.units, forms),
            "form": np.tile(problem.forms, units),
            "hours": allocation.hours.ravel(),
            "hours_now": now.ravel(),
            "change": (allocation.hours - now).ravel(),
            "cost": (participants * problem.cost_per_hour).ravel(),
            "trainer_days": (participants * problem.trainer_days_per_hour).ravel(),
        }
    )
