"""Cells that mean more than they hold: merged downwards, or a half-year whose year stands in another column."""

from __future__ import annotations

import re

import numpy as np

from analysis.ingest.cells import EMPTY, Cell, CellColumn, Sheet, from_distinct
from analysis.ingest.findings import finding
from analysis.ingest.headers import Layout, Use, plain
from analysis.results import Finding

# Merged amounts or answers are not repeated: one budget for three units is not three budgets.
REPEATED_TYPES = ("identifier", "region", "period", "year", "name")
_HALF_HEADERS = re.compile(r"^(semester|smt|sem|triwulan|tw|periode)$")
_YEAR_HEADERS = ("tahun", "thn", "year", "tahun survei", "tahun pelaksanaan")


def prepared(sheet: Sheet, layout: Layout, use: Use) -> tuple[CellColumn, list[Finding]]:
    """Return the cells of a column as they are meant.

    Returns
    -------
    cells
        All rows of the sheet.
    findings
        A warning if merged cells were repeated.
    """
    cells = sheet.columns[use.position]
    if use.column.type == "period":
        cells = _with_year(sheet, layout, use, cells)
    merged = [
        (first, last) for first, last, column in sheet.merged if column == use.position and last >= layout.first_row
    ]
    if not merged or use.column.type not in REPEATED_TYPES:
        return cells, []
    codes = cells.codes.copy()
    for first, last in merged:
        codes[first : last + 1] = codes[first]
    row = max(layout.first_row, merged[0][0]) + sheet.first_row
    note = finding("warning", sheet.file, "merged_repeated", sheet=sheet.name, row=row, column=use.place, n=len(merged))
    return CellColumn(cells.distinct, codes), [note]


def year_position(layout: Layout) -> int | None:
    """Return the column that holds the years of the half-years, if they stand in one of their own."""
    period = next((use for use in layout.uses if use.column.type == "period"), None)
    years = [position for position, label in enumerate(layout.labels) if plain(label) in _YEAR_HEADERS]
    if period is None or not _HALF_HEADERS.match(plain(period.header)) or len(years) != 1:
        return None
    return None if years[0] in {use.position for use in layout.uses} else years[0]


def _with_year(sheet: Sheet, layout: Layout, use: Use, cells: CellColumn) -> CellColumn:
    """Join "Semester" (I, 2) and "Tahun" (2024) where an export keeps them in two columns."""
    position = year_position(layout)
    if position is None:
        return cells
    header, other = plain(use.header), sheet.columns[position]
    pairs, codes = np.unique(np.stack([cells.codes, other.codes]), axis=1, return_inverse=True)
    joined = [_joined(header, cells.distinct[half], other.distinct[year]) for half, year in pairs.T]
    return from_distinct(joined, codes.ravel().astype(np.int64))


def _joined(header: str, half: Cell, year: Cell) -> Cell:
    if EMPTY in (half.kind, year.kind):
        return Cell("", EMPTY) if half.kind == year.kind else Cell(f"{half.text} {year.text}".strip())
    text = plain(half.text)
    if year.text in text.split():
        return half
    return Cell(f"{half.text} {year.text}" if header in text or len(text) > 3 else f"{header} {half.text} {year.text}")
