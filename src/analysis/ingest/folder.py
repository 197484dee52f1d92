"""A study's folder: every office file in it, read, joined by table and checked together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.ingest.boundaries import is_boundaries
from analysis.ingest.collect import LARGE_ROWS, collect
from analysis.ingest.findings import finding, wording
from analysis.ingest.headers import plain
from analysis.ingest.identifiers import pseudonyms, study_key
from analysis.ingest.safety import SUFFIXES
from analysis.ingest.stream import Progress
from analysis.ingest.systems import Context
from analysis.ingest.tables import Table, load_tables
from analysis.results import Finding

# Other tables name the units, and training histories name officers only.
READ_FIRST = {"units": 0, "officers": 1}
NEEDED_TABLES = ("units", "survey")
IGNORED_NAMES = (*("study.yml", "study.yaml", "scenarios.yml", "graph.yml", "regions.yml", "truth.json", "sha256sums"),)
IGNORED_STARTS = ("readme", "baca", ".", "~$", "license", "lisensi")


@dataclass(frozen=True)
class StudyInput:
    """What a study's folder holds.

    Parameters
    ----------
    tables
        Checked tables by name; a table with an error in one of its files is not there, nor is one that came in as
        large files or printed means only.
    summaries
        Sums of the whole table, where a file of it was too large for memory or held printed means: ``survey``
        (`analysis.ingest.sums`) and ``training`` (records added up). They take the place of the table of the same
        name. ``survey_2004`` holds the indices of surveys with the fourteen elements of 2004, kept apart.
    findings
        Everything found, files in the order of their names.
    files
        One mapping a file: ``name``, ``table``, ``sha256``, ``rows``.
    """

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    files: tuple[Mapping[str, Any], ...]
    summaries: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def read_study(directory: str | Path, progress: Progress | None = None, *, large_rows: int = LARGE_ROWS) -> StudyInput:
    """Read and check every file of a study.

    The file's name starts with the table's name in English or Indonesian; several files of one table are joined.
    Officer numbers are replaced by keyed pseudonyms; the key stays in the study's folder.

    Parameters
    ----------
    directory
        Folder with the office files.
    progress
        Called with rows done, rows in all of the file that is being read, and the name of the table.
    large_rows
        Survey and training files (.csv, .txt, .parquet) with more rows are summed without being held in memory.

    Raises
    ------
    UsageError
        If the folder does not exist, or its key cannot be written or read.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise UsageError("ingest.no_folder", folder=str(folder))
    named, findings = sort_files(folder)
    tables: dict[str, pd.DataFrame] = {}
    summaries: dict[str, pd.DataFrame] = {}
    files: list[Mapping[str, Any]] = []
    for table in sorted(load_tables().values(), key=lambda table: READ_FIRST.get(table.name, len(READ_FIRST))):
        paths = named.get(table.name, [])
        context = Context(tables.get("units"), tables.get("officers"))
        frame, summed, collected = collect(paths, table, context, large_rows, progress)
        findings += collected.findings
        files += collected.files
        summaries |= summed
        if frame is not None:
            tables[table.name] = frame
    findings += _missing_tables(folder, named)
    tables = {name: tables[name] for name in load_tables() if name in tables}
    tables = _without_persons(tables, folder)
    if "nip" in summaries.get("training", ()):
        # Sums name no officers; those of smaller files joined to them are not needed any more.
        summaries["training"] = summaries["training"].assign(nip=pd.Series(dtype="str"))
    return StudyInput(tables, tuple(findings), tuple(files), summaries)


def sort_files(folder: Path) -> tuple[dict[str, list[Path]], list[Finding]]:
    """Return the files of each table, sorted by name, and a warning for every file of no table."""
    named: dict[str, list[Path]] = {}
    findings = []
    for path in sorted(folder.iterdir()):
        name = path.name.lower()
        if not path.is_file() or name in IGNORED_NAMES or name.startswith(IGNORED_STARTS) or is_boundaries(path):
            continue
        table = table_of(path)
        if table is None or path.suffix.lower() not in SUFFIXES:
            known = [word for item in load_tables().values() for word in item.files]
            findings.append(finding("warning", path.name, "unknown_file", known=known))
        else:
            named.setdefault(table.name, []).append(path)
    return named, findings


def table_of(path: Path) -> Table | None:
    """Return the table that a file's name starts with; the longest fitting word decides."""
    stem = plain(path.stem)
    fits = [
        (len(word), table)
        for table in load_tables().values()
        for word in (table.name, *table.files)
        if stem == plain(word) or stem.startswith(plain(word) + " ") or stem.rstrip("0123456789") == plain(word)
    ]
    return max(fits, key=lambda item: item[0])[1] if fits else None


def _missing_tables(folder: Path, named: Mapping[str, list[Path]]) -> list[Finding]:
    tables = load_tables()
    return [
        finding(
            "error",
            folder.name or ".",
            "missing_table",
            table=wording(tables[name].label),
            words=list(tables[name].files),
        )
        for name in NEEDED_TABLES
        if name not in named
    ]


def _without_persons(tables: dict[str, pd.DataFrame], folder: Path) -> dict[str, pd.DataFrame]:
    """Replace officer numbers by pseudonyms that only this study's key can repeat."""
    holders = [name for name, frame in tables.items() if "nip" in frame]
    if not holders:
        return tables
    key = study_key(folder)
    known = pseudonyms(np.concatenate([tables[name]["nip"].dropna().unique() for name in holders]), key)
    changed = {name: tables[name].assign(nip=tables[name]["nip"].map(known).astype("str")) for name in holders}
    return tables | changed
