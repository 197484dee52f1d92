"""Every parameter of the synthetic study, with unit and source.

Effects are given on the *latent* scale, before answers are rounded to 1-4 and cut off at 4. What a study can see is a
little smaller; `analysis.synthetic.truth` computes it exactly. `docs/sample.md` lists the parameters with sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

ELEMENTS = ("U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8", "U9")
FORMS = ("classroom", "workshop", "seminar", "mentoring", "internship", "e_learning")
PROGRAMMES = ("award", "online_registration", "feedback_channel", "performance_management", "mentoring")
TABLES = ("units", "survey", "training", "budget", "complaints", "leadership", "programmes", "officers")

Selection = Literal["weak_units", "good_leaders", "none"]


@dataclass(frozen=True)
class SampleDesign:
    """A synthetic study: its size and the process that makes its data.

    Parameters
    ----------
    n_regions, n_periods, first_year, seed
        Number of regions (at most as many as the catalog has) and of half-years, year of the first half-year, and
        seed of every random number.
    regions
        Kemendagri codes to use instead of the catalog's own order; empty for the standard choice.
    units_min, units_max, small_region_units
        Service units in a region, and in the one region that is kept small.
    headcount_sd
        SD of log headcount around the typical size of the unit's service type.
    respondents_median, respondents_sd, respondents_min, respondents_max
        Respondents per unit and half-year: log-normal (skewed), cut off at the limits.
    small_unit_share
        Share of units with 6 to 20 respondents only, so that small cells occur.
    missing_answer_share, comment_share
        Share of answers left blank; share of respondents who write a comment.

    base_index
        Mean of the latent index (25-100) before unit, region and time.
    unit_sd, region_sd
        SD of the lasting differences between units and regions, index points.
    weak_drop
        How far a unit's two weak elements lie below its others, on the scale 1-4.
    element_sd
        SD of further lasting differences between a unit's elements, on the scale 1-4.
    answer_sd, answer_correlation
        SD of a latent answer within a unit and the correlation between two of a respondent's latent answers.
    free_share, fee_level
        Share of units whose service is free (all answer 4 on U4), latent level of U4 elsewhere.
    year_shock_sd, region_shock_sd, unit_shock_sd, unit_shock_memory
        SD of shocks to a year, to a region's half-year and to a unit's half-year (index points), and the share of a
        unit's shock that lasts into the next half-year: the rest is regression to the mean.
    rising_share, rising_slope
        Share of regions whose satisfaction rises, and by how many points a half-year.
    method_breaks
        Pairs of period index and shift in points: from then on *measured* satisfaction is shifted everywhere.

    hours_median, hours_unit_sd, hours_sd, hours_max, no_training_share
        True hours (JP) per head and half-year: median, SD of log between units and within, most that a unit plans,
        share of half-years without any.
    mix_concentration
        How even the forms are within a half-year (Dirichlet concentration); small values are lumpy.
    recorded_low, recorded_high
        The share of participations that a unit records lies between these (under-reporting).
    never_trained_share
        Share of officers who are never sent.
    budget_to_hours, leadership_to_hours
        Elasticity of hours with respect to the development budget; change of log hours per SD of leadership.
    selection, selection_level, selection_transient, selection_leaders
        Who is sent: ``"weak_units"`` (change of log hours per SD of standing, and per SD of last half-year's shock),
        ``"good_leaders"`` (further change of log hours per SD of leadership) or ``"none"``.
    trainer_sd
        SD of the log of trainer capacity by region and half-year; no table records it.
    follow_up_share, matched_follow_up, matched_otherwise
        Share of units that come to follow evaluations up; share of events on a weak element with and without that.
    partner_share, partner_events, partner_extension, partner_cost
        Share of units that gain a partner, share of their events held by it, factor on hours, factor on cost per JP.

    training_effect, training_effect_region_sd
        Points per 10 true JP per head (mean of the last two half-years) at the average mix; relative SD over regions.
    form_effects
        Effect of an hour by form relative to a classroom hour, in the order of `FORMS`.
    matched_effect, generic_effect, matched_focus
        Factors on hours on a weak element's topic and on other hours; the share of the excess that goes to that element
        alone.
    leadership_effect, leadership_moderation, resistance_moderation
        Points per SD of leadership; relative change of the training effect per SD of leadership and of resistance.
    budget_effect
        Points per unit of log realised development budget per head, through facilities (training comes on top).
    award_effect
        Points from an award.
    online_effect_with_it, online_effect_alone, it_training_share
        Change of U3 (scale 1-4) by online registration with and without IT training in the half-year of its start;
        share of adopters who plan such training (some others happen to have it).
    feedback_effect, feedback_log_days, feedback_volume
        Change of U8 (1-4), of log response days, and factor on the number of complaints.
    training_log_days, leadership_log_days
        Change of log response days per 10 true JP per head and per SD of leadership.
    performance_shift
        Shift of officers' latent performance (SD) where performance management is in place at the end.
    mentoring_factor
        Factor on mentoring hours, against those of other forms, once a mentoring programme runs.

    leadership_between, leadership_memory
        Share of the variance of leadership that lies between units; autocorrelation of the rest.
    same_source_share, same_source_within
        Share of the variance of ratings that is halo of the unit's standing, and whether this half-year's shock is
        part of the halo (then even a within-unit estimate is biased upwards).
    raters_min, raters_max, rater_sd, rating_slope
        Staff who rate, SD of a rater's mean, points (1-5) per SD of leadership or resistance.
    budget_median, budget_unit_sd, budget_sd, inflation
        Realised development budget per head and year (million rupiah, prices of the first year), SD of its log
        between units and within, yearly inflation.
    complaints_mean, response_median, response_sd, response_unit_sd, unanswered_share
        Complaints per unit and half-year, median response days, SD of log days within and between units, share of
        complaints that are never answered.
    adopters_share
        Share of units that ever adopt a programme.
    incomplete
        Whether some regions lack some tables (see `docs/sample.md`).
    """

    n_regions: int = 12
    n_periods: int = 10
    first_year: int = 2021
    seed: int = 20260101
    regions: tuple[str, ...] = ()
    units_min: int = 18
    units_max: int = 32
    small_region_units: int = 8
    headcount_sd: float = 0.25
    respondents_median: float = 50.0
    respondents_sd: float = 0.55
    respondents_min: int = 30
    respondents_max: int = 400
    small_unit_share: float = 0.04
    missing_answer_share: float = 0.004
    comment_share: float = 0.01

    base_index: float = 84.0
    unit_sd: float = 5.2
    region_sd: float = 1.5
    weak_drop: float = 0.30
    element_sd: float = 0.05
    answer_sd: float = 0.72
    answer_correlation: float = 0.66
    free_share: float = 0.6
    fee_level: float = 3.85
    year_shock_sd: float = 0.6
    region_shock_sd: float = 0.8
    unit_shock_sd: float = 1.2
    unit_shock_memory: float = 0.15
    rising_share: float = 0.5
    rising_slope: float = 0.6
    method_breaks: tuple[tuple[int, float], ...] = ()

    hours_median: float = 10.5
    hours_unit_sd: float = 0.2
    hours_sd: float = 0.5
    hours_max: float = 30.0
    no_training_share: float = 0.05
    mix_concentration: float = 2.5
    recorded_low: float = 0.6
    recorded_high: float = 0.8
    never_trained_share: float = 0.1
    budget_to_hours: float = 0.6
    leadership_to_hours: float = 0.03
    selection: Selection = "weak_units"
    selection_level: float = 0.1
    selection_transient: float = 0.05
    selection_leaders: float = 0.2
    trainer_sd: float = 0.15
    follow_up_share: float = 0.5
    matched_follow_up: float = 0.55
    matched_otherwise: float = 0.2
    partner_share: float = 0.5
    partner_events: float = 0.6
    partner_extension: float = 1.2
    partner_cost: float = 0.6

    training_effect: float = 1.0
    training_effect_region_sd: float = 0.2
    form_effects: tuple[float, ...] = (1.0, 1.1, 0.1, 2.0, 1.0, 0.6)
    matched_effect: float = 1.7
    generic_effect: float = 0.7
    matched_focus: float = 0.6
    leadership_effect: float = 0.15
    leadership_moderation: float = 0.7
    resistance_moderation: float = 0.4
    budget_effect: float = 1.3
    award_effect: float = 0.0
    online_effect_with_it: float = 0.28
    online_effect_alone: float = 0.10
    it_training_share: float = 0.6
    feedback_effect: float = 0.15
    feedback_log_days: float = -0.40
    feedback_volume: float = 1.3
    training_log_days: float = -0.15
    leadership_log_days: float = -0.08
    performance_shift: float = 0.5
    mentoring_factor: float = 2.0

    leadership_between: float = 0.5
    leadership_memory: float = 0.6
    same_source_share: float = 0.3
    same_source_within: bool = False
    raters_min: int = 6
    raters_max: int = 10
    rater_sd: float = 0.3
    rating_slope: float = 0.6
    budget_median: float = 1.8
    budget_unit_sd: float = 0.3
    budget_sd: float = 0.3
    inflation: float = 0.03
    complaints_mean: float = 3.0
    response_median: float = 10.0
    response_sd: float = 0.8
    response_unit_sd: float = 0.3
    unanswered_share: float = 0.06
    adopters_share: float = 0.6
    incomplete: bool = True

    @property
    def periods(self) -> tuple[str, ...]:
        """Half-years as text, for example ``"2024-S1"``."""
        return tuple(f"{self.first_year + index // 2}-S{index % 2 + 1}" for index in range(self.n_periods))

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the study."""
        return tuple(sorted({int(period[:4]) for period in self.periods}))

    @property
    def period_years(self) -> np.ndarray:
        """For each half-year the position of its year in `years`, shape (periods,)."""
        return np.array([int(period[:4]) - self.first_year for period in self.periods])

    def generator(self, stream: str) -> np.random.Generator:
        """Return the random numbers of one part of the process.

        Each part has its own stream, so that a changed option in one does not change the draws of another.
        """
        return np.random.default_rng([self.seed, *stream.encode()])
