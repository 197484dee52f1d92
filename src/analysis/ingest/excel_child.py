"""Reads one workbook and prints it as JSON; runs as a process of its own, so that a hostile file harms nothing else.

It imports nothing of the project: starting it costs about 20 ms. Arguments: file, memory in bytes, seconds.
Exit code 3 means that the file cannot be read; the reason is the last line of standard error.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
import xml.parsers.expat
import zipfile
from typing import Any

TEXT, NUMBER, DATE, BOOLEAN, EXCEL_ERROR, UNCALCULATED, EMPTY = range(7)
_LAST_EXCEL_ROW = 1_048_576


def limit(memory: int, seconds: int) -> None:
    """Let the operating system stop this process beyond its memory and time (not available on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def as_cell(value: Any) -> tuple[str, int]:
    """Return a value of the workbook as text and kind."""
    if isinstance(value, str):
        return value, TEXT if value else EMPTY
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if isinstance(value, float):
        return (str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)), NUMBER
    if isinstance(value, int):
        return str(value), NUMBER
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat(), DATE
    return str(value), TEXT


def read_sheet(sheet: Any, special: dict[tuple[int, int], tuple[str, int]]) -> dict[str, Any]:
    """Return a sheet as distinct cells and codes per column."""
    # Leading empty rows are delivered, leading empty columns are not.
    skipped = sheet.start[1] if sheet.start else 0
    distinct: list[dict[Any, int]] = [{(str, ""): 0} for _ in range(skipped)]
    codes: list[list[int]] = [[] for _ in range(skipped)]
    n_rows = 0
    for row in sheet.iter_rows() if sheet.height else ():
        while len(distinct) < skipped + len(row):
            distinct.append({(str, ""): 0})
            codes.append([0] * n_rows)
        for column in codes[:skipped]:
            column.append(0)
        for index, value in enumerate(row, start=skipped):
            known = distinct[index]
            codes[index].append(known.setdefault((type(value), value), len(known)))
        n_rows += 1
    columns = [
        ([as_cell(value) for _, value in known], list(column)) for known, column in zip(distinct, codes, strict=True)
    ]
    for (row_index, column_index), cell in special.items():
        if row_index < n_rows and column_index < len(columns):
            cells, column = columns[column_index]
            cells.append(cell)
            column[row_index] = len(cells) - 1
    merged = [[*first, *last] for first, last in merged_ranges(sheet)]
    return {"name": sheet.name, "n_rows": n_rows, "columns": columns, "merged": merged}


def merged_ranges(sheet: Any) -> list[Any]:
    """Return the merged areas of a sheet; old formats do not tell them."""
    try:
        return list(sheet.merged_cell_ranges or ())
    except Exception:
        return []


class FormulaScan:
    """Finds the cells whose value the fast reader hides: errors, and formulas without a stored result."""

    def __init__(self, trust_results: bool) -> None:
        self.trust_results = trust_results
        self.found: dict[tuple[int, int], tuple[str, int]] = {}
        self._place, self._type, self._formula, self._value, self._inside = "", "", False, "", False

    def scan(self, stream: Any) -> None:
        """Read one sheet's XML."""
        parser = xml.parsers.expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.ParseFile(stream)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._place, self._type = attributes.get("r", ""), attributes.get("t", "")
            self._formula, self._value = False, ""
        elif name == "f":
            self._formula = True
        self._inside = name == "v"

    def _text(self, data: str) -> None:
        if self._inside:
            self._value += data

    def _end(self, name: str) -> None:
        self._inside = False
        if name != "c" or not self._place:
            return
        if self._type == "e":
            self.found[place_of(self._place)] = (self._value or "#N/A", EXCEL_ERROR)
        elif self._formula and (not self.trust_results or (not self._value and self._type != "str")):
            self.found[place_of(self._place)] = ("=", UNCALCULATED)


def place_of(address: str) -> tuple[int, int]:
    """Return row and column, counted from 0, of an address such as ``B12``."""
    match = re.match(r"([A-Z]+)(\d+)$", address)
    if match is None:
        return _LAST_EXCEL_ROW, 0
    column = 0
    for character in match[1]:
        column = column * 26 + ord(character) - 64
    return int(match[2]) - 1, column - 1


def scan_formulas(path: str) -> dict[str, dict[tuple[int, int], tuple[str, int]]]:
    """Return the hidden cells of every sheet of an .xlsx file that has formulas or errors, by sheet name."""
    with zipfile.ZipFile(path) as archive:
        workbook = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        # Programs that write a formula without calculating it leave this mark, and 0 as the result.
        trust = 'fullCalcOnLoad="1"' not in workbook
        found = {}
        for name, part in sheet_parts(archive, workbook).items():
            content = archive.read(part)
            if b"<f" in content or b't="e"' in content:
                scan = FormulaScan(trust)
                with archive.open(part) as stream:
                    scan.scan(stream)
                found[name] = scan.found
    return found


def sheet_parts(archive: zipfile.ZipFile, workbook: str) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by sheet name."""
    import html

    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for relation in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        fields = dict(re.findall(r'(\w+)="([^"]*)"', relation))
        targets[fields.get("Id", "")] = fields.get("Target", "")
    parts = {}
    for sheet in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
        fields = dict(re.findall(r'([\w:]+)="([^"]*)"', sheet))
        target = targets.get(next((v for k, v in fields.items() if k.endswith(":id")), ""), "")
        part = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if part in archive.namelist():
            parts[html.unescape(fields.get("name", ""))] = part
    return parts


def main(path: str, memory: str, seconds: str) -> int:
    """Read the workbook at `path` and print it."""
    limit(int(memory), int(seconds))
    import python_calamine

    try:
        special = scan_formulas(path) if zipfile.is_zipfile(path) else {}
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        visible = python_calamine.SheetVisibleEnum.Visible
        result: dict[str, Any] = {"sheets": [], "hidden": []}
        for entry in workbook.sheets_metadata:
            if entry.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if entry.visible != visible:
                result["hidden"].append(entry.name)
                continue
            sheet = workbook.get_sheet_by_name(entry.name)
            result["sheets"].append(read_sheet(sheet, special.get(entry.name, {})))
    except MemoryError:
        print("MemoryError", file=sys.stderr)
        return 4
    except BaseException as error:
        print(f"{type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
        return 3
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
