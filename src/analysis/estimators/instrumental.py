"""Instrumental variables: two-stage least squares with absorbed effects, first-stage F, Anderson-Rubin interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.anderson_rubin import anderson_rubin
from analysis.estimators.inference import LeastSquares, least_squares
from analysis.estimators.linear import (
    Linear,
    cluster_checks,
    covariance,
    raw_covariance,
    regress,
    to_fit,
    transform,
)
from analysis.estimators.pooled_ols import with_intercept
from analysis.estimators.preflight import (
    Refusal,
    Sample,
    prepare,
    refusing,
    require_rank,
    require_variation,
    without_noise,
)
from analysis.estimators.specification import refuse_features, require_covariance
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("instruments",)

STRONG_INSTRUMENT = 10.0
"""Rule of thumb for the first-stage F (Staiger and Stock 1997)."""


@dataclass(frozen=True)
class Blocks:
    """Transformed columns by role; redundant controls are left out.

    Parameters
    ----------
    outcome
        Shape (n,).
    controls, treatments, instruments
        Two-dimensional, n rows each.
    control_names, treatment_names, instrument_names
        Names of their columns.
    dropped
        Redundant controls.
    """

    outcome: FloatArray
    controls: FloatArray
    treatments: FloatArray
    instruments: FloatArray
    control_names: tuple[str, ...]
    treatment_names: tuple[str, ...]
    instrument_names: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def n_controls(self) -> int:
        """Number of controls."""
        return len(self.control_names)

    @property
    def exogenous(self) -> FloatArray:
        """Controls and instruments side by side."""
        return np.column_stack([self.controls, self.instruments])


@refusing
def instrumental(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate by two-stage least squares: all treatments are endogenous, all controls exogenous.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        Unit, time and further effects are absorbed (without any there is an intercept). Covariance ``classical``,
        ``HC1``, ``CRV1`` or ``CR2``. Options: ``instruments`` (columns, needed, at least as many as treatments);
        ``level``.

    Returns
    -------
    Fit
        ``checks``: ``weak_instruments`` (smallest first-stage F above 10), ``exogeneity`` (Durbin-Wu-Hausman: do
        ordinary least squares agree), ``overidentification`` (Sargan). ``meta``: first_stage (DataFrame treatment,
        f, df1, df2, p_value, partial_r2), anderson_rubin (for a single treatment: dict form (``interval``,
        ``outside``: all but an interval, ``line``, ``empty``), low, high, p_value; holds its level however weak the
        instruments), ordinary (dict term -> least-squares estimate), instruments, and the sizes of `fixed_effects`.

    Raises
    ------
    UsageError
        If instruments are missing, fewer than treatments, or are controls or treatments themselves.
    """
    instruments = _instrument_names(spec)
    refuse_features(spec, "moderators", "mediators", "cohort")
    require_covariance(spec, "classical", "HC1", "CRV1", "CR2")
    absorb = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    sample = with_intercept(prepare(frame, spec, numeric=instruments, absorb=absorb, options=OPTIONS))
    blocks = transformed_blocks(sample, spec, instruments)
    model = two_stage(sample, blocks)
    uncertainty = covariance(model, spec)
    stages = [_first_stage(sample, spec, blocks, position) for position in range(len(spec.treatments))]
    meta: dict[str, Any] = {
        "first_stage": pd.DataFrame(stages),
        "ordinary": _ordinary(sample, blocks),
        "instruments": list(instruments),
    }
    if len(spec.treatments) == 1:
        meta["anderson_rubin"] = anderson_rubin(
            sample, spec, blocks.outcome, blocks.treatments[:, 0], blocks.exogenous, blocks.n_controls
        )
    checks = (
        *cluster_checks(model, spec),
        _weakness(stages),
        _exogeneity(sample, spec, blocks),
        _overidentification(blocks, model),
    )
    return to_fit(model, spec, uncertainty, meta=meta, checks=checks)


def _instrument_names(spec: Spec) -> tuple[str, ...]:
    """Return the instruments that the spec names."""
    named = spec.options.get("instruments", ())
    instruments = (named,) if isinstance(named, str) else tuple(named)
    if not spec.treatments or len(instruments) < len(spec.treatments):
        raise UsageError("estimators.instruments_needed", n=len(spec.treatments))
    clash = sorted(set(instruments) & {spec.outcome, *spec.treatments, *spec.controls})
    if clash:
        raise UsageError("estimators.named_twice", column=clash[0])
    return instruments


def transformed_blocks(sample: Sample, spec: Spec, instruments: Sequence[str]) -> Blocks:
    """Absorb the effects and check every block; see `linear.fit_linear` for what is refused."""
    names = [*spec.controls, *spec.treatments, *instruments]
    raw = np.column_stack([sample.outcome, sample.matrix(names)])
    changed = transform(sample, raw)
    ends = np.cumsum([1, len(spec.controls), len(spec.treatments), len(instruments)])
    require_variation(sample, [sample.name], changed[:, :1], raw[:, :1])
    require_variation(sample, names[len(spec.controls) :], changed[:, ends[1] :], raw[:, ends[1] :])
    changed = without_noise(changed, raw)
    controls, treatments, others = np.split(changed[:, 1:], ends[1:-1] - 1, axis=1)
    size = len(spec.controls)
    require_rank(sample, [*spec.controls, *spec.treatments], np.column_stack([controls, treatments]), size)
    kept = require_rank(sample, [*spec.controls, *instruments], np.column_stack([controls, others]), size)[:size]
    return Blocks(
        changed[:, 0],
        controls[:, kept],
        treatments,
        others,
        tuple(name for name, keep in zip(spec.controls, kept, strict=True) if keep),
        spec.treatments,
        tuple(instruments),
        tuple(name for name, keep in zip(spec.controls, kept, strict=True) if not keep),
    )


