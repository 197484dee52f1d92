"""Half-years as text ("2024-S1") and as running numbers."""

from __future__ import annotations

import re

import pandas as pd

from analysis.errors import UsageError

FIRST_YEAR = 2000
_PERIOD = re.compile(r"(\d{4})-S([12])")


def period_index(period: str) -> int:
    """Return the running number of a half-year: 0 is the first half of 2000, 1 the second, and so on.

    Raises
    ------
    UsageError
        If the text is not of the form ``2024-S1``.
    """
    match = _PERIOD.fullmatch(str(period))
    if match is None:
        raise UsageError("panel.bad_period", value=str(period))
    return 2 * (int(match[1]) - FIRST_YEAR) + int(match[2]) - 1


def period_label(index: int) -> str:
    """Return the text of a running number, the inverse of `period_index`."""
    return f"{FIRST_YEAR + index // 2}-S{index % 2 + 1}"


def period_of_dates(dates: pd.Series) -> pd.Series:
    """Return the half-year of dates (January to June is S1); missing dates give missing text."""
    dates = pd.to_datetime(dates)
    half = (dates.dt.month > 6).astype("Int64") + 1
    text = dates.dt.year.astype("Int64").astype("str") + "-S" + half.astype("str")
    return text.where(dates.notna())


def period_spans(periods: pd.Series, keys: pd.Series) -> dict[str, tuple[int, int]]:
    """Return the first and last half-year (running numbers) of each key; rows without a key are left out."""
    known = keys.notna()
    grouped = periods[known].map(period_index).groupby(keys[known])
    low, high = grouped.min(), grouped.max()
    return {str(key): (int(low[key]), int(high[key])) for key in low.index}
