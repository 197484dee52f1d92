"""Run the committed notebooks anew, so that their outputs are those of the present code and sample study.

``python -m analysis.batch.refresh`` executes every notebook in place and writes the report of the other starting
regions beside them. Times and paths are left out: the same results give the same files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import papermill

from analysis.batch.environment import KERNEL_ENVIRONMENT
from analysis.batch.execute import CELL_TIMEOUT_SECONDS, without_traces
from analysis.batch.widgets import without_widgets
from analysis.params import RunParams
from analysis.paths import notebooks_dir, project_dir

STARTING_REGIONS = ("15.09", "96.71")
REGION_FOLDER = "regions"


def refresh_all() -> list[Path]:
    """Run all committed notebooks and return their paths."""
    os.environ.update(KERNEL_ENVIRONMENT)
    home = notebooks_dir()
    books = sorted(home.glob("*.ipynb")) + sorted((home / "explore").glob("*.ipynb"))
    for book in books:
        refresh(book, book, {})
    report = home / "policy_report.ipynb"
    regions = [home / REGION_FOLDER / f"policy_report_{code}.ipynb" for code in STARTING_REGIONS]
    for code, target in zip(STARTING_REGIONS, regions, strict=True):
        refresh(report, target, RunParams(code).as_dict())
    return [*books, *regions]


def refresh(source: Path, target: Path, parameters: dict[str, Any]) -> None:
    """Execute `source` with `parameters` and write it to `target` without what differs from run to run."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / target.name
        papermill.execute_notebook(
            source,
            draft,
            parameters=parameters,
            cwd=project_dir(),
            progress_bar=False,
            execution_timeout=CELL_TIMEOUT_SECONDS,
        )
        notebook = nbformat.read(draft, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.write(without_widgets(without_traces(notebook)), draft)  # type: ignore[no-untyped-call]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(draft, target)


if __name__ == "__main__":
    for path in refresh_all():
        print(path.relative_to(project_dir()))
