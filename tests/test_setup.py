"""What a new machine needs is in the project's own files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

from analysis.paths import project_dir

PROJECT = project_dir()
LOCK = PROJECT / "requirements" / "lock.txt"
GPL = {"pingouin", "rdrobust", "differences", "marginaleffects"}


def locked() -> dict[str, str]:
    """Lines of the lock by package: version and hashes."""
    text = LOCK.read_text(encoding="utf-8").replace("\\\n", " ")
    return {line.split("==")[0].lower(): line for line in text.splitlines() if "==" in line}


def canonical(requirement: str) -> str:
    return re.split(r"[<>=!\[; ]", requirement)[0].lower().replace("_", "-")


def test_every_locked_package_has_hashes_and_no_address() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert len(locked()) > 100
    assert [name for name, line in locked().items() if "--hash=sha256:" not in line] == []
    assert "://" not in text
    assert "--index-url" not in text
    assert "--extra-index-url" not in text


def test_the_page_checkers_are_locked_by_hash_and_name_no_registry() -> None:
    lock = json.loads((PROJECT / "tests" / "browser" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    moving = {"latest", "next", "*"}
    declared = json.loads((PROJECT / "tests" / "browser" / "package.json").read_text(encoding="utf-8"))
    assert not moving & {*declared["dependencies"].values(), *declared["overrides"].values()}


def test_the_lock_has_one_version_of_every_declared_package() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonical(item) for item in project["dependencies"] + project["optional-dependencies"]["dev"]}
    assert declared - locked().keys() == set()
    assert not GPL & locked().keys()


def test_what_the_users_fixed_is_there() -> None:
    fixed = {"jupyterlab", "pandas", "statsmodels", "scikit-learn", "plotly", "papermill", "nbval"}
    assert fixed <= locked().keys()
    for name in ("notebooks", "src/analysis", "data", "reports", "tests", "environment.yml", "README.md"):
        assert (PROJECT / name).exists()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.index("make browser") < script.index("make test")
    assert "make test" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_make_alone_lists_the_verbs() -> None:
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for verb in ("setup", "reports", "browser", "test", "lint", "lab", "clean"):
        assert f"make {verb} " in listed


@pytest.mark.slow
def test_the_pip_section_of_the_conda_environment_installs_into_an_empty_one(tmp_path: Path) -> None:
    recipe = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    (section,) = [item["pip"] for item in recipe["dependencies"] if isinstance(item, dict)]
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    listed = PROJECT / f"condaenv.{os.getpid()}.requirements.txt"  # conda writes this file beside the recipe, too
    listed.write_text("\n".join(section) + "\n", encoding="utf-8")
    try:
        install = [str(python), "-m", "pip", "install", "-q", "-U", "--no-compile", "-r", str(listed)]
        subprocess.run(install, cwd=PROJECT, check=True, timeout=540)
    finally:
        listed.unlink()
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    fixed = "import jupyterlab, pandas, statsmodels, sklearn, plotly, papermill, nbval"
    subprocess.run([str(python), "-c", fixed], env=environment, check=True)
    command = [str(python), "-m", "analysis", "list", "claims"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "training_raises_quality" in done.stdout
