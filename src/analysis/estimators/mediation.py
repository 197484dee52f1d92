"""Mediation: how much of an effect runs through a mediator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.linear import ENOUGH_CLUSTERS, fit_linear
from analysis.estimators.pooled_ols import with_intercept
from analysis.estimators.preflight import Sample, prepare, refusing
from analysis.estimators.specification import refuse_features
from analysis.estimators.staggered_panel import DesignRefusal
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.estimators.within import demean, dense
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("draws", "seed")
MIN_CLUSTERS = 6
SHARE_OF_DRAWS = 0.9


@refusing
def mediation(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Direct, indirect and total effect of one treatment, in linear models with absorbed effects.

    With m = d a + x'c + effects + e and y = d c' + m'b + x'f + effects + e, the indirect effect through mediator j is
    a_j b_j, the direct effect c', the total effect their sum (equal to the coefficient without mediators). Intervals
    are percentiles of the cluster bootstrap, which do not assume that a product is normal (MacKinnon, Lockwood and
    Williams 2004). Causal only under sequential ignorability (Imai, Keele and Yamamoto 2010), which no data can test.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        One of `treatments`, `mediators`, `controls`, `unit`, `time`, `absorb`, `weights`, `cluster` (one; default the
        unit). The covariance is always the cluster bootstrap. Options: ``draws`` (999), ``seed`` (0), ``level``.

    Returns
    -------
    Fit
        Terms ``direct``, ``indirect`` (sum over mediators), ``indirect:<mediator>`` (with several), ``total``. The
        standard error is the draws' standard deviation, the p-value twice the smaller tail beyond zero. ``meta``: sizes
        as for fixed effects, paths (a and b per mediator), proportion_mediated (None if the total's interval includes
        zero), draws, draws_failed.

    Raises
    ------
    UsageError
        For unknown columns or options, not exactly one treatment, or no mediator.
    """
    draws = _check(spec)
    effects = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    sample = prepare(frame, spec, absorb=effects, options=OPTIONS)
    if sample.n_clusters < MIN_CLUSTERS:
        raise DesignRefusal("few_clusters_bootstrap", sample.meta(), n=sample.n_clusters, minimum=MIN_CLUSTERS)
    _preflight(sample, spec)
    columns = np.column_stack([sample.outcome, sample.matrix([*spec.mediators, *spec.treatments, *spec.controls])])
    n_mediators = len(spec.mediators)
    paths = path_coefficients(columns, sample, sample.weights, n_mediators)
    resampled = _bootstrap(columns, sample, n_mediators, draws, int(spec.options.get("seed", 0)))
    if len(resampled) < SHARE_OF_DRAWS * draws:
        raise DesignRefusal("few_draws", sample.meta(), n=len(resampled), draws=draws)
    names = _terms(spec)
    estimate = _effects(paths[None, :], n_mediators)[0]
    spread = _effects(resampled, n_mediators)
    inference = _percentile_inference(estimate, spread, confidence_level(spec))
    table = estimates_table(
        spec,
        names,
        estimate,
        inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=sample.n_clusters,
        covariance="cluster_bootstrap",
    )
    meta = {**sample.meta(), **_paths_meta(spec, paths, table), "draws": draws, "draws_failed": draws - len(resampled)}
    return Fit("ok", None, table, sorted_vcov(names, np.cov(spread.T)), _checks(sample), meta)


def _check(spec: Spec) -> int:
    if len(spec.treatments) != 1:
        raise UsageError("designs.one_treatment", estimator=spec.estimator)
    if not spec.mediators:
        raise UsageError("designs.needs_mediator", estimator=spec.estimator)
    refuse_features(spec, "cohort", "moderators")
    if isinstance(spec.cluster, tuple):
        raise UsageError("designs.only_crv1", estimator=spec.estimator)
    draws = int(spec.options.get("draws", 999))
    if draws < 99:
        raise UsageError("designs.bad_option", option="draws", value=draws, minimum=99)
    return draws


def _preflight(sample: Sample, spec: Spec) -> None:
    """Refuse where the model for the outcome or one of those for the mediators cannot be estimated."""
    controls = {name: sample.columns[name] for name in spec.controls}
    treatment = {name: sample.columns[name] for name in spec.treatments}
    mediators = {name: sample.columns[name] for name in spec.mediators}
    fit_linear(with_intercept(sample), {**treatment, **mediators}, controls)
    for values in mediators.values():
        fit_linear(replace(with_intercept(sample), outcome=values), treatment, controls)


