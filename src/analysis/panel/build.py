"""Putting the checked tables together into the panel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.measures import (
    ELEMENTS,
    complaint_measures,
    leadership_index,
    professionalism_index,
    satisfaction_index,
    satisfaction_index_from_sums,
)
from analysis.panel.kinds import price_levels, topic_of
from analysis.panel.periods import period_index, period_label, period_of_dates, period_spans
from analysis.panel.training import training_columns

PROGRAMMES = ("award", "online_registration", "feedback_channel", "performance_management", "mentoring")
MILLION = 1e6
UNIT_COLUMNS = ("region_code", "unit_id", "unit_name", "service_type", "headcount")
LEADERSHIP_COLUMNS = (
    *("leadership", "leadership_first", "leadership_second"),
    *("resistance", "resistance_first", "resistance_second", "n_staff"),
)
COMPLAINT_COLUMNS = ("complaints_n", "complaints_judged", "complaints_in_time", "response_days")
BUDGET_COLUMNS = ("budget_per_head", "log_budget", "training_share")

Tables = Mapping[str, pd.DataFrame]


def build_panel(tables: Tables, summaries: Tables | None = None) -> pd.DataFrame:
    """Return one row per unit and half-year.

    Parameters
    ----------
    tables
        Checked tables by name (``units`` and ``survey`` are needed, the others may be absent or lack regions).
    summaries
        ``StudyInput.summaries``: sums of answers (``survey``) and of training records (``training``) that stand in
        for the tables of the same name, with the same figures. Half-years of which only means came in have an index
        without a standard error; their weight is that of a survey of their size with the study's usual spread.

    Returns
    -------
    pandas.DataFrame
        Sorted by unit and period; a unit has every half-year from its first to its last survey (the whole study's
        half-years if it was never surveyed). Columns:

        - ``region_code, unit_id, unit_name, service_type, headcount, period, period_index, region_period``
        - ``n_respondents, index`` (25 to 100), ``index_std_error, index_without_u4, u1`` to ``u9`` (1 to 4),
          ``weight`` (precision weight of the index, mean 1), ``index_before`` (of the half-year before)
        - ``training_hours`` (JP per head and half-year, mean of this and the previous half-year),
          ``training_hours_now``, ``training_matched`` (the same for topics that address the unit's two elements that
          were weakest before), ``hours_<form>``, ``hours_partner``, ``cost_per_hour_own``, ``cost_per_hour_partner``
          (thousand rupiah per JP, prices of 2024), ``log_cost_own, log_cost_partner`` (logarithm of the same, every
          form at its own price), ``weak_gap, weak_gap_before`` (mean of the elements weakest before less the mean of
          the others, now and before)
        - ``leadership, resistance`` (1 to 5), their means over either half of the staff
          (``leadership_first, leadership_second, resistance_first, resistance_second``), ``n_staff``
        - ``budget_per_head`` (realised, million rupiah per officer and year, prices of 2024), ``log_budget``,
          ``training_share``
        - ``complaints_n, complaints_judged, complaints_in_time`` (share), ``response_days``
        - ``professionalism_core`` (0 to 60, part of the professionalism index without training; one measurement)
        - ``<programme>_start`` (period index), ``<programme>_on`` (0 or 1) for `PROGRAMMES`; ``online_with_it``
          (whether the unit had IT training in the half-year in which online registration started)

        What an office did not hand in is missing, never zero: training and complaints are zero only inside the span
        of half-years for which the region has records.

    Raises
    ------
    UsageError
        If ``units`` or ``survey`` is absent, or a period is not of the form ``2024-S1``.
    """
    summaries = summaries or {}
    absent = [name for name in ("units", "survey") if name not in tables and name not in summaries]
    if absent:
        raise UsageError("panel.tables_missing", names=absent)
    units = tables["units"][list(UNIT_COLUMNS)].drop_duplicates("unit_id")
    survey = _survey_columns(tables.get("survey"), summaries.get("survey"))
    training = summaries.get("training", tables.get("training"))
    panel = _grid(units, survey).merge(survey, on=["unit_id", "period"], how="left")
    panel["n_respondents"] = panel["n_respondents"].fillna(0).astype("int64")
    panel["weight"] = precision_weight(panel)
    panel = panel.merge(training_columns(training, panel), on=["unit_id", "period"], how="left")
    panel = _with_leadership(panel, tables.get("leadership"))
    panel = _with_budget(panel, tables.get("budget"))
    panel = _with_complaints(panel, tables.get("complaints"))
    panel = _with_professionalism(panel, tables.get("officers"), tables.get("training"))
    panel = _with_programmes(panel, tables.get("programmes"))
    panel = _with_online_training(panel, training)
    panel = panel.sort_values(["unit_id", "period_index"], kind="stable", ignore_index=True)
    return panel.assign(index_before=panel.groupby("unit_id")["index"].shift(1))


def _survey_columns(survey: pd.DataFrame | None, sums: pd.DataFrame | None) -> pd.DataFrame:
    keys, some = ["unit_id", "period"], [name for name in ELEMENTS if name != "U4"]
    if sums is not None:
        table = satisfaction_index_from_sums(sums, by=keys)
        without_fees = satisfaction_index_from_sums(sums, by=keys, elements=some)
    else:
        assert survey is not None
        table = satisfaction_index(survey, by=keys)
        without_fees = satisfaction_index(survey, by=keys, elements=some)
    table = table.merge(
        without_fees[["unit_id", "period", "index"]].rename(columns={"index": "index_without_u4"}),
        on=["unit_id", "period"],
        how="left",
    )
    names = {"n": "n_respondents", "std_error": "index_std_error"} | {name: name.lower() for name in ELEMENTS}
    return table.drop(columns=["grade", "conf_low", "conf_high"]).rename(columns=names)


def _grid(units: pd.DataFrame, survey: pd.DataFrame) -> pd.DataFrame:
    """Every half-year of every unit between its first and last survey."""
    index = survey["period"].map(period_index)
    spans = period_spans(survey["period"], survey["unit_id"])
    whole = (int(index.min()), int(index.max()))
    rows = []
    for unit in units["unit_id"]:
        first, last = spans.get(unit, whole)
        rows += [(unit, number) for number in range(first, last + 1)]
    grid = pd.DataFrame(rows, columns=["unit_id", "period_index"])
    grid["period"] = grid["period_index"].map(period_label)
    grid = units.merge(grid, on="unit_id", how="inner", validate="one_to_many")
    grid["region_period"] = grid["region_code"] + "|" + grid["period"]
    return grid


def precision_weight(panel: pd.DataFrame) -> pd.Series:
    """Return the precision weight of the index: 1 / (variance between half-years + sampling variance), mean 1.

    The sampling variance is that of a survey of the same size with the study's typical spread of respondents, not the
    cell's own: near the ceiling a high index has a small variance by arithmetic, and weights that depend on the
    outcome bias the estimate. The variance between half-years is what remains of the movement within units, net of
    region and half-year, after the typical sampling variance.
    """
    n = panel["n_respondents"].astype(float).where(panel["index"].notna())
    spread = float((panel["index_std_error"] ** 2 * n).median())
    if not np.isfinite(spread):
        return pd.Series(1.0, index=panel.index).where(panel["index"].notna())
    sampling = spread / n
    centred = panel["index"] - panel.groupby("unit_id")["index"].transform("mean")
    centred = centred - centred.groupby(panel["region_period"]).transform("mean")
    between = max(float(centred.var()) - float(sampling.mean()), 0.0)
    weight = 1 / (between + sampling)
    return weight / weight.mean()


def _with_leadership(panel: pd.DataFrame, leadership: pd.DataFrame | None) -> pd.DataFrame:
    if leadership is None or leadership.empty:
        return panel.assign(**dict.fromkeys(LEADERSHIP_COLUMNS, np.nan))
    table = leadership_index(leadership)[["unit_id", "period", *LEADERSHIP_COLUMNS]]
    return panel.merge(table, on=["unit_id", "period"], how="left")


def _with_budget(panel: pd.DataFrame, budget: pd.DataFrame | None) -> pd.DataFrame:
    if budget is None or budget.empty:
        return panel.assign(**dict.fromkeys(BUDGET_COLUMNS, np.nan))
    years = panel["period"].str[:4].astype(int)
    amounts = ["training_budget", "total_budget", "realised"]
    sums = budget.groupby(["unit_id", "year"], as_index=False)[amounts].sum(min_count=1)
    sums["year"] = sums["year"].astype(int)
    table = panel[["unit_id", "headcount"]].assign(year=years).merge(sums, on=["unit_id", "year"], how="left")
    levels = price_levels(int(years.min()), int(years.max()))
    real = table["realised"] / table["year"].map(levels) / MILLION
    heads = table["headcount"].astype(float)
    per_head = (real / heads.where(heads > 0)).to_numpy()
    share = (table["training_budget"] / table["total_budget"].where(table["total_budget"] > 0)).to_numpy()
    log_budget = np.log(np.where(per_head > 0, per_head, np.nan))
    return panel.assign(budget_per_head=per_head, log_budget=log_budget, training_share=share)


def _with_complaints(panel: pd.DataFrame, complaints: pd.DataFrame | None) -> pd.DataFrame:
    if complaints is None or complaints.empty:
        return panel.assign(**dict.fromkeys(COMPLAINT_COLUMNS, np.nan))
    cases = complaints.assign(period=period_of_dates(complaints["received_on"])).dropna(subset=["period"])
    table = complaint_measures(cases)[["unit_id", "period", *COMPLAINT_COLUMNS]]
    panel = panel.merge(table, on=["unit_id", "period"], how="left")
    recorded = _inside_records(panel, cases)
    for name in ("complaints_n", "complaints_judged"):
        panel[name] = panel[name].where(~(recorded & panel[name].isna()), 0.0)
    return panel


def _inside_records(panel: pd.DataFrame, records: pd.DataFrame) -> pd.Series:
    """Whether a region has records from before and after (or at) each row's half-year."""
    regions = panel.drop_duplicates("unit_id").set_index("unit_id")["region_code"]
    spans = period_spans(records["period"], records["unit_id"].map(regions))
    first = panel["region_code"].map({region: span[0] for region, span in spans.items()})
    last = panel["region_code"].map({region: span[1] for region, span in spans.items()})
    return (panel["period_index"] >= first) & (panel["period_index"] <= last)


