"""What the tests of the workbench share: a small panel with known effects, and fits of it."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.estimators import Fit, Spec, fit
from analysis.estimators.contract import worked_panel
from analysis.panel import build_panel
from analysis.synthetic import SampleDesign, simulate


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    """Units of three regions over eight half-years."""
    study = simulate(SampleDesign(n_regions=3, n_periods=8, seed=7, respondents_median=20, respondents_max=30))
    return build_panel(dict(study.tables))


@pytest.fixture(scope="session")
def good() -> Fit:
    """A fit with numbers."""
    spec = Spec("fixed_effects", "y", ("x",), controls=("z",), unit="unit", time="period")
    return fit(worked_panel(), spec)


@pytest.fixture(scope="session")
def refused() -> Fit:
    """A fit without any number."""
    frame = worked_panel()
    return fit(frame[frame["unit"] == frame["unit"].iloc[0]], Spec("fixed_effects", "y", ("x",), unit="unit"))
