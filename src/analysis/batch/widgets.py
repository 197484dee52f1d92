"""Widgets in an executed notebook: what lives only while a kernel runs, and what stays."""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def without_widgets(notebook: Any) -> Any:
    """Return a notebook (nbformat 4) without the random identifiers of its widgets.

    What a widget says in words (its HTML and its plain text) stays, so that the notebook reads well without a kernel
    and its committed output can be compared. An output that was nothing but a widget goes.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(_described, cell.outputs) if output is not None]
    return notebook


def _described(output: Any) -> Any | None:
    if WIDGET_VIEW not in output.get("data", {}):
        return output
    del output["data"][WIDGET_VIEW]
    return output if "text/html" in output["data"] else None