def _with_professionalism(
    panel: pd.DataFrame, officers: pd.DataFrame | None, training: pd.DataFrame | None
) -> pd.DataFrame:
    if officers is None or officers.empty:
        return panel.assign(professionalism_core=np.nan)
    no_training = pd.DataFrame({"nip": [], "form": [], "topic": [], "hours": []})
    scored = professionalism_index(officers, training if training is not None else no_training)
    by_unit = scored.groupby("unit_id")["index_without_training"].mean()
    return panel.assign(professionalism_core=panel["unit_id"].map(by_unit).to_numpy())


def _with_programmes(panel: pd.DataFrame, programmes: pd.DataFrame | None) -> pd.DataFrame:
    """Start of each programme per unit (its own or its region's, whichever is first).

    The table lists starts only, so a unit that is not in it never had the programme; without the table nothing is
    known.
    """
    columns: dict[str, pd.Series] = {}
    for name in PROGRAMMES:
        if programmes is None:
            missing = pd.Series(np.nan, index=panel.index)
            columns |= {f"{name}_start": missing, f"{name}_on": missing}
            continue
        rows = programmes.loc[programmes["programme"] == name]
        starts = [_start_of(panel[key], rows, key) for key in ("unit_id", "region_code")]
        start = pd.concat(starts, axis=1).min(axis=1)
        columns |= {f"{name}_start": start, f"{name}_on": (panel["period_index"] >= start).astype(float)}
    return panel.assign(**columns)


