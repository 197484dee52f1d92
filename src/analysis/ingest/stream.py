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
from analysis.ingest.convert import MISSING_WORDS, convert
from analysis.ingest.findings import finding, has_errors, wording
from analysis.ingest.headers import Layout, Use, score
from analysis.ingest.reader import choose_layouts
from analysis.ingest.repeats import officers_by_unit, once
from analysis.ingest.safety import TEXT_SUFFIXES
from analysis.ingest.sheets import layout_findings
from analysis.ingest.sums import ELEMENTS, sql_factors, sql_sums
from analysis.ingest.tables import Table, find_table
from analysis.ingest.textfile import choose_separator, decode
from analysis.results import Finding

DEFAULT_MEMORY = "2GB"
MOST_DISTINCT = 2_000_000
_HEAD_BYTES = 1_000_000
_HEAD_ROWS = 200
_SHOWN = 20
PORTION = 100_000
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Streamed:
    """Sums of a large file.

    Parameters
    ----------
    frame
        The sums; None when a finding has severity ``"error"``.
    findings
        What was refused, repaired or doubted.
    rows
        Rows of the file.
    people
        Different officers (``nip``) by ``unit_id`` and ``period``, where the file names them.
    """

    frame: pd.DataFrame | None
    findings: tuple[Finding, ...]
    rows: int = 0
    people: pd.DataFrame | None = None


