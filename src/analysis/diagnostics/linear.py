"""The residualised design behind a linear estimate, and what its clusters contribute.

By the theorem of Frisch, Waugh and Lovell the coefficient of one treatment depends only on outcome and treatment after
both are residualised on everything else. Sensitivity, leave-one-out and joint tests all start from these two columns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimators.inference import (
    LeastSquares,
    absorbed_basis,
    adjusted_influence,
    count_parameters,
    least_squares,
)
from analysis.estimators.preflight import Refusal, Sample, independent_columns, prepare, require_variation
from analysis.estimators.within import IntArray, demean, group_sums
from analysis.messages import Message
from analysis.results import FloatArray
from analysis.spec import Spec

LINEAR_ESTIMATORS = ("pooled_ols", "fixed_effects")
ALL_OF_IT = 1e-9


class NotLinear(Refusal):
    """The spec is not a linear model of the kind that these checks understand."""

    def __init__(self, estimator: str) -> None:
        super().__init__("not_linear", estimator=estimator)
        self.reason = Message("diagnostics.not_linear", {"estimator": estimator})


@dataclass(frozen=True)
class LinearDesign:
    """A linear model after the absorbed effects are removed; rows are multiplied by the root of their weight.

    Parameters
    ----------
    outcome
        Shape (n,).
    design
        Shape (n, k): followed term first, then the other treatments and controls that are not redundant.
    names
        Names of the columns of `design`.
    cluster
        Code of each row's cluster, shape (n,).
    cluster_names
        Value behind each code.
    basis
        Basis of the absorbed effects that cross clusters, for leave-one-cluster-out changes; shape (n, r).
    residual_df
        Rows less all slopes and absorbed effects.
    small_sample
        Factor G/(G-1) (N-1)/(N-K) of the clustered covariance.
    rows
        Positions of the rows in the frame, shape (n,).
    root_weights
        Roots of the weights, shape (n,).
    """

    outcome: FloatArray
    design: FloatArray
    names: tuple[str, ...]
    cluster: IntArray
    cluster_names: tuple[object, ...]
    basis: FloatArray
    residual_df: int
    small_sample: float
    rows: IntArray
    root_weights: FloatArray

    @property
    def fit(self) -> LeastSquares:
        """Least squares of the outcome on the design."""
        return least_squares(self.outcome, self.design)

    @property
    def classical_std_error(self) -> float:
        """Standard error of the followed term under independent errors of equal variance."""
        fitted = self.fit
        return float(np.sqrt(fitted.bread[0, 0] * (fitted.residuals @ fitted.residuals) / self.residual_df))

    @property
    def partialled(self) -> tuple[FloatArray, FloatArray]:
        """Outcome and followed term, both residualised on all other columns, shape (n,) each."""
        others = self.design[:, 1:]
        if not others.shape[1]:
            return self.outcome, self.design[:, 0]
        outcome = least_squares(self.outcome, others).residuals
        return outcome, least_squares(self.design[:, 0], others).residuals

    def leave_one_out(self) -> FloatArray:
        """Coefficient of the followed term without each cluster, shape (G,); exact, absorbed effects included.

        NaN where the cluster is all that the term is learnt from.
        """
        fitted = self.fit
        changes = adjusted_influence(fitted, self.cluster, self.basis, -1.0)[:, 0]
        own = group_sums((self.partialled[1] ** 2)[:, None], self.cluster)[:, 0]
        return np.where(own >= own.sum() * (1 - ALL_OF_IT), np.nan, fitted.coefficients[0] - changes)


def linear_design(frame: pd.DataFrame, spec: Spec, term: str | None = None) -> LinearDesign:
    """Residualise the columns of a linear spec on its absorbed effects.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; the estimator must be one of `LINEAR_ESTIMATORS`.
    term
        Treatment or control to follow; default the first treatment.

    Returns
    -------
    LinearDesign

    Raises
    ------
    analysis.estimators.preflight.Refusal
        If the estimator is not linear, has moderators, or the data cannot answer.
    """
    if spec.estimator not in LINEAR_ESTIMATORS or spec.moderators or not spec.treatments:
        raise NotLinear(spec.estimator)
    followed = term or spec.treatments[0]
    names = [followed, *(name for name in (*spec.treatments, *spec.controls) if name != followed)]
    effects = absorbed_columns(spec)
    one_way = spec if not isinstance(spec.cluster, tuple) else replace(spec, cluster=spec.cluster[0])
    sample = prepare(frame, one_way, absorb=effects, options=tuple(spec.options))
    raw, design = _within(sample, names)
    require_variation(sample, names[:1], design[:, :1], raw[:, :1])
    kept = independent_columns(design)
    cluster, labels = _clusters(frame, one_way, sample)
    n_slopes, factors = int(kept.sum()), list(sample.factors.values())
    spent = count_parameters(n_slopes, factors) + (not factors)
    if sample.n_obs - spent < 1:
        raise Refusal("too_few_rows", sample.meta(), n=sample.n_obs, parameters=spent)
    counted = count_parameters(n_slopes, factors, [cluster]) + (not factors)
    n_clusters = len(labels)
    return LinearDesign(
        outcome=_within_outcome(sample),
        design=design[:, kept],
        names=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
        cluster=cluster,
        cluster_names=labels,
        basis=absorbed_basis(factors or [np.zeros(sample.n_obs, dtype=np.int64)], cluster, sample.weights),
        residual_df=sample.n_obs - spent,
        small_sample=n_clusters / max(n_clusters - 1, 1) * (sample.n_obs - 1) / (sample.n_obs - counted),
        rows=sample.rows,
        root_weights=np.ones(sample.n_obs) if sample.weights is None else np.sqrt(sample.weights),
    )


def absorbed_columns(spec: Spec) -> tuple[str, ...]:
    """Columns whose effects a linear spec removes."""
    if spec.estimator == "pooled_ols":
        return tuple(spec.absorb)
    named = [name for name in (spec.unit, spec.time) if name is not None]
    return tuple(dict.fromkeys([*named, *spec.absorb]))


def _within(sample: Sample, names: list[str]) -> tuple[FloatArray, FloatArray]:
    raw = sample.matrix(names)
    return raw, _residualised(sample, raw)


def _within_outcome(sample: Sample) -> FloatArray:
    return _residualised(sample, sample.outcome[:, None])[:, 0]


def _residualised(sample: Sample, matrix: FloatArray) -> FloatArray:
    factors = list(sample.factors.values()) or [np.zeros(sample.n_obs, dtype=np.int64)]
    removed = demean(matrix, factors, sample.weights)
    return removed if sample.weights is None else removed * np.sqrt(sample.weights)[:, None]


def _clusters(frame: pd.DataFrame, spec: Spec, sample: Sample) -> tuple[IntArray, tuple[object, ...]]:
    column = spec.cluster or spec.unit
    if column is None:
        return np.arange(sample.n_obs), tuple(sample.rows.tolist())
    codes, values = pd.factorize(frame[column].iloc[sample.rows], sort=True)
    return np.asarray(codes, dtype=np.int64), tuple(values.tolist())
