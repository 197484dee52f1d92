"""What the tutorial does by code and an office does by hand: filling the templates, slipping, and mending the slip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.display.language import language, words
from analysis.display.shown import Shown, table
from analysis.errors import UsageError, closest
from analysis.ingest import load_tables, read_study, write_templates
from analysis.ingest.templates import DATA_SHEET, template_name
from analysis.results import Finding
from analysis.synthetic import SampleDesign, simulate
from analysis.validate import check_study

N_REGIONS = 3


def new_folder(folder: Path, lang: str | None = None) -> Shown:
    """Write the templates into a folder and return what they are for."""
    chosen, known = language(lang), load_tables()
    names = {template_name(item): item for item in known.values()}
    rows = [
        (path.name, names[path.name].label.text(chosen), len(names[path.name].columns))
        for path in write_templates(folder)
    ]
    header = [words(f"head.{name}", chosen) for name in ("file", "meaning", "columns")]
    return Shown((table(header, rows, words=(0, 1)),), chosen)


def example_tables(periods: int = 6, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Return a small synthetic study of the three starting regions, by table, as an office would have it."""
    design = SampleDesign(
        n_regions=N_REGIONS,
        n_periods=periods,
        seed=seed,
        units_min=8,
        units_max=10,
        small_region_units=8,
        respondents_median=24,
        respondents_max=40,
    )
    return dict(simulate(design).tables)


def fill(folder: Path, tables: dict[str, pd.DataFrame]) -> dict[str, int]:
    """Write rows into the templates of a folder, below their headers.

    Parameters
    ----------
    folder
        Holds the templates.
    tables
        Rows by table, with the canonical names of columns.

    Returns
    -------
    dict
        Rows by file.
    """
    filled = {}
    for name, frame in tables.items():
        path = folder / template_name(load_tables()[name])
        _fill(path, name, frame)
        filled[path.name] = len(frame)
    return filled


def _fill(path: Path, name: str, frame: pd.DataFrame) -> None:
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book[DATA_SHEET]
    canonical = {column.label.id: column.name for column in load_tables()[name].columns}
    headers = [canonical[str(cell.value)] for cell in sheet[1]]
    columns = [_cells(frame, header) for header in headers]
    for number, row in enumerate(zip(*columns, strict=True), start=2):
        for position, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, position, value)
    book.save(path)


def _cells(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    values = frame[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        return [None if value is pd.NaT else value.to_pydatetime() for value in values]
    return [None if pd.isna(value) else value for value in values.tolist()]


def type_into(folder: Path, name: str, row: int, column: str, value: object) -> None:
    """Type a value into one cell of a filled template.

    Parameters
    ----------
    folder
        Holds the templates.
    name
        Table, for example ``"survey"``.
    row
        Row as Excel shows it.
    column
        Header, for example ``"U3"``.
    value
        What is typed.

    Raises
    ------
    UsageError
        For a header that there is not (with the closest one).
    """
    import openpyxl

    path = folder / template_name(load_tables()[name])
    book = openpyxl.load_workbook(path)
    sheet = book[DATA_SHEET]
    headers = [str(cell.value) for cell in sheet[1]]
    if column not in headers:
        raise UsageError("display.unknown_name", kind=path.name, name=column, closest=closest(column, headers) or "-")
    sheet.cell(row, headers.index(column) + 1, value)
    book.save(path)


def check(folder: Path) -> Sequence[Finding]:
    """Read a folder and return everything that was found, as ``pembinaan check`` does."""
    found = read_study(folder)
    return (*found.findings, *check_study(found))
