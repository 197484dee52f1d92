"""A map of Indonesia: boundaries where a study brings them, else the seats of all regions as points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

MANY_POINTS = 100
MAP_WEST, MAP_EAST, MAP_SOUTH, MAP_NORTH = 94.5, 141.5, -11.5, 6.5


def point_map(
    background: Iterable[tuple[float, float]],
    points: Iterable[Mapping[str, Any]],
    shapes: Iterable[Mapping[str, Any]] = (),
) -> Markup:
    """Return a map of Indonesia: boundaries coloured by standing, or all regions as pale dots with the study's on top.

    Parameters
    ----------
    background
        Longitude and latitude of every region, which together draw the archipelago.
    points
        ``code, longitude, latitude, css`` and ``title`` of the regions shown.
    shapes
        ``code`` and ``rings`` (lists of longitude and latitude) of regions whose boundaries are known. A region with
        boundaries gets an area instead of a dot.
    """
    points = list(points)
    rings = {shape["code"]: shape["rings"] for shape in shapes}
    radius = ".55" if len(points) <= MANY_POINTS else ".32"
    pale = "" if rings else "".join(f"M{_x(lon)} {_y(lat)}h0" for lon, lat in background)
    empty = "".join(_outline(rings[code]) for code in sorted(set(rings) - {point.get("code") for point in points}))
    rest = f'<path class="area" transform="scale(.01)" d="{empty}"/>' if empty else ""
    shown = "".join(_mark(point, rings.get(point.get("code", "")), radius) for point in points)
    width, height = MAP_EAST - MAP_WEST, MAP_NORTH - MAP_SOUTH
    return Markup(
        f'<svg class="map" viewBox="0 0 {width:g} {height:g}" aria-hidden="true" focusable="false">'
        f'<path class="land" d="{pale}"/>{rest}{shown}</svg>'
    )


def _mark(point: Mapping[str, Any], rings: Sequence[Any] | None, radius: str) -> str:
    """Return a region as an area where its boundaries are known, else as a dot; in the order of the list."""
    css, title = escape(point["css"]), f"<title>{escape(point['title'])}</title>"
    if rings:
        return f'<path class="pt area {css}" transform="scale(.01)" d="{_outline(rings)}">{title}</path>'
    place = f'cx="{_x(point["longitude"])}" cy="{_y(point["latitude"])}"'
    return f'<circle class="pt {css}" {place} r="{radius}">{title}</circle>'


def _outline(rings: Sequence[Sequence[Sequence[float]]]) -> str:
    return "".join(_ring(ring) for ring in rings)


def _ring(ring: Sequence[Sequence[float]]) -> str:
    """Return a closed ring in hundredths of a degree, steps relative to the corner before: a third of the bytes."""
    corners = [(round(100 * (x - MAP_WEST)), round(100 * (MAP_NORTH - y))) for x, y in ring]
    steps = "".join(f"{dx} {dy} " for (x0, y0), (x1, y1) in pairwise(corners) for dx, dy in [(x1 - x0, y1 - y0)])
    return f"M{corners[0][0]} {corners[0][1]}l{steps.strip().replace(' -', '-')}z" if steps else ""


def _x(longitude: float) -> str:
    return f"{longitude - MAP_WEST:.1f}"


def _y(latitude: float) -> str:
    return f"{MAP_NORTH - latitude:.1f}"
