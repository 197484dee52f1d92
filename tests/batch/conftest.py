"""Notebooks for tests of the batch: real ones that do next to nothing, so that only the batch is tested."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.batch import Job, Pages
from analysis.params import RunParams

CODES = ("15.09", "82", "96.71")
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write_book(folder: Path, *cells: str, name: str = "report.ipynb") -> Path:
    """A notebook with parameters, `cells`, and the sentinel at its end."""
    first = new_code_cell('region = "82"\nstudy = "data/sample"', metadata={"tags": ["parameters"]})
    checked = new_code_cell("from analysis.params import RunParams\nparams = RunParams.from_namespace(globals())")
    rest = [new_code_cell(source) for source in (*cells, "params.done()")]
    book = new_notebook(cells=[first, checked, *rest], metadata=KERNEL)
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


def write_jobs(folder: Path, book: Path, contents: dict[str, bytes]) -> list[Job]:
    """One job for each code, whose slice holds the given bytes."""
    jobs = []
    for code, content in contents.items():
        given = folder / f"{code}.arrow"
        given.write_bytes(content)
        jobs.append(Job(code, book, RunParams(code), given, hashlib.sha256(content).hexdigest()))
    return jobs


def render(plan: Path, code: str, executed: Path, given: bytes, folder: Path) -> None:
    """The files of a region: a page with its slice, its notebook's length and what the plan says."""
    (folder / code).mkdir(parents=True, exist_ok=True)
    said = plan.read_text(encoding="utf-8")
    (folder / code / "index.html").write_text(f"{code} {given!r} {len(executed.read_bytes())} {said}", encoding="utf-8")


cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a conftest

SAID = "print('slice', open(__import__('os').environ['PEMBINAAN_SLICE'], 'rb').read())"


@pytest.fixture
def book() -> Callable[..., Path]:
    """Writer of notebooks."""
    return write_book


@pytest.fixture
def jobs(tmp_path: Path) -> Callable[..., list[Job]]:
    """Writer of the jobs of three regions with a notebook of the given cells; by default one that prints its slice."""

    def make(*cells: str, contents: dict[str, bytes] | None = None) -> list[Job]:
        made = write_book(tmp_path, *(cells or (SAID,)))
        return write_jobs(tmp_path, made, contents or {code: code.encode() for code in CODES})

    return make


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """How the files of regions are made."""
    plan = tmp_path / "plan"
    plan.write_text("planned", encoding="utf-8")
    return Pages(render, plan, "release", tmp_path / "work" / "regions")
