"""Public satisfaction index (IKM) by Permenpan RB 14/2017, with its sampling uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import UsageError
from analysis.results import FloatArray

ELEMENTS = tuple(f"U{number}" for number in range(1, 10))
SCALE = (1.0, 4.0)
INDEX_PER_POINT = 25.0
GRADES = (
    (Decimal("88.31"), "A"),
    (Decimal("76.61"), "B"),
    (Decimal("65.00"), "C"),
    (Decimal("25.00"), "D"),
)
FLOAT_NOISE_DECIMALS = 9


class IndexGrade(NamedTuple):
    """Satisfaction index (25 to 100, two decimals) and its grade (A to D)."""

    index: float  # type: ignore[assignment]
    grade: str | None


def round_half_up(value: float, places: int = 2) -> Decimal:
    """Round half up, as people do on paper; float noise beyond nine decimals is removed first."""
    exact = Decimal(repr(round(float(value), FLOAT_NOISE_DECIMALS)))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def satisfaction_grade(index: float) -> str | None:
    """Return the grade of an index by Permenpan RB 14/2017.

    The classes of the regulation leave holes beyond two decimals (64.995 lies between D and C), hence the index is
    rounded half up to two decimals first.

    Parameters
    ----------
    index
        Satisfaction index, 25 to 100; missing gives None.

    Returns
    -------
    str or None
        ``"A"`` (from 88.31), ``"B"`` (76.61), ``"C"`` (65.00), ``"D"`` (25.00).

    Raises
    ------
    UsageError
        If the index is outside 25 to 100.

    Examples
    --------
    >>> satisfaction_grade(76.61), satisfaction_grade(88.305)
    ('B', 'A')
    """
    if index is None or not math.isfinite(index):
        return None
    rounded = round_half_up(index)
    if not Decimal("25.00") <= rounded <= Decimal("100.00"):
        raise UsageError("measures.index_out_of_range", value=float(index))
    return next(grade for lowest, grade in GRADES if rounded >= lowest)


def satisfaction_index_from_means(means: Mapping[str, float]) -> IndexGrade:
    """Return the published index and grade from element means (NRR).

    ``IKM = 25 x sum(NRR_u x 1/k)`` over the k elements given (nine in the regulation), rounded half up to two decimals.

    Parameters
    ----------
    means
        Mean answer (1 to 4) by element, for example ``{"U1": 3.2, ...}``.

    Raises
    ------
    UsageError
        If an element is unknown, a mean is missing or outside 1 to 4, or nothing is given.

    Examples
    --------
    >>> satisfaction_index_from_means({f"U{i}": 3.2 for i in range(1, 10)})
    IndexGrade(index=80.0, grade='B')
    """
    unknown = [name for name in means if name not in ELEMENTS]
    if unknown or not means:
        raise UsageError("measures.unknown_elements", names=unknown or ["-"])
    values = [float(value) for value in means.values()]
    if not all(SCALE[0] <= value <= SCALE[1] for value in values):
        raise UsageError("measures.answers_out_of_range", low=SCALE[0], high=SCALE[1])
    index = float(round_half_up(INDEX_PER_POINT * math.fsum(values) / len(values)))
    return IndexGrade(index, satisfaction_grade(index))


def satisfaction_index(
    responses: pd.DataFrame,
    by: Sequence[str] = ("unit_id", "period"),
    *,
    elements: Sequence[str] = ELEMENTS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the satisfaction index of every group with its margin of error.

    The element mean is taken over those who answered the element, the index is 25 times the plain mean of the element
    means (weight 1/9; 1/k where only k elements were asked). The standard error linearises this over respondents, so
    it includes the correlation between elements and items left blank. Respondents of these surveys are found by
    accident, not drawn at random: the standard error is therefore a **lower bound** of the true uncertainty.

    Parameters
    ----------
    responses
        One row a respondent: the columns `by` and `elements` (1 to 4, missing allowed).
    by
        Columns that define a group.
    elements
        Elements that enter; leave out ``"U4"`` for free services.
    level
        Confidence level of the interval (t with n - 1 degrees of freedom, kept within 25 to 100).

    Returns
    -------
    pandas.DataFrame
        Columns `by`, ``n`` (respondents with at least one answer), the elements' means, ``index`` (not rounded),
        ``grade``, ``std_error``, ``conf_low``, ``conf_high``; sorted by `by`. With one respondent there is no
        standard error.

    Raises
    ------
    UsageError
        If a column is missing or an answer lies outside 1 to 4.
    """
    by, elements = list(by), list(elements)
    missing = [name for name in [*by, *elements] if name not in responses.columns]
    if missing:
        raise UsageError("measures.columns_missing", names=missing)
    answers = responses[elements].to_numpy(dtype=float)
    if np.any((answers < SCALE[0]) | (answers > SCALE[1])):
        raise UsageError("measures.answers_out_of_range", low=SCALE[0], high=SCALE[1])
    used = responses.loc[~np.isnan(answers).all(axis=1), [*by, *elements]]
    table = _element_means(used, by, elements)
    table["index"] = INDEX_PER_POINT * table[elements].mean(axis=1)
    table["grade"] = [satisfaction_grade(value) for value in table["index"]]
    table["std_error"] = _linearised_error(used, table, by, elements)
    return with_interval(table, level)


