"""Estimators behind one door: ``fit(frame, Spec(...)) -> Fit``.

An estimator is a function ``(frame, spec) -> Fit`` in a module of its own, entered in `ESTIMATORS` under its name.
It knows no region, catalog, language or file: every name in a `Spec` is a column of the frame.
"""

from __future__ import annotations

import pandas as pd

from analysis.errors import UsageError, closest
from analysis.estimators.fixed_effects import fixed_effects
from analysis.estimators.partial_pooling import partial_pooling
from analysis.estimators.preflight import Estimator
from analysis.results import Fit
from analysis.spec import Spec

ESTIMATORS: dict[str, Estimator] = {
    "fixed_effects": fixed_effects,
    "partial_pooling": partial_pooling,
}


def fit(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate what the spec says.

    Parameters
    ----------
    frame
        The data, one row an observation; not changed.
    spec
        What is to be estimated; every name is a column of the frame.

    Returns
    -------
    Fit
        With status ``"not_estimable"`` and a reason where the data cannot answer.

    Raises
    ------
    UsageError
        For an unknown estimator, column, option or covariance, with the closest match.
    """
    estimator = ESTIMATORS.get(spec.estimator)
    if estimator is None:
        raise UsageError(
            "estimators.unknown_estimator",
            value=spec.estimator,
            closest=closest(spec.estimator, ESTIMATORS) or "-",
            known=sorted(ESTIMATORS),
        )
    return estimator(frame, spec)


__all__ = ["ESTIMATORS", "Estimator", "Fit", "Spec", "fit"]
