"""How the files of this folder are written: workbooks, text in any encoding, and a few hostile archives."""

from __future__ import annotations

import datetime
import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Row = Sequence[object]
Build = Callable[[], bytes]
CREATED = datetime.datetime(2024, 1, 1)


def text(content: str, encoding: str = "utf-8") -> Build:
    """Return a text file."""
    return lambda: content.encode(encoding)


def table(rows: Sequence[Row], separator: str = ";", encoding: str = "utf-8") -> Build:
    """Return a text file of rows; cells are written as they are."""
    return text("".join(separator.join(str(cell) for cell in row) + "\r\n" for row in rows), encoding)


def workbook(
    *sheets: tuple[str, Sequence[Row]],
    merged: Sequence[str] = (),
    hidden: Sequence[str] = (),
    calculated: bool = True,
    start: tuple[int, int] = (0, 0),
) -> Build:
    """Return an .xlsx file as Excel saves it; a cell ``("=A1", 3)`` is a formula with its result."""

    def build() -> bytes:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
            book.set_properties({"created": CREATED})
            for name, rows in sheets:
                page = book.add_worksheet(name)
                for row, cells in enumerate(rows, start=start[0]):
                    for column, cell in enumerate(cells, start=start[1]):
                        _write(page, row, column, cell)
                for area in merged:
                    _merge(page, area)
                if name in hidden:
                    page.hide()
        content = stream.getvalue()
        return edited(content, {"xl/workbook.xml": (b' fullCalcOnLoad="1"', b"")}) if calculated else content

    return build


def _write(page: object, row: int, column: int, cell: object) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, tuple):
        page.write_formula(row, column, cell[0], None, cell[1])  # type: ignore[attr-defined]
    elif isinstance(cell, str):
        page.write_string(row, column, cell)  # type: ignore[attr-defined]
    else:
        page.write(row, column, cell)  # type: ignore[attr-defined]


def _merge(page: object, area: str) -> None:
    # Only the mark of the merge is needed; the text stands in its first cell already.
    first, last = area.split(":")
    page.merge.append([*_cell(first), *_cell(last)])  # type: ignore[attr-defined]


def _cell(address: str) -> tuple[int, int]:
    from xlsxwriter.utility import xl_cell_to_rowcol

    row, column = xl_cell_to_rowcol(address)
    return row, column


def edited(content: bytes, changes: dict[str, tuple[bytes, bytes]], added: dict[str, bytes] | None = None) -> bytes:
    """Return an archive with text replaced in its parts, and parts added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            before, after = changes.get(name, (b"", b""))
            body = old.read(name)
            new.writestr(_entry(name), body.replace(before, after) if before else body)
        for name, body in (added or {}).items():
            new.writestr(_entry(name), body)
    return stream.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(2024, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def with_parts(build: Build, added: dict[str, bytes]) -> Build:
    """Return a workbook with further parts (macros, links)."""
    return lambda: edited(build(), {}, added)


def bomb(build: Build, megabytes: int) -> Build:
    """Return a workbook that unpacks to many times its size."""
    return with_parts(build, {"xl/worksheets/sheet9.xml": b"<worksheet>" + b" " * (megabytes * 1024**2)})


def from_1904(rows: Sequence[Row]) -> Build:
    """Return a workbook of old Excel for Mac."""

    def build() -> bytes:
        book = openpyxl.Workbook()
        book.epoch = CALENDAR_MAC_1904
        for row in rows:
            book.active.append(list(row))
        stream = io.BytesIO()
        book.save(stream)
        # The library writes the time of saving.
        with zipfile.ZipFile(stream) as archive:
            dated = archive.read("docProps/core.xml")
        plain = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>2024-01-01T00:00:00Z", dated)
        return edited(stream.getvalue(), {"docProps/core.xml": (dated, plain)})

    return build


def parquet(columns: dict[str, Sequence[object]]) -> Build:
    """Return a Parquet file with typed columns."""

    def build() -> bytes:
        stream = io.BytesIO()
        pq.write_table(pa.table({name: pa.array(list(values)) for name, values in columns.items()}), stream)
        return stream.getvalue()

    return build


def cut(build: Build, share: float) -> Build:
    """Return the first part of a file, as a broken transfer leaves it."""
    return lambda: build()[: int(len(build()) * share)]


def encrypted() -> bytes:
    """Return what Excel saves under a password: a container with a stream ``EncryptedPackage``."""
    return _container({"EncryptedPackage": b"\x00" * 5000, "EncryptionInfo": b"\x04\x00\x04\x00" + b"\x00" * 5000})


def old_excel(rows: Sequence[Row]) -> Build:
    """Return an .xls file (BIFF8) with text and numbers, written record by record."""

    def build() -> bytes:
        sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
        sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, (int, float)):
                    sheet += _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
                else:
                    letters = str(cell).encode("utf-16-le")
                    sheet += _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(letters) // 2, 1) + letters)
        sheet += _record(0x000A, b"")
        name = b"Data"
        head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
        head += _record(0x0042, struct.pack("<H", 1200))
        size = len(head) + 4 + 8 + len(name) + 4
        head += _record(0x0085, struct.pack("<IHBB", size, 0, len(name), 0) + name)
        return _container({"Workbook": head + _record(0x000A, b"") + sheet})

    return build


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _container(streams: dict[str, bytes]) -> bytes:
    """Write a compound file (version 3) whose streams all lie in ordinary sectors of 512 bytes."""
    padded = {name: body.ljust(4096, b"\x00") for name, body in streams.items()}
    chains, start, sectors = [], 2, b""
    places = {}
    for name, body in padded.items():
        count = -(-len(body) // 512)
        places[name] = (start, len(body))
        chains += [*range(start + 1, start + count), 0xFFFFFFFE]
        sectors += body.ljust(count * 512, b"\x00")
        start += count
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chains]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    assert len(fat) == 128
    folder = _folder_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    for index, (name, (first, size)) in enumerate(places.items(), start=1):
        following = index + 1 if index < len(places) else 0xFFFFFFFF
        folder += _folder_entry(name, 2, 0xFFFFFFFF, first, size, following)
    folder = folder.ljust(512, b"\x00")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\x00" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (4 * 108)
    return header + struct.pack("<128I", *fat) + folder + sectors


def _folder_entry(name: str, kind: int, child: int, first: int, size: int, following: int = 0xFFFFFFFF) -> bytes:
    letters = (name + "\x00").encode("utf-16-le")
    entry = letters.ljust(64, b"\x00") + struct.pack("<HBB", len(letters), kind, 1)
    entry += struct.pack("<III", 0xFFFFFFFF, following, child) + b"\x00" * 16 + struct.pack("<I", 0) + b"\x00" * 16
    return entry + struct.pack("<IQ", first, size)
