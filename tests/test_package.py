"""A replication package rebuilds the tables of a release in an empty folder."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from analysis import publish
from analysis.errors import UsageError, VerificationError
from analysis.package import package_release, rebuild_tables
from analysis.package.exhibits import exhibits, section_calls
from analysis.paths import project_dir
from analysis.study import load_study
from analysis.synthetic import write_sample


@pytest.fixture(scope="module")
def package(small_release: publish.Released, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the small release, unpacked into an empty folder."""
    zipped = package_release(small_release.folder, tmp_path_factory.mktemp("zip") / "small.zip")
    folder = tmp_path_factory.mktemp("replication")
    with zipfile.ZipFile(zipped) as archive:
        assert not [name for name in archive.namelist() if "__pycache__" in name]
        archive.extractall(folder)
    return folder / "small"


def run_rebuild(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "rebuild.py", "--no-install", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_tables_are_rebuilt_from_nothing(package: Path) -> None:
    done = run_rebuild(package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DIFFERENT" not in done.stdout
    assert len(done.stdout.splitlines()) == 6
    claims = package / "rebuilt" / "82" / "claims.csv"
    assert claims.read_bytes() == (package / "published" / "82" / "claims.csv").read_bytes()
    altered = package / "expected" / "82" / "claims.csv"
    altered.write_bytes(altered.read_bytes() + b"x")
    again = run_rebuild(package)
    assert again.returncode == 5
    assert "DIFFERENT" in again.stdout


def test_what_is_in_it(package: Path) -> None:
    texts = [(package / name).read_text(encoding="utf-8") for name in ("README.md", "README.id.md")]
    assert all("$" not in re.sub(r"`[^`]*`", "", text) for text in texts)
    described = json.loads((package / "provenance.json").read_text(encoding="utf-8"))
    assert described["inputs_shared"] is True
    assert {item["name"] for item in described["files"]} <= {p.name for p in (package / "inputs").iterdir()}
    lock = package / "code" / "requirements" / "lock.txt"
    assert lock.read_bytes() == (project_dir() / "requirements" / "lock.txt").read_bytes()
    assert "conf_low" in (package / "codebook.csv").read_text(encoding="utf-8")


def test_exhibits_point_at_the_code(package: Path) -> None:
    table = exhibits()
    assert {name for _, name in section_calls()} <= set(table["exhibit"])
    for row in table.itertuples():
        line = (package / row.program).read_text(encoding="utf-8").splitlines()[row.line - 1]
        assert line.startswith("def ")


def test_the_same_release_gives_the_same_bytes(small_release: publish.Released, tmp_path: Path) -> None:
    first, second = (package_release(small_release.folder, tmp_path / str(n) / "p.zip") for n in _made(tmp_path))
    assert first.read_bytes() == second.read_bytes()


def _made(folder: Path) -> tuple[int, int]:
    for number in (1, 2):
        (folder / str(number)).mkdir()
    return 1, 2


def test_no_release_no_package(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        package_release(tmp_path)


@pytest.mark.slow
def test_files_that_may_not_be_passed_on_have_stand_ins(tmp_path: Path) -> None:
    study = tmp_path / "study"
    write_sample(study, n_regions=2, n_periods=6, seed=5)
    (study / "study.yml").write_text(yaml.safe_dump({"synthetic": False}), encoding="utf-8")
    (study / "truth.json").unlink()
    results = load_study(study)
    folder = tmp_path / "release"
    rebuild_tables(study, folder)
    described = {
        "release": "release", "regions": list(results.regions), "study_folder": str(study),
        "study_run_id": results.meta["run_id"], "first_period": results.meta["first_period"],
        "last_period": results.meta["last_period"], "environment": {"python": "3.11"},
        "files": [dict(item) for item in results.meta["files"]],
    }  # fmt: skip
    (folder / "release.json").write_text(json.dumps(described), encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(package_release(folder, tmp_path / "p.zip").read_bytes())) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    originals = {path.read_bytes() for path in study.iterdir() if path.suffix != ".md" and path.is_file()}
    assert not originals & {content for name, content in held.items() if name.startswith("p/inputs/")}
    assert json.loads(held["p/provenance.json"])["inputs_shared"] is False
    assert b"27/2022" in held["p/README.md"]
    assert {n.split("/")[2] for n in held if n.startswith("p/expected/")} == set(results.regions)
    shutil.copyfile(study / "study.yml", study / "further.csv")
    with pytest.raises(VerificationError):
        package_release(folder)
