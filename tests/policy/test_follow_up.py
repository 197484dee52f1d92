"""Follow-up of last period's list: what comes back by itself is not called a success."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.measures import ELEMENTS
from analysis.policy import cell_reliability, follow_up, priority_list, priority_matrix, regression_to_the_mean
from analysis.policy.last_list import cell_covariance, generalised_least_squares

ANSWER_SD = 0.62
CORRELATION = 0.55


def measure(truth: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Measure units (rows) and elements (columns): answers of a person go together."""
    error = ANSWER_SD / np.sqrt(n)[:, None] * np.ones(truth.shape)
    person = rng.normal(size=(len(n), 1)) * np.sqrt(CORRELATION)
    means = truth + error * (person + rng.normal(size=truth.shape) * np.sqrt(1 - CORRELATION))
    names = [f"u{number:03d}" for number in range(len(n))]
    return pd.DataFrame(
        {
            "unit_id": np.repeat(names, len(ELEMENTS)),
            "element": list(ELEMENTS) * len(n),
            "n": np.repeat(n, len(ELEMENTS)),
            "mean": means.ravel(),
            "std_error": error.ravel(),
        }
    )


def two_periods(rng: np.random.Generator, units: int = 24, top: int = 15, drift: float = 0.1, success: float = 0.0):  # type: ignore[no-untyped-def]
    """True standings, passing shocks of unit and element in each period, and a change of what is listed."""
    n = rng.integers(12, 200, units)
    shape = (units, len(ELEMENTS))
    lasting = 3.3 + rng.normal(0, 0.15, (units, 1)) + rng.normal(0, 0.1, shape)
    first, second = (lasting + rng.normal(0, drift, (units, 1)) + rng.normal(0, drift / 2, shape) for _ in range(2))
    before = measure(first, n, rng)
    listed = priority_list(priority_matrix(before), top)
    for row in listed.itertuples():
        second[int(row.unit_id[1:]), ELEMENTS.index(row.element)] += success
    return before, measure(second, n, rng), listed


def test_regression_to_the_mean_follows_the_reliability() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(0, 1, 400_000)
    first, second = (truth + rng.normal(0, 0.5, truth.size) for _ in range(2))
    reliability = 1 / 1.25
    low = first < -1.5
    closed = float((second - first)[low].mean())
    # 400,000 pairs: the standard error of the mean is about .004.
    assert regression_to_the_mean(-float(first[low].mean()), reliability) == pytest.approx(closed, abs=0.015)


def test_reliability_of_cells_is_true_variance_over_all() -> None:
    rng = np.random.default_rng(2)
    n = np.full(300, 40)
    cells = measure(3.3 + rng.normal(0, 0.2, (300, 9)), n, rng)
    expected = 0.04 / (0.04 + ANSWER_SD**2 / 40)
    # 300 units: the standard error of an estimated variance is about eight percent.
    assert cell_reliability(cells).mean() == pytest.approx(expected, rel=0.05)


SIMULATED = [{}, {"drift": 0.0}, {"units": 12}, {"top": 5}]


@pytest.mark.parametrize("case", SIMULATED[::3], ids=[str(case) for case in SIMULATED[::3]])
def test_no_change_is_called_a_success_five_times_in_a_hundred(case: dict[str, float]) -> None:
    rng = np.random.default_rng(3)
    results = [follow_up(*two_periods(rng, **case)) for _ in range(40)]
    claimed = float(np.mean([result.closed_more for result in results]))
    naive = float(np.mean([result.closed > 0 for result in results]))
    # 40 trials at 5 percent: more than 6 have a probability of .003; the long run is in the nightly test.
    assert claimed <= 6 / 40
    assert naive > 0.8, "the bare gap nearly always closes"
    excess = np.array([result.excess for result in results])
    assert abs(excess.mean()) < 3 * excess.std() / np.sqrt(40)


@pytest.mark.nightly
@pytest.mark.parametrize("case", SIMULATED, ids=[str(case) for case in SIMULATED])
def test_the_level_holds_in_the_long_run(case: dict[str, float]) -> None:
    rng = np.random.default_rng(4)
    claimed = np.mean([follow_up(*two_periods(rng, **case)).closed_more for _ in range(600)])
    # 600 trials: standard error .009.
    assert 0.01 <= claimed <= 0.078


