"""What the linear estimators say beyond R's figures: moderation, weights, checks, levels, refusals of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from analysis.errors import UsageError
from analysis.estimators import Spec, fit
from analysis.results import Check, Fit

ALGEBRA = 1e-9  # the same least squares by another route


def panel(n_units: int = 40, n_periods: int = 6, seed: int = 9) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    unit, period = np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(n_periods), n_units)
    level, n = random.normal(size=n_units)[unit], n_units * n_periods
    x, z, m = random.normal(size=(3, n))
    m = m + 20
    y = (0.5 + 0.2 * (m - 20)) * x + 0.3 * z + level + period * 0.1 + random.normal(size=n)
    frame = pd.DataFrame({"unit": unit, "period": period, "x": x, "z": z, "m": m, "level": level, "y": y})
    return frame.assign(w=random.integers(1, 4, n))


def run(frame: pd.DataFrame, estimator: str = "fixed_effects", **spec: Any) -> Fit:
    settings = {"unit": "unit", "time": "period", "treatments": ("x",)} | spec
    return fit(frame, Spec(estimator, "y", **settings))


def named(result: Fit, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def test_equals_statsmodels_with_dummies():
    frame = panel()
    ours = run(frame, controls=("z",), covariance="classical")
    theirs = smf.ols("y ~ x + z + C(unit) + C(period)", frame).fit()
    row = ours.estimates.iloc[0]
    assert row["estimate"] == pytest.approx(theirs.params["x"], rel=ALGEBRA)
    assert row["std_error"] == pytest.approx(theirs.bse["x"], rel=ALGEBRA)
    assert row["p_value"] == pytest.approx(theirs.pvalues["x"], rel=1e-7)
    assert ours.meta["controls"]["z"] == pytest.approx(theirs.params["z"], rel=ALGEBRA)
    assert ours.vcov == pytest.approx(row["std_error"] ** 2)


def test_weighting_by_counts_gives_the_estimate_of_repeated_rows():
    frame = panel()
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    weighted = run(frame, weights="w").estimates["estimate"][0]
    assert weighted == pytest.approx(run(repeated).estimates["estimate"][0], rel=ALGEBRA)


def test_the_treatment_row_is_the_effect_at_the_mean_of_the_moderator():
    frame = panel()
    result = run(frame, moderators=("m",))
    slopes = result.meta["simple_slopes"].set_index("at")
    table = result.estimates.set_index("term")
    assert table.index.tolist() == ["x", "x:m"]
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert slopes.loc["mean", column] == pytest.approx(table.loc["x", column], rel=ALGEBRA)
    assert slopes.loc["mean", "value"] == pytest.approx(frame["m"].mean())
    by_hand = smf.ols("y ~ x * I(m - m.mean()) + C(unit) + C(period)", frame).fit()
    assert table.loc["x:m", "estimate"] == pytest.approx(by_hand.params["x:I(m - m.mean())"], rel=ALGEBRA)


def test_johnson_neyman_bounds_are_where_the_interval_touches_zero():
    frame = panel()
    result = run(frame, moderators=("m",))
    region, table = result.meta["johnson_neyman"].iloc[0], result.estimates
    margin = (table["conf_high"] - table["estimate"])[0] / table["std_error"][0]
    assert region["inside"] == (table["p_value"][1] > 0.05)
    assert 0 < region["share"] < 1
    for bound in (region["lower"], region["upper"]):
        contrast = np.array([1.0, bound - frame["m"].mean()])
        effect = table["estimate"].to_numpy(float) @ contrast
        assert abs(effect) == pytest.approx(margin * np.sqrt(contrast @ result.vcov @ contrast), rel=1e-8)


def test_confidence_level_changes_intervals_only():
    wide, narrow = (run(panel(), options={"level": level}).estimates.iloc[0] for level in (0.99, 0.80))
    assert wide["conf_low"] < narrow["conf_low"] < narrow["conf_high"] < wide["conf_high"]
    assert wide["p_value"] == narrow["p_value"]


@pytest.mark.parametrize(
    "changes", [{"time": None}, {"unit": None, "cluster": "unit"}, {"absorb": ("z",), "time": None}]
)
def test_one_way_and_extra_effects(changes):
    frame = panel().assign(z=lambda f: (f["z"] > 0).astype(str))
    result = run(frame, **changes)
    factors = {"unit": "C(unit)", "period": "C(period)", "z": "C(z)"}
    formula = "y ~ x + " + " + ".join(factors[name] for name in result.meta["absorbed"])
    expected = smf.ols(formula, frame).fit().params["x"]
    assert result.estimates["estimate"][0] == pytest.approx(expected, rel=ALGEBRA)


def test_few_clusters_under_crv1_are_flagged_and_the_remedies_are_not():
    frame = panel(n_units=12)
    assert named(run(frame), "number_of_clusters").passed is False
    assert named(run(frame, covariance="wild_bootstrap"), "number_of_clusters").passed is True
    assert named(run(panel(n_units=60)), "number_of_clusters").passed is True


def test_pooled_least_squares_is_misled_where_fixed_effects_are_not():
    frame = panel(n_units=100)
    frame["x"] += frame["level"]
    frame["y"] += 0.5 * frame["level"]
    pooled, within = (run(frame, name).estimates.iloc[0] for name in ("pooled_ols", "fixed_effects"))
    assert within["conf_low"] < 0.5 < within["conf_high"]
    assert pooled["conf_low"] > 0.6


def test_hausman_tells_when_units_are_not_alike():
    alike = panel(n_units=100)
    assert named(run(alike, "random_effects", time=None), "hausman").passed is True
    unlike = alike.assign(x=alike["x"] + alike["level"])
    assert named(run(unlike, "random_effects", time=None), "hausman").passed is False
    fixed = alike.assign(x=alike["level"].round(3))
    result = run(fixed, "random_effects", time=None)
    assert result.ok
    assert named(result, "hausman").passed is None


def test_no_variance_between_units_makes_random_effects_pooled():
    random = np.random.default_rng(1)
    frame = panel().assign(y=lambda f: f["x"] + random.normal(size=len(f)))
    frame["y"] -= frame.groupby("unit")["y"].transform("mean") - frame.groupby("unit")["x"].transform("mean")
    random_fit = run(frame, "random_effects", time=None)
    assert random_fit.meta["variance_unit"] == 0
    pooled = run(frame, "pooled_ols").estimates["estimate"][0]
    assert random_fit.estimates["estimate"][0] == pytest.approx(pooled, rel=ALGEBRA)


def test_mixed_model_knows_its_intraclass_correlation():
    frame = panel(n_units=300)
    frame["y"] = 0.5 * frame["x"] + frame["level"] + np.random.default_rng(0).normal(size=len(frame))
    result = run(frame, "mixed_model", time=None)
    # truth 0.5 and 6 / 7; 300 units leave a standard error of about .03 and .01
    assert result.meta["icc1"]["mixed_model"] == pytest.approx(0.5, abs=0.09)
    assert result.meta["icc2"]["mixed_model"] == pytest.approx(6 / 7, abs=0.03)
    assert named(result, "converged").passed is True


def test_mixed_model_without_repeats_refuses():
    result = run(panel().drop_duplicates("unit"), "mixed_model", time=None)
    assert result.reason is not None
    assert result.reason.key == "estimators.no_repeats"


def test_weak_instruments_are_named_and_their_interval_is_honest():
    frame = panel(n_units=60)
    frame["noise"] = np.random.default_rng(5).normal(size=len(frame))
    options = {"instruments": ["noise"]}
    result = run(frame, "instrumental", options=options)
    assert named(result, "weak_instruments").passed is False
    assert result.meta["anderson_rubin"]["form"] in ("line", "outside")
    assert result.meta["ordinary"]["x"] == pytest.approx(run(frame).estimates["estimate"][0], rel=ALGEBRA)


def test_instruments_that_are_the_treatment_give_least_squares():
    frame = panel().assign(copy=lambda f: f["x"] * 3)
    result = run(frame, "instrumental", options={"instruments": ["copy"]})
    plain = run(frame).estimates.iloc[0]
    assert result.ok
    assert result.estimates["std_error"][0] == pytest.approx(plain["std_error"], rel=ALGEBRA)
    assert named(result, "exogeneity").passed is None


def test_correction_undoes_attenuation():
    random = np.random.default_rng(2)
    frame = panel(n_units=150)
    frame["y"] = frame["x"] + frame["level"] + random.normal(size=len(frame)) * 0.5
    frame["a"], frame["b"] = frame["x"].to_numpy() + random.normal(size=(2, len(frame)))
    frame["index"] = (frame["a"] + frame["b"]) / 2
    result = run(frame, "reliability_corrected", treatments=("index",), options={"halves": ["a", "b"]})
    row, meta = result.estimates.iloc[0], result.meta
    assert row["conf_low"] < 1 < row["conf_high"]
    assert meta["reliability_within"] == pytest.approx(2 / 3, abs=0.06)
    uncorrected = meta["uncorrected"]["estimate"]
    assert uncorrected == pytest.approx(row["estimate"] * meta["reliability_within"], rel=ALGEBRA)
    plain = run(frame, treatments=("index",)).estimates["estimate"][0]
    assert uncorrected == pytest.approx(plain, rel=ALGEBRA)


def moderated(n_units: int, seed: int, slope: float = 0.8) -> pd.DataFrame:
    """A panel in which a rated quality changes the effect of x; every half of the raters adds noise of its own."""
    random = np.random.default_rng(seed)
    frame = panel(n_units=n_units)
    quality = random.normal(size=len(frame))
    frame["y"] = (1 + slope * quality) * frame["x"] + quality + frame["level"] + random.normal(size=len(frame))
    frame["a"], frame["b"] = quality + 0.8 * random.normal(size=(2, len(frame)))
    return frame.assign(rating=(frame["a"] + frame["b"]) / 2)


def corrected(frame: pd.DataFrame, **changes: object) -> Fit:
    return run(frame, "reliability_corrected", moderators=("rating",), options={"halves": ["a", "b"]}, **changes)


def test_correction_undoes_the_attenuation_of_an_interaction():
    result = corrected(moderated(300, 3))
    row = result.estimates.set_index("term").loc["x:rating"]
    assert result.meta["uncorrected"]["estimate"] < row["conf_low"] < 0.8 < row["conf_high"]
    assert result.estimates["term"].tolist() == ["x", "x:rating"]
    slopes = result.meta["simple_slopes"].set_index("at")["estimate"]
    assert slopes["mean+sd"] > slopes["mean"] > slopes["mean-sd"]
    assert slopes["mean"] == pytest.approx(result.estimates["estimate"][0], rel=ALGEBRA)


@pytest.mark.parametrize("covariance", ["HC1", "CRV1", "CR2"])
def test_halves_without_noise_give_the_plain_interaction(covariance):
    frame = moderated(40, 4).assign(a=lambda f: f["rating"], b=lambda f: f["rating"])
    ours = corrected(frame, covariance=covariance)
    plain = run(frame, moderators=("rating",), covariance=covariance)
    assert ours.meta["reliability_within"] == pytest.approx(1, rel=ALGEBRA)
    np.testing.assert_allclose(ours.estimates["estimate"], plain.estimates["estimate"], rtol=1e-8)
    np.testing.assert_allclose(ours.vcov, plain.vcov, rtol=1e-7)
    np.testing.assert_allclose(ours.estimates["df"].astype(float), plain.estimates["df"].astype(float), rtol=1e-6)


def test_interaction_of_halves_is_two_stage_least_squares_in_both_directions():
    """Oracle: dummies for units and periods, the moments of both directions solved by hand."""
    frame = moderated(12, 5)
    centre = frame["rating"].mean()
    dummies = pd.get_dummies(frame[["unit", "period"]].astype(str), dtype=float).to_numpy()
    left = np.eye(len(frame)) - dummies @ np.linalg.pinv(dummies)
    x, y = frame["x"].to_numpy(), left @ frame["y"].to_numpy()
    first, second = (left @ np.column_stack([frame[half], x, x * (frame[half] - centre)]) for half in ("a", "b"))
    by_hand = np.linalg.solve(second.T @ first + first.T @ second, (first + second).T @ y)
    ours = corrected(frame, controls=(), unit="unit", time="period").estimates["estimate"]
    np.testing.assert_allclose(ours, by_hand[1:], rtol=1e-8)


@pytest.mark.nightly
def test_intervals_of_corrected_interactions_cover_with_few_units():
    """With 15 units 95 of 100 CR2 intervals should cover; 300 studies have a simulation error of 1.3."""
    inside = 0
    for seed in range(300):
        row = corrected(moderated(15, 100 + seed), covariance="CR2").estimates.set_index("term").loc["x:rating"]
        inside += bool(row["conf_low"] < 0.8 < row["conf_high"])
    assert 0.95 - 0.039 <= inside / 300 <= 0.95 + 0.039


def test_halves_that_disagree_refuse():
    frame = panel().assign(a=lambda f: f["x"], b=lambda f: -f["x"] + f["z"] * 0.1, index=lambda f: f["z"])
    result = run(frame, "reliability_corrected", treatments=("index",), options={"halves": ["a", "b"]})
    assert result.reason is not None
    assert result.reason.key == "estimators.halves_disagree"


@pytest.mark.parametrize("estimator", ["fixed_effects", "pooled_ols"])
def test_covariances_beside_are_those_asked_for_alone(estimator):
    frame, names = panel(n_units=12), ["CR2", "CRV3", "wild_bootstrap"]
    given = run(frame, estimator, options={"beside": names}).meta["beside"].set_index("covariance")
    for name in names:
        alone = run(frame, estimator, covariance=name).estimates.iloc[0]
        for column in ("std_error", "df", "p_value", "conf_low", "conf_high"):
            assert given.loc[name, column] == alone[column]
    with pytest.raises(UsageError):
        run(frame, estimator, options={"beside": ["CR22"]})
