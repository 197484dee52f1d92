"""From one file to one checked table: open safely, find the header, convert, check, and say where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import closest
from analysis.ingest.cells import CellColumn, Sheet
from analysis.ingest.contract import Violation, check_contract, repeated_rows
from analysis.ingest.convert import Doubt, convert
from analysis.ingest.findings import finding, has_errors, quoted
from analysis.ingest.headers import Layout, Use, find_layout, score
from analysis.ingest.parquet import read_parquet
from analysis.ingest.rows import DataRows, classify
from analysis.ingest.safety import TEXT_SUFFIXES, check_file
from analysis.ingest.tables import Column, Table, find_table
from analysis.ingest.textfile import read_text
from analysis.ingest.workbook import read_workbook
from analysis.messages import Message
from analysis.results import Finding, Ingested

MOST_OF_A_KIND = 200
_NOTE_SHEETS = ("petunjuk", "catatan", "daftar", "pilihan", "notes", "lists", "instructions", "readme", "keterangan")


@dataclass(frozen=True)
class Place:
    """Where the rows of a frame stand in its files.

    Parameters
    ----------
    files, sheets
        Name of file and sheet for each row.
    rows
        Row as Excel shows it, for each row.
    columns
        Header and letter of each canonical column, by file and sheet.
    """

    files: np.ndarray
    sheets: np.ndarray
    rows: np.ndarray
    columns: dict[tuple[str, str | None], dict[str, str]]

    def column(self, row: int, name: str | None) -> str | None:
        """Return header and letter of a canonical column in the file of a row."""
        return self.columns[(self.files[row], self.sheets[row])].get(name or "", name)

    def take(self, keep: np.ndarray) -> Place:
        """Return the places of some rows only."""
        return Place(self.files[keep], self.sheets[keep], self.rows[keep], self.columns)


def read_table(path: str | Path, table: str, units: pd.DataFrame | None = None) -> Ingested:
    """Read one office file.

    Parameters
    ----------
    path
        An .xlsx, .xls, .csv, .txt (tab) or .parquet file.
    table
        Name of the table that it holds, for example ``"survey"``.
    units
        Checked units; switches on the rules across tables.

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
    frame, _, findings = read_file(Path(path), contract, units)
    return Ingested(None if has_errors(findings) else frame, tuple(findings))


def read_file(
    path: Path, table: Table, units: pd.DataFrame | None = None
) -> tuple[pd.DataFrame | None, Place | None, list[Finding]]:
    """Read one file as `read_table` does, and also return where its rows stand."""
    sheets, findings = open_sheets(path, table)
    if not sheets:
        return None, None, findings or [finding("error", path.name, "empty_file")]
    layouts, notes = _layouts(path, sheets, table)
    findings += notes
    parts = [_convert_sheet(sheet, layout, table) for sheet, layout in layouts]
    findings += [item for _, _, found in parts for item in found]
    if not parts or any(frame is None for frame, _, _ in parts):
        return None, None, findings
    frame, place = join([(f, p) for f, p, _ in parts if f is not None and p is not None])
    if frame.empty:
        return None, None, [*findings, finding("error", path.name, "no_rows")]
    violations = check_contract(frame, table, units)
    findings += locate(violations, frame, place)
    keep = ~repeated_rows(frame, table)
    return finish(frame.loc[keep], table), place.take(keep), limited(findings)


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


def _layouts(path: Path, sheets: list[Sheet], table: Table) -> tuple[list[tuple[Sheet, Layout]], list[Finding]]:
    """Choose the sheets that hold the table, and say which are left out and which columns are missing."""
    found = [(sheet, find_layout(sheet, table)) for sheet in sheets if any(sheet.columns)]
    whole = [(s, lay) for s, lay in found if lay is not None and not _lacking(lay, table)]
    if whole:
        read = {id(sheet) for sheet, _ in whole}
        left = [s for s in sheets if id(s) not in read and s.n_rows and not _is_note(s)]
        notes = [finding("warning", path.name, "sheet_not_read", sheet=sheet.name) for sheet in left]
        return whole, notes
    best = max(((s, lay) for s, lay in found if lay is not None), key=lambda item: len(item[1].uses), default=None)
    if best is None:
        columns = [column.label.id for column in table.columns if column.required]
        return [], [finding("error", path.name, "no_header", table=table.name, columns=columns)]
    return [], [*_layout_findings(*best, table), *_missing_columns(*best, table)]


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
                column=column.name, wanted=column.label.id, name=column.name, found=labels, closest=near or "–",
            )
        )  # fmt: skip
    return found


