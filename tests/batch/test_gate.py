"""Only notebooks that ran to the end with their parameters are published."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.batch import NotebookRefusedError, refuse_incomplete
from analysis.params import SENTINEL_MIME, RunParams

PARAMS = RunParams(region="82")


def executed(params: RunParams = PARAMS) -> nbformat.NotebookNode:
    """A notebook as papermill leaves it after a complete run."""
    work = new_code_cell("1 + 1", execution_count=1)
    mark = new_output("execute_result", {SENTINEL_MIME: {"params_sha256": params.sha256()}}, execution_count=2)
    return new_notebook(cells=[work, new_code_cell("params.done()", execution_count=2, outputs=[mark])])


def test_a_complete_run_passes() -> None:
    refuse_incomplete(executed(), PARAMS)


def test_a_cell_that_was_not_executed_is_refused() -> None:
    book = executed()
    book.cells[0].execution_count = None
    with pytest.raises(NotebookRefusedError, match="cell 0 was not executed"):
        refuse_incomplete(book, PARAMS)


def test_an_error_is_refused_even_behind_the_sentinel() -> None:
    book = executed()
    book.cells[0].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]
    with pytest.raises(NotebookRefusedError, match="ValueError: no"):
        refuse_incomplete(book, PARAMS)


def test_a_kernel_that_died_in_the_last_cell_is_refused() -> None:
    book = executed()
    book.cells[1].outputs = []
    with pytest.raises(NotebookRefusedError, match="stopped before its last cell"):
        refuse_incomplete(book, PARAMS)


def test_a_run_with_other_parameters_is_refused() -> None:
    with pytest.raises(NotebookRefusedError, match="other parameters"):
        refuse_incomplete(executed(RunParams(region="15.09")), PARAMS)
