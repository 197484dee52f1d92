"""Static figures as inline SVG that stays readable at any width.

Horizontal places are percentages and vertical ones pixels, so that a figure fills its column while text, dots and
strokes keep their size. Curves live in an inner drawing that is stretched, with strokes that are not. Colours are
CSS classes (dark mode, print). No script, no style attribute: both would be refused by the pages' security policy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from analysis.report.i18n import is_number, number

PANEL_HEIGHT = 170
MANY_POINTS = 100
MAP_WEST, MAP_EAST, MAP_SOUTH, MAP_NORTH = 94.5, 141.5, -11.5, 6.5


@dataclass(frozen=True)
class Scale:
    """A linear scale from values to a percentage of the width.

    Parameters
    ----------
    low, high
        Ends of the axis.
    ticks
        Round values inside it.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the place of `value` in percent, clipped to the axis."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    @property
    def places(self) -> int:
        """Decimals that the ticks need."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 1.0
        return max(0, -math.floor(math.log10(step) + 1e-9))


def scale(values: Iterable[float | None], count: int = 5, pad: float = 0.04) -> Scale:
    """Return a scale around `values` with about `count` round ticks."""
    known = [float(value) for value in values if is_number(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    low, high = low - pad * (high - low), high + pad * (high - low)
    step = _round_step((high - low) / count)
    first = math.ceil(low / step - 1e-9)
    ticks = tuple(round(i * step, 10) + 0.0 for i in range(first, math.floor(high / step + 1e-9) + 1))
    return Scale(low, high, ticks)


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough - 1e-12)


def interval_bar(
    low: float | None,
    value: float | None,
    high: float | None,
    axis: Scale,
    reference: float | None = None,
    css: str = "",
) -> Markup:
    """Return one row of a forest plot: interval as line, estimate as dot, a ring if it holds the reference."""
    parts = [_upright(axis.at(tick), "grid") for tick in axis.ticks]
    if reference is not None:
        parts.append(_upright(axis.at(reference), "ref"))
    if is_number(low) and is_number(high):
        parts.append(f'<line class="ci" x1="{axis.at(low)}%" x2="{axis.at(high)}%" y1="50%" y2="50%"/>')
    if is_number(value):
        open_ = reference is not None and is_number(low) and is_number(high) and low <= reference <= high
        parts.append(f'<circle class="{"ring" if open_ else "dot"}" cx="{axis.at(value)}%" cy="50%" r="5"/>')
    return Markup(f'<svg class="bar {css}" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


def axis_labels(axis: Scale, lang: str) -> Markup:
    """Return the numbers under a forest plot."""
    places = [(axis.at(tick), number(tick, axis.places, lang)) for tick in axis.ticks]
    parts = [f'<text x="{at}%" y="12" text-anchor="{_anchor(at)}">{text}</text>' for at, text in places]
    return Markup(f'<svg class="axis" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


def _upright(place: float, css: str) -> str:
    return f'<line class="{css}" x1="{place}%" x2="{place}%" y1="0" y2="100%"/>'


def _anchor(place: float) -> str:
    return "start" if place < 4 else "end" if place > 96 else "middle"


def sparkline(values: Sequence[float]) -> Markup:
    """Return a small curve without axes."""
    known = [value for value in values if is_number(value)]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    points = " ".join(
        f"{round(i * 100 / (len(known) - 1))},{round(26 - 22 * (value - low) / spread)}"
        for i, value in enumerate(known)
    )
    curve = f'<polyline points="{points}"/>'
    return Markup(
        f'<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">{curve}</svg>'
    )


def trend_panel(panel: Mapping[str, Any], lang: str) -> Markup:
    """Return curves over time with intervals and marked breaks.

    Parameters
    ----------
    panel
        ``series`` (``name, own, points`` with ``x, y`` and perhaps ``low, high, segment``) and ``breaks`` (first
        x of each new way of measuring); curves are cut where the segment changes.
    lang
        Language of numbers and periods.
    """
    xs = sorted({point["x"] for series in panel["series"] for point in series["points"]})
    values = [p.get(k) for s in panel["series"] for p in s["points"] for k in ("y", "low", "high")]
    axis = scale(values, count=4)
    place = time_places(xs)
    drawing = _Drawing(place, axis)
    curves = "".join(drawing.series(series) for series in sorted(panel["series"], key=lambda s: bool(s["own"])))
    inner = (
        f'<svg viewBox="0 0 100 {PANEL_HEIGHT}" preserveAspectRatio="none" width="100%" height="{PANEL_HEIGHT}">'
        f"{curves}</svg>"
    )
    grid = "".join(f'<line class="grid" x1="0" x2="100%" y1="{drawing.y(t)}" y2="{drawing.y(t)}"/>' for t in axis.ticks)
    marks = "".join(drawing.dots(series, lang, panel["places"]) for series in panel["series"] if series["own"])
    labels = "".join(
        f'<text x="{place[x]}%" y="{PANEL_HEIGHT + 16}" text-anchor="middle">{escape(short_period(x))}</text>'
        for x in _thinned(xs)
    )
    body = grid + drawing.breaks(panel["breaks"], xs) + inner + marks + labels
    return Markup(
        f'<div class="plot" aria-hidden="true">{_y_axis(drawing, axis, lang)}'
        f'<svg class="panel" focusable="false" height="{PANEL_HEIGHT + 22}">{body}</svg></div>'
    )


def time_places(xs: Sequence[str]) -> dict[str, float]:
    """Return the place of each time in percent; years that were not measured leave a gap."""
    at = [_time(x) for x in xs]
    span = (at[-1] - at[0]) if at else 0.0
    return {x: round(4 + 92 * (value - at[0]) / span, 2) if span else 50.0 for x, value in zip(xs, at, strict=True)}


def _time(x: str) -> float:
    """Return a year or half-year as a number of years."""
    year, _, half = x.partition("-S")
    return int(year) + (int(half) - 1) / 2 if half else float(int(year))


def short_period(period: Any) -> str:
    """Return the year of a half-year, with a stroke and the half: ``2024/1``; a year as it is."""
    return str(period).replace("-S", "/")


def _thinned(xs: Sequence[str], most: int = 5) -> list[str]:
    step = max(1, math.ceil((len(xs) - 1) / (most - 1))) if len(xs) > 1 else 1
    return [x for i, x in enumerate(xs) if (len(xs) - 1 - i) % step == 0]


def _y_axis(drawing: _Drawing, axis: Scale, lang: str) -> str:
    labels = "".join(
        f'<text x="100%" y="{drawing.y(t) + 4}" text-anchor="end">{number(t, axis.places, lang)}</text>'
        for t in axis.ticks
    )
    return f'<svg class="yaxis" focusable="false" height="{PANEL_HEIGHT + 22}">{labels}</svg>'


@dataclass(frozen=True)
class _Drawing:
    """Places of x and y in a trend panel."""

    place: Mapping[str, float]
    axis: Scale

    def y(self, value: float) -> float:
        return round(8 + (PANEL_HEIGHT - 16) * (1 - self.axis.at(value) / 100), 1)

    def series(self, series: Mapping[str, Any]) -> str:
        css = "own" if series["own"] else "other"
        return "".join(self._band(s) + self._curve(s, css) for s in _segments(series["points"]))

    def _curve(self, points: Sequence[Mapping[str, Any]], css: str) -> str:
        if len(points) == 1:
            points, css = [*points, *points], f"{css} lone"
        places = " ".join(f"{self.place[p['x']]},{self.y(p['y'])}" for p in points)
        return f'<polyline class="{css}" points="{places}" vector-effect="non-scaling-stroke"/>'

    def _band(self, points: Sequence[Mapping[str, Any]]) -> str:
        known = [p for p in points if is_number(p.get("low")) and is_number(p.get("high"))]
        if len(known) < 2:
            return ""
        upper = [f"{self.place[p['x']]},{self.y(p['high'])}" for p in known]
        lower = [f"{self.place[p['x']]},{self.y(p['low'])}" for p in reversed(known)]
        return f'<polygon class="band" points="{" ".join(upper + lower)}"/>'

    def dots(self, series: Mapping[str, Any], lang: str, places: int) -> str:
        points = [p for p in series["points"] if is_number(p["y"])]
        drawn = "".join(
            f'<circle class="dot" cx="{self.place[p["x"]]}%" cy="{self.y(p["y"])}" r="3.5"/>' for p in points
        )
        if not points:
            return drawn
        last, x = points[-1], self.place[points[-1]["x"]]
        rising = len(points) < 2 or points[-2]["y"] <= last["y"]
        place = self.y(last["y"]) + (-9 if rising else 19)
        place = min(max(place, 12), PANEL_HEIGHT - 2)
        anchor = "end" if x > 90 else "middle"
        text = number(last["y"], places, lang)
        return f'{drawn}<text class="value" x="{x}%" y="{place}" text-anchor="{anchor}">{text}</text>'

    def breaks(self, starts: Sequence[str], xs: Sequence[str]) -> str:
        drawn = ""
        for start in starts:
            i = list(xs).index(start)
            place = round((self.place[xs[i - 1]] + self.place[start]) / 2, 2) if i else self.place[start]
            drawn += f'<line class="break" x1="{place}%" x2="{place}%" y1="0" y2="{PANEL_HEIGHT}"/>'
        return drawn


def _segments(points: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return runs of points that may be joined: measured in the same way, none missing between them."""
    runs: list[list[Mapping[str, Any]]] = []
    for point in points:
        if not is_number(point["y"]):
            continue
        if runs and runs[-1][-1].get("segment") == point.get("segment"):
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def element_bar(value: float, thresholds: Sequence[float], low: float = 1.0, high: float = 4.0) -> Markup:
    """Return a bar on the scale of a survey element with the limits of the grades."""
    axis = Scale(low, high, tuple(thresholds))
    limits = "".join(_upright(axis.at(limit), "grid") for limit in thresholds)
    bar = f'<rect class="fill" x="0" y="28%" width="{axis.at(value)}%" height="44%"/>'
    return Markup(f'<svg class="bar" aria-hidden="true" focusable="false">{bar}{limits}</svg>')


