"""All defensible ways to compute an effect, side by side, with one joint test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.diagnostics.falsification import estimate_of
from analysis.diagnostics.joint import NullDraws, null_draws
from analysis.diagnostics.linear import LinearDesign, linear_design
from analysis.diagnostics.multiplicity import romano_wolf
from analysis.estimators import fit
from analysis.estimators.preflight import Refusal
from analysis.messages import Message
from analysis.results import Check, Fit
from analysis.spec import Spec

NAME = "specification_curve"
TIE_TOLERANCE = 1e-10
FIGURES = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n_obs", "n_units", "n_clusters")


@dataclass(frozen=True)
class SpecificationCurve:
    """Estimates of one effect under many specifications.

    Parameters
    ----------
    table
        One row per variant, sorted by estimate (missing last), then name: ``variant, estimator, term, estimate,
        std_error, conf_low, conf_high, p_value, n_obs, n_units, n_clusters, joint, reason``. `joint` says whether the
        variant takes part in the joint test (linear estimators); `reason` is a `Message` where nothing could be
        estimated, else None.
    median
        Median of the estimates.
    share_same_sign
        Share of the estimates with the sign of the median.
    share_significant
        Share that has that sign and p < level.
    median_p_value, share_p_value, z_p_value
        Joint tests that no variant has an effect (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4):
        by the median estimate, by the number of significant estimates in the dominant direction, and by the average z
        value. NaN where no variant is linear.
    check
        Passed if the median's p-value is below the level and at least 3/4 of the estimates have its sign.
    """

    table: pd.DataFrame
    median: float
    share_same_sign: float
    share_significant: float
    median_p_value: float
    share_p_value: float
    z_p_value: float
    check: Check


def specification_curve(
    frame: pd.DataFrame,
    spec: Spec,
    variants: Mapping[str, Spec | Mapping[str, Any]],
    *,
    draws: int = 999,
    seed: int = 20_260_101,
    level: float = 0.05,
) -> SpecificationCurve:
    """Estimate an effect in every listed way and test them together.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; `spec` is the main specification and always takes part as ``"main"``.
    variants
        By name a whole `Spec`, or the fields of the main one that change. Beside the fields of `Spec`: ``term`` (row
        of the estimates to read; default the first treatment), ``keep`` (Boolean column of the rows to use) and
        ``scale`` (factor that puts the estimate on the scale of the main one).
    draws, seed
        Resamples of the joint test and their seed.
    level
        Size of the tests.

    Returns
    -------
    SpecificationCurve
    """
    listed = {"main": _Variant.of(spec, {}), **{name: _Variant.of(spec, variants[name]) for name in variants}}
    names = sorted(listed)
    results = {name: fit(listed[name].rows(frame), listed[name].spec) for name in names}
    designs = {name: _design(frame, listed[name]) for name in names}
    rows = [_row(name, listed[name], results[name], designs[name] is not None) for name in names]
    table = pd.DataFrame(rows).sort_values(["estimate", "variant"], na_position="last", ignore_index=True)
    joint = [(listed[name].scale, design) for name, design in designs.items() if design is not None]
    return _summarise(table, joint, draws, seed, level)


def romano_wolf_of(
    frame: pd.DataFrame, specs: Mapping[str, Spec], *, draws: int = 4999, seed: int = 20_260_101
) -> dict[str, float]:
    """Romano-Wolf p-values of the first treatments of several linear specs, from joint cluster resamples.

    Parameters
    ----------
    frame, specs
        As for `analysis.estimators.fit`, by name of the question.
    draws, seed
        Number of resamples and their seed.

    Returns
    -------
    dict
        Adjusted p-value by name; NaN where the spec is not linear or cannot be estimated.
    """
    designs = {name: _design(frame, _Variant.of(specs[name], {})) for name in sorted(specs)}
    known = {name: design for name, design in designs.items() if design is not None}
    adjusted = dict.fromkeys(designs, float("nan"))
    if known:
        joint = null_draws(list(known.values()), draws, seed)
        p_values = romano_wolf(joint.statistic, joint.null_statistic)
        adjusted |= dict(zip(known, (float(p_value) for p_value in p_values), strict=True))
    return adjusted


@dataclass(frozen=True)
class _Variant:
    spec: Spec
    term: str
    keep: str | None
    scale: float

    @classmethod
    def of(cls, main: Spec, change: Spec | Mapping[str, Any]) -> _Variant:
        fields = {} if isinstance(change, Spec) else dict(change)
        term, keep, scale = fields.pop("term", None), fields.pop("keep", None), fields.pop("scale", 1.0)
        spec = change if isinstance(change, Spec) else replace(main, **fields)
        return cls(spec, term or (spec.treatments[0] if spec.treatments else "att"), keep, float(scale))

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame if self.keep is None else frame[frame[self.keep].fillna(False).astype(bool)]


def _design(frame: pd.DataFrame, variant: _Variant) -> LinearDesign | None:
    if variant.term not in variant.spec.treatments:
        return None
    try:
        return linear_design(variant.rows(frame), variant.spec, variant.term)
    except Refusal:
        return None


def _row(name: str, variant: _Variant, result: Fit, joint: bool) -> dict[str, Any]:
    found = estimate_of(result, variant.term)
    row: dict[str, Any] = {"variant": name, "estimator": variant.spec.estimator, "term": variant.term}
    for figure in FIGURES:
        row[figure] = float("nan") if found is None else float(found[figure])
    for figure in ("estimate", "std_error", "conf_low", "conf_high"):
        row[figure] *= variant.scale
    if variant.scale < 0:
        row["std_error"] = -row["std_error"]
        row["conf_low"], row["conf_high"] = row["conf_high"], row["conf_low"]
    missing = None if found is not None else result.reason or Message("diagnostics.no_estimate")
    return {**row, "joint": joint and found is not None, "reason": missing}


def _summarise(
    table: pd.DataFrame, joint: Sequence[tuple[float, LinearDesign]], draws: int, seed: int, level: float
) -> SpecificationCurve:
    known = table.dropna(subset=["estimate"])
    nan = float("nan")
    if known.empty:
        check = Check(NAME, None, Message("diagnostics.no_estimate"))
        return SpecificationCurve(table, nan, nan, nan, nan, nan, nan, check)
    median = float(known["estimate"].median())
    same = np.sign(known["estimate"]) == np.sign(median)
    significant = same & (known["p_value"] < level)
    p_values = _joint_p_values(joint, draws, seed, level) if joint else (nan, nan, nan)
    values = {
        "n": len(known),
        "share": float(same.mean()),
        "median": median,
        "p": p_values[0],
        "joint": len(joint),
    }
    check = _check(values, level)
    return SpecificationCurve(table, median, float(same.mean()), float(significant.mean()), *p_values, check)


def _check(values: dict[str, Any], level: float) -> Check:
    if not np.isfinite(values["p"]):
        return Check(NAME, None, Message(f"diagnostics.{NAME}.no_joint_test", values))
    passed = bool(values["p"] < level and values["share"] >= 0.75)
    reason = Message(f"diagnostics.{NAME}.{'passed' if passed else 'failed'}", values)
    return Check(NAME, passed, reason, values["median"], values["p"])


def _joint_p_values(
    joint: Sequence[tuple[float, LinearDesign]], draws: int, seed: int, level: float
) -> tuple[float, float, float]:
    scale = np.array([factor for factor, _ in joint])
    found = null_draws([design for _, design in joint], draws, seed)
    medians = np.median(found.null_estimate * scale, axis=1)
    critical = np.array([stats.t.isf(level / 2, len(design.cluster_names) - 1) for _, design in joint])
    sign = np.sign(scale)
    return (
        _tail(abs(float(np.median(found.estimate * scale))), np.abs(medians)),
        _tail(*_dominant(found, critical, sign)),
        _tail(abs(float(np.mean(found.statistic * sign))), np.abs((found.null_statistic * sign).mean(axis=1))),
    )


def _dominant(found: NullDraws, critical: np.ndarray[Any, Any], sign: np.ndarray[Any, Any]) -> tuple[float, Any]:
    def count(statistic: Any) -> Any:
        signed = statistic * sign
        return np.maximum((signed > critical).sum(axis=-1), (signed < -critical).sum(axis=-1))

    return float(count(found.statistic)), count(found.null_statistic).astype(float)


def _tail(observed: float, null: Any) -> float:
    return float((1 + np.count_nonzero(null >= observed * (1 - TIE_TOLERANCE))) / (len(null) + 1))
