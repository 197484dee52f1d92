"""Effects of (or moderated by) a survey index freed of its sampling noise: split halves as each other's instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.inference import LeastSquares
from analysis.estimators.linear import Linear, Uncertainty, cluster_checks, covariance, crossing_basis, fit_linear
from analysis.estimators.linear import transform as absorb_effects
from analysis.estimators.moderation import interactions, simple_slopes
from analysis.estimators.preflight import Refusal, Sample, prepare, refusing, require_variation
from analysis.estimators.specification import refuse_features, require_covariance
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.estimators.within import IntArray
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("halves",)

LITTLE_SIGNAL = 0.20
"""Within reliability below which the corrected estimate is unstable; shown as a failed check."""


@dataclass(frozen=True)
class Halves:
    """The outcome and the design built from each half, effects absorbed and controls partialled out.

    Parameters
    ----------
    outcome
        Shape (n,).
    first, second
        The same columns made with the one half of the index and with the other, shape (n, k).
    names
        Names of the columns, shape (k,).
    noisy
        Position of the column whose reliability is told: the index, or the product of treatment and index.
    """

    outcome: FloatArray
    first: FloatArray
    second: FloatArray
    names: tuple[str, ...]
    noisy: int

    @property
    def pair(self) -> tuple[FloatArray, FloatArray]:
        """The noisy column by either half, shape (n,) each."""
        return self.first[:, self.noisy], self.second[:, self.noisy]


@refusing
def reliability_corrected(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate the effect of the true score behind a survey index, or how it changes the effect of a treatment.

    Respondents are split at random in two halves whose errors are independent. With X1 and X2 the design made with the
    one half and with the other (effects and controls removed) the estimate solves
    ``(X2'X1 + X1'X2) b = (X1 + X2)'y``: each half is the instrument of the other, both taken together. For the index
    itself that is ``(s1'y + s2'y) / (2 s1's2)``, the within estimate divided by the index's reliability *within units*,
    which is what attenuates a within estimate; reliability across all rows is higher and corrects too little. For a
    moderator the design holds the treatment, the half and their product, and the product with the one half is the
    instrument of the product with the other. References: Griliches and Hausman (1986), Journal of Econometrics 31;
    Carroll et al. (2006), "Measurement Error in Nonlinear Models", section 6; Busemeyer and Jones (1983), Psychological
    Bulletin 93 (products of noisy variables).

    Parameters
    ----------
    frame
        One row an observation.
    spec
        One treatment. Without moderators it is the index, the mean of both halves up to rounding (its column names the
        term); with one moderator that is the index, and the terms are those of `fixed_effects`: the treatment (at the
        moderator's mean) and ``<treatment>:<moderator>``. Unit, time and further effects are absorbed. Covariance
        ``HC1``, ``CRV1`` or ``CR2`` (the latter as for instruments: fitted columns, residuals of the actual ones).
        Options: ``halves`` (pair of columns, needed); ``level``.

    Returns
    -------
    Fit
        ``checks``: ``reliability`` (within reliability of at least 0.20). ``meta``: reliability_within (of the mean of
        both halves, or of its product with the treatment, Spearman-Brown), half_correlation_within, reliability_pooled
        (of the index across all rows), uncorrected (dict estimate, std_error of the within estimate of the last term
        on the mean of the halves), simple_slopes and johnson_neyman (with a moderator), and the sizes of
        `fixed_effects`.

    Raises
    ------
    UsageError
        If there is not one treatment, more than one moderator, or not two halves.
    """
    halves = _half_names(spec)
    refuse_features(spec, "mediators", "cohort")
    require_covariance(spec, "HC1", "CRV1", "CR2")
    absorb = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    if not absorb:
        raise UsageError("estimators.nothing_absorbed", estimator=spec.estimator)
    sample = prepare(frame, spec, numeric=halves, absorb=absorb, options=OPTIONS)
    sample = _with_index(sample, spec, (sample.columns[halves[0]] + sample.columns[halves[1]]) / 2)
    wanted, controls = interactions(sample, spec)
    plain = fit_linear(sample, wanted, controls)
    parts = _partialled(sample, spec, halves, plain)
    model = _solved(parts, plain, spec)
    uncertainty = _uncertainty(model, plain, spec)
    return _to_fit(model, uncertainty, plain, parts, _reliabilities(sample, parts, halves), spec)


