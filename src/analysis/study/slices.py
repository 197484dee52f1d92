"""Slices: the part of a stored study that one region's report rests on, as one small file with a hash.

A region is run again only if its slice has changed. Because estimates pool, the national and pooled estimates, the
verdicts of the nation, the mean index and the sizes of the whole study are in every slice: a changed answer that moves
them changes all slices, and rightly so. What does not move them (a unit's name, a complaint's text, a finding in a
file) changes the slices of the regions whose units are in that file, and no other. The synthesis of all regions has
a slice of its own.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.results import JSON_COLUMNS, StudyResults

SLICES = "regions"
INDEX = "slices.json"
OVERVIEW = "synthesis"
"""Name of the slice that the synthesis of all regions rests on."""
_OF_THE_RUN = ("run_id", "code_sha256")


def write_slices(results: StudyResults, folder: Path) -> None:
    """Write every slice into ``regions/`` of a stored study, and ``slices.json`` with their hashes."""
    (folder / SLICES).mkdir()
    digests = {}
    for name, part in itertools.chain(results.by_region(), [(OVERVIEW, results.overview())]):
        content = packed(part)
        slice_path(folder, name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    (folder / INDEX).write_text(json.dumps(digests, indent=1, sort_keys=True), encoding="utf-8")


def slice_digests(folder: Path) -> dict[str, str]:
    """Return the hash of every slice in a stored study, by the region's code or `OVERVIEW`."""
    return dict(json.loads((folder / INDEX).read_text(encoding="utf-8")))


def slice_path(folder: Path, name: str) -> Path:
    """Return the file of a slice in a stored study."""
    return folder / SLICES / f"{name}.arrow"


def slice_bytes(results: StudyResults, code: str) -> bytes:
    """Return a region's slice."""
    return packed(results.of_region(code))


def packed(part: StudyResults) -> bytes:
    """Return a part of a study's results: its tables as Arrow streams one after the other, led by what is no table."""
    meta = {name: value for name, value in part.meta.items() if name not in _OF_THE_RUN}
    meta["files"] = [{key: value for key, value in item.items() if key != "regions"} for item in meta["files"]]
    head = {"meta": meta, "regions": list(part.regions), "tables": table_names()}
    plain = json.dumps(head, sort_keys=True, ensure_ascii=False).encode()
    sink = pa.BufferOutputStream()
    sink.write(len(plain).to_bytes(8, "little") + plain)
    for name in table_names():
        made = pa.Table.from_pandas(encoded(getattr(part, name)), preserve_index=False, nthreads=1)
        # Texts of Python and of Arrow give the same bytes; what pandas notes of columns is longer than most tables.
        table = made.cast(_with_one_kind_of_text(made.schema)).replace_schema_metadata(None)
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    return bytes(sink.getvalue())


def _with_one_kind_of_text(schema: pa.Schema) -> pa.Schema:
    kinds = ((item.name, pa.large_string() if item.type == pa.string() else item.type) for item in schema)
    return pa.schema([pa.field(name, kind) for name, kind in kinds])


def read_slice(content: bytes, only: Collection[str] | None = None) -> StudyResults:
    """Return the results that `packed` wrote.

    Parameters
    ----------
    content
        The slice.
    only
        Names of the tables that are wanted; the others come empty. By default all of them.
    """
    size = int.from_bytes(content[:8], "little")
    plain = json.loads(content[8 : 8 + size])
    source = pa.BufferReader(pa.py_buffer(content)[8 + size :])
    tables = {name: _next_table(source) for name in plain["tables"]}
    wanted = {name for name in tables if only is None or name in only}
    # In tables of a few rows texts of Arrow take twice as long as those of Python; both are the same type to pandas.
    with pd.option_context("mode.string_storage", "python"):
        frames = {name: _frame(table) if name in wanted else pd.DataFrame() for name, table in tables.items()}
    return StudyResults(meta=plain["meta"], regions=tuple(plain["regions"]), **frames)


def _next_table(source: Any) -> pa.Table:
    with pa.ipc.open_stream(source) as stream:
        return stream.read_all()


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(use_threads=False, ignore_metadata=True)
    return decoded(frame)


def table_names() -> list[str]:
    """Return the names of the tables of a study's results."""
    return [item.name for item in fields(StudyResults) if item.name not in ("meta", "regions")]


def encoded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose messages are JSON text, so that it can be stored."""
    texts = {name: [_json(item) for item in frame[name]] for name in _message_columns(frame)}
    return frame.assign(**texts) if texts else frame


def decoded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a stored table with its messages as plain mappings."""
    for name in _message_columns(frame):
        frame[name] = pd.Series([json.loads(item) for item in frame[name]], dtype=object, index=frame.index)
    return frame


def _json(item: Any) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False, default=float)


def _message_columns(frame: pd.DataFrame) -> Iterator[str]:
    return (name for name in JSON_COLUMNS if name in frame.columns)
