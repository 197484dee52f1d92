"""Small cells and identifiers. All personal numbers are made up."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import find_identifiers, refuse_identifiers, suppress_small_cells
from analysis.errors import EXIT_DISCLOSURE_REFUSED, DisclosureError


def kinds(text: str) -> list[str]:
    return [kind for kind, _ in find_identifiers(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("198001012005011001", "nip"),
        ("19800101 200501 1 001", "nip"),
        ("pegawai 198001012024211001 hadir", "nip"),
        ("9671014101800001", "nik"),
        ("NIK: 3171010101000001.", "nik"),
        ("tulis ke seseorang@contoh.go.id", "email"),
        ("hubungi 0812-3456-7890", "phone"),
        ("+62 812 3456 7890", "phone"),
    ],
)
def test_identifiers_are_found(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "198013012005011001",
        "2025123456789012",
        "3.498.758.995.777",
        "0.1234567890123456",
        "sha256:3f1b198001012005011001c0ffee77aa",
        "2024-S1 82.72.02.1003",
        "9f2c4e1ba77b04c01d9a" * 3,
        "IKM 83,12 (81,90 s.d. 84,34; n = 1.204)",
    ],
)
def test_ordinary_figures_are_not(text: str) -> None:
    assert kinds(text) == []


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6))
def test_floats_are_never_identifiers(value: float) -> None:
    assert kinds(f"[{value}, {value:.6g}]") == []


def test_small_cells_are_blanked_and_the_place_is_kept() -> None:
    table = pd.DataFrame({"unit_id": ["a", "b"], "n": [9, 10], "index": [80.0, 81.0], "grade": ["B", "B"]})
    shown = suppress_small_cells(table, "n")
    assert shown["unit_id"].tolist() == ["a", "b"]
    assert shown.loc[0, ["n", "index", "grade"]].isna().all()
    assert shown.loc[1, "index"] == 81.0
    assert table.loc[0, "index"] == 80.0


def test_a_release_with_an_identifier_is_refused_without_repeating_it(tmp_path: Path) -> None:
    (tmp_path / "82").mkdir()
    (tmp_path / "82" / "index.html").write_text("<p>198001012005011001</p>", encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        refuse_identifiers(tmp_path)
    assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
    assert "82/index.html" in str(caught.value)
    assert "198001012005011001" not in str(caught.value)
