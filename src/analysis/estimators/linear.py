"""The linear model that several estimators share: transformed columns in, coefficients and their covariance out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators import preflight
from analysis.estimators.inference import Inference, LeastSquares
from analysis.estimators.informative import dominance_limit, dominant_share, treated_clusters
from analysis.estimators.preflight import MIN_TREATED_CLUSTERS, MIN_UNITS, Refusal, Sample
from analysis.estimators.specification import CLUSTERED
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.estimators.wild_bootstrap import wild_cluster_bootstrap
from analysis.estimators.within import IntArray, demean, is_nested, n_levels, stack
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

MAX_BASIS = 40_000_000
"""Largest dense basis of crossing effects (rows x levels) that CR2, CRV3 and the bootstrap build: 320 MB."""

ENOUGH_CLUSTERS = 50
"""Below this CRV1 rejects too often (Cameron and Miller 2015, section VI)."""


FEW_TREATED = 2
"""Up to so many informative clusters a clustered test is doubtful and a randomisation test is given beside it."""


@dataclass(frozen=True)
class Linear:
    """A fitted linear model with what its inference needs.

    Parameters
    ----------
    sample
        Rows used.
    names
        Columns of the design: the controls that were kept, then the wanted terms.
    n_controls
        How many leading columns are controls.
    outcome
        Transformed outcome, shape (n,).
    fit
        Coefficients, residuals and bread, in the order of `names`.
    dropped_controls
        Controls that were combinations of others or of the absorbed effects.
    counts
        What `informative_clusters` has counted already, by position.
    """

    sample: Sample
    names: tuple[str, ...]
    n_controls: int
    outcome: FloatArray
    fit: LeastSquares
    dropped_controls: tuple[str, ...] = ()
    counts: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms that are wanted."""
        return self.names[self.n_controls :]

    @property
    def estimate(self) -> FloatArray:
        """Coefficients of the wanted terms."""
        return self.fit.coefficients[self.n_controls :]

    @property
    def n_parameters(self) -> int:
        """K without taking out effects nested in clusters."""
        return inf.count_parameters(len(self.names), list(self.sample.factors.values()))

    @property
    def r2_within(self) -> float:
        """Share of the transformed outcome's sum of squares that the design explains."""
        residuals = self.fit.residuals
        return 1 - float(residuals @ residuals) / float(self.outcome @ self.outcome)


def transform(sample: Sample, columns: FloatArray) -> FloatArray:
    """Remove the absorbed effects and multiply by the roots of the weights."""
    within = demean(columns, list(sample.factors.values()), sample.weights)
    if sample.weights is not None:
        within *= np.sqrt(sample.weights)[:, None]
    return within


def fit_linear(sample: Sample, wanted: Mapping[str, FloatArray], controls: Mapping[str, FloatArray]) -> Linear:
    """Absorb the effects, check what is left, and regress.

    Parameters
    ----------
    sample
        Rows and absorbed effects.
    wanted, controls
        Columns by name, each of shape (n,).

    Raises
    ------
    UsageError
        If no term is wanted.
    Refusal
        If the outcome or a wanted term does not vary within the effects, a wanted term is collinear, no degree of
        freedom is left, or the fit is perfect.
    """
    if not wanted:
        raise UsageError("estimators.treatment_needed")
    raw = stack([sample.outcome, *controls.values(), *wanted.values()])
    changed = transform(sample, raw)
    first = 1 + len(controls)
    preflight.require_variation(sample, [sample.name], changed[:, :1], raw[:, :1])
    preflight.require_variation(sample, list(wanted), changed[:, first:], raw[:, first:])
    changed = preflight.without_noise(changed, raw)
    return regress(sample, changed[:, 0], changed[:, 1:], [*controls, *wanted], len(controls))


