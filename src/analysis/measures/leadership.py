"""Leadership support and resistance to change from the staff survey (scale 1 to 5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import UsageError

LEADERSHIP_ITEMS = tuple(f"L{number}" for number in range(1, 9))
RESISTANCE_ITEMS = tuple(f"R{number}" for number in range(1, 5))


def leadership_index(responses: pd.DataFrame, by: Sequence[str] = ("unit_id", "period")) -> pd.DataFrame:
    """Return the leadership and resistance indices of every group.

    Each respondent's score is the mean of the items answered; the group's index is the mean of scores. The halves are
    means of the odd and the even respondents (in the order of their identifiers): two measurements by different people
    of the same leadership (and resistance), whose errors are independent, as the correction for unreliability needs.

    Parameters
    ----------
    responses
        One row a respondent: `by`, ``respondent_id``, ``L1`` to ``L8`` and, where asked, ``R1`` to ``R4`` (1 to 5).
    by
        Columns that define a group.

    Returns
    -------
    pandas.DataFrame
        Columns `by`, ``n_staff``, ``leadership``, ``leadership_std_error``, ``leadership_first``,
        ``leadership_second`` (missing with fewer than two respondents), ``resistance, resistance_first,
        resistance_second`` (missing where not asked).

    Raises
    ------
    UsageError
        If a needed column is missing or an answer lies outside 1 to 5.
    """
    by = list(by)
    missing = [name for name in [*by, "respondent_id", *LEADERSHIP_ITEMS] if name not in responses.columns]
    if missing:
        raise UsageError("measures.columns_missing", names=missing)
    scores = _scores(responses, by)
    grouped = scores.groupby(by, sort=True, observed=True)
    table = grouped.agg(n_staff=("leadership", "count"), leadership=("leadership", "mean"))
    table["leadership_std_error"] = grouped["leadership"].sem()
    table["resistance"] = grouped["resistance"].mean()
    for index in ("leadership", "resistance"):
        first, second = (_half_mean(scores, by, index, half) for half in (0, 1))
        table[f"{index}_first"], table[f"{index}_second"] = first.where(second.notna()), second.where(first.notna())
    return table.reset_index()


def _half_mean(scores: pd.DataFrame, by: list[str], index: str, half: int) -> pd.Series:
    """Return the mean over every other respondent of a group, in the order of the groups."""
    values = scores[index].where(scores["half"] == half)
    return values.groupby([scores[name] for name in by], sort=True, observed=True).mean()


def _scores(responses: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row a respondent with scores and the half (0 or 1) it belongs to."""
    asked = [name for name in RESISTANCE_ITEMS if name in responses.columns]
    answers = responses[[*LEADERSHIP_ITEMS, *asked]].to_numpy(dtype=float)
    if np.any((answers < 1) | (answers > 5)):
        raise UsageError("measures.answers_out_of_range", low=1.0, high=5.0)
    scores = responses[[*by, "respondent_id"]].copy()
    scores["leadership"] = responses[list(LEADERSHIP_ITEMS)].mean(axis=1)
    scores["resistance"] = responses[asked].mean(axis=1) if asked else np.nan
    scores = scores.dropna(subset=["leadership"]).sort_values([*by, "respondent_id"], kind="stable")
    scores["half"] = scores.groupby(by, observed=True).cumcount() % 2
    return scores
