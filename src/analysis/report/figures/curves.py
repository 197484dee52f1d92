"""Curves over numbers: all specifications side by side, the response to a dose, the time around a start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from analysis.report.figures import paths
from analysis.report.figures.scales import Scale, scale
from analysis.report.i18n import is_number, number

HEIGHT = 190
LABELS = 22
MARGIN = 8

Points = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Plane:
    """Places of x and y in units of the stretched drawing."""

    x: Scale
    y: Scale

    def top(self, value: float) -> int:
        """Return the height of `value` in units from the top."""
        return paths.down(MARGIN + (HEIGHT - 2 * MARGIN) * (1 - self.y.at(value) / 100))

    def place(self, x: float, y: float) -> paths.Place:
        """Return a corner of the drawing."""
        return paths.across(self.x.at(x)), self.top(y)

    def line(self, points: Points, css: str) -> str:
        """Return a curve through points with ``x`` and ``estimate``."""
        return paths.drawn(css, paths.curve([self.place(p["x"], p["estimate"]) for p in points]))

    def band(self, points: Points, low: str, high: str, css: str) -> str:
        """Return the area between two bounds, empty without them."""
        known = _known(points, low, high)
        upper = [self.place(p["x"], p[high]) for p in known]
        lower = [self.place(p["x"], p[low]) for p in reversed(known)]
        return paths.drawn(css, paths.curve(upper + lower)) if len(known) > 1 else ""

    def spans(self, points: Points, low: str, high: str, css: str) -> str:
        """Return an upright line from bound to bound at each point."""
        ranges = [(*self.place(p["x"], p[low]), self.top(p[high])) for p in _known(points, low, high)]
        return paths.drawn(css, paths.spans(ranges))

    def dots(self, points: Points, *css: str) -> str:
        """Return a dot at each point, drawn once in each style."""
        outline = paths.dots([self.place(p["x"], p["estimate"]) for p in points])
        return "".join(paths.drawn(name, outline) for name in css)

    def upright(self, x: float, css: str) -> str:
        """Return a line across the whole height."""
        return paths.drawn(css, paths.uprights([paths.across(self.x.at(x))], paths.down(HEIGHT)))


def _known(points: Points, low: str, high: str) -> list[Mapping[str, Any]]:
    return [p for p in points if is_number(p.get(low)) and is_number(p.get(high))]


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
    return _framed(plane, inner + plane.dots(others, "dim") + plane.dots(main, "dot"), [], lang)


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
    ticks = paths.drawn("tick", paths.runs(rank for rank in active if rank != main))
    bold = paths.drawn("bold", paths.runs([main])) if main in active and main is not None else ""
    return Markup(
        f'<svg class="strip" viewBox="0 0 {count} 2" preserveAspectRatio="none" aria-hidden="true">{ticks}{bold}</svg>'
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
    return _framed(plane, under + inner, labels, lang)


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
    marks = plane.dots(before, "dot", "hole") + plane.dots(after, "dot")
    return _framed(plane, plane.upright(-0.5, "start") + inner + marks, labels, lang)


def _values(points: Points, bounds: Sequence[str]) -> Scale:
    return scale([p.get(name) for p in points for name in ("estimate", *bounds)] + [0.0], count=4)


def _framed(plane: Plane, inner: str, labels: Sequence[tuple[float, str]], lang: str) -> Markup:
    """Return a drawing with grid, zero line and the numbers of both axes."""
    tops = [(plane.top(tick), number(tick, plane.y.places, lang)) for tick in plane.y.ticks]
    grid = paths.drawn("grid", paths.levels(plane.top(tick) for tick in plane.y.ticks if tick))
    zero = paths.drawn("ref", paths.levels(plane.top(tick) for tick in plane.y.ticks if not tick))
    below = [(plane.x.at(x), text) for x, text in labels]
    return frame(tops, grid + zero + inner, below, HEIGHT, HEIGHT + (LABELS if labels else 0))


def frame(
    beside: Sequence[tuple[int, str]],
    inner: str,
    below: Sequence[tuple[float, str]],
    height: int,
    whole: int,
    over: str = "",
) -> Markup:
    """Return a stretched drawing with numbers at its left side and under it.

    Parameters
    ----------
    beside, below
        Numbers with their places, in units from the top and in percent.
    inner
        What is stretched.
    height, whole
        Height of the drawing in pixels, without and with the numbers under it.
    over
        What stands on the drawing and is not stretched.
    """
    left = "".join(f'<text x="100%" y="{paths.UNIT * at + 4}">{text}</text>' for at, text in beside)
    under = "".join(f'<text x="{at:.0f}%">{text}</text>' for at, text in below)
    under = f'<g transform="translate(0 {height + 16})">{under}</g>' if under else ""
    box = f'viewBox="0 0 {paths.WIDTH} {paths.down(height)}" preserveAspectRatio="none"'
    drawing = f'<svg {box} height="{height}">{inner}</svg>'
    return Markup(
        f'<div class="plot" aria-hidden="true"><svg class="yaxis" height="{whole}">{left}</svg>'
        f'<svg class="panel" height="{whole}">{drawing}{over}{under}</svg></div>'
    )
