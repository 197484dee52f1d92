"""What is looked at before a file is opened by a parser: its real kind, its size, what a workbook hides.

Every check is cheap (the first and last kilobytes, the archive's list of contents); what passes is still parsed in a
process of its own with limits, see `analysis.ingest.workbook`.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path

from analysis.ingest.findings import finding
from analysis.results import Finding

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv", ".parquet")
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
LARGEST_FILE = 2 * 1024**3
LARGEST_UNPACKED = 2 * 1024**3
# A sheet full of equal numbers packs about fifty times; a bomb packs a thousand times.
LARGEST_RATIO = 250
RATIO_MATTERS_FROM = 20 * 1024**2
LARGEST_ROW = 1_048_576
LARGEST_COLUMN = 1_000
LARGEST_AREA = 60_000_000
_HEAD = 4096
_BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, KeyError),
)
_TAIL = 65_536

_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def check_file(path: Path) -> list[Finding]:
    """Check a file before parsing.

    Returns
    -------
    list of Finding
        Errors mean that it must not be parsed; warnings say what it carries (macros, links, hidden things).
    """
    name = path.name
    if not path.is_file():
        return [finding("error", name, "no_file", folder=path.parent.name or ".")]
    size = path.stat().st_size
    if size == 0:
        return [finding("error", name, "empty_file")]
    if size > LARGEST_FILE:
        return [finding("error", name, "file_too_large", megabytes=size / 1024**2, most=LARGEST_FILE / 1024**2)]
    return _check_kind(path)


def _check_kind(path: Path) -> list[Finding]:
    suffix, name = path.suffix.lower(), path.name
    if suffix not in SUFFIXES:
        return [finding("error", name, "unknown_suffix", suffix=suffix or "–", known=list(SUFFIXES))]
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if suffix in TEXT_SUFFIXES:
        return _check_text(name, head)
    if suffix == ".parquet":
        return [] if head.startswith(_PARQUET) else [finding("error", name, "not_parquet")]
    return _check_workbook(path, head)


def _check_text(name: str, head: bytes) -> list[Finding]:
    if head.startswith((_ZIP, _OLE)):
        return [finding("error", name, "workbook_named_text")]
    if head.startswith(_PARQUET):
        return [finding("error", name, "parquet_named_text")]
    return []


def _check_workbook(path: Path, head: bytes) -> list[Finding]:
    name = path.name
    if head.startswith(_ZIP):
        return check_archive(path)
    if head.startswith(_OLE):
        return _check_ole(path)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return [finding("error", name, "xml_named_excel")]
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<div")):
        return [finding("error", name, "html_named_excel")]
    if head.startswith(_PARQUET):
        return [finding("error", name, "not_a_workbook")]
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head) / len(head)
    return [finding("error", name, "text_named_excel" if printable > 0.95 else "not_a_workbook")]


def _check_ole(path: Path) -> list[Finding]:
    """Check the container of .xls, which encrypted .xlsx files use as well."""
    content = path.read_bytes()
    if _ENCRYPTED in content:
        return [finding("error", path.name, "password")]
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return [finding("warning", path.name, "macros")]
    return []


def check_archive(path: Path) -> list[Finding]:
    """Check the archive that an .xlsx file is: sizes, ratio, encryption, used range, macros, links."""
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            problems = _check_sizes(name, entries)
            if problems:
                return problems
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                return [finding("error", name, "not_a_workbook")]
            return _check_ranges(name, archive) or _notices(name, names, archive)
    except _BROKEN_ARCHIVE:
        return [finding("error", name, "damaged_file")]


def _check_sizes(name: str, entries: list[zipfile.ZipInfo]) -> list[Finding]:
    if any(entry.flag_bits & 0x1 for entry in entries):
        return [finding("error", name, "password")]
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > LARGEST_UNPACKED or len(entries) > 10_000:
        return [finding("error", name, "unpacks_too_large", megabytes=unpacked / 1024**2)]
    if unpacked > RATIO_MATTERS_FROM and unpacked / packed > LARGEST_RATIO:
        return [finding("error", name, "packed_too_tightly", ratio=unpacked / packed, megabytes=unpacked / 1024**2)]
    return []


def _check_ranges(name: str, archive: zipfile.ZipFile) -> list[Finding]:
    """Refuse a sheet whose cells span an area that no survey fills (one stray cell at XFD1048576 is enough)."""
    for part in sorted(n for n in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)):
        rows, columns = _used_range(archive, part)
        if rows > LARGEST_ROW or columns > LARGEST_COLUMN or rows * columns > LARGEST_AREA:
            return [finding("error", name, "range_too_large", rows=rows, columns=columns)]
    return []


def _used_range(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Return the last row and column of a sheet, from the addresses of its cells and not from what it declares."""
    rows = columns = 0
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(1024**2):
            block = rest + block
            # Cells stand in order, so that the last address of a block has its largest row.
            last = block.rfind(b' r="')
            match = re.match(rb' r="([A-Z]*)(\d+)"', block[last:]) if last >= 0 else None
            rows = max(rows, int(match[2])) if match else rows
            wide = {m for m in re.findall(rb' r="([A-Z]{3})\d', block)}
            columns = max([columns, *(_column_number(letters) for letters in wide)])
            rest = block[-64:]
    return rows, columns


def _column_number(letters: bytes) -> int:
    number = 0
    for byte in letters:
        number = number * 26 + byte - 64
    return number


def _notices(name: str, names: set[str], archive: zipfile.ZipFile) -> list[Finding]:
    found = []
    if any(entry.endswith("vbaProject.bin") for entry in names):
        found.append(finding("warning", name, "macros"))
    if any(entry.startswith("xl/externalLinks/") for entry in names):
        found.append(finding("warning", name, "external_links"))
    workbook = archive.read("xl/workbook.xml")
    if re.search(rb'date1904="(1|true)"', workbook):
        found.append(finding("warning", name, "dates_from_1904"))
    return found
