"""What a design can see: minimum detectable effects and power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.diagnostics.falsification import estimate_of
from analysis.diagnostics.linear import linear_design
from analysis.estimators import fit
from analysis.spec import Spec

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_QUANTILES, _QUANTILE_WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
_SPREAD_NODES = np.ones_like(_QUANTILES)


def power_of(effect: float, std_error: float, df: float = np.inf, *, level: float = 0.05) -> float:
    """Chance that a two-sided test at `level` finds a true `effect`.

    Parameters
    ----------
    effect
        The true effect, in the unit of `std_error`.
    std_error
        Standard error of the estimate; positive.
    df
        Degrees of freedom of the t test; infinite for the normal.
    level
        Size of the test.

    Returns
    -------
    float
        Power between `level` and 1; NaN if the inputs allow no answer. The noncentral t probability is the mean of
        normal probabilities over the distribution of the estimated standard error (Gauss-Legendre in its quantiles:
        SciPy's own returns NaN for some moderate arguments).
    """
    if not _valid(std_error, df):
        return float("nan")
    shift, critical = abs(effect) / std_error, stats.t.isf(level / 2, df)
    spread = _SPREAD_NODES if np.isinf(df) else np.sqrt(stats.chi2.ppf(_QUANTILES, df) / df)
    beyond = stats.norm.cdf(shift - critical * spread) + stats.norm.cdf(-shift - critical * spread)
    return float(_QUANTILE_WEIGHTS @ beyond)


def minimum_detectable_effect(std_error: float, df: float = np.inf, power: float = 0.8, level: float = 0.05) -> float:
    """Smallest true effect that a two-sided t test would find with the given power.

    The effect solves ``power_of(effect) = power`` exactly (noncentral t). With many degrees of freedom it is
    2.80 standard errors, the multiple of Bloom (1995, Evaluation Review 19, 547-556).

    Parameters
    ----------
    std_error
        Standard error of the estimate, in the unit of the outcome per unit of treatment.
    df
        Degrees of freedom of the test (number of clusters less one); infinite for the normal.
    power, level
        Wanted power and size of the test.

    Returns
    -------
    float
        The effect in the unit of `std_error`; NaN if `std_error` is not a positive number or `df` is below 1.
    """
    if not _valid(std_error, df) or not level < power < 1:
        return float("nan")
    guess = float(stats.t.isf(level / 2, df) + stats.t.ppf(max(power, 0.5), df) + 1.0)
    multiple = optimize.brentq(lambda size: power_of(size, 1.0, df, level=level) - power, 0.0, 4 * guess)
    return float(multiple * std_error)


def _valid(std_error: float, df: float) -> bool:
    return bool(np.isfinite(std_error) and std_error > 0 and df >= 1)


@dataclass(frozen=True)
class SimulatedPower:
    """Share of simulated studies of the actual design that find an effect.

    Parameters
    ----------
    table
        One row per effect: ``effect, power, std_error`` (of the simulation), ``draws, not_estimable``.
    """

    table: pd.DataFrame


def simulated_power(
    frame: pd.DataFrame,
    spec: Spec,
    effects: Sequence[float],
    *,
    draws: int = 200,
    seed: int = 20_260_101,
    level: float = 0.05,
) -> SimulatedPower:
    """Power of the design at hand: same rows, treatment, clusters, weights and inference.

    Each draw keeps the fitted values without the treatment, adds a known effect of the treatment, flips the sign of
    each cluster's residuals at random (which keeps their size and dependence), and fits the spec again.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; pooled OLS or fixed effects without moderators.
    effects
        True effects of the first treatment.
    draws, seed
        Simulations per effect and their seed; all effects use the same signs.
    level
        Size of the test.

    Returns
    -------
    SimulatedPower

    Raises
    ------
    analysis.estimators.preflight.Refusal
        If the spec is not linear or cannot be estimated.
    """
    design = linear_design(frame, spec)
    kept = frame.iloc[design.rows]
    treatment = kept[spec.treatments[0]].to_numpy(dtype=float)
    residuals = design.fit.residuals / design.root_weights
    base = kept[spec.outcome].to_numpy(dtype=float) - residuals - design.fit.coefficients[0] * treatment
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(draws, len(design.cluster_names)))
    rows = []
    for effect in effects:
        outcomes = (base + effect * treatment + residuals * flip[design.cluster] for flip in signs)
        p_values = np.array([_p_value(kept.assign(**{spec.outcome: outcome}), spec) for outcome in outcomes])
        found = p_values[np.isfinite(p_values)]
        share = float((found < level).mean()) if len(found) else float("nan")
        error = float(np.sqrt(share * (1 - share) / max(len(found), 1)))
        rows.append((float(effect), share, error, draws, draws - len(found)))
    columns = ["effect", "power", "std_error", "draws", "not_estimable"]
    return SimulatedPower(pd.DataFrame(rows, columns=columns))


def _p_value(frame: pd.DataFrame, spec: Spec) -> float:
    found = estimate_of(fit(frame, spec), spec.treatments[0])
    return float("nan") if found is None else float(found["p_value"])