def _layout_findings(sheet: Sheet, layout: Layout, table: Table) -> list[Finding]:
    """What is to be said of a header: columns left out, renumbered elements, amounts in thousands."""
    where = {"sheet": sheet.name, "row": sheet.first_row + layout.rows[-1]}
    found = []
    for other, chosen in layout.rivals:
        same = other.header == chosen.header or other.column.type == "score"
        severity, rule = ("error", "column_twice") if same else ("warning", "column_passed_over")
        found.append(
            finding(
                severity, sheet.file, rule, column=other.place, other=chosen.place, name=chosen.column.label.id, **where
            )  # type: ignore[arg-type]
        )
    if layout.personal:
        found.append(finding("warning", sheet.file, "personal_dropped", columns=list(layout.personal), **where))
    if layout.unused:
        found.append(finding("warning", sheet.file, "columns_not_used", columns=list(layout.unused), **where))
    found += [_use_finding(sheet, use, where) for use in layout.uses if use.misnumbered or use.factor != 1]
    return found


def _use_finding(sheet: Sheet, use: Use, where: dict[str, object]) -> Finding:
    if use.misnumbered:
        values = {"read_as": use.column.name, "written": f"U{use.misnumbered}"}
        return finding("warning", sheet.file, "element_by_name", column=use.place, **where, **values)  # type: ignore[arg-type]
    return finding("warning", sheet.file, "amounts_scaled", column=use.place, factor=use.factor, **where)  # type: ignore[arg-type]


def _convert_sheet(
    sheet: Sheet, layout: Layout, table: Table
) -> tuple[pd.DataFrame | None, Place | None, list[Finding]]:
    findings = _layout_findings(sheet, layout, table)
    sorted_rows = classify(sheet, layout)
    findings += _row_findings(sheet, sorted_rows) + _overflow(sheet, layout, sorted_rows)
    numbers = sheet.first_row + sorted_rows.data
    data: dict[str, pd.Series] = {}
    for use in layout.uses:
        cells = sheet.columns[use.position].take(sorted_rows.data)
        data[use.column.name], doubts = convert(cells, use)
        findings += _doubt_findings(sheet, use, cells, numbers, doubts)
        findings += _empty_cells(sheet, use, cells, numbers, data[use.column.name], doubts)
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(numbers)))
    columns = {(sheet.file, sheet.name): {use.column.name: use.place for use in layout.uses}}
    size = len(numbers)
    place = Place(np.full(size, sheet.file, object), np.full(size, sheet.name, object), numbers, columns)
    return _complete(frame, table), place, findings


