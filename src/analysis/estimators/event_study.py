"""Event study: effects by time since the start of treatment, with uniform bands and what they need to be believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError, closest
from analysis.estimators.bands import band_rows, sup_t_critical
from analysis.estimators.group_time import Aggregate, aggregate, clustered_vcov
from analysis.estimators.honest import smoothness_rows
from analysis.estimators.preflight import refusing
from analysis.estimators.specification import refuse_features
from analysis.estimators.staggered_checks import cluster_checks, pre_trend_check, sun_abraham, wald_pre_trend
from analysis.estimators.staggered_did import estimate_cells, event_term, read_options, to_table
from analysis.estimators.staggered_panel import DesignRefusal, StaggeredPanel, staggered_panel
from analysis.estimators.table import confidence_level, sorted_vcov
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("method", "comparison", "anticipation", "balanced", "leads", "lags", "honest")
METHODS = ("callaway_santanna", "sun_abraham")


@refusing
def event_study(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Effects by event time, all against the last period before treatment.

    Parameters
    ----------
    frame
        One row per unit and period.
    spec
        As for `analysis.estimators.staggered_did.staggered_did`. Options: ``method`` (``"callaway_santanna"`` with a
        universal base period, or ``"sun_abraham"``, which takes no controls), ``comparison``, ``anticipation``,
        ``balanced``, ``leads`` and ``lags`` (event times kept before and after; default all), ``honest`` (True),
        ``level``.

    Returns
    -------
    Fit
        Terms ``event:-02``, ``event:+00``, ...; the reference period is not a term. ``meta``: as for staggered_did
        without group-time effects, and ``bands`` (sup-t over all events), ``reference`` (event time), ``pre_trend``,
        ``honest`` (intervals for the mean effect after treatment that allow non-linear differences in trends, and the
        breakdown M; None with anticipation or without consecutive events on both sides of the reference), ``effect``
        (mean of the events from 0 on, with interval).

    Raises
    ------
    UsageError
        For unknown columns or options, a spec without unit, time or cohort, or another covariance.
    """
    refuse_features(spec, "absorb", "mediators", "moderators", "treatments")
    options = {**read_options(spec), "method": _method(spec)}
    if options["method"] == "sun_abraham":
        options["comparison"] = "never_treated"
    panel = staggered_panel(frame, spec, OPTIONS, bool(spec.options.get("balanced", False)))
    if options["method"] == "sun_abraham" and spec.controls:
        raise UsageError("designs.no_controls", method=options["method"])
    events, estimate, vcov, pre_trend = _estimate(panel, options)
    kept = _window(events, spec)
    if not kept.any():
        raise DesignRefusal("no_events", panel.meta())
    events = [event for event, keep in zip(events, kept, strict=True) if keep]
    estimate, vcov = estimate[kept], vcov[np.ix_(kept, kept)]
    terms = [event_term(event) for event in events]
    table, critical = to_table(spec, panel, terms, estimate, vcov)
    level = confidence_level(spec)
    uniform = sup_t_critical(vcov, float(panel.n_clusters - 1), level)
    meta = {
        **panel.meta(),
        **{name: options[name] for name in ("method", "comparison", "anticipation")},
        "reference": -1 - options["anticipation"],
        "bands": band_rows(terms, estimate, np.sqrt(np.diag(vcov)), uniform),
        "pre_trend": {"statistic": pre_trend.statistic, "p_value": pre_trend.p_value},
        "effect": _mean_effect(events, estimate, vcov, critical),
        "honest": _honest(events, estimate, vcov, options, level) if spec.options.get("honest", True) else None,
    }
    return Fit("ok", None, table, sorted_vcov(terms, vcov), (*cluster_checks(panel), pre_trend), meta)


def _method(spec: Spec) -> str:
    method = str(spec.options.get("method", METHODS[0]))
    if method not in METHODS:
        near = closest(method, METHODS) or "-"
        raise UsageError("designs.unknown_choice", option="method", value=method, closest=near, known=list(METHODS))
    return method


def _estimate(panel: StaggeredPanel, options: dict[str, Any]) -> tuple[list[int], FloatArray, FloatArray, Check]:
    anticipation = options["anticipation"]
    if options["method"] == "sun_abraham":
        events, estimate, vcov = sun_abraham(panel, anticipation)
        pre_trend = wald_pre_trend(events, estimate[:-1], vcov[:-1, :-1], panel.n_clusters, anticipation)
        return events, estimate[:-1], vcov[:-1, :-1], pre_trend
    effects = estimate_cells(panel, options, "universal")
    found: Aggregate = aggregate(panel, effects, "event")
    events = [int(label) for label in found.labels if label is not None]
    vcov = clustered_vcov(found.influence, panel.cluster)
    return events, found.estimate, vcov, pre_trend_check(panel, found, anticipation)


def _window(events: list[int], spec: Spec) -> Any:
    leads, lags = spec.options.get("leads"), spec.options.get("lags")
    values = np.array(events)
    return (values >= (-np.inf if leads is None else -int(leads))) & (values <= (np.inf if lags is None else int(lags)))


def _mean_effect(events: list[int], estimate: FloatArray, vcov: FloatArray, critical: float) -> dict[str, float] | None:
    weights = np.array([float(event >= 0) for event in events])
    if not weights.any():
        return None
    weights /= weights.sum()
    mean, error = float(weights @ estimate), float(np.sqrt(weights @ vcov @ weights))
    return {
        "estimate": mean,
        "std_error": error,
        "conf_low": mean - critical * error,
        "conf_high": mean + critical * error,
    }


def _honest(
    events: list[int], estimate: FloatArray, vcov: FloatArray, options: dict[str, Any], level: float
) -> dict[str, Any] | None:
    """Bound the mean effect from the consecutive events around the reference period."""
    reference = -1
    if options["anticipation"]:
        return None
    before = [event for event in events if event < reference]
    after = [event for event in events if event > reference]
    wanted = [*range(min(before, default=0), reference), *range(reference + 1, max(after, default=-1) + 1)]
    if not before or not after or wanted != events:
        return None
    weights = np.full(len(after), 1 / len(after))
    return smoothness_rows(estimate, vcov, len(before), weights, level)
