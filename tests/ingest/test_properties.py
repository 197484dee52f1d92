"""Whatever the dialect, the same values come back or an ambiguous cell is named; never a wrong value, never a crash."""

from __future__ import annotations

import datetime
import math
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.ingest import load_tables, read_table
from analysis.ingest.dates import read_date, read_period
from analysis.ingest.numbers import read_number

sys.path.insert(0, str(Path(__file__).parent))

from dialects import Written, files

COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def check(written: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = read_table(written.save(Path(folder)), written.table)
    errors = [item for item in found.findings if item.severity == "error"]
    for item in errors:
        assert item.rule in ("ambiguous_number", "more_of_a_kind"), (item, written)
        assert item.value in written.ambiguous
        assert _is_ambiguous(item.value)
    if errors:
        assert found.frame is None
        return
    assert found.frame is not None
    assert len(found.frame) == len(next(iter(written.values.values())))
    for name, values in written.values.items():
        for got, wanted in zip(found.frame[name], values, strict=True):
            assert _same(got, wanted), (name, got, wanted, written)


def _is_ambiguous(text: str) -> bool:
    return read_number(text).ambiguous


def _same(got: object, wanted: object) -> bool:
    if wanted is None:
        return got is None or got != got
    if isinstance(wanted, datetime.date):
        return got.date() == wanted
    if isinstance(wanted, float):
        # One rounding: decimals of the text, then the nearest float.
        return math.isclose(got, wanted, rel_tol=1e-15, abs_tol=0)
    return got == wanted


@settings(max_examples=120, **COMMON)
@given(files())
def test_any_dialect_gives_the_same_values(written: Written) -> None:
    check(written)


@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
@settings(max_examples=20_000, **COMMON)
@given(files())
def test_twenty_thousand_files(written: Written) -> None:
    check(written)


@settings(max_examples=150, **COMMON)
@given(
    st.binary(max_size=400),
    st.sampled_from([".csv", ".txt", ".xlsx", ".xls", ".parquet"]),
    st.sampled_from(sorted(load_tables())),
)
def test_arbitrary_bytes_are_refused_without_a_crash(content: bytes, suffix: str, table: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(content)
        found = read_table(path, table)
    assert found.frame is None
    assert any(item.severity == "error" for item in found.findings)


@settings(max_examples=500, **COMMON)
@given(st.text("0123456789.,- RpjutamilarME%()'", max_size=14))
def test_a_number_is_never_read_beyond_its_notations(text: str) -> None:
    readings = read_number(text)
    digits = [c for c in text if c.isdigit()]
    if not digits:
        assert (readings.id, readings.en) == (None, None)
    if readings.ambiguous:
        assert readings.certain is None


@settings(max_examples=500, **COMMON)
@given(st.text("0123456789/-. ISemestrwulanTMar:", max_size=18))
def test_dates_and_periods_never_crash(text: str) -> None:
    read_date(text)
    found = read_period(text)
    assert isinstance(found, str) or found[0][4:6] == "-S"


@settings(max_examples=300, **COMMON)
@given(st.integers(0, 10**12), st.integers(0, 3), st.sampled_from(["id", "en"]))
def test_grouped_decimals_are_exact(units: int, places: int, notation: str) -> None:
    value = units / 10**places
    text = f"{units // 10**places:,}" + (f".{units % 10**places:0{places}}" if places else "")
    if notation == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    readings = read_number(text)
    assert value in (readings.id, readings.en)


@settings(max_examples=60, **COMMON)
@given(
    st.sampled_from([("calculated_formula.xlsx", "budget"), ("old_excel.xls", "units"), ("typed.parquet", "survey")]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_a_file_with_changed_bytes_never_crashes(source: tuple[str, str], changes: list[tuple[float, int]]) -> None:
    name, table = source
    content = bytearray((Path(__file__).parents[1] / "files" / name).read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        found = read_table(path, table)
    assert (found.frame is None) == any(item.severity == "error" for item in found.findings)
