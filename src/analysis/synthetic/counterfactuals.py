"""Quantities that the true effects are made of: the process without noise, and what a study would see of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from analysis.results import FloatArray
from analysis.synthetic.design import SampleDesign
from analysis.synthetic.history import History, trends
from analysis.synthetic.response import Change, expected_answers, expected_index, log_response_days, two_period_mean
from analysis.synthetic.tables import perceived, rating_mean
from analysis.synthetic.world import World

NEGLIGIBLE = 1e-9
Outcome = Callable[[Change], FloatArray]


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


def per_ten_hours(outcome: Outcome, change: Callable[[float], Change]) -> FloatArray:
    """Return the gain per 10 JP at the margin: a straight-line model sees the slope, not a step towards the ceiling.

    Parameters
    ----------
    outcome
        Function of a change, for example ``process.index``.
    change
        Change that belongs to a number of recorded JP per head.
    """
    return np.asarray(5 * (outcome(change(1.0)) - outcome(change(-1.0))))


def recorded_hours(p: Process, matched: bool = False) -> FloatArray:
    """Return recorded (matched) JP per head, mean of the last two half-years, shape (units, T)."""
    events = p.history.events
    hours = events.recorded * events.length * (events.matched if matched else 1)
    return two_period_mean(hours.sum(axis=2) / p.world.units["headcount"].to_numpy()[:, None])


def variation(p: Process, hours: FloatArray) -> FloatArray:
    """Return the variance of hours within each unit after the region's half-years are taken out, shape (units,).

    Only half-years with one before are used, as in a study. All weights are 1 where nothing varies.
    """
    hours = hours[:, 1:] if hours.shape[1] > 1 else hours
    left = hours - hours.mean(axis=1, keepdims=True)
    for position in range(len(p.world.regions)):
        here = p.world.region == position
        left[here] -= left[here].mean(axis=0)
    weights = (left**2).mean(axis=1)
    return weights if weights.max() > NEGLIGIBLE else np.ones(len(weights))


def rated_slope(p: Process, name: str) -> float:
    """Return by how many SD leadership or resistance is higher where its expected rating is one point higher.

    Part of the rating is halo: this is the slope of the best line from rating to truth, free of raters' noise.
    """
    rating = rating_mean(p.design, perceived(p.design, p.world, p.history, name)).ravel()
    truth = (p.history.leadership if name == "leadership" else p.history.resistance).ravel()
    covariance = np.cov(truth, rating)
    return float(covariance[0, 1] / covariance[1, 1])


def rating_gain(p: Process, name: str) -> float:
    """Return by how many points (1-5) the expected rating rises with one SD of leadership or resistance."""
    low, high = (rating_mean(p.design, perceived(p.design, p.world, p.history, name, step)) for step in (-0.5, 0.5))
    return float((high - low).mean())


def in_time(log_days: FloatArray, design: SampleDesign, limit: int = 14) -> FloatArray:
    """Return the expected share of complaints answered within `limit` days (days are rounded up)."""
    share = norm.cdf((np.log(limit) - log_days) / design.response_sd)
    return np.asarray((1 - design.unanswered_share) * share)


def mean_days(log_days: FloatArray, design: SampleDesign) -> FloatArray:
    """Return the expected days until an answer; half a day is added because days are rounded up."""
    return np.asarray(np.exp(log_days + design.response_sd**2 / 2) + 0.5)


def steady_index(p: Process) -> FloatArray:
    """Return the expected index without any shock: trends, training and programmes only, shape (units, T)."""
    calm = dataclasses.replace(
        p.history,
        common=trends(p.design, p.world),
        shocks=np.zeros_like(p.history.shocks),
    )
    return expected_index(p.design, p.world, calm)


def line_change(values: FloatArray) -> float:
    """Return the change of a least-squares line from the first to the last of equally spaced values."""
    times = np.arange(len(values)) - (len(values) - 1) / 2
    spread = float(times @ times)
    return float(times @ values) / spread * (len(values) - 1) if spread else 0.0
