"""A site of all 552 provinces, regencies and cities, made of the made-up study without running a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from tests.report.conftest import context

from analysis.catalog import load_catalog
from analysis.publish.names import COMPARE_PAGES, INDEX_PAGES, REGION_PAGES
from analysis.publish.release import write_text
from analysis.report.blocks import Block
from analysis.report.compare import compare_page
from analysis.report.pages import PageContext, index_page, region_page
from analysis.report.sections import compared_regions, index_entries
from analysis.results import StudyResults

MEASURES = ["index", "conf_low", "conf_high"]


def codes() -> list[str]:
    """Codes of all regions of the catalog."""
    return sorted(load_catalog().regions)


def sources(results: StudyResults) -> dict[str, str]:
    """The made-up region whose figures each region of the catalog has."""
    return {code: results.regions[i % len(results.regions)] for i, code in enumerate(codes())}


def everywhere(results: StudyResults) -> StudyResults:
    """A study of all regions: figures of the made-up ones, indices moved by up to eight points so that they differ."""
    regional = results.indices[results.indices["unit_id"].isna()]
    indices = _repeated(regional, sources(results))
    moved = dict(zip(codes(), np.random.default_rng(552).uniform(-8, 8, len(codes())), strict=True))
    indices[MEASURES] = indices[MEASURES].add(indices["region_code"].map(moved), axis=0)
    verdicts, estimates = (_repeated(frame, sources(results)) for frame in (results.verdicts, results.estimates))
    return replace(results, regions=tuple(codes()), indices=indices, verdicts=verdicts, estimates=estimates)


def _repeated(frame: pd.DataFrame, source: Mapping[str, str]) -> pd.DataFrame:
    """Rows of the nation, and for each region those of its source under the region's own code."""
    national, parts = frame[frame["region_code"].isna()], dict(list(frame.groupby("region_code")))
    rows = [parts[name].assign(region_code=code) for code, name in source.items() if name in parts]
    return pd.concat([national, *rows], ignore_index=True)


def write_everywhere(results: StudyResults, blocks: Mapping[str, Sequence[Block]], folder: Path) -> None:
    """Write index and comparison in both languages and a report of every region in Indonesian."""
    study = everywhere(results)
    entries, compared = index_entries(study), compared_regions(study)
    for lang in INDEX_PAGES:
        links = {"index": INDEX_PAGES[lang], "compare": COMPARE_PAGES[lang]}
        site = PageContext("2025-S2", "0123456789ab", "2021-S1", "2025-S2", True, languages=INDEX_PAGES)
        write_text(folder / INDEX_PAGES[lang], index_page(entries, lang, replace(site, compare=links["compare"])))
        both = replace(site, languages=COMPARE_PAGES, index=links["index"])
        write_text(folder / COMPARE_PAGES[lang], compare_page(compared, lang, both))
    for code, source in sources(results).items():
        page = replace(context(results, code, "id"), languages=REGION_PAGES)
        write_text(folder / code / "index.html", region_page(blocks[source], "id", page))
