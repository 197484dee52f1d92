"""The true effects: recovered by oracles that see what no study sees, and zero where the process says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.results import FloatArray
from analysis.synthetic import CLAIMS, SampleDesign, SimulatedStudy, simulate
from analysis.synthetic.counterfactuals import line_change, recorded_hours
from analysis.synthetic.design import ELEMENTS
from analysis.synthetic.directed import _directed_hours, follow_up_gap, lowest_before
from analysis.synthetic.response import NO_CHANGE, Change, answer_mean, two_period_mean

# Everyone alike: no difference between regions, no moderation, no weight on weak elements, no form better than another.
ALIKE = SampleDesign(
    training_effect_region_sd=0,
    leadership_moderation=0,
    resistance_moderation=0,
    matched_effect=1,
    generic_effect=1,
    form_effects=(1.0,) * 6,
    recorded_low=0.7,
    recorded_high=0.7,
)


@pytest.fixture(scope="module")
def study() -> SimulatedStudy:
    return simulate()


def within(values: FloatArray, region: FloatArray) -> FloatArray:
    """Take out units and region-periods (alternating projections; the panel is balanced, so one pass is exact)."""
    values = values - values.mean(axis=1, keepdims=True)
    for code in np.unique(region):
        values[region == code] -= values[region == code].mean(axis=0)
    return values.ravel()


def oracle(study: SimulatedStudy, outcome: FloatArray, regressors: list[FloatArray]) -> FloatArray:
    region = study.process.world.region
    design = np.column_stack([within(x.astype(float), region) for x in regressors])
    return np.linalg.lstsq(design, within(outcome, region), rcond=None)[0]


def causes(study: SimulatedStudy) -> list[FloatArray]:
    history, design = study.process.history, study.process.design
    running = [history.running(name) for name in ("online_registration", "feedback_channel")]
    return [history.leadership, history.log_budget[:, design.period_years], history.shocks, *running]


def test_oracle_recovers_the_training_effect_where_everyone_is_alike() -> None:
    study = simulate(ALIKE)
    hours = recorded_hours(study.process) / 10
    estimate = oracle(study, study.process.index(NO_CHANGE), [hours, *causes(study)])[0]
    truth = study.truth.claims["training_raises_quality"].effect
    assert estimate == pytest.approx(truth, rel=0.03)  # rounding to whole participants and the ceiling's curvature


def test_oracle_recovers_the_training_effect_in_the_default_design(study: SimulatedStudy) -> None:
    hours = recorded_hours(study.process) / 10
    estimate = oracle(study, study.process.index(NO_CHANGE), [hours, *causes(study)])[0]
    truth = study.truth.claims["training_raises_quality"].effect
    # Units differ by leadership and resistance with a SD of half the effect: over 282 units that is about 4%.
    assert estimate == pytest.approx(truth, rel=0.12)


def test_per_recorded_hour_the_effect_is_larger_by_the_share_recorded() -> None:
    effect = simulate(ALIKE).truth.claims["training_raises_quality"]
    alike = effect.also["every_unit_alike"]
    assert effect.also["per_10_true_hours"] == pytest.approx(0.7 * alike, rel=1e-9)
    assert effect.effect == pytest.approx(alike, rel=0.03)


def test_latent_effect_is_the_designs_before_the_ceiling() -> None:
    study = simulate(replace(ALIKE, base_index=62.5, training_effect=0.2))
    effect = study.truth.claims["training_raises_quality"].also["per_10_true_hours"]
    # In the middle of the scale the answer scale passes on the latent change but for its rounding: slope
    # sum(phi((m - cut) / sd)) / sd over the three cuts at m = 2.5, and U4 is left out by the loads.
    slope = float(answer_mean(np.array(2.51), 0.72) - answer_mean(np.array(2.49), 0.72)) / 0.02
    assert effect == pytest.approx(0.2 * slope, rel=0.05)


def test_negative_controls_do_not_move_with_training_and_facilities_move_with_budget(study: SimulatedStudy) -> None:
    process = study.process
    trained = process.answers(Change(hours=10)) - process.answers(NO_CHANGE)
    for element in ("U1", "U4", "U9"):
        assert np.abs(trained[..., ELEMENTS.index(element)]).max() == 0
    budget = process.answers(Change(log_budget=(0.1,) * process.design.n_periods)) - process.answers(NO_CHANGE)
    moved = budget.mean(axis=(0, 1))
    assert moved[ELEMENTS.index("U9")] == moved.max()
    assert moved[ELEMENTS.index("U1")] == 0


def test_every_claim_has_a_truth_and_all_three_kinds_occur(study: SimulatedStudy) -> None:
    claims = study.truth.claims
    assert tuple(claims) == CLAIMS
    assert len(CLAIMS) == 17
    assert claims["awards_raise_performance"].holds is False
    assert claims["awards_raise_performance"].effect == 0
    assert claims["internships_differ"].holds is False
    assert claims["lack_of_trainers_limits_training"].holds is None
    assert claims["lack_of_trainers_limits_training"].effect is None
    signs = {name: np.sign(effect.effect) for name, effect in claims.items() if effect.holds}
    assert {name for name, sign in signs.items() if sign < 0} == {
        "partnerships_extend_training",
        "resistance_weakens_training",
    }
    assert len(signs) == 14


@pytest.mark.parametrize(
    ("claim", "off"),
    [
        ("training_raises_quality", {"training_effect": 0.0}),
        ("matched_training_works_better", {"matched_effect": 1.0, "generic_effect": 1.0}),
        ("evaluation_followed_up_closes_gap", {"matched_effect": 1.0, "generic_effect": 1.0}),
        ("online_registration_shortens_waiting", {"online_effect_with_it": 0.0}),
        ("leadership_raises_quality", {"leadership_effect": 0.0, "leadership_moderation": 0.0}),
        ("leadership_makes_training_work", {"training_effect": 0.0}),
        ("feedback_channels_raise_responsiveness", {"feedback_log_days": 0.0}),
        ("development_improves_complaint_handling", {"training_log_days": 0.0}),
        ("partnerships_extend_training", {"partner_cost": 1.0}),
        ("mentoring_workshops_seminars_differ", {"form_effects": (1.0,) * 6}),
        ("budget_raises_quality", {"budget_effect": 0.0, "budget_to_hours": 0.0}),
        ("resistance_weakens_training", {"training_effect": 0.0}),
        ("performance_management_raises_professionalism", {"performance_shift": 0.0}),
    ],
)
def test_an_effect_that_is_switched_off_is_zero(claim: str, off: dict[str, object]) -> None:
    small = {"n_regions": 2, "n_periods": 4, "units_min": 8, "units_max": 10, "respondents_median": 30}
    effect = simulate(SampleDesign(**small, **off)).truth.claims[claim]
    assert effect.holds is False
    assert effect.effect == pytest.approx(0, abs=1e-9)


def test_award_can_be_given_an_effect() -> None:
    effect = simulate(SampleDesign(n_regions=3, award_effect=1.0)).truth.claims["awards_raise_performance"]
    assert effect.holds is True
    assert 0.6 < effect.effect < 1.0  # one latent point less the ceiling


def test_budget_works_through_facilities_and_training(study: SimulatedStudy) -> None:
    effect = study.truth.claims["budget_raises_quality"]
    assert effect.effect == pytest.approx(effect.also["through_facilities"] + effect.also["through_training"], rel=1e-9)
    assert effect.also["through_training"] > 0.1 * effect.effect
    # Reference: 0.02-0.05 SD of about 4.5 points for 10% more.
    assert 0.02 * 4.5 <= effect.effect <= 0.05 * 4.5


def test_effects_lie_where_the_evidence_puts_them(study: SimulatedStudy) -> None:
    claims = study.truth.claims
    yearly = claims["training_raises_quality"].also["per_10_true_hours"] / 2
    assert 0.05 * 4.5 <= yearly <= 0.20 * 4.5  # +10 JP a year is +5 a half-year: 0.05-0.20 SD
    assert 0.10 * 4.5 <= claims["leadership_raises_quality"].also["per_sd"] <= 0.20 * 4.5
    # Seven tenths of the hours are recorded, and 10 JP a year are 5 a half-year. Reference: 0.05 SD.
    moderation = claims["leadership_makes_training_work"].also["per_sd"] * 0.7 / 2
    assert 0.04 * 4.5 <= moderation <= 0.08 * 4.5


def test_satisfaction_rises_where_the_design_says(study: SimulatedStudy) -> None:
    world, effect = study.process.world, study.truth.claims["satisfaction_has_risen"]
    rises = [effect.regions[code] > 0 for code in world.regions]
    assert rises == list(world.rising)
    flat = simulate(SampleDesign(rising_share=0.0)).truth.claims["satisfaction_has_risen"]
    assert max(map(abs, flat.regions.values())) < 1.5


def test_line_change_of_a_line_is_its_rise() -> None:
    assert line_change(np.array([1.0, 1.5, 2.0, 2.5])) == pytest.approx(1.5)


def test_two_period_mean_starts_with_the_first_alone() -> None:
    assert two_period_mean(np.array([[2.0, 4.0, 8.0]])).tolist() == [[2.0, 3.0, 6.0]]


def test_answer_mean_agrees_with_simulated_answers() -> None:
    draws = np.random.default_rng(0).normal(3.2, 0.72, 400_000)
    answers = np.clip(np.rint(draws), 1, 4)
    assert float(answer_mean(np.array(3.2), 0.72)) == pytest.approx(answers.mean(), abs=0.004)  # 3.5 standard errors


def test_training_is_directed_at_what_the_surveys_before_showed(study: SimulatedStudy) -> None:
    world, design = study.process.world, study.process.design
    lowest = lowest_before(study.tables["survey"], world.units["unit_id"], design.periods)
    assert not lowest[:, 0].any()
    assert (lowest[:, 1:].sum(axis=2) == 2).all()
    cells = study.tables["survey"].query("unit_id == @world.units.unit_id[3] and period in @design.periods[:2]")
    means = cells.groupby("period")[list(ELEMENTS)].mean().mean()
    assert set(np.flatnonzero(lowest[3, 2])) == {ELEMENTS.index(name) for name in means.nsmallest(2).index}


def test_oracle_recovers_the_effect_of_directed_training(study: SimulatedStudy) -> None:
    world, design = study.process.world, study.process.design
    lowest = lowest_before(study.tables["survey"], world.units["unit_id"], design.periods)
    outcome, hours = study.process.index(NO_CHANGE), recorded_hours(study.process)
    regressors = [_directed_hours(study.process, lowest), hours, *causes(study)]
    later = [values[:, 1:] for values in regressors]
    estimate = 10 * oracle(study, outcome[:, 1:], later)[0]
    # Units differ by leadership and form of training: about 8% over 282 units.
    assert estimate == pytest.approx(study.truth.claims["matched_training_works_better"].effect, rel=0.2)


def test_directing_hours_at_elements_picked_by_chance_has_a_smaller_effect(study: SimulatedStudy) -> None:
    world = study.process.world
    weak = np.broadcast_to(world.weak[:, None, :], (world.n_units, study.process.design.n_periods, len(ELEMENTS)))
    seen = study.truth.claims["evaluation_followed_up_closes_gap"].effect
    known = follow_up_gap(study.process, weak).effect
    wrong = follow_up_gap(study.process, np.roll(weak, 1, axis=0)).effect
    assert np.all(np.diff([wrong, seen, known]) > 0)
