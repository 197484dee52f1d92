"""Falsification, sensitivity and the specification curve of an estimated effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.claims.effects import FEW_REGIONS, Effect, Estimated
from analysis.claims.records import EffectSpec, Rules
from analysis.claims.variants import agreement
from analysis.diagnostics import leave_one_out, negative_control, placebo_lead, sensitivity_of
from analysis.results import Check
from analysis.spec import Spec


def checks_of(
    estimated: Estimated, columns: Mapping[str, str], rules: Rules
) -> tuple[tuple[Check, ...], tuple[Effect, ...]]:
    """Return every check of an effect that has a national estimate, and the estimates under other specifications.

    Parameters
    ----------
    estimated
        The effect.
    columns
        Panel column by node of the causal graph.
    rules
        Verdict rules (levels, agreement).
    """
    if not estimated.national_fit.ok:
        return (), ()
    spec = plain_spec(estimated.national_spec)
    found = [*estimated.national_fit.checks, *_falsification(estimated, spec, rules)]
    if estimated.spec.design == "within" and not estimated.spec.moderators:
        found.append(_sensitivity(estimated, spec))
    curve, variants = agreement(estimated, spec, columns, rules)
    return tuple(_one_a_name([*found, curve])), variants


def plain_spec(spec: Spec) -> Spec:
    """Return the specification without what only the main inference needs (bootstrap, correction for noise)."""
    if spec.estimator == "staggered_did":
        return spec
    return replace(spec, estimator="fixed_effects", covariance="CRV1", options={})


def _falsification(estimated: Estimated, spec: Spec, rules: Rules) -> list[Check]:
    effect, frame, level = estimated.spec, estimated.frame, rules.check_level
    found = []
    if effect.lead and effect.design == "within":
        found.append(placebo_lead(frame, spec, lead=effect.lead, level=level))
    for outcome in effect.negative_controls if effect.design == "within" else ():
        found.append(negative_control(frame, replace(spec, moderators=()), outcome, level=level))
    # Moderated effects are fitted again for every region left out, the others by algebra.
    most = FEW_REGIONS if effect.moderators else len(frame)
    if effect.design != "staggered" and 1 < frame["region_code"].nunique() <= most:
        found.append(leave_one_out(frame, spec, by="region_code", term=effect.term).check)
    return found


def _sensitivity(estimated: Estimated, spec: Spec) -> Check:
    """Compare an unseen confounder with the strongest of the covariates at hand; controls come first."""
    benchmarks = _benchmarks(estimated.spec, spec)
    return sensitivity_of(estimated.frame, replace(spec, controls=benchmarks), benchmarks)[1]


def _benchmarks(effect: EffectSpec, spec: Spec) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*spec.controls, *effect.benchmarks]))


def _one_a_name(checks: list[Check]) -> list[Check]:
    """Keep one check a name: the first that failed, else the first that passed, else the first."""
    kept: dict[str, Check] = {}
    order = {False: 0, True: 1, None: 2}
    for check in checks:
        before = kept.get(check.name)
        if before is None or order[check.passed] < order[before.passed]:
            kept[check.name] = check
    return list(kept.values())
