"""Whether satisfaction has risen: beyond noise, and beyond comparable regions.

The national line is judged by how much national years scatter around it, a region's line by how much the region
scatters around it after the other regions' mean is taken out. What hits all regions at once is not its doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.claims.effects import Effect, Level
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, FloatArray

LEAST_PERIODS = 4


@dataclass(frozen=True)
class Line:
    """Change along a straight line from the first to the last period, with its uncertainty."""

    change: float
    std_error: float
    df: float
    n_periods: int


def straight_line(times: FloatArray, values: FloatArray) -> Line | None:
    """Fit a line and return its change over the whole span.

    The standard error is that of least squares, multiplied by sqrt((1 + r) / (1 - r)) where the residuals are
    positively autocorrelated (r, lag one): shocks that last make a line look steadier than it is.

    Parameters
    ----------
    times, values
        Shape (T,); missing values are left out. With fewer than four there is no line.
    """
    known = np.isfinite(values)
    x, y = times[known].astype(float), values[known]
    if len(x) < LEAST_PERIODS:
        return None
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    left = y - y.mean() - slope * centred
    df = float(len(x) - 2)
    error = float(np.sqrt(left @ left / df / (centred @ centred)))
    memory = max(0.0, float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300))
    span = float(x.max() - x.min())
    return Line(slope * span, error * span * float(np.sqrt((1 + memory) / (1 - min(memory, 0.9)))), df, len(x))


def region_means(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the mean index by half-year (rows) and region (columns), each unit's lasting level taken out.

    Units that come and go would otherwise move the mean.
    """
    known = panel.dropna(subset=["index"])
    level = known.groupby("unit_id")["index"].transform("mean")
    overall = known.groupby("region_code")["index"].transform("mean")
    steady = (known["index"] - level + overall).groupby([known["period_index"], known["region_code"]]).mean()
    return steady.unstack("region_code").sort_index()


def estimate_trend(panel: pd.DataFrame, key: str, level: float) -> Mapping[tuple[Level, str | None], Effect]:
    """Return the nation's trend, each region's own, and (as ``pooled``) each region's beyond the others.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    key
        Key of the specification.
    level
        Confidence level of the intervals.
    """
    means = region_means(panel)
    times = means.index.to_numpy(dtype=float)
    national = means.mean(axis=1)
    by_year = national.groupby(means.index.to_numpy() // 2).mean()
    years = by_year.index.to_numpy(dtype=float) * 2
    effects: dict[tuple[Level, str | None], Effect] = {
        ("national", None): _effect(key, "national", None, straight_line(years, by_year.to_numpy()), panel, level)
    }
    for code in sorted(panel["region_code"].unique()):
        here = means[code].to_numpy() if code in means.columns else np.full(len(times), np.nan)
        others = means.drop(columns=code, errors="ignore").mean(axis=1).to_numpy()
        rows = panel.loc[panel["region_code"] == code]
        effects[("own", code)] = _effect(key, "own", code, straight_line(times, here), rows, level)
        effects[("pooled", code)] = _effect(key, "pooled", code, straight_line(times, here - others), rows, level)
    return effects


def _effect(
    key: str, level: Level, region: str | None, line: Line | None, rows: pd.DataFrame, confidence: float
) -> Effect:
    if line is None or not line.std_error > 0:
        return Effect(key, level, region, None, Message("claims.reason.short_series", {"n": LEAST_PERIODS}))
    statistic = line.change / line.std_error
    margin = float(stats.t.ppf(0.5 + confidence / 2, line.df)) * line.std_error
    known = rows.dropna(subset=["index"])
    row: dict[str, Any] = dict.fromkeys(ESTIMATE_COLUMNS)
    row |= {
        "estimator": "straight_line",
        "outcome": "index",
        "term": "trend",
        "estimate": line.change,
        "std_error": line.std_error,
        "statistic": statistic,
        "df": line.df,
        "p_value": float(2 * stats.t.sf(abs(statistic), line.df)),
        "conf_low": line.change - margin,
        "conf_high": line.change + margin,
        "n_obs": len(known),
        "n_units": int(known["unit_id"].nunique()),
        "n_clusters": line.n_periods,
        "covariance": "autocorrelation_widened",
    }
    return Effect(key, level, region, row)
