"""The study stage: read, check, build the panel, estimate for all regions together; once, then stored."""

from analysis.study.keys import code_sha256, file_sha256, inputs_sha256, study_key
from analysis.study.store import load_study, open_study, require_region, stored_study
from analysis.study.tables import findings_frame

__all__ = [
    "code_sha256",
    "file_sha256",
    "findings_frame",
    "inputs_sha256",
    "load_study",
    "open_study",
    "require_region",
    "stored_study",
    "study_key",
]
