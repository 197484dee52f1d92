"""Variance components of one-way error-component models on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from analysis.estimators.inference import least_squares
from analysis.estimators.preflight import independent_columns, without_noise
from analysis.estimators.within import IntArray, demean, group_sums
from analysis.results import FloatArray


@dataclass(frozen=True)
class Components:
    """Variances of the unit effect and of the remainder.

    Parameters
    ----------
    unit, idiosyncratic
        Variances between units and within them.
    """

    unit: float
    idiosyncratic: float

    @property
    def icc1(self) -> float:
        """Share of the variance that is between units: the reliability of a single observation."""
        return self.unit / (self.unit + self.idiosyncratic)

    def icc2(self, size: float) -> float:
        """Reliability of a unit's mean of `size` observations."""
        return self.unit / (self.unit + self.idiosyncratic / size)

    def theta(self, sizes: FloatArray) -> FloatArray:
        """Return what share of its mean is taken from a unit: 1 - sqrt(s_e^2 / (T s_u^2 + s_e^2))."""
        return np.asarray(1 - np.sqrt(self.idiosyncratic / (sizes * self.unit + self.idiosyncratic)))


def swamy_arora(outcome: FloatArray, design: FloatArray, unit: IntArray) -> Components:
    """Estimate the components from within and between residuals, unbalanced panels included.

    Baltagi and Chang (1994), Journal of Econometrics 62, eq. 2.11; R's plm with ``random.method = "swar"``. A
    negative variance between units is set to zero.

    Parameters
    ----------
    outcome
        Shape (n,).
    design
        Regressors without intercept, shape (n, k).
    unit
        Codes, shape (n,).
    """
    sizes = np.bincount(unit).astype(float)
    n_rows, n_units = len(outcome), len(sizes)
    within = demean(np.column_stack([outcome, design]), [unit])
    varying = independent_columns(without_noise(within[:, 1:], design))
    residuals = least_squares(within[:, 0], within[:, 1:][:, varying]).residuals
    idiosyncratic = float(residuals @ residuals) / (n_rows - n_units - int(varying.sum()))
    full = np.column_stack([np.ones(n_rows), design])
    means = group_sums(np.column_stack([outcome, full]), unit) / sizes[:, None]
    between = means[:, 1:][:, independent_columns(means[:, 1:])]
    root = np.sqrt(sizes)
    fit = least_squares(root * means[:, 0], root[:, None] * between)
    sum_of_squares = float(fit.residuals @ fit.residuals)
    totals = between * sizes[:, None]
    trace = float(np.trace(fit.bread @ (totals.T @ totals)))
    excess = sum_of_squares - (n_units - between.shape[1]) * idiosyncratic
    return Components(max(excess / (n_rows - trace), 0.0), idiosyncratic)


def anova_components(outcome: FloatArray, unit: IntArray) -> Components:
    """Estimate the components from a one-way analysis of variance (Searle 1971; Bliese 2000), never negative."""
    sizes = np.bincount(unit).astype(float)
    n_rows, n_units = len(outcome), len(sizes)
    within = demean(outcome[:, None], [unit])[:, 0]
    total = outcome - outcome.mean()
    error = float(within @ within) / (n_rows - n_units)
    between = float(total @ total - within @ within) / (n_units - 1)
    typical = (n_rows - float(sizes @ sizes) / n_rows) / (n_units - 1)
    return Components(max((between - error) / typical, 0.0), error)


def quasi_demean(columns: FloatArray, unit: IntArray, theta: FloatArray) -> FloatArray:
    """Subtract the share `theta` (one per unit) of each unit's mean."""
    sizes = np.bincount(unit).astype(float)
    means = group_sums(columns, unit) / sizes[:, None]
    return np.asfortranarray(columns - theta[unit][:, None] * means[unit])


def restricted_components(outcome: FloatArray, design: FloatArray, unit: IntArray, start: float) -> Components:
    """Maximise the restricted likelihood over the ratio of the components, near a starting ratio.

    The likelihood is profiled: -2 l(r) = sum log(1 + T r) + log|X'V^-1 X| + (N - k) log e'V^-1 e, with all products
    taken on quasi-demeaned columns (Bates et al. 2015, Journal of Statistical Software 67, section 3).

    Parameters
    ----------
    outcome, design
        Shapes (n,) and (n, k); the design has full column rank and holds the intercept.
    unit
        Codes.
    start
        Ratio of the variance between units to that within them, zero or more.
    """
    sizes = np.bincount(unit).astype(float)
    columns = np.column_stack([outcome, design])
    free = len(outcome) - design.shape[1]

    def residual_variance(ratio: float) -> tuple[float, float]:
        changed = quasi_demean(columns, unit, Components(ratio, 1.0).theta(sizes))
        fit = least_squares(changed[:, 0], changed[:, 1:])
        sum_of_squares = float(fit.residuals @ fit.residuals)
        determinant = -float(np.linalg.slogdet(fit.bread)[1])
        loss = float(np.log1p(sizes * ratio).sum()) + determinant + free * np.log(sum_of_squares)
        return sum_of_squares / free, loss

    centre = np.log(max(start, 1e-8))
    found = minimize_scalar(
        lambda value: residual_variance(float(np.exp(value)))[1],
        bounds=(centre - 5, centre + 5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    ratio = float(np.exp(found.x))
    if residual_variance(0.0)[1] <= found.fun:
        ratio = 0.0
    idiosyncratic = residual_variance(ratio)[0]
    return Components(ratio * idiosyncratic, idiosyncratic)
