"""Bars and intervals that stand in the cells of a table, and small curves beside a name."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis.report.figures.scales import Scale
from analysis.report.i18n import is_number, number


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


def change_bar(present: float | None, advised: float | None, axis: Scale) -> Markup:
    """Return what is done now (ring) and what is advised (dot), joined by a line."""
    parts = [_upright(axis.at(tick), "grid") for tick in axis.ticks]
    if is_number(present) and is_number(advised):
        parts.append(f'<line class="move" x1="{axis.at(present)}%" x2="{axis.at(advised)}%" y1="50%" y2="50%"/>')
    for value, css in ((present, "ring"), (advised, "dot")):
        if is_number(value):
            parts.append(f'<circle class="{css}" cx="{axis.at(value)}%" cy="50%" r="5"/>')
    return Markup(f'<svg class="bar" aria-hidden="true" focusable="false">{"".join(parts)}</svg>')
