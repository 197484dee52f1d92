"""All regions, side by side: only what has changed is done, and one that fails leaves the others alone."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.batch.cluster import Cluster
from analysis.batch.engine import MakeExecutor, Result, Task, build, pending
from analysis.batch.environment import environment_sha256, region_code_sha256
from analysis.batch.events import Emit, no_events
from analysis.batch.tasks import CellFailedError, Job, Pages, make_pages, run_notebook
from analysis.batch.workers import TASK_TIMEOUT_SECONDS, Workers

Done = Callable[["Outcome"], None]
NOTEBOOK, PAGES = "notebook", "pages"


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook run: `path` of the executed copy, or the `error` that stopped it."""

    name: str
    path: Path | None
    error: str | None = None


@dataclass(frozen=True)
class Options:
    """How a batch is carried out.

    Parameters
    ----------
    workers
        Number of processes; the number of processors by default.
    cold
        Whether kernels are started the ordinary way instead of being forked.
    retries
        How often a task that failed for reasons outside its notebook (a worker that died, a time limit) is repeated.
    timeout
        Seconds after which a task is given up and its processes are killed.
    scheduler
        Address of a dask scheduler whose workers do the tasks of regions.
    share
        Folder or address that the driver and those workers can read and write.
    emit
        Takes the events, see `analysis.batch.events.EventLog`.
    """

    workers: int | None = None
    cold: bool = False
    retries: int = 1
    timeout: float = TASK_TIMEOUT_SECONDS
    scheduler: str | None = None
    share: str | None = None
    emit: Emit = field(default=no_events, compare=False)

    @property
    def number(self) -> int:
        """Number of workers."""
        return self.workers or os.cpu_count() or 1


def run_regions(
    jobs: Iterable[Job],
    folder: Path,
    options: Options | None = None,
    pages: Pages | None = None,
    done: Done | None = None,
) -> list[Outcome]:
    """Run notebooks in parallel processes and make the files of their regions.

    Parameters
    ----------
    jobs
        Notebooks to run; those with a slice get files if `pages` are given.
    folder
        Work folder: executed notebooks as ``<name>.ipynb``, kept for the next run, and the engine's lock.
    options
        Workers, kernels, retries, events.
    pages
        How the files of regions are made.
    done
        Called after each job, for a progress bar.

    Returns
    -------
    list of Outcome
        Sorted by name.
    """
    chosen = options or Options()
    listed = sorted(jobs, key=lambda job: job.name)
    tasks = [task for job in listed for task in _tasks(job, folder, pages)]
    watch = _Watch(listed, tasks, folder, chosen.emit, done)
    todo = pending(tasks, folder)
    watch.unchanged([task.name for task in tasks if task.name not in todo])
    results = _with_retries([task for task in tasks if task.name in todo], folder, chosen, watch)
    return watch.outcomes(results)


def get_ready(options: Options) -> None:
    """Have what workers and kernels need imported meanwhile, if they are to be forked here."""
    from analysis.batch.warm import can_fork, start_forkserver

    if can_fork() and not (options.cold or options.scheduler):
        start_forkserver()


def changed(jobs: Iterable[Job], folder: Path) -> list[str]:
    """Return the names of the jobs whose notebook would be run, sorted."""
    tasks = [_notebook_task(job, folder) for job in jobs]
    return sorted(name.partition("/")[0] for name in pending(tasks, folder))


def _tasks(job: Job, folder: Path, pages: Pages | None) -> list[Task]:
    first = _notebook_task(job, folder)
    if pages is None or not job.of_region:
        return [first]
    hashes = {"slice": job.depends_on, "release": pages.depends_on, "code": region_code_sha256()}
    receipt = pages.folder.parent / "receipts" / f"{job.name}.json"
    executed = {"executed": first.target}
    return [first, Task(f"{job.name}/{PAGES}", make_pages, (job, pages), hashes, executed, receipt)]


def _notebook_task(job: Job, folder: Path) -> Task:
    hashes = {
        "slice": job.depends_on,
        "parameters": job.params.sha256(),
        "notebook": hashlib.sha256(job.notebook.read_bytes()).hexdigest(),
        "code": region_code_sha256(),
        "environment": environment_sha256(),
    }
    return Task(f"{job.name}/{NOTEBOOK}", run_notebook, job, hashes, {}, folder / f"{job.name}.ipynb")


