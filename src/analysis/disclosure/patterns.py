"""Personal identifiers by their form: NIP, NIK, telephone numbers, e-mail addresses.

A number counts only if the dates in it exist and the place in it is one of the country's: patterns without these
checks fire on ordinary figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from analysis.catalog import load_catalog
from analysis.disclosure.rules import load_rules

NIP_DIGITS, NIK_DIGITS = 18, 16
SEX = 14
"""Place of the sex in a NIP, counted from 0."""
# Blanks that print but are not in \s of a file: no-break, figure, thin, narrow.
_GAP = r"[ \t.\-_/'’`\u00a0\u2007\u2009\u202f\u2010-\u2013]"
_CLUSTER = re.compile(rf"[0-9](?:{_GAP}{{0,2}}[0-9]){{7,}}")
_DIGITS = re.compile(r"[0-9]+")
_DECIMAL_BEFORE, _DECIMAL_AFTER = re.compile(r"[0-9]\."), re.compile(r"\.[0-9]")
_FLOAT = re.compile(r"(?<![\w.])([1-9])[.,]([0-9]{6,17})[eE]\+?(1[57])(?![0-9])")
_EXPONENT = re.compile(r"[eE]\+?1[57](?![0-9])")
_DOMAIN = re.compile(r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]+\Z")
_LONGEST_MAILBOX, _LONGEST_FLOAT = 64, 24
_PHONE = re.compile(
    r"(?<![\w.,])(?:\(?(?:\+|00)62\)?[ .\-]?\(?0?\)?|0|62(?=8))(8[1-9][0-9]|2[124]|[2-79][0-9]{2})\)?[ .\-]?"
    r"([0-9]{3,4})[ .\-]?([0-9]{3,5})(?![\w]|[.,][0-9])"
)
_HEX = re.compile(r"[0-9a-f]{24,}|[0-9A-F]{24,}")
# How the digits of a NIP and a NIK are grouped in print; any other grouping is a row of figures.
NIP_GROUPS = ((18,), (8, 6, 1, 3), (8, 6, 4), (8, 10), (8, 4, 2, 1, 3), (4, 2, 2, 4, 2, 1, 3), (9, 9), (6, 6, 6),
              (3, 3, 3, 3, 3, 3), (14, 1, 3), (14, 4), (8, 6, 2, 2), (4, 4, 4, 4, 2), (8, 7, 3), (15, 3))  # fmt: skip
NIK_GROUPS = ((16,), (6, 6, 4), (4, 4, 4, 4), (2, 2, 2, 6, 4), (2, 2, 2, 2, 2, 2, 4))
_GROUPED = frozenset(NIP_GROUPS + NIK_GROUPS)
_MOST_GROUPS = max(len(sizes) for sizes in _GROUPED)
_FIRST_BIRTH, _LAST_BIRTH = 1930, 2012
_YOUNGEST, _OLDEST = 15, 70
# Codes of provinces that hold on to numbers given out before the provinces were split are still in use.
_SIGNS_BEFORE = 14
"""So far before a run of digits a telephone number may begin: brackets end a run, as in (+62) (812)."""
_OPERATORS = frozenset(
    str(number)
    for span in (
        (811, 820),
        (821, 824),
        (828, 829),
        (831, 834),
        (838, 839),
        (851, 854),
        (855, 860),
        (877, 880),
        (881, 890),
        (895, 900),
    )
    for number in range(*span)
)
_LAST_PART = {"regency": range(1, 70), "city": range(71, 100)}


class Found(NamedTuple):
    """An identifier in a text: its kind (``nip``, ``nik``, ``email``, ``phone``), its text and where it starts."""

    kind: str
    text: str
    start: int


def find_identifiers(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for each personal identifier: ``nip``, ``nik``, ``email``, ``phone``; see `locate`."""
    for found in locate(text):
        yield found.kind, found.text


def locate(text: str, runs: Sequence[re.Match[str]] | None = None) -> Iterator[Found]:
    """Yield every personal identifier of a text with its place; `runs` are those of `digit_runs` if they are known.

    NIP and NI PPPK (18 digits: birth date, date of appointment or contract, sex, serial; Perka BKN 22/2007) and NIK
    (16 digits: area, birth date with 40 added for women, serial) are found plain, grouped by blanks, dots or dashes,
    and as the damaged floats that spreadsheets make of them.
    """
    for run in digit_runs(text) if runs is None else runs:
        yield from _of_run(text, run)
    if "e+1" in text or "E+1" in text or "E1" in text:
        yield from _floats(text)
    if "@" in text:
        yield from _addresses(text)


def _floats(text: str) -> Iterator[Found]:
    """Yield numbers that a spreadsheet has damaged, looked for from their exponents, of which there are few."""
    for exponent in _EXPONENT.finditer(text):
        for match in _FLOAT.finditer(text, max(0, exponent.start() - _LONGEST_FLOAT), exponent.end() + 1):
            kind = damaged_kind(match) if match.end() == exponent.end() else None
            if kind:
                yield Found(kind, match.group(), match.start())


def _addresses(text: str) -> Iterator[Found]:
    """Yield addresses that are not public, looked for from their signs, of which there are few."""
    end = 0
    for domain in _DOMAIN.finditer(text):
        low = max(end, domain.start() - _LONGEST_MAILBOX)
        mailbox = _MAILBOX.search(text, low, domain.start())
        if mailbox:
            end = domain.end()
            address = mailbox.group() + domain.group()
            if address not in load_rules().public_addresses:
                yield Found("email", address, mailbox.start())


