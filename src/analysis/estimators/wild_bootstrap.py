"""Restricted wild cluster bootstrap on cluster-level matrices.

Cameron, Gelbach and Miller (2008); cluster-level algebra after Roodman, MacKinnon, Nielsen and Webb (2019) and
MacKinnon (2022). The null hypothesis is imposed. Signs enter only through products of cluster-level matrices, so no
draw touches the rows; both numerator and denominator are linear in the hypothesised value, so that a test at any value
costs one pass over the draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analysis.errors import UsageError
from analysis.estimators.inference import least_squares
from analysis.estimators.within import IntArray, group_sums, n_levels
from analysis.results import FloatArray

ENUMERATE_UP_TO = 4096
"""All 2^G sign vectors are used where there are at most so many."""

BLOCK = 2_000_000
"""Numbers in the largest block of multipliers that is drawn at once."""

TIE = 1e-9
"""Draws whose statistic equals the observed one but for rounding count as at least as extreme."""

FURTHEST = 20
"""Doublings of the standard error after which an interval is called unbounded (a million standard errors)."""

WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
"""Six-point distribution (Webb 2014): more distinct draws than signs where clusters are very few."""


@dataclass(frozen=True)
class BootstrapTest:
    """Outcome of the bootstrap for one coefficient.

    Parameters
    ----------
    p_value
        Share of draws at least as extreme, two-sided and symmetric; with random draws the observed sample counts as
        one of them, so that it is never 0.
    conf_low, conf_high
        Values that the test does not reject; infinite where it cannot reject.
    draws
        Number of draws.
    enumerated
        Whether all sign vectors were used.
    weights
        ``"rademacher"`` or ``"webb"``.
    """

    p_value: float
    conf_low: float
    conf_high: float
    draws: int
    enumerated: bool
    weights: str


@dataclass(frozen=True)
class _Draws:
    """Parts of every draw's statistic, d being hypothesis less estimate: |n0 - d n1| / sqrt(q0 - 2 d q1 + d^2 q2).

    Distances are counted from the estimate so that the draw which repeats the sample has q1 = q2 = 0 and ties exactly.
    """

    numerator: tuple[FloatArray, FloatArray]
    square: tuple[FloatArray, FloatArray, FloatArray]
    estimate: float
    root: float
    enumerated: bool

    def p_value(self, value: float) -> float:
        """Return the share of draws at least as extreme as the sample under the hypothesis `value`."""
        constant, linear, quadratic = self.square
        distance = value - self.estimate
        spread = np.sqrt(np.maximum(constant - 2 * distance * linear + distance**2 * quadratic, 0.0))
        size = np.abs(self.numerator[0] - distance * self.numerator[1])
        drawn = np.divide(size, spread, out=np.zeros_like(size), where=spread > 0)
        observed = abs(distance) / self.root
        extreme = int((drawn >= observed - TIE * max(1.0, observed)).sum())
        if self.enumerated:
            return extreme / len(drawn)
        return (extreme + 1) / (len(drawn) + 1)


def wild_cluster_bootstrap(
    outcome: FloatArray,
    design: FloatArray,
    cluster: IntArray,
    position: int,
    *,
    absorbed: FloatArray | None = None,
    draws: int = 9999,
    weights: str = "rademacher",
    seed: int = 0,
    level: float = 0.95,
) -> BootstrapTest:
    """Test one coefficient against zero and invert the test for its interval.

    Parameters
    ----------
    outcome, design
        Transformed outcome (n,) and design (n, k).
    cluster
        Codes, shape (n,).
    position
        Column of the design that is tested.
    absorbed
        Basis of absorbed effects that cross clusters, see `inference.absorbed_basis`.
    draws
        Random draws, where not all sign vectors are enumerated.
    weights
        ``"rademacher"`` (enumerated where 2^G <= 4096) or ``"webb"``.
    seed
        Of the random draws.
    level
        Of the interval.

    Raises
    ------
    UsageError
        For unknown weights.
    """
    enumerated = weights == "rademacher" and 2 ** n_levels(cluster) <= ENUMERATE_UP_TO
    signs = _enumerated(n_levels(cluster)) if enumerated else _random(n_levels(cluster), draws, weights, seed)
    prepared = _prepare(outcome, design, cluster, position, absorbed, signs, enumerated)
    alpha = 1 - level
    return BootstrapTest(
        prepared.p_value(0.0),
        _bound(prepared, alpha, -1.0),
        _bound(prepared, alpha, 1.0),
        len(prepared.numerator[0]),
        enumerated,
        weights,
    )


def _enumerated(n_clusters: int) -> Iterator[FloatArray]:
    """Yield all sign vectors at once, shape (2^G, G)."""
    bits = np.arange(2**n_clusters)[:, None] >> np.arange(n_clusters)
    yield np.asarray(1.0 - 2.0 * (bits & 1), dtype=float)


def _random(n_clusters: int, draws: int, weights: str, seed: int) -> Iterator[FloatArray]:
    """Yield random multipliers of the clusters in blocks of bounded size, shape (block, G)."""
    if weights not in ("rademacher", "webb"):
        raise UsageError("estimators.unknown_bootstrap_weights", value=weights)
    random = np.random.default_rng(seed)
    values = WEBB if weights == "webb" else np.array([-1.0, 1.0])
    step = max(1, BLOCK // n_clusters)
    for start in range(0, draws, step):
        yield random.choice(values, size=(min(step, draws - start), n_clusters))


def _prepare(
    outcome: FloatArray,
    design: FloatArray,
    cluster: IntArray,
    position: int,
    absorbed: FloatArray | None,
    signs: Iterable[FloatArray],
    enumerated: bool,
) -> _Draws:
    """Compute the parts of every draw's statistic."""
    tested, others = design[:, position], np.delete(design, position, axis=1)
    partial_tested = least_squares(tested, others).residuals
    partial_outcome = least_squares(outcome, others).residuals
    mass = float(partial_tested @ partial_tested)
    loading = partial_tested / mass
    estimate = float(loading @ partial_outcome)
    columns = [np.empty((len(outcome), 0)) if absorbed is None else absorbed, np.linalg.qr(others)[0]]
    basis = np.column_stack([*columns, partial_tested / np.sqrt(mass)])
    link = group_sums(loading[:, None] * basis, cluster)

    residuals = partial_outcome - estimate * partial_tested
    parts = [_influence(values, loading, basis, cluster) for values in (residuals, partial_tested)]
    blocks = [_statistics(block, parts, link) for block in signs]
    first, second, *square = (np.concatenate(column) for column in zip(*blocks, strict=True))
    sums = group_sums((loading * residuals)[:, None], cluster)
    return _Draws(
        (first, second), (square[0], square[1], square[2]), estimate, float(np.sqrt((sums**2).sum())), enumerated
    )


