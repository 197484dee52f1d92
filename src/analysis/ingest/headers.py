"""Finding the header and what each column holds: by name in either language, never by position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from analysis.ingest.cells import NUMBER, Sheet, letter
from analysis.ingest.identifiers import PERSONAL_HEADERS
from analysis.ingest.tables import Column, Table

SEARCHED_ROWS = 40
_ELEMENT = re.compile(r"^(?:unsur|nilai|skor|u|nrr|indikator)?\s*(?:unsur|u)\s*\.?\s*([1-9]|1[0-4])\b\s*(.*)$")
_QUESTION = re.compile(r"\b(bagaimana|pendapat|pemahaman|menurut|what|how)\b")
# "Realisasi (%)" is not the amount.
_SHARE = re.compile(r"%|\b(persen|persentase|percent|rasio)\b", re.IGNORECASE)
_NUMBERING = ("no", "nomor", "no urut", "nomor urut", "number", "nr")
_SCALES = (
    (re.compile(r"\b(ribu|ribuan|rb|thousand|thousands|000)\b"), 1e3),
    (re.compile(r"\b(juta|jutaan|jt|million|millions)\b"), 1e6),
    (re.compile(r"\b(miliar|milyar|miliaran|milyaran|billion|billions)\b"), 1e9),
)
_MONEY = re.compile(r"\b(rp|rupiah|idr)\b|\bdalam\b|\bin\b")


@dataclass(frozen=True)
class Use:
    """A column of the file that is read.

    Parameters
    ----------
    column
        What it holds.
    position
        Its place in the sheet; 0 is A.
    header
        Its header as written.
    factor
        What its numbers are multiplied with ("in millions of rupiah").
    misnumbered
        Number in the header that contradicts the element's name, or None.
    """

    column: Column
    position: int
    header: str
    factor: float = 1.0
    misnumbered: str | None = None

    @property
    def place(self) -> str:
        """Header and letter, as findings show it."""
        return place(self.header, self.position)


@dataclass(frozen=True)
class Layout:
    """How a sheet is laid out.

    Parameters
    ----------
    rows
        Rows of the header, counted from 0.
    uses
        Columns that are read, in the file's order.
    rivals
        Columns that claim to hold what another one in `uses` holds, with that one.
    unused, personal
        Headers that are not read, and those that are not allowed in (as shown to people).
    labels
        All headers of the sheet as written.
    """

    rows: tuple[int, ...]
    uses: tuple[Use, ...]
    rivals: tuple[tuple[Use, Use], ...]
    unused: tuple[str, ...]
    personal: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def first_row(self) -> int:
        """First row below the header, counted from 0."""
        return self.rows[-1] + 1

    def use(self, name: str) -> Use | None:
        """Return the column read as `name`."""
        return next((use for use in self.uses if use.column.name == name), None)


def place(header: str, position: int) -> str:
    """Header and letter of a column, as findings show it."""
    return f"{' '.join(header.split())} ({letter(position)})".strip()


@cache
def plain(text: str) -> str:
    """Return a header without capitals, punctuation and repeated blanks."""
    return re.sub(r"[^0-9a-z]+", " ", text.casefold()).strip()


def without_brackets(text: str) -> str:
    """Return a header without what stands in brackets."""
    return re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)


@cache
def known_headers(table: Table) -> dict[str, tuple[Column, int]]:
    """Return every header of a table in plain form, with its column and rank (0: the column's own name or label)."""
    known: dict[str, tuple[Column, int]] = {}
    for column in table.columns:
        names = [column.name, column.name.replace("_", " "), column.label.id, column.label.en, *column.headers]
        for rank, name in enumerate(names):
            known.setdefault(plain(name), (column, max(0, rank - 3)))
    return known


def match(label: str, table: Table) -> tuple[Column, int, str | None] | None:
    """Return the column that a header means, how well it fits, and a number in it that contradicts its name."""
    known = known_headers(table)
    if _SHARE.search(label):
        return None
    for text in (plain(label), plain(without_brackets(label))):
        if text in known:
            return *known[text], None
    element = _match_element(label, table, known)
    return element or _match_question(label, table)


def _match_element(
    label: str, table: Table, known: dict[str, tuple[Column, int]]
) -> tuple[Column, int, str | None] | None:
    """Match "U8 Sarana dan Prasarana": the name decides, since some programs number the elements differently."""
    found = _ELEMENT.match(plain(label))
    if found is None or "u1" not in known:
        return None
    number, name = f"u{found[1]}", found[2]
    if not name:
        return (*known[number], None) if number in known else None
    by_name = known.get(name) or known.get(plain(without_brackets(label)).removeprefix(number).strip())
    if by_name is None or not re.fullmatch(r"[UE]\d+", by_name[0].name):
        by_name = _by_keyword(name, table)
    if by_name is None:
        return None
    return by_name[0], 1, None if by_name[0].name[1:] == found[1] else found[1]


def _match_question(label: str, table: Table) -> tuple[Column, int, str | None] | None:
    """Match a header that is the question itself, as survey forms write it."""
    text = plain(label)
    if len(text.split()) < 4 or not _QUESTION.search(text):
        return None
    found = _by_keyword(text, table)
    return (*found, None) if found else None


def _by_keyword(text: str, table: Table) -> tuple[Column, int] | None:
    hits = [column for column in table.columns if any(re.search(rf"\b{word}\b", text) for word in column.keywords)]
    return (hits[0], len(hits[0].headers)) if len(hits) == 1 else None


def score(labels: Sequence[str], table: Table) -> int:
    """Return how many different columns of the table a row of headers names."""
    found = {hit[0].name for hit in (match(label, table) for label in labels if label) if hit}
    return len(found)


def find_layout(sheet: Sheet, table: Table) -> Layout | None:
    """Find the header of a sheet, on one line or two, and what its columns hold; None if no row has any.

    Parameters
    ----------
    sheet
        The sheet.
    table
        The table that it should hold.
    """
    best: tuple[int, int] = (0, 0)
    chosen: tuple[tuple[int, ...], list[str]] | None = None
    for row in range(min(SEARCHED_ROWS, sheet.n_rows)):
        for rows, labels in _readings(sheet, row, table):
            quality = (score(labels, table), -len(rows))
            if quality > best and quality[0] > 0:
                best, chosen = quality, (rows, labels)
    return _layout(sheet, table, *chosen) if chosen else None


def _readings(sheet: Sheet, row: int, table: Table) -> list[tuple[tuple[int, ...], list[str]]]:
    """Return the headers that start in a row: the row alone, and together with the next one."""
    upper = _texts(sheet, row)
    readings: list[tuple[tuple[int, ...], list[str]]] = [((row,), upper)]
    if row + 1 < sheet.n_rows and any(upper):
        readings.append(((row, row + 1), _two_lines(upper, _texts(sheet, row + 1), table)))
    return readings


def _texts(sheet: Sheet, row: int) -> list[str]:
    # A number is never a header; a data row must not look like one.
    return ["" if cell.kind == NUMBER else cell.text for cell in sheet.row(row)]


def _two_lines(upper: list[str], lower: list[str], table: Table) -> list[str]:
    """Join two lines: a merged cell above ("Unsur") stands over several below ("U1", "U2")."""
    labels, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        options = [text for text in (above if not below else "", below, f"{group} {below}".strip()) if text]
        labels.append(next((text for text in options if match(text, table)), f"{above} {below}".strip()))
    return labels


def _layout(sheet: Sheet, table: Table, rows: tuple[int, ...], labels: list[str]) -> Layout:
    claims: dict[str, list[tuple[int, Use]]] = {}
    unused, personal = [], []
    default = _stated_scale(sheet, rows[0])
    for position, label in enumerate(labels):
        hit = match(label, table) if label else None
        if hit:
            column, rank, number = hit
            factor = _factor(label, column, default)
            claims.setdefault(column.name, []).append((rank, Use(column, position, label, factor, number)))
        elif plain(label) in PERSONAL_HEADERS or plain(without_brackets(label)) in PERSONAL_HEADERS:
            personal.append(place(label, position))
        elif label and plain(label) not in _NUMBERING:
            unused.append(place(label, position))
    uses, rivals = _choose(claims)
    return Layout(rows, uses, rivals, tuple(unused), tuple(personal), tuple(labels))


def _choose(claims: dict[str, list[tuple[int, Use]]]) -> tuple[tuple[Use, ...], tuple[tuple[Use, Use], ...]]:
    """Where several columns claim the same, the better fitting header is read and the others are reported."""
    uses, rivals = [], []
    for found in claims.values():
        ranked = [use for _, use in sorted(found, key=lambda item: (item[0], item[1].position))]
        uses.append(ranked[0])
        rivals += [(other, ranked[0]) for other in ranked[1:]]
    return tuple(sorted(uses, key=lambda use: use.position)), tuple(rivals)


def _factor(label: str, column: Column, default: float) -> float:
    if column.type not in ("rupiah", "integer", "number"):
        return 1.0
    return _scale(label) or (default if column.type == "rupiah" else 1.0)


def _scale(label: str) -> float | None:
    text = plain(label)
    if not _MONEY.search(text) and "(" not in label:
        return None
    return next((factor for pattern, factor in _SCALES if pattern.search(text)), None)


def _stated_scale(sheet: Sheet, header_row: int) -> float:
    """Return the factor of a line such as "(dalam jutaan rupiah)" above the header."""
    for row in range(header_row):
        for text in _texts(sheet, row):
            stated = plain(text)
            if re.search(r"\b(rupiah|rp)\b", stated) and re.search(r"\b(dalam|in)\b", stated):
                return _scale(text) or 1.0
    return 1.0
