"""What a worker does for a region: run its notebook, then make its files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.params import RunParams
from analysis.paths import files_below

Render = Callable[[Path, str, Path, bytes, Path], None]
"""Makes the files of a region: called with the plan, its name, the executed notebook, its slice, the folder to fill."""


class CellFailedError(Exception):
    """A cell of a notebook raised an error; it would do so again."""


class SliceDamagedError(Exception):
    """A region's slice is not the one that was stored."""


@dataclass(frozen=True)
class Job:
    """A notebook to be run for a region, or once for all of them.

    Parameters
    ----------
    name
        Code of the region, or name of the notebook.
    notebook
        File of the notebook.
    params
        Its parameters.
    slice
        File with the part of the study that the notebook reads.
    depends_on
        Hash of the slice.
    of_region
        Whether files of a region are made from it.
    """

    name: str
    notebook: Path
    params: RunParams
    slice: Path
    depends_on: str
    of_region: bool = True


@dataclass(frozen=True)
class Pages:
    """How the files of regions are made.

    Parameters
    ----------
    render
        Function of a module, called in the worker.
    plan
        File with what it has to know of the whole release.
    depends_on
        Hash of what the files depend on beside notebook and slice: release, run, texts, templates.
    folder
        Where each region gets its folder.
    """

    render: Render
    plan: Path
    depends_on: str
    folder: Path


def run_notebook(argument: Job, target: Path, **_: Any) -> None:
    """Run the notebook of `argument` and write the executed copy to `target`, whole or not at all."""
    from papermill import PapermillExecutionError

    from analysis.batch.execute import execute
    from analysis.batch.warm import LOG_ENV

    _read_slice(argument)
    log = target.with_suffix(".log")
    os.environ[LOG_ENV] = str(log)
    try:
        text = execute(argument.notebook.read_text(encoding="utf-8"), argument.params, argument.slice, log)
    except PapermillExecutionError as error:
        raise CellFailedError(f"{error.ename}: {_last_line(error.evalue)}") from None
    write_whole(target, text.encode())


def make_pages(argument: tuple[Job, Pages], executed: Path, target: Path, **_: Any) -> None:
    """Make the files of a region from its executed notebook, then write the receipt with their hashes to `target`."""
    job, pages = argument
    pages.render(pages.plan, job.name, executed, _read_slice(job), pages.folder)
    write_whole(target, json.dumps(receipt(pages.folder / job.name), indent=1).encode())


def _read_slice(job: Job) -> bytes:
    """Return a slice, refused if it is not what it was when it was stored: Arrow checks no values."""
    given = job.slice.read_bytes()
    if hashlib.sha256(given).hexdigest() != job.depends_on:
        raise SliceDamagedError(f"{job.slice.name} is damaged: remove .pembinaan in the study's folder and run again")
    return given


def receipt(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder, by relative name, sorted."""
    return {name: hashlib.sha256(Path(folder, name).read_bytes()).hexdigest() for name in files_below(folder)}


def write_whole(target: Path, content: bytes) -> None:
    """Write a file that appears with all of its content or not at all, even if the machine stops."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        with draft.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _last_line(text: str) -> str:
    lines = [line for line in str(text).splitlines() if line.strip()]
    return lines[-1] if lines else ""
