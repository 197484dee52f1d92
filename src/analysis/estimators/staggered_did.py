"""Staggered difference in differences: programmes that reach units at different times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import UsageError, closest
from analysis.estimators import inference as inf
from analysis.estimators.bands import band_rows, sup_t_critical
from analysis.estimators.group_time import (
    Aggregate,
    GroupTime,
    aggregate,
    cell_rows,
    clustered_vcov,
    group_time_effects,
)
from analysis.estimators.preflight import Refusal, refusing
from analysis.estimators.specification import refuse_features
from analysis.estimators.staggered_checks import (
    agreement_check,
    bacon,
    cluster_checks,
    cross_checks,
    pre_trend_check,
    randomisation_p_value,
)
from analysis.estimators.staggered_panel import DesignRefusal, StaggeredPanel, staggered_panel
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.results import Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("aggregation", "comparison", "anticipation", "balanced", "cross_checks", "draws", "seed")
AGGREGATIONS = ("simple", "group", "dynamic", "calendar")
COMPARISONS = ("never_treated", "not_yet_treated")


@refusing
def staggered_did(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Average effect on the treated by Callaway and Sant'Anna (2021, J. Econometrics 225).

    Each cohort's change since its last period before treatment is compared with the change of units that are not
    treated; no unit that is already treated ever serves as comparison. Group-time effects are averaged with weights
    by cohort size, whose own uncertainty counts.

    Parameters
    ----------
    frame
        One row per unit and period.
    spec
        `unit`, `time`, `cohort` (first treated period of the unit, in the values of `time`; missing for the never
        treated), `cluster` (default the unit), `controls` (as of the period before treatment, by outcome regression),
        `weights` (their mean per unit). Covariance: CRV1 only, that is G/(G-1) times the sum of outer products of the
        clusters' influences, with t on G-1 degrees of freedom. Options: ``aggregation`` (``"simple"``; ``"group"``,
        ``"dynamic"``, ``"calendar"``), ``comparison`` (``"not_yet_treated"``, which includes the never treated, or
        ``"never_treated"``), ``anticipation`` (0), ``balanced`` (False; True leaves out units that miss a period),
        ``cross_checks`` (True), ``draws`` (999) and ``seed`` of the randomisation test, ``level``. Event time counts
        observed periods.

    Returns
    -------
    Fit
        Terms: ``att`` (overall), and per aggregation ``cohort:<period>``, ``event:+00`` or ``period:<period>``.
        ``meta``: n_rows, n_obs, n_units, n_periods, n_clusters, dropped, panel (``"balanced"`` or ``"unbalanced"``),
        n_never_treated, n_always_treated (left out), cohorts (units per cohort), aggregation, comparison,
        anticipation, group_time (every cell with interval), bands (sup-t, over the aggregate's terms), pre_trend,
        cross_checks (Sun-Abraham, imputation), bacon (weights of the two-way fixed-effects estimate),
        randomisation_p_value (with two treated clusters or fewer than ten clusters).

    Raises
    ------
    UsageError
        For unknown columns or options, a spec without unit, time or cohort, or another covariance.
    """
    refuse_features(spec, "absorb", "mediators", "moderators", "treatments")
    options = read_options(spec)
    panel = staggered_panel(frame, spec, OPTIONS, bool(spec.options.get("balanced", False)))
    effects = estimate_cells(panel, options, "varying")
    chosen = aggregate(panel, effects, options["aggregation"])
    names = [_term(label, options["aggregation"], panel) for label in chosen.labels]
    vcov = clustered_vcov(chosen.influence, panel.cluster)
    table, critical = to_table(spec, panel, names, chosen.estimate, vcov)
    overall = chosen.labels.index(None)
    return Fit(
        "ok",
        None,
        table,
        sorted_vcov(names, vcov),
        *_companions(panel, effects, chosen, overall, vcov, names, spec, options, critical),
    )


