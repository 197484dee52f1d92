"""Where the nodes of a causal graph stand, and how its arrows run so that none passes behind a box.

Nodes stand in rows. An arrow to the next row is one straight line; a longer one leaves through the gaps between the
boxes of the rows that it passes. Arrows to the same node share a way wherever they pass the same gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WIDEST = 3
"""Nodes side by side, as many as a narrow phone shows with readable names."""
ROW, BOX, EDGE = 96, 56, 4
"""Pixels from row to row, height of a box, and room above the first row."""
WIDE, WIDER = 30.0, 42.0
"""Width of a box in percent, of three and of fewer in a row: the gaps between them stay open for arrows."""
PORTS = 0.7
"""Share of a box's width over which arrows arrive and leave."""
CROWD = 4.0
"""Percent of a detour that an arrow accepts to share a gap with one arrow less."""

Point = tuple[float, float]
Nodes = Sequence[Mapping[str, Any]]
Edges = Sequence[Mapping[str, Any]]
Trunk = tuple[str, str]


@dataclass(frozen=True)
class Seat:
    """Where a node stands: middle in percent of the width, row from the top, width in percent."""

    x: float
    row: int
    width: float

    @property
    def top(self) -> int:
        """Upper edge in pixels."""
        return self.row * ROW + EDGE

    @property
    def bottom(self) -> int:
        """Lower edge in pixels."""
        return self.top + BOX

    def port(self, place: int, count: int) -> float:
        """Return where one of `count` arrows meets the box, in percent of the drawing's width."""
        return round(self.x + self.width * PORTS * ((place + 0.5) / count - 0.5), 1)


@dataclass(frozen=True)
class Gap:
    """Free room beside the boxes of a row, in percent of the width."""

    low: float
    high: float

    def off(self, x: float) -> float:
        """Return how far `x` lies outside."""
        return max(self.low - x, x - self.high, 0.0)


def seated(nodes: Nodes, edges: Edges = ()) -> dict[str, Seat]:
    """Return the place of each node: every cause above its effects, as near to them as the width allows.

    Parameters
    ----------
    nodes
        ``id``, and ``x`` and ``y``, which order nodes that nothing else orders.
    edges
        ``from, to``; without circles.
    """
    known = {node["id"] for node in nodes}
    edges = [edge for edge in edges if {edge["from"], edge["to"]} <= known]
    heights = _heights(nodes, edges)
    effects = _neighbours(edges, "from", "to")
    causes = _neighbours(edges, "to", "from")
    lines: list[list[str]] = []
    places: dict[str, float] = {}
    by_wish = sorted(nodes, key=lambda node: (node["y"], node["x"], node["id"]))
    for height in sorted(set(heights.values())):
        layer = [node["id"] for node in by_wish if heights[node["id"]] == height]
        # What has no cause of its own stands lowest: no arrow has to come down to it past the others.
        layer.sort(key=lambda name: bool(causes[name]))
        for line in _chunks(layer):
            ordered = sorted(line, key=lambda name: _mean([places[other] for other in effects[name]]))
            places |= {name: _middle(i, len(ordered)) for i, name in enumerate(ordered)}
            lines.append(ordered)
    rows = enumerate(reversed(lines))
    return {name: _seat(row, i, len(line)) for row, line in rows for i, name in enumerate(line)}


def _seat(row: int, place: int, count: int) -> Seat:
    return Seat(_middle(place, count), row, WIDE if count == WIDEST else WIDER)


def _heights(nodes: Nodes, edges: Edges) -> dict[str, int]:
    """Return for each node the number of arrows on the longest way down from it."""
    heights = {node["id"]: 0 for node in nodes}
    for _ in nodes:
        for edge in edges:
            heights[edge["from"]] = max(heights[edge["from"]], heights[edge["to"]] + 1)
    return heights


