"""Building the table of estimates, the same for every estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError
from analysis.estimators.inference import Inference
from analysis.results import ESTIMATE_COLUMNS, FloatArray
from analysis.spec import Spec


def confidence_level(spec: Spec) -> float:
    """Return ``options["level"]``, 0.95 by default.

    Raises
    ------
    UsageError
        If it is not between 0.5 and 1.
    """
    level = float(spec.options.get("level", 0.95))
    if not 0.5 <= level < 1:
        raise UsageError("estimators.bad_level", value=level)
    return level


def estimates_table(
    spec: Spec,
    terms: Sequence[str],
    estimate: FloatArray,
    inference: Inference,
    *,
    n_obs: int | Sequence[int],
    n_units: int | Sequence[int],
    n_clusters: int | Sequence[int],
    covariance: str | None = None,
) -> pd.DataFrame:
    """Return one row a term, sorted by term, with the columns `ESTIMATE_COLUMNS`.

    Parameters
    ----------
    spec
        Gives estimator, outcome and covariance.
    terms, estimate, inference
        Names, estimates and their uncertainty, each of length k.
    n_obs, n_units, n_clusters
        Sample sizes, for all rows or row by row.
    covariance
        Name of the covariance if it is not that of the spec.
    """
    columns: dict[str, Any] = {
        "estimator": spec.estimator,
        "outcome": spec.outcome,
        "term": list(terms),
        "estimate": np.asarray(estimate, dtype=float),
        "std_error": inference.std_error,
        "statistic": inference.statistic,
        "df": inference.df,
        "p_value": inference.p_value,
        "conf_low": inference.conf_low,
        "conf_high": inference.conf_high,
        "n_obs": n_obs,
        "n_units": n_units,
        "n_clusters": n_clusters,
        "covariance": covariance or spec.covariance,
    }
    table = pd.DataFrame(columns, columns=list(ESTIMATE_COLUMNS))
    return table.sort_values("term", kind="stable", ignore_index=True)


def sorted_vcov(terms: Sequence[str], vcov: FloatArray) -> FloatArray:
    """Put a covariance in the order of the sorted terms."""
    order = sorted(range(len(terms)), key=lambda position: terms[position])
    return np.asarray(vcov[np.ix_(order, order)])
