"""From a study to a release: run the regions, make the pages, check them, put them in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.batch import Outcome, run_regions
from analysis.disclosure import refuse_identifiers
from analysis.errors import LockedError, RegionsFailedError
from analysis.params import RunParams
from analysis.paths import notebooks_dir, project_dir
from analysis.publish.pages import write_region
from analysis.publish.printing import Printing, find_printing
from analysis.publish.release import is_intact, point_latest, publish_folder, release_name, write_checksums
from analysis.publish.shelf import update_shelf
from analysis.publish.site import write_library, write_site
from analysis.results import StudyResults
from analysis.study import load_study, require_region, study_key

REPORT_NOTEBOOK = "policy_report.ipynb"
SYNTHESIS_NOTEBOOK = "synthesis.ipynb"
SYNTHESIS = "synthesis"
Step = Callable[[str], None]
Rows = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Plan:
    """What a run will do: `regions` of the study in folder `study` go to `target`, a release folder.

    `printing` says whether and with what summaries are printed as PDF.
    """

    study: str
    results: StudyResults
    regions: tuple[str, ...]
    target: Path
    printing: Printing = field(default_factory=Printing)


@dataclass(frozen=True)
class Progress:
    """Where a run says how far it is: at each `step`, when `jobs` are known, and after each one is `done`."""

    step: Step = lambda key: None
    jobs: Callable[[int], None] = lambda number: None
    done: Callable[[Outcome], None] = lambda outcome: None


@dataclass(frozen=True)
class Released:
    """What a run has published: the folder, the regions in it, and whether it was there already."""

    folder: Path
    regions: tuple[str, ...]
    unchanged: bool = False


def plan(
    directory: Path,
    out: Path,
    regions: Sequence[str] = (),
    step: Step | None = None,
    rows: Rows | None = None,
    pdf: bool = False,
) -> Plan:
    """Load the study (made first if stale) and settle regions, release name and, if `pdf`, what prints summaries.

    Raises
    ------
    UsageError
        If a region is unknown or not in the study.
    """
    chosen = tuple(sorted({RunParams(region=code, study=str(directory.resolve())).region for code in regions}))
    results = load_study(directory, step, rows)
    for code in chosen:
        require_region(results, code)
    chosen = chosen or results.regions
    study = study_parameter(directory)
    printing = find_printing(wanted=pdf)
    name = release_name(results.meta["last_period"], f"{study_key(directory)}|{study}", chosen, printing.printed_by)
    return Plan(study, results, chosen, out.resolve() / name, printing)


def study_parameter(directory: Path) -> str:
    """Path of a study relative to the project: no page tells where a machine keeps its files."""
    try:
        return Path(os.path.relpath(directory.resolve(), project_dir())).as_posix()
    except ValueError:
        return directory.resolve().as_posix()


def run(planned: Plan, workers: int | None = None, progress: Progress | None = None) -> Released:
    """Carry out a plan.

    Raises
    ------
    LockedError
        If another run works in the same folder.
    RegionsFailedError
        If regions failed; those that did not are published.
    DisclosureError
        If a page would identify a person; nothing is published then.
    """
    out = planned.target.parent
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=0):
            if is_intact(planned.target):
                _point_here(planned.target)
                return Released(planned.target, planned.regions, unchanged=True)
            return _release(planned, workers, progress or Progress())
    except Timeout as error:
        raise LockedError("run.locked", folder=str(out)) from error


def _release(planned: Plan, workers: int | None, progress: Progress) -> Released:
    work = planned.target.with_name(f".{planned.target.name}.work")
    shutil.rmtree(work, ignore_errors=True)
    try:
        outcomes = execute_all(planned, work / "executed", workers, progress)
        progress.step("cli.step_publish")
        build_release(planned, outcomes, work / "release")
        publish_folder(work / "release", planned.target)
        _point_here(planned.target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _raise_if_failed(planned, outcomes)
    return Released(planned.target, planned.regions)


def _point_here(target: Path) -> None:
    """Make `target` the newest release, and let the older ones know."""
    point_latest(target)
    update_shelf(target)


def execute_all(planned: Plan, folder: Path, workers: int | None, progress: Progress) -> list[Outcome]:
    """Run the report notebook of every region and the synthesis once; refuse if no region came through.

    Raises
    ------
    RegionsFailedError
        If every region failed, or the synthesis.
    """
    report, synthesis = notebooks_dir() / REPORT_NOTEBOOK, notebooks_dir() / SYNTHESIS_NOTEBOOK
    jobs = [(code, report, RunParams(code, planned.study)) for code in planned.regions]
    jobs.append((SYNTHESIS, synthesis, RunParams(planned.regions[0], planned.study)))
    progress.step("cli.step_regions")
    progress.jobs(len(jobs))
    outcomes = run_regions(jobs, folder, workers, progress.done)
    failed = [outcome for outcome in outcomes if outcome.error]
    came_through = [outcome for outcome in outcomes if outcome.path and outcome.name != SYNTHESIS]
    if not came_through or any(outcome.name == SYNTHESIS for outcome in failed):
        raise RegionsFailedError("run.all_failed", n=len(failed), error=f"{failed[0].name}: {failed[0].error}")
    return outcomes


def build_release(planned: Plan, outcomes: Sequence[Outcome], draft: Path) -> None:
    """Write every file of a release into `draft` and pass it through the disclosure gate."""
    draft.mkdir(parents=True)
    with planned.printing.printer() as printer:
        for outcome in outcomes:
            if outcome.path and outcome.name != SYNTHESIS:
                write_region(planned, outcome, draft, printer)
    write_site(planned, outcomes, draft)
    refuse_identifiers(draft)
    write_library(draft)
    write_checksums(draft)


def _raise_if_failed(planned: Plan, outcomes: Sequence[Outcome]) -> None:
    failed = [outcome.name for outcome in outcomes if outcome.error]
    if failed:
        published = len(planned.regions) - len(failed)
        raise RegionsFailedError(
            "run.some_failed", n=len(failed), regions=failed, published=published, folder=str(planned.target)
        )
