"""Event studies, uniform bands and honest intervals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import UsageError
from analysis.estimators import fit
from analysis.estimators.bands import sup_t_critical
from analysis.estimators.honest import smoothness_interval
from analysis.spec import Spec

GOLDEN = Path(__file__).parents[1] / "golden"
SPEC = Spec("event_study", "y", unit="unit", time="time", cohort="start", options={"honest": False})


@pytest.fixture(scope="module")
def medicaid() -> pd.DataFrame:
    """States that expanded in 2014 and those that had not by 2015; 2015 expanders left out, as in the R example."""
    wide = pd.read_csv(GOLDEN / "medicaid_expansion.csv")
    frame = wide.melt(["state", "first_treated"], var_name="time", value_name="y")
    frame = frame.assign(time=frame["time"].str[1:].astype(int)).rename(
        columns={"state": "unit", "first_treated": "start"}
    )
    return frame[frame["start"] != 2015]


def staggered(n_units: int = 90, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n_units), 9), np.tile(np.arange(9), n_units)
    start = np.array([np.nan, 4.0, 6.0])[unit % 3]
    since = np.where(np.isnan(start), -99, time - np.nan_to_num(start))
    y = (
        rng.normal(size=n_units)[unit]
        + 0.2 * time
        + np.where(since >= 0, 1.0 + 0.5 * since, 0)
        + rng.normal(size=unit.size)
    )
    return pd.DataFrame({"unit": unit, "time": time, "start": start, "y": y})


def test_smoothness_equals_the_r_package(medicaid):
    """HonestDiD's README (asheshrambachan/HonestDiD): M = .02 gives [.00286, .0907], M = 0 [.0259, .0607].

    The interval of R is itself the result of a numerical search; 1e-4 is its tolerance.
    """
    dummies = {
        f"y{year}": ((medicaid["start"] == 2014) & (medicaid["time"] == year)).astype(float)
        for year in (2008, 2009, 2010, 2011, 2012, 2014, 2015)
    }
    model = fit(medicaid.assign(**dummies), Spec("fixed_effects", "y", tuple(dummies), unit="unit", time="time"))
    estimate = model.estimates["estimate"].to_numpy(dtype=float)
    wanted = {0.0: (0.0259, 0.0607), 0.01: (0.0132, 0.0787), 0.02: (0.00283, 0.0907), 0.05: (-0.0271, 0.121)}
    for smoothness, bounds in wanted.items():
        found = smoothness_interval(estimate, model.vcov, 5, np.array([1.0, 0.0]), smoothness)
        assert found == pytest.approx(bounds, abs=1.01e-4 if smoothness < 0.05 else 6e-4)


def test_two_groups_equal_the_regression_with_leads_and_lags(medicaid):
    result = fit(medicaid, replace(SPEC, options={"method": "sun_abraham", "honest": False}))
    dummies = {
        f"y{year}": ((medicaid["start"] == 2014) & (medicaid["time"] == year)).astype(float)
        for year in (2008, 2009, 2010, 2011, 2012, 2014, 2015)
    }
    model = fit(medicaid.assign(**dummies), Spec("fixed_effects", "y", tuple(dummies), unit="unit", time="time"))
    ours = result.estimates.assign(order=result.estimates["term"].str[6:].astype(int)).sort_values("order")
    figures = ["estimate", "std_error", "p_value"]
    assert ours[figures].to_numpy(dtype=float) == pytest.approx(
        model.estimates[figures].to_numpy(dtype=float), rel=1e-9
    )


def test_both_methods_agree_on_one_cohort(medicaid):
    """With one cohort and never-treated units both are the same differences of means."""
    terms = [
        fit(medicaid, replace(SPEC, options={"method": method, "comparison": "never_treated", "honest": False}))
        .estimates["estimate"]
        .to_numpy(dtype=float)
        for method in ("callaway_santanna", "sun_abraham")
    ]
    assert terms[0] == pytest.approx(terms[1], rel=1e-9)


@pytest.mark.slow
def test_honest_breakdown_is_where_the_interval_touches_zero(medicaid):
    result = fit(medicaid, replace(SPEC, options={"leads": 3}))
    honest = result.meta["honest"]
    order = np.argsort([int(term[6:]) for term in result.estimates["term"]])
    estimate = result.estimates["estimate"].to_numpy(dtype=float)[order]
    vcov = result.vcov[np.ix_(order, order)]
    low, _ = smoothness_interval(estimate, vcov, 2, np.array([0.5, 0.5]), honest["breakdown"])
    assert low == pytest.approx(0.0, abs=1e-3)  # the search stops at a hundredth of the grid
    widths = [row["conf_high"] - row["conf_low"] for row in honest["intervals"]]
    assert widths == sorted(widths)


def test_known_effects_are_recovered():
    result = fit(staggered(n_units=300), SPEC)
    table = result.estimates.set_index("term")
    for event in range(5):
        row = table.loc[f"event:{event:+03d}"]
        # four standard errors: five comparisons
        assert abs(row["estimate"] - (1 + 0.5 * event)) < 4 * row["std_error"]
    assert "event:-01" not in table.index
    assert result.meta["reference"] == -1


def test_window_and_effect():
    result = fit(staggered(), replace(SPEC, options={"leads": 3, "lags": 1, "honest": False}))
    assert sorted(result.estimates["term"]) == ["event:+00", "event:+01", "event:-02", "event:-03"]
    table = result.estimates.set_index("term")
    mean = table.loc[["event:+00", "event:+01"], "estimate"].mean()
    assert result.meta["effect"]["estimate"] == pytest.approx(mean, rel=1e-12)


def test_bands_hold_the_intervals():
    result = fit(staggered(), SPEC)
    table = result.estimates.set_index("term")
    for band in result.meta["bands"]:
        row = table.loc[band["term"]]
        assert band["band_low"] < row["conf_low"]
        assert band["band_high"] > row["conf_high"]


def test_sup_t_of_independent_estimates_is_sidak():
    critical = sup_t_critical(np.diag([1.0, 4.0, 9.0, 0.0]))
    # 20,000 draws: standard error of the 95% quantile is about 0.012
    assert critical == pytest.approx(stats.norm.isf((1 - 0.95 ** (1 / 3)) / 2), abs=0.04)


def test_sup_t_of_one_estimate_is_students_t():
    assert sup_t_critical(np.eye(1), df=6.0) == pytest.approx(stats.t.isf(0.025, 6), abs=0.06)
    assert np.isnan(sup_t_critical(np.zeros((2, 2))))


def test_uniform_coverage():
    """All five points at once in 150 studies of 42 clusters: 95% less three simulation errors is 89%."""
    inside = 0
    for seed in range(150):
        frame = staggered(n_units=42, seed=seed)
        result = fit(frame, replace(SPEC, options={"leads": 0, "lags": 4, "honest": False}))
        inside += all(
            band["band_low"] <= 1 + 0.5 * int(band["term"][6:]) <= band["band_high"] for band in result.meta["bands"]
        )
    assert inside / 150 >= 0.89


@pytest.mark.parametrize("options", [{"method": "twfe"}, {"leeds": 2}])
def test_wrong_options(options):
    with pytest.raises(UsageError):
        fit(staggered(), replace(SPEC, options=options))


def test_sun_abraham_takes_no_controls_and_needs_never_treated():
    frame = staggered().assign(x=1.0)
    with pytest.raises(UsageError):
        fit(frame, replace(SPEC, controls=("x",), options={"method": "sun_abraham"}))
    treated = frame[frame["start"].notna()]
    assert fit(treated, replace(SPEC, options={"method": "sun_abraham"})).status == "not_estimable"


def test_an_empty_window_gives_no_number():
    result = fit(staggered(), replace(SPEC, options={"leads": -50, "lags": -60}))
    assert result.status == "not_estimable"
