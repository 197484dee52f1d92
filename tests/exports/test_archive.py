"""Zips depend on their contents alone; the dictionary explains every column; browsers are found where they are."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from tests.report.conftest import FULL, results  # noqa: F401

from analysis.exports import EXPLAINED, dictionary_rows, find_browser, fixed_zip, write_archive
from analysis.exports.pdf import BROWSER_ENV, without_history
from analysis.messages import LANGUAGES
from analysis.publish.tables import region_claims, region_estimates
from analysis.results import StudyResults


def test_a_zip_depends_on_names_and_contents_alone(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("x")
    second.write_text("y")
    write_archive(tmp_path / "one.zip", {"folder/a.txt": first, "folder/b.txt": second})
    os.utime(first, (1_000_000_000, 1_000_000_000))
    write_archive(tmp_path / "two.zip", {"folder/b.txt": second, "folder/a.txt": first})
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as held:
        assert held.read("folder/a.txt") == b"x"
        assert held.testzip() is None


def test_a_zip_that_was_begun_is_gone_on_with() -> None:
    begun = fixed_zip({"[Content_Types].xml": b"types", "b.xml": b"shared" * 100})
    kept = bytes(begun)
    first, second = (fixed_zip({"a.xml": content}, begun) for content in (b"one", b"another"))
    assert begun == kept
    for made, content in ((first, b"one"), (second, b"another")):
        with zipfile.ZipFile(io.BytesIO(made)) as held:
            assert held.namelist() == ["[Content_Types].xml", "b.xml", "a.xml"]
            assert (held.read("a.xml"), held.read("b.xml")) == (content, b"shared" * 100)
            assert held.testzip() is None
            assert len({(item.date_time, item.external_attr, item.create_system) for item in held.infolist()}) == 1
    assert fixed_zip({"a.xml": b"one"}, begun) == first


def test_the_dictionary_explains_every_column(results: StudyResults) -> None:  # noqa: F811
    published = {"claims.csv": region_claims, "estimates.csv": region_estimates}
    for name, table in published.items():
        assert set(table(results, FULL).columns) <= set(EXPLAINED[name])
    rows = dictionary_rows()
    assert list(zip(rows["file"], rows["column"], strict=True)) == [
        (f, c) for f, names in EXPLAINED.items() for c in names
    ]
    assert all(rows[f"meaning_{lang}"].str.len().min() > 5 for lang in LANGUAGES)


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


def test_the_named_browser_comes_first_and_is_never_guessed(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium")
    named = program(tmp_path / "own" / "browser")
    path = str(tmp_path / "bin")
    assert find_browser({BROWSER_ENV: str(named), "PATH": path}) == named
    assert find_browser({BROWSER_ENV: str(tmp_path / "gone"), "PATH": path}) is None


@pytest.mark.parametrize("name", ["chromium", "google-chrome", "msedge"])
@pytest.mark.skipif(os.name == "nt", reason="programs of Windows have an ending")
def test_a_browser_is_found_on_the_path(tmp_path: Path, name: str) -> None:
    assert find_browser({"PATH": str(tmp_path)}, "linux") is None
    found = program(tmp_path / name)
    assert find_browser({"PATH": str(tmp_path)}, "linux") == found


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("ProgramFiles", "Google/Chrome/Application/chrome.exe"),
        ("ProgramFiles(x86)", "Microsoft/Edge/Application/msedge.exe"),
        ("LOCALAPPDATA", "Google/Chrome/Application/chrome.exe"),
    ],
)
def test_a_browser_is_found_in_the_places_of_windows(tmp_path: Path, variable: str, place: str) -> None:
    found = program(tmp_path / place)
    assert find_browser({"PATH": "", variable: str(tmp_path)}, "win32") == found


def test_dates_of_a_pdf_go_without_moving_a_byte() -> None:
    pdf = b"<</CreationDate (D:20261122010203+07'00')\n/ModDate (D:20261122010203+07'00')>> stream 20261122010203"
    fixed = without_history(pdf)
    assert len(fixed) == len(pdf)
    assert fixed.count(b"D:19800101000000+07'00'") == 2
    assert fixed.endswith(b"stream 20261122010203")


def test_cells_of_a_pdf_are_counted_anew_in_their_order() -> None:
    """The browser goes on counting from the pages that it printed before."""
    first = b"/ID (node00038108) /Headers [(node00038115) (node00038108)] (node12) node00038115"
    later = first.replace(b"node00038108", b"node00038000").replace(b"(node00038115)", b"(node00038999)")
    fixed = without_history(first)
    assert fixed == b"/ID (node00000000) /Headers [(node00000001) (node00000000)] (node12) node00038115"
    assert without_history(later) == fixed
