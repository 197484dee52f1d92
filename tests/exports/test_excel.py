"""Cells of a workbook look as what they are, and tables of data come out value by value."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.exports import excel_workbook
from analysis.exports.content import Cell, Document, Section, Table

ROWS = ((Cell("a"), Cell(1.25, "s1")), (Cell("=1+1"), Cell(None, "s1")), (Cell("-"), Cell(0.5, "p0")))
TABLE = Table("Judul tabel", "Isi", ("Nama", "=Nilai"), ROWS)
DOCUMENT = Document(
    "id",
    "Laporan",
    "Kode",
    "",
    "Kutipan",
    (2025, 12, 31),
    (Section("one", "Bagian", ("Kata",), (TABLE,), ("Catatan",)),),
)


def written(**tables: pd.DataFrame) -> Any:
    return openpyxl.load_workbook(io.BytesIO(excel_workbook(DOCUMENT, tables)))


def data(column: list[Any] | pd.Series) -> list[Any]:
    """Return what a sheet holds of one column of data."""
    sheet = written(data=pd.DataFrame({"name": column}))["data"]
    return [sheet.cell(row, 1).value for row in range(2, len(column) + 2)]


def test_cells_look_as_what_they_are() -> None:
    cover, sheet = written().worksheets
    title, section, caption, note = cover["A1"], sheet["A1"], sheet["A3"], sheet["A9"]
    assert (title.value, title.font.b, title.font.sz, title.alignment.wrap_text) == ("Laporan", True, 16, True)
    assert (section.value, section.font.b, section.font.sz) == ("Bagian", True, 14)
    assert (caption.value, caption.font.b, caption.font.sz) == ("Judul tabel", True, 11)
    assert (note.value, note.font.i, note.font.color.rgb) == ("Catatan", True, "FF4A5763")
    for cell in sheet[4]:
        assert (cell.font.b, cell.fill.fgColor.rgb, cell.border.bottom.style) == (True, "FFE8EEF3", "thin")
        assert (cell.alignment.wrap_text, cell.alignment.vertical) == (True, "top")


def test_numbers_have_their_format_and_guarded_text_keeps_its_look() -> None:
    sheet = written().worksheets[1]
    assert [sheet[f"B{row}"].number_format for row in (5, 7)] == ["+#,##0.0;-#,##0.0;#,##0.0", "#,##0%"]
    assert [sheet[f"B{row}"].value for row in (5, 6, 7)] == [1.25, None, 0.5]
    assert [sheet[f"A{row}"].quotePrefix for row in (5, 6, 7)] == [False, True, True]
    assert all(sheet[f"A{row}"].alignment.wrap_text for row in (5, 6, 7))
    assert (sheet["A6"].number_format, sheet["B4"].quotePrefix, sheet["B4"].font.b) == ("@", True, True)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1.0, float("nan"), 1 / 3], [1, None, 0.333333]),
        ([1234567.0, -1e-9, 0.0], [1234570, -1e-9, 0]),
        ([1, 2, 3], [1, 2, 3]),
        ([True, False, True], [1, 0, 1]),
        (["x", None, "+1"], ["x", None, "+1"]),
        (["x", 2, None, float("nan"), np.float64(2 / 3)], ["x", 2, None, None, 0.666667]),
        (pd.Series([1, None, 3], dtype="Int64"), [1, None, 3]),
        (pd.Series(["a", None], dtype="string"), ["a", None]),
        (pd.Series(["a", "b", None], dtype="category"), ["a", "b", None]),
    ],
)
def test_values_of_every_kind_come_out(column: list[Any] | pd.Series, expected: list[Any]) -> None:
    assert data(column) == expected


def test_columns_of_the_same_name_are_both_there() -> None:
    sheet = written(data=pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]))["data"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["x", "x"], [1, "a"], [2, "b"]]
