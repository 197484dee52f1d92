"""Exports and older releases in a real browser: printed summaries, the banner of old releases, the comparison."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.report.conftest import FULL, LONG, NO_DATA, ONE_UNIT, blocks, context, results  # noqa: F401

from analysis.exports import find_browser
from analysis.exports.pdf import MOST_PAGES, OPTIONS, chromium
from analysis.messages import LANGUAGES
from analysis.publish.shelf import newest_style
from analysis.report import Block
from analysis.report.compare import compare_page
from analysis.report.pages import PageContext, region_page, summary_page
from analysis.report.sections import compared_regions
from analysis.results import StudyResults

BROWSER = find_browser()
KINDS = (FULL, LONG, ONE_UNIT, NO_DATA)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: nothing was printed or opened"),
]


def print_all(
    folder: Path,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
    regions: Sequence[str] = KINDS,
) -> dict[str, bytes]:
    assert BROWSER is not None
    printed = {}
    with chromium(BROWSER) as printer:
        for region in regions:
            for lang in LANGUAGES:
                page = folder / f"{region}-{lang}.html"
                page.write_text(summary_page(blocks[region], lang, context(results, region, lang)), encoding="utf-8")
                printed[page.stem] = printer.print_page(page, Path("report.pdf"))
    return printed


@pytest.fixture(scope="module")
def printed(
    tmp_path_factory: pytest.TempPathFactory,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> dict[str, bytes]:
    return print_all(tmp_path_factory.mktemp("printed"), blocks, results)


def test_summaries_fit_four_tagged_a4_pages_with_numbers(printed: dict[str, bytes]) -> None:
    for name, content in printed.items():
        pdf = PdfReader(io.BytesIO(content))
        pages = len(pdf.pages)
        assert 1 <= pages <= MOST_PAGES, name
        root: Any = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == name.rpartition("-")[2]
        assert "/StructTreeRoot" in root
        assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]
        assert f"1 / {pages}" in " ".join(pdf.pages[0].extract_text().split())


def test_printing_again_after_other_pages_gives_the_same_bytes(
    printed: dict[str, bytes],
    tmp_path: Path,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> None:
    assert print_all(tmp_path, blocks, results, KINDS[::-1]) == printed


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(BROWSER), args=[*OPTIONS, "--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    opened = browser.new_context(offline=True, viewport={"width": 360, "height": 800})
    yield opened.new_page()
    opened.close()


def test_the_page_of_an_older_release_says_that_there_is_a_newer_one(
    tab: Any,
    tmp_path: Path,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> None:
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    for release in ("2025-S1-older", "2025-S2-newer"):
        page = replace(context(results, FULL, "id"), release=release, site="../..", newest_style="newest.css",
                       place=f"{release}/{FULL}/index.html")  # fmt: skip
        target = tmp_path / release / FULL / "index.html"
        target.parent.mkdir(parents=True)
        target.write_text(region_page(blocks[FULL], "id", page), encoding="utf-8")
    (tmp_path / "newest.css").write_text(newest_style("2025-S2-newer"), encoding="utf-8")
    seen = {}
    for release in ("2025-S1-older", "2025-S2-newer"):
        tab.goto((tmp_path / release / FULL / "index.html").as_uri())
        seen[release] = tab.locator("aside.old").is_visible()
    assert seen == {"2025-S1-older": True, "2025-S2-newer": False}
    assert complaints == []


def test_a_term_is_explained_where_it_is_first_used(
    tab: Any,
    tmp_path: Path,
    blocks: dict[str, list[Block]],  # noqa: F811
    results: StudyResults,  # noqa: F811
) -> None:
    page = tmp_path / "page.html"
    page.write_text(region_page(blocks[FULL], "id", context(results, FULL, "id")), encoding="utf-8")
    tab.goto(page.as_uri())
    button = tab.locator("button.term").first
    meaning = tab.locator(f"#{button.get_attribute('popovertarget')}")
    assert not meaning.is_visible()
    button.focus()
    tab.keyboard.press("Enter")
    assert meaning.is_visible()
    tab.keyboard.press("Escape")
    assert not meaning.is_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_regions_are_compared_from_the_address_and_by_keyboard(
    tab: Any,
    tmp_path: Path,
    results: StudyResults,  # noqa: F811
    lang: str,
) -> None:
    page = tmp_path / "compare.html"
    site = PageContext("2025-S2", "0123456789ab", "2021-S1", "2025-S2", True, languages={"id": "a.html"})
    page.write_text(compare_page(compared_regions(results), lang, site), encoding="utf-8")
    tab.goto(f"{page.as_uri()}?r={FULL},{LONG},nowhere")
    assert tab.locator("#compared h2").count() == 4
    assert tab.locator("#chosen li").count() == 2
    assert "nowhere" in tab.locator("#status").inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    tab.locator("#add").select_option(NO_DATA)
    assert tab.locator("#chosen li").count() == 3
    assert f"{FULL},{LONG},{NO_DATA}" in tab.url
    tab.locator("#chosen button").last.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#chosen li").count() == 2
    tab.goto(f"{page.as_uri()}#r={FULL},{ONE_UNIT}")
    tab.reload()
    assert tab.locator("#chosen li").count() == 2


def test_without_script_the_comparison_is_a_table_of_all_regions(
    browser: Any,
    tmp_path: Path,
    results: StudyResults,  # noqa: F811
) -> None:
    page = tmp_path / "compare.html"
    site = PageContext("2025-S2", "0123456789ab", "2021-S1", "2025-S2", True)
    page.write_text(compare_page(compared_regions(results), "id", site), encoding="utf-8")
    opened = browser.new_context(java_script_enabled=False)
    tab = opened.new_page()
    tab.goto(page.as_uri())
    assert tab.locator("noscript p").is_visible()
    assert tab.locator(".everything tbody tr:visible").count() == len(results.regions)
    assert not tab.locator("#pick").is_visible()
    opened.close()
