"""What must hold before a number may be shown; what does not hold becomes a reason in both languages.

A name that is not a column is the user's mistake and raises `UsageError`. Data that cannot answer the question raise
`Refusal`, which `refusing` turns into ``Fit.not_estimable``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimators.specification import CLUSTERED, check_spec, cluster_names, require_column
from analysis.estimators.within import (
    BoolArray,
    IntArray,
    NotConvergedError,
    dense,
    factor_codes,
    n_levels,
    stack,
    without_singletons,
)
from analysis.messages import Message
from analysis.results import Fit, FloatArray
from analysis.spec import Spec

Estimator = Callable[[pd.DataFrame, Spec], Fit]

MIN_CLUSTERS = 3
"""With two clusters a clustered t test has one degree of freedom and no known size: never shown."""

MIN_TREATED_CLUSTERS = 2
"""With one treated cluster a clustered test rejects a true null about half of the time: never shown."""

MIN_UNITS = 3
"""Two units differ for any reason at all; a covariance that does not cluster would hide it behind their many rows."""

NO_VARIATION = 1e-16
"""Share of a column's sum of squares that rounding alone leaves after the within transformation."""

COLLINEAR = 1e-9
"""Unit-length columns whose remainder on the others is shorter than this are exact combinations of them."""

PERFECT_FIT = 1e-20
"""Share of the outcome's sum of squares below which residuals are rounding only."""


class Refusal(Exception):  # noqa: N818 - an outcome, not an error
    """The data cannot answer: carries the reason and what is known of the sample."""

    def __init__(self, key: str, meta: Mapping[str, Any] | None = None, **values: Any) -> None:
        self.reason = Message(f"estimators.{key}", values)
        self.meta = dict(meta or {})
        super().__init__(key)


def refusing(estimator: Estimator) -> Estimator:
    """Make an estimator return ``Fit.not_estimable`` where its data raise `Refusal`."""

    @functools.wraps(estimator)
    def fit(frame: pd.DataFrame, spec: Spec) -> Fit:
        try:
            with np.errstate(all="ignore"):
                return estimator(frame, spec)
        except Refusal as refusal:
            return Fit.not_estimable(refusal.reason, refusal.meta)
        except (np.linalg.LinAlgError, NotConvergedError):
            return Fit.not_estimable(Message("estimators.numerical"), {"n_rows": len(frame)})

    return fit


@dataclass(frozen=True)
class Sample:
    """The rows that are used, as plain arrays.

    Parameters
    ----------
    outcome
        Shape (n,).
    columns
        Every numeric column by name, each of shape (n,).
    unit, time
        Dense codes of shape (n,), or None.
    factors
        Codes of the absorbed effects by column name, in the order unit, time, further.
    clusters
        None, one or two arrays of codes.
    weights
        Shape (n,) with mean 1, or None.
    rows
        Positions of the rows in the frame, shape (n,).
    dropped
        Number of rows left out by reason: ``missing:<column>``, ``zero_weight``, ``singleton``.
    n_rows
        Rows of the frame.
    name
        Name of the outcome.
    """

    outcome: FloatArray
    columns: Mapping[str, FloatArray]
    unit: IntArray | None
    time: IntArray | None
    factors: Mapping[str, IntArray]
    clusters: tuple[IntArray, ...]
    weights: FloatArray | None
    rows: IntArray
    dropped: Mapping[str, int] = field(default_factory=dict)
    n_rows: int = 0
    name: str = "outcome"

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return len(self.outcome)

    @property
    def n_units(self) -> int:
        """Units used; every row is its own unit where none is named."""
        return self.n_obs if self.unit is None else n_levels(self.unit)

    @property
    def n_clusters(self) -> int:
        """Clusters used (of the smaller clustering); 0 without clustering."""
        return min((n_levels(codes) for codes in self.clusters), default=0)

    @property
    def groups(self) -> tuple[IntArray, ...]:
        """Clusters, or the units where nothing is clustered: what a treatment is given to."""
        return self.clusters or (() if self.unit is None else (self.unit,))

    def matrix(self, names: Sequence[str]) -> FloatArray:
        """Return columns side by side, shape (n, len(names))."""
        return stack([self.columns[name] for name in names]) if names else np.empty((self.n_obs, 0))

    def take(self, keep: BoolArray, reason: str) -> Sample:
        """Keep some rows and count the others under `reason`."""
        lost = int((~keep).sum())
        if not lost:
            return self
        kept: dict[int, IntArray] = {}

        def codes_of(codes: IntArray) -> IntArray:
            return kept.setdefault(id(codes), dense(codes[keep]))

        return replace(
            self,
            outcome=self.outcome[keep],
            columns={name: values[keep] for name, values in self.columns.items()},
            unit=None if self.unit is None else codes_of(self.unit),
            time=None if self.time is None else codes_of(self.time),
            factors={name: codes_of(codes) for name, codes in self.factors.items()},
            clusters=tuple(codes_of(codes) for codes in self.clusters),
            weights=None if self.weights is None else self.weights[keep],
            rows=self.rows[keep],
            dropped={**self.dropped, reason: self.dropped.get(reason, 0) + lost},
        )

    def meta(self) -> dict[str, Any]:
        """Return sizes and dropped rows for `Fit.meta`."""
        return {
            "n_rows": self.n_rows,
            "n_obs": self.n_obs,
            "n_units": self.n_units,
            "n_periods": 0 if self.time is None else n_levels(self.time),
            "n_clusters": self.n_clusters,
            "dropped": dict(self.dropped),
        }


