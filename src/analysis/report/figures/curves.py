"""Curves over numbers: all specifications side by side, the response to a dose, the time around a start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from analysis.report.figures.scales import Scale, scale
from analysis.report.i18n import is_number, number

HEIGHT = 190
LABELS = 22
MARGIN = 8

Points = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Plane:
    """Places of x (percent of the width) and y (pixels)."""

    x: Scale
    y: Scale

    def top(self, value: float) -> float:
        """Return the height of `value` in pixels from the top."""
        return round(MARGIN + (HEIGHT - 2 * MARGIN) * (1 - self.y.at(value) / 100), 1)

    def point(self, x: float, y: float) -> str:
        """Return a corner of the stretched drawing."""
        return f"{self.x.at(x)},{self.top(y)}"

    def line(self, points: Points, css: str) -> str:
        """Return a curve through points with ``x`` and ``estimate``."""
        places = " ".join(self.point(p["x"], p["estimate"]) for p in points)
        return f'<polyline class="{css}" points="{places}" vector-effect="non-scaling-stroke"/>'

    def band(self, points: Points, low: str, high: str, css: str) -> str:
        """Return the area between two bounds, empty without them."""
        known = [p for p in points if is_number(p.get(low)) and is_number(p.get(high))]
        upper = [self.point(p["x"], p[high]) for p in known]
        lower = [self.point(p["x"], p[low]) for p in reversed(known)]
        return f'<polygon class="{css}" points="{" ".join(upper + lower)}"/>' if len(known) > 1 else ""

    def spans(self, points: Points, low: str, high: str, css: str) -> str:
        """Return an upright line from bound to bound at each point, all in one path."""
        known = [p for p in points if is_number(p.get(low)) and is_number(p.get(high))]
        moves = "".join(f"M{self.x.at(p['x'])} {self.top(p[low])}V{self.top(p[high])}" for p in known)
        return f'<path class="{css}" d="{moves}" vector-effect="non-scaling-stroke"/>' if moves else ""

    def dots(self, points: Points, css: str, radius: float = 4) -> str:
        """Return a dot at each point."""
        return "".join(
            f'<circle class="{css}" cx="{self.x.at(p["x"])}%" cy="{self.top(p["estimate"])}" r="{radius:g}"/>'
            for p in points
        )

    def upright(self, x: float, css: str) -> str:
        """Return a line across the whole height."""
        place = self.x.at(x)
        return f'<line class="{css}" x1="{place}%" x2="{place}%" y1="0" y2="{HEIGHT}"/>'


def specification_panel(points: Points, lang: str) -> Markup:
    """Return estimates with intervals in the order given, the main one marked.

    Parameters
    ----------
    points
        ``x`` (rank), ``estimate, conf_low, conf_high`` and ``main``.
    lang
        Language of the numbers.
    """
    plane = Plane(rank_scale(len(points)), _values(points, ("conf_low", "conf_high")))
    main, others = [p for p in points if p["main"]], [p for p in points if not p["main"]]
    inner = plane.spans(others, "conf_low", "conf_high", "thin") + plane.spans(main, "conf_low", "conf_high", "bold")
    return _framed(plane, inner, plane.dots(others, "dim", 3.5) + plane.dots(main, "dot", 5), [], lang)


def rank_scale(count: int) -> Scale:
    """Return the axis of `count` ranks, half a step free at both ends."""
    return Scale(-0.5, max(count - 0.5, 0.5), ())


def choice_strip(active: Sequence[int], count: int, main: int | None) -> Markup:
    """Return one row below a specification panel: a mark where the choice was made.

    Parameters
    ----------
    active
        Ranks at which it was made.
    count
        Number of ranks.
    main
        Rank of the main specification, drawn stronger.
    """
    axis = rank_scale(count)
    marks = "".join(f"M{axis.at(rank)} 3V13" for rank in active if rank != main)
    bold = f'<path class="bold" d="M{axis.at(main)} 1V15"/>' if main in active and main is not None else ""
    return Markup(
        '<svg class="strip" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<path class="tick" d="{marks}"/>{bold}</svg>'
    )


def dose_panel(points: Points, reference: float, places: int, lang: str) -> Markup:
    """Return the response to a dose with its interval and the band that holds over all doses.

    Parameters
    ----------
    points
        ``x`` (dose), ``estimate, conf_low, conf_high, band_low, band_high``.
    reference
        Dose that the others are compared with.
    places
        Decimals of the doses.
    lang
        Language of the numbers.
    """
    axis = scale([p["x"] for p in points], count=5, pad=0.02)
    plane = Plane(axis, _values(points, ("band_low", "band_high")))
    inner = (
        plane.band(points, "band_low", "band_high", "band outer")
        + plane.band(points, "conf_low", "conf_high", "band")
        + plane.line(points, "own")
    )
    labels = [(tick, number(tick, max(places, axis.places), lang)) for tick in axis.ticks]
    under = plane.upright(reference, "start") if axis.low <= reference <= axis.high else ""
    return _framed(plane, inner, "", labels, lang, under)


def event_panel(points: Points, lang: str) -> Markup:
    """Return effects by time since a start: estimates with intervals, the start marked.

    Parameters
    ----------
    points
        ``x`` (half-years since the start), ``estimate, conf_low, conf_high, band_low, band_high, main``.
    lang
        Language of the numbers.
    """
    times = [p["x"] for p in points]
    plane = Plane(Scale(min(times) - 0.6, max(times) + 0.6, ()), _values(points, ("band_low", "band_high")))
    inner = plane.spans(points, "band_low", "band_high", "thin") + plane.spans(points, "conf_low", "conf_high", "bold")
    before, after = [p for p in points if p["x"] < 0], [p for p in points if p["x"] >= 0]
    labels = [(x, number(x, 0, lang, signed=True)) for x in times]
    marks = plane.dots(before, "ring", 4) + plane.dots(after, "dot", 4)
    return _framed(plane, inner, marks, labels, lang, plane.upright(-0.5, "start"))


def _values(points: Points, bounds: Sequence[str]) -> Scale:
    return scale([p.get(name) for p in points for name in ("estimate", *bounds)] + [0.0], count=4)


def _framed(
    plane: Plane, inner: str, marks: str, labels: Sequence[tuple[float, str]], lang: str, under: str = ""
) -> Markup:
    """Return a drawing with grid, zero line and the numbers of both axes."""
    height = HEIGHT + (LABELS if labels else 0)
    tops = [(tick, plane.top(tick)) for tick in plane.y.ticks]
    grid = "".join(f'<line class="{_kind(tick)}" x1="0" x2="100%" y1="{at}" y2="{at}"/>' for tick, at in tops)
    ticks = "".join(
        f'<text x="100%" y="{at + 4}" text-anchor="end">{number(tick, plane.y.places, lang)}</text>'
        for tick, at in tops
    )
    below = "".join(
        f'<text x="{plane.x.at(x)}%" y="{HEIGHT + 16}" text-anchor="middle">{text}</text>' for x, text in labels
    )
    drawing = f'<svg viewBox="0 0 100 {HEIGHT}" preserveAspectRatio="none" width="100%" height="{HEIGHT}">{inner}</svg>'
    return Markup(
        f'<div class="plot" aria-hidden="true"><svg class="yaxis" focusable="false" height="{height}">{ticks}</svg>'
        f'<svg class="panel" focusable="false" height="{height}">{grid}{under}{drawing}{marks}{below}</svg></div>'
    )


def _kind(tick: float) -> str:
    return "ref" if abs(tick) < 1e-12 else "grid"
