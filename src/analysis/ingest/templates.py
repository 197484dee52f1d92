"""Excel templates to fill in, and copies of refused files in which the bad cells are marked."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.ingest.cells import DATE, EMPTY, NUMBER, Cell, Sheet, letter
from analysis.ingest.findings import findings_table
from analysis.ingest.headers import plain
from analysis.ingest.tables import Column, Table, load_tables
from analysis.messages import Message
from analysis.results import Finding

DATA_SHEET = "Data"
NOTES_SHEET = "Petunjuk (notes)"
FINDINGS_SHEET = "Daftar temuan (findings)"
FILLED_ROWS = 20_000
MOST_ROWS = 200_000
# A workbook carries its date of creation; a fixed one makes two templates equal byte for byte.
_CREATED = datetime.datetime(2024, 1, 1)
_WRITTEN_AS_TEXT = ("identifier", "region", "nip", "respondent", "name", "free_text", "period", "choice", "yes_no")


def write_templates(directory: str | Path) -> list[Path]:
    """Write one workbook per table: header, formats and lists of allowed values, and notes in both languages.

    Parameters
    ----------
    directory
        Folder to write to; made if it does not exist.

    Returns
    -------
    list of Path
        The files, in the order of the tables.

    Raises
    ------
    UsageError
        If one of them exists already; then nothing is written.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / template_name(table) for name, table in load_tables().items()}
    for path in paths.values():
        if path.exists():
            raise UsageError("ingest.template_exists", file=str(path))
    for name, path in paths.items():
        _write_template(path, load_tables()[name])
    return list(paths.values())


def template_name(table: Table) -> str:
    """Return the file name of a table's template; it starts with a word by which the table is recognised."""
    return f"{plain(table.label.id).replace(' ', '_')}.xlsx"


def _write_template(path: Path, table: Table) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"title": table.label.id, "created": _CREATED})
        data, notes = book.add_worksheet(DATA_SHEET), book.add_worksheet(NOTES_SHEET)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E8E3", "border": 1})
        needed = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#9CCBBB", "border": 1})
        data.freeze_panes(1, 0)
        for position, column in enumerate(table.columns):
            data.write_string(0, position, column.label.id, needed if column.required else head)
            data.set_column(position, position, max(12, len(column.label.id) + 2), _format(book, column))
            _restrict(data, position, column)
        _write_notes(notes, table, head)


def _format(book: Any, column: Column) -> Any:
    formats = {"date": "yyyy-mm-dd", "rupiah": "#,##0", "number": "General", "integer": "0", "score": "0", "year": "0"}
    # Text format keeps Excel from turning codes into numbers and 1-2 into a date.
    return book.add_format({"num_format": "@" if column.type in _WRITTEN_AS_TEXT else formats[column.type]})


