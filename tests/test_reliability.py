"""Reliability against R (tests/golden/reliability.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.measures import cronbach_alpha, icc, split_half

GOLDEN = json.loads((Path(__file__).parent / "golden" / "reliability.json").read_text(encoding="utf-8"))
ITEMS = pd.DataFrame(GOLDEN["items"], dtype=float)
ARITHMETIC = 1e-10
"""Relative: the same sums in another order."""
OPTIMISER = 2e-3
"""Relative: statsmodels and lme4 stop their searches for the variance components at different places."""


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_alpha_and_split_half_with_missing_answers(missing: str) -> None:
    assert cronbach_alpha(ITEMS, missing) == pytest.approx(GOLDEN[f"alpha_{missing}"], rel=ARITHMETIC)
    assert split_half(ITEMS, missing) == pytest.approx(GOLDEN[f"split_half_{missing}"], rel=ARITHMETIC)


def test_the_two_treatments_differ_only_where_answers_are_missing() -> None:
    assert cronbach_alpha(ITEMS, "pairwise") != pytest.approx(cronbach_alpha(ITEMS, "listwise"))
    whole = ITEMS.dropna()
    assert cronbach_alpha(whole, "pairwise") == pytest.approx(cronbach_alpha(whole, "listwise"), rel=ARITHMETIC)


@pytest.mark.parametrize(("kind", "name"), [("single", "icc1"), ("mean", "icc2")])
def test_intraclass_correlations_of_unequal_groups(kind: str, name: str) -> None:
    values, groups = GOLDEN["yield"], GOLDEN["batch"]
    assert icc(values, groups, kind) == pytest.approx(GOLDEN[f"{name}_anova"], rel=ARITHMETIC)
    assert icc(values, groups, kind, "mixed_model") == pytest.approx(GOLDEN[f"{name}_mixed"], rel=OPTIMISER)


def test_the_mixed_model_is_never_negative_where_the_analysis_of_variance_is() -> None:
    values = np.tile([1.0, 5.0, 9.0], 4)
    groups = np.repeat(list("abcd"), 3)
    assert np.isnan(icc(values, groups)) or icc(values, groups) < 0
    assert icc(values, groups, definition="mixed_model") == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_said_where_nothing_can_be_said() -> None:
    assert np.isnan(cronbach_alpha(np.ones((10, 3))))
    assert np.isnan(split_half(np.ones((10, 3))))
    assert np.isnan(cronbach_alpha(ITEMS.head(2)))
    assert np.isnan(icc([1.0, 2.0], ["a", "b"], definition="mixed_model"))
