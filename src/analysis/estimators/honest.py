"""Intervals that allow parallel trends to fail, by Rambachan and Roth (2023, Rev. Economic Studies 90)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize

from analysis.results import FloatArray


def smoothness_interval(
    estimate: FloatArray, vcov: FloatArray, n_before: int, weights: FloatArray, smoothness: float, level: float = 0.95
) -> tuple[float, float]:
    """Shortest fixed-length interval when the slope of the difference in trends changes by at most `smoothness`.

    The optimal affine estimator of their section 4.1, solved by the diff-diff library; the normal distribution, as in
    the R package HonestDiD.

    Parameters
    ----------
    estimate, vcov
        Event-study effects against the last period before treatment, consecutive and in order, those before treatment
        first; shapes (k,) and (k, k).
    n_before
        How many of them are before treatment.
    weights
        Weights of the effects after treatment whose mean is wanted, shape (k - n_before,).
    smoothness
        M, in the unit of the outcome per period; 0 means that trends differ by a straight line.
    level
        Coverage.

    Returns
    -------
    tuple of float
        Bounds; NaN where it cannot be solved.
    """
    from diff_diff.honest_did import _flci_solve

    low, high, _ = _flci_solve(
        estimate[:n_before],
        estimate[n_before:],
        vcov,
        np.asarray(weights, dtype=float),
        n_before,
        len(estimate) - n_before,
        float(smoothness),
        1 - level,
    )
    return float(low), float(high)


def smoothness_rows(
    estimate: FloatArray, vcov: FloatArray, n_before: int, weights: FloatArray, level: float
) -> dict[str, Any]:
    """Intervals over a grid of M, and the M from which the interval includes zero.

    The grid has five values of M from 0 on. Its step is half a standard error of the wanted mean, divided by the number
    of effects after treatment because deviations from a straight line add up over the periods.

    Returns
    -------
    dict
        ``intervals``: list of ``m, conf_low, conf_high``; ``breakdown``: the smallest M whose interval includes zero
        (0 if it does under a straight line; infinite if no M up to 200 steps does).
    """

    def interval(size: float) -> tuple[float, float]:
        return smoothness_interval(estimate, vcov, n_before, weights, size, level)

    after = vcov[n_before:, n_before:]
    step = float(np.sqrt(weights @ after @ weights)) / (2 * len(weights))
    rows = [{"m": step * k, **dict(zip(("conf_low", "conf_high"), interval(step * k), strict=True))} for k in range(5)]
    return {"intervals": rows, "breakdown": _breakdown(interval, rows, step)}


def _breakdown(interval: Any, rows: list[dict[str, float]], step: float) -> float:
    def away(size: float) -> float:
        low, high = interval(size)
        return float(max(low, -high))

    inside = [max(row["conf_low"], -row["conf_high"]) <= 0 for row in rows]
    if not all(np.isfinite([row["conf_low"], row["conf_high"]]).all() for row in rows):
        return float("nan")
    if inside[0]:
        return 0.0
    below = (inside.index(True) - 1) * step if any(inside) else (len(rows) - 1) * step
    above = below + step
    while away(above) > 0:
        below, above = above, 2 * above
        if above > 200 * step:
            return float("inf")
    return float(optimize.brentq(away, below, above, xtol=step * 1e-2))
