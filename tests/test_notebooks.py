"""Committed notebooks: outputs kept, traces of the run left out, cells thin."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from analysis.paths import notebooks_dir, project_dir

NOTEBOOKS = sorted(p for p in notebooks_dir().rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
MOST_STATEMENTS = 8
IDS = [p.relative_to(notebooks_dir()).as_posix() for p in NOTEBOOKS]


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and c.source.strip()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_cells_ran_once_from_top_to_bottom(path: Path) -> None:
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))
    assert not [o for c in code_cells(path) for o in c.outputs if o.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_cells_are_thin(path: Path) -> None:
    for cell in code_cells(path):
        tree = ast.parse(cell.source)
        steps = [n for n in tree.body if not isinstance(n, (ast.Import, ast.ImportFrom))]
        assert len(steps) <= MOST_STATEMENTS, cell.source
        defined = [n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While, ast.ClassDef))]
        assert not defined, cell.source


def hook() -> list[str]:
    text = (project_dir() / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = {h["id"]: h["entry"] for repo in yaml.safe_load(text)["repos"] for h in repo["hooks"]}
    program, *options = shlex.split(entries["clean-notebooks"])
    return [str(Path(sys.executable).parent / Path(program).name), *options]


def test_the_hook_finds_nothing_to_strip(tmp_path: Path) -> None:
    for number, path in enumerate(NOTEBOOKS):
        shutil.copyfile(path, tmp_path / f"{number}.ipynb")
    copies = sorted(str(p) for p in tmp_path.iterdir())
    done = subprocess.run([*hook(), "--verify", *copies], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_strips_traces(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    notebook.metadata["papermill"] = {"start_time": "2024-01-01"}
    target = tmp_path / "traced.ipynb"
    nbformat.write(notebook, target)
    subprocess.run([*hook(), str(target)], check=True, capture_output=True)
    stripped = nbformat.read(target, as_version=4)
    assert "papermill" not in stripped.metadata
    assert [c.outputs for c in stripped.cells if c.cell_type == "code"] == [
        c.outputs for c in notebook.cells if c.cell_type == "code"
    ]
