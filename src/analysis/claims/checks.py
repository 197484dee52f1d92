"""Falsification, sensitivity and the specification curve of an estimated effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analysis.claims.effects import Estimated
from analysis.claims.records import Rules
from analysis.claims.variants import variants_of
from analysis.diagnostics import leave_one_out, negative_control, placebo_lead, sensitivity_of
from analysis.diagnostics.falsification import estimate_of
from analysis.estimators import fit
from analysis.messages import Message
from analysis.results import Check
from analysis.spec import Spec

FALSIFICATION = ("placebo_lead", "negative_control", "pre_trend")


def checks_of(estimated: Estimated, columns: Mapping[str, str], rules: Rules) -> tuple[Check, ...]:
    """Return every check of an effect that has a national estimate.

    Parameters
    ----------
    estimated
        The effect.
    columns
        Panel column by node of the causal graph.
    rules
        Verdict rules (levels, agreement).
    """
    effect, frame, fitted = estimated.spec, estimated.frame, estimated.national_fit
    if not fitted.ok:
        return ()
    spec = plain_spec(estimated.national_spec)
    found = list(fitted.checks)
    if effect.lead and effect.design == "within":
        found.append(placebo_lead(frame, spec, lead=effect.lead, level=rules.check_level))
    if effect.design == "within":
        found += [
            negative_control(frame, replace(spec, moderators=()), outcome, level=rules.check_level)
            for outcome in effect.negative_controls
        ]
    if effect.design != "staggered" and frame["region_code"].nunique() > 1:
        found.append(leave_one_out(frame, spec, by="region_code", term=effect.term).check)
    if effect.design == "within" and not effect.moderators:
        found.append(sensitivity_of(frame, spec, list(spec.controls))[1])
    found.append(agreement(estimated, spec, columns, rules))
    return tuple(_numbered(found))


def plain_spec(spec: Spec) -> Spec:
    """Return the specification without what only the main inference needs (bootstrap, correction for noise)."""
    if spec.estimator == "staggered_did":
        return spec
    return replace(spec, estimator="fixed_effects", covariance="CRV1", options={})


def _numbered(checks: list[Check]) -> list[Check]:
    """Keep one check a name: the first that failed, else the first that passed, else the first."""
    kept: dict[str, Check] = {}
    order = {False: 0, True: 1, None: 2}
    for check in checks:
        before = kept.get(check.name)
        if before is None or order[check.passed] < order[before.passed]:
            kept[check.name] = check
    return list(kept.values())


def agreement(estimated: Estimated, spec: Spec, columns: Mapping[str, str], rules: Rules) -> Check:
    """Compare the sign of the main estimate with that of the other defensible specifications."""
    effect, frame = estimated.spec, estimated.frame
    main = estimate_of(estimated.national_fit, effect.term)
    signs, low, high = [], np.inf, -np.inf
    for change in variants_of(effect, spec, columns).values():
        value = _estimate_under(frame, spec, change, effect.term, effect.treatments[0])
        if main is not None and value is not None:
            signs.append(np.sign(value) == np.sign(float(main["estimate"])))
            low, high = min(low, value), max(high, value)
    if not signs or main is None:
        return Check("specification_curve", None, Message("claims.check_result.no_variants"))
    share = float(np.mean(signs))
    values = {"share": share, "n": len(signs), "ratio_low": _ratio(low, main), "ratio_high": _ratio(high, main)}
    passed = share >= rules.agreement
    key = f"claims.check_result.variants_{'agree' if passed else 'differ'}"
    return Check("specification_curve", passed, Message(key, values), share)


def _ratio(value: float, main: object) -> float:
    return value / float(main["estimate"])  # type: ignore[index]


def _estimate_under(
    frame: object, spec: Spec, change: Mapping[str, object] | Spec, term: str, treatment: str
) -> float | None:
    fields = {} if isinstance(change, Spec) else dict(change)
    scale = float(fields.pop("scale", 1.0))  # type: ignore[arg-type]
    read = str(fields.pop("term", treatment if isinstance(change, Spec) else term))
    variant = change if isinstance(change, Spec) else replace(spec, **fields)  # type: ignore[arg-type]
    found = estimate_of(fit(frame, variant), read)  # type: ignore[arg-type]
    return None if found is None else scale * float(found["estimate"])
