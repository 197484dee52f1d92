"""Regions of a release, made by the batch: which notebooks are run, and the files of each region in a worker."""

from __future__ import annotations

import atexit
import hashlib
import json
import pickle
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.batch import Job, Outcome, Pages
from analysis.batch.environment import environment_sha256 as batch_environment_sha256
from analysis.batch.environment import region_code_sha256
from analysis.batch.tasks import receipt
from analysis.params import RunParams
from analysis.paths import notebooks_dir
from analysis.publish.manifest import environment_sha256
from analysis.publish.release import FILES_AT_ONCE, in_threads, sync_files
from analysis.publish.settings import site_address
from analysis.study import file_sha256
from analysis.study.slices import OVERVIEW, read_slice, slice_digests, slice_path

if TYPE_CHECKING:
    from analysis.exports import Printer
    from analysis.publish.pipeline import Plan

REGIONS, RECEIPTS, DRAFT, PLAN = "regions", "receipts", "release", "plan"
SYNTHESIS = "synthesis"
REPORT_NOTEBOOK = "policy_report.ipynb"
PUBLISHED_TABLES = ("estimates", "verdicts")
"""Tables of a slice that become files of their own; everything else on the pages comes from the notebook."""


def region_jobs(planned: Plan, stored: Path, report: Path, synthesis: Path) -> list[Job]:
    """Return the runs of a release: the report for each region on its slice, the synthesis on that of all regions.

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
    params, overview = RunParams(planned.regions[0], planned.study), slice_path(stored, OVERVIEW)
    return [*jobs, Job(SYNTHESIS, synthesis, params, overview, digests[OVERVIEW], of_region=False)]


def region_pages(planned: Plan, kept: Path, work: Path) -> Pages:
    """Return how the files of regions are made in the folder `kept`, where the next release finds them again.

    What they show of the whole study is in their slices; nothing of the release is in them.

    Parameters
    ----------
    planned
        The run.
    kept
        Folder that outlives the run.
    work
        Folder of this run.
    """
    work.mkdir(parents=True, exist_ok=True)
    head = work / PLAN
    head.write_bytes(pickle.dumps(replace(planned, results=planned.results.of_region(""))))
    return Pages(write_files, head, hashlib.sha256("|".join(made_with(planned)).encode()).hexdigest(), kept / REGIONS)


def made_with(planned: Plan) -> tuple[str, ...]:
    """Return what the files of all regions depend on beside their slices."""
    versions = region_code_sha256(), batch_environment_sha256(), environment_sha256()
    notebook = file_sha256(notebooks_dir() / REPORT_NOTEBOOK)
    told = str(planned.results.meta["code_sha256"]), planned.study, site_address(planned.study)
    return (*versions, notebook, *told, planned.printing.printed_by)


def report_id(planned: Plan, code: str, slice_sha256: str) -> str:
    """Return the short hash of all that the bytes of a region's files depend on: inputs, code, parameters, packages."""
    parts = [slice_sha256, RunParams(code, planned.study).sha256(), *made_with(planned)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def write_files(head: Path, code: str, executed: Path, given: bytes, folder: Path) -> None:
    """Write the files of one region into `folder` / `code`, from its executed notebook and its slice."""
    from analysis.publish.pages import write_region

    whole = read_plan(head)
    part = read_slice(given, PUBLISHED_TABLES)
    run_id = report_id(whole, code, hashlib.sha256(given).hexdigest())
    meta = {**part.meta, "code_sha256": whole.results.meta["code_sha256"], "run_id": run_id}
    planned = replace(whole, results=replace(part, meta=meta))
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


class Collected:
    """Copies regions into a release in the making, each as soon as it has come through, beside the work on others.

    Parameters
    ----------
    kept
        Folder in which files of regions are kept from run to run.
    draft
        The release in the making.
    """

    def __init__(self, kept: Path, draft: Path) -> None:
        self._kept, self._draft = kept, draft
        self._pool = ThreadPoolExecutor(FILES_AT_ONCE)
        self._copies: dict[str, Future[None]] = {}

    def __enter__(self) -> Collected:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def take(self, outcome: Outcome) -> None:
        """Begin to copy a region that has come through."""
        name = outcome.name
        if outcome.path and name != SYNTHESIS and name not in self._copies:
            self._copies[name] = self._pool.submit(_copy_folder, self._kept / REGIONS / name, self._draft / name)

    def all_of(self, outcomes: Sequence[Outcome]) -> dict[str, str]:
        """Have all regions that came through copied, and no others.

        Returns
        -------
        dict
            Hashes of their files by name in the release, by the receipts that `forget_changed` has compared them with.
        """
        for outcome in outcomes:
            self.take(outcome)
        names = [outcome.name for outcome in outcomes if outcome.path and outcome.name != SYNTHESIS]
        for name, copy in self._copies.items():
            copy.result()
            if name not in names:
                shutil.rmtree(self._draft / name)
        receipts = {name: json.loads((self._kept / RECEIPTS / f"{name}.json").read_text("utf-8")) for name in names}
        return {f"{name}/{file}": digest for name, files in receipts.items() for file, digest in files.items()}


def _copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    sync_files(target)


def forget_changed(kept: Path) -> None:
    """Have files of regions made again that are no longer what the receipt of their making says."""
    paths = list((kept / RECEIPTS).glob("*.json"))
    for path, found in zip(paths, in_threads(lambda path: receipt(kept / REGIONS / path.stem), paths), strict=True):
        if json.loads(path.read_text(encoding="utf-8")) != found:
            path.unlink()


def take_up(work: Path) -> None:
    """Clear away what a run that was stopped has left of a release."""
    shutil.rmtree(work / DRAFT, ignore_errors=True)
    for other in work.parent.glob(".*.work"):
        if other != work:
            shutil.rmtree(other, ignore_errors=True)