def _element_means(used: pd.DataFrame, by: list[str], elements: list[str]) -> pd.DataFrame:
    grouped = used.groupby(by, sort=True, observed=True)
    table = grouped[elements].mean()
    table.insert(0, "n", grouped.size())
    return table.reset_index()


def _linearised_error(used: pd.DataFrame, table: pd.DataFrame, by: list[str], elements: list[str]) -> FloatArray:
    """Return the standard error of the index from the influence of each respondent on the mean of element means."""
    grouped = used.groupby(by, sort=True, observed=True)
    centred = used[elements] - grouped[elements].transform("mean")
    per_answer = centred / grouped[elements].transform("count")
    asked = per_answer.notna().groupby([used[name] for name in by], observed=True).transform("max").sum(axis=1)
    influence = INDEX_PER_POINT * per_answer.fillna(0.0).sum(axis=1) / asked
    total = (influence**2).groupby([used[name] for name in by], sort=True, observed=True).sum()
    n = table["n"].to_numpy(dtype=float)
    factor = np.divide(n, n - 1, out=np.full_like(n, np.nan), where=n > 1)
    return np.asarray(np.sqrt(factor * total.to_numpy(dtype=float)), dtype=float)


def with_interval(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the ends of the confidence interval to ``n``, ``index`` and ``std_error``."""
    degrees = np.maximum(table["n"].to_numpy(dtype=float) - 1, 1)
    margin = special.stdtrit(degrees, 0.5 + level / 2) * table["std_error"]
    low, high = SCALE[0] * INDEX_PER_POINT, SCALE[1] * INDEX_PER_POINT
    table["conf_low"] = (table["index"] - margin).clip(low, high)
    table["conf_high"] = (table["index"] + margin).clip(low, high)
    return table


def recognise_weight(printed: float, recomputed: float, tolerance: float = 0.006) -> float | None:
    """Recognise the rounded weight with which an office computed a printed index.

    The regulation's weight is 1/9. Software that types 0.11 multiplies every index by 0.99, 0.111 by 0.999: a grade A
    may become a B.

    Parameters
    ----------
    printed, recomputed
        Index as printed and as recomputed with weight 1/9.
    tolerance
        Largest difference between two figures rounded to two decimals that counts as equal, index points.

    Returns
    -------
    float or None
        Weight used (1/9, 0.1111, 0.111 or 0.11), or None where none of them explains the printed figure. Where two
        explain it equally well, the one nearer to 1/9.

    Examples
    --------
    >>> recognise_weight(79.2, 80.0)
    0.11
    """
    for weight in (1 / 9, 0.1111, 0.111, 0.11):
        if abs(printed - recomputed * weight * 9) <= tolerance:
            return weight
    return None


def fixed_elements(responses: pd.DataFrame, by: Sequence[str], elements: Sequence[str] = ("U4",)) -> pd.DataFrame:
    """Say which groups have the same answer on an element throughout.

    Free services often enter 4 for fees (U4) by rule: the index rises and the element carries no information.

    Returns
    -------
    pandas.DataFrame
        Columns `by` and one boolean column per element; groups with fewer than two answers are False.
    """
    grouped = responses.groupby(list(by), sort=True, observed=True)[list(elements)]
    return ((grouped.nunique() == 1) & (grouped.count() > 1)).reset_index()


def weakest_elements(means: pd.DataFrame, count: int = 2, elements: Sequence[str] = ELEMENTS) -> pd.Series:
    """Return, per row of element means, the names of the `count` lowest elements (ties by number).

    U4 is passed over where it is the maximum by rule anyway; missing elements never count as weak.
    """
    values = means[list(elements)].to_numpy(dtype=float)
    order = np.argsort(np.where(np.isnan(values), np.inf, values), axis=1, kind="stable")[:, :count]
    names = np.asarray(elements)
    picked = [tuple(sorted(names[row])) for row in order]
    return pd.Series(picked, index=means.index, dtype=object)


def required_sample(population: int, share: float = 0.5, margin: float = 0.05) -> int:
    """Return the sample size of Krejcie and Morgan (1970), which the regulation's table follows.

    The table is for a share under random sampling; the index is a mean of accidental samples, so reaching this number
    is a habit of the field, not a guarantee.

    Examples
    --------
    >>> required_sample(1000)
    278
    """
    chi_square = 3.841
    spread = chi_square * population * share * (1 - share)
    return round(spread / (margin**2 * (population - 1) + chi_square * share * (1 - share)))
