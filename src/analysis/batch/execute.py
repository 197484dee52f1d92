"""One papermill run, in a process of its own, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from analysis.batch.environment import KERNEL_ENVIRONMENT
from analysis.batch.gate import refuse_incomplete
from analysis.batch.kernels import BatchEngine
from analysis.params import RunParams
from analysis.paths import SLICE_ENV, project_dir

CELL_TIMEOUT_SECONDS = 600
START_TIMEOUT_SECONDS = 120
PROFILE = "ipython"
"""Folder that kernels take for their user's: what somebody has IPython do at each start is no part of a report."""


def execute(notebook: str, params: RunParams, given_slice: Path, log: Path) -> str:
    """Run a notebook with `params` and return the executed copy as text, the same bytes in every run.

    Parameters
    ----------
    notebook
        Text of the parameterised notebook.
    params
        Validated parameters.
    given_slice
        File with the part of the study that the kernel is to read.
    log
        Where the error streams of kernels go.

    Raises
    ------
    papermill.PapermillExecutionError
        If a cell fails.
    NotebookRefusedError
        If the run was not complete.
    """
    book = prepared(notebook, params)
    with kernel_environment(given_slice, log.with_name(PROFILE).absolute()), stderr_to(log), chdir(project_dir()):
        executed = BatchEngine.execute_notebook(
            book,
            kernel_name=BatchEngine.nb_kernel_name(book),
            progress_bar=False,
            autosave_cell_every=0,
            startup_timeout=START_TIMEOUT_SECONDS,
            timeout=CELL_TIMEOUT_SECONDS,
            shutdown_kernel="immediate",
        )
    raise_for_execution_errors(executed, None)
    refuse_incomplete(executed, params)
    return as_text(without_traces(executed))


def prepared(notebook: str, params: RunParams) -> nbformat.NotebookNode:
    """Return a notebook with its parameters, as papermill runs it.

    Papermill's own command would write the executed notebook as text twice over, to no file: a quarter of the time
    that a region takes.
    """
    book = parameterize_notebook(deepcopy(without_outputs(notebook)), params.as_dict())
    made: nbformat.NotebookNode = prepare_notebook_metadata(book, None, None)
    return made


@cache
def without_outputs(notebook: str) -> nbformat.NotebookNode:
    """Return a notebook without what a former run has left, read once for all regions of a worker; to be copied."""
    book = nbformat.reads(notebook, as_version=4)  # type: ignore[no-untyped-call]
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    loaded: nbformat.NotebookNode = load_notebook_node(book)
    return loaded


def as_text(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as compact text: indented JSON is written by slow Python code, and nobody reads this."""
    return json.dumps(notebook, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook without papermill's times and paths, with cell ids by position."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    return notebook


@contextmanager
def kernel_environment(given_slice: Path, profile: Path) -> Iterator[None]:
    """Set what kernels inherit, for the time of one run."""
    changed = KERNEL_ENVIRONMENT | {SLICE_ENV: str(given_slice), "IPYTHONDIR": str(profile)}
    kept = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def stderr_to(path: Path) -> Iterator[None]:
    """Send what this process and the kernels that it starts write to the error stream into a file."""
    kept = os.dup(2)
    try:
        with path.open("ab") as log:
            os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