def _influence(
    residuals: FloatArray, loading: FloatArray, basis: FloatArray, cluster: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what every cluster's residuals add to the coefficient, (G,), and to the fitted space, (G, p)."""
    return (
        group_sums((loading * residuals)[:, None], cluster)[:, 0],
        group_sums(residuals[:, None] * basis, cluster),
    )


def _statistics(
    signs: FloatArray, parts: list[tuple[FloatArray, FloatArray]], link: FloatArray
) -> tuple[FloatArray, ...]:
    """Return both parts of the numerator and the three of the squared denominator for a block of draws."""
    (first, first_space), (second, second_space) = parts
    if len(link) < link.shape[1]:
        first_scores = signs * first - signs @ (first_space @ link.T)
        second_scores = signs * second - signs @ (second_space @ link.T)
    else:
        first_scores = signs * first - (signs @ first_space) @ link.T
        second_scores = signs * second - (signs @ second_space) @ link.T
    return (
        signs @ first,
        signs @ second,
        np.einsum("bg,bg->b", first_scores, first_scores),
        np.einsum("bg,bg->b", first_scores, second_scores),
        np.einsum("bg,bg->b", second_scores, second_scores),
    )


def _bound(draws: _Draws, alpha: float, side: float) -> float:
    """Find where the p-value falls through `alpha` on one side of the estimate; infinite if it never does."""
    step = draws.root
    inner = draws.estimate
    for _ in range(FURTHEST):
        outer = inner + side * step
        if draws.p_value(outer) <= alpha:
            break
        inner, step = outer, 2 * step
    else:
        return float(side * np.inf)
    return float(brentq(lambda value: draws.p_value(value) - alpha - 1e-12, inner, outer, xtol=1e-12, rtol=1e-12))
