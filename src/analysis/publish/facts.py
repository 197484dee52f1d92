"""What pages of a region and of all regions say alike: the half-years of the study, and the day that dates them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan


def last_day(period: str) -> tuple[int, int, int]:
    """Return the last day of a half-year such as ``"2025-S2"``, by which a release is dated: no clock is read."""
    year, half = period.split("-S")
    return (int(year), 6, 30) if half == "1" else (int(year), 12, 31)


def study_context(planned: Plan) -> dict[str, Any]:
    """Return what every page has to know."""
    return {name: planned.results.meta[name] for name in ("first_period", "last_period", "synthetic")}
