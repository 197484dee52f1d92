"""Random-effects pooling of group estimates on plain arrays: REML, Hartung-Knapp-Sidik-Jonkman, shrinkage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq, elementwise

from analysis.estimators.within import IntArray
from analysis.results import FloatArray

CONVERGED = 1e-13
MAX_STEPS = 1000

NEGLIGIBLE = 1e-7
"""Values of that standard deviation with a smaller part of the greatest probability are left out of quantiles."""

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


def alike_p_value(estimates: FloatArray, variances: FloatArray, degrees: FloatArray) -> float:
    """Return the p-value of Welch's test that all groups have the same effect.

    Cochran's Q takes the variances as known and finds differences too often where they come from few clusters; Welch's
    F uses their degrees of freedom (Welch 1951, Biometrika 38; Kulinskaya, Dollinger and Bjoerkestoel 2011, Research
    Synthesis Methods 2). With known variances the two agree.

    Parameters
    ----------
    estimates, variances, degrees
        Own estimates, their variances and degrees of freedom, shape (k,).
    """
    k, weights = len(estimates), 1 / variances
    total = float(weights.sum())
    q = float(weights @ (estimates - weights @ estimates / total) ** 2)
    doubt = float(((1 - weights / total) ** 2 / degrees).sum())
    statistic = q / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * doubt)
    return float(stats.f.sf(statistic, k - 1, (k**2 - 1) / (3 * doubt) if doubt > 0 else np.inf))


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


@dataclass(frozen=True)
class Mixture:
    """Normal distributions of the group effects, one for each value of the standard deviation between groups.

    Parameters
    ----------
    probability
        Of each value, shape (T, 1).
    centre, own, rest
        Mean of the effects, the part of their variance that stems from the group's own error, and the part that stems
        from the error of the mean, shape (T, k) each.
    share
        Share of the own estimate in the centre, shape (T, k).
    """

    probability: FloatArray
    centre: FloatArray
    own: FloatArray
    rest: FloatArray
    share: FloatArray


def mixture_over_tau(estimates: FloatArray, variances: FloatArray) -> Mixture:
    """Return the distribution of the group effects given each value of the standard deviation between groups.

    `shrink` takes the variance between groups as known. With a dozen groups it is not, and where it is estimated as
    zero every group would get the common mean with its small error. Here every value counts by its restricted
    likelihood under a flat prior on the standard deviation (Gelman 2006, Bayesian Analysis 1, 515-534; Morris 1983, J.
    American Statistical Association 78, 47-65, has the closed form for equal variances).

    Parameters
    ----------
    estimates, variances
        Own estimates, shape (k,).
    """
    scale = max(float(np.std(estimates)), float(np.sqrt(variances.mean())))
    tau2 = np.linspace(0.0, 4 * scale, TAU_GRID)[:, None] ** 2
    weights = 1 / (variances + tau2)
    total = weights.sum(axis=1, keepdims=True)
    mean = (weights * estimates).sum(axis=1, keepdims=True) / total
    spread = (weights * (estimates - mean) ** 2).sum(axis=1, keepdims=True)
    likelihood = 0.5 * np.log(weights).sum(axis=1, keepdims=True) - 0.5 * np.log(total) - 0.5 * spread
    posterior = np.exp(likelihood - likelihood.max())
    pulled = variances * weights
    centre = (1 - pulled) * estimates + pulled * mean
    own, rest = variances * (1 - pulled), pulled**2 / total
    return Mixture(posterior / posterior.sum(), centre, own, rest, 1 - pulled)


@dataclass(frozen=True)
class Shrunken:
    """Intervals and tests of shrunken group effects, every array of shape (k,).

    Parameters
    ----------
    std_error, df
        Those of Student's t whose interval is as wide as the one from `conf_low` to `conf_high`.
    p_value
        Twice the smaller share of the distribution on either side of zero; below one minus the level exactly where the
        interval leaves zero out.
    conf_low, conf_high
        Quantiles of the distribution.
    """

    std_error: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def shrunken_inference(
    estimates: FloatArray, variances: FloatArray, degrees: FloatArray, level: float = 0.95
) -> Shrunken:
    """Return intervals of the group effects from their distribution, averaged over the unknown spread between groups.

    A standard error with Student's t would count the unknown spread twice: once in the error, once in the t. Here the
    interval is read from the mixture itself (Roever 2020, Journal of Statistical Software 93(6), section 2). Own
    variances are estimates too: given the spread, an effect has Student's t with Satterthwaite's degrees of freedom.
    A share w of the own estimate makes the variance move by w^2 v where v moves, so that they are
    ``df (V / (w^2 v))^2``: the own ones where nothing is shrunken, without limit where the mean stands alone.

    Parameters
    ----------
    estimates, variances, degrees
        Own estimates, their variances and degrees of freedom, shape (k,). The variances should be unbiased (CR2): what
        they are too large by (CRV3) makes all intervals too wide.
    level
        Of the intervals.
    """
    mixture = mixture_over_tau(estimates, variances)
    kept = mixture.probability[:, 0] > NEGLIGIBLE * mixture.probability.max()
    chance, centre, share = mixture.probability[kept], mixture.centre[kept], mixture.share[kept]
    variance = (mixture.own + mixture.rest)[kept]
    moves = np.maximum(share**2 * variances, 1e-6 * variance)
    freedom = degrees * (variance / moves) ** 2
    spread = np.sqrt(variance)

    def below(value: FloatArray, group: IntArray) -> FloatArray:
        shares = special.stdtr(freedom[:, group], (value - centre[:, group]) / spread[:, group])
        return np.asarray((chance * shares).sum(axis=0) / chance.sum())

    reach = spread * stats.t.isf((1 - level) / 8, np.maximum(freedom, 1.0))
    bracket = ((centre - reach).min(axis=0), (centre + reach).max(axis=0))
    tails = ((1 - level) / 2, (1 + level) / 2)
    groups = np.arange(len(estimates))
    low, high = (_quantile(below, tail, bracket, groups) for tail in tails)
    share_below = below(np.zeros(len(estimates)), groups)
    average = (chance * share**2 * variances).sum(axis=0) / chance.sum()
    total = (chance * variance).sum(axis=0) / chance.sum()
    df = degrees * (total / np.maximum(average, 1e-6 * total)) ** 2
    error = (high - low) / (2 * stats.t.isf((1 - level) / 2, df))
    return Shrunken(error, df, 2 * np.minimum(share_below, 1 - share_below), low, high)


def _quantile(
    below: Callable[[FloatArray, IntArray], FloatArray],
    tail: float,
    bracket: tuple[FloatArray, FloatArray],
    groups: IntArray,
) -> FloatArray:
    # Groups that have converged are left out of further steps, so their positions travel along.
    found = elementwise.find_root(
        lambda value, group: below(value, group) - tail, bracket, args=(groups,), tolerances={"xrtol": 1e-10}
    )
    return np.asarray(found.x)
