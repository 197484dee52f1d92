"""The curves that a study stores: the main point is the estimate itself, the dose starts at its reference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.catalog import load_catalog
from analysis.ingest import read_study
from analysis.panel import build_panel
from analysis.results import CURVE_COLUMNS
from analysis.study.curves import BOUNDED, MAIN, study_curves
from analysis.synthetic import write_sample


@pytest.fixture(scope="module")
def panel(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("study")
    write_sample(folder, n_regions=2, seed=5)
    found = read_study(folder)
    return build_panel(found.tables, found.summaries)


@pytest.fixture(scope="module")
def curves(panel) -> pd.DataFrame:
    return study_curves(panel, load_catalog())


def test_columns_are_those_declared(curves):
    assert tuple(curves.columns) == CURVE_COLUMNS
    assert set(curves["figure"]) == {"specification_curve", "dose_response", "event_study"}


def test_specifications_are_sorted_and_hold_the_main_one(curves):
    for _, table in curves[curves["figure"] == "specification_curve"].groupby("spec"):
        assert table["estimate"].is_monotonic_increasing
        assert list(table["name"][table["main"]]) == [MAIN]
        # Every combination occurs once.
        assert table["choices"].is_unique
        assert (table["conf_low"] <= table["estimate"]).all()


@pytest.mark.slow
def test_the_main_specification_is_the_plain_estimate(panel, curves):
    """Without the correction for noise and small-sample bootstrap the point estimate is that of the claim."""
    from analysis.claims import evaluate

    table = evaluate(panel, load_catalog()).estimates
    for spec in ("training_quality", "budget_quality"):
        national = table[(table["spec"] == spec) & (table["level"] == "national")]["estimate"].item()
        chosen = curves[(curves["figure"] == "specification_curve") & (curves["spec"] == spec) & curves["main"]]
        assert chosen["estimate"].item() == pytest.approx(national, rel=1e-8)


def test_dose_and_event_curves_pass_through_zero_at_their_reference(curves):
    for figure in ("dose_response", "event_study"):
        for _, table in curves[curves["figure"] == figure].groupby("spec"):
            reference = table[table["main"].astype(bool)]
            assert len(reference) == 1
            assert (reference[list(BOUNDED)].to_numpy(dtype=float) == 0).all()
            assert table["x"].is_monotonic_increasing


def test_bands_hold_the_intervals(curves):
    table = curves[curves["band_low"].notna()]
    # A band over the whole curve is never narrower than the interval of a point, up to the error of its 20,000 draws.
    assert (table["band_low"] <= table["conf_low"] + 0.02 * table["estimate"].abs() + 1e-9).all()
    assert (table["band_high"] >= table["conf_high"] - 0.02 * table["estimate"].abs() - 1e-9).all()


def test_curves_do_not_depend_on_the_order_of_rows(panel, curves):
    shuffled = panel.sample(frac=1, random_state=3)
    again = study_curves(shuffled, load_catalog())
    assert list(again["name"]) == list(curves["name"])
    assert np.allclose(again["estimate"], curves["estimate"], rtol=1e-8)


def test_without_a_treatment_there_is_no_curve(panel):
    bare = panel.assign(training_hours=np.nan, leadership=np.nan, log_budget=np.nan)
    found = study_curves(bare, load_catalog())
    assert set(found["figure"]) <= {"event_study"}
