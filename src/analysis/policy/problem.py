"""What an allocation distributes, and what hours of each form bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.errors import UsageError
from analysis.results import FloatArray


@dataclass(frozen=True)
class AllocationProblem:
    """What is to be distributed, and under which rules. Hours are JP per officer and year.

    Parameters
    ----------
    units, forms
        Names (U, F).
    headcount
        Officers per unit, shape (U,).
    cost_per_hour
        Rupiah per JP and participant by form, shape (F,).
    trainer_days_per_hour
        Trainer-days behind one JP of one participant by form, shape (F,).
    budget
        Rupiah a year.
    trainer_days
        Trainer-days a year; infinite if they do not limit.
    widths, returns
        Hours in each segment and the return in it relative to the first, shape (S,); returns fall.
    weight
        Weight of a unit's gain, shape (U,); equal by default. The value is the weighted sum of gains.
    minimum_hours
        Least JP per officer and year in every unit (20 by PP 11/2017 article 203).
    maximum_hours
        Most JP per officer and year in a unit: the end of what has been observed.
    form_hours
        Most JP per officer and year of each form, shape (F,): the end of what has been observed of it. None for no
        limit.
    minimum_spend
        Least rupiah that has to be spent (0.34 or 0.16 percent of regional expenditure, net).
    equity_share
        Every unit gets at least this share (0 to 1) of the mean spending per officer.
    package_hours
        JP of one indivisible package per officer; None if hours can be cut at will.
    gap
        Relative distance to the optimum at which whole packages count as solved; otherwise the answer is exact.

    Raises
    ------
    UsageError
        If shapes do not fit, returns rise, or an amount is negative.
    """

    units: tuple[str, ...]
    forms: tuple[str, ...]
    headcount: FloatArray
    cost_per_hour: FloatArray
    trainer_days_per_hour: FloatArray
    budget: float
    trainer_days: float = np.inf
    widths: tuple[float, ...] = (10.0, 10.0, 20.0)
    returns: tuple[float, ...] = (1.0, 0.6, 0.3)
    weight: FloatArray | None = None
    minimum_hours: float = 0.0
    maximum_hours: float = np.inf
    form_hours: FloatArray | None = None
    minimum_spend: float = 0.0
    equity_share: float = 0.0
    package_hours: float | None = None
    gap: float = 1e-4

    def __post_init__(self) -> None:
        for name in ("headcount", "cost_per_hour", "trainer_days_per_hour"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        most = np.full(len(self.forms), np.inf) if self.form_hours is None else np.asarray(self.form_hours, dtype=float)
        object.__setattr__(self, "form_hours", most)
        weight = np.full(len(self.units), 1 / len(self.units)) if self.weight is None else np.asarray(self.weight)
        object.__setattr__(self, "weight", np.asarray(weight, dtype=float))
        if not (self._shapes_fit() and self._amounts_fit(weight)):
            raise UsageError("policy.allocation_problem", units=len(self.units), forms=len(self.forms))

    def _shapes_fit(self) -> bool:
        by_unit = (len(self.units),)
        return (
            self.headcount.shape == by_unit
            and self.unit_weight.shape == by_unit
            and self.cost_per_hour.shape == self.trainer_days_per_hour.shape == (len(self.forms),)
            and self.most_by_form.shape == (len(self.forms),)
            and len(self.widths) == len(self.returns) > 0
        )

    def _amounts_fit(self, weight: FloatArray) -> bool:
        amounts = [*self.headcount, *self.cost_per_hour, *self.trainer_days_per_hour, *weight, *self.most_by_form]
        amounts += [self.budget, self.trainer_days, self.minimum_hours, self.minimum_spend, self.maximum_hours]
        falling = all(0 <= later <= earlier for earlier, later in zip(self.returns, self.returns[1:], strict=False))
        return falling and min(amounts) >= 0 and 0 <= self.equity_share <= 1 and min(self.widths) > 0

    @property
    def unit_weight(self) -> FloatArray:
        """Weight of each unit's gain, shape (U,)."""
        return np.asarray(self.weight, dtype=float)

    @property
    def most_by_form(self) -> FloatArray:
        """Most hours of each form, shape (F,), infinite where there is no limit."""
        return np.asarray(self.form_hours, dtype=float)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of units, forms and segments."""
        return len(self.units), len(self.forms), len(self.widths)


def segment_slopes(problem: AllocationProblem, effects: npt.ArrayLike) -> FloatArray:
    """Return the gain per JP in each segment, shape (U, F, S), the units' weights included.

    A positive effect falls off by `returns`; harm does not fade, so a negative one stays the same in every segment.

    Parameters
    ----------
    problem
        What is distributed.
    effects
        Index points per JP per officer and year in the first segment, shape (U, F) or (F,); or draws of them with a
        leading axis (D, U, F), of which the mean slope is taken.
    """
    units, forms, _ = problem.shape
    values = np.asarray(effects, dtype=float)
    values = np.broadcast_to(values, (*values.shape[:-2], units, forms) if values.ndim > 1 else (units, forms))
    if values.ndim == 2:
        values = values[None]
    return _slopes(problem, np.maximum(values, 0).mean(axis=0), np.minimum(values, 0).mean(axis=0))


def draw_slopes(problem: AllocationProblem, draws: FloatArray) -> FloatArray:
    """Return `segment_slopes` of every draw, shape (D, U, F, S); draws are (D, U, F) or (D, 1, F)."""
    units, forms, _ = problem.shape
    values = np.broadcast_to(draws, (len(draws), units, forms))
    return _slopes(problem, np.maximum(values, 0), np.minimum(values, 0))


def _slopes(problem: AllocationProblem, gain: FloatArray, harm: FloatArray) -> FloatArray:
    slopes = gain[..., None] * np.asarray(problem.returns) + harm[..., None]
    return np.asarray(slopes * problem.unit_weight[:, None, None])


def value_of(problem: AllocationProblem, hours: FloatArray, slopes: FloatArray) -> float:
    """Return the weighted gain of hours (U, F) under slopes (U, F, S)."""
    return float((split_into_segments(problem, hours) * slopes).sum())


def split_into_segments(problem: AllocationProblem, hours: FloatArray) -> FloatArray:
    """Fill segments in order: shape (U, F, S). Hours beyond the last segment bring nothing."""
    ends = np.cumsum(problem.widths)
    return np.asarray(np.clip(np.asarray(hours)[..., None] - (ends - problem.widths), 0.0, problem.widths))
