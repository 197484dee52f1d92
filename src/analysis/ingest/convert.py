"""From cells to values: one distinct text at a time, and a whole column only where that settles its notation."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.catalog import load_catalog
from analysis.errors import UsageError, closest
from analysis.ingest.cells import (
    BOOLEAN,
    DATE,
    EMPTY,
    EXCEL_ERROR,
    NUMBER,
    UNCALCULATED,
    Cell,
    CellColumn,
)
from analysis.ingest.dates import from_serial, half_year, read_date, read_period, read_year
from analysis.ingest.findings import Severity
from analysis.ingest.headers import Use, plain
from analysis.ingest.identifiers import looks_like_person, nip_problem, normalise_nip, remove_traces
from analysis.ingest.numbers import NumberColumn, has_unclear_multiple, read_number
from analysis.ingest.scores import read_score, words_of
from analysis.ingest.tables import Column
from analysis.ingest.yes_no import read_yes_no
from analysis.messages import Message

_MISSING = (
    "|n a|na|nan|null|none|tad|t a d|tidak ada|tidak ada data|tidak tersedia|belum ada|belum ada data|kosong|"
    "tidak diisi|missing|not available|no data|nil"
)
MISSING_WORDS = frozenset(_MISSING.split("|"))
# Signs that stand for "nothing"; others, such as a tick, are an answer that has to be read or refused.
_MISSING_SIGNS = frozenset("-–—−_.…/*?:=~' ")
_SERIAL_DIGITS = 15


@dataclass(frozen=True)
class Doubt:
    """What is wrong with, or was done to, one distinct cell of a column.

    Parameters
    ----------
    code
        Position among the distinct cells.
    severity, rule
        As in a finding.
    values
        Placeholders of the rule's text.
    message
        Text, if it is not that of the rule.
    """

    code: int
    severity: Severity
    rule: str
    values: dict[str, Any]
    message: Message | None = None


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A cell that has no value; carries its rule."""

    def __init__(self, rule: str, message: Message | None = None, **values: Any) -> None:
        self.rule, self.values, self.message = rule, values, message
        super().__init__(rule)


@dataclass
class _Reader:
    """Reads the distinct cells of one column and collects doubts."""

    use: Use
    doubts: list[Doubt]
    code: int = 0

    @property
    def column(self) -> Column:
        return self.use.column

    def warn(self, rule: str, **values: Any) -> None:
        self.doubts.append(Doubt(self.code, "warning", rule, values))


def convert(cells: CellColumn, use: Use) -> tuple[pd.Series, list[Doubt]]:
    """Convert a column.

    Parameters
    ----------
    cells
        Its cells below the header, without rows that hold no data.
    use
        What it holds.

    Returns
    -------
    values
        One per row; missing where there is none or it was refused. dtype: float, datetime64 or str.
    doubts
        One per distinct cell that was refused (error) or read with a doubt (warning).
    """
    reader = _Reader(use, [])
    read = _column_reader(cells, reader)
    values: list[Any] = []
    used = np.bincount(cells.codes, minlength=len(cells.distinct)) > 0
    for code, cell in enumerate(cells.distinct):
        reader.code = code
        try:
            values.append(read(cell) if used[code] and not _is_missing(cell, use.column) else None)
        except _Refused as refused:
            values.append(None)
            reader.doubts.append(Doubt(code, "error", refused.rule, refused.values, refused.message))
    return _spread(values, cells, use.column), reader.doubts


def _is_missing(cell: Cell, column: Column) -> bool:
    if cell.kind == EMPTY:
        return True
    if cell.kind in (EXCEL_ERROR, UNCALCULATED):
        return False
    if cell.text[:1].isdigit():
        return False
    word = plain(cell.text)
    if column.options and any(word == plain(way) for ways in column.options.values() for way in ways):
        return False
    if word == "tidak ada" and (column.name == "U8" or column.type == "yes_no"):
        return False
    if not word:
        return set(cell.text) <= _MISSING_SIGNS
    return word in MISSING_WORDS or word in {plain(text) for text in column.missing}