def test_a_real_success_is_found_and_its_size_right() -> None:
    rng = np.random.default_rng(5)
    results = [follow_up(*two_periods(rng, success=0.2)) for _ in range(15)]
    assert np.mean([result.closed_more for result in results]) > 0.9
    assert np.mean([result.excess for result in results]) == pytest.approx(0.2, abs=0.04)


def test_the_parts_add_up_and_the_sentence_says_them() -> None:
    before, after, listed = two_periods(np.random.default_rng(6), success=0.3)
    result = follow_up(before, after, listed)
    assert result.status == "ok"
    assert result.closed == pytest.approx(result.gap_before - result.gap_after)
    assert result.n_listed == len(result.cells) == 15
    assert 0 < result.reliability < 1.3
    assert result.sentence.key == "policy.follow_up_more"
    assert result.sentence.id != result.sentence.en
    quiet = follow_up(*two_periods(np.random.default_rng(7)))
    assert quiet.sentence.key == "policy.follow_up_not_more"
    assert quiet.sentence.en


def test_too_little_to_judge_by_is_refused() -> None:
    before, after, listed = two_periods(np.random.default_rng(8))
    few = follow_up(before, after, listed.head(2))
    assert few.reason.key == "policy.follow_up_few_listed"
    some = before["unit_id"].isin(sorted(before["unit_id"].unique())[:6])
    lonely = follow_up(before[some], after, before.loc[some, ["unit_id", "element"]].head(4))
    assert lonely.reason.key == "policy.follow_up_few_others"
    for result in (few, lonely):
        assert result.status == "refused"
        assert result.reason.id != result.reason.en


def test_order_does_not_matter() -> None:
    before, after, listed = two_periods(np.random.default_rng(9))
    first = follow_up(before, after, listed)
    second = follow_up(before.sample(frac=1, random_state=1), after.sample(frac=1, random_state=2), listed[::-1])
    assert (first.excess, first.std_error) == pytest.approx((second.excess, second.std_error), rel=1e-10)


def test_covariance_of_cells_is_learnt_from_their_scatter() -> None:
    rng = np.random.default_rng(10)
    units = np.repeat(np.arange(600), 9)
    noise = np.repeat(rng.uniform(0.005, 0.05, 600), 9)
    person = np.repeat(rng.normal(size=600), 9)
    unit = np.repeat(rng.normal(size=600) * 0.1, 9)
    own = rng.normal(size=units.size)
    residuals = unit + np.sqrt(noise) * (person * np.sqrt(0.55) + own * np.sqrt(0.45))
    block = cell_covariance(residuals, noise, units)[0]
    v = noise[0]
    # 600 units: standard errors of these moments are about a tenth of them.
    assert block[0, 0] == pytest.approx(0.01 + v, rel=0.25)
    assert block[0, 1] == pytest.approx(0.01 + 0.55 * v, rel=0.25)
    assert np.linalg.eigvalsh(block).min() > 0


def test_generalised_least_squares_equals_the_textbook_formula() -> None:
    rng = np.random.default_rng(11)
    units = np.repeat(np.arange(4), 3)
    blocks = []
    for _ in range(4):
        root = rng.normal(size=(3, 3))
        blocks.append(root @ root.T + np.eye(3))
    sigma = np.zeros((12, 12))
    for unit, block in enumerate(blocks):
        sigma[np.ix_(units == unit, units == unit)] = block
    design, outcome = rng.normal(size=(12, 2)), rng.normal(size=12)
    inverse = np.linalg.inv(sigma)
    vcov = np.linalg.inv(design.T @ inverse @ design)
    found, found_vcov = generalised_least_squares(design, outcome, units, blocks)
    np.testing.assert_allclose(found_vcov, vcov, rtol=1e-10)
    np.testing.assert_allclose(found, vcov @ design.T @ inverse @ outcome, rtol=1e-10)
