"""What the input files hold of persons, read from the files themselves: columns that the study drops count too."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from analysis.catalog import load_catalog
from analysis.disclosure.fingerprints import (
    Fingerprints,
    make_fingerprints,
    new_key,
    read_fingerprints,
    write_fingerprints,
)
from analysis.disclosure.rules import load_rules
from analysis.disclosure.words import fold
from analysis.errors import DisclosureError
from analysis.ingest.cells import Sheet
from analysis.ingest.folder import sort_files
from analysis.ingest.headers import plain
from analysis.ingest.reader import open_sheets
from analysis.ingest.safety import TEXT_SUFFIXES
from analysis.ingest.tables import Table, load_tables
from analysis.messages import LOCALE_DIR
from analysis.paths import catalog_dir, notebooks_dir

SEARCHED_ROWS = 40
LARGE_BYTES = 200_000_000
SHORTEST_NUMBER, SHORTEST_NAME, SHORTEST_SINGLE = 8, 5, 5
_NAME_WORDS = ("nama", "nama pegawai", "nama lengkap", "nama peserta", "nama responden", "nama pelapor", "name",
               "nama asn", "nama pns", "nama atasan", "nama pimpinan", "pelapor", "peserta", "narasumber", "petugas",
               "full name", "reporter", "nama pejabat", "pejabat", "nama kepala", "kepala")  # fmt: skip
_NUMBER_WORDS = ("nip", "nip baru", "nip lama", "nip peserta", "ni pppk", "nip ni pppk", "nomor induk pegawai",
                 "nip pegawai", "nik", "no ktp", "nomor ktp", "ktp", "no nik", "npwp", "bpjs", "no bpjs", "no kk",
                 "nomor kk", "kk",
                 "nomor rekening", "no rekening", "no hp", "nomor hp", "hp", "no handphone", "handphone", "telepon",
                 "no telepon", "nomor telepon", "telp", "no telp", "phone", "whatsapp", "wa", "no wa", "nomor wa",
                 "kartu asn virtual", "nrp", "nidn")  # fmt: skip
_ADDRESS_WORDS = ("alamat", "alamat rumah", "address", "alamat pelapor", "alamat responden")
_TITLES = frozenset(
    ("dr", "drs", "dra", "drg", "drh", "ir", "h", "hj", "prof", "apt", "ns", "kh", "r", "rr", "tn", "ny", "bpk",
     "bapak", "ibu", "ust", "ustadz", "sdr", "sdri", "mr", "mrs")
)  # fmt: skip
KIND_OF = (
    dict.fromkeys(_NAME_WORDS, "name")
    | dict.fromkeys(_NUMBER_WORDS, "number")
    | dict.fromkeys(_ADDRESS_WORDS, "address")
)
_PUBLIC_COLUMNS = ("unit_name", "service_type")

Texts = dict[str, set[str]]


def study_fingerprints(directory: Path, key: bytes | None = None) -> Fingerprints:
    """Return the fingerprints of all names, numbers, addresses and free texts in a study's files.

    By default they are under a new key.

    Columns are known by their headers in Indonesian and English; free text is every cell of six words or more in a
    column that the data contract does not know, or knows as free text. Sequences of words that the reports print
    anyway (their own wording, the catalog, the names of units) are left out.
    """
    texts, public = personal_texts(directory)
    return make_fingerprints(key or new_key(), texts, [*own_wording(), *sorted(public)], load_rules().shingle_words)


def keep_fingerprints(directory: Path, store: Path) -> None:
    """Make a study's fingerprints and keep them in its private folder, for the publishing step.

    The key of former ones is kept. If they hold all of the new ones, nothing has to be searched again that was searched
    with them: a changed unit or figure brings no new person.
    """
    try:
        former = read_fingerprints(store)
    except DisclosureError:
        write_fingerprints(study_fingerprints(directory), store)
        return
    write_fingerprints(study_fingerprints(directory, former.key).following(former), store)


def personal_texts(directory: Path) -> tuple[Texts, set[str]]:
    """Return what the files hold of persons by kind, and the names of units and services, which are public."""
    texts: Texts = defaultdict(set)
    public: set[str] = set()
    named, _ = sort_files(directory)
    for name, paths in sorted(named.items()):
        table = load_tables()[name]
        for path in paths:
            for header, kind, values in _columns(path, table):
                _collect(texts, public, header, kind, values, table)
    return dict(texts), public


def _columns(path: Path, table: Table) -> Iterator[tuple[list[str], str | None, Sequence[str]]]:
    """Yield of every column: its possible headers, its kind by them, and its distinct texts."""
    if path.suffix.lower() in TEXT_SUFFIXES and path.stat().st_size > LARGE_BYTES:
        parts: Iterator[tuple[list[str], Sequence[str]]] = _large_columns(path)
    elif path.suffix.lower() == ".parquet":
        parts = _parquet_columns(path)
    else:
        sheets, _ = open_sheets(path, table)
        parts = (column for sheet in sheets for column in _sheet_columns(sheet))
    for headers, values in parts:
        yield headers, next((KIND_OF[name] for name in headers if name in KIND_OF), None), values


def _sheet_columns(sheet: Sheet) -> Iterator[tuple[list[str], Sequence[str]]]:
    for column in sheet.columns:
        first = dict.fromkeys(int(code) for code in column.codes[:SEARCHED_ROWS])
        headers = [plain(column.distinct[code].text) for code in first]
        yield headers, [cell.text for cell in column.distinct if cell.text]


def _parquet_columns(path: Path) -> Iterator[tuple[list[str], Sequence[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        return
    for name in file.schema_arrow.names:
        values: set[str] = set()
        for batch in file.iter_batches(columns=[name]):
            values.update(_written(value) for value in batch.column(0).unique().to_pylist() if value is not None)
        yield [plain(name)], sorted(values)


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _large_columns(path: Path) -> Iterator[tuple[list[str], Sequence[str]]]:
    """Read a file that is too large for memory line by line, keeping the distinct texts of columns that matter."""
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        sample = handle.read(64 * 1024)
        handle.seek(0)
        delimiter = max(";,\t|", key=sample.count)
        rows = csv.reader(handle, delimiter=delimiter)
        header = [plain(cell) for cell in next(rows, [])]
        known = _contract_headers()
        kept = [n for n, name in enumerate(header) if name in KIND_OF or name not in known]
        values: list[set[str]] = [set() for _ in header]
        for row in rows:
            for n in kept:
                if n < len(row) and row[n]:
                    values[n].add(row[n])
    for n in kept:
        yield [header[n]], sorted(values[n])


def _collect(
    texts: Texts, public: set[str], headers: list[str], kind: str | None, values: Sequence[str], table: Table
) -> None:
    known = _contract_headers()
    if kind is None and any(name in _public_headers() for name in headers):
        public.update(values)
        return
    fixed = kind is None and any(name in known for name in headers)
    for text in (text for text in values if plain(text) not in KIND_OF):
        for sort, part in _parts(text, kind, fixed):
            texts.setdefault(sort, set()).add(part)


def _parts(text: str, kind: str | None, fixed: bool) -> Iterator[tuple[str, str]]:
    """Yield what a cell holds of a person: kind and text."""
    digits = "".join(c for c in text if c.isdigit())
    if kind == "number" or (len(digits) >= 15 and len(digits) >= len(text) - 6):
        if len(digits) >= SHORTEST_NUMBER:
            yield "number", digits
        return
    words = fold(text).split()
    if kind == "name":
        yield from (("name", name) for name in person_names(text))
    elif kind == "address" and len(words) >= 3:
        yield "address", text
    elif not fixed and len(words) >= load_rules().shingle_words:
        yield "free_text", text


def person_names(text: str) -> Iterator[str]:
    """Yield a person's name without titles and degrees, if it is long enough to be told from other words."""
    words = [word for word in fold(text.split(",")[0]).decode().replace(".", " ").split() if word not in _TITLES]
    letters = sum(len(word) for word in words)
    if letters >= (SHORTEST_SINGLE if len(words) == 1 else SHORTEST_NAME) and not any(
        c.isdigit() for c in "".join(words)
    ):
        yield " ".join(words)


@cache
def _contract_headers() -> frozenset[str]:
    """Headers of columns whose texts are codes, numbers, dates or public names, not a person's own words."""
    return frozenset(
        plain(header)
        for table in load_tables().values()
        for column in table.columns
        if column.type not in ("free_text", "nip")
        for header in (column.name, column.label.id, column.label.en, *column.headers)
    )


@cache
def _public_headers() -> frozenset[str]:
    columns = [load_tables()["units"].column(name) for name in _PUBLIC_COLUMNS]
    return frozenset(
        plain(header)
        for column in columns
        for header in (column.name, column.label.id, column.label.en, *column.headers)
    )


def own_wording() -> Iterator[str]:
    """Yield the project's own texts that its reports are made of."""
    for path in sorted([*LOCALE_DIR.glob("*/*.po"), *catalog_dir().glob("*.*"), *notebooks_dir().glob("*.ipynb")]):
        yield path.read_text(encoding="utf-8")
    package = Path(__file__).parents[1] / "report"
    for path in sorted([*package.rglob("*.j2"), *package.rglob("*.js"), *package.rglob("*.css")]):
        yield path.read_text(encoding="utf-8")
    yield from (region.name for region in load_catalog().regions.values())
