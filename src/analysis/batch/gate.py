"""Which executed notebooks may be published.

After a kernel dies, the saved notebook claims that every cell was completed, and a crash in the last cell passes a
check on execution counts. So a notebook counts as done only with a sentinel that carries its parameters' hash.
"""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from analysis.params import SENTINEL_MIME, RunParams


class NotebookRefusedError(Exception):
    """An executed notebook that did not run from top to bottom with its parameters."""


def refuse_incomplete(notebook: NotebookNode, params: RunParams) -> None:
    """Check that every code cell ran without error and that the last output is the sentinel of `params`.

    Raises
    ------
    NotebookRefusedError
        With the reason.
    """
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None:
            raise NotebookRefusedError(f"cell {number} was not executed")
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotebookRefusedError(f"cell {number}: {output.ename}: {output.evalue}")
    if params.sha256() not in _sentinels(notebook):
        raise NotebookRefusedError("the notebook stopped before its last cell, or ran with other parameters")


def _sentinels(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            mark = output.get("data", {}).get(SENTINEL_MIME)
            if mark:
                yield mark["params_sha256"]
