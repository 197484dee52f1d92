"""Random-effects pooling of group estimates on plain arrays: REML, Hartung-Knapp-Sidik-Jonkman, shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from analysis.results import FloatArray

CONVERGED = 1e-13
MAX_STEPS = 1000

TAU_GRID = 201
"""Values of the standard deviation between groups over which the error of a shrunken effect is averaged."""


@dataclass(frozen=True)
class Pooled:
    """The distribution of true group effects.

    Parameters
    ----------
    mean, std_error, df
        Weighted mean of the effects, its standard error, and the degrees of freedom of its t (infinite: normal).
    tau2
        Variance of the true effects between groups.
    q, q_p_value
        Cochran's heterogeneity statistic with k - 1 degrees of freedom.
    i2
        Share of the variance of the estimates that is between groups (Higgins and Thompson 2002).
    prediction_low, prediction_high
        Where the effect of a new group is expected.
    n_groups
        k.
    """

    mean: float
    std_error: float
    df: float
    tau2: float
    q: float
    q_p_value: float
    i2: float
    prediction_low: float
    prediction_high: float
    n_groups: int


def reml_tau2(estimates: FloatArray, variances: FloatArray) -> float:
    """Estimate the between-group variance by restricted maximum likelihood.

    Fisher scoring from the Paule-Mandel value with halved steps below zero (Viechtbauer 2005, Journal of Educational
    and Behavioral Statistics 30). Work is done in units of the median variance, so that the scale of the data is
    irrelevant.

    Parameters
    ----------
    estimates, variances
        Shape (k,), k >= 2; variances positive.
    """
    unit = float(np.median(variances))
    values, noise = estimates / np.sqrt(unit), variances / unit
    tau2 = _paule_mandel(values, noise)
    for _ in range(MAX_STEPS):
        step = _scoring_step(values, noise, tau2)
        while tau2 + step < 0 and abs(step) > CONVERGED:
            step /= 2
        if abs(step) <= CONVERGED * max(1.0, tau2):
            break
        tau2 = max(tau2 + step, 0.0)
    return tau2 * unit if tau2 > 1e-10 else 0.0


def _scoring_step(values: FloatArray, noise: FloatArray, tau2: float) -> float:
    """Return score over expected information of the restricted likelihood."""
    weights = 1 / (noise + tau2)
    total, square, cube = weights.sum(), (weights**2).sum(), (weights**3).sum()
    left = values - (weights @ values) / total
    information = square - 2 * cube / total + (square / total) ** 2
    return float(((weights**2) @ left**2 - (total - square / total)) / information)


def _paule_mandel(values: FloatArray, noise: FloatArray) -> float:
    """Return the variance at which Cochran's Q equals its expectation, 0 if there is none."""

    def excess(tau2: float) -> float:
        weights = 1 / (noise + tau2)
        left = values - (weights @ values) / weights.sum()
        return float(weights @ left**2) - (len(values) - 1)

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, 10 * (float(np.var(values)) + float(noise.max()) + 1)))


def pool(estimates: FloatArray, variances: FloatArray, *, small_sample: bool = True, level: float = 0.95) -> Pooled:
    """Pool group estimates.

    Parameters
    ----------
    estimates, variances
        Shape (k,).
    small_sample
        Use the Hartung-Knapp-Sidik-Jonkman standard error with t(k-1), never below the ordinary one
        (Roever, Knapp and Friede 2015); otherwise the ordinary one with the normal distribution.
    level
        Of the prediction interval.
    """
    n_groups = len(estimates)
    tau2 = reml_tau2(estimates, variances)
    weights = 1 / (variances + tau2)
    mean = float(weights @ estimates / weights.sum())
    spread = float(weights @ (estimates - mean) ** 2) / (n_groups - 1)
    inflation = max(1.0, spread) if small_sample else 1.0
    std_error = float(np.sqrt(inflation / weights.sum()))
    df = float(n_groups - 1) if small_sample else np.inf
    margin = float(stats.t.isf((1 - level) / 2, df)) * float(np.sqrt(tau2 + std_error**2))
    q, i2 = heterogeneity(estimates, variances, tau2)
    q_p_value = float(stats.chi2.sf(q, n_groups - 1))
    return Pooled(mean, std_error, df, tau2, q, q_p_value, i2, mean - margin, mean + margin, n_groups)


def heterogeneity(estimates: FloatArray, variances: FloatArray, tau2: float) -> tuple[float, float]:
    """Return Cochran's Q and I2 = tau2 / (tau2 + typical sampling variance)."""
    weights = 1 / variances
    total = float(weights.sum())
    q = float(weights @ (estimates - weights @ estimates / total) ** 2)
    typical = (len(estimates) - 1) * total / (total**2 - float(weights @ weights))
    return q, tau2 / (tau2 + typical)


def shrink(
    estimates: FloatArray, variances: FloatArray, tau2: float, mean: float, mean_variance: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pull every group's estimate towards the mean by how noisy it is (empirical Bayes).

    With B = v / (v + tau2) the estimate is (1 - B) y + B mean and its variance v (1 - B) + B^2 var(mean), as in
    metafor's ``blup`` (Raudenbush and Bryk 1985).

    Returns
    -------
    estimate, std_error, shrinkage : FloatArray
        Shape (k,) each; `shrinkage` is B.
    """
    shrinkage = variances / (variances + tau2)
    pulled = (1 - shrinkage) * estimates + shrinkage * mean
    variance = variances * (1 - shrinkage) + shrinkage**2 * mean_variance
    return pulled, np.sqrt(variance), shrinkage


def shrunken_variances(
    estimates: FloatArray, variances: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the error variances of shrunken effects that own up to what was estimated.

    `shrink` takes the variance between groups as known. With a dozen groups it is not, and where it is estimated as
    zero every group would get the common mean with its small error. Here the error is averaged over all values of the
    standard deviation between groups, by their restricted likelihood under a flat prior (Gelman 2006, Bayesian Analysis
    1, 515-534; Morris 1983, J. American Statistical Association 78, 47-65, has the closed form for equal variances).

    Parameters
    ----------
    estimates, variances
        Own estimates, shape (k,).
    values
        Shrunken effects about which the error is taken, shape (k,).

    Returns
    -------
    own, rest : FloatArray
        Shape (k,) each: the part that stems from the group's own error, and the part from the mean and the shrinkage.
        Their sum is the variance.
    """
    scale = max(float(np.std(estimates)), float(np.sqrt(variances.mean())))
    tau2 = np.linspace(0.0, 4 * scale, TAU_GRID)[:, None] ** 2
    weights = 1 / (variances + tau2)
    total = weights.sum(axis=1, keepdims=True)
    mean = (weights * estimates).sum(axis=1, keepdims=True) / total
    spread = (weights * (estimates - mean) ** 2).sum(axis=1, keepdims=True)
    likelihood = 0.5 * np.log(weights).sum(axis=1, keepdims=True) - 0.5 * np.log(total) - 0.5 * spread
    posterior = np.exp(likelihood - likelihood.max())
    posterior = posterior / posterior.sum()
    share = variances * weights
    centre = (1 - share) * estimates + share * mean
    own = (posterior * variances * (1 - share)).sum(axis=0)
    rest = (posterior * (share**2 / total + (centre - values) ** 2)).sum(axis=0)
    return own, rest