def _with_retries(tasks: Sequence[Task], folder: Path, options: Options, watch: _Watch) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for attempt in range(options.retries + 1):
        left = [task for task in tasks if _again(results.get(task.name), results)]
        if not left:
            break
        if attempt:
            options.emit("retry", regions=sorted({task.name.partition("/")[0] for task in left}))
        results |= build(left, folder, options.number, _executor(options), watch.over)
    return results


def _executor(options: Options) -> MakeExecutor:
    """Return what tasks are handed to: processes of this machine, or the workers of a scheduler."""

    def local(number: int) -> Executor:
        return Workers(number, warm=not options.cold, timeout=options.timeout)

    def cluster(number: int) -> Executor:
        return Cluster(str(options.scheduler), str(options.share), number, warm=not options.cold)

    return cluster if options.scheduler else local


def _again(result: Result | None, results: dict[str, Result]) -> bool:
    """Whether a task is still to be done: it failed for a reason outside its notebook, or waits for one that did."""
    if result is None:
        return True
    if result.state == "waiting":
        return any(r.state == "failed" and not isinstance(r.error, CellFailedError) for r in results.values())
    return result.state == "failed" and not isinstance(result.error, CellFailedError)


class _Watch:
    """Tells progress bar and event log what happens, task by task."""

    def __init__(self, jobs: Sequence[Job], tasks: Sequence[Task], folder: Path, emit: Emit, done: Done | None) -> None:
        self._folder, self._emit, self._done = folder, emit, done or (lambda outcome: None)
        self._left = {job.name: {task.name for task in tasks if task.name.startswith(f"{job.name}/")} for job in jobs}

    def unchanged(self, names: Iterable[str]) -> None:
        """Note tasks that need not be done."""
        for name in names:
            self._tell("task_unchanged", name)
            self._finish(name)

    def over(self, executor: Executor) -> Executor:
        """Return the executor, watched."""
        return _Watched(executor, self)

    def submitted(self, name: str, future: Future[Any]) -> None:
        """Note that a task was handed out, and follow it."""
        begun = time.perf_counter()
        self._tell("task_started", name)
        future.add_done_callback(lambda ended: self._ended(name, ended, time.perf_counter() - begun))

    def outcomes(self, results: dict[str, Result]) -> list[Outcome]:
        """Return what became of every job, and tell those that were not told yet."""
        errors: dict[str, str] = {}
        for name, result in results.items():
            if result.state == "failed":
                errors.setdefault(name.partition("/")[0], _text(result.error))
        made = [self._outcome(job, errors.get(job)) for job in self._left]
        for outcome in made:
            if self._left[outcome.name]:
                self._left[outcome.name].clear()
                self._done(outcome)
        return sorted(made, key=lambda outcome: outcome.name)

    def _outcome(self, name: str, error: str | None) -> Outcome:
        return Outcome(name, None if error else self._folder / f"{name}.ipynb", error)

    def _ended(self, name: str, future: Future[Any], seconds: float) -> None:
        error = _error_of(future)
        values: dict[str, Any] = {"seconds": round(seconds, 3)} | ({"error": _text(error)} if error else {})
        self._tell("task_failed" if error else "task_done", name, **values)
        if error is None:
            self._finish(name)

    def _finish(self, name: str) -> None:
        job = name.partition("/")[0]
        self._left[job].discard(name)
        if not self._left[job]:
            self._done(self._outcome(job, None))

    def _tell(self, event: str, name: str, **values: Any) -> None:
        region, _, stage = name.partition("/")
        self._emit(event, region=region, stage=stage, **values)


class _Watched(Executor):
    """An executor that tells the watch of every task that it is given."""

    def __init__(self, inner: Executor, watch: _Watch) -> None:
        self._inner, self._watch = inner, watch

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self._inner.submit(fn, *args, **kwargs)
        self._watch.submitted(kwargs["task"].name, future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait, cancel_futures=cancel_futures)


def _error_of(future: Future[Any]) -> BaseException | None:
    if future.cancelled():
        return None
    error = future.exception()
    if error is not None:
        return error
    caught = future.result().exc_info
    return caught[1] if caught else None


def _text(error: BaseException | None) -> str:
    """Name and message of an error, without a traceback."""
    if isinstance(error, CellFailedError):
        return str(error)
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}"
