"""Companions of a staggered design: pre-trends, other estimators, Bacon's weights, randomisation."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimators import inference as inf
from analysis.estimators.group_time import Aggregate, aggregate, clustered_vcov, group_time_effects
from analysis.estimators.linear import ENOUGH_CLUSTERS, fit_linear
from analysis.estimators.preflight import Refusal, Sample
from analysis.estimators.staggered_panel import DesignRefusal, StaggeredPanel
from analysis.estimators.within import dense, symmetric_power
from analysis.messages import Message
from analysis.results import Check, FloatArray

LEVEL = 0.05
FEW_TREATED = 2
FEW_CLUSTERS = 10


def cluster_checks(panel: StaggeredPanel) -> list[Check]:
    """Say whether there are enough clusters, and enough treated ones."""
    n_clusters = panel.n_clusters
    enough = n_clusters >= ENOUGH_CLUSTERS
    values = {"n": n_clusters, "enough": ENOUGH_CLUSTERS}
    key = "designs.enough_clusters" if enough else "designs.few_clusters"
    treated = _n_treated_clusters(panel)
    few = treated <= FEW_TREATED
    reason = Message(f"designs.treated_clusters_{'few' if few else 'enough'}", {"n": treated})
    return [
        Check("number_of_clusters", enough, Message(key, values), float(n_clusters)),
        Check("treated_clusters", not few, reason, float(treated)),
    ]


def _n_treated_clusters(panel: StaggeredPanel) -> int:
    return len(np.unique(panel.cluster[panel.cohort < panel.n_periods]))


def pre_trend_check(panel: StaggeredPanel, event: Aggregate, anticipation: int = 0) -> Check:
    """Test that all effects before treatment are zero together.

    Parameters
    ----------
    panel, event
        The design and its effects by event time.
    anticipation
        Event times from ``-anticipation`` on are not tested.
    """
    labels = [int(label) for label in event.labels if label is not None]
    vcov = clustered_vcov(event.influence, panel.cluster)
    return wald_pre_trend(labels, event.estimate, vcov, panel.n_clusters, anticipation)


def wald_pre_trend(
    events: list[int], estimate: FloatArray, vcov: FloatArray, n_clusters: int, anticipation: int
) -> Check:
    """Test jointly the effects at event times before ``-anticipation``.

    Hotelling's T2: (G - k) / (k (G - 1)) W is F with k and G - k degrees of freedom, so that many periods and few
    clusters do not reject by themselves.
    """
    name = "pre_trend"
    before = np.array(events) < -anticipation
    tested = vcov[np.ix_(before, before)]
    rank = int(np.linalg.matrix_rank(tested)) if before.any() else 0
    if rank == 0 or n_clusters <= rank + 1:
        return Check(name, None, Message("designs.pre_trend_untestable", {"k": rank, "n": n_clusters}))
    values = estimate[before]
    wald = float(values @ symmetric_power(tested, -1.0, 1e-12) @ values)
    statistic = wald * (n_clusters - rank) / (rank * (n_clusters - 1))
    p_value = float(stats.f.sf(statistic, rank, n_clusters - rank))
    passed = p_value > LEVEL
    found = {"k": rank, "p": p_value, "largest": float(values[np.argmax(np.abs(values))])}
    return Check(
        name, passed, Message(f"designs.pre_trend_{'passed' if passed else 'failed'}", found), statistic, p_value
    )


def long_sample(panel: StaggeredPanel) -> tuple[Sample, FloatArray]:
    """Return the panel's rows as a sample with unit and period effects, and each row's event time (NaN if never)."""
    unit, time = np.nonzero(np.isfinite(panel.outcome))
    start = np.where(panel.cohort < panel.n_periods, panel.cohort, np.nan)
    weights = panel.weight[unit]
    sample = Sample(
        outcome=panel.outcome[unit, time],
        columns={},
        unit=dense(unit),
        time=dense(time),
        factors={"unit": dense(unit), "time": dense(time)},
        clusters=(dense(panel.cluster[unit]),),
        weights=None if bool((weights == weights[0]).all()) else weights / weights.mean(),
        rows=np.arange(len(unit)),
        n_rows=len(unit),
    )
    return sample, np.asarray(time - start[unit])


def sun_abraham(panel: StaggeredPanel, anticipation: int = 0) -> tuple[list[int], FloatArray, FloatArray]:
    """Effects by event time from a regression saturated in cohort and event time (Sun and Abraham 2021).

    Cohort-specific event dummies with unit and period effects, the never treated as comparison, the last period before
    treatment as reference; then averaged with the cohorts' shares in the sample, taken as fixed (fixest's ``sunab``).

    Parameters
    ----------
    panel
        The design; needs never-treated units.
    anticipation
        Moves the reference period further back.

    Returns
    -------
    events : list of int
        Event times.
    estimate : FloatArray
        Mean effect per event time and, last, over all treated cells; shape (E + 1,).
    vcov : FloatArray
        CRV1 covariance of these, shape (E + 1, E + 1).

    Raises
    ------
    Refusal
        If there are no never-treated units or a dummy is collinear.
    """
    if not bool((panel.cohort == panel.n_periods).any()):
        raise DesignRefusal("nobody_never_treated", panel.meta())
    sample, event = long_sample(panel)
    cohort = panel.cohort[np.nonzero(np.isfinite(panel.outcome))[0]]
    known = np.isfinite(event) & (event != -1 - anticipation)
    cells = sorted({(int(g), int(e)) for g, e in zip(cohort[known], event[known], strict=True)})
    dummies = {f"{g}:{e}": ((cohort == g) & (event == e)).astype(float) for g, e in cells}
    model = fit_linear(sample, dummies, {})
    cluster = sample.clusters[0]
    parameters = inf.count_parameters(len(cells), list(sample.factors.values()), [cluster])
    vcov = inf.crv1(model.fit, cluster, parameters)
    mass = np.array([(dummy * (1.0 if sample.weights is None else sample.weights)).sum() for dummy in dummies.values()])
    events = sorted({e for _, e in cells})
    groups = [np.array([e == wanted for _, e in cells]) for wanted in events]
    groups.append(np.array([e >= 0 for _, e in cells]))
    weights = np.array([group * mass / (group * mass).sum() for group in groups])
    return events, weights @ model.estimate, weights @ vcov @ weights.T


def cross_checks(panel: StaggeredPanel, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Average effect on the treated by Sun-Abraham and by imputation (Borusyak, Jaravel and Spiess 2024)."""
    rows = []
    try:
        _, estimate, vcov = sun_abraham(panel, options["anticipation"])
        rows.append(
            {"estimator": "sun_abraham", "estimate": float(estimate[-1]), "std_error": float(np.sqrt(vcov[-1, -1]))}
        )
    except Refusal:
        pass
    found = _imputation(panel, options["anticipation"])
    return rows if found is None else [*rows, {"estimator": "imputation", **found}]


