"""Yes and no in any way of writing come back; what may be either is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalog import Text
from analysis.ingest.cells import encode
from analysis.ingest.convert import convert
from analysis.ingest.headers import Use
from analysis.ingest.tables import Column
from analysis.ingest.yes_no import NO, YES, read_yes_no

USE = Use(Column("priced", "yes_no", Text("Berbayar", "Priced")), 0, "Berbayar")
# Pairs as forms offer them: what says yes, what says no.
PAIRS = [("ya", "tidak"), ("yes", "no"), ("Y", "T"), ("Y", "N"), ("1", "0"), ("benar", "salah"), ("T", "F")]
PAIRS += [("true", "false"), ("sudah", "belum"), ("iya", "tdk")]
SPACED = st.sampled_from(["{}", " {}", "{} ", "{}.", "\u00a0{}"])
WRITING = st.sampled_from([str.upper, str.lower, str.title])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(PAIRS), st.lists(st.tuples(st.booleans(), WRITING, SPACED), min_size=1, max_size=12))
def test_any_writing_comes_back(pair: tuple[str, str], cells: list) -> None:
    texts = [shape.format(writing(pair[0] if value else pair[1])) for value, writing, shape in cells]
    values, doubts = convert(encode(texts), USE)
    wanted = np.array([float(value) for value, _, _ in cells])
    refused = np.isnan(values.to_numpy())
    assert (values.to_numpy()[~refused] == wanted[~refused]).all()
    # Only a "T" that stands without its counterpart may be refused.
    alone = len({value for value, _, _ in cells}) == 1
    assert not refused.any() or (alone and "T" in pair)
    assert bool(doubts) == bool(refused.any())


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(max_size=8))
def test_nothing_else_is_read(text: str) -> None:
    from analysis.ingest.headers import plain

    value = read_yes_no(text)
    if isinstance(value, bool):
        assert plain(text) in YES | NO


@pytest.mark.parametrize("text", ["T", "t.", "tidak ada", "Tidak ada"])
def test_what_may_be_either_is_refused(text: str) -> None:
    values, doubts = convert(encode([text]), USE)
    assert values.isna().all()
    assert [(doubt.severity, doubt.rule) for doubt in doubts] == [("error", "unclear_yes_or_no")]
    assert read_yes_no("t", ["t", "y", "f"]) == "unclear"


@pytest.mark.parametrize("text", ["2", "v", "x", "√", "mungkin", "1,5", "ya/tidak"])
def test_what_is_neither_is_refused(text: str) -> None:
    _, doubts = convert(encode([text]), USE)
    assert [(doubt.severity, doubt.rule) for doubt in doubts] == [("error", "not_yes_or_no")]


def test_missing_words_stay_missing() -> None:
    values, doubts = convert(encode(["ya", "-", "n/a", ""]), USE)
    assert values.isna().tolist() == [False, True, True, True]
    assert doubts == []
