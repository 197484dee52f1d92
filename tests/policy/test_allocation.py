"""Allocation equals brute force on small cases and keeps its limits."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.policy import AllocationProblem, segment_slopes, solve, value_of
from analysis.policy.allocation import describe
from analysis.policy.programme import Programme

SOLVER = 1e-6
"""HiGHS meets limits and optimality to about 1e-7."""


def problem(**changes: Any) -> AllocationProblem:
    fields: dict[str, Any] = {
        "units": ("a", "b"),
        "forms": ("classroom", "mentoring"),
        "headcount": [10, 30],
        "cost_per_hour": [50_000, 40_000],
        "trainer_days_per_hour": [1 / 240, 1 / 40],
        "budget": 30e6,
        "widths": (10.0, 10.0, 20.0),
        "returns": (1.0, 0.6, 0.3),
    }
    return AllocationProblem(**(fields | changes))


def brute_force(what: AllocationProblem, slopes: np.ndarray, levels: range) -> float | None:
    """Return the best value over all numbers of packages that keep the limits."""
    units, forms, _ = what.shape
    best = None
    for counts in itertools.product(levels, repeat=units * forms):
        hours = np.array(counts, dtype=float).reshape(units, forms) * what.package_hours
        spend = what.headcount @ hours @ what.cost_per_hour
        per_head = hours @ what.cost_per_hour
        floor = what.equity_share * spend / what.headcount.sum()
        kept = (
            spend <= what.budget + 1e-6
            and spend >= what.minimum_spend - 1e-6
            and what.headcount @ hours @ what.trainer_days_per_hour <= what.trainer_days + 1e-9
            and (hours.sum(axis=1) >= what.minimum_hours - 1e-9).all()
            and (hours.sum(axis=1) <= what.maximum_hours + 1e-9).all()
            and (per_head >= floor - 1e-6).all()
        )
        if kept:
            value = value_of(what, hours, slopes)
            best = value if best is None else max(best, value)
    return best


CASES = [
    {},
    {"trainer_days": 8.0},
    {"minimum_hours": 5.0},
    {"minimum_hours": 10.0, "budget": 25e6},
    {"maximum_hours": 15.0},
    {"equity_share": 0.8},
    {"minimum_spend": 20e6, "effects": [[-0.02, -0.01], [0.001, -0.01]]},
    {"minimum_hours": 10.0, "effects": [[-0.02, -0.01], [-0.03, -0.05]]},
    {"weight": [0.9, 0.1]},
    {"budget": 1e6, "minimum_hours": 20.0},
]


@pytest.mark.parametrize("case", CASES, ids=[str(sorted(case)) for case in CASES])
def test_whole_packages_equal_brute_force(case: dict[str, Any]) -> None:
    case = dict(case)
    effects = np.array(case.pop("effects", [[0.03, 0.05], [0.04, 0.02]]))
    what = problem(package_hours=5.0, gap=0.0, **case)
    slopes = segment_slopes(what, effects)
    found, best = solve(what, slopes), brute_force(what, slopes, range(9))
    if best is None:
        assert found.status == "infeasible"
    else:
        assert found.value == pytest.approx(best, abs=SOLVER)
        np.testing.assert_allclose(found.hours % 5.0, 0, atol=1e-9)


def test_without_packages_the_answer_is_at_least_as_good_and_on_a_fine_grid_the_same() -> None:
    what = problem(units=("a",), headcount=[10], budget=10e6)
    slopes = segment_slopes(what, np.array([0.03, 0.05]))
    exact = solve(what, slopes).value
    fine = replace(what, package_hours=0.5)
    grid = brute_force(fine, slopes, range(0, 81))
    assert grid is not None
    # Half an hour less of the dearest segment is the most that the grid can lose.
    assert grid <= exact + SOLVER <= grid + 0.5 * 0.05 + 2 * SOLVER


@settings(max_examples=30, deadline=None)
@given(
    budget=st.floats(0, 80e6),
    more=st.floats(0, 40e6),
    days=st.floats(0, 40),
    effects=st.lists(st.floats(-0.05, 0.1), min_size=4, max_size=4),
)
def test_more_money_or_trainers_never_lower_the_best_value(
    budget: float, more: float, days: float, effects: list[float]
) -> None:
    poor = problem(budget=budget, trainer_days=days, maximum_hours=30.0, equity_share=0.4)
    slopes = segment_slopes(poor, np.array(effects).reshape(2, 2))
    value = solve(poor, slopes).value
    assert solve(replace(poor, budget=budget + more), slopes).value >= value - SOLVER
    assert solve(replace(poor, trainer_days=days + 5), slopes).value >= value - SOLVER
    assert solve(replace(poor, minimum_hours=0.5), slopes, explain=False).value <= value + SOLVER or np.isnan(
        solve(replace(poor, minimum_hours=0.5), slopes, explain=False).value
    )


def test_limits_that_are_reached_are_named() -> None:
    what = problem(budget=5e6, trainer_days=1e6, equity_share=0.2)
    found = solve(what, segment_slopes(what, np.array([[0.03, 0.05], [0.04, 0.02]])))
    assert "budget" in found.binding
    assert "trainer_days" not in found.binding
    assert found.spend == pytest.approx(5e6)


@pytest.mark.parametrize(
    ("changes", "helps"),
    [
        ({"budget": 10e6, "minimum_hours": 20.0}, {"budget": 32e6, "minimum_hours": 6.25}),
        ({"trainer_days": 1.0, "minimum_hours": 10.0}, {"trainer_days": 400 / 240, "minimum_hours": 6.0}),
        ({"budget": 10e6, "minimum_spend": 12e6}, {"budget": 12e6, "minimum_spend": 10e6}),
        ({"minimum_hours": 20.0, "maximum_hours": 15.0, "budget": 9e9}, {"maximum_hours": 20.0, "minimum_hours": 15.0}),
    ],
)
def test_what_cannot_be_met_says_which_limit_to_change(changes: dict[str, float], helps: dict[str, float]) -> None:
    what = problem(**changes)
    found = solve(what, segment_slopes(what, np.array([0.03, 0.05])))
    assert found.status == "infeasible"
    assert found.reason is not None
    assert found.reason.key == "policy.infeasible"
    totals = {message.key.removeprefix("policy.remedy_"): message.values["total"] for message in found.remedies}
    assert totals == pytest.approx(helps, rel=1e-5)
    for message in (found.reason, *found.remedies):
        assert message.id != message.en
    name, total = next(iter(helps.items()))
    eased = replace(what, **{name: total * (1 - 1e-6 if name.startswith("minimum") else 1 + 1e-6)})
    assert solve(eased, segment_slopes(what, np.array([0.03, 0.05]))).ok


def test_two_broken_rules_are_called_so() -> None:
    what = problem(budget=1e6, minimum_spend=5e6, trainer_days=0.1, minimum_hours=20.0)
    found = solve(what, segment_slopes(what, np.array([0.03, 0.05])))
    assert found.reason is not None
    assert found.reason.key == "policy.infeasible_jointly"
    assert found.remedies == ()
    assert found.reason.en


def test_returns_fall_and_harm_does_not_fade() -> None:
    what = problem(units=("a",), headcount=[1], weight=[1.0])
    slopes = segment_slopes(what, np.array([0.1, -0.1]))
    np.testing.assert_allclose(slopes[0], [[0.1, 0.06, 0.03], [-0.1, -0.1, -0.1]])
    assert value_of(what, np.array([[25.0, 25.0]]), slopes) == pytest.approx(0.1 * 10 + 0.06 * 10 + 0.03 * 5 - 2.5)
    draws = np.array([[[0.1, -0.1]], [[-0.1, -0.1]]])
    np.testing.assert_allclose(segment_slopes(what, draws)[0, 0], [0.0, -0.02, -0.035])


def test_the_present_use_is_described_in_money_and_days() -> None:
    what = problem()
    hours = np.array([[10.0, 0.0], [0.0, 4.0]])
    found = describe(what, hours, segment_slopes(what, np.array([0.1, 0.1])))
    assert found.spend == 10 * 10 * 50_000 + 30 * 4 * 40_000
    assert found.trainer_days == pytest.approx(100 / 240 + 120 / 40)
    assert Programme(what).allows(hours)
    assert not Programme(replace(what, budget=9e6)).allows(hours)


@pytest.mark.parametrize(
    "changes",
    [
        {"headcount": [1, 2, 3]},
        {"returns": (0.5, 0.6, 0.3)},
        {"budget": -1.0},
        {"equity_share": 1.5},
        {"widths": (10.0,)},
        {"weight": [1.0]},
    ],
)
def test_a_problem_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        problem(**changes)
    assert caught.value.message.en


def test_the_answer_is_the_same_every_time() -> None:
    what = problem(units=tuple("abcdef"), headcount=[12, 9, 30, 22, 18, 7], budget=60e6, equity_share=0.3)
    slopes = segment_slopes(what, np.random.default_rng(0).normal(0.03, 0.02, (6, 2)))
    np.testing.assert_array_equal(solve(what, slopes).hours, solve(what, slopes).hours)
