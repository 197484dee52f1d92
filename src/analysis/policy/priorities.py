"""Which element of which unit first: a matrix in which small samples do not top the list."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import UsageError
from analysis.estimators.pooling import pool, shrink
from analysis.measures import ELEMENTS
from analysis.measures.satisfaction import INDEX_PER_POINT
from analysis.messages import Message

MIN_RESPONDENTS = 10
"""Cells that rest on fewer respondents are not listed."""

TARGET = 3.5324
"""Element mean from which the regulation speaks of "very good" (grade A, Permenpan RB 14/2017)."""

ELEMENT_CORRELATION = 0.55
"""Correlation between the elements of one respondent, as found in Indonesian surveys (.5 to .6)."""

MIN_UNITS = 3


def cells_from_survey(survey: pd.DataFrame, periods: Sequence[str]) -> pd.DataFrame:
    """Return mean and standard error of every element of every unit.

    Parameters
    ----------
    survey
        Respondents: ``unit_id``, ``period``, U1 to U9 (1 to 4).
    periods
        Half-years that are taken together.

    Returns
    -------
    pandas.DataFrame
        unit_id, element, n, mean, std_error; sorted. Without variance among the answers (or with one answer) the
        standard error is missing.
    """
    rows = survey.loc[survey["period"].isin(list(periods))]
    long = rows.melt(id_vars="unit_id", value_vars=list(ELEMENTS), var_name="element", value_name="answer").dropna()
    table = long.groupby(["unit_id", "element"], sort=True)["answer"].agg(n="size", mean="mean", sd="std").reset_index()
    table["std_error"] = (table["sd"] / np.sqrt(table["n"])).where(table["sd"] > 0)
    return table.drop(columns="sd")


def cells_from_panel(panel: pd.DataFrame, period: str) -> pd.DataFrame:
    """Return the cells of one half-year from the panel, with approximate standard errors.

    The panel keeps the error of the index only. With k elements of equal variance and correlation rho,
    ``se(index) = 25 se(element) sqrt((1 + (k - 1) rho) / k)``; rho is `ELEMENT_CORRELATION`.

    Returns
    -------
    pandas.DataFrame
        As `cells_from_survey`.
    """
    rows = panel.loc[(panel["period"] == period) & panel["index"].notna()]
    k = len(ELEMENTS)
    of_index = INDEX_PER_POINT * math.sqrt((1 + (k - 1) * ELEMENT_CORRELATION) / k)
    lower = {name.lower(): name for name in ELEMENTS}
    long = rows.melt(
        id_vars=["unit_id", "n_respondents", "index_std_error"],
        value_vars=list(lower),
        var_name="element",
        value_name="mean",
    ).dropna(subset=["mean"])
    long["element"] = long["element"].map(lower)
    long["std_error"] = (long["index_std_error"] / of_index).where(long["index_std_error"] > 0)
    table = long.rename(columns={"n_respondents": "n"})[["unit_id", "element", "n", "mean", "std_error"]]
    return table.sort_values(["unit_id", "element"], kind="stable", ignore_index=True)


def priority_matrix(cells: pd.DataFrame, *, target: float = TARGET, least: int = MIN_RESPONDENTS) -> pd.DataFrame:
    """Rank unit x element cells by their shrunken distance to the target.

    Within each element the units' means are pulled towards the mean over units by how noisy they are (empirical
    Bayes, between-unit variance by REML), so that a low mean from few answers does not lead the list.

    Parameters
    ----------
    cells
        unit_id, element, n, mean, std_error (see `cells_from_survey`), of the units that are compared: one region.
    target
        Mean (1 to 4) that is aimed at.
    least
        Fewest respondents with which a cell is listed.

    Returns
    -------
    pandas.DataFrame
        unit_id, element, n, mean, shrunken, std_error (of the shrunken mean), shrinkage (0 none, 1 wholly), reference
        (mean over units), gap (target less shrunken mean), probability_below (that the cell lies below the target),
        listed, rank (1 for the largest gap; missing if not listed); sorted by rank, then unit and element. Cells
        without a standard error (everyone gave the same answer, as for fees that are set to 4 by rule) or in an
        element with fewer than three usable units are not listed.

    Raises
    ------
    UsageError
        If a column is missing.
    """
    missing = [name for name in ("unit_id", "element", "n", "mean", "std_error") if name not in cells.columns]
    if missing:
        raise UsageError("policy.columns_missing", names=missing)
    # One order of summation, so that the rows' order cannot change a digit.
    table = _shrunken(cells.sort_values(["element", "unit_id"], kind="stable", ignore_index=True), least)
    table["gap"] = target - table["shrunken"]
    table["probability_below"] = stats.norm.cdf(table["gap"] / table["std_error"])
    table["listed"] = (table["n"] >= least) & table["shrunken"].notna()
    order = table.sort_values(["listed", "gap", "unit_id", "element"], ascending=[False, False, True, True])
    ranks = pd.Series(np.arange(1.0, len(order) + 1), index=order.index).where(order["listed"])
    return order.assign(rank=ranks).reset_index(drop=True)


def _shrunken(cells: pd.DataFrame, least: int) -> pd.DataFrame:
    """Shrink the cells of each element; those with too few answers do not shape the mean."""
    means, errors = cells["mean"].to_numpy(dtype=float), cells["std_error"].to_numpy(dtype=float)
    usable = (errors > 0) & (cells["n"].to_numpy(dtype=float) >= least)
    found = np.full((4, len(cells)), np.nan)
    found[1] = errors
    codes, names = pd.factorize(cells["element"], sort=True)
    for code in range(len(names)):
        chosen = usable & (codes == code)
        if int(chosen.sum()) >= MIN_UNITS:
            variances = errors[chosen] ** 2
            pooled = pool(means[chosen], variances, small_sample=False)
            pulled = shrink(means[chosen], variances, pooled.tau2, pooled.mean, pooled.std_error**2)
            found[:3, chosen] = pulled
            found[3, codes == code] = pooled.mean
    names_of = ("shrunken", "std_error", "shrinkage", "reference")
    return cells.assign(**dict(zip(names_of, found, strict=True)))


def priority_list(matrix: pd.DataFrame, top: int = 10) -> pd.DataFrame:
    """Return the first `top` listed cells, with a sentence each (a `Message` as dict in ``sentence``)."""
    first = matrix.loc[matrix["rank"] <= top].sort_values("rank").reset_index(drop=True)
    sentences = [
        Message(
            "policy.priority",
            {
                "unit": str(row["unit_id"]),
                "element": str(row["element"]),
                "shrunken": float(row["shrunken"]),
                "n": int(row["n"]),
                "gap": float(row["gap"]),
            },
        ).as_dict()
        for row in first.to_dict("records")
    ]
    return first.assign(sentence=pd.Series(sentences, index=first.index, dtype=object))
