"""The documented parsers, text by text."""

from __future__ import annotations

import datetime

import pytest

from analysis.ingest.dates import from_serial, read_date, read_period, read_year
from analysis.ingest.identifiers import is_nik, nip_problem, normalise_nip, remove_traces
from analysis.ingest.numbers import NumberColumn, read_number
from analysis.ingest.scores import read_score, words_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("1234.567", 1234.567),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("2,5 juta", 2.5e6),
        ("1 234,5", 1234.5),
        ("Rp1,2 miliar", 1.2e9),
        ("Rp. 750.000,00", 750000),
        ("-5", -5),
        ("(1.234,50)", -1234.5),
        ("1.5E+06", 1.5e6),
        ("1,5E+06", 1.5e6),
        ("−3,5", -3.5),
        ("12,5%", 0.125),
        ("3 ribu", 3000),
        ("1'234.5", 1234.5),
        ("007", 7),
    ],
)
def test_number_with_one_meaning(text: str, value: float) -> None:
    assert read_number(text).certain == value


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1.2.3", "1,2,3", "1.23.456", "12.34.567", "5.", ".", "1,2 M", "1..2", "--5", "1 2", "0.123.456"],
)
def test_text_that_is_no_number(text: str) -> None:
    readings = read_number(text)
    assert (readings.id, readings.en) == (None, None)


@pytest.mark.parametrize(
    ("text", "as_id", "as_en"), [("125.000", 125000, 125), ("1,234", 1.234, 1234), ("-9.999", -9999, -9.999)]
)
def test_number_with_two_meanings(text: str, as_id: float, as_en: float) -> None:
    readings = read_number(text)
    assert (readings.id, readings.en, readings.certain) == (as_id, as_en, None)


def test_what_settles_an_ambiguous_number() -> None:
    readings = read_number("125.000")
    assert NumberColumn().settle(readings, frozenset()) is None
    assert NumberColumn().settle(readings, frozenset({"id"})) == 125000
    assert NumberColumn().settle(readings, frozenset({"en"})) == 125
    assert NumberColumn().settle(readings, frozenset({"id", "en"})) is None
    assert NumberColumn(integer=True).settle(readings, frozenset()) == 125000
    assert NumberColumn(maximum=1500).settle(readings, frozenset()) is None
    assert NumberColumn(maximum=100).settle(read_number("81,250"), frozenset()) == 81.25
    assert NumberColumn().settle(read_number("Rp 125.000"), frozenset()) == 125000


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", (2024, 3, 5)),
        ("05/03/2024", (2024, 3, 5)),
        ("5-3-2024", (2024, 3, 5)),
        ("5 Maret 2024", (2024, 3, 5)),
        ("Jum'at, 1 Nopember 2024 pukul 14.30 WIT", (2024, 11, 1)),
        ("March 5, 2024", (2024, 3, 5)),
        ("5th March 2024", (2024, 3, 5)),
        ("2024-03-05T10:00:00Z", (2024, 3, 5)),
        ("2024-03-05T23:00:00Z", (2024, 3, 6)),
        ("2024-03-05T23:00:00+09:00", (2024, 3, 5)),
        ("29/02/2024", (2024, 2, 29)),
    ],
)
def test_date(text: str, day: tuple[int, int, int]) -> None:
    assert read_date(text) == datetime.date(*day)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("29/02/2023", "impossible_date"),
        ("03/25/2024", "month_first_date"),
        ("5/3/24", "two_digit_year"),
        ("besok", "not_a_date"),
        ("2024-03-05T15:30:00Z", "unclear_time_zone"),
        ("5 Maret 2024 26:00", "impossible_date"),
        ("45356", "not_a_date"),
    ],
)
def test_date_that_is_refused(text: str, rule: str) -> None:
    assert read_date(text) == rule


