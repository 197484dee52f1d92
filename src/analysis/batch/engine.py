"""The workflow engine: pytask decides by content hashes what has to be done, and pytask-parallel has it done.

What pytask knows is kept in the work folder, written after every task, so that a killed run goes on where it was. If it
cannot be read, as after a power cut, all tasks are done again.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["done", "unchanged", "failed", "waiting"]
MakeExecutor = Callable[[int], Executor]
Watched = Callable[[Executor], Executor]
_SETTINGS = "[tool.pytask.ini_options]\n"
QUEUE = 4
"""Tasks handed out for each worker: while pytask takes note of one that has ended, no worker should wait."""


@dataclass(frozen=True)
class Task:
    """One step for one region.

    Parameters
    ----------
    name
        Unique, for example ``"82/notebook"``.
    function
        Called in a worker with `argument`, the paths in `sources` and `target`, which it has to write.
    argument
        What the function needs; not looked at when deciding whether the task is up to date.
    hashes
        What the target depends on, by name, as hashes.
    sources
        Files that it depends on, by name.
    target
        File that it makes.
    """

    name: str
    function: Callable[..., None]
    argument: Any
    hashes: Mapping[str, str]
    sources: Mapping[str, Path]
    target: Path


@dataclass(frozen=True)
class Result:
    """What became of a task: its state, and the error that stopped it."""

    state: State
    error: BaseException | None = field(default=None, compare=False)


def pending(tasks: Sequence[Task], folder: Path) -> set[str]:
    """Return the names of the tasks that have to be done, without doing them."""
    try:
        session = _build(tasks, folder, dry_run=True)
    except UnreadableError:
        return {task.name for task in tasks}
    return {report.task.name for report in session.execution_reports if report.outcome.name != "SKIP_UNCHANGED"}


def build(
    tasks: Sequence[Task], folder: Path, workers: int, make_executor: MakeExecutor, watched: Watched
) -> dict[str, Result]:
    """Do the tasks that have to be done; a failing one leaves all others alone but those that need its target.

    Parameters
    ----------
    tasks
        In the order in which they should start.
    folder
        Work folder with pytask's lock.
    workers
        Number of tasks that run at the same time.
    make_executor
        Called with that number.
    watched
        Puts a watch over the executor.

    Returns
    -------
    dict
        Result by name of the task.
    """
    from pytask_parallel import ParallelBackend, WorkerType, registry

    bell = threading.Event()
    registry.register_parallel_backend(
        ParallelBackend.CUSTOM,
        lambda n_workers: _Ringing(watched(make_executor(workers)), bell),
        worker_type=WorkerType.PROCESSES,
    )
    settings: dict[str, Any] = {"n_workers": QUEUE * workers, "parallel_backend": ParallelBackend.CUSTOM}
    with _woken_by(bell):
        try:
            session = _build(tasks, folder, **settings)
        except UnreadableError:
            forget(folder)
            session = _build(tasks, folder, **settings)
    return {report.task.name: _result(report) for report in session.execution_reports}


class _Ringing(Executor):
    """An executor that rings a bell whenever a task has ended."""

    def __init__(self, inner: Executor, bell: threading.Event) -> None:
        self._inner, self._bell = inner, bell

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self._inner.submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _: self._bell.set())
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def _woken_by(bell: threading.Event) -> Iterator[None]:
    """Have pytask-parallel look for finished tasks when the bell rings: it sleeps for up to a second in between."""
    from pytask_parallel import execute

    woken = False

    def sleep(sleeper: Any) -> None:
        nonlocal woken
        # It sleeps after it has taken note of a task as well, though others may be ready now, or none be left.
        if woken:
            woken = False
        else:
            woken = bell.wait(sleeper.timings[sleeper.timing_idx])
            bell.clear()

    sleepers: Any = execute._Sleeper
    kept, sleepers.sleep = sleepers.sleep, sleep
    try:
        yield
    finally:
        sleepers.sleep = kept


def _hurry() -> None:
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "connect", _quick):
        event.listen(Engine, "connect", _quick)


def _quick(connection: Any, _record: Any) -> None:
    """Have the database of a run written without waiting for the disk: after a power cut tasks are done again."""
    connection.execute("PRAGMA synchronous=OFF")


class UnreadableError(Exception):
    """What pytask knows of a work folder cannot be read."""


def _build(tasks: Sequence[Task], folder: Path, **settings: Any) -> Any:
    import pytask

    _hurry()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "pyproject.toml"
    if not config.exists():
        config.write_text(_SETTINGS, encoding="utf-8")
    # The settings as the only path: pytask would look through every file of a folder for tasks.
    with _silent(pytask.console):
        session = pytask.build(
            tasks=list(_nodes(tasks)),
            config=config,
            paths=[config],
            editor_url_scheme="no_link",
            verbose=0,
            capture="no",
            **settings,
        )
    if session.exit_code == pytask.ExitCode.CONFIGURATION_FAILED:
        raise UnreadableError(folder)
    if len(session.execution_reports) != len(tasks):
        raise RuntimeError(f"the workflow engine stopped with {session.exit_code!r}")
    return session


def forget(folder: Path) -> None:
    """Remove what pytask knows of a work folder."""
    shutil.rmtree(folder / ".pytask", ignore_errors=True)
    for name in ("pytask.lock", "pytask.lock.journal"):
        (folder / name).unlink(missing_ok=True)


def _nodes(tasks: Iterable[Task]) -> Iterator[Any]:
    """Return tasks as pytask knows them."""
    from pytask import PathNode

    from analysis.batch.steps import Step

    for task in tasks:
        # One value for all hashes: pytask keeps each in its database with a transaction of its own.
        known = {"hashes": _value(task, "hashes", json.dumps(task.hashes, sort_keys=True))}
        known |= {name: PathNode.from_path(path) for name, path in task.sources.items()}
        yield Step(
            name=task.name,
            function=task.function,
            argument=task.argument,
            depends_on=known,
            produces={"target": PathNode.from_path(task.target)},
        )


def _value(task: Task, name: str, value: str) -> Any:
    """Return a value as a node of its own: without `node_info` pytask takes all values for one and the same."""
    from pytask import NodeInfo, PythonNode

    place = NodeInfo(arg_name=name, path=(), task_path=None, task_name=task.name, value=value)
    return PythonNode(name=f"{task.name}::{name}", value=value, node_info=place, hash=True)


def _result(report: Any) -> Result:
    name = report.outcome.name
    if name == "SUCCESS":
        return Result("done")
    if name == "SKIP_UNCHANGED":
        return Result("unchanged")
    if name == "SKIP_PREVIOUS_FAILED":
        return Result("waiting")
    return Result("failed", report.exc_info[1] if report.exc_info else None)


@contextmanager
def _silent(console: Any) -> Iterator[None]:
    """Keep the engine's own words from the screen: what happens is told in the reader's language."""
    kept, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = kept