def _spread(values: list[Any], cells: CellColumn, column: Column) -> pd.Series:
    if column.type in ("number", "integer", "rupiah", "score", "year", "yes_no"):
        distinct = np.array([np.nan if value is None else value for value in values], dtype=float)
        return pd.Series(distinct[cells.codes] if len(distinct) else np.empty(0))
    if column.type == "date":
        days = pd.Series(pd.to_datetime(pd.Series(values, dtype=object))).astype("datetime64[us]")
        return days.iloc[cells.codes].reset_index(drop=True)
    return pd.Series(np.array([*values, None], dtype=object)[cells.codes], dtype="str")


def _column_reader(cells: CellColumn, reader: _Reader) -> Callable[[Cell], Any]:
    kind = reader.column.type
    if kind in ("number", "integer", "rupiah"):
        return _number_reader(cells, reader)
    if kind == "score":
        return _score_reader(cells, reader)
    if kind == "yes_no":
        return _yes_no_reader(cells)
    readers: dict[str, Callable[[Cell, _Reader], Any]] = {
        "identifier": _identifier,
        "region": _region,
        "name": _name,
        "free_text": _free_text,
        "respondent": _respondent,
        "choice": _choice,
        "period": _period,
        "year": _year,
        "date": _day,
        "nip": _nip,
    }
    return lambda cell: readers[kind](_calculated(cell), reader)


def _calculated(cell: Cell) -> Cell:
    if cell.kind == EXCEL_ERROR:
        raise _Refused("excel_error")
    if cell.kind == UNCALCULATED:
        raise _Refused("uncalculated_formula")
    return cell


def _number_reader(cells: CellColumn, reader: _Reader) -> Callable[[Cell], float | None]:
    column, factor = reader.column, reader.use.factor
    texts = {cell.text for cell in cells.distinct if cell.kind not in (NUMBER, EMPTY)}
    readings = {text: read_number(text, column.units) for text in texts}
    notations = frozenset(item.notation for item in readings.values() if item.notation)
    rule = NumberColumn(column.type == "integer", column.maximum)

    def read(cell: Cell) -> float | None:
        _calculated(cell)
        if cell.kind == NUMBER:
            return _checked(float(cell.text) * factor, reader)
        if cell.kind in (DATE, BOOLEAN):
            raise _Refused("date_for_number" if cell.kind == DATE else "not_a_number")
        found = readings[cell.text]
        value = rule.settle(found, notations) if found.ambiguous else found.certain
        if value is None and found.ambiguous:
            values = sorted((abs(found.id or 0.0), abs(found.en or 0.0)))
            raise _Refused("ambiguous_number", decimal=values[0], grouped=values[1])
        if value is None:
            raise _Refused("unclear_multiple" if has_unclear_multiple(cell.text) else "not_a_number")
        if "%" in cell.text or "persen" in cell.text.lower():
            raise _Refused("percent_not_expected")
        return _checked(value * factor, reader)

    return read


def _checked(value: float, reader: _Reader) -> float | None:
    """Apply the range of the column, and what a zero means."""
    column = reader.column
    if value == 0 and column.zero_is_missing:
        reader.warn("zero_is_missing")
        return None
    if column.type == "integer" and value != int(value):
        raise _Refused("not_whole")
    if (column.minimum is not None and value < column.minimum) or (
        column.maximum is not None and value > column.maximum
    ):
        raise _Refused("out_of_range", least=column.minimum, most=column.maximum)
    return value


def _score_reader(cells: CellColumn, reader: _Reader) -> Callable[[Cell], float | None]:
    column = reader.column
    words = words_of(column.name, column.maximum or 5)
    # "Tidak ada" is the lowest answer to U8 where the column holds words, and unclear where it holds numbers.
    spoken = any(
        cell.kind not in (NUMBER, EMPTY) and plain(cell.text) in words.keys() - {"tidak ada"} for cell in cells.distinct
    )

    def read(cell: Cell) -> float | None:
        _calculated(cell)
        if cell.kind in (DATE, BOOLEAN):
            raise _Refused("date_for_number" if cell.kind == DATE else "not_a_score")
        if plain(cell.text) == "tidak ada" and not spoken:
            raise _Refused("unclear_answer")
        value = read_score(cell.text, words)
        if value is None:
            number = read_number(cell.text).certain
            if number is not None and 1 < number < (column.maximum or 5):
                raise _Refused("score_not_whole", most=column.maximum)
            raise _Refused("not_a_score", most=column.maximum)
        return _checked(value, reader)

    return read


