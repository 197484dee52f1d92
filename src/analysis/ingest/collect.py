"""All files of one table: rows that fit into memory, sums of those that do not, printed means where only those came."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import closest
from analysis.ingest.contract import check_contract, more_trained_than_staff, repeated_rows
from analysis.ingest.findings import finding, has_errors
from analysis.ingest.former import read_former_survey
from analysis.ingest.places import Place, join, limited, locate
from analysis.ingest.reader import read_file
from analysis.ingest.safety import TEXT_SUFFIXES
from analysis.ingest.stream import Progress, aggregate_survey, aggregate_training
from analysis.ingest.summary import read_survey_summary
from analysis.ingest.sums import KEYS, add_sums, sums_of_means, survey_sums
from analysis.ingest.systems import Context
from analysis.ingest.tables import Table
from analysis.results import Finding

# Above so many rows a file is summed in DuckDB; below, its rows take less than a gigabyte in memory.
LARGE_ROWS = 5_000_000
# A row of a survey or of training records has at least so many characters: five million of them are 200 MB.
BYTES_PER_ROW = 40
STREAMED = {"survey": aggregate_survey, "training": aggregate_training}
# What a file of another form than the table's gives away when it is read as the table.
_OTHER_FORM = frozenset({"survey_is_summary", "fourteen_elements", "missing_column", "no_header"})
# What only reading the whole file can cure: other encodings, exports of systems.
_NOT_STREAMED = frozenset({"stream_needs_utf8", "no_header", "missing_column"})


@dataclass
class Collected:
    """What the files of one table hold.

    Parameters
    ----------
    parts
        Rows of each file read whole, and where they stand.
    sums, people
        Sums of large files by name, and the officers behind them.
    means, former
        Printed means (e-SKM) by file, and surveys of the fourteen elements of 2004.
    findings, files
        Everything found; name, table, hash and rows of every file.
    """

    parts: list[tuple[pd.DataFrame, Place]] = field(default_factory=list)
    sums: dict[str, pd.DataFrame] = field(default_factory=dict)
    people: list[pd.DataFrame] = field(default_factory=list)
    means: dict[str, pd.DataFrame] = field(default_factory=dict)
    former: list[pd.DataFrame] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: list[Mapping[str, Any]] = field(default_factory=list)


def collect(
    paths: Sequence[Path], table: Table, context: Context, large_rows: int, progress: Progress | None
) -> tuple[pd.DataFrame | None, dict[str, pd.DataFrame], Collected]:
    """Read all files of a table.

    Returns
    -------
    frame
        Their rows joined; None if there are none, or a file has an error.
    summaries
        By name: sums that stand in for the table, and ``survey_2004``.
    collected
        Findings and descriptions of the files.
    """
    found = Collected()
    for path in paths:
        n = _read(path, table, context, large_rows, progress, found)
        regions = _regions_in(path.name, found, context)
        found.files.append(
            {"name": path.name, "table": table.name, "sha256": _sha256(path), "rows": n, "regions": regions}
        )
        if progress is not None:
            progress(n, n, table.name)
    found.findings += _checked(found, context)
    if has_errors(found.findings):
        return None, {}, found
    frame = _joined(found, table)
    return (None, {}, found) if has_errors(found.findings) else (frame, _summaries(table.name, frame, found), found)


def _regions_in(name: str, found: Collected, context: Context) -> list[str] | None:
    """Return the regions whose units a file names, sorted; None where that is not known: it may concern all."""
    frames = [frame for frame, place in found.parts if len(place.files) and str(place.files[0]) == name]
    frames += [found.sums[name]] if name in found.sums else []
    if not frames or (context.units is None and "region_code" not in frames[0]):
        return None
    codes: set[str] = set()
    for frame in frames:
        if "region_code" in frame:
            codes |= set(frame["region_code"].dropna())
        if "unit_id" in frame and context.units is not None:
            named = context.units["unit_id"].isin(frame["unit_id"].unique())
            codes |= set(context.units.loc[named, "region_code"].dropna())
    return sorted(codes) or None


def is_large(path: Path, rows: int) -> bool:
    """Whether a file has more rows than `rows`; text files are judged by their size."""
    if path.suffix.lower() in TEXT_SUFFIXES:
        return path.stat().st_size > rows * BYTES_PER_ROW
    return path.suffix.lower() == ".parquet" and _parquet_rows(path) > rows


def _parquet_rows(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError, ValueError):
        return 0


def _read(
    path: Path, table: Table, context: Context, large_rows: int, progress: Progress | None, found: Collected
) -> int:
    """Read one file in the form that fits it; return its number of rows."""
    if table.name in STREAMED and is_large(path, large_rows):
        streamed = STREAMED[table.name](path, progress=progress)
        if streamed.frame is not None or not _rules(streamed.findings) & _NOT_STREAMED:
            found.findings += streamed.findings
            if streamed.frame is not None:
                found.sums[path.name] = streamed.frame
            if streamed.people is not None:
                found.people.append(streamed.people)
            return streamed.rows
    frame, place, findings = read_file(path, table, context)
    if table.name == "survey" and _rules(findings) & _OTHER_FORM:
        for read in (_means, _former):
            n = read(path, context, found)
            if n is not None:
                return n
    found.findings += findings
    if frame is not None and place is not None and not has_errors(findings):
        found.parts.append((frame, place))
    return 0 if frame is None else len(frame)


def _rules(findings: Sequence[Finding]) -> set[str]:
    return {item.rule for item in findings if item.severity == "error"}


def _means(path: Path, context: Context, found: Collected) -> int | None:
    """Read a file as printed means; None if it has another form."""
    read = read_survey_summary(path, context.units)
    if _rules(read.findings) & _OTHER_FORM:
        return None
    found.findings += read.findings
    if read.frame is None:
        return 0
    found.means[path.name] = read.frame
    found.findings.append(finding("warning", path.name, "means_used", n=len(read.frame)))
    return len(read.frame)


def _former(path: Path, context: Context, found: Collected) -> int | None:
    """Read a file as a survey of 2004; None if it has another form."""
    read = read_former_survey(path, context.units)
    if _rules(read.findings) & _OTHER_FORM:
        return None
    found.findings += read.findings
    if read.frame is not None:
        found.former.append(read.frame)
    return 0 if read.frame is None else int(read.frame["n"].sum())


def _checked(found: Collected, context: Context) -> list[Finding]:
    """Check sums and means like rows: known units, no unit half-year in two files."""
    findings: list[Finding] = []
    for file, frame in (found.sums | found.means).items():
        findings += _unknown_units(file, frame, context.units)
    for people in found.people:
        if context.units is not None:
            broken = more_trained_than_staff(people, context.units)
            findings += [finding(v.severity, next(iter(found.sums)), v.rule, **v.values) for v in broken]
    return findings + _overlaps(found)


def _unknown_units(file: str, frame: pd.DataFrame, units: pd.DataFrame | None) -> list[Finding]:
    if units is None:
        return []
    known = set(units["unit_id"].dropna())
    return [
        finding("error", file, "unknown_unit", column="unit_id", value=name, closest=closest(name, known) or "–")
        for name in sorted(set(frame["unit_id"].dropna()) - known)
    ]


def _overlaps(found: Collected) -> list[Finding]:
    """Find unit half-years of a large file that are in another file too, and means given twice."""
    files = list(found.sums) + [str(place.files[0]) for _, place in found.parts]
    frames = [*found.sums.values(), *(frame for frame, _ in found.parts)]
    pairs = [(a, b) for a in range(len(found.sums)) for b in range(a + 1, len(files))]
    findings = [_overlap(files[a], frames[a], files[b], frames[b]) for a, b in pairs]
    owners: dict[tuple[str, str], str] = {}
    for file, frame in found.means.items():
        for unit, period in frame[list(KEYS)].itertuples(index=False):
            if (unit, period) in owners:
                other = owners[unit, period]
                findings.append(finding("error", file, "means_twice", unit=unit, period=period, other=other))
            owners[unit, period] = file
    return limited([item for item in findings if item is not None])


def _overlap(file: str, frame: pd.DataFrame, other: str, second: pd.DataFrame) -> Finding | None:
    same = sorted(_keys(frame) & _keys(second))
    if not same:
        return None
    return finding(
        "error", file, "summed_overlap", unit=same[0][0], period=same[0][1], other=other, n=len(same)
    )  # fmt: skip


def _keys(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(frame[list(KEYS)].drop_duplicates().itertuples(index=False, name=None))


def _joined(found: Collected, table: Table) -> pd.DataFrame | None:
    if not found.parts:
        return None
    if len(found.parts) == 1:
        return found.parts[0][0]
    frame, findings = join_files(found.parts, table)
    found.findings += findings
    return frame


def join_files(parts: list[tuple[pd.DataFrame, Place]], table: Table) -> tuple[pd.DataFrame, list[Finding]]:
    """Join the files of one table; what is twice in different files is found here."""
    frame, place = join(parts)
    across = [
        item
        for item in check_contract(frame, table)
        if item.other is not None and item.row is not None and place.files[item.row] != place.files[item.other]
    ]
    kept = frame.loc[~repeated_rows(frame, table)].reset_index(drop=True)
    return kept, limited(locate(across, frame, place))


def _summaries(name: str, frame: pd.DataFrame | None, found: Collected) -> dict[str, pd.DataFrame]:
    summaries = {}
    if found.former:
        summaries["survey_2004"] = pd.concat(found.former, ignore_index=True).sort_values(list(KEYS), ignore_index=True)
    makers: dict[str, Callable[[pd.DataFrame | None, Collected], pd.DataFrame]] = {
        "survey": _survey_summary,
        "training": _training_summary,
    }
    if found.sums or found.means:
        summaries[name] = makers[name](frame, found)
    return summaries


def _survey_summary(frame: pd.DataFrame | None, found: Collected) -> pd.DataFrame:
    """Add all sums; where respondents came in, means of the same unit and half-year are passed over."""
    parts = [*([] if frame is None else [survey_sums(frame)]), *found.sums.values()]
    known = set().union(*(_keys(part) for part in parts))
    for file, means in found.means.items():
        keys = list(means[list(KEYS)].itertuples(index=False, name=None))
        free = np.array([key not in known for key in keys], dtype=bool)
        if not free.all():
            found.findings.append(finding("warning", file, "means_passed_over", n=int((~free).sum())))
        parts.append(sums_of_means(means[free]))
    return add_sums([part for part in parts if len(part)])


def _training_summary(frame: pd.DataFrame | None, found: Collected) -> pd.DataFrame:
    parts = [*([] if frame is None else [frame]), *(sums.drop(columns="n") for sums in found.sums.values())]
    return pd.concat(parts, ignore_index=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