def _restrict(sheet: Any, position: int, column: Column) -> None:
    """Let Excel refuse what the contract would refuse."""
    rule: dict[str, Any] = {"input_title": column.label.id[:32], "input_message": _hint(column, "id")[:255]}
    if column.options:
        rule |= {"validate": "list", "source": list(column.offered)}
    elif column.type == "yes_no":
        rule |= {"validate": "list", "source": ["ya", "tidak"]}
    elif column.type in ("score", "integer", "year"):
        rule |= {"validate": "integer", "criteria": "between", "minimum": column.minimum, "maximum": column.maximum}
    elif column.type in ("number", "rupiah"):
        rule |= {"validate": "decimal", "criteria": "between", "minimum": column.minimum, "maximum": column.maximum}
    elif column.type == "date":
        first, last = (
            datetime.date(int(column.minimum or 2000), 1, 1),
            datetime.date(int(column.maximum or 2100), 12, 31),
        )
        rule |= {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    else:
        rule |= {"validate": "any"}
    sheet.data_validation(1, position, FILLED_ROWS, position, rule)


def _hint(column: Column, lang: str) -> str:
    need = Message("ingest.template_needed" if column.required else "ingest.template_optional").text(lang)
    return f"{need} {Message(f'ingest.template_{column.type}').text(lang)}"


def _write_notes(sheet: Any, table: Table, head: Any) -> None:
    sheet.set_column(0, 4, 34)
    for row, lang in enumerate(("id", "en")):
        sheet.write_string(row, 0, Message("ingest.template_intro", {"table": table.label.text(lang)}).text(lang))
    titles = ("Kolom", "Column", "Petunjuk", "Notes", "Contoh (example)")
    for position, title in enumerate(titles):
        sheet.write_string(3, position, title, head)
    for row, column in enumerate(table.columns, start=4):
        cells = [column.label.id, column.label.en, _hint(column, "id"), _hint(column, "en"), column.example]
        if column.options:
            cells[2] += " " + ", ".join(list(column.offered))
        for position, text in enumerate(cells):
            sheet.write_string(row, position, text)


def write_annotated(path: Path, sheets: Sequence[Sheet], findings: Iterable[Finding], lang: str = "id") -> Path:
    """Write a copy of a file with the cells of its findings coloured and explained, and a list of all findings.

    Parameters
    ----------
    path
        Where to write; an existing file is never replaced, a number is added to the name instead.
    sheets
        The file as it was read.
    findings
        Findings of that file.
    lang
        Language of the explanations.

    Returns
    -------
    Path
        The file written.
    """
    import xlsxwriter

    target, found = unused_name(path), list(findings)
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _CREATED})
        looks = {
            "error": book.add_format({"bg_color": "#F4B8A8"}),
            "warning": book.add_format({"bg_color": "#F9E4A8"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for sheet in sheets:
            page = book.add_worksheet((sheet.name or DATA_SHEET)[:31])
            _copy(page, sheet, looks["date"])
            _mark(page, sheet, [item for item in found if item.sheet == sheet.name], looks, lang)
        _list(book.add_worksheet(FINDINGS_SHEET), found, lang)
    return target


def unused_name(path: Path) -> Path:
    """Return `path`, or the same name with a number if it is taken."""
    names = (path if n == 1 else path.with_stem(f"{path.stem}_{n}") for n in range(1, 10_000))
    return next(name for name in names if not name.exists())


def _copy(page: Any, sheet: Sheet, date: Any) -> None:
    for position, column in enumerate(sheet.columns):
        for row in range(min(sheet.n_rows, MOST_ROWS)):
            _write(page, row + sheet.first_row - 1, position, column.cell(row), date)


def _write(page: Any, row: int, position: int, cell: Cell, date: Any) -> None:
    if cell.kind == EMPTY:
        return
    if cell.kind == NUMBER and len(cell.text) < 16:
        page.write_number(row, position, float(cell.text))
    elif cell.kind == DATE:
        page.write_datetime(row, position, datetime.datetime.fromisoformat(cell.text).replace(tzinfo=None), date)
    else:
        page.write_string(row, position, cell.text)


def _mark(page: Any, sheet: Sheet, findings: list[Finding], looks: dict[str, Any], lang: str) -> None:
    notes: dict[tuple[int, int], list[Finding]] = {}
    for item in findings:
        if item.row is not None and item.row <= MOST_ROWS:
            notes.setdefault((item.row - 1, _position(sheet, item.column)), []).append(item)
    for (row, position), items in notes.items():
        worst = "error" if any(item.severity == "error" for item in items) else "warning"
        at = row - sheet.first_row + 1
        inside = position < len(sheet.columns) and at < sheet.n_rows
        text = sheet.columns[position].cell(at).text if inside else ""
        page.write_string(row, position, text, looks[worst])
        page.write_comment(row, position, "\n".join(item.message.text(lang) for item in items)[:2000])


def _position(sheet: Sheet, column: str | None) -> int:
    """Return the position of a column given as header and letter; the first one for a finding on the whole row."""
    letters = {f"({letter(position)})": position for position in range(len(sheet.columns) + 1)}
    return letters.get((column or "").rsplit(" ", 1)[-1], 0)


def _list(page: Any, findings: list[Finding], lang: str) -> None:
    table = findings_table(findings, lang)
    page.set_column(0, 6, 16)
    page.set_column(7, 7, 100)
    for position, name in enumerate(table.columns):
        page.write_string(0, position, name)
        for row, text in enumerate(table[name], start=1):
            page.write_string(row, position, str(text))
