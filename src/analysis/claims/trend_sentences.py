"""Verdict and sentence for the claim that satisfaction has risen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.claims.effects import Effect, Level
from analysis.claims.records import Rules
from analysis.claims.sentences import joined, number
from analysis.claims.verdict import Evidence, Judgement, Verdict
from analysis.messages import Message


def judge_trend(
    evidence: Evidence, effects: Mapping[tuple[Level, str | None], Effect], panel: pd.DataFrame, rules: Rules
) -> Judgement:
    """Apply the verdict rules to a trend.

    A region's satisfaction *has risen* if its own line rises by more than its noise, and beyond the other regions' line
    by more than noise; if only the second holds, it is a hint. The nation's has risen if its years rise by more than
    they scatter.
    """
    row = evidence.row
    own = effects.get(("own", evidence.region)) if evidence.region is not None else None
    line = own.row if own is not None and own.row is not None else row
    change = float(line["estimate"])
    significant = float(row["p_value"]) <= rules.level
    beyond_noise = float(line["p_value"]) <= rules.level
    alone = evidence.adjusted_p_value <= rules.level
    verdict = _verdict(float(row["estimate"]), change, significant, alone and beyond_noise)
    place = "national" if evidence.region is None else "region"
    state = verdict if verdict != "weakly_supported" else "supported"
    sentence = Message(f"claims.trend.{place}.{state}", _values(evidence, change, panel))
    weak = verdict == "weakly_supported"
    many = Message("claims.cap.multiplicity", {"n": evidence.n_claims}) if weak and not alone else None
    noise = Message("claims.cap.own_noise") if weak and not beyond_noise else None
    hint = Message("claims.weak") if weak else None
    half_width = (float(row["conf_high"]) - float(row["conf_low"])) / 2
    strength = int(half_width <= evidence.claim.smallest) + int(verdict in ("supported", "contradicted"))
    return Judgement(verdict, strength, joined(hint, sentence, noise, many))


def _verdict(beyond: float, change: float, significant: bool, clean: bool) -> Verdict:
    if not significant:
        return "cannot_tell"
    if beyond > 0 and change > 0:
        return "supported" if clean else "weakly_supported"
    return "contradicted" if clean and beyond < 0 and change < 0 else "cannot_tell"


def _values(evidence: Evidence, change: float, panel: pd.DataFrame) -> dict[str, Any]:
    claim, row = evidence.claim, evidence.row
    rows = panel if evidence.region is None else panel.loc[panel["region_code"] == evidence.region]
    known = rows.dropna(subset=["index"])["period"]
    return {
        "change": number(claim, change, signed=True),
        "size": number(claim, abs(change)),
        "beyond": number(claim, float(row["estimate"]), signed=True),
        "margin": number(claim, (float(row["conf_high"]) - float(row["conf_low"])) / 2),
        "low": number(claim, float(row["conf_low"])),
        "high": number(claim, float(row["conf_high"])),
        "first": half_year(str(known.min())),
        "last": half_year(str(known.max())),
        "units": int(row["n_units"]),
    }


def half_year(period: str) -> Message:
    """Return a half-year in words."""
    year, half = period.split("-S")
    return Message(f"claims.period.s{half}", {"year": year})
