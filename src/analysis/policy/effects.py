"""What is known of effects, jointly over regions: means, covariance, and draws that keep both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from analysis.claims.records import load_declared
from analysis.errors import UsageError
from analysis.policy.records import Scenario
from analysis.results import FloatArray

NATION = ""
# Rounding of published covariances leaves eigenvalues just below zero; anything larger is a mistake.
EIGENVALUE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Effects:
    """Effects of one more unit of each term on the outcome, with their joint uncertainty.

    Parameters
    ----------
    regions
        Region codes (R); the single entry `NATION` means that one effect holds everywhere.
    terms
        Columns whose change has an effect (K); ``"a:b"`` is the product of ``a`` and ``b`` less its centre.
    mean
        Effects, shape (R, K), outcome points per unit of the term.
    vcov
        Covariance of all of them, shape (R K, R K), region by region.
    df
        Degrees of freedom behind the standard errors; infinite for the normal distribution.
    centres
        Value of the second factor of a product at which the effect of the first one is stated.

    Raises
    ------
    UsageError
        If shapes do not fit, a number is missing, or the covariance is not one.
    """

    regions: tuple[str, ...]
    terms: tuple[str, ...]
    mean: FloatArray
    vcov: FloatArray
    df: float = math.inf
    centres: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = len(self.regions) * len(self.terms)
        mean, vcov = np.asarray(self.mean, dtype=float), np.asarray(self.vcov, dtype=float)
        if mean.shape != (len(self.regions), len(self.terms)) or vcov.shape != (size, size):
            raise UsageError("policy.effects_shape", regions=len(self.regions), terms=len(self.terms))
        if not (np.isfinite(mean).all() and np.isfinite(vcov).all() and np.allclose(vcov, vcov.T, rtol=1e-6)):
            raise UsageError("policy.effects_not_numbers")
        symmetric_root(vcov)
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "vcov", (vcov + vcov.T) / 2)

    def of(self, region: str) -> Effects:
        """Return the effects of one region alone (those of the nation if it is all there is).

        Raises
        ------
        UsageError
            If the region has no effects.
        """
        if self.regions == (NATION,):
            return self
        if region not in self.regions:
            raise UsageError("policy.no_effects_of_region", region=region)
        place = self.regions.index(region)
        k = len(self.terms)
        block = slice(place * k, (place + 1) * k)
        return Effects((region,), self.terms, self.mean[[place]], self.vcov[block, block], self.df, self.centres)

    def std_error(self) -> FloatArray:
        """Return the standard errors, shape (R, K)."""
        return np.sqrt(np.clip(np.diag(self.vcov), 0, None)).reshape(self.mean.shape)


def symmetric_root(vcov: FloatArray) -> FloatArray:
    """Return the symmetric S with ``S S = vcov``.

    Raises
    ------
    UsageError
        If an eigenvalue is clearly negative.
    """
    values, vectors = np.linalg.eigh((vcov + vcov.T) / 2)
    if values.min() < -EIGENVALUE_TOLERANCE * max(values.max(), 1e-300):
        raise UsageError("policy.effects_not_numbers")
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)


def draw_effects(effects: Effects, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw effects jointly.

    Draws come in pairs mirrored at the mean, and are standardised, so that with infinite `df` their mean *and*
    covariance (divisor n) are exactly those of `effects`; what is linear in the effects has no simulation error. With
    finite `df` a draw and its mirror share one chi-squared divisor (multivariate t): the mean is still exact.

    Parameters
    ----------
    effects
        Means and covariance.
    draws
        Number of draws, even; more than twice the number of effects for the covariance to be exact.
    rng
        Source of random numbers.

    Returns
    -------
    ndarray
        Shape (draws, R, K).

    Raises
    ------
    UsageError
        If `draws` is odd or not positive.
    """
    if draws < 2 or draws % 2:
        raise UsageError("policy.odd_draws", n=draws)
    size = effects.mean.size
    half = rng.standard_normal((draws // 2, size))
    if draws // 2 > size:
        # Mirrored pairs have the second moments of one half, so whitening the half is enough.
        half = half @ np.linalg.inv(symmetric_root(half.T @ half / len(half)))
    if math.isfinite(effects.df):
        half = half / np.sqrt(rng.chisquare(effects.df, (len(half), 1)) / effects.df)
    deviations = np.concatenate([half, -half]) @ symmetric_root(effects.vcov)
    return np.asarray(effects.mean + deviations.reshape(draws, *effects.mean.shape))


def pooled_covariance(own_error: npt.ArrayLike, pooled_error: npt.ArrayLike, mean_error: float) -> FloatArray:
    """Return the joint covariance of partially pooled effects of one term over regions.

    A pooled effect is ``(1 - B) own + B mean`` with ``B = v / (v + tau^2)`` and variance
    ``v (1 - B) + B^2 s^2`` (v and s the standard errors squared and not of own effect and mean; Morris 1983). All
    regions lean on the same mean, so two of them covary by ``B_r B_s s^2``. B is recovered from the variances:
    ``s^2 B^2 - v B + (v - p) = 0``. It enters the covariance between regions only; a region's own variance is always
    the one of its pooled estimate.

    Parameters
    ----------
    own_error
        Standard errors of the regions' own effects, shape (R,); missing where a region has none (it rests on the mean
        alone, B = 1).
    pooled_error
        Standard errors of the pooled effects, shape (R,).
    mean_error
        Standard error of the mean over regions.

    Returns
    -------
    ndarray
        Shape (R, R), with the squares of `pooled_error` on the diagonal.
    """
    own, pooled = np.asarray(own_error, dtype=float) ** 2, np.asarray(pooled_error, dtype=float) ** 2
    spread = mean_error**2
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.clip(own**2 - 4 * spread * np.clip(own - pooled, 0, None), 0, None))
        # The smaller root, written so that it does not cancel when the mean is known exactly.
        share = 2 * np.clip(own - pooled, 0, None) / (own + root)
    share = np.clip(np.where(np.isfinite(share), share, 1.0), 0.0, 1.0)
    share = np.minimum(share, np.sqrt(pooled / spread)) if spread > 0 else share
    common = spread * np.outer(share, share)
    return np.asarray(common + np.diag(pooled - np.diag(common)))


def join_terms(covariances: Sequence[FloatArray], correlation: npt.ArrayLike | None = None) -> FloatArray:
    """Join the covariances of several terms over the same regions, region by region.

    Parameters
    ----------
    covariances
        One (R, R) matrix per term.
    correlation
        Correlation of the estimates of different terms, shape (K, K); independent by default.

    Returns
    -------
    ndarray
        Shape (R K, R K), positive semidefinite by construction (roots are joined, not matrices).
    """
    k, r = len(covariances), len(covariances[0])
    between = np.eye(k) if correlation is None else np.asarray(correlation, dtype=float)
    roots = [symmetric_root(matrix) for matrix in covariances]
    joined = np.zeros((r, k, r, k))
    for first in range(k):
        for second in range(k):
            joined[:, first, :, second] = between[first, second] * roots[first] @ roots[second]
    return joined.reshape(r * k, r * k)


def effects_from_estimates(
    estimates: pd.DataFrame,
    specs: Mapping[str, str],
    *,
    scale: Mapping[str, float] | None = None,
    correlation: npt.ArrayLike | None = None,
    centres: Mapping[str, float] | None = None,
) -> Effects:
    """Build joint effects from a study's table of estimates.

    Parameters
    ----------
    estimates
        `analysis.results.StudyResults.estimates`: spec, level (``national``, ``pooled``, ``own``), region_code, term,
        estimate, std_error, df.
    specs
        Term (panel column or product) to the spec whose estimate of it is used.
    scale
        Factor from an estimate to one unit of the term (0.1 where the spec states points per 10 JP); 1 by default.
    correlation
        Correlation between the terms' estimates; the table holds none, independence is the default.
    centres
        See `Effects`.

    Returns
    -------
    Effects
        Of the regions that have a pooled estimate of every term; of the nation if no term has any.

    Raises
    ------
    UsageError
        If a term has no estimate at all.
    """
    factors = {term: (scale or {}).get(term, 1.0) for term in specs}
    tables = {term: _rows_of(estimates, spec, term, factors[term]) for term, spec in specs.items()}
    common = set.intersection(*(set(_level(table, "pooled").index) for table in tables.values()))
    names = tuple(specs)
    if not common:
        national = [_national_row(table, term) for term, table in tables.items()]
        errors = [np.array([[float(row["std_error"]) ** 2]]) for row in national]
        mean = np.array([[float(row["estimate"]) for row in national]])
        df = min(float(row["df"]) for row in national)
        return Effects((NATION,), names, mean, join_terms(errors, correlation), df, centres or {})
    regions = tuple(sorted(common))
    mean = np.column_stack([_level(table, "pooled").loc[list(regions), "estimate"] for table in tables.values()])
    parts = [_pooled_part(table, regions) for table in tables.values()]
    df = min(float(_level(table, "pooled")["df"].min()) for table in tables.values())
    return Effects(regions, names, mean, join_terms(parts, correlation), df, centres or {})


def _rows_of(estimates: pd.DataFrame, spec: str, term: str, factor: float) -> pd.DataFrame:
    rows = estimates.loc[(estimates["spec"] == spec) & (estimates["term"] == term)].dropna(subset=["estimate"])
    if rows.empty:
        raise UsageError("policy.no_estimate", term=term, spec=spec)
    values = rows[["estimate", "std_error"]].astype(float) * [factor, abs(factor)]
    df = rows["df"].astype(float).fillna(math.inf) if "df" in rows.columns else pd.Series(math.inf, index=rows.index)
    return pd.concat([rows[["level", "region_code"]], values, df.rename("df")], axis=1)


def _level(table: pd.DataFrame, level: str) -> pd.DataFrame:
    return table.loc[table["level"] == level].drop_duplicates("region_code").set_index("region_code")


def _national_row(table: pd.DataFrame, term: str) -> pd.Series:
    rows = _level(table, "national")
    if rows.empty:
        raise UsageError("policy.no_common_level", term=term)
    return rows.iloc[0]


def _pooled_part(table: pd.DataFrame, regions: tuple[str, ...]) -> FloatArray:
    pooled = _level(table, "pooled")["std_error"].loc[list(regions)].to_numpy(dtype=float)
    own_rows = _level(table, "own").reindex(list(regions))
    df = own_rows["df"].to_numpy(dtype=float)
    # Own variances enter the pooling as wide as their t distribution.
    widening = np.where(df > 2, df / np.maximum(df - 2, 1e-9), 3.0)
    own = own_rows["std_error"].to_numpy(dtype=float) * np.sqrt(np.where(np.isfinite(df), widening, 1.0))
    national = _level(table, "national")["std_error"]
    mean_error = float(national.iloc[0]) if len(national) else 0.0
    return pooled_covariance(own, pooled, mean_error)


def shrink_terms(effects: Effects) -> Effects:
    """Pull the effects of alike terms (forms of training) towards their common mean by how noisy they are.

    A choice among terms by their raw estimates picks the luckiest ones and promises too much. With
    ``y ~ N(theta, V), theta ~ N(mean, tau^2 I)`` the posterior does not (Efron and Morris 1973). tau^2 is found by
    restricted maximum likelihood with the whole covariance V; the uncertainty of the mean is carried, that of tau^2
    is not.

    Parameters
    ----------
    effects
        Of one region or of the nation, at least three terms in the same unit.

    Raises
    ------
    UsageError
        If there is more than one region or are fewer than three terms.
    """
    k = len(effects.terms)
    if len(effects.regions) != 1 or k < 3:
        raise UsageError("policy.effects_shape", regions=len(effects.regions), terms=k)
    values, ones, identity = effects.mean[0], np.ones(k), np.eye(k)
    spread = float(np.var(values)) * 10 + float(np.diag(effects.vcov).max())
    found = optimize.minimize_scalar(
        lambda tau2: _restricted_deviance(tau2, values, effects.vcov), bounds=(0.0, spread), method="bounded"
    )
    at_zero = _restricted_deviance(0.0, values, effects.vcov)
    tau2 = float(found.x) if found.fun < at_zero else 0.0
    weights = np.linalg.inv(effects.vcov + tau2 * identity)
    variance = 1 / float(ones @ weights @ ones)
    centre = variance * float(ones @ weights @ values)
    kept = tau2 * weights
    lost = (identity - kept) @ ones
    vcov = tau2 * (identity - kept) + variance * np.outer(lost, lost)
    mean = centre + kept @ (values - centre)
    return Effects(effects.regions, effects.terms, mean[None, :], (vcov + vcov.T) / 2, effects.df, effects.centres)


def _restricted_deviance(tau2: float, values: FloatArray, vcov: FloatArray) -> float:
    """Return minus twice the restricted log likelihood of a common mean, up to a constant."""
    total = vcov + tau2 * np.eye(len(values))
    weights = np.linalg.pinv(total)
    information = float(weights.sum())
    residuals = values - float(weights.sum(axis=0) @ values) / information
    return float(np.linalg.slogdet(total)[1] + math.log(information) + residuals @ weights @ residuals)


def scenario_effects(scenarios: Iterable[Scenario], estimates: pd.DataFrame) -> Effects | None:
    """Return the effects, per unit of each panel column, that scenarios need and a study could estimate.

    Parameters
    ----------
    scenarios
        Their claims name the specifications.
    estimates
        `analysis.results.StudyResults.estimates`, figures in the claims' units.

    Returns
    -------
    Effects or None
        None if no effect was estimated.
    """
    declared = load_declared()
    claims = dict.fromkeys(name for scenario in scenarios for name in scenario.claims)
    specs = [declared.specs[declared.claims[name].spec] for name in claims if name in declared.claims]
    usable = {
        spec.term: spec for spec in specs if spec.transform == "linear" and _estimated(estimates, spec.key, spec.term)
    }
    if not usable:
        return None
    names = {term: spec.key for term, spec in usable.items()}
    return effects_from_estimates(estimates, names, scale={term: 1 / spec.scale for term, spec in usable.items()})


def _estimated(estimates: pd.DataFrame, spec: str, term: str) -> bool:
    rows = estimates.loc[(estimates["spec"] == spec) & (estimates["term"] == term)]
    return bool((rows["estimate"].notna() & (rows["std_error"] > 0)).any())
