"""The data dictionary `data/README.md`, written from the catalog: ``python -m analysis.dictionary``.

Nothing in it is typed by hand, so that it cannot differ from what the programs do; a test compares the two.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from analysis.catalog import Catalog, Indicator, Source, Text, load_catalog
from analysis.catalog.records import Region
from analysis.paths import project_dir, published_dir

_HEAD = """# Data dictionary

Written from `data/catalog/` by `python -m analysis.dictionary`; change the catalog, not this file.

Kamus data. Berkas ini dibuat dari `data/catalog/`; ubah katalognya, bukan berkas ini. Istilah ditulis dalam bahasa
Indonesia dan Inggris.

| folder | holds |
|---|---|
| `catalog/` | what is known before any data are read: regions, indicators, tables, claims, sources, corrections |
| `published/` | real official figures, a source on every row |
| `sample/` | a **synthetic** study in the offices' own file forms, with its true effects |
"""

_PUBLISHED_COLUMNS = {
    "region_code": "Kemendagri code as text (`15.09`)",
    "year": "year that the figure is for",
    "indicator": "key of an indicator below",
    "value": "in the indicator's unit, decimal point; as in the source (its errors are mended on loading)",
    "scheme": "way of measuring, see the breaks below; empty if the indicator never changed",
    "grade": "class as published; empty if none was",
    "source": "key of a source below",
    "note": "what a reader has to know, in both languages",
}

_DIRECTIONS = {"higher_is_better": "higher is better", "lower_is_better": "lower is better", "neutral": "–"}


def data_dictionary(catalog: Catalog) -> str:
    """Return the data dictionary as Markdown.

    Parameters
    ----------
    catalog
        The loaded catalog; the office files' columns are read from `tables.yml` in its folder.
    """
    sections = (
        _HEAD,
        _office_files(catalog.folder / "tables.yml"),
        _published_files(published_dir()),
        _indicators(catalog.indicators.values()),
        _breaks(catalog.indicators.values()),
        _corrections(catalog),
        _regions(catalog),
        _sources(catalog.sources.values()),
    )
    return "\n".join(sections)


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(header)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, Text):
        value = value.id if value.id == value.en else f"{value.id} / {value.en}"
    text = "" if value is None else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def _label(fields: Mapping[str, Any]) -> Text:
    return Text(**fields["label"])


def _office_files(path: Path) -> str:
    tables = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = [
        "## Office files\n",
        "Any of .xlsx, .csv, .txt (tab) or .parquet. Headers are compared without capitals, punctuation and blanks;\n"
        "the column's own name and its labels always fit. Periods are half-years (`2024-S1`).\n",
    ]
    for name, table in tables.items():
        names = ", ".join(f"`{word}`" for word in table.get("files", []))
        parts.append(f"### {name}: {_cell(_label(table))}\n")
        one_of = " or ".join(f"`{word}`" for word in table.get("one_of", []))
        parts.append(f"File names begin with {names}." + (f" Each row needs {one_of}." if one_of else "") + "\n")
        rows = [_column(column, fields) for column, fields in table["columns"].items()]
        parts.append(_table(("column", "label", "type", "needed", "range", "also accepted as"), rows))
    return "\n".join(parts)


def _column(name: str, fields: Mapping[str, Any]) -> tuple[object, ...]:
    needed = "yes" if fields.get("required") else ""
    accepted = ", ".join(str(header) for header in fields.get("headers", []))
    kind = str(fields["type"]).replace("_", " ")
    options = " (" + ", ".join(f"`{word}`" for word in fields["options"]) + ")" if fields.get("options") else ""
    return (
        f"`{name}`",
        _label(fields),
        kind + options,
        needed,
        _range(fields.get("minimum"), fields.get("maximum")),
        accepted,
    )


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{_plain(low)} to {_plain(high)}" if None not in (low, high) else _plain(low) + "…" + _plain(high)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _published_files(folder: Path) -> str:
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            entries = list(csv.DictReader(handle))
        years = [int(entry["year"]) for entry in entries]
        regions = {entry["region_code"] for entry in entries}
        rows.append((f"`{path.name}`", len(entries), len(regions), f"{min(years)}–{max(years)}"))
    columns = [(f"`{name}`", meaning) for name, meaning in _PUBLISHED_COLUMNS.items()]
    return "\n".join(
        [
            "## Published figures\n",
            "`analysis.published.load_published` reads them and mends the declared errors.\n",
            _table(("file", "rows", "regions", "years"), rows),
            _table(("column", "meaning"), columns),
        ]
    )


def _indicators(indicators: Iterable[Indicator]) -> str:
    rows = [
        (
            f"`{item.key}`",
            item.label,
            item.unit,
            _range(item.minimum, item.maximum),
            _DIRECTIONS[item.direction],
            item.legal_reference,
            item.meaning,
        )
        for item in indicators
    ]
    header = ("indicator", "label", "unit", "scale", "direction", "legal reference", "meaning")
    return "\n".join(["## Indicators\n", _table(header, rows)])


def _breaks(indicators: Iterable[Indicator]) -> str:
    rows = [
        (f"`{item.key}`", f"`{scheme.key}`", scheme.first_year, scheme.label, scheme.change, scheme.reference)
        for item in indicators
        for scheme in item.schemes
    ]
    return "\n".join(
        [
            "## Ways of measuring and their breaks\n",
            "Figures of different ways of measuring are never compared.\n",
            _table(("indicator", "scheme", "from", "name", "what changed", "reference"), rows),
        ]
    )


def _corrections(catalog: Catalog) -> str:
    rows = [
        (
            catalog.regions[item.region_code].name,
            item.year,
            f"`{item.indicator}`",
            _plain(item.wrong),
            "missing" if item.right is None else _plain(item.right),
            item.reason,
        )
        for item in catalog.corrections.values()
    ]
    header = ("region", "year", "indicator", "in the source", "used", "why")
    return "\n".join(["## Errors of the sources that are mended\n", _table(header, rows)])


def _regions(catalog: Catalog) -> str:
    counts: dict[str, int] = {}
    for region in catalog.regions.values():
        counts[region.level] = counts.get(region.level, 0) + 1
    differing = sum(_differs(region) for region in catalog.regions.values())
    places = [(item.name, ", ".join(item.regions), item.meaning) for item in catalog.places.values()]
    noted = [(item.code, item.name, item.bps_code, item.note) for item in catalog.regions.values() if item.note]
    summary = (
        f"`catalog/regions.csv` holds {counts['province']} provinces, {counts['regency']} regencies and "
        f"{counts['city']} cities.\nCodes are those of the Ministry of Home Affairs (Kemendagri), as text. In "
        f"{differing} of {len(catalog.regions)} regions the code of\nStatistics Indonesia (BPS) has other digits, "
        "often the Kemendagri code of another region: a code from a statistical\ntable is only accepted with its name. "
        "Coordinates are a point for the map, not a boundary.\n"
    )
    return "\n".join(
        [
            "## Regions\n",
            summary,
            _table(("code", "name", "BPS", "note"), noted),
            "Place names that are used as if they were regions:\n",
            _table(("name", "may mean", "meaning"), places),
        ]
    )


def _differs(region: Region) -> bool:
    return region.code.replace(".", "") != region.bps_code


def _sources(sources: Iterable[Source]) -> str:
    rows = [
        (f"`{item.key}`", item.title, item.publisher, item.place, item.accessed, item.licence, item.note)
        for item in sources
    ]
    return "\n".join(
        [
            "## Sources\n",
            _table(("source", "title", "publisher", "where", "read on", "terms of use", "note"), rows),
        ]
    )


def main() -> None:
    """Write `data/README.md`."""
    path = project_dir() / "data" / "README.md"
    path.write_text(data_dictionary(load_catalog()), encoding="utf-8")


if __name__ == "__main__":
    main()
