"""Small panels with known effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.spec import Spec


def make_panel(n_units: int = 60, n_periods: int = 8, *, effect: float = 0.5, seed: int = 1) -> pd.DataFrame:
    """A two-way panel; `selected` is a control that moves both treatment and outcome, `noise` moves nothing."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(n_periods), n_units)
    level = rng.normal(size=n_units)[unit]
    selected = rng.normal(size=unit.size) + 0.5 * level
    dose = rng.normal(size=unit.size) + 0.5 * selected + level
    outcome = level + 0.2 * time + effect * dose + 0.6 * selected + rng.normal(size=unit.size)
    return pd.DataFrame(
        {
            "unit": [f"unit {number:03d}" for number in unit],
            "time": [f"20{number:02d}-S1" for number in time],
            "outcome": outcome,
            "dose": dose,
            "selected": selected,
            "noise": rng.normal(size=unit.size),
        }
    )


@pytest.fixture
def panel():
    """Function that makes a panel."""
    return make_panel


@pytest.fixture
def spec():
    """Spec of the panel's own model."""
    return Spec("fixed_effects", "outcome", ("dose",), ("selected",), unit="unit", time="time")