def _half_names(spec: Spec) -> tuple[str, str]:
    """Return the columns of the two halves."""
    halves = tuple(spec.options.get("halves", ()))
    if len(halves) != 2 or len(spec.treatments) != 1 or len(spec.moderators) > 1:
        raise UsageError("estimators.halves_needed")
    return str(halves[0]), str(halves[1])


def _with_index(sample: Sample, spec: Spec, values: FloatArray) -> Sample:
    """Put values in the place of the index (the moderator, or else the treatment)."""
    name = (*spec.moderators, *spec.treatments)[0]
    return replace(sample, columns={**sample.columns, name: values})


def _partialled(sample: Sample, spec: Spec, halves: tuple[str, str], plain: Linear) -> Halves:
    """Absorb the effects and take the controls out of the outcome and of the designs made with either half."""
    columns = [_columns(sample, spec, half) for half in halves]
    names = tuple(columns[0])
    raw = np.column_stack([sample.outcome, *columns[0].values(), *columns[1].values()])
    changed = absorb_effects(sample, raw)
    require_variation(sample, (*names, *names), changed[:, 1:], raw[:, 1:])
    basis = _control_basis(plain, spec)
    left = changed - basis @ (basis.T @ changed)
    k = len(names)
    return Halves(left[:, 0], left[:, 1 : k + 1], left[:, k + 1 :], names, k - 1)


def _columns(sample: Sample, spec: Spec, half: str) -> Mapping[str, FloatArray]:
    """Return the columns that one half goes into, with the treatment beside them.

    Products are centred at the mean of the whole index with either half, so that both designs mean the same.
    """
    if not spec.moderators:
        return {spec.treatments[0]: sample.columns[half]}
    treatment, moderator = spec.treatments[0], spec.moderators[0]
    centre = np.average(sample.columns[moderator], weights=sample.weights)
    values, hours = sample.columns[half], sample.columns[treatment]
    return {moderator: values, treatment: hours, f"{treatment}:{moderator}": hours * (values - centre)}


def _control_basis(plain: Linear, spec: Spec) -> FloatArray:
    """Return an orthonormal basis of the transformed controls, the noisy index not among them."""
    exact = [place for place, name in enumerate(plain.names[: plain.n_controls]) if name not in spec.moderators]
    return np.asarray(np.linalg.qr(plain.fit.design[:, exact])[0])


def _solved(parts: Halves, plain: Linear, spec: Spec) -> Linear:
    """Solve the moments; both directions stand below each other with the fitted columns as design."""
    columns = np.vstack([parts.first, parts.second])
    instruments = np.vstack([parts.second, parts.first])
    cross = instruments.T @ columns
    first, second = parts.pair
    if float(first @ second) <= 0 or np.linalg.eigvalsh((cross + cross.T) / 2)[0] <= 0:
        raise Refusal("halves_disagree", plain.sample.meta(), column=(*spec.moderators, *spec.treatments)[0])
    outcome = np.concatenate([parts.outcome, parts.outcome])
    estimate = np.linalg.solve(cross, instruments.T @ outcome)
    fitted = instruments @ np.linalg.solve(instruments.T @ instruments, cross)
    bread = np.linalg.inv(fitted.T @ fitted)
    moments = LeastSquares(fitted, estimate, outcome - columns @ estimate, bread)
    return Linear(plain.sample, parts.names, len(spec.moderators), outcome, moments, plain.dropped_controls)


