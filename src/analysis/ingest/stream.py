"""Survey and training microdata too large for memory, summed by unit and half-year through DuckDB.

The parsers are those of `analysis.ingest.convert`: DuckDB only collects the distinct texts of each column, which are
converted here, and joins their values back while it sums. Memory is bounded; what does not fit goes to disk.
"""

from __future__ import annotations

import csv
import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.ingest.cells import EMPTY, NUMBER, Cell, CellColumn, Sheet, encode, from_distinct
from analysis.ingest.convert import convert
from analysis.ingest.findings import finding, has_errors, wording
from analysis.ingest.headers import Layout, Use, score
from analysis.ingest.reader import choose_layouts
from analysis.ingest.safety import TEXT_SUFFIXES
from analysis.ingest.tables import Table, find_table
from analysis.ingest.textfile import choose_separator, decode
from analysis.results import Finding

ELEMENTS = tuple(f"U{n}" for n in range(1, 10))
DEFAULT_MEMORY = "2GB"
MOST_DISTINCT = 2_000_000
_HEAD_BYTES = 1_000_000
_HEAD_ROWS = 200
_SHOWN = 20
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Streamed:
    """Sums of a large file: `frame` is None when a finding has severity ``"error"``."""

    frame: pd.DataFrame | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Source:
    """A file as DuckDB reads it: every column as text under the name ``c<position>``."""

    path: Path
    sql: str
    layout: Layout
    separator: str | None

    def use(self, name: str) -> Use | None:
        return self.layout.use(name)


def aggregate_survey(
    path: str | Path, *, memory: str = DEFAULT_MEMORY, threads: int = 2, progress: Progress | None = None
) -> Streamed:
    """Sum the answers of a survey file by unit and half-year.

    Parameters
    ----------
    path
        A .csv, .txt (UTF-8) or .parquet file.
    memory
        Memory that DuckDB may use; the rest goes to a temporary folder.
    threads
        Processors that it may use.
    progress
        Called with the key of the step and the share done (0 to 1).

    Returns
    -------
    Streamed
        `frame` has ``unit_id, period, n`` (rows), ``n_U1..n_U9`` and ``sum_U1..sum_U9`` (answers and their sums),
        ``n_complete`` (rows with all nine), ``index_sum`` and ``index_square_sum`` (of 25 times the mean of the nine,
        over complete rows), sorted.
    """
    sums = ["count(*) AS n"]
    sums += [f"count({u}) AS n_{u}" for u in ELEMENTS] + [f"coalesce(sum({u}), 0) AS sum_{u}" for u in ELEMENTS]
    index = f"(25.0 / 9) * ({' + '.join(ELEMENTS)})"
    sums += [f"count({index}) AS n_complete", f"coalesce(sum({index}), 0) AS index_sum"]
    sums += [f"coalesce(sum(({index}) * ({index})), 0) AS index_square_sum"]
    return _aggregate(Path(path), "survey", ("unit_id", "period"), ELEMENTS, sums, (memory, threads), progress)


def aggregate_training(
    path: str | Path, *, memory: str = DEFAULT_MEMORY, threads: int = 2, progress: Progress | None = None
) -> Streamed:
    """Sum the records of a training file by unit, half-year, form and topic.

    Parameters
    ----------
    path, memory, threads, progress
        As in `aggregate_survey`.

    Returns
    -------
    Streamed
        `frame` has ``unit_id, period, form, topic, n`` (records), ``hours`` and ``cost`` (sums), sorted.
    """
    sums = ["count(*) AS n", "coalesce(sum(hours), 0) AS hours", "coalesce(sum(cost), 0) AS cost"]
    keys = ("unit_id", "period", "form", "topic")
    return _aggregate(Path(path), "training", keys, ("hours", "cost"), sums, (memory, threads), progress)


