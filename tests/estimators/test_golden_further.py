"""More values of R (tests/golden/further.R): every covariance of pooled and weighted regressions, and pooled groups."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.estimators import Spec, fit

GOLDEN = Path(__file__).parents[1] / "golden"
EXACT = 1e-8  # same formula in double precision
SLOPES = ("value", "capital")
REFERENCE = json.loads((GOLDEN / "further.json").read_text())
DESIGNS: dict[str, dict[str, Any]] = {
    "pooled": {},
    "pooled_weighted": {"weights": "weight"},
    "pooled_by_year": {"absorb": ("year",)},
    "pooled_by_year_weighted": {"absorb": ("year",), "weights": "weight"},
}
COVARIANCES = ("classical", "HC1", "CRV1", "CR2", "CRV3")


@pytest.fixture(scope="module")
def unbalanced() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "grunfeld_unbalanced.csv")


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("design", list(DESIGNS))
def test_pooled_regressions_equal_r(unbalanced, design, covariance):
    reference = REFERENCE[design]
    spec = Spec("pooled_ols", "invest", SLOPES, unit="firm", covariance=covariance, **DESIGNS[design])
    table = fit(unbalanced, spec).estimates.set_index("term").loc[list(SLOPES)]
    wanted = reference[covariance] if covariance != "CR2" else reference["CR2"]["std_error"]
    np.testing.assert_allclose(table["estimate"], [reference["estimate"][name] for name in SLOPES], rtol=EXACT)
    np.testing.assert_allclose(table["std_error"], [wanted[name] for name in SLOPES], rtol=EXACT)
    if covariance == "CR2":
        np.testing.assert_allclose(table["df"], [reference["CR2"]["df"][name] for name in SLOPES], rtol=EXACT)


@pytest.mark.parametrize("covariance", ["CRV1", "HC1"])
def test_robust_random_effects_equal_plm(unbalanced, covariance):
    spec = Spec("random_effects", "invest", SLOPES, unit="firm", covariance=covariance)
    table = fit(unbalanced, spec).estimates.set_index("term").loc[list(SLOPES)]
    reference = REFERENCE["random_effects"]
    np.testing.assert_allclose(table["estimate"], [reference["estimate"][name] for name in SLOPES], rtol=EXACT)
    np.testing.assert_allclose(table["std_error"], [reference[covariance][name] for name in SLOPES], rtol=EXACT)


def test_partial_pooling_equals_regressions_pooled_by_metafor(unbalanced):
    frame = pd.read_csv(GOLDEN / "grunfeld.csv")
    frame["group"] = frame["firm"].map(unbalanced.groupby("firm")["firm_code"].first()) % 3
    options = {"group": "group", "group_covariance": "classical", "small_sample": False}
    spec = Spec("partial_pooling", "invest", ("value",), ("capital",), unit="firm", time="year", options=options)
    result, reference = fit(frame, spec), REFERENCE["partial_pooling"]
    own, mean = result.meta["own"].sort_values("group"), result.estimates.iloc[0]
    np.testing.assert_allclose(own["estimate"], reference["own"], rtol=EXACT)
    np.testing.assert_allclose(own["std_error"], reference["own_std_error"], rtol=EXACT)
    np.testing.assert_allclose(own["known_tau_std_error"], reference["shrunken_std_error"], rtol=EXACT)
    np.testing.assert_allclose(result.estimates["estimate"].iloc[1:].astype(float), reference["shrunken"], rtol=EXACT)
    assert result.meta["heterogeneity"]["tau2"][0] == pytest.approx(reference["tau2"], rel=EXACT)
    assert (mean["estimate"], mean["std_error"]) == pytest.approx(
        (reference["mean"], reference["std_error"]), rel=EXACT
    )


@pytest.mark.parametrize("kind", ["text", "integer", "category"])
@pytest.mark.parametrize("covariance", ["CRV1", "CR2", "CRV3"])
def test_identifiers_of_any_kind(unbalanced, covariance, kind):
    codes = unbalanced["firm"].rank(method="dense").astype(int)
    firms = {"text": unbalanced["firm"], "integer": 7 - 3 * codes, "category": unbalanced["firm"].astype("category")}
    years = {"text": unbalanced["year"].astype(str), "category": unbalanced["year"].astype("category")}
    frame = unbalanced.assign(firm=firms[kind], year=years.get(kind, unbalanced["year"]))
    spec = Spec("pooled_ols", "invest", SLOPES, unit="firm", absorb=("year",), weights="weight", covariance=covariance)
    table = fit(frame, spec).estimates.set_index("term")["std_error"]
    reference = REFERENCE["pooled_by_year_weighted"][covariance]
    wanted = reference.get("std_error", reference)
    np.testing.assert_allclose([table[name] for name in SLOPES], [wanted[name] for name in SLOPES], rtol=EXACT)