def prepare(
    frame: pd.DataFrame,
    spec: Spec,
    *,
    numeric: Sequence[str] = (),
    absorb: Sequence[str] = (),
    labels: Sequence[str] = (),
    options: Collection[str] = (),
) -> Sample:
    """Check the spec and the columns, drop incomplete rows and singletons, and return plain arrays.

    Parameters
    ----------
    frame
        The data; not changed.
    spec
        What is to be estimated. Outcome, treatments, controls, moderators and mediators are read as numbers.
    numeric
        Further columns to read as numbers.
    absorb
        Columns whose effects will be absorbed; rows that are alone in a level are dropped.
    labels
        Further columns of identifiers that must not be missing.
    options
        Options that the estimator knows beside ``level``.

    Raises
    ------
    UsageError
        See `check_spec`.
    Refusal
        If a column is not numeric or not finite, or too little remains.
    """
    check_spec(frame, spec, options)
    for name in (*numeric, *absorb, *labels):
        require_column(frame, name, "option")
    names = list(dict.fromkeys([*spec.treatments, *spec.controls, *spec.moderators, *spec.mediators, *numeric]))
    if len(frame) == 0:
        raise Refusal("no_rows")
    values = {name: as_numbers(frame, name) for name in (spec.outcome, *names)}
    weights = None if spec.weights is None else as_weights(frame, spec.weights)
    identifiers = dict.fromkeys([*absorb, *cluster_names(spec), *filter(None, (spec.unit, spec.time))])
    codes = {name: factor_codes(frame[name]) for name in identifiers}
    sample = Sample(
        outcome=values[spec.outcome],
        columns={name: values[name] for name in names},
        unit=None if spec.unit is None else codes[spec.unit],
        time=None if spec.time is None else codes[spec.time],
        factors={name: codes[name] for name in dict.fromkeys(absorb)},
        clusters=tuple(codes[name] for name in cluster_names(spec)),
        weights=weights,
        rows=np.arange(len(frame)),
        n_rows=len(frame),
        name=spec.outcome,
    )
    return require_size(_drop_singletons(_complete(sample, frame, spec, [*names, *absorb, *labels])), spec)


def _complete(sample: Sample, frame: pd.DataFrame, spec: Spec, names: Sequence[str]) -> Sample:
    """Drop rows with anything missing (counted under the first column that lacks it), then those of weight zero."""
    needed = [spec.outcome, *names, spec.unit, spec.time, spec.weights, *cluster_names(spec)]
    keep = np.ones(len(frame), dtype=bool)
    dropped: dict[str, int] = {}
    for name in dict.fromkeys(column for column in needed if column is not None):
        present = frame[name].notna().to_numpy(dtype=bool)
        if name == spec.outcome and not present.any():
            raise Refusal("all_missing", {"n_rows": len(frame)}, column=name)
        if not present[keep].all():
            dropped[f"missing:{name}"] = int((keep & ~present).sum())
            keep &= present
    sample = replace(sample.take(keep, "missing"), dropped=dropped)
    if sample.weights is None or not sample.n_obs:
        return sample
    sample = sample.take(sample.weights > 0, "zero_weight")
    assert sample.weights is not None
    return replace(sample, weights=sample.weights / sample.weights.mean()) if sample.n_obs else sample


def _drop_singletons(sample: Sample) -> Sample:
    return sample.take(without_singletons(list(sample.factors.values()), sample.n_obs), "singleton")


def as_numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """Return a column as floats with NaN for missing.

    Raises
    ------
    Refusal
        If the column is text, category, date or complex, or holds an infinite value.
    """
    column = frame[name]
    if not (pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_complex_dtype(column)):
        raise Refusal("not_numeric", column=name, dtype=str(column.dtype))
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if bool(np.isinf(values).any()):
        raise Refusal("not_finite", column=name, n=int(np.isinf(values).sum()))
    return values


