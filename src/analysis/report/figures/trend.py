"""Curves over time with intervals and marked breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from analysis.report.figures.scales import Scale, scale, short_period, thinned, time_places
from analysis.report.i18n import is_number, number

PANEL_HEIGHT = 170


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
        for x in thinned(xs)
    )
    body = grid + drawing.breaks(panel["breaks"], xs) + inner + marks + labels
    return Markup(
        f'<div class="plot" aria-hidden="true">{_y_axis(drawing, axis, lang)}'
        f'<svg class="panel" focusable="false" height="{PANEL_HEIGHT + 22}">{body}</svg></div>'
    )


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
