"""Workbooks, parsed in a process of their own with limits of memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from analysis.ingest.cells import Cell, Sheet, from_distinct
from analysis.ingest.findings import finding
from analysis.results import Finding

_CHILD = Path(__file__).with_name("excel_child.py")
LEAST_MEMORY = 400 * 1024**2
MOST_MEMORY = 4 * 1024**3
# Measured on sheets of 300,000 rows: about 60 bytes of address space per byte of the packed file.
MEMORY_PER_BYTE = 120
LEAST_SECONDS = 20
SECONDS_PER_MEGABYTE = 10


def read_workbook(path: Path) -> tuple[list[Sheet], list[Finding]]:
    """Read every visible sheet of an .xlsx or .xls file as text.

    Returns
    -------
    sheets
        The visible sheets, in order.
    findings
        Hidden sheets (warning), or why the file cannot be read (error; then there are no sheets).
    """
    size = path.stat().st_size
    memory = min(MOST_MEMORY, LEAST_MEMORY + MEMORY_PER_BYTE * size)
    seconds = int(LEAST_SECONDS + SECONDS_PER_MEGABYTE * size / 1024**2)
    command = [sys.executable, "-I", str(_CHILD), str(path), str(memory), str(seconds)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=2 * seconds, check=False)
    except subprocess.TimeoutExpired:
        return [], [finding("error", path.name, "took_too_long", seconds=seconds)]
    if child.returncode:
        return [], [_failure(path.name, child.returncode, child.stderr.decode("utf-8", "replace"))]
    content = json.loads(child.stdout)
    hidden = [finding("warning", path.name, "hidden_sheet", sheet=name) for name in content["hidden"]]
    return [_sheet(path.name, item) for item in content["sheets"]], hidden


def _failure(name: str, code: int, reason: str) -> Finding:
    last = reason.strip().splitlines()[-1] if reason.strip() else ""
    if "password" in last.lower():
        return finding("error", name, "password")
    if code == 3:
        return finding("error", name, "damaged_file", value=last or None)
    return finding("error", name, "too_much_memory")


def _sheet(file: str, item: dict[str, Any]) -> Sheet:
    columns = tuple(
        from_distinct([Cell(text, kind) for text, kind in cells], np.asarray(codes, dtype=np.int64))
        for cells, codes in item["columns"]
    )
    down = tuple((first, last, column) for first, column, last, end in item["merged"] if column == end and last > first)
    return Sheet(file, item["name"], columns, item["n_rows"], merged=down)
