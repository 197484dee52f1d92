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


def test_both_parts_have_to_notice_enough_changes_and_a_sample_says_so() -> None:
    row = next(row for row in ROWS if row.test == "mutation")
    whole = {"mutants": 250, "of": 250, "noticed": 225, "score": 0.9}
    drawn = {"mutants": 100, "of": 3000, "noticed": 86, "score": 0.86, "low": 0.776, "high": 0.921}
    found = {"mutants": 350, "of": 3250, "parts": {"validate.py": whole, "disclosure": drawn}}
    assert state(row, found) == HOLDS
    assert state(row, {**found, "mutants": 299}) == IN_SHORT
    assert row.measured(found) == (
        "`validate.py` 90.0%: 225 of 250; `disclosure` 86.0% (77.6% to 92.1%): 86 of 100; drawn at random from 3,250"
    )
    weak = {**found, "parts": {"validate.py": {**whole, "score": 0.84}, "disclosure": drawn}}
    assert state(row, weak) == NOT_REACHED
    assert row.measured({**found, "of": 350}).endswith("; all of them")
