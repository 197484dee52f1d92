"""The tables of a release: every estimate behind a report, and the verdicts, as CSV."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from analysis.disclosure import neutral
from analysis.exports import EXPLAINED
from analysis.messages import Message
from analysis.report.sections import estimate_id
from analysis.results import StudyResults

CLAIM_COLUMNS = EXPLAINED["claims.csv"]
SIGNIFICANT_DIGITS = 6


def region_estimates(results: StudyResults, code: str) -> pd.DataFrame:
    """Return every estimate behind a region's report: its own, pooled and national ones, in a stable order.

    The first column, ``id``, names a row for good; the pages link to it.
    """
    table = results.estimates
    shown = table[(table["region_code"] == code) | table["region_code"].isna()]
    shown = shown.sort_values(["spec", "level", "term"], kind="stable").reset_index(drop=True)
    names = [estimate_id(spec, level, code) for spec, level in zip(shown["spec"], shown["level"], strict=True)]
    shown.insert(0, "id", names)
    return shown


def region_claims(results: StudyResults, code: str) -> pd.DataFrame:
    """Return the verdict on each claim for a region, with unit and reason in Indonesian and in English."""
    rows = results.verdicts[results.verdicts["region_code"] == code].copy()
    reasons, units = list(rows["reason"]), list(rows["unit"])
    for ending, lang in (("", "id"), ("_en", "en")):
        rows[f"reason{ending}"] = [Message(item["key"], item["values"]).text(lang) for item in reasons]
        rows[f"unit{ending}"] = [unit[lang] if unit else "" for unit in units]
    return rows.loc[:, list(CLAIM_COLUMNS)].reset_index(drop=True)


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, floats to six significant digits: more of them differ between processors."""
    return table.map(_plain).to_csv(index=False, lineterminator="\n")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.{SIGNIFICANT_DIGITS}g}"
    return neutral(value)


def to_json(value: Any) -> str:
    """Return plain data as JSON with a stable layout."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
