"""Cinelli and Hazlett's sensitivity against the published Darfur example and brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.diagnostics import oster_delta, sensitivity, sensitivity_of
from analysis.diagnostics.linear import linear_design
from analysis.diagnostics.sensitivity import robustness_value
from analysis.spec import Spec

# Cinelli and Hazlett (2020), table 1 and section 4: exposure to violence in Darfur and attitudes to peace. The
# estimate, its standard error and the covariate's partial R2 are those of the regression in the paper's replication
# (783 residual degrees of freedom); PySensemakr 0.0.8 prints the remaining digits.
ESTIMATE, STD_ERROR, DF = 0.09731581928495897, 0.02325653780981118, 783
FEMALE = (0.009081065190328756, 0.10903391542784283)
EXACT = 1e-10


@pytest.fixture(scope="module")
def darfur():
    return sensitivity(ESTIMATE, STD_ERROR, DF, benchmarks={"female": FEMALE})


def test_darfur_headline_figures(darfur):
    assert darfur.partial_r2 == pytest.approx(0.02187309334111082, rel=EXACT)
    assert darfur.robustness_value == pytest.approx(0.13877635389359155, rel=EXACT)
    assert darfur.robustness_value_alpha == pytest.approx(0.0762579655448608, rel=EXACT)


@pytest.mark.parametrize(
    ("row", "r2_treatment", "r2_outcome", "estimate", "std_error", "low", "high"),
    [
        (0, 0.00916428667505, 0.12464092303637, 0.07522027121445, 0.02187332774376, 0.03228296572745, 0.11815757670146),
        (1, 0.0183285733501, 0.24932406419998, 0.05291517238446, 0.02035006207796, 0.01296803483149, 0.09286230993742),
        (2, 0.02749286002515, 0.3740504710381, 0.03039602346416, 0.01867006481709, -0.00625328229785, 0.06704532922617),
    ],
)
def test_darfur_bounds(darfur, row, r2_treatment, r2_outcome, estimate, std_error, low, high):
    found = darfur.bounds.iloc[row]
    wanted = [r2_treatment, r2_outcome, estimate, std_error, low, high]
    columns = ["r2_treatment", "r2_outcome", "estimate", "std_error", "conf_low", "conf_high"]
    assert found[columns].to_numpy(dtype=float) == pytest.approx(wanted, rel=1e-9)


def test_a_confounder_as_strong_as_the_robustness_value_removes_the_estimate():
    found = sensitivity(ESTIMATE, STD_ERROR, DF)
    share = found.robustness_value
    bias = STD_ERROR * np.sqrt(DF * share * share / (1 - share))
    assert bias == pytest.approx(ESTIMATE, rel=EXACT)


def test_adjusting_for_a_real_confounder_gives_the_promised_estimate(panel, spec):
    frame = panel(seed=3)
    with_it, without = linear_design(frame, spec), linear_design(frame, replace(spec, controls=()))
    treatment, outcome = without.design[:, 0], without.outcome
    confounder = with_it.design[:, 1]

    def left(target, *columns):
        design = np.column_stack(columns)
        return target - design @ np.linalg.lstsq(design, target, rcond=None)[0]

    def share(target, column, *others):
        base = left(target, *others) if others else target
        more = left(target, column, *others)
        return 1 - (more @ more) / (base @ base)

    r2_treatment, r2_outcome = share(treatment, confounder), share(outcome, confounder, treatment)
    bias = without.classical_std_error * np.sqrt(without.residual_df * r2_outcome * r2_treatment / (1 - r2_treatment))
    gap = without.fit.coefficients[0] - with_it.fit.coefficients[0]
    assert abs(gap) == pytest.approx(bias, rel=1e-9)


def test_clustered_inference_changes_the_width_only():
    narrow = sensitivity(1.0, 0.2, 200, classical_std_error=0.2, residual_df=200)
    wide = sensitivity(1.0, 0.4, 20, classical_std_error=0.2, residual_df=200)
    assert wide.robustness_value == narrow.robustness_value
    assert wide.robustness_value_alpha < narrow.robustness_value_alpha


def test_no_answer_without_a_standard_error():
    assert np.isnan(sensitivity(1.0, 0.0, 10).robustness_value)
    assert np.isnan(sensitivity(1.0, float("nan"), 10).robustness_value_alpha)


def test_an_insignificant_estimate_has_robustness_value_alpha_zero():
    assert sensitivity(0.1, 1.0, 100).robustness_value_alpha == 0
    assert robustness_value(0.0) == 0


def test_the_check_compares_with_the_observed_covariates(panel, spec):
    found, check = sensitivity_of(panel(), spec)
    assert set(found.bounds["covariate"]) == {"selected"}
    assert check.passed is bool(found.bounds.loc[found.bounds["multiple"] == 1, "estimate"].iloc[0] > 0)
    assert "selected" in check.reason.en
    assert check.reason.id


def test_a_design_that_cannot_be_estimated_gives_no_sensitivity(panel, spec):
    found, check = sensitivity_of(panel().assign(dose=1.0), spec)
    assert found is None
    assert check.passed is None
    assert check.reason.en


def test_oster_recovers_the_delta_of_a_constructed_population():
    """Observed index W1 and unobserved W2 are orthogonal; the truth is zero; delta is set by construction."""
    delta, n = 1.7, 40_000
    rng = np.random.default_rng(5)
    basis = np.linalg.qr(rng.normal(size=(n, 4)) - 0)[0] * np.sqrt(n)
    first, second, own, error = basis.T
    share_first, var_second = 0.3, 0.8
    share_second = delta * share_first * var_second
    treatment = share_first * first + share_second * second + own
    outcome = first + np.sqrt(var_second) * second * np.sqrt(var_second) + error
    frame = pd.DataFrame({"outcome": outcome, "dose": treatment, "selected": first, "row": np.arange(n)})
    spec = Spec("pooled_ols", "outcome", ("dose",), ("selected",), covariance="HC1")
    total = outcome - outcome.mean()
    full = np.column_stack([np.ones(n), treatment, first, second])
    residual = outcome - full @ np.linalg.lstsq(full, outcome, rcond=None)[0]
    found = oster_delta(frame, spec, r2_max=1 - (residual @ residual) / (total @ total))
    # the constructed columns are orthogonal to each other but not exactly to the constant: 1e-2 covers 1/sqrt(n)
    assert found.delta == pytest.approx(delta, rel=1e-2)


def test_oster_without_controls_cannot_be_computed(panel, spec):
    found = oster_delta(panel(), replace(spec, controls=()))
    assert found.check.passed is None
    assert np.isnan(found.delta)


def test_other_estimators_say_that_they_are_not_linear(panel, spec):
    moderated = replace(spec, moderators=("noise",))
    assert "fixed_effects" in oster_delta(panel(), moderated).check.reason.id
    found, check = sensitivity_of(panel(), replace(spec, estimator="random_effects", time=None))
    assert found is None
    assert "random_effects" in check.reason.en