def path_coefficients(columns: FloatArray, sample: Sample, weights: FloatArray | None, n_mediators: int) -> FloatArray:
    """Return a_1..a_J, b_1..b_J and the direct effect.

    Parameters
    ----------
    columns
        Outcome, mediators, treatment, controls; shape (n, 1 + J + 1 + p).
    sample
        Gives the absorbed effects.
    weights
        Positive, shape (n,), or None.
    n_mediators
        J.

    Returns
    -------
    FloatArray
        Shape (2 J + 1,).
    """
    within = demean(columns, list(with_intercept(sample).factors.values()), weights)
    within = within if weights is None else within * np.sqrt(weights)[:, None]
    scale = np.sqrt((within**2).sum(axis=0))
    within = within / np.where(scale > 0, scale, 1.0)
    first, last = 1 + n_mediators, within.shape[1]
    by_treatment = _solve(within[:, first:last], within[:, 1:first])[0] * scale[1:first] / scale[first]
    outcome = _solve(within[:, 1:last], within[:, :1])[:, 0] * scale[0] / np.where(scale[1:] > 0, scale[1:], np.nan)
    return np.concatenate([by_treatment, outcome[:n_mediators], outcome[n_mediators : n_mediators + 1]])


def _solve(design: FloatArray, outcome: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(design, outcome, rcond=1e-10)[0])


def _bootstrap(columns: FloatArray, sample: Sample, n_mediators: int, draws: int, seed: int) -> FloatArray:
    """Resample whole clusters; a cluster drawn twice weighs twice, which is the same as appearing twice."""
    generator = np.random.default_rng(seed)
    cluster, n_clusters = sample.clusters[0], sample.n_clusters
    rows = []
    for _ in range(draws):
        counts = np.bincount(generator.integers(0, n_clusters, n_clusters), minlength=n_clusters)
        drawn = counts[cluster] > 0
        weights = counts[cluster][drawn] * (1.0 if sample.weights is None else sample.weights[drawn])
        part = replace(sample, factors={name: dense(codes[drawn]) for name, codes in sample.factors.items()})
        part = replace(part, outcome=sample.outcome[drawn])
        rows.append(path_coefficients(columns[drawn], part, weights.astype(float), n_mediators))
    found = np.array(rows)
    return np.asarray(found[np.isfinite(found).all(axis=1)])


def _terms(spec: Spec) -> list[str]:
    single = len(spec.mediators) == 1
    return ["direct", "indirect", "total", *([] if single else [f"indirect:{name}" for name in spec.mediators])]


def _effects(paths: FloatArray, n_mediators: int) -> FloatArray:
    """Turn path coefficients, shape (B, 2J + 1), into effects in the order of the terms."""
    products = paths[:, :n_mediators] * paths[:, n_mediators : 2 * n_mediators]
    direct, indirect = paths[:, -1], products.sum(axis=1)
    parts = [direct, indirect, direct + indirect]
    return np.column_stack(parts if n_mediators == 1 else [*parts, products])


def _percentile_inference(estimate: FloatArray, draws: FloatArray, level: float) -> inf.Inference:
    error = draws.std(axis=0, ddof=1)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    size = len(draws)
    below, above = (draws <= 0).sum(axis=0), (draws >= 0).sum(axis=0)
    p_value = np.minimum(1.0, 2 * (1 + np.minimum(below, above)) / (size + 1))
    statistic = np.divide(estimate, error, out=np.full_like(estimate, np.nan), where=error > 0)
    return inf.Inference(error, np.full_like(estimate, np.inf), statistic, p_value, low, high)


def _paths_meta(spec: Spec, paths: FloatArray, table: pd.DataFrame) -> dict[str, Any]:
    count = len(spec.mediators)
    total = table.loc[table["term"] == "total"].iloc[0]
    indirect = float(table.loc[table["term"] == "indirect", "estimate"].iloc[0])
    clear = float(total["conf_low"]) > 0 or float(total["conf_high"]) < 0
    return {
        "paths": {name: {"a": float(paths[j]), "b": float(paths[count + j])} for j, name in enumerate(spec.mediators)},
        "proportion_mediated": indirect / float(total["estimate"]) if clear else None,
    }


def _checks(sample: Sample) -> tuple[Check, ...]:
    enough = sample.n_clusters >= ENOUGH_CLUSTERS
    values = {"n": sample.n_clusters, "enough": ENOUGH_CLUSTERS}
    key = "designs.enough_clusters" if enough else "designs.few_clusters"
    return (
        Check("number_of_clusters", enough, Message(key, values), float(sample.n_clusters)),
        Check("sequential_ignorability", None, Message("designs.sequential_ignorability")),
    )
