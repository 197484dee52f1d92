"""What the search spares itself, repeated tags and texts without the sign of a pattern, hides no identifier."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import Gate, make_fingerprints
from analysis.disclosure.decode import _blobs, segments
from analysis.disclosure.patterns import damaged_kind, locate
from analysis.disclosure.words import fold

PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}")
PLAIN_FLOAT = re.compile(r"(?<![\w.])([1-9])[.,]([0-9]{6,17})[eE]\+?(1[57])(?![0-9])")
PLAIN_BLOB = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=_-])")
NAMED = "zulkarnain pattiwael"
GATE = Gate(make_fingerprints(b"k" * 32, {"name": [NAMED], "number": ["130123456"]}))
TELLING = ("198001012005011001", "9671014101800001", "081234567890", "a@contoh.go.id", NAMED, "130123456")
PIECES = (
    *TELLING,
    "198001 01",
    "2005011001",
    "08123",
    "4567890",
    "zulkarnain",
    "pattiwael",
    " ",
    "x",
    "80,5",
    "<",
    "&amp;",
)
TAGS = ("<b>", "</b>", "<p>", "</p>", "<td class='n'>", '<i title="x">', '<p title="130123456">', "<b data-a='x y'>",
        f'<span aria-label="{NAMED}">', "<br/>", "<!-- 081234567890 -->")  # fmt: skip


@given(text=st.text(alphabet="ab1.@-%+ ", max_size=40))
def test_addresses_are_those_of_the_whole_pattern(text: str) -> None:
    expected = [(m.start(), m.group()) for m in PLAIN_ADDRESS.finditer(text)]
    assert [(one.start, one.text) for one in locate(text) if one.kind == "email"] == expected


@pytest.mark.parametrize("n", [63, 64, 65, 200])
def test_a_long_mailbox_is_cut_as_in_the_whole_pattern(n: int) -> None:
    text = f"{'a' * n}@b.co@c.de x@y.id"
    expected = [m.group() for m in PLAIN_ADDRESS.finditer(text)]
    assert [one.text for one in locate(text) if one.kind == "email"] == expected


@given(
    parts=st.lists(
        st.sampled_from(["1.98001012005011", "e+17", "E17", "e15", " ", "0", "1", ".", "x", "9,671014101800001"]),
        max_size=8,
    )
)
def test_damaged_numbers_are_those_of_the_whole_pattern(parts: list[str]) -> None:
    text = "".join([*parts, " 1.98001012005011e+17"])
    whole = [m.group() for m in PLAIN_FLOAT.finditer(text) if damaged_kind(m)]
    found = [one.text for one in locate(text) if re.search("[eE]", one.text) and "@" not in one.text]
    assert found == whole


@settings(deadline=None, max_examples=300)
@given(parts=st.lists(st.sampled_from((*PIECES, *TAGS)), min_size=1, max_size=14))
def test_a_repeated_tag_hides_nothing_that_stands_in_it_or_beside_it(parts: list[str]) -> None:
    text = "<p>" + "".join(parts)
    found = {kind for one in segments("a.html", text.encode()) for kind in GATE.kinds(one.text)}
    stands = [*re.split("|".join(map(re.escape, TAGS)), text), *(tag for tag in TAGS if tag in parts)]
    assert {kind for piece in stands for kind in GATE.kinds(piece)} <= found
    assert GATE.kinds(re.sub(r"</?[A-Za-z!][^<>]*>", "\n", re.sub(r"</?[bi]\b[^<>]*>|<span[^<>]*>", "", text))) <= found


def test_a_number_keeps_the_neighbours_that_tell_what_it_is() -> None:
    row = "<td>081234567890</td><td>0812345678901234</td>" * 3
    read = [one.text for one in segments("a.html", row.encode())]
    assert read[0].count("081234567890<") == 3
    assert {kind for text in read for kind in GATE.kinds(text)} == {"phone"}


@given(text=st.text(alphabet="AZaz09+/=_- é<", max_size=120))
def test_words_that_may_be_base64_are_those_of_the_whole_pattern(text: str) -> None:
    longer = text + "QUJD" * 8 + text
    assert list(_blobs(longer)) == PLAIN_BLOB.findall(longer)


@given(text=st.text(max_size=60))
def test_folding_leaves_plain_letters(text: str) -> None:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text))
    plain = re.sub(r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]", "", apart)
    whole = re.sub(r"[^\w\s]", lambda m: m.group() if m.group().isascii() else " ", plain).lower()
    assert re.findall(r"[a-z0-9]+", fold(text).decode()) == re.findall(r"[a-z0-9]+", whole)
