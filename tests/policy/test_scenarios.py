"""Scenarios: who is reached, what changes, what is predicted and when nothing is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from policy_worlds import REGIONS, add, scenario, small_panel, some_effects
from scipy import stats

from analysis.errors import CatalogError
from analysis.policy import (
    Effects,
    Target,
    benchmarks,
    draw_effects,
    latest_units,
    linear_interval,
    load_evidence,
    load_forms,
    load_scenarios,
    make_plan,
    next_grade,
    observed_range,
    probability_of_grade,
    run_scenario,
    scenario_message,
    summary_table,
)
from analysis.policy.plan import reaches
from analysis.policy.records import Change, CostRule

LINEAR = 1e-6
"""Draws reproduce what is linear in the effects up to rounding, see `draw_effects`."""


def run(what, panel=None, effects=None, region="15.09", **more):  # type: ignore[no-untyped-def]
    panel = small_panel() if panel is None else panel
    effects = some_effects(what.terms) if effects is None else effects
    return run_scenario(what, region, panel, effects, np.random.default_rng(11), **more)


def plan_of(what, panel=None, terms=None, **more):  # type: ignore[no-untyped-def]
    panel = small_panel() if panel is None else panel
    units = latest_units(panel.loc[panel["region_code"] == "15.09"])
    terms = terms or what.terms
    return units, make_plan(what, units, terms, observed_range(panel, terms), **more)


def test_draws_reproduce_the_analytic_result_in_the_linear_case() -> None:
    what = scenario(add("training_hours", 2), add("leadership", 0.1, "points"))
    effects = some_effects(what.terms)
    result = run(what, effects=effects)
    units, plan = plan_of(what)
    drawn = draw_effects(effects.of("15.09"), 4000, np.random.default_rng(11))[:, 0, :] @ plan.change.T
    np.testing.assert_allclose(result.units["change"], drawn.mean(axis=0), atol=LINEAR)
    np.testing.assert_allclose(result.units["std_error"], drawn.std(axis=0), atol=LINEAR)
    mean = drawn.mean(axis=1)
    assert result.change.estimate == pytest.approx(mean.mean(), abs=LINEAR)
    assert result.change.std_error == pytest.approx(mean.std(), abs=LINEAR)
    weights = plan.change.mean(axis=0)
    by_hand = float(weights @ effects.mean[0]), float(np.sqrt(weights @ effects.vcov[:2, :2] @ weights))
    assert (result.change.estimate, result.change.std_error) == pytest.approx(by_hand, abs=LINEAR)
    assert result.change.conf_high == pytest.approx(by_hand[0] + stats.norm.ppf(0.975) * by_hand[1], abs=LINEAR)
    assert len(units) == result.n_units == 6


def test_few_degrees_of_freedom_widen_the_interval() -> None:
    effects = some_effects()
    few = replace(effects, df=4.0)
    wide, narrow = (linear_interval(np.array([1.0]), e.of("82")) for e in (few, effects))
    ratio = (wide.conf_high - wide.conf_low) / (narrow.conf_high - narrow.conf_low)
    assert ratio == pytest.approx(stats.t.ppf(0.975, 4) / stats.norm.ppf(0.975))


def test_ten_hours_a_year_are_five_in_each_half_year() -> None:
    _, by_year = plan_of(scenario(add("training_hours", 4, "jp_per_year"), target=Target("all")))
    _, by_half = plan_of(scenario(add("training_hours", 2, "jp_per_half_year"), target=Target("all")))
    np.testing.assert_allclose(by_year.wanted, by_half.wanted)


def test_a_change_in_standard_deviations_uses_the_spread_between_units() -> None:
    panel = small_panel()
    _, plan = plan_of(scenario(add("leadership", 0.5, "sd")))
    expected = 0.5 * panel.groupby("unit_id")["leadership"].mean().std()
    np.testing.assert_allclose(plan.wanted[:, 0], expected)


def test_changes_stop_at_the_end_of_the_observed_range_and_say_so() -> None:
    panel = small_panel()
    what = scenario(add("training_hours", 10))
    units, plan = plan_of(what, panel)
    highest = panel["training_hours"].quantile(0.99)
    after = units["training_hours"] + plan.change[:, 0]
    assert after.max() <= highest + 1e-12
    np.testing.assert_array_equal(plan.outside, units["training_hours"] + 10 > highest)
    result = run(what, panel)
    assert result.share_outside == pytest.approx(plan.outside.mean())
    assert "policy.note_outside" in [note.key for note in result.notes]


def test_a_unit_beyond_the_range_is_not_pulled_back() -> None:
    panel = small_panel()
    last = panel["period_index"] == 3
    panel.loc[last & (panel["unit_id"] == "15.09-05"), "training_hours"] = 500.0
    units, plan = plan_of(scenario(add("training_hours", 1)), panel)
    assert plan.change[units["unit_id"] == "15.09-05", 0] == 0


def test_moving_a_budget_keeps_it() -> None:
    what = scenario(Change("hours_mentoring", "move", 0.4, "share", "hours_seminar", "training_hours"))
    costs = {"hours_seminar": 30_000.0, "hours_mentoring": 50_000.0}
    units, plan = plan_of(what, cost_per_hour=costs)
    given_up = 0.4 * units["hours_seminar"].to_numpy()
    mentoring, total = plan.wanted.T
    np.testing.assert_allclose(mentoring * 50_000, given_up * 30_000)
    np.testing.assert_allclose(total, mentoring - given_up)


def test_matching_keeps_the_number_of_hours() -> None:
    what = scenario(Change("training_matched", "match", 0.5, "share", "training_hours"))
    units, plan = plan_of(what)
    np.testing.assert_allclose(plan.wanted[:, 0], (units["training_hours"] - units["training_matched"]) / 2)
    assert what.terms == ("training_matched",)


def test_targets() -> None:
    units = latest_units(small_panel())
    services = reaches(Target("services", words=("kesehatan",)), units)
    assert units.loc[services, "service_type"].unique().tolist() == ["Kesehatan"]
    lowest = reaches(Target("lowest", column="leadership", share=0.333), units)
    assert units.loc[lowest].groupby("region_code").size().tolist() == [2, 2, 2]
    assert units.loc[lowest, "leadership"].max() < units.loc[~lowest, "leadership"].min()


def test_an_interaction_follows_from_what_is_changed() -> None:
    what = scenario(add("training_hours", 2))
    units, plan = plan_of(what, terms=("training_hours", "training_hours:leadership"), centres={"leadership": 3.0})
    np.testing.assert_allclose(plan.change[:, 1], plan.change[:, 0] * (units["leadership"] - 3.0))


def test_the_index_does_not_pass_100() -> None:
    panel = small_panel()
    panel["index"] += 13
    result = run(scenario(add("training_hours", 10)), panel, some_effects(mean=3.0, error=1.0))
    assert (result.units["index"] + result.units["conf_high"]).max() <= 100
    assert "policy.note_capped" in [note.key for note in result.notes]


@pytest.mark.parametrize(
    ("index", "grade"), [(64.99, "C"), (65.0, "B"), (76.604, "B"), (76.605, "A"), (88.305, None), (math.nan, None)]
)
def test_the_next_grade_follows_the_rounded_index(index: float, grade: str | None) -> None:
    assert next_grade(index) == grade


def test_probability_of_a_grade_counts_half_up_rounding() -> None:
    assert probability_of_grade("A", 88.305, 0.0) == 1
    assert probability_of_grade("A", 88.3049, 0.0) == 0
    assert probability_of_grade("A", 88.305, 2.0) == pytest.approx(0.5)
    assert probability_of_grade("B", 75.0, 1.0, 1.0) == pytest.approx(stats.norm.sf(76.605 - 76.0))


def test_probability_of_the_next_grade_is_that_of_the_normal_sum() -> None:
    result = run(scenario(add("training_hours", 2)), effects=some_effects(mean=0.3, error=0.2), draws=20_000)
    row = result.units.iloc[0]
    distance = row["index"] + row["change"] - 76.605
    expected = stats.norm.cdf(distance / math.hypot(1.0, row["std_error"]))
    # 20,000 draws of which only the smaller part of the scatter is drawn.
    assert row["probability_next_grade"] == pytest.approx(expected, abs=0.003)
    assert row["probability_without"] == pytest.approx(stats.norm.cdf(row["index"] - 76.605))
    assert result.expected_upgrades > 0


def test_no_number_where_the_effect_is_not_identified() -> None:
    what = scenario(add("training_hours", 2), claims=("training_raises_quality",))
    verdicts = pd.DataFrame(
        {
            "claim": ["training_raises_quality"] * 3,
            "region_code": list(REGIONS),
            "verdict": ["not_identified", "no_data", "cannot_tell"],
        }
    )
    results = [run(what, region=region, verdicts=verdicts) for region in REGIONS]
    assert [result.status for result in results] == ["refused", "refused", "ok"]
    assert [result.reason.key for result in results[:2]] == ["policy.not_identified", "policy.no_data"]
    assert results[0].change is None
    assert results[0].units is None
    for result in results:
        assert scenario_message(result).id
        assert scenario_message(result).en


def test_what_cannot_be_computed_says_why() -> None:
    what = scenario(add("training_hours", 2))
    assert run(what, effects=some_effects(("leadership",))).reason.key == "policy.effect_missing"
    assert run(what, region="11").reason.key == "policy.no_effects_of_region"
    unknown = small_panel().assign(training_hours=np.nan)
    assert run(what, unknown).reason.key == "policy.no_units_reached"
    none = scenario(add("training_hours", 2), target=Target("services", words=("bandara",)))
    assert run(none).reason.key == "policy.no_units_reached"
    move = scenario(Change("hours_mentoring", "move", 1.0, "share", "hours_internship"))
    refused = run(move)
    assert refused.reason.key == "policy.columns_missing"
    assert "hours_internship" in scenario_message(refused).id


def test_units_without_data_are_left_out_and_counted() -> None:
    panel = small_panel()
    panel.loc[panel["unit_id"] == "15.09-01", "training_hours"] = np.nan
    result = run(scenario(add("training_hours", 2)), panel)
    assert (result.n_units, result.n_without_data) == (5, 1)


def test_row_order_and_repetition_change_nothing_and_the_panel_stays() -> None:
    panel = small_panel()
    before = panel.copy()
    what = scenario(add("training_hours", 4))
    first = run(what, panel)
    second = run(what, panel.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(first.units, second.units)


def test_cost_per_hour_is_counted_per_head_and_year() -> None:
    panel = small_panel().assign(cost_per_hour_own=50.0)
    rule = CostRule("per_hour", 40_000, 60_000, "cost_per_hour_own", "records")
    what = scenario(add("training_hours", 2), cost=rule)
    result = run(what, panel, some_effects(mean=0.5, error=0.05))
    _, plan = plan_of(what, panel)
    heads = 20 + np.arange(6)
    assert result.cost.total.estimate == pytest.approx(2 * float(heads @ plan.change[:, 0]) * 50_000)
    assert result.cost.status == "ok"
    assert result.cost.per_point.estimate == pytest.approx(result.cost.total.estimate / result.change.estimate)
    assert result.cost.per_officer_point.estimate * heads.sum() == pytest.approx(result.cost.per_point.estimate)


def test_cost_per_point_is_not_told_when_the_gain_may_be_nil() -> None:
    rule = CostRule("per_unit", 20e6, 35e6, source="tariff")
    what = scenario(add("leadership", 0.1, "points"), cost=rule)
    unsure = run(what, effects=some_effects(("leadership",), mean=0.01, error=0.5))
    assert unsure.cost.status == "cannot_be_told"
    assert unsure.cost.per_point is None
    assert unsure.cost.total.estimate == pytest.approx(6 * 27.5e6)
    harmful = run(what, effects=some_effects(("leadership",), mean=-2, error=0.1))
    assert harmful.cost.status == "no_gain"
    free = run(scenario(add("leadership", 0.1, "points")), effects=some_effects(("leadership",)))
    assert free.cost.status == "no_extra_cost"
    for result in (unsure, harmful, free):
        assert result.cost.reason.id
        assert result.cost.reason.en


def test_the_summary_is_tidy_and_ready_for_storage() -> None:
    import json

    what = scenario(add("training_hours", 2), target=Target("services", words=("kesehatan",)))
    results = [run(what, region=region) for region in reversed(REGIONS)]
    table = summary_table([*results, run(what, region="11")])
    assert table["region_code"].tolist() == ["11", *REGIONS]
    assert table["status"].tolist() == ["refused", "ok", "ok", "ok"]
    json.dumps(table["sentence"].tolist())
    assert table.loc[1, "n_reached"] == 3


def test_every_scenario_of_the_catalog_runs() -> None:
    panel = small_panel()
    for what in load_scenarios().values():
        result = run(what, panel, some_effects(what.terms))
        assert result.status == "ok", f"{what.key}: {result.reason}"
        assert 0 < result.n_reached <= result.n_units
        for message in (*result.notes, scenario_message(result), result.cost.reason):
            assert message.id != message.en
        assert what.label.id
        assert what.label.en
        assert set(what.evidence) <= set(benchmarks())


def test_only_confirmed_evidence_is_a_benchmark() -> None:
    unconfirmed = {key for key, row in load_evidence().items() if row.status == "unconfirmed"}
    assert {"blume_2010_supervisor", "garavan_2021_training"} <= unconfirmed
    assert not unconfirmed & set(benchmarks())
    for row in load_evidence().values():
        assert (row.effect is None) == (row.effect_unit is None), row.key
        assert row.source, row.key


def test_forms_state_cost_and_trainers() -> None:
    mentoring, seminar = (load_forms()[name] for name in ("mentoring", "seminar"))
    assert mentoring.trainer_days_per_hour == pytest.approx(1 / 40)
    assert mentoring.trainer_days_per_hour > seminar.trainer_days_per_hour


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: add", "kind: ad", "add"),
        ("amount: 10", "amuont: 10", "amount"),
        ("unit: jp_per_half_year", "unit: share", "share"),
        ("low: 44000", "low: 200000", "range"),
    ],
)
def test_mistakes_in_a_scenario_file_name_the_entry(tmp_path, old, new, said) -> None:  # type: ignore[no-untyped-def]
    from analysis.paths import catalog_dir

    text = (catalog_dir() / "scenarios.yml").read_text(encoding="utf-8")
    own = tmp_path / "own.yml"
    own.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load_scenarios(own)
    assert "more_hours_front_line" in str(caught.value)
    assert said in str(caught.value)


def test_ones_own_scenarios_join_the_catalogs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "own.yml"
    own.write_text(
        """
five_hours:
  label: {id: Lima JP, en: Five hours}
  question: {id: "Bagaimana bila lima JP?", en: "What about five hours?"}
  changes:
    - {term: training_hours, kind: add, amount: 5, unit: jp_per_year}
  target: {kind: all}
  cost: {kind: none}
""",
        encoding="utf-8",
    )
    assert "five_hours" in load_scenarios(own)
    assert "five_hours" not in load_scenarios()


def test_effects_of_the_nation_serve_every_region() -> None:
    nation = Effects(("",), ("training_hours",), np.array([[0.1]]), np.array([[0.0004]]))
    result = run(scenario(add("training_hours", 2)), effects=nation)
    assert result.status == "ok"
