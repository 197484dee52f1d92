"""Linear mixed model with a random intercept per unit, fitted by statsmodels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM

from analysis.errors import UsageError
from analysis.estimators.components import Components, anova_components, quasi_demean, restricted_components
from analysis.estimators.linear import Linear, cluster_checks, covariance, regress, to_fit
from analysis.estimators.preflight import Refusal, Sample, independent_columns, prepare, refusing, require_variation
from analysis.estimators.random_effects import INTERCEPT, columns_of_controls
from analysis.estimators.specification import refuse_features, require_covariance
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec


@refusing
def mixed_model(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate by restricted maximum likelihood with a random intercept per unit.

    statsmodels' MixedLM finds the variance components (on columns scaled to unit variance); its optimum is polished
    on the profiled likelihood, because it may stop 3 in 10,000 short of lme4's. The coefficients are generalised least
    squares at these components, so that every covariance of the linear model is available.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        `unit` is needed. `time` and `absorb` enter as dummies. Covariance ``classical`` (model-based, N - K degrees of
        freedom), ``HC1``, ``CRV1`` or ``CR2``. Options: ``level``.

    Returns
    -------
    Fit
        ``checks`` has ``converged``. ``meta``: variance_unit, variance_idiosyncratic, log_likelihood (REML, on the
        scaled columns), icc1 and icc2 by definition (dict of ``mixed_model``: share of variance between units given
        the regressors, and the reliability of a unit's mean; ``anova``: of the outcome alone), n_per_unit (mean),
        and the sizes of `fixed_effects`.

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
    require_variation(sample, [sample.name], *[(sample.outcome - sample.outcome.mean())[:, None]] * 2)
    require_variation(sample, spec.treatments, *[sample.matrix(spec.treatments)] * 2)
    controls = columns_of_controls(sample, frame, spec, extra)
    names = [INTERCEPT, *controls, *spec.treatments]
    design = np.column_stack([np.ones(sample.n_obs), *controls.values(), sample.matrix(spec.treatments)])
    if sample.n_units == sample.n_obs or sample.n_units <= 2:
        raise Refusal("no_repeats", sample.meta(), n=sample.n_units)
    parts, converged, likelihood = _reml(sample, design)
    model = _generalised(sample, design, names, len(controls) + 1, parts)
    uncertainty = covariance(model, spec)
    meta = {**_reliabilities(sample, parts), "log_likelihood": likelihood}
    key = "mixed_converged" if converged else "mixed_not_converged"
    checks = (*cluster_checks(model, spec), Check("converged", converged, Message(f"estimators.{key}")))
    return to_fit(model, spec, uncertainty, meta=meta, checks=checks)


def _reml(sample: Sample, design: FloatArray) -> tuple[Components, bool, float]:
    """Find the variance components with statsmodels on columns of unit length, then polish them."""
    kept = design[:, independent_columns(design)]
    length = np.sqrt((kept**2).mean(axis=0))
    scale = float(sample.outcome.std())
    model = MixedLM((sample.outcome - sample.outcome.mean()) / scale, kept / length, groups=sample.unit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = model.fit(reml=True, method=["bfgs", "lbfgs", "cg"])
    assert sample.unit is not None
    ratio = float(np.asarray(result.cov_re)[0, 0]) / float(result.scale)
    parts = restricted_components(sample.outcome, kept / length, sample.unit, ratio)
    return parts, bool(result.converged), float(result.llf)


def _generalised(sample: Sample, design: FloatArray, names: list[str], n_controls: int, parts: Components) -> Linear:
    """Regress by generalised least squares at the given components."""
    assert sample.unit is not None
    theta = parts.theta(np.bincount(sample.unit).astype(float))
    changed = quasi_demean(np.column_stack([sample.outcome, design]), sample.unit, theta)
    return regress(sample, changed[:, 0], changed[:, 1:], names, n_controls)


def _reliabilities(sample: Sample, parts: Components) -> dict[str, Any]:
    """Return the components and both intraclass correlations by both definitions."""
    assert sample.unit is not None
    size = sample.n_obs / sample.n_units
    anova = anova_components(sample.outcome, sample.unit)
    return {
        "variance_unit": parts.unit,
        "variance_idiosyncratic": parts.idiosyncratic,
        "n_per_unit": size,
        "icc1": {"mixed_model": parts.icc1, "anova": anova.icc1},
        "icc2": {"mixed_model": parts.icc2(size), "anova": anova.icc2(size)},
    }
