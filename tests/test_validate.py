"""Rules across the tables of a study and against published totals."""

from __future__ import annotations

import pandas as pd

from analysis.ingest import StudyInput, read_study
from analysis.paths import sample_dir
from analysis.validate import check_study

UNITS = pd.DataFrame(
    {
        "unit_id": ["A1", "A2"],
        "region_code": ["82", "82.72"],
        "unit_name": ["Dinas", "Badan"],
        "service_type": ["Umum", "Umum"],
        "headcount": [30_000, 25_000],
    }
)
PUBLISHED = pd.DataFrame(
    [("82", 2023, "civil_servants_in_province", 46_255.0), ("82", 2024, "expenditure_budget_revised", 3.5e12)],
    columns=["region_code", "year", "indicator", "value"],
)


def study(**tables: pd.DataFrame) -> StudyInput:
    return StudyInput(tables, (), tuple({"name": f"{name}.csv", "table": name, "rows": 1} for name in tables))


def rules(found) -> list[tuple[str, str]]:
    return [(item.rule, item.file) for item in found]


def test_headcount_above_the_published_number() -> None:
    found = check_study(study(units=UNITS), PUBLISHED)
    assert rules(found) == [("headcount_above_published", "units.csv")]
    assert found[0].severity == "warning"
    assert found[0].message.values["total"] == 55_000
    assert "46.255" in found[0].message.id
    assert check_study(study(units=UNITS.assign(headcount=100)), PUBLISHED) == ()


def test_budgets_above_the_published_budget() -> None:
    budget = pd.DataFrame(
        {"unit_id": ["A1", "A2"], "year": [2024, 2024], "training_budget": 1e9, "total_budget": 4e12, "realised": 1e9}
    )
    units = UNITS.assign(headcount=100)
    assert rules(check_study(study(units=units, budget=budget), PUBLISHED)) == [
        ("budget_above_published", "budget.csv")
    ]
    assert check_study(study(units=units, budget=budget.assign(total_budget=1e12)), PUBLISHED) == ()


def test_training_that_costs_more_than_the_unit_has() -> None:
    budget = pd.DataFrame(
        {"unit_id": ["A1"], "year": [2023], "training_budget": [1e8], "total_budget": [1e9], "realised": [1e8]}
    )
    training = pd.DataFrame({"unit_id": ["A1", "A1"], "period": ["2023-S1", "2023-S2"], "cost": [6e8, 5e8]})
    found = check_study(study(training=training, budget=budget), PUBLISHED)
    assert rules(found) == [("cost_above_budget", "training.csv")]
    assert check_study(study(training=training.assign(cost=1e8), budget=budget), PUBLISHED) == ()


def test_units_without_answers_are_named() -> None:
    survey = pd.DataFrame({"unit_id": ["A1"], "period": ["2024-S1"]})
    found = check_study(study(units=UNITS.assign(headcount=10), survey=survey), PUBLISHED)
    assert rules(found) == [("units_without_answers", "units.csv")]
    assert found[0].message.values["units"] == ["A2"]


def test_sample_study_agrees_with_itself() -> None:
    found = check_study(read_study(sample_dir()))
    assert {item.severity for item in found} <= {"warning"}
    for item in found:
        assert item.message.id
        assert item.message.en
