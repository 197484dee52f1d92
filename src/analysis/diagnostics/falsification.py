"""Questions whose answer should be "no effect", and estimates that should not hang on one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.diagnostics.linear import linear_design
from analysis.estimators import fit
from analysis.estimators.preflight import Refusal
from analysis.messages import Message
from analysis.results import Check, Fit
from analysis.spec import Spec

LEVEL = 0.05


@dataclass(frozen=True)
class LeaveOneOut:
    """Estimates without one unit at a time.

    Parameters
    ----------
    table
        One row per unit left out: ``left_out, estimate``; missing where nothing could be estimated without it.
        Sorted by `left_out`.
    check
        Passed if the sign never changes.
    """

    table: pd.DataFrame
    check: Check


def placebo_lead(
    frame: pd.DataFrame,
    spec: Spec,
    lead: int = 1,
    columns: Sequence[str] | None = None,
    level: float = LEVEL,
) -> Check:
    """Test whether the treatment of the future moves the outcome of today.

    The model of `spec` is fitted with the treatments' leads beside the treatments. An effect of the lead says that
    treatment follows the outcome, or that both follow something else.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`; the spec needs unit and time.
    lead
        How many periods ahead. A treatment that averages two periods needs 2, or its present is part of its lead.
    columns
        Columns whose leads are tested; default the treatments.
    level
        Size of the test. With several leads the smallest p-value is Bonferroni-adjusted.

    Returns
    -------
    Check
        Name ``"placebo_lead"``; passed is None where the lead cannot be estimated.
    """
    name = "placebo_lead"
    if spec.unit is None or spec.time is None:
        return Check(name, None, Message("diagnostics.needs_unit_and_time"))
    tested = list(columns if columns is not None else spec.treatments)
    leads = {f"{column}_lead{lead}": _led(frame, spec, column, lead) for column in tested}
    result = fit(frame.assign(**leads), replace(spec, treatments=(*spec.treatments, *leads)))
    return _no_effect(name, result, list(leads), level, lead=lead)


def negative_control(frame: pd.DataFrame, spec: Spec, outcome: str, level: float = LEVEL) -> Check:
    """Test whether the treatment moves an outcome that it should not move.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`.
    outcome
        Column of the negative control.
    level
        Size of the test. With several treatments the smallest p-value is Bonferroni-adjusted.

    Returns
    -------
    Check
        Name ``"negative_control"``; passed is None where it cannot be estimated (for example no variation).
    """
    result = fit(frame, replace(spec, outcome=outcome))
    return _no_effect("negative_control", result, list(spec.treatments), level, outcome=outcome)


def leave_one_out(frame: pd.DataFrame, spec: Spec, by: str | None = None, term: str | None = None) -> LeaveOneOut:
    """Estimate again without each unit in turn.

    Linear estimators need no refit: the change of a coefficient when a cluster is left out is exact from the
    cluster's leverage (the same as the cluster jackknife). Other estimators are fitted again.

    Parameters
    ----------
    frame, spec
        As for `analysis.estimators.fit`.
    by
        Column whose values are left out in turn; default the cluster, else the unit.
    term
        Row of the estimates to follow; default the first treatment.

    Returns
    -------
    LeaveOneOut
        The check is named ``"leave_one_out"`` and is passed if every estimate has the sign of the full one.
    """
    column = by or (spec.cluster if isinstance(spec.cluster, str) else None) or spec.unit
    followed = term or (spec.treatments[0] if spec.treatments else "att")
    full = estimate_of(fit(frame, spec), followed)
    if column is None or full is None:
        none = pd.DataFrame({"left_out": pd.Series(dtype=object), "estimate": pd.Series(dtype=float)})
        return LeaveOneOut(none, Check("leave_one_out", None, Message("diagnostics.no_estimate")))
    table = pd.DataFrame(_without_each(frame, spec, column, followed), columns=["left_out", "estimate"])
    return LeaveOneOut(table, _leave_one_out_check(table, float(full["estimate"])))


def _without_each(frame: pd.DataFrame, spec: Spec, column: str, term: str) -> list[tuple[object, float]]:
    if term in (*spec.treatments, *spec.controls):
        try:
            design = linear_design(frame, replace(spec, cluster=column, covariance="CRV1"), term)
            return list(zip(design.cluster_names, design.leave_one_out().tolist(), strict=True))
        except Refusal:
            pass
    rows = []
    for name in sorted(frame[column].dropna().unique()):
        found = estimate_of(fit(frame[frame[column] != name], spec), term)
        rows.append((name, float("nan") if found is None else float(found["estimate"])))
    return rows


def estimate_of(result: Fit, term: str) -> pd.Series | None:
    """Row of one term, or None if there is none or its figures are not finite."""
    rows = result.estimates.loc[result.estimates["term"] == term] if result.ok else result.estimates.iloc[:0]
    if rows.empty or not np.isfinite(float(rows["estimate"].iloc[0])):
        return None
    return rows.iloc[0]


def _led(frame: pd.DataFrame, spec: Spec, column: str, lead: int) -> pd.Series:
    periods = {value: rank for rank, value in enumerate(sorted(frame[spec.time].dropna().unique()))}
    rank = frame[spec.time].map(periods)
    known = pd.DataFrame({"unit": frame[spec.unit], "rank": rank - lead, "value": frame[column]})
    later = known.dropna(subset=["unit", "rank"]).drop_duplicates(["unit", "rank"])
    keys = pd.DataFrame({"unit": frame[spec.unit], "rank": rank})
    return pd.Series(keys.merge(later, on=["unit", "rank"], how="left")["value"].to_numpy(), index=frame.index)


def _no_effect(name: str, result: Fit, terms: list[str], level: float, **values: object) -> Check:
    if not result.ok:
        return Check(name, None, result.reason or Message("diagnostics.no_estimate"))
    rows = result.estimates[result.estimates["term"].isin(terms)].dropna(subset=["p_value"])
    if rows.empty:
        return Check(name, None, Message("diagnostics.no_estimate"))
    worst = rows.iloc[int(rows["p_value"].to_numpy(dtype=float).argmin())]
    p_value = min(1.0, float(worst["p_value"]) * len(rows))
    passed = p_value > level
    found = {key: float(worst[key]) for key in ("estimate", "conf_low", "conf_high")}
    reason = Message(
        f"diagnostics.{name}.{'passed' if passed else 'failed'}",
        {**values, **found, "p": p_value, "term": str(worst["term"])},
    )
    return Check(name, passed, reason, float(worst["statistic"]), p_value)


def _leave_one_out_check(table: pd.DataFrame, full: float) -> Check:
    name = "leave_one_out"
    known = table.dropna(subset=["estimate"])
    if known.empty:
        return Check(name, None, Message("diagnostics.no_estimate"))
    low, high = float(known["estimate"].min()), float(known["estimate"].max())
    farthest = known.iloc[int(np.abs(known["estimate"].to_numpy(dtype=float) - full).argmax())]
    passed = bool(np.sign(low) == np.sign(high) == np.sign(full)) and len(known) == len(table)
    values = {
        "full": full,
        "low": low,
        "high": high,
        "unit": str(farthest["left_out"]),
        "without": float(farthest["estimate"]),
        "n": len(table),
        "failed": len(table) - len(known),
    }
    return Check(name, passed, Message(f"diagnostics.{name}.{'passed' if passed else 'failed'}", values), full)
