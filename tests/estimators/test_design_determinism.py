"""The designs give the same bytes whatever the hash seed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib
import numpy as np, pandas as pd
from analysis.diagnostics import romano_wolf_of, specification_curve
from analysis.estimators import fit
from analysis.spec import Spec

rng = np.random.default_rng(1)
unit, time = np.repeat([f"unit {k}" for k in range(24)], 6), np.tile([f"202{k}-S1" for k in range(6)], 24)
start = np.repeat(["2022-S1", "2024-S1", None], 8 * 6)
frame = pd.DataFrame({"unit": unit, "time": time, "start": start, "service": np.repeat(list("abcdefgh"), 18)})
for name in ("y", "d", "x", "m"):
    frame[name] = rng.normal(size=len(frame))
both = {"unit": "unit", "time": "time"}
specs = [
    Spec("staggered_did", "y", cohort="start", **both),
    Spec("event_study", "y", cohort="start", options={"honest": False}, **both),
    Spec("double_ml", "y", ("d",), ("x", "m"), options={"repetitions": 1}, **both),
    Spec("mediation", "y", ("d",), ("x",), mediators=("m",), options={"draws": 99}, **both),
    Spec("dose_response", "y", ("d",), ("x",), absorb=("service",), **both),
]
digest = hashlib.sha256()
for spec in specs:
    digest.update(fit(frame, spec).estimates.to_csv(float_format="%.12g").encode())
main = Spec("fixed_effects", "y", ("d",), ("x",), **both)
curve = specification_curve(frame, main, {"bare": {"controls": ()}, "one way": {"time": None}}, draws=99)
digest.update(curve.table.to_csv(float_format="%.12g").encode())
digest.update(repr(sorted(romano_wolf_of(frame, {"a": main, "b": main}, draws=99).items())).encode())
print(digest.hexdigest())
"""


def digest(seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_two_hash_seeds_agree():
    assert digest(0) == digest(5)


@pytest.mark.nightly
def test_all_hash_seeds_agree():
    assert len({digest(seed) for seed in range(8)}) == 1
