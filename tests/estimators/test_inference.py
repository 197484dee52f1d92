"""Covariances, the bootstrap and randomisation against brute force, statsmodels and their own definitions."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.errors import UsageError
from analysis.estimators import Spec, fit
from analysis.estimators import inference as inf
from analysis.estimators.randomisation import randomisation_test
from analysis.estimators.wild_bootstrap import wild_cluster_bootstrap

ALGEBRA = 1e-10  # same numbers by another route in double precision


def sample(n_clusters: int = 10, size: int = 7, seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), random.integers(2, size, n_clusters))
    design = random.normal(size=(len(cluster), 3)) + random.normal(size=(n_clusters, 3))[cluster]
    outcome = design @ [0.4, 0, -1] + random.normal(size=n_clusters)[cluster] + random.normal(size=len(cluster))
    return outcome, design, cluster


def test_least_squares_equals_statsmodels():
    outcome, design, cluster = sample()
    ours, theirs = inf.least_squares(outcome, design), sm.OLS(outcome, design).fit()
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=ALGEBRA)
    np.testing.assert_allclose(inf.classical(ours, 3), theirs.cov_params(), rtol=ALGEBRA)
    robust = theirs.get_robustcov_results("HC1")
    np.testing.assert_allclose(inf.hc1(ours, 3), robust.cov_params(), rtol=ALGEBRA)
    clustered = theirs.get_robustcov_results("cluster", groups=cluster)
    np.testing.assert_allclose(inf.crv1(ours, cluster, 3), clustered.cov_params(), rtol=ALGEBRA)


def test_columns_of_any_size_keep_their_digits():
    outcome, design, _ = sample()
    scale = np.array([1e-9, 1.0, 1e12])
    ours = inf.least_squares(outcome, design * scale).coefficients * scale
    np.testing.assert_allclose(ours, inf.least_squares(outcome, design).coefficients, rtol=ALGEBRA)


def test_jackknife_equals_refitting_without_each_cluster():
    outcome, design, cluster = sample()
    full = inf.least_squares(outcome, design)
    changes = [
        inf.least_squares(outcome[cluster != g], design[cluster != g]).coefficients - full.coefficients
        for g in np.unique(cluster)
    ]
    expected = 9 / 10 * np.transpose(changes) @ changes
    np.testing.assert_allclose(inf.jackknife(full, cluster, np.empty((len(outcome), 0))), expected, rtol=ALGEBRA)


def test_both_routes_through_large_clusters_agree():
    """A cluster of more rows than columns is worked on in the space of the columns; padding forces the other way."""
    outcome, design, cluster = sample(n_clusters=6, size=15)
    full = inf.least_squares(outcome, design)
    padding = np.zeros((len(outcome), 20))
    for power in (-1.0, -0.5):
        lean = inf.adjusted_influence(full, cluster, np.empty((len(outcome), 0)), power)
        np.testing.assert_allclose(inf.adjusted_influence(full, cluster, padding, power), lean, rtol=1e-9)


def test_cr2_is_unbiased_under_independent_errors():
    """With identity errors E[V_CR2] is exactly s^2 (X'X)^-1: the average over an orthonormal set of errors shows it."""
    _, design, cluster = sample()
    none, n = np.empty((len(design), 0)), len(design)
    total = np.zeros((3, 3))
    for row in np.eye(n):
        total += inf.cr2(inf.least_squares(row, design), cluster, none)[0]
    np.testing.assert_allclose(total, np.linalg.inv(design.T @ design), rtol=1e-9)


def test_satterthwaite_of_equal_clusters_with_cluster_treatment():
    """Bell and McCaffrey's limit: G clusters alike with an intercept only have G - 1 degrees of freedom."""
    cluster = np.repeat(np.arange(8), 5)
    random = np.random.default_rng(0)
    full = inf.least_squares(random.normal(size=40), np.ones((40, 1)))
    assert inf.cr2(full, cluster, np.empty((40, 0)))[1][0] == pytest.approx(7, rel=ALGEBRA)


def test_two_way_clustering_is_repaired_where_it_is_not_semidefinite():
    matrix = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert np.linalg.eigvalsh(inf.nearest_semidefinite(matrix)).min() >= -1e-12
    np.testing.assert_array_equal(inf.nearest_semidefinite(np.eye(2)), np.eye(2))


def test_parameters_count_like_xtreg():
    unit, period = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    assert inf.count_parameters(2, [unit, period]) == 2 + 6 + 4 - 1
    assert inf.count_parameters(2, [unit, period], [unit]) == 2 + 4
    assert inf.count_parameters(2, [unit], [unit // 2]) == 2 + 1
    assert inf.count_parameters(2, [unit, period], [unit, period]) == 2 + 1


@pytest.mark.parametrize("df", [1.0, 2.35309, 10.0, np.inf])
def test_t_inference_equals_scipy(df):
    result = inf.t_inference(np.array([1.3]), np.array([[0.25]]), df, 0.9)
    law = stats.t(df) if np.isfinite(df) else stats.norm
    assert result.p_value[0] == pytest.approx(2 * law.sf(2.6), rel=ALGEBRA)
    assert result.conf_low[0] == pytest.approx(1.3 - 0.5 * law.ppf(0.95), rel=ALGEBRA)


def brute_force(outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray, position: int, null: float) -> float:
    """Refit every draw row by row."""
    others = np.delete(design, position, axis=1)
    shifted = outcome - null * design[:, position]
    restricted = inf.least_squares(shifted, others)
    fitted = shifted - restricted.residuals

    def statistic(y: np.ndarray) -> float:
        full = inf.least_squares(y, design)
        return abs(full.coefficients[position]) / np.sqrt(inf.crv1(full, cluster, 3)[position, position])

    observed = statistic(shifted)
    signs = itertools.product([-1.0, 1.0], repeat=int(cluster.max()) + 1)
    drawn = np.array([statistic(fitted + np.array(sign)[cluster] * restricted.residuals) for sign in signs])
    return float((drawn >= observed * (1 - 1e-9)).mean())


@pytest.mark.parametrize("position", [0, 1])
def test_bootstrap_equals_brute_force_and_its_interval_inverts_it(position):
    outcome, design, cluster = sample(n_clusters=7)
    test = wild_cluster_bootstrap(outcome, design, cluster, position)
    assert test.enumerated
    assert test.draws == 128
    assert test.p_value == brute_force(outcome, design, cluster, position, 0.0)
    width = test.conf_high - test.conf_low
    for bound, side in ((test.conf_low, -1), (test.conf_high, 1)):
        assert brute_force(outcome, design, cluster, position, bound + side * 0.01 * width) <= 0.05
        assert brute_force(outcome, design, cluster, position, bound - side * 0.01 * width) > 0.05


def test_bootstrap_intervals_are_infinite_where_no_draw_can_reject():
    """With four clusters the smallest p-value is 2/16: a 95% test never rejects, and the interval says so."""
    outcome, design, cluster = sample(n_clusters=4)
    test = wild_cluster_bootstrap(outcome, design[:, :1], cluster, 0)
    assert test.p_value >= 2 / 16
    assert (test.conf_low, test.conf_high) == (-np.inf, np.inf)


def test_random_and_webb_draws_come_near_the_enumerated_p_value():
    outcome, design, cluster = sample(n_clusters=12)
    exact = wild_cluster_bootstrap(outcome, design, cluster, 1)
    webb = wild_cluster_bootstrap(outcome, design, cluster, 1, weights="webb", draws=4999, seed=3)
    again = wild_cluster_bootstrap(outcome, design, cluster, 1, weights="webb", draws=4999, seed=3)
    assert exact.enumerated
    assert not webb.enumerated
    assert webb == again
    # two distributions of multipliers, 4,999 draws: four simulation errors of .007 each
    assert webb.p_value == pytest.approx(exact.p_value, abs=0.03)
    with pytest.raises(UsageError):
        wild_cluster_bootstrap(outcome, design, cluster, 1, weights="normal")


def test_many_clusters_are_drawn_at_random_and_never_give_zero():
    outcome, design, cluster = sample(n_clusters=40)
    test = wild_cluster_bootstrap(outcome + 50 * design[:, 0], design, cluster, 0, draws=199)
    assert not test.enumerated
    assert test.p_value == 1 / 200


def treated_panel(n_treated: int) -> pd.DataFrame:
    random = np.random.default_rng(4)
    unit, period = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    on = ((unit < n_treated) & (period >= 3)).astype(float)
    y = random.normal(size=10)[unit] + 0.2 * period + random.normal(size=60)
    return pd.DataFrame({"unit": unit, "period": period, "on": on, "y": y})


def test_randomisation_enumerates_every_choice_of_treated_clusters():
    frame = treated_panel(2)
    unit, period = frame["unit"].to_numpy(), frame["period"].to_numpy()
    test = randomisation_test(frame["y"].to_numpy(), frame["on"].to_numpy(), unit, time=period, factors=[unit, period])
    assert test is not None
    assert test.enumerated
    assert test.draws == 45
    statistics = []
    for pair in itertools.combinations(range(10), 2):
        frame["placebo"] = (frame["unit"].isin(pair) & (frame["period"] >= 3)).astype(float)
        row = fit(frame, Spec("fixed_effects", "y", ("placebo",), unit="unit", time="period")).estimates.iloc[0]
        statistics.append(abs(row["statistic"]))
    assert test.p_value == pytest.approx(np.mean(np.array(statistics) >= statistics[0] * (1 - 1e-9)), rel=1e-12)


def test_randomisation_with_controls_weights_and_gaps_is_random_and_repeatable():
    frame = treated_panel(5).drop(index=[3, 17, 40])
    random = np.random.default_rng(1)
    unit, period = frame["unit"].to_numpy(), frame["period"].to_numpy()
    frame["dose"] = frame["on"] * (1 + unit)
    settings = {
        "time": period,
        "factors": [unit, period],
        "controls": random.normal(size=(57, 1)),
        "weights": random.uniform(1, 2, 57),
        "draws": 99,
    }
    first, second = (
        randomisation_test(frame["y"].to_numpy(), frame["dose"].to_numpy(), unit, **settings) for _ in range(2)
    )
    assert first == second
    assert first is not None
    assert not first.enumerated
    assert 1 / 100 <= first.p_value <= 1


def test_randomisation_needs_whole_clusters_treated_alike():
    frame = treated_panel(2)
    dose = frame["on"].to_numpy() + np.arange(60) / 100
    assert randomisation_test(frame["y"].to_numpy(), dose, frame["unit"].to_numpy() // 2, time=None) is None


def test_few_treated_clusters_bring_the_randomisation_test_along():
    spec = Spec("fixed_effects", "y", ("on",), unit="unit", time="period")
    assert fit(treated_panel(2), spec).meta["randomisation"]["draws"].tolist() == [45]
    assert "randomisation" not in fit(treated_panel(5), spec).meta
