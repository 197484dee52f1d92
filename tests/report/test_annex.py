"""The annex in both languages: one reading of the notebook, the same pages as one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from markupsafe import escape
from tests.report.conftest import FULL, context
from tests.report.test_blocks import notebook_of

from analysis.messages import LANGUAGES
from analysis.report import MIME, Block, collect
from analysis.report.annex import _cell, annex_page, annex_pages
from analysis.report.i18n import say, sentence
from analysis.report.render import sections_of
from analysis.results import StudyResults


def test_pages_in_both_languages_are_those_made_one_by_one(
    results: StudyResults, blocks: Mapping[str, Sequence[Block]]
) -> None:
    notebook = notebook_of(blocks[FULL])
    pages = {lang: context(results, FULL, lang) for lang in LANGUAGES}
    made = annex_pages(notebook, pages, {lang: sections_of(blocks[FULL], lang) for lang in LANGUAGES})
    assert made == {lang: annex_page(notebook, lang, page) for lang, page in pages.items()}
    for lang, html in made.items():
        assert f'<html lang="{lang}">' in html
        assert say("report.annex.lead", lang) in html
        # The short answer has a heading of its own instead of its title.
        assert [b.id for b in blocks[FULL] if escape(sentence(b.text["title"], lang)) not in html] == ["answer"]
    assert made["id"] != made["en"]


def test_blocks_that_a_batch_hands_over_as_text_are_read_like_data(blocks: Mapping[str, Sequence[Block]]) -> None:
    notebook = notebook_of(blocks[FULL])
    as_text = json.loads(json.dumps(notebook))
    for output in (output for cell in as_text["cells"] for output in cell.get("outputs", ())):
        if MIME in output.get("data", {}):
            output["data"][MIME] = json.dumps(output["data"][MIME])
    assert as_text != notebook
    assert [_cell(cell) for cell in as_text["cells"]] == [_cell(cell) for cell in notebook["cells"]]
    assert [one.as_dict() for one in collect(as_text)] == [one.as_dict() for one in blocks[FULL]]
