"""What `pembinaan doctor` finds, each planted in turn."""

from __future__ import annotations

import sys
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from analysis import doctor
from analysis.cli import run_command
from analysis.messages import LANGUAGES


def names(found: object) -> list[str]:
    return [ailment.name for ailment in found]  # type: ignore[attr-defined]


def test_uncompiled_packages_are_found_with_the_command_that_compiles_them(tmp_path: Path) -> None:
    for number in range(10):
        source = tmp_path / "numpy" / f"module_{number}.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text("", encoding="utf-8")
        if number:
            compiled = Path(cache_from_source(str(source)))
            compiled.parent.mkdir(exist_ok=True)
            compiled.touch()
    assert names(doctor.bytecode(tmp_path)) == []
    next((tmp_path / "numpy" / "__pycache__").iterdir()).unlink()
    found = next(doctor.bytecode(tmp_path))
    assert found.what.values == {"n": 2, "total": 10}
    assert "compileall" in found.remedy.en


def test_a_package_in_another_version_than_the_lock_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"numpy=={version('numpy')} \\\n    --hash=sha256:00\nnot-here==1.0\n", encoding="utf-8")
    assert names(doctor.locked_versions(lock)) == []
    lock.write_text("numpy==0.1 \\\n    --hash=sha256:00\n", encoding="utf-8")
    found = next(doctor.locked_versions(lock))
    assert found.what.values["names"] == [f"numpy {version('numpy')} (0.1)"]
    assert str(lock) in found.remedy.id


@pytest.mark.parametrize(
    ("check", "environment", "expected"),
    [
        (doctor.threads, {}, []),
        (doctor.threads, {"OMP_NUM_THREADS": "1"}, []),
        (doctor.threads, {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "2"}, ["threads", "threads"]),
        (doctor.renderer, {"PLOTLY_RENDERER": "plotly_mimetype+notebook"}, []),
        (doctor.renderer, {"PLOTLY_RENDERER": "browser"}, ["renderer"]),
        (doctor.browser, {"PEMBINAAN_CHROMIUM": "/nowhere/chromium"}, ["browser"]),
        (doctor.browser, {"PEMBINAAN_CHROMIUM": sys.executable}, []),
    ],
)
def test_variables_are_looked_at(check: object, environment: dict[str, str], expected: list[str]) -> None:
    assert names(check(environment)) == expected  # type: ignore[operator]


def test_disk_python_notebooks_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(doctor.free_disk(tmp_path, needed=0.0)) == []
    assert names(doctor.free_disk(tmp_path / "not" / "yet", needed=1e9)) == ["disk"]
    assert names(doctor.python_version((3, 12))) == []
    assert names(doctor.python_version((3, 10))) == ["python"]
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    assert names(doctor.writable(tmp_path)) == ["writable"]
    monkeypatch.setenv("PEMBINAAN_HOME", str(tmp_path))
    assert names(doctor.notebooks()) == ["notebooks"]


def test_the_process_that_kernels_are_forked_from_has_one_thread() -> None:
    assert names(doctor.forking()) == []


def test_the_command_says_what_to_do_and_its_code_says_whether_anything_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda out: [])
    assert run_command(["doctor"]) == 0
    sick = [*doctor.threads({"OMP_NUM_THREADS": "8"}), *doctor.browser({"PEMBINAAN_CHROMIUM": "/nowhere"})]
    monkeypatch.setattr(doctor, "examine", lambda out: sick)
    for lang in LANGUAGES:
        assert run_command(["doctor", "--lang", lang]) == 2
        said = capsys.readouterr().out
        assert all(part.text(lang) in said for ailment in sick for part in (ailment.what, ailment.remedy))