def regress(sample: Sample, outcome: FloatArray, design: FloatArray, names: Sequence[str], n_controls: int) -> Linear:
    """Drop redundant controls and regress transformed columns.

    Parameters
    ----------
    sample
        Rows and absorbed effects (for counting parameters).
    outcome, design
        Transformed columns, shapes (n,) and (n, k).
    names, n_controls
        Names of the columns, and how many of the leading ones are controls.

    Raises
    ------
    Refusal
        As `fit_linear`.
    """
    kept = preflight.require_rank(sample, names, design, n_controls)
    used = tuple(name for name, keep in zip(names, kept, strict=True) if keep)
    lost = tuple(name for name, keep in zip(names, kept, strict=True) if not keep)
    preflight.require_degrees(sample, inf.count_parameters(len(used), list(sample.factors.values())))
    fit = inf.least_squares(outcome, design if kept.all() else stack(list(design[:, kept].T)))
    preflight.require_residuals(sample, fit.residuals, outcome)
    return Linear(sample, used, n_controls - len(lost), outcome, fit, lost)


@dataclass(frozen=True)
class Uncertainty:
    """Covariance of all coefficients and the inference on the wanted terms."""

    vcov: FloatArray
    df: FloatArray
    inference: Inference
    meta: Mapping[str, Any]


def covariance(model: Linear, spec: Spec) -> Uncertainty:
    """Return the covariance that the spec names, with its degrees of freedom.

    Raises
    ------
    UsageError
        For two-way clustering with another covariance than CRV1.
    Refusal
        If fewer than two clusters (or units) inform a treatment, or the correction's matrices would be too large.
    """
    require_informative_clusters(model, spec)
    if len(model.sample.clusters) == 2 and spec.covariance != "CRV1":
        raise UsageError("estimators.two_way_crv1", covariance=spec.covariance)
    vcov, df = raw_covariance(model, spec)
    wanted = slice(model.n_controls, None)
    freedom = np.broadcast_to(np.asarray(df, dtype=float), model.fit.coefficients.shape).copy()
    inference = inf.t_inference(model.estimate, vcov[wanted, wanted], freedom[wanted], confidence_level(spec))
    if spec.covariance == "wild_bootstrap":
        inference, extra = wild_inference(model, spec, inference)
        return Uncertainty(vcov, freedom, inference, extra)
    return Uncertainty(vcov, freedom, inference, {})


def raw_covariance(model: Linear, spec: Spec) -> tuple[FloatArray, FloatArray | float]:
    """Return the covariance of all coefficients and its degrees of freedom."""
    fit, clusters = model.fit, model.sample.clusters
    if spec.covariance in ("classical", "HC1"):
        estimator = inf.classical if spec.covariance == "classical" else inf.hc1
        return estimator(fit, model.n_parameters), float(model.sample.n_obs - model.n_parameters)
    df = float(model.sample.n_clusters - 1)
    parameters = inf.count_parameters(len(model.names), list(model.sample.factors.values()), clusters)
    if spec.covariance == "CR2":
        return inf.cr2(fit, clusters[0], crossing_basis(model))
    if spec.covariance == "CRV3":
        return inf.crv3(fit, clusters[0], crossing_basis(model), parameters), df
    if len(clusters) == 2:
        return inf.crv1_two_way(fit, (clusters[0], clusters[1]), parameters), df
    return inf.crv1(fit, clusters[0], parameters), df


def crossing_basis(model: Linear) -> FloatArray:
    """Return `inference.absorbed_basis` of the model, or refuse where it would not fit into memory."""
    sample = model.sample
    factors = list(sample.factors.values())
    crossing = [codes for codes in factors if not is_nested(codes, sample.clusters[0])]
    if sample.n_obs * sum(n_levels(codes) for codes in crossing) > MAX_BASIS:
        raise Refusal("basis_too_large", sample.meta(), n=sample.n_obs)
    return inf.absorbed_basis(factors, sample.clusters[0], sample.weights)


def wild_inference(model: Linear, spec: Spec, student: Inference) -> tuple[Inference, dict[str, Any]]:
    """Replace p-values and intervals by those of the restricted wild cluster bootstrap, term by term."""
    options, basis = spec.options, crossing_basis(model)
    results = [
        wild_cluster_bootstrap(
            model.outcome,
            model.fit.design,
            model.sample.clusters[0],
            model.n_controls + position,
            absorbed=basis,
            draws=int(options.get("draws", 9999)),
            weights=str(options.get("bootstrap_weights", "rademacher")),
            seed=int(options.get("seed", 0)),
            level=confidence_level(spec),
        )
        for position in range(len(model.terms))
    ]
    inference = Inference(
        student.std_error,
        student.df,
        student.statistic,
        np.array([result.p_value for result in results]),
        np.array([result.conf_low for result in results]),
        np.array([result.conf_high for result in results]),
    )
    return inference, {
        "bootstrap": {
            "draws": results[0].draws,
            "enumerated": results[0].enumerated,
            "weights": results[0].weights,
        }
    }


