"""What the study stage works out for reports: choices, measures, graphs, and what a study may bring of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.catalog import load_catalog
from analysis.claims import claims_sha256
from analysis.measures import exact_share_interval
from analysis.measures.complaints import restricted_mean_error
from analysis.messages import Message
from analysis.panel import period_index, period_label
from analysis.paths import catalog_dir
from analysis.policy.tables import withheld_units
from analysis.results import NO_CHOICES
from analysis.study import measured
from analysis.study.build import method_breaks
from analysis.study.choices import comparison_table, own_budgets, own_scenarios
from analysis.study.graphs import catalog_of_study, graph_table
from analysis.study.slices import decoded, encoded

UNITS = pd.DataFrame(
    {"unit_id": ["a", "b"], "region_code": "82", "unit_name": ["A", "B"], "service_type": "umum", "headcount": [20, 12]}
)


def officers(counts: dict[str, int], **more: object) -> pd.DataFrame:
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    rows = pd.DataFrame({"position_type": kinds, "education": "S1", "performance": "good", "discipline": "none"})
    rows["nip"] = [f"n{i}" for i in range(len(rows))]
    return rows.assign(unit_id=["a", "b"] * (len(rows) // 2) + ["a"] * (len(rows) % 2), region_code="82", **more)


def one(rows, measure, group=None):
    return next(r for r in rows if r["measure"] == measure and (group is None or r.get("group") == group))


def test_professionalism_is_told_by_position_and_small_groups_are_not() -> None:
    table = officers({"functional": 30, "executive": 14, "structural": 4})
    training = pd.DataFrame(
        {"nip": ["n0"], "form": ["classroom"], "topic": ["Kearsipan"], "hours": [24.0], "period": ["2024-S1"]}
    )
    rows = list(measured.professionalism_rows(table, training, 2024))
    # 15 for a first degree, 25 for good performance, 5 for discipline; one officer has 15 for 24 hours.
    assert one(rows, "professionalism_without_training", "all")["value"] == 45
    assert one(rows, "professionalism", "functional")["value"] == pytest.approx(45 + 15 / 30)
    groups = {row["group"] for row in rows if row["measure"] == "professionalism"}
    # Four structural officers are too few; the next smallest group goes with them.
    assert groups == {"all", "functional"}


def test_without_records_by_officer_only_the_part_without_training_is_told() -> None:
    rows = list(measured.professionalism_rows(officers({"functional": 20}), None, 2024))
    assert {row["measure"] for row in rows} == {"professionalism_without_training"}


def test_a_category_of_few_officers_is_withheld_with_another() -> None:
    table = officers({"functional": 30})
    table.loc[:2, "performance"], table.loc[3:9, "education"] = "very_good", "S2"
    hours = pd.DataFrame({"nip": ["n0"] * 2, "form": ["classroom", "seminar"], "topic": ["Fungsional", "x"]})
    rows = list(measured.professionalism_rows(table, hours.assign(hours=30.0, period="2024-S1"), 2024))
    shares = {row["group"]: row["value"] for row in rows if row["measure"] == "professionalism_category"}
    told = [value for value in shares.values() if np.isfinite(value)]
    assert all(value * 30 >= 5 for value in told)
    assert len(shares) - len(told) != 1


@pytest.mark.parametrize(
    ("counts", "shown"),
    [([12, 3, 20], [False, False, True]), ([3, 4, 20], [False, False, True]), ([3], [False]), ([11, 12], [True, True])],
)
def test_a_single_small_group_takes_the_next_smallest_with_it(counts, shown) -> None:
    assert measured.may_be_told(counts, 10).tolist() == shown


def test_the_duty_counts_officers_without_records_as_having_none() -> None:
    training = pd.DataFrame(
        {"unit_id": ["a", "a", "b"], "region_code": "82", "nip": ["n1", "n1", "n2"], "hours": [12.0, 9.0, 19.0],
         "period": ["2024-S1", "2024-S2", "2024-S1"]}
    )  # fmt: skip
    rows = list(measured.duty_rows(training, UNITS, 2024))
    assert one(rows, "officers_with_annual_hours")["value"] == pytest.approx(1 / 32)
    assert one(rows, "units_with_annual_hours")["value"] == 0


def budget() -> pd.DataFrame:
    return pd.DataFrame(
        {"unit_id": ["a", "b"], "region_code": "82", "year": [2024, 2024], "training_budget": [3e6, 1e6],
         "total_budget": [6e8, 4e8], "realised": [2e6, 1.2e6]}
    )  # fmt: skip


def test_the_budget_share_is_of_the_units_or_of_the_whole_region(tmp_path: Path) -> None:
    rows = list(measured.budget_rows(budget(), UNITS, load_catalog(), {}))
    share = one(rows, "budget_share_net", "units")
    assert (share["value"], share["reference"]) == (pytest.approx(0.004), 0.0034)
    # Prices of December 2024, to which the year's own prices are brought.
    assert one(rows, "budget_per_officer")["value"] == pytest.approx(3.2e6 / 32, rel=0.02)
    text = {"82": {"total_expenditure": 2.0e9, "year": 2024}}
    (tmp_path / "regions.yml").write_text(yaml.safe_dump(text))
    told = own_budgets(tmp_path, load_catalog())
    rows = list(measured.budget_rows(budget(), UNITS, load_catalog(), told))
    assert one(rows, "budget_share_net", "region")["value"] == pytest.approx(0.002)


def test_gross_stands_beside_net_where_personnel_was_taken_out() -> None:
    table = budget().assign(personnel=[1e6, 0.0], maintenance=0.0)
    rows = list(measured.budget_rows(table, UNITS, load_catalog(), {}))
    assert one(rows, "budget_share_gross")["value"] == pytest.approx(0.005)
    assert one(rows, "budget_share_net")["value"] == pytest.approx(0.004)


def test_complaints_have_their_exact_interval_and_open_cases_count() -> None:
    received = pd.to_datetime(["2024-01-02"] * 12)
    closed = pd.to_datetime(["2024-01-06"] * 8 + ["2024-02-20"] * 3 + [None])
    cases = pd.DataFrame({"region_code": "82", "received_on": received, "closed_on": closed})
    rows = list(measured.complaint_rows(cases))
    share = one(rows, "complaints_in_time")
    assert (share["conf_low"], share["conf_high"]) == pytest.approx(exact_share_interval(8, 12))
    days = one(rows, "response_days")
    assert days["conf_low"] < days["value"] < days["conf_high"]


def test_the_error_of_the_mean_response_time_is_that_of_a_mean_without_open_cases() -> None:
    days = np.random.default_rng(4).integers(1, 40, 300).astype(float)
    # Without censoring Greenwood's formula is the plain standard error of a mean (divisor n).
    assert restricted_mean_error(days, np.ones(300, bool)) == pytest.approx(days.std() / np.sqrt(300), rel=1e-9)
    draws = np.random.default_rng(5).choice(days, (2000, 300)).mean(axis=1)
    assert restricted_mean_error(days, np.ones(300, bool)) == pytest.approx(draws.std(), rel=0.06)  # 2000 draws: 1.6%


def test_reliability_has_feldts_interval() -> None:
    rng = np.random.default_rng(6)
    items = rng.normal(0, 1, (200, 1)) + rng.normal(0, 1, (200, 8))
    answers = pd.DataFrame(items, columns=list(measured.LEADERSHIP_ITEMS))
    answers = answers.assign(unit_id=np.repeat([f"u{i}" for i in range(10)], 20), region_code="82")
    rows = list(measured.reliability_rows(answers.assign(period=["2024-S1", "2024-S2"] * 100)))
    found = one(rows, "leadership_reliability", "respondents")
    # Eight items with correlation one half have an alpha of 8/9.
    assert found["conf_low"] < 8 / 9 < found["conf_high"]
    assert found["value"] == pytest.approx(8 / 9, abs=0.03)


def test_a_unit_with_few_answers_and_the_next_smallest_are_withheld() -> None:
    rows = pd.DataFrame({"unit_id": list("abcd"), "period": "2024-S1", "index": 80.0, "n_respondents": [9, 40, 12, 50]})
    assert withheld_units(rows, "2024-S1") == ("a", "c")
    assert withheld_units(rows.assign(n_respondents=30), "2024-S1") == ()


OWN = """
more_for_all:
  label: {id: Tambah 5 JP untuk semua, en: Five more hours for all}
  question: {id: "Bagaimana?", en: "How?"}
  changes: [{term: training_hours, kind: add, amount: 5, unit: jp_per_half_year}]
  target: {kind: all}
  cost: {kind: none}
  claims: [training_raises_quality]
