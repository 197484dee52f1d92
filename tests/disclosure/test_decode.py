"""What can be got out of the bytes of a file, piece by piece. All personal numbers are made up."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import Gate, find_identifiers
from analysis.disclosure.decode import large_numbers

RUNS_OVER = {"196001012001021001": "196001012001020992", "198001012005012999": "198001012005012992"}
"""Numbers near a thousand, and what a float keeps of them."""


@pytest.mark.parametrize("number", RUNS_OVER)
def test_a_float_that_runs_over_is_read_as_the_number_it_was(number: str) -> None:
    kept = np.array([float(number)])
    assert {kind for kind, _ in find_identifiers(large_numbers(kept.tobytes(), "f8"))} == {"nip"}
    assert {kind for kind, _ in find_identifiers(f"{kept[0]:.17E}")} == {"nip"}
    buffer = io.BytesIO()
    pd.DataFrame({"x": kept}).to_parquet(buffer, index=False)
    assert {hit.kind for hit in Gate().search("a.parquet", buffer.getvalue())} == {"nip"}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (196001012001020992, "196001012001021992"),
        (196001012001023008, "196001012001022008"),
        (196001012001021024, "196001012001021024"),
        (196001012001024032, "196001012001024032"),
        (19600101200103008, "19600101200103008"),
    ],
)
def test_only_a_sex_next_to_one_or_two_is_mended(value: int, read: str) -> None:
    assert large_numbers(np.array([value], dtype="<i8").tobytes(), "i8") == read
