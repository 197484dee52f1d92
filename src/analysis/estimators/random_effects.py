"""Random effects by Swamy-Arora, with the test whether they agree with the within estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.components import Components, quasi_demean, swamy_arora
from analysis.estimators.fixed_effects import fit_statistics
from analysis.estimators.inference import least_squares
from analysis.estimators.linear import Linear, cluster_checks, covariance, raw_covariance, regress, to_fit
from analysis.estimators.preflight import (
    Refusal,
    Sample,
    independent_columns,
    prepare,
    refusing,
    require_variation,
    without_noise,
)
from analysis.estimators.specification import refuse_features, require_covariance
from analysis.estimators.within import demean, group_sums, indicators
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

INTERCEPT = "(intercept)"


@refusing
def random_effects(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate by feasible generalised least squares with unit effects that are independent of the regressors.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        `unit` is needed. `time` and `absorb` enter as dummies. Covariance ``classical``, ``HC1``, ``CRV1`` or ``CR2``
        on the transformed data. Options: ``level``.

    Returns
    -------
    Fit
        ``checks`` has ``hausman``: the units' means of the treatments added to the model (Mundlak 1978) and tested with
        the spec's covariance. ``meta``: as in `fixed_effects` without absorbed, and variance_unit,
        variance_idiosyncratic, icc1, theta (DataFrame n_obs, theta, n_units), hausman (dict statistic, df, p_value:
        the classical form of Hausman 1978; a negative statistic, which unequal noise can give, has no p-value).

    Raises
    ------
    UsageError
        If there is no unit, or for weights and moderators, which it does not take.
    """
    if spec.unit is None:
        raise UsageError("estimators.unit_needed", estimator=spec.estimator)
    refuse_features(spec, "weights", "moderators", "mediators", "cohort")
    require_covariance(spec, "classical", "HC1", "CRV1", "CR2")
    extra = [name for name in (spec.time, *spec.absorb) if name is not None]
    sample = prepare(frame, spec, labels=extra)
    controls = columns_of_controls(sample, frame, spec, extra)
    design = np.column_stack([*controls.values(), sample.matrix(spec.treatments)])
    names = [*controls, *spec.treatments]
    require_variation(sample, [sample.name], *[(sample.outcome - sample.outcome.mean())[:, None]] * 2)
    require_variation(sample, spec.treatments, *[sample.matrix(spec.treatments)] * 2)
    parts = _components(sample, design)
    model = _quasi_demeaned(sample, design, names, len(controls), parts)
    uncertainty = covariance(model, spec)
    hausman = classical_hausman(sample, design, names, spec, parts)
    meta = {**fit_statistics(model, uncertainty), **_component_meta(sample, parts), "hausman": hausman}
    meta["r2_within"] = _r2_within(sample, design, names, model)
    del meta["absorbed"]
    checks = (*cluster_checks(model, spec), mundlak_check(sample, design, names, len(controls), spec, parts))
    return to_fit(model, spec, uncertainty, meta=meta, checks=checks)


def columns_of_controls(sample: Sample, frame: pd.DataFrame, spec: Spec, factors: list[str]) -> dict[str, FloatArray]:
    """Return the controls and the dummies of further effects (without the first level), by name."""
    columns = {name: sample.columns[name] for name in spec.controls}
    for name in factors:
        codes, levels = pd.factorize(frame[name].iloc[sample.rows], sort=True)
        columns_of_levels = indicators(np.asarray(codes, dtype=np.int64))
        columns |= {f"{name}[{level}]": columns_of_levels[:, code] for code, level in enumerate(levels) if code}
    return columns


def _components(sample: Sample, design: FloatArray) -> Components:
    """Estimate the variance components, or refuse where no degree of freedom is left for one of them."""
    assert sample.unit is not None
    n_columns = int(independent_columns(design).sum())
    if sample.n_units <= n_columns + 1 or sample.n_obs <= sample.n_units + n_columns:
        raise Refusal("too_few_rows", sample.meta(), n=sample.n_units, parameters=n_columns + 1)
    return swamy_arora(sample.outcome, design, sample.unit)


