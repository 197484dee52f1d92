"""Handling of complaints: legal limits, exact intervals, response time with open cases censored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from scipy.stats import norm

from analysis.errors import UsageError
from analysis.results import FloatArray

# Days allowed by Permenpan RB 62/2018 (SP4N-LAPOR!): working days for information, calendar days otherwise.
COMPLAINT_LIMITS = {"dispatch": 3, "information": 5, "complaint": 14, "inspection": 60}
WORKING_DAY_KINDS = ("information",)
DEFAULT_KIND = "complaint"
HORIZON_DAYS = 60


def exact_share_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper and Pearson 1934) interval of a share; (0, 1) without trials."""
    low, high = _exact_intervals(np.array([float(successes)]), np.array([float(trials)]), level)
    return float(low[0]), float(high[0])


def restricted_mean_days(days: FloatArray, closed: npt.NDArray[np.bool_], horizon: float = HORIZON_DAYS) -> float:
    """Return the mean response time up to a horizon, with cases still open counted as censored.

    Area under the Kaplan-Meier curve (Kaplan and Meier 1958) from 0 to `horizon`. A plain mean of closed cases is too
    small: the slow ones are still open. Beyond the longest observation the curve stays at its last value, so the
    result is an upper bound where the last cases are open.

    Parameters
    ----------
    days
        Days from receipt to closing, or to the last known date where open; shape (n,).
    closed
        Whether the case is closed; shape (n,).
    horizon
        Days at which waiting is cut off.

    Returns
    -------
    float
        Days, or NaN without cases.
    """
    days, closed = np.asarray(days, dtype=float), np.asarray(closed, dtype=bool)
    if days.size == 0:
        return float("nan")
    times, _, _, survival = _survival(days, closed, horizon)
    widths = np.diff(np.concatenate([[0.0], times, [horizon]]))
    return float((survival * widths).sum())


def restricted_mean_error(days: FloatArray, closed: npt.NDArray[np.bool_], horizon: float = HORIZON_DAYS) -> float:
    """Return the standard error of `restricted_mean_days`.

    Greenwood's formula for the area under the curve, ``sum over t of A(t)^2 d / (n (n - d))`` with the area A(t) from t
    to the horizon, d cases closed at t of n that were still open (Klein and Moeschberger 2003, 4.5.2). Where nobody is
    left after t the term is zero, because A(t) is.

    Parameters
    ----------
    days, closed, horizon
        As for `restricted_mean_days`.

    Returns
    -------
    float
        Days, or NaN without cases.
    """
    days, closed = np.asarray(days, dtype=float), np.asarray(closed, dtype=bool)
    if days.size == 0:
        return float("nan")
    times, at_risk, events, survival = _survival(days, closed, horizon)
    widths = np.diff(np.concatenate([times, [horizon]]))
    areas = np.cumsum((survival[1:] * widths)[::-1])[::-1]
    left = at_risk * (at_risk - events)
    terms = np.divide(areas**2 * events, left, out=np.zeros_like(areas), where=left > 0)
    return float(np.sqrt(terms.sum()))


