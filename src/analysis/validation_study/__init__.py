"""Can the estimators be trusted? Their values beside those of R, and how often tests and intervals keep their word."""

from analysis.validation_study.calibration import (
    PARTS,
    calibration,
    calibration_shown,
    calibration_verdict,
    coverage_figure,
)
from analysis.validation_study.reference import agreement, reference_values, shown, verdict

__all__ = [
    "PARTS",
    "agreement",
    "calibration",
    "calibration_shown",
    "calibration_verdict",
    "coverage_figure",
    "reference_values",
    "shown",
    "verdict",
]