def test_excel_day_number() -> None:
    # Excel shows 45356 as 5 March 2024.
    assert from_serial(45356) == datetime.date(2024, 3, 5)
    assert from_serial(12) is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024-S1", "2024-S1"),
        ("Semester II 2024", "2024-S2"),
        ("smt.1/2024", "2024-S1"),
        ("TW IV 2024", "2024-S2"),
        ("Juli - Desember 2024", "2024-S2"),
        ("Oktober 2024", "2024-S2"),
        ("2024-06", "2024-S1"),
        ("30/06/2024", "2024-S1"),
        ("Semester kedua Tahun 2024", "2024-S2"),
        ("2024 H1", "2024-S1"),
    ],
)
def test_period(text: str, period: str) -> None:
    found = read_period(text)
    assert not isinstance(found, str)
    assert found[0] == period


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2024", "year_is_no_period"),
        ("2024-2", "unclear_period"),
        ("20242", "unclear_period"),
        ("Mei - Agustus 2024", "not_a_period"),
        ("Semester III 2024", "not_a_period"),
        ("Periode I 2024", "unclear_period"),
        ("03/25/2024", "month_first_date"),
    ],
)
def test_period_that_is_refused(text: str, rule: str) -> None:
    assert read_period(text) == rule


def test_year() -> None:
    assert [read_year(t) for t in ("2024", "TA 2024", "T.A. 2024", "Tahun Anggaran 2024", "2024/2025", "24")] == [
        2024
    ] * 4 + [None] * 2


@pytest.mark.parametrize(
    ("name", "most", "text", "score"),
    [
        ("U1", 4, "3", 3),
        ("U1", 4, "3,0", 3),
        ("U4", 4, "Gratis", 4),
        ("U9", 4, "Cukup", 2),
        ("U6", 4, "Cukup", None),
        ("U8", 4, "Tidak ada", 1),
        ("U1", 4, "Baik (3)", 3),
        ("U1", 4, "4 - Baik", None),
        ("L1", 5, "SS", 5),
        ("L1", 5, "Kurang setuju", None),
        ("L1", 5, "Ragu-ragu", 3),
        ("U1", 4, "3,5", None),
        ("U1", 4, "A", None),
    ],
)
def test_answer(name: str, most: float, text: str, score: float | None) -> None:
    assert read_score(text, words_of(name, most)) == score


@pytest.mark.parametrize(
    "nip", ["199003042015031002", "198511172010012003", "200001012024211005", "197001012021992001"]
)
def test_valid_officer_numbers(nip: str) -> None:
    assert nip_problem(nip) is None
    spaced = f"NIP. {nip[:8]} {nip[8:14]}.{nip[14]}-{nip[15:]}"
    assert normalise_nip(spaced) == nip


@pytest.mark.parametrize(
    ("nip", "rule"),
    [
        ("199003042015031000", "nip_damaged"),
        ("1.99003042015031E+17", "nip_damaged"),
        ("131234567", "nip_old"),
        ("199002302015031002", "nip_birth_date"),
        ("199003042004031002", "nip_appointment"),
        ("199003042015034002", "nip_sex"),
        ("1509014503900001", "nip_is_nik"),
        ("1509", "nip_length"),
        ("19900304201503100x", "nip_not_digits"),
    ],
)
def test_invalid_officer_numbers(nip: str, rule: str) -> None:
    assert nip_problem(nip) == rule


def test_citizen_number() -> None:
    assert is_nik("1509014503900001")  # a woman born on 5 March 1990: day + 40
    assert is_nik("9271010503900001")
    assert not is_nik("1509013203900001")
    assert not is_nik("0009010503900001")


def test_traces_of_persons_are_removed_and_amounts_stay() -> None:
    text = "WA +62 812-3456-7890, NIP 19900304 201503 1 002; bayar Rp1.500.000 pada 05/03/2024, loket 081"
    kept = remove_traces(text)
    assert kept == "WA […], NIP […]; bayar Rp1.500.000 pada 05/03/2024, loket 081"
