"""Text files: encoding and separator are found out, never assumed."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from analysis.ingest.cells import Sheet, clean, encode
from analysis.ingest.findings import finding
from analysis.results import Finding

SEPARATORS = (";", ",", "\t", "|")
_NOTHING = ' \t\r\n;,|"'
_SAMPLE_LINES = 60
_LONGEST_FIELD = 1_000_000
# What UTF-8 looks like after it was read as cp1252 and saved again.
_GARBLED = ("Ã©", "Ã¨", "â€™", "â€œ", "Â ", "â€“")


def read_text(path: Path, score: Callable[[Sequence[str]], int]) -> tuple[list[Sheet], list[Finding]]:
    """Read a text file as one sheet.

    Parameters
    ----------
    path
        The file.
    score
        Tells how many headers of the wanted table a row holds; decides between separators.

    Returns
    -------
    sheets
        One sheet, or none if the file cannot be read.
    findings
        What was doubted or why it cannot be read.
    """
    decoded = decode(path.read_bytes())
    if decoded is None:
        return [], [finding("error", path.name, "unknown_encoding")]
    text, encoding = decoded
    findings = []
    if not text.strip(_NOTHING):
        return [], [finding("error", path.name, "empty_file")]
    if encoding == "cp1252" and not text.isascii():
        findings.append(finding("warning", path.name, "read_as_cp1252"))
    if any(mark in text for mark in _GARBLED):
        findings.append(finding("warning", path.name, "garbled_letters"))
    separator, text = choose_separator(text, score)
    rows, problem = _split(path.name, text, separator)
    if problem is not None:
        return [], [*findings, problem]
    return _sheet(path.name, rows), findings


def decode(content: bytes) -> tuple[str, str] | None:
    """Return text and encoding: a byte order mark decides, then valid UTF-8, UTF-16 by its zero bytes, then cp1252."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    guesses = [name for mark, name in marks if content.startswith(mark)] or _guesses(content)
    for encoding in guesses:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    return None


def _guesses(content: bytes) -> list[str]:
    sample = content[:4096]
    if sample.count(0) > len(sample) / 4:
        return ["utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"]
    return ["utf-8", "cp1252"]


def choose_separator(text: str, score: Callable[[Sequence[str]], int]) -> tuple[str, str]:
    """Return the separator, and the text without a ``sep=`` line, which Excel swallows: its row 1 is the next one."""
    first, _, rest = text.partition("\n")
    stated = clean(first).strip('"')
    if stated.lower().startswith("sep=") and len(stated) == 5:
        return stated[4], rest
    if stated.lower() == "sep=":
        return "\t", rest
    sample = "".join(itertools.islice(io.StringIO(text), _SAMPLE_LINES))
    ranks = [(_rank(sample, separator, score), -index) for index, separator in enumerate(SEPARATORS)]
    return SEPARATORS[-max(ranks)[1]], text


def _rank(sample: str, separator: str, score: Callable[[Sequence[str]], int]) -> tuple[int, int]:
    rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
    widths = [len(row) for row in rows if any(row)]
    usual = max(set(widths), key=widths.count) if widths else 0
    return max((score(row) for row in rows), default=0), usual


def _split(name: str, text: str, separator: str) -> tuple[list[list[str]], Finding | None]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        return [], finding("error", name, "broken_quotes", row=len(rows) + 1, value=str(error))
    return rows, None


def _sheet(name: str, rows: list[list[str]]) -> list[Sheet]:
    columns = itertools.zip_longest(*rows, fillvalue="")
    return [Sheet(name, None, tuple(encode(column) for column in columns), len(rows))]
