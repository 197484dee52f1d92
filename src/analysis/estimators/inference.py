"""Small-sample covariances of least squares on plain arrays.

Notation: a design X of shape (n, k), already within-transformed and multiplied by the roots of the weights; bread
(X'X)^-1; scores x_i e_i; meat the sum of outer products of scores (summed within clusters). `n_parameters` is K of the
small-sample factor (N-1)/(N-K), see `count_parameters`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from analysis.estimators.within import (
    IntArray,
    crossed,
    demean,
    group_sums,
    indicators,
    is_nested,
    n_levels,
    symmetric_power,
)
from analysis.results import FloatArray

BLOCK = 4_000_000
"""Numbers in the largest stack of cluster matrices that is worked on at once."""

LEVERAGE_ONE = 1e-9
"""Below this an eigenvalue of I - H within a cluster is zero: the cluster fits a direction by itself."""


@dataclass(frozen=True)
class LeastSquares:
    """A fitted linear model.

    Parameters
    ----------
    design
        X, shape (n, k).
    coefficients
        Shape (k,).
    residuals
        Shape (n,).
    bread
        (X'X)^-1, shape (k, k).
    """

    design: FloatArray
    coefficients: FloatArray
    residuals: FloatArray
    bread: FloatArray

    @property
    def scores(self) -> FloatArray:
        """Rows x_i e_i, shape (n, k)."""
        return np.asarray(self.design * self.residuals[:, None])

    def sandwich(self, meat: FloatArray) -> FloatArray:
        """Return bread @ meat @ bread."""
        return self.bread @ meat @ self.bread


def least_squares(outcome: FloatArray, design: FloatArray) -> LeastSquares:
    """Regress by QR on columns of unit length, so that rupiah and shares may stand side by side.

    Parameters
    ----------
    outcome
        Shape (n,).
    design
        Full column rank, shape (n, k).
    """
    scale = np.sqrt(np.array([column @ column for column in design.T]))
    basis, triangle = np.linalg.qr(design / scale)
    inverse = np.linalg.inv(triangle) / scale[:, None]
    coefficients = inverse @ (basis.T @ outcome)
    return LeastSquares(design, coefficients, outcome - design @ coefficients, inverse @ inverse.T)


def partialled_column(fit: LeastSquares, position: int) -> FloatArray:
    """Return a column of the design less its regression on the others: X A_j / A_jj with A the bread."""
    loadings = fit.bread[:, position]
    return np.asarray(fit.design @ loadings / loadings[position])


def count_parameters(n_slopes: int, factors: Sequence[IntArray], clusters: Sequence[IntArray] = ()) -> int:
    """Count K of (N-1)/(N-K): slopes and absorbed effects, less the effects nested in a cluster.

    K = k + sum of levels - (number of factors - 1) - sum over nested factors of (levels - 1). This is what Stata's
    ``xtreg, fe`` and R's fixest (``ssc(fixef.K = "nested")``) count; the intercept stays counted.
    """
    total = n_slopes + sum(n_levels(codes) for codes in factors) - max(len(factors) - 1, 0)
    nested = [codes for codes in factors if any(is_nested(codes, cluster) for cluster in clusters)]
    return total - sum(n_levels(codes) - 1 for codes in nested)


def classical(fit: LeastSquares, n_parameters: int) -> FloatArray:
    """Return s^2 (X'X)^-1 with s^2 = e'e / (N - K)."""
    return fit.bread * float(fit.residuals @ fit.residuals) / (len(fit.residuals) - n_parameters)


def hc1(fit: LeastSquares, n_parameters: int) -> FloatArray:
    """Return the heteroskedasticity-robust covariance times N / (N - K)."""
    n_rows, scores = len(fit.residuals), fit.scores
    return fit.sandwich(scores.T @ scores) * n_rows / (n_rows - n_parameters)


def clustered_meat(fit: LeastSquares, cluster: IntArray) -> FloatArray:
    """Sum over clusters of the outer products of summed scores, shape (k, k)."""
    sums = group_sums(fit.scores, cluster)
    return sums.T @ sums


def crv1(fit: LeastSquares, cluster: IntArray, n_parameters: int) -> FloatArray:
    """Return the cluster-robust covariance with factor G/(G-1) x (N-1)/(N-K)."""
    n_rows, n_clusters = len(fit.residuals), n_levels(cluster)
    factor = n_clusters / (n_clusters - 1) * (n_rows - 1) / (n_rows - n_parameters)
    return fit.sandwich(clustered_meat(fit, cluster)) * factor


def crv1_two_way(fit: LeastSquares, clusters: tuple[IntArray, IntArray], n_parameters: int) -> FloatArray:
    """Return V1 + V2 - V12 of two-way clustering (Cameron, Gelbach and Miller 2011).

    All three parts take the G/(G-1) of the smaller clustering, as fixest does (``cluster.df = "min"``). A covariance
    that is not positive semi-definite has its negative eigenvalues set to zero.
    """
    first, second = clusters
    smallest = min(n_levels(first), n_levels(second))
    n_rows = len(fit.residuals)
    meat = clustered_meat(fit, first) + clustered_meat(fit, second) - clustered_meat(fit, crossed(first, second))
    factor = smallest / (smallest - 1) * (n_rows - 1) / (n_rows - n_parameters)
    return nearest_semidefinite(fit.sandwich(meat) * factor)


def nearest_semidefinite(matrix: FloatArray) -> FloatArray:
    """Set negative eigenvalues to zero."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if bool((values >= 0).all()):
        return matrix
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def absorbed_basis(factors: Sequence[IntArray], cluster: IntArray, weights: FloatArray | None = None) -> FloatArray:
    """Return an orthonormal basis of the absorbed effects that cross clusters, shape (n, r).

    Effects nested in the clusters need not appear: with an identity working model they drop out of the corrections
    (Pustejovsky and Tipton 2018, theorem 2). The others tie clusters together and must stay in the hat matrix.

    Parameters
    ----------
    factors
        Codes of all absorbed effects.
    cluster
        Codes of the clusters.
    weights
        Positive, or None.
    """
    nested = [codes for codes in factors if is_nested(codes, cluster)]
    crossing = [codes for codes in factors if not is_nested(codes, cluster)]
    n_rows = len(cluster)
    if not crossing:
        return np.empty((n_rows, 0))
    columns = demean(np.hstack([indicators(codes) for codes in crossing]), nested, weights)
    columns = columns if weights is None else columns * np.sqrt(weights)[:, None]
    values, vectors = np.linalg.eigh(columns.T @ columns)
    kept = values > 1e-9 * values[-1]
    return np.asarray(columns @ (vectors[:, kept] / np.sqrt(values[kept])))


def full_basis(fit: LeastSquares, absorbed: FloatArray) -> FloatArray:
    """Return an orthonormal basis of slopes and crossing effects, shape (n, r + k)."""
    return np.column_stack([absorbed, fit.design @ symmetric_power(fit.bread, 0.5)])


def cluster_blocks(cluster: IntArray, width: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield clusters of equal size together, so that their matrices are worked on at once.

    Parameters
    ----------
    cluster
        Codes, shape (n,).
    width
        Columns of the matrices; bounds how many clusters come together (about 32 MB a matrix).

    Yields
    ------
    clusters : IntArray
        Codes of m clusters with s rows each.
    rows : IntArray
        Positions of their rows, shape (m, s).
    """
    order = np.argsort(cluster, kind="stable")
    sizes = np.bincount(cluster)
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        step = max(1, BLOCK // int(size * max(width, size)))
        for part in np.split(alike, np.arange(step, len(alike), step)):
            yield part, order[starts[part][:, None] + np.arange(size)]


def _adjusted(basis: FloatArray, targets: FloatArray, power: float) -> FloatArray:
    """Multiply `targets` by (I - U U')^power on its range, for a stack of clusters.

    Where a cluster has more rows than U has columns the work is done in the space of the columns: with
    U'U = Q L Q', (I - UU')^p = I + U Q diag(((1 - L)^p - 1) / L) Q' U'.

    Parameters
    ----------
    basis
        U, shape (m, s, p).
    targets
        Shape (m, s, t).
    power
        Exponent.
    """
    transposed = basis.transpose(0, 2, 1)
    if basis.shape[1] <= basis.shape[2]:
        left, vectors = np.linalg.eigh(np.eye(basis.shape[1]) - basis @ transposed)
        gain = _raised(left, power)
        return np.asarray(vectors @ (gain[:, :, None] * (vectors.transpose(0, 2, 1) @ targets)))
    values, vectors = np.linalg.eigh(transposed @ basis)
    raised = _raised(1 - values, power)
    gain = np.divide(raised - 1, values, out=np.full_like(values, -power), where=values > LEVERAGE_ONE)
    rotated = basis @ vectors
    return np.asarray(targets + rotated @ (gain[:, :, None] * (rotated.transpose(0, 2, 1) @ targets)))


def _raised(values: FloatArray, power: float) -> FloatArray:
    """Raise eigenvalues to a power, zero where they are zero."""
    return np.where(values > LEVERAGE_ONE, np.maximum(values, LEVERAGE_ONE) ** power, 0.0)


def adjusted_influence(fit: LeastSquares, cluster: IntArray, absorbed: FloatArray, power: float) -> FloatArray:
    """Return per cluster (X'X)^-1 X_g' (I - H_gg)^power e_g, shape (G, k).

    With power -1 these are the changes of the coefficients when the cluster is left out; with power -1/2 the
    bias-reduced scores of CR2.
    """
    basis = full_basis(fit, absorbed)
    influence = np.empty((n_levels(cluster), fit.design.shape[1]))
    for clusters, rows in cluster_blocks(cluster, basis.shape[1]):
        adjusted = _adjusted(basis[rows], fit.residuals[rows][:, :, None], power)
        influence[clusters] = (fit.design[rows].transpose(0, 2, 1) @ adjusted)[:, :, 0] @ fit.bread
    return influence


def jackknife(fit: LeastSquares, cluster: IntArray, absorbed: FloatArray) -> FloatArray:
    """Return the textbook cluster jackknife: (G-1)/G times the outer products of leave-one-cluster-out changes.

    MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38, centred at the full-sample estimate.
    """
    changes = adjusted_influence(fit, cluster, absorbed, -1.0)
    n_clusters = len(changes)
    return (n_clusters - 1) / n_clusters * changes.T @ changes


def crv3(fit: LeastSquares, cluster: IntArray, absorbed: FloatArray, n_parameters: int) -> FloatArray:
    """Return CRV3: leave-one-cluster-out changes with the factor of `crv1`, G/(G-1) x (N-1)/(N-K).

    The same factor stands before every clustered covariance here (as in pyfixest); the textbook `jackknife` has
    (G-1)/G in its place, clubSandwich's CR3 has 1.
    """
    n_rows, n_clusters = len(fit.residuals), n_levels(cluster)
    factor = (n_clusters / (n_clusters - 1)) ** 2 * (n_rows - 1) / (n_rows - n_parameters)
    return jackknife(fit, cluster, absorbed) * factor


def cr2(fit: LeastSquares, cluster: IntArray, absorbed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the CR2 covariance and the Satterthwaite degrees of freedom of every coefficient.

    Bell and McCaffrey (2002), Pustejovsky and Tipton (2018), identity working model (on the weighted scale).

    Returns
    -------
    vcov : FloatArray
        Shape (k, k).
    df : FloatArray
        Shape (k,).
    """
    scores = adjusted_influence(fit, cluster, absorbed, -0.5)
    basis = full_basis(fit, absorbed)
    loadings = fit.design @ fit.bread
    n_clusters, n_slopes = n_levels(cluster), loadings.shape[1]
    square = np.zeros((n_clusters, n_slopes))
    shared = np.zeros((n_clusters, n_slopes, basis.shape[1]))
    for clusters, rows in cluster_blocks(cluster, basis.shape[1]):
        vectors = _adjusted(basis[rows], loadings[rows], -0.5)
        square[clusters] = (vectors**2).sum(axis=1)
        shared[clusters] = vectors.transpose(0, 2, 1) @ basis[rows]
    df = np.array([_satterthwaite(square[:, j], shared[:, j]) for j in range(n_slopes)])
    return scores.T @ scores, df


def _satterthwaite(square: FloatArray, shared: FloatArray) -> float:
    """Match the first two moments of the variance estimator: tr(P)^2 / tr(P^2)."""
    products = np.diag(square) - shared @ shared.T
    return float(np.trace(products) ** 2 / (products**2).sum())


@dataclass(frozen=True)
class Inference:
    """Uncertainty of coefficients, every array of shape (k,)."""

    std_error: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def t_inference(estimate: FloatArray, vcov: FloatArray, df: FloatArray | float, level: float = 0.95) -> Inference:
    """Test every coefficient against zero and give its interval, from Student's t (df may be infinite)."""
    std_error = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    freedom = np.broadcast_to(np.asarray(df, dtype=float), estimate.shape).copy()
    statistic = np.divide(estimate, std_error, out=np.full_like(estimate, np.nan), where=std_error > 0)
    p_value = 2 * t_tail(np.abs(statistic), freedom)
    margin = t_quantile((1 + level) / 2, freedom) * std_error
    return Inference(std_error, freedom, statistic, p_value, estimate - margin, estimate + margin)


def t_tail(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return the upper tail of Student's t (of the normal where df is infinite); quicker than scipy.stats."""
    finite = special.stdtr(np.where(np.isinf(df), 1, df), -statistic)
    return np.asarray(np.where(np.isinf(df), special.ndtr(-statistic), finite))


def t_quantile(probability: float, df: FloatArray) -> FloatArray:
    """Return the quantile of Student's t (of the normal where df is infinite)."""
    finite = special.stdtrit(np.where(np.isinf(df), 1, df), probability)
    return np.asarray(np.where(np.isinf(df), special.ndtri(probability), finite))


def wald_f(estimate: FloatArray, vcov: FloatArray, df: float) -> tuple[float, float]:
    """Test that all coefficients are zero: F with (k, df) degrees of freedom and its p-value."""
    size = len(estimate)
    statistic = float(estimate @ symmetric_power(vcov, -1.0, 1e-12) @ estimate) / size
    return statistic, float(stats.f.sf(statistic, size, df))
