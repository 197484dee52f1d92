"""Claims about developing civil servants: declared questions, estimates, checks and verdicts."""

from analysis.claims.costs import cost_per_point
from analysis.claims.effects import Effect, Estimated, estimate_all
from analysis.claims.evaluate import Assessment, evaluate, identification_of
from analysis.claims.records import Claim, Declared, EffectSpec, Rules, claims_sha256, load_declared
from analysis.claims.verdict import Evidence, Judgement, judge, strength_of

__all__ = [
    "Assessment",
    "Claim",
    "Declared",
    "Effect",
    "EffectSpec",
    "Estimated",
    "Evidence",
    "Judgement",
    "Rules",
    "claims_sha256",
    "cost_per_point",
    "estimate_all",
    "evaluate",
    "identification_of",
    "judge",
    "load_declared",
    "strength_of",
]
