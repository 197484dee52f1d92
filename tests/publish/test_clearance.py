"""What a release passes before it appears: blocks, bytes, former releases."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.batch import Outcome
from analysis.disclosure import make_fingerprints, protected_indices, write_fingerprints
from analysis.disclosure.ledger import read_ledger
from analysis.errors import EXIT_DISCLOSURE_REFUSED, DisclosureError
from analysis.messages import Message
from analysis.paths import store_dir
from analysis.publish import clearance
from analysis.report.blocks import MIME, Block
from analysis.results import StudyResults

NOTHING = pd.DataFrame()
UNITS = pd.DataFrame({"unit_id": ["a", "b"], "headcount": [30, 40]})


def results(study: Path, run_id: str, a: int) -> StudyResults:
    table = pd.DataFrame(
        {"region_code": "82", "unit_id": [None, "a", "b"], "unit_name": "x", "service_type": "x", "period": "2024-S1",
         "n": [a + 400, a, 400], "index": 80.0}
    )  # fmt: skip
    shown = protected_indices(table, UNITS, store_dir(study), run_id)
    meta = {"run_id": run_id, "synthetic": False}
    return StudyResults(meta, ("82",), NOTHING, shown, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def outcome(tmp_path: Path, data: dict) -> Outcome:
    block = Block("levers", "table", data, {"title": Message("report.levers.title")}, Message("report.levers.title"))
    output = {"output_type": "display_data", "data": {MIME: block.as_dict()}, "metadata": {}}
    path = tmp_path / "executed.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}]}), encoding="utf-8")
    return Outcome("82", path, None)


def test_a_later_release_withholds_and_the_stored_study_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[StudyResults] = []
    monkeypatch.setattr(clearance, "store_again", lambda directory, settled: stored.append(settled))
    study, out = tmp_path / "study", tmp_path / "out"
    out.mkdir()
    first = clearance.beside_former_releases(study, out, results(study, "one", 20))
    assert stored == []
    clearance.enter(study, out / "2024-S1-one", first, ["82"])
    second = clearance.beside_former_releases(study, out, results(study, "two", 23))
    assert len(stored) == 1
    assert stored[0] is second
    assert second.indices["index"].notna().tolist() == [False, False, True]
    clearance.enter(study, out / "2024-S1-two", second, ["82"])
    entries = read_ledger(out)
    assert [entry.release for entry in entries] == ["2024-S1-one", "2024-S1-two"]
    assert set(entries[1].shown) == {("82", "b", "2024-S1")}
    again = clearance.beside_former_releases(study, out, second)
    assert again is second
    assert len(stored) == 1


def test_a_block_of_single_persons_stops_the_release(tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    write_fingerprints(make_fingerprints(b"k" * 32, {}), store_dir(tmp_path))
    clearance.clear(tmp_path, [outcome(tmp_path, {"rows": [{"n": 12, "index": 80.0}]})], tmp_path / "draft")
    with pytest.raises(DisclosureError) as caught:
        clearance.clear(tmp_path, [outcome(tmp_path, {"residuals": [0.1]})], tmp_path / "draft")
    assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
    assert "levers" in str(caught.value)


def test_a_name_from_the_inputs_stops_the_release(tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    write_fingerprints(make_fingerprints(b"k" * 32, {"name": ["Zulkarnain Pattiwael"]}), store_dir(tmp_path))
    (draft / "a.csv").write_text("x\nzulkarnain pattiwael\n", encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        clearance.clear(tmp_path, [], draft)
    assert "a.csv" in str(caught.value)
    assert "attiwael" not in str(caught.value)


def test_fingerprints_that_are_missing_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "draft").mkdir()
    monkeypatch.setattr(clearance, "stored_study", lambda study: tmp_path)
    made: list[Path] = []
    keep = clearance.keep_fingerprints
    monkeypatch.setattr(clearance, "keep_fingerprints", lambda study, store: (made.append(store), keep(study, store)))
    clearance.clear(tmp_path, [], tmp_path / "draft")
    clearance.clear(tmp_path, [], tmp_path / "draft")
    assert len(made) == 1


def test_without_fingerprints_nothing_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    with pytest.raises(DisclosureError):
        clearance.clear(tmp_path, [], tmp_path / "draft")
