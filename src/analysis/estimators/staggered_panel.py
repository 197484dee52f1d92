"""The panel behind a staggered design: outcomes as a unit by period matrix, and when each unit starts treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators.preflight import MIN_TREATED_CLUSTERS, Refusal, Sample, prepare
from analysis.estimators.within import IntArray, factor_codes
from analysis.messages import Message
from analysis.results import FloatArray
from analysis.spec import Spec


class DesignRefusal(Refusal):
    """A `Refusal` whose text is among those of the designs."""

    def __init__(self, key: str, meta: Mapping[str, Any] | None = None, **values: Any) -> None:
        super().__init__(key, meta, **values)
        self.reason = Message(f"designs.{key}", values)


@dataclass(frozen=True)
class StaggeredPanel:
    """A panel whose units start treatment at different times and stay treated.

    Parameters
    ----------
    outcome
        Shape (N, T); NaN where a unit is not observed.
    covariates
        Shape (N, T, p).
    cohort
        Position of each unit's first treated period, `n_periods` for those never treated within the panel; shape (N,).
    cluster
        Codes per unit, shape (N,).
    weight
        Mean weight per unit, shape (N,); ones without weights.
    periods
        The T period labels, sorted.
    sample
        The rows used.
    always_treated
        Units left out because they are treated from the first period on: they have no period before treatment.
    """

    outcome: FloatArray
    covariates: FloatArray
    cohort: IntArray
    cluster: IntArray
    weight: FloatArray
    periods: tuple[Any, ...]
    sample: Sample
    always_treated: int

    @property
    def n_periods(self) -> int:
        """Number of periods T; also the cohort code of the never treated."""
        return len(self.periods)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(np.unique(self.cluster))

    @property
    def balanced(self) -> bool:
        """Whether every unit is observed in every period."""
        return bool(np.isfinite(self.outcome).all())

    @property
    def cohorts(self) -> IntArray:
        """Positions of the first treated periods that occur, sorted."""
        return np.unique(self.cohort[self.cohort < self.n_periods])

    def meta(self) -> dict[str, Any]:
        """Return sizes for `Fit.meta`."""
        return {
            **self.sample.meta(),
            "n_units": len(self.outcome),
            "n_obs": int(np.isfinite(self.outcome).sum()),
            "n_clusters": self.n_clusters,
            "panel": "balanced" if self.balanced else "unbalanced",
            "n_never_treated": int((self.cohort == self.n_periods).sum()),
            "n_always_treated": self.always_treated,
            "cohorts": {plain(self.periods[g]): int((self.cohort == g).sum()) for g in self.cohorts},
        }


def plain(value: Any) -> Any:
    """Return a plain Python value of a NumPy scalar."""
    return value.item() if isinstance(value, np.generic) else value


def staggered_panel(frame: pd.DataFrame, spec: Spec, options: tuple[str, ...], balance: bool) -> StaggeredPanel:
    """Read a staggered design from a long table.

    Parameters
    ----------
    frame
        One row per unit and period.
    spec
        Needs unit, time and cohort; a missing cohort means never treated, as does one after the last period.
    options
        Options that the estimator knows.
    balance
        Whether units that miss a period are left out.

    Raises
    ------
    UsageError
        If the spec lacks unit, time or cohort, or asks for a covariance that the design does not have.
    Refusal
        If the data have no staggered design in them.
    """
    if spec.unit is None or spec.time is None or spec.cohort is None:
        raise UsageError("designs.needs_cohort", estimator=spec.estimator)
    if spec.covariance != "CRV1" or isinstance(spec.cluster, tuple):
        raise UsageError("designs.only_crv1", estimator=spec.estimator)
    sample = prepare(frame, spec, options=options)
    kept = frame.iloc[sample.rows]
    periods = np.sort(kept[spec.time].unique())
    starts = _cohort_by_row(kept[spec.cohort], periods, sample)
    cohort = _per_unit(starts, sample, "cohort_varies", spec.cohort)
    cluster = _per_unit(sample.clusters[0], sample, "cluster_varies", str(spec.cluster or spec.unit))
    outcome, covariates = _matrices(sample, spec, len(periods))
    used = cohort > 0
    if balance:
        used &= np.isfinite(outcome).all(axis=1)
    weight = np.ones(sample.n_obs) if sample.weights is None else sample.weights
    mean_weight = np.bincount(sample.unit, weight) / np.bincount(sample.unit)  # type: ignore[arg-type]
    panel = StaggeredPanel(
        outcome=outcome[used],
        covariates=covariates[used],
        cohort=cohort[used],
        cluster=factor_codes(cluster[used]),
        weight=mean_weight[used],
        periods=tuple(periods.tolist()),
        sample=sample,
        always_treated=int((cohort == 0).sum()),
    )
    return _require_design(panel)


def _cohort_by_row(values: pd.Series, periods: Any, sample: Sample) -> IntArray:
    known = values.notna().to_numpy(dtype=bool)
    starts = np.full(len(values), len(periods), dtype=np.int64)
    text = [isinstance(item, str) for item in (*periods[:1], *values[known].iloc[:1])]
    if len(set(text)) > 1:
        raise DesignRefusal("cohort_type", sample.meta())
    if known.any():
        starts[known] = np.searchsorted(np.asarray(periods), values[known].to_numpy(dtype=periods.dtype))
    return starts


def _per_unit(values: IntArray, sample: Sample, key: str, column: str) -> IntArray:
    unit = sample.unit
    first = np.zeros(sample.n_units, dtype=np.int64)
    first[unit] = values
    if not bool((first[unit] == values).all()):
        raise DesignRefusal(key, sample.meta(), column=column)
    return first


def _matrices(sample: Sample, spec: Spec, n_periods: int) -> tuple[FloatArray, FloatArray]:
    unit, time = sample.unit, sample.time
    cells = np.asarray(unit) * n_periods + np.asarray(time)
    if len(np.unique(cells)) < len(cells):
        raise DesignRefusal("duplicate_rows", sample.meta(), n=len(cells) - len(np.unique(cells)))
    outcome = np.full((sample.n_units, n_periods), np.nan)
    outcome[unit, time] = sample.outcome
    covariates = np.full((sample.n_units, n_periods, len(spec.controls)), np.nan)
    covariates[unit, time] = sample.matrix(spec.controls)
    return outcome, covariates


def _require_design(panel: StaggeredPanel) -> StaggeredPanel:
    meta = panel.meta()
    if not len(panel.cohorts):
        raise DesignRefusal("nobody_treated", meta)
    if np.nanmax(panel.outcome) == np.nanmin(panel.outcome):
        raise Refusal("constant", meta, column="outcome")
    if panel.n_clusters < 3:
        raise Refusal("few_clusters", meta, n=panel.n_clusters, minimum=3)
    treated = len(np.unique(panel.cluster[panel.cohort < panel.n_periods]))
    if treated < MIN_TREATED_CLUSTERS:
        raise DesignRefusal("one_treated_cluster", meta, n=treated)
    return panel
