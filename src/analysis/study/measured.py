"""Measures of development by region: professionalism, hours, the 20 hours' duty, budget, complaints, reliability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.catalog import Catalog
from analysis.ingest import StudyInput
from analysis.measures import (
    ANNUAL_HOURS,
    ELEMENTS,
    LEADERSHIP_ITEMS,
    RESISTANCE_ITEMS,
    complaint_measures,
    cronbach_alpha,
    professionalism_index,
    satisfaction_index,
    satisfaction_index_from_sums,
    share_with_annual_hours,
    within_unit_reliability,
)
from analysis.measures.budget import MINIMUM_SHARE
from analysis.panel import price_levels
from analysis.policy.records import HALF_YEARS, load_forms
from analysis.policy.tables import wording
from analysis.results import NO_CHOICES
from analysis.study.choices import RegionBudget

Row = dict[str, Any]
LEAST_PERSONS = 10
"""Officers or respondents below whom no figure is given."""
LEAST_CELL = 5
"""Officers below whom a category is not told."""
MILLION = 1e6
WITHOUT_FEES = tuple(name for name in ELEMENTS if name != "U4")


def study_measures(
    panel: pd.DataFrame, study_input: StudyInput, catalog: Catalog, budgets: Mapping[str, RegionBudget]
) -> pd.DataFrame:
    """Return the measures of every region, see `analysis.results.StudyResults.measures`.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    study_input
        The study's tables.
    catalog
        For the level of each region.
    budgets
        Total regional expenditure, where a region has told it.
    """
    tables = _with_region(study_input.tables)
    year = _last_year(panel)
    rows = [
        *professionalism_rows(tables.get("officers"), tables.get("training"), year),
        *duty_rows(tables.get("training"), tables["units"], year),
        *form_rows(panel),
        *budget_rows(tables.get("budget"), tables["units"], catalog, budgets),
        *complaint_rows(tables.get("complaints")),
        *reliability_rows(tables.get("leadership")),
        *index_rows(tables.get("survey"), study_input.summaries.get("survey"), tables["units"], panel),
    ]
    table = pd.DataFrame(rows, columns=list(NO_CHOICES["measures"]))
    keys = ["region_code", "measure", "period", "group"]
    return table.sort_values(keys, kind="stable", ignore_index=True)


def _with_region(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of units with the region of each row."""
    codes = tables["units"].drop_duplicates("unit_id").set_index("unit_id")["region_code"]
    joined = {
        name: table.assign(region_code=table["unit_id"].map(codes)) if "unit_id" in table else table
        for name, table in tables.items()
        if name != "units"
    }
    return {**joined, "units": tables["units"].drop_duplicates("unit_id")}


def _last_year(panel: pd.DataFrame) -> int:
    """Return the last year of which both half-years are in the study, else the last one."""
    years = panel.drop_duplicates("period")["period"].str[:4].astype(int)
    counts = years.value_counts()
    whole = counts[counts == HALF_YEARS].index
    return int(max(whole if len(whole) else counts.index))


def _row(region: Any, measure: str, value: float, **more: Any) -> Row:
    return {"region_code": str(region), "measure": measure, "value": float(value), **more}


def _around_mean(values: pd.Series) -> tuple[float, float]:
    """Return the 95% interval of a mean (t)."""
    margin = float(stats.t.isf(0.025, len(values) - 1) * values.sem())
    return float(values.mean()) - margin, float(values.mean()) + margin


def may_be_told(counts: Sequence[int], minimum: int) -> npt.NDArray[np.bool_]:
    """Say which groups of a whole may be told: a single small one takes the next smallest with it."""
    numbers = np.asarray(counts)
    shown = (numbers >= minimum) | (numbers == 0)
    if int((~shown).sum()) == 1 and int((shown & (numbers > 0)).sum()) > 0:
        candidates = np.where(shown & (numbers > 0), numbers, np.iinfo(np.int64).max)
        shown[int(candidates.argmin())] = False
    return np.asarray(shown, dtype=bool)


def professionalism_rows(officers: pd.DataFrame | None, training: pd.DataFrame | None, year: int) -> Iterator[Row]:
    """Yield the professionalism index by position type, its part without training, and its categories.

    The training part counts the records of the last whole year; without records by officer only the part without
    training is given.
    """
    if officers is None or officers.empty:
        return
    known = bool(training is not None and "nip" in training.columns and training["nip"].notna().any())
    records = pd.DataFrame({"nip": [], "form": [], "topic": [], "hours": []})
    if known and training is not None:
        records = training.loc[training["period"].astype(str).str[:4] == str(year)]
    scored = professionalism_index(officers, records)
    scored = scored.dropna(subset=["index"])
    for region, rows in scored.groupby("region_code", sort=True):
        yield from _by_position(region, rows, known, year)
        if known:
            yield from _categories(region, rows, year)


