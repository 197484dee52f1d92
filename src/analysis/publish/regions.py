"""Regions of a release, made by the batch: which notebooks are run, and the files of each region in a worker."""

from __future__ import annotations

import atexit
import hashlib
import pickle
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.batch import Job, Outcome, Pages
from analysis.exports import Printer
from analysis.params import RunParams
from analysis.publish.manifest import environment_sha256
from analysis.publish.pages import write_region
from analysis.publish.release import presentation_sha256
from analysis.study.slices import read_slice, slice_digests, slice_path

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan

REGIONS, RECEIPTS, DRAFT, PLAN = "regions", "receipts", "release", "plan"
SYNTHESIS = "synthesis"


def region_jobs(planned: Plan, stored: Path, report: Path, synthesis: Path) -> list[Job]:
    """Return the runs of a release: the report for each region on its slice, the synthesis on the whole study.

    Parameters
    ----------
    planned
        The run.
    stored
        Folder of the stored study.
    report, synthesis
        The notebooks.
    """
    digests = slice_digests(stored)
    jobs = [
        Job(code, report, RunParams(code, planned.study), slice_path(stored, code), digests[code])
        for code in planned.regions
    ]
    return [*jobs, Job(SYNTHESIS, synthesis, RunParams(planned.regions[0], planned.study), None, stored.name)]


def region_pages(planned: Plan, work: Path) -> Pages:
    """Return how the files of a release's regions are made in the work folder `work`."""
    work.mkdir(parents=True, exist_ok=True)
    head = work / PLAN
    head.write_bytes(pickle.dumps(replace(planned, results=planned.results.of_region(""))))
    known = (planned.target.name, planned.results.meta["run_id"], presentation_sha256(), environment_sha256())
    return Pages(write_files, head, hashlib.sha256("|".join(known).encode()).hexdigest(), work / REGIONS)


def write_files(head: Path, code: str, executed: Path, given: bytes, folder: Path) -> None:
    """Write the files of one region into `folder` / `code`, from its executed notebook and its slice."""
    whole = read_plan(head)
    part = read_slice(given)
    planned = replace(whole, results=replace(part, meta=whole.results.meta))
    draft = folder / f".part-{code}"
    shutil.rmtree(draft, ignore_errors=True)
    write_region(planned, Outcome(code, executed), draft, printer(head))
    shutil.rmtree(folder / code, ignore_errors=True)
    (draft / code).rename(folder / code)
    draft.rmdir()


@cache
def read_plan(head: Path) -> Plan:
    """Return the plan that `region_pages` wrote, without the tables of the regions."""
    planned: Plan = pickle.loads(head.read_bytes())
    return planned


@cache
def printer(head: Path) -> Printer | None:
    """Return what prints PDFs in this process, started once for all regions."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(read_plan(head).printing.printer())


def collect_regions(outcomes: Sequence[Outcome], work: Path, draft: Path) -> None:
    """Move the folders of the regions that came through into a release in the making."""
    for outcome in outcomes:
        if outcome.path and outcome.name != SYNTHESIS:
            (work / REGIONS / outcome.name).rename(draft / outcome.name)


def take_up(work: Path) -> None:
    """Make the work folder of a run that was stopped fit to go on: what is not whole is made again."""
    shutil.rmtree(work / DRAFT, ignore_errors=True)
    for receipt in (work / RECEIPTS).glob("*.json"):
        if not (work / REGIONS / receipt.stem).is_dir():
            receipt.unlink()
    for other in work.parent.glob(".*.work"):
        if other != work:
            shutil.rmtree(other, ignore_errors=True)
