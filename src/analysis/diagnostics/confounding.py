"""What an omitted confounder could do to the estimate of a linear spec: Cinelli-Hazlett and Oster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.diagnostics.falsification import estimate_of
from analysis.diagnostics.linear import LinearDesign, linear_design
from analysis.diagnostics.sensitivity import Sensitivity, sensitivity
from analysis.estimators import fit
from analysis.estimators.inference import least_squares
from analysis.estimators.preflight import Refusal
from analysis.messages import Message
from analysis.results import Check, FloatArray
from analysis.spec import Spec

OSTER_R2_FACTOR = 1.3


@dataclass(frozen=True)
class Oster:
    """Selection on unobservables that would remove an effect (Oster 2019, J. Business & Econ. Statistics 37).

    Parameters
    ----------
    delta
        How many times as strong as selection on the controls; NaN if it cannot be computed.
    estimate_short, estimate_full
        Coefficient without and with the controls (absorbed effects in both).
    r2_short, r2_full, r2_max
        R2 within, without and with the controls, and the largest thought possible.
    check
        Named ``"oster"``; passed if `delta` is above 1, or negative (the controls move the estimate away from the
        target, so selection would have to work the other way).
    """

    delta: float
    estimate_short: float
    estimate_full: float
    r2_short: float
    r2_full: float
    r2_max: float
    check: Check


def sensitivity_of(
    frame: pd.DataFrame,
    spec: Spec,
    benchmarks: Sequence[str] | None = None,
    *,
    term: str | None = None,
    multiples: tuple[float, ...] = (1.0, 2.0, 3.0),
    level: float = 0.05,
) -> tuple[Sensitivity | None, Check]:
    """Sensitivity of a linear spec's estimate, with observed covariates as benchmarks.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; pooled OLS or fixed effects without moderators.
    benchmarks
        Controls or other treatments to compare with; default all of them.
    term
        Treatment to follow; default the first.
    multiples, level
        See `analysis.diagnostics.sensitivity.sensitivity`.

    Returns
    -------
    tuple
        The `Sensitivity` (None if there is no estimate) and a check named ``"sensitivity"``, passed if a confounder as
        strong as each benchmark leaves the estimate its sign.
    """
    followed = term or (spec.treatments[0] if spec.treatments else "")
    result = fit(frame, spec)
    found = estimate_of(result, followed)
    if found is None:
        return None, Check("sensitivity", None, result.reason or Message("diagnostics.no_estimate"))
    try:
        design = linear_design(frame, spec, followed)
    except Refusal as refusal:
        return None, Check("sensitivity", None, refusal.reason)
    listed = [name for name in design.names[1:] if benchmarks is None or name in benchmarks]
    answer = sensitivity(
        float(found["estimate"]),
        float(found["std_error"]),
        float(found["df"]),
        classical_std_error=design.classical_std_error,
        residual_df=float(design.residual_df),
        benchmarks={name: partial_r2_of(design, name) for name in listed},
        multiples=multiples,
        level=level,
    )
    return answer, _sensitivity_check(answer)


def partial_r2_of(design: LinearDesign, covariate: str) -> tuple[float, float]:
    """Partial R2 of a covariate with the followed treatment, and with the outcome given the treatment."""
    column = design.names.index(covariate)
    others = [index for index in range(1, len(design.names)) if index != column]
    followed, tested = design.design[:, 0], design.design[:, [column]]
    rest = design.design[:, others]
    with_treatment = np.column_stack([followed, rest])
    return _partial_r2(followed, tested, rest), _partial_r2(design.outcome, tested, with_treatment)


def oster_delta(frame: pd.DataFrame, spec: Spec, *, r2_max: float | None = None, target: float = 0.0) -> Oster:
    """Oster's delta of a linear spec's first treatment; all other columns are the observed controls.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; pooled OLS or fixed effects without moderators.
    r2_max
        Largest R2 (within the absorbed effects) that all confounders together could reach; default 1.3 times the R2
        of the full model, at most 1.
    target
        Effect that the true one is compared with.

    Returns
    -------
    Oster
    """
    nan = float("nan")
    try:
        design = linear_design(frame, spec)
    except Refusal as refusal:
        return Oster(nan, nan, nan, nan, nan, nan, Check("oster", None, refusal.reason))
    short, full = least_squares(design.outcome, design.design[:, :1]), design.fit
    total = float(design.outcome @ design.outcome)
    r2 = [1 - float(model.residuals @ model.residuals) / total for model in (short, full)]
    largest = min(1.0, OSTER_R2_FACTOR * r2[1]) if r2_max is None else r2_max
    estimates = float(short.coefficients[0]), float(full.coefficients[0])
    treatment = design.design[:, 0]
    left = design.partialled[1]
    delta = _delta(
        estimates,
        (r2[0], r2[1], largest),
        (total, float(treatment @ treatment), float(left @ left)),
        target,
    )
    return Oster(delta, *estimates, r2[0], r2[1], largest, _oster_check(delta))


def _delta(
    estimates: tuple[float, float],
    r2: tuple[float, float, float],
    squares: tuple[float, float, float],
    target: float,
) -> float:
    """Solve Oster's cubic for delta at a given effect (her Proposition 2).

    `squares` are the sums of squares of outcome, treatment, and treatment residualised on the controls; only their
    ratios matter.
    """
    outcome, treatment, left = squares[0] / squares[1], 1.0, squares[2] / squares[1]
    gap, moved = estimates[1] - target, estimates[0] - estimates[1]
    cubic = gap**3 * left * (treatment - left)
    cross = gap**2 * left * moved * treatment
    above = gap * (r2[1] - r2[0]) * outcome * left + gap * treatment * left * moved**2 + 2 * cross + cubic
    room = (r2[2] - r2[1]) * outcome
    below = room * moved * treatment + gap * room * (treatment - left) + cross + cubic
    scale = abs(room * moved) + abs(gap * room) + abs(cross) + abs(cubic)
    if r2[1] - r2[0] <= 1e-12 or abs(below) <= 1e-12 * scale or scale == 0:
        return float("nan")
    return float(above / below)


def _partial_r2(outcome: FloatArray, tested: FloatArray, rest: FloatArray) -> float:
    def left(design: FloatArray) -> float:
        residuals = least_squares(outcome, design).residuals if design.shape[1] else outcome
        return float(residuals @ residuals)

    without = left(rest)
    return 1 - left(np.column_stack([tested, rest])) / without if without > 0 else float("nan")


def _sensitivity_check(answer: Sensitivity) -> Check:
    name, value = "sensitivity", answer.robustness_value
    if not np.isfinite(value):
        return Check(name, None, Message("diagnostics.no_estimate"))
    once = answer.bounds[answer.bounds["multiple"] == 1.0]
    if once.empty:
        return Check(name, None, Message("diagnostics.sensitivity.no_benchmark", {"rv": value}), value)
    kept = np.sign(answer.estimate) * once["estimate"].astype(float)
    weakest = once.iloc[int(kept.fillna(-np.inf).to_numpy(dtype=float).argmin())]
    passed = bool((kept > 0).all())
    values = {"rv": value, "covariate": str(weakest["covariate"])}
    return Check(name, passed, Message(f"diagnostics.{name}.{'passed' if passed else 'failed'}", values), value)


def _oster_check(delta: float) -> Check:
    if not np.isfinite(delta):
        return Check("oster", None, Message("diagnostics.oster.no_controls"))
    passed = delta > 1 or delta < 0
    reason = Message(f"diagnostics.oster.{'passed' if passed else 'failed'}", {"delta": delta})
    return Check("oster", passed, reason, delta)