def _quasi_demeaned(sample: Sample, design: FloatArray, names: list[str], n_controls: int, parts: Components) -> Linear:
    """Regress the quasi-demeaned outcome on the quasi-demeaned design with an intercept."""
    assert sample.unit is not None
    theta = parts.theta(np.bincount(sample.unit).astype(float))
    columns = np.column_stack([sample.outcome, np.ones(sample.n_obs), design])
    changed = quasi_demean(columns, sample.unit, theta)
    return regress(sample, changed[:, 0], changed[:, 1:], [INTERCEPT, *names], n_controls + 1)


def _r2_within(sample: Sample, design: FloatArray, names: list[str], model: Linear) -> float:
    """Return what share of the outcome's variation within units the fitted values explain."""
    assert sample.unit is not None
    kept = [position for position, name in enumerate(names) if name in model.names]
    coefficients = model.fit.coefficients[[model.names.index(names[position]) for position in kept]]
    fitted = design[:, kept] @ coefficients
    within = demean(np.column_stack([sample.outcome, sample.outcome - fitted]), [sample.unit])
    return 1 - float(within[:, 1] @ within[:, 1]) / float(within[:, 0] @ within[:, 0])


def _component_meta(sample: Sample, parts: Components) -> dict[str, Any]:
    """Return the variance components and theta by number of observations per unit."""
    assert sample.unit is not None
    sizes, counts = np.unique(np.bincount(sample.unit), return_counts=True)
    theta = pd.DataFrame({"n_obs": sizes, "theta": parts.theta(sizes.astype(float)), "n_units": counts})
    return {
        "variance_unit": parts.unit,
        "variance_idiosyncratic": parts.idiosyncratic,
        "icc1": parts.icc1,
        "theta": theta,
    }


def classical_hausman(
    sample: Sample, design: FloatArray, names: list[str], spec: Spec, parts: Components
) -> Mapping[str, float]:
    """Compare within and random-effects coefficients: d'(V_within - V_random)^-1 d (Hausman 1978)."""
    assert sample.unit is not None
    changed = demean(np.column_stack([sample.outcome, design]), [sample.unit])
    kept = independent_columns(without_noise(changed[:, 1:], design))
    within = least_squares(changed[:, 0], changed[:, 1:][:, kept])
    within_vcov = inf.classical(within, sample.n_units + int(kept.sum()))
    random = _quasi_demeaned(sample, design, names, len(names) - len(spec.treatments), parts)
    random_vcov = inf.classical(random.fit, len(random.names))
    shared = [name for name, keep in zip(names, kept, strict=True) if keep and name in random.names]
    if not shared:
        return {"statistic": np.nan, "df": 0.0, "p_value": np.nan}
    left = [np.array(names)[kept].tolist().index(name) for name in shared]
    right = [random.names.index(name) for name in shared]
    gap = within.coefficients[left] - random.fit.coefficients[right]
    spread_of_gap = within_vcov[np.ix_(left, left)] - random_vcov[np.ix_(right, right)]
    statistic = float(gap @ np.linalg.pinv(spread_of_gap, hermitian=True) @ gap)
    return {
        "statistic": statistic,
        "df": float(len(shared)),
        "p_value": float(stats.chi2.sf(statistic, len(shared))) if statistic >= 0 else np.nan,
    }


def mundlak_check(
    sample: Sample, design: FloatArray, names: list[str], n_controls: int, spec: Spec, parts: Components
) -> Check:
    """Add the units' means of the treatments to the model and test them together."""
    assert sample.unit is not None
    sizes = np.bincount(sample.unit).astype(float)
    treatments = sample.matrix(spec.treatments)
    means = (group_sums(treatments, sample.unit) / sizes[:, None])[sample.unit]
    labels = [f"mean({name})" for name in spec.treatments]
    try:
        full = _quasi_demeaned(sample, np.column_stack([design, means]), [*names, *labels], n_controls, parts)
    except Refusal:
        return Check("hausman", None, Message("estimators.hausman_impossible", {}))
    vcov, df = raw_covariance(full, spec)
    chosen = [full.names.index(label) for label in labels]
    statistic, p_value = inf.wald_f(full.fit.coefficients[chosen], vcov[np.ix_(chosen, chosen)], float(np.min(df)))
    key = "hausman_agrees" if p_value > 0.05 else "hausman_differs"
    return Check("hausman", p_value > 0.05, Message(f"estimators.{key}", {"p_value": p_value}), statistic, p_value)
