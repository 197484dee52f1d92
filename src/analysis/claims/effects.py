"""From a declared effect to numbers: for the nation, for each region by itself, and for each region with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.claims.frames import design_frame, net_of_region
from analysis.claims.records import EffectSpec, Rules, Transform
from analysis.diagnostics.falsification import estimate_of
from analysis.estimators import fit
from analysis.estimators.inference import t_inference
from analysis.estimators.linear import MAX_BASIS
from analysis.estimators.pooling import Shrunken, pool, shrink, shrunken_inference
from analysis.messages import Message
from analysis.results import ESTIMATE_COLUMNS, Fit
from analysis.spec import Spec

Level = Literal["national", "pooled", "own"]
CLUSTER_BY_REGION_FROM = 8
# With more regions leaving one out changes little and costs one fit each.
FEW_REGIONS = 40
BOOTSTRAP = {"draws": 999, "seed": 20_260_101}
IDENTIFIERS = ("unit_id", "region_code", "region_period", "unit_period", "period_index")
# What other defensible specifications put in the place of the main one's columns, see `analysis.claims.variants`.
OTHER_SPECIFICATIONS = (
    *("net_outcome", "index_without_u4", "training_hours_now", "index_before"),
    *("resistance", "leadership", "log_budget"),
)
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
    frame = frame[[name for name in frame.columns if name in columns_of(effect, outcome, controls)]]
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


def columns_of(effect: EffectSpec, outcome: str, controls: Sequence[str]) -> frozenset[str]:
    """Return the columns that an effect and its checks use; every fit copies its frame, and a panel has eighty."""
    own = (*effect.treatments, *effect.contrast, *effect.moderators, *effect.halves, *effect.negative_controls)
    named = filter(None, (effect.cohort, effect.weights))
    return frozenset((*IDENTIFIERS, *OTHER_SPECIFICATIONS, outcome, *own, *effect.benchmarks, *controls, *named))


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
        return bias_reduced(frame, corrected_spec(spec, effect))
    if frame["unit_id"].nunique() >= rules.enough_clusters:
        return bias_reduced(frame, spec)
    return replace(spec, covariance="wild_bootstrap", options=BOOTSTRAP)


def own_spec(effect: EffectSpec, controls: Sequence[str], outcome: str) -> Spec:
    """Return a single region's specification: the bias-reduced covariance is right on average with few units.

    The jackknife (CRV3) errs on the safe side, by half of the variance and more where some units are trained much more
    than others; what is harmless in one test makes all pooled intervals too wide.
    """
    if effect.design == "staggered":
        return staggered_spec(effect, outcome, "unit_id")
    spec = linear_spec(effect, controls, outcome)
    return replace(corrected_spec(spec, effect) if effect.halves else spec, covariance="CR2")


def bias_reduced(frame: pd.DataFrame, spec: Spec) -> Spec:
    """Return the specification with CR2 and Satterthwaite's degrees of freedom, or as it is in a very large study.

    Hours are concentrated: of hundreds of units the information of some dozens counts, which CRV1 with G - 1 degrees
    of freedom does not see (Pustejovsky and Tipton 2018). With thousands of units the two agree, and the matrices of
    CR2 would not fit into memory.
    """
    large = len(frame) * frame["region_period"].nunique() > MAX_BASIS
    return spec if large else replace(spec, covariance="CR2")


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
    found_errors = shrunken_inference(estimates, variances, degrees, 1 - rules.level)
    for position, code in enumerate(known):
        row = shrunken_row(known[code], float(values[position]), found_errors, position)
        out[code] = Effect(effect.key, "pooled", code, in_unit(row, effect))
    return out


def shrunken_row(own: pd.Series, value: float, errors: Shrunken, position: int) -> dict[str, Any]:
    """Return the row of a shrunken estimate with its interval."""
    figures = {name: float(values[position]) for name, values in asdict(errors).items()}
    return {name: own[name] for name in ESTIMATE_COLUMNS} | {
        "estimator": "partial_pooling",
        "estimate": value,
        "statistic": value / figures["std_error"],
        "covariance": "empirical_bayes",
        **figures,
    }