def _survival(
    days: FloatArray, closed: npt.NDArray[np.bool_], horizon: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return times of closing, cases open before, cases closed, and the share open from 0 and after each time."""
    times = np.unique(days[closed & (days <= horizon)])
    ordered, ended = np.sort(days), np.sort(days[closed])
    at_risk = (len(days) - np.searchsorted(ordered, times, side="left")).astype(float)
    events = (np.searchsorted(ended, times, side="right") - np.searchsorted(ended, times, side="left")).astype(float)
    return times, at_risk, events, np.concatenate([[1.0], np.cumprod(1 - events / at_risk)])


def complaint_measures(
    complaints: pd.DataFrame,
    by: Sequence[str] = ("unit_id", "period"),
    *,
    as_of: pd.Timestamp | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return how complaints were handled in every group.

    A case open beyond its limit counts as late, one open within it does not count yet. Cases without an allowed kind
    are judged by the limit for complaints without inspection (14 days).

    Parameters
    ----------
    complaints
        One row a case: `by`, ``received_on``, ``closed_on`` (missing where open) and, if known, ``kind`` (a key of
        `COMPLAINT_LIMITS`).
    by
        Columns that define a group.
    as_of
        Last date of the records; by default the latest date seen in them.
    level
        Confidence level of the share's interval.

    Returns
    -------
    pandas.DataFrame
        Columns `by`, ``complaints_n`` (cases received), ``complaints_judged`` (closed, or open beyond the limit),
        ``complaints_on_time``, ``complaints_in_time`` (share of those judged), ``conf_low``, ``conf_high`` (exact),
        ``response_days`` (restricted mean over 60 days) with ``response_days_low`` and ``response_days_high``.

    Raises
    ------
    UsageError
        If a needed column is missing.
    """
    by = list(by)
    missing = [name for name in [*by, "received_on", "closed_on"] if name not in complaints.columns]
    if missing:
        raise UsageError("measures.columns_missing", names=missing)
    grouped = _cases(complaints, by, as_of).groupby(by, sort=True, observed=True)
    table = grouped.agg(
        complaints_n=("days", "size"), complaints_judged=("judged", "sum"), complaints_on_time=("on_time", "sum")
    )
    judged, on_time = (table[name].to_numpy(dtype=float) for name in ("complaints_judged", "complaints_on_time"))
    table["complaints_in_time"] = np.divide(on_time, judged, out=np.full_like(judged, np.nan), where=judged > 0)
    table["conf_low"], table["conf_high"] = _exact_intervals(on_time, judged, level)
    curves = [(cases["days"].to_numpy(dtype=float), cases["closed"].to_numpy()) for _, cases in grouped]
    table["response_days"] = [restricted_mean_days(days, closed) for days, closed in curves]
    margins = norm.isf((1 - level) / 2) * np.array([restricted_mean_error(days, closed) for days, closed in curves])
    table["response_days_low"] = (table["response_days"] - margins).clip(lower=0.0)
    table["response_days_high"] = (table["response_days"] + margins).clip(upper=float(HORIZON_DAYS))
    return table.reset_index()


def _exact_intervals(successes: FloatArray, trials: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return exact intervals of many shares at once; (0, 1) without trials."""
    tail = (1 - level) / 2
    low = special.betaincinv(successes, trials - successes + 1, tail)
    high = special.betaincinv(successes + 1, trials - successes, 1 - tail)
    return np.where(successes > 0, low, 0.0), np.where(successes < trials, high, 1.0)


def _cases(complaints: pd.DataFrame, by: list[str], as_of: pd.Timestamp | None) -> pd.DataFrame:
    received, closed = pd.to_datetime(complaints["received_on"]), pd.to_datetime(complaints["closed_on"])
    known = received.notna()
    last = as_of if as_of is not None else pd.concat([received, closed]).max()
    kinds = complaints["kind"] if "kind" in complaints.columns else pd.Series(DEFAULT_KIND, complaints.index)
    kinds = kinds.where(kinds.isin(list(COMPLAINT_LIMITS)), DEFAULT_KIND)
    cases = complaints.loc[known, by].copy()
    ends = closed.fillna(last)[known]
    cases["closed"] = closed.notna()[known]
    cases["days"] = (ends - received[known]).dt.days.clip(lower=0)
    counted = _working_days(received[known], ends).where(kinds[known].isin(WORKING_DAY_KINDS), cases["days"])
    late = counted > kinds[known].map(COMPLAINT_LIMITS).astype(float)
    cases["judged"], cases["on_time"] = cases["closed"] | late, cases["closed"] & ~late
    return cases


def _working_days(start: pd.Series, end: pd.Series) -> pd.Series:
    """Mondays to Fridays between two dates; public holidays are not known here, so this is the stricter count."""
    first, last = start.to_numpy().astype("datetime64[D]"), end.to_numpy().astype("datetime64[D]")
    return pd.Series(np.maximum(np.busday_count(first, last), 0), index=start.index, dtype=float)
