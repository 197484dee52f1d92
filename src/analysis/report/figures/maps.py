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
    points, shapes = list(points), list(shapes)
    inside = {point["code"]: point for point in points if "code" in point}
    areas = "".join(_area(shape, inside.get(shape["code"])) for shape in _background_first(shapes, inside))
    drawn = {shape["code"] for shape in shapes}
    dots = [point for point in points if point.get("code") not in drawn]
    radius = ".55" if len(points) <= MANY_POINTS else ".32"
    pale = "" if shapes else "".join(f"M{_x(lon)} {_y(lat)}h0" for lon, lat in background)
    shown = "".join(
        f'<circle class="{escape(p["css"])}" cx="{_x(p["longitude"])}" cy="{_y(p["latitude"])}" r="{radius}">'
        f"<title>{escape(p['title'])}</title></circle>"
        for p in dots
    )
    width, height = MAP_EAST - MAP_WEST, MAP_NORTH - MAP_SOUTH
    return Markup(
        f'<svg class="map" viewBox="0 0 {width:g} {height:g}" aria-hidden="true" focusable="false">'
        f'<path class="land" d="{pale}"/><g transform="scale(.01)">{areas}</g>{shown}</svg>'
    )


def _background_first(shapes: Sequence[Mapping[str, Any]], inside: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the shapes in drawing order: those without figures, provinces, then their regencies and cities."""
    return sorted(shapes, key=lambda shape: (shape["code"] in inside, len(shape["code"]), shape["code"]))


def _area(shape: Mapping[str, Any], point: Mapping[str, Any] | None) -> str:
    path = "".join(_ring(ring) for ring in shape["rings"])
    if point is None:
        return f'<path class="area" d="{path}"/>'
    title = f"<title>{escape(point['title'])}</title>"
    return f'<path class="area {escape(point["css"])}" d="{path}">{title}</path>'


def _ring(ring: Sequence[Sequence[float]]) -> str:
    """Return a closed ring in hundredths of a degree, steps relative to the corner before: a third of the bytes."""
    corners = [(round(100 * (x - MAP_WEST)), round(100 * (MAP_NORTH - y))) for x, y in ring]
    steps = "".join(f"{dx} {dy} " for (x0, y0), (x1, y1) in pairwise(corners) for dx, dy in [(x1 - x0, y1 - y0)])
    return f"M{corners[0][0]} {corners[0][1]}l{steps.strip().replace(' -', '-')}z" if steps else ""


def _x(longitude: float) -> str:
    return f"{longitude - MAP_WEST:.1f}"


def _y(latitude: float) -> str:
    return f"{MAP_NORTH - latitude:.1f}"
