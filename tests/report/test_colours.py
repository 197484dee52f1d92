"""Colours that tell something apart do so for the colour-blind too, or a second mark does; all stand out from the page.

Read from the style sheets, so that no colour can be changed unseen.
"""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations

import pytest
from tests.report.colours import SIGHTS, contrast, distance, resolved, variables

from analysis.report import plotly_figures
from analysis.report.render import environment
from analysis.report.sections import VERDICTS

APART = 0.085
"""Least distance in OKLab. Two even areas side by side can just be told apart at about 0.02; marks are a few pixels
wide and far from each other and from their legend, which takes four times as much."""
GRAPHIC, TEXT = 3.0, 4.5
"""Least contrast of marks (WCAG 2.2, 1.4.11) and of text (1.4.3)."""


def sheet(name: str) -> str:
    return files("analysis.report").joinpath("assets", name).read_text(encoding="utf-8")


STYLE, LISTS = sheet("style.css"), sheet("lists.css")
LIGHT = variables(next(line for line in STYLE.splitlines() if line.startswith(":root")))
DARK = LIGHT | variables(next(line for line in STYLE.splitlines() if "prefers-color-scheme:dark" in line))
SCHEMES = {"light": LIGHT, "dark": DARK}


def declared(style: str, selector: str, name: str) -> str:
    """What a rule says; the first one of a selector holds on the screen by day."""
    rule = re.search(rf"(?:^|[}},]){re.escape(selector)}\{{([^}}]*)\}}", style, flags=re.MULTILINE)
    assert rule, selector
    found = re.search(rf"(?:^|;){name}:([^;]+)", rule[1])
    return found[1] if found else ""


GROUPS = {
    "standing": [declared(STYLE, f".s-{name}", "--c") for name in ("above", "level", "below", "none")],
    "grades of bars": [
        declared(STYLE, ".bar .fill", "stroke"),
        *(declared(STYLE, f".g{grade} .fill", "stroke") for grade in "BCD"),
    ],
    "grades of cells": [declared(STYLE, f".g{grade}", "background") for grade in "ABCD"],
    "own and other curve": ["var(--blue)", "var(--other)"],
    "open path and other arrows": [declared(STYLE, ".edge.open", "stroke"), declared(STYLE, ".edge", "stroke")],
}
PALE = {"grades of cells": "every cell carries its number", "none": "a region without data recedes on purpose"}
"""What need not stand out from the page, and why."""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("group", GROUPS)
def test_colours_are_told_apart(group: str, sight: str, scheme: str) -> None:
    colours = [resolved(value, SCHEMES[scheme]) for value in GROUPS[group]]
    near = [pair for pair in combinations(colours, 2) if distance(*pair, sight) < APART]
    assert near == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marks_stand_out_from_the_page(scheme: str) -> None:
    names = SCHEMES[scheme]
    pale = resolved("var(--land)", names)
    marks = [resolved(value, names) for group, values in GROUPS.items() if group not in PALE for value in values]
    marks += [names[name] for name in ("blue", "good", "weak", "bad", "open", "none", "other")]
    assert [colour for colour in marks if colour != pale and contrast(colour, names["paper"]) < GRAPHIC] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numbers_can_be_read_on_cells(scheme: str) -> None:
    names = SCHEMES[scheme]
    assert all(contrast(names[f"g{grade}"], names[f"g{grade}t"]) >= TEXT for grade in "ABCD")


def test_a_pair_that_the_colour_blind_mix_up_is_found() -> None:
    """Red and green of equal lightness, the classic pair: far apart for most, near for one man in fifty."""
    assert distance("#c44f4f", "#6f8a3c") > APART
    assert distance("#c44f4f", "#6f8a3c", "deuteranopia") < APART
    # A colour that all see alike keeps its place in every simulation.
    assert all(distance("#808080", "#ffffff", sight) == pytest.approx(distance("#808080", "#ffffff"), abs=0.01)
               for sight in SIGHTS)  # fmt: skip


def test_compared_regions_have_dashes_of_their_own_and_stand_out() -> None:
    dashes = [declared(LISTS, f".c{i}", "--d") for i in range(4)]
    assert len(set(dashes)) == len(dashes)
    dark = LISTS[LISTS.index("prefers-color-scheme:dark") :]
    for style, names in ((LISTS, LIGHT), (dark, DARK)):
        colours = [re.findall(rf"\.c{i}\{{--k:(#[0-9a-f]+)", style)[0] for i in range(4)]
        assert all(contrast(colour, names["paper"]) >= GRAPHIC for colour in colours)


def test_verdicts_have_shapes_of_their_own() -> None:
    shape = environment().get_template("macros.html.j2").make_module({"lang": "id", "page": None}).shape  # type: ignore[attr-defined]
    drawn = [re.sub(r"\s+", " ", str(shape(verdict))) for verdict in VERDICTS]
    assert len(set(drawn)) == len(VERDICTS)


def test_nodes_of_the_graph_differ_without_colour() -> None:
    look = {
        role: (declared(STYLE, f".node.{role} rect", "stroke-dasharray"), declared(STYLE, f".node.{role} rect", "fill"))
        for role in ("treatment", "outcome", "adjusted", "hidden")
    }
    dashes = [dash for dash, _ in look.values()]
    assert dashes.count("") == 2
    assert len(set(dashes)) == 3
    # Of the two with a whole edge, one is filled.
    assert (look["treatment"][1], look["outcome"][1]) == ("", "var(--blue)")


def test_the_interactive_map_has_the_colours_of_the_page() -> None:
    by_day = [resolved(value, LIGHT) for value in GROUPS["standing"]]
    assert list(plotly_figures.STANDING_COLOURS.values()) == by_day
