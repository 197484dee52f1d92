"""Partial pooling: own estimates, shrinkage, groups that cannot speak, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.estimators import Spec, fit
from analysis.estimators.pooling import (
    alike_p_value,
    mixture_over_tau,
    pool,
    reml_tau2,
    shrink,
    shrunken_inference,
)
from analysis.results import Fit

EFFECT, SPREAD = 0.5, 0.3


def study(seed: int, n_regions: int, *, spread: float = SPREAD) -> tuple[pd.DataFrame, np.ndarray]:
    """Regions of 8 to 16 units over 8 half-years; units respond differently, so their errors hang together."""
    random = np.random.default_rng(seed)
    sizes = random.integers(8, 17, n_regions)
    effects = EFFECT + spread * random.normal(size=n_regions)
    region = np.repeat(np.arange(n_regions), sizes * 8)
    unit = np.repeat(np.arange(sizes.sum()), 8)
    period = np.tile(np.arange(8), sizes.sum())
    n = len(unit)
    x = random.normal(size=n) + random.normal(size=sizes.sum())[unit]
    shock = random.normal(size=(n_regions, 8))[region, period]
    own = 0.3 * random.normal(size=sizes.sum())[unit] * x
    y = effects[region] * x + own + random.normal(size=sizes.sum())[unit] + shock + random.normal(size=n)
    frame = pd.DataFrame({"region": region, "unit": unit, "period": period, "x": x, "z": random.normal(size=n), "y": y})
    return frame, effects


def pooled(frame: pd.DataFrame, **options: object) -> Fit:
    spec = Spec(
        "partial_pooling", "y", ("x",), ("z",), unit="unit", time="period", options={"group": "region"} | options
    )
    return fit(frame, spec)


def test_own_estimates_are_regressions_of_their_own():
    frame, _ = study(1, 5)
    own = pooled(frame).meta["own"].set_index("group")
    for region, part in frame.groupby("region"):
        alone = fit(part, Spec("fixed_effects", "y", ("x",), ("z",), unit="unit", time="period", covariance="CR2"))
        row = alone.estimates.iloc[0]
        for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "n_obs", "n_clusters"):
            assert own.loc[str(region), column] == pytest.approx(row[column], rel=1e-10)


def test_rows_terms_and_sizes():
    frame, _ = study(1, 5)
    result = pooled(frame)
    table = result.estimates
    assert table["term"].tolist() == ["x", "x[0]", "x[1]", "x[2]", "x[3]", "x[4]"]
    assert table["covariance"].tolist() == ["HKSJ"] + ["empirical_bayes"] * 5
    assert table["n_obs"][0] == len(frame) == table["n_obs"][1:].sum()
    assert table["n_units"][0] == frame["unit"].nunique() == table["n_units"][1:].sum()


def test_shrinkage_pulls_noisy_regions_most():
    frame, _ = study(3, 8)
    result = pooled(frame)
    own, mean = result.meta["own"], result.estimates["estimate"][0]
    tau2 = result.meta["heterogeneity"]["tau2"][0]
    shrunken = result.estimates["estimate"].to_numpy(float)[1:]
    share = own["std_error"] ** 2 / (own["std_error"] ** 2 + tau2)
    np.testing.assert_allclose(own["shrinkage"], share, rtol=1e-12)
    np.testing.assert_allclose(shrunken, own["estimate"] + share * (mean - own["estimate"]), rtol=1e-12)
    assert own["shrinkage"].between(0, 1).all()


def test_regions_that_cannot_speak_are_named_with_the_reason():
    frame, _ = study(4, 5)
    frame.loc[frame["region"] == 2, "x"] = 7.0
    result = pooled(frame)
    assert result.ok
    assert list(result.meta["without_estimate"]) == ["2"]
    assert result.meta["without_estimate"]["2"].key == "estimators.constant"
    assert "x[2]" not in result.estimates["term"].tolist()
    assert result.meta["n_groups"] == 4
    assert result.estimates["n_obs"][0] == (frame["region"] != 2).sum()


def test_two_regions_are_too_few():
    frame, _ = study(5, 2)
    result = pooled(frame)
    assert result.status == "not_estimable"
    assert result.reason is not None
    assert result.reason.key == "estimators.few_groups"
    assert len(result.meta["own"]) == 2


def test_many_regions_take_the_normal_interval_unless_told_otherwise():
    frame, _ = study(6, 31)
    assert pooled(frame).estimates["covariance"][0] == "REML"
    assert np.isinf(pooled(frame).estimates["df"][0])
    assert pooled(frame, small_sample=True).estimates["df"][0] == 30


def test_heterogeneity_is_seen_and_homogeneity_is_not_denied():
    different = pooled(study(7, 12, spread=1.0)[0])
    assert different.checks[0].passed is False
    assert different.meta["heterogeneity"]["i2"][0] > 0.8
    alike = [pooled(study(seed, 12, spread=0.0)[0]).checks[0].passed for seed in range(10)]
    # A test at 10 percent finds more than 4 of 10 with a chance of 0.2 percent.
    assert alike.count(True) >= 6


def test_alike_groups_are_called_different_as_often_as_the_level_says():
    """Variances with 8 degrees of freedom: Cochran's Q finds differences far too often, Welch's test does not."""
    random = np.random.default_rng(2)
    draws, k, df = 2000, 12, 8
    variances = random.chisquare(df, (draws, k)) / df
    values, degrees = random.normal(size=(draws, k)), np.full(k, float(df))
    welch = np.mean([alike_p_value(*row, degrees) < 0.10 for row in zip(values, variances, strict=True)])
    cochran = np.mean([pool(*row).q_p_value < 0.10 for row in zip(values[:200], variances[:200], strict=True)])
    assert abs(welch - 0.10) < 0.02 + 3 * np.sqrt(0.1 * 0.9 / draws)
    assert cochran > 0.15
    known = alike_p_value(values[0], np.ones(k), np.full(k, 1e9))
    assert known == pytest.approx(pool(values[0], np.ones(k)).q_p_value, rel=1e-6)


def test_two_treatments_are_pooled_one_by_one():
    frame, _ = study(8, 6)
    spec = Spec("partial_pooling", "y", ("z", "x"), unit="unit", time="period", options={"group": "region"})
    both, single = fit(frame, spec), pooled(frame)
    assert len(both.estimates) == 2 * 7
    expected = single.estimates["estimate"][0]
    assert both.estimates.set_index("term")["estimate"]["x"] == pytest.approx(expected, rel=1e-10)


def test_the_likelihood_has_its_maximum_at_the_estimate():
    random = np.random.default_rng(0)
    variances = random.uniform(0.01, 1, 15)
    values = random.normal(size=15) * np.sqrt(0.4 + variances)

    def likelihood(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        mean = weights @ values / weights.sum()
        return float(-np.log(1 / weights).sum() - np.log(weights.sum()) - weights @ (values - mean) ** 2)

    best = reml_tau2(values, variances)
    assert best > 0
    assert likelihood(best) > max(likelihood(best * 0.99), likelihood(best * 1.01))


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_pooling_does_not_depend_on_units(factor):
    random = np.random.default_rng(0)
    values, variances = random.normal(size=9), random.uniform(0.1, 1, 9)
    plain, scaled = pool(values, variances), pool(values * factor, variances * factor**2)
    assert scaled.tau2 == pytest.approx(plain.tau2 * factor**2, rel=1e-10)
    assert scaled.std_error == pytest.approx(plain.std_error * factor, rel=1e-10)


def test_table_owns_up_to_an_estimated_tau_and_meta_keeps_the_error_of_a_known_one():
    result = pooled(study(3, 8)[0])
    own, table = result.meta["own"], result.estimates.iloc[1:].astype({"df": float, "std_error": float})
    estimates, variances = own["estimate"].to_numpy(float), own["std_error"].to_numpy(float) ** 2
    assumed = pool(estimates, variances)
    _, known, _ = shrink(estimates, variances, assumed.tau2, assumed.mean, assumed.std_error**2)
    np.testing.assert_allclose(own["known_tau_std_error"], known, rtol=1e-12)
    assert (table["df"].to_numpy() >= own["df"].to_numpy(float)).all()
    assert (table["std_error"].to_numpy() > 0.95 * known).all()
    margin = stats.t.isf(0.025, table["df"].to_numpy()) * table["std_error"].to_numpy()
    np.testing.assert_allclose(table["conf_high"] - table["conf_low"], 2 * margin, rtol=1e-10)
    assert (table["conf_low"] < table["estimate"]).all()
    assert (table["estimate"] < table["conf_high"]).all()


def sampled_effects(values: np.ndarray, variances: np.ndarray, degrees: np.ndarray, draws: int) -> np.ndarray:
    """Draw the effects step by step: the spread between groups, then every effect given it, shape (draws, k)."""
    mixture, random = mixture_over_tau(values, variances), np.random.default_rng(9)
    chosen = random.choice(len(mixture.probability), draws, p=mixture.probability[:, 0])
    spread = (mixture.own + mixture.rest)[chosen]
    moves = np.maximum(mixture.share[chosen] ** 2 * variances, 1e-4 * spread)
    return mixture.centre[chosen] + np.sqrt(spread) * random.standard_t(degrees * (spread / moves) ** 2)


def test_intervals_are_the_quantiles_of_the_effects_distribution():
    """Oracle: 400,000 draws; a simulated 2.5% quantile has an error of about 0.006 standard deviations."""
    random = np.random.default_rng(4)
    variances, degrees = random.uniform(0.05, 0.4, 7), np.full(7, 6.0)
    values = random.normal(size=7) * np.sqrt(0.2 + variances)
    found, drawn = shrunken_inference(values, variances, degrees), sampled_effects(values, variances, degrees, 400_000)
    tolerance = 5 * 0.006 * drawn.std(axis=0)
    assert (np.abs(found.conf_low - np.quantile(drawn, 0.025, axis=0)) < tolerance).all()
    assert (np.abs(found.conf_high - np.quantile(drawn, 0.975, axis=0)) < tolerance).all()
    smaller = np.minimum((drawn < 0).mean(axis=0), (drawn > 0).mean(axis=0))
    np.testing.assert_allclose(found.p_value, 2 * smaller, atol=5 * 2 * 0.5 / np.sqrt(400_000))


def test_tests_and_intervals_of_shrunken_effects_agree():
    random = np.random.default_rng(5)
    for _ in range(20):
        values, variances = random.normal(0.8, 0.8, 9), random.uniform(0.05, 1, 9)
        found = shrunken_inference(values, variances, random.uniform(3, 30, 9))
        clear = (found.conf_low > 0) | (found.conf_high < 0)
        np.testing.assert_array_equal(found.p_value < 0.05, clear)


def test_groups_that_differ_much_keep_their_own_intervals():
    """Far apart, a group learns nothing from the others: its interval is its own Student's t, to one percent."""
    values, variances, degrees = np.arange(12) * 1000.0, np.full(12, 1.0), np.full(12, 7.0)
    found = shrunken_inference(values, variances, degrees)
    np.testing.assert_allclose(found.df, 7, rtol=0.01)
    np.testing.assert_allclose(found.conf_high - values, stats.t.isf(0.025, 7), rtol=0.01)


