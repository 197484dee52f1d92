"""Primary rules, rounding and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import load_rules, neutral, shown_count, shown_counts, suppress_small_cells
from analysis.disclosure.cells import blank
from analysis.errors import CatalogError
from analysis.paths import catalog_dir

RULES = load_rules()


def test_rules_are_those_of_the_catalog() -> None:
    values = (
        RULES.min_respondents,
        RULES.suppressed_count,
        RULES.rounding,
        RULES.min_officers,
        RULES.protection_width,
        RULES.release_change,
        RULES.min_units,
        RULES.min_residual_df,
        RULES.shingle_words,
    )
    assert values == (10, 7, 5, 5, 5, 9, 5, 10, 6)
    assert "residual" in RULES.single_person_figures
    assert RULES.public_addresses == ()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("rounding:\n  value: 5", "rounding:\n  value: 0", "rounding"),
        ("rounding:", "roundings:", "rounding"),
        ("min_units:\n  value: 5\n", "min_units:\n", "min_units"),
        ("min_officers:\n  value: 5", "min_officers:\n  value: -1", "min_officers"),
    ],
)
def test_a_wrong_rule_is_refused(tmp_path, old: str, new: str, name: str) -> None:
    text = (catalog_dir() / "disclosure.yml").read_text(encoding="utf-8")
    (tmp_path / "disclosure.yml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError, match=name) as caught:
        load_rules(tmp_path)
    assert caught.value.message.values["file"] == "disclosure.yml"


def test_a_rule_of_one_is_allowed(tmp_path) -> None:
    text = (catalog_dir() / "disclosure.yml").read_text(encoding="utf-8")
    (tmp_path / "disclosure.yml").write_text(text.replace("rounding:\n  value: 5", "rounding:\n  value: 1"), "utf-8")
    assert load_rules(tmp_path).rounding == 1


def test_small_cells_are_blanked_and_the_place_is_kept() -> None:
    table = pd.DataFrame({"unit_id": ["a", "b"], "n": [9, 10], "index": [80.0, 81.0], "grade": ["B", "B"]})
    shown = suppress_small_cells(table, "n")
    assert shown["unit_id"].tolist() == ["a", "b"]
    assert shown.loc[0, ["n", "index", "grade"]].isna().all()
    assert shown.loc[1, ["n", "index"]].tolist() == [10, 81.0]
    assert table.loc[0, "index"] == 80.0
    assert suppress_small_cells(table, "n", 9)["index"].tolist() == [80.0, 81.0]


def test_a_count_under_another_name_is_blanked_and_places_stay() -> None:
    place = {"region_code": "82", "unit_id": "a", "unit_name": "Dinas", "service_type": "umum", "period": "2024-S1"}
    table = pd.DataFrame([{**place, "n": 3, "people": 3}], index=[7])
    shown = blank(table, np.array([True]), "people")
    assert shown.loc[7, list(place)].to_dict() == place
    assert np.isnan(shown.loc[7, "people"])
    assert shown.loc[7, "n"] == 3
    assert np.isnan(blank(table, np.array([True])).loc[7, "n"])


@pytest.mark.parametrize(
    ("exact", "shown"), [(0, None), (7, None), (8, 10), (12, 10), (13, 15), (17.5, 20), (1204, 1205)]
)
def test_counts_are_suppressed_or_rounded(exact: float, shown: int | None) -> None:
    assert shown_count(exact) == shown


def test_missing_counts_stay_missing() -> None:
    assert shown_count(None) is None
    assert shown_counts(pd.Series([np.nan, 22.0], index=[3, 4])).to_dict() == pytest.approx(
        {3: np.nan, 4: 20.0}, nan_ok=True
    )


@given(st.integers(8, 10**7))
def test_rounding_moves_a_count_by_at_most_half_a_step(count: int) -> None:
    shown = shown_count(count)
    assert shown is not None
    assert shown % 5 == 0
    assert abs(shown - count) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+62",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n=x",
        "|cmd",
        "%0a",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "  =1",
        '"=1',
        "'=1",
        "\u00a0=x",
        "\ufeff=x",
        "-1,2,3",
    ],
)
def test_formulas_are_neutralised(text: str) -> None:
    expected = text if text == "+62" else f"'{text}"
    assert neutral(text) == expected


@pytest.mark.parametrize("value", ["Dinas", "a=b", "-0.5", "-0,5", "+3", "12", "", 5, None, -1.5, "–", "1-2"])
def test_other_values_stay(value: object) -> None:
    assert neutral(value) is value


def test_rows_keep_their_index_and_rules_may_be_given() -> None:
    table = pd.DataFrame({"unit_id": ["a", "b", "c"], "n": [9, 10, 30], "index": [80.0, 81.0, 82.0]}, index=[7, 5, 9])
    shown = suppress_small_cells(table, "n")
    assert shown.index.tolist() == [7, 5, 9]
    assert shown["index"].tolist() == pytest.approx([np.nan, 81, 82], nan_ok=True)
    assert suppress_small_cells(table, "n", 11)["index"].tolist() == pytest.approx([np.nan, np.nan, 82], nan_ok=True)
    loose = replace(RULES, suppressed_count=2, rounding=3)
    assert shown_count(4, loose) == 3
    assert shown_count(2, loose) is None
    assert shown_counts(pd.Series(["8", "7"]), loose).tolist() == [9, 6]
