"""The region stage: the report notebook of every region, run in parallel, and only where something has changed."""

from analysis.batch.events import EventLog
from analysis.batch.gate import NotebookRefusedError, refuse_incomplete
from analysis.batch.run import Options, Outcome, changed, get_ready, run_regions
from analysis.batch.tasks import Job, Pages

__all__ = [
    "EventLog",
    "Job",
    "NotebookRefusedError",
    "Options",
    "Outcome",
    "Pages",
    "changed",
    "get_ready",
    "refuse_incomplete",
    "run_regions",
]
