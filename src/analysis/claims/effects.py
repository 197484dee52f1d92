"""From a declared effect to numbers: for the nation, for each region by itself, and for each region with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.claims.frames import design_frame, net_of_region
from analysis.claims.records import EffectSpec, Rules, Transform
from analysis.diagnostics.falsification import estimate_of
from analysis.estimators import fit
from analysis.estimators.inference import t_inference
from analysis.estimators.pooling import pool, shrink, shrunken_variances
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Fit, FloatArray
from analysis.spec import Spec

Level = Literal["national", "pooled", "own"]
CLUSTER_BY_REGION_FROM = 8
# With more regions leaving one out changes little and costs one fit each.
FEW_REGIONS = 40
BOOTSTRAP = {"draws": 999, "seed": 20_260_101}
TEN_PERCENT = float(np.log(1.1))


@dataclass(frozen=True)
class Effect:
    """One estimate in the claim's unit, or the reason why there is none.

    Parameters
    ----------
    spec
        Key of the specification.
    level
        ``national``, ``pooled`` (a region with the help of the others) or ``own`` (a region by itself).
    region
        Region code; None for the nation.
    row
        Columns of `analysis.results.ESTIMATE_COLUMNS`, figures in the claim's unit; None if not estimable.
    reason
        Why not estimable.
    """

    spec: str
    level: Level
    region: str | None
    row: Mapping[str, Any] | None
    reason: Message | None = None


@dataclass(frozen=True)
class Estimated:
    """All estimates of one specification.

    Parameters
    ----------
    spec
        The specification.
    frame, national_spec, national_fit
        What the nation's estimate was made from, for the checks.
    effects
        Estimates by (level, region).
    """

    spec: EffectSpec
    frame: pd.DataFrame
    national_spec: Spec
    national_fit: Fit
    effects: Mapping[tuple[Level, str | None], Effect]


def estimate_all(
    panel: pd.DataFrame, effect: EffectSpec, outcome: str, controls: Sequence[str], rules: Rules
) -> Estimated:
    """Estimate an effect on every level.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    effect
        The declared effect.
    outcome
        Column of the outcome.
    controls
        Columns of its adjustment set.
    rules
        Verdict rules.
    """
    frame = design_frame(panel, effect)
    if effect.design == "staggered":
        net = net_of_region(frame, outcome, str(effect.cohort))
        frame = frame.assign(net_outcome=net)
    national = national_spec(frame, effect, controls, outcome, rules)
    result = fit(frame, national)
    if national.cluster == "region_code" and frame["region_code"].nunique() <= FEW_REGIONS:
        result = jackknifed(frame, national, result)
    effects: dict[tuple[Level, str | None], Effect] = {("national", None): _effect(effect, "national", None, result)}
    raw = {
        code: fit(part, own_spec(effect, controls, outcome)) for code, part in frame.groupby("region_code", sort=True)
    }
    effects |= {("own", str(code)): _effect(effect, "own", str(code), found) for code, found in raw.items()}
    effects |= {("pooled", code): found for code, found in pooled(effect, raw, rules).items()}
    return Estimated(effect, frame, national, result, effects)


def linear_spec(effect: EffectSpec, controls: Sequence[str], outcome: str) -> Spec:
    """Return the regression within units, net of everything common to a region in a half-year."""
    if effect.design == "provider_costs":
        return Spec("fixed_effects", outcome, effect.treatments, absorb=("unit_period",), cluster="unit_id")
    return Spec(
        "fixed_effects",
        outcome,
        effect.treatments,
        controls=tuple(dict.fromkeys([*effect.contrast, *controls])),
        unit="unit_id",
        time="region_period",
        cluster="unit_id",
        weights=effect.weights,
        moderators=effect.moderators,
    )


def staggered_spec(effect: EffectSpec, outcome: str, cluster: str) -> Spec:
    """Return the staggered comparison."""
    return Spec(
        "staggered_did",
        outcome,
        unit="unit_id",
        time="period_index",
        cohort=effect.cohort,
        cluster=cluster,
        weights=effect.weights,
        options={"cross_checks": False, "draws": 0},
    )


def jackknifed(frame: pd.DataFrame, spec: Spec, result: Fit) -> Fit:
    """Return a fit whose errors come from leaving out one region at a time, or one unit's influence if that is more.

    With a dozen clusters the sum of squared influences is too small; the jackknife errs on the safe side (Cameron and
    Miller 2015, section VI; it is the CRV3 of an estimator that is no regression). But a dozen squares also scatter:
    where by chance regions agree closely, the error of units taken as independent is the larger one and is kept
    (Angrist and Pischke 2009, section 8.2.3).
    """
    if not result.ok:
        return result
    table = result.estimates.copy()
    by_unit = fit(frame, replace(spec, cluster="unit_id")).estimates.set_index("term")["std_error"]
    names = sorted(frame["region_code"].unique())
    left_out = [fit(frame.loc[frame["region_code"] != name], spec).estimates.set_index("term") for name in names]
    rows = [part["estimate"].astype(float).reindex(table["term"]).to_numpy() for part in left_out if not part.empty]
    changes = np.array(rows) - table["estimate"].to_numpy(dtype=float)
    n = len(rows)
    error = np.sqrt((n - 1) / n * (changes**2).sum(axis=0))
    error = np.fmax(error, by_unit.astype(float).reindex(table["term"]).to_numpy())
    inference = t_inference(table["estimate"].to_numpy(dtype=float), np.diag(error**2), float(n - 1), 0.95)
    for column in ("std_error", "df", "statistic", "p_value", "conf_low", "conf_high"):
        table[column] = getattr(inference, column)
    return replace(result, estimates=table.assign(covariance="jackknife"), vcov=None)


def national_spec(frame: pd.DataFrame, effect: EffectSpec, controls: Sequence[str], outcome: str, rules: Rules) -> Spec:
    """Return the nation's specification; with few clusters the restricted wild cluster bootstrap."""
    if effect.design == "staggered":
        many = frame["region_code"].nunique() >= CLUSTER_BY_REGION_FROM
        return staggered_spec(effect, "net_outcome", "region_code" if many else "unit_id")
    spec = linear_spec(effect, controls, outcome)
    if effect.halves:
        return corrected_spec(spec, effect)
    if frame["unit_id"].nunique() >= rules.enough_clusters:
        return spec
    return replace(spec, covariance="wild_bootstrap", options=BOOTSTRAP)