def test_intervals_of_groups_do_not_depend_on_units():
    random = np.random.default_rng(6)
    values, variances, degrees = random.normal(size=8), random.uniform(0.1, 1, 8), np.full(8, 9.0)
    plain, scaled = (shrunken_inference(values * f, variances * f**2, degrees) for f in (1.0, 1e5))
    np.testing.assert_allclose(scaled.conf_high, plain.conf_high * 1e5, rtol=1e-8)
    np.testing.assert_allclose(scaled.p_value, plain.p_value, rtol=1e-8)


def variance_about(pulled: np.ndarray, values: np.ndarray, variances: np.ndarray) -> np.ndarray:
    mixture = mixture_over_tau(values, variances)
    return (mixture.probability * (mixture.own + mixture.rest + (mixture.centre - pulled) ** 2)).sum(axis=0)


def test_error_of_shrunken_effects_equals_numerical_integration_over_tau():
    """Oracle: adaptive quadrature of each moment; the grid of 201 values is good to a thousandth."""
    random = np.random.default_rng(4)
    variances = random.uniform(0.05, 0.4, 7)
    values = random.normal(size=7) * np.sqrt(0.2 + variances)
    assumed = pool(values, variances)
    pulled, _, _ = shrink(values, variances, assumed.tau2, assumed.mean, assumed.std_error**2)

    def moments(tau: float) -> np.ndarray:
        weights = 1 / (variances + tau**2)
        mean = weights @ values / weights.sum()
        density = np.sqrt(np.prod(weights) / weights.sum()) * np.exp(-0.5 * weights @ (values - mean) ** 2)
        share = variances * weights
        centre = (1 - share) * values + share * mean
        error = variances * (1 - share) + share**2 / weights.sum() + (centre - pulled) ** 2
        return np.append(density * error, density)

    upper = 4 * max(values.std(), np.sqrt(variances.mean()))
    total, _ = integrate.quad_vec(moments, 0.0, upper, epsrel=1e-9)
    variance = variance_about(pulled, values, variances)
    np.testing.assert_allclose(variance, total[:-1] / total[-1], rtol=1e-2)


