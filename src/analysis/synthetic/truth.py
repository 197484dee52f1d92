"""The true effects of a study: counterfactuals of the process with all noise switched off.

Every effect is a difference between two calls of the same equations, in the units in which a study would report it:
hours are *recorded* hours, the index is the expected index after rounding to 1-4 and the ceiling.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import norm

from analysis.results import FloatArray
from analysis.synthetic.design import SampleDesign
from analysis.synthetic.history import NEVER, History
from analysis.synthetic.response import (
    Change,
    expected_answers,
    expected_index,
    log_response_days,
)
from analysis.synthetic.tables import PERFORMANCE_CUTS
from analysis.synthetic.world import World

CLAIMS = (
    "training_raises_quality",
    "matched_training_works_better",
    "online_registration_shortens_waiting",
    "leadership_raises_quality",
    "leadership_makes_training_work",
    "awards_raise_performance",
    "feedback_channels_raise_responsiveness",
    "development_improves_complaint_handling",
    "evaluation_followed_up_closes_gap",
    "partnerships_extend_training",
    "internships_differ",
    "mentoring_workshops_seminars_differ",
    "budget_raises_quality",
    "resistance_weakens_training",
    "lack_of_trainers_limits_training",
    "performance_management_raises_professionalism",
    "satisfaction_has_risen",
)
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class TrueEffect:
    """What is true of one claim.

    Parameters
    ----------
    holds
        Whether the claim is true in the process; None where the data cannot show it.
    effect
        The true effect in `unit`; None where it cannot be identified from the data.
    unit
        What the effect is measured in, in English.
    note
        How the effect was computed.
    also
        The same effect in other units, or its parts.
    regions
        The effect by region code, where it differs.
    """

    holds: bool | None
    effect: float | None
    unit: str
    note: str
    also: Mapping[str, float] = field(default_factory=dict)
    regions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """All true effects of a study with the parameters that made it.

    Parameters
    ----------
    design
        The parameters.
    regions
        Codes of the regions.
    claims
        Claim id to `TrueEffect`, in the order of `CLAIMS`.
    missing
        Region code to the tables that it does not deliver.
    """

    design: SampleDesign
    regions: tuple[str, ...]
    claims: Mapping[str, TrueEffect]
    missing: Mapping[str, tuple[str, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready types, numbers rounded to 6 significant digits."""
        parameters = dataclasses.asdict(self.design)
        return {
            "synthetic": True,
            "seed": self.design.seed,
            "regions": list(self.regions),
            "missing_tables": {code: list(tables) for code, tables in self.missing.items()},
            "parameters": _plain(parameters),
            "claims": {name: _plain(dataclasses.asdict(effect)) for name, effect in self.claims.items()},
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.6g}")
    if isinstance(value, (np.bool_, np.integer)):
        return value.item()
    return value


@dataclass(frozen=True)
class Process:
    """The three parts from which every counterfactual is computed."""

    design: SampleDesign
    world: World
    history: History

    def index(self, change: Change) -> FloatArray:
        """Return the expected index under `change`, shape (units, T)."""
        return expected_index(self.design, self.world, self.history, change)

    def answers(self, change: Change) -> FloatArray:
        """Return expected answers under `change`, shape (units, T, 9)."""
        return expected_answers(self.design, self.world, self.history, change)

    def log_days(self, change: Change) -> FloatArray:
        """Mean of the log of response days under `change`, shape (units, T)."""
        return log_response_days(self.design, self.world, self.history, change)

    def by_region(self, values: FloatArray) -> dict[str, float]:
        """Mean of an array (units, T) by region code."""
        units = values.mean(axis=1)
        return {code: float(units[self.world.region == i].mean()) for i, code in enumerate(self.world.regions)}


def true_effects(design: SampleDesign, world: World, history: History) -> Truth:
    """Compute the true effect behind every claim."""
    process = Process(design, world, history)
    functions: tuple[Callable[[Process], TrueEffect], ...] = (
        _training, _matched, _online, _leadership, _moderation_by_leadership, _award, _feedback, _complaints,
        _follow_up, _partners, _internship, _forms, _budget, _moderation_by_resistance, _trainers,
        _performance_management, _rise,
    )  # fmt: skip
    claims = {name: function(process) for name, function in zip(CLAIMS, functions, strict=True)}
    return Truth(design, world.regions, claims, world.missing)


def _effect(values: FloatArray, unit: str, note: str, **also: float) -> TrueEffect:
    effect = float(values.mean())
    return TrueEffect(abs(effect) > NEGLIGIBLE, effect, unit, note, also)


def _training(p: Process) -> TrueEffect:
    gain = p.index(Change(hours=10)) - p.index(Change())
    true_hours = gain * p.world.recorded_share[:, None]
    effect = _effect(
        gain,
        "index points per 10 recorded JP per head (mean of the last two half-years)",
        "10 JP more for every unit at the study's mix of forms and topics; recorded hours are fewer than true ones",
        per_10_true_hours=float(true_hours.mean()),
    )
    return dataclasses.replace(effect, regions=p.by_region(gain))


def _matched(p: Process) -> TrueEffect:
    gain = p.index(Change(matched_hours=10)) - p.index(Change(generic_hours=10))
    return _effect(
        gain,
        "index points per 10 recorded JP per head moved from other topics to a weak element's topic",
        "difference between 10 JP on the unit's two weak elements and 10 JP on other topics",
        matched=float((p.index(Change(matched_hours=10)) - p.index(Change())).mean()),
        generic=float((p.index(Change(generic_hours=10)) - p.index(Change())).mean()),
    )