def _aggregate(
    path: Path, name: str, keys: Sequence[str], values: Sequence[str], sums: Sequence[str],
    limits: tuple[str, int], progress: Progress | None,
) -> Streamed:  # fmt: skip
    import duckdb

    table = find_table(name)
    source, findings = _open(path, table)
    if source is None or has_errors(findings):
        return Streamed(None, tuple(findings))
    tell = progress or (lambda _step, _share: None)
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{limits[0]}'; SET threads = {int(limits[1])}")
        connection.execute(
            f"SET temp_directory = '{spill}'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
        )
        columns = [*keys, *values]
        try:
            source = _stage(connection, source, columns, Path(spill))
        except duckdb.Error as error:
            return Streamed(None, (finding("error", path.name, "damaged_file", value=str(error).splitlines()[0]),))
        for number, column in enumerate(columns):
            tell("ingest.step_distinct", number / (len(columns) + 1))
            findings += _register(connection, source, column, required=column in keys)
        if has_errors(findings):
            return Streamed(None, tuple(findings))
        tell("ingest.step_sum", len(columns) / (len(columns) + 1))
        frame = connection.execute(_query(source, keys, columns, sums)).df()
    tell("ingest.step_sum", 1.0)
    return Streamed(frame.sort_values(list(keys), ignore_index=True), tuple(findings))


def _stage(connection: Any, source: _Source, columns: Sequence[str], folder: Path) -> _Source:
    """Turn a text file into Parquet once: every later step reads it again, and text is slow to read."""
    if source.separator is None:
        return source
    picked = ", ".join(f"c{_position(source, name)}" for name in columns if source.use(name) is not None)
    target = folder / "staged.parquet"
    connection.execute(f"COPY (SELECT {picked} FROM {source.sql}) TO {_quote(target)} (FORMAT parquet)")
    return replace(source, sql=f"read_parquet({_quote(target)})")


def _open(path: Path, table: Table) -> tuple[_Source | None, list[Finding]]:
    """Find the header in the first rows, and say how DuckDB is to read the rest."""
    if path.suffix.lower() in TEXT_SUFFIXES:
        return _open_text(path, table)
    if path.suffix.lower() == ".parquet":
        return _open_parquet(path, table)
    return None, [finding("error", path.name, "unknown_suffix", suffix=path.suffix or "–", known=[".csv", ".parquet"])]


def _open_text(path: Path, table: Table) -> tuple[_Source | None, list[Finding]]:
    with path.open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
    cut = head if len(head) < _HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    decoded = decode(cut)
    if decoded is None or decoded[1] not in ("utf-8", "utf-8-sig"):
        return None, [finding("error", path.name, "stream_needs_utf8")]
    separator, text = choose_separator(decoded[0], lambda labels: score(labels, table))
    skipped = decoded[0].count("\n") - text.count("\n")
    rows = list(itertools.islice(csv.reader(text.splitlines(keepends=True), delimiter=separator), _HEAD_ROWS))
    width = max((len(row) for row in rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows]
    sheet = Sheet(path.name, None, tuple(encode(column) for column in zip(*padded, strict=True)), len(rows))
    chosen, findings = choose_layouts(path, [sheet], table)
    if not chosen or has_errors(findings):
        return None, findings
    layout = chosen[0][1]
    names = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(width))
    sql = (
        f"read_csv({_quote(path)}, columns={{{names}}}, delim={_literal(separator)}, header=false, quote='\"', "
        f"skip={skipped + layout.first_row}, null_padding=true, auto_detect=false, escape='\"')"
    )
    return _Source(path, sql, layout, separator), findings


def _open_parquet(path: Path, table: Table) -> tuple[_Source | None, list[Finding]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError, ValueError) as error:
        return None, [finding("error", path.name, "damaged_file", value=str(error).splitlines()[0])]
    sheet = Sheet(path.name, None, tuple(encode([name]) for name in names), 1)
    chosen, findings = choose_layouts(path, [sheet], table)
    if not chosen or has_errors(findings):
        return None, findings
    listed = ", ".join(f"{_name(name)} AS c{n}" for n, name in enumerate(names))
    return _Source(path, f"(SELECT {listed} FROM read_parquet({_quote(path)}))", chosen[0][1], None), findings


