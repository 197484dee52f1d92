"""Predictions beside what careful studies found elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.messages import Message
from analysis.policy.records import Evidence, Scenario, benchmarks

if TYPE_CHECKING:
    from analysis.policy.cost import Interval

EXPECTED_SD = (0.05, 0.20)
"""What is left of an individual effect of 0.6 SD in a unit's index (assumption, see docs/policy.md): the share of staff
trained, times what is applied at work, times the share of the index that rests on conduct."""


@dataclass(frozen=True)
class ExpectedRange:
    """Change of the index that training individuals would lead one to expect, index points."""

    low: float
    high: float


def index_spread(panel: pd.DataFrame) -> float:
    """Return the standard deviation between units of their mean index."""
    return float(panel.groupby("unit_id")["index"].mean().std(ddof=1))


def expected_range(spread: float) -> ExpectedRange:
    """Return the expected range in index points for a given spread between units."""
    return ExpectedRange(EXPECTED_SD[0] * spread, EXPECTED_SD[1] * spread)


def compare_with_evidence(scenario: Scenario, change: Interval, spread: float) -> pd.DataFrame:
    """Set a prediction beside the confirmed findings that the scenario names.

    Parameters
    ----------
    scenario
        Names the findings; unconfirmed ones are left out.
    change
        Predicted mean change, index points.
    spread
        See `index_spread`; findings in standard deviations are compared on this scale.

    Returns
    -------
    pandas.DataFrame
        evidence, study, year, source, role, direction, effect, effect_unit, predicted_sd, predicted_sd_low,
        predicted_sd_high, sentence (a `Message` as dict), in the scenario's order.
    """
    known = benchmarks()
    rows = [_compare(known[key], change, spread) for key in scenario.evidence if key in known]
    names = ["evidence", "study", "year", "source", "role", "direction", "effect", "effect_unit"]
    return pd.DataFrame(rows, columns=[*names, "predicted_sd", "predicted_sd_low", "predicted_sd_high", "sentence"])


def _compare(found: Evidence, change: Interval, spread: float) -> dict[str, Any]:
    predicted, low, high = (value / spread for value in (change.estimate, change.conf_low, change.conf_high))
    return {
        "evidence": found.key,
        "study": found.study,
        "year": found.year,
        "source": found.source,
        "role": found.role,
        "direction": found.direction,
        "effect": found.effect,
        "effect_unit": found.effect_unit,
        "predicted_sd": predicted,
        "predicted_sd_low": low,
        "predicted_sd_high": high,
        "sentence": _sentence(found, predicted, low, high).as_dict(),
    }


def _sentence(found: Evidence, predicted: float, low: float, high: float) -> Message:
    values = {
        "study": found.study,
        "year": found.year,
        "id_text": f"{found.treatment_id} → {found.outcome_id} ({found.setting_id})",
        "en_text": f"{found.treatment_en} → {found.outcome_en} ({found.setting_en})",
    }
    if found.role == "upper_bound" and found.effect is not None and found.effect_unit == "sd":
        key = "above_bound" if low > found.effect else "bound_inside" if high > found.effect else "below_bound"
        return Message(f"policy.evidence_{key}", values | {"effect": found.effect, "predicted": predicted})
    if found.role == "no_effect":
        return Message("policy.evidence_none", values)
    agrees = {"positive": low > 0, "negative": high < 0}.get(found.direction)
    against = {"positive": high < 0, "negative": low > 0}.get(found.direction, False)
    key = "agrees" if agrees else "against" if against else "open"
    return Message(f"policy.evidence_{key}", values)
