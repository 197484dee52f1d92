"""Reports at their limits: no claim with data, a single unit, very long names, markup in names; each well laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.browser.reading import DESKTOP, NARROW, PHONE, WIDEST, opened
from tests.browser.server import serving
from tests.report.conftest import FULL, LONG, LONG_NAME, NASTY, NO_DATA, ONE_UNIT, blocks, context, results  # noqa: F401
from tests.report.test_blocks import notebook_of

from analysis.messages import LANGUAGES
from analysis.publish.release import write_text
from analysis.report.annex import annex_page
from analysis.report.blocks import Block
from analysis.report.interactive import BUNDLE, interactive_page, plotly_bundle
from analysis.report.pages import region_page, summary_page
from analysis.results import StudyResults

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASES = (FULL, LONG, ONE_UNIT, NO_DATA)
LONG_REGION = "Kabupaten Kepulauan Siau Tagulandang Biaro, Sangihe, Talaud dan Pulau-Pulau Terluar Perbatasan Negara"
KINDS = {"region": region_page, "summary": summary_page, "interactive": interactive_page}
DRAWINGS = """() => [...document.querySelectorAll("main svg:not(svg svg)")]
  .filter(e => e.checkVisibility() && !e.closest(".sprite"))
  .filter(e => { const box = e.getBoundingClientRect(); return box.width < 2 || box.height < 2; }).length"""
AXES = """tables => tables.map(table => {
  const boxes = [...table.querySelectorAll("svg.bar, svg.axis")].map(bar => bar.getBoundingClientRect());
  return ["left", "right"].map(side => boxes.map(box => box[side])).map(all => [Math.min(...all), Math.max(...all)]);
})"""
"""Least and greatest left and right side of what lies on one axis, for each figure."""


@pytest.fixture(scope="module")
def limits(
    tmp_path_factory: pytest.TempPathFactory,
    results: StudyResults,  # noqa: F811
    blocks: Mapping[str, Sequence[Block]],  # noqa: F811
) -> Iterator[str]:
    """Every kind of page of each case, served."""
    folder = tmp_path_factory.mktemp("limits")
    write_text(folder / "assets" / BUNDLE, plotly_bundle())
    for case in CASES:
        for lang in LANGUAGES:
            page = context(results, case, lang)
            page = replace(page, region_name=LONG_REGION, province=LONG_REGION) if case == LONG else page
            for kind, made in KINDS.items():
                write_text(folder / case / f"{kind}.{lang}.html", made(blocks[case], lang, page))
            write_text(folder / case / f"annex.{lang}.html", annex_page(notebook_of(blocks[case]), lang, page))
    with serving(folder) as address:
        yield address


@pytest.mark.parametrize("kind", [*KINDS, "annex"])
@pytest.mark.parametrize("case", CASES)
def test_a_report_at_its_limits_is_well_laid_out(case: str, kind: str, limits: str, browser: Browser) -> None:
    for lang in LANGUAGES:
        with opened(browser, f"{limits}{case}/{kind}.{lang}.html", NARROW) as seen:
            width = seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROW["width"], seen.page.evaluate(WIDEST)
            assert seen.page.evaluate(DRAWINGS) == 0
            assert seen.messages == []
            seen.page.set_viewport_size(DESKTOP)
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]


@pytest.mark.parametrize("case", CASES)
def test_a_report_at_its_limits_is_for_everyone(case: str, limits: str, browser: Browser) -> None:
    for size, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
        with opened(browser, f"{limits}{case}/region.id.html", size, color_scheme=scheme) as seen:
            violations = Axe().run(seen.page).response["violations"]
            assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in violations] == []


@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["phone", "desktop"])
def test_intervals_of_one_figure_share_one_axis(size: dict[str, int], limits: str, browser: Browser) -> None:
    with opened(browser, f"{limits}{FULL}/region.id.html", size) as seen:
        places = seen.page.locator(".forest").evaluate_all(AXES)
        assert places
        assert all(high - low < 1 for sides in places for low, high in sides)


def test_names_are_shown_as_they_are_and_never_as_markup(limits: str, browser: Browser) -> None:
    with opened(browser, f"{limits}{FULL}/region.id.html") as seen:
        assert NASTY in (seen.page.locator("main").text_content() or "")
        assert seen.page.locator("main script:not([type])").count() == 0
    with opened(browser, f"{limits}{LONG}/region.id.html") as seen:
        text = seen.page.locator("main").text_content() or ""
        assert LONG_NAME in text
        assert LONG_REGION in text
