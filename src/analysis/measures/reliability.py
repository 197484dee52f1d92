"""Reliability of indices made of several items or several raters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.results import FloatArray


def _complete(items: pd.DataFrame | FloatArray) -> FloatArray:
    values: FloatArray = np.asarray(items, dtype=float)
    complete: FloatArray = values[~np.isnan(values).any(axis=1)]
    return complete


def cronbach_alpha(items: pd.DataFrame | FloatArray) -> float:
    """Return Cronbach's alpha of items in columns; rows with a missing item are left out.

    ``alpha = k/(k-1) x (1 - sum of item variances / variance of the sum)`` (Cronbach 1951).

    Returns
    -------
    float
        Alpha, or NaN with fewer than two items or three rows, or no variance.
    """
    values = _complete(items)
    rows, k = values.shape
    if k < 2 or rows < 3:
        return float("nan")
    total = values.sum(axis=1).var(ddof=1)
    if total <= 0:
        return float("nan")
    return float(k / (k - 1) * (1 - values.var(axis=0, ddof=1).sum() / total))


def omega(items: pd.DataFrame | FloatArray) -> float:
    """Return McDonald's omega (total) from a one-factor maximum-likelihood model.

    ``omega = (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances)`` (McDonald 1999). Unlike alpha it
    does not assume that all items measure equally well.

    Returns
    -------
    float
        Omega, or NaN with fewer than three items or ten complete rows, or an item without variance.
    """
    from sklearn.decomposition import FactorAnalysis

    values = _complete(items)
    rows, k = values.shape
    if k < 3 or rows < 10 or np.any(values.std(axis=0) <= 0):
        return float("nan")
    model = FactorAnalysis(n_components=1, tol=1e-8, max_iter=5000, svd_method="lapack").fit(values)
    common = float(model.components_[0].sum()) ** 2
    return common / (common + float(model.noise_variance_.sum()))


def icc(values: Any, groups: Any, kind: str = "single") -> float:
    """Return the intraclass correlation from a one-way analysis of variance (Shrout and Fleiss 1979, case 1).

    Parameters
    ----------
    values
        Ratings, one per rater; missing ones are left out.
    groups
        Group (for example unit) of each rating.
    kind
        ``"single"``: share of variance of one rating that lies between groups, ICC(1);
        ``"mean"``: reliability of the group means, ICC(k).

    Returns
    -------
    float
        The correlation (it may be negative), or NaN with fewer than two groups or no repeated rating.
    """
    frame = pd.DataFrame({"value": np.asarray(values, dtype=float), "group": np.asarray(groups)}).dropna()
    grouped = frame.groupby("group", sort=True)["value"]
    sizes = grouped.size().to_numpy(dtype=float)
    n, g = float(sizes.sum()), len(sizes)
    if g < 2 or n <= g:
        return float("nan")
    within = float(((frame["value"] - grouped.transform("mean")) ** 2).sum()) / (n - g)
    between = float((sizes * (grouped.mean().to_numpy() - frame["value"].mean()) ** 2).sum()) / (g - 1)
    if between <= 0:
        return float("nan")
    if kind == "mean":
        return (between - within) / between
    per_group = (n - (sizes**2).sum() / n) / (g - 1)
    return float((between - within) / (between + (per_group - 1) * within))


def within_unit_reliability(items: pd.DataFrame, units: Any) -> float:
    """Return the reliability of an index's *movement within units*, which is all that unit effects leave.

    Alpha of the items after each unit's own mean is taken out. It can be far below the pooled alpha: a scale that
    separates units well may hardly register their changes.

    Parameters
    ----------
    items
        One row per unit and period (item means), items in columns.
    units
        Unit of each row.
    """
    complete = items.dropna()
    labels = pd.Series(np.asarray(units), index=items.index).loc[complete.index]
    return cronbach_alpha(complete - complete.groupby(labels).transform("mean"))
