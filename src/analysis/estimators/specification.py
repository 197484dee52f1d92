"""Whether a `Spec` means something for a frame: names, options and features, with the closest match where not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from analysis.errors import UsageError, closest
from analysis.messages import Message
from analysis.spec import COVARIANCES, Spec

CLUSTERED = ("CRV1", "CR2", "CRV3", "wild_bootstrap")
"""Covariances that need clusters."""


def check_spec(frame: pd.DataFrame, spec: Spec, options: Collection[str] = ()) -> None:
    """Check that every name in the spec means something.

    Parameters
    ----------
    frame
        The data.
    spec
        What is to be estimated.
    options
        Options that the estimator knows beside ``level``.

    Raises
    ------
    UsageError
        For an unknown column, option or covariance (with the closest match), for a column that occurs twice, and for
        an outcome that is its own treatment.
    """
    for role, name in named_columns(spec):
        require_column(frame, name, role)
    _check_choice("covariance", spec.covariance, COVARIANCES)
    for option in spec.options:
        _check_choice("option", option, ("level", *options))
    regressors = [*spec.treatments, *spec.controls]
    repeated = sorted({name for name in regressors if regressors.count(name) > 1 or name == spec.outcome})
    if repeated:
        raise UsageError("estimators.named_twice", column=repeated[0])


def require_column(frame: pd.DataFrame, name: str, role: str) -> None:
    """Raise `UsageError` unless `name` is exactly one column of the frame."""
    if name not in frame.columns:
        raise UsageError(
            "estimators.unknown_column",
            column=name,
            role=Message(f"estimators.role_{role}"),
            closest=closest(str(name), [str(column) for column in frame.columns]) or "-",
        )
    if isinstance(frame[name], pd.DataFrame):
        raise UsageError("estimators.column_twice", column=name)


def refuse_features(spec: Spec, *names: str) -> None:
    """Raise `UsageError` for parts of the spec that an estimator would otherwise silently ignore.

    Parameters
    ----------
    spec
        What is to be estimated.
    names
        Names of fields of `Spec` that must be empty.
    """
    for name in names:
        if getattr(spec, name) not in (None, ()):
            raise UsageError(
                "estimators.not_supported",
                estimator=spec.estimator,
                feature=Message(f"estimators.role_{name}"),
            )


def require_covariance(spec: Spec, *known: str) -> None:
    """Raise `UsageError` unless the spec's covariance is one that the estimator offers."""
    if spec.covariance not in known:
        raise UsageError(
            "estimators.unknown_covariance",
            value=spec.covariance,
            closest=closest(spec.covariance, known) or "-",
            known=list(known),
        )


def _check_choice(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(
            f"estimators.unknown_{what}", value=value, closest=closest(value, known) or "-", known=sorted(known)
        )


def named_columns(spec: Spec) -> list[tuple[str, str]]:
    """List (role, column) of every column that the spec names, in a fixed order."""
    pairs = [("outcome", spec.outcome)]
    for role in ("treatments", "controls", "moderators", "mediators", "absorb"):
        pairs += [(role, name) for name in getattr(spec, role)]
    for role in ("unit", "time", "weights", "cohort"):
        if getattr(spec, role) is not None:
            pairs.append((role, getattr(spec, role)))
    return pairs + [("cluster", name) for name in cluster_names(spec)]


def cluster_names(spec: Spec) -> tuple[str, ...]:
    """Return the cluster columns; the unit where a clustered covariance is asked without naming one."""
    if spec.cluster is not None:
        return spec.cluster if isinstance(spec.cluster, tuple) else (spec.cluster,)
    if spec.covariance not in CLUSTERED:
        return ()
    if spec.unit is None:
        raise UsageError("estimators.cluster_needed", covariance=spec.covariance)
    return (spec.unit,)
