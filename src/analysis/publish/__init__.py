"""Releases: pages, index, manifests, checksums; made, put in place and verified."""

from analysis.publish.pipeline import Plan, Progress, Released, changed_regions, plan, run
from analysis.publish.printing import taken_over
from analysis.publish.sending import send_release
from analysis.publish.signing import check_signature
from analysis.publish.verify import verify

__all__ = [
    "Plan",
    "Progress",
    "Released",
    "changed_regions",
    "check_signature",
    "plan",
    "run",
    "send_release",
    "taken_over",
    "verify",
]
