"""Tables written in any mixture of the ways that offices write them, with the values that must come back."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from hypothesis import strategies as st

MONTHS_ID = ["Januari", "Februari", "Maret", "April", "Mei", "Juni"]
MONTHS_ID += ["Juli", "Agustus", "September", "Oktober", "November", "Desember"]
MONTHS_EN = ["January", "February", "March", "April", "May", "June"]
MONTHS_EN += ["July", "August", "September", "October", "November", "December"]
ROMAN = {1: "I", 2: "II"}
REGIONS = {
    "82": "Maluku Utara",
    "15.09": "Kabupaten Tebo",
    "96.71": "Kota Sorong",
    "15.08": "Kabupaten Bungo",
}


@dataclass(frozen=True)
class Written:
    """A file and what is in it.

    Parameters
    ----------
    suffix, content
        Of the file.
    table
        Name of the table.
    values
        Canonical values of every column that was written.
    ambiguous
        Texts that may legitimately be refused as ambiguous.
    """

    suffix: str
    content: bytes
    table: str
    values: dict[str, list[Any]]
    ambiguous: frozenset[str]

    def save(self, folder: Path) -> Path:
        path = folder / f"file{self.suffix}"
        path.write_bytes(self.content)
        return path


def number_id(value: float, grouped: bool, places: int) -> str:
    text = f"{value:,.{places}f}" if grouped else f"{value:.{places}f}"
    return text.translate(str.maketrans(",.", ".,"))


def number_en(value: float, grouped: bool, places: int) -> str:
    return f"{value:,.{places}f}" if grouped else f"{value:.{places}f}"


@st.composite
def numbers(
    draw: st.DrawFn, size: int, most: int, places: int = 0, money: bool = False, least: int = 0
) -> tuple[list[float], list[Any]]:
    """Draw values with `places` decimals, and how a column of one notation writes them."""
    scale = 10**places
    values = [draw(st.integers(least * scale, most * scale)) / scale for _ in range(size)]
    style = draw(
        st.sampled_from(["id", "en", "plain", "typed", "rupiah", "juta"] if money else ["id", "en", "plain", "typed"])
    )
    if style == "typed":
        return values, list(values)
    if style == "juta":
        values = [round(value) * 1e3 for value in values]
        return values, [f"{number_id(value / 1e6, False, 3)} juta" for value in values]
    if style == "rupiah":
        return values, [
            f"Rp {number_id(value, True, places)}" if places else f"Rp{number_id(value, True, 0)},-" for value in values
        ]
    write = number_en if style == "en" else number_id
    return values, [write(value, style != "plain", places) for value in values]


@st.composite
def periods(draw: st.DrawFn, size: int) -> tuple[list[str], list[Any]]:
    found = [(draw(st.integers(2017, 2026)), draw(st.integers(1, 2))) for _ in range(size)]
    return [f"{y}-S{h}" for y, h in found], [_period(draw, y, h) for y, h in found]


def _period(draw: st.DrawFn, year: int, half: int) -> str:
    month = 6 * half - 6 + draw(st.integers(1, 6))
    styles = [
        f"{year}-S{half}",
        f"Semester {ROMAN[half]} {year}",
        f"SMT {half} Tahun {year}",
        f"H{half} {year}",
        f"semester {'pertama' if half == 1 else 'kedua'} {year}",
        f"Triwulan {2 * half} {year}",
        f"{MONTHS_ID[month - 1]} {year}",
        f"{year}-{month:02}",
    ]
    return draw(st.sampled_from(styles))


@st.composite
def dates(draw: st.DrawFn, size: int, typed: bool) -> tuple[list[datetime.date], list[Any]]:
    days = [draw(st.dates(datetime.date(2017, 1, 1), datetime.date(2026, 12, 31))) for _ in range(size)]
    return days, [_date(draw, day, typed) for day in days]


def _date(draw: st.DrawFn, day: datetime.date, typed: bool) -> Any:
    clock = draw(st.sampled_from(["", "", " 14:30", " 09.15 WIB", " pukul 08:00 WITA"]))
    styles = [
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}-{day.month}-{day.year}",
        f"{day:%d.%m.%Y}",
        f"{day.day} {MONTHS_ID[day.month - 1]} {day.year}",
        f"{day.day} {MONTHS_EN[day.month - 1][:3]} {day.year}",
        f"{MONTHS_EN[day.month - 1]} {day.day}, {day.year}",
    ]
    return day if typed and draw(st.booleans()) else draw(st.sampled_from(styles)) + clock


MISSING = ["", "-", "n/a", "tad", "Tidak ada data"]


@st.composite
def scores(draw: st.DrawFn, size: int, most: int) -> tuple[list[float | None], list[Any]]:
    values = [draw(st.one_of(st.none(), st.integers(1, most))) for _ in range(size)]
    typed = draw(st.booleans())
    return values, [draw(st.sampled_from(MISSING)) if v is None else (v if typed else str(v)) for v in values]


words = st.text("abcdefghijklmnopqrstuvwxyzé ABCDEFG'&/()", min_size=3, max_size=20).map(
    lambda t: "Dinas " + " ".join(t.split())
)


@st.composite
def columns(draw: st.DrawFn, table: str, size: int, typed: bool) -> dict[str, tuple[list[Any], list[Any]]]:
    """Draw the columns of a table: canonical values and what is written."""
    units = [f"82-{n:03}" for n in range(size)]
    if table == "units":
        codes = [draw(st.sampled_from(sorted(REGIONS))) for _ in range(size)]
        shown = [REGIONS[code] if draw(st.booleans()) else code for code in codes]
        names = [f"{draw(words)} {n}" for n in range(size)]
        return {
            "unit_id": (units, units),
            "region_code": (codes, shown),
            "unit_name": (names, names),
            "service_type": (names, names),
            "headcount": draw(numbers(size, 5000, least=1)),
        }
    if table == "survey":
        return {
            "unit_id": (units, units),
            "period": draw(periods(size)),
            "respondent_id": ([str(n) for n in range(size)], list(range(size))),
            **{f"U{n}": draw(scores(size, 4)) for n in range(1, 10)},
        }
    if table == "training":
        return {
            "unit_id": (units, units),
            "period": draw(periods(size)),
            "nip": ([_nip(n) for n in range(size)],) * 2,
            "form": (["seminar"] * size, [draw(st.sampled_from(["Seminar", "seminar", "WEBINAR"])) for _ in units]),
            "topic": (["Etika"] * size,) * 2,
            "hours": draw(numbers(size, 400, 2)),
            "cost": draw(numbers(size, 90_000_000, money=True)),
        }
    if table == "budget":
        years = [draw(st.integers(2017, 2026)) for _ in units]
        spent, total = draw(numbers(size, 900_000, money=True)), draw(numbers(size, 5 * 10**9, money=True, least=10**9))
        shown = [draw(st.sampled_from([y, f"TA {y}", str(y)])) for y in years]
        return {
            "unit_id": (units, units),
            "year": (years, shown),
            "training_budget": spent,
            "total_budget": total,
            "realised": spent,
        }
    received = draw(dates(size, typed))
    return {"unit_id": (units, units), "received_on": received, "closed_on": received, "channel": (units, units)}


def _nip(n: int) -> str:
    return f"199003042015031{n + 1:03}"


@st.composite
def files(draw: st.DrawFn) -> Written:
    """Draw a file of any table in any dialect."""
    table = draw(st.sampled_from(["units", "survey", "training", "budget", "complaints"]))
    size = draw(st.integers(1, 6))
    suffix = draw(st.sampled_from([".csv", ".csv", ".txt", ".xlsx", ".parquet"]))
    drawn = draw(columns(table, size, typed=suffix == ".xlsx"))
    headers = [draw(st.sampled_from(header_choices(table, name))) for name in drawn]
    order = draw(st.permutations(range(len(headers))))
    written = [[headers[i], *list(drawn.values())[i][1]] for i in order]
    rows = list(map(list, zip(*written, strict=True)))
    content = _content(draw, suffix, rows)
    texts = frozenset(str(cell) for column in written for cell in column if isinstance(cell, str))
    return Written(suffix, content, table, {name: values for name, (values, _) in drawn.items()}, texts)


def header_choices(table: str, name: str) -> list[str]:
    from analysis.ingest import load_tables

    column = load_tables()[table].column(name)
    return [name, column.label.id, column.label.en, *column.headers[:3], column.label.id.upper()]


def _content(draw: st.DrawFn, suffix: str, rows: list[list[Any]]) -> bytes:
    if suffix == ".xlsx":
        return _workbook(rows, draw(st.integers(0, 3)), draw(st.integers(0, 2)))
    if suffix == ".parquet":
        stream = io.BytesIO()
        frame = pd.DataFrame({h: _parquet_column([row[i] for row in rows[1:]]) for i, h in enumerate(rows[0])})
        frame.to_parquet(stream)
        return stream.getvalue()
    separator = "\t" if suffix == ".txt" else draw(st.sampled_from([";", ",", "\t", "|"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    lines = [separator.join(_quoted(_plain(cell), separator) for cell in row) for row in rows]
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""]).encode(encoding)


def _parquet_column(cells: list[Any]) -> list[Any]:
    return cells if all(isinstance(cell, (int, float)) for cell in cells) else [_plain(cell) for cell in cells]


def _plain(cell: Any) -> str:
    # A text file has no typed numbers; Indonesian Excel writes them with a comma.
    return number_id(cell, False, 2) if isinstance(cell, float) else str(cell)


def _quoted(text: str, separator: str) -> str:
    return '"' + text.replace('"', '""') + '"' if separator in text or '"' in text or "\n" in text else text


def _workbook(rows: list[list[Any]], down: int, right: int) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet("Data")
        for r, row in enumerate(rows, start=down):
            for c, cell in enumerate(row, start=right):
                if isinstance(cell, str):
                    page.write_string(r, c, cell)
                else:
                    page.write(r, c, cell)
    return stream.getvalue()
