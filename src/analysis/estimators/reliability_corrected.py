"""Effect of a survey index freed of its sampling noise: split halves as each other's instrument, with fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators import inference as inf
from analysis.estimators.inference import LeastSquares
from analysis.estimators.linear import Linear, cluster_checks, covariance, fit_linear, transform
from analysis.estimators.preflight import Refusal, Sample, prepare, refusing, require_variation
from analysis.estimators.specification import refuse_features, require_covariance
from analysis.estimators.table import confidence_level, estimates_table
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

OPTIONS = ("halves",)

LITTLE_SIGNAL = 0.20
"""Within reliability below which the corrected estimate is unstable; shown as a failed check."""


@dataclass(frozen=True)
class Halves:
    """The outcome and both halves of the index, effects absorbed and controls partialled out; shape (n,) each."""

    outcome: FloatArray
    first: FloatArray
    second: FloatArray


@refusing
def reliability_corrected(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate the effect of the true score behind a survey index.

    Respondents are split at random in two halves whose errors are independent. With s1, s2 the halves' means and y the
    outcome (effects and controls removed) the estimate is (s1'y + s2'y) / (2 s1's2): each half is the instrument of
    the other, both taken together. It equals the within estimate on the full index divided by the index's reliability
    *within units*, which is what attenuates a within estimate; reliability across all rows is higher and corrects too
    little. References: Carroll et al. (2006), "Measurement Error in Nonlinear Models", section 6; Griliches and Hausman
    (1986), Journal of Econometrics 31.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        One treatment: the index, the mean of both halves up to rounding (its column names the term). Unit, time and
        further effects are absorbed. Covariance ``HC1`` or ``CRV1``. Options: ``halves`` (pair of
        columns, needed); ``level``.

    Returns
    -------
    Fit
        ``checks``: ``reliability`` (within reliability of at least 0.20). ``meta``: reliability_within (of the mean of
        both halves, Spearman-Brown), half_correlation_within, reliability_pooled (across all rows), uncorrected (dict
        estimate, std_error of the within estimate on the mean of the halves), and the sizes of `fixed_effects`.

    Raises
    ------
    UsageError
        If there is not one treatment or not two halves.
    """
    halves = _half_names(spec)
    refuse_features(spec, "moderators", "mediators", "cohort")
    require_covariance(spec, "HC1", "CRV1")
    absorb = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    if not absorb:
        raise UsageError("estimators.nothing_absorbed", estimator=spec.estimator)
    sample = prepare(frame, spec, numeric=halves, absorb=absorb, options=OPTIONS)
    mean = (sample.columns[halves[0]] + sample.columns[halves[1]]) / 2
    controls = {name: sample.columns[name] for name in spec.controls}
    plain = fit_linear(sample, {spec.treatments[0]: mean}, controls)
    uncorrected = covariance(plain, spec).inference
    parts = _partialled(sample, plain, halves)
    moment = _moment(parts, spec, sample)
    estimate, reliability = moment.coefficients, _reliabilities(sample, parts, halves)
    vcov, df = _sandwich(moment, plain, spec)
    inference = inf.t_inference(estimate, vcov, df, confidence_level(spec))
    meta = {
        **sample.meta(),
        **reliability,
        "n_parameters": plain.n_parameters,
        "dropped_controls": list(plain.dropped_controls),
        "uncorrected": {"estimate": float(plain.estimate[0]), "std_error": float(uncorrected.std_error[0])},
    }
    table = estimates_table(
        spec,
        spec.treatments,
        estimate,
        inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=sample.n_clusters,
    )
    checks = (*cluster_checks(plain, spec), _check(reliability["reliability_within"]))
    return Fit("ok", None, table, vcov, checks, meta)


def _half_names(spec: Spec) -> tuple[str, str]:
    """Return the columns of the two halves."""
    halves = tuple(spec.options.get("halves", ()))
    if len(halves) != 2 or len(spec.treatments) != 1:
        raise UsageError("estimators.halves_needed")
    return str(halves[0]), str(halves[1])


def _partialled(sample: Sample, plain: Linear, halves: tuple[str, str]) -> Halves:
    """Absorb the effects and take the controls out of the outcome and of both halves."""
    columns = np.column_stack([sample.outcome, sample.matrix(halves)])
    changed = transform(sample, columns)
    require_variation(sample, halves, changed[:, 1:], columns[:, 1:])
    basis = np.linalg.qr(plain.fit.design[:, : plain.n_controls])[0]
    outcome, first, second = (changed - basis @ (basis.T @ changed)).T
    return Halves(outcome, first, second)


def _moment(parts: Halves, spec: Spec, sample: Sample) -> LeastSquares:
    """Solve the moment; its contributions stand as residuals on a design of ones, so that sandwiches apply."""
    product = float(parts.first @ parts.second)
    if product <= 0:
        raise Refusal("halves_disagree", sample.meta(), column=spec.treatments[0])
    estimate = float((parts.first + parts.second) @ parts.outcome) / (2 * product)
    contributions = parts.second * (parts.outcome - estimate * parts.first)
    contributions += parts.first * (parts.outcome - estimate * parts.second)
    ones = np.ones((sample.n_obs, 1))
    return LeastSquares(ones, np.array([estimate]), contributions, np.array([[1 / (2 * product)]]))


def _sandwich(moment: LeastSquares, plain: Linear, spec: Spec) -> tuple[FloatArray, float]:
    """Return the robust variance of the estimate, with the factors of `inference`."""
    sample = plain.sample
    factors, clusters = list(sample.factors.values()), sample.clusters
    if spec.covariance == "HC1":
        return inf.hc1(moment, plain.n_parameters), float(sample.n_obs - plain.n_parameters)
    parameters = inf.count_parameters(len(plain.names), factors, clusters)
    df = float(sample.n_clusters - 1)
    if len(clusters) == 2:
        return inf.crv1_two_way(moment, (clusters[0], clusters[1]), parameters), df
    return inf.crv1(moment, clusters[0], parameters), df


def _reliabilities(sample: Sample, parts: Halves, halves: tuple[str, str]) -> dict[str, float]:
    """Return the reliability of the mean of both halves, within the effects and across all rows."""
    first, second = sample.columns[halves[0]], sample.columns[halves[1]]
    return {
        "reliability_within": spearman_brown(parts.first, parts.second),
        "half_correlation_within": float(
            parts.first @ parts.second / np.sqrt((parts.first @ parts.first) * (parts.second @ parts.second))
        ),
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
