"""Regions are searched side by side, and again only if they, the inputs or the search have changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.batch import Options, Outcome
from analysis.disclosure import Fingerprints, make_fingerprints, write_fingerprints
from analysis.publish import search
from analysis.publish.search import search_regions

CODES = ("15.09", "82", "96.71")
NAME = "Zulkarnain Pattiwael"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A release of three regions with their executed notebooks and receipts."""
    for code in CODES:
        page = tmp_path / "draft" / code / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>Wilayah {code}</p>", encoding="utf-8")
        receipt = tmp_path / "kept" / "receipts" / f"{code}.json"
        receipt.parent.mkdir(parents=True, exist_ok=True)
        receipt.write_text("{}", encoding="utf-8")
        (tmp_path / f"{code}.ipynb").write_text(json.dumps({"cells": []}), encoding="utf-8")
    return tmp_path / "draft"


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Regions that were searched, in this process."""
    names: list[str] = []
    one = search.search_region
    monkeypatch.setattr(search, "search_region", lambda *place: names.append(place[2]) or one(*place))
    monkeypatch.setattr(search, "Workers", Here)
    monkeypatch.setattr(search, "FEW", 0)
    return names


class Here:
    """Does in this process what workers do in theirs."""

    def __init__(self, number: int, warm: bool, timeout: float) -> None:
        search._gate.cache_clear()

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        search._gate.cache_clear()

    def map(self, function, *lists):
        return list(map(function, *lists))


def prints(folder: Path, *names: str) -> Fingerprints:
    made = make_fingerprints(b"k" * 32, {"name": names})
    write_fingerprints(made, folder)
    return made


def searched(draft: Path, made: Fingerprints, kept: bool = True) -> list[tuple[str, str]]:
    folder = draft.parent
    outcomes = [Outcome(code, folder / f"{code}.ipynb") for code in CODES]
    hits = search_regions(folder, made, outcomes, draft, folder / "kept" if kept else None, Options(workers=2))
    return [(hit.file, hit.kind) for hit in hits]


def test_what_was_cleared_is_searched_again_only_when_it_has_changed(draft: Path, looked: list[str]) -> None:
    made = prints(draft.parent, NAME)
    assert searched(draft, made) == []
    assert sorted(looked) == [*CODES]
    del looked[:]
    assert searched(draft, made) == []
    assert looked == []
    (draft.parent / "kept" / "receipts" / "82.json").write_text('{"index.html": "other"}', encoding="utf-8")
    assert searched(draft, made) == []
    assert looked == ["82"]
    del looked[:]
    (draft.parent / "15.09.ipynb").write_text('{"cells": [], "nbformat": 4}', encoding="utf-8")
    searched(draft, made)
    assert looked == ["15.09"]


def test_other_persons_in_the_inputs_have_everything_searched_again(draft: Path, looked: list[str]) -> None:
    searched(draft, prints(draft.parent, NAME))
    del looked[:]
    searched(draft, prints(draft.parent, NAME, "Suharto Lain"))
    assert sorted(looked) == [*CODES]


def test_a_hit_is_not_remembered_as_cleared(draft: Path, looked: list[str]) -> None:
    made = prints(draft.parent, NAME)
    (draft / "82" / "claims.csv").write_text(f"nama\n{NAME}\n", encoding="utf-8")
    for _ in range(2):
        del looked[:]
        assert searched(draft, made) == [("82/claims.csv", "name")]
        assert "82" in looked


def test_without_a_place_to_remember_everything_is_searched(draft: Path, looked: list[str]) -> None:
    made = prints(draft.parent, NAME)
    for _ in range(2):
        del looked[:]
        searched(draft, made, kept=False)
        assert sorted(looked) == [*CODES]


def test_workers_find_what_one_process_finds(draft: Path) -> None:
    made = prints(draft.parent, NAME)
    for code in ("15.09", "96.71"):
        (draft / code / "index.html").write_text(f"<p>{NAME}</p>", encoding="utf-8")
    assert searched(draft, made) == [("15.09/index.html", "name"), ("96.71/index.html", "name")]


def test_a_second_run_of_this_process_searches_for_the_persons_of_its_own_files(draft: Path) -> None:
    (draft / "82" / "index.html").write_text(f"<p>{NAME}</p>", encoding="utf-8")
    assert searched(draft, prints(draft.parent, "orang lain sekali"), kept=False) == []
    assert searched(draft, prints(draft.parent, NAME), kept=False) == [("82/index.html", "name")]
