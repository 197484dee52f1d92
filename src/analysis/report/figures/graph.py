"""The causal graph as a layered drawing: causes above, effects below, the open path marked, no arrow behind a box."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from analysis.report import i18n
from analysis.report.figures.layers import BOX, ROW, Point, Seat, seated, segments, ways
from analysis.report.figures.paths import curve

LETTERS, LINES, LINE = 0.41, 3, 15
"""Letters in a percent of the width on a narrow phone, lines in a box, pixels from line to line."""
KINDS = ("plain", "open", "blocked")
"""Of arrows, those that matter most last: they lie on top."""
TENTHS = 10
"""Units of the stretched drawing in a percent of its width."""


def causal_drawing(data: Mapping[str, Any], lang: str) -> Markup:
    """Return a graph as inline SVG, from top to bottom.

    Parameters
    ----------
    data
        ``nodes`` (``id``, ``label`` or ``label_key``, ``x`` and ``y``, perhaps ``role`` and ``observed``), ``edges``
        (``from, to, kind``: ``open``, ``blocked`` or another; without circles), ``open_path`` (ids), ``adjust`` (ids
        held constant).
    lang
        Language of the names.
    """
    edges = _edges(data)
    seats = seated(data["nodes"], edges)
    drawn = list(zip(edges, ways(edges, seats), strict=True))
    name = f"{zlib.crc32(repr((sorted(seats), data['edges'], data.get('open_path'))).encode()):x}"
    height = (max((seat.row for seat in seats.values()), default=0) + 1) * ROW
    kinds = [kind for kind in KINDS if any(edge["kind"] == kind for edge in edges)]
    arrows = "".join(_arrows([way for edge, way in drawn if edge["kind"] == kind], kind, name) for kind in kinds)
    wires = "".join(_wires([way for edge, way in drawn if edge["kind"] == kind], kind) for kind in kinds)
    stops = "".join(_stop(way) for edge, way in drawn if edge["kind"] == "blocked")
    nodes = "".join(_node(node, seats[node["id"]], data, lang) for node in data["nodes"])
    box = f'viewBox="0 0 {100 * TENTHS} {height}" preserveAspectRatio="none" width="100%" height="{height}"'
    return Markup(
        f'<svg class="dag" height="{height}" aria-hidden="true">'
        f"<defs>{''.join(_arrowhead(kind, name) for kind in kinds)}</defs>"
        f"<svg {box}>{wires}</svg>{arrows}{nodes}{stops}</svg>"
    )


def _edges(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the arrows between nodes of the graph, each with the kind that it is drawn in."""
    known = {node["id"] for node in data["nodes"]}
    path = {frozenset(pair) for pair in pairwise(data.get("open_path", ()))}
    return [
        {"from": edge["from"], "to": edge["to"], "kind": _kind(edge, path)}
        for edge in data["edges"]
        if edge["from"] in known and edge["to"] in known
    ]


def _kind(edge: Mapping[str, Any], path: set[frozenset[str]]) -> str:
    return "blocked" if edge.get("kind") == "blocked" else "open" if _marked(edge, path) else "plain"


def _arrows(found: Sequence[Sequence[Point]], kind: str, name: str) -> str:
    """Return the last part of each arrow, with its head; those that arrive together are drawn once."""
    lasts = dict.fromkeys(segments(way)[-1] for way in found)
    head = f'marker-end="url(#arrow-{kind}-{name})"'
    return "".join(
        f'<line class="edge {kind}" x1="{x1:g}%" y1="{y1}" x2="{x2:g}%" y2="{y2 - 1}" {head}/>'
        for (x1, y1), (x2, y2) in lasts
    )


def _wires(found: Iterable[Sequence[Point]], kind: str) -> str:
    """Return all that comes before the last parts, in one outline."""
    parts = dict.fromkeys(part for way in found for part in segments(way)[:-1])
    outline = "".join(curve([(round(TENTHS * x), round(y)) for x, y in part]) for part in parts)
    return f'<path class="edge {kind}" d="{outline}"/>' if outline else ""


def _stop(way: Sequence[Point]) -> str:
    (x1, y1), (x2, y2) = segments(way)[-1]
    return f'<text class="stop" x="{(x1 + x2) / 2:g}%" y="{(y1 + y2) / 2 + 6:g}" text-anchor="middle">✕</text>'


def _marked(edge: Mapping[str, Any], path: set[frozenset[str]]) -> bool:
    return edge.get("kind") == "open" or frozenset((edge["from"], edge["to"])) in path


def _node(node: Mapping[str, Any], seat: Seat, data: Mapping[str, Any], lang: str) -> str:
    lines = textwrap.wrap(name_of(node, lang), int(LETTERS * seat.width))
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
        f'<marker id="arrow-{kind}-{name}" class="edge {kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" '
        'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
    )