"""


def test_a_study_may_bring_scenarios(tmp_path: Path) -> None:
    assert "more_for_all" not in own_scenarios(tmp_path)
    (tmp_path / "scenarios.yml").write_text(OWN)
    found = own_scenarios(tmp_path)
    assert found["more_for_all"].changes[0].amount == 5
    assert set(own_scenarios(tmp_path / "none")) < set(found)


def test_a_changed_graph_is_drawn_hashed_and_told(tmp_path: Path) -> None:
    catalog = load_catalog()
    plain = graph_table(catalog).set_index("claim")["graph"]
    assert plain["training_raises_quality"]["identified"]
    assert "leadership" in plain["training_raises_quality"]["adjust"]
    graph = yaml.safe_load((catalog_dir() / "graph.yml").read_text(encoding="utf-8"))
    # If the supply of trainers moved quality by itself, nothing could close that path: no table records it.
    graph["quality"]["causes"].append("trainers")
    (tmp_path / "graph.yml").write_text(yaml.safe_dump(graph, allow_unicode=True), encoding="utf-8")
    with catalog_of_study(tmp_path, catalog) as changed:
        found = graph_table(changed).set_index("claim")["graph"]["training_raises_quality"]
        assert claims_sha256(changed.folder) != claims_sha256(catalog.folder)
    assert not found["identified"]
    assert found["blocked_by"] == ["trainers", "training"]
    assert found["open_path"] == ["training", "trainers", "quality", "measured_quality"]
    kinds = {(edge["from"], edge["to"]): edge["kind"] for edge in found["edges"]}
    assert (kinds["trainers", "training"], kinds["trainers", "quality"]) == ("blocked", "open")
    assert {edge[end] for edge in found["edges"] for end in ("from", "to")} <= {node["id"] for node in found["nodes"]}


def test_half_years_before_a_change_of_method_are_not_compared() -> None:
    assert method_breaks({"method_breaks": ["2023-S1", "2021-S2"]}) == ("2021-S2", "2023-S1")
    rng, start = np.random.default_rng(8), period_index("2021-S1")
    rows = [
        (f"r{r}", f"r{r}-{u}", start + t, period_label(start + t), 80 + rng.normal() + 9.0 * (t >= 4 and r == 0))
        for r in range(6) for u in range(2) for t in range(10)
    ]  # fmt: skip
    panel = pd.DataFrame(rows, columns=["region_code", "unit_id", "period_index", "period", "index"])
    whole, later = comparison_table(panel), comparison_table(panel, ("2023-S1",))
    assert (whole["first"][0], later["first"][0], later["last"][0]) == ("2021-S1", "2023-S1", "2025-S2")
    assert whole["beyond"][0] > 4 > abs(later["beyond"][0])


def test_tables_with_sentences_are_stored_and_read_unchanged() -> None:
    said = Message("policy.no_extra_cost").as_dict()
    row = dict.fromkeys(NO_CHOICES["scenarios"]) | {"region_code": "82", "notes": [said], "cost_sentence": None}
    frame = pd.DataFrame([row | {"sentence": said, "label": {"id": "a", "en": "b"}}])
    back = decoded(encoded(frame).copy())
    assert back["notes"][0] == [said]
    assert back["label"][0] == {"id": "a", "en": "b"}
    assert back["cost_sentence"][0] is None


def test_a_kernel_that_reports_loads_no_solver_and_no_estimator() -> None:
    heavy = ("scipy", "sklearn", "statsmodels", "diff_diff", "networkx", "analysis.estimators", "analysis.ingest")
    code = (
        f"import sys\nimport analysis.report, analysis.study\nprint([name for name in {heavy} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
