"""What to teach next: the weakest elements of units, noise taken into account, and topics that address them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.report.blocks import Block
from analysis.report.sections._common import (
    MIN_RESPONDENTS,
    msg,
    period,
    records,
    region_name,
    survey_source,
    unit_index,
)
from analysis.report.sections.quality import disclosable
from analysis.results import StudyResults

TOP_CELLS = 10
NEEDED = {"index", "index_std_error", "n_respondents", "headcount", "u1"}


def curriculum(results: StudyResults, region_code: str) -> Block:
    """Return the ten weakest cells of unit and element, and the training topics that address them.

    Means are pulled towards those of the region's other units by how noisy they are, so that a few bad answers do not
    lead the list. Units withheld in `priorities` are withheld here.
    """
    cells, topics, other = _planned(results, region_code)
    name = region_name(region_code)
    lead = msg("curriculum.lead", n=len(topics), cells=len(cells)) if cells else msg("curriculum.none", region=name)
    return Block(
        id="curriculum",
        kind="table",
        data={"cells": cells, "topics": topics, "other": other},
        text={"title": msg("curriculum.title"), "lead": lead, "note": msg("curriculum.note")},
        alt=lead,
        source=survey_source(),
        sample=msg("sample.region_now", region=name, period=period(results.meta["last_period"])),
        privacy={"minimum": MIN_RESPONDENTS},
    )


def _planned(
    results: StudyResults, region_code: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    from analysis.policy import cells_from_panel, plan_curriculum, priority_list, priority_matrix

    at = str(results.meta["last_period"])
    shown, _ = disclosable(unit_index(results, region_code, at))
    names = {row["unit_id"]: row["unit_name"] for row in shown}
    panel = results.panel
    if not set(panel.columns) >= NEEDED or not names:
        return [], [], []
    units = panel[(panel["region_code"] == region_code) & panel["unit_id"].isin(list(names))]
    listed = priority_list(priority_matrix(cells_from_panel(units, at)), top=TOP_CELLS)
    officers = units.groupby("unit_id")["headcount"].last()
    planned = plan_curriculum(listed, {str(unit): float(number) for unit, number in officers.items()})
    return _cells(listed, names), _topics(planned.topics), _other(planned.other)


def _cells(listed: pd.DataFrame, names: dict[Any, str]) -> list[dict[str, Any]]:
    return [
        {
            "unit": names[row["unit_id"]],
            "element": msg(f"element.{row['element']}"),
            "value": row["shrunken"],
            "n": int(row["n"]),
            "gap": row["gap"],
        }
        for row in records(listed)
    ]


def _topics(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "label": _wording(row["sentence"]["values"]),
            "elements": {"list": [msg(f"element.{name}") for name in row["elements"].split("|")]},
            "units": int(row["units"]),
            "officers": row["officers"],
            "share": row["weight"],
        }
        for row in records(table)
    ]


def _wording(values: dict[str, Any]) -> dict[str, str]:
    return {"id": values["id_text"], "en": values["en_text"]}


def _other(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"remedy": msg(f"curriculum.other_{row['element']}", n=int(row["units"]))}
        for row in records(table)
        if row["element"] in ("U1", "U4", "U9")
    ]
