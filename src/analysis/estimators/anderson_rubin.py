"""The Anderson-Rubin confidence set: values at which the instruments do not explain outcome - value x treatment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from analysis.estimators.inference import LeastSquares, least_squares
from analysis.estimators.linear import Linear, raw_covariance
from analysis.estimators.preflight import Sample
from analysis.estimators.table import confidence_level
from analysis.results import FloatArray
from analysis.spec import Spec

GRID = 801
"""Points at which the statistic is first evaluated, evenly spaced in the angle atan((value - centre) / scale)."""


def anderson_rubin(
    sample: Sample,
    spec: Spec,
    outcome: FloatArray,
    treatment: FloatArray,
    exogenous: FloatArray,
    n_controls: int,
) -> dict[str, Any]:
    """Invert the Anderson-Rubin test for a single endogenous treatment.

    Anderson and Rubin (1949); with the spec's covariance it is the robust version of Chernozhukov and Hansen (2008).
    The statistic is a ratio of polynomials in the tested value, so that the set may be an interval, everything outside
    an interval, the whole line, or (with surplus instruments) empty.

    Parameters
    ----------
    sample, spec
        For counting parameters and the covariance.
    outcome, treatment
        Transformed, shape (n,).
    exogenous
        Controls, then instruments, shape (n, n_controls + q).
    n_controls
        Leading columns that are controls.

    Returns
    -------
    dict
        form, low, high, p_value (of a zero effect), df1, df2. For ``outside`` the set is below `low` and above `high`.
    """
    if spec.covariance not in ("classical", "HC1"):
        spec = replace(spec, covariance="CRV1")
    left, right = least_squares(outcome, exogenous), least_squares(treatment, exogenous)
    names = tuple(f"x{position}" for position in range(exogenous.shape[1]))

    def statistic(value: float) -> tuple[float, float]:
        fit = LeastSquares(
            exogenous,
            left.coefficients - value * right.coefficients,
            left.residuals - value * right.residuals,
            left.bread,
        )
        return _wald(Linear(sample, names, n_controls, outcome, fit), spec)

    at_zero, df = statistic(0.0)
    df1 = exogenous.shape[1] - n_controls
    critical = float(stats.f.isf(1 - confidence_level(spec), df1, df))
    centre, scale = _centre(outcome, treatment, exogenous, n_controls)
    bounds = _accepted(lambda value: statistic(value)[0] - critical, centre, scale)
    return {**bounds, "p_value": float(stats.f.sf(at_zero, df1, df)), "df1": df1, "df2": df}


def _wald(model: Linear, spec: Spec) -> tuple[float, float]:
    """Return the F of the instruments' coefficients and its second degrees of freedom."""
    vcov, df = raw_covariance(model, spec)
    wanted = slice(model.n_controls, None)
    estimate = model.estimate
    statistic = float(estimate @ np.linalg.solve(vcov[wanted, wanted], estimate)) / len(estimate)
    return statistic, float(np.min(df))


def _centre(outcome: FloatArray, treatment: FloatArray, exogenous: FloatArray, n_controls: int) -> tuple[float, float]:
    """Return the two-stage estimate and a natural scale of effects, for placing the grid."""
    controls = np.linalg.qr(exogenous[:, :n_controls])[0]
    y, x = (column - controls @ (controls.T @ column) for column in (outcome, treatment))
    basis = np.linalg.qr(exogenous)[0]
    fitted = basis @ (basis.T @ x)
    return float(fitted @ y) / float(fitted @ x), float(np.sqrt((y @ y) / (x @ x)))


def _accepted(excess: Callable[[float], float], centre: float, scale: float) -> dict[str, Any]:
    """Find where `excess` is at most zero along the real line."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, GRID + 2)[1:-1]
    values = centre + scale * np.tan(angles)
    accepted = np.array([excess(value) <= 0 for value in values])
    if accepted.all():
        return {"form": "line", "low": -np.inf, "high": np.inf}
    if not accepted.any():
        return {"form": "empty", "low": np.nan, "high": np.nan}
    turns = np.flatnonzero(accepted[1:] != accepted[:-1])
    roots = [float(brentq(excess, values[turn], values[turn + 1], xtol=1e-12, rtol=1e-12)) for turn in turns]
    if accepted[0] and accepted[-1]:
        return {"form": "outside", "low": roots[0], "high": roots[-1]}
    low = -np.inf if accepted[0] else roots[0]
    high = np.inf if accepted[-1] else roots[-1]
    return {"form": "interval", "low": low, "high": high}