def _uncertainty(model: Linear, plain: Linear, spec: Spec) -> Uncertainty:
    """Return the robust covariance with the factors of `inference`; a row's two directions are one observation."""
    moments, sample, n_rows = model.fit, plain.sample, plain.sample.n_obs
    clusters = [np.tile(codes, 2) for codes in sample.clusters]
    df: FloatArray | float = float(sample.n_clusters - 1)
    if spec.covariance == "HC1":
        factor, df = n_rows / (n_rows - plain.n_parameters), float(n_rows - plain.n_parameters)
        vcov = moments.sandwich(inf.clustered_meat(moments, np.tile(np.arange(n_rows), 2))) * factor
    elif spec.covariance == "CR2":
        basis = np.column_stack([crossing_basis(plain), _control_basis(plain, spec)])
        vcov, df = inf.cr2(moments, clusters[0], np.vstack([basis, basis]) / np.sqrt(2))
    else:
        parameters = inf.count_parameters(len(plain.names), list(sample.factors.values()), sample.clusters)
        # The factors count rows, of which the stacked directions have twice as many.
        rows = (n_rows - 1) / (n_rows - parameters) * (2 * n_rows - parameters) / (2 * n_rows - 1)
        one_way = len(clusters) == 1
        crv1 = inf.crv1(moments, clusters[0], parameters) if one_way else _two_way(moments, clusters, parameters)
        vcov = crv1 * rows
    freedom = np.broadcast_to(np.asarray(df, dtype=float), moments.coefficients.shape).copy()
    wanted = slice(model.n_controls, None)
    inference = inf.t_inference(model.estimate, vcov[wanted, wanted], freedom[wanted], confidence_level(spec))
    return Uncertainty(vcov, freedom, inference, {})


def _two_way(moments: LeastSquares, clusters: list[IntArray], parameters: int) -> FloatArray:
    return inf.crv1_two_way(moments, (clusters[0], clusters[1]), parameters)


def _to_fit(
    model: Linear,
    uncertainty: Uncertainty,
    plain: Linear,
    parts: Halves,
    reliability: Mapping[str, float],
    spec: Spec,
) -> Fit:
    sample, wanted = plain.sample, slice(model.n_controls, None)
    beside = replace(spec, covariance="CRV1") if spec.covariance == "CR2" else spec
    uncorrected = covariance(plain, beside).inference
    meta: dict[str, Any] = {
        **sample.meta(),
        **reliability,
        "n_parameters": plain.n_parameters,
        "dropped_controls": list(plain.dropped_controls),
        "uncorrected": {"estimate": float(plain.estimate[-1]), "std_error": float(uncorrected.std_error[-1])},
    }
    if spec.moderators:
        meta |= simple_slopes(model, spec, uncertainty)
    table = estimates_table(
        spec,
        model.terms,
        model.estimate,
        uncertainty.inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=sample.n_clusters,
    )
    checks = (*cluster_checks(plain, spec), _check(reliability["reliability_within"]))
    return Fit("ok", None, table, sorted_vcov(model.terms, uncertainty.vcov[wanted, wanted]), checks, meta)


def _reliabilities(sample: Sample, parts: Halves, halves: tuple[str, str]) -> dict[str, float]:
    """Return the reliability of the mean of both halves, within the effects and of the index across all rows."""
    (one, other), (first, second) = parts.pair, (sample.columns[name] for name in halves)
    return {
        "reliability_within": spearman_brown(one, other),
        "half_correlation_within": float(one @ other / np.sqrt((one @ one) * (other @ other))),
        "reliability_pooled": spearman_brown(first - first.mean(), second - second.mean()),
    }


def spearman_brown(first: FloatArray, second: FloatArray) -> float:
    """Return the reliability of the mean of two centred halves: 4 s1's2 / |s1 + s2|^2 (Flanagan-Rulon form)."""
    total = first + second
    return 4 * float(first @ second) / float(total @ total)


def _check(reliability: float) -> Check:
    """Say whether the index carries enough signal within units for the correction to be stable."""
    passed = reliability >= LITTLE_SIGNAL
    values = {"reliability": reliability, "limit": LITTLE_SIGNAL}
    reason = Message(f"estimators.reliability_{'enough' if passed else 'low'}", values)
    return Check("reliability", passed, reason, reliability)
