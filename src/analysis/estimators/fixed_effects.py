"""Fixed effects: one-way, two-way and further absorbed effects, weights, interactions with moderators."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError, closest
from analysis.estimators import inference as inf
from analysis.estimators.linear import (
    FEW_TREATED,
    Linear,
    Uncertainty,
    cluster_checks,
    covariance,
    fit_linear,
    informative_clusters,
    to_fit,
)
from analysis.estimators.moderation import interactions, simple_slopes
from analysis.estimators.preflight import prepare, refusing
from analysis.estimators.randomisation import randomisation_test
from analysis.estimators.specification import refuse_features
from analysis.estimators.within import n_levels
from analysis.results import Fit
from analysis.spec import COVARIANCES, Spec

OPTIONS = ("draws", "bootstrap_weights", "seed", "randomisation", "beside")


@refusing
def fixed_effects(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate effects within units (and periods, and any further absorbed effects).

    The model is y = a_unit + a_time + ... + x'b + e; the effects are removed by the within transformation, b is least
    squares on what is left. With moderators every treatment is also multiplied by every moderator (centred at its
    sample mean): the treatment's own row is its effect at the mean, ``<treatment>:<moderator>`` the change of the
    effect per unit of the moderator.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        `unit`, `time` and `absorb` are absorbed (at least one of them), `weights` are inverse variances up to a
        constant, `cluster` is by default the unit. Options: ``level``; for the bootstrap ``draws`` (9999),
        ``bootstrap_weights`` (``"rademacher"`` or ``"webb"``) and ``seed``; ``randomisation`` (True: test every
        treatment by exchanging it between clusters); ``beside`` (names of further covariances to give beside).

    Returns
    -------
    Fit
        ``meta``: n_rows, n_obs, n_units, n_periods, n_clusters, dropped, n_parameters, controls, dropped_controls,
        absorbed (levels by column), r2_within, rmse, f_statistic, f_df (pair), f_p_value, simple_slopes and
        johnson_neyman (only with moderators), bootstrap (only with the wild bootstrap), randomisation (DataFrame
        treatment, p_value, draws, enumerated: where two clusters or fewer inform a treatment, or with the option),
        beside (DataFrame covariance, term, std_error, df, p_value, conf_low, conf_high: with the option).

    Raises
    ------
    UsageError
        For names that are not columns, or nothing to absorb.
    """
    refuse_features(spec, "mediators", "cohort")
    absorb = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    if not absorb:
        raise UsageError("estimators.nothing_absorbed", estimator=spec.estimator)
    sample = prepare(frame, spec, absorb=absorb, options=OPTIONS)
    wanted, controls = interactions(sample, spec)
    model = fit_linear(sample, wanted, controls)
    uncertainty = covariance(model, spec)
    moderated = simple_slopes(model, spec, uncertainty) if spec.moderators else {}
    meta = {**fit_statistics(model, uncertainty), **moderated, **randomisation(model, spec), **beside(model, spec)}
    return to_fit(model, spec, uncertainty, meta=meta, checks=cluster_checks(model, spec))


def fit_statistics(model: Linear, uncertainty: Uncertainty) -> dict[str, Any]:
    """Return r2_within, rmse and the F test that all wanted terms are zero."""
    wanted = slice(model.n_controls, None)
    df = float(np.min(uncertainty.df[wanted]))
    statistic, p_value = inf.wald_f(model.estimate, uncertainty.vcov[wanted, wanted], df)
    residuals, n_obs = model.fit.residuals, model.sample.n_obs
    return {
        "absorbed": {name: n_levels(codes) for name, codes in model.sample.factors.items()},
        "r2_within": model.r2_within,
        "rmse": float(np.sqrt(residuals @ residuals / (n_obs - model.n_parameters))),
        "f_statistic": statistic,
        "f_df": (len(model.terms), df),
        "f_p_value": p_value,
    }


def randomisation(model: Linear, spec: Spec) -> dict[str, Any]:
    """Return randomisation tests of the treatments that few clusters inform, or of all on request."""
    sample, rows = model.sample, []
    if not sample.clusters or spec.moderators:
        return {}
    for name in spec.treatments:
        few = informative_clusters(model, model.names.index(name)) <= FEW_TREATED
        if not (few or spec.options.get("randomisation")):
            continue
        others = [other for other in (*spec.controls, *spec.treatments) if other != name]
        test = randomisation_test(
            sample.outcome,
            sample.columns[name],
            sample.clusters[0],
            time=sample.time,
            factors=list(sample.factors.values()),
            controls=sample.matrix([other for other in others if other in model.names]),
            weights=sample.weights,
            seed=int(spec.options.get("seed", 0)),
        )
        if test is not None:
            rows.append({"treatment": name, **asdict(test)})
    return {"randomisation": pd.DataFrame(rows)} if rows else {}


def beside(model: Linear, spec: Spec) -> dict[str, Any]:
    """Return standard errors, p-values and intervals by the covariances named in the option ``beside``."""
    named = spec.options.get("beside", ())
    columns = ("std_error", "df", "p_value", "conf_low", "conf_high")
    rows = []
    for name in (named,) if isinstance(named, str) else tuple(named):
        if name not in COVARIANCES:
            raise UsageError(
                "estimators.unknown_covariance",
                value=name,
                closest=closest(name, COVARIANCES) or "-",
                known=list(COVARIANCES),
            )
        inference = covariance(model, replace(spec, covariance=name)).inference
        for position, term in enumerate(model.terms):
            values = {column: float(getattr(inference, column)[position]) for column in columns}
            rows.append({"covariance": name, "term": term, **values})
    return {"beside": pd.DataFrame(rows)} if rows else {}
