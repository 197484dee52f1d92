"""Mediation and dose-response against R, brute force and known effects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.estimators import fit
from analysis.estimators.dose_response import natural_spline, natural_spline_slope
from analysis.spec import Spec

GOLDEN = Path(__file__).parents[1] / "golden"
R_DIGITS = 1e-8
MEDIATION = Spec("mediation", "y", ("d",), ("x",), unit="unit", time="time", mediators=("m",), options={"draws": 199})
DOSE = Spec("dose_response", "y", ("d",), ("x",), unit="unit", time="time")


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads((GOLDEN / "designs.json").read_text())


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "grunfeld.csv")


def make_panel(n_units: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n_units), 8), np.tile(np.arange(8), n_units)
    level, noise = rng.normal(size=n_units)[unit], lambda: rng.normal(size=unit.size)
    x = noise() + 0.3 * level
    d = 0.4 * x + level + noise()
    m = 0.5 * d + 0.2 * x + level + noise()
    n = -0.3 * d + noise()
    y = 0.3 * d + 0.6 * m + 0.5 * n + 0.1 * x + level + noise()
    return pd.DataFrame({"unit": unit, "time": time, "x": x, "d": d, "m": m, "n": n, "y": y})


def test_paths_equal_r(golden, grunfeld):
    spec = Spec("mediation", "invest", ("value",), unit="firm", mediators=("capital",), options={"draws": 99})
    result = fit(grunfeld, spec)
    wanted, table = golden["mediation"], result.estimates.set_index("term")["estimate"]
    assert result.meta["paths"]["capital"] == pytest.approx({"a": wanted["a"], "b": wanted["b"]}, rel=R_DIGITS)
    assert (table["direct"], table["total"]) == pytest.approx((wanted["direct"], wanted["total"]), rel=R_DIGITS)
    assert table["indirect"] == pytest.approx(wanted["a"] * wanted["b"], rel=R_DIGITS)


def test_total_is_the_effect_without_mediators():
    frame = make_panel()
    weights = frame.assign(weight=np.linspace(1, 3, len(frame)))
    table = fit(weights, replace(MEDIATION, mediators=("m", "n"), weights="weight")).estimates.set_index("term")
    total = fit(weights, Spec("fixed_effects", "y", ("d",), ("x",), unit="unit", time="time", weights="weight"))
    assert table.loc["total", "estimate"] == pytest.approx(total.estimates["estimate"].iloc[0], rel=1e-9)
    parts = table.loc["indirect:m", "estimate"] + table.loc["indirect:n", "estimate"]
    assert table.loc["indirect", "estimate"] == pytest.approx(parts, rel=1e-12)


def test_known_effects_are_recovered():
    table = fit(make_panel(n_units=200), replace(MEDIATION, mediators=("m", "n"))).estimates.set_index("term")
    for term, truth in {"direct": 0.3, "indirect:m": 0.3, "indirect:n": -0.15, "total": 0.45}.items():
        assert abs(table.loc[term, "estimate"] - truth) < 4 * table.loc[term, "std_error"]


def test_the_bootstrap_is_a_bootstrap_of_clusters():
    """Against refits on resampled units that are given new names (same seed, same draws)."""
    frame = make_panel(n_units=12)
    result = fit(frame, replace(MEDIATION, options={"draws": 99, "seed": 3}))
    generator = np.random.default_rng(3)
    by_unit = {unit: part for unit, part in frame.groupby("unit")}
    draws = []
    for _ in range(99):
        parts = [by_unit[k].assign(unit=j) for j, k in enumerate(generator.integers(0, 12, 12))]
        resampled = pd.concat(parts, ignore_index=True)
        a = fit(resampled, Spec("fixed_effects", "m", ("d",), ("x",), unit="unit", time="time", covariance="HC1"))
        b = fit(resampled, Spec("fixed_effects", "y", ("m",), ("d", "x"), unit="unit", time="time", covariance="HC1"))
        draws.append(a.estimates["estimate"].iloc[0] * b.estimates["estimate"].iloc[0])
    row = result.estimates.set_index("term").loc["indirect"]
    assert row["std_error"] == pytest.approx(np.std(draws, ddof=1), rel=1e-8)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), rel=1e-8)


def test_bootstrap_error_is_near_the_clustered_one():
    frame = make_panel(n_units=150)
    table = fit(frame, replace(MEDIATION, options={"draws": 399})).estimates.set_index("term")
    total = fit(frame, Spec("fixed_effects", "y", ("d",), ("x",), unit="unit", time="time")).estimates.iloc[0]
    # 399 draws: simulation error 3.5%, three times that
    assert table.loc["total", "std_error"] == pytest.approx(total["std_error"], rel=0.11)


def test_spline_curve_equals_r(golden, grunfeld):
    spec = Spec("dose_response", "invest", ("value",), ("capital",), unit="firm", covariance="classical")
    result = fit(grunfeld, replace(spec, options={"points": 5}))
    wanted = golden["spline"]
    curve = pd.DataFrame(result.meta["curve"])
    errors = result.estimates.set_index("term").loc[curve["term"], "std_error"]
    assert result.meta["knots"] == pytest.approx(wanted["knots"])
    assert curve["dose"].to_numpy() == pytest.approx(wanted["grid"])
    assert curve["estimate"].to_numpy() == pytest.approx(wanted["estimate"], rel=R_DIGITS)
    assert errors.to_numpy(dtype=float) == pytest.approx(wanted["std_error"], rel=R_DIGITS)
    assert result.meta["linearity"]["statistic"] == pytest.approx(wanted["linearity_f"], rel=R_DIGITS)
    assert result.meta["linearity"]["p_value"] == pytest.approx(wanted["linearity_p"], rel=1e-7)


def test_slope_of_the_basis_and_its_straight_ends():
    knots, dose, step = np.array([0.0, 1.0, 2.5, 4.0]), np.linspace(-2, 6, 33), 1e-6
    numeric = (natural_spline(dose + step, knots) - natural_spline(dose - step, knots)) / (2 * step)
    assert natural_spline_slope(dose, knots) == pytest.approx(numeric, abs=1e-7)
    outside = natural_spline_slope(np.array([5.0, 6.0, 9.0]), knots)
    assert outside == pytest.approx(np.repeat(outside[:1], 3, axis=0))


def test_a_straight_line_is_found_straight_and_a_curve_is_not():
    frame = make_panel(n_units=120)
    straight = {check.name: check for check in fit(frame, DOSE).checks}["linearity"]
    assert straight.passed is True
    bent = frame.assign(y=frame["y"] + 0.4 * np.maximum(frame["d"], 0) ** 2)
    result = fit(bent, DOSE)
    assert {check.name: check for check in result.checks}["linearity"].passed is False
    curve = pd.DataFrame(result.meta["curve"])
    assert (curve["band_low"] <= curve["conf_low"]).all()
    assert (curve["band_high"] >= curve["conf_high"]).all()


def test_the_mean_slope_of_a_straight_line_is_its_coefficient():
    frame = make_panel(n_units=120)
    line = fit(frame, replace(DOSE, estimator="fixed_effects")).estimates.iloc[0]
    slope = fit(frame, DOSE).estimates.set_index("term").loc["slope"]
    assert abs(slope["estimate"] - line["estimate"]) < line["std_error"]


def test_a_mass_at_zero_still_gives_a_curve():
    frame = make_panel()
    result = fit(frame.assign(d=np.maximum(frame["d"], 0)), DOSE)
    assert result.ok
    assert len(result.meta["knots"]) >= 3


def degenerate() -> dict[str, pd.DataFrame]:
    frame = make_panel(n_units=12)
    return {
        "no rows": frame.iloc[:0],
        "one unit": frame[frame["unit"] == 1],
        "two clusters": frame[frame["unit"] < 2],
        "constant treatment": frame.assign(d=1.0),
        "treatment fixed within unit": frame.assign(d=frame["unit"].astype(float)),
        "treatment equals control": frame.assign(d=frame["x"]),
        "constant outcome": frame.assign(y=4.0),
        "missing outcome": frame.assign(y=np.nan),
        "text treatment": frame.assign(d=frame["d"].astype(str)),
        "infinite treatment": frame.assign(d=np.inf),
        "no error": frame.assign(y=frame["d"] + frame["m"] + frame["unit"]),
        "too few rows": frame.groupby("unit").head(2).query("unit < 4"),
    }


@pytest.mark.parametrize("spec", [MEDIATION, DOSE], ids=lambda spec: spec.estimator)
@pytest.mark.parametrize("case", [*degenerate()])
def test_degenerate_designs_say_why_and_give_no_number(spec, case):
    frame = degenerate()[case]
    if spec is DOSE and case == "no error":
        frame = frame.assign(y=frame["d"] + frame["unit"])
    result = fit(frame, spec)
    assert result.status == "not_estimable"
    assert result.estimates.empty
    assert result.reason.id
    assert result.reason.en


def test_a_mediator_that_is_the_treatment_is_refused():
    assert fit(make_panel().assign(m=lambda frame: 2 * frame["d"]), MEDIATION).status == "not_estimable"


def test_two_doses_are_no_curve():
    frame = make_panel()
    result = fit(frame.assign(d=(frame["d"] > 0).astype(float)), DOSE)
    assert result.status == "not_estimable"
    assert "2" in result.reason.id


@pytest.mark.parametrize(
    "spec",
    [
        replace(MEDIATION, treatments=("d", "n")),
        replace(MEDIATION, mediators=()),
        replace(MEDIATION, cluster=("unit", "time")),
        replace(MEDIATION, options={"draws": 3}),
        replace(DOSE, treatments=("d", "n")),
        replace(DOSE, options={"knots": 9}),
        replace(DOSE, options={"points": 1}),
        replace(DOSE, covariance="wild_bootstrap"),
        replace(DOSE, moderators=("m",)),
    ],
)
def test_a_wrong_spec_is_the_users_error(spec):
    with pytest.raises(UsageError) as error:
        fit(make_panel(), spec)
    assert error.value.message.id


@pytest.mark.parametrize("spec", [MEDIATION, DOSE], ids=lambda spec: spec.estimator)
def test_inputs_are_not_changed_and_row_order_does_not_matter(spec):
    frame = make_panel()
    before = frame.copy(deep=True)
    first = fit(frame, spec).estimates
    pd.testing.assert_frame_equal(frame, before)
    shuffled = fit(frame.sample(frac=1, random_state=1), spec).estimates
    figures = ["estimate", "std_error", "conf_low", "conf_high"]
    assert shuffled[figures].to_numpy(dtype=float) == pytest.approx(first[figures].to_numpy(dtype=float), rel=1e-7)
