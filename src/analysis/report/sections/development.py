"""Measures of development beside the legal minima: professionalism, hours, budget, complaints, reliability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import known, msg, number, records, region_name
from analysis.results import StudyResults

COLUMNS = ("title", "label", "value", "range", "sample")
LEAST_RELIABILITY = 0.7
"""Reliability below which an index is said to register its changes poorly (Nunnally 1978)."""
CATEGORIES = ("very_high", "high", "medium", "low", "very_low")


@dataclass(frozen=True)
class Told:
    """How a measure is told.

    Parameters
    ----------
    form
        Format of its value, see `analysis.messages.format_value`.
    scale
        Factor to what is told.
    last
        Whether only its last period is told.
    counted
        What `n` counts: a key of ``report.development.counted_<name>``.
    """

    form: str
    counted: str
    scale: float = 1.0
    last: bool = True


MEASURES: Mapping[str, Told] = {
    "officers_with_annual_hours": Told("p0", "officers"),
    "units_with_annual_hours": Told("p0", "units"),
    "hours_by_form": Told("n1", "officers"),
    "budget_per_officer": Told("rp", "officers", last=False),
    "budget_share_net": Told("p2", "units"),
    "budget_share_gross": Told("p2", "units"),
    "professionalism": Told("n1", "officers"),
    "professionalism_without_training": Told("n1", "officers"),
    "professionalism_training_part": Told("n1", "officers"),
    "professionalism_category": Told("p0", "officers"),
    "complaints_in_time": Told("p0", "cases", last=False),
    "response_days": Told("n1", "cases", last=False),
    "leadership_reliability": Told("n2", "staff"),
    "resistance_reliability": Told("n2", "staff"),
}
"""Measures in the order in which they are told."""
YEARS = 3
"""Years shown of what is told by year."""


def development(results: StudyResults, region_code: str) -> Block:
    """Return the measures of a region with interval and sample, beside the legal minima."""
    table = results.measures
    found = records(table[table["region_code"] == region_code])
    rows = [row for name, told in MEASURES.items() for row in _rows(name, told, found)]
    place = region_name(region_code)
    lead = _lead(found) if rows else msg("development.none", region=place)
    return Block(
        id="development",
        kind="table",
        data={
            "columns": [{"name": n, "label": msg(f"development.column_{n}"), "format": "text"} for n in COLUMNS],
            "rows": rows,
        },
        text={"title": msg("development.title"), "lead": lead, "note": msg("development.note")},
        alt=lead,
        source=(msg("source.records"),),
        sample=msg("sample.measures", region=place) if rows else msg("sample.none"),
        privacy={"minimum_officers": 10},
    )


def _rows(name: str, told: Told, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [row for row in found if row["measure"] == name]
    periods = sorted({row["period"] for row in rows})[-1 if told.last else -YEARS :]
    shown = [row for row in rows if row["period"] in periods]
    if name == "professionalism_category":
        shown.sort(key=lambda row: CATEGORIES.index(row["group"]))
    return [_row(name, told, row) for row in shown]


def _row(name: str, told: Told, row: dict[str, Any]) -> dict[str, Any]:
    value, low, high = (number(row[key]) for key in ("value", "conf_low", "conf_high"))
    return {
        "measure": name,
        "title": msg(f"development.{name}", period=_when(row["period"])),
        "label": _label(name, row),
        "value": _number(told, value) if value is not None else msg("development.withheld"),
        "range": _range(told, low, high) if low is not None and high is not None else _minimum(row),
        "sample": msg(f"development.counted_{told.counted}", n=row["n_units"] if told.counted == "units" else row["n"]),
        "share": value if told.form == "p0" else None,
    }


def _when(period: str) -> Any:
    return {"period": period} if "-S" in period else period


def _label(name: str, row: dict[str, Any]) -> Any:
    if row["label"] is not None:
        return row["label"]
    key = f"development.group_{row['group']}"
    if row["group"] is not None and known(key):
        return msg(key)
    return msg("development.year", year=_when(row["period"]))


def _number(told: Told, value: float) -> Message:
    return msg(f"development.as_{told.form}", value=value * told.scale)


def _range(told: Told, low: float, high: float) -> Message:
    return msg(f"development.range_{told.form}", low=low * told.scale, high=high * told.scale)


def _minimum(row: dict[str, Any]) -> Message:
    """Return the legal minimum beside a share of the budget; else that it is a full count."""
    if str(row["measure"]).startswith("budget_share"):
        return msg("development.minimum", share=row["reference"])
    return msg("development.full_count")


def _lead(found: list[dict[str, Any]]) -> Message:
    """Return the two duties in one sentence: the lesson hours and the budget, as far as they are known."""
    hours = _last(found, "officers_with_annual_hours")
    share = _last(found, "budget_share_net")
    parts = []
    if hours is not None:
        parts.append(msg("development.lead_hours", share=hours["value"], required=hours["reference"]))
    if share is not None:
        key = "met" if share["value"] >= share["reference"] else "missed"
        of = msg(f"development.of_{share['group']}")
        parts.append(msg(f"development.lead_{key}", share=share["value"], minimum=share["reference"], of=of))
    if not parts:
        return msg("development.lead")
    return msg("development.both", first=parts[0], second=parts[1]) if len(parts) > 1 else parts[0]


def _last(found: list[dict[str, Any]], measure: str) -> dict[str, Any] | None:
    rows = [row for row in found if row["measure"] == measure and number(row["value"]) is not None]
    return max(rows, key=lambda row: row["period"], default=None)