def as_weights(frame: pd.DataFrame, name: str) -> FloatArray:
    """Return weights as floats; negative ones refuse."""
    weights = as_numbers(frame, name)
    if bool((weights < 0).any()):
        raise Refusal("negative_weights", column=name, n=int((weights < 0).sum()))
    return weights


def require_size(sample: Sample, spec: Spec) -> Sample:
    """Refuse samples without rows, with too few units, or with too few clusters for a clustered covariance."""
    meta = sample.meta()
    if sample.n_obs == 0:
        raise Refusal("nothing_left", meta, n_rows=sample.n_rows)
    if sample.unit is not None and sample.n_units < 2:
        raise Refusal("one_unit", meta)
    if spec.covariance not in CLUSTERED and sample.unit is not None and sample.n_units < MIN_UNITS:
        raise Refusal("few_units", meta, n=sample.n_units, minimum=MIN_UNITS)
    if spec.covariance in CLUSTERED and sample.n_clusters < MIN_CLUSTERS:
        raise Refusal("few_clusters", meta, n=sample.n_clusters, minimum=MIN_CLUSTERS)
    return sample


def require_variation(sample: Sample, names: Sequence[str], within: FloatArray, raw: FloatArray) -> None:
    """Refuse columns that do not vary, at all or after the absorbed effects are removed.

    Parameters
    ----------
    sample
        For `Fit.meta`.
    names
        Names of the columns.
    within, raw
        The columns after and before the transformation, shape (n, k) each.
    """
    for column, name in enumerate(names):
        values, left = raw[:, column], within[:, column]
        if np.ptp(values) == 0:
            raise Refusal("constant", sample.meta(), column=name)
        if float(left @ left) <= NO_VARIATION * sum_of_squares(values):
            raise Refusal("no_within_variation", sample.meta(), column=name, effects=list(sample.factors))


def sum_of_squares(values: FloatArray) -> float:
    """Return the sum of squared deviations from the mean."""
    centred = values - values.mean()
    return float(centred @ centred)


def without_noise(within: FloatArray, raw: FloatArray) -> FloatArray:
    """Set columns of which the absorbed effects left rounding errors only to exact zeros (in place)."""
    for column in range(within.shape[1]):
        left = within[:, column]
        if float(left @ left) <= NO_VARIATION * sum_of_squares(raw[:, column]):
            within[:, column] = 0.0
    return within


def independent_columns(matrix: FloatArray) -> BoolArray:
    """Mark the columns that are not combinations of those to their left.

    Gram-Schmidt on unit-length columns, after a quick look at the eigenvalues of their products: where the smallest is
    far from zero, so is every remainder.
    """
    products = matrix.T @ matrix
    length = np.sqrt(np.diag(products))
    if bool((length > 0).all()) and np.linalg.eigvalsh(products / np.outer(length, length))[0] > 1e-6:
        return np.ones(matrix.shape[1], dtype=bool)
    scaled = matrix / np.where(length > 0, length, 1.0)
    kept = np.zeros(matrix.shape[1], dtype=bool)
    basis = np.empty((len(matrix), 0))
    for column in range(matrix.shape[1]):
        left = scaled[:, column] - basis @ (basis.T @ scaled[:, column])
        left = left - basis @ (basis.T @ left)
        size = float(np.sqrt(left @ left))
        kept[column] = length[column] > 0 and size > COLLINEAR
        if kept[column]:
            basis = np.column_stack([basis, left / size])
    return kept


def require_rank(sample: Sample, names: Sequence[str], design: FloatArray, n_droppable: int) -> BoolArray:
    """Mark the columns to keep: a redundant control is dropped, a redundant treatment refuses.

    Parameters
    ----------
    sample
        For `Fit.meta`.
    names
        Names of the columns, controls first.
    design
        Transformed columns, shape (n, k).
    n_droppable
        How many leading columns are controls.
    """
    kept = independent_columns(design)
    lost = [name for name, keep in zip(names[n_droppable:], kept[n_droppable:], strict=True) if not keep]
    if lost:
        raise Refusal("collinear", sample.meta(), column=lost[0])
    return kept


def require_degrees(sample: Sample, n_parameters: int) -> None:
    """Refuse where no degree of freedom is left."""
    if sample.n_obs <= n_parameters:
        raise Refusal("too_few_rows", sample.meta(), n=sample.n_obs, parameters=n_parameters)


def require_residuals(sample: Sample, residuals: FloatArray, outcome: FloatArray) -> None:
    """Refuse a perfect fit: its standard errors are rounding errors."""
    if float(residuals @ residuals) <= PERFECT_FIT * float(outcome @ outcome):
        raise Refusal("perfect_fit", sample.meta())
