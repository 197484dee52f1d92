"""Randomisation inference: what the statistic would be had other clusters received the treatment.

Fisher (1935); MacKinnon and Webb (2020), Journal of Econometrics 218, for few treated clusters. The clusters exchange
their whole treatment paths over time; the statistic is the clustered t, which is less misled by unequal clusters than
the coefficient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from analysis.estimators.within import IntArray, demean, group_sums, n_levels
from analysis.results import FloatArray

CHUNK = 64
"""Assignments whose columns are transformed together."""

TIE = 1e-9


@dataclass(frozen=True)
class RandomisationTest:
    """Outcome of a randomisation test.

    Parameters
    ----------
    p_value
        Share of assignments whose statistic is at least as extreme as the observed one, which counts among them.
    draws
        Number of assignments.
    enumerated
        Whether these are all that differ from each other.
    """

    p_value: float
    draws: int
    enumerated: bool


def randomisation_test(
    outcome: FloatArray,
    treatment: FloatArray,
    cluster: IntArray,
    *,
    time: IntArray | None = None,
    factors: Sequence[IntArray] = (),
    controls: FloatArray | None = None,
    weights: FloatArray | None = None,
    draws: int = 1999,
    seed: int = 0,
) -> RandomisationTest | None:
    """Test that a treatment given to whole clusters has no effect on anyone.

    Parameters
    ----------
    outcome, treatment
        Untransformed, shape (n,).
    cluster
        Codes of what was treated, shape (n,).
    time
        Codes of periods; None if the treatment of a cluster never changes.
    factors
        Absorbed effects.
    controls
        Untransformed, shape (n, k), or None.
    weights
        Positive, or None.
    draws
        Random assignments; all are used where no more exist.
    seed
        Of the random assignments.

    Returns
    -------
    RandomisationTest or None
        None if the treatment differs within a cluster and period, so that clusters cannot exchange it.
    """
    period = np.zeros(len(cluster), dtype=np.int64) if time is None else time
    paths = _paths(treatment, cluster, period)
    if paths is None:
        return None
    others = np.empty((len(outcome), 0)) if controls is None else controls
    root = np.ones((len(outcome), 1)) if weights is None else np.sqrt(weights)[:, None]

    def transformed(columns: FloatArray) -> FloatArray:
        return demean(columns, factors, weights) * root

    fixed = transformed(np.column_stack([outcome, others]))
    basis = np.linalg.qr(fixed[:, 1:])[0]
    y = fixed[:, 0] - basis @ (basis.T @ fixed[:, 0])
    assignments, enumerated = _assignments(paths, draws, seed)
    statistics = []
    for start in range(0, len(assignments), CHUNK):
        chosen = paths[assignments[start : start + CHUNK]]
        columns = transformed(np.asfortranarray(chosen[:, cluster, period].T))
        statistics.append(_t_statistics(y, columns - basis @ (basis.T @ columns), cluster))
    drawn = np.concatenate(statistics)
    extreme = int((drawn >= drawn[0] - TIE * max(1.0, float(drawn[0]))).sum())
    return RandomisationTest(extreme / len(drawn), len(drawn), enumerated)


def _paths(treatment: FloatArray, cluster: IntArray, period: IntArray) -> FloatArray | None:
    """Return the treatment by cluster and period, gaps filled from the cluster's nearest earlier, else later, value."""
    shape = (n_levels(cluster), n_levels(period))
    paths = np.full(shape, np.nan)
    paths[cluster, period] = treatment
    if not np.array_equal(paths[cluster, period], treatment):
        return None
    for column in range(1, shape[1]):
        gaps = np.isnan(paths[:, column])
        paths[gaps, column] = paths[gaps, column - 1]
    for column in range(shape[1] - 2, -1, -1):
        gaps = np.isnan(paths[:, column])
        paths[gaps, column] = paths[gaps, column + 1]
    return paths


def _assignments(paths: FloatArray, draws: int, seed: int) -> tuple[IntArray, bool]:
    """Return whose path every cluster receives, shape (assignments, G), the observed assignment first."""
    _, first, kind, counts = np.unique(paths, axis=0, return_index=True, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    if _n_arrangements(counts) <= draws + 1:
        arrangements = np.array(list(_arrangements(list(counts))))
        observed = (arrangements == kind).all(axis=1)
        return first[np.concatenate([arrangements[observed], arrangements[~observed]])], True
    random = np.random.default_rng(seed)
    identity = np.arange(len(paths))
    return np.vstack([identity, *(random.permutation(identity) for _ in range(draws))]), False


def _n_arrangements(counts: IntArray) -> int:
    """Return in how many ways paths that occur `counts` times can be spread over the clusters."""
    total, ways = 0, 1
    for count in counts:
        total += int(count)
        ways *= comb(total, int(count))
    return ways


def _arrangements(counts: list[int]) -> Iterator[list[int]]:
    """Yield every sequence in which kind k occurs counts[k] times."""
    if not any(counts):
        yield []
    for kind, count in enumerate(counts):
        if count:
            rest = [*counts[:kind], count - 1, *counts[kind + 1 :]]
            for tail in _arrangements(rest):
                yield [kind, *tail]


def _t_statistics(outcome: FloatArray, columns: FloatArray, cluster: IntArray) -> FloatArray:
    """Return |t| (without constant factors) of the outcome on every column by itself."""
    mass = (columns**2).sum(axis=0)
    usable = mass > 1e-16 * float(mass.max(initial=0.0))
    coefficients = np.divide(columns.T @ outcome, mass, out=np.zeros_like(mass), where=usable)
    scores = group_sums(columns * (outcome[:, None] - columns * coefficients), cluster)
    spread = np.sqrt((scores**2).sum(axis=0))
    size = np.abs(coefficients) * mass
    return np.asarray(np.divide(size, spread, out=np.zeros_like(mass), where=usable & (spread > 0)))
