"""Rules that need the whole study, or published figures, beyond what each file says by itself."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.catalog import Catalog, load_catalog
from analysis.ingest import StudyInput
from analysis.ingest.findings import finding
from analysis.published import load_published
from analysis.results import Finding

OFFICERS_INDICATOR = "civil_servants_in_province"
BUDGET_INDICATORS = ("regional_budget", "expenditure_budget_original", "expenditure_budget_revised")
# Published totals are rounded, of another date and sometimes of another source; within this share nothing is said.
PUBLISHED_TOLERANCE = 0.05
MOST_LISTED = 10


def check_study(study: StudyInput, published: pd.DataFrame | None = None) -> tuple[Finding, ...]:
    """Check the tables of a study against each other and against published totals.

    Parameters
    ----------
    study
        What `analysis.ingest.read_study` returned.
    published
        Published figures with ``region_code, year, indicator, value``; the project's own by default.

    Returns
    -------
    tuple of Finding
        Warnings; what makes a file unusable was refused when it was read.
    """
    catalog, tables, summaries = load_catalog(), study.tables, study.summaries
    figures = load_published(catalog) if published is None else published
    files = {name: _file(study, name) for name in (*tables, *summaries)}
    found = [
        *_headcount(tables, figures, catalog, files),
        *_budget(tables, figures, files),
        *_training_cost({**tables, **summaries}, files),
        *_without_answers(tables, summaries, files),
    ]
    return tuple(found)


def _file(study: StudyInput, table: str) -> str:
    return ", ".join(str(item["name"]) for item in study.files if item["table"] == table)


def _headcount(
    tables: Mapping[str, pd.DataFrame], figures: pd.DataFrame, catalog: Catalog, files: Mapping[str, str]
) -> list[Finding]:
    """Compare the officers of all units of a province with the published number of civil servants in it."""
    if "units" not in tables:
        return []
    units = tables["units"]
    provinces = units["region_code"].map(lambda code: catalog.region(code).province_code)
    counted = units["headcount"].groupby(provinces).sum()
    known = _latest(figures, (OFFICERS_INDICATOR,))
    return [
        finding("warning", files["units"], "headcount_above_published", column="headcount", value=f"{total:.0f}",
                region=catalog.region(code).name, total=float(total), published=known[code])
        for code, total in counted.items()
        if code in known and total > known[code] * (1 + PUBLISHED_TOLERANCE)
    ]  # fmt: skip


def _budget(tables: Mapping[str, pd.DataFrame], figures: pd.DataFrame, files: Mapping[str, str]) -> list[Finding]:
    """Compare the units' budgets of a year with the published budget of their region."""
    if not {"units", "budget"} <= set(tables):
        return []
    region = tables["units"].set_index("unit_id")["region_code"]
    budget = tables["budget"].assign(region_code=tables["budget"]["unit_id"].map(region))
    summed = budget.groupby(["region_code", "year"])["total_budget"].sum()
    chosen = figures[figures["indicator"].isin(BUDGET_INDICATORS)]
    known = chosen.groupby(["region_code", "year"])["value"].max()
    both = pd.DataFrame({"summed": summed, "published": known}).dropna()
    over = both[both["summed"] > both["published"] * (1 + PUBLISHED_TOLERANCE)]
    return [
        finding("warning", files["budget"], "budget_above_published", column="total_budget",
                value=f"{row['summed']:.0f}", region=row["region_code"], year=int(row["year"]),
                total=row["summed"], published=row["published"])
        for row in over.reset_index().to_dict("records")
    ]  # fmt: skip


def _latest(figures: pd.DataFrame, indicators: tuple[str, ...]) -> dict[str, float]:
    chosen = figures[figures["indicator"].isin(indicators)].sort_values("year")
    return dict(zip(chosen["region_code"], chosen["value"].astype(float), strict=True))


def _training_cost(tables: Mapping[str, pd.DataFrame], files: Mapping[str, str]) -> list[Finding]:
    """Compare the cost of a unit's training records in a year with its whole budget."""
    if not {"training", "budget"} <= set(tables):
        return []
    training = tables["training"]
    year = training["period"].str[:4].astype(float)
    spent = training["cost"].groupby([training["unit_id"], year.rename("year")]).sum()
    total = tables["budget"].groupby(["unit_id", "year"])["total_budget"].sum()
    both = pd.DataFrame({"spent": spent, "total": total}).dropna()
    over = both[both["spent"] > both["total"]].reset_index()
    return [
        finding("warning", files["training"], "cost_above_budget", column="cost", value=f"{row['spent']:.0f}",
                unit=row["unit_id"], year=int(row["year"]), spent=row["spent"], total=row["total"])
        for row in over.to_dict("records")
    ]  # fmt: skip


def _without_answers(
    tables: Mapping[str, pd.DataFrame], summaries: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> list[Finding]:
    """Name the units of which no survey answer came in."""
    survey = summaries.get("survey", tables.get("survey"))
    if "units" not in tables or survey is None:
        return []
    silent = sorted(set(tables["units"]["unit_id"]) - set(survey["unit_id"]))
    if not silent:
        return []
    listed = silent[:MOST_LISTED]
    return [finding("warning", files["units"], "units_without_answers", column="unit_id", n=len(silent), units=listed)]
