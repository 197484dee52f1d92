"""Reliability of indices made of several items or several raters."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.results import FloatArray

Missing = Literal["listwise", "pairwise"]
Definition = Literal["anova", "mixed_model"]


def _complete(items: pd.DataFrame | FloatArray) -> FloatArray:
    values: FloatArray = np.asarray(items, dtype=float)
    complete: FloatArray = values[~np.isnan(values).any(axis=1)]
    return complete


def _covariance(items: pd.DataFrame | FloatArray, missing: Missing) -> FloatArray:
    """Covariance of items, NaN without enough rows to tell it."""
    values = np.asarray(items, dtype=float) if missing == "pairwise" else _complete(items)
    found: FloatArray = pd.DataFrame(values).cov(min_periods=3).to_numpy()
    return found


def cronbach_alpha(items: pd.DataFrame | FloatArray, missing: Missing = "listwise") -> float:
    """Return Cronbach's alpha of items in columns.

    ``alpha = k/(k-1) x (1 - sum of item variances / sum of the covariance matrix)`` (Cronbach 1951).

    Parameters
    ----------
    items
        One row per respondent, items in columns.
    missing
        ``"listwise"`` leaves out rows with a missing item; ``"pairwise"`` takes each covariance from the rows that
        have both items, as R's psych does.

    Returns
    -------
    float
        Alpha, or NaN with fewer than two items or three rows, or no variance.

    Examples
    --------
    >>> import numpy as np
    >>> float(round(cronbach_alpha(np.array([[1.0, 2], [2, 3], [3, 5], [4, 4]])), 3))
    0.889
    """
    covariance = _covariance(items, missing)
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def split_half(items: pd.DataFrame | FloatArray, missing: Missing = "listwise") -> float:
    """Return the split-half reliability of odd against even items, stepped up to full length.

    ``4 x covariance of the halves / variance of the sum`` (Rulon 1939, Guttman's lambda 4 for this split): like the
    formula of Spearman and Brown, without assuming that both halves vary equally.

    Parameters
    ----------
    items, missing
        As for `cronbach_alpha`.

    Returns
    -------
    float
        The reliability, or NaN with fewer than two items or three rows, or no variance.
    """
    covariance = _covariance(items, missing)
    total = float(covariance.sum())
    if len(covariance) < 2 or not total > 0:
        return float("nan")
    return float(4 * covariance[0::2, 1::2].sum() / total)


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


def icc(values: Any, groups: Any, kind: str = "single", definition: Definition = "anova") -> float:
    """Return the intraclass correlation of ratings in groups, ICC(1) or ICC(2) as Bliese (2000) names them.

    Parameters
    ----------
    values
        Ratings, one per rater; missing ones are left out.
    groups
        Group (for example unit) of each rating.
    kind
        ``"single"``: share of variance of one rating that lies between groups, ICC(1);
        ``"mean"``: reliability of the group means, ICC(2), also written ICC(k).
    definition
        ``"anova"``: from the mean squares of a one-way analysis of variance (Shrout and Fleiss 1979, case 1);
        ``"mixed_model"``: from the variance components of a random-intercept model by restricted maximum
        likelihood, which cannot be negative.

    Returns
    -------
    float
        The correlation (by analysis of variance it may be negative), or NaN with fewer than two groups or no repeated
        rating. For unequal groups the reliability of means is that of a group of average size,
        ``(n - sum of squared sizes / n) / (groups - 1)``.
    """
    frame = pd.DataFrame({"value": np.asarray(values, dtype=float), "group": np.asarray(groups)}).dropna()
    sizes: FloatArray = np.asarray(frame.groupby("group", sort=True)["value"].size(), dtype=np.float64)
    n, g = float(sizes.sum()), len(sizes)
    if g < 2 or n <= g:
        return float("nan")
    if definition == "mixed_model":
        per_group = (n - (sizes**2).sum() / n) / (g - 1)
        between, within = _components_by_reml(frame)
        return between / (between + within / (per_group if kind == "mean" else 1.0))
    return _icc_by_anova(frame, sizes, kind)


def _icc_by_anova(frame: pd.DataFrame, sizes: FloatArray, kind: str) -> float:
    grouped = frame.groupby("group", sort=True)["value"]
    n, g = float(sizes.sum()), len(sizes)
    within = float(((frame["value"] - grouped.transform("mean")) ** 2).sum()) / (n - g)
    between = float((sizes * (grouped.mean().to_numpy() - frame["value"].mean()) ** 2).sum()) / (g - 1)
    if between <= 0:
        return float("nan")
    if kind == "mean":
        return (between - within) / between
    per_group = (n - (sizes**2).sum() / n) / (g - 1)
    return float((between - within) / (between + (per_group - 1) * within))


def _components_by_reml(frame: pd.DataFrame) -> tuple[float, float]:
    """Variance between and within groups of a random-intercept model."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():  # a variance at its bound of zero is an answer here
        warnings.simplefilter("ignore")
        fitted = MixedLM(frame["value"].to_numpy(), np.ones((len(frame), 1)), groups=frame["group"].to_numpy()).fit(
            reml=True
        )
    return float(np.asarray(fitted.cov_re)[0, 0]), float(fitted.scale)


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
