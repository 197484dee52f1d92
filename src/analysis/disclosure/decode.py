"""Every file of a release as text: what a reader, a search engine or a program can get out of its bytes."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from analysis.disclosure.patterns import NIP_DIGITS, SEX
from analysis.errors import DisclosureError

MOST_DEPTH = 6
MOST_BYTES = 1 << 30
SMALLEST_BLOB = 24
_LEAST_NUMBER = 1e8
_RUN_OVER = {"0": "1", "3": "2"}


class Segment(NamedTuple):
    """A piece of a file: the file (members of archives after ``!``), the block or place in it, and its text."""

    file: str
    block: str
    text: str


_BLOCK = re.compile(
    r"<(?:section|article|main|nav|header|footer|figure|div|script|table|svg|g)\b[^>]*?\bid=\"([^\"]+)\""
    r"|(?<=</section>)"
)
"""Where a block begins, or ends: the sections of a report stand in its annex as well and need to be read once."""
_JSON_BLOCK = re.compile(r"\"(?:id|name|block)\"\s*:\s*\"([^\"\\]{1,80})\"")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|data|em|font|i|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|tspan|u|var|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_OFFICE_BREAK = re.compile(r"</?(?:\w+:)?(?:c|si|row|p|tr|tc|br|tab|sheet|v|comment|is|cr)(?:\s[^<>]*)?/?>")
_TAG = re.compile(r"(</?[A-Za-z!?][^<>]*>)")
_REPEATED = "<>"
_TYPED = re.compile(
    r"\"bdata\"\s*:\s*\"([^\"]*)\"\s*,\s*\"dtype\"\s*:\s*\"(\w+)\"|\"dtype\"\s*:\s*\"(\w+)\"\s*,\s*\"bdata\"\s*:\s*\"([^\"]*)\""
)
_DATA_URI = re.compile(r"data:[\w.+/-]*(?:;[\w=.+-]+)*;base64,([A-Za-z0-9+/=_\s%-]+)")
_BLOB = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_OF_BLOBS = np.array([chr(code).isascii() and (chr(code).isalnum() or chr(code) in "+/=_-") for code in range(256)])
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u202a-\u202e]")
_DTYPES = {"i1": "<i1", "u1": "<u1", "i2": "<i2", "u2": "<u2", "i4": "<i4", "u4": "<u4", "i8": "<i8", "u8": "<u8",
           "f4": "<f4", "f8": "<f8", "int8": "<i1", "uint8": "<u1", "int16": "<i2", "uint16": "<u2", "int32": "<i4",
           "uint32": "<u4", "float32": "<f4", "float64": "<f8", "u1c": "<u1"}  # fmt: skip


Seen = Callable[[str], bool]


def segments(name: str, content: bytes, depth: int = 0, seen: Seen = lambda text: False) -> Iterator[Segment]:
    """Yield every piece of text in a file, files inside it and encoded parts included.

    Read are HTML, SVG, XML, JSON, CSV and other text; base64 of typed arrays and data addresses; zip (and with it
    xlsx, docx, pptx, odt) and gzip to a depth of `MOST_DEPTH`; PDF; Parquet; texts in PNG. Other bytes are read as
    Latin-1.

    Parameters
    ----------
    name
        Name of the file, for the place of what is found.
    content
        Its bytes.
    depth
        How deep the file lies inside others.
    seen
        Asked with each block as it is written, and each file in an archive; what it knows to be harmless is passed
        over.

    Raises
    ------
    DisclosureError
        If a part cannot be opened (encrypted, damaged, too deep, too large): what cannot be read cannot be cleared.
    """
    if depth > MOST_DEPTH or len(content) > MOST_BYTES:
        raise DisclosureError("disclosure.unreadable", file=name)
    for magic, reader in _READERS:
        if content.startswith(magic):
            try:
                yield from reader(name, content, depth, seen)
            except DisclosureError:
                raise
            except Exception as error:
                raise DisclosureError("disclosure.unreadable", file=name) from error
            return
    yield from _text_segments(name, _as_text(content), depth, seen)


def _as_text(content: bytes) -> str:
    for encoding in ("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _text_segments(name: str, text: str, depth: int, seen: Seen) -> Iterator[Segment]:
    """Yield a text block by block, as written and as a reader sees it, then what is encoded in it."""
    for block, part in _blocks(name, text):
        if seen(part):
            continue
        cut = _cut(part)
        for reading in _readings(name, part, cut):
            yield Segment(name, block, reading)
        for content in _encoded(cut.written):
            yield from _inner(name, block, content, depth)


def _inner(name: str, block: str, content: bytes | str, depth: int) -> Iterator[Segment]:
    if isinstance(content, str):
        yield Segment(name, block, content)
        return
    for inner in segments(name, content, depth + 1):
        yield inner._replace(block=block if inner.file == name else inner.block)


def _blocks(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Cut a text at the blocks that it names; a CSV at its lines only if it is small enough to be read by people."""
    if "<" in text[:2000]:
        pattern = _BLOCK
    elif text[:1] in "{[":
        pattern = _JSON_BLOCK
    else:
        yield "", text
        return
    cuts = [(match.start(), match.group(1) or "") for match in pattern.finditer(text)]
    starts = [(0, ""), *cuts]
    for (start, block), (end, _) in zip(starts, [*cuts, (len(text), "")], strict=True):
        if end > start:
            yield block, text[start:end]


