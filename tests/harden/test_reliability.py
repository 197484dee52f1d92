"""The page on reliability says what the stored figures say, and hides no target that is missed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.harden.__main__ import TESTS
from benchmarks.harden.table import (
    DOCUMENT,
    HOLDS,
    IN_SHORT,
    NOT_MEASURED,
    NOT_REACHED,
    ROWS,
    document,
    read_results,
    state,
)


def test_the_page_is_what_the_results_give() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(read_results())


def test_every_test_of_the_verb_has_a_row_and_every_result_is_read() -> None:
    rows = {row.test for row in ROWS}
    assert set(TESTS) <= rows
    assert set(read_results()) <= rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.test}: {row.asked[:30]}")
def test_every_target_holds_or_is_marked(row) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(f"| {row.asked} |"))
    found = read_results().get(row.test)
    said = line.split(" | ")[3]
    assert said == state(row, found)
    if found is None:
        assert said == NOT_MEASURED
    elif not row.reached(found):
        assert said == NOT_REACHED
    else:
        assert said == (HOLDS if found[row.size] >= row.full else IN_SHORT)


def test_a_missed_target_and_a_smaller_trial_are_marked() -> None:
    row = next(row for row in ROWS if row.test == "kills")
    sound = {"kills": 500, "torn": 0, "differing": 0, "processes_left": 0}
    assert state(row, sound) == HOLDS
    assert state(row, {**sound, "kills": 5}) == IN_SHORT
    assert state(row, {**sound, "torn": 1}) == NOT_REACHED
    assert state(row, {**sound, "differing": 1}) == NOT_REACHED
    assert state(row, None) == NOT_MEASURED
