"""Curves over time with intervals and marked breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from analysis.report.figures import paths
from analysis.report.figures.curves import frame
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
    grid = paths.drawn("grid", paths.levels(drawing.y(tick) for tick in axis.ticks))
    curves = "".join(drawing.series(series) for series in sorted(panel["series"], key=lambda s: bool(s["own"])))
    own = [series for series in panel["series"] if series["own"]]
    inner = grid + drawing.breaks(panel["breaks"], xs) + curves + "".join(map(drawing.dots, own))
    last = "".join(drawing.last(series, lang, panel["places"]) for series in own)
    beside = [(drawing.y(tick), number(tick, axis.places, lang)) for tick in axis.ticks]
    below = [(place[x], str(escape(short_period(x)))) for x in thinned(xs)]
    return frame(beside, inner, below, PANEL_HEIGHT, PANEL_HEIGHT + 22, last)


@dataclass(frozen=True)
class _Drawing:
    """Places of x and y in a trend panel."""

    place: Mapping[str, float]
    axis: Scale

    def y(self, value: float) -> int:
        return paths.down(8 + (PANEL_HEIGHT - 16) * (1 - self.axis.at(value) / 100))

    def at(self, point: Mapping[str, Any], name: str = "y") -> paths.Place:
        return paths.across(self.place[point["x"]]), self.y(point[name])

    def series(self, series: Mapping[str, Any]) -> str:
        css = "own" if series["own"] else "other"
        return "".join(self._band(s) + self._curve(s, css) for s in _segments(series["points"]))

    def _curve(self, points: Sequence[Mapping[str, Any]], css: str) -> str:
        css = f"{css} lone" if len(points) == 1 else css
        return paths.drawn(css, paths.curve([self.at(p) for p in points]))

    def _band(self, points: Sequence[Mapping[str, Any]]) -> str:
        known = [p for p in points if is_number(p.get("low")) and is_number(p.get("high"))]
        if len(known) < 2:
            return ""
        upper, lower = ([self.at(p, name) for p in known] for name in ("high", "low"))
        return paths.drawn("band", paths.curve(upper + lower[::-1]))

    def dots(self, series: Mapping[str, Any]) -> str:
        return paths.drawn("dot", paths.dots(self.at(p) for p in series["points"] if is_number(p["y"])))

    def last(self, series: Mapping[str, Any], lang: str, places: int) -> str:
        """Return the last value in figures, above a rising end and below a falling one."""
        points = [p for p in series["points"] if is_number(p["y"])]
        if not points:
            return ""
        last, x = points[-1], self.place[points[-1]["x"]]
        rising = len(points) < 2 or points[-2]["y"] <= last["y"]
        place = paths.UNIT * self.y(last["y"]) + (-9 if rising else 19)
        place = min(max(place, 12), PANEL_HEIGHT - 2)
        anchor = ' text-anchor="end"' if x > 90 else ""
        return f'<text class="value" x="{x:.0f}%" y="{place}"{anchor}>{number(last["y"], places, lang)}</text>'

    def breaks(self, starts: Sequence[str], xs: Sequence[str]) -> str:
        """Return a line before each new way of measuring."""
        places = []
        for start in starts:
            i = list(xs).index(start)
            places.append((self.place[xs[i - 1]] + self.place[start]) / 2 if i else self.place[start])
        return paths.drawn("break", paths.uprights(map(paths.across, places), paths.down(PANEL_HEIGHT)))


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
