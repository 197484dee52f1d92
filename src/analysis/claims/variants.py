"""The other defensible ways to compute an effect, by name, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims.effects import Effect, Estimated, in_unit
from analysis.claims.records import EffectSpec, Rules
from analysis.diagnostics import specification_curve
from analysis.diagnostics.falsification import estimate_of
from analysis.estimators import fit
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Check
from analysis.spec import Spec

# Eight of nine elements carry the effect where U4 does not move: on the scale of the full index that is 8/9.
WITHOUT_U4 = 8 / 9
# A mean over two half-years that moves by one needs twice the hours of one half-year.
STOCK_OVER_FLOW = 2.0
LEARNER = {"learner": "ridge", "repetitions": 3, "folds": 5, "seed": 20_260_101}
JOINT_DRAWS = 499
# Beyond this the joint resamples take minutes, and with so many units signs alone say enough.
JOINT_TEST_ROWS = 6000
FIGURES = ("estimate", "std_error", "conf_low", "conf_high")

Variant = Mapping[str, Any] | Spec


def variants_of(effect: EffectSpec, main: Spec, columns: Mapping[str, str]) -> dict[str, Variant]:
    """Return the variants of `effect` as changes of its main specification.

    Parameters
    ----------
    effect
        The declared effect.
    main
        Its main specification.
    columns
        Outcome column by node.

    Raises
    ------
    KeyError
        For a variant that is not defined here.
    """
    return {name: _variant(name, effect, main, columns) for name in effect.variants}


def _variant(name: str, effect: EffectSpec, main: Spec, columns: Mapping[str, str]) -> Variant:
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
        "double_ml": {"estimator": "double_ml", "options": LEARNER},
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


def variant_effects(estimated: Estimated, spec: Spec, columns: Mapping[str, str]) -> tuple[Effect, ...]:
    """Return the national estimate under every variant; their spec is named ``<spec>:<variant>``."""
    effect = estimated.spec
    listed = variants_of(effect, spec, columns)
    return tuple(_estimate(estimated.frame, effect, spec, name, listed[name]) for name in sorted(listed))


def _estimate(frame: pd.DataFrame, effect: EffectSpec, spec: Spec, name: str, change: Variant) -> Effect:
    fields = {} if isinstance(change, Spec) else dict(change)
    scale = float(fields.pop("scale", 1.0))
    term = str(fields.pop("term", effect.treatments[0] if isinstance(change, Spec) else effect.term))
    result = fit(frame, change if isinstance(change, Spec) else replace(spec, **fields))
    key, found = f"{effect.key}:{name}", estimate_of(result, term)
    if found is None:
        return Effect(key, "national", None, None, result.reason)
    row = {column: found[column] for column in ESTIMATE_COLUMNS} | {
        column: scale * float(found[column]) for column in FIGURES
    }
    return Effect(key, "national", None, in_unit(row, effect))


def agreement(
    estimated: Estimated, spec: Spec, columns: Mapping[str, str], rules: Rules
) -> tuple[Check, tuple[Effect, ...]]:
    """Compare the main estimate with the other defensible specifications.

    Returns
    -------
    tuple
        A check named ``"specification_curve"`` (for linear specifications with a joint test, otherwise by signs alone)
        and the estimates.
    """
    effects = variant_effects(estimated, spec, columns)
    main = estimated.effects[("national", None)].row
    known = [effect.row for effect in effects if effect.row is not None]
    if main is None or not known:
        return Check("specification_curve", None, Message("claims.check_result.no_variants")), effects
    linear = spec.estimator == "fixed_effects" and not spec.moderators
    if linear and len(estimated.frame) <= JOINT_TEST_ROWS:
        listed = variants_of(estimated.spec, spec, columns)
        return specification_curve(estimated.frame, spec, listed, draws=JOINT_DRAWS).check, effects
    return _by_signs(float(main["estimate"]), [float(row["estimate"]) for row in known], rules), effects


def _by_signs(main: float, others: Sequence[float], rules: Rules) -> Check:
    ratios = np.asarray(others) / main
    share = float((ratios > 0).mean())
    passed = share >= rules.agreement
    values = {"share": share, "n": len(ratios), "ratio_low": float(ratios.min()), "ratio_high": float(ratios.max())}
    key = f"claims.check_result.variants_{'agree' if passed else 'differ'}"
    return Check("specification_curve", passed, Message(key, values), share)
