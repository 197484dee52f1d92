"""Pooled ordinary (or weighted) least squares, with an intercept and no unit effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimators.fixed_effects import OPTIONS, beside, fit_statistics, randomisation
from analysis.estimators.linear import cluster_checks, covariance, fit_linear, to_fit
from analysis.estimators.moderation import interactions, simple_slopes
from analysis.estimators.preflight import Sample, prepare, refusing
from analysis.estimators.specification import refuse_features
from analysis.results import Fit
from analysis.spec import Spec

INTERCEPT = "(intercept)"


@refusing
def pooled_ols(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Regress across units and periods alike: a description, not an effect, unless treatment is as good as random.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        As in `fixed_effects`, but unit and time are not absorbed: they only count units and name the default cluster.
        Columns in `absorb` are.

    Returns
    -------
    Fit
        ``meta`` as in `fixed_effects`, with r2 for r2_within.

    Raises
    ------
    UsageError
        For names that are not columns.
    """
    refuse_features(spec, "mediators", "cohort")
    sample = with_intercept(prepare(frame, spec, absorb=spec.absorb, options=OPTIONS))
    wanted, controls = interactions(sample, spec)
    model = fit_linear(sample, wanted, controls)
    uncertainty = covariance(model, spec)
    moderated = simple_slopes(model, spec, uncertainty) if spec.moderators else {}
    statistics = fit_statistics(model, uncertainty)
    statistics["r2"] = statistics.pop("r2_within")
    return to_fit(
        model,
        spec,
        uncertainty,
        meta={**statistics, **moderated, **randomisation(model, spec), **beside(model, spec)},
        checks=cluster_checks(model, spec),
    )


def with_intercept(sample: Sample) -> Sample:
    """Absorb a single common effect where nothing else is absorbed."""
    if sample.factors:
        return sample
    return replace(sample, factors={INTERCEPT: np.zeros(sample.n_obs, dtype=np.int64)})
