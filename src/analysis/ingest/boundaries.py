"""Boundaries of regions, where a study brings them: GeoJSON or TopoJSON, made small enough for a page.

The file lies beside the office files and is named ``boundaries`` or ``batas`` (``.geojson``, ``.topojson`` or
``.json``). Every feature carries the Kemendagri code of its region in a property. Coordinates are degrees (WGS 84).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.ingest.findings import finding
from analysis.results import Finding, no_boundaries

NAMES = ("boundaries", "batas")
SUFFIXES = (".geojson", ".topojson", ".json")
CODES = ("region_code", "kode_wilayah", "kode_kemendagri", "kode", "kdepum", "kdppum", "kdpkab", "code", "id")
"""Properties that may hold the code, the first that a feature has is taken."""
MAX_BYTES = 80_000_000
"""Larger files are refused: read as text they would not fit beside a study."""
WEST, EAST, SOUTH, NORTH = 94.0, 142.0, -12.0, 7.0
"""What of the earth is kept; everything else is cut off."""
MOST_POINTS = 6_000
"""Corners of all regions together; more of them cannot be told apart on a page and make it heavy."""
GRID = 0.02
"""Degrees to which corners are rounded, half a pixel on a wide screen."""

Point = tuple[float, float]
Ring = list[Point]


def is_boundaries(path: Path) -> bool:
    """Whether a file of a study holds boundaries, by its name."""
    return path.suffix.lower() in SUFFIXES and path.stem.lower().startswith(NAMES)


def read_boundaries(folder: Path, known: Iterable[str]) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the boundaries of a study's folder and what was wrong with them.

    Parameters
    ----------
    folder
        The study.
    known
        Codes of the catalog's regions.

    Returns
    -------
    tuple
        A table ``region_code, rings`` (rings as JSON text, lists of longitude and latitude), sorted by code, and
        findings. A file that cannot be read leaves the map as it is: points at the regions' seats.
    """
    path = next((item for item in sorted(folder.iterdir()) if item.is_file() and is_boundaries(item)), None)
    if path is None:
        return no_boundaries(), ()
    if path.stat().st_size > MAX_BYTES:
        return no_boundaries(), (finding("warning", path.name, "boundaries_too_large", megabytes=MAX_BYTES // 10**6),)
    try:
        shapes, unknown = _shapes(json.loads(path.read_text(encoding="utf-8-sig")), frozenset(known))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return no_boundaries(), (finding("warning", path.name, "boundaries_unreadable"),)
    notes = [finding("warning", path.name, "boundaries_unknown", n=unknown)] if unknown else []
    if not shapes:
        return no_boundaries(), (*notes, finding("warning", path.name, "boundaries_empty", names=list(CODES[:3])))
    rows = [(code, json.dumps(rings, separators=(",", ":"))) for code, rings in sorted(small(shapes).items())]
    return pd.DataFrame(rows, columns=["region_code", "rings"]), tuple(notes)


def _shapes(document: Mapping[str, Any], known: frozenset[str]) -> tuple[dict[str, list[Ring]], int]:
    """Return the rings of each known region, and how many features belong to none."""
    shapes: dict[str, list[Ring]] = {}
    unknown = 0
    for properties, polygons in _features(document):
        code = code_of(properties)
        if code not in known:
            unknown += 1
            continue
        clipped = [clip([(float(p[0]), float(p[1])) for p in ring]) for polygon in polygons for ring in polygon[:1]]
        shapes.setdefault(code, []).extend(ring for ring in clipped if len(ring) >= 3)
    return {code: rings for code, rings in shapes.items() if rings}, unknown


def _features(document: Mapping[str, Any]) -> Iterable[tuple[Mapping[str, Any], list[Any]]]:
    """Yield properties and polygons of each feature; holes are left out, a map of regions needs none."""
    if document["type"] == "Topology":
        yield from _topology(document)
        return
    for feature in document["features"]:
        shape = feature.get("geometry") or {}
        properties = {**(feature.get("properties") or {})}
        properties.setdefault("id", feature.get("id"))
        yield properties, _polygons(shape.get("type"), shape.get("coordinates", []))


def _polygons(kind: Any, parts: Any) -> list[Any]:
    return [parts] if kind == "Polygon" else list(parts) if kind == "MultiPolygon" else []


def _topology(document: Mapping[str, Any]) -> Iterable[tuple[Mapping[str, Any], list[Any]]]:
    """Yield the features of a TopoJSON file, arcs put together (TopoJSON 1.0, sections 2.1.3 and 2.1.4)."""
    arcs = [_arc(arc, document.get("transform")) for arc in document["arcs"]]
    for collection in document["objects"].values():
        for shape in collection.get("geometries", [collection]):
            polygons = _polygons(shape.get("type"), shape.get("arcs", []))
            properties = {**(shape.get("properties") or {})}
            properties.setdefault("id", shape.get("id"))
            yield properties, [[_joined(ring, arcs) for ring in polygon] for polygon in polygons]


def _arc(arc: Sequence[Sequence[float]], transform: Mapping[str, Any] | None) -> Ring:
    if transform is None:
        return [(float(p[0]), float(p[1])) for p in arc]
    (kx, ky), (x0, y0) = transform["scale"], transform["translate"]
    x = y = 0.0
    found = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        found.append((x * kx + x0, y * ky + y0))
    return found


def _joined(indices: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring


def code_of(properties: Mapping[str, Any]) -> str:
    """Return the code of a feature as the catalog writes it: ``8271`` and ``82.71`` are the same."""
    lower = {str(name).lower(): value for name, value in properties.items()}
    text = next((str(lower[name]).strip() for name in CODES if lower.get(name) not in (None, "")), "")
    digits = text.replace(".", "")
    if not digits.isdigit() or len(digits) not in (2, 4):
        return text
    return digits if len(digits) == 2 else f"{digits[:2]}.{digits[2:]}"


def clip(ring: Ring) -> Ring:
    """Return the part of a ring inside the map's frame (Sutherland and Hodgman 1974)."""
    for axis, limit, sign in ((0, WEST, 1), (0, EAST, -1), (1, SOUTH, 1), (1, NORTH, -1)):
        ring = _cut(ring, axis, limit, sign)
    return ring


def _cut(ring: Ring, axis: int, limit: float, sign: int) -> Ring:
    found: Ring = []
    for start, end in zip(ring[-1:] + ring[:-1], ring, strict=True):
        inside, before = sign * (end[axis] - limit) >= 0, sign * (start[axis] - limit) >= 0
        if inside != before:
            share = (limit - start[axis]) / (end[axis] - start[axis])
            found.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
        if inside:
            found.append(end)
    return found


def small(shapes: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    """Return the shapes with no more than `MOST_POINTS` corners together, every region with its largest ring."""
    tolerance = GRID**2
    while True:
        found = {
            code: _kept([simplify(ring, tolerance) for ring in rings], tolerance) for code, rings in shapes.items()
        }
        if sum(len(ring) for rings in found.values() for ring in rings) <= MOST_POINTS or tolerance > 1.0:
            return found
        tolerance *= 1.6


def _kept(rings: list[Ring], tolerance: float) -> list[Ring]:
    """Return the rings that can be seen at this tolerance; the largest always."""
    ordered = sorted(rings, key=lambda ring: -_area(ring))
    return [ring for place, ring in enumerate(ordered) if place == 0 or (_area(ring) > 4 * tolerance and len(ring) > 2)]


def _area(ring: Ring) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, *ring[:1]]))) / 2


