"""A file is searched as one text first: whatever stands in one of its parts is found there too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import Gate, make_fingerprints
from analysis.disclosure.gate import _BETWEEN

NAMED = "zulkarnain pattiwael"
GATE = Gate(make_fingerprints(b"k" * 32, {"name": [NAMED], "number": ["130123456"]}))
TELLING = ("198001012005011001", "9671014101800001", "081234567890", "+62 411 123456", "a@contoh.go.id", NAMED,
           "130123456", "1.98001012005011e+17")  # fmt: skip
EDGES = ("", "0", "7", ".", ",", ":", "[", "(", " ", "\n", "\x00", "a", "f", "-", "+62 ", "8", "e+17", "@", "08")
TEXT = st.tuples(st.sampled_from(EDGES), st.sampled_from((*TELLING, "", "80,5", "angka")), st.sampled_from(EDGES))


@settings(deadline=None)
@given(parts=st.lists(TEXT.map("".join), min_size=1, max_size=5))
def test_all_parts_together_hold_what_each_of_them_holds(parts: list[str]) -> None:
    alone = set().union(*(GATE.kinds(part) for part in parts))
    assert alone <= GATE.kinds(_BETWEEN.join(parts))


@pytest.mark.parametrize("text", TELLING)
def test_each_of_the_texts_is_telling(text: str) -> None:
    assert GATE.kinds(text)


def test_parts_that_are_harmless_alone_are_no_hit_together() -> None:
    page = '<g id="a">x zulkarnain</g><g id="b">pattiwael x</g>'
    assert GATE.kinds("zulkarnain\npattiwael") == {"name"}
    assert GATE.search("a.html", page.encode()) == []
    assert GATE.search("b.csv", b"zulkarnain,1\n1,pattiwael\n") == []
