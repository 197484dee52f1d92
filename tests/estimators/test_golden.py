"""Values from R. The scripts that made the JSON files stand beside them in tests/golden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.estimators import Spec, fit
from analysis.estimators.pooling import pool, shrink

GOLDEN = Path(__file__).parents[1] / "golden"
EXACT = 1e-8  # same formula in double precision: what is left is rounding and R's printed digits
OPTIMISED = 1e-6  # both sides stop their optimisers: the variance is known to the square root of the tolerance
SLOPES = ("value", "capital")


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def read(name: str) -> pd.DataFrame:
    frame = pd.read_csv(GOLDEN / f"{name}.csv")
    if "sector" in frame:
        frame["sector_year"] = frame["sector"] + frame["year"].astype(str)
        frame["sector_quarter"] = frame["sector"] + (frame["year"] % 4).astype(str)
    frame["era"] = frame["year"] // 5
    return frame


def estimates(frame: pd.DataFrame, estimator: str, covariance: str, **spec: Any) -> pd.DataFrame:
    spec = {"unit": "firm", "treatments": SLOPES} | spec
    result = fit(frame, Spec(estimator, "invest", covariance=covariance, **spec))
    assert result.ok, result.reason
    return result.estimates.set_index("term")


def agree(column: pd.Series, reference: dict[str, float], tolerance: float = EXACT) -> None:
    np.testing.assert_allclose([column[name] for name in reference], list(reference.values()), rtol=tolerance)


# Values of R 4.2.2 with fixest 0.12.2 (CRV1, two-way) and clubSandwich 0.5.8 (CR2); CRV3 and the bootstrap by hand.
GRUNFELD = {
    ("CRV1", None): {"value": 0.01147547751653, "capital": 0.04788372755703},
    ("CRV1", ("firm", "year")): {"value": 0.01134758065562, "capital": 0.04353710701443},
    ("CR2", None): {"value": 0.0205156201417, "capital": 0.0968878375769},
    ("CRV3", None): {"value": 0.05530996, "capital": 0.25914431},
}


@pytest.mark.parametrize(("covariance", "cluster"), list(GRUNFELD))
def test_grunfeld_two_way_fixed_effects(covariance, cluster):
    table = estimates(read("grunfeld"), "fixed_effects", covariance, time="year", cluster=cluster)
    agree(table["estimate"], {"value": 0.1166811320969, "capital": 0.3514356941574}, 1e-11)
    agree(table["std_error"], GRUNFELD[covariance, cluster], 2e-8 if covariance == "CRV3" else EXACT)


def test_grunfeld_satterthwaite():
    table = estimates(read("grunfeld"), "fixed_effects", "CR2", time="year")
    agree(table["df"], {"value": 2.35309, "capital": 1.89501}, 3e-6)
    agree(table["p_value"], {"value": 0.0201518, "capital": 0.0739937}, 3e-6)


def test_grunfeld_bootstrap_counts_every_sign_vector():
    table = estimates(read("grunfeld"), "fixed_effects", "wild_bootstrap", time="year")
    assert table["p_value"]["value"] * 2**11 == 2
    assert table["p_value"]["capital"] * 2**11 == 38


LINEAR = {
    "two_way": {"time": "year"},
    "two_way_weighted": {"time": "year", "weights": "weight"},
    "one_way": {},
    "clustered_by_sector": {"time": "year", "cluster": "sector"},
    "sector_year": {"time": "sector_year"},
    "extra": {"time": "year", "absorb": ("sector_quarter",)},
    "pooled": {"time": "year"},
    "pooled_weighted": {"weights": "weight"},
}


def linear_cases() -> list[tuple[str, str]]:
    wanted = ("classical", "HC1", "CRV1", "CRV1_two_way", "CR2", "CRV3")
    return [(design, name) for design in LINEAR for name in golden("linear")[design] if name in wanted]


@pytest.mark.parametrize(("design", "name"), linear_cases())
def test_unbalanced_panel_equals_r(design, name):
    reference, spec = golden("linear")[design], dict(LINEAR[design])
    if name == "CRV1_two_way":
        spec["cluster"] = ("firm", "year")
    estimator = "pooled_ols" if design.startswith("pooled") else "fixed_effects"
    table = estimates(read("grunfeld_unbalanced"), estimator, name.removesuffix("_two_way"), **spec)
    if "estimate" in reference:
        agree(table["estimate"], reference["estimate"])
    if name == "CR2":
        for column in ("std_error", "df", "p_value"):
            agree(table[column], reference["CR2"][column])
    else:
        agree(table["std_error"], reference[name])


def test_singletons_are_dropped_and_counted():
    spec = Spec("fixed_effects", "invest", SLOPES, unit="firm", time="sector_year")
    meta = fit(read("grunfeld_unbalanced"), spec).meta
    reference = golden("linear")["sector_year"]
    assert meta["n_obs"] == reference["n_obs"]
    assert meta["dropped"] == {"singleton": reference["n_singletons"]}


@pytest.mark.parametrize("design", ["two_way", "two_way_weighted"])
def test_crv3_is_the_refitted_jackknife_up_to_its_factor(design):
    frame = read("grunfeld_unbalanced")
    table = estimates(frame, "fixed_effects", "CRV3", **LINEAR[design])
    n_rows, n_clusters, n_parameters = len(frame), frame["firm"].nunique(), 2 + frame["year"].nunique()
    factor = (n_clusters / (n_clusters - 1)) ** 2 * (n_rows - 1) / (n_rows - n_parameters)
    agree(table["std_error"] / np.sqrt(factor), golden("linear")[design]["jackknife"])


def test_f_test_and_residual_error():
    meta = fit(read("grunfeld_unbalanced"), Spec("fixed_effects", "invest", SLOPES, unit="firm", time="year")).meta
    reference = golden("linear")["two_way"]
    assert meta["f_statistic"] == pytest.approx(reference["f_statistic"], rel=EXACT)
    assert meta["rmse"] == pytest.approx(reference["rmse"], rel=EXACT)


def test_moderation_slopes_and_region():
    spec = Spec("fixed_effects", "invest", ("value",), unit="firm", time="year", moderators=("capital",))
    result, reference = fit(read("grunfeld_unbalanced"), spec), golden("linear")["moderation"]
    row = result.estimates.set_index("term").loc["value:capital"]
    assert row["estimate"] == pytest.approx(reference["interaction"], rel=EXACT)
    assert row["std_error"] == pytest.approx(reference["interaction_std_error"], rel=EXACT)
    slopes, region = result.meta["simple_slopes"], result.meta["johnson_neyman"].iloc[0]
    np.testing.assert_allclose(slopes["estimate"], reference["slopes"], rtol=EXACT)
    np.testing.assert_allclose(slopes["std_error"], reference["slope_std_errors"], rtol=EXACT)
    np.testing.assert_allclose([region["lower"], region["upper"]], reference["johnson_neyman"], rtol=EXACT)


@pytest.mark.parametrize("panel", ["balanced", "unbalanced"])
def test_bootstrap_equals_brute_force_with_dummies(panel):
    frame = read("grunfeld" if panel == "balanced" else "grunfeld_unbalanced")
    table = estimates(frame, "fixed_effects", "wild_bootstrap", time="year")
    for name in SLOPES:
        assert table["p_value"][name] * 2**11 == golden("wild")[panel][name] * 2**11


def test_bootstrap_at_another_hypothesis():
    frame = read("grunfeld_unbalanced")
    frame["invest"] -= 0.06 * frame["value"]
    table = estimates(frame, "fixed_effects", "wild_bootstrap", time="year")
    assert table["p_value"]["value"] == golden("wild")["unbalanced"]["value_at_0.06"]


@pytest.mark.parametrize("panel", ["balanced", "unbalanced"])
def test_swamy_arora(panel):
    frame = read("grunfeld" if panel == "balanced" else "grunfeld_unbalanced")
    reference = golden("panel")[panel]["random"]
    result = fit(frame, Spec("random_effects", "invest", SLOPES, unit="firm", covariance="classical"))
    table, meta = result.estimates.set_index("term"), result.meta
    agree(table["estimate"], reference["estimate"])
    agree(table["std_error"], reference["std_error"])
    for name in ("variance_unit", "variance_idiosyncratic"):
        assert meta[name] == pytest.approx(reference[name], rel=EXACT)
    np.testing.assert_allclose(meta["theta"]["theta"], np.ravel(reference["theta"]), rtol=1e-10)
    assert abs(meta["hausman"]["statistic"]) == pytest.approx(reference["hausman"]["statistic"], rel=EXACT)


def test_swamy_arora_with_dummies():
    table = estimates(read("grunfeld_unbalanced"), "random_effects", "classical", absorb=("era",))
    reference = golden("panel")["unbalanced"]["with_eras"]
    agree(table["estimate"], reference["estimate"])
    agree(table["std_error"], reference["std_error"])


@pytest.mark.parametrize("panel", ["balanced", "unbalanced"])
def test_mixed_model_equals_lme4(panel):
    frame = read("grunfeld" if panel == "balanced" else "grunfeld_unbalanced")
    reference = golden("panel")[panel]
    result = fit(frame, Spec("mixed_model", "invest", SLOPES, unit="firm", covariance="classical"))
    table, meta = result.estimates.set_index("term"), result.meta
    agree(table["estimate"], reference["mixed"]["estimate"], OPTIMISED)
    agree(table["std_error"], reference["mixed"]["std_error"], OPTIMISED)
    for name in ("variance_unit", "variance_idiosyncratic"):
        assert meta[name] == pytest.approx(reference["mixed"][name], rel=OPTIMISED)
    assert meta["icc1"]["mixed_model"] == pytest.approx(reference["mixed"]["icc1"], rel=OPTIMISED)
    assert meta["icc1"]["anova"] == pytest.approx(reference["anova"]["icc1"], rel=EXACT)
    assert meta["icc2"]["anova"] == pytest.approx(reference["anova"]["icc2"], rel=EXACT)


INSTRUMENTS = {"one": ["lagged_value"], "two": ["lagged_value", "lagged_capital"]}


@pytest.mark.parametrize("covariance", ["classical", "HC1", "CRV1", "CR2"])
@pytest.mark.parametrize("case", list(INSTRUMENTS))
def test_two_stage_least_squares(case, covariance):
    reference = golden("instrumental")[case]
    spec = Spec(
        "instrumental",
        "invest",
        ("value",),
        ("capital",),
        unit="firm",
        time="year",
        covariance=covariance,
        options={"instruments": INSTRUMENTS[case]},
    )
    result = fit(read("grunfeld_instruments"), spec)
    row, checks = result.estimates.iloc[0], {check.name: check for check in result.checks}
    assert row["estimate"] == pytest.approx(reference["estimate"], rel=EXACT)
    assert row["std_error"] == pytest.approx(reference[covariance], rel=EXACT)
    if covariance == "classical":
        assert result.meta["first_stage"]["f"][0] == pytest.approx(reference["weak"], rel=EXACT)
        assert checks["exogeneity"].statistic == pytest.approx(reference["wu_hausman"], rel=EXACT)
    if covariance == "CRV1":
        bounds = result.meta["anderson_rubin"]
        np.testing.assert_allclose([bounds["low"], bounds["high"]], reference["anderson_rubin"], rtol=EXACT)
        assert bounds["form"] == {"one": "outside", "two": "interval"}[case]
    if case == "two":
        assert checks["overidentification"].statistic == pytest.approx(reference["sargan"], rel=EXACT)
    elif covariance == "CRV1":
        assert result.meta["first_stage"]["f"][0] == pytest.approx(reference["clustered_f"], rel=EXACT)


@pytest.mark.parametrize("covariance", ["CRV1", "HC1"])
def test_split_halves(covariance):
    frame, reference = read("grunfeld_instruments"), golden("instrumental")["halves"]
    frame["index"] = (frame["half_a"] + frame["half_b"]) / 2
    spec = Spec(
        "reliability_corrected",
        "invest",
        ("index",),
        ("capital",),
        unit="firm",
        time="year",
        covariance=covariance,
        options={"halves": ["half_a", "half_b"]},
    )
    result = fit(frame, spec)
    row = result.estimates.iloc[0]
    assert row["estimate"] == pytest.approx(reference["estimate"], rel=EXACT)
    assert row["std_error"] == pytest.approx(reference[covariance], rel=EXACT)
    assert result.meta["reliability_within"] == pytest.approx(reference["reliability"], rel=EXACT)
    low, high = sorted(reference["one_sided"])
    assert low < row["estimate"] < high


POOLS = ("bcg", "flat", "sectors")


def pooled_case(name: str) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    reference = golden("pooling")[name]
    variances = reference.get("variances") or np.square(reference["std_errors"])
    return reference, np.array(reference["estimates"]), np.array(variances)


@pytest.mark.parametrize("name", POOLS)
def test_reml_and_shrinkage_equal_metafor(name):
    reference, estimates_, variances = pooled_case(name)
    pooled = pool(estimates_, variances, small_sample=False)
    for ours, theirs in [("tau2", "tau2"), ("mean", "mean"), ("std_error", "std_error"), ("i2", "i2"), ("q", "q")]:
        assert getattr(pooled, ours) == pytest.approx(reference[theirs], rel=EXACT, abs=1e-12)
    pulled, errors, _ = shrink(estimates_, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    np.testing.assert_allclose(pulled, reference["shrunken"], rtol=EXACT)
    np.testing.assert_allclose(errors, reference["shrunken_std_error"], rtol=EXACT)


def test_bcg_trials():
    _, estimates_, variances = pooled_case("bcg")
    pooled = pool(estimates_, variances, small_sample=False)
    pulled, errors, _ = shrink(estimates_, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    assert pooled.tau2 == pytest.approx(0.31324325813649, rel=EXACT)
    assert pooled.mean == pytest.approx(-0.71453234215814, rel=EXACT)
    assert pooled.std_error == pytest.approx(0.17978151610521, rel=EXACT)
    assert (pulled[0], errors[0]) == pytest.approx((-0.80023356, 0.40993045), rel=2e-8)


def test_hartung_knapp_interval_equals_metafor_where_it_widens():
    reference, estimates_, variances = pooled_case("bcg")
    pooled = pool(estimates_, variances, small_sample=True)
    assert pooled.std_error == pytest.approx(reference["hksj_std_error"], rel=EXACT)
    assert (pooled.prediction_low, pooled.prediction_high) == pytest.approx(reference["hksj_prediction"], rel=EXACT)


@pytest.mark.parametrize("name", ["flat", "sectors"])
def test_hartung_knapp_never_narrows(name):
    reference, estimates_, variances = pooled_case(name)
    assert reference["hksj_std_error"] < reference["std_error"]
    assert pool(estimates_, variances).std_error == pytest.approx(reference["std_error"], rel=EXACT)


@pytest.mark.parametrize("kind", ["text", "integer", "category", "shuffled integer"])
def test_identifiers_of_any_kind_give_the_same(kind):
    frame = read("grunfeld_unbalanced")
    codes = frame["firm"].astype("category").cat.codes.astype(int)
    frame["firm"] = {
        "text": frame["firm"],
        "integer": codes + 100,
        "category": frame["firm"].astype("category"),
        "shuffled integer": (codes * 7) % 11,
    }[kind]
    table = estimates(frame, "fixed_effects", "CRV1", time="year")
    agree(table["std_error"], golden("linear")["two_way"]["CRV1"])
