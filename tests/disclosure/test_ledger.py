"""The ledger of releases: small moves are withheld, changed lines noticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import cells_to_withhold, load_rules, protected_indices, record_release, withholding
from analysis.disclosure.indices import exact_counts, index_tables, publishable_indices
from analysis.disclosure.ledger import LEDGER_FILE, Entry, append_release, keys_of, moved_cells, read_ledger
from analysis.disclosure.releases import COUNTS_FILE, protected_file, protected_measures
from analysis.errors import EXIT_DISCLOSURE_REFUSED, DisclosureError
from analysis.results import StudyResults, no_choices

UNITS = pd.DataFrame({"unit_id": ["a", "b", "c"], "headcount": [30, 40, 50]})
NOTHING = pd.DataFrame()


def indices(a: int, b: int, c: int, region: str = "82", period: str = "2024-S1") -> pd.DataFrame:
    rows = [(region, None, a + b + c)] + [(region, unit, n) for unit, n in zip("abc", (a, b, c), strict=True)]
    table = pd.DataFrame(rows, columns=["region_code", "unit_id", "n"])
    texts = {"unit_name": "Dinas", "service_type": "umum", "period": period, "grade": "B"}
    return table.assign(**texts, index=80.0, U1=3.2)


def results(shown: pd.DataFrame, run_id: str, synthetic: bool = False) -> StudyResults:
    measures = no_choices("measures")
    row = {"region_code": "82", "measure": "index_without_fees", "period": "2024-S1", "value": 80.0, "n": 90}
    other = row | {"measure": "hours"}
    measures = pd.DataFrame([row, other], columns=measures.columns)
    return StudyResults(
        {"run_id": run_id, "synthetic": synthetic},
        ("82",),
        NOTHING,
        shown,
        NOTHING,
        NOTHING,
        NOTHING,
        NOTHING,
        NOTHING,
        NOTHING,
        measures=measures,
    )


def release(tmp_path: Path, run_id: str, a: int, b: int, c: int, synthetic: bool = False) -> StudyResults:
    """Make, settle and record one release; returns what it shows."""
    store = tmp_path / run_id
    shown = results(protected_indices(indices(a, b, c), UNITS, store, run_id), run_id, synthetic)
    cells = cells_to_withhold(store, tmp_path, run_id, synthetic)
    settled = withholding(shown, cells, store)
    record_release(store, tmp_path, f"2024-S1-{run_id}", settled, cells, ["82"])
    return settled


def shown_units(settled: StudyResults) -> list[bool]:
    """Whether region, a, b and c are shown."""
    return settled.indices["index"].notna().tolist()


def test_the_first_release_withholds_nothing_for_others(tmp_path: Path) -> None:
    settled = release(tmp_path, "one", 20, 30, 40)
    assert shown_units(settled) == [True] * 4
    assert settled.indices["n"].tolist() == [90, 20, 30, 40]
    assert "withheld" not in settled.meta


@pytest.mark.parametrize(
    ("a", "expected"),
    [
        (20, [True] * 4),
        (21, [False, False, True, True]),
        (29, [False, False, True, True]),
        (12, [False, False, True, True]),
        (30, [True] * 4),
        (10, [True] * 4),
    ],
)
def test_a_cell_that_moved_by_one_to_nine_is_withheld(tmp_path: Path, a: int, expected: list[bool]) -> None:
    """The region moves with its unit; both are withheld, and with the total gone the others tell nothing."""
    release(tmp_path, "one", 20, 30, 40)
    assert shown_units(release(tmp_path, "two", a, 30, 40)) == expected


def test_a_withheld_cell_takes_a_partner_with_it(tmp_path: Path) -> None:
    """The region moved by much, so it stays; one withheld unit alone could be worked out from it."""
    release(tmp_path, "one", 20, 30, 40)
    settled = release(tmp_path, "two", 23, 30, 400)
    assert shown_units(settled) == [True, False, False, True]
    assert len(settled.meta["withheld"]) == 12


def test_cells_are_compared_with_when_they_were_last_shown(tmp_path: Path) -> None:
    release(tmp_path, "one", 20, 30, 40)
    release(tmp_path, "two", 23, 30, 40)
    assert shown_units(release(tmp_path, "three", 31, 30, 40)) == [True] * 4
    assert shown_units(release(tmp_path, "four", 26, 30, 40))[1] is False


def test_the_same_run_keeps_its_choice_and_enters_once(tmp_path: Path) -> None:
    release(tmp_path, "one", 20, 30, 40)
    first = release(tmp_path, "two", 23, 30, 40)
    again = release(tmp_path, "two", 23, 30, 40)
    assert again.meta == first.meta
    assert len(read_ledger(tmp_path)) == 2
    assert shown_units(release(tmp_path, "one", 20, 30, 40)) == [True] * 4
    assert len(read_ledger(tmp_path)) == 3


def test_made_up_data_are_no_comparison(tmp_path: Path) -> None:
    release(tmp_path, "one", 20, 30, 40, synthetic=True)
    assert shown_units(release(tmp_path, "two", 23, 30, 40)) == [True] * 4


def test_only_published_regions_and_shown_cells_are_entered(tmp_path: Path) -> None:
    store = tmp_path / "one"
    table = pd.concat([indices(5, 30, 40), indices(20, 30, 40, region="96.71")], ignore_index=True)
    shown = results(protected_indices(table, UNITS, store, "one"), "one")
    record_release(store, tmp_path, "r", shown, (), ["82"])
    entry = read_ledger(tmp_path)[0]
    assert entry.shown == {("82", "", "2024-S1"): 75, ("82", "c", "2024-S1"): 40}
    assert (entry.release, entry.run_id, entry.synthetic, entry.withheld) == ("r", "one", False, ())


def test_withheld_regions_lose_other_forms_of_their_index(tmp_path: Path) -> None:
    store = tmp_path / "one"
    shown = results(protected_indices(indices(20, 30, 40), UNITS, store, "one"), "one")
    settled = withholding(shown, [("82", "", "2024-S1")], store)
    assert settled.measures["measure"].tolist() == ["hours"]
    assert np.isnan(settled.indices["n"].iloc[0])
    back = withholding(settled, [], store)
    assert "withheld" not in back.meta
    assert shown_units(back) == [True] * 4
    of_unit = withholding(shown, [("82", "a", "2024-S1")], store)
    assert of_unit.measures["measure"].tolist() == ["index_without_fees", "hours"]
    assert withholding(shown, [], store) is shown
    assert withholding(of_unit, [("82", "a", "2024-S1")], store) is of_unit


def test_a_changed_ledger_is_refused(tmp_path: Path) -> None:
    for run in ("one", "two", "three"):
        release(tmp_path, run, 20, 30, 40)
    path = tmp_path / LEDGER_FILE
    lines = path.read_text(encoding="utf-8").splitlines()
    for row, changed in (
        (2, [lines[0].replace("[20]", "21").replace(",20]", ",29]"), *lines[1:]]),
        (2, [lines[0], lines[2]]),
        (1, lines[1:]),
        (2, [lines[0], "{}", lines[2]]),
        (1, ["no json"]),
    ):
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")
        with pytest.raises(DisclosureError) as caught:
            read_ledger(tmp_path)
        assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
        assert caught.value.message.values == {"file": LEDGER_FILE, "row": row}


def test_the_ledger_is_private_and_readable_again(tmp_path: Path) -> None:
    entry = Entry("r", "run", True, {("82", "", "2024-S1"): 12}, (("82", "a", "2024-S1"),))
    append_release(tmp_path, entry)
    append_release(tmp_path, entry)
    assert read_ledger(tmp_path) == [entry]
    path = tmp_path / LEDGER_FILE
    assert path.name.startswith(".")
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text(encoding="utf-8"))["previous"] == "0" * 64
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER_FILE]
    assert read_ledger(tmp_path / "nowhere") == []


def test_moves_are_counted_both_ways_and_up_to_the_limit() -> None:
    counts = indices(20, 30, 40)
    entries = [Entry("r", "old", False, dict(zip(keys_of(counts), (90, 10, 39, 50), strict=True)), ())]
    assert moved_cells(entries, counts, "new", False).tolist() == [False, False, True, False]
    shifted = [Entry("r", "old", False, dict(zip(keys_of(counts), (99, 11, 30, 49), strict=True)), ())]
    assert moved_cells(shifted, counts, "new", False).tolist() == [True, True, False, True]
    assert not moved_cells(shifted, counts, "old", False).any()
    assert not moved_cells(shifted, counts, "new", True).any()


def test_missing_or_foreign_counts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError):
        cells_to_withhold(tmp_path, tmp_path, "one", False)
    protected_indices(indices(20, 30, 40), UNITS, tmp_path, "one")
    assert cells_to_withhold(tmp_path, tmp_path, "one", False) == ()
    assert (tmp_path / COUNTS_FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(DisclosureError):
        cells_to_withhold(tmp_path, tmp_path, "two", False)


def test_units_with_few_officers_are_withheld_with_a_partner(tmp_path: Path) -> None:
    few = UNITS.assign(headcount=[4, 40, 50])
    shown = protected_indices(indices(200, 30, 40), few, tmp_path, "one")
    assert shown["index"].notna().tolist() == [True, False, False, True]
    assert shown["unit_name"].notna().all()
    five = protected_indices(indices(200, 30, 40), UNITS.assign(headcount=[5, 40, 50]), tmp_path, "one")
    assert five["index"].notna().all()
    assert shown["n"].dropna().tolist() == [270, 40]


def test_exact_counts_keep_the_order_and_the_system_is_by_half_year() -> None:
    table = pd.concat([indices(5, 3, 40), indices(20, 30, 41, period="2024-S2")], ignore_index=True)
    counts = exact_counts(table, {"a": 30.0, "b": 4.0, "c": 9.0})
    assert counts["n"].tolist() == table["n"].tolist()
    assert counts["hidden"].tolist() == [False, True, True, False, False, True, True, False][:8]
    tables = index_tables(counts)
    assert tables.equations.toarray().tolist() == [[1, -1, -1, -1, 0, 0, 0, 0], [0, 0, 0, 0, 1, -1, -1, -1]]
    alone = index_tables(counts[counts["unit_id"].isna()].reset_index(drop=True))
    assert alone.equations.shape == (0, 2)


def test_rows_of_files_and_measures_are_rounded() -> None:
    assert protected_file({"name": "survei.csv", "rows": 1203}) == {"name": "survei.csv", "rows": 1205}
    assert protected_file({"name": "x.csv", "rows": 6})["rows"] is None
    measures = protected_measures(pd.DataFrame({"n": [7, 8, None], "value": [1.0, 2.0, 3.0]}))
    assert measures["n"].tolist() == pytest.approx([np.nan, 10, np.nan], nan_ok=True)
    assert measures["value"].tolist() == [1.0, 2.0, 3.0]


def test_a_line_of_the_ledger_is_the_same_wherever_it_is_written(tmp_path: Path) -> None:
    first = Entry("2024-S1-b", "run", False, {("82", "ü", "2024-S1"): 12, ("82", "", "2024-S1"): 30}, ())
    append_release(tmp_path, first)
    second = Entry("2024-S2-a", "next", True, {}, (("96", "b", "2024-S2"), ("96", "a", "2024-S2")))
    append_release(tmp_path, second)
    line, other, end = (tmp_path / LEDGER_FILE).read_bytes().decode("utf-8").split("\n")
    assert line == (
        f'{{"previous":"{"0" * 64}","release":"2024-S1-b","run_id":"run",'
        '"shown":[["82","","2024-S1",30],["82","ü","2024-S1",12]],"synthetic":false,"withheld":[]}'
    )
    assert other == (
        f'{{"previous":"{hashlib.sha256(line.encode()).hexdigest()}","release":"2024-S2-a","run_id":"next","shown":[],'
        '"synthetic":true,"withheld":[["96","a","2024-S2"],["96","b","2024-S2"]]}'
    )
    assert end == ""


def test_stores_are_made_where_they_are_missing_and_are_private(tmp_path: Path) -> None:
    store = tmp_path / "deep" / "er"
    protected_indices(indices(20, 30, 40), UNITS, store, "one")
    assert sorted(path.name for path in store.iterdir()) == [COUNTS_FILE, "indices.parquet"]
    for path in store.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        table = pd.read_parquet(path)
        assert set(table["run_id"]) == {"one"}
        assert list(table.index) == [0, 1, 2, 3]
    counts = pd.read_parquet(store / COUNTS_FILE)
    assert counts["n"].tolist() == [90, 20, 30, 40]
    assert counts["headcount"].tolist() == pytest.approx([np.nan, 30, 40, 50], nan_ok=True)


def test_units_may_be_numbered(tmp_path: Path) -> None:
    units = pd.DataFrame({"unit_id": [1, 2, 3], "headcount": ["4", "40", "50"]})
    table = indices(200, 30, 40).assign(unit_id=[None, "1", "2", "3"])
    assert protected_indices(table, units, tmp_path, "one")["index"].notna().tolist() == [True, False, False, True]


def test_counts_of_another_run_are_refused_by_name(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for _ in range(2):
        with pytest.raises(DisclosureError) as caught:
            cells_to_withhold(store, tmp_path, "two", False)
        assert caught.value.message.key == "disclosure.no_fingerprints"
        assert caught.value.message.values == {"folder": "store"}
        protected_indices(indices(20, 30, 40), UNITS, store, "one")
    (store / COUNTS_FILE).write_bytes(b"PAR1")
    with pytest.raises(DisclosureError):
        cells_to_withhold(store, tmp_path, "one", False)


def test_a_choice_is_named_by_its_cells_whatever_their_order(tmp_path: Path) -> None:
    shown = results(protected_indices(indices(20, 30, 40), UNITS, tmp_path, "one"), "one")
    cells = [("82", "b", "2024-S1"), ("82", "a", "2024-S1")]
    one, other = withholding(shown, cells, tmp_path), withholding(shown, cells[::-1], tmp_path)
    named = '[["82", "a", "2024-S1"], ["82", "b", "2024-S1"]]'
    assert one.meta["withheld"] == other.meta["withheld"] == hashlib.sha256(named.encode()).hexdigest()[:12]
    assert one.meta["run_id"] == "one"
    assert shown_units(one) == [True, False, False, True]
    assert list(one.measures.index) == [0, 1]
    of_region = withholding(shown, [("82", "", "2024-S1")], tmp_path)
    assert list(of_region.measures.index) == [0]
    assert withholding(shown, [("82", "", "2024-S2")], tmp_path).measures["measure"].tolist() == [
        "index_without_fees", "hours",
    ]  # fmt: skip
    assert len(withholding(shown, [("96", "", "2024-S1")], tmp_path).measures) == 2


def test_cells_hidden_anyway_are_not_named_again(tmp_path: Path) -> None:
    """Unit a is too small in both releases and moves by two people, b with it; nothing has to be said of them."""
    release(tmp_path, "one", 5, 30, 40)
    assert "withheld" not in release(tmp_path, "two", 7, 32, 400).meta
    protected_indices(indices(7, 32, 404), UNITS, tmp_path / "three", "three")
    moved = (("82", "", "2024-S1"), ("82", "c", "2024-S1"))
    assert cells_to_withhold(tmp_path / "three", tmp_path, "three", False) == moved


def test_a_withheld_cell_that_cannot_be_protected_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.disclosure.indices.protect", lambda tables, small, width: small.copy())
    counts = indices(20, 5, 40)
    with pytest.raises(DisclosureError) as caught:
        exact_counts(counts, {})
    assert caught.value.message.key == "disclosure.not_protected"
    assert caught.value.message.values == {"n": 1, "first": "82 2024-S1"}


def test_rules_other_than_those_of_the_catalog_may_be_given() -> None:
    loose = replace(load_rules(), min_respondents=3, min_officers=1, rounding=2, suppressed_count=0, release_change=1)
    counts = exact_counts(indices(5, 3, 40), {"a": 1.0, "b": 2.0, "c": 1.0}, loose)
    assert not counts["hidden"].any()
    shown = publishable_indices(indices(5, 3, 40), np.zeros(4, dtype=bool), loose)
    assert shown["n"].tolist() == [48, 6, 4, 40]
    old = [Entry("r", "old", False, dict(zip(keys_of(counts), (47, 3, 3, 40), strict=True)), ())]
    assert moved_cells(old, counts, "new", False, loose).tolist() == [True, False, False, False]


def test_a_cell_without_respondents_needs_no_protection() -> None:
    counts = exact_counts(indices(0, 30, 40), {"a": 30.0, "b": 30.0, "c": 30.0})
    assert counts["hidden"].tolist()[1]
    assert not counts["hidden"].tolist()[0]
