"""Group-time effects of Callaway and Sant'Anna and their aggregates, on plain arrays.

Every estimate comes with its influence: what each unit contributes, so that the covariance of any set of estimates is
the sum of outer products over clusters (Callaway and Sant'Anna 2021, J. Econometrics 225, theorems 2 and 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.estimators.inference import least_squares
from analysis.estimators.preflight import independent_columns
from analysis.estimators.staggered_panel import StaggeredPanel
from analysis.estimators.within import BoolArray, IntArray, group_sums
from analysis.results import FloatArray


@dataclass(frozen=True)
class GroupTime:
    """Effects by cohort and period.

    Parameters
    ----------
    group, time
        Cohort and period of each of the K effects, as positions; shape (K,).
    estimate
        Shape (K,).
    influence
        Contribution of each unit to each effect, shape (N, K); columns sum to about zero.
    n_treated, n_control
        Units behind each effect, shape (K,).
    anticipation
        Periods before treatment in which an effect is allowed.
    """

    group: IntArray
    time: IntArray
    estimate: FloatArray
    influence: FloatArray
    n_treated: IntArray
    n_control: IntArray
    anticipation: int

    @property
    def event(self) -> IntArray:
        """Periods since the start of treatment."""
        return self.time - self.group

    @property
    def post(self) -> BoolArray:
        """Effects at or after the start of treatment."""
        return np.asarray(self.event >= 0)


@dataclass(frozen=True)
class Aggregate:
    """Weighted means of group-time effects.

    Parameters
    ----------
    labels
        What each mean is over: an event time, a cohort or a period (positions), or None for an overall mean.
    estimate
        Shape (A,).
    influence
        Shape (N, A).
    """

    labels: tuple[int | None, ...]
    estimate: FloatArray
    influence: FloatArray


def group_time_effects(
    panel: StaggeredPanel, *, comparison: str, anticipation: int = 0, base: str = "varying"
) -> GroupTime:
    """Estimate the effect on each cohort in each period against units that are not treated.

    ATT(g, t) = E[Y_t - Y_b | G = g] - E[Y_t - Y_b | comparison], b the last period before treatment. Covariates enter
    as they are in the base period, by outcome regression among the comparison units (Heckman, Ichimura and Todd 1997).

    Parameters
    ----------
    panel
        The design.
    comparison
        ``"never_treated"`` or ``"not_yet_treated"``.
    anticipation
        Periods before treatment in which an effect is allowed.
    base
        For periods before treatment ``"varying"`` (each against the one before) or ``"universal"`` (all against the
        last one before treatment).

    Returns
    -------
    GroupTime
        Cells without a treated or comparison unit observed in both periods are left out.
    """
    found: list[tuple[int, int, float, FloatArray, int, int]] = []
    for group in panel.cohorts:
        for time in range(panel.n_periods):
            start = _base_period(int(group), time, anticipation, base)
            if start is None:
                continue
            cell = _cell(panel, int(group), time, start, comparison, anticipation)
            if cell is not None:
                found.append((int(group), time, *cell))
    size = len(panel.outcome)
    return GroupTime(
        group=np.array([row[0] for row in found], dtype=np.int64),
        time=np.array([row[1] for row in found], dtype=np.int64),
        estimate=np.array([row[2] for row in found], dtype=float),
        influence=np.column_stack([row[3] for row in found]) if found else np.empty((size, 0)),
        n_treated=np.array([row[4] for row in found], dtype=np.int64),
        n_control=np.array([row[5] for row in found], dtype=np.int64),
        anticipation=anticipation,
    )


def _base_period(group: int, time: int, anticipation: int, base: str) -> int | None:
    last = group - anticipation - 1
    start = time - 1 if time <= last and base == "varying" else last
    return None if start < 0 or last < 0 or start == time else start


def _cell(
    panel: StaggeredPanel, group: int, time: int, start: int, comparison: str, anticipation: int
) -> tuple[float, FloatArray, int, int] | None:
    change = panel.outcome[:, time] - panel.outcome[:, start]
    covariates = panel.covariates[:, start, :]
    observed = np.isfinite(change) & np.isfinite(covariates).all(axis=1)
    treated, never = observed & (panel.cohort == group), panel.cohort == panel.n_periods
    if comparison == "never_treated":
        control = observed & never
    else:
        horizon = max(time, start) + anticipation
        control = observed & (never | (panel.cohort > horizon)) & (panel.cohort != group)
    if not treated.any() or not control.any():
        return None
    estimate, influence = _regression_adjusted(change, covariates, panel.weight, treated, control)
    return estimate, influence, int(treated.sum()), int(control.sum())


def _regression_adjusted(
    change: FloatArray, covariates: FloatArray, weight: FloatArray, treated: BoolArray, control: BoolArray
) -> tuple[float, FloatArray]:
    if not covariates.shape[1]:
        return _mean_difference(change, weight, treated, control)
    design = np.column_stack([np.ones(len(change)), covariates])
    root = np.sqrt(weight[control])
    kept = independent_columns(design[control] * root[:, None])
    design = design[:, kept]
    fitted = least_squares(change[control] * root, design[control] * root[:, None])
    gap = change[treated] - design[treated] @ fitted.coefficients
    share = weight[treated] / weight[treated].sum()
    estimate = float(share @ gap)
    influence = np.zeros(len(change))
    influence[treated] = share * (gap - estimate)
    profile = share @ design[treated]
    influence[control] = -(fitted.design @ (fitted.bread @ profile)) * fitted.residuals
    return estimate, influence


def _mean_difference(
    change: FloatArray, weight: FloatArray, treated: BoolArray, control: BoolArray
) -> tuple[float, FloatArray]:
    """Return the same without covariates: a difference of two weighted means needs no regression."""
    influence = np.zeros(len(change))
    means = []
    for rows, sign in ((treated, 1.0), (control, -1.0)):
        share = weight[rows] / weight[rows].sum()
        means.append(float(share @ change[rows]))
        influence[rows] = sign * share * (change[rows] - means[-1])
    return means[0] - means[1], influence


def aggregate(panel: StaggeredPanel, effects: GroupTime, kind: str) -> Aggregate:
    """Average group-time effects; the last entry of all kinds but ``simple`` and ``event`` is the overall mean.

    Parameters
    ----------
    panel, effects
        The design and its effects.
    kind
        ``"simple"`` (all treated cells, weighted by cohort size), ``"group"`` (by cohort), ``"dynamic"`` (by event
        time from treatment on), ``"calendar"`` (by period), or ``"event"`` (by event time before and after).

    Returns
    -------
    Aggregate
    """
    if kind == "simple":
        return _stack([(None, _mean(panel, effects, effects.post))])
    labels = {"group": effects.group, "calendar": effects.time}.get(kind, effects.event)
    eligible = np.ones(len(labels), dtype=bool) if kind == "event" else effects.post
    values = sorted({int(label) for label in labels[eligible]})
    parts: list[tuple[int | None, tuple[float, FloatArray]]] = [
        (value, _mean(panel, effects, eligible & (labels == value), equal=kind == "group")) for value in values
    ]
    if kind == "event":
        return _stack(parts)
    return _stack([*parts, (None, _overall(panel, values, [part for _, part in parts], kind))])


def _stack(parts: list[tuple[int | None, tuple[float, FloatArray]]]) -> Aggregate:
    return Aggregate(
        labels=tuple(label for label, _ in parts),
        estimate=np.array([estimate for _, (estimate, _) in parts]),
        influence=np.column_stack([influence for _, (_, influence) in parts]),
    )


def _mean(panel: StaggeredPanel, effects: GroupTime, cells: BoolArray, equal: bool = False) -> tuple[float, FloatArray]:
    """Average cells with weights by cohort size; the size is itself estimated and adds to the influence."""
    if equal:
        return float(effects.estimate[cells].mean()), np.asarray(effects.influence[:, cells].mean(axis=1))
    members = panel.cohort[:, None] == effects.group[cells][None, :]
    return _weighted(panel, members, effects.estimate[cells], effects.influence[:, cells])


def _weighted(
    panel: StaggeredPanel, members: BoolArray, values: FloatArray, influence: FloatArray
) -> tuple[float, FloatArray]:
    mass = panel.weight @ members
    shares = mass / mass.sum()
    mean = float(shares @ values)
    own = panel.weight * (members @ (values - mean)) / mass.sum()
    return mean, np.asarray(influence @ shares + own)


def _overall(
    panel: StaggeredPanel, labels: list[int], parts: list[tuple[float, FloatArray]], kind: str
) -> tuple[float, FloatArray]:
    values = np.array([estimate for estimate, _ in parts])
    influence = np.column_stack([part for _, part in parts])
    if kind == "group":
        members = panel.cohort[:, None] == np.array(labels)[None, :]
        return _weighted(panel, members, values, influence)
    return float(values.mean()), np.asarray(influence.mean(axis=1))


def clustered_vcov(influence: FloatArray, cluster: IntArray) -> FloatArray:
    """Return G/(G-1) times the sum over clusters of outer products of summed influences."""
    sums = group_sums(influence, cluster)
    size = len(sums)
    return np.asarray(size / (size - 1) * sums.T @ sums)


def cell_rows(panel: StaggeredPanel, effects: GroupTime, critical: float) -> list[dict[str, Any]]:
    """List every group-time effect with its interval, ready for `Fit.meta`."""
    errors = np.sqrt(np.diag(clustered_vcov(effects.influence, panel.cluster)))
    return [
        {
            "group": panel.periods[effects.group[k]],
            "time": panel.periods[effects.time[k]],
            "event": int(effects.event[k]),
            "estimate": float(effects.estimate[k]),
            "std_error": float(errors[k]),
            "conf_low": float(effects.estimate[k] - critical * errors[k]),
            "conf_high": float(effects.estimate[k] + critical * errors[k]),
            "n_treated": int(effects.n_treated[k]),
            "n_control": int(effects.n_control[k]),
        }
        for k in range(len(effects.group))
    ]