def _by_position(region: Any, rows: pd.DataFrame, known: bool, year: int) -> Iterator[Row]:
    if len(rows) < LEAST_PERSONS:
        return
    groups: dict[str, pd.DataFrame] = {str(name): part for name, part in rows.groupby("position_type", sort=True)}
    shown = may_be_told([len(part) for part in groups.values()], LEAST_PERSONS)
    told = {name: part for (name, part), fine in zip(groups.items(), shown, strict=True) if fine}
    parts = {"professionalism_without_training": "index_without_training"}
    parts |= {"professionalism": "index", "professionalism_training_part": "competence"} if known else {}
    for name, part in {"all": rows, **told}.items():
        for measure, column in parts.items():
            low, high = _around_mean(part[column])
            units = int(part["unit_id"].nunique())
            ends = {"conf_low": low, "conf_high": high, "n": len(part), "n_units": units}
            yield _row(region, measure, part[column].mean(), group=name, period=str(year), **ends)


def _categories(region: Any, rows: pd.DataFrame, year: int) -> Iterator[Row]:
    if len(rows) < LEAST_PERSONS:
        return
    counts = rows["category"].value_counts().sort_index()
    shown = may_be_told(counts.tolist(), LEAST_CELL)
    for (name, count), fine in zip(counts.items(), shown, strict=True):
        value = count / len(rows) if fine else np.nan
        yield _row(region, "professionalism_category", value, group=str(name), period=str(year), n=len(rows))


def duty_rows(training: pd.DataFrame | None, units: pd.DataFrame, year: int) -> Iterator[Row]:
    """Yield the share of officers, and of units on average, with at least 20 lesson hours in a year."""
    if training is None or "nip" not in training.columns or not training["nip"].notna().any():
        return
    table = share_with_annual_hours(training, units, year).merge(units[["unit_id", "region_code"]], on="unit_id")
    hours = training.loc[training["period"].astype(str).str[:4] == str(year)].groupby("unit_id")["hours"].sum()
    table["hours"] = table["unit_id"].map(hours).fillna(0.0) / table["officers"].where(table["officers"] > 0)
    table = table.loc[table["region_code"].isin(training["region_code"].unique()) & (table["officers"] > 0)]
    for region, rows in table.groupby("region_code", sort=True):
        officers = float(rows["officers"].sum())
        if officers < LEAST_PERSONS:
            continue
        more = {"period": str(year), "n": officers, "n_units": len(rows), "reference": ANNUAL_HOURS}
        reached = rows["with_annual_hours"].clip(upper=rows["officers"]).sum()
        yield _row(region, "officers_with_annual_hours", reached / officers, **more)
        yield _row(region, "units_with_annual_hours", (rows["hours"] >= ANNUAL_HOURS).mean(), **more)


def form_rows(panel: pd.DataFrame) -> Iterator[Row]:
    """Yield lesson hours per officer in the last year by form of training."""
    columns = {f"hours_{key}": form for key, form in load_forms().items() if f"hours_{key}" in panel.columns}
    last = panel.loc[panel["period"] == panel["period"].max()].dropna(subset=["headcount"])
    for region, rows in last.groupby("region_code", sort=True):
        known = rows.dropna(subset=list(columns)) if columns else rows.iloc[:0]
        heads = known["headcount"].to_numpy(dtype=float)
        if heads.sum() < LEAST_PERSONS:
            continue
        for column, form in columns.items():
            value = float(known[column].to_numpy(dtype=float) @ heads / heads.sum()) * HALF_YEARS
            more = {"label": wording(form.label), "period": str(panel["period"].max()), "n": heads.sum()}
            yield _row(region, "hours_by_form", value, group=form.key, n_units=len(known), **more)


def budget_rows(
    budget: pd.DataFrame | None, units: pd.DataFrame, catalog: Catalog, budgets: Mapping[str, RegionBudget]
) -> Iterator[Row]:
    """Yield realised budget per officer in rupiah of 2024, and the share of the total, net and gross, by year."""
    if budget is None or budget.empty:
        return
    heads = units.set_index("unit_id")["headcount"].astype(float)
    table = budget.assign(heads=budget["unit_id"].map(heads), year=budget["year"].astype(int))
    deducted = [name for name in ("personnel", "maintenance") if name in table.columns]
    table["gross"] = table["training_budget"] + table[deducted].fillna(0.0).sum(axis=1)
    levels = price_levels(int(table["year"].min()), int(table["year"].max()))
    for key, rows in table.groupby(["region_code", "year"], sort=True):
        region, year = str(key[0]), int(str(key[1]))
        known = rows.loc[rows["realised"].notna() & (rows["heads"] > 0)]
        officers = float(known["heads"].sum())
        more = {"period": str(year), "n_units": len(known), "n": officers}
        if officers >= LEAST_PERSONS:
            real = float(known["realised"].sum()) / float(levels[year])
            yield _row(region, "budget_per_officer", real / officers, **more)
        yield from _share_rows(region, year, rows, catalog, budgets.get(region), bool(deducted))


