"""Bars and intervals that stand in the cells of a table, and small curves beside a name."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis.report.figures.paths import WIDTH, across, drawn, uprights
from analysis.report.figures.scales import Scale
from analysis.report.i18n import is_number, number

HEIGHT = 2
"""A bar has one middle line; it is as high as its cell."""


def interval_bar(
    low: float | None,
    value: float | None,
    high: float | None,
    axis: Scale,
    reference: float | None = None,
    css: str = "",
) -> Markup:
    """Return one row of a forest plot: interval as line, estimate as dot, a ring if it holds the reference."""
    parts = [_grid(axis.ticks, axis)]
    if reference is not None:
        parts.append(drawn("ref", uprights([across(axis.at(reference))], HEIGHT)))
    if is_number(low) and is_number(high):
        parts.append(drawn("ci", _along(axis.at(low), axis.at(high))))
    if is_number(value):
        open_ = reference is not None and is_number(low) and is_number(high) and low <= reference <= high
        parts.append(_dot(axis.at(value), ring=open_))
    return _bar("".join(parts), css)


def axis_labels(axis: Scale, lang: str) -> Markup:
    """Return the numbers under a forest plot."""
    places = [(axis.at(tick), number(tick, axis.places, lang)) for tick in axis.ticks]
    parts = [f'<text x="{at:.0f}%"{_anchor(at)}>{text}</text>' for at, text in places]
    return Markup(f'<svg class="axis" aria-hidden="true">{"".join(parts)}</svg>')


def _bar(inner: str, css: str = "") -> Markup:
    """Return a drawing that is stretched over its cell."""
    names = f"bar {css}".strip()
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return Markup(f'<svg class="{names}" {box} aria-hidden="true">{inner}</svg>')


def _grid(values: Sequence[float], axis: Scale) -> str:
    return drawn("grid", uprights([across(axis.at(value)) for value in values], HEIGHT))


def _along(start: float, end: float) -> str:
    return f"M{across(start)} 1H{across(end)}"


def _dot(place: float, ring: bool) -> str:
    """Return a dot, or a ring: the same dot with a smaller one of the paper's colour on it."""
    outline = f"M{across(place)} 1h0"
    return drawn("dot", outline) + (drawn("hole", outline) if ring else "")


def _anchor(place: float) -> str:
    """Return how a label stands at the ends of an axis; elsewhere it is centred."""
    return ' text-anchor="start"' if place < 4 else ' text-anchor="end"' if place > 96 else ""


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


def element_bar(value: float, thresholds: Sequence[float], low: float = 1.0, high: float = 4.0) -> Markup:
    """Return a bar on the scale of a survey element with the limits of the grades."""
    axis = Scale(low, high, tuple(thresholds))
    return _bar(drawn("fill", _along(0, axis.at(value))) + _grid(thresholds, axis))


def share_bar(share: float) -> Markup:
    """Return a bar for a share of the whole."""
    return _bar(drawn("fill", _along(0, 100 * min(max(share, 0.0), 1.0))))


def change_bar(present: float | None, advised: float | None, axis: Scale) -> Markup:
    """Return what is done now (ring) and what is advised (dot), joined by a line."""
    parts = [_grid(axis.ticks, axis)]
    if is_number(present) and is_number(advised):
        parts.append(drawn("move", _along(axis.at(present), axis.at(advised))))
    parts += [_dot(axis.at(value), ring) for value, ring in ((present, True), (advised, False)) if is_number(value)]
    return _bar("".join(parts))