def simplify(ring: Ring, tolerance: float) -> Ring:
    """Return a ring on the grid without corners that hold less area than `tolerance` (Visvalingam and Whyatt 1993).

    Parameters
    ----------
    ring
        Longitude and latitude of its corners; the last may repeat the first.
    tolerance
        Smallest triangle, square degrees.

    Returns
    -------
    list
        At least three corners, unless the ring has fewer.
    """
    points = [(round(round(x / GRID) * GRID, 2), round(round(y / GRID) * GRID, 2)) for x, y in ring]
    points = [point for place, point in enumerate(points) if point != points[place - 1] or len(points) == 1]
    while len(points) > 3:
        triangles = [_area([points[i - 1], points[i], points[(i + 1) % len(points)]]) for i in range(len(points))]
        smallest = min(triangles)
        if smallest >= tolerance:
            break
        points = _without(points, triangles, min(tolerance, max(smallest, tolerance / 8)))
    return points


def _without(points: Ring, triangles: Sequence[float], limit: float) -> Ring:
    """Return the corners without those below `limit`, no two neighbours at once."""
    kept: Ring = []
    dropped = False
    room = len(points) - 3
    for point, triangle in zip(points, triangles, strict=True):
        if triangle <= limit and not dropped and room > 0:
            dropped, room = True, room - 1
            continue
        kept.append(point)
        dropped = False
    return kept