def _share_rows(
    region: str, year: int, rows: pd.DataFrame, catalog: Catalog, told: RegionBudget | None, deducted: bool
) -> Iterator[Row]:
    """Yield shares of the units' own budgets, or of total regional expenditure where the region has told it."""
    whole = told is not None and told.total_expenditure is not None and told.year in (None, year)
    known = rows.dropna(subset=["training_budget"] if whole else ["training_budget", "total_budget"])
    total = float(told.total_expenditure) if whole and told and told.total_expenditure else known["total_budget"].sum()
    if known.empty or not total > 0:
        return
    minimum = MINIMUM_SHARE[catalog.region(region).level]
    more = {"group": "region" if whole else "units", "period": str(year), "n_units": len(known), "reference": minimum}
    yield _row(region, "budget_share_net", known["training_budget"].sum() / total, **more)
    if deducted:
        yield _row(region, "budget_share_gross", known["gross"].sum() / total, **more)


def complaint_rows(complaints: pd.DataFrame | None) -> Iterator[Row]:
    """Yield the share of complaints answered within the limit, with its exact interval, and the response time."""
    if complaints is None or complaints.empty:
        return
    received = pd.to_datetime(complaints["received_on"])
    cases = complaints.assign(year=received.dt.year).dropna(subset=["year"])
    table = complaint_measures(cases, by=("region_code", "year"))
    for row in table.to_dict("records"):
        more = {"period": str(int(row["year"])), "n": row["complaints_judged"]}
        ends = {"conf_low": row["conf_low"], "conf_high": row["conf_high"]}
        yield _row(row["region_code"], "complaints_in_time", row["complaints_in_time"], **more, **ends)
        ends = {"conf_low": row["response_days_low"], "conf_high": row["response_days_high"]}
        received_cases = {"period": more["period"], "n": row["complaints_n"]}
        yield _row(row["region_code"], "response_days", row["response_days"], **received_cases, **ends)


def reliability_rows(leadership: pd.DataFrame | None) -> Iterator[Row]:
    """Yield the reliability of the leadership and resistance indices, over respondents and within units over time."""
    if leadership is None or leadership.empty:
        return
    scales = {"leadership": list(LEADERSHIP_ITEMS), "resistance": list(RESISTANCE_ITEMS)}
    for region, rows in leadership.groupby("region_code", sort=True):
        for scale, items in scales.items():
            answers = rows.dropna(subset=items) if set(items) <= set(rows.columns) else rows.iloc[:0]
            if len(answers) < LEAST_PERSONS:
                continue
            yield _alpha_row(region, scale, "respondents", cronbach_alpha(answers[items]), len(answers), 1, answers)
            means = answers.groupby(["unit_id", "period"], sort=True)[items].mean().reset_index()
            units = int(means["unit_id"].nunique())
            within = within_unit_reliability(means[items], means["unit_id"])
            yield _alpha_row(region, scale, "within_units", within, len(means), units, answers)


def _alpha_row(region: Any, scale: str, group: str, alpha: float, n: int, lost: int, answers: pd.DataFrame) -> Row:
    """Alpha with Feldt's interval: ``(1 - alpha) / (1 - a)`` is F with n - lost and (n - lost)(k - 1) df (1965)."""
    k = len(LEADERSHIP_ITEMS if scale == "leadership" else RESISTANCE_ITEMS)
    df = n - lost
    low, high = (np.nan, np.nan)
    if np.isfinite(alpha) and df > 1:
        low, high = (1 - (1 - alpha) * float(stats.f.ppf(p, df, df * (k - 1))) for p in (0.975, 0.025))
    more = {"period": str(answers["period"].max()), "n": len(answers), "n_units": int(answers["unit_id"].nunique())}
    return _row(region, f"{scale}_reliability", alpha, group=group, conf_low=low, conf_high=high, **more)


def index_rows(
    survey: pd.DataFrame | None, sums: pd.DataFrame | None, units: pd.DataFrame, panel: pd.DataFrame
) -> Iterator[Row]:
    """Yield the satisfaction index of the last half-year without fees (U4), which rules set to 4 in many services."""
    answers = survey if sums is None else sums
    if answers is None:
        return
    last = answers.loc[answers["period"] == panel.loc[panel["index"].notna(), "period"].max()]
    codes = units.set_index("unit_id")["region_code"]
    by_region = last.assign(region_code=last["unit_id"].map(codes))
    index = satisfaction_index if sums is None else satisfaction_index_from_sums
    for row in index(by_region, by=["region_code", "period"], elements=WITHOUT_FEES).to_dict("records"):
        if row["n"] >= LEAST_PERSONS:
            ends = {name: row[name] for name in ("conf_low", "conf_high", "n", "period")}
            yield _row(row["region_code"], "index_without_fees", row["index"], **ends)
