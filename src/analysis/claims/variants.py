"""The other defensible ways to compute an effect, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.claims.records import EffectSpec
from analysis.spec import Spec

# Eight of nine elements carry the effect where U4 does not move: on the scale of the full index that is 8/9.
WITHOUT_U4 = 8 / 9
# A mean over two half-years that moves by one needs twice the hours of one half-year.
STOCK_OVER_FLOW = 2.0


def variants_of(effect: EffectSpec, main: Spec, columns: Mapping[str, str]) -> dict[str, Mapping[str, Any] | Spec]:
    """Return the variants of `effect` as changes of its main specification.

    Parameters
    ----------
    effect
        The declared effect; unknown names of variants raise KeyError when the catalog is tested.
    main
        Its main specification.
    columns
        Outcome column by node.
    """
    return {name: _variant(name, effect, main, columns) for name in effect.variants}


def _variant(name: str, effect: EffectSpec, main: Spec, columns: Mapping[str, str]) -> Mapping[str, Any] | Spec:
    added = {"with_resistance": "resistance", "with_budget": "log_budget", "with_leadership": "leadership"}
    if name in added:
        return {"controls": (*main.controls, added[name])}
    if name == "two_way_fixed_effects":
        return two_way(effect, columns[effect.outcome])
    known: dict[str, Mapping[str, Any]] = {
        "uncorrected": {},
        "unweighted": {"weights": None},
        "without_u4": {"outcome": "index_without_u4", "scale": WITHOUT_U4},
        "without_controls": {"controls": effect.contrast},
        "hours_now": {"treatments": ("training_hours_now",), "term": "training_hours_now", "scale": STOCK_OVER_FLOW},
        "past_index": {"controls": (*main.controls, "index_before")},
        "never_treated": {"options": {**main.options, "comparison": "never_treated"}},
    }
    return known[name]


def two_way(effect: EffectSpec, outcome: str) -> Spec:
    """Return two-way fixed effects with a 0/1 programme: right only if the effect is the same at all times."""
    return Spec(
        "fixed_effects",
        outcome,
        effect.treatments,
        unit="unit_id",
        time="region_period",
        cluster="unit_id",
        weights=effect.weights,
    )