def test_groups_that_look_alike_are_not_taken_to_be_alike():
    """Where tau is estimated as zero, a known tau would leave the error of the mean alone."""
    random = np.random.default_rng(1)
    variances = np.full(8, 1.0)
    values = 0.3 * random.normal(size=8)
    assumed = pool(values, variances, small_sample=False)
    pulled, known, _ = shrink(values, variances, assumed.tau2, assumed.mean, assumed.std_error**2)
    assert assumed.tau2 == 0
    assert (variance_about(pulled, values, variances) > 1.5 * known**2).all()


@pytest.mark.nightly
def test_empirical_bayes_intervals_cover_the_true_effects():
    """Regions of 8 to 16 units: .93 to .97 of the intervals cover; 120 studies of 20, simulation error .007."""
    inside = []
    for seed in range(120):
        frame, effects = study(seed, 20)
        rows = pooled(frame).estimates.iloc[1:]
        truth = effects[rows["term"].str.extract(r"\[(\d+)\]")[0].astype(int)]
        inside.append(((rows["conf_low"] <= truth) & (truth <= rows["conf_high"])).mean())
    assert 0.93 - 0.014 <= np.mean(inside) <= 0.97 + 0.014


@pytest.mark.nightly
@pytest.mark.parametrize("n_regions", [3, 5, 10])
def test_interval_of_the_mean_covers_with_few_regions(n_regions):
    """At least .94 of the intervals cover; 300 studies, simulation error .013."""
    covered = []
    for seed in range(300):
        row = pooled(study(1000 + seed, n_regions)[0]).estimates.iloc[0]
        covered.append(row["conf_low"] <= EFFECT <= row["conf_high"])
    assert np.mean(covered) >= 0.94 - 0.026
