"""Partial pooling: every group's own within-unit estimate, and what it becomes when groups borrow strength."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators.inference import Inference, t_inference
from analysis.estimators.linear import covariance, fit_linear
from analysis.estimators.pooling import Pooled, alike_p_value, pool, shrink, shrunken_inference
from analysis.estimators.preflight import Refusal, Sample, prepare, refusing, require_size
from analysis.estimators.specification import refuse_features
from analysis.estimators.table import confidence_level, estimates_table
from analysis.estimators.within import IntArray, without_singletons
from analysis.messages import Message
from analysis.results import Check, Fit
from analysis.spec import Spec

MIN_GROUPS = 3
"""A variance between groups cannot be learnt from two."""

SMALL_SAMPLE_BELOW = 30
"""Below so many groups the mean takes the Hartung-Knapp-Sidik-Jonkman interval."""

OWN_COLUMNS = (
    "group",
    "term",
    "estimate",
    "std_error",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "n_obs",
    "n_units",
    "n_clusters",
)

OPTIONS = ("group", "group_covariance", "small_sample", "draws", "bootstrap_weights", "seed")


@refusing
def partial_pooling(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate effects per group and shrink them towards their common mean.

    Every group is a regression of its own with its own unit, time and further effects and its own coefficients of the
    controls. The estimates are pooled term by term: y_g ~ N(theta_g, v_g), theta_g ~ N(mean, tau2), tau2 by REML.
    A shrunken effect takes a share B = v / (v + tau2) from the mean. Neither tau2 nor v is known: the interval is read
    from the effect's distribution averaged over the likelihood of tau (`pooling.shrunken_inference`).

    Parameters
    ----------
    frame
        One row an observation.
    spec
        As in `fixed_effects`. Options: ``group`` (column, needed); ``group_covariance`` (``"CR2"``: unbiased with the
        few clusters of a group, as pooling needs it); ``small_sample`` (True, False, or None: with fewer than 30
        groups); ``level``.

    Returns
    -------
    Fit
        ``estimates`` has for every treatment a row ``<treatment>`` (the mean of the group effects) and rows
        ``<treatment>[<group>]`` (shrunken; their intervals are empirical-Bayes). Groups without an own estimate have
        no row. ``meta``: ``own`` (DataFrame group, term, estimate, std_error, df, p_value, conf_low, conf_high, n_obs,
        n_units, n_clusters: the unpooled estimates; shrinkage: how much each is pulled; known_tau_std_error: the
        standard error of the shrunken effect if tau and v were known, as metafor's ``blup`` gives it),
        ``without_estimate`` (group -> Message),
        ``heterogeneity`` (DataFrame term, mean, tau2, tau, i2, q, q_df, q_p_value, prediction_low, prediction_high,
        n_groups), ``small_sample``, and the sizes
        of `fixed_effects` (of the groups with an own estimate).

    Raises
    ------
    UsageError
        If ``group`` is missing or not a column.
    """
    own_spec = _own_spec(spec)
    sample, codes, labels = _prepare(frame, own_spec)
    own, without = _own_estimates(sample, codes, labels, own_spec)
    n_groups = len(labels) - len(without)
    groups = own.drop_duplicates("group")
    sizes = {name: int(groups[name].sum()) for name in ("n_obs", "n_units", "n_clusters")}
    meta = {**sample.meta(), **sizes, "without_estimate": without, "own": own, "n_groups": n_groups}
    if n_groups < MIN_GROUPS:
        raise Refusal("few_groups", meta, n=n_groups, minimum=MIN_GROUPS)
    small = _small_sample(spec, n_groups)
    rows = [own[own["term"] == term] for term in spec.treatments]
    pooled = [_pool(part, small, confidence_level(spec)) for part in rows]
    shrunken = [_shrunken(part, result, spec) for part, result in zip(rows, pooled, strict=True)]
    means = [_mean_row(term, result, sizes, spec) for term, result in zip(spec.treatments, pooled, strict=True)]
    table = pd.concat([*means, *shrunken]).sort_values("term", kind="stable", ignore_index=True)
    meta["own"] = own.join(_shrinkage(own, rows, pooled))
    meta["heterogeneity"] = _heterogeneity(spec.treatments, pooled)
    meta["small_sample"] = small
    return Fit("ok", None, table, None, _checks(rows, pooled), meta)


def _own_spec(spec: Spec) -> Spec:
    """Return the spec of a single group's regression."""
    if spec.options.get("group") is None:
        raise UsageError("estimators.group_needed")
    refuse_features(spec, "moderators", "mediators", "cohort")
    return replace(spec, covariance=str(spec.options.get("group_covariance", "CR2")))


def _prepare(frame: pd.DataFrame, spec: Spec) -> tuple[Sample, IntArray, list[str]]:
    """Return the complete rows, the group code of each and the groups' names."""
    group = str(spec.options["group"])
    effects = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    if not effects:
        raise UsageError("estimators.nothing_absorbed", estimator=spec.estimator)
    sample = prepare(frame, spec, absorb=effects, labels=[group], options=OPTIONS)
    codes, labels = pd.factorize(frame[group].iloc[sample.rows], sort=True)
    return sample, np.asarray(codes, dtype=np.int64), [str(label) for label in labels]


def _by_group(sample: Sample, codes: IntArray) -> Iterator[Sample]:
    """Yield the sample of every group, without the rows that are alone in an effect there."""
    for code in range(int(codes.max()) + 1):
        part = sample.take(codes == code, "other_group")
        yield part.take(without_singletons(list(part.factors.values()), part.n_obs), "singleton")


