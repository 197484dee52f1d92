"""The best use of a budget and of trainer-days over units and forms of training.

Hours of every unit and form are cut into segments of falling return (piecewise-linear and concave), so that the best
use is a linear programme; whole packages make it a mixed-integer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.messages import Message
from analysis.policy.problem import AllocationProblem, value_of
from analysis.policy.programme import MILLION, Programme, limits_of, touches
from analysis.results import FloatArray


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
        Limits that are reached, `analysis.policy.programme.LIMITS`.
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
    limits = limits_of(problem)
    amounts = {name: row.matrix @ hours.ravel() for name, row in limits.items()}
    spend = float(problem.headcount @ hours @ problem.cost_per_hour)
    days = float(problem.headcount @ hours @ problem.trainer_days_per_hour)
    binding = tuple(name for name, row in limits.items() if touches(amounts[name], row))
    return Allocation("ok", hours, value_of(problem, hours, slopes), spend, days, binding)


def _remedies(problem: AllocationProblem) -> list[Message]:
    """Return by how much each limit alone would have to give way."""
    oversteps = {name: Programme(problem, name).least_overstep() for name in limits_of(problem)}
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
