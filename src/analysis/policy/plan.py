"""What a scenario changes in every unit, kept within what has been observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UsageError
from analysis.policy.records import HALF_YEARS, Change, Scenario, Target
from analysis.results import FloatArray

RANGE = (0.01, 0.99)
"""Quantiles of the study's panel between which a value counts as observed: single extremes teach nothing."""

UNIT_COLUMNS = ("region_code", "unit_id", "unit_name", "service_type", "headcount", "period")


@dataclass(frozen=True)
class Plan:
    """The changes of one scenario.

    Parameters
    ----------
    change
        Change of each term per unit as far as it stays within the observed range, shape (U, K).
    wanted
        Change that the scenario asks for, shape (U, K).
    reached
        Which units the scenario reaches, shape (U,).
    outside
        Which reached units would leave the observed range, shape (U,).
    """

    change: FloatArray
    wanted: FloatArray
    reached: npt.NDArray[np.bool_]
    outside: npt.NDArray[np.bool_]


def latest_units(panel: pd.DataFrame) -> pd.DataFrame:
    """Return every unit in its last half-year with a survey, the state from which scenarios start.

    Treatments are the latest known values up to that half-year. Units that were never surveyed are left out.
    """
    ordered = panel.sort_values(["unit_id", "period_index"], kind="stable")
    known = [name for name in ordered.columns if name not in {"index", "index_std_error", "n_respondents", "period"}]
    treatments = [name for name in known if name not in {"unit_id", "period_index"}]
    filled = ordered.copy()
    filled[treatments] = ordered.groupby("unit_id")[treatments].ffill()
    last = filled.dropna(subset=["index"]).groupby("unit_id", sort=True).tail(1)
    return last.sort_values(["region_code", "unit_id"], kind="stable", ignore_index=True)


def observed_range(panel: pd.DataFrame, terms: tuple[str, ...], quantiles: tuple[float, float] = RANGE) -> pd.DataFrame:
    """Return the range of values that the study has seen, and their spread between units.

    Returns
    -------
    pandas.DataFrame
        Index term; ``low``, ``high`` (quantiles over all rows), ``sd`` (standard deviation of the units' means).
    """
    names = list(dict.fromkeys(name for term in terms for name in term.split(":") if name in panel.columns))
    table = panel[names].quantile(list(quantiles)).T.set_axis(["low", "high"], axis=1)
    table["sd"] = panel.groupby("unit_id")[names].mean().std()
    return table.rename_axis("term")


def make_plan(
    scenario: Scenario,
    units: pd.DataFrame,
    terms: tuple[str, ...],
    observed: pd.DataFrame,
    *,
    cost_per_hour: Mapping[str, float] | None = None,
    centres: Mapping[str, float] | None = None,
) -> Plan:
    """Work out the changes of a scenario.

    Parameters
    ----------
    scenario
        What is changed where.
    units
        See `latest_units`.
    terms
        Terms whose effects are known (K), products ``"a:b"`` among them.
    observed
        See `observed_range`.
    cost_per_hour
        Rupiah per JP and participant by column (``hours_seminar``), for a ``move``.
    centres
        Centre of the second factor of each product.

    Raises
    ------
    UsageError
        If a column is missing or a cost that a ``move`` needs.
    """
    reached = reaches(scenario.target, units)
    wanted: dict[str, FloatArray] = {}
    kept: dict[str, FloatArray] = {}
    for change in scenario.changes:
        for term, amount in _amounts(change, units, observed, cost_per_hour or {}).items():
            asked = np.where(reached, amount, 0.0)
            wanted[term] = wanted.get(term, 0.0) + asked
    for term, asked in wanted.items():
        kept[term] = _within(units[term].to_numpy(dtype=float), asked, *_ends(observed, term))
    beyond = [~np.isclose(kept[term], wanted[term], rtol=0, atol=1e-9) & reached for term in wanted]
    _add_products(terms, units, wanted, centres or {})
    _add_products(terms, units, kept, centres or {})
    zero = np.zeros(len(units))
    return Plan(
        change=np.column_stack([kept.get(term, zero) for term in terms]),
        wanted=np.column_stack([wanted.get(term, zero) for term in terms]),
        reached=reached,
        outside=np.any(beyond, axis=0),
    )


def reaches(target: Target, units: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say which units a scenario reaches; ``"lowest"`` is taken within each region, ties by unit_id."""
    if target.kind == "all":
        return np.ones(len(units), dtype=bool)
    if target.kind == "services":
        names = units["service_type"].fillna("").astype(str) + " " + units["unit_name"].fillna("").astype(str)
        return names.str.lower().map(lambda text: any(word in text for word in target.words)).to_numpy(dtype=bool)
    column, share = str(target.column), float(target.share or 0)
    _require(units, column)
    ordered = units.sort_values([column, "unit_id"], kind="stable")
    place = ordered.groupby("region_code").cumcount().reindex(units.index)
    known = units.groupby("region_code")[column].transform("count")
    chosen = (place < np.ceil(known * share - 1e-9)) & units[column].notna()
    return np.asarray(chosen, dtype=bool)


def _amounts(
    change: Change, units: pd.DataFrame, observed: pd.DataFrame, cost_per_hour: Mapping[str, float]
) -> dict[str, FloatArray]:
    """Change of each term per unit if the unit is reached."""
    _require(units, change.term, *filter(None, (change.source, change.total)))
    if change.kind == "add":
        factor = {"jp_per_year": 1 / HALF_YEARS, "sd": float(observed["sd"].to_dict()[change.term])}.get(
            change.unit, 1.0
        )
        return {change.term: np.full(len(units), change.amount * factor)}
    here, there = units[change.term].to_numpy(dtype=float), units[str(change.source)].to_numpy(dtype=float)
    if change.kind == "match":
        return {change.term: change.amount * np.maximum(there - here, 0.0)}
    absent = [name for name in (change.term, str(change.source)) if name not in cost_per_hour]
    if absent:
        raise UsageError("policy.no_cost", names=absent)
    given_up = change.amount * there
    gained = given_up * cost_per_hour[str(change.source)] / cost_per_hour[change.term]
    return {change.term: gained} | ({change.total: gained - given_up} if change.total else {})


def _ends(observed: pd.DataFrame, term: str) -> tuple[float, float]:
    low, high = observed[["low", "high"]].to_numpy(dtype=float)[observed.index.get_loc(term)]
    return float(low), float(high)


def _within(now: FloatArray, change: FloatArray, low: float, high: float) -> FloatArray:
    """Shorten a change so that it does not lead out of the observed range; a unit already outside is not pulled in."""
    return np.asarray(np.clip(now + change, np.minimum(now, low), np.maximum(now, high)) - now)


def _add_products(
    terms: tuple[str, ...], units: pd.DataFrame, changes: dict[str, FloatArray], centres: Mapping[str, float]
) -> None:
    for term in terms:
        if ":" not in term:
            continue
        first, second = term.split(":")
        _require(units, first, second)
        zero = np.zeros(len(units))
        a, b = (units[name].to_numpy(dtype=float) for name in (first, second))
        centre = centres.get(second, 0.0)
        new = (a + changes.get(first, zero)) * (b + changes.get(second, zero) - centre)
        changes[term] = new - a * (b - centre)


def _require(units: pd.DataFrame, *names: str) -> None:
    missing = [name for name in names if name not in units.columns]
    if missing:
        raise UsageError("policy.columns_missing", names=missing)