def _online(p: Process) -> TrueEffect:
    adopters = p.history.starts["online_registration"] < NEVER
    on, off = (p.answers(Change(programmes={"online_registration": x}))[adopters] for x in (True, False))
    both, alone = (
        p.answers(Change(programmes={"online_registration": True}, it_training=x))[adopters] for x in (True, False)
    )
    return _effect(
        (on - off)[..., 2] if adopters.any() else np.zeros((1, 1)),
        "points of U3 (1-4) from online registration, average over adopters",
        "online registration on against off in the units that adopt it, IT training as it came",
        with_it_training=_mean((both - off)[..., 2]),
        without_it_training=_mean((alone - off)[..., 2]),
        index_points=_mean(25 * (on - off).mean(axis=2)),
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else 0.0


def _leadership(p: Process) -> TrueEffect:
    step = 0.5
    gain = (p.index(Change(leadership=step)) - p.index(Change(leadership=-step))) / (2 * step)
    visible = p.design.rating_slope * np.sqrt(1 - p.design.same_source_share)
    return _effect(
        gain,
        "index points per SD of leadership (total over units and half-years)",
        "half a SD more against half a SD less for every unit, training hours held fixed",
        per_point_of_rating=float(gain.mean() / visible),
    )


def _moderation_by_leadership(p: Process) -> TrueEffect:
    return _moderation(p, "leadership", p.design.rating_slope * np.sqrt(1 - p.design.same_source_share))


def _moderation_by_resistance(p: Process) -> TrueEffect:
    return _moderation(p, "resistance", p.design.rating_slope)


def _moderation(p: Process, name: str, slope: float) -> TrueEffect:
    def gain(level: float) -> FloatArray:
        base = Change(leadership=level) if name == "leadership" else Change(resistance=level)
        return np.asarray(p.index(dataclasses.replace(base, hours=10)) - p.index(base))

    return _effect(
        gain(0.5) - gain(-0.5),
        f"index points per 10 recorded JP per head and SD of {name}",
        f"effect of 10 JP with {name} half a SD higher against half a SD lower",
        per_point_of_rating=float((gain(0.5) - gain(-0.5)).mean() / slope),
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
        in_time(on, p.design) - in_time(off, p.design),
        "share of complaints answered within 14 days, feedback channel on against off among adopters",
        "expected share from the log-normal response time",
        response_days=_mean(mean_days(on, p.design) - mean_days(off, p.design)),
        log_response_days=_mean(on - off),
        u8_points=_mean(u8[0] - u8[1]),
        index_points=float(_programme(p, "feedback_channel").mean()),
    )


def in_time(log_days: FloatArray, design: SampleDesign, limit: int = 14) -> FloatArray:
    """Return the expected share of complaints answered within `limit` days (days are rounded up)."""
    share = norm.cdf((np.log(limit) - log_days) / design.response_sd)
    return np.asarray((1 - design.unanswered_share) * share)


def mean_days(log_days: FloatArray, design: SampleDesign) -> FloatArray:
    """Return the expected days until an answer; half a day is added because days are rounded up."""
    return np.asarray(np.exp(log_days + design.response_sd**2 / 2) + 0.5)


def _complaints(p: Process) -> TrueEffect:
    more, now = p.log_days(Change(hours=10)), p.log_days(Change())
    u8 = p.answers(Change(hours=10))[..., 7] - p.answers(Change())[..., 7]
    return _effect(
        in_time(more, p.design) - in_time(now, p.design),
        "share of complaints answered within 14 days per 10 recorded JP per head",
        "10 JP more for every unit at the study's mix",
        response_days=_mean(mean_days(more, p.design) - mean_days(now, p.design)),
        log_response_days=_mean(more - now),
        u8_points=_mean(u8),
    )


def _follow_up(p: Process) -> TrueEffect:
    gain = p.answers(Change(matched_hours=10)) - p.answers(Change(generic_hours=10))
    weak, other = p.world.weak[:, None, :], ~p.world.weak[:, None, :]
    on_weak = (gain * weak).sum(axis=2) / 2
    return _effect(
        on_weak - (gain * other).sum(axis=2) / 7,
        "points (1-4) by which the gap of the two weak elements closes per 10 recorded JP on their topics",
        "10 JP on weak elements against 10 JP on other topics: change of the weak elements minus that of the others",
        weak_elements=float(on_weak.mean()),
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
    return p.index(Change(form_hours={form: 10.0})) - p.index(Change(form_hours={"classroom": 10.0}))


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
    more = p.index(Change(log_budget=float(np.log(1.1)))) - p.index(Change())
    direct = p.design.budget_to_hours
    without = Process(dataclasses.replace(p.design, budget_to_hours=0.0), p.world, p.history)
    facilities = without.index(Change(log_budget=float(np.log(1.1)))) - without.index(Change())
    level = p.design.budget_median * np.exp(p.history.log_budget[:, p.design.period_years])
    return _effect(
        more,
        "index points per 10% more realised development budget per head (total effect)",
        "10% more for every unit, with the training hours that follow from it",
        through_facilities=float(facilities.mean()),
        through_training=float((more - facilities).mean()),
        per_million_rupiah_per_head=float((more / np.log(1.1) / level).mean()),
        hours_percent=100 * (1.1**direct - 1),
    )


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
    drawn, flat = p.index(Change()), p.index(Change(trends=False))
    units = drawn[:, -1] - flat[:, -1]
    rise = {code: float(units[p.world.region == i].mean()) for i, code in enumerate(p.world.regions)}
    return TrueEffect(
        p.design.rising_slope > 0 and bool(p.world.rising.any()),
        float(units.mean()),
        "index points from the first to the last half-year through the region's own trend",
        "with the trends of the rising regions against without; shocks are the same in both",
        {"total_change": float((drawn[:, -1] - drawn[:, 0]).mean())},
        rise,
    )
