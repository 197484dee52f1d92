"""The index and the comparison of many regions: in one pass, with places that intervals allow, small on the wire."""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.conftest import NO_DATA, blocks, context, results  # noqa: F401

from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES
from analysis.report import Block, index_entries
from analysis.report.compare import compare_page, packed
from analysis.report.glossary import explained, glossary
from analysis.report.pages import PageContext, citation, index_page, region_page
from analysis.report.sections import LEVERS, compared_regions
from analysis.report.sections._common import lever_rows, region_index
from analysis.report.sections.comparison import possible_places
from analysis.results import StudyResults

SITE = PageContext("2025-S2-ab12cd34", "0123456789ab", "2021-S1", "2025-S2", True, languages={"id": "a", "en": "b"})
MOST_BYTES = 80_000
"""Of a page of all 552 regions, gzipped."""


@pytest.fixture(scope="module")
def nation(results: StudyResults) -> StudyResults:  # noqa: F811
    """The made-up study with every region of the catalog in the place of those that it has."""
    codes = sorted(load_catalog().regions)
    rng, donors = np.random.default_rng(5), [code for code in results.regions if code != NO_DATA]
    indices, verdicts = [], [results.verdicts[results.verdicts["region_code"].isna()]]
    for place, code in enumerate(codes):
        donor = donors[place % len(donors)]
        own = results.indices[(results.indices["region_code"] == donor) & results.indices["unit_id"].isna()]
        numbers = ["index", "conf_low", "conf_high"]
        moved = own[numbers].add(rng.normal(0, 4, len(own)), axis=0)
        indices.append(
            own.assign(region_code=code, **moved, **{f"U{i}": rng.uniform(2.5, 4, len(own)) for i in range(1, 10)})
        )
        verdicts.append(results.verdicts[results.verdicts["region_code"] == donor].assign(region_code=code))
    return replace(results, regions=tuple(codes), indices=pd.concat(indices), verdicts=pd.concat(verdicts))


def test_entries_are_those_of_the_single_regions(results: StudyResults) -> None:  # noqa: F811
    for entry in index_entries(results):
        rows, levers = region_index(results, entry.code), lever_rows(results, entry.code)
        assert entry.history == tuple(row["index"] for row in rows)
        assert entry.index == (rows[-1]["index"] if rows else None)
        assert entry.verdicts == {lever: row["verdict"] for lever, row in levers.items()}
        assert (entry.places is None) == (entry.conf_low is None)


def test_compared_figures_are_those_of_the_index(results: StudyResults) -> None:  # noqa: F811
    entries = {entry.code: entry for entry in index_entries(results)}
    for region in compared_regions(results):
        entry = entries[region.code]
        assert (region.index, region.conf_low, region.conf_high) == (entry.index, entry.conf_low, entry.conf_high)
        assert tuple(region.history.values()) == entry.history
        assert {lever: region.levers[lever]["verdict"] for lever in LEVERS} == {
            lever: entry.verdicts.get(lever, "no_data") for lever in LEVERS
        }
        assert len(packed(region, ["2021-S1"])["l"].split()) == 3 * len(LEVERS)


intervals = st.lists(
    st.tuples(st.floats(25, 100), st.floats(0, 10)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    min_size=1,
    max_size=30,
)


@given(intervals)
def test_places_are_those_that_intervals_allow(bounds: list[tuple[float, float]]) -> None:
    for (low, high), (best, worst) in zip(bounds, possible_places(bounds), strict=True):
        assert best == 1 + sum(other > high for other, _ in bounds)
        assert worst == len(bounds) - sum(other < low for _, other in bounds)
        assert 1 <= best <= worst <= len(bounds)


def test_regions_with_overlapping_intervals_share_their_places() -> None:
    assert possible_places([(70, 74), (73, 77), (80, 82)]) == [(2, 3), (2, 3), (1, 1)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_of_all_regions_stay_small(nation: StudyResults, lang: str) -> None:
    entries = index_entries(nation)
    assert len(entries) == 552
    assert len({entry.index for entry in entries}) > 500
    for html in (index_page(entries, lang, SITE), compare_page(compared_regions(nation), lang, SITE)):
        assert len(gzip.compress(html.encode(), mtime=0)) <= MOST_BYTES
        assert all(f">{entry.name}</a>" in html for entry in entries)


def test_terms_are_explained_once_and_never_in_a_heading(
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> None:
    for lang in LANGUAGES:
        html = region_page(blocks["82"], lang, context(results, "82", lang))
        terms = glossary(blocks["82"], lang)
        buttons = [part.split('"')[0] for part in html.split('popovertarget="')[1:]]
        assert buttons
        assert len(buttons) == len(set(buttons)) <= len(terms)
        assert all(f'popover id="{name}"' in html for name in buttons)
        assert not any("<button" in part.split("</h2>")[0] for part in html.split("<h2")[1:])
    none, found = explained([], terms)
    assert (none, found) == ([], [])


def test_the_citation_names_release_result_period_and_place(results: StudyResults) -> None:  # noqa: F811
    page = replace(context(results, "82", "id"), address="2025-S2/82/index.html")
    for lang, period in (("id", "semester 2 2025"), ("en", "2025")):
        text = citation(page, lang)
        assert all(part in text for part in ("Maluku Utara", page.release, page.run_id, page.address, period))
