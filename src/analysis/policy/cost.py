"""Cost per index point, with an interval that admits when it cannot be told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.messages import Message
from analysis.panel import price_levels
from analysis.policy.plan import Plan
from analysis.policy.records import HALF_YEARS, CostRule

THOUSAND = 1e3
CostStatus = Literal["ok", "no_extra_cost", "cannot_be_told", "no_gain"]


@dataclass(frozen=True)
class Interval:
    """An estimate with its uncertainty.

    Parameters
    ----------
    estimate, std_error
        Mean and standard deviation of the draws.
    conf_low, conf_high
        Interval at the level asked for.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float

    @property
    def clear_of_zero(self) -> bool:
        """Whether the interval does not hold zero."""
        return self.conf_low > 0 or self.conf_high < 0


@dataclass(frozen=True)
class Ratio:
    """A ratio of two uncertain quantities.

    Parameters
    ----------
    estimate, conf_low, conf_high
        Ratio and Fieller's interval; missing where it is not bounded.
    bounded
        False where the denominator cannot be told from zero: then every large ratio fits the data.
    """

    estimate: float
    conf_low: float
    conf_high: float
    bounded: bool


@dataclass(frozen=True)
class CostPerPoint:
    """What one index point costs.

    Parameters
    ----------
    status
        ``"ok"``; ``"no_extra_cost"``; ``"cannot_be_told"`` (the gain may be nil); ``"no_gain"`` (the index falls).
    total
        Rupiah a year for all units reached, prices of 2024.
    per_point
        Rupiah a year for one point more in the mean of the units reached, with Fieller's interval; missing unless
        the status is ``"ok"``.
    per_officer_point
        The same per officer of these units.
    reason
        The finding in words.
    """

    status: CostStatus
    total: Interval
    per_point: Interval | None
    per_officer_point: Interval | None
    reason: Message


def fieller(
    numerator: float,
    numerator_error: float,
    denominator: float,
    denominator_error: float,
    *,
    covariance: float = 0.0,
    level: float = 0.95,
    df: float = math.inf,
) -> Ratio:
    """Return a ratio with Fieller's interval.

    All r with ``(a - r b)^2 <= q^2 (Var a - 2 r Cov + r^2 Var b)``; it is an interval only if
    ``b^2 > q^2 Var b``, that is if the denominator's own interval leaves out zero (Fieller 1954).

    Parameters
    ----------
    numerator, numerator_error, denominator, denominator_error
        Estimates a, b and their standard errors.
    covariance
        Of a and b.
    level, df
        Of the interval; t distribution with finite `df`.
    """
    q2 = float(stats.t.isf((1 - level) / 2, df)) ** 2
    slope = denominator**2 - q2 * denominator_error**2
    if slope <= 0:
        return Ratio(math.nan, math.nan, math.nan, bounded=False)
    middle = numerator * denominator - q2 * covariance
    rest = numerator**2 - q2 * numerator_error**2
    margin = math.sqrt(max(middle**2 - slope * rest, 0.0))
    return Ratio(numerator / denominator, (middle - margin) / slope, (middle + margin) / slope, bounded=True)


def cost_per_point(
    total: Interval, gain: Interval, officers: float, *, level: float = 0.95, df: float = math.inf
) -> CostPerPoint:
    """Divide the yearly cost of a change by what it gains.

    Parameters
    ----------
    total
        Rupiah a year.
    gain
        Mean change of the index in the units reached.
    officers
        Officers of these units.
    level, df
        Of the interval; degrees of freedom behind the gain.
    """
    if total.estimate == 0:
        return CostPerPoint("no_extra_cost", total, None, None, Message("policy.no_extra_cost"))
    if gain.conf_high < 0:
        return CostPerPoint("no_gain", total, None, None, Message("policy.no_gain", {"total": total.estimate}))
    ratio = fieller(total.estimate, total.std_error, gain.estimate, gain.std_error, level=level, df=df)
    if not (gain.clear_of_zero and ratio.bounded):
        values = {"total": total.estimate, "low": gain.conf_low, "high": gain.conf_high}
        return CostPerPoint("cannot_be_told", total, None, None, Message("policy.cost_cannot_be_told", values))
    per_point = Interval(ratio.estimate, math.nan, ratio.conf_low, ratio.conf_high)
    per_officer = Interval(*(value / officers for value in (ratio.estimate, math.nan, ratio.conf_low, ratio.conf_high)))
    values = {"estimate": per_point.estimate, "low": per_point.conf_low, "high": per_point.conf_high}
    return CostPerPoint("ok", total, per_point, per_officer, Message("policy.cost_per_point", values))