def share_bar(share: float) -> Markup:
    """Return a bar for a share of the whole."""
    width = round(100 * min(max(share, 0.0), 1.0), 2)
    bar = f'<rect class="fill" x="0" y="28%" width="{width}%" height="44%"/>'
    return Markup(f'<svg class="bar" aria-hidden="true" focusable="false">{bar}</svg>')


def point_map(background: Iterable[tuple[float, float]], points: Iterable[Mapping[str, Any]]) -> Markup:
    """Return a map of Indonesia made of points: all regions as pale dots, those of the study on top.

    Parameters
    ----------
    background
        Longitude and latitude of every region, which together draw the archipelago.
    points
        ``longitude, latitude, css`` and ``title`` of the regions shown.
    """
    points = list(points)
    radius = ".55" if len(points) <= MANY_POINTS else ".32"
    pale = "".join(f"M{_x(lon)} {_y(lat)}h0" for lon, lat in background)
    shown = "".join(
        f'<circle class="{escape(p["css"])}" cx="{_x(p["longitude"])}" cy="{_y(p["latitude"])}" r="{radius}">'
        f"<title>{escape(p['title'])}</title></circle>"
        for p in points
    )
    width, height = MAP_EAST - MAP_WEST, MAP_NORTH - MAP_SOUTH
    return Markup(
        f'<svg class="map" viewBox="0 0 {width:g} {height:g}" aria-hidden="true" focusable="false">'
        f'<path class="land" d="{pale}"/>{shown}</svg>'
    )


def _x(longitude: float) -> str:
    return f"{longitude - MAP_WEST:.1f}"


def _y(latitude: float) -> str:
    return f"{MAP_NORTH - latitude:.1f}"
