"""Round scales, and where a time or a value lies on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.report.i18n import is_number


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
        return round(100 * min(max(share, 0.0), 1.0), 1)

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


def thinned(xs: Sequence[str], most: int = 5) -> list[str]:
    """Return at most `most` of the times, evenly spaced and with the last."""
    step = max(1, math.ceil((len(xs) - 1) / (most - 1))) if len(xs) > 1 else 1
    return [x for i, x in enumerate(xs) if (len(xs) - 1 - i) % step == 0]
