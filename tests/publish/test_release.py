"""Release folders appear whole, keep their checksums and are found again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.publish.release import (
    CHECKSUMS,
    checksums,
    differing,
    is_intact,
    point_latest,
    publish_folder,
    recorded_checksums,
    release_name,
    write_checksums,
    write_text,
)


def draft(folder: Path, text: str = "new") -> Path:
    write_text(folder / "82" / "index.html", text)
    write_checksums(folder)
    return folder


def test_the_name_tells_the_half_year_and_depends_on_study_and_regions() -> None:
    name = release_name("2025-S2", "abc", ["82", "15.09"])
    assert name.startswith("2025-S2-")
    assert name == release_name("2025-S2", "abc", ["15.09", "82"])
    assert name != release_name("2025-S2", "abc", ["82"])
    assert name != release_name("2025-S2", "abd", ["82", "15.09"])


def test_checksums_see_a_changed_a_missing_and_an_added_file(tmp_path: Path) -> None:
    folder = draft(tmp_path / "release")
    assert is_intact(folder)
    assert recorded_checksums(folder) == checksums(folder)
    write_text(folder / "82" / "index.html", "neW")
    write_text(folder / "extra.txt", "x")
    assert not is_intact(folder)
    assert differing(recorded_checksums(folder), checksums(folder)) == ["82/index.html", "extra.txt"]
    (folder / "82" / "index.html").unlink()
    assert "82/index.html" in differing(recorded_checksums(folder), checksums(folder))


def test_a_folder_without_checksums_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert not is_intact(tmp_path / "empty")


def test_text_has_the_same_bytes_everywhere(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "x\ny\n")
    assert (tmp_path / "a.csv").read_bytes() == b"x\ny\n"


def test_a_release_replaces_the_one_of_its_name_and_becomes_the_latest(tmp_path: Path) -> None:
    target = tmp_path / "2025-S2-a"
    publish_folder(draft(tmp_path / "one", "first"), target)
    publish_folder(draft(tmp_path / "two", "second"), target)
    assert (tmp_path / "latest" / "82" / "index.html").read_text(encoding="utf-8") == "second"
    assert (target / CHECKSUMS).exists()
    other = tmp_path / "2025-S2-b"
    publish_folder(draft(tmp_path / "three", "third"), other)
    assert (tmp_path / "latest" / "82" / "index.html").read_text(encoding="utf-8") == "third"
    assert (target / "82" / "index.html").read_text(encoding="utf-8") == "second"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2025-S2-a", "2025-S2-b", "latest"]


def test_latest_is_a_copy_where_links_are_not_allowed(tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    target = draft(tmp_path / "release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "symlink_to", refuse)
        point_latest(target)
        point_latest(target)
    assert not (tmp_path / "latest").is_symlink()
    assert checksums(tmp_path / "latest") == checksums(target)


def test_known_hashes_are_taken_over_and_all_others_read(tmp_path: Path) -> None:
    folder = draft(tmp_path / "one")
    write_text(folder / "index.html", "index")
    found = checksums(folder)
    write_checksums(folder, {"82/index.html": found["82/index.html"], "83/gone.html": "0" * 64})
    assert recorded_checksums(folder) == found
    assert is_intact(folder)
    write_checksums(folder, {"82/index.html": "0" * 64})
    assert recorded_checksums(folder)["82/index.html"] == "0" * 64
    assert not is_intact(folder)


def test_the_driver_of_a_run_loads_nothing_that_only_its_workers_need() -> None:
    """A notebook's format alone takes longer to load than a release of three regions to be put in place."""
    heavy = ["nbformat", "nbconvert", "jsonschema", "papermill", "statsmodels", "sklearn", "plotly"]
    heavy += ["docx", "pypdf", "scipy.optimize", "scipy.sparse", "xlsxwriter"]
    script = f"import sys\nimport analysis.publish\nprint([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
