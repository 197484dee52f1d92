"""Cells as text: what a file says before anything is made of it.

A sheet is kept column by column, each column as its distinct cells and a code per row, so that a parser looks at
every distinct text once (300,000 survey answers have four).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.messages import CONTROLS

IntArray = npt.NDArray[np.int64]

# What a cell is by the file itself. A text file knows TEXT and EMPTY only.
TEXT, NUMBER, DATE, BOOLEAN, EXCEL_ERROR, UNCALCULATED, EMPTY = range(7)


@dataclass(frozen=True)
class Cell:
    """A distinct cell: its text, stripped, and what the file itself takes it for.

    A number is written with a decimal point and no grouping, a date as ``2024-03-05`` or ``2024-03-05T14:30:00``.
    """

    text: str
    kind: int = TEXT


BLANK = Cell("", EMPTY)


@dataclass(frozen=True)
class CellColumn:
    """One column of a sheet.

    Parameters
    ----------
    distinct
        The distinct cells.
    codes
        Position in `distinct` for each row, shape (n_rows,).
    """

    distinct: tuple[Cell, ...]
    codes: IntArray

    def cell(self, row: int) -> Cell:
        """Return the cell of a row, counted from 0."""
        return self.distinct[int(self.codes[row])]

    def flags(self, of: Iterable[bool]) -> npt.NDArray[np.bool_]:
        """Spread one yes or no per distinct cell over the rows."""
        return np.fromiter(of, dtype=bool, count=len(self.distinct))[self.codes]

    def take(self, rows: IntArray) -> CellColumn:
        """Return the column of some rows only."""
        return CellColumn(self.distinct, self.codes[rows])


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a text file.

    Parameters
    ----------
    file
        Name of the file.
    name
        Name of the sheet; None for a text or Parquet file.
    columns
        Its columns from A on.
    n_rows
        Number of rows.
    first_row
        Row number, as Excel shows it, of the first row.
    merged
        Cells merged downwards, as first row, last row and column, counted from 0.
    """

    file: str
    name: str | None
    columns: tuple[CellColumn, ...]
    n_rows: int
    first_row: int = 1
    merged: tuple[tuple[int, int, int], ...] = ()

    def row(self, number: int) -> list[Cell]:
        """Return the cells of a row, counted from 0."""
        return [column.cell(number) for column in self.columns]


def letter(position: int) -> str:
    """Return the column letter as Excel shows it; 0 is A."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(65 + rest) + text
    return text


def encode(values: Sequence[str]) -> CellColumn:
    """Make a column of text cells."""
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    codes, distinct = pd.factorize(texts)
    return _merge([_text_cell(value) for value in distinct], codes.astype(np.int64))


def _text_cell(text: str) -> Cell:
    cleaned = clean(text)
    # Programs write ="0012" into text files to keep Excel from dropping zeros.
    if cleaned.startswith('="') and cleaned.endswith('"') and len(cleaned) > 2:
        cleaned = clean(cleaned[2:-1])
    return Cell(cleaned) if cleaned else BLANK


def from_distinct(cells: Sequence[Cell], codes: IntArray) -> CellColumn:
    """Make a column of distinct cells that may still be blank or equal after cleaning."""
    cleaned = [Cell(clean(cell.text), cell.kind) for cell in cells]
    return _merge([cell if cell.text or cell.kind != TEXT else BLANK for cell in cleaned], codes)


def _merge(cells: Sequence[Cell], codes: IntArray) -> CellColumn:
    unique: dict[Cell, int] = {}
    position = np.array([unique.setdefault(cell, len(unique)) for cell in cells], dtype=np.int64)
    return CellColumn(tuple(unique), position[codes] if len(position) else codes)


# Blanks that only a machine sees: non-breaking, narrow, zero-width, byte order mark; and control characters.
_BLANKS = CONTROLS | str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u200b": "", "\ufeff": ""})


def clean(text: str) -> str:
    """Return text without invisible characters and outer blanks; inner line breaks stay."""
    return text.translate(_BLANKS).strip()