def read_options(spec: Spec) -> dict[str, Any]:
    """Read and check the options that the staggered designs share."""
    read: dict[str, Any] = {
        "aggregation": str(spec.options.get("aggregation", "simple")),
        "comparison": str(spec.options.get("comparison", "not_yet_treated")),
        "anticipation": int(spec.options.get("anticipation", 0)),
    }
    for name, known in (("aggregation", AGGREGATIONS), ("comparison", COMPARISONS)):
        if read[name] not in known:
            value, near = read[name], closest(read[name], known) or "-"
            raise UsageError("designs.unknown_choice", option=name, value=value, closest=near, known=list(known))
    if read["anticipation"] < 0:
        raise UsageError("designs.negative_anticipation", value=read["anticipation"])
    return read


def estimate_cells(panel: StaggeredPanel, options: dict[str, Any], base: str) -> GroupTime:
    """Estimate all group-time effects, or refuse where none after the start of treatment can be estimated."""
    never = int((panel.cohort == panel.n_periods).sum())
    if options["comparison"] == "never_treated" and never == 0:
        raise DesignRefusal("nobody_never_treated", panel.meta())
    effects = group_time_effects(
        panel, comparison=options["comparison"], anticipation=options["anticipation"], base=base
    )
    if not len(effects.group) or not effects.post.any():
        raise DesignRefusal("no_comparison", panel.meta())
    return effects


def to_table(
    spec: Spec, panel: StaggeredPanel, names: list[str], estimate: FloatArray, vcov: FloatArray
) -> tuple[pd.DataFrame, float]:
    """Return the table of estimates and the pointwise critical value."""
    if not bool((np.diag(vcov) > 1e-20 * np.nanvar(panel.outcome)).all()):
        raise Refusal("perfect_fit", panel.meta())
    df = float(panel.n_clusters - 1)
    level = confidence_level(spec)
    meta = panel.meta()
    table = estimates_table(
        spec,
        names,
        estimate,
        inf.t_inference(estimate, vcov, df, level),
        n_obs=meta["n_obs"],
        n_units=meta["n_units"],
        n_clusters=panel.n_clusters,
    )
    return table, float(stats.t.isf((1 - level) / 2, df))


def _term(label: int | None, kind: str, panel: StaggeredPanel) -> str:
    if label is None:
        return "att"
    if kind == "dynamic":
        return event_term(label)
    return f"{'cohort' if kind == 'group' else 'period'}:{panel.periods[label]}"


def event_term(event: int) -> str:
    """Name of an event time that sorts as text: ``event:-02``, ``event:+00``."""
    return f"event:{event:+03d}"


def _companions(
    panel: StaggeredPanel,
    effects: GroupTime,
    chosen: Aggregate,
    overall: int,
    vcov: FloatArray,
    names: list[str],
    spec: Spec,
    options: dict[str, Any],
    critical: float,
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    df, level = float(panel.n_clusters - 1), confidence_level(spec)
    errors = np.sqrt(np.diag(vcov))
    estimate = float(chosen.estimate[overall])
    event = aggregate(panel, effects, "event")
    pre_trend = pre_trend_check(panel, event, options["anticipation"])
    checks = [*cluster_checks(panel), pre_trend]
    meta: dict[str, Any] = {
        **panel.meta(),
        **options,
        "group_time": cell_rows(panel, effects, critical),
        "bands": band_rows(names, chosen.estimate, errors, sup_t_critical(vcov, df, level)),
        "pre_trend": {"statistic": pre_trend.statistic, "p_value": pre_trend.p_value},
    }
    if spec.options.get("cross_checks", True):
        others = cross_checks(panel, options)
        meta["cross_checks"] = others
        meta["bacon"] = bacon(panel)
        if options["aggregation"] == "simple":
            checks.append(agreement_check(estimate, critical * float(errors[overall]), others))
    draws, seed = int(spec.options.get("draws", 999)), int(spec.options.get("seed", 0))
    meta["randomisation_p_value"] = randomisation_p_value(panel, options, draws, seed)
    return tuple(checks), meta
