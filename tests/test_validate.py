"""Rules across the tables of a study and against published totals."""

from __future__ import annotations

import pandas as pd
import pytest

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


def described(item) -> dict:
    """Place and values of a finding."""
    return {"severity": item.severity, "column": item.column, "value": item.value, **item.message.values}


def test_a_headcount_finding_says_what_was_compared() -> None:
    (found,) = check_study(study(units=UNITS), PUBLISHED)
    assert described(found) == {
        "severity": "warning", "column": "headcount", "value": "55000", "region": "Maluku Utara", "total": 55_000.0,
        "published": 46_255.0,
    }  # fmt: skip


def test_a_budget_finding_says_what_was_compared() -> None:
    budget = pd.DataFrame(
        {"unit_id": ["A1", "A1", "A2"], "year": [2024, 2023, 2024], "total_budget": [4e12, 9e12, 1e12]}
    )
    (found,) = check_study(study(units=UNITS.assign(headcount=100), budget=budget), PUBLISHED)
    assert described(found) == {
        "severity": "warning", "column": "total_budget", "value": "4000000000000", "region": "82", "year": 2024,
        "total": 4e12, "published": 3.5e12,
    }  # fmt: skip


def test_a_cost_finding_says_what_was_compared() -> None:
    budget = pd.DataFrame({"unit_id": ["A1", "A1"], "year": [2023, 2023], "total_budget": [6e8, 4e8]})
    training = pd.DataFrame({"unit_id": ["A1", "A1"], "period": ["2023-S1", "2023-S2"], "cost": [6e8, 5e8]})
    (found,) = check_study(study(training=training, budget=budget), PUBLISHED)
    assert found.file == "training.csv"
    assert described(found) == {
        "severity": "warning", "column": "cost", "value": "1100000000", "unit": "A1", "year": 2023, "spent": 1.1e9,
        "total": 1e9,
    }  # fmt: skip
    even = training.assign(cost=[5e8, 5e8])
    assert check_study(study(training=even, budget=budget), PUBLISHED) == ()


@pytest.mark.parametrize(("share", "named"), [(1.04, False), (1.06, True), (0.97, False)])
def test_published_totals_have_a_tolerance(share: float, named: bool) -> None:
    units = UNITS.iloc[:1].assign(headcount=round(46_255 * share))
    assert bool(check_study(study(units=units), PUBLISHED)) == named
    budget = pd.DataFrame({"unit_id": ["A1"], "year": [2024], "total_budget": [3.5e12 * share]})
    assert bool(check_study(study(units=units.assign(headcount=1), budget=budget), PUBLISHED)) == named


def test_at_the_tolerance_nothing_is_said() -> None:
    published = PUBLISHED.assign(value=[20_000.0, 2e12])
    units = UNITS.iloc[:1].assign(headcount=21_000)
    budget = pd.DataFrame({"unit_id": ["A1"], "year": [2024], "total_budget": [2.1e12]})
    assert check_study(study(units=units, budget=budget), published) == ()


def test_the_latest_number_and_the_largest_budget_count() -> None:
    later = pd.DataFrame(
        [("82", 2024, "civil_servants_in_province", 90_000.0), ("82", 2024, "expenditure_budget_original", 5e12),
         ("82", 2024, "regional_budget", 1e12), ("82", 2024, "other", 9e12)],
        columns=PUBLISHED.columns,
    )  # fmt: skip
    figures = pd.concat([later, PUBLISHED], ignore_index=True)
    assert check_study(study(units=UNITS), figures) == ()
    budget = pd.DataFrame({"unit_id": ["A1"], "year": [2024], "total_budget": [5.5e12]})
    (found,) = check_study(study(units=UNITS.assign(headcount=1), budget=budget), figures)
    assert found.message.values["published"] == 5e12


def test_silent_units_are_counted_and_few_are_listed() -> None:
    units = pd.DataFrame({"unit_id": [f"A{n:02d}" for n in range(14)], "region_code": "82", "headcount": 1})
    survey = pd.DataFrame({"unit_id": ["A13"], "period": ["2024-S1"]})
    (found,) = check_study(study(units=units, survey=survey), PUBLISHED)
    listed = [f"A{n:02d}" for n in range(10)]
    assert described(found) == {"severity": "warning", "column": "unit_id", "value": None, "n": 13, "units": listed}
    summed = StudyInput({"units": units}, (), (), {"survey": survey})
    assert check_study(summed, PUBLISHED)[0].message.values["n"] == 13
    everyone = units[["unit_id"]].assign(period="2024-S1")
    assert check_study(study(units=units, survey=everyone), PUBLISHED) == ()
    assert check_study(study(units=units), PUBLISHED) == ()
    assert check_study(study(survey=survey), PUBLISHED) == ()


def test_sums_stand_in_for_records_and_several_files_are_named() -> None:
    budget = pd.DataFrame({"unit_id": ["A1"], "year": [2023], "total_budget": [1e9]})
    training = pd.DataFrame({"unit_id": ["A1"], "period": ["2023-S1"], "cost": [2e9]})
    files = tuple({"name": name, "table": "training", "rows": 1} for name in ("a.csv", "b.csv"))
    found = check_study(StudyInput({"budget": budget}, (), files, {"training": training}), PUBLISHED)
    assert [(item.rule, item.file) for item in found] == [("cost_above_budget", "a.csv, b.csv")]


def test_published_figures_are_the_projects_own_by_default() -> None:
    units = UNITS.assign(headcount=10**6)
    assert rules(check_study(study(units=units))) == [("headcount_above_published", "units.csv")]


def test_sample_study_agrees_with_itself() -> None:
    found = check_study(read_study(sample_dir()))
    assert {item.severity for item in found} <= {"warning"}
    for item in found:
        assert item.message.id
        assert item.message.en
