"""What to teach next: the weakest elements of units, noise taken into account, and topics that address them."""

from __future__ import annotations

from typing import Any

from analysis.report.blocks import Block
from analysis.report.sections._common import (
    MIN_RESPONDENTS,
    msg,
    number,
    period,
    records,
    region_name,
    survey_source,
    unit_index,
)
from analysis.report.sections.quality import disclosable
from analysis.results import StudyResults

TOP_CELLS = 10
NOT_TRAINED = ("U1", "U4", "U9")
"""Elements that training hardly moves: requirements, fees, facilities."""


def curriculum(results: StudyResults, region_code: str) -> Block:
    """Return the ten weakest cells of unit and element, topics that address them, and what became of the last list.

    Means are pulled towards those of the region's other units by how noisy they are, so that a few bad answers do not
    lead the list. Units withheld in `priorities` are withheld here.
    """
    cells = _cells(results, region_code)
    rows = records(results.curriculum[results.curriculum["region_code"] == region_code]) if cells else []
    topics = [_topic(row) for row in rows if row["kind"] == "topic"]
    name = region_name(region_code)
    lead = msg("curriculum.lead", n=len(topics), cells=len(cells)) if cells else msg("curriculum.none", region=name)
    return Block(
        id="curriculum",
        kind="table",
        data={
            "cells": cells,
            "topics": topics,
            "other": [_other(row) for row in rows if row["kind"] == "other" and row["elements"] in NOT_TRAINED],
            "follow_up": follow_up(results, region_code),
        },
        text={"title": msg("curriculum.title"), "lead": lead, "note": msg("curriculum.note")},
        alt=lead,
        source=survey_source(),
        sample=msg("sample.region_now", region=name, period=period(_period(results, region_code))),
        privacy={"minimum": MIN_RESPONDENTS},
    )


def _period(results: StudyResults, region_code: str) -> str:
    here = results.priorities[results.priorities["region_code"] == region_code]
    return str(here["period"].iloc[0]) if len(here) else str(results.meta["last_period"])


def _cells(results: StudyResults, region_code: str) -> list[dict[str, Any]]:
    """Return the first cells of the list whose units may be told."""
    here = results.priorities[results.priorities["region_code"] == region_code].sort_values("rank")
    shown, _ = disclosable(unit_index(results, region_code, _period(results, region_code)))
    names = {row["unit_id"]: row["unit_name"] for row in shown}
    return [
        {
            "unit": names[row["unit_id"]],
            "element": msg(f"element.{row['element']}"),
            "value": row["shrunken"],
            "n": int(row["n"]),
            "gap": row["gap"],
        }
        for row in records(here)
        if row["unit_id"] in names
    ][:TOP_CELLS]


def _topic(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row["label"],
        "elements": {"list": [msg(f"element.{name}") for name in row["elements"].split("|")]},
        "units": int(row["units"]),
        "officers": row["officers"],
        "share": row["weight"],
    }


def _other(row: dict[str, Any]) -> dict[str, Any]:
    return {"remedy": msg(f"curriculum.other_{row['elements']}", n=int(row["units"]))}


def follow_up(results: StudyResults, region_code: str) -> dict[str, Any] | None:
    """Return what became of the list of a year before, beyond what comes back by itself; None without any survey."""
    rows = records(results.follow_up[results.follow_up["region_code"] == region_code])
    if not rows or rows[0]["sentence"] is None:
        return None
    row = rows[0]
    return {
        "period": period(row["period_before"]) if row["period_before"] else None,
        "sentence": row["sentence"],
        "excess": number(row["excess"]),
        "p_value": number(row["p_value"]),
        "closed_more": bool(row["closed_more"]),
    }
