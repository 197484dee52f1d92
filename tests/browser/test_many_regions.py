"""A site of 552 regions: found by name and province, ordered, shared by its address, read on a phone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.browser.many import codes, write_everywhere
from tests.browser.reading import DESKTOP, NARROW, PHONE, WIDEST, opened
from tests.browser.server import serving
from tests.browser.weight import INDEX_LIMIT, weight
from tests.report.conftest import blocks, results  # noqa: F401  (fixtures)

from analysis.catalog import load_catalog
from analysis.publish.names import INDEX_PAGES
from analysis.report.blocks import Block
from analysis.results import StudyResults

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = "#rows > :not([hidden]) .name a"


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    results: StudyResults,  # noqa: F811
    blocks: Mapping[str, Sequence[Block]],  # noqa: F811
) -> Path:
    made = tmp_path_factory.mktemp("everywhere")
    write_everywhere(results, blocks, made)
    return made


@pytest.fixture(scope="module")
def everywhere(folder: Path) -> Iterator[str]:
    with serving(folder) as address:
        yield address


def found_by(words: str, province: str = "") -> list[str]:
    """Codes of the regions whose name, code or province holds every word, by the catalog."""
    regions = load_catalog().regions
    hits = []
    for code in codes():
        region, above = regions[code], regions[regions[code].province_code]
        text = unicodedata.normalize("NFD", f"{region.name} {code} {above.name}".lower())
        if all(word in text for word in words.lower().split()) and province in ("", region.province_code):
            hits.append(code)
    return hits


def shown(page: Page) -> list[str]:
    """Codes of the regions that the list shows, in its order."""
    found: list[str] = page.locator(LINKS).evaluate_all("links => links.map(a => a.getAttribute('href').split('/')[0])")
    return found


def test_the_site_has_every_region(folder: Path) -> None:
    assert len(codes()) == 552
    assert {path.parent.name for path in folder.glob("*/index.html")} == set(codes())


@pytest.mark.parametrize("name", INDEX_PAGES.values())
def test_the_index_of_all_regions_is_light(name: str, folder: Path) -> None:
    assert weight((folder / name).read_bytes()) <= INDEX_LIMIT


@pytest.mark.parametrize("name", INDEX_PAGES.values())
def test_a_region_is_found_by_its_name_and_opened(name: str, everywhere: str, browser: Browser) -> None:
    with opened(browser, everywhere + name, PHONE) as seen:
        assert shown(seen.page) == codes()
        seen.page.locator("#q").press_sequentially("sorong")
        expect(seen.page.locator("#count")).to_have_text(str(len(found_by("sorong"))))
        assert shown(seen.page) == found_by("sorong")
        assert len(found_by("sorong")) >= 2
        assert seen.page.url.endswith("#q=sorong")
        if name == "index.html":
            seen.page.get_by_role("link", name="Kota Sorong", exact=True).click()
            expect(seen.page.locator("h1")).to_contain_text("Kota Sorong")
            seen.page.go_back()
            expect(seen.page.locator("#count")).to_have_text(str(len(found_by("sorong"))))
        assert seen.messages == []


def test_a_province_narrows_the_list_and_its_address_can_be_shared(everywhere: str, browser: Browser) -> None:
    maluku = "82"
    with opened(browser, everywhere + "index.html") as seen:
        seen.page.locator("#p").select_option(maluku)
        assert shown(seen.page) == found_by("", maluku)
        seen.page.locator("#q").fill("halmahera timur")
        assert shown(seen.page) == found_by("halmahera timur", maluku)
        address = seen.page.url
        assert len(found_by("halmahera timur", maluku)) == 1
    with opened(browser, address, PHONE) as shared:
        assert shown(shared.page) == found_by("halmahera timur", maluku)
        assert shared.page.locator("#p").input_value() == maluku
        assert shared.page.locator("#q").input_value() == "halmahera timur"
        shared.page.locator("#q").fill("")
        assert shown(shared.page) == found_by("", maluku)


def test_what_is_nowhere_is_said_to_be_nowhere(everywhere: str, browser: Browser) -> None:
    with opened(browser, everywhere + "index.html#q=atlantis") as seen:
        assert shown(seen.page) == []
        expect(seen.page.locator("#count")).to_have_text("0")


def test_the_list_is_ordered_by_name_or_index(everywhere: str, browser: Browser) -> None:
    with opened(browser, everywhere + "index.html#q=maluku") as seen:
        seen.page.locator("#o").select_option("n")
        names = seen.page.locator(LINKS).all_text_contents()
        assert len(names) == len(found_by("maluku"))
        assert names == sorted(names)
        seen.page.locator("#o").select_option("i")
        values = seen.page.locator("#rows > [data-i]:not([hidden])").evaluate_all("rows => rows.map(r => +r.dataset.i)")
        assert len(values) > 10
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", ["index.html", "index.en.html", "compare.html"])
def test_long_lists_fit(name: str, size: dict[str, int], everywhere: str, browser: Browser) -> None:
    with opened(browser, everywhere + name, size) as seen:
        assert seen.page.evaluate(f"document.documentElement.scrollWidth <= {size['width']} ? [] : ({WIDEST})()") == []
        assert seen.messages == []


def test_compared_regions_are_drawn_each_in_a_line_of_its_own(everywhere: str, browser: Browser) -> None:
    with opened(browser, everywhere + "compare.html?r=82,15.09,96.71,35.78") as seen:
        for place in (".lines polyline", ".chosen .line-key line"):
            looks = seen.page.locator(place).evaluate_all(
                "lines => lines.map(line => [getComputedStyle(line).stroke, getComputedStyle(line).strokeDasharray])"
            )
            assert len(looks) == 4
            assert all(stroke != "none" for stroke, _ in looks)
            assert len({dash for _, dash in looks}) == 4
        assert "−0,0" not in (seen.page.locator("main").text_content() or "")


def test_the_long_index_is_for_everyone(everywhere: str, browser: Browser) -> None:
    """The regions of one province, drawn; the other rows are of the same kind and would take axe a minute."""
    with opened(browser, everywhere + "index.html#p=82", PHONE) as seen:
        violations = Axe().run(seen.page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in violations] == []
