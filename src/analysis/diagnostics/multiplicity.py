"""Many questions asked of the same data: adjusted p-values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from statsmodels.stats.multitest import multipletests

from analysis.results import FloatArray

TIE_TOLERANCE = 1e-10


def benjamini_hochberg(p_values: Sequence[float] | npt.ArrayLike) -> FloatArray:
    """P-values adjusted for the false discovery rate.

    Benjamini and Hochberg (1995, J. R. Stat. Soc. B 57, 289-300). Missing p-values stay missing and do not count
    as questions asked.

    Parameters
    ----------
    p_values
        Unadjusted p-values, shape (K,).

    Returns
    -------
    ndarray
        Adjusted p-values in the same order, shape (K,).
    """
    raw = np.asarray(p_values, dtype=float)
    adjusted = np.full(raw.shape, np.nan)
    known = np.isfinite(raw)
    if known.any():
        adjusted[known] = multipletests(raw[known], method="fdr_bh")[1]
    return adjusted


def romano_wolf(statistics: npt.ArrayLike, draws: npt.ArrayLike) -> FloatArray:
    """Step-down p-values that control the chance of even one false finding.

    Romano and Wolf (2005, Econometrica 73, 1237-1282; 2016, Statistics & Probability Letters 113, 38-40). Unlike
    Holm's correction it uses how the statistics move together.

    Parameters
    ----------
    statistics
        Studentised statistics of the K questions, shape (K,).
    draws
        The same statistics in B resamples in which every null hypothesis holds, shape (B, K), drawn jointly.

    Returns
    -------
    ndarray
        Adjusted p-values, shape (K,); missing statistics stay missing. The data count as one of the draws
        ((1 + exceedances) / (B + 1)), so that a p-value is never zero.
    """
    observed = np.abs(np.asarray(statistics, dtype=float))
    null = np.abs(np.asarray(draws, dtype=float))
    adjusted = np.full(observed.shape, np.nan)
    known = np.flatnonzero(np.isfinite(observed))
    order = known[np.argsort(-observed[known], kind="stable")]
    highest = 0.0
    for step, question in enumerate(order):
        largest = null[:, order[step:]].max(axis=1)
        exceed = np.count_nonzero(largest >= observed[question] * (1 - TIE_TOLERANCE))
        highest = max(highest, (1 + exceed) / (len(null) + 1))
        adjusted[question] = highest
    return adjusted
