"""The satisfaction index from sums of answers, where respondents themselves are too many or not handed in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.ingest.sums import SUM_COLUMNS, regroup_sums
from analysis.measures.satisfaction import (
    ELEMENTS,
    INDEX_PER_POINT,
    satisfaction_grade,
    with_interval,
)
from analysis.results import FloatArray


def satisfaction_index_from_sums(
    sums: pd.DataFrame,
    by: Sequence[str] = ("unit_id", "period"),
    *,
    elements: Sequence[str] = ELEMENTS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return what `satisfaction_index` returns for the respondents behind the sums.

    The linearised variance of the index is a quadratic form in the sums of products, so nothing is lost by adding up
    (figures agree with those from respondents to rounding). Where products are missing, because an office handed in
    means only, there is an index but no standard error and no interval.

    Parameters
    ----------
    sums
        Columns `by` and those of `analysis.ingest.sums.SUM_COLUMNS`; finer groups are added up.
    by, elements, level
        As in `satisfaction_index`.

    Returns
    -------
    pandas.DataFrame
        As `satisfaction_index`; ``n`` counts respondents with an answer to any of the nine elements.

    Raises
    ------
    UsageError
        If a column is missing or a mean lies outside 1 to 4.
    """
    by, elements = list(by), list(elements)
    missing = [name for name in [*by, *SUM_COLUMNS] if name not in sums.columns]
    if missing:
        raise UsageError("measures.columns_missing", names=missing)
    table = regroup_sums(sums, by)
    table = table[(table[[f"n_{name}" for name in elements]] > 0).any(axis=1)].reset_index(drop=True)
    means = _means(table, elements)
    if np.any((means < 1 - 1e-9) | (means > 4 + 1e-9)):
        raise UsageError("measures.answers_out_of_range", low=1.0, high=4.0)
    index = INDEX_PER_POINT * pd.DataFrame(means, index=table.index).mean(axis=1)
    result = table[by].assign(n=table["n"].round().astype("int64"))
    result = result.assign(**{name: means[:, i] for i, name in enumerate(elements)}, index=index)
    result["grade"] = [satisfaction_grade(value) for value in index]
    result["std_error"] = _linearised_error(table, means, elements)
    return with_interval(result, level)


def _means(table: pd.DataFrame, elements: list[str]) -> FloatArray:
    counts = table[[f"n_{name}" for name in elements]].to_numpy(dtype=float)
    totals = table[[f"sum_{name}" for name in elements]].to_numpy(dtype=float)
    return np.asarray(np.divide(totals, counts, out=np.full_like(totals, np.nan), where=counts > 0), dtype=float)


def _linearised_error(table: pd.DataFrame, means: FloatArray, elements: list[str]) -> FloatArray:
    """Sum, over pairs of elements, of the centred products divided by both numbers of answers."""
    n = {name: table[f"n_{name}"].to_numpy(dtype=float) for name in elements}
    mean = {name: means[:, i] for i, name in enumerate(elements)}
    total = np.zeros(len(table))
    for i, first in enumerate(elements):
        for second in elements[i:]:
            centred = _centred_product(table, first, second, mean)
            known = (n[first] > 0) & (n[second] > 0)
            share = np.divide(centred, n[first] * n[second], out=np.zeros(len(table)), where=known)
            total += share * (1 if first == second else 2)
    asked = (means == means).sum(axis=1)
    respondents = table["n"].to_numpy(dtype=float)
    factor = np.divide(respondents, respondents - 1, out=np.full(len(table), np.nan), where=respondents > 1)
    return np.asarray(INDEX_PER_POINT / asked * np.sqrt(factor * np.maximum(total, 0.0)), dtype=float)


def _centred_product(table: pd.DataFrame, first: str, second: str, mean: dict[str, FloatArray]) -> FloatArray:
    """Return the sum of (x - mean x)(y - mean y) over those who answered both."""
    product = table[_column(table, f"product_{first}_{second}", f"product_{second}_{first}")].to_numpy(dtype=float)
    if first == second:
        return np.asarray(product - mean[first] * table[f"sum_{first}"].to_numpy(dtype=float))
    both = table[_column(table, f"n_{first}_{second}", f"n_{second}_{first}")].to_numpy(dtype=float)
    first_sum, second_sum = table[f"sum_{first}_{second}"], table[f"sum_{second}_{first}"]
    return np.asarray(product - mean[second] * first_sum - mean[first] * second_sum + both * mean[first] * mean[second])


def _column(table: pd.DataFrame, name: str, other: str) -> str:
    return name if name in table else other