def _neighbours(edges: Edges, here: str, there: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        found[edge[here]].append(edge[there])
    return found


def _chunks(layer: Sequence[str]) -> list[Sequence[str]]:
    """Return a layer cut into rows of about equal length."""
    rows = -(-len(layer) // WIDEST)
    size = -(-len(layer) // rows)
    return [layer[first : first + size] for first in range(0, len(layer), size)]


def _middle(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 50.0


def ways(edges: Edges, seats: Mapping[str, Seat]) -> list[list[Point]]:
    """Return the corners of each arrow, x in percent and y in pixels: from the cause's box to the effect's.

    Parameters
    ----------
    edges
        ``from, to, kind``; every one leads to a lower row.
    seats
        Places of the nodes.
    """
    passed = _passed(edges, seats)
    lanes = _lanes(passed, edges, seats)
    between = [
        [(row, lanes[row, gap, _trunk(edge)]) for row, gap in way] for edge, way in zip(edges, passed, strict=True)
    ]
    firsts = [way[0][1] if way else seats[edge["to"]].x for edge, way in zip(edges, between, strict=True)]
    lasts = [way[-1][1] if way else seats[edge["from"]].x for edge, way in zip(edges, between, strict=True)]
    starts, ends = _ports(edges, "from", firsts, seats), _ports(edges, "to", lasts, seats)
    corners: list[list[Point]] = []
    for i, edge in enumerate(edges):
        inner = [point for row, x in between[i] for point in ((x, row * ROW + EDGE), (x, row * ROW + EDGE + BOX))]
        start, end = (starts[i], seats[edge["from"]].bottom), (ends[i], seats[edge["to"]].top)
        corners.append([start, *inner, end])
    return corners


def _trunk(edge: Mapping[str, Any]) -> Trunk:
    """Return what arrows have in common that may share a way."""
    return edge["to"], edge.get("kind", "")


def _passed(edges: Edges, seats: Mapping[str, Seat]) -> list[list[tuple[int, Gap]]]:
    """Return for each arrow the gaps through which it passes the rows between its ends."""
    used: dict[tuple[int, Gap], set[Trunk]] = defaultdict(set)
    gaps = _gaps(seats)
    found = []
    for edge in edges:
        start, end = seats[edge["from"]], seats[edge["to"]]
        x, way = start.x, []
        for row in range(start.row + 1, end.row):
            wish = x + (end.x - x) / (end.row - row + 1)
            gap = _best(row, gaps[row], wish, _trunk(edge), used)
            used[row, gap].add(_trunk(edge))
            way.append((row, gap))
            x = min(max(wish, gap.low), gap.high)
        found.append(way)
    return found


def _best(row: int, gaps: Sequence[Gap], wish: float, own: Trunk, used: Mapping[tuple[int, Gap], set[Trunk]]) -> Gap:
    """Return the gap nearest to where an arrow would pass, unless others crowd it."""
    costs = [gap.off(wish) + CROWD * len(used.get((row, gap), set()) - {own}) / (gap.high - gap.low) for gap in gaps]
    return gaps[costs.index(min(costs))]


def _gaps(seats: Mapping[str, Seat]) -> dict[int, list[Gap]]:
    rows: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats.values():
        rows[seat.row].append(seat)
    return {row: _free(sorted(line, key=lambda seat: seat.x)) for row, line in rows.items()}


def _free(line: Sequence[Seat]) -> list[Gap]:
    sides = [0.0, *(side for seat in line for side in (seat.x - seat.width / 2, seat.x + seat.width / 2)), 100.0]
    return [Gap(low, high) for low, high in zip(sides[::2], sides[1::2], strict=True)]


def _lanes(
    passed: Sequence[Sequence[tuple[int, Gap]]], edges: Edges, seats: Mapping[str, Seat]
) -> dict[tuple[int, Gap, Trunk], float]:
    """Return where each trunk passes each gap, evenly spaced in the order of where they come from and lead to."""
    wishes: dict[tuple[int, Gap], dict[Trunk, list[float]]] = defaultdict(lambda: defaultdict(list))
    for edge, way in zip(edges, passed, strict=True):
        for row, gap in way:
            wishes[row, gap][_trunk(edge)] += [seats[edge["from"]].x, seats[edge["to"]].x]
    lanes = {}
    for (row, gap), trunks in wishes.items():
        order = sorted((_mean(xs), trunk) for trunk, xs in trunks.items())
        for place, (_, trunk) in enumerate(order):
            lanes[row, gap, trunk] = round(gap.low + (gap.high - gap.low) * (place + 1) / (len(order) + 1), 1)
    return lanes


def _ports(edges: Edges, side: str, towards: Sequence[float], seats: Mapping[str, Seat]) -> list[float]:
    """Return where each arrow meets the box at one of its ends; those that come the same way meet it at one place."""
    wanted: dict[str, set[float]] = defaultdict(set)
    for edge, x in zip(edges, towards, strict=True):
        wanted[edge[side]].add(x)
    places = {name: sorted(xs) for name, xs in wanted.items()}
    return [
        seats[edge[side]].port(places[edge[side]].index(x), len(places[edge[side]]))
        for edge, x in zip(edges, towards, strict=True)
    ]


def segments(way: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Return the straight parts of a way."""
    return list(pairwise(way))
