"""The within transformation against regression on dummies, and its behaviour on awkward panels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.estimators import within
from analysis.estimators.within import (
    crossed,
    demean,
    dense,
    factor_codes,
    group_sums,
    indicators,
    is_nested,
    n_levels,
    without_singletons,
)

DUMMIES = 1e-9  # least squares on dummies loses a few digits to their condition number


def unbalanced(n: int = 400, seed: int = 5) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    factors = [dense(random.integers(0, size, n)) for size in (40, 9, 5)]
    matrix = random.normal(size=(n, 3)) + factors[0][:, None] + np.sin(factors[1])[:, None] * 10
    return matrix, factors, random.uniform(0.2, 3, n)


def by_dummies(matrix: np.ndarray, factors: list[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    design = np.hstack([indicators(codes) for codes in factors])
    root = np.ones(len(matrix)) if weights is None else np.sqrt(weights)
    coefficients = np.linalg.lstsq(design * root[:, None], matrix * root[:, None], rcond=None)[0]
    return matrix - design @ coefficients


@pytest.mark.parametrize("exact_levels", [within.EXACT_LEVELS, 0], ids=["exact", "iterated"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_factors", [1, 2, 3])
def test_equals_the_residuals_of_a_regression_on_dummies(monkeypatch, n_factors, weighted, exact_levels):
    monkeypatch.setattr(within, "EXACT_LEVELS", exact_levels)
    matrix, factors, weights = unbalanced()
    chosen = weights if weighted else None
    ours = demean(matrix, factors[:n_factors], chosen)
    np.testing.assert_allclose(ours, by_dummies(matrix, factors[:n_factors], chosen), atol=DUMMIES)


def test_iterating_reaches_the_exact_solution_on_a_chain(monkeypatch):
    """Workers who each meet two firms in a ring: plain alternating projections need thousands of sweeps here."""
    n = 300
    worker = np.repeat(np.arange(n), 2)
    firm = np.column_stack([np.arange(n), (np.arange(n) + 1) % n]).ravel()
    matrix = np.random.default_rng(0).normal(size=(2 * n, 2))
    exact = demean(matrix, [worker, firm])
    monkeypatch.setattr(within, "EXACT_LEVELS", 0)
    np.testing.assert_allclose(demean(matrix, [worker, firm]), exact, atol=1e-10)


def test_unconnected_panels_are_no_obstacle():
    unit, period = np.repeat(np.arange(8), 3), np.tile(np.arange(3), 8)
    period = period + 3 * (unit >= 4)
    matrix = np.random.default_rng(0).normal(size=(24, 1))
    np.testing.assert_allclose(demean(matrix, [unit, period]), by_dummies(matrix, [unit, period], None), atol=DUMMIES)


def test_large_levels_do_not_drown_small_differences():
    """Rupiah in the trillions with differences of single rupiah between rows: 16 digits leave about 3."""
    matrix, factors, _ = unbalanced()
    shifted = demean(matrix + 1e9, factors[:2])
    np.testing.assert_allclose(shifted, demean(matrix, factors[:2]), atol=1e-6)


def test_input_is_not_changed_and_no_factor_means_no_change():
    matrix, factors, _ = unbalanced()
    before = matrix.copy()
    demean(matrix, factors)
    np.testing.assert_array_equal(matrix, before)
    np.testing.assert_array_equal(demean(matrix, []), before)


def test_no_convergence_is_an_error_not_a_number(monkeypatch):
    monkeypatch.setattr(within, "EXACT_LEVELS", 0)
    monkeypatch.setattr(within, "MAX_SWEEPS", 1)
    matrix, factors, _ = unbalanced()
    with pytest.raises(RuntimeError, match="converge"):
        demean(matrix, factors)


def test_singletons_go_again_and_again():
    """Dropping the last row leaves its period with one row, which then goes as well."""
    unit = np.array([0, 0, 1, 1, 2, 2, 3])
    period = np.array([0, 1, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(without_singletons([unit, period], 7), [1, 1, 1, 1, 0, 0, 0])
    assert without_singletons([], 3).all()


def test_codes_are_sorted_and_missing_is_minus_one():
    text = pd.Series(["b", "a", None, "c"], index=[9, 9, 1, 2])
    np.testing.assert_array_equal(factor_codes(text), [1, 0, -1, 2])
    np.testing.assert_array_equal(factor_codes(np.array([30, 10, 20])), [2, 0, 1])
    np.testing.assert_array_equal(factor_codes(pd.Categorical(["z", "a"], categories=["z", "y", "a"])), [0, 1])


def test_helpers_on_codes():
    np.testing.assert_array_equal(dense(np.array([0, 4, 4, 2])), [0, 2, 2, 1])
    np.testing.assert_array_equal(crossed(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])), [0, 1, 2, 2])
    assert is_nested(np.array([0, 1, 2]), np.array([0, 0, 1]))
    assert not is_nested(np.array([0, 0, 1]), np.array([0, 1, 1]))
    assert n_levels(np.array([], dtype=int)) == 0
    np.testing.assert_array_equal(group_sums(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1])), [[2], [5]])
