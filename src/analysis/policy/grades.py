"""Chances of reaching the next grade of the satisfaction index."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from analysis.measures.satisfaction import GRADES, satisfaction_grade
from analysis.results import FloatArray

# The published index is rounded half up to two decimals before it is graded (Permenpan RB 14/2017 leaves holes beyond
# two decimals), so a grade is reached half a hundredth below its printed bound.
HALF_A_HUNDREDTH = 0.005
_BOUNDS = {grade: float(bound) - HALF_A_HUNDREDTH for bound, grade in GRADES}
_BETTER = {"D": "C", "C": "B", "B": "A"}


def next_grade(index: float) -> str | None:
    """Return the grade above that of an index, or None for grade A and a missing index."""
    grade = satisfaction_grade(index)
    return _BETTER.get(grade) if grade else None


def bound_of(grade: str) -> float:
    """Return the smallest unrounded index that is published with `grade` or better."""
    return _BOUNDS[grade]


def probability_of_grade(grade: str, index: npt.ArrayLike, index_error: float, change: npt.ArrayLike = 0.0) -> float:
    """Return the probability that the index lies in `grade` or above.

    Parameters
    ----------
    grade
        ``"A"`` to ``"C"``.
    index
        Index now.
    index_error
        Its standard error (normal); 0 if it is known.
    change
        Draws of the change; the result is the mean over them.
    """
    after = np.asarray(index, dtype=float) + np.asarray(change, dtype=float)
    distance = after - bound_of(grade)
    if not index_error > 0:
        return float(np.mean(distance >= 0))
    return float(np.mean(stats.norm.cdf(distance / index_error)))


def probabilities_of_next_grade(index: FloatArray, index_error: FloatArray, changes: FloatArray) -> FloatArray:
    """Return, per unit, the probability of the next grade with the change and without it.

    Parameters
    ----------
    index, index_error
        Index now and its standard error (missing counts as 0), shape (U,).
    changes
        Draws of the change, shape (D, U).

    Returns
    -------
    ndarray
        Shape (U, 2): with the change, without it. Missing for units in grade A. The second is above zero because the
        index itself is uncertain: what counts is the difference.
    """
    goals = np.array([np.nan if (grade := next_grade(float(now))) is None else bound_of(grade) for now in index])
    errors = np.nan_to_num(np.asarray(index_error, dtype=float))
    distance = np.stack([index + changes, np.broadcast_to(index, changes.shape)]) - goals
    with np.errstate(divide="ignore", invalid="ignore"):
        # A known index lies either above the bound or below it.
        ratio = np.where(errors > 0, distance / errors, np.where(distance >= 0, np.inf, -np.inf))
    chances = special.ndtr(ratio).mean(axis=1).T
    return cast(FloatArray, np.where(np.isnan(goals)[:, None], np.nan, chances))
