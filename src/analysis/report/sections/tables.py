"""Plain tables for analysts: how complete the data are, and every estimate behind a report."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.report.blocks import Block
from analysis.report.sections._common import (
    estimate_id,
    estimate_source,
    msg,
    number,
    period,
    records,
    region_name,
    study_sample,
)
from analysis.report.sections.answer import claim_ids
from analysis.report.sections.evidence import effect_ids
from analysis.results import StudyResults

COVERED = ("index", "training_hours_now", "leadership", "budget_per_head", "complaints_n", "professionalism_core")
"""One column of the panel for each table that an office may send."""
ESTIMATE_COLUMNS = (
    "id",
    "spec",
    "level",
    "term",
    "estimate",
    "interval",
    "std_error",
    "n_obs",
    "n_units",
    "n_clusters",
)

TOLD_BY_ID = ("spec", "level", "term")


def coverage(results: StudyResults, region_code: str) -> Block:
    """Return the share of the region's units with data, by half-year and kind of data."""
    panel = results.panel[results.panel["region_code"] == region_code]
    held = [name for name in COVERED if name in panel.columns]
    share = panel[held].notna().groupby(panel["period"]).mean().reset_index()
    columns = [{"name": "period", "label": msg("coverage.period"), "format": "text"}]
    columns += [{"name": name, "label": msg(f"coverage.{name}"), "format": "p0"} for name in held]
    rows = [row | {"period": period(row["period"])} for row in records(share)]
    return _table("coverage", columns, rows, results, region_code, n_units=int(panel["unit_id"].nunique()))


def estimates_table(results: StudyResults, region_code: str) -> Block:
    """Return every estimate behind the region's report: national, pooled and its own."""
    return _estimates("estimates", results, region_code, results.estimates)


def linked_estimates(results: StudyResults, region_code: str) -> Block:
    """Return the estimates that a report points to, one row for each number with a link; the files hold all."""
    linked = effect_ids(results, region_code) | claim_ids(results, region_code)
    table = results.estimates
    ids = [estimate_id(*told) for told in zip(table["spec"], table["level"], table["region_code"], strict=True)]
    return _estimates("estimate_rows", results, region_code, table[[name in linked for name in ids]])


def _estimates(name: str, results: StudyResults, region_code: str, table: pd.DataFrame) -> Block:
    chosen = table[table["region_code"].isna() | (table["region_code"] == region_code)]
    rows = [_estimate_row(row) for row in records(chosen.sort_values(["spec", "level", "term"], kind="stable"))]
    formats = {"estimate": "s3", "std_error": "n3", "n_obs": "n0", "n_units": "n0", "n_clusters": "n0"}
    shown = [column for column in ESTIMATE_COLUMNS if name == "estimates" or column not in TOLD_BY_ID]
    columns = [
        {"name": column, "label": msg(f"estimates.{column}"), "format": formats.get(column, "text")} for column in shown
    ]
    return _table(name, columns, rows, results, region_code, n=len(rows))


def _estimate_row(row: dict[str, Any]) -> dict[str, Any]:
    low, high = number(row["conf_low"]), number(row["conf_high"])
    interval = msg("interval.n2", low=low, high=high) if low is not None and high is not None else "–"
    kept = {name: row[name] for name in ESTIMATE_COLUMNS if name not in ("id", "interval", "level")}
    kept["id"] = estimate_id(row["spec"], row["level"], row["region_code"])
    return kept | {"level": msg(f"estimates.level_{row['level']}"), "interval": interval}


def _table(
    name: str, columns: list[dict[str, Any]], rows: list[dict[str, Any]], results: StudyResults, code: str, **lead: Any
) -> Block:
    return Block(
        id=name,
        kind="table",
        data={"columns": columns, "rows": rows},
        text={"title": msg(f"{name}.title", region=region_name(code)), "lead": msg(f"{name}.lead", **lead)},
        alt=msg("table.alt", n=len(rows), n_columns=len(columns)),
        source=(msg("source.files"),) if name == "coverage" else estimate_source(None),
        sample=study_sample(results, code if name == "coverage" else None),
    )