@dataclass(frozen=True)
class _Work:
    """What is summed: key columns, values, who a row is about, groups, and whether two rows of one may not differ."""

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    person: str
    groups: tuple[str, ...]
    single: bool


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

    A respondent whose row is there twice counts once; one with two different rows refuses the file.

    Parameters
    ----------
    path
        A .csv, .txt (UTF-8) or .parquet file.
    memory
        Memory that DuckDB may use; the rest goes to a temporary folder.
    threads
        Processors that it may use.
    progress
        Called with rows done, rows in all and the name of the table.

    Returns
    -------
    Streamed
        `frame` has ``unit_id, period`` and `analysis.ingest.sums.SUM_COLUMNS`, sorted, as `survey_sums` gives them.
    """
    work = _Work("survey", ("unit_id", "period"), ELEMENTS, "respondent_id", ("unit_id", "period"), True)
    streamed = _aggregate(Path(path), work, (memory, threads), progress)
    if streamed.frame is None:
        return streamed
    return replace(streamed, frame=streamed.frame[streamed.frame["n"] > 0].reset_index(drop=True))


def aggregate_training(
    path: str | Path, *, memory: str = DEFAULT_MEMORY, threads: int = 2, progress: Progress | None = None
) -> Streamed:
    """Sum the records of a training file; the sums serve wherever records do that are added up by unit.

    Parameters
    ----------
    path, memory, threads, progress
        As in `aggregate_survey`.

    Returns
    -------
    Streamed
        `frame` has the columns of the training table (``nip`` missing) and ``n`` (records): one row per unit,
        half-year, form, topic and provider, records with and without hours or cost apart, ``hours`` and ``cost``
        summed. `people` has the officers (``nip``) by unit and half-year, if the file names them.
    """
    keys = ("unit_id", "period", "form", "topic")
    work = _Work("training", keys, ("hours", "cost", "provider"), "nip", (*keys, "provider", "priced", "taught"), False)
    streamed = _aggregate(Path(path), work, (memory, threads), progress)
    if streamed.frame is None:
        return streamed
    frame = streamed.frame.drop(columns=["priced", "taught"]).assign(nip=None)
    for name in ("nip", "provider"):
        frame[name] = frame[name].astype("str")
    return replace(streamed, frame=frame[[*(column.name for column in find_table("training").columns), "n"]])


def _sums(work: _Work) -> tuple[list[str], list[str]]:
    """Return the columns over which is summed, and the sums."""
    if work.name == "survey":
        return [*work.groups, *sql_factors()], sql_sums()
    flags = ["cost IS NOT NULL AS priced", "hours > 0 AS taught"]
    columns = [*work.keys, "provider", "hours", "cost", *flags]
    return columns, ["sum(hours) AS hours", "sum(cost) AS cost", "count(*) AS n"]


def _aggregate(path: Path, work: _Work, limits: tuple[str, int], progress: Progress | None) -> Streamed:
    import duckdb

    table = find_table(work.name)
    source, findings = _open(path, table)
    if source is None or has_errors(findings):
        return Streamed(None, tuple(findings))
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{limits[0]}'; SET threads = {int(limits[1])}")
        connection.execute(
            f"SET temp_directory = '{spill}'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
        )
        try:
            source = _stage(connection, source, [*work.keys, *work.values, work.person], Path(spill))
        except duckdb.Error as error:
            return Streamed(None, (finding("error", path.name, "damaged_file", value=str(error).splitlines()[0]),))
        return _summed(connection, source, work, findings, progress)


def _summed(
    connection: Any, source: _Source, work: _Work, findings: list[Finding], progress: Progress | None
) -> Streamed:
    rows = int(connection.execute(f"SELECT count(*) FROM {source.sql}").fetchone()[0])
    columns = [*work.keys, *work.values]
    # Every column is looked through once, then persons, then all columns together for the sums.
    steps = len(columns) + 3

    def tell(step: int) -> None:
        if progress is not None:
            progress(rows * step // steps, rows, work.name)

    for number, column in enumerate(columns):
        tell(number)
        findings += _register(connection, source, column)
    tell(len(columns))
    findings += _check_persons(connection, source, work)
    if has_errors(findings):
        return Streamed(None, tuple(findings), rows)
    tell(len(columns) + 1)
    parsed, found = once(connection, _select(source, columns, work), work, source.path.name)
    if has_errors(found):
        return Streamed(None, (*findings, *found), rows)
    over, sums = _sums(work)
    groups = ", ".join(work.groups)
    query = f"SELECT {groups}, {', '.join(sums)} FROM (SELECT {', '.join(over)} FROM ({parsed})) GROUP BY {groups}"
    frame = connection.execute(query).df()
    named = work.name == "training" and source.use(work.person) is not None
    people = officers_by_unit(connection, _select(source, ["unit_id", "period"], work)) if named else None
    tell(steps)
    findings += [*found, finding("warning", source.path.name, f"summed_{work.name}", n=rows)]
    return Streamed(frame.sort_values(list(work.groups), ignore_index=True), tuple(findings), rows, people)


def _check_persons(connection: Any, source: _Source, work: _Work) -> list[Finding]:
    """Officer numbers are checked like everywhere, in portions: there may be millions of different ones."""
    use = source.use(work.person)
    if use is None or use.column.type != "nip":
        return []
    texts = connection.execute(f"SELECT DISTINCT c{use.position} FROM {source.sql}")
    found: list[Finding] = []
    while portion := texts.fetchmany(PORTION):
        cells = from_distinct([_cell(text) for (text,) in portion], np.arange(len(portion)))
        _, doubts = convert(cells, use)
        found += [
            finding(doubt.severity, source.path.name, doubt.rule, column=use.place, **doubt.values) for doubt in doubts
        ]
    return sorted(found, key=lambda item: item.rule)[:_SHOWN]


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
    findings += [item for _, layout in chosen for item in layout_findings(sheet, layout, table)]
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
    findings += [item for _, layout in chosen for item in layout_findings(sheet, layout, table)]
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


def _register(connection: Any, source: _Source, column: str) -> list[Finding]:
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
    return _findings(source, use, cells, mapping, counts, doubts)


def _cell(value: object) -> Cell:
    if value is None:
        return Cell("", EMPTY)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        whole = float(value).is_integer() and abs(float(value)) < 1e15
        return Cell(str(int(value)) if whole else repr(value), NUMBER)
    return Cell(str(value))


def _findings(
    source: _Source, use: Use, cells: CellColumn, mapping: pd.DataFrame, counts: dict[str | None, int],
    doubts: Sequence[Any],
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
    if use.column.required and use.column.type != "score" and empty.any():
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


def _select(source: _Source, columns: Sequence[str], work: _Work) -> str:
    """Return SQL for the converted values of some columns, and ``who`` a row is about (missing where nobody is)."""
    used = [column for column in columns if source.use(column) is not None]
    kinds = {column: "VARCHAR" if column == "provider" else "DOUBLE" for column in columns}
    absent = [f"NULL::{kinds[column]} AS {column}" for column in columns if source.use(column) is None]
    picked = ", ".join([f"m_{column}.value AS {column}" for column in used] + absent)
    joins = " ".join(
        f"LEFT JOIN m_{column} ON CAST(t.c{_position(source, column)} AS VARCHAR) IS NOT DISTINCT FROM m_{column}.text"
        for column in used
    )
    return f"SELECT {picked}, {_who(source, work)} AS who FROM {source.sql} t {joins}"


def _who(source: _Source, work: _Work) -> str:
    use = source.use(work.person)
    if use is None:
        return "NULL::VARCHAR"
    text = f"trim(CAST(t.c{use.position} AS VARCHAR))"
    if use.column.type == "nip":
        return f"nullif(regexp_replace({text}, '[^0-9]+', '', 'g'), '')"
    word = f"trim(regexp_replace(lower({text}), '[^0-9a-z]+', ' ', 'g'))"
    return f"CASE WHEN {word} IN ({', '.join(map(_literal, sorted(MISSING_WORDS)))}) THEN NULL ELSE {text} END"


def _position(source: _Source, column: str) -> int:
    use = source.use(column)
    assert use is not None
    return use.position
