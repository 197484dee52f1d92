"""What makes a page light: only the styles that it needs, outlines in small steps, no request while it loads."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from tests.report.conftest import FULL, NO_DATA, context

from analysis.report import linked_estimates
from analysis.report.figures import paths
from analysis.report.interactive import interactive_page
from analysis.report.pages import LIST_STYLES, asset, region_page
from analysis.report.styles import trimmed

STYLE = "p{a:1}.x,.y{b:2}#z .x:hover{c:3}:is(.x,.q) b{d:4}tr:nth-child(2)>td{e:5}@page{f:6}@media print{.x{g:7}.y{h:8}}"


def test_only_rules_that_may_match_are_kept():
    assert trimmed(STYLE, '<p class="x w">') == "p{a:1}.x{b:2}@page{f:6}@media print{.x{g:7}}"
    assert trimmed(STYLE, '<i id="z" class="x"><b>') == (
        ".x{b:2}#z .x:hover{c:3}:is(.x,.q) b{d:4}@page{f:6}@media print{.x{g:7}}"
    )
    assert trimmed(STYLE, "<tr><td>") == "tr:nth-child(2)>td{e:5}@page{f:6}"


def test_what_a_script_may_add_keeps_its_rules():
    assert trimmed(STYLE, "<div>", 'made.className = "y"') == ".y{b:2}@page{f:6}@media print{.y{h:8}}"


def test_nothing_is_lost_of_a_whole_style_sheet():
    style = "".join(map(asset, LIST_STYLES))
    words = " ".join(re.findall(r"[\w-]+", style))
    assert trimmed(style, "", words).count("{") >= style.count("{")
    assert len(trimmed(style, "<p>")) < len(style) / 3


def places(outline: str) -> list[tuple[int, int]]:
    """Ends of all strokes of an outline that uses only the commands of `paths`."""
    found, (x, y) = [], (0, 0)
    for command, rest in re.findall(r"([Mmlhv])([^Mmlhv]*)", outline):
        numbers = [int(number) for number in re.findall(r"-?\d+", rest)]
        along = [(numbers[0], 0)] if command == "h" else [(0, numbers[0])] if command == "v" else []
        pairs = along or list(zip(numbers[::2], numbers[1::2], strict=True))
        for dx, dy in pairs:
            x, y = (dx, dy) if command == "M" else (x + dx, y + dy)
            found.append((x, y))
    return found


CORNERS = [(8, 40), (24, 28), (40, 31), (40, 31), (197, 0)]


def test_steps_lead_to_the_places_that_were_meant():
    assert places(paths.curve(CORNERS)) == CORNERS
    assert places(paths.dots(CORNERS))[::2] == CORNERS
    assert places(paths.spans([(5, 90, 10), (9, 20, 80)])) == [(5, 90), (5, 10), (9, 20), (9, 80)]
    assert places(paths.uprights([30, 10, 20], 2)) == [(10, 0), (10, 2), (20, 2), (20, 0), (30, 0), (30, 2)]
    assert places(paths.runs([4, 0, 1])) == [(0, 1), (2, 1), (4, 1), (5, 1)]
    assert places(paths.levels([7])) == [(0, 7), (paths.WIDTH, 7)]
    assert paths.drawn("dot", paths.dots([])) == ""


def _policy(html: str) -> str:
    found = re.search(r'Policy" content="([^"]*)"', html)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("make", [region_page, interactive_page])
def test_newer_releases_are_asked_for_when_the_page_is_there(blocks, results, make):
    html = make(blocks[FULL], "id", replace(context(results, FULL, "id"), newest_style="newest.css"))
    # Without script the link is read at once; with script its text is put after the element when the page is loaded.
    assert re.findall(r'<noscript class="newest">(<link rel="stylesheet" [^>]*>)</noscript>', html)
    assert re.sub(r"<noscript.*?</noscript>", "", html).count('rel="stylesheet"') == 0
    script = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)[-1]
    assert "insertAdjacentHTML" in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in _policy(html).partition("script-src")[2]


def test_the_rows_of_estimates_are_those_that_numbers_point_to(blocks, results):
    html = region_page(blocks[FULL], "id", context(results, FULL, "id"))
    shown = {row["id"] for row in linked_estimates(results, FULL).data["rows"]}
    assert shown == set(re.findall(r'href="#e-([^"]+)"', html))
    assert shown
    assert {row["id"] for row in linked_estimates(results, NO_DATA).data["rows"]} <= set(
        re.findall(r'id="e-([^"]+)"', region_page(blocks[NO_DATA], "id", context(results, NO_DATA, "id")))
    )
