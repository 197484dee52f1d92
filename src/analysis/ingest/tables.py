"""What each office file has to look like, read from `data/catalog/tables.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from analysis.catalog import Text, load_records
from analysis.errors import UsageError, closest
from analysis.paths import catalog_dir

ColumnType = Literal[
    "identifier",
    "region",
    "name",
    "free_text",
    "respondent",
    "choice",
    "number",
    "integer",
    "rupiah",
    "score",
    "yes_no",
    "period",
    "year",
    "date",
    "nip",
]
NUMERIC_TYPES = ("number", "integer", "rupiah", "score")


@dataclass(frozen=True, eq=False)
class Column:
    """One column of an office file.

    Parameters
    ----------
    name
        Canonical name.
    type
        How its cells are read, see `analysis.ingest.convert`.
    label
        What people call it.
    required
        Whether the file is refused without it; a required cell may not be empty either, except a score.
    headers
        Headers in use, besides the name and the labels; compared by `analysis.ingest.headers.plain`.
    keywords
        Words of which a question in the header needs one (survey forms export the question as header).
    minimum, maximum
        Range of a number, or of the year of a date.
    zero_is_missing
        Whether a zero can only mean that there is no value.
    missing
        Further words for "no value".
    options
        Stored word and how offices write it, for a column of fixed words.
    offered
        Ways of writing the options that the template offers.
    units
        Words after a number that may be left out ("20 JP").
    filler_run
        So many equal values in consecutive rows are doubted; 0 means never.
    deducted
        Part of the training budget that the law does not count; taken out of it and not kept.
    sensitive
        Never quoted in a finding.
    example
        A value for the template.
    """

    name: str
    type: ColumnType
    label: Text
    required: bool = False
    headers: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    zero_is_missing: bool = False
    missing: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    filler_run: int = 0
    deducted: bool = False
    sensitive: bool = False
    example: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """One kind of office file.

    Parameters
    ----------
    name
        Canonical name.
    label
        What people call it.
    files
        Words with which a file's name may start.
    key
        Columns that identify a row; empty if rows may repeat freely.
    columns
        Its columns in canonical order.
    repeats_allowed
        Whether rows that differ outside the key are different events rather than a contradiction.
    one_of
        Columns of which each row needs at least one.
    """

    name: str
    label: Text
    files: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    repeats_allowed: bool = False
    one_of: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return a column by its canonical name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns of the checked table."""
        return tuple(column for column in self.columns if not column.deducted)


@cache
def load_tables() -> dict[str, Table]:
    """Read the contract of all office files (once per process)."""
    return load_records(catalog_dir() / "tables.yml", Table)


def find_table(name: str) -> Table:
    """Return the contract of one table.

    Raises
    ------
    UsageError
        If there is no such table, with the closest name.
    """
    tables = load_tables()
    if name not in tables:
        raise UsageError("ingest.unknown_table", table=name, known=list(tables), closest=closest(name, tables) or "–")
    return tables[name]
