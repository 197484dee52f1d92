"""Small panels with round numbers, so that results can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.policy import Effects, Scenario, Target
from analysis.policy.records import Change, CostRule

REGIONS = ("15.09", "82", "96.71")
FREE = CostRule("none")


def small_panel(units: int = 6, periods: int = 4) -> pd.DataFrame:
    """Three regions; hours between 5 and 30 JP, leadership between 2 and 4, index between 70 and 86."""
    rng = np.random.default_rng(7)
    rows = []
    for r, region in enumerate(REGIONS):
        for u in range(units):
            for t in range(periods):
                rows.append(
                    {
                        "region_code": region,
                        "unit_id": f"{region}-{u:02d}",
                        "unit_name": f"Puskesmas {u}" if u % 2 else f"Dinas {u}",
                        "service_type": "Kesehatan" if u % 2 else "Arsip",
                        "headcount": 20.0 + u,
                        "period": f"202{t // 2}-S{t % 2 + 1}",
                        "period_index": t,
                        "n_respondents": 50,
                        "index": 70.0 + 2 * u + r + 0.5 * t,
                        "index_std_error": 1.0,
                        "training_hours": 5.0 + 3 * u + t,
                        "training_matched": 1.0 + u,
                        "hours_seminar": 2.0 + u / 2,
                        "hours_mentoring": 1.0 + t / 2,
                        "leadership": 2.0 + 0.3 * u + 0.05 * t,
                        "resistance": 3.0,
                        "cost_per_hour_own": 50.0 + rng.normal(0, 2),
                    }
                )
    return pd.DataFrame(rows)


def some_effects(terms: tuple[str, ...] = ("training_hours",), mean: float = 0.05, error: float = 0.02) -> Effects:
    """Effects of three regions that share their mean."""
    size = len(REGIONS) * len(terms)
    values = mean + 0.01 * np.arange(size).reshape(len(REGIONS), len(terms))
    vcov = error**2 * (0.7 * np.eye(size) + 0.3)
    return Effects(REGIONS, terms, values, vcov)


def scenario(*changes: Change, target: Target | None = None, cost: CostRule = FREE, **more: object) -> Scenario:
    from analysis.catalog import Text

    text = Text("teks", "text")
    return Scenario("trial", text, text, changes, target or Target("all"), cost, **more)  # type: ignore[arg-type]


def add(term: str, amount: float, unit: str = "jp_per_half_year") -> Change:
    return Change(term, "add", amount, unit)  # type: ignore[arg-type]
