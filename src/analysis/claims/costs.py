"""What one index point costs with each lever, where the data allow it."""

from __future__ import annotations

import numpy as np
import pandas as pd

THOUSAND, MILLION = 1e3, 1e6
HALF_YEARS = 2
COST_COLUMNS = ("lever", "region_code", "dose_cost", "cost", "conf_low", "conf_high", "bounded", "n_units")
LEVERS = {"training": "training_quality", "budget": "budget_quality"}
TRAINING_DOSE_HOURS = 10.0
BUDGET_DOSE_SHARE = 0.10


def cost_per_point(estimates: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Return the rupiah per officer and half-year that one more index point costs.

    The dose of the estimate (10 JP per officer, 10 percent more budget) is priced with the region's own costs in prices
    of 2024; the interval is that of the effect turned round (Fieller), prices being taken as known. Where the effect's
    interval reaches zero there is no upper limit: no amount is sure to buy a point. Leadership support has no price in
    the tables and has no row.

    Parameters
    ----------
    estimates
        See `analysis.results.StudyResults.estimates` (figures in the claims' units).
    panel
        See `analysis.panel.build_panel`.

    Returns
    -------
    pandas.DataFrame
        Columns `COST_COLUMNS`, one row per lever and region and (region missing) for the nation, where the effect is
        positive: ``dose_cost`` price of the dose, ``cost, conf_low, conf_high`` of one point (``conf_high`` is infinite
        and ``bounded`` False where the effect's interval reaches zero).
    """
    rows = []
    for lever, spec in LEVERS.items():
        chosen = estimates.loc[(estimates["spec"] == spec) & (estimates["level"] != "own")]
        for record in chosen.to_dict("records"):
            region = record["region_code"] if isinstance(record["region_code"], str) else None
            place = panel if region is None else panel.loc[panel["region_code"] == region]
            price = dose_cost(place, lever)
            if np.isfinite(price) and float(record["estimate"]) > 0:
                rows.append(_row(lever, region, price, {str(key): value for key, value in record.items()}))
    return pd.DataFrame(rows, columns=list(COST_COLUMNS))


def dose_cost(panel: pd.DataFrame, lever: str) -> float:
    """Return what the dose costs per officer and half-year, rupiah in prices of 2024; NaN where unknown."""
    if lever == "budget":
        return float(panel["budget_per_head"].mean()) * MILLION / HALF_YEARS * BUDGET_DOSE_SHARE
    partner = panel["hours_partner"] / panel["training_hours"].where(panel["training_hours"] > 0)
    share = float(partner.clip(0, 1).mean())
    own, with_partner = float(panel["cost_per_hour_own"].mean()), float(panel["cost_per_hour_partner"].mean())
    if not np.isfinite(with_partner) or not np.isfinite(share):
        share, with_partner = 0.0, 0.0
    return TRAINING_DOSE_HOURS * THOUSAND * ((1 - share) * own + share * with_partner)


def _row(lever: str, region: str | None, price: float, record: dict[str, object]) -> dict[str, object]:
    low, high = float(record["conf_low"]), float(record["conf_high"])  # type: ignore[arg-type]
    return {
        "lever": lever,
        "region_code": region,
        "dose_cost": price,
        "cost": price / float(record["estimate"]),  # type: ignore[arg-type]
        "conf_low": price / high,
        "conf_high": price / low if low > 0 else float("inf"),
        "bounded": low > 0,
        "n_units": record["n_units"],
    }
