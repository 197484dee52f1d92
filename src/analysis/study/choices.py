"""What every region can choose, worked out once for all regions, so that a report only reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.catalog import Catalog, load_records
from analysis.claims import cost_per_point
from analysis.ingest import StudyInput
from analysis.panel import period_index, period_label
from analysis.policy import (
    Advice,
    Scenario,
    Settings,
    advise_region,
    basis_of_advice,
    compare_regions,
    cost_by_form,
    load_scenarios,
)
from analysis.policy.records import HALF_YEARS
from analysis.policy.tables import advice_tables, withheld_units
from analysis.results import NO_CHOICES

LEADERSHIP_SCENARIO = "leadership_lowest_third"
"""Leadership support has no price in the tables; the programme of this scenario has one."""
PRICED_COLUMNS = {"budget_per_head", "hours_partner", "training_hours", "cost_per_hour_own", "cost_per_hour_partner"}
COST_FIGURES = {"estimate": "cost", "conf_low": "conf_low", "conf_high": "conf_high"}
SCENARIOS_FILE = "scenarios.yml"
REGIONS_FILE = "regions.yml"
SOLVED_DRAWS = 24
"""Draws of the effects whose best use is worked out for the regret: with more of them it moves in the third digit."""


@dataclass(frozen=True)
class RegionBudget:
    """What a region says of its budget, in the study's ``regions.yml``.

    Parameters
    ----------
    region
        Region code.
    budget
        Rupiah a year for competence development, prices of 2024; what the present use costs by default.
    trainer_days
        Trainer-days a year; what the present use takes by default.
    total_expenditure
        Rupiah of total regional expenditure in a year, for the legal minimum share.
    year
        Year of `total_expenditure`.
    """

    region: str
    budget: float | None = None
    trainer_days: float | None = None
    total_expenditure: float | None = None
    year: int | None = None


def study_choices(
    directory: Path,
    catalog: Catalog,
    panel: pd.DataFrame,
    estimates: pd.DataFrame,
    verdicts: pd.DataFrame,
    study_input: StudyInput,
    breaks: Sequence[str] = (),
) -> dict[str, pd.DataFrame]:
    """Return the tables of choices of `analysis.results.StudyResults`.

    Parameters
    ----------
    directory
        The study's folder: ``scenarios.yml`` adds scenarios of its own or replaces the catalog's, ``regions.yml`` tells
        what regions can spend.
    catalog
        For the level of each region.
    panel, estimates, verdicts
        Tables of the results.
    study_input
        The study's tables, for the regions' own records of cost.
    breaks
        Half-years from which satisfaction was measured in another way.
    """
    basis = basis_of_advice(panel, estimates, verdicts, own_scenarios(directory))
    budgets, prices = own_budgets(directory, catalog), own_prices(study_input)
    regions = sorted(str(code) for code in panel["region_code"].unique())
    advices = (
        advise_region(
            code, catalog.region(code).level, basis, _settings(budgets.get(code), prices.get(code)), withheld_units
        )
        for code in regions
    )
    programmes: list[dict[str, Any]] = []
    tables = advice_tables(_noting_programmes(advices, programmes), basis)
    lever_costs = lever_cost_table(panel, estimates, programmes)
    return {**tables, "lever_costs": lever_costs, "comparison": comparison_table(panel, breaks)}


def lever_cost_table(
    panel: pd.DataFrame, estimates: pd.DataFrame, programmes: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """Return what one more index point costs with each lever, see `analysis.results.StudyResults.lever_costs`.

    Training and budget are priced with the region's own records, leadership with the programme of a scenario, whose
    rows are `programmes`.
    """
    rows = [dict(row) for row in programmes]
    if set(panel.columns) >= PRICED_COLUMNS:
        table = cost_per_point(estimates, panel).dropna(subset=["region_code"])
        for row in table.to_dict("records"):
            figures = {new: HALF_YEARS * row[old] for new, old in COST_FIGURES.items()}
            rows.append({"region_code": row["region_code"], "lever": row["lever"], **figures, "basis": "own"})
    table = pd.DataFrame(rows, columns=list(NO_CHOICES["lever_costs"]))
    return table.sort_values(["region_code", "lever"], kind="stable", ignore_index=True)


def _noting_programmes(advices: Iterable[Advice], programmes: list[dict[str, Any]]) -> Iterator[Advice]:
    """Pass advice on, one region at a time, and note what its leadership programme costs per point."""
    for advice in advices:
        for result in advice.results:
            found = result.cost.per_officer_point if result.cost else None
            if result.scenario == LEADERSHIP_SCENARIO and found is not None:
                figures = {name: getattr(found, name) for name in COST_FIGURES}
                row = {"region_code": advice.region_code, "lever": "leadership", **figures, "basis": "scenario"}
                programmes.append(row)
        yield advice


def own_scenarios(directory: Path) -> Mapping[str, Scenario]:
    """Return the catalog's scenarios with those of a study.

    Raises
    ------
    CatalogError
        For the first mistake, naming file, entry and field.
    """
    path = directory / SCENARIOS_FILE
    return load_scenarios(path) if path.is_file() else load_scenarios()


def own_budgets(directory: Path, catalog: Catalog) -> dict[str, RegionBudget]:
    """Return what regions say of their budgets, by code.

    Raises
    ------
    CatalogError
        For the first mistake, naming file, entry and field.
    UsageError
        If a region is unknown.
    """
    path = directory / REGIONS_FILE
    found = load_records(path, RegionBudget) if path.is_file() else {}
    for code in found:
        catalog.region(code)
    return found


def own_prices(study_input: StudyInput) -> dict[str, dict[str, float]]:
    """Return the median cost per lesson hour by form of the regions with records of cost, rupiah of 2024."""
    training = study_input.tables.get("training")
    if training is None or not {"period", "form", "hours", "cost"} <= set(training.columns):
        return {}
    regions = study_input.tables["units"].drop_duplicates("unit_id").set_index("unit_id")["region_code"]
    groups = training.groupby(training["unit_id"].map(regions), sort=True)
    return {str(code): {str(form): float(cost) for form, cost in cost_by_form(rows).items()} for code, rows in groups}


def _settings(budget: RegionBudget | None, prices: Mapping[str, float] | None) -> Settings:
    known = Settings(solved_draws=SOLVED_DRAWS, cost_per_hour=prices or None)
    if budget is None:
        return known
    return replace(
        known,
        budget=budget.budget,
        trainer_days=budget.trainer_days,
        total_expenditure=budget.total_expenditure,
    )


def comparison_table(panel: pd.DataFrame, breaks: Sequence[str] = ()) -> pd.DataFrame:
    """Return every region's rise beyond its synthetic counterpart, with the half-years that are compared."""
    starts = [period_index(at) for at in breaks]
    table = compare_regions(panel, starts)
    compared = panel["index"].notna() & (panel["period_index"] >= max(starts, default=0))
    periods = sorted(panel.loc[compared, "period_index"].unique())
    names = [period_label(int(number)) for number in periods]
    ends: dict[str, list[str | None]] = {"first": [], "split": [], "last": []}
    for after in table["n_after"]:
        known = pd.notna(after)
        ends["first"].append(names[0] if known else None)
        ends["split"].append(names[-int(after)] if known else None)
        ends["last"].append(names[-1] if known else None)
    return table.join(pd.DataFrame(ends, index=table.index))[list(NO_CHOICES["comparison"])]
