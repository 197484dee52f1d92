"""From an estimate and its checks to a verdict, a strength of evidence and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from analysis.claims.records import Claim, Rules
from analysis.claims.sentences import (
    contradicted_sentence,
    supported_sentence,
    uncertain_sentence,
    weak_sentence,
)
from analysis.messages import Message
from analysis.results import Check

Verdict = Literal["supported", "weakly_supported", "cannot_tell", "contradicted", "not_identified", "no_data"]


@dataclass(frozen=True)
class Evidence:
    """What a verdict on one claim and place rests on.

    Parameters
    ----------
    claim
        The claim.
    row
        The estimate in the claim's unit.
    adjusted_p_value
        P-value after Benjamini-Hochberg over the claims of the same place.
    checks
        Checks of the specification.
    n_claims
        Claims that were tested together.
    n_regions
        Regions behind the estimate.
    region
        Region code; None for the nation.
    smallest_visible
        Smallest effect that would be found with the power of the rules.
    """

    claim: Claim
    row: Mapping[str, Any]
    adjusted_p_value: float
    checks: Sequence[Check]
    n_claims: int
    n_regions: int
    region: str | None
    smallest_visible: float


@dataclass(frozen=True)
class Judgement:
    """Verdict, strength of evidence (0 to 4) and reason."""

    verdict: Verdict
    strength: int
    reason: Message


def detectable(row: Mapping[str, Any], rules: Rules) -> float:
    """Return the smallest effect that the estimate's precision would find with the wanted power (Bloom 1995)."""
    df = float(row["df"])
    multiple = stats.t.isf(rules.level / 2, df) + stats.t.ppf(rules.power, df)
    return float(multiple) * float(row["std_error"])


def failed_checks(checks: Sequence[Check], rules: Rules) -> tuple[str, ...]:
    """Return the names of failed checks that cap a verdict; one with a p-value above the rules' level does not."""
    return tuple(
        check.name
        for check in checks
        if check.passed is False
        and check.name in rules.capping_checks
        and (check.p_value is None or check.p_value <= rules.check_level)
    )


def judge(evidence: Evidence, rules: Rules) -> Judgement:
    """Apply the verdict rules.

    An effect in the claim's direction (or any, for a claim that says "differ") with p below the level is *supported* if
    it remains so among all claims and no falsification check failed, else *weakly supported*. An effect against the
    claim that passes the same hurdles *contradicts* it, and so does, for "differ", an interval inside the smallest
    effect of interest. Everything else cannot be told from zero.
    """
    significant = float(evidence.row["p_value"]) <= rules.level
    clean = evidence.adjusted_p_value <= rules.level and not failed_checks(evidence.checks, rules)
    verdict = _verdict(evidence, significant, clean)
    strength = strength_of(evidence, rules)
    failed = failed_checks(evidence.checks, rules)
    alone = evidence.adjusted_p_value <= rules.level
    if verdict == "supported":
        return Judgement(verdict, strength, supported_sentence(evidence))
    if verdict == "weakly_supported":
        return Judgement(verdict, min(strength, 2), weak_sentence(evidence, failed, alone))
    if verdict == "contradicted":
        return Judgement(verdict, strength, contradicted_sentence(evidence))
    return Judgement(verdict, min(strength, 2), uncertain_sentence(evidence, failed, significant))


def _verdict(evidence: Evidence, significant: bool, clean: bool) -> Verdict:
    claim, row = evidence.claim, evidence.row
    along = claim.direction == "differ" or float(row["estimate"]) * direction_sign(claim) > 0
    if significant and along:
        return "supported" if clean else "weakly_supported"
    if significant and clean:
        return "contradicted"
    if claim.direction == "differ" and equivalent(claim, row):
        return "contradicted"
    return "cannot_tell"


def direction_sign(claim: Claim) -> int:
    """Return +1 for a claimed increase, -1 for a decrease, 0 for a difference."""
    return {"increase": 1, "decrease": -1, "differ": 0}[claim.direction]


def equivalent(claim: Claim, row: Mapping[str, Any]) -> bool:
    """Whether the whole interval lies inside the smallest effect of interest."""
    return bool(-claim.smallest < float(row["conf_low"]) and float(row["conf_high"]) < claim.smallest)


def strength_of(evidence: Evidence, rules: Rules) -> int:
    """Count the marks of evidence, 0 to 4.

    One each for: a falsification check carried out and none failed; an interval no wider than the smallest effect of
    interest to either side; a confounder as strong as the strongest observed covariate leaving the estimate its sign;
    agreement along the specification curve.
    """
    state = {check.name: check.passed for check in evidence.checks}
    tested = [state.get(name) for name in rules.capping_checks]
    half_width = (float(evidence.row["conf_high"]) - float(evidence.row["conf_low"])) / 2
    marks = (
        True in tested and False not in tested,
        bool(np.isfinite(half_width) and half_width <= evidence.claim.smallest),
        state.get("sensitivity") is True,
        state.get("specification_curve") is True,
    )
    return sum(marks)
