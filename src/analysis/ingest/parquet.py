"""Parquet files: typed columns, taken as text like everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analysis.ingest.cells import BLANK, BOOLEAN, DATE, NUMBER, Cell, CellColumn, Sheet, from_distinct
from analysis.ingest.findings import finding
from analysis.results import Finding

# A few bytes can stand for a billion equal rows: the promise is read before the rows are.
MOST_CELLS = 400_000_000


def read_parquet(path: Path) -> tuple[list[Sheet], list[Finding]]:
    """Read a Parquet file as one sheet whose first row is the header.

    Returns
    -------
    sheets
        One sheet, or none if the file cannot be read.
    findings
        Why it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        described = pq.ParquetFile(path)
        cells = described.metadata.num_rows * max(1, described.metadata.num_columns)
        if cells > MOST_CELLS:
            return [], [finding("error", path.name, "too_many_cells", n=cells, most=MOST_CELLS)]
        content = described.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        return [], [finding("error", path.name, "damaged_file", value=str(error).splitlines()[0])]
    columns = tuple(_column(name, content.column(name)) for name in content.column_names)
    return [Sheet(path.name, None, columns, content.num_rows + 1)], []


def _column(name: str, values: object) -> CellColumn:
    """Header and cells of one column; its distinct values only are turned into text."""
    import pyarrow as pa

    coded = values.combine_chunks()  # type: ignore[attr-defined]
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    kind = _kind(coded.dictionary.type)
    cells = [BLANK, Cell(name), *(_cell(value, kind) for value in coded.dictionary.to_pylist())]
    codes = coded.indices.fill_null(-2).to_numpy(zero_copy_only=False).astype(np.int64) + 2
    return from_distinct(cells, np.concatenate([[1], codes]))


def _kind(kind: object) -> int:
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return BOOLEAN
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return NUMBER
    return DATE if pa.types.is_temporal(kind) else 0


def _cell(value: object, kind: int) -> Cell:
    if value is None or value != value:
        return BLANK
    if kind == NUMBER:
        number = float(value)  # type: ignore[arg-type]
        # Whole numbers of 64 bits keep all their digits.
        if isinstance(value, int):
            return Cell(str(value), NUMBER)
        return Cell(str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number), NUMBER)
    if kind == DATE:
        return Cell(value.isoformat(), DATE)  # type: ignore[attr-defined]
    return Cell(str(value), kind)
