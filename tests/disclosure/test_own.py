"""Hashes of the release's own that look like numbers of persons; the same digits elsewhere are still found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.disclosure import Gate, Hit, make_fingerprints, search_release
from analysis.disclosure.own import own_ids

RUN, OTHER = "089872480544", "081234567890"
LIKE_A_NIK = "9671014101800001"
FULL = LIKE_A_NIK + "c0ffee" * 8
CLAIMS = RUN[:11] + "5" + "a" * 52
PHONE = [Hit("index.html", "", "phone")]


def write(folder: Path, page: str, **described: object) -> Path:
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "release.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
    return folder


def test_only_what_a_release_says_it_is_is_passed_over(tmp_path: Path) -> None:
    page = f"<code>{RUN}</code> <p>{RUN}</p>"
    assert search_release(write(tmp_path, page)) == PHONE
    assert search_release(write(tmp_path, page, study_run_id=RUN)) == []
    assert search_release(write(tmp_path, page, study_run_id=OTHER)) == [*PHONE]
    assert search_release(write(tmp_path, f"{page} {OTHER}", study_run_id=RUN)) == PHONE


def test_a_run_with_more_digits_beside_it_is_a_number(tmp_path: Path) -> None:
    gate = Gate(own=frozenset({RUN}))
    assert gate.kinds(RUN) == set()
    assert gate.kinds(f"+62 {RUN[1:]}") == {"phone"}
    assert gate.kinds(f"{RUN[:4]}-{RUN[4:8]}-{RUN[8:]}") == {"phone"}


def test_a_number_of_the_inputs_is_found_though_it_is_the_run(tmp_path: Path) -> None:
    prints = make_fingerprints(b"k" * 32, {"number": [RUN]})
    assert Gate(prints, frozenset({RUN})).kinds(f"nomor {RUN}") == {"number"}


def test_beginnings_of_hashes_are_the_releases_own(tmp_path: Path) -> None:
    page = f"<code>{LIKE_A_NIK}</code>"
    assert search_release(write(tmp_path, page)) == [Hit("index.html", "", "nik")]
    assert search_release(write(tmp_path, page, files=[{"name": "unit.csv", "sha256": FULL}])) == []
    assert own_ids(tmp_path) == {FULL[:12], FULL[:16]}


def test_manifests_of_regions_are_read(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "82").mkdir()
    manifest = {"run_id": RUN, "code": {"claims_sha256": CLAIMS, "notebook_sha256": None}, "n": 3}
    (tmp_path / "82" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert own_ids(tmp_path) == {RUN, CLAIMS[:12], CLAIMS[:16]}
    (tmp_path / "82" / "other.json").write_text(json.dumps({"run_id": OTHER}), encoding="utf-8")
    (tmp_path / "82" / "deeper").mkdir()
    (tmp_path / "82" / "deeper" / "manifest.json").write_text(json.dumps({"run_id": OTHER}), encoding="utf-8")
    assert own_ids(tmp_path) == {RUN, CLAIMS[:12], CLAIMS[:16]}


@pytest.mark.parametrize(
    "described",
    [
        {"release": RUN},
        {"run_id": [RUN]},
        {"run_id": f" {RUN}"},
        {"run_id": RUN[:11]},
        {"run_id": f"{RUN}0"},
        {"run_id": int(RUN)},
        {"title": FULL},
        {"sha256_of": FULL},
        {"sha256": FULL[:63]},
        {"sha256": f"{FULL}0"},
        {"sha256": FULL.upper()},
        {"study_folder": {"name": RUN}},
    ],
)
def test_nothing_else_in_a_description_is_an_id(tmp_path: Path, described: dict[str, object]) -> None:
    assert own_ids(write(tmp_path, "", **described)) == frozenset()


def test_what_cannot_be_read_names_nothing(tmp_path: Path) -> None:
    assert own_ids(tmp_path) == frozenset()
    (tmp_path / "release.json").write_text("{", encoding="utf-8")
    (tmp_path / "manifest.json").write_bytes(b'{"run_id": "\xff"}')
    assert own_ids(tmp_path) == frozenset()


def test_descriptions_are_read_in_utf_8(tmp_path: Path) -> None:
    text = json.dumps({"study_folder": "Dinas Kesejahteraan – é", "run_id": RUN}, ensure_ascii=False)
    (tmp_path / "release.json").write_bytes(text.encode("utf-8"))
    assert own_ids(tmp_path) == {RUN}


def test_a_harmless_text_is_searched_once_and_one_with_a_hit_always(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    looked: list[str] = []
    kinds = Gate.kinds
    monkeypatch.setattr(Gate, "kinds", lambda self, text: looked.append(text) or kinds(self, text))
    page = b'<g id="a">lama</g><g id="b">baru</g>'
    gate.search("1.html", page)
    assert all(text in looked[0] for text in ("lama", "baru"))
    gate.search("2.html", page + b'<g id="c">lain</g>')
    gate.search("3.html", page)
    assert [text.split("\n\x00\n") for text in looked[1:]] == [['<g id="c">lain</g>', "\nlain\n"]]
    del looked[:]
    bad = f'<g id="d">x</g><g id="e">{OTHER}</g>'.encode()
    assert gate.search("3.html", bad) == gate.search("3.html", bad) == [Hit("3.html", "e", "phone")]
    assert len(looked) == 2 * (1 + 4)
