"""How strong an unobserved confounder would have to be (Cinelli and Hazlett 2020, J. R. Stat. Soc. B 82, 39-67).

The confounder Z is described by two shares: of the residual variance of the treatment (``r2_treatment``) and of the
residual variance of the outcome (``r2_outcome``) that it would explain beyond what is adjusted for. With f = t /
sqrt(residual df), all formulas follow from the classical standard error of the same regression; where the inference
uses another (clustered) standard error, only the width of the adjusted interval changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

BOUND_COLUMNS = (
    "covariate",
    "multiple",
    "r2_treatment",
    "r2_outcome",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
)


@dataclass(frozen=True)
class Sensitivity:
    """How fragile an estimate is to an unobserved confounder.

    Parameters
    ----------
    estimate, std_error, df
        The estimate with the standard error and degrees of freedom of its inference.
    partial_r2
        Share of the outcome's residual variance that the treatment explains: a confounder that explains all of the
        outcome's remaining variance must explain at least this share of the treatment's.
    robustness_value
        Share of the residual variance of both treatment and outcome that a confounder must explain to bring the
        estimate to zero (to ``1 - q`` of itself).
    robustness_value_alpha
        The same, to bring the interval at `level` to zero.
    q, level
        Fraction of the estimate to be explained away, and size of the test.
    bounds
        One row per benchmark covariate and multiple k: what the estimate would be if the confounder were k times as
        strong as that covariate. Columns `BOUND_COLUMNS`; a confounder that cannot exist has missing figures.
    """

    estimate: float
    std_error: float
    df: float
    partial_r2: float
    robustness_value: float
    robustness_value_alpha: float
    q: float
    level: float
    bounds: pd.DataFrame


def sensitivity(
    estimate: float,
    std_error: float,
    df: float,
    *,
    classical_std_error: float | None = None,
    residual_df: float | None = None,
    benchmarks: Mapping[str, tuple[float, float]] | None = None,
    multiples: tuple[float, ...] = (1.0, 2.0, 3.0),
    q: float = 1.0,
    level: float = 0.05,
) -> Sensitivity:
    """Sensitivity of a linear estimate to an unobserved confounder.

    Parameters
    ----------
    estimate, std_error, df
        Estimate, standard error of its inference, and its degrees of freedom.
    classical_std_error, residual_df
        Standard error under independent errors of equal variance and the regression's residual degrees of freedom
        (absorbed effects counted). Default: `std_error` and `df`, right only if these are classical.
    benchmarks
        Per covariate its partial R2 with the treatment (given the other covariates) and with the outcome (given
        treatment and other covariates).
    multiples
        How many times as strong as the covariate the confounder is taken to be.
    q
        Fraction of the estimate to be explained away.
    level
        Size of the test behind `robustness_value_alpha` and the adjusted intervals.

    Returns
    -------
    Sensitivity
        All figures are NaN if the inputs are not finite or the standard error is not positive.
    """
    classical = std_error if classical_std_error is None else classical_std_error
    rest = df if residual_df is None else residual_df
    usable = bool(np.isfinite([estimate, std_error, classical, rest]).all() and min(std_error, classical) > 0)
    if not usable or rest <= 1 or df < 1:
        nan = float("nan")
        return Sensitivity(estimate, std_error, df, nan, nan, nan, q, level, _no_bounds())
    base = _Base(estimate, std_error, df, classical, rest, level)
    strength = abs(estimate / classical) / np.sqrt(rest)
    width = base.critical * (std_error / classical) / np.sqrt(rest - 1)
    return Sensitivity(
        estimate=estimate,
        std_error=std_error,
        df=df,
        partial_r2=float(strength**2 / (1 + strength**2)),
        robustness_value=robustness_value(q * strength),
        robustness_value_alpha=robustness_value(q * strength, width),
        q=q,
        level=level,
        bounds=_bounds(base, benchmarks or {}, multiples),
    )


def robustness_value(strength: float, width: float = 0.0) -> float:
    """Robustness value from partial Cohen's f.

    Parameters
    ----------
    strength
        |t| / sqrt(residual df) with the classical t, times the fraction to be explained away.
    width
        The same scale for the critical value: 0 asks for an estimate of zero, otherwise for an interval that
        touches zero (Cinelli and Hazlett 2020, eq. 18, with the boundary case of their software).
    """
    gap = strength - width
    if gap <= 0:
        return 0.0
    if width > 0 and strength > 1 / width:
        return float((strength**2 - width**2) / (1 + strength**2))
    return float((np.sqrt(gap**4 + 4 * gap**2) - gap**2) / 2)


def adjusted_estimate(
    estimate: float, classical_std_error: float, residual_df: float, r2_treatment: float, r2_outcome: float
) -> float:
    """Estimate after a confounder of the given strength that works against it (eq. 10: moved towards zero)."""
    if not 0 <= r2_treatment < 1 or not 0 <= r2_outcome <= 1:
        return float("nan")
    bias = classical_std_error * np.sqrt(residual_df * r2_outcome * r2_treatment / (1 - r2_treatment))
    return float(np.sign(estimate) * (abs(estimate) - bias))


def adjusted_std_error(std_error: float, residual_df: float, r2_treatment: float, r2_outcome: float) -> float:
    """Return the standard error after adjusting for a confounder of the given strength (eq. 9)."""
    if not 0 <= r2_treatment < 1 or not 0 <= r2_outcome <= 1:
        return float("nan")
    shrink = (1 - r2_outcome) / (1 - r2_treatment)
    return float(std_error * np.sqrt(shrink * residual_df / (residual_df - 1)))


def benchmark_strength(covariate_treatment: float, covariate_outcome: float, multiple: float) -> tuple[float, float]:
    """Strength of a confounder `multiple` times as strong as an observed covariate (their Appendix B.2).

    Parameters
    ----------
    covariate_treatment, covariate_outcome
        Partial R2 of the covariate with the treatment, and with the outcome given the treatment.
    multiple
        How many times as strong.

    Returns
    -------
    tuple of float
        ``(r2_treatment, r2_outcome)``; NaN where no such confounder can exist. A share of the outcome above 1 is
        set to 1.
    """
    odds = covariate_treatment / (1 - covariate_treatment)
    r2_treatment = multiple * odds
    if not r2_treatment < 1:
        return float("nan"), float("nan")
    overlap = multiple * covariate_treatment**2 / ((1 - multiple * covariate_treatment) * (1 - covariate_treatment))
    if not 0 <= overlap < 1:
        return float("nan"), float("nan")
    factor = (np.sqrt(multiple) + np.sqrt(overlap)) / np.sqrt(1 - overlap)
    return float(r2_treatment), float(min(1.0, factor**2 * covariate_outcome / (1 - covariate_outcome)))


@dataclass(frozen=True)
class _Base:
    estimate: float
    std_error: float
    df: float
    classical: float
    residual_df: float
    level: float

    @property
    def critical(self) -> float:
        classical = self.df == self.residual_df
        return float(stats.t.isf(self.level / 2, self.df - 1 if classical else self.df))


def _no_bounds() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object if name == "covariate" else float) for name in BOUND_COLUMNS})


def _bounds(base: _Base, benchmarks: Mapping[str, tuple[float, float]], multiples: tuple[float, ...]) -> pd.DataFrame:
    rows = [
        _bound(base, name, multiple, *benchmark_strength(*benchmarks[name], multiple))
        for name in sorted(benchmarks)
        for multiple in multiples
    ]
    return pd.DataFrame(rows, columns=list(BOUND_COLUMNS)) if rows else _no_bounds()


def _bound(base: _Base, name: str, multiple: float, r2_treatment: float, r2_outcome: float) -> tuple[object, ...]:
    estimate = adjusted_estimate(base.estimate, base.classical, base.residual_df, r2_treatment, r2_outcome)
    std_error = adjusted_std_error(base.std_error, base.residual_df, r2_treatment, r2_outcome)
    margin = float(stats.t.isf(base.level / 2, base.df)) * std_error
    low, high = estimate - margin, estimate + margin
    return (name, float(multiple), r2_treatment, r2_outcome, estimate, std_error, low, high)
