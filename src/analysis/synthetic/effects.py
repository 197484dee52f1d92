"""The true effects of a study: counterfactuals of the process with all noise switched off.

Every effect is a difference between two calls of the same equations, in the units in which a study would report it:
hours are *recorded* hours, the index is the expected index after rounding to 1-4 and the ceiling.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.stats import norm

from analysis.results import FloatArray
from analysis.synthetic.counterfactuals import (
    NEGLIGIBLE,
    Process,
    in_time,
    line_change,
    mean_days,
    per_ten_hours,
    rated_slope,
    rating_gain,
    recorded_hours,
    steady_index,
    variation,
)
from analysis.synthetic.design import SampleDesign
from analysis.synthetic.directed import follow_up_gap, matched_quality
from analysis.synthetic.history import NEVER, History
from analysis.synthetic.response import (
    Change,
)
from analysis.synthetic.tables import PERFORMANCE_CUTS
from analysis.synthetic.truth import CLAIMS, TrueEffect, Truth
from analysis.synthetic.world import BoolArray, World


def true_effects(design: SampleDesign, world: World, history: History, lowest: BoolArray) -> Truth:
    """Compute the true effect behind every claim.

    Parameters
    ----------
    design, world, history
        The process.
    lowest
        Elements that the surveys before showed as lowest, see `analysis.synthetic.directed.lowest_before`.
    """
    process = Process(design, world, history)
    matched, follow_up = partial(matched_quality, lowest=lowest), partial(follow_up_gap, lowest=lowest)
    functions: tuple[Callable[[Process], TrueEffect], ...] = (
        _training, matched, _online, _leadership, _moderation_by_leadership, _award, _feedback, _complaints,
        follow_up, _partners, _internship, _forms, _budget, _moderation_by_resistance, _trainers,
        _performance_management, _rise,
    )  # fmt: skip
    claims = {name: function(process) for name, function in zip(CLAIMS, functions, strict=True)}
    return Truth(design, world.regions, claims, world.missing)


def _effect(values: FloatArray, unit: str, note: str, **also: float) -> TrueEffect:
    effect = float(values.mean())
    return TrueEffect(abs(effect) > NEGLIGIBLE, effect, unit, note, also)


def _training(p: Process) -> TrueEffect:
    gain = per_ten_hours(p.index, lambda h: Change(hours=h))
    weights = variation(p, recorded_hours(p))
    regions = {
        code: float(np.average(gain.mean(axis=1)[here], weights=weights[here]))
        for code, here in ((code, p.world.region == i) for i, code in enumerate(p.world.regions))
    }
    return _weighted(
        gain,
        weights,
        "index points per 10 recorded JP per head (mean of the last two half-years)",
        "10 JP more at the study's mix of forms and topics, averaged over units by how much their hours vary",
        regions,
        per_10_true_hours=float((gain * p.world.recorded_share[:, None]).mean()),
        every_unit_alike=float(gain.mean()),
    )


def _weighted(
    gain: FloatArray, weights: FloatArray, unit: str, note: str, regions: dict[str, float], **also: float
) -> TrueEffect:
    """Average over units by weights: a comparison within units learns most from those whose hours vary most."""
    effect = float(np.average(gain.mean(axis=1), weights=weights))
    return TrueEffect(abs(effect) > NEGLIGIBLE, effect, unit, note, also, regions)


def _online(p: Process) -> TrueEffect:
    adopters = p.history.starts["online_registration"] < NEVER
    off = p.answers(Change(programmes={"online_registration": False}))
    gains = [p.answers(Change(programmes={"online_registration": True}, it_training=x)) - off for x in (True, False)]
    both, alone = gains[0][adopters & p.history.with_it], gains[1][adopters & ~p.history.with_it]
    return _effect(
        both[..., 2] if both.size else np.zeros((1, 1)),
        "points of U3 (1-4)",
        "online registration on against off in the units that adopt it together with IT training",
        without_it_training=_mean(alone[..., 2]),
        index_points=_mean(25 * both.mean(axis=2)),
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else 0.0


def _leadership(p: Process) -> TrueEffect:
    gain = p.index(Change(leadership=0.5)) - p.index(Change(leadership=-0.5))
    per_point = gain / rating_gain(p, "leadership")
    return _effect(
        per_point / 2,
        "index points per half a point of leadership support (1-5)",
        "half a SD more leadership against half a SD less, training hours held fixed, over the ratings that go with it",
        per_sd=float(gain.mean()),
    )


def _moderation_by_leadership(p: Process) -> TrueEffect:
    return _moderation(p, "leadership")


def _moderation_by_resistance(p: Process) -> TrueEffect:
    return _moderation(p, "resistance")


def _moderation(p: Process, name: str) -> TrueEffect:
    def gain(level: float) -> FloatArray:
        base = Change(leadership=level) if name == "leadership" else Change(resistance=level)
        return per_ten_hours(p.index, lambda h: dataclasses.replace(base, hours=h))

    difference = gain(0.5) - gain(-0.5)
    return _weighted(
        difference * rated_slope(p, name),
        variation(p, recorded_hours(p)),
        f"index points per 10 recorded JP per head and point of rated {name} (1-5)",
        f"effect of 10 JP with {name} half a SD higher against lower, times the SD that go with one point of rating",
        {},
        per_sd=float(difference.mean()),
    )


def _programme(p: Process, name: str) -> FloatArray:
    """Gain of the index among adopters, shape (adopters, T)."""
    adopters = p.history.starts[name] < NEVER
    on, off = (p.index(Change(programmes={name: x}))[adopters] for x in (True, False))
    return on - off if adopters.any() else np.zeros((1, 1))


def _award(p: Process) -> TrueEffect:
    return _effect(_programme(p, "award"), "index points from an award", "award on against off among adopters")


def _feedback(p: Process) -> TrueEffect:
    adopters = p.history.starts["feedback_channel"] < NEVER
    on, off = (p.log_days(Change(programmes={"feedback_channel": x}))[adopters] for x in (True, False))
    u8 = [p.answers(Change(programmes={"feedback_channel": x}))[adopters][..., 7] for x in (True, False)]
    if not adopters.any():
        on = off = np.zeros((1, 1))
    return _effect(
        100 * (in_time(on, p.design) - in_time(off, p.design)),
        "percentage points of complaints answered within 14 days",
        "feedback channel on against off among adopters; expected share from the log-normal response time",
        response_days=_mean(mean_days(on, p.design) - mean_days(off, p.design)),
        log_response_days=_mean(on - off),
        u8_points=_mean(u8[0] - u8[1]),
        index_points=float(_programme(p, "feedback_channel").mean()),
    )


def _complaints(p: Process) -> TrueEffect:
    def gain(outcome: Callable[[FloatArray], FloatArray]) -> FloatArray:
        return per_ten_hours(lambda c: outcome(p.log_days(c)), lambda h: Change(hours=h))

    return _weighted(
        100 * gain(lambda days: in_time(days, p.design)),
        variation(p, recorded_hours(p)),
        "percentage points of complaints answered within 14 days per 10 recorded JP per head",
        "10 JP more at the study's mix, averaged over units by how much their hours vary",
        {},
        response_days=_mean(gain(lambda days: mean_days(days, p.design))),
        log_response_days=_mean(gain(lambda days: days)),
        u8_points=_mean(per_ten_hours(p.answers, lambda h: Change(hours=h))[..., 7]),
    )


def _partners(p: Process) -> TrueEffect:
    d = p.design
    change = 100 * (d.partner_cost - 1)
    return TrueEffect(
        abs(change) > NEGLIGIBLE,
        change,
        "percent of the cost of one JP when a partner holds the training",
        "set by the design; hours per head rise as well where there is a partner",
        {"hours_percent": 100 * (d.partner_extension - 1)},
    )


def _form_gain(p: Process, form: str) -> FloatArray:
    return per_ten_hours(
        p.index, lambda h: Change(form_hours={form: h, "classroom": -h} if form != "classroom" else {})
    )


def _internship(p: Process) -> TrueEffect:
    return _effect(
        _form_gain(p, "internship"),
        "index points per 10 recorded JP per head, internship against classroom",
        "10 JP of one form against 10 JP of the other",
    )


def _forms(p: Process) -> TrueEffect:
    gains = {form: _form_gain(p, form) for form in ("mentoring", "workshop", "seminar")}
    return _effect(
        gains["mentoring"] - gains["seminar"],
        "index points per 10 recorded JP per head, mentoring against seminar",
        "10 JP of one form against 10 JP of the other; the parts are against classroom",
        **{f"{form}_against_classroom": float(gain.mean()) for form, gain in gains.items()},
    )


def _budget(p: Process) -> TrueEffect:
    step = float(np.log(1.1))
    now = _one_year_gain(p, step)
    without = Process(dataclasses.replace(p.design, budget_to_hours=0.0), p.world, p.history)
    facilities = _one_year_gain(without, step)
    lasting = p.index(Change(log_budget=(step,) * p.design.n_periods)) - p.index(Change())
    level = p.design.budget_median * np.exp(p.history.log_budget[:, p.design.period_years])
    return _effect(
        now,
        "index points per 10% more realised development budget per head in the same year (total effect)",
        "10% more for every unit in one year, with the training hours of that year that follow from it",
        through_facilities=float(facilities.mean()),
        through_training=float((now - facilities).mean()),
        lasting_rise=float(lasting.mean()),
        per_log_point=float(now.mean() / step),
        per_million_rupiah_per_head=float((now / step / level).mean()),
        hours_percent=100 * (1.1**p.design.budget_to_hours - 1),
    )


def _one_year_gain(p: Process, step: float) -> FloatArray:
    """Gain in each year from a rise of that year's budget alone, shape (units, T)."""
    gain = np.zeros(p.history.shocks.shape)
    for year in range(len(p.design.years)):
        here = p.design.period_years == year
        change = Change(log_budget=tuple(np.where(here, step, 0.0)))
        gain[:, here] = (p.index(change) - p.index(Change()))[:, here]
    return gain