def informative_clusters(model: Linear, position: int) -> int:
    """Count the clusters from which the term at `position` of the design is learnt (fewest over the clusterings)."""
    if position not in model.counts:
        model.counts[position] = min(_informative(model, position, cluster) for cluster in model.sample.groups)
    return model.counts[position]


def _informative(model: Linear, position: int, cluster: IntArray) -> int:
    sample = model.sample
    values = sample.columns.get(model.names[position], model.fit.design[:, position])
    nested = [codes for codes in sample.factors.values() if is_nested(codes, cluster)]
    within = demean(values[:, None], nested)[:, 0] if nested else None
    return treated_clusters(values, cluster, within)


def require_informative_clusters(model: Linear, spec: Spec) -> None:
    """Refuse a treatment that one cluster informs, or, without clusters, fewer than three units."""
    sample = model.sample
    if not sample.groups:
        return
    for position, name in enumerate(model.names):
        if name not in spec.treatments:
            continue
        count = informative_clusters(model, position)
        if count < MIN_TREATED_CLUSTERS:
            raise Refusal("one_treated_cluster", sample.meta(), column=name, n=count)
        if not sample.clusters and count < MIN_UNITS:
            raise Refusal("few_informative_units", sample.meta(), column=name, n=count, minimum=MIN_UNITS)
        for cluster in sample.groups:
            left = inf.partialled_column(model.fit, position)
            share = dominant_share(left, cluster)
            if share >= dominance_limit(sample.columns[name], n_levels(cluster)):
                raise Refusal("dominant_cluster", sample.meta(), column=name, share=share)


def cluster_checks(model: Linear, spec: Spec) -> tuple[Check, ...]:
    """Say whether there are enough clusters for the covariance that was used."""
    if spec.covariance not in CLUSTERED:
        return ()
    n_clusters = model.sample.n_clusters
    enough = n_clusters >= ENOUGH_CLUSTERS or spec.covariance != "CRV1"
    values = {"n": n_clusters, "enough": ENOUGH_CLUSTERS, "covariance": spec.covariance}
    key = "enough_clusters" if enough else "crv1_few_clusters"
    checks = [Check("number_of_clusters", enough, Message(f"estimators.{key}", values), float(n_clusters))]
    for position, name in enumerate(model.names):
        if name in spec.treatments:
            count = informative_clusters(model, position)
            enough = count > FEW_TREATED
            key = "treated_clusters_enough" if enough else "treated_clusters_few"
            reason = Message(f"estimators.{key}", {"column": name, "n": count})
            checks.append(Check("treated_clusters", enough, reason, float(count)))
    return tuple(checks)


def to_fit(
    model: Linear,
    spec: Spec,
    uncertainty: Uncertainty,
    *,
    meta: Mapping[str, Any],
    checks: Sequence[Check] = (),
) -> Fit:
    """Put the wanted terms into a `Fit`; controls go to ``meta["controls"]``, they are not read as effects."""
    sample, wanted = model.sample, slice(model.n_controls, None)
    table = estimates_table(
        spec,
        model.terms,
        model.estimate,
        uncertainty.inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=sample.n_clusters,
    )
    controls = dict(zip(model.names, model.fit.coefficients.tolist(), strict=True))
    common = {
        **sample.meta(),
        "n_parameters": model.n_parameters,
        "controls": {name: controls[name] for name in model.names[: model.n_controls]},
        "dropped_controls": list(model.dropped_controls),
    }
    return Fit(
        "ok",
        None,
        table,
        sorted_vcov(model.terms, uncertainty.vcov[wanted, wanted]),
        tuple(checks),
        {**common, **uncertainty.meta, **meta},
    )
