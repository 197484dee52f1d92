"""Placebos, negative controls and leave-one-out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.diagnostics import leave_one_out, negative_control, placebo_lead
from analysis.estimators import fit
from analysis.spec import Spec


def test_the_lead_of_an_exogenous_treatment_does_nothing(panel, spec):
    check = placebo_lead(panel(), spec)
    assert check.passed is True
    assert "dose" not in check.reason.en  # names of columns are for the table, not for the reader


def test_the_lead_of_a_treatment_that_follows_the_outcome_is_found(panel, spec):
    frame = panel(n_units=120)
    previous = frame.groupby("unit")["outcome"].shift(1)
    frame["dose"] = frame["dose"] + 0.8 * (previous - previous.mean()).fillna(0.0)
    check = placebo_lead(frame, replace(spec, controls=()))
    assert check.passed is False
    assert check.p_value < 0.001


def test_the_lead_is_the_next_period_of_the_same_unit_whatever_the_row_order(panel, spec):
    frame = panel()
    shuffled = frame.sample(frac=1, random_state=3)
    manual = frame.assign(next=frame.groupby("unit")["dose"].shift(-1))
    wanted = fit(manual, replace(spec, treatments=("dose", "next"))).estimates.set_index("term").loc["next"]
    assert placebo_lead(shuffled, spec).p_value == pytest.approx(wanted["p_value"], rel=1e-9)


def test_a_gap_in_the_panel_gives_no_lead(panel, spec):
    frame = panel(n_periods=4)
    frame = frame[frame["time"] != "2001-S1"].reset_index(drop=True)
    later = frame.groupby("unit")["dose"].shift(-1)
    manual = fit(frame.assign(next=later), replace(spec, treatments=("dose", "next")))
    # periods are counted as observed, so the neighbouring observed half-year is the lead
    assert placebo_lead(frame, spec).p_value == pytest.approx(
        manual.estimates.set_index("term").loc["next", "p_value"], rel=1e-9
    )


def test_a_placebo_without_time_cannot_be_carried_out(panel):
    check = placebo_lead(panel(), Spec("fixed_effects", "outcome", ("dose",), unit="unit"))
    assert check.passed is None
    assert check.reason.id


def test_a_constant_treatment_gives_no_verdict(panel, spec):
    assert placebo_lead(panel().assign(dose=2.0), spec).passed is None
    assert negative_control(panel().assign(dose=2.0), spec, "noise").passed is None


def test_negative_controls(panel, spec):
    assert negative_control(panel(), spec, "noise").passed is True
    touched = panel().assign(noise=lambda frame: frame["noise"] + 0.5 * frame["dose"])
    failed = negative_control(touched, spec, "noise")
    assert failed.passed is False
    assert "noise" in failed.reason.id


@pytest.mark.parametrize("weights", [None, "weight"])
def test_leaving_out_is_the_same_as_fitting_without(panel, spec, weights):
    frame = panel(n_units=12)
    frame["weight"] = np.linspace(0.5, 2.0, len(frame))
    spec = replace(spec, weights=weights)
    found = leave_one_out(frame, spec).table.set_index("left_out")["estimate"]
    refitted = {
        name: fit(frame[frame["unit"] != name], spec).estimates["estimate"].iloc[0] for name in frame["unit"].unique()
    }
    assert found.to_dict() == pytest.approx(refitted, rel=1e-9)


def test_an_effect_that_hangs_on_one_unit_fails(panel, spec):
    frame = panel(n_units=20, effect=0.0)
    odd = frame["unit"] == "unit 003"
    base = fit(frame, spec).estimates["estimate"].iloc[0]
    frame.loc[odd, "outcome"] -= np.sign(base) * 6 * frame.loc[odd, "dose"]
    left_out = leave_one_out(frame, spec)
    assert left_out.check.passed is False
    assert "unit 003" in left_out.check.reason.en


def test_leave_one_out_refits_estimators_that_are_not_linear(panel, spec):
    frame = panel(n_units=20)
    spec = replace(spec, estimator="random_effects", time=None)
    found = leave_one_out(frame, spec).table
    without = fit(frame[frame["unit"] != "unit 000"], spec).estimates.set_index("term").loc["dose", "estimate"]
    assert found.loc[found["left_out"] == "unit 000", "estimate"].iloc[0] == without


def test_leave_one_out_of_nothing(panel, spec):
    assert leave_one_out(panel().iloc[:0], spec).check.passed is None


def test_a_group_that_is_all_there_is_cannot_be_left_out(panel, spec):
    frame = panel(n_units=12)
    treated = frame["unit"].isin(["unit 004", "unit 005", "unit 006"])
    frame["dose"] = np.where(treated, frame["dose"], 0.0)
    frame["region"] = np.where(treated, "east", np.where(frame["unit"] < "unit 003", "north", "west"))
    found = leave_one_out(frame, replace(spec, controls=(), time=None), by="region")
    table = found.table.set_index("left_out")["estimate"]
    assert table.isna().to_dict() == {"east": True, "north": False, "west": False}
    assert found.check.passed is False
