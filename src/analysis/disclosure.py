"""Nothing that identifies a person leaves the study: small cells and identifiers.

Thresholds are the house's own (no law names one); they follow the practice of statistical offices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from analysis.errors import DisclosureError

MIN_RESPONDENTS = 10
PLACE = ("region_code", "unit_id", "unit_name", "service_type", "period", "n")

_DIGITS = re.compile(r"(?<![\d.,A-Za-z])\d{16}(?![\d])|(?<![\d.,A-Za-z])\d{18}(?![\d])")
_GROUPED_NIP = re.compile(r"(?<!\d)(\d{8})[ .\-\u00a0](\d{6})[ .\-\u00a0](\d)[ .\-\u00a0](\d{3})(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?<![\w.,-])(?:\+62[ -]?|08)[ -]?\d{2,3}[ -]?\d{3,4}[ -]?\d{3,5}(?![\w])")
_TEXT_SUFFIXES = {".html", ".csv", ".json", ".svg", ".xml", ".txt", ".js", ".css", ".md"}


def suppress_small_cells(table: pd.DataFrame, count: str, minimum: int = MIN_RESPONDENTS) -> pd.DataFrame:
    """Blank every figure of the rows that rest on fewer than `minimum` respondents.

    Parameters
    ----------
    table
        Rows with the number of respondents in column `count`; other columns of `PLACE` are kept.
    count
        Column of the number of respondents; itself blanked in these rows.
    minimum
        Smallest number that may be shown.
    """
    shown = table.copy()
    small = shown[count] < minimum
    figures = [name for name in shown.columns if name not in PLACE or name == count]
    shown[figures] = shown[figures].where(~small)
    return shown


def find_identifiers(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for each personal identifier: ``nip``, ``nik``, ``email``, ``phone``.

    A number counts as NIP (18 digits: birth date, date of appointment or contract, sex, serial; Perka BKN 22/2007)
    or NIK (16 digits: area, birth date with 40 added for women, serial) only if the dates in it exist: patterns
    without this check fire on ordinary figures.
    """
    for match in _DIGITS.finditer(text):
        number = match.group()
        if len(number) == 18 and is_nip(number):
            yield "nip", number
        if len(number) == 16 and is_nik(number):
            yield "nik", number
    for match in _GROUPED_NIP.finditer(text):
        if is_nip("".join(match.groups())):
            yield "nip", match.group()
    for kind, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        for match in pattern.finditer(text):
            yield kind, match.group()


def is_nip(number: str) -> bool:
    """Whether 18 digits form a possible NIP (PNS) or NI PPPK, whose month pair may exceed 12."""
    born = _date(number[:4], number[4:6], number[6:8])
    hired = int(number[8:12])
    return born is not None and 1940 <= born.year <= 2015 and 1960 <= hired <= 2049 and number[14] in "12"


def is_nik(number: str) -> bool:
    """Whether 16 digits form a possible NIK (or family-card number, which has the same shape)."""
    day = int(number[6:8]) - (40 if int(number[6:8]) > 40 else 0)
    area = 11 <= int(number[:2]) <= 97 and 1 <= int(number[2:4]) <= 79 and 1 <= int(number[4:6]) <= 50
    return area and _date("2000", number[8:10], f"{day:02d}") is not None


def refuse_identifiers(folder: Path) -> None:
    """Search every text file of a release before it is published.

    Raises
    ------
    DisclosureError
        With file and kind of the first identifier found, never the identifier itself.
    """
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _TEXT_SUFFIXES):
        for kind, _ in find_identifiers(path.read_text(encoding="utf-8")):
            raise DisclosureError("disclosure.identifier", file=path.relative_to(folder).as_posix(), kind=kind)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
