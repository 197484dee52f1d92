"""The one way to say what is to be estimated; every name is a column of the frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COVARIANCES = ("classical", "HC1", "CRV1", "CR2", "CRV3", "wild_bootstrap")


@dataclass(frozen=True)
class Spec:
    """What is to be estimated.

    Parameters
    ----------
    estimator
        Key of `analysis.estimators.ESTIMATORS`.
    outcome
        Column of the outcome.
    treatments
        Columns whose effects are wanted.
    controls
        Columns that are adjusted for; their coefficients are not read as effects.
    unit, time
        Columns that identify the panel unit and the period.
    absorb
        Columns of further effects that are absorbed.
    cluster
        Column, or pair of columns for two-way clustering, within which errors may be dependent.
    weights
        Column of weights (inverse variances up to a constant).
    cohort
        Column with the first treated period of the unit; missing for the never treated.
    moderators, mediators
        Columns that change an effect, and columns through which it runs.
    covariance
        One of `COVARIANCES`.
    options
        Options of the estimator, named in its docstring; plain values only.
    """

    estimator: str
    outcome: str
    treatments: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    unit: str | None = None
    time: str | None = None
    absorb: tuple[str, ...] = ()
    cluster: str | tuple[str, str] | None = None
    weights: str | None = None
    cohort: str | None = None
    moderators: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    covariance: str = "CRV1"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("treatments", "controls", "absorb", "moderators", "mediators"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        if isinstance(self.cluster, list):
            object.__setattr__(self, "cluster", tuple(self.cluster))
