"""The region stage: one papermill run of the report notebook for each region."""

from analysis.batch.gate import NotebookRefusedError, refuse_incomplete
from analysis.batch.run import Outcome, run_regions

__all__ = ["NotebookRefusedError", "Outcome", "refuse_incomplete", "run_regions"]
