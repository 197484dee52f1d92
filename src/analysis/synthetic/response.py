"""From the course of a unit to its quality: the equations that hold the true effects.

Everything here is free of noise, so that a counterfactual is the same call with another `Change`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from analysis.results import FloatArray
from analysis.synthetic.design import ELEMENTS, FORMS, SampleDesign
from analysis.synthetic.events import TOPIC_ELEMENT
from analysis.synthetic.history import History
from analysis.synthetic.world import World

CUTS = np.array([1.5, 2.5, 3.5])

# How an effect on the index is spread over the nine elements; each row sums to 9, so that its mean is 1.
# Training does not touch requirements (U1), fees (U4) and facilities (U9): they are the negative controls.
TRAINING_LOADS = np.array([0, 0.5, 0.75, 0, 0.5, 2.5, 2.5, 2.25, 0])
LEADERSHIP_LOADS = np.array([0.5, 1.0, 1.5, 0, 1.0, 1.5, 1.5, 1.5, 0.5])
BUDGET_LOADS = np.array([0, 0, 1.5, 0, 1.5, 0, 0, 0, 6.0])
# A lasting standing, a shock or a trend moves every element alike.
COMMON_LOADS = np.ones(len(ELEMENTS))


@dataclass(frozen=True)
class Change:
    """A counterfactual: what is different from the course that was drawn.

    Parameters
    ----------
    hours
        Recorded JP per head (mean of the last two half-years) added at the study's average mix of forms and topics.
    form_hours
        The same for single forms (on topics matched as often as on average).
    moved_hours
        Recorded JP per head moved to topics on each element from other topics at the average mix of forms, shape
        (units, T, 9); None for none. The total does not change.
    leadership, resistance
        Added SD.
    log_budget
        Added log points of the development budget by half-year, shape (T,); empty for none.
    programmes
        Programme to whether it runs, for all units and half-years.
    it_training
        Whether online registration comes with IT training, for all units; None leaves it as drawn.
    """

    hours: float = 0.0
    form_hours: Mapping[str, float] = field(default_factory=dict)
    moved_hours: FloatArray | None = None
    leadership: float = 0.0
    resistance: float = 0.0
    log_budget: tuple[float, ...] = ()
    programmes: Mapping[str, bool] = field(default_factory=dict)
    it_training: bool | None = None


NO_CHANGE = Change()


@dataclass(frozen=True)
class Effort:
    """Effective training of the last two half-years in classroom hours per head.

    Parameters
    ----------
    total
        Hours weighted by the effect of their form, shape (units, T).
    matched
        The part on weak elements, by element, shape (units, T, 9).
    """

    total: FloatArray
    matched: FloatArray


def two_period_mean(values: FloatArray) -> FloatArray:
    """Mean of a half-year and the one before along axis 1; the first half-year stands alone."""
    before = np.concatenate([values[:, :1], values[:, :-1]], axis=1)
    return np.asarray((values + before) / 2)


def regional_factors(design: SampleDesign, world: World) -> FloatArray:
    """Training effect of each unit's region relative to the average, shape (units,)."""
    draws = design.generator("regional effects").normal(size=len(world.regions))
    return np.asarray(np.maximum(1 + design.training_effect_region_sd * draws, 0.0)[world.region])


def effort(design: SampleDesign, world: World, history: History, change: Change = NO_CHANGE) -> Effort:
    """Effective hours under `change`."""
    events, relative = history.events, np.array(design.form_effects)
    effective = events.hours * relative * _budget_scale(design, history, change)[..., None]
    element = TOPIC_ELEMENT[events.topic][..., None] == np.arange(len(ELEMENTS))
    matched = np.where(events.matched[..., None] & element, effective[..., None], 0.0).sum(axis=2)
    total, matched = two_period_mean(effective.sum(axis=2)), two_period_mean(matched)
    average, added, added_matched = _added_hours(design, history, change)
    per_recorded = 1 / world.recorded_share[:, None]
    moved = 0.0 if change.moved_hours is None else average * change.moved_hours
    on_weak = (added_matched / 2 + moved) * world.weak[:, None, :]
    return Effort(
        total=total + added * per_recorded,
        matched=matched + per_recorded[..., None] * on_weak,
    )


def _budget_scale(design: SampleDesign, history: History, change: Change) -> FloatArray:
    """Return the factor on hours from added budget, shape (units, T); hours at the most that is planned do not rise."""
    more = history.wanted * np.exp(design.budget_to_hours * added_budget(design, change))
    planned = np.minimum(history.wanted, design.hours_max)
    return np.minimum(more, design.hours_max) / np.where(planned > 0, planned, 1.0)


