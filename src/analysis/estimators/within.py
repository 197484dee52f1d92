"""The within transformation: absorbing one or more sets of effects on plain arrays.

One set is removed exactly by demeaning. Several sets are removed exactly through the Schur complement of the largest
one where the others have few levels together, otherwise by alternating projections (symmetric sweeps) accelerated by
conjugate gradients (Gaure 2013, Computational Statistics & Data Analysis 66; Correia 2017, "Linear Models with
High-Dimensional Fixed Effects"). Codes are sorted by value, so nothing depends on the order of a set or a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.results import FloatArray

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EXACT_LEVELS = 600
"""Up to so many levels of the smaller factors together the dense Schur complement is cheaper than iterating."""

EXACT_CELLS = 20_000_000
"""Largest table of the largest factor by the others that is built for it (160 MB)."""

TOLERANCE = 1e-13
"""Relative size of the last conjugate-gradient residual; leaves estimates equal to R's to about ten digits."""

MAX_SWEEPS = 10_000

REMEMBERED = 16
"""Inverses of Schur complements kept for further columns of the same rows (46 MB at most)."""


class NotConvergedError(RuntimeError):
    """The projections did not settle within `MAX_SWEEPS` sweeps."""


def factor_codes(values: Any) -> IntArray:
    """Return the position of each value among the sorted distinct ones; -1 where it is missing.

    Parameters
    ----------
    values
        Integers, text or categories, shape (n,).
    """
    codes, _ = pd.factorize(pd.Series(values), sort=True)
    return np.asarray(codes, dtype=np.int64)


def n_levels(codes: IntArray) -> int:
    """Return how many levels dense codes have (0 for no rows)."""
    return int(codes.max()) + 1 if len(codes) else 0


def dense(codes: IntArray) -> IntArray:
    """Renumber codes so that no level is empty."""
    if len(codes) == 0:
        return codes
    present = np.bincount(codes) > 0
    return codes if bool(present.all()) else (np.cumsum(present) - 1)[codes]


def crossed(first: IntArray, second: IntArray) -> IntArray:
    """Return the codes of the combinations of two factors that occur."""
    return dense(np.unique(first * np.int64(max(n_levels(second), 1)) + second, return_inverse=True)[1].ravel())


def is_nested(inner: IntArray, outer: IntArray) -> bool:
    """Tell whether every level of `inner` lies in a single level of `outer`."""
    if inner is outer:
        return True
    host = np.empty(n_levels(inner), dtype=np.int64)
    host[inner] = outer
    return bool((host[inner] == outer).all())


def without_singletons(factors: Sequence[IntArray], n_rows: int) -> BoolArray:
    """Mark the rows that remain when levels with a single row are dropped again and again.

    A level seen once is fitted perfectly by its own effect: it carries no information and understates variances
    (Correia 2015, "Singletons, cluster-robust standard errors and fixed effects").

    Parameters
    ----------
    factors
        Codes, each of shape (n_rows,).
    n_rows
        Number of rows.
    """
    keep = np.ones(n_rows, dtype=bool)
    while True:
        lonely = np.zeros(n_rows, dtype=bool)
        for codes in factors:
            counts = np.bincount(codes[keep], minlength=n_levels(codes))
            lonely |= keep & (counts[codes] == 1)
        if not lonely.any():
            return keep
        keep &= ~lonely


def stack(columns: Sequence[FloatArray]) -> FloatArray:
    """Put columns side by side so that each is contiguous in memory, shape (n, k)."""
    stacked = np.empty((len(columns[0]) if columns else 0, len(columns)), order="F")
    for position, column in enumerate(columns):
        stacked[:, position] = column
    return stacked


def group_sums(matrix: FloatArray, codes: IntArray, size: int | None = None) -> FloatArray:
    """Sum the rows of each group.

    Parameters
    ----------
    matrix
        Shape (n, k).
    codes
        Group of each row, shape (n,).
    size
        Number of groups G; by default the largest code plus one.

    Returns
    -------
    FloatArray
        Shape (G, k).
    """
    size = n_levels(codes) if size is None else size
    sums = np.empty((size, matrix.shape[1]), order="F")
    for column in range(matrix.shape[1]):
        sums[:, column] = np.bincount(codes, weights=matrix[:, column], minlength=size)
    return sums


def demean(matrix: FloatArray, factors: Sequence[IntArray], weights: FloatArray | None = None) -> FloatArray:
    """Remove the (weighted) effects of all factors from every column.

    Parameters
    ----------
    matrix
        Shape (n, k); not changed.
    factors
        Dense codes of the absorbed effects, each of shape (n,). None: the matrix is returned as it is.
    weights
        Positive, shape (n,), or None.

    Returns
    -------
    FloatArray
        Residuals of the columns on the dummies of all factors, shape (n, k).

    Raises
    ------
    NotConvergedError
        If the projections do not converge within `MAX_SWEEPS` sweeps.
    """
    if not factors or not matrix.size:
        return np.array(matrix, dtype=float, order="F")
    centred = stack([column - column.mean() for column in matrix.T])
    ordered = sorted(factors, key=n_levels, reverse=True)
    if len(ordered) == 1:
        return _sweep(centred, ordered[0], weights)
    levels = sum(n_levels(codes) for codes in ordered[1:])
    if levels <= EXACT_LEVELS and levels * n_levels(ordered[0]) <= EXACT_CELLS:
        return _demean_exactly(centred, ordered, weights)
    return _demean_iteratively(centred, ordered, weights)


