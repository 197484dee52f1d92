"""Minimum detectable effects, power and balance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.diagnostics import balance_table, minimum_detectable_effect, power_of, simulated_power
from analysis.estimators import fit
from analysis.estimators.preflight import Refusal


def test_normal_multiple_of_bloom():
    wanted = stats.norm.isf(0.025) + stats.norm.ppf(0.8)
    # the other tail adds power below 1e-5
    assert minimum_detectable_effect(1.0) == pytest.approx(wanted, rel=1e-5)
    assert minimum_detectable_effect(0.4, power=0.9, level=0.1) == pytest.approx(
        0.4 * (stats.norm.isf(0.05) + stats.norm.ppf(0.9)), rel=1e-5
    )


@pytest.mark.parametrize("df", [2, 7, 50, np.inf])
def test_the_effect_has_the_promised_power(df):
    effect = minimum_detectable_effect(0.7, df, power=0.8)
    assert power_of(effect, 0.7, df) == pytest.approx(0.8, abs=1e-8)


@pytest.mark.parametrize("power", [0.06, 0.8, 0.999])
@pytest.mark.parametrize("level", [0.01, 0.05])
def test_there_is_an_effect_for_any_degrees_of_freedom(power, level):
    """Satterthwaite's are no integers, few clusters leave few: the root is always bracketed, and falls with df."""
    degrees = [1.0, 1.3, 1.89501, 2.35309, 4.7, 8, 11, 13.37, 24, 29.5, 38, 47.2, 49, 113.4, 1e6, np.inf]
    effects = [minimum_detectable_effect(0.04, df, power, level) for df in degrees]
    assert np.isfinite(effects).all()
    assert effects == sorted(effects, reverse=True)
    for df, effect in zip(degrees, effects, strict=True):
        assert power_of(effect, 0.04, df, level=level) == pytest.approx(power, abs=1e-8)


@pytest.mark.parametrize(("size", "df"), [(0.5, 3), (2.0, 10), (3.5, 30)])
def test_power_is_the_noncentral_t_probability(size, df):
    critical = stats.t.isf(0.025, df)
    wanted = stats.nct.sf(critical, df, size) + stats.nct.cdf(-critical, df, size)
    # quadrature error of 200 nodes in the quantiles
    assert power_of(size, 1.0, df) == pytest.approx(wanted, abs=1e-5)


def test_power_against_simulation():
    rng = np.random.default_rng(1)
    draws = stats.t.isf(0.025, 9)
    t = (rng.standard_normal(200_000) + 2.0) / np.sqrt(rng.chisquare(9, 200_000) / 9)
    assert power_of(2.0, 1.0, 9) == pytest.approx((np.abs(t) > draws).mean(), abs=0.005)


def test_power_of_nothing_is_the_level_and_bad_input_has_none():
    assert power_of(0.0, 1.0, 12, level=0.03) == pytest.approx(0.03, abs=1e-5)  # quadrature
    assert np.isnan(minimum_detectable_effect(0.0))
    assert np.isnan(minimum_detectable_effect(1.0, 0))
    assert np.isnan(minimum_detectable_effect(float("nan")))


def test_simulated_power_agrees_with_the_formula(panel, spec):
    frame = panel(n_units=40, n_periods=6)
    std_error = float(fit(frame, spec).estimates["std_error"].iloc[0])
    effects = [0.0, minimum_detectable_effect(std_error, 39)]
    table = simulated_power(frame, spec, effects, draws=120, seed=2).table
    assert table["power"].iloc[0] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)
    # three simulation errors, and the standard error is itself estimated
    assert table["power"].iloc[1] == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 120) + 0.05)
    assert table["not_estimable"].sum() == 0


def test_power_of_a_design_without_variation_is_refused(panel, spec):
    with pytest.raises(Refusal):
        simulated_power(panel().assign(dose=1.0), spec, [0.1], draws=2)


def test_balance_by_hand():
    frame = pd.DataFrame(
        {"treated": [1, 1, 0, 0, None], "size": [3.0, 5.0, 1.0, 3.0, 100.0], "same": [1.0, 2, 1, 2, 9]}
    )
    found = balance_table(frame, "treated", ["size", "same"])
    row = found.table.iloc[0]
    assert (row["mean_treated"], row["mean_untreated"]) == (4.0, 2.0)
    assert row["standardised_difference"] == pytest.approx(2 / np.sqrt(2))
    assert row["n_treated"] == 2
    assert found.check.passed is False
    assert "size" in found.check.reason.id
    assert balance_table(frame, "treated", ["same"]).check.passed is True


def test_balance_without_groups():
    frame = pd.DataFrame({"treated": [1, 1], "size": [1.0, 2.0]})
    assert balance_table(frame, "treated", ["size"]).check.passed is None
