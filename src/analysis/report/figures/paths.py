"""Outlines in whole units of a stretched drawing, each step counted from the one before.

A drawing is `WIDTH` units wide however wide its column is, and a unit is `UNIT` pixels high: nothing is further from
its place than half a dot. Whole numbers and steps take a third of the bytes of decimals and places, and a page has
hundreds of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

WIDTH = 200
UNIT = 2

Place = tuple[int, int]


def drawn(css: str, outline: str) -> str:
    """Return an outline as an element, nothing if it is empty."""
    return f'<path class="{css}" d="{outline}"/>' if outline else ""


def across(percent: float) -> int:
    """Return a place in percent of the width in units of the drawing."""
    return round(WIDTH * percent / 100)


def down(pixels: float) -> int:
    """Return a place in pixels from the top in units of the drawing."""
    return round(pixels / UNIT)


def curve(places: Sequence[Place]) -> str:
    """Return a line through places; a single one is drawn as a dot."""
    if not places:
        return ""
    steps = [f"{x1 - x0} {y1 - y0}" for (x0, y0), (x1, y1) in pairwise(places)] or ["0 0"]
    return _short(f"M{places[0][0]} {places[0][1]}l{' '.join(steps)}")


def dots(places: Iterable[Place]) -> str:
    """Return a line without length at each place: round ends make it a dot."""
    return _marks([(x, y, "h0", 0, 0) for x, y in places])


def spans(ranges: Iterable[tuple[int, int, int]]) -> str:
    """Return an upright line for each place, start and end."""
    return _marks([(x, low, f"v{high - low}", 0, high - low) for x, low, high in ranges])


def uprights(xs: Iterable[int], height: int) -> str:
    """Return lines across the whole height, the next always drawn from where the last one ended."""
    turns = [(x, height, -height) if i % 2 else (x, 0, height) for i, x in enumerate(sorted(xs))]
    return _marks([(x, y, f"v{way}", 0, way) for x, y, way in turns])


def runs(ranks: Iterable[int]) -> str:
    """Return level lines over ranks, neighbours joined: one unit for each rank."""
    parts: list[list[int]] = []
    for rank in sorted(ranks):
        if parts and parts[-1][1] == rank:
            parts[-1][1] += 1
        else:
            parts.append([rank, rank + 1])
    return _marks([(start, 1, f"h{end - start}", end - start, 0) for start, end in parts])


def levels(ys: Iterable[int]) -> str:
    """Return lines across the whole width."""
    return "".join(f"M0 {y}h{WIDTH}" for y in ys)


def _marks(marks: Sequence[tuple[int, int, str, int, int]]) -> str:
    """Return marks with the moves between them; each is told with its start and how far it leads."""
    parts, (at_x, at_y) = [], (0, 0)
    for i, (x, y, mark, dx, dy) in enumerate(marks):
        parts.append(f"m{x - at_x} {y - at_y}{mark}" if i else f"M{x} {y}{mark}")
        at_x, at_y = x + dx, y + dy
    return _short("".join(parts))


def _short(path: str) -> str:
    """Drop blanks that a sign makes needless."""
    return path.replace(" -", "-")
