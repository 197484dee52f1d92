"""Training in lesson hours (JP, 45 minutes): per head, by form or topic, matched with weak elements, 20 JP a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.errors import UsageError

# PP 11/2017 jo PP 17/2020 article 203(4): at least 20 JP per civil servant and year.
ANNUAL_HOURS = 20.0


def hours_per_head(
    training: pd.DataFrame,
    units: pd.DataFrame,
    by: Sequence[str] = ("unit_id", "period"),
    split: str | None = None,
) -> pd.DataFrame:
    """Return lesson hours per officer.

    Parameters
    ----------
    training
        One row per officer and course: ``unit_id``, ``period``, ``hours`` (JP) and the column `split`.
    units
        ``unit_id`` and ``headcount``.
    by
        Columns that define a group; must contain ``unit_id``.
    split
        Column whose values become columns ``hours_<value>`` (for example ``"form"``); None for the total only.

    Returns
    -------
    pandas.DataFrame
        Columns `by`, ``training_hours_now`` and, if split, ``hours_<value>``: JP per head. Groups without any record
        are absent: whether that means no training is for the caller to judge.
    """
    by = list(by)
    headcount = units.drop_duplicates("unit_id").set_index("unit_id")["headcount"].astype(float)
    table = training.groupby(by, sort=True, observed=True)[["hours"]].sum()
    table = table.rename(columns={"hours": "training_hours_now"})
    if split is not None:
        parts = training.groupby([*by, split], sort=True, observed=True)["hours"].sum().unstack(split)
        table = table.join(parts.fillna(0.0).add_prefix("hours_"))
    heads = headcount.where(headcount > 0).reindex(table.index.get_level_values("unit_id")).to_numpy()
    return table.div(heads, axis=0).reset_index()


def matched_hours(
    training: pd.DataFrame, weakest: pd.DataFrame, topic_elements: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Return the training rows whose topic addresses one of the unit's weakest elements.

    Parameters
    ----------
    training
        ``unit_id``, ``period``, ``topic``, ``hours``.
    weakest
        ``unit_id``, ``period``, ``weakest`` (tuple of elements known *before* that period, so that training given
        because an element was weak counts, and training is not called matched by its own effect).
    topic_elements
        Elements that each topic addresses.

    Returns
    -------
    pandas.DataFrame
        The matching rows of `training`.
    """
    known = training.merge(weakest[["unit_id", "period", "weakest"]], on=["unit_id", "period"], how="inner")
    matches = [
        isinstance(weak, tuple) and bool(set(weak) & set(topic_elements.get(topic, ())))
        for topic, weak in zip(known["topic"], known["weakest"], strict=True)
    ]
    return known.loc[np.asarray(matches, dtype=bool)].drop(columns="weakest")


def share_with_annual_hours(
    training: pd.DataFrame, units: pd.DataFrame, year: int, least: float = ANNUAL_HOURS
) -> pd.DataFrame:
    """Return, per unit, the share of officers with at least 20 JP in a year (PP 11/2017 article 203).

    Officers without any record count as having none. Records are incomplete in practice (a fifth to two fifths of the
    hours are never entered), so the share is a lower bound.

    Returns
    -------
    pandas.DataFrame
        ``unit_id``, ``year``, ``officers``, ``with_annual_hours``, ``share``; every unit of `units`, sorted.

    Raises
    ------
    UsageError
        If ``nip`` is not among the columns: without it hours cannot be added up per officer.
    """
    if "nip" not in training.columns:
        raise UsageError("measures.columns_missing", names=["nip"])
    in_year = training.loc[training["period"].astype(str).str[:4] == str(year)]
    hours = in_year.groupby(["unit_id", "nip"], observed=True)["hours"].sum()
    enough = (hours >= least).groupby("unit_id").sum()
    table = units.drop_duplicates("unit_id").sort_values("unit_id")[["unit_id", "headcount"]]
    table = table.rename(columns={"headcount": "officers"}).reset_index(drop=True)
    table.insert(1, "year", year)
    table["with_annual_hours"] = enough.reindex(table["unit_id"]).fillna(0.0).to_numpy()
    table["share"] = (table["with_annual_hours"] / table["officers"].where(table["officers"] > 0)).clip(upper=1.0)
    return table
