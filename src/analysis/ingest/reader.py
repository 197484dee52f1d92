"""From one file to one checked table: open safely, find the header, convert, check, and say where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.errors import closest
from analysis.ingest.cells import Sheet
from analysis.ingest.contract import check_contract, repeated_rows
from analysis.ingest.findings import finding, has_errors, wording
from analysis.ingest.headers import Layout, find_layout, score
from analysis.ingest.parquet import read_parquet
from analysis.ingest.places import Place, join, limited, locate
from analysis.ingest.safety import TEXT_SUFFIXES, check_file
from analysis.ingest.sheets import complete, convert_sheet, finish
from analysis.ingest.systems import Context, System, recognise, shape
from analysis.ingest.tables import Column, Table, find_table
from analysis.ingest.textfile import read_text
from analysis.ingest.workbook import read_workbook
from analysis.results import Finding, Ingested

NO_CONTEXT = Context()
_NOTE_SHEETS = ("petunjuk", "catatan", "daftar", "pilihan", "notes", "lists", "instructions", "readme", "keterangan")


def read_table(
    path: str | Path, table: str, units: pd.DataFrame | None = None, officers: pd.DataFrame | None = None
) -> Ingested:
    """Read one office file, or an export of a system that fills the same table.

    Parameters
    ----------
    path
        An .xlsx, .xls, .csv, .txt (tab) or .parquet file.
    table
        Name of the table that it holds, for example ``"survey"``.
    units
        Checked units; switches on the rules across tables, and gives the codes to exports that name units.
    officers
        Checked officers; give the units to training histories, which name officers only.

    Returns
    -------
    Ingested
        `frame` has exactly the table's canonical columns, in order; it is None if any finding is an error.

    Raises
    ------
    UsageError
        If there is no table of that name.
    """
    contract = find_table(table)
    frame, _, findings = read_file(Path(path), contract, Context(units, officers))
    return Ingested(None if has_errors(findings) else frame, tuple(findings))


def read_file(
    path: Path, table: Table, context: Context = NO_CONTEXT
) -> tuple[pd.DataFrame | None, Place | None, list[Finding]]:
    """Read one file as `read_table` does, and also return where its rows stand."""
    sheets, findings = open_sheets(path, table)
    if not sheets:
        return None, None, findings or [finding("error", path.name, "empty_file")]
    layouts, system, notes = _recognised(path, sheets, table)
    findings += notes
    if not layouts:
        return None, None, findings
    parts = [convert_sheet(sheet, layout, system.as_table() if system else table) for sheet, layout in layouts]
    findings += [item for _, _, found in parts for item in found]
    frame, place = join([(frame, place) for frame, place, _ in parts])
    if frame.empty:
        return None, None, [*findings, finding("error", path.name, "no_rows")]
    if system:
        frame, place, lost = shape(system, frame, place, context)
        findings += locate(lost, frame, place)
        frame = complete(frame, table)
    findings += locate(check_contract(frame, table, context.units), frame, place)
    keep = ~repeated_rows(frame, table)
    return finish(frame.loc[keep], table), place.take(keep), limited(findings)


def _recognised(
    path: Path, sheets: Sequence[Sheet], table: Table
) -> tuple[list[tuple[Sheet, Layout]], System | None, list[Finding]]:
    """Read the headers as those of the table or, if they do not fit, of an export of a system."""
    layouts, notes = choose_layouts(path, sheets, table)
    system = recognise(sheets, table) if has_errors(notes) else None
    if system is None:
        return layouts, None, notes
    layouts, notes = choose_layouts(path, sheets, system.as_table())
    return layouts, system, [*notes, finding("warning", path.name, "system_export", system=wording(system.label))]


def open_sheets(path: Path, table: Table) -> tuple[list[Sheet], list[Finding]]:
    """Return the sheets of a file as text, after the checks of safety."""
    findings = check_file(path)
    if has_errors(findings):
        return [], findings
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        sheets, more = read_parquet(path)
    elif suffix in TEXT_SUFFIXES:
        sheets, more = read_text(path, lambda labels: score(labels, table))
    else:
        sheets, more = read_workbook(path)
    return sheets, findings + more


def choose_layouts(
    path: Path, sheets: Sequence[Sheet], table: Table
) -> tuple[list[tuple[Sheet, Layout]], list[Finding]]:
    """Choose the sheets that hold the table, and say which are left out and which columns are missing.

    A sheet that has half of the needed columns belongs to the table as well: its missing columns are errors, so that
    a workbook is never half read.
    """
    named = [(sheet, find_layout(sheet, table)) for sheet in sheets if sheet.n_rows and not _is_note(sheet)]
    found = [(sheet, layout) for sheet, layout in named if layout is not None]
    chosen = [(s, lay) for s, lay in found if not _lacking(lay, table)]
    chosen += [(s, lay) for s, lay in found if _lacking(lay, table) and (_is_half(lay, table) or len(sheets) == 1)]
    if not chosen and found:
        chosen = [max(found, key=lambda item: len(item[1].uses))]
    if not chosen:
        columns = [wording(column.label) for column in table.columns if column.required]
        return [], [finding("error", path.name, "no_header", table=wording(table.label), columns=columns)]
    read = {id(sheet) for sheet, _ in chosen}
    left = [s for s in sheets if id(s) not in read and s.n_rows and not _is_note(s)]
    notes = [finding("warning", path.name, "sheet_not_read", sheet=sheet.name) for sheet in left]
    return chosen, notes + [item for s, lay in chosen for item in _missing_columns(s, lay, table)]


def _is_half(layout: Layout, table: Table) -> bool:
    needed = sum(column.required for column in table.columns)
    return needed > 0 and len(_lacking(layout, table)) <= needed / 2


def _is_note(sheet: Sheet) -> bool:
    return (sheet.name or "").strip().lower().startswith(_NOTE_SHEETS)


def _lacking(layout: Layout, table: Table) -> list[Column]:
    present = {use.column.name for use in layout.uses}
    lacking = [column for column in table.columns if column.required and column.name not in present]
    if table.one_of and not present & set(table.one_of):
        lacking.append(table.column(table.one_of[0]))
    return lacking


def _missing_columns(sheet: Sheet, layout: Layout, table: Table) -> list[Finding]:
    labels = [label for label in layout.labels if label]
    taken = {use.header for use in layout.uses}
    free = {label: label for label in labels if label not in taken}
    found = []
    for column in _lacking(layout, table):
        ways = [column.name, column.label.id, *column.headers]
        near = next((hit for way in ways if (hit := closest(way, free))), "")
        found.append(
            finding(
                "error", sheet.file, "missing_column", sheet=sheet.name, row=sheet.first_row + layout.rows[-1],
                column=column.name, wanted=wording(column.label), name=column.name, found=labels, closest=near or "–",
            )
        )  # fmt: skip
    return found
