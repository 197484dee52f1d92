"""The contract of the tables is consistent, and its guide is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.ingest import load_tables
from analysis.ingest.headers import known_headers, match, plain
from analysis.ingest.systems import load_systems
from analysis.messages import catalogue

GUIDE = Path(__file__).parents[2] / "docs" / "files.md"


@pytest.mark.parametrize("name", sorted(load_tables()))
def test_no_header_means_two_columns(name: str) -> None:
    owners: dict[str, set[str]] = {}
    for column in load_tables()[name].columns:
        for header in (column.name, column.label.id, column.label.en, *column.headers):
            owners.setdefault(plain(header), set()).add(column.name)
    assert {header: names for header, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", sorted(load_tables()))
def test_every_header_is_matched(name: str) -> None:
    table = load_tables()[name]
    for header, (column, _) in known_headers(table).items():
        assert match(header.upper(), table)[0] is column


def test_options_are_unambiguous_and_offered_words_are_options() -> None:
    for table in [*load_tables().values(), *load_systems().values()]:
        for column in table.columns:
            owners: dict[str, set[str]] = {}
            for stored, ways in column.options.items():
                for way in (stored, *ways):
                    owners.setdefault(plain(way), set()).add(stored)
            assert {way: names for way, names in owners.items() if len(names) > 1} == {}
            assert {plain(word) for word in column.offered} <= set(owners)


def test_guide_names_every_table_and_column() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for table in load_tables().values():
        assert f"`{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` | {column.label.id} |" in text


def test_every_text_exists_in_both_languages_with_the_same_placeholders() -> None:
    import string

    texts = {lang: {k: v for k, v in catalogue(lang).items() if k.startswith("ingest.")} for lang in ("id", "en")}
    assert set(texts["id"]) == set(texts["en"])
    for key in texts["id"]:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(texts[lang][key]) if name} for lang in ("id", "en")
        ]
        assert fields[0] == fields[1], key
