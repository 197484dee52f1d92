"""From a panel to the choice for one region, and predictions beside the evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from policy_worlds import small_panel

from analysis.errors import UsageError
from analysis.messages import Message
from analysis.policy import (
    Effects,
    Interval,
    choose_allocation,
    compare_with_evidence,
    effects_from_fit,
    expected_range,
    form_effects,
    forms_in,
    index_spread,
    load_forms,
    load_scenarios,
    regional_allocation,
    yearly_draws,
)
from analysis.results import Fit

TRUE = {"hours_seminar": 0.02, "hours_mentoring": 0.10}


def panel_with_forms() -> pd.DataFrame:
    """Forty units of one region whose index follows the hours of two forms."""
    rng = np.random.default_rng(12)
    rows = []
    for unit in range(40):
        level = rng.normal(80, 3)
        for period in range(8):
            seminar, mentoring = rng.gamma(2, 3, 2)
            index = level + 0.3 * period + TRUE["hours_seminar"] * seminar + TRUE["hours_mentoring"] * mentoring
            rows.append((f"u{unit:02d}", period, 20.0, index + rng.normal(0, 0.3), seminar, mentoring, 0.01))
    names = ["unit_id", "period_index", "headcount", "index", "hours_seminar", "hours_mentoring", "hours_workshop"]
    panel = pd.DataFrame(rows, columns=names)
    return panel.assign(
        region_code="82",
        unit_name="Unit",
        service_type="Perizinan",
        period="x",
        region_period="82|" + panel["period_index"].astype(str),
        index_std_error=0.3,
        n_respondents=100,
        weight=1.0,
        training_hours=panel["hours_seminar"] + panel["hours_mentoring"],
        leadership=np.nan,
    )


def test_effects_of_forms_are_recovered_with_their_covariance() -> None:
    panel = panel_with_forms()
    assert forms_in(panel) == ("mentoring", "seminar"), "workshops are under one percent of hours"
    effects = effects_from_fit(form_effects(panel))
    assert effects.terms == ("hours_mentoring", "hours_seminar")
    errors = effects.std_error()[0]
    for term, estimate, error in zip(effects.terms, effects.mean[0], errors, strict=True):
        assert abs(estimate - TRUE[term]) < 3.5 * error
        assert error < 0.02
    assert effects.df == 39


def test_the_region_s_problem_is_in_rupiah_and_hours_a_year() -> None:
    panel = panel_with_forms()
    found = regional_allocation(panel, "82", level="province", minimum_hours=0.0)
    last = panel.loc[panel["period_index"] == 7]
    by_hand = last[["hours_mentoring", "hours_seminar"]].to_numpy() * 2
    np.testing.assert_allclose(found.present, by_hand)
    costs = np.array([load_forms()[name].cost_per_hour for name in ("mentoring", "seminar")])
    assert found.problem.budget == pytest.approx(float((20 * by_hand @ costs).sum()))
    effects = effects_from_fit(form_effects(panel))
    draws = yearly_draws(found, effects, 200, np.random.default_rng(0))
    np.testing.assert_allclose(draws.mean(axis=0)[0], effects.mean[0] / 2, atol=1e-12)
    choice = choose_allocation(found.problem, draws, found.present, solved_draws=20)
    assert choice.probability_better > 0.95, "mentoring is five times as good and costs little more"
    assert choice.gain.estimate > 0
    for note in found.notes:
        assert note.id != note.en


def test_legal_minima_come_in_and_are_explained() -> None:
    panel = panel_with_forms()
    found = regional_allocation(panel, "82", level="regency", total_expenditure=1.1e12, budget=5e9)
    assert found.problem.minimum_spend == pytest.approx(0.0016 * 1.1e12)
    assert found.problem.minimum_hours == 20
    assert found.problem.maximum_hours >= 20
    low = panel.assign(training_hours=1.0)
    keys = [note.key for note in regional_allocation(low, "82", level="regency").notes]
    assert "policy.note_minimum_outside" in keys
    assert "policy.note_no_expenditure" in keys
    cheap = regional_allocation(panel, "82", level="regency", cost_per_hour={"seminar": 1000.0})
    assert cheap.problem.cost_per_hour[1] == 1000


def test_what_is_missing_is_said() -> None:
    with pytest.raises(UsageError) as caught:
        regional_allocation(panel_with_forms(), "11", level="province")
    assert caught.value.message.key == "policy.no_hours"
    failed = Fit.not_estimable(Message("policy.no_units_reached"))
    with pytest.raises(UsageError) as caught:
        effects_from_fit(failed)
    assert "unit" in caught.value.message.en
    found = regional_allocation(panel_with_forms(), "82", level="province")
    other = Effects(("",), ("leadership",), np.ones((1, 1)), np.eye(1))
    with pytest.raises(UsageError):
        yearly_draws(found, other, 10, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (Interval(0.2, 0.1, 0.1, 0.4), "policy.evidence_below_bound"),
        (Interval(2.0, 1.0, 0.1, 4.0), "policy.evidence_bound_inside"),
        (Interval(8.0, 1.0, 6.0, 9.0), "policy.evidence_above_bound"),
    ],
)
def test_predictions_stand_beside_an_upper_bound(change: Interval, key: str) -> None:
    # The bound is d = .62 (Arthur et al. 2003), 2.48 points where units differ by 4.
    what = load_scenarios()["more_hours_front_line"]
    table = compare_with_evidence(what, change, spread=4.0).set_index("evidence")
    assert table.loc["arthur_2003_results", "sentence"]["key"] == key
    assert table.loc["arthur_2003_results", "effect"] == 0.62
    assert table.loc["azulai_2020_team", "sentence"]["key"] == "policy.evidence_none"
    assert table.loc["azulai_2020_individual", "sentence"]["key"] == "policy.evidence_agrees"
    assert table.loc["arthur_2003_results", "predicted_sd"] == pytest.approx(change.estimate / 4)
    for row in table["sentence"]:
        message = Message(row["key"], row["values"])
        assert message.id != message.en


def test_direction_of_evidence_may_be_open_or_against() -> None:
    what = load_scenarios()["more_hours_front_line"]
    for change, key in ((Interval(0, 1, -2, 2), "open"), (Interval(-3, 0.5, -4, -2), "against")):
        table = compare_with_evidence(what, change, spread=4.0).set_index("evidence")
        row = table.loc["banerjee_2021_training", "sentence"]
        assert row["key"] == f"policy.evidence_{key}"
        assert Message(row["key"], row["values"]).id


def test_the_expected_range_is_in_points() -> None:
    spread = index_spread(small_panel())
    assert spread == pytest.approx(small_panel().groupby("unit_id")["index"].mean().std())
    assert expected_range(4.0).low == pytest.approx(0.2)
    assert expected_range(4.0).high == pytest.approx(0.8)
