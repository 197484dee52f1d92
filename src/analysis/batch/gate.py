"""Which executed notebooks may be published.

After a kernel dies, the saved notebook claims that every cell was completed, and a crash in the last cell passes a
check on execution counts. So a notebook counts as done only with a sentinel that carries its parameters' hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.params import SENTINEL_MIME, RunParams

if TYPE_CHECKING:
    from nbformat import NotebookNode


class NotebookRefusedError(Exception):
    """An executed notebook that did not run from top to bottom with its parameters."""


def refuse_incomplete(notebook: NotebookNode, params: RunParams) -> None:
    """Check that every code cell ran without error and that the last of them left the sentinel of `params`.

    Raises
    ------
    NotebookRefusedError
        With the reason.
    """
    cells = [(n, c) for n, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
    for number, cell in cells:
        if cell.execution_count is None:
            raise NotebookRefusedError(f"cell {number} was not executed")
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotebookRefusedError(f"cell {number}: {output.ename}: {output.evalue}")
        # A cell can hide the output of its error, but not what the kernel answered.
        if cell.metadata.get("papermill", {}).get("exception"):
            raise NotebookRefusedError(f"cell {number} ended with an error that it did not show")
    if not cells or params.sha256() not in _sentinels(cells[-1][1]):
        raise NotebookRefusedError("the notebook stopped before its last cell, or ran with other parameters")


def _sentinels(cell: NotebookNode) -> Iterator[str]:
    """Return the marks that a cell left; only the last cell's count, since a kernel can die after an early one."""
    for output in cell.get("outputs", ()):
        mark = output.get("data", {}).get(SENTINEL_MIME)
        if isinstance(mark, dict):
            yield str(mark.get("params_sha256"))
