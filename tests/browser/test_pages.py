"""Every kind of page in both languages: for everyone, on any screen, by keyboard, with nothing asked of the network."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.browser.reading import DESKTOP, NARROW, PHONE, WIDEST, opened, pages_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REGION = "82"
KINDS = {"index", "synthesis", "region", "interactive", "annex"}
CONTROLS = """() => [...document.querySelectorAll(
    "a[href], area[href], button, input, select, textarea, summary, [tabindex], [contenteditable]")]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}))
  .map((e, i) => { e.dataset.control = i; return e.outerHTML.slice(0, 120); })"""
FOCUSED = """() => { const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  return { control: e.dataset.control ?? null, html: e.outerHTML.slice(0, 120),
    seen: (outline || style.boxShadow !== "none") && Math.min(box.width, box.height) >= 5 }; }"""


@pytest.fixture(scope="module")
def names(site: Path) -> list[str]:
    return pages_of(site, REGION)


def test_there_is_every_kind_of_page_in_both_languages(names: list[str]) -> None:
    found = {name.removeprefix(f"{REGION}/") for name in names}
    assert {
        "index.html",
        "index.en.html",
        "synthesis.html",
        "synthesis.en.html",
        "annex.html",
        "annex.en.html",
    } <= found
    assert {f"{REGION}/index.html", f"{REGION}/en.html"} <= set(names)
    assert {"interactive.html", "interactive.en.html"} <= found


def test_axe_finds_no_violation(names: list[str], address: str, browser: Browser) -> None:
    """All rules of axe-core, best practices included; light and dark; phone and desktop."""
    found = {}
    for name in names:
        with opened(browser, address + name) as seen:
            for scheme in ("light", "dark"):
                for size in (PHONE, DESKTOP):
                    seen.page.emulate_media(color_scheme=scheme)
                    seen.page.set_viewport_size(size)
                    response = Axe().run(seen.page).response
                    assert len(response["passes"]) > 10, f"axe checked next to nothing on {name}"
                    found |= {
                        (
                            name,
                            scheme,
                            size["width"],
                            rule["id"],
                            *(str(node["target"]) for node in rule["nodes"][:3]),
                        ): rule["help"]
                        for rule in response["violations"]
                    }
    assert found == {}


def test_nothing_is_requested_from_elsewhere_and_nothing_complains(
    names: list[str], address: str, browser: Browser
) -> None:
    """The page, what tells of newer releases, and plotly.js for drawn figures; no message, so no refusal either."""
    shelf = address.removesuffix("latest/")
    for name in names:
        with opened(browser, address + name) as seen:
            drawn = {address + "assets/plotly.min.js"} if seen.page.locator(".chart").count() else set()
            asked = {url for url in seen.requests if not url.startswith("data:")}
            code, within, _ = name.rpartition("/")
            style = f"r/{code}.css" if within else "newest.css"
            assert asked <= {address + name, shelf + style} | drawn
            assert seen.messages == [], name


def test_pages_work_from_a_folder_without_a_server(names: list[str], site: Path, browser: Browser) -> None:
    for name in names:
        with opened(browser, (site / name).as_uri()) as seen:
            assert seen.messages == [], name
            assert {url.split(":")[0] for url in seen.requests} <= {"file", "data"}, name


def test_no_page_is_wider_than_a_narrow_phone(names: list[str], address: str, browser: Browser) -> None:
    wide = {}
    for name in names:
        with opened(browser, address + name, NARROW) as seen:
            if seen.page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
                wide[name] = seen.page.evaluate(WIDEST)
    assert wide == {}


def test_every_control_is_reached_by_keyboard_and_shows_it(names: list[str], address: str, browser: Browser) -> None:
    for name in names:
        with opened(browser, address + name) as seen:
            controls = seen.page.evaluate(CONTROLS)
            reached, hidden = set(), []
            for _ in range(2 * len(controls)):
                seen.page.keyboard.press("Tab")
                at = seen.page.evaluate(FOCUSED)
                if at is None:
                    break
                reached.add(at["control"])
                if not at["seen"]:
                    hidden.append(at["html"])
            assert [html for i, html in enumerate(controls) if str(i) not in reached] == [], name
            assert hidden == [], name
