"""A report as an Excel workbook: numbers as numbers, text that can never become a formula, one sheet a section."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from analysis.exports.content import Cell, Document, Section, Table
from analysis.messages import Message

FORMULA_MARKS = frozenset("=+-@\t\r")
"""First letters that make a spreadsheet read text as a formula."""
LONGEST_NAME, WIDEST, NARROWEST = 31, 60, 9
SIGNIFICANT_DIGITS = 6
A4 = 9
HEADING = {"bold": True, "bottom": 1, "bg_color": "#E8EEF3"}
LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "text": {"text_wrap": True},
    "title": {"bold": True, "font_size": 16, "text_wrap": True},
    "section": {"bold": True, "font_size": 14},
    "caption": {"bold": True},
    "heading": HEADING,
    "wrapped heading": {**HEADING, "text_wrap": True},
    "note": {"italic": True, "font_color": "#4A5763"},
}
"""Properties of cells by name; a cell in one of our number formats has that format and no others."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


def excel_workbook(document: Document, tables: dict[str, pd.DataFrame]) -> bytes:
    """Return the report as .xlsx, the same bytes in every run.

    Parameters
    ----------
    document
        The report in one language: a sheet for its answer, one for each section with tables.
    tables
        Further tables as they are, by name of their sheet (the rows behind the estimates, the data dictionary).
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, dict(_SAFE))
    written = datetime(*document.dated)
    book.set_properties({"title": document.title, "subject": document.facts, "author": "Pembinaan",
                         "comments": document.citation, "created": written})  # fmt: skip
    writer = _Writer(book)
    writer.cover(document)
    for section in document.sections:
        if section.tables:
            writer.section(section)
    for name, table in tables.items():
        writer.frame(name, table)
    book.close()
    return buffer.getvalue()


def number_format(form: str) -> str:
    """Return Excel's format for ours (``n1``, ``s2``, ``p0``, ``rp``); separators follow the reader's Excel."""
    if form == "rp":
        return '"Rp"#,##0'
    kind, places = form[:1], int(form[1:] or 0)
    digits = "#,##0" + ("." + "0" * places if places else "")
    if kind == "p":
        return digits + "%"
    return f"+{digits};-{digits};{digits}" if kind == "s" else digits


class _Writer:
    """Writes sheets one below the other part, with formats made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.formats: dict[tuple[str, bool], Any] = {}
        self.names: set[str] = set()

    def style(self, look: str, guarded: bool = False) -> Any:
        """Return the format of a look or of a number's form; `guarded` keeps Excel's mark of text on it."""
        found = self.formats.get((look, guarded))
        if found is None:
            properties = LOOKS[look] if look in LOOKS else {"num_format": number_format(look)}
            guard = {"quote_prefix": True, "num_format": "@"} if guarded else {}
            found = self.book.add_format({"valign": "top", **properties, **guard})
            self.formats[look, guarded] = found
        return found

    def sheet(self, title: str) -> Any:
        sheet = self.book.add_worksheet(self.free_name(title))
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def free_name(self, title: str) -> str:
        """Return a name that Excel takes and that no other sheet has."""
        plain = _FORBIDDEN.sub(" ", title).strip()[:LONGEST_NAME] or "-"
        name, number = plain, 2
        while name.casefold() in self.names:
            ending = f" {number}"
            name, number = plain[: LONGEST_NAME - len(ending)] + ending, number + 1
        self.names.add(name.casefold())
        return name

    def text(self, sheet: Any, row: int, column: int, value: str, look: str = "plain") -> None:
        """Write text; where it could be read as a formula it keeps Excel's mark of text when it is edited."""
        sheet.write_string(row, column, value, self.style(look, value[:1] in FORMULA_MARKS))

    def cover(self, document: Document) -> None:
        sheet = self.sheet(Message("site.sheet.summary").text(document.lang))
        sheet.set_column(0, 0, 110)
        self.text(sheet, 0, 0, document.title, "title")
        answer = next((item for item in document.sections if item.id == "answer"), None)
        lines = [document.facts, document.warning, *(answer.paragraphs if answer else ()), document.citation]
        for row, line in enumerate(filter(None, lines), start=1):
            self.text(sheet, row, 0, line, "text")

    def section(self, section: Section) -> None:
        sheet = self.sheet(section.title)
        self.text(sheet, 0, 0, section.title, "section")
        row = 1
        for text in section.paragraphs:
            self.text(sheet, row, 0, text)
            row += 1
        if len(section.tables) == 1:
            sheet.repeat_rows(row + 1)
        for table in section.tables:
            row = self.table(sheet, row, table, named=table.caption != section.title) + 1
        for text in section.notes:
            self.text(sheet, row, 0, text, "note")
            row += 1
        _set_widths(sheet, section.tables)

    def table(self, sheet: Any, row: int, table: Table, named: bool) -> int:
        """Write caption, headings and rows below one another; return the row below them."""
        if named:
            self.text(sheet, row, 0, table.caption, "caption")
        for column, name in enumerate(table.columns):
            self.text(sheet, row + 1, column, name, "wrapped heading")
        for below, cells in enumerate(table.rows, start=row + 2):
            for column, cell in enumerate(cells):
                self.cell(sheet, below, column, cell)
        return row + 2 + len(table.rows)

    def cell(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if cell.form == "text":
            self.text(sheet, row, column, str(cell.value), "text")
        elif cell.value is not None:
            sheet.write_number(row, column, float(cell.value), self.style(cell.form))

    def frame(self, name: str, table: pd.DataFrame) -> None:
        """Write a table of data: headings frozen and repeated on paper, a filter on every column."""
        sheet = self.sheet(name)
        for column, label in enumerate(table.columns):
            self.text(sheet, 0, column, str(label), "heading")
        columns = [map(_plain, values.tolist()) for _, values in table.items()]
        for row, values in enumerate(zip(*columns, strict=True), start=1):
            for column, value in enumerate(values):
                self.plain(sheet, row, column, value)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        sheet.set_column(0, len(table.columns) - 1, 16)

    def plain(self, sheet: Any, row: int, column: int, value: str | float | None) -> None:
        if isinstance(value, str):
            self.text(sheet, row, column, value)
        elif value is not None:
            sheet.write_number(row, column, value)


def _plain(value: Any) -> str | float | None:
    """Return text as it is, a number to six significant digits, as in the CSV files, and None where there is none."""
    if isinstance(value, str):
        return value
    # pandas takes longer to say that a number is missing than all else here.
    missing = math.isnan(value) if isinstance(value, float) else pd.isna(value)
    return None if missing else float(f"{float(value):.{SIGNIFICANT_DIGITS}g}")


def _set_widths(sheet: Any, tables: Sequence[Table]) -> None:
    """Make each column as wide as its longest text, within limits; beyond them text wraps."""
    for column in range(max(len(table.columns) for table in tables)):
        held = [table.columns[column] for table in tables if column < len(table.columns)]
        held += [str(row[column].value) for table in tables for row in table.rows if column < len(row)
                 and row[column].form == "text"]  # fmt: skip
        sheet.set_column(column, column, min(max(len(text) for text in held) + 2, WIDEST) if held else NARROWEST)
