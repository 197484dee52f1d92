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
    *("cost_per_hour_own", "cost_per_hour_partner", "log_cost_own", "log_cost_partner"),
    *("weak_gap", "weak_gap_before"),
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
    names = ["cost_per_hour_own", "cost_per_hour_partner", "log_cost_own", "log_cost_partner"]
    if partner is None or "cost" not in records.columns:
        return pd.DataFrame(columns=["unit_id", "period", *names])
    years = records["period"].str[:4].astype(int)
    real = records["cost"] / years.map(price_levels(int(years.min()), int(years.max()))) / THOUSAND
    paid = records[["unit_id", "period", "form", "hours"]].assign(real=real, partner=partner)
    paid = paid.loc[real.notna() & (records["hours"] > 0)]
    sums = paid.groupby(["unit_id", "period", "partner"])[["real", "hours"]].sum()
    per_hour = (sums["real"] / sums["hours"]).unstack("partner").reindex(columns=[False, True])
    logs = _log_costs(paid).unstack("partner").reindex(index=per_hour.index, columns=[False, True])
    table = pd.concat([per_hour, logs], axis=1)
    table.columns = pd.Index(names)
    return table.reset_index()


def _log_costs(paid: pd.DataFrame) -> pd.Series:
    """Logarithm of the cost per JP with every form at its own price, by unit, half-year and kind of provider.

    Partners and own agencies hold other forms in a unit's half-year by chance, and forms differ in price. So the log
    cost is taken form by form, freed of the form's part (least squares on form and kind of provider over the whole
    study, median form as the level), and only then averaged.
    """
    cells = paid.groupby(["unit_id", "period", "partner", "form"])[["real", "hours"]].sum()
    cells = cells.loc[cells["real"] > 0]
    logs: pd.Series = (cells["real"] / cells["hours"]).map(np.log)
    if logs.empty:
        return logs.groupby(level=["unit_id", "period", "partner"]).mean()
    codes, forms = pd.factorize(logs.index.get_level_values("form"), sort=True)
    held = np.eye(len(forms))[codes]
    partner = logs.index.get_level_values("partner").to_numpy(dtype=float)
    prices = np.linalg.lstsq(np.column_stack([held, partner]), logs.to_numpy(dtype=float), rcond=None)[0][:-1]
    net: pd.Series = logs - prices[codes] + float(np.median(prices))
    return net.groupby(level=["unit_id", "period", "partner"]).mean()


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
