"""Which rows below the header hold data: not blank ones, totals, repeated headers or the signatures at the end."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from analysis.ingest.cells import EMPTY, NUMBER, CellColumn, IntArray, Sheet
from analysis.ingest.headers import Layout, plain

_TOTAL = re.compile(
    r"^(?:(?:sub|grand) ?)?(?:jumlah|total|jml|rata rata|rerata|average|sum)"
    r"(?: (?:total|seluruh|seluruhnya|keseluruhan|umum|semua|nilai|per unsur|nrr.*|unit|data|baris))*$"
)
_TOTAL_STARTS = frozenset("jtrsgabinm")
# Lines of figures under a survey: "NRR per unsur", "IKM unit pelayanan", "Mutu pelayanan".
_RESULT = re.compile(
    r"^(?:nrr|snrr|ikm|bobot|nilai (?:rata rata|ikm|indeks|unsur)|indeks|mutu (?:pelayanan|layanan))\b"
)
_KEY_TYPES = ("identifier", "region", "period", "year", "respondent", "date", "nip")
_FOOTER = re.compile(
    r"\b(mengetahui|menyetujui|kepala|nip|sekretaris|ttd|tanda tangan|catatan|keterangan|sumber|dicetak|ket|pangkat|"
    r"pembina|bupati|wali kota|gubernur|source|note|notes|printed|signed|"
    r"\d{1,2} (?:januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember) \d{4})\b"
)


@dataclass(frozen=True)
class DataRows:
    """Rows of a sheet by what they are, counted from 0.

    Parameters
    ----------
    data
        Rows that hold data.
    totals, headers, footer
        Rows that were left out: sums, repeated headers or column numbers, notes and signatures.
    """

    data: IntArray
    totals: IntArray
    headers: IntArray
    footer: IntArray


def classify(sheet: Sheet, layout: Layout) -> DataRows:
    """Sort the rows below the header."""
    used = [sheet.columns[use.position] for use in layout.uses]
    filled = np.sum([column.flags(cell.kind != EMPTY for cell in column.distinct) for column in used], axis=0)
    anything = np.any([c.flags(cell.kind != EMPTY for cell in c.distinct) for c in sheet.columns], axis=0)
    below = np.arange(sheet.n_rows) >= layout.first_row
    headers = below & _repeats(sheet, layout)
    totals = below & ~headers & _is_total(sheet, layout, filled)
    footer = below & anything & ~headers & ~totals
    footer &= _is_footer(sheet, layout, filled, below & anything & ~headers & ~totals)
    data = below & anything & ~headers & ~totals & ~footer
    return DataRows(*(np.flatnonzero(mask) for mask in (data, totals, headers, footer)))


def _repeats(sheet: Sheet, layout: Layout) -> np.ndarray:
    """Header lines printed again on every page, and the line "(1) (2) (3)" below a header."""
    same = np.ones(sheet.n_rows, dtype=bool)
    numbered = np.ones(sheet.n_rows, dtype=bool)
    for use in layout.uses:
        column = sheet.columns[use.position]
        texts = {plain(layout.labels[use.position]), *(plain(column.cell(row).text) for row in layout.rows)} - {""}
        same &= column.flags(plain(cell.text) in texts for cell in column.distinct)
    first_number = _numbers(sheet, layout, 0)
    for use in layout.uses:
        column = sheet.columns[use.position]
        wanted = {str(use.position + 1 - shift) for shift in first_number}
        numbered &= column.flags(cell.text.strip("()") in wanted for cell in column.distinct)
    numbered &= np.arange(sheet.n_rows) == layout.first_row
    return same | (numbered & (len(layout.uses) >= 3))


def _numbers(sheet: Sheet, layout: Layout, _: int) -> tuple[int, ...]:
    """How far column numbers may lag behind positions: by the empty columns at the left."""
    leading = next((i for i, label in enumerate(layout.labels) if label), 0)
    return (leading,)


def _is_total(sheet: Sheet, layout: Layout, filled: np.ndarray) -> np.ndarray:
    """Rows whose first text says "JUMLAH" and whose identifying columns are otherwise empty."""
    hit = np.zeros(sheet.n_rows, dtype=bool)
    leading = [column for column in sheet.columns[: max(use.position for use in layout.uses) + 1]]
    undecided = np.ones(sheet.n_rows, dtype=bool)
    keys = [sheet.columns[use.position] for use in layout.uses if use.column.type in _KEY_TYPES]
    known = np.sum([column.flags(cell.kind != EMPTY for cell in column.distinct) for column in keys], axis=0)
    lone = (known <= 1) & (len(keys) > 1)
    for column in leading:
        total = column.flags(_says_total(cell.text) for cell in column.distinct)
        total |= lone & column.flags(_says_result(cell.text) for cell in column.distinct)
        blank = column.flags(cell.kind == EMPTY for cell in column.distinct)
        hit |= undecided & total
        undecided &= blank & ~total
    return hit & (filled < len(layout.uses))


def _says_result(text: str) -> bool:
    return text[:1].lower() in _TOTAL_STARTS and _RESULT.match(plain(text)) is not None


def _is_note(text: str) -> bool:
    return bool(text) and not text[:1].isdigit() and _FOOTER.search(plain(text)) is not None


def _says_total(text: str) -> bool:
    return text[:1].lower() in _TOTAL_STARTS and _TOTAL.match(plain(text)) is not None


def _is_footer(sheet: Sheet, layout: Layout, filled: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Rows at the end that fill almost none of the columns and start with a note, a place and date or a signature."""
    needed = [use for use in layout.uses if use.column.required] or list(layout.uses)
    columns: list[CellColumn] = [sheet.columns[use.position] for use in needed]
    full = np.sum([c.flags(cell.kind != EMPTY for cell in c.distinct) for c in columns], axis=0)
    spoken = np.sum([c.flags(_is_note(cell.text) for cell in c.distinct) for c in columns], axis=0)
    numbers = np.sum([c.flags(cell.kind == NUMBER for cell in c.distinct) for c in sheet.columns], axis=0)
    # A row with a real value in a needed column is an incomplete data row unless it stands alone.
    empty_of_data = (full == spoken) | ((filled <= 1) & (len(needed) > 1))
    sparse = candidates & empty_of_data & (full < len(needed)) & (numbers == 0)
    footer = np.zeros(sheet.n_rows, dtype=bool)
    rows = np.flatnonzero(candidates)
    end = len(rows)
    while end and sparse[rows[end - 1]]:
        end -= 1
    tail = rows[end:]
    speaking = [row for row in tail if any(_is_note(cell.text) for cell in sheet.row(int(row)))]
    # What stands above the first note is an incomplete data row, and is reported as such.
    footer[tail[tail >= min(speaking)] if speaking else []] = True
    return footer
