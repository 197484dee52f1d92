"""From one sheet with a known header to a frame in canonical form, with all that was found on the way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.ingest.cells import CellColumn, Sheet
from analysis.ingest.convert import Doubt, convert
from analysis.ingest.findings import Severity, finding, wording
from analysis.ingest.headers import Layout, Use, place, plain
from analysis.ingest.places import Place
from analysis.ingest.prepare import prepared, year_position
from analysis.ingest.rows import DataRows, classify
from analysis.ingest.tables import Column, Table
from analysis.results import Finding

SUMMED_TYPES = ("integer", "rupiah")
# Totals are often printed in rounded thousands.
TOTAL_TOLERANCE = 1e-4
_COUNT_HEADERS = ("jumlah responden", "jml responden", "n", "banyak responden")
_OLD_ELEMENT = re.compile(r"(?:nilai |unsur |nrr )?u ?1[0-4]")


def layout_findings(sheet: Sheet, layout: Layout, table: Table) -> list[Finding]:
    """Report columns left out, renumbered elements, amounts in thousands."""
    where: dict[str, Any] = {"sheet": sheet.name, "row": sheet.first_row + layout.rows[-1]}
    found = []
    for other, chosen in layout.rivals:
        same = other.header == chosen.header or other.column.type == "score"
        severity: Severity = "error" if same else "warning"
        rule = "column_twice" if same else "column_passed_over"
        found.append(
            finding(
                severity,
                sheet.file,
                rule,
                column=other.place,
                other=chosen.place,
                name=wording(chosen.column.label),
                **where,
            )
        )
    old = [label for label in layout.labels if _OLD_ELEMENT.fullmatch(plain(label))]
    if layout.use("U1") and old:
        found.append(finding("error", sheet.file, "fourteen_elements", columns=old, **where))
    counts = [label for label in layout.labels if plain(label) in _COUNT_HEADERS]
    if layout.use("U1") and layout.use("respondent_id") is None and counts and layout.use("n") is None:
        found.append(finding("error", sheet.file, "survey_is_summary", column_name=counts[0], **where))
    if layout.personal:
        found.append(finding("warning", sheet.file, "personal_dropped", columns=list(layout.personal), **where))
    year = year_position(layout)
    unused = [label for label in layout.unused if year is None or label != place(layout.labels[year], year)]
    if unused:
        found.append(finding("warning", sheet.file, "columns_not_used", columns=unused, **where))
    found += [_use_finding(sheet, use, where) for use in layout.uses if use.misnumbered or use.factor != 1]
    return found


def _use_finding(sheet: Sheet, use: Use, where: dict[str, Any]) -> Finding:
    if use.misnumbered:
        values: dict[str, Any] = {"read_as": use.column.name, "written": f"U{use.misnumbered}"}
        return finding("warning", sheet.file, "element_by_name", column=use.place, **where, **values)
    return finding("warning", sheet.file, "amounts_scaled", column=use.place, factor=use.factor, **where)


def convert_sheet(sheet: Sheet, layout: Layout, table: Table) -> tuple[pd.DataFrame, Place, list[Finding]]:
    """Convert the rows of a sheet.

    Returns
    -------
    frame
        All columns of the table, also those that the sheet lacks; what was refused is missing.
    place
        Where its rows and columns stand.
    findings
        What was refused, repaired or doubted.
    """
    findings = layout_findings(sheet, layout, table)
    sorted_rows = classify(sheet, layout)
    findings += _row_findings(sheet, sorted_rows) + _overflow(sheet, layout, sorted_rows)
    numbers = sheet.first_row + sorted_rows.data
    findings += _check_totals(sheet, layout, sorted_rows)
    data: dict[str, pd.Series] = {}
    for use in layout.uses:
        whole, repaired = prepared(sheet, layout, use)
        findings += repaired
        cells = whole.take(sorted_rows.data)
        data[use.column.name], doubts = convert(cells, use)
        findings += _doubt_findings(sheet, use, cells, numbers, doubts)
        findings += _empty_cells(sheet, use, cells, numbers, data[use.column.name], doubts)
    for column in table.columns:
        if column.type == "respondent" and layout.use(column.name) is None:
            # Without numbers every row is a respondent of its own, also beside the rows of other files.
            names = [f"{sheet.file}:{sheet.name or ''}:{row}" for row in numbers]
            data[column.name] = pd.Series(names, dtype="str")
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(numbers)))
    columns = {(sheet.file, sheet.name): {use.column.name: use.place for use in layout.uses}}
    size = len(numbers)
    rows = Place(np.full(size, sheet.file, object), np.full(size, sheet.name, object), numbers, columns)
    return complete(frame, table), rows, findings


def complete(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
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
    text = column.type not in ("number", "integer", "rupiah", "score", "year", "yes_no")
    return pd.Series([None] * size, dtype="str" if text else float)


def _deduct(frame: pd.DataFrame) -> pd.DataFrame:
    """Take out what the law does not count: it means the training budget net of personnel and maintenance."""
    if "personnel" not in frame:
        return frame
    inside = frame["personnel"].fillna(0.0) + frame["maintenance"].fillna(0.0)
    return frame.assign(training_budget=frame["training_budget"] - inside)


def finish(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the stored columns with their final types, rows numbered from 0.

    What was deducted stays beside them where there was anything, so that the gross figure can be told as well.
    """
    taken = [column.name for column in table.columns if column.deducted and frame[column.name].fillna(0.0).any()]
    frame = frame[[*(column.name for column in table.stored), *taken]].reset_index(drop=True)
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


def _check_totals(sheet: Sheet, layout: Layout, rows: DataRows) -> list[Finding]:
    """Compare every total with the sum of the rows above it, since the last total or since the start."""
    found = []
    for use in (use for use in layout.uses if use.column.type in SUMMED_TYPES and len(rows.totals)):
        order = np.sort(np.concatenate([rows.data, rows.totals]))
        values = pd.Series(convert(sheet.columns[use.position].take(order), _unbounded(use))[0].to_numpy(), index=order)
        for number, total in enumerate(rows.totals):
            since = rows.totals[number - 1] if number else -1
            above = values[rows.data[rows.data < total]]
            sums = {above.sum(), above[above.index > since].sum()}
            if _is_sum(sheet, total) and all(
                abs(values[total] - value) > TOTAL_TOLERANCE * abs(value) for value in sums
            ):
                found.append(
                    finding("warning", sheet.file, "total_differs", sheet=sheet.name, row=int(total) + sheet.first_row,
                            column=use.place, value=sheet.columns[use.position].cell(int(total)).text,
                            total=float(values[total]), sum=float(above.sum()))
                )  # fmt: skip
    return found


def _unbounded(use: Use) -> Use:
    """Drop the upper bound of a column: a total may exceed the range of its parts."""
    return replace(use, column=replace(use.column, maximum=None))


def _is_sum(sheet: Sheet, row: int) -> bool:
    """Whether a row of totals holds sums and not averages."""
    texts = " ".join(plain(cell.text) for cell in sheet.row(int(row)))
    return re.search(r"\b(jumlah|total|jml|sum)\b", texts) is not None and "rata" not in texts


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
    """Return a cell as findings show it: the number of a person by its ends only."""
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
                value=cells.cell(int(row)).text or None, name=wording(use.column.label))
        for row in np.flatnonzero(empty)
    ]  # fmt: skip
