"""What every estimator promises, tried on every estimator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from analysis.estimators import ESTIMATORS, fit
from analysis.estimators.contract import RULES, contract, same
from analysis.results import Fit

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
sys.path.insert(0, str(HERE))
from contract_cases import CASES  # noqa: E402 - the hash-seed test imports the same file in other processes

every_estimator = pytest.mark.parametrize("name", sorted(ESTIMATORS))


@cache
def fitted(name: str) -> Fit:
    return fit(CASES[name].frame, CASES[name].spec)


def test_every_estimator_has_a_case():
    assert sorted(CASES) == sorted(ESTIMATORS)


@pytest.mark.parametrize("rule", sorted(RULES))
@every_estimator
def test_the_contract(name, rule):
    RULES[rule](ESTIMATORS[name], CASES[name], fitted(name))


def broken(changes):
    """Return an estimator that spoils what fixed effects give."""

    def estimator(frame, spec):
        return changes(fit(frame, spec), frame)

    return estimator


def off_by_ten_errors(result, frame):
    table = result.estimates
    moved = {column: table[column] + 10 * table["std_error"] for column in ("estimate", "conf_low", "conf_high")}
    return replace(result, estimates=table.assign(**moved))


BREAKS = {
    "form": lambda result, frame: replace(result, estimates=result.estimates.assign(std_error=0.0)),
    "recovery": off_by_ten_errors,
    "order": lambda result, frame: replace(
        result, estimates=result.estimates.assign(estimate=result.estimates["estimate"] + frame["y"].iloc[0] * 1e-4)
    ),
    "outcome_shift": lambda result, frame: replace(
        result, estimates=result.estimates.assign(std_error=result.estimates["std_error"] + frame["y"].mean() * 1e-4)
    ),
}


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_the_contract_sees_who_breaks_it(rule):
    found = {check.name: check for check in contract(broken(BREAKS[rule]), CASES["fixed_effects"])}
    assert found[f"contract_{rule}"].passed is False
    assert found["contract_wording"].passed is True
    assert "estimators.contract" not in found[f"contract_{rule}"].reason.id


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
