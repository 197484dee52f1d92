"""The command line: messages in the reader's language, exit codes, no traceback, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import __version__
from analysis.cli import VERBS, run_command, split_language
from analysis.errors import EXIT_DATA_REFUSED, EXIT_LOCKED, EXIT_USAGE, UsageError
from analysis.paths import sample_dir


@pytest.fixture(autouse=True)
def _no_language_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEMBINAAN_LANG", raising=False)


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_command(arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return code, captured.out, captured.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_in_both_languages(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, indonesian, _ = call(capsys, verb, "--help")
    assert code == 0
    assert "Cara pakai: pembinaan" in indonesian
    code, english, _ = call(capsys, verb, "--help", "--lang", "en")
    assert code == 0
    assert "Usage: pembinaan" in english
    assert "Show this message" not in indonesian + english


def test_no_verb_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys)
    assert code == 0
    assert all(f" {verb} " in out for verb in VERBS)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "indonesian", "english"),
    [
        (("runn",), 'Mungkin maksud Anda "run"', 'Did you mean "run"'),
        (("run", "x", "--regio", "82"), 'Mungkin maksud Anda "--region"', 'Did you mean "--region"'),
        (("run",), "Argumen DIR belum diisi", "The argument DIR is missing"),
        (("run", "nowhere"), 'Folder "nowhere" tidak ditemukan', 'The folder "nowhere" was not found'),
        (("check", "nowhere"), 'Folder "nowhere" tidak ditemukan', 'The folder "nowhere" was not found'),
        (("sample", "x", "--regions", "0"), "Nilai untuk REGIONS", "The value for REGIONS"),
        (("list", "region"), 'Mungkin maksud Anda "regions"', 'Did you mean "regions"'),
        (("verify", "nowhere"), "bukan folder rilis", "not a release folder"),
    ],
)
def test_user_mistakes(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    indonesian: str,
    english: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, *arguments)
    assert (code, indonesian in err) == (EXIT_USAGE, True), err
    code, _, err = call(capsys, "--lang", "en", *arguments)
    assert (code, english in err) == (EXIT_USAGE, True), err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("region", "said"), [("99.99", "99.99"), ("15.1", "15.10"), ("15.090", "15.09"), ("31", "31")])
def test_a_region_that_is_unknown_or_not_in_the_study(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, region: str, said: str
) -> None:
    code, _, err = call(capsys, "run", str(sample_dir()), "--region", region, "--out", str(tmp_path / "out"))
    assert code == EXIT_USAGE
    assert said in err
    assert not (tmp_path / "out").exists()


def test_an_unknown_language() -> None:
    with pytest.raises(UsageError, match="fr"):
        split_language(["--lang", "fr"])


def test_the_language_may_stand_anywhere_and_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert split_language(["run", "--lang=en", "x"]) == ("en", ["run", "x"])
    monkeypatch.setenv("PEMBINAAN_LANG", "en")
    assert split_language(["run"]) == ("en", ["run"])


@pytest.fixture
def broken_study(tmp_path: Path) -> Path:
    """The sample study without a column that is needed."""
    folder = tmp_path / "study"
    shutil.copytree(
        sample_dir(), folder, ignore=shutil.ignore_patterns(".pembinaan", "unit*", "training*", "pelatihan*")
    )
    (folder / "unit.csv").write_text("Nama Unit;Kode Wilayah\nA;82\n", encoding="utf-8")
    return folder


def test_a_missing_column_is_refused_with_its_place(
    capsys: pytest.CaptureFixture[str], broken_study: Path, tmp_path: Path
) -> None:
    report = tmp_path / "findings.json"
    code, out, _ = call(capsys, "check", str(broken_study), "--json", str(report), "--lang", "en")
    assert code == EXIT_DATA_REFUSED
    assert "unit.csv" in out
    assert "unit_id" in out
    errors = [row for row in json.loads(report.read_text(encoding="utf-8")) if row["severity"] == "error"]
    assert {row["file"] for row in errors} == {"unit.csv"}
    assert all(row["text"]["id"] and row["text"]["en"] for row in errors)
    assert (broken_study / "diperiksa").is_dir()


def test_refused_data_leave_the_older_release_alone(
    capsys: pytest.CaptureFixture[str], broken_study: Path, tmp_path: Path
) -> None:
    out = tmp_path / "reports"
    (out / "old").mkdir(parents=True)
    (out / "old" / "index.html").write_text("old", encoding="utf-8")
    code, _, err = call(capsys, "run", str(broken_study), "--out", str(out))
    assert code == EXIT_DATA_REFUSED
    assert "unit.csv" in err
    assert [p.relative_to(out).as_posix() for p in sorted(out.rglob("*"))] == ["old", "old/index.html"]


def test_a_missing_table_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = call(capsys, "run", str(tmp_path), "--out", str(tmp_path / "out"))
    assert code == EXIT_DATA_REFUSED
    assert not (tmp_path / "out").exists()
    assert err


def test_a_folder_in_use_has_its_own_exit_code(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".lock"):
        code, _, err = call(capsys, "run", str(sample_dir()), "--region", "82", "--out", str(tmp_path))
    assert code == EXIT_LOCKED
    assert str(tmp_path) in err


def test_a_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = call(capsys, "run", str(sample_dir()), "--dry-run", "--out", str(tmp_path / "out"))
    assert code == 0
    assert "15.09" in out
    assert not (tmp_path / "out").exists()


def test_a_sample_is_never_written_over_other_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    code, _, _ = call(capsys, "sample", str(tmp_path), "--regions", "1")
    assert code == EXIT_USAGE
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("kind", ["regions", "indicators", "specs", "claims"])
def test_the_catalog_is_listed(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    code, out, _ = call(capsys, "list", kind)
    assert code == 0
    assert len(out.splitlines()) > 3


def test_an_unforeseen_error_is_one_line_and_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from analysis import commands

    def fail(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(commands, "show_catalog", fail)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    code, _, err = call(capsys, "list", "regions", "--lang", "en")
    assert code == 1
    assert "ZeroDivisionError" in err
    assert "boom" in next(tmp_path.glob("pembinaan-*.log")).read_text(encoding="utf-8")


def test_the_installed_command_works_where_the_terminal_is_not_utf8() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    command = [str(Path(sys.executable).with_name("pembinaan")), "list", "claims"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
