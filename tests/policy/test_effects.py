"""Effects keep their means and covariances, in tables and in draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from policy_worlds import some_effects

from analysis.errors import UsageError
from analysis.estimators.pooling import pool, shrink
from analysis.policy import (
    NATION,
    Effects,
    draw_effects,
    effects_from_estimates,
    join_terms,
    pooled_covariance,
    shrink_terms,
)

EXACT = 1e-9
"""Standardised draws have these moments by construction; what is left is rounding."""


def test_draws_have_exactly_the_mean_and_covariance() -> None:
    effects = some_effects(("training_hours", "leadership"))
    drawn = draw_effects(effects, 400, np.random.default_rng(1)).reshape(400, -1)
    np.testing.assert_allclose(drawn.mean(axis=0), effects.mean.ravel(), atol=EXACT)
    np.testing.assert_allclose(np.cov(drawn.T, bias=True), effects.vcov, atol=EXACT)


def test_draws_follow_their_seed_and_heavy_tails_keep_the_mean() -> None:
    effects = some_effects()
    first, second = (draw_effects(effects, 100, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    heavy = Effects(effects.regions, effects.terms, effects.mean, effects.vcov, df=5.0)
    drawn = draw_effects(heavy, 2000, np.random.default_rng(5))
    np.testing.assert_allclose(drawn.mean(axis=0), effects.mean, atol=EXACT)
    # Variance of t(5) is 5/3 of that of its scale; 2000 draws with heavy tails leave about a tenth of noise.
    assert drawn.var(axis=0).mean() / np.diag(effects.vcov).mean() == pytest.approx(5 / 3, rel=0.25)


def test_a_covariance_of_rank_one_is_drawn_without_trouble() -> None:
    effects = Effects(("82", "15.09"), ("training_hours",), np.array([[1.0], [2.0]]), np.full((2, 2), 0.04))
    drawn = draw_effects(effects, 50, np.random.default_rng(0))[:, :, 0] - [1.0, 2.0]
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 1], atol=1e-7)


@pytest.mark.parametrize(
    ("mean", "vcov", "key"),
    [
        (np.zeros((2, 1)), np.eye(3), "policy.effects_shape"),
        (np.full((2, 1), np.nan), np.eye(2), "policy.effects_not_numbers"),
        (np.zeros((2, 1)), np.array([[1.0, 2.0], [2.0, 1.0]]), "policy.effects_not_numbers"),
        (np.zeros((2, 1)), np.array([[1.0, 0.5], [0.1, 1.0]]), "policy.effects_not_numbers"),
    ],
)
def test_what_is_not_a_distribution_is_refused(mean: np.ndarray, vcov: np.ndarray, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        Effects(("a", "b"), ("x",), mean, vcov)
    assert caught.value.message.key == key


def test_an_odd_number_of_draws_is_refused() -> None:
    with pytest.raises(UsageError):
        draw_effects(some_effects(), 5, np.random.default_rng(0))


def test_one_region_is_a_block_and_an_unknown_one_an_error() -> None:
    effects = some_effects(("training_hours", "leadership"))
    part = effects.of("82")
    np.testing.assert_allclose(part.vcov, effects.vcov[2:4, 2:4])
    np.testing.assert_allclose(part.std_error(), effects.std_error()[1:2])
    with pytest.raises(UsageError):
        effects.of("11")
    nation = Effects((NATION,), ("x",), np.ones((1, 1)), np.eye(1))
    assert nation.of("11") is nation


def test_the_pooled_covariance_is_that_of_the_shrinkage_itself() -> None:
    rng = np.random.default_rng(3)
    own, variances = rng.normal(0.3, 0.2, 12), rng.uniform(0.01, 0.09, 12)
    pooled = pool(own, variances, small_sample=False)
    assert pooled.tau2 > 0
    _, errors, shares = shrink(own, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    covariance = pooled_covariance(np.sqrt(variances), errors, pooled.std_error)
    expected = pooled.std_error**2 * np.outer(shares, shares)
    np.fill_diagonal(expected, errors**2)
    np.testing.assert_allclose(covariance, expected, rtol=1e-9)
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_a_region_without_its_own_estimate_moves_with_the_mean() -> None:
    covariance = pooled_covariance([0.2, math.nan], [0.1, 0.15], 0.05)
    np.testing.assert_allclose(np.diag(covariance), [0.01, 0.0225])
    share = covariance[0, 1] / 0.05**2
    # B solves s^2 B^2 - v B + v - p = 0 with s = .05, v = .04, p = .01.
    assert 0.0025 * share**2 - 0.04 * share + 0.03 == pytest.approx(0, abs=1e-12)


def test_terms_are_joined_without_losing_their_own_covariance() -> None:
    first, second = np.array([[0.04, 0.01], [0.01, 0.09]]), np.array([[0.01, 0.0], [0.0, 0.02]])
    correlation = [[1.0, 0.5], [0.5, 1.0]]
    joined = join_terms([first, second], correlation)
    np.testing.assert_allclose(joined[0::2, 0::2], first)
    np.testing.assert_allclose(joined[1::2, 1::2], second)
    assert np.linalg.eigvalsh(joined).min() > 0
    np.testing.assert_allclose(join_terms([first, second])[0::2, 1::2], 0)


def estimates_table() -> pd.DataFrame:
    rows = [("training_quality", "national", None, "training_hours", 0.50, 0.10, 100.0)]
    for region, own, pulled in (("15.09", 0.9, 0.6), ("82", 0.2, 0.4), ("96.71", 0.5, 0.5)):
        rows.append(("training_quality", "own", region, "training_hours", own, 0.30, 20.0))
        rows.append(("training_quality", "pooled", region, "training_hours", pulled, 0.15, math.inf))
    rows.append(("leadership_quality", "national", None, "leadership", 0.3, 0.1, 100.0))
    return pd.DataFrame(rows, columns=["spec", "level", "region_code", "term", "estimate", "std_error", "df"]).astype(
        {"region_code": "str"}
    )


def test_effects_come_from_a_studys_estimates_in_units_of_the_column() -> None:
    effects = effects_from_estimates(
        estimates_table(), {"training_hours": "training_quality"}, scale={"training_hours": 0.1}
    )
    assert effects.regions == ("15.09", "82", "96.71")
    np.testing.assert_allclose(effects.mean[:, 0], [0.06, 0.04, 0.05])
    np.testing.assert_allclose(effects.std_error()[:, 0], 0.015)
    assert effects.df == math.inf
    assert effects.vcov[0, 1] > 0, "regions lean on the same mean"


def test_without_regional_estimates_the_nations_stand() -> None:
    effects = effects_from_estimates(estimates_table(), {"leadership": "leadership_quality"})
    assert effects.regions == (NATION,)
    assert effects.df == 100


def test_missing_and_mismatched_estimates_are_refused() -> None:
    table = estimates_table()
    with pytest.raises(UsageError, match="award_on"):
        effects_from_estimates(table, {"award_on": "award_quality"})
    only_regions = table.loc[~((table["level"] == "national") & (table["term"] == "training_hours"))]
    with pytest.raises(UsageError):
        effects_from_estimates(only_regions, {"training_hours": "training_quality", "leadership": "leadership_quality"})


def forms(mean: list[float], vcov: np.ndarray) -> Effects:
    return Effects((NATION,), tuple("abcdef"[: len(mean)]), np.array([mean]), vcov)


def test_shrinking_independent_terms_is_the_ordinary_shrinkage() -> None:
    mean, variances = np.array([0.02, 0.31, 0.12, 0.25, 0.05]), np.array([0.003, 0.002, 0.004, 0.001, 0.002])
    found = shrink_terms(forms(list(mean), np.diag(variances)))
    pooled = pool(mean, variances, small_sample=False)
    pulled, errors, _ = shrink(mean, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    # The two searches for tau^2 stop within about 1e-5 of each other.
    np.testing.assert_allclose(found.mean[0], pulled, rtol=1e-3)
    np.testing.assert_allclose(found.std_error()[0], errors, rtol=1e-3)


def test_terms_that_differ_by_noise_only_become_one() -> None:
    found = shrink_terms(forms([0.10, 0.11, 0.09, 0.10], np.eye(4) * 0.01))
    np.testing.assert_allclose(found.mean[0], 0.10)
    np.testing.assert_allclose(found.vcov, 0.01 / 4)
    with pytest.raises(UsageError):
        shrink_terms(forms([0.1, 0.2], np.eye(2)))
    with pytest.raises(UsageError):
        shrink_terms(some_effects(("a", "b", "c")))