def _own_estimates(
    sample: Sample, codes: IntArray, labels: list[str], spec: Spec
) -> tuple[pd.DataFrame, dict[str, Message]]:
    """Return the unpooled estimates and, for groups that have none, the reason."""
    rows: list[dict[str, Any]] = []
    without: dict[str, Message] = {}
    for label, part in zip(labels, _by_group(sample, codes), strict=True):
        try:
            rows += _own_rows(label, require_size(part, spec), spec)
        except Refusal as refusal:
            without[label] = refusal.reason
    own = pd.DataFrame(rows, columns=list(OWN_COLUMNS))
    return own.sort_values(["term", "group"], kind="stable", ignore_index=True), without


def _own_rows(label: str, sample: Sample, spec: Spec) -> list[dict[str, Any]]:
    """Estimate one group by itself."""
    wanted = {name: sample.columns[name] for name in spec.treatments}
    model = fit_linear(sample, wanted, {name: sample.columns[name] for name in spec.controls})
    inference = covariance(model, spec).inference
    sizes = {"n_obs": sample.n_obs, "n_units": sample.n_units, "n_clusters": sample.n_clusters}
    columns = ("std_error", "df", "p_value", "conf_low", "conf_high")
    return [
        {"group": label, "term": term, "estimate": float(model.estimate[position])}
        | {name: float(getattr(inference, name)[position]) for name in columns}
        | sizes
        for position, term in enumerate(model.terms)
    ]


def _small_sample(spec: Spec, n_groups: int) -> bool:
    chosen = spec.options.get("small_sample")
    return n_groups < SMALL_SAMPLE_BELOW if chosen is None else bool(chosen)


def _pool(own: pd.DataFrame, small_sample: bool, level: float) -> Pooled:
    estimates, errors = own["estimate"].to_numpy(float), own["std_error"].to_numpy(float)
    return pool(estimates, errors**2, small_sample=small_sample, level=level)


def _mean_row(term: str, pooled: Pooled, sizes: dict[str, int], spec: Spec) -> pd.DataFrame:
    """Return the row of the mean effect."""
    estimate, variance = np.array([pooled.mean]), np.array([[pooled.std_error**2]])
    return estimates_table(
        spec,
        [term],
        estimate,
        t_inference(estimate, variance, pooled.df, confidence_level(spec)),
        n_obs=sizes["n_obs"],
        n_units=sizes["n_units"],
        n_clusters=sizes["n_clusters"],
        covariance="HKSJ" if np.isfinite(pooled.df) else "REML",
    )


def _shrunken(own: pd.DataFrame, pooled: Pooled, spec: Spec) -> pd.DataFrame:
    """Return the rows of the shrunken group effects."""
    estimates, variances = own["estimate"].to_numpy(float), own["std_error"].to_numpy(float) ** 2
    pulled, _, _ = shrink(estimates, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    found = shrunken_inference(estimates, variances, own["df"].to_numpy(float), confidence_level(spec))
    statistic = pulled / found.std_error
    return estimates_table(
        spec,
        [f"{term}[{group}]" for term, group in zip(own["term"], own["group"], strict=True)],
        pulled,
        Inference(found.std_error, found.df, statistic, found.p_value, found.conf_low, found.conf_high),
        n_obs=own["n_obs"].tolist(),
        n_units=own["n_units"].tolist(),
        n_clusters=own["n_clusters"].tolist(),
        covariance="empirical_bayes",
    )


def _shrinkage(own: pd.DataFrame, rows: list[pd.DataFrame], pooled: list[Pooled]) -> pd.DataFrame:
    """Return by how much every own estimate is pulled (0 not at all, 1 wholly), and the error if tau were known."""
    parts = []
    for part, result in zip(rows, pooled, strict=True):
        estimates, variances = part["estimate"].to_numpy(float), part["std_error"].to_numpy(float) ** 2
        _, errors, shares = shrink(estimates, variances, result.tau2, result.mean, result.std_error**2)
        parts.append(pd.DataFrame({"shrinkage": shares, "known_tau_std_error": errors}, index=part.index))
    return pd.concat(parts).reindex(own.index)


def _heterogeneity(terms: tuple[str, ...], pooled: list[Pooled]) -> pd.DataFrame:
    """Return how much the effects differ between groups, one row a treatment."""
    return pd.DataFrame(
        {
            "term": term,
            "mean": result.mean,
            "std_error": result.std_error,
            "tau2": result.tau2,
            "tau": float(np.sqrt(result.tau2)),
            "i2": result.i2,
            "q": result.q,
            "q_df": result.n_groups - 1,
            "q_p_value": result.q_p_value,
            "prediction_low": result.prediction_low,
            "prediction_high": result.prediction_high,
            "n_groups": result.n_groups,
        }
        for term, result in zip(terms, pooled, strict=True)
    )


def _checks(rows: list[pd.DataFrame], pooled: list[Pooled]) -> tuple[Check, ...]:
    """Say for every treatment whether the groups' effects are alike (Welch's test at 10 percent)."""
    checks = []
    for own, result in zip(rows, pooled, strict=True):
        values, errors, degrees = (own[name].to_numpy(float) for name in ("estimate", "std_error", "df"))
        p_value = alike_p_value(values, errors**2, degrees)
        alike = p_value > 0.10
        shown = {"column": str(own["term"].iloc[0]), "i2": result.i2, "p_value": p_value, "n": result.n_groups}
        reason = Message(f"estimators.groups_{'alike' if alike else 'differ'}", shown)
        checks.append(Check("homogeneity", alike, reason, result.q, p_value))
    return tuple(checks)
