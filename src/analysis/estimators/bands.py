"""Uniform confidence bands: all points of a curve inside at once with the stated probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.estimators.within import symmetric_power
from analysis.results import FloatArray

BAND_DRAWS = 20_000
BAND_SEED = 20_260_101


def sup_t_critical(
    vcov: FloatArray, df: float = np.inf, level: float = 0.95, draws: int = BAND_DRAWS, seed: int = BAND_SEED
) -> float:
    """Return the critical value of the largest absolute t statistic of a curve.

    The sup-t band of Montiel Olea and Plagborg-Moller (2019, J. Applied Econometrics 34), from draws of the joint
    distribution; with few clusters the draws are multivariate t with the same degrees of freedom as the intervals.

    Parameters
    ----------
    vcov
        Covariance of the estimates, shape (k, k); entries of zero variance are ignored.
    df
        Degrees of freedom; infinite for the normal.
    level
        Simultaneous coverage.
    draws, seed
        Number of draws and their seed.

    Returns
    -------
    float
        At least the pointwise critical value up to simulation error; NaN if no entry has a variance.
    """
    deviation = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    known = deviation > 0
    if not known.any():
        return float("nan")
    correlation = vcov[np.ix_(known, known)] / np.outer(deviation[known], deviation[known])
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal((draws, int(known.sum()))) @ symmetric_power(correlation, 0.5)
    spread = np.sqrt(generator.chisquare(df, draws) / df) if np.isfinite(df) else np.ones(draws)
    return float(np.quantile(np.abs(normal).max(axis=1) / spread, level))


def band_rows(terms: list[str], estimate: FloatArray, std_error: FloatArray, critical: float) -> list[dict[str, Any]]:
    """Return ``term, band_low, band_high`` per point, ready for `Fit.meta`."""
    return [
        {"term": term, "band_low": float(value - critical * error), "band_high": float(value + critical * error)}
        for term, value, error in zip(terms, estimate, std_error, strict=True)
    ]
