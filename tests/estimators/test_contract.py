"""What every estimator promises, tried on every estimator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.estimators import ESTIMATORS, fit
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Check, Fit

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
sys.path.insert(0, str(HERE))
from contract_cases import CASES  # noqa: E402 - the hash-seed test imports the same file in other processes

ROUNDING = 1e-8  # sums in another order: double rounding, amplified by a test inversion or an optimiser's stop
NUMBERS = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]

every_estimator = pytest.mark.parametrize("name", sorted(ESTIMATORS))


def same(left: pd.DataFrame, right: pd.DataFrame, factor: float = 1.0) -> None:
    assert left["term"].tolist() == right["term"].tolist()
    for column in NUMBERS:
        scale = 1.0 if column == "p_value" else factor
        np.testing.assert_allclose(
            left[column].astype(float) * scale, right[column].astype(float), rtol=ROUNDING, atol=1e-12 * scale
        )


@cache
def fitted(name: str) -> Fit:
    return fit(CASES[name].frame, CASES[name].spec)


def test_every_estimator_has_a_case():
    assert sorted(CASES) == sorted(ESTIMATORS)


@every_estimator
def test_form_of_the_result(name):
    case = CASES[name]
    result = fitted(name)
    table = result.estimates
    assert result.ok
    assert result.reason is None
    assert tuple(table.columns) == ESTIMATE_COLUMNS
    assert table["term"].is_monotonic_increasing
    assert (table["estimator"] == name).all()
    assert (table["outcome"] == case.spec.outcome).all()
    assert (table["std_error"] > 0).all()
    assert table["p_value"].between(0, 1).all()
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()
    assert (table["n_obs"] > 0).all()
    assert result.vcov is None or result.vcov.shape == (len(table), len(table))


@every_estimator
def test_checks_and_their_reasons_read_in_both_languages(name):
    for check in fitted(name).checks:
        assert isinstance(check, Check)
        assert check.passed in (True, False, None)
        assert isinstance(check.reason, Message)
        assert check.reason.id != check.reason.en


@every_estimator
def test_recovers_the_known_effect(name):
    case = CASES[name]
    row = fitted(name).estimates.set_index("term").loc[case.term]
    assert abs(row["estimate"] - case.truth) < 3 * row["std_error"]
    assert row["std_error"] < abs(case.truth) / 3


@every_estimator
def test_leaves_its_input_alone_and_repeats_itself(name):
    case = CASES[name]
    frame = case.frame.copy(deep=True)
    first, second = fitted(name).estimates, fit(frame, case.spec).estimates
    pd.testing.assert_frame_equal(frame, case.frame)
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@every_estimator
def test_order_of_rows_and_columns_and_the_index_do_not_matter(name):
    case = CASES[name]
    shuffled = case.frame.sample(frac=1, random_state=7)[case.frame.columns[::-1]]
    shuffled.index = pd.Index(np.zeros(len(shuffled), dtype=int))
    same(fitted(name).estimates, fit(shuffled, case.spec).estimates)


@every_estimator
def test_units_of_the_outcome_scale_the_estimates(name):
    case = CASES[name]
    scaled = case.frame.assign(**{case.spec.outcome: case.frame[case.spec.outcome] * 1000})
    same(fitted(name).estimates, fit(scaled, case.spec).estimates, 1000)


@every_estimator
def test_a_shift_of_the_outcome_changes_nothing(name):
    case = CASES[name]
    shifted = case.frame.assign(**{case.spec.outcome: case.frame[case.spec.outcome] + 50})
    left, right = fitted(name).estimates, fit(shifted, case.spec).estimates
    np.testing.assert_allclose(left["estimate"].astype(float), right["estimate"].astype(float), rtol=1e-7)
    np.testing.assert_allclose(left["std_error"].astype(float), right["std_error"].astype(float), rtol=1e-7)


LINEAR = [name for name in sorted(CASES) if CASES[name].term == "x"]


@pytest.mark.parametrize("name", LINEAR)
def test_units_of_the_treatment_scale_the_estimates(name):
    case = CASES[name]
    scaled = case.frame.assign(x=case.frame["x"] * 1000)
    same(fit(scaled, case.spec).estimates, fitted(name).estimates, 1000)


@pytest.mark.parametrize("name", ["fixed_effects", "partial_pooling", "pooled_ols"])
def test_equal_weights_are_no_weights(name):
    case = CASES[name]
    weighted = case.frame.assign(w=3.0)
    same(fitted(name).estimates, fit(weighted, replace(case.spec, weights="w")).estimates)


HASHING = """
from analysis.estimators import fit
from contract_cases import CASES
import sys
for name in sys.argv[1:]:
    table = fit(CASES[name].frame, CASES[name].spec).estimates
    print(table.map(lambda value: value.hex() if isinstance(value, float) else value).to_csv())
"""


def printed(seeds: Iterable[int], names: Iterable[str]) -> set[str]:
    """Return the estimates that processes with these hash seeds print, two processes at a time."""
    outputs, waiting = set(), list(seeds)
    while waiting:
        pair, waiting = waiting[:2], waiting[2:]
        started = []
        for seed in pair:
            path = os.pathsep.join([str(SOURCE), str(HERE)])
            settings = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
            command = [sys.executable, "-c", HASHING, *names]
            started.append(subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True))
        for process in started:
            outputs.add(process.communicate()[0])
            assert process.returncode == 0
    return outputs


def test_absorbing_estimators_do_not_depend_on_the_hash_seed():
    outputs = printed([0, 1], LINEAR)
    assert len(outputs) == 1
    assert "partial_pooling" in outputs.pop()


@pytest.mark.nightly
def test_no_estimator_depends_on_any_of_eight_hash_seeds():
    assert len(printed(range(8), sorted(CASES))) == 1