def _sweep(matrix: FloatArray, codes: IntArray, weights: FloatArray | None) -> FloatArray:
    """Subtract weighted group means of one factor."""
    size = n_levels(codes)
    mass = np.bincount(codes, weights=weights, minlength=size)
    swept = np.empty(matrix.shape, order="F")
    for column in range(matrix.shape[1]):
        values = matrix[:, column]
        weighted = values if weights is None else values * weights
        means = np.bincount(codes, weights=weighted, minlength=size) / mass
        np.subtract(values, means[codes], out=swept[:, column])
    return swept


def indicators(codes: IntArray) -> FloatArray:
    """Return the dummies of all levels of a factor, dense, shape (n, levels)."""
    matrix = np.zeros((len(codes), n_levels(codes)))
    matrix[np.arange(len(codes)), codes] = 1.0
    return matrix


def _demean_exactly(matrix: FloatArray, ordered: Sequence[IntArray], weights: FloatArray | None) -> FloatArray:
    """Solve the normal equations of the smaller factors after the largest has been swept out."""
    first, others = ordered[0], ordered[1:]
    swept = _sweep(matrix, first, weights)
    mass = np.bincount(first, weights=weights)[:, None]
    tables = [crosstab(first, codes, weights) for codes in others]
    schur = np.block([[crosstab(one, two, weights) for two in others] for one in others])
    joined = np.hstack(tables)
    schur -= joined.T @ (joined / mass)
    weighted = swept if weights is None else swept * weights[:, None]
    totals = np.vstack([group_sums(weighted, codes) for codes in others])
    effects = _inverse(schur.tobytes(), len(schur)) @ totals
    shift = joined @ effects / mass
    parts = np.split(effects, np.cumsum([n_levels(codes) for codes in others])[:-1])
    for column in range(matrix.shape[1]):
        swept[:, column] += shift[first, column]
        for codes, part in zip(others, parts, strict=True):
            swept[:, column] -= part[codes, column]
    return swept


@lru_cache(maxsize=REMEMBERED)
def _inverse(numbers: bytes, size: int) -> FloatArray:
    """Invert a symmetric matrix on its range; a study's effects are absorbed from the same rows again and again."""
    return symmetric_power(np.frombuffer(numbers).reshape(size, size), -1.0)


def crosstab(rows: IntArray, columns: IntArray, weights: FloatArray | None = None) -> FloatArray:
    """Return the (weighted) number of rows in every combination of two factors.

    Parameters
    ----------
    rows, columns
        Dense codes, shape (n,).
    weights
        Shape (n,) or None.

    Returns
    -------
    FloatArray
        Shape (levels of rows, levels of columns).
    """
    width = n_levels(columns)
    size = n_levels(rows) * width
    counts = np.bincount(rows * np.int64(width) + columns, weights=weights, minlength=size)
    return np.asarray(counts, dtype=float).reshape(-1, width)


def symmetric_power(matrix: FloatArray, power: float, tolerance: float = 1e-10) -> FloatArray:
    """Raise a positive semi-definite matrix to a power on its range (Moore-Penrose for negative powers)."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > tolerance * max(float(values[-1]), np.finfo(float).tiny) if len(values) else values > 0
    return np.asarray((vectors[:, kept] * values[kept] ** power) @ vectors[:, kept].T)


def _demean_iteratively(matrix: FloatArray, ordered: Sequence[IntArray], weights: FloatArray | None) -> FloatArray:
    """Symmetric alternating projections accelerated by conjugate gradients."""
    path = [*ordered, *reversed(ordered[:-1])]

    def removed(values: FloatArray) -> FloatArray:
        swept = values
        for codes in path:
            swept = _sweep(swept, codes, weights)
        return values - swept

    return _conjugate_gradient(matrix, removed, weights)


def _conjugate_gradient(
    start: FloatArray, removed: Callable[[FloatArray], FloatArray], weights: FloatArray | None
) -> FloatArray:
    """Find what a symmetric projection leaves unchanged, every column by itself."""
    measure = np.ones(len(start)) if weights is None else weights

    def inner(left: FloatArray, right: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("n,nk,nk->k", measure, left, right))

    solution = start.copy(order="F")
    residual = removed(solution)
    direction, size = residual.copy(order="F"), inner(residual, residual)
    scale = np.maximum(inner(start, start), np.finfo(float).tiny)
    for _ in range(MAX_SWEEPS):
        if bool((size <= TOLERANCE**2 * scale).all()):
            return solution
        moved = removed(direction)
        curvature = inner(direction, moved)
        step = np.divide(size, curvature, out=np.zeros_like(size), where=curvature > 0)
        solution -= step * direction
        residual -= step * moved
        new_size = inner(residual, residual)
        direction = residual + np.divide(new_size, size, out=np.zeros_like(size), where=size > 0) * direction
        size = new_size
    raise NotConvergedError("alternating projections did not converge")
