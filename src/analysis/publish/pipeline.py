"""From a study to a release: run the regions, make the pages, check them, put them in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.batch import Options, Outcome, changed, get_ready, run_regions
from analysis.errors import LockedError, RegionsFailedError
from analysis.params import RunParams
from analysis.paths import notebooks_dir, project_dir, store_dir
from analysis.publish.clearance import beside_former_releases, clear, enter
from analysis.publish.printing import Printing, find_printing
from analysis.publish.regions import (
    DRAFT,
    REPORT_NOTEBOOK,
    SYNTHESIS,
    Collected,
    forget_changed,
    region_jobs,
    region_pages,
    take_up,
)
from analysis.publish.release import is_whole, point_latest, publish_folder, put_back, release_name, write_checksums
from analysis.publish.shelf import update_shelf
from analysis.publish.signing import sign
from analysis.publish.site import write_library, write_site
from analysis.results import StudyResults
from analysis.study import load_study, require_region, stored_study, study_key

SYNTHESIS_NOTEBOOK = "synthesis.ipynb"
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

    def and_then(self, also: Callable[[Outcome], None]) -> Progress:
        """Return the same, with something else to be done after each job."""

        def both(outcome: Outcome) -> None:
            self.done(outcome)
            also(outcome)

        return replace(self, done=both)


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
    results = beside_former_releases(directory, out.resolve(), load_study(directory, step, rows))
    for code in chosen:
        require_region(results, code)
    chosen = chosen or results.regions
    study = study_parameter(directory)
    printing = find_printing(wanted=pdf)
    made_of = f"{study_key(directory)}|{study}|{results.meta.get('withheld', '')}"
    name = release_name(results.meta["last_period"], made_of, chosen, printing.printed_by)
    return Plan(study, results, chosen, out.resolve() / name, printing)


def study_parameter(directory: Path) -> str:
    """Path of a study relative to the project: no page tells where a machine keeps its files."""
    try:
        return Path(os.path.relpath(directory.resolve(), project_dir())).as_posix()
    except ValueError:
        return directory.resolve().as_posix()


def run(planned: Plan, options: Options | None = None, progress: Progress | None = None) -> Released:
    """Carry out a plan; one that was stopped goes on where it was.

    Raises
    ------
    LockedError
        If another run works in the same folder.
    RegionsFailedError
        If regions failed; those that did not are published.
    DisclosureError
        If a page would identify a person; nothing is published then.
    UsageError
        If the release should be signed and cannot be.
    """
    out = planned.target.parent
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=0):
            put_back(planned.target)
            if is_whole(planned.target):
                _point_here(planned.target)
                return Released(planned.target, planned.regions, unchanged=True)
            return _release(planned, options or Options(), progress or Progress())
    except Timeout as error:
        raise LockedError("run.locked", folder=str(out)) from error


def _release(planned: Plan, options: Options, progress: Progress) -> Released:
    work, cache = work_folder(planned), cache_folder(planned)
    take_up(work)
    cache.mkdir(parents=True, exist_ok=True)
    try:
        # The lock is shared by all runs of a study, wherever they publish.
        with FileLock(cache / ".lock"), Collected(cache, work / DRAFT) as collected:
            outcomes = execute_all(planned, work, cache, options, progress.and_then(collected.take))
            progress.step("cli.step_publish")
            build_release(planned, outcomes, work, cache, options, collected)
        sign(work / DRAFT, planned.target.name)
        shown = [outcome.name for outcome in outcomes if outcome.path and outcome.name != SYNTHESIS]
        enter(study_dir(planned), planned.target, planned.results, shown)
        publish_folder(work / DRAFT, planned.target)
        _point_here(planned.target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _raise_if_failed(planned, outcomes)
    return Released(planned.target, planned.regions)


def work_folder(planned: Plan) -> Path:
    """Folder beside a release in which it is made; a run that was killed leaves it for the next one."""
    return planned.target.with_name(f".{planned.target.name}.work")


def cache_folder(planned: Plan) -> Path:
    """Folder of the study in which executed notebooks and the files of regions are kept from run to run."""
    return store_dir(study_dir(planned)) / "batch"


def study_dir(planned: Plan) -> Path:
    """Folder of the study of a plan."""
    return RunParams(planned.regions[0], planned.study).study_dir()


def _point_here(target: Path) -> None:
    """Make `target` the newest release, and let the older ones know."""
    point_latest(target)
    update_shelf(target)


def execute_all(planned: Plan, work: Path, cache: Path, options: Options, progress: Progress) -> list[Outcome]:
    """Run the report notebook of every region and the synthesis once; refuse if no region came through.

    Parameters
    ----------
    planned
        The run.
    work
        Folder of this run.
    cache
        Executed notebooks and files of regions of former runs, used again where nothing has changed.
    options, progress
        How it is carried out, and where it is told how far it is.

    Raises
    ------
    RegionsFailedError
        If every region failed, or the synthesis.
    """
    notebooks = notebooks_dir() / REPORT_NOTEBOOK, notebooks_dir() / SYNTHESIS_NOTEBOOK
    jobs = region_jobs(planned, stored_study(study_dir(planned)), *notebooks)
    progress.step("cli.step_regions")
    progress.jobs(len(jobs))
    get_ready(options)
    forget_changed(cache)
    outcomes = run_regions(jobs, cache, options, region_pages(planned, cache, work), progress.done)
    failed = [outcome for outcome in outcomes if outcome.error]
    came_through = [outcome for outcome in outcomes if outcome.path and outcome.name != SYNTHESIS]
    if not came_through or any(outcome.name == SYNTHESIS for outcome in failed):
        raise RegionsFailedError("run.all_failed", n=len(failed), error=f"{failed[0].name}: {failed[0].error}")
    return outcomes


def changed_regions(planned: Plan) -> list[str]:
    """Return the regions whose notebook has to be run, without running it."""
    if is_whole(planned.target):
        return []
    notebooks = notebooks_dir() / REPORT_NOTEBOOK, notebooks_dir() / SYNTHESIS_NOTEBOOK
    jobs = region_jobs(planned, stored_study(study_dir(planned)), *notebooks)
    return changed([job for job in jobs if job.of_region], cache_folder(planned))


def build_release(
    planned: Plan, outcomes: Sequence[Outcome], work: Path, cache: Path, options: Options, collected: Collected
) -> None:
    """Put the folders of the regions and all other files of a release together and pass it through the gate."""
    draft = work / DRAFT
    known = collected.all_of(outcomes)
    write_site(planned, outcomes, draft)
    clear(study_dir(planned), outcomes, draft, cache, options)
    write_library(draft)
    write_checksums(draft, known)


def _raise_if_failed(planned: Plan, outcomes: Sequence[Outcome]) -> None:
    failed = [outcome.name for outcome in outcomes if outcome.error]
    if failed:
        published = len(planned.regions) - len(failed)
        raise RegionsFailedError(
            "run.some_failed", n=len(failed), regions=failed, published=published, folder=str(planned.target)
        )
