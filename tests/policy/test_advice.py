"""Advice for one region from stored tables, and the effects it rests on."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from policy_worlds import REGIONS, small_panel

from analysis.claims.records import load_declared
from analysis.measures import ELEMENTS
from analysis.policy import Settings, advise, load_scenarios, scenario_effects, targeted_units
from analysis.policy.advice import _periods

SETTINGS = Settings(draws=100, top=5)


def panel_with_elements() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    panel = small_panel(units=10)
    for name in ELEMENTS:
        panel[name.lower()] = panel["index"] / 25 + rng.normal(0, 0.1, len(panel))
    panel["hours_mentoring"] += rng.gamma(2, 1, len(panel))
    panel["hours_seminar"] += rng.gamma(2, 1, len(panel))
    panel["leadership"] += rng.normal(0, 0.05, len(panel))
    panel["index"] += 0.3 * panel["hours_mentoring"] + rng.normal(0, 0.3, len(panel))
    return panel.assign(
        region_period=panel["region_code"] + "|" + panel["period"],
        weight=1.0,
        budget_per_head=np.nan,
        resistance=np.nan,
    )


def estimates(*claims: str) -> pd.DataFrame:
    declared = load_declared()
    rows = []
    for claim in claims:
        spec = declared.specs[declared.claims[claim].spec]
        rows.append((spec.key, "national", None, spec.term, 0.8, 0.2, 100.0))
        for number, region in enumerate(REGIONS):
            rows.append((spec.key, "own", region, spec.term, 0.5 + number / 10, 0.4, 20.0))
            rows.append((spec.key, "pooled", region, spec.term, 0.7 + number / 20, 0.2, math.inf))
    names = ["spec", "level", "region_code", "term", "estimate", "std_error", "df"]
    return pd.DataFrame(rows, columns=names).astype({"region_code": "str"})


def verdicts(**found: str) -> pd.DataFrame:
    rows = [(claim, region, verdict) for claim, verdict in found.items() for region in REGIONS]
    return pd.DataFrame(rows, columns=["claim", "region_code", "verdict"])


ALL = tuple(dict.fromkeys(claim for scenario in load_scenarios().values() for claim in scenario.claims))


def test_scenarios_name_claims_whose_effect_is_that_of_their_column() -> None:
    declared = load_declared()
    for scenario in load_scenarios().values():
        terms = {declared.specs[declared.claims[claim].spec].term for claim in scenario.claims}
        assert set(scenario.terms) == terms, scenario.key
        assert {declared.specs[declared.claims[c].spec].outcome for c in scenario.claims} == {"measured_quality"}


def test_estimates_in_the_claims_unit_become_effects_of_one_hour() -> None:
    effects = scenario_effects([load_scenarios()["more_hours_front_line"]], estimates("training_raises_quality"))
    assert effects is not None
    assert effects.regions == REGIONS
    # The claim speaks of ten lesson hours.
    np.testing.assert_allclose(effects.mean[:, 0], [0.07, 0.075, 0.08])
    np.testing.assert_allclose(effects.std_error()[:, 0], 0.02)
    assert scenario_effects([load_scenarios()["more_hours_front_line"]], estimates()) is None


def test_advice_is_whole_and_ready_for_storage() -> None:
    panel = panel_with_elements()
    before = panel.copy()
    advice = advise("82", "province", panel, estimates(*ALL), verdicts(), SETTINGS)
    pd.testing.assert_frame_equal(panel, before)
    assert advice.scenarios["status"].tolist() == ["ok"] * 4
    assert advice.allocation is not None
    assert advice.allocation_reason is None or advice.allocation.status == "infeasible"
    assert len(advice.priorities) == 5
    assert advice.period == "2021-S2"
    assert set(advice.evidence["scenario"]) == set(load_scenarios())
    stored = [*advice.scenarios["sentence"], *advice.evidence["sentence"], *advice.priorities["sentence"]]
    assert json.dumps(stored)
    reached = targeted_units(advice.results)
    assert reached.groupby("scenario").size()["leadership_lowest_third"] == 4


def test_advice_follows_its_seed() -> None:
    panel = panel_with_elements()
    first, second = (advise("82", "province", panel, estimates(*ALL), verdicts(), SETTINGS) for _ in range(2))
    pd.testing.assert_frame_equal(first.scenarios, second.scenarios)
    assert first.allocation_hours is not None
    pd.testing.assert_frame_equal(first.allocation_hours, second.allocation_hours)


def test_each_scenario_refuses_by_itself() -> None:
    panel = panel_with_elements()
    given = estimates("training_raises_quality")
    found = advise("82", "province", panel, given, verdicts(), SETTINGS).scenarios.set_index("scenario")
    assert found["status"].to_dict() == {
        "leadership_lowest_third": "refused",
        "match_to_weakest": "refused",
        "more_hours_front_line": "ok",
        "seminars_to_mentoring": "refused",
    }
    assert np.isnan(found.loc["match_to_weakest", "estimate"])


@pytest.mark.parametrize("verdict", ["not_identified", "no_data"])
def test_no_allocation_where_the_effect_of_training_is_not_known(verdict: str) -> None:
    panel = panel_with_elements()
    advice = advise("82", "province", panel, estimates(*ALL), verdicts(training_raises_quality=verdict), SETTINGS)
    assert advice.allocation is None
    assert advice.allocation_reason is not None
    assert advice.allocation_reason.key == f"policy.{verdict}"
    assert not advice.priorities.empty, "priorities need no effect"


def test_an_impossible_budget_is_explained() -> None:
    settings = Settings(draws=100, budget=1e6)
    advice = advise("82", "province", panel_with_elements(), estimates(*ALL), verdicts(), settings)
    assert advice.allocation is not None
    assert advice.allocation.status == "infeasible"
    assert "policy.remedy_budget" in [message.key for message in advice.allocation.remedies]


def test_forms_that_cannot_be_told_apart_give_a_reason() -> None:
    panel = panel_with_elements().assign(hours_mentoring=1.0, hours_seminar=2.0)
    advice = advise("82", "province", panel, estimates(*ALL), verdicts(), SETTINGS)
    assert advice.allocation is None
    assert advice.allocation_reason is not None
    assert json.dumps(advice.allocation_reason.as_dict())
    assert advice.allocation_reason.id != advice.allocation_reason.en


def test_a_region_without_surveys_gets_reasons_and_empty_lists() -> None:
    panel = panel_with_elements()
    here = panel["region_code"] == "82"
    panel.loc[here, ["index", "index_std_error", *(name.lower() for name in ELEMENTS)]] = np.nan
    advice = advise("82", "province", panel, estimates(*ALL), verdicts(), SETTINGS)
    assert set(advice.scenarios["status"]) == {"refused"}
    assert advice.allocation is None
    assert advice.allocation_reason is not None
    assert advice.priorities.empty
    assert advice.curriculum.topics.empty
    assert advice.follow_up.status == "refused"
    for message in (advice.allocation_reason, advice.follow_up.reason):
        assert message is not None
        assert message.id != message.en


def test_a_list_is_followed_up_after_a_year_or_from_the_first_survey() -> None:
    rows = small_panel(periods=6)
    rows = rows.loc[rows["region_code"] == "82"]
    assert _periods(rows) == ("2022-S2", "2021-S2")
    assert _periods(rows.loc[rows["period_index"] < 2]) == ("2020-S2", "2020-S1")