class Cut(NamedTuple):
    """A text cut at its tags: its pieces, the tags among them at odd places, and all of it with each tag once.

    Most of a document is the same few tags over and over. They are written in full where they come first and empty
    where they are repeated: what stands beside them keeps its neighbours; only a sequence of words that begins in a
    repeated tag and goes on behind it is no longer read, which no reader would do either.
    """

    pieces: list[str]
    written: str


def _cut(text: str) -> Cut:
    if "<" not in text:
        return Cut([text], text)
    pieces = _TAG.split(text)
    tags = pieces[1::2]
    first = dict(zip(reversed(tags), range(len(tags) - 1, -1, -1), strict=True))
    each_once = [_REPEATED] * len(tags)
    for tag, place in first.items():
        each_once[place] = tag
    return Cut(pieces, _with_tags(pieces, each_once))


def _with_tags(pieces: Sequence[str], tags: Sequence[str]) -> str:
    """Return the pieces of a text with other tags."""
    both = [*pieces]
    both[1::2] = tags
    return "".join(both)


def _readings(name: str, text: str, cut: Cut) -> Iterator[str]:
    """Yield a text as written, without escapes; then without tags where it has any."""
    plain = _INVISIBLE.sub("", text) if not text.isascii() else text
    if "\\u" in plain or "\\x" in plain:
        plain = _ESCAPE.sub(lambda m: chr(int(m.group(1) or m.group(2), 16)), plain)
    cut = cut if plain == text else _cut(plain)
    unescaped = html.unescape(cut.written) if "&" in cut.written else cut.written
    yield unescaped
    if "%" in cut.written and re.search(r"%[0-9A-Fa-f]{2}", cut.written):
        yield unquote(cut.written)
    if "<" in plain:
        office = name.rsplit("!", 1)[-1].startswith(("xl/", "word/", "ppt/", "docProps/")) or name.endswith(".xml")
        shown = html.unescape(_without_tags(cut.pieces, office))
        if shown != unescaped:
            yield _INVISIBLE.sub("", shown)


def _without_tags(pieces: Sequence[str], office: bool) -> str:
    """Return what a reader sees: a tag inside a line joins its neighbours, any other parts them.

    Documents of an office package cut words anywhere; there only cells and paragraphs part.
    """
    tags = pieces[1::2]
    parting = {tag: _parts(tag, office) for tag in set(tags)}
    return _with_tags(pieces, [parting[tag] for tag in tags])


def _parts(tag: str, office: bool) -> str:
    """Return what a reader sees of a tag: a new line, or nothing."""
    if office:
        return "\n" if _OFFICE_BREAK.fullmatch(tag) else ""
    return "" if _INLINE.fullmatch(tag) else "\n"


def _encoded(text: str) -> Iterator[bytes | str]:
    """Yield what stands in base64: numbers of typed arrays as text, anything else as bytes."""
    for match in _TYPED.finditer(text):
        content = _base64(match.group(1) or match.group(4) or "")
        if content:
            yield large_numbers(content, match.group(2) or match.group(3))
    if ";base64," in text:
        for match in _DATA_URI.finditer(text):
            content = _base64(re.sub(r"\s", "", unquote(match.group(1))))
            if content:
                yield content
    for blob in _blobs(text):
        content = _base64(blob)
        if content and _is_meant(content):
            yield content


