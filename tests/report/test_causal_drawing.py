"""The causal graph as it is drawn: no arrow behind a box, every arrow downwards and whole, names within their boxes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analysis.catalog import load_catalog
from analysis.identification import Nodes, identify, load_graph
from analysis.messages import LANGUAGES
from analysis.report.figures import causal_drawing
from analysis.report.figures.layers import seated, segments, ways
from analysis.study.graphs import graph_data, graph_table

PHONE, DESKTOP = 300, 740
CLEARANCE = 0.5
"""Pixels by which a line must stay out of a box; it may end on the edge of the boxes that it joins."""
OWN = """
culture:
  label: {id: Budaya kerja yang telah lama ada, en: Work culture of long standing}
rules:
  label: {id: Aturan, en: Rules}
  column: rules
money:
  label: {id: Anggaran, en: Budget}
  column: money
  causes: [rules]
staff:
  label: {id: Pegawai, en: Staff}
  column: staff
  causes: [rules, money]
rooms:
  label: {id: Ruang layanan, en: Rooms}
  column: rooms
  causes: [money]
tools:
  label: {id: Peralatan, en: Tools}
  column: tools
  causes: [money, rules]
queue:
  label: {id: Antrean, en: Queue}
  column: queue
  causes: [rooms]
training:
  label: {id: Pelatihan, en: Training}
  column: training
  causes: [money, staff, culture]
skills:
  label: {id: Kompetensi, en: Skills}
  causes: [training, staff]
quality:
  label: {id: Mutu layanan, en: Quality of services}
  column: quality
  causes: [skills, tools, rooms, queue, rules, money, staff, culture, training]
"""
"""A graph of the kind that an office writes: every node is a cause of the last one, so that most arrows are long."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """Straight lines and boxes of a drawing in pixels."""

    lines: list[tuple[Point, Point]]
    boxes: list[Box]
    heads: int


def own_graph(folder: Path) -> Nodes:
    path = folder / "graph.yml"
    path.write_text(OWN, encoding="utf-8")
    return load_graph(path)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Mapping[str, Any]]:
    """The graph of every claim of the catalog, and one that a user brings."""
    rows = graph_table(load_catalog())
    own = own_graph(tmp_path_factory.mktemp("graph"))
    declared = dict(zip(rows["claim"], rows["graph"], strict=True))
    return declared | {"own": graph_data(own, identify(own, "training", "quality"))}


def drawing(data: Mapping[str, Any], width: float) -> Drawing:
    """Read a drawing back from its SVG, as wide as a browser would make it."""
    root = ElementTree.fromstring(str(causal_drawing(data, "id")))
    boxes = [_box(rect.attrib, width) for rect in root.iter("rect")]
    heads = [line for line in root.iter("line") if "marker-end" in line.attrib]
    lines = [(_end(line.attrib, 1, width), _end(line.attrib, 2, width)) for line in heads]
    inner = root.find("svg")
    assert inner is not None
    units = float(inner.attrib["viewBox"].split()[2])
    for path in inner.iter("path"):
        lines += _stretched(path.attrib["d"], width / units)
    return Drawing(lines, boxes, len(heads))


def _box(rect: Mapping[str, str], width: float) -> Box:
    left, wide = (float(rect[name].rstrip("%")) * width / 100 for name in ("x", "width"))
    return left, float(rect["y"]), left + wide, float(rect["y"]) + float(rect["height"])


def _end(line: Mapping[str, str], which: int, width: float) -> Point:
    return float(line[f"x{which}"].rstrip("%")) * width / 100, float(line[f"y{which}"])


def _stretched(outline: str, factor: float) -> Iterator[tuple[Point, Point]]:
    parts = re.findall(r"M(\d+) (\d+)l(-?\d+) ?(-?\d+)", outline)
    assert len(parts) == outline.count("M")
    for part in parts:
        x, y, dx, dy = map(float, part)
        yield (x * factor, y), ((x + dx) * factor, y + dy)


def behind(line: tuple[Point, Point], box: Box) -> bool:
    """Whether a line runs through the inside of a box (Liang and Barsky 1984)."""
    (x0, y0), (x1, y1) = line
    left, top, right, bottom = box
    start, end = 0.0, 1.0
    for way, room in (
        (x0 - x1, x0 - left - CLEARANCE),
        (x1 - x0, right - CLEARANCE - x0),
        (y0 - y1, y0 - top - CLEARANCE),
        (y1 - y0, bottom - CLEARANCE - y0),
    ):
        if way == 0 and room < 0:
            return False
        if way < 0:
            start = max(start, room / way)
        elif way > 0:
            end = min(end, room / way)
    return start < end


def test_a_line_through_a_box_is_seen() -> None:
    box = (10.0, 10.0, 20.0, 20.0)
    assert behind(((0, 15), (30, 15)), box)
    assert behind(((12, 0), (18, 40)), box)
    assert not behind(((0, 10), (30, 10)), box)
    assert not behind(((0, 0), (9, 40)), box)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_no_arrow_runs_behind_a_box(graphs: Mapping[str, Mapping[str, Any]], width: int) -> None:
    assert len(graphs) > 10
    for claim, data in graphs.items():
        seen = drawing(data, width)
        assert len(seen.boxes) == len(data["nodes"])
        assert [(claim, line, box) for line in seen.lines for box in seen.boxes if behind(line, box)] == []


def test_every_arrow_leads_down_from_its_cause_to_its_effect(graphs: Mapping[str, Mapping[str, Any]]) -> None:
    for data in graphs.values():
        seats = seated(data["nodes"], data["edges"])
        for edge, way in zip(data["edges"], ways(data["edges"], seats), strict=True):
            start, end = seats[edge["from"]], seats[edge["to"]]
            assert abs(way[0][0] - start.x) < start.width / 2
            assert abs(way[-1][0] - end.x) < end.width / 2
            assert (way[0][1], way[-1][1]) == (start.bottom, end.top)
            assert all(y0 < y1 for (_, y0), (_, y1) in segments(way))


def test_heads_are_as_many_as_nodes_have_ways_in(graphs: Mapping[str, Mapping[str, Any]]) -> None:
    for data in graphs.values():
        effects = {edge["to"] for edge in data["edges"]}
        assert len(effects) <= drawing(data, PHONE).heads <= len(data["edges"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_stay_within_their_boxes(graphs: Mapping[str, Mapping[str, Any]], lang: str) -> None:
    for data in graphs.values():
        root = ElementTree.fromstring(str(causal_drawing(data, lang)))
        for node in root.iter("g"):
            rect, texts = node.find("rect"), node.findall("text")
            assert rect is not None
            room = float(rect.attrib["width"].rstrip("%")) / 100 * PHONE
            # Seven pixels are a wide letter on average at 12.5 pixels in the fonts that the pages ask for.
            assert all(7 * len(text.text or "") <= room for text in texts)
            assert 1 <= len(texts) <= 3


def test_boxes_do_not_meet(graphs: Mapping[str, Mapping[str, Any]]) -> None:
    for data in graphs.values():
        seats = sorted(seated(data["nodes"], data["edges"]).values(), key=lambda seat: (seat.row, seat.x))
        for one, other in itertools.pairwise(seats):
            assert one.row < other.row or one.x + one.width / 2 < other.x - other.width / 2
