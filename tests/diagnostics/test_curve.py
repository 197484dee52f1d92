"""Specification curve, joint inference and multiplicity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.diagnostics import benjamini_hochberg, romano_wolf, romano_wolf_of, specification_curve
from analysis.diagnostics.joint import null_draws
from analysis.diagnostics.linear import linear_design
from analysis.estimators import fit
from analysis.spec import Spec


def variants(spec):
    return {
        "no control": {"controls": ()},
        "one way": {"time": None},
        "half scale": {"scale": 0.5},
        "late": {"keep": "late"},
        "random": replace(spec, estimator="random_effects"),
        "constant": {"treatments": ("constant",)},
    }


def prepared(frame):
    return frame.assign(late=frame["time"] >= "2003-S1", constant=1.0)


def test_every_variant_is_in_the_table_with_its_own_estimate(panel, spec):
    frame = prepared(panel())
    curve = specification_curve(frame, spec, variants(spec), draws=99)
    table = curve.table.set_index("variant")
    assert list(curve.table["variant"])[-1] == "constant"
    assert table.loc["constant", "reason"].en
    main = fit(frame, spec).estimates.iloc[0]
    assert table.loc["main", "estimate"] == main["estimate"]
    assert table.loc["half scale", "estimate"] == pytest.approx(main["estimate"] / 2, rel=1e-12)
    late = fit(frame[frame["late"]], spec).estimates.iloc[0]
    assert table.loc["late", "conf_low"] == late["conf_low"]
    assert curve.median == pytest.approx(table["estimate"].median(), rel=1e-12)
    assert table["joint"].to_dict() == {name: name not in ("random", "constant") for name in [*variants(spec), "main"]}


def test_a_real_effect_passes_and_noise_does_not(panel, spec):
    frame = prepared(panel())
    assert specification_curve(frame, spec, variants(spec), draws=199).check.passed is True
    quiet = replace(spec, outcome="noise")
    curve = specification_curve(frame, quiet, {"no control": {"controls": ()}}, draws=199)
    assert curve.check.passed is False
    assert curve.median_p_value > 0.05


def test_results_repeat_with_the_seed_and_in_any_order(panel, spec):
    frame = prepared(panel())
    listed = variants(spec)
    first = specification_curve(frame, spec, listed, draws=99, seed=4)
    second = specification_curve(
        frame.sample(frac=1, random_state=1), spec, dict(reversed(list(listed.items()))), draws=99, seed=4
    )
    assert first.median_p_value == second.median_p_value
    assert first.table["estimate"].to_numpy() == pytest.approx(
        second.table["estimate"].to_numpy(), rel=1e-9, nan_ok=True
    )


def test_a_curve_of_nothing(panel, spec):
    curve = specification_curve(panel().iloc[:0], spec, {})
    assert curve.check.passed is None
    assert np.isnan(curve.median)


def test_observed_statistics_are_those_of_the_clustered_fit(panel, spec):
    frame = panel()
    joint = null_draws([linear_design(frame, spec)], 9, 1)
    row = fit(frame, spec).estimates.iloc[0]
    assert joint.estimate[0] == pytest.approx(row["estimate"], rel=1e-9)
    assert joint.statistic[0] == pytest.approx(row["statistic"], rel=1e-9)


def test_joint_test_has_its_size(panel, spec):
    """Rejections of a true null in 200 panels of 20 clusters; 5% plus three simulation errors is 9.6%."""
    rejected = 0
    for seed in range(200):
        frame = panel(n_units=20, n_periods=4, effect=0.0, seed=seed)
        designs = [linear_design(frame, spec), linear_design(frame, replace(spec, time=None))]
        joint = null_draws(designs, 199, seed)
        largest = np.abs(joint.null_statistic).max(axis=1)
        rejected += (1 + (largest >= np.abs(joint.statistic).max()).sum()) / 200 <= 0.05
    assert rejected / 200 <= 0.096


def test_benjamini_hochberg_by_hand_and_with_gaps():
    # sorted 0.005 0.01 0.03 0.5 of 4: min over later of p * 4 / rank
    adjusted = benjamini_hochberg([0.03, float("nan"), 0.01, 0.005, 0.5])
    assert adjusted == pytest.approx([0.04, np.nan, 0.02, 0.02, 0.5], nan_ok=True, rel=1e-12)
    assert np.isnan(benjamini_hochberg([float("nan")])).all()


def test_romano_wolf_of_independent_questions_is_close_to_the_exact_step_down():
    rng = np.random.default_rng(2)
    draws = rng.standard_normal((40_000, 3))
    statistic = np.array([2.8, 2.2, 0.4])
    single = 2 * stats.norm.sf(statistic)
    exact = np.maximum.accumulate([1 - (1 - single[0]) ** 3, 1 - (1 - single[1]) ** 2, single[2]])
    # three simulation errors of a p-value near 0.05 with 40,000 draws are 0.003
    assert romano_wolf(statistic, draws) == pytest.approx(exact, abs=0.01)


def test_romano_wolf_is_never_smaller_than_the_single_question_and_counts_duplicates_once():
    rng = np.random.default_rng(2)
    draws = rng.standard_normal((5_000, 1))
    alone = romano_wolf([2.5], draws)[0]
    twice = romano_wolf([2.5, 2.5], np.repeat(draws, 2, axis=1))
    assert twice == pytest.approx([alone, alone])


def test_romano_wolf_of_specs(panel, spec):
    frame = panel()
    found = romano_wolf_of(
        frame,
        {
            "real": spec,
            "noise": replace(spec, outcome="noise"),
            "other": Spec("random_effects", "outcome", ("dose",), unit="unit", time="time"),
        },
        draws=499,
    )
    assert found["real"] == pytest.approx(1 / 500)
    assert found["noise"] > 0.05
    assert np.isnan(found["other"])