def _quote(path: Path) -> str:
    return _literal(str(path))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _register(connection: Any, source: _Source, column: str, required: bool) -> list[Finding]:
    """Convert the distinct texts of a column and make them a table of ``text`` and ``value``."""
    use = source.use(column)
    if use is None:
        return []
    place = f"c{use.position}"
    raw = connection.execute(
        f"SELECT {place}, count(*) FROM {source.sql} GROUP BY 1 LIMIT {MOST_DISTINCT + 1}"
    ).fetchall()
    if len(raw) > MOST_DISTINCT:
        return [finding("error", source.path.name, "too_many_distinct", column=use.place, most=MOST_DISTINCT)]
    cells = from_distinct([_cell(text) for text, _ in raw], np.arange(len(raw)))
    values, doubts = convert(cells, use)
    mapping = pd.DataFrame({"text": [None if text is None else str(text) for text, _ in raw], "value": values})
    mapping["text"] = mapping["text"].astype("str")
    connection.register(f"m_{column}_frame", mapping)
    connection.execute(f"CREATE TABLE m_{column} AS SELECT * FROM m_{column}_frame")
    counts = dict(zip((None if text is None else str(text) for text, _ in raw), (n for _, n in raw), strict=True))
    return _findings(source, use, cells, mapping, counts, doubts, required)


def _cell(value: object) -> Cell:
    if value is None:
        return Cell("", EMPTY)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        whole = float(value).is_integer() and abs(float(value)) < 1e15
        return Cell(str(int(value)) if whole else repr(value), NUMBER)
    return Cell(str(value))


def _findings(
    source: _Source, use: Use, cells: CellColumn, mapping: pd.DataFrame, counts: dict[str | None, int],
    doubts: Sequence[Any], required: bool,
) -> list[Finding]:  # fmt: skip
    """One finding per distinct text that was refused or doubted, with the number of rows it stands in."""
    found = []
    for doubt in itertools.islice(doubts, _SHOWN):
        texts = mapping["text"][cells.codes == doubt.code]
        n = sum(counts.get(None if pd.isna(text) else text, 0) for text in texts)
        values = {**doubt.values, "n": n}
        row = _first_row(source, use, texts.iloc[0]) if doubt.severity == "error" else None
        found.append(
            finding(doubt.severity, source.path.name, doubt.rule, row=row, column=use.place,
                    value=cells.distinct[doubt.code].text, **values)
        )  # fmt: skip
    refused = {doubt.code for doubt in doubts if doubt.severity == "error"}
    empty = mapping["value"].isna() & ~np.isin(cells.codes, sorted(refused))
    if required and empty.any():
        text = mapping["text"][empty].iloc[0]
        row = _first_row(source, use, None if pd.isna(text) else text)
        found.append(
            finding(
                "error", source.path.name, "missing_value", row=row, column=use.place, name=wording(use.column.label)
            )
        )
    return found


def _first_row(source: _Source, use: Use, text: str | None) -> int | None:
    """Return the row, as Excel would show it, where a text stands first; None for Parquet."""
    if source.separator is None:
        return None
    with source.path.open(encoding="utf-8-sig", newline="") as handle:
        for number, row in enumerate(csv.reader(handle, delimiter=source.separator), start=1):
            cell = row[use.position] if use.position < len(row) else ""
            if number > source.layout.first_row and cell == (text or ""):
                return number
    return None


def _query(source: _Source, keys: Sequence[str], columns: Sequence[str], sums: Sequence[str]) -> str:
    used = [column for column in columns if source.use(column) is not None]
    absent = [f"NULL::DOUBLE AS {column}" for column in columns if source.use(column) is None]
    picked = ", ".join([f"m_{column}.value AS {column}" for column in used] + absent)
    joins = " ".join(
        f"LEFT JOIN m_{column} ON CAST(t.c{_position(source, column)} AS VARCHAR) IS NOT DISTINCT FROM m_{column}.text"
        for column in used
    )
    inner = f"SELECT {picked} FROM {source.sql} t {joins}"
    return f"SELECT {', '.join(keys)}, {', '.join(sums)} FROM ({inner}) GROUP BY {', '.join(keys)}"


def _position(source: _Source, column: str) -> int:
    use = source.use(column)
    assert use is not None
    return use.position