def _trainers(p: Process) -> TrueEffect:
    return TrueEffect(
        None,
        None,
        "none: no table records trainers",
        "trainer capacity varies by region and half-year in the process, but nothing in the files shows it",
    )


def _performance_management(p: Process) -> TrueEffect:
    points = np.array([1, 5, 15, 25, 30])
    means = []
    for shift in (p.design.performance_shift, 0.0):
        limits = norm.cdf(PERFORMANCE_CUTS - shift)
        means.append(float(points @ np.diff(np.concatenate([[0.0], limits, [1.0]]))))
    return TrueEffect(
        abs(means[0] - means[1]) > NEGLIGIBLE,
        means[0] - means[1],
        "points of the professionalism index (performance part, at most 30)",
        "officers of units with performance management at the end of the study against the others",
    )


def _rise(p: Process) -> TrueEffect:
    lasting = steady_index(p)
    own = {code: line_change(lasting[p.world.region == i].mean(axis=0)) for i, code in enumerate(p.world.regions)}
    beyond = {
        code: change - float(np.mean([other for name, other in own.items() if name != code] or [0.0]))
        for code, change in own.items()
    }
    national = float(np.mean(list(own.values())))
    return TrueEffect(
        national > NEGLIGIBLE,
        national,
        "index points over the data, mean of the regions; for a region: beyond the mean of the others",
        "change along a straight line of the expected index without shocks to years, regions and units",
        regions=beyond,
    )
