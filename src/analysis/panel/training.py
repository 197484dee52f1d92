"""Training columns of the panel: stocks per head by form, match and provider, and costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.measures import ELEMENTS, hours_per_head, matched_hours, weakest_elements
from analysis.panel.kinds import is_partner, load_topics, price_levels, topic_of
from analysis.panel.periods import period_label, period_spans

THOUSAND = 1e3
WEAKEST = 2
LOWER = tuple(name.lower() for name in ELEMENTS)
ALWAYS = (
    *("training_hours", "training_hours_now", "training_matched", "hours_partner"),
    *("cost_per_hour_own", "cost_per_hour_partner", "weak_gap", "weak_gap_before"),
)


def training_columns(training: pd.DataFrame | None, panel: pd.DataFrame) -> pd.DataFrame:
    """Return the training columns for every row of the panel (see `analysis.panel.build_panel`).

    Parameters
    ----------
    training
        The checked training table, or None.
    panel
        Units and half-years with ``headcount`` and the elements' means.
    """
    keys = panel[["unit_id", "period"]]
    weakest = _weakest_before(panel)
    if training is None or training.empty:
        nothing = keys.assign(**dict.fromkeys(ALWAYS, np.nan))
        return nothing.assign(weak_gap=weakest["weak_gap"], weak_gap_before=weakest["weak_gap_before"])
    grid = _training_grid(training, panel)
    records = training.assign(topic=topic_of(training["topic"]))
    units = panel[["unit_id", "headcount"]]
    table = grid.merge(hours_per_head(records, units, split="form"), on=["unit_id", "period"], how="left")
    table = _with_hours_of(table, _matched(records, weakest), units, "training_matched")
    partner = is_partner(records["provider"], records["form"]) if "provider" in records.columns else None
    chosen = records.loc[partner] if partner is not None else records.iloc[:0]
    table = _with_hours_of(table, chosen, units, "hours_partner")
    hours = [name for name in table.columns if name.startswith(("hours_", "training_"))]
    table[hours] = table[hours].fillna(0.0)
    table = _stocks(table, hours)
    out = keys.merge(table, on=["unit_id", "period"], how="left")
    out = out.merge(_costs(records, partner), on=["unit_id", "period"], how="left")
    out = out.merge(weakest.drop(columns="weakest"), on=["unit_id", "period"], how="left")
    out.loc[out["weak_gap_before"].isna(), "training_matched"] = np.nan
    return out


def _training_grid(training: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Units of regions with records, for every half-year between the region's first and last record."""
    regions = panel.drop_duplicates("unit_id").set_index("unit_id")["region_code"]
    spans = period_spans(training["period"], training["unit_id"].map(regions))
    rows = [
        (unit, number)
        for unit, region in regions.items()
        if region in spans
        for number in range(spans[region][0], spans[region][1] + 1)
    ]
    grid = pd.DataFrame(rows, columns=["unit_id", "period_index"])
    grid["period"] = grid["period_index"].map(period_label)
    return grid


def _matched(records: pd.DataFrame, weakest: pd.DataFrame) -> pd.DataFrame:
    elements = {key: topic.elements for key, topic in load_topics().items()}
    return matched_hours(records, weakest, elements)


def _with_hours_of(table: pd.DataFrame, records: pd.DataFrame, units: pd.DataFrame, name: str) -> pd.DataFrame:
    if records.empty:
        return table.assign(**{name: 0.0})
    hours = hours_per_head(records, units).rename(columns={"training_hours_now": name})
    return table.merge(hours, on=["unit_id", "period"], how="left")


def _stocks(table: pd.DataFrame, hours: list[str]) -> pd.DataFrame:
    """Mean of this half-year and the one before; missing where the one before is not on record."""
    table = table.sort_values(["unit_id", "period_index"], kind="stable")
    before = table.groupby("unit_id")[hours].shift(1)
    stocks = (table[hours] + before) / 2
    now = table["training_hours_now"]
    stocks = stocks.rename(columns={"training_hours_now": "training_hours"})
    return pd.concat([table[["unit_id", "period"]], now, stocks], axis=1)


def _costs(records: pd.DataFrame, partner: pd.Series | None) -> pd.DataFrame:
    """Cost per JP and participant, thousand rupiah in prices of the reference year, by own agencies and partners."""
    names = ["cost_per_hour_own", "cost_per_hour_partner"]
    if partner is None or "cost" not in records.columns:
        return pd.DataFrame(columns=["unit_id", "period", *names])
    years = records["period"].str[:4].astype(int)
    real = records["cost"] / years.map(price_levels(int(years.min()), int(years.max()))) / THOUSAND
    known = real.notna() & (records["hours"] > 0)
    paid = pd.DataFrame({"real": real, "hours": records["hours"], "partner": partner})[known]
    groups = [records["unit_id"][known], records["period"][known], paid["partner"]]
    sums = paid.groupby(groups)[["real", "hours"]].sum()
    per_hour = (sums["real"] / sums["hours"]).unstack("partner").reindex(columns=[False, True])
    per_hour.columns = pd.Index(names)
    return per_hour.reset_index()


def _weakest_before(panel: pd.DataFrame) -> pd.DataFrame:
    """Per row the elements weakest over all earlier half-years, and their distance to the others now and before."""
    ordered = panel.sort_values(["unit_id", "period_index"], kind="stable")
    means = ordered[list(LOWER)].set_axis(list(ELEMENTS), axis=1)
    earlier = means.groupby(ordered["unit_id"]).transform(lambda values: values.expanding().mean().shift(1))
    weakest = weakest_elements(earlier, WEAKEST)
    known = earlier.notna().sum(axis=1) > WEAKEST
    chosen = np.array([[name in weak for name in ELEMENTS] for weak in weakest], dtype=bool)
    table = ordered[["unit_id", "period"]].assign(weakest=weakest.where(known, None))
    table["weak_gap"] = np.where(known, _gap(means.to_numpy(), chosen), np.nan)
    table["weak_gap_before"] = np.where(known, _gap(earlier.to_numpy(), chosen), np.nan)
    return table.sort_index()


def _gap(means: np.ndarray, chosen: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    weak = np.where(chosen, means, 0.0).sum(axis=1) / chosen.sum(axis=1)
    others = np.where(chosen, 0.0, means).sum(axis=1) / (~chosen).sum(axis=1)
    return np.asarray(weak - others)
