"""What the documentation says is so: examples run, the site builds without the internet, the first steps work."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import analysis
from analysis.ingest.tables import load_tables
from analysis.ingest.templates import DATA_SHEET, template_name
from analysis.paths import project_dir
from analysis.synthetic import SampleDesign, simulate

PROJECT = project_dir()
DOCS = PROJECT / "docs"
MODULES = sorted(
    info.name for info in pkgutil.walk_packages(analysis.__path__, "analysis.") if not info.name.endswith("__main__")
)


def with_examples() -> list[str]:
    found = []
    for name in MODULES:
        path = Path(analysis.__file__).parents[1] / (name.replace(".", "/") + ".py")
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        if ">>> " in path.read_text(encoding="utf-8"):
            found.append(name)
    return found


@pytest.mark.parametrize("name", with_examples())
def test_examples_in_docstrings(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted > 0
    assert outcome.failed == 0


def blocks(page: str, kind: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_code_of_the_quick_start_runs() -> None:
    shared: dict[str, object] = {}
    for block in blocks("quick_start.md", "python"):
        exec(compile(block, "quick_start.md", "exec"), shared)
    assert not shared["results"].verdicts.empty  # type: ignore[attr-defined]
    assert shared["result"].ok  # type: ignore[attr-defined]
    assert "training_hours" in list(shared["result"].estimates["term"])  # type: ignore[attr-defined]


def test_verbs_in_the_documentation_exist() -> None:
    from analysis.cli import VERBS

    for page in DOCS.rglob("*.md"):
        named = re.findall(r"^pembinaan (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= set(VERBS), page.name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation site, built strictly: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_the_site_asks_nothing_of_the_internet(site: Path) -> None:
    loads = re.compile(
        r"<(?:script|img|iframe|source)[^>]*src=\"https?:|<link[^>]*href=\"https?:|url\(\s*['\"]?https?:"
    )
    texts = [p for p in site.rglob("*") if p.suffix in (".html", ".css")]
    assert len(texts) > 20
    offending = [p.name for p in texts if loads.search(p.read_text(encoding="utf-8"))]
    assert offending == []


def test_the_site_is_drawn_from_the_source(site: Path) -> None:
    picture = (site / "imports.html").read_text(encoding="utf-8")
    assert "estimators → spec" in picture
    assert "pembinaan check" in (site / "api" / "command_line.html").read_text(encoding="utf-8")
    assert "satisfaction_grade(76.61)" in re.sub(
        "<[^>]+>", "", (site / "api" / "measures.html").read_text(encoding="utf-8")
    )


def fill_templates(folder: Path) -> None:
    """Do what an analyst does in Excel: type one regency's records into the sheets `Data`."""
    tables = simulate(SampleDesign(n_regions=1, n_periods=6, regions=("15.09",), seed=11)).tables
    for name, table in load_tables().items():
        path = folder / template_name(table)
        book = openpyxl.load_workbook(path)
        sheet = book[DATA_SHEET]
        names = {column.label.id: column.name for column in table.columns}
        for number, row in enumerate(tables[name].to_dict("records"), start=2):
            for position, cell in enumerate(sheet[1], start=1):
                value = row.get(names[cell.value])
                if value is not None and not pd.isna(value):
                    written = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
                    sheet.cell(number, position, written)
        book.save(path)


@pytest.mark.slow
def test_first_steps_followed_literally(tmp_path: Path) -> None:
    for folder in ("notebooks", "data/catalog", "data/published"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    environment = os.environ | {"PEMBINAAN_HOME": str(tmp_path), "PEMBINAAN_LANG": "id"}
    program = f"{Path(sys.executable).parent / 'pembinaan'}"
    commands = [line for block in blocks("mulai_windows.md", "sh") for line in block.splitlines()]
    assert [c.split()[1] for c in commands] == ["sample", "run", "template", "check", "run"]
    for command in commands:
        words = [program, *command.split()[1:]]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if "template" in command:
            fill_templates(tmp_path / "studi-saya")
    page = tmp_path / "reports" / "latest" / "15.09" / "index.html"
    assert "Tebo" in page.read_text(encoding="utf-8")