def own_spec(effect: EffectSpec, controls: Sequence[str], outcome: str) -> Spec:
    """Return a single region's specification: the jackknife covariance keeps its level with few units."""
    if effect.design == "staggered":
        return staggered_spec(effect, outcome, "unit_id")
    spec = linear_spec(effect, controls, outcome)
    return corrected_spec(spec, effect) if effect.halves else replace(spec, covariance="CRV3")


def corrected_spec(spec: Spec, effect: EffectSpec) -> Spec:
    """Return the specification freed of the sampling noise of the treatment's index."""
    return replace(spec, estimator="reliability_corrected", options={"halves": list(effect.halves)})


def _effect(effect: EffectSpec, level: Level, region: str | None, result: Fit) -> Effect:
    found = estimate_of(result, effect.term)
    if found is None or not float(found["std_error"]) > 0:
        return Effect(effect.key, level, region, None, result.reason or Message("claims.reason.no_estimate"))
    row = {name: found[name] for name in ESTIMATE_COLUMNS}
    return Effect(effect.key, level, region, in_unit(row, effect))


def in_unit(row: Mapping[str, Any], effect: EffectSpec) -> dict[str, Any]:
    """Return the row with its figures in the claim's unit, and the number of service units."""
    # Costs are compared within unit and half-year, which the estimator takes for its units.
    units = row["n_clusters"] if effect.design == "provider_costs" else row["n_units"]
    factor = {"linear": effect.scale, "ten_percent": TEN_PERCENT, "percent": 1.0}[effect.transform]
    figures = {
        name: _convert(float(row[name]) * factor, effect.transform) for name in ("estimate", "conf_low", "conf_high")
    }
    slope = 100 * float(np.exp(float(row["estimate"]))) if effect.transform == "percent" else factor
    return {**row, **figures, "std_error": float(row["std_error"]) * slope, "n_units": units}


def _convert(value: float, transform: Transform) -> float:
    return 100 * float(np.expm1(value)) if transform == "percent" else value


def pooled(effect: EffectSpec, raw: Mapping[Any, Fit], rules: Rules) -> dict[str, Effect]:
    """Return the regions' estimates, each pulled towards the common mean by how noisy it is (empirical Bayes).

    With fewer regions than the rules ask for, the own estimates stand.
    """
    found = {str(code): estimate_of(result, effect.term) for code, result in raw.items()}
    known = {code: row for code, row in found.items() if row is not None and float(row["std_error"]) > 0}
    out = {
        code: Effect(effect.key, "pooled", code, None, raw[code].reason or Message("claims.reason.no_estimate"))
        for code in found
        if code not in known
    }
    if len(known) < rules.least_regions:
        return out | {c: _effect(effect, "pooled", c, raw[c]) for c in known}
    estimates = np.array([float(row["estimate"]) for row in known.values()])
    variances = np.array([float(row["std_error"]) ** 2 for row in known.values()])
    result = pool(estimates, variances)
    values, _, _ = shrink(estimates, variances, result.tau2, result.mean, result.std_error**2)
    degrees = np.array([float(row["df"]) for row in known.values()])
    errors, degrees = honest_errors(estimates, variances, degrees, values)
    for position, code in enumerate(known):
        figures = (float(values[position]), float(errors[position]), float(degrees[position]))
        row = shrunken_row(known[code], *figures, 1 - rules.level)
        out[code] = Effect(effect.key, "pooled", code, in_unit(row, effect))
    return out


def honest_errors(
    estimates: FloatArray, variances: FloatArray, degrees: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return standard errors and degrees of freedom of shrunken estimates that own up to what was estimated.

    The variance between regions is not taken as known (`shrunken_variances`). The degrees of freedom are
    Satterthwaite's over the region's own part (its own) and the rest (number of regions less one).

    Parameters
    ----------
    estimates, variances, degrees
        Own estimates, shape (k,).
    values
        Shrunken estimates about which the error is taken, shape (k,).
    """
    own, rest = shrunken_variances(estimates, variances, values)
    parts = own**2 / degrees + rest**2 / max(len(estimates) - 1, 1)
    return np.sqrt(own + rest), (own + rest) ** 2 / parts


def shrunken_row(own: pd.Series, value: float, error: float, df: float, level: float) -> dict[str, Any]:
    """Return the row of a shrunken estimate with its interval."""
    statistic = value / error
    margin = float(stats.t.ppf(0.5 + level / 2, df)) * error
    return {name: own[name] for name in ESTIMATE_COLUMNS} | {
        "estimator": "partial_pooling",
        "estimate": value,
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(statistic), df)),
        "conf_low": value - margin,
        "conf_high": value + margin,
        "covariance": "empirical_bayes",
    }
