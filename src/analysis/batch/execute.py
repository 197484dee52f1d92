"""One papermill run, in a process of its own, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import papermill

from analysis.batch.gate import refuse_incomplete
from analysis.params import RunParams
from analysis.paths import project_dir

CELL_TIMEOUT_SECONDS = 600
START_TIMEOUT_SECONDS = 120

# Set before a kernel starts: threads change sums, the hash seed changes set order, plotly picks its renderer and
# IPython names its cells from these.
KERNEL_ENVIRONMENT = {
    "IPYKERNEL_CELL_NAME": "<cell>",
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "RAYON_NUM_THREADS": "1",
    "TZ": "UTC",
}


def execute(notebook: Path, target: Path, params: RunParams) -> Path:
    """Run a notebook with `params` and return the executed copy.

    Parameters
    ----------
    notebook
        The parameterised notebook.
    target
        Where the executed copy goes; it is there only if the run was complete.
    params
        Validated parameters.

    Raises
    ------
    papermill.PapermillExecutionError
        If a cell fails.
    NotebookRefusedError
        If the run was not complete.
    """
    os.environ.update(KERNEL_ENVIRONMENT)
    draft = target.with_name(f".part-{target.name}")
    with stderr_to(target.with_suffix(".log")):
        papermill.execute_notebook(
            notebook,
            draft,
            parameters=params.as_dict(),
            cwd=project_dir(),
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            start_timeout=START_TIMEOUT_SECONDS,
            execution_timeout=CELL_TIMEOUT_SECONDS,
        )
    refuse_incomplete(nbformat.read(draft, as_version=4), params)  # type: ignore[no-untyped-call]
    draft.replace(target)
    return target


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
