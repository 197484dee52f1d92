"""Every file of `tests/files` is treated as its case says: the values, and each finding with its cell."""

from __future__ import annotations

import io
import sys
import zipfile
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import ParseError, canonicalize

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.ingest import Ingested, read_table

FILES = Path(__file__).parents[1] / "files"
sys.path.insert(0, str(FILES))

from nasty_cases import CASES, Case  # noqa: E402


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_file_is_treated_as_expected(case: Case) -> None:
    found = _read(case.file, case.table)
    assert _places(found.findings, "error") == sorted(map(_key, case.errors))
    assert _places(found.findings, "warning") == sorted(map(_key, case.warnings))
    assert (found.frame is None) == (case.values is None)
    for column, expected in (case.values or {}).items():
        assert _plain(found.frame[column]) == [None if v is None else v for v in expected], column


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_findings_read_well_in_both_languages(case: Case) -> None:
    for item in _read(case.file, case.table).findings:
        assert item.file == case.file
        assert item.message.id.endswith((".", "?", ")"))
        assert "{" not in item.message.id + item.message.en


def test_there_are_enough_files() -> None:
    assert len({case.file for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_committed_file_is_what_the_script_makes(case: Case) -> None:
    committed = (FILES / case.file).read_bytes()
    assert _content(committed, case.file) == _content(case.build(), case.file)


@cache
def _read(file: str, table: str) -> Ingested:
    return read_table(FILES / file, table)


def _content(data: bytes, file: str) -> object:
    """Unpack archives: other versions of the libraries pack equal parts differently."""
    if file.endswith(".parquet"):
        return data[:4] if len(data) < 100 else pq.read_table(io.BytesIO(data)).to_pydict()
    if not zipfile.is_zipfile(io.BytesIO(data)):
        # A cut-off archive is known by its beginning only.
        return data[:4] if data[:4] == b"PK\x03\x04" else data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: _part(name, archive.read(name)) for name in archive.namelist()}


def _part(name: str, content: bytes) -> object:
    """Return a part without what depends on the library that wrote its XML: where namespaces are declared."""
    if not name.endswith((".xml", ".rels")):
        return content
    try:
        return canonicalize(content.decode())
    except ParseError:
        return content


def _places(findings, severity):
    found = [(f.rule, f.row, _letter(f.column)) for f in findings if f.severity == severity]
    # A message taken from the catalog keeps the rule; a missing column names the canonical column instead of a letter.
    return sorted(map(_key, found))


def _letter(column):
    if column is None or not column.endswith(")"):
        return None
    return column.rsplit("(", 1)[1].rstrip(")")


def _key(place):
    rule, row, column = place
    return rule, row or 0, column or ""


def _plain(values: pd.Series) -> list[object]:
    if str(values.dtype).startswith("datetime"):
        return [None if pd.isna(v) else str(v.date()) for v in values]
    return [None if pd.isna(v) else v for v in values]
