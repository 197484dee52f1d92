"""The best use of a budget and of trainer-days over units and forms of training.

Hours of every unit and form are cut into segments of falling return (piecewise-linear and concave), so that the best
use is a linear programme; whole packages make it a mixed-integer one. Both are solved by HiGHS through scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from analysis.errors import UsageError
from analysis.messages import Message
from analysis.results import FloatArray

MILLION = 1e6
TOLERANCE = 1e-6
LIMITS = ("budget", "trainer_days", "minimum_hours", "maximum_hours", "form_hours", "minimum_spend", "equity")


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


@dataclass(frozen=True)
class Allocation:
    """An answer.

    Parameters
    ----------
    status
        ``"ok"`` or ``"infeasible"``: then `hours` is empty and `reason` and `remedies` say what to do.
    hours
        JP per officer and year, shape (U, F).
    value
        Weighted gain in index points at the effects that were given.
    spend, trainer_days
        What it takes a year.
    binding
        Limits that are reached, of `LIMITS`.
    reason
        Why there is no answer.
    remedies
        What would make it feasible, each by itself.
    """

    status: Literal["ok", "infeasible"]
    hours: FloatArray
    value: float
    spend: float
    trainer_days: float
    binding: tuple[str, ...] = ()
    reason: Message | None = None
    remedies: tuple[Message, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.status == "ok"


@dataclass(frozen=True)
class _Row:
    """One group of linear limits on the hours, ``low <= A hours <= high``; A is (rows, U F)."""

    matrix: FloatArray
    low: float
    high: float | FloatArray


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
    gain, harm = np.maximum(values, 0).mean(axis=0), np.minimum(values, 0).mean(axis=0)
    slopes = gain[..., None] * np.asarray(problem.returns) + harm[..., None]
    return np.asarray(slopes * problem.unit_weight[:, None, None])


def value_of(problem: AllocationProblem, hours: FloatArray, slopes: FloatArray) -> float:
    """Return the weighted gain of hours (U, F) under slopes (U, F, S)."""
    return float((split_into_segments(problem, hours) * slopes).sum())


def split_into_segments(problem: AllocationProblem, hours: FloatArray) -> FloatArray:
    """Fill segments in order: shape (U, F, S). Hours beyond the last segment bring nothing."""
    ends = np.cumsum(problem.widths)
    return np.asarray(np.clip(np.asarray(hours)[..., None] - (ends - problem.widths), 0.0, problem.widths))


def solve(problem: AllocationProblem, slopes: FloatArray, *, explain: bool = True) -> Allocation:
    """Find the hours with the largest value.

    Parameters
    ----------
    problem
        What is distributed.
    slopes
        See `segment_slopes`.
    explain
        Whether to look for remedies if there is no answer.
    """
    result = Programme(problem).best(slopes)
    if result is None:
        remedies = tuple(_remedies(problem)) if explain else ()
        empty = np.zeros((0, 0))
        return Allocation("infeasible", empty, np.nan, np.nan, np.nan, (), _infeasible(remedies), remedies)
    return describe(problem, result, slopes)


def describe(problem: AllocationProblem, hours: FloatArray, slopes: FloatArray) -> Allocation:
    """Return value, spending and binding limits of given hours (U, F)."""
    amounts = {name: row.matrix @ hours.ravel() for name, row in _limits(problem).items()}
    spend = float(problem.headcount @ hours @ problem.cost_per_hour)
    days = float(problem.headcount @ hours @ problem.trainer_days_per_hour)
    binding = tuple(name for name, row in _limits(problem).items() if _touches(amounts[name], row))
    return Allocation("ok", hours, value_of(problem, hours, slopes), spend, days, binding)


def _touches(amount: FloatArray, row: _Row) -> bool:
    ends = [np.asarray(end, dtype=float) for end in (row.low, row.high) if np.all(np.isfinite(end))]
    return any(bool(np.any(np.abs(amount - end) < TOLERANCE * np.maximum(1.0, np.abs(end)))) for end in ends)


def _inside(amount: FloatArray, row: _Row) -> bool:
    low, high = np.asarray(row.low, dtype=float), np.asarray(row.high, dtype=float)
    slack = [TOLERANCE * np.maximum(1.0, np.where(np.isfinite(end), np.abs(end), 0.0)) for end in (low, high)]
    return bool(np.all(amount >= low - slack[0]) and np.all(amount <= high + slack[1]))


def _limits(problem: AllocationProblem) -> dict[str, _Row]:
    """Return the limits by name; money in million rupiah, so that all numbers are of similar size."""
    units, forms, _ = problem.shape
    money = np.asarray(np.outer(problem.headcount, problem.cost_per_hour) / MILLION, dtype=float)
    days = np.asarray(np.outer(problem.headcount, problem.trainer_days_per_hour), dtype=float)
    of_unit = np.asarray(np.kron(np.eye(units), np.ones(forms)), dtype=float)
    finite = np.isfinite(np.tile(problem.most_by_form, units))
    rows = {
        "budget": _Row(np.asarray(money).reshape(1, -1), -np.inf, problem.budget / MILLION),
        "trainer_days": _Row(days.reshape(1, -1), -np.inf, problem.trainer_days),
        "minimum_hours": _Row(of_unit, problem.minimum_hours, np.inf),
        "maximum_hours": _Row(of_unit, -np.inf, problem.maximum_hours),
        "form_hours": _Row(np.eye(units * forms)[finite], -np.inf, np.tile(problem.most_by_form, units)[finite]),
        "minimum_spend": _Row(np.asarray(money).reshape(1, -1), problem.minimum_spend / MILLION, np.inf),
        "equity": _Row(_equity_matrix(problem, money), 0.0, np.inf),
    }
    asked = {
        "budget": True,
        "trainer_days": np.isfinite(problem.trainer_days),
        "minimum_hours": problem.minimum_hours > 0,
        "maximum_hours": np.isfinite(problem.maximum_hours),
        "form_hours": bool(finite.any()),
        "minimum_spend": problem.minimum_spend > 0,
        "equity": problem.equity_share > 0,
    }
    return {name: row for name, row in rows.items() if asked[name]}


def _equity_matrix(problem: AllocationProblem, money: FloatArray) -> FloatArray:
    """Rows: spending per officer of a unit less the share of the mean spending per officer."""
    units, forms, _ = problem.shape
    per_head = np.kron(np.eye(units), np.ones(forms)) * np.tile(problem.cost_per_hour, units) / MILLION
    mean = money.reshape(1, -1) / max(problem.headcount.sum(), 1e-12)
    return np.asarray(per_head - problem.equity_share * mean)


class Programme:
    """The linear programme of a problem, set up once for any number of objectives.

    Variables are the hours in each segment, the numbers of packages where hours come in packages, and the oversteps of
    the limits that are relaxed.

    Parameters
    ----------
    problem
        What is distributed.
    relaxed
        Name of a limit that may be overstepped; then the least overstep is looked for.
    """

    def __init__(self, problem: AllocationProblem, relaxed: str | None = None) -> None:
        units, forms, segments = problem.shape
        self.problem, self.slack = problem, int(relaxed is not None)
        self.size, self.packages = units * forms * segments, units * forms if problem.package_hours else 0
        self.sums = sparse.kron(sparse.eye(units * forms), np.ones((1, segments)), format="csr")
        rows = _limits(problem)
        self.constraints = [self._limit(row, name == relaxed) for name, row in rows.items()]
        if self.packages:
            self.constraints.append(self._whole_packages())
        free = np.full(self.packages + self.slack, np.inf)
        self.bounds = optimize.Bounds(0, np.concatenate([np.tile(problem.widths, units * forms), free]))

    def _limit(self, row: _Row, relaxed: bool) -> optimize.LinearConstraint:
        overstep = np.zeros((len(row.matrix), self.slack))
        if relaxed:
            overstep[:] = 1.0 if np.all(np.isfinite(row.low)) else -1.0
        parts = [sparse.csr_array(row.matrix @ self.sums), sparse.csr_array((len(row.matrix), self.packages)), overstep]
        return optimize.LinearConstraint(sparse.hstack(parts, format="csr"), row.low, row.high)

    def _whole_packages(self) -> optimize.LinearConstraint:
        size = -float(self.problem.package_hours or 0) * sparse.eye(self.packages)
        parts = [self.sums, size, np.zeros((self.packages, self.slack))]
        return optimize.LinearConstraint(sparse.hstack(parts, format="csr"), 0.0, 0.0)

    def best(self, slopes: FloatArray) -> FloatArray | None:
        """Return the hours (U, F) with the largest value, None if the limits exclude each other."""
        found = self._run(np.concatenate([-slopes.ravel(), np.zeros(self.packages)]))
        if found is None:
            return None
        units, forms, segments = self.problem.shape
        hours = found[: self.size].reshape(units, forms, segments).sum(axis=2)
        if self.problem.package_hours:
            hours = np.round(hours / self.problem.package_hours) * self.problem.package_hours
        return np.asarray(hours)

    def allows(self, hours: FloatArray) -> bool:
        """Return whether given hours (U, F) keep every limit."""
        limits = _limits(self.problem).values()
        inside = all(_inside(row.matrix @ np.asarray(hours).ravel(), row) for row in limits)
        return inside and bool(np.all(np.asarray(hours) <= sum(self.problem.widths) + TOLERANCE))

    def least_overstep(self) -> float | None:
        """Return by how much the relaxed limit has to give way, None if that does not help."""
        found = self._run(np.zeros(self.size + self.packages))
        return None if found is None else float(found[-1])

    def _run(self, objective: FloatArray) -> FloatArray | None:
        whole = np.concatenate([np.zeros(self.size), np.ones(self.packages), np.zeros(self.slack)])
        result = optimize.milp(
            np.concatenate([objective, np.ones(self.slack)]),
            constraints=self.constraints,
            bounds=self.bounds,
            integrality=whole,
            options={"mip_rel_gap": self.problem.gap},
        )
        return np.asarray(result.x, dtype=float) if result.status == 0 else None


def _remedies(problem: AllocationProblem) -> list[Message]:
    """Return by how much each limit alone would have to give way."""
    oversteps = {name: Programme(problem, name).least_overstep() for name in _limits(problem)}
    return [_remedy(problem, name, found) for name, found in oversteps.items() if found is not None]


def _remedy(problem: AllocationProblem, name: str, overstep: float) -> Message:
    values = {
        "budget": {"amount": overstep * MILLION, "total": problem.budget + overstep * MILLION},
        "minimum_spend": {"amount": overstep * MILLION, "total": problem.minimum_spend - overstep * MILLION},
        "trainer_days": {"amount": overstep, "total": problem.trainer_days + overstep},
        "minimum_hours": {"amount": overstep, "total": problem.minimum_hours - overstep},
        "maximum_hours": {"amount": overstep, "total": problem.maximum_hours + overstep},
        "form_hours": {"amount": overstep},
        "equity": {"share": problem.equity_share},
    }
    return Message(f"policy.remedy_{name}", values[name])


def _infeasible(remedies: Sequence[Message]) -> Message:
    return Message("policy.infeasible" if remedies else "policy.infeasible_jointly")
