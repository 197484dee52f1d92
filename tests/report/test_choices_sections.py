"""The sections that show what a region can choose, and on what it rests."""

from __future__ import annotations

import dataclasses

import pytest
from tests.report.conftest import FULL, NO_DATA, REGIONS

from analysis.messages import LANGUAGES
from analysis.report import best_use, causal_graph, development, next_cycle, trend
from analysis.report.render import fragment


def test_the_best_use_tells_gain_chance_limits_and_worth(results):
    block = best_use(results, FULL)
    gain = block.data["gain"]
    assert gain["conf_low"] < gain["estimate"] < gain["conf_high"]
    assert 0 <= gain["probability_better"] <= 0.99
    said = {item["key"] for item in (*block.data["facts"], *block.data["worth"])}
    assert {f"report.best_use.{name}" for name in ("money", "days", "hours", "equity", "halved", "regret")} <= said
    assert [row["form"] for row in block.data["rows"]]
    assert block.text["lead"].key == f"report.best_use.{'better' if gain['conf_low'] > 0 else 'unsure'}"


def test_advised_hours_cost_no_more_than_the_budget_and_agree_across_tables(results):
    table = results.allocation.set_index("region_code").loc[FULL]
    forms = best_use(results, FULL).data["rows"]
    assert sum(row["cost"] for row in forms) <= table["budget"] * (1 + 1e-6)
    assert sum(row["cost"] for row in forms) == pytest.approx(table["spend"], rel=1e-5)
    groups = best_use(results, FULL).data["groups"]
    per_officer = sum(row["hours"] * row["officers"] for row in groups) / sum(row["officers"] for row in groups)
    assert per_officer == pytest.approx(sum(row["hours"] for row in forms), rel=1e-5)


def test_without_an_answer_the_reason_is_told(results):
    block = best_use(results, NO_DATA)
    assert block.data["gain"] is None
    assert block.data["rows"] == []
    assert block.text["lead"].key == "report.best_use.none"


def test_units_withheld_elsewhere_are_not_told_in_scenarios(results):
    rows = {row["scenario"]: row for row in next_cycle(results, FULL).data["scenarios"]}
    units = rows["more_hours_front_line"]["units"]
    names = {unit["name"] for unit in units}
    # The unit with six respondents and the one with the next fewest.
    assert "Dinas Contoh 4" not in names
    assert len(names) == 12
    gained = [unit["gained"] or 0.0 for unit in units]
    assert gained == sorted(gained, reverse=True)
    assert rows["more_hours_front_line"]["evidence"]


def test_measures_stand_beside_their_minimum_and_withheld_ones_say_so(results):
    block = development(results, FULL)
    rows = {(row["measure"], row["label"]["key"]): row for row in block.data["rows"]}
    share = rows["budget_share_net", "report.development.group_units"]
    assert share["range"]["key"] == "report.development.minimum"
    category = rows["professionalism_category", "report.development.group_very_high"]
    assert category["value"]["key"] == "report.development.withheld"
    assert block.text["lead"].key == "report.development.both"
    assert development(results, NO_DATA).text["lead"].key == "report.development.none"


def test_years_before_a_change_of_method_are_shown_but_not_compared(results):
    meta = {**results.meta, "method_breaks": ["2025-S2"]}
    block = trend(dataclasses.replace(results, meta=meta), FULL)
    panel = block.data["panels"][0]
    assert panel["breaks"] == ["2025-S2"]
    assert [point["segment"] for point in panel["series"][0]["points"]] == [0] * 9 + [1]
    assert panel["sentence"]["key"] == "report.quality.no_change"
    assert block.text["lead"].key == "report.trend.one"


def test_the_trend_is_set_beside_comparable_regions(results):
    beyond = trend(results, FULL).data["comparison"]
    table = results.comparison.set_index("region_code").loc[FULL]
    assert beyond["estimate"] == pytest.approx(table["beyond"], rel=1e-5)
    assert beyond["conf_low"] < beyond["estimate"] < beyond["conf_high"]
    assert beyond["donors"]


def test_the_graph_marks_what_is_held_constant_and_what_blocks(results):
    block = causal_graph(results, FULL)
    assert block.data["claim"] == "training_raises_quality"
    assert {"leadership", "budget"} == set(block.data["adjust"])
    blocked = {item["claim"]: item for item in block.data["blocked"]}
    assert "performance_management_raises_professionalism" in " ".join(blocked)
    for item in blocked.values():
        assert "blocked" in {edge["kind"] for edge in item["graph"]["edges"]} or item["graph"]["open_path"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_new_section_can_be_drawn_for_every_region(results, lang):
    for section in (best_use, development, causal_graph, next_cycle, trend):
        for region in REGIONS:
            html = str(fragment(section(results, region), lang))
            assert "report." not in html
            assert "<script>alert" not in html