def hourly_cost(rule: CostRule, panel: pd.DataFrame, *, level: float = 0.95) -> Interval:
    """Return the cost per JP and participant, rupiah in prices of 2024.

    The mean over the region's units of their median record where at least three units have records, else the range
    of the rule read as a 95% interval.
    """
    column = rule.own_records
    if column and column in panel.columns:
        by_unit = panel.dropna(subset=[column]).groupby("unit_id", sort=True)[column].median() * THOUSAND
        if len(by_unit) >= 3:
            error = float(by_unit.std(ddof=1)) / math.sqrt(len(by_unit))
            return around(float(by_unit.mean()), error, level=level, df=len(by_unit) - 1)
    return from_range(rule, level=level)


def from_range(rule: CostRule, *, level: float = 0.95) -> Interval:
    """Read the range of a cost rule as a 95% interval of a normal distribution."""
    error = (rule.high - rule.low) / 2 / float(stats.norm.isf(0.025))
    return around((rule.low + rule.high) / 2, error, level=level)


def around(estimate: float, error: float, *, level: float = 0.95, df: float = math.inf) -> Interval:
    """Return the symmetric interval of an estimate."""
    margin = float(stats.t.isf((1 - level) / 2, df)) * error
    return Interval(estimate, error, estimate - margin, estimate + margin)


def yearly_cost(
    rule: CostRule, plan: Plan, terms: tuple[str, ...], headcount: npt.ArrayLike, panel: pd.DataFrame, *, level: float
) -> Interval:
    """Return what a plan costs a year, rupiah in prices of 2024.

    Parameters
    ----------
    rule
        How the scenario is paid for.
    plan, terms
        The changes and the columns they belong to.
    headcount
        Officers per unit, shape (U,).
    panel
        The region's rows, for its own records of cost.
    level
        Of the interval.
    """
    if rule.kind == "none":
        return Interval(0.0, 0.0, 0.0, 0.0)
    if rule.kind == "per_unit":
        return _times(from_range(rule, level=level), float(plan.reached.sum()))
    heads = np.asarray(headcount, dtype=float)
    paid = [position for position, term in enumerate(terms) if ":" not in term]
    hours = float(np.nansum(heads * np.nansum(np.maximum(plan.change[:, paid], 0.0), axis=1)))
    return _times(hourly_cost(rule, panel, level=level), hours * HALF_YEARS)


def _times(interval: Interval, factor: float) -> Interval:
    return Interval(*(getattr(interval, name) * factor for name in ("estimate", "std_error", "conf_low", "conf_high")))


def cost_by_form(training: pd.DataFrame, *, least_records: int = 10) -> pd.Series:
    """Return the median cost per JP and participant by form of training, rupiah in prices of 2024.

    Parameters
    ----------
    training
        Checked training records: ``period``, ``form``, ``hours``, ``cost``.
    least_records
        Forms with fewer records with a cost are left out.
    """
    rows = training.loc[training["cost"].notna() & (training["hours"] > 0)]
    if rows.empty:
        return pd.Series(dtype=float, name="cost_per_hour")
    years = rows["period"].astype(str).str[:4].astype(int)
    real = rows["cost"] / rows["hours"] / years.map(price_levels(int(years.min()), int(years.max())))
    grouped = real.groupby(rows["form"].astype(str), sort=True)
    return grouped.median()[grouped.size() >= least_records].rename("cost_per_hour")