def _with_online_training(panel: pd.DataFrame, training: pd.DataFrame | None) -> pd.DataFrame:
    start = panel["online_registration_start"]
    if training is None or training.empty:
        return panel.assign(online_with_it=np.nan)
    topics = topic_of(training["topic"])
    about = training.loc[(topics == "information_technology") & (training["hours"] > 0)]
    pairs = set(zip(about["unit_id"], about["period"].map(period_index).astype(float), strict=True))
    found = [pair in pairs for pair in zip(panel["unit_id"], start, strict=True)]
    regions = panel.drop_duplicates("unit_id").set_index("unit_id")["region_code"]
    known = start.notna() & panel["region_code"].isin(training["unit_id"].map(regions).dropna().unique())
    return panel.assign(online_with_it=pd.Series(found, index=panel.index, dtype=float).where(known))


def _start_of(keys: pd.Series, rows: pd.DataFrame, column: str) -> pd.Series:
    if column not in rows.columns or rows.empty:
        return pd.Series(np.nan, index=keys.index)
    wanted = rows.dropna(subset=[column, "start_period"])
    if column == "region_code" and "unit_id" in rows.columns:
        wanted = wanted.loc[wanted["unit_id"].isna()]
    first = wanted["start_period"].map(period_index).groupby(wanted[column]).min()
    return keys.map(first).astype(float)
