"""The linear programme behind an allocation, solved by HiGHS through scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from analysis.policy.problem import AllocationProblem
from analysis.results import FloatArray

MILLION = 1e6
TOLERANCE = 1e-6
LIMITS = ("budget", "trainer_days", "minimum_hours", "maximum_hours", "form_hours", "minimum_spend", "equity")


@dataclass(frozen=True)
class Limit:
    """One group of linear limits on the hours, ``low <= A hours <= high``; A is (rows, U F)."""

    matrix: FloatArray
    low: float
    high: float | FloatArray


def touches(amount: FloatArray, row: Limit) -> bool:
    """Return whether an amount reaches an end of its limit."""
    ends = [np.asarray(end, dtype=float) for end in (row.low, row.high) if np.all(np.isfinite(end))]
    return any(bool(np.any(np.abs(amount - end) < TOLERANCE * np.maximum(1.0, np.abs(end)))) for end in ends)


def _inside(amount: FloatArray, row: Limit) -> bool:
    low, high = np.asarray(row.low, dtype=float), np.asarray(row.high, dtype=float)
    slack = [TOLERANCE * np.maximum(1.0, np.where(np.isfinite(end), np.abs(end), 0.0)) for end in (low, high)]
    return bool(np.all(amount >= low - slack[0]) and np.all(amount <= high + slack[1]))


def limits_of(problem: AllocationProblem) -> dict[str, Limit]:
    """Return the limits by name; money in million rupiah, so that all numbers are of similar size."""
    units, forms, _ = problem.shape
    money = np.asarray(np.outer(problem.headcount, problem.cost_per_hour) / MILLION, dtype=float)
    days = np.asarray(np.outer(problem.headcount, problem.trainer_days_per_hour), dtype=float)
    of_unit = np.asarray(np.kron(np.eye(units), np.ones(forms)), dtype=float)
    finite = np.isfinite(np.tile(problem.most_by_form, units))
    rows = {
        "budget": Limit(np.asarray(money).reshape(1, -1), -np.inf, problem.budget / MILLION),
        "trainer_days": Limit(days.reshape(1, -1), -np.inf, problem.trainer_days),
        "minimum_hours": Limit(of_unit, problem.minimum_hours, np.inf),
        "maximum_hours": Limit(of_unit, -np.inf, problem.maximum_hours),
        "form_hours": Limit(np.eye(units * forms)[finite], -np.inf, np.tile(problem.most_by_form, units)[finite]),
        "minimum_spend": Limit(np.asarray(money).reshape(1, -1), problem.minimum_spend / MILLION, np.inf),
        "equity": Limit(_equity_matrix(problem, money), 0.0, np.inf),
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
    mean = money.reshape(1, -1) / max(problem.headcount.sum(), 1e-12)
    return np.asarray(_spending_per_officer(problem) - problem.equity_share * mean)


def _spending_per_officer(problem: AllocationProblem) -> FloatArray:
    units, forms, _ = problem.shape
    return np.asarray(np.kron(np.eye(units), np.ones(forms)) * np.tile(problem.cost_per_hour, units) / MILLION)


class Programme:
    """The linear programme of a problem, set up once for any number of objectives.

    Variables are the hours in each segment, the numbers of packages where hours come in packages, the mean spending per
    officer where spending must not differ too much, and the overstep of the limit that is relaxed. The mean is a
    variable of its own because every unit is compared with it: written out, each of these rows would hold every hour.

    Parameters
    ----------
    problem
        What is distributed.
    relaxed
        Name of a limit that may be overstepped; then the least overstep is looked for.
    """

    def __init__(self, problem: AllocationProblem, relaxed: str | None = None) -> None:
        units, forms, segments = problem.shape
        self.problem, self.limits = problem, limits_of(problem)
        self.size, self.packages = units * forms * segments, units * forms if problem.package_hours else 0
        self.mean, self.slack = int("equity" in self.limits), int(relaxed is not None)
        self.sums = sparse.kron(sparse.eye(units * forms), np.ones((1, segments)), format="csr")
        # The limit of a form cuts its segments short, which spares one row for every unit and form.
        rows = {name: row for name, row in self.limits.items() if name != "form_hours" or relaxed == name}
        parts = [self._limit(name, row, name == relaxed) for name, row in rows.items()]
        parts += [self._mean_spending()] if self.mean else []
        parts += [self._whole_packages()] if self.packages else []
        self.constraint = _stacked(parts)
        free = np.full(self.packages + self.mean + self.slack, np.inf)
        most = np.tile(_segment_ends(problem, cut=relaxed != "form_hours"), (units, 1)).ravel()
        self.bounds = optimize.Bounds(0, np.concatenate([most, free]))

    def _limit(self, name: str, row: Limit, relaxed: bool) -> optimize.LinearConstraint:
        matrix, mean = row.matrix, np.zeros((len(row.matrix), self.mean))
        if name == "equity":
            matrix, mean = _spending_per_officer(self.problem), mean - self.problem.equity_share
        overstep = np.zeros((len(matrix), self.slack))
        if relaxed:
            overstep[:] = 1.0 if np.all(np.isfinite(row.low)) else -1.0
        return self._constraint(matrix, None, mean, overstep, row.low, row.high)

    def _mean_spending(self) -> optimize.LinearConstraint:
        problem = self.problem
        money = np.outer(problem.headcount, problem.cost_per_hour).reshape(1, -1) / MILLION
        per_officer = money / max(problem.headcount.sum(), 1e-12)
        return self._constraint(per_officer, None, np.full((1, 1), -1.0), np.zeros((1, self.slack)), 0.0, 0.0)

    def _whole_packages(self) -> optimize.LinearConstraint:
        sizes = -float(self.problem.package_hours or 0) * sparse.eye(self.packages)
        none = np.zeros((self.packages, self.mean)), np.zeros((self.packages, self.slack))
        return self._constraint(np.eye(self.packages), sizes, *none, 0.0, 0.0)

    def _constraint(
        self,
        hours: FloatArray,
        packages: sparse.sparray | None,
        mean: FloatArray,
        overstep: FloatArray,
        low: float,
        high: float | FloatArray,
    ) -> optimize.LinearConstraint:
        """Put the columns of one group of limits side by side."""
        none = sparse.csr_array((len(hours), self.packages))
        parts = [sparse.csr_array(hours) @ self.sums, none if packages is None else packages, mean, overstep]
        return optimize.LinearConstraint(sparse.hstack(parts, format="csr"), low, high)

    def best(self, slopes: FloatArray) -> FloatArray | None:
        """Return the hours (U, F) with the largest value, None if the limits exclude each other."""
        found = self._run(np.concatenate([-slopes.ravel(), np.zeros(self.packages + self.mean)]))
        if found is None:
            return None
        units, forms, segments = self.problem.shape
        hours = found[: self.size].reshape(units, forms, segments).sum(axis=2)
        if self.problem.package_hours:
            hours = np.round(hours / self.problem.package_hours) * self.problem.package_hours
        return np.asarray(hours)

    def allows(self, hours: FloatArray) -> bool:
        """Return whether given hours (U, F) keep every limit."""
        inside = all(_inside(row.matrix @ np.asarray(hours).ravel(), row) for row in self.limits.values())
        return inside and bool(np.all(np.asarray(hours) <= sum(self.problem.widths) + TOLERANCE))

    def least_overstep(self) -> float | None:
        """Return by how much the relaxed limit has to give way, None if that does not help."""
        found = self._run(np.zeros(self.size + self.packages + self.mean))
        return None if found is None else float(found[-1])

    def _run(self, objective: FloatArray) -> FloatArray | None:
        rest = np.zeros(self.mean + self.slack)
        result = optimize.milp(
            np.concatenate([objective, np.ones(self.slack)]),
            constraints=self.constraint,
            bounds=self.bounds,
            integrality=np.concatenate([np.zeros(self.size), np.ones(self.packages), rest]),
            # These programmes are small: looking for rows to leave out takes longer than solving them.
            options={"mip_rel_gap": self.problem.gap, "presolve": bool(self.packages)},
        )
        return np.asarray(result.x, dtype=float) if result.status == 0 else None


def _stacked(parts: list[optimize.LinearConstraint]) -> optimize.LinearConstraint:
    ends = [(np.broadcast_to(part.lb, part.A.shape[0]), np.broadcast_to(part.ub, part.A.shape[0])) for part in parts]
    low, high = (np.concatenate(side) for side in zip(*ends, strict=True))
    return optimize.LinearConstraint(sparse.vstack([part.A for part in parts], format="csr"), low, high)


def _segment_ends(problem: AllocationProblem, cut: bool) -> FloatArray:
    """Most hours in each segment of each form, shape (F, S)."""
    widths = np.tile(problem.widths, (len(problem.forms), 1))
    if not cut:
        return np.asarray(widths)
    starts = np.cumsum(problem.widths) - problem.widths
    return np.asarray(np.clip(problem.most_by_form[:, None] - starts, 0.0, widths))