def _complete(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Add the columns that the file does not have, and put all in canonical order."""
    for column in table.columns:
        if column.name not in frame:
            frame[column.name] = _absent(column, len(frame))
    frame = frame[[column.name for column in table.columns]]
    return _deduct(frame)


def _absent(column: Column, size: int) -> pd.Series:
    if column.type == "date":
        return pd.Series(pd.NaT, index=range(size), dtype="datetime64[us]")
    if column.deducted:
        return pd.Series(0.0, index=range(size))
    if column.type == "respondent":
        # Without numbers every row is a respondent of its own.
        return pd.Series([f"row{n + 1}" for n in range(size)], dtype="str")
    text = column.type not in ("number", "integer", "rupiah", "score", "year")
    return pd.Series([None] * size, dtype="str" if text else float)


def _deduct(frame: pd.DataFrame) -> pd.DataFrame:
    """The law means the training budget net of personnel and maintenance (Permendagri 15/2024 on budgets)."""
    if "personnel" not in frame:
        return frame
    inside = frame["personnel"].fillna(0.0) + frame["maintenance"].fillna(0.0)
    return frame.assign(training_budget=frame["training_budget"] - inside)


def finish(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    frame = frame[[column.name for column in table.stored]].reset_index(drop=True)
    for column in table.stored:
        if column.type in ("year", "integer") and frame[column.name].notna().all():
            frame[column.name] = frame[column.name].astype("int64")
    return frame


def _row_findings(sheet: Sheet, rows: DataRows) -> list[Finding]:
    found = []
    for rule, which in (("total_row", rows.totals), ("header_again", rows.headers)):
        found += [
            finding("warning", sheet.file, rule, sheet=sheet.name, row=int(row) + sheet.first_row) for row in which
        ]
    if len(rows.footer):
        first, last = (int(row) + sheet.first_row for row in (rows.footer[0], rows.footer[-1]))
        found.append(
            finding("warning", sheet.file, "footer_left_out", sheet=sheet.name, row=first, first=first, last=last)
        )
    return found


def _overflow(sheet: Sheet, layout: Layout, rows: DataRows) -> list[Finding]:
    """Cells to the right of the last header: an unquoted decimal comma shifts everything after it."""
    last = max((i for i, label in enumerate(layout.labels) if label), default=-1)
    found = []
    for position in range(last + 1, len(sheet.columns)):
        cells = sheet.columns[position].take(rows.data)
        filled = np.flatnonzero(cells.flags(bool(cell.text) for cell in cells.distinct))
        found += [
            finding("error", sheet.file, "beyond_header", sheet=sheet.name, row=int(rows.data[i]) + sheet.first_row,
                    column=Use(layout.uses[0].column, position, "").place, value=cells.cell(int(i)).text)
            for i in filled
        ]  # fmt: skip
    return found


def _doubt_findings(
    sheet: Sheet, use: Use, cells: CellColumn, numbers: np.ndarray, doubts: Iterable[Doubt]
) -> list[Finding]:
    """Errors cell by cell; a warning once per column and rule, with the number of cells."""
    errors, warned = [], defaultdict(list)
    for doubt in doubts:
        rows = np.flatnonzero(cells.codes == doubt.code)
        if not len(rows):
            continue
        if doubt.severity == "warning":
            warned[doubt.rule].append((int(rows[0]), len(rows), doubt))
            continue
        value = None if use.column.sensitive else cells.distinct[doubt.code].text
        for row in rows:
            item = finding("error", sheet.file, doubt.rule, sheet=sheet.name, row=int(numbers[row]),
                           column=use.place, value=_shown(value, use), **doubt.values)  # fmt: skip
            errors.append(replace(item, message=doubt.message) if doubt.message else item)
    errors.sort(key=lambda item: (item.row or 0, item.rule))
    return errors + [_warning(sheet, use, cells, numbers, rule, found) for rule, found in sorted(warned.items())]


def _warning(
    sheet: Sheet, use: Use, cells: CellColumn, numbers: np.ndarray, rule: str, found: list[tuple[int, int, Doubt]]
) -> Finding:
    first, _, doubt = min(found, key=lambda item: item[0])
    text = None if rule in ("traces_removed", "respondent_is_person") else cells.distinct[doubt.code].text
    total = sum(count for _, count, _ in found)
    return finding("warning", sheet.file, rule, sheet=sheet.name, row=int(numbers[first]), column=use.place,
                   value=text, n=total, **doubt.values)  # fmt: skip


def _shown(value: str | None, use: Use) -> str | None:
    """A number of a person is shown by its ends only."""
    if value is None or use.column.type != "nip" or len(value) < 8:
        return value
    return f"{value[:4]}…{value[-3:]}"


def _empty_cells(
    sheet: Sheet, use: Use, cells: CellColumn, numbers: np.ndarray, values: pd.Series, doubts: list[Doubt]
) -> list[Finding]:
    """Needed cells without a value (answers to single questions may be missing)."""
    if not use.column.required or use.column.type == "score":
        return []
    refused = {doubt.code for doubt in doubts if doubt.severity == "error"}
    empty = values.isna().to_numpy() & ~cells.flags(code in refused for code in range(len(cells.distinct)))
    return [
        finding("error", sheet.file, "missing_value", sheet=sheet.name, row=int(numbers[row]), column=use.place,
                value=cells.cell(int(row)).text or None, name=use.column.label.id)
        for row in np.flatnonzero(empty)
    ]  # fmt: skip


def join(parts: list[tuple[pd.DataFrame, Place]]) -> tuple[pd.DataFrame, Place]:
    """Put frames with the same columns below each other."""
    if len(parts) == 1:
        return parts[0]
    frame = pd.concat([frame for frame, _ in parts], ignore_index=True)
    columns: dict[tuple[str, str | None], dict[str, str]] = {}
    for _, place in parts:
        columns |= place.columns
    files, sheets, rows = (
        np.concatenate([getattr(place, name) for _, place in parts]) for name in ("files", "sheets", "rows")
    )
    return frame, Place(files, sheets, rows, columns)


def locate(violations: Iterable[Violation], frame: pd.DataFrame, place: Place) -> list[Finding]:
    """Turn positions in a frame into rows and columns of the file."""
    found = []
    for item in violations:
        at = item.row if item.row is not None else 0
        values = dict(item.values)
        if item.other is not None:
            values |= {"other_row": int(place.rows[item.other]), "other_file": str(place.files[item.other])}
        value = None if item.row is None or item.column is None else _text(frame.at[item.row, item.column])
        value = None if item.column == "nip" else value
        row = int(place.rows[at]) if item.row is not None else None
        found.append(
            Finding(item.severity, place.files[at], place.sheets[at], row, place.column(at, item.column),
                    quoted(value), item.rule, Message(f"ingest.{item.rule}", values))
        )  # fmt: skip
    return found


def _text(value: object) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return (
        f"{value:g}"
        if isinstance(value, float) and abs(value) < 1e6
        else (f"{value:.0f}" if isinstance(value, float) else str(value))
    )


def limited(findings: list[Finding]) -> list[Finding]:
    """Keep the first of very many findings of one kind and say how many more there are."""
    counts: dict[tuple[str, str | None, str | None, str], int] = defaultdict(int)
    kept = []
    for item in findings:
        kind = (item.file, item.sheet, item.column, item.rule)
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_KIND:
            kept.append(item)
    for (file, sheet, column, rule), count in counts.items():
        if count > MOST_OF_A_KIND:
            first = next(
                item for item in kept if (item.file, item.sheet, item.column, item.rule) == (file, sheet, column, rule)
            )
            kept.append(
                finding(first.severity, file, "more_of_a_kind", sheet=sheet, column=column, n=count - MOST_OF_A_KIND, like=rule)
            )  # fmt: skip
    return kept
