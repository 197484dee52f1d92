"""The data dictionary is what the catalog says."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from types import MappingProxyType

from analysis.catalog import load_catalog
from analysis.dictionary import data_dictionary
from analysis.paths import catalog_dir, project_dir, published_dir
from analysis.published import PUBLISHED_COLUMNS


def test_data_readme_is_up_to_date():
    """If this fails: ``python -m analysis.dictionary``."""
    text = (project_dir() / "data" / "README.md").read_text(encoding="utf-8")
    assert text == data_dictionary(load_catalog())


def test_everything_in_the_catalog_is_described():
    catalog = load_catalog()
    text = data_dictionary(catalog)
    keys = [*catalog.indicators, *catalog.sources, *(path.name for path in published_dir().glob("*.csv"))]
    assert all(f"`{key}`" in text for key in keys)
    assert all(f"| `{column}` |" in text for column in PUBLISHED_COLUMNS)
    assert all(name in text for name in catalog.places)
    tables = (catalog_dir() / "tables.yml").read_text(encoding="utf-8")
    names = [
        line.rstrip(":\n") for line in tables.splitlines() if line.endswith(":") and not line.startswith((" ", "#"))
    ]
    assert len(names) >= 8
    assert all(f"### {name}" in text for name in names)


def test_the_dictionary_follows_the_catalog():
    catalog = load_catalog()
    indicator = dataclasses.replace(catalog.indicator("public_service_index"), maximum=6.0)
    changed = dataclasses.replace(
        catalog, indicators=MappingProxyType({**catalog.indicators, "public_service_index": indicator})
    )
    assert "| 0 to 6 |" in data_dictionary(changed)
    assert "| 0 to 6 |" not in data_dictionary(catalog)


def test_tables_are_well_formed():
    lines = data_dictionary(load_catalog()).splitlines()
    for before, line in pairwise(lines):
        if line.startswith("|") and before.startswith("|"):
            assert line.replace("\\|", "").count("|") == before.replace("\\|", "").count("|")
