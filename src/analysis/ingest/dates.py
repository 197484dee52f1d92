"""Dates and half-years as offices write them; day before month, and nothing that may be read in two ways."""

from __future__ import annotations

import datetime
import re

from analysis.ingest.headers import plain

MONTHS = {
    **{"januari": 1, "februari": 2, "maret": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7, "agustus": 8},
    **{"september": 9, "oktober": 10, "november": 11, "desember": 12, "nopember": 11, "pebruari": 2},
    **{"january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "october": 10},
    **{"december": 12, "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "agu": 8, "agt": 8},
    **{"ags": 8, "agust": 8, "aug": 8, "sep": 9, "sept": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11},
    **{"des": 12, "dec": 12},
}
_ORDINALS = {
    **{"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4, "01": 1, "02": 2},
    **{"pertama": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "kesatu": 1},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4},
}
_HALF_WORDS = r"(?:semester|smt|sem|smtr|smstr|s|h|half|half year|paruh)"
_QUARTER_WORDS = r"(?:triwulan|tw|triw|q|quarter|kuartal)"
_ORDINAL = rf"({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
_YEAR = r"((?:19|20)\d\d)"
_YEAR_WORDS = r"(?:tahun|thn|th|ta|t a|year)?"
_CLOCK = re.compile(r"[ T,]*(?:pukul|jam)?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(.*)$")
_ZONES = ("", "wib", "wita", "wit")
_OFFSET = re.compile(r"^(?:utc|gmt)?\s*([+-])(\d{2}):?(\d{2})$")
# Excel counts days from the end of 1899; the year 1900 was no leap year, which matters before March 1900 only.
_EXCEL_START = datetime.date(1899, 12, 30)
# From 2000 to 2100; 20241, which somebody means as "2024, first half", is none of these days.
SERIAL_RANGE = (36_526, 73_415)


def read_date(text: str) -> datetime.date | str:
    """Read a date.

    Parameters
    ----------
    text
        ``"2024-03-05"``, ``"05/03/2024"`` (day first), ``"5 Maret 2024"``, ``"Senin, 5 Mar 2024 14.30 WIB"``, ISO with
        a time zone. The clock time is checked and left out: the date is that of the office's own wall clock.

    Returns
    -------
    datetime.date or str
        The date, or the rule that it breaks: ``"not_a_date"``, ``"impossible_date"``, ``"month_first_date"``,
        ``"two_digit_year"``, ``"unclear_time_zone"``.
    """
    body, clock = _split_clock(text.strip())
    if clock == "bad":
        return "impossible_date"
    found = _iso(body) or _numeric(body) or _worded(body)
    if found is None:
        short = re.fullmatch(r"\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]'?\d{2}", body)
        return "two_digit_year" if short else "not_a_date"
    if isinstance(found, datetime.date) and clock and clock != "local":
        return _local_date(found, clock)
    return found


def _split_clock(text: str) -> tuple[str, str]:
    """Return the text without a clock time, and "" (none), "local", "bad" or "hh:mm±hhmm" (with a stated offset)."""
    found = re.search(r"(?<=\d)[ T,]+(?:pukul |jam )?\d{1,2}[:.]\d{2}.*$", text, re.IGNORECASE)
    if found is None:
        return text, ""
    match = _CLOCK.match(found[0].lower().replace("t", " ", 1) if found[0][0] in "Tt" else found[0].lower())
    if match is None:
        return text, ""
    hour, minute, zone = int(match[1]), int(match[2]), match[4].strip(" .()")
    if hour > 24 or minute > 59:
        return text[: found.start()].rstrip(" ,"), "bad"
    offset = "+0000" if zone == "z" else "".join(_OFFSET.match(zone).groups()) if _OFFSET.match(zone) else ""  # type: ignore[union-attr]
    if not offset and zone not in _ZONES:
        return text, ""
    return text[: found.start()].rstrip(" ,"), f"{hour:02}:{minute:02}{offset}" if offset else "local"


def _local_date(day: datetime.date, clock: str) -> datetime.date | str:
    """Return the date in Indonesia of a time with a stated offset, if all three of its zones agree on it."""
    sign = 1 if clock[5] == "+" else -1
    offset = sign * (int(clock[6:8]) * 60 + int(clock[8:10]))
    if offset in (420, 480, 540):
        return day
    minutes = int(clock[:2]) * 60 + int(clock[3:5]) - offset
    days = {(minutes + zone) // 1440 for zone in (420, 480, 540)}
    return day + datetime.timedelta(days=days.pop()) if len(days) == 1 else "unclear_time_zone"


def _iso(text: str) -> datetime.date | str | None:
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    return _date(int(match[1]), int(match[2]), int(match[3])) if match else None


def _numeric(text: str) -> datetime.date | str | None:
    match = re.fullmatch(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4})", text)
    if match is None:
        return None
    day, month, year = int(match[1]), int(match[3]), int(match[4])
    if month > 12 and day <= 12:
        return "month_first_date"
    return _date(year, month, day)


def _worded(text: str) -> datetime.date | str | None:
    words = re.sub(r"^(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|\w+day)\b[ ,]*", "", text.lower())
    words = re.sub(r"[-/.,]+", " ", words)
    match = re.fullmatch(r"(\d{1,2})\s*(?:st|nd|rd|th)?\s+([a-z]+)\s+(\d{4})", " ".join(words.split()))
    if match and match[2] in MONTHS:
        return _date(int(match[3]), MONTHS[match[2]], int(match[1]))
    match = re.fullmatch(r"([a-z]+)\s+(\d{1,2})\s*(?:st|nd|rd|th)?\s+(\d{4})", " ".join(words.split()))
    return _date(int(match[3]), MONTHS[match[1]], int(match[2])) if match and match[1] in MONTHS else None


def _date(year: int, month: int, day: int) -> datetime.date | str:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return "impossible_date"


def from_serial(number: float) -> datetime.date | None:
    """Return the date of an Excel day number (2000 to 2100), or None."""
    if not SERIAL_RANGE[0] <= number <= SERIAL_RANGE[1]:
        return None
    return _EXCEL_START + datetime.timedelta(days=int(number))


def read_period(text: str) -> tuple[str, str | None] | str:
    """Read a half-year.

    Parameters
    ----------
    text
        ``"2024-S1"``, ``"Semester I 2024"``, ``"Sem. 2 Tahun 2024"``; a quarter, a month or a date lies in one
        half-year and is read as that.

    Returns
    -------
    tuple or str
        Half-year such as ``"2024-S1"`` with what it was folded from (``"quarter"``, ``"month"``, ``"date"`` or None);
        or the rule that the text breaks: ``"not_a_period"``, ``"year_is_no_period"``, ``"unclear_period"``.
    """
    words = plain(re.sub(r"(?<=\d)(?=[a-zA-Z])|(?<=[a-zA-Z])(?=\d)", " ", text.replace("'", "")))
    found = _half(words) or _quarter(words) or _months(words)
    if found is not None:
        return found
    if re.fullmatch(rf"{_YEAR_WORDS}\s*{_YEAR}", words):
        return "year_is_no_period"
    if re.fullmatch(
        rf"{_YEAR} [12]|[12] {_YEAR}|{_YEAR}[12]|(?:periode|tahap) {_ORDINAL} {_YEAR_WORDS} ?{_YEAR}", words
    ):
        return "unclear_period"
    return _month_number(text.strip()) or _dated(text)


def _half(words: str) -> tuple[str, None] | None:
    for pattern, year, part in (
        (rf"{_HALF_WORDS} {_ORDINAL}(?: {_YEAR_WORDS})? ?{_YEAR}", 2, 1),
        (rf"{_YEAR} {_HALF_WORDS} {_ORDINAL}", 1, 2),
        (rf"{_ORDINAL} half {_YEAR}", 2, 1),
    ):
        match = re.fullmatch(pattern, words)
        if match and _ORDINALS[match[part]] <= 2:
            return f"{match[year]}-S{_ORDINALS[match[part]]}", None
    return None


def _quarter(words: str) -> tuple[str, str] | None:
    for pattern, year, part in (
        (rf"{_QUARTER_WORDS} {_ORDINAL}(?: {_YEAR_WORDS})? ?{_YEAR}", 2, 1),
        (rf"{_YEAR} {_QUARTER_WORDS} {_ORDINAL}", 1, 2),
    ):
        match = re.fullmatch(pattern, words)
        if match:
            return f"{match[year]}-S{1 if _ORDINALS[match[part]] <= 2 else 2}", "quarter"
    return None


def _months(words: str) -> tuple[str, str | None] | None:
    match = re.fullmatch(
        rf"(?:bulan )?([a-z]+)(?: (?:sd|s d|sampai|sampai dengan|to)? ?([a-z]+))? {_YEAR_WORDS} ?{_YEAR}", words
    )
    if match is None or match[1] not in MONTHS:
        return None
    last = match[2] or match[1]
    if last not in MONTHS:
        return None
    halves = {MONTHS[match[1]] > 6, MONTHS[last] > 6}
    if len(halves) == 2 or MONTHS[match[1]] > MONTHS[last]:
        return None
    whole = MONTHS[last] - MONTHS[match[1]] == 5
    return f"{match[3]}-S{1 + halves.pop()}", None if whole else "month"


def _month_number(text: str) -> tuple[str, str] | None:
    match = re.fullmatch(rf"{_YEAR}[-/](0[1-9]|1[0-2])", text) or re.fullmatch(rf"(0[1-9]|1[0-2])[-/]{_YEAR}", text)
    if match is None:
        return None
    year, month = (match[1], match[2]) if len(match[1]) == 4 else (match[2], match[1])
    return f"{year}-S{1 if int(month) <= 6 else 2}", "month"


def _dated(text: str) -> tuple[str, str] | str:
    day = read_date(text)
    if isinstance(day, str):
        return "not_a_period" if day in ("not_a_date", "two_digit_year") else day
    return half_year(day), "date"


def half_year(day: datetime.date) -> str:
    """Return the half-year in which a date lies."""
    return f"{day.year}-S{1 if day.month <= 6 else 2}"


def read_year(text: str) -> int | None:
    """Read a year, also after "TA" or "Tahun"."""
    match = re.fullmatch(rf"(?:tahun|thn|th|ta|t a|tahun anggaran|fy)? ?{_YEAR}", plain(text))
    return int(match[1]) if match else None
