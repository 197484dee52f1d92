"""The best use of the present budget: present against advised hours, gain, chance, limits, worth of better data."""

from __future__ import annotations

import math
from typing import Any

from analysis.catalog import load_catalog
from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import estimate_source, msg, number, records, region_name
from analysis.report.sections.cycle import MINIMUM_SHARE, SMALLEST_UNIT
from analysis.report.sections.descriptions import of_division
from analysis.results import StudyResults

LIMITS = ("budget", "trainer_days", "minimum_hours", "maximum_hours", "form_hours", "minimum_spend", "equity")
COLUMNS = (
    *(("label", "text"), ("hours_now", "n1"), ("hours", "n1"), ("cost_now", "rp"), ("cost", "rp"), ("price", "rp")),
    *(("effect", "s2"), ("effect_margin", "n2")),
)
"""Figures of a form and their formats."""
CERTAIN = 0.99
"""A share of draws is never told as certainty."""


def best_use(results: StudyResults, region_code: str) -> Block:
    """Return the advised use of the present budget against the present use, by form and by kind of service."""
    table = results.allocation
    rows = records(table[table["region_code"] == region_code])
    row = rows[0] if rows else {"status": "refused", "reason": None, "notes": [], "remedies": []}
    solved = number(row.get("gain")) is not None
    place = region_name(region_code)
    lead = _lead(row) if solved else _without(row, place)
    return Block(
        id="best_use",
        kind="table",
        data={
            "gain": _gain(row) if solved else None,
            "columns": [
                {"name": name, "label": msg(f"best_use.column_{name}"), "format": form} for name, form in COLUMNS
            ],
            "rows": _forms(results, region_code) if solved else [],
            "groups": _groups(results, region_code) if solved else [],
            "units": _units(results, region_code) if solved else [],
            "facts": _facts(row, region_code) if solved else [],
            "worth": _worth(row) if solved else [],
            "remedies": row["remedies"] or [],
            "assumptions": row["notes"] or [],
        },
        text={"title": msg("best_use.title"), "lead": lead, "note": msg("best_use.note")},
        alt=of_division(_forms(results, region_code), lead) if solved else lead,
        source=(*estimate_source("training"), msg("source.prices")) if solved else estimate_source(None),
        sample=_sample(row, place),
        privacy={"minimum_officers": SMALLEST_UNIT},
    )


def _sample(row: dict[str, Any], name: str) -> Message:
    if number(row.get("officers")) is None:
        return msg("sample.none")
    return msg("sample.officers", n=int(row["n_units"]), officers=row["officers"], region=name)


def _without(row: dict[str, Any], name: str) -> Message:
    return msg("best_use.none", region=name, reason=row["reason"] or msg("best_use.no_reason"))


def _gain(row: dict[str, Any]) -> dict[str, Any]:
    chance = min(max(float(row["probability_better"]), 1 - CERTAIN), CERTAIN)
    return {
        "label": msg("best_use.gain"),
        "estimate": row["gain"],
        "conf_low": row["conf_low"],
        "conf_high": row["conf_high"],
        "probability_better": chance,
    }


def _lead(row: dict[str, Any]) -> Message:
    gain = _gain(row)
    key = "better" if gain["conf_low"] > 0 else "unsure"
    values = {"estimate": gain["estimate"], "low": gain["conf_low"], "high": gain["conf_high"]}
    return msg(f"best_use.{key}", **values, probability=gain["probability_better"], budget=row["budget"])


def _forms(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return every form with lesson hours per officer and year now and as advised, the largest change first."""
    table = results.allocation_forms
    rows = records(table[table["region_code"] == region_code])
    officers = float(results.allocation.set_index("region_code")["officers"].to_dict()[region_code])
    found = [
        {
            "form": row["form"],
            "label": row["label"],
            "hours_now": row["hours_now"] / officers,
            "hours": row["hours"] / officers,
            "cost_now": row["cost_now"],
            "cost": row["cost"],
            "price": row["cost_per_hour"],
            "own_price": bool(row["own_price"]),
            # Ten lesson hours more a year are five more in each half-year.
            "effect": 5 * row["effect"],
            "effect_margin": 5 * 1.96 * row["effect_error"],
        }
        for row in rows
    ]
    return sorted(found, key=lambda item: (-abs(item["hours"] - item["hours_now"]), item["form"]))


def _groups(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return kinds of service with lesson hours and rupiah per officer and year; those of few officers together."""
    table = results.allocation_units
    here = table[table["region_code"] == region_code].copy()
    here["lesson_hours_now"], here["lesson_hours"] = (here[name] * here["headcount"] for name in ("hours_now", "hours"))
    sums = here.groupby("service_type")[["lesson_hours_now", "lesson_hours", "cost"]].sum()
    units = here.drop_duplicates("unit_id").groupby("service_type")["headcount"].agg(["sum", "size"])
    return [
        {
            "name": str(kind),
            "n_units": int(units["size"][kind]),
            "officers": float(units["sum"][kind]),
            "hours_now": float(sums["lesson_hours_now"][kind] / units["sum"][kind]),
            "hours": float(sums["lesson_hours"][kind] / units["sum"][kind]),
            "cost": float(sums["cost"][kind]),
        }
        for kind in sorted(sums.index)
        if units["sum"][kind] >= SMALLEST_UNIT
    ]


def _units(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return units with lesson hours per officer and year now and as advised, the largest change first."""
    table = results.allocation_units
    here = table[table["region_code"] == region_code]
    sums = here.groupby(["unit_id", "unit_name"], sort=True)[["hours_now", "hours", "cost"]].sum().reset_index()
    rows = [
        {"name": row["unit_name"], **{name: float(row[name]) for name in ("hours_now", "hours", "cost")}}
        for row in sums.to_dict("records")
    ]
    return sorted(rows, key=lambda row: (-abs(row["hours"] - row["hours_now"]), row["name"]))


def _facts(row: dict[str, Any], region_code: str) -> list[Message]:
    """Return the limits that were kept, and which of them bind."""
    level = load_catalog().region(region_code).level
    said = [
        msg("best_use.money", budget=row["budget"], spend=row["spend"]),
        msg("best_use.days", days=_whole(row["trainer_days"]), used=_whole(row["days_used"])),
        msg("best_use.hours", hours=row["minimum_hours"], n=int(row["n_below_now"]), of=int(row["n_units"])),
        msg("best_use.equity", share=row["equity_share"]),
    ]
    if number(row["minimum_spend"]):
        said.append(msg("best_use.minimum_spend", share=MINIMUM_SHARE[level], amount=row["minimum_spend"]))
    binding = [msg(f"best_use.limit_{name}") for name in str(row["binding"] or "").split("|") if name in LIMITS]
    return [*said, msg("best_use.binding", limits={"list": binding})] if binding else said


def _worth(row: dict[str, Any]) -> list[Message]:
    """Return how fragile the advice is, and what knowing the effects better would be worth."""
    return [
        msg("best_use.regret", chosen=row["expected_regret"], present=row["present_regret"]),
        msg("best_use.fragile", promised=row["fragile_gain"], gain=row["gain"]),
        msg("best_use.halved", value=row["value_of_halved_errors"], perfect=row["value_of_perfect_information"]),
    ]


def _whole(days: float | None) -> float | None:
    """Return days as they are shown: what a solver leaves beyond is not the same on every machine."""
    return None if days is None or not math.isfinite(days) else float(round(days))
