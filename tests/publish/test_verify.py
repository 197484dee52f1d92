"""What `pembinaan verify` catches, and how exactly it says where."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import publish
from analysis.batch.environment import PACKAGES
from analysis.errors import EXIT_VERIFICATION_DIFFERS, VerificationError
from analysis.publish.manifest import environment
from analysis.publish.release import REPORT_PACKAGES, checksums
from analysis.publish.verify import differing_blocks
from analysis.study.keys import _COMPUTE_PACKAGES


@pytest.fixture
def changed_input(small_study: Path) -> Iterator[Path]:
    """An office file of the study with one byte more; as it was afterwards."""
    path = next(iter(sorted(small_study.glob("survei*"))))
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    yield path
    path.write_bytes(before)


def test_a_changed_byte_in_an_input_is_told_with_the_name_of_the_file(
    small_release: publish.Released, changed_input: Path
) -> None:
    with pytest.raises(VerificationError, match=re.escape(changed_input.name)) as caught:
        publish.verify(small_release.folder, sample=1)
    assert caught.value.exit_code == EXIT_VERIFICATION_DIFFERS


def test_another_version_of_a_library_is_told_with_both_versions(
    small_release: publish.Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["analysis.publish.verify"]  # the package gives this name to the function
    here = module.environment()
    other = {**here, "packages": {**here["packages"], "numpy": "0.1"}}
    monkeypatch.setattr(module, "environment", lambda: other)
    with pytest.raises(VerificationError, match=f"numpy.*{re.escape(here['packages']['numpy'])} → 0\\.1"):
        publish.verify(small_release.folder, sample=1)


def test_every_library_that_a_hash_holds_is_called_by_its_name() -> None:
    named = set(environment()["packages"])
    assert {*_COMPUTE_PACKAGES, *PACKAGES, *REPORT_PACKAGES} <= named


def test_a_changed_byte_in_a_page_is_told_with_its_block_though_only_a_sample_is_run(
    small_release: publish.Released, tmp_path: Path
) -> None:
    copy = tmp_path / small_release.folder.name
    shutil.copytree(small_release.folder, copy)
    page = copy / "82" / "en.html"
    text = page.read_text(encoding="utf-8")
    at = text.index('<section id="levers"')
    page.write_text(text[:at] + text[at:].replace("</p>", " </p>", 1), encoding="utf-8")
    with pytest.raises(VerificationError, match=r"82/en\.html \(.*: levers\)"):
        publish.verify(copy, sample=1)


def test_a_sample_of_an_intact_release_compares_its_files(small_release: publish.Released) -> None:
    files = [name for name in checksums(small_release.folder) if "/" in name]
    same = publish.verify(small_release.folder, sample=1)
    assert 0 < same < len(files)


def test_blocks_that_differ_are_found_and_what_is_outside_of_them() -> None:
    page = '<h1>t</h1><section id="a">1</section><section id="b">2</section>'
    assert differing_blocks(page, page) == []
    assert differing_blocks(page, page.replace(">2<", ">3<")) == ["b"]
    assert differing_blocks(page, page.replace("t<", "u<").replace('id="b"', 'id="c"')) == ["page", "b", "c"]
