"""One worked design per estimator with a known effect; a new estimator needs an entry here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimators import Spec
from analysis.estimators.contract import EFFECT, Case, worked_panel


def _linear(estimator: str, outcome: str = "y", treatment: str = "x", **spec: Any) -> Case:
    settings = {"controls": ("z",), "unit": "unit", "time": "period"} | spec
    return Case(LINEAR, Spec(estimator, outcome, (treatment,), **settings), treatment, EFFECT)


def staggered_panel() -> pd.DataFrame:
    """Units that start in the fourth, sixth or no period; the effect is the same for all and at once."""
    random = np.random.default_rng(11)
    unit, period = np.repeat(np.arange(90), 8), np.tile(np.arange(8), 90)
    start = np.array([3.0, 5.0, np.nan])[unit % 3]
    y = EFFECT * (period >= start) + random.normal(size=90)[unit] + 0.3 * period + random.normal(size=720) * 0.5
    return pd.DataFrame({"unit": [f"unit {code:02d}" for code in unit], "period": period, "start": start, "y": y})


def mediated_panel() -> pd.DataFrame:
    """A treatment whose effect of 0.7 is 0.5 x 0.8 through a mediator and 0.3 direct."""
    random = np.random.default_rng(12)
    unit, period = np.repeat(np.arange(80), 8), np.tile(np.arange(8), 80)
    x, noise, more = random.normal(size=(3, 640))
    level = random.normal(size=80)[unit]
    mediator = 0.5 * x + level + noise * 0.7
    y = 0.3 * x + 0.8 * mediator + level + period * 0.1 + more * 0.7
    return pd.DataFrame({"unit": unit, "period": period, "x": x, "mediator": mediator, "y": y})


LINEAR = worked_panel()
STAGGERED = {"unit": "unit", "time": "period", "cohort": "start"}

CASES: dict[str, Case] = {
    "dose_response": replace(_linear("dose_response"), term="slope"),
    "double_ml": _linear("double_ml", options={"learner": "ridge", "repetitions": 3}),
    "event_study": Case(
        staggered_panel(), Spec("event_study", "y", **STAGGERED, options={"honest": False}), "event:+00", EFFECT
    ),
    "fixed_effects": _linear("fixed_effects"),
    "instrumental": _linear("instrumental", "y_endogenous", options={"instruments": ["instrument"]}),
    "mediation": Case(
        mediated_panel(),
        Spec("mediation", "y", ("x",), mediators=("mediator",), unit="unit", time="period", options={"draws": 199}),
        "total",
        EFFECT,
    ),
    "mixed_model": _linear("mixed_model", "y_random", time=None),
    "partial_pooling": _linear("partial_pooling", options={"group": "region"}),
    "pooled_ols": _linear("pooled_ols", "y_random"),
    "random_effects": _linear("random_effects", "y_random", time=None),
    "reliability_corrected": _linear(
        "reliability_corrected", treatment="index", options={"halves": ["half_a", "half_b"]}
    ),
    "staggered_did": Case(staggered_panel(), Spec("staggered_did", "y", **STAGGERED), "att", EFFECT),
}
