"""Indices by unit and region are the same from respondents and from sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.ingest import StudyInput
from analysis.ingest.sums import ELEMENTS, survey_sums
from analysis.study.build import _indices


def test_sums_give_the_indices_of_respondents() -> None:
    rng = np.random.default_rng(2)
    answers = pd.DataFrame(rng.integers(1, 5, (300, 9)).astype(float), columns=list(ELEMENTS))
    answers.insert(0, "unit_id", [f"A{i % 6}" for i in range(300)])
    answers.insert(1, "period", [f"2024-S{1 + i % 2}" for i in range(300)])
    units = pd.DataFrame(
        {
            "unit_id": [f"A{i}" for i in range(6)],
            "region_code": ["82", "15.09"] * 3,
            "unit_name": [f"Dinas {i}" for i in range(6)],
            "service_type": "umum",
        }
    )
    whole = StudyInput({"units": units, "survey": answers}, (), ())
    summed = replace(whole, tables={"units": units}, summaries={"survey": survey_sums(answers)})
    expected, found = _indices(whole), _indices(summed)
    texts = ["region_code", "unit_id", "unit_name", "service_type", "period", "grade"]
    assert found[texts].equals(expected[texts])
    figures = ["n", *ELEMENTS, "index", "std_error", "conf_low", "conf_high"]
    assert found[figures].to_numpy(float) == pytest.approx(expected[figures].to_numpy(float), abs=1e-9)
