"""A region that handed in printed means only has an index, and its pages say that its uncertainty is not known."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from tests.report.conftest import FULL, context

from analysis.messages import LANGUAGES
from analysis.report import index_entries, synthesis
from analysis.report.interactive import interactive_page
from analysis.report.pages import index_page, region_page, synthesis_page
from analysis.report.sections import REGION_SECTIONS
from analysis.results import StudyResults


@pytest.fixture(scope="module")
def means(results: StudyResults) -> StudyResults:
    unknown = results.indices["region_code"] == FULL
    indices = results.indices.assign(
        **{name: results.indices[name].mask(unknown, np.nan) for name in ("std_error", "conf_low", "conf_high")}
    )
    error = results.panel["index_std_error"].mask(results.panel["region_code"] == FULL, np.nan)
    return dataclasses.replace(results, indices=indices, panel=results.panel.assign(index_std_error=error))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_say_that_the_uncertainty_is_not_known(means: StudyResults, lang: str) -> None:
    blocks = [section(means, FULL) for section in REGION_SECTIONS]
    page = region_page(blocks, lang, context(means, FULL, lang))
    assert {"id": "dari rekap tanpa jawaban responden", "en": "comes from summaries without answers"}[lang] in page
    for made in (page, interactive_page(blocks, lang, context(means, FULL, lang))):
        assert re.search(r">[^<]*\bnan\b[^<]*<", made) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_of_all_regions_can_be_made(means: StudyResults, lang: str) -> None:
    site = context(means, FULL, lang)
    assert FULL in index_page(index_entries(means), lang, site)
    assert "<h1" in synthesis_page(synthesis(means), lang, site)