def _added_hours(design: SampleDesign, history: History, change: Change) -> tuple[float, float, float]:
    """Effective hours per hour at the average mix, and those a change adds: in total, and on weak elements."""
    relative = dict(zip(FORMS, design.form_effects, strict=True))
    hours = history.events.hours
    average = float((hours * np.array(design.form_effects)).sum() / hours.sum())
    matched_share = float(hours[history.events.matched].sum() / hours.sum())
    mixed = change.hours * average + sum(relative[form] * h for form, h in change.form_hours.items())
    return average, mixed, mixed * matched_share


def expected_answers(design: SampleDesign, world: World, history: History, change: Change = NO_CHANGE) -> FloatArray:
    """Return the expected mean answer (1-4) of each element, shape (units, T, 9), free of sampling noise."""
    return answer_mean(latent_elements(design, world, history, change), design.answer_sd)


def expected_index(design: SampleDesign, world: World, history: History, change: Change = NO_CHANGE) -> FloatArray:
    """Return the expected satisfaction index (25-100), shape (units, T)."""
    return np.asarray(25 * expected_answers(design, world, history, change).mean(axis=2))


def answer_mean(latent: FloatArray, sd: float) -> FloatArray:
    """Mean of an answer that is 1 plus the number of `CUTS` below a normal variable with mean `latent`."""
    return np.asarray(1 + sum(norm.cdf((latent - cut) / sd) for cut in CUTS))


def latent_elements(design: SampleDesign, world: World, history: History, change: Change = NO_CHANGE) -> FloatArray:
    """Latent mean of each element on the scale 1-4, shape (units, T, 9); infinite where a free service fixes U4."""
    common = history.common + history.shocks + world.standing[:, None] + _breaks(design)
    leadership = history.leadership + change.leadership
    points = (
        common[..., None] * COMMON_LOADS
        + _training_points(design, world, history, change)
        + (design.leadership_effect * leadership)[..., None] * LEADERSHIP_LOADS
        + _budget_points(design, history, change)[..., None] * BUDGET_LOADS
    )
    return np.asarray(world.elements[:, None, :] + points / 25 + _programme_changes(design, history, change))


def _breaks(design: SampleDesign) -> FloatArray:
    shift = np.zeros(design.n_periods)
    for period, points in design.method_breaks:
        shift[period:] += points
    return shift


def _training_points(design: SampleDesign, world: World, history: History, change: Change) -> FloatArray:
    """Points by element from training, shape (units, T, 9), times 1 where the load is 1."""
    done = effort(design, world, history, change)
    leadership = history.leadership + change.leadership
    resistance = history.resistance + change.resistance
    strength = 1 + design.leadership_moderation * leadership - design.resistance_moderation * resistance
    per_hour = design.training_effect / 10 * regional_factors(design, world)[:, None] * strength
    extra = (design.matched_effect - design.generic_effect) * per_hour[..., None] * done.matched
    spread = design.generic_effect * per_hour * done.total + (1 - design.matched_focus) * extra.sum(axis=2)
    return np.asarray(spread[..., None] * TRAINING_LOADS + design.matched_focus * extra * len(ELEMENTS))


def _budget_points(design: SampleDesign, history: History, change: Change) -> FloatArray:
    log_budget = history.log_budget[:, design.period_years] + added_budget(design, change)
    return np.asarray(design.budget_effect * log_budget)


def added_budget(design: SampleDesign, change: Change) -> FloatArray:
    """Return log points added to the budget by half-year, shape (T,)."""
    return np.array(change.log_budget) if change.log_budget else np.zeros(design.n_periods)


def _programme_changes(design: SampleDesign, history: History, change: Change) -> FloatArray:
    """Return changes by element on the scale 1-4 from programmes, shape (units, T, 9)."""
    running = {name: _running(history, change, name) for name in history.starts}
    with_it = history.with_it if change.it_training is None else np.full(len(history.with_it), change.it_training)
    online = np.where(with_it, design.online_effect_with_it, design.online_effect_alone)[:, None]
    result = np.zeros((*history.shocks.shape, len(ELEMENTS)))
    result[:, :, 2] += online * running["online_registration"]
    result[:, :, 7] += design.feedback_effect * running["feedback_channel"]
    award = design.award_effect / 25 * running["award"]
    result[:, :, [0, 1, 2, 4, 5, 6, 7, 8]] += award[..., None] * 9 / 8
    return result


def _running(history: History, change: Change, programme: str) -> FloatArray:
    if programme in change.programmes:
        return np.full(history.shocks.shape, float(change.programmes[programme]))
    return history.running(programme).astype(np.float64)


def log_response_days(design: SampleDesign, world: World, history: History, change: Change = NO_CHANGE) -> FloatArray:
    """Mean of the log of days until a complaint is answered, shape (units, T)."""
    units = design.generator("response").normal(0, design.response_unit_sd, (world.n_units, 1))
    days = np.log(design.response_median) + units
    days = days + design.feedback_log_days * _running(history, change, "feedback_channel")
    days = days + design.training_log_days / 10 * effort(design, world, history, change).total
    return np.asarray(days + design.leadership_log_days * (history.leadership + change.leadership))