def _yes_no_reader(cells: CellColumn) -> Callable[[Cell], float]:
    texts = [cell.text for cell in cells.distinct]

    def read(cell: Cell) -> float:
        _calculated(cell)
        value = None if cell.kind == DATE else read_yes_no(cell.text, texts)
        if not isinstance(value, bool):
            raise _Refused("not_yes_or_no" if value is None else "unclear_yes_or_no")
        return float(value)

    return read


def _identifier(cell: Cell, reader: _Reader) -> str:
    if cell.kind == DATE:
        raise _Refused("date_for_code")
    if (cell.kind == NUMBER and len(cell.text.lstrip("-").partition(".")[0].partition("e")[0]) > _SERIAL_DIGITS) or (
        cell.kind == NUMBER and "e" in cell.text
    ):
        raise _Refused("code_damaged")
    return " ".join(cell.text.split())


def _region(cell: Cell, reader: _Reader) -> str:
    if cell.kind == DATE:
        raise _Refused("date_for_code")
    try:
        return load_catalog().resolve(cell.text).code
    except UsageError as error:
        raise _Refused("unknown_region", message=error.message) from error


def _name(cell: Cell, reader: _Reader) -> str:
    return " ".join(cell.text.split())


def _free_text(cell: Cell, reader: _Reader) -> str:
    kept = remove_traces(cell.text)
    if kept != cell.text:
        reader.warn("traces_removed")
    return kept


def _respondent(cell: Cell, reader: _Reader) -> str:
    if (cell.kind == NUMBER and float(cell.text) >= 10**11) or looks_like_person(cell.text):
        reader.warn("respondent_is_person")
        return f"r{reader.code + 1}"
    return _identifier(cell, reader)


def _choice(cell: Cell, reader: _Reader) -> str:
    ways = {plain(way): stored for stored, known in reader.column.options.items() for way in (*known, stored)}
    word = plain(cell.text)
    if word in ways:
        return ways[word]
    raise _Refused("unknown_word", closest=closest(word, ways) or "–", known=list(reader.column.options))


def _period(cell: Cell, reader: _Reader) -> str:
    if cell.kind == NUMBER:
        day = from_serial(float(cell.text))
        if day is None:
            found: Any = read_period(cell.text)
            raise _Refused(found if isinstance(found, str) else "not_a_period")
        reader.warn("period_folded")
        return half_year(day)
    found = read_period(cell.text.replace("T00:00:00", ""))
    if isinstance(found, str):
        raise _Refused(found)
    if found[1] is not None:
        reader.warn("period_folded")
    return str(found[0])


def _year(cell: Cell, reader: _Reader) -> float | None:
    year = read_year(cell.text)
    if year is None:
        raise _Refused("not_a_year")
    return _checked(float(year), reader)


def _day(cell: Cell, reader: _Reader) -> datetime.date:
    if cell.kind == NUMBER:
        serial = from_serial(float(cell.text))
        if serial is None:
            raise _Refused("not_a_date")
        reader.warn("date_from_serial")
        return _in_years(serial, reader.column)
    found = read_date(cell.text)
    if isinstance(found, str):
        raise _Refused(found)
    return _in_years(found, reader.column)


def _in_years(day: datetime.date, column: Column) -> datetime.date:
    if not (column.minimum or 0) <= day.year <= (column.maximum or 9999):
        raise _Refused("date_out_of_range", least=column.minimum, most=column.maximum)
    return day


def _nip(cell: Cell, reader: _Reader) -> str:
    if cell.kind == NUMBER and len(cell.text) > _SERIAL_DIGITS:
        raise _Refused("nip_damaged")
    digits = normalise_nip(cell.text)
    problem = nip_problem(digits)
    if problem:
        raise _Refused(problem)
    return digits