def _imputation(panel: StaggeredPanel, anticipation: int) -> dict[str, float] | None:
    from diff_diff import ImputationDiD

    estimator = ImputationDiD(anticipation=anticipation, cluster="cluster")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = estimator.fit(
                diff_diff_frame(panel), outcome="outcome", unit="unit", time="time", first_treat="start"
            )
    except (ValueError, KeyError, IndexError, np.linalg.LinAlgError):
        return None
    if not np.isfinite([result.att, result.se]).all():
        return None
    return {"estimate": float(result.att), "std_error": float(result.se)}


def diff_diff_frame(panel: StaggeredPanel) -> pd.DataFrame:
    """Return the panel in the long form of the diff-diff library (start 0 for the never treated)."""
    unit, time = np.nonzero(np.isfinite(panel.outcome))
    start = np.where(panel.cohort < panel.n_periods, panel.cohort + 1, 0)
    return pd.DataFrame(
        {
            "unit": unit,
            "time": time + 1,
            "outcome": panel.outcome[unit, time],
            "start": start[unit],
            "cluster": panel.cluster[unit],
        }
    )


def bacon(panel: StaggeredPanel) -> dict[str, Any] | None:
    """Decompose the two-way fixed-effects estimate into its comparisons (Goodman-Bacon 2021).

    Returns
    -------
    dict or None
        ``twfe`` (the estimate), ``weights`` and ``effects`` by kind of comparison, and ``forbidden`` (weight of
        comparisons with units already treated); None for an unbalanced panel.
    """
    from diff_diff import BaconDecomposition

    if not panel.balanced:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = BaconDecomposition().fit(
                diff_diff_frame(panel), outcome="outcome", unit="unit", time="time", first_treat="start"
            )
    except (ValueError, KeyError, IndexError, np.linalg.LinAlgError):
        return None
    weights = {kind: float(value) for kind, value in sorted(result.weight_by_type().items())}
    effects = {kind: None if value is None else float(value) for kind, value in sorted(result.effect_by_type().items())}
    return {
        "twfe": float(result.twfe_estimate),
        "weights": weights,
        "effects": effects,
        "forbidden": weights.get("later_vs_earlier", 0.0),
    }


def agreement_check(estimate: float, margin: float, others: list[dict[str, Any]]) -> Check:
    """Check that the other estimators lie within the interval of the main one."""
    if not others:
        return Check("estimators_agree", None, Message("designs.agreement_unknown"))
    values = [row["estimate"] for row in others]
    passed = all(abs(value - estimate) <= margin for value in values)
    reason = Message(
        f"designs.agreement_{'passed' if passed else 'failed'}",
        {"estimate": estimate, "low": min(values), "high": max(values)},
    )
    return Check("estimators_agree", passed, reason)


def randomisation_p_value(panel: StaggeredPanel, options: dict[str, Any], draws: int, seed: int) -> float | None:
    """P-value of no effect from permuting the starting times over clusters.

    Used where clustered inference fails: two treated clusters or fewer than ten clusters. The statistic is the simple
    average itself: with one or two treated clusters its standard error carries no information (MacKinnon and Webb 2020,
    J. Econometrics 218). Exact if clusters are exchangeable and the programme changes nothing.

    Returns
    -------
    float or None
        None where there are enough clusters, or cohorts differ within a cluster.
    """
    if _n_treated_clusters(panel) > FEW_TREATED and panel.n_clusters >= FEW_CLUSTERS:
        return None
    by_cluster = np.zeros(panel.n_clusters, dtype=np.int64)
    by_cluster[panel.cluster] = panel.cohort
    if not bool((by_cluster[panel.cluster] == panel.cohort).all()):
        return None
    observed = _simple_average(panel, options)
    generator = np.random.default_rng(seed)
    others = [
        _simple_average(replace(panel, cohort=generator.permutation(by_cluster)[panel.cluster]), options)
        for _ in range(draws)
    ]
    known = np.array([value for value in others if value is not None])
    if observed is None or not len(known):
        return None
    return float((1 + np.count_nonzero(np.abs(known) >= abs(observed) * (1 - 1e-10))) / (len(known) + 1))


def _simple_average(panel: StaggeredPanel, options: dict[str, Any]) -> float | None:
    effects = group_time_effects(panel, comparison=options["comparison"], anticipation=options["anticipation"])
    if not len(effects.group) or not effects.post.any():
        return None
    return float(aggregate(panel, effects, "simple").estimate[0])
