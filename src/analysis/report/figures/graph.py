"""The causal graph as a layered drawing: causes above, effects below, the open path marked."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from analysis.report import i18n

WIDEST = 3
"""Nodes side by side, as many as a narrow phone shows with readable names."""
LETTERS, LINES, LINE = 13, 3, 15
ROW, BOX = 96, 56


@dataclass(frozen=True)
class Seat:
    """Where a node stands: middle in percent of the width, row from the top, width in percent."""

    x: float
    row: int
    width: float

    @property
    def top(self) -> int:
        """Upper edge in pixels."""
        return self.row * ROW + 4


def causal_drawing(data: Mapping[str, Any], lang: str) -> Markup:
    """Return a graph as inline SVG, from top to bottom.

    Parameters
    ----------
    data
        ``nodes`` (``id``, ``label`` or ``label_key``, ``x`` within its layer, ``y`` the layer, perhaps ``role`` and
        ``observed``), ``edges`` (``from, to, kind``: ``open``, ``blocked`` or another), ``open_path`` (ids),
        ``adjust`` (ids held constant).
    lang
        Language of the names.
    """
    seats = seated(data["nodes"])
    path = {frozenset(pair) for pair in pairwise(data.get("open_path", ()))}
    name = f"{zlib.crc32(repr((sorted(seats), data['edges'], data.get('open_path'))).encode()):x}"
    edges = "".join(
        _edge(edge, seats, path, name) for edge in data["edges"] if edge["from"] in seats and edge["to"] in seats
    )
    nodes = "".join(_node(node, seats[node["id"]], data, lang) for node in data["nodes"])
    height = (max((seat.row for seat in seats.values()), default=0) + 1) * ROW
    marks = "".join(_arrowhead(kind, name) for kind in ("plain", "open", "blocked"))
    return Markup(
        f'<svg class="dag" height="{height}" aria-hidden="true" focusable="false"><defs>{marks}</defs>'
        f"{edges}{nodes}</svg>"
    )


def seated(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Seat]:
    """Return the place of each node: layers from top to bottom, wide ones cut into several rows."""
    layers = sorted({node["y"] for node in nodes})
    seats: dict[str, Seat] = {}
    row = 0
    for layer in layers:
        members = sorted((node for node in nodes if node["y"] == layer), key=lambda node: (node["x"], node["id"]))
        rows = -(-len(members) // WIDEST)
        size = -(-len(members) // rows)
        for first in range(0, len(members), size):
            chunk = members[first : first + size]
            for place, node in enumerate(chunk):
                seats[node["id"]] = Seat(round(100 * (place + 0.5) / len(chunk), 2), row, min(31.0, 94 / len(chunk)))
            row += 1
    return seats


def _edge(edge: Mapping[str, Any], seats: Mapping[str, Seat], path: set[frozenset[str]], name: str) -> str:
    start, end = seats[edge["from"]], seats[edge["to"]]
    kind = "blocked" if edge.get("kind") == "blocked" else "open" if _marked(edge, path) else "plain"
    below = end.row > start.row
    y1, y2 = (start.top + BOX, end.top - 3) if below else (start.top + BOX / 2, end.top + BOX / 2)
    ends = f'x1="{start.x}%" y1="{y1:g}" x2="{end.x}%" y2="{y2:g}"'
    line = f'<line class="edge {kind}" {ends} marker-end="url(#arrow-{kind}-{name})"/>'
    if kind != "blocked":
        return line
    x, y = round((start.x + end.x) / 2, 2), (y1 + y2) / 2
    return f'{line}<text class="stop" x="{x}%" y="{y + 6:g}" text-anchor="middle">✕</text>'


def _marked(edge: Mapping[str, Any], path: set[frozenset[str]]) -> bool:
    return edge.get("kind") == "open" or frozenset((edge["from"], edge["to"])) in path


def _node(node: Mapping[str, Any], seat: Seat, data: Mapping[str, Any], lang: str) -> str:
    lines = textwrap.wrap(name_of(node, lang), LETTERS)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1] + "…"]
    first = seat.top + BOX / 2 - (len(lines) - 1) * LINE / 2 + 4
    text = "".join(
        f'<text x="{seat.x}%" y="{first + i * LINE:g}" text-anchor="middle">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    box = (
        f'<rect x="{round(seat.x - seat.width / 2, 2)}%" y="{seat.top}" width="{seat.width:g}%" height="{BOX}" rx="6"/>'
    )
    return f'<g class="node {role_of(node, data)}">{box}{text}</g>'


def role_of(node: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Return how a node is drawn: its own role, ``adjusted`` where it is held constant, ``hidden`` if not observed."""
    role = node.get("role") or ("adjusted" if node["id"] in data.get("adjust", ()) else "")
    hidden = "" if node.get("observed", True) else " hidden"
    return f"{role}{hidden}".strip() or "other"


def name_of(node: Mapping[str, Any], lang: str) -> str:
    """Return the name of a node in the reader's language."""
    label = node.get("label") or {"key": node["label_key"], "values": {}}
    return i18n.sentence(label, lang)


def _arrowhead(kind: str, name: str) -> str:
    """Return the head of one kind of arrow; `name` tells drawings on one page apart."""
    return (
        f'<marker id="arrow-{kind}-{name}" class="edge {kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker>'
    )