def two_stage(sample: Sample, blocks: Blocks) -> Linear:
    """Regress on the fitted treatments; the residuals are those of the treatments themselves."""
    basis = np.linalg.qr(blocks.exogenous)[0]
    fitted = without_noise(basis @ (basis.T @ blocks.treatments), blocks.treatments)
    names = [*blocks.control_names, *blocks.treatment_names]
    second = regress(sample, blocks.outcome, np.column_stack([blocks.controls, fitted]), names, blocks.n_controls)
    actual = np.column_stack([blocks.controls, blocks.treatments])
    coefficients = second.fit.coefficients
    residuals = blocks.outcome - actual @ coefficients
    fit = LeastSquares(second.fit.design, coefficients, residuals, second.fit.bread)
    return Linear(sample, second.names, second.n_controls, blocks.outcome, fit, blocks.dropped)


def _first_stage(sample: Sample, spec: Spec, blocks: Blocks, position: int) -> dict[str, Any]:
    """Test that the instruments do not move a treatment, with the spec's covariance (infinite F: perfect fit)."""
    treatment = blocks.treatments[:, position]
    names = [*blocks.control_names, *blocks.instrument_names]
    head = {"treatment": blocks.treatment_names[position], "df1": len(blocks.instrument_names)}
    try:
        stage = regress(sample, treatment, blocks.exogenous, names, blocks.n_controls)
    except Refusal:
        return {**head, "f": np.inf, "df2": np.nan, "p_value": 0.0, "partial_r2": 1.0}
    vcov, df = raw_covariance(stage, spec)
    wanted = slice(stage.n_controls, None)
    freedom = float(np.min(df))
    statistic, p_value = inf.wald_f(stage.estimate, vcov[wanted, wanted], freedom)
    basis = np.linalg.qr(blocks.controls)[0]
    left = treatment - basis @ (basis.T @ treatment)
    residuals = stage.fit.residuals
    return {
        **head,
        "f": statistic,
        "df2": freedom,
        "p_value": p_value,
        "partial_r2": 1 - float(residuals @ residuals) / float(left @ left),
    }


def _ordinary(sample: Sample, blocks: Blocks) -> dict[str, float]:
    """Return the least-squares estimates that ignore endogeneity."""
    design = np.column_stack([blocks.controls, blocks.treatments])
    coefficients = least_squares(blocks.outcome, design).coefficients[blocks.n_controls :]
    return dict(zip(blocks.treatment_names, coefficients.tolist(), strict=True))


def _weakness(stages: Sequence[dict[str, Any]]) -> Check:
    """Say whether the weakest first stage is strong enough."""
    weakest = min(stages, key=lambda stage: float(stage["f"]))
    strong = bool(weakest["f"] > STRONG_INSTRUMENT)
    values = {"f": weakest["f"], "column": weakest["treatment"], "limit": STRONG_INSTRUMENT}
    reason = Message(f"estimators.instruments_{'strong' if strong else 'weak'}", values)
    return Check("weak_instruments", strong, reason, weakest["f"], weakest["p_value"])


def _exogeneity(sample: Sample, spec: Spec, blocks: Blocks) -> Check:
    """Test whether first-stage residuals explain the outcome (Durbin-Wu-Hausman, regression form)."""
    basis = np.linalg.qr(blocks.exogenous)[0]
    left = without_noise(blocks.treatments - basis @ (basis.T @ blocks.treatments), blocks.treatments)
    design = np.column_stack([blocks.controls, blocks.treatments, left])
    names = [*blocks.control_names, *blocks.treatment_names]
    names += [f"residual({name})" for name in blocks.treatment_names]
    try:
        augmented = regress(sample, blocks.outcome, design, names, blocks.n_controls)
    except Refusal:
        return Check("exogeneity", None, Message("estimators.exogeneity_impossible"))
    vcov, df = raw_covariance(augmented, spec)
    tested = slice(augmented.n_controls + len(blocks.treatment_names), None)
    statistic, p_value = inf.wald_f(augmented.fit.coefficients[tested], vcov[tested, tested], float(np.min(df)))
    passed = p_value > 0.05
    reason = Message(f"estimators.exogeneity_{'kept' if passed else 'rejected'}", {"p_value": p_value})
    return Check("exogeneity", passed, reason, statistic, p_value)


def _overidentification(blocks: Blocks, model: Linear) -> Check:
    """Test the surplus instruments: Sargan's n R^2 of the residuals on all exogenous columns."""
    surplus = len(blocks.instrument_names) - len(blocks.treatment_names)
    if surplus == 0:
        return Check("overidentification", None, Message("estimators.just_identified"))
    residuals = model.fit.residuals
    basis = np.linalg.qr(blocks.exogenous)[0]
    explained = basis.T @ residuals
    n_free = model.sample.n_obs
    statistic = n_free * float(explained @ explained) / float(residuals @ residuals)
    p_value = float(stats.chi2.sf(statistic, surplus))
    passed = p_value > 0.05
    reason = Message(f"estimators.overidentification_{'kept' if passed else 'rejected'}", {"p_value": p_value})
    return Check("overidentification", passed, reason, statistic, p_value)