def digit_runs(text: str) -> Iterator[re.Match[str]]:
    """Yield every run of eight digits or more, also grouped by blanks, dots or dashes."""
    return _CLUSTER.finditer(text)


def _of_run(text: str, run: re.Match[str]) -> Iterator[Found]:
    if run.end() - run.start() >= NIK_DIGITS:
        yield from _numbers(text, run)
    low, high = max(0, run.start() - _SIGNS_BEFORE), run.end() + 2
    for match in _PHONE.finditer(text, low, high):
        known = match.group() in load_rules().public_addresses or _in_row_of_numbers(text, match)
        if match.end() > run.start() and is_phone(match.group()) and not known:
            yield Found("phone", match.group(), match.start())


def _numbers(text: str, run: re.Match[str]) -> Iterator[Found]:
    """Yield NIP and NIK in a run of digits."""
    parts = list(_DIGITS.finditer(text, run.start(), run.end()))
    for first, last in _windows([len(part.group()) for part in parts]):
        kind = number_kind("".join(part.group() for part in parts[first : last + 1]))
        start, end = parts[first].start(), parts[last].end()
        if kind and _stands_alone(text, start, end):
            yield Found(kind, text[start:end], start)


def _windows(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last group of every run that is grouped like a NIP or NIK in print.

    A run of equal groups counts only if no further group stands beside it: rows of figures have equal groups too.
    """
    for first in range(len(sizes)):
        for last in range(first, min(first + _MOST_GROUPS, len(sizes))):
            run = tuple(sizes[first : last + 1])
            if run in _GROUPED and (len(run) == 1 or len(set(run)) > 1 or len(run) == len(sizes)):
                yield first, last


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether digits are neither a number with decimals, nor part of a digest, nor split by unlike signs."""
    gaps = re.findall(r"[^0-9]+", text[start:end])
    dotted = gaps[:1] == ["."]
    if len(set(gaps)) > 1 or (dotted and len(gaps) == 1):
        return False
    if not dotted and (_DECIMAL_BEFORE.fullmatch(text[max(0, start - 2) : start]) or _DECIMAL_AFTER.match(text, end)):
        return False
    low, high = max(0, start - 128), end + 128
    digests = (m for m in _HEX.finditer(text, low, high) if re.search(r"[a-fA-F]", m.group()))
    return not any(m.start() <= start and end <= m.end() for m in digests)


def damaged_kind(match: re.Match[str]) -> str | None:
    """Return what a number in scientific notation was before a spreadsheet kept 15 digits of it.

    The fifteenth digit, the sex in a NIP, is rounded with what follows and may be one too large or too small.
    """
    exponent = int(match.group(3))
    digits = (match.group(1) + match.group(2))[: exponent + 1].ljust(exponent + 1, "0")
    if len(digits) == NIP_DIGITS and digits[SEX] in "0123":
        digits = f"{digits[:SEX]}1{digits[SEX + 1 :]}"
    return number_kind(digits)


def number_kind(digits: str) -> str | None:
    """Return ``nip`` or ``nik`` for 18 or 16 digits that can be one, else None."""
    if len(digits) == NIP_DIGITS and is_nip(digits):
        return "nip"
    return "nik" if len(digits) == NIK_DIGITS and is_nik(digits) else None


def is_nip(number: str) -> bool:
    """Whether 18 digits form a possible NIP (PNS) or NI PPPK, whose month pair may exceed 12."""
    born = _date(number[:4], number[4:6], number[6:8])
    if born is None or not _FIRST_BIRTH <= born.year <= _LAST_BIRTH:
        return False
    age = int(number[8:12]) - born.year
    return _YOUNGEST <= age <= _OLDEST and number[12:14] != "00" and number[SEX] in "12"


def is_nik(number: str) -> bool:
    """Whether 16 digits form a possible NIK (or family-card number, which has the same shape).

    The area is one of the country's provinces, with a regency (01 to 69) or city (71 to 99); numbers keep the area
    that their holder had before provinces were split.
    """
    day = int(number[6:8]) - (40 if int(number[6:8]) > 40 else 0)
    area = number[:2] in _provinces() and int(number[2:4]) in _districts() and 1 <= int(number[4:6]) <= 60
    return area and _date("2000", number[8:10], f"{day:02d}") is not None


def is_phone(found: str) -> bool:
    """Whether a text is a telephone number of Indonesia: nine to twelve digits after the trunk prefix.

    Mobile numbers start with a prefix of an operator; a fixed line counts only with the country's code and its sign,
    or codes and dates would.
    """
    digits = re.sub(r"[^0-9]", "", found)
    national = re.sub(r"^(?:00)?620?|^0", "", digits)
    if national.startswith("8"):
        return 9 <= len(national) <= 12 and national[:3] in _OPERATORS
    return 9 <= len(national) <= 11 and found.lstrip("(").startswith(("+", "0062"))


def _in_row_of_numbers(text: str, match: re.Match[str]) -> bool:
    """Whether plain digits that start with 62 stand in a list of numbers, where amounts look the same."""
    before = text[max(0, match.start() - 2) : match.start()].rstrip()
    return match.group().isdigit() and match.group().startswith("62") and before.endswith((",", ":", "[", ";"))


@cache
def _provinces() -> frozenset[str]:
    regions = load_catalog().regions.values()
    former = {code[:2] for region in regions for code in region.former_codes}
    return frozenset({region.code[:2] for region in regions} | former)


@cache
def _districts() -> frozenset[int]:
    return frozenset(number for span in _LAST_PART.values() for number in span)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