def _blobs(text: str) -> Iterator[str]:
    """Yield every word that is long enough for a text in base64 and has no letter that this has not."""
    # One byte each, so that places are those of the text; what needs more is no letter of base64, as is its stand-in.
    codes = np.frombuffer(text.encode("latin-1", "replace"), np.uint8)
    inside = np.concatenate(([False], _OF_BLOBS[codes], [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= SMALLEST_BLOB
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        if _BLOB.fullmatch(text, start, end):
            yield text[start:end]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(
            text.replace("-", "+").replace("_", "/").replace("\\u002b", "+") + "=" * (-len(text) % 4)
        )
    except (binascii.Error, ValueError):
        return b""


def _is_meant(content: bytes) -> bool:
    """Whether decoded bytes are a text or a known kind of file: long words decode to noise."""
    if content.startswith(tuple(magic for magic, _ in _READERS)):
        return True
    try:
        return content.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def large_numbers(content: bytes, dtype: str) -> str:
    """Return the numbers of a typed array that are long enough for an identifier, one a line, and its bytes as text."""
    kind = np.dtype(_DTYPES.get(dtype, "<u1"))
    values = np.frombuffer(content[: len(content) // kind.itemsize * kind.itemsize], dtype=kind)
    large = values[np.isfinite(values) & (np.abs(values.astype(float)) >= _LEAST_NUMBER)]
    lines = [_mended(str(int(value))) for value in large if float(value).is_integer()]
    if kind.itemsize == 1:
        lines.append(content.decode("latin-1"))
    return "\n".join(lines)


def _mended(number: str) -> str:
    """Return 18 digits as a NIP if rounding to a float moved its sex, the fifteenth digit, out of 1 and 2.

    Floats of this size are multiples of 32, so that a serial number near 0 or 999 may run over.
    """
    if len(number) != NIP_DIGITS or number[SEX] not in _RUN_OVER:
        return number
    return f"{number[:SEX]}{_RUN_OVER[number[SEX]]}{number[SEX + 1 :]}"


def _zip(name: str, content: bytes, depth: int, seen: Seen) -> Iterator[Segment]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise ValueError("too large")
        yield Segment(name, "", "\n".join([*(member.filename for member in members), _latin(archive.comment)]))
        for member in sorted(members, key=lambda item: item.filename):
            inner = b"" if member.is_dir() else archive.read(member)
            if not seen(_latin(inner)):
                yield from segments(f"{name}!{member.filename}", inner, depth + 1, seen)


def _gzip(name: str, content: bytes, depth: int, seen: Seen) -> Iterator[Segment]:
    with gzip.open(io.BytesIO(content)) as handle:
        inner = handle.read(MOST_BYTES + 1)
    yield Segment(name, "", _latin(content[:512]))
    yield from segments(name.removesuffix(".gz"), inner, depth + 1, seen)


def _pdf(name: str, content: bytes, depth: int, seen: Seen) -> Iterator[Segment]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise ValueError("encrypted")
    yield Segment(name, "", "\n".join(str(value) for value in (reader.metadata or {}).values()))
    yield Segment(
        name, "", reader.xmp_metadata.stream.get_data().decode("utf-8", "replace") if reader.xmp_metadata else ""
    )
    for number, text in enumerate(_printed(content), start=1):
        yield Segment(name, str(number), text)
        # A line that is broken in print is still one sentence, and a number one number.
        yield Segment(name, str(number), re.sub(r"\s*\n\s*", " ", text))
    for title, parts in reader.attachments.items():
        for part in parts:
            yield from segments(f"{name}!{title}", part, depth + 1, seen)


def _printed(content: bytes) -> Iterator[str]:
    """Yield the text of each page of a PDF; by PDFium, which takes a twentieth of the time that Python code does."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        for page in document:
            yield page.get_textpage().get_text_bounded()
    finally:
        document.close()


def _parquet(name: str, content: bytes, depth: int, seen: Seen) -> Iterator[Segment]:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    metadata = table.schema.metadata or {}
    yield Segment(name, "", _latin(b"\n".join([*metadata.keys(), *metadata.values()])))
    for column in table.column_names:
        values = table.column(column).unique().to_pylist()
        lines = [
            _mended(str(int(v))) if isinstance(v, float) and v.is_integer() else str(v) for v in values if v is not None
        ]
        yield Segment(name, column, "\n".join([column, *lines]))


def _png(name: str, content: bytes, depth: int, seen: Seen) -> Iterator[Segment]:
    at = 8
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"eXIf", b"iTXt"):
            yield Segment(name, kind.decode(), _as_text(body))
        if kind in (b"zTXt", b"iTXt"):
            packed = body.find(b"\x78")
            for start in {packed, body.find(b"\x00\x00") + 2} - {-1}:
                try:
                    yield Segment(name, kind.decode(), _as_text(zlib.decompress(body[start:])))
                except zlib.error:
                    continue
        at += size + 12


def _latin(content: bytes) -> str:
    return content.decode("latin-1")


Reader = Callable[[str, bytes, int, Seen], Iterator[Segment]]
_READERS: tuple[tuple[bytes, Reader], ...] = (
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"\x1f\x8b", _gzip),
    (b"%PDF-", _pdf),
    (b"PAR1", _parquet),
    (b"\x89PNG\r\n\x1a\n", _png),
)
