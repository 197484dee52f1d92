"""Sums of survey answers by unit and half-year: all that the index, its sampling error and coarser groups need.

Sums add up over files and over units, so that microdata larger than memory, several files of one table and printed
tables of means meet in one form. Products are missing where only means are known: there is no sampling error then.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ELEMENTS = tuple(f"U{number}" for number in range(1, 10))
KEYS = ("unit_id", "period")


def _parts() -> dict[str, tuple[str, str]]:
    """Return the two factors of each sum: ``z`` an answer (0 where there is none), ``d`` whether there is one."""
    parts: dict[str, tuple[str, str]] = {}
    for i, first in enumerate(ELEMENTS):
        parts[f"n_{first}"] = (f"d{first}", f"d{first}")
        parts[f"sum_{first}"] = (f"z{first}", f"d{first}")
        for second in ELEMENTS[i + 1 :]:
            parts[f"n_{first}_{second}"] = (f"d{first}", f"d{second}")
            parts[f"sum_{first}_{second}"] = (f"z{first}", f"d{second}")
            parts[f"sum_{second}_{first}"] = (f"z{second}", f"d{first}")
        for second in ELEMENTS[i:]:
            parts[f"product_{first}_{second}"] = (f"z{first}", f"z{second}")
    return parts


PARTS = _parts()
SUM_COLUMNS = ("n", *PARTS)


def sql_factors() -> list[str]:
    """Return the factors of the sums as SQL over columns named like the elements."""
    answers = [f"CAST(coalesce({name}, 0) AS DOUBLE) AS z{name}" for name in ELEMENTS]
    flags = [f"CAST({name} IS NOT NULL AS DOUBLE) AS d{name}" for name in ELEMENTS]
    return [*answers, *flags, f"CAST(coalesce({', '.join(ELEMENTS)}) IS NOT NULL AS DOUBLE) AS answered"]


def sql_sums() -> list[str]:
    """Return the sums as SQL over `sql_factors`, in the order of `SUM_COLUMNS`."""
    return ["sum(answered) AS n"] + [f"sum({a} * {b}) AS {name}" for name, (a, b) in PARTS.items()]


def survey_sums(responses: pd.DataFrame, by: Sequence[str] = KEYS) -> pd.DataFrame:
    """Sum the answers of respondents.

    Parameters
    ----------
    responses
        One row a respondent: columns `by` and ``U1..U9`` (missing allowed).
    by
        Columns that define a group.

    Returns
    -------
    pandas.DataFrame
        Columns `by` and `SUM_COLUMNS`, sorted by `by`: ``n`` respondents with at least one answer, ``n_U1`` answers,
        ``sum_U1`` their sum, ``n_U1_U2`` respondents who answered both, ``sum_U1_U2`` the answers to the first of
        those who answered the second, ``product_U1_U2`` the sum of products (``product_U1_U1`` of squares).
    """
    grouped = responses.groupby(list(by), sort=True, observed=True)
    codes, size = grouped.ngroup().to_numpy(), grouped.ngroups
    answers = responses[list(ELEMENTS)].to_numpy(dtype=float)
    known = ~np.isnan(answers)
    factors = {f"z{name}": np.where(known[:, i], answers[:, i], 0.0) for i, name in enumerate(ELEMENTS)}
    factors |= {f"d{name}": known[:, i].astype(float) for i, name in enumerate(ELEMENTS)}
    inside = codes >= 0
    sums = {"n": known.any(axis=1).astype(float)} | {name: factors[a] * factors[b] for name, (a, b) in PARTS.items()}
    columns = {name: np.bincount(codes[inside], values[inside], size) for name, values in sums.items()}
    keys = grouped.size().reset_index()[list(by)]
    return _answered(pd.concat([keys, pd.DataFrame(columns)], axis=1))


def sums_of_means(means: pd.DataFrame, by: Sequence[str] = KEYS) -> pd.DataFrame:
    """Turn means by unit and half-year into sums.

    Parameters
    ----------
    means
        Columns `by`, ``n`` (respondents) and ``U1..U9`` (means; missing where an element was not asked). Every
        respondent is taken to have answered every element that has a mean.
    by
        Columns that define a group.

    Returns
    -------
    pandas.DataFrame
        As `survey_sums`; products are missing, since means say nothing about the spread of answers.
    """
    n = means["n"].to_numpy(dtype=float)
    asked = means[list(ELEMENTS)].notna()
    factors = {f"z{name}": means[name].fillna(0.0).to_numpy(dtype=float) for name in ELEMENTS}
    factors |= {f"d{name}": asked[name].to_numpy(dtype=float) for name in ELEMENTS}
    columns = {"n": np.where(asked.any(axis=1), n, 0.0)}
    for name, (a, b) in PARTS.items():
        columns[name] = np.full(len(n), np.nan) if name.startswith("product") else n * factors[a] * factors[b]
    return _answered(pd.concat([means[list(by)].reset_index(drop=True), pd.DataFrame(columns)], axis=1))


def add_sums(parts: Sequence[pd.DataFrame], by: Sequence[str] = KEYS) -> pd.DataFrame:
    """Add the sums of several files; a missing product makes the product of its group missing."""
    return regroup_sums(pd.concat(list(parts), ignore_index=True), by)


def regroup_sums(sums: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add sums up to other groups, for example from units to regions."""
    grouped = sums.groupby(list(by), sort=True, observed=True)[list(SUM_COLUMNS)]
    return grouped.sum(skipna=False).reset_index()


def _answered(sums: pd.DataFrame) -> pd.DataFrame:
    return sums[sums["n"] > 0].reset_index(drop=True)
