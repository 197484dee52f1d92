"""Estimators behind one door: ``fit(frame, Spec(...)) -> Fit``.

An estimator is a function ``(frame, spec) -> Fit`` in a module of its own, entered in `ESTIMATORS` under its name.
It knows no region, catalog, language or file: every name in a `Spec` is a column of the frame.
"""

from __future__ import annotations

import pandas as pd

from analysis.errors import UsageError, closest
from analysis.estimators.dose_response import dose_response
from analysis.estimators.double_ml import double_ml
from analysis.estimators.event_study import event_study
from analysis.estimators.fixed_effects import fixed_effects
from analysis.estimators.instrumental import instrumental
from analysis.estimators.mediation import mediation
from analysis.estimators.mixed_model import mixed_model
from analysis.estimators.partial_pooling import partial_pooling
from analysis.estimators.pooled_ols import pooled_ols
from analysis.estimators.preflight import Estimator
from analysis.estimators.random_effects import random_effects
from analysis.estimators.reliability_corrected import reliability_corrected
from analysis.estimators.staggered_did import staggered_did
from analysis.results import Fit
from analysis.spec import Spec

ESTIMATORS: dict[str, Estimator] = {
    "dose_response": dose_response,
    "double_ml": double_ml,
    "event_study": event_study,
    "fixed_effects": fixed_effects,
    "instrumental": instrumental,
    "mediation": mediation,
    "mixed_model": mixed_model,
    "partial_pooling": partial_pooling,
    "pooled_ols": pooled_ols,
    "random_effects": random_effects,
    "reliability_corrected": reliability_corrected,
    "staggered_did": staggered_did,
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

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({
    ...     "unit": list("aaabbbccc"), "x": [0, 1, 2, 1, 3, 2, 0, 2, 1], "y": [1, 3, 5.5, 4, 7, 6, 0, 4, 2.5]})
    >>> result = fit(frame, Spec("fixed_effects", "y", "x", unit="unit", covariance="classical"))
    >>> result.estimates[["term", "estimate", "n_obs"]].round(2).to_dict("records")
    [{'term': 'x', 'estimate': 1.92, 'n_obs': 9}]
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
