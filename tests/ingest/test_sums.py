"""Sums of answers give the same index and error as the respondents, in any grouping."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.ingest.sums import ELEMENTS, add_sums, sums_of_means, survey_sums
from analysis.measures import satisfaction_index, satisfaction_index_from_sums

FIGURES = ["n", *ELEMENTS, "index", "std_error", "conf_low", "conf_high"]


@pytest.fixture
def responses() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 900
    answers = rng.integers(1, 5, (n, 9)).astype(float)
    answers[rng.random((n, 9)) < 0.15] = np.nan
    answers[5] = np.nan
    frame = pd.DataFrame(answers, columns=list(ELEMENTS))
    frame.insert(0, "unit_id", [f"A{i}" for i in rng.integers(0, 12, n)])
    frame.insert(1, "period", [f"2024-S{i}" for i in rng.integers(1, 3, n)])
    frame.loc[frame["unit_id"] == "A3", "U4"] = np.nan
    one = frame.iloc[[0]].assign(unit_id="Z")
    return pd.concat([frame, one], ignore_index=True).assign(region=lambda f: f["unit_id"].str[-1] < "5")


@pytest.mark.parametrize("by", [["unit_id", "period"], ["period"], ["region", "period"]])
def test_index_from_sums_equals_that_from_respondents(responses: pd.DataFrame, by: list[str]) -> None:
    sums = survey_sums(responses, ["region", "unit_id", "period"])
    expected, found = satisfaction_index(responses, by), satisfaction_index_from_sums(sums, by)
    assert list(found.columns) == list(expected.columns)
    assert found[[*by, "grade"]].equals(expected[[*by, "grade"]])
    # Both routes add floats in another order: 1e-9 of an index point is far below any printed figure.
    assert found[FIGURES].to_numpy(float) == pytest.approx(expected[FIGURES].to_numpy(float), abs=1e-9, nan_ok=True)


def test_without_fees(responses: pd.DataFrame) -> None:
    some = [name for name in ELEMENTS if name != "U4"]
    expected = satisfaction_index(responses, elements=some)
    found = satisfaction_index_from_sums(survey_sums(responses), elements=some)
    assert found["index"].to_numpy() == pytest.approx(expected["index"].to_numpy(), abs=1e-9)


def test_files_add_up(responses: pd.DataFrame) -> None:
    parts = add_sums([survey_sums(responses.iloc[:300]), survey_sums(responses.iloc[300:])])
    pd.testing.assert_frame_equal(parts, survey_sums(responses), rtol=1e-12)


def test_means_give_an_index_without_error() -> None:
    means = pd.DataFrame({"unit_id": ["A"], "period": ["2024-S1"], "n": [40], **{key: [3.25] for key in ELEMENTS}})
    found = satisfaction_index_from_sums(sums_of_means(means)).iloc[0]
    assert (found["n"], found["index"], found["grade"]) == (40, pytest.approx(81.25, abs=1e-9), "B")
    assert np.isnan(found["std_error"])
    assert np.isnan(found["conf_low"])
