"""All regions, side by side; one that fails leaves the others alone."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from analysis.batch.execute import execute
from analysis.params import RunParams

Done = Callable[["Outcome"], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook run: `path` of the executed copy, or the `error` that stopped it."""

    name: str
    path: Path | None
    error: str | None = None


def run_regions(
    jobs: Iterable[tuple[str, Path, RunParams]],
    folder: Path,
    workers: int | None = None,
    done: Done | None = None,
) -> list[Outcome]:
    """Execute notebooks in parallel processes.

    Parameters
    ----------
    jobs
        Name of the job (a region code, or the name of a notebook that is run once), notebook, parameters.
    folder
        Where the executed notebooks go, as ``<name>.ipynb``.
    workers
        Number of processes; the number of processors by default.
    done
        Called after each job, for a progress bar.

    Returns
    -------
    list of Outcome
        Sorted by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=context) as pool:
        futures = {pool.submit(execute, book, folder / f"{name}.ipynb", params): name for name, book, params in jobs}
        outcomes = []
        for future in as_completed(futures):
            outcomes.append(_outcome(futures[future], future))
            if done:
                done(outcomes[-1])
    return sorted(outcomes, key=lambda outcome: outcome.name)


def _outcome(name: str, future: Future[Path]) -> Outcome:
    error = future.exception()
    if error is None:
        return Outcome(name, future.result())
    return Outcome(name, None, _last_line(error))


def _last_line(error: BaseException) -> str:
    """Name and message of an error, without a traceback."""
    name, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    lines = [line for line in str(value).splitlines() if line.strip()]
    return f"{name}: {lines[-1] if lines else ''}"
