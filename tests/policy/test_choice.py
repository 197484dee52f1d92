"""Choosing under uncertainty: regret, probability of being better, value of knowing more."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.errors import UsageError
from analysis.policy import (
    AllocationProblem,
    Effects,
    allocation_table,
    choose_allocation,
    even_use,
    segment_slopes,
    shrink_terms,
    solve,
    value_of,
    value_of_halved_errors,
)


def rivals(**changes: object) -> AllocationProblem:
    """One unit, ten hours to give to one of two forms that cost the same."""
    fields: dict[str, object] = {
        "units": ("a",),
        "forms": ("seminar", "workshop"),
        "headcount": [10],
        "cost_per_hour": [10_000, 10_000],
        "trainer_days_per_hour": [0.0, 0.0],
        "budget": 1e6,
        "widths": (10.0,),
        "returns": (1.0,),
    }
    return AllocationProblem(**(fields | changes))  # type: ignore[arg-type]


def normal_draws(mean: tuple[float, float], error: float, n: int = 4000) -> np.ndarray:
    half = np.random.default_rng(2).normal(size=(n // 2, 1, 2)) * error
    return np.asarray(mean) + np.concatenate([half, -half])


def test_value_of_information_equals_the_closed_form_for_two_rivals() -> None:
    # The larger of two with the same mean and a normal difference of SD s exceeds the mean by s phi(0); ten hours are
    # given. The difference runs over the quantiles of the normal distribution, so that 200 draws are as good as many.
    spread = 0.07
    difference = spread * stats.norm.ppf((np.arange(200) + 0.5) / 200)
    draws = 0.5 + np.stack([difference, -difference], axis=1)[:, None, :] / 2
    closed = 10 * spread * stats.norm.pdf(0)
    found = choose_allocation(rivals(), draws, np.array([[10.0, 0.0]]), solved_draws=200)
    # The outermost quantiles stand for their whole tails: about 0.3 percent is lost.
    assert found.value_of_perfect_information == pytest.approx(closed, rel=0.01)
    assert found.value_of_halved_errors is not None
    assert value_of_halved_errors(rivals(), draws, 200) == pytest.approx(np.sqrt(0.75) * closed, rel=0.01)


def test_sure_effects_leave_nothing_to_learn_or_regret() -> None:
    draws = normal_draws((0.5, 0.3), 0.0, 50)
    found = choose_allocation(rivals(), draws, np.array([[0.0, 10.0]]))
    assert found.value_of_perfect_information == pytest.approx(0, abs=1e-9)
    assert found.value_of_halved_errors == pytest.approx(0, abs=1e-9)
    assert found.gain.estimate == pytest.approx(2.0)
    assert found.probability_better == 1
    np.testing.assert_allclose(found.chosen.hours, [[10, 0]])
    assert found.candidates.loc[0, "expected_regret"] == pytest.approx(0, abs=1e-9)


def test_regret_is_what_a_plan_gives_away() -> None:
    draws = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]])
    table = choose_allocation(rivals(), draws, np.array([[4.0, 6.0]])).candidates.set_index("candidate")
    # Best values are 10 each time; the present use reaches 4, 6, 4.
    assert table.loc["present", "expected_regret"] == pytest.approx((6 + 4 + 6) / 3)
    assert table.loc["present", "maximum_regret"] == pytest.approx(6)
    assert table.loc["even", "maximum_regret"] == pytest.approx(5)
    assert table["probability_best"].sum() == pytest.approx(1)


def test_the_two_rules_choose_differently_where_they_should() -> None:
    draws = np.concatenate([np.tile([[[1.0, 0.9]]], (9, 1, 1)), np.array([[[0.0, 0.95]]])])
    mean = choose_allocation(rivals(), draws, rule="expected")
    worst = choose_allocation(rivals(), draws, rule="maximum")
    np.testing.assert_allclose(mean.chosen.hours, [[0, 10]])
    np.testing.assert_allclose(worst.chosen.hours, [[0, 10]])
    often = np.concatenate([np.tile([[[1.0, 0.5]]], (9, 1, 1)), np.array([[[0.0, 0.9]]])])
    np.testing.assert_allclose(choose_allocation(rivals(), often, rule="expected").chosen.hours, [[10, 0]])
    np.testing.assert_allclose(choose_allocation(rivals(), often, rule="maximum").chosen.hours, [[5, 5]])


def test_the_plan_that_is_best_at_the_estimates_promises_too_much() -> None:
    rng = np.random.default_rng(5)
    problem = rivals(units=tuple("abcdefgh"), headcount=[10] * 8, budget=4e6)
    gains, promises = [], []
    for _ in range(20):
        estimate = rng.normal(0.0, 0.1, (8, 2))
        draws = estimate / 2 + rng.normal(0, 0.1 / np.sqrt(2), (60, 8, 2))
        found = choose_allocation(problem, draws, even_use(problem), solved_draws=10)
        gains.append(found.gain.estimate)
        raw = segment_slopes(problem, estimate)
        best = choose_allocation(problem, np.tile(estimate, (2, 1, 1)), even_use(problem), solved_draws=2)
        promises.append(value_of(problem, best.chosen.hours, raw) - value_of(problem, even_use(problem), raw))
    assert np.mean(promises) > 1.5 * np.mean(gains)


def test_the_gain_from_shrunken_effects_is_the_true_one_on_average() -> None:
    rng = np.random.default_rng(6)
    problem = rivals(
        forms=tuple("abcdef"), cost_per_hour=[1e4] * 6, trainer_days_per_hour=[0.0] * 6, budget=1e6, widths=(5.0,)
    )
    present = np.full((1, 6), 10 / 6)
    vcov = 0.05**2 * (0.8 * np.eye(6) + 0.2)
    said, promised, true = [], [], []
    for _ in range(80):
        truth = rng.normal(0.1, 0.04, 6)
        raw = Effects(("",), problem.forms, rng.multivariate_normal(truth, vcov)[None], vcov)
        for effects, gains in ((shrink_terms(raw), said), (raw, promised)):
            slopes = segment_slopes(problem, effects.mean)
            best = solve(problem, slopes)
            gains.append(best.value - value_of(problem, present, slopes))
            if effects is not raw:
                true.append(float((best.hours - present)[0] @ truth))
    # 80 repetitions: standard errors are about .03 points.
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.09)
    assert np.mean(promised) > np.mean(true) + 0.2


def test_the_gain_is_that_over_the_present_use_in_every_draw() -> None:
    problem = rivals()
    draws = normal_draws((0.5, 0.4), 0.1, 400)
    present = np.array([[2.0, 8.0]])
    found = choose_allocation(problem, draws, present)
    by_hand = [
        value_of(problem, found.chosen.hours, segment_slopes(problem, d))
        - value_of(problem, present, segment_slopes(problem, d))
        for d in draws
    ]
    assert found.gain.estimate == pytest.approx(np.mean(by_hand))
    assert found.probability_better == pytest.approx(np.mean(np.array(by_hand) > 0))
    assert found.sentence.key == "policy.allocation_unsure"
    for message in (found.sentence,):
        assert message.id != message.en


def test_a_rule_breaking_present_use_is_shown_and_never_chosen() -> None:
    present = np.array([[60.0, 60.0]])
    found = choose_allocation(rivals(widths=(100.0,)), normal_draws((0.5, 0.4), 0.1, 40), present)
    table = found.candidates.set_index("candidate")
    assert not table.loc["present", "feasible"]
    assert found.candidate != "present"


def test_no_answer_is_handed_on_with_its_remedies() -> None:
    found = choose_allocation(rivals(minimum_hours=20.0, widths=(30.0,)), normal_draws((0.5, 0.4), 0.1, 40))
    assert found.status == "infeasible"
    assert [message.key for message in found.remedies] == ["policy.remedy_budget", "policy.remedy_minimum_hours"]
    assert found.chosen is None


def test_without_a_present_use_there_is_a_plan_and_no_gain() -> None:
    found = choose_allocation(rivals(), normal_draws((0.5, 0.4), 0.1, 40))
    assert found.gain is None
    assert found.chosen is not None
    assert found.sentence.key == "policy.allocation_without_present"
    assert found.sentence.en


def test_shapes_are_checked() -> None:
    with pytest.raises(UsageError):
        choose_allocation(rivals(), np.zeros((10, 1, 3)))
    with pytest.raises(UsageError):
        choose_allocation(rivals(), np.zeros((10, 1, 2)), np.zeros((2, 2)))


def test_the_table_adds_up_to_the_budget() -> None:
    problem = rivals()
    present = np.array([[2.0, 8.0]])
    found = choose_allocation(problem, normal_draws((0.5, 0.4), 0.1, 40), present)
    table = allocation_table(problem, found.chosen, present)
    assert table["cost"].sum() == pytest.approx(found.chosen.spend)
    assert table["change"].sum() == pytest.approx(0, abs=1e-6)
    assert list(table["form"]) == ["seminar", "workshop"]


def test_the_choice_is_the_same_every_time() -> None:
    draws = normal_draws((0.5, 0.45), 0.1, 200)
    first, second = (choose_allocation(rivals(), draws, np.array([[5.0, 5.0]])) for _ in range(2))
    assert first.gain == second.gain
    assert first.candidates.equals(second.candidates)
