"""Which code makes which exhibit: the table that journals of economics ask for."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pandas as pd

import analysis.report as report
from analysis.paths import notebooks_dir

REPORT_NOTEBOOK = "policy_report.ipynb"
_TABLES = (
    ("claims.csv", "publish/tables.py", "region_claims"),
    ("estimates.csv", "publish/tables.py", "region_estimates"),
)


def exhibits() -> pd.DataFrame:
    """Return one row an exhibit: a section of the report or a table.

    Returns
    -------
    DataFrame
        ``exhibit``, ``program`` (file below ``code/``), ``line`` (where the function starts), ``output`` (file of a
        region, with the notebook cell for sections).

    Notes
    -----
    In the form of the README template of the data editors of the American Economic Association and others
    (Vilhuber, Koren, Llull, Connolly and Morrow 2022, "A template README for social science replication packages").
    """
    package = Path(report.__file__).parents[1]
    rows = []
    for cell, section in section_calls():
        path, line = _defined(package / "report" / "sections", section)
        output = f"<region>/index.html, {REPORT_NOTEBOOK} cell {cell}"
        rows.append((section, _below_code(package, path), line, output))
    for output, program, function in _TABLES:
        path = package / program
        rows.append((output, _below_code(package, path), _line(path, function), output))
    return pd.DataFrame(rows, columns=["exhibit", "program", "line", "output"])


def section_calls() -> list[tuple[int, str]]:
    """Return number of the cell and name of the section for every ``report.<section>(...)`` of the report notebook."""
    notebook = nbformat.read(notebooks_dir() / REPORT_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            function = getattr(node, "func", None)
            if isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "report":
                found.append((number, function.attr))
    return found


def _below_code(package: Path, path: Path) -> str:
    return f"code/src/analysis/{path.relative_to(package).as_posix()}"


def _defined(folder: Path, name: str) -> tuple[Path, int]:
    for path in sorted(folder.glob("*.py")):
        line = _line(path, name)
        if line:
            return path, line
    raise LookupError(f"no section {name} in {folder}")


def _line(path: Path, name: str) -> int:
    """Return the line where a function starts, 0 if it is not there."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno
    return 0
