"""What one index point costs with each lever, per officer and year, for the cards of a region."""

from __future__ import annotations

import math
from typing import Any

from analysis.report.sections._common import msg, number, records
from analysis.results import StudyResults


def lever_costs(results: StudyResults, region_code: str) -> dict[str, dict[str, Any]]:
    """Return the cost of one more index point by lever, those without price or positive effect left out.

    Training and budget are priced with the region's own records, leadership with the programme of a scenario.

    Returns
    -------
    dict
        ``estimate, conf_low, conf_high`` (rupiah per officer and year), ``sentence`` and ``basis``. `conf_high` is
        None where the effect's interval reaches zero: then no amount is sure to buy a point.
    """
    table = results.lever_costs
    return {
        str(row["lever"]): _told(row["estimate"], row["conf_low"], row["conf_high"], row["basis"])
        for row in records(table[table["region_code"] == region_code])
    }


def _told(estimate: float, low: float, high: float, basis: str) -> dict[str, Any]:
    figures = {"estimate": number(estimate), "conf_low": number(low), "conf_high": number(high)}
    key = "cost" if figures["conf_high"] is not None else "cost_open"
    values = {name: _told_to(value) for name, value in (("estimate", estimate), ("low", low), ("high", high))}
    return figures | {"sentence": msg(f"levers.{key}", **values), "basis": msg(f"levers.cost_{basis}")}


def _told_to(amount: float, digits: int = 2) -> float:
    """Return an amount to two significant digits: prices and effects are not known better."""
    return float(f"{amount:.{digits}g}") if math.isfinite(amount) else amount
