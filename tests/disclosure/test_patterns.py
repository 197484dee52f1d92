"""Small cells and identifiers. All personal numbers are made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import (
    find_identifiers,
    is_nik,
    is_nip,
    load_rules,
    patterns,
    raise_for,
    search_release,
    suppress_small_cells,
)
from analysis.disclosure.patterns import NIK_GROUPS, NIP_GROUPS, Found, digit_runs, is_phone, locate, number_kind
from analysis.errors import EXIT_DISCLOSURE_REFUSED, DisclosureError

NIP, NIK, PHONE = "198001012005011001", "9671014101800001", "081234567890"


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
        raise_for(search_release(tmp_path))
    assert caught.value.exit_code == EXIT_DISCLOSURE_REFUSED
    assert "82/index.html" in str(caught.value)
    assert "198001012005011001" not in str(caught.value)


def grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    """A number in groups of the given sizes."""
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    return sign.join(number[end - size : end] for end, size in zip(ends, sizes, strict=True))


@pytest.mark.parametrize("sign", [" ", "-", ".", "\u00a0", "\u2009", "/", "_", " -"])
@pytest.mark.parametrize(("kind", "number", "groups"), [("nip", NIP, NIP_GROUPS), ("nik", NIK, NIK_GROUPS)])
def test_every_grouping_of_print_is_found_where_it_stands(
    kind: str, number: str, groups: tuple[tuple[int, ...], ...], sign: str
) -> None:
    for sizes in groups:
        written = grouped(number, sizes, sign)
        found = [item for item in locate(f"Ketua: {written} hadir") if item.kind == kind]
        # One point alone parts the decimals of a number.
        expected = [] if sign == "." and len(sizes) == 2 else [Found(kind, written, 7)]
        assert found == expected, sizes


@pytest.mark.parametrize(
    "text",
    [
        "1980 01 01 2005 011 001",  # a grouping that nobody prints
        "19800101 200501.1-001",  # unlike signs
        "19800101.2005011001",  # one point only: a number with decimals
        f"0.{NIP}",
        f"{NIP}.5",
        f"1{NIP}",
        f"{NIP}1",
        "9671 0141 0180 0001 2345",  # five equal groups: a row of figures
        "123 198 001 012 005 011 001",
    ],
)
def test_rows_of_figures_and_decimals_are_no_numbers_of_persons(text: str) -> None:
    assert [kind for kind in kinds(text) if kind in ("nip", "nik")] == []


def test_digests_hide_digits_only_if_they_have_letters() -> None:
    inside = f"{'a1' * 4}{NIP}{'b2' * 4}"
    assert kinds(inside) == []
    assert kinds(inside.upper()) == []
    assert kinds(f"ab{NIP}cd") == ["nip"]  # 22 signs are no digest
    assert kinds(f"{'a1' * 12} {NIP}") == ["nip"]
    assert kinds(f"{NIP} {'a1' * 12}") == ["nip"]
    assert kinds(f"x{'g' * 24}{NIP}") == ["nip"]


def test_several_numbers_of_a_text_are_found_in_their_order() -> None:
    text = f"{NIP}; {NIK}, a@b.go.id dan {PHONE}"
    places = [text.index(part) for part in (NIP, NIK, PHONE, "a@b.go.id")]
    assert list(locate(text)) == [
        Found("nip", NIP, places[0]), Found("nik", NIK, places[1]), Found("phone", PHONE, places[2]),
        Found("email", "a@b.go.id", places[3]),
    ]  # fmt: skip
    assert list(find_identifiers(text)) == [(item.kind, item.text) for item in locate(text)]


@pytest.mark.parametrize(
    ("number", "possible"),
    [
        ("193001011950011001", True),
        ("192912311950011001", False),
        ("201212312027011001", True),
        ("201301012028011001", False),
        ("198001011995011001", True),
        ("198001011994011001", False),
        ("198001012050011001", True),
        ("198001012051011001", False),
        ("198001012005002001", False),
        ("198001012005252001", True),
        ("198001012005010001", False),
        ("198001012005013001", False),
        ("198002302005011001", False),
        ("198013012005011001", False),
        ("198012312005011001", True),
        ("198010302005111001", True),
    ],
)
def test_a_nip_has_a_birth_an_age_at_appointment_and_a_sex(number: str, possible: bool) -> None:
    assert is_nip(number) is possible
    assert number_kind(number) == ("nip" if possible else None)


@pytest.mark.parametrize(
    ("number", "possible"),
    [
        ("9671010101800001", True),
        ("9671014101800001", True),
        ("9671017101800001", True),
        ("9671017201800001", False),
        ("9671013201800001", False),
        ("9671014001800001", False),
        ("9671010001800001", False),
        ("9671013002800001", False),
        ("9671012902800001", True),
        ("9671010113800001", False),
        ("9671010112800001", True),
        ("9671000101800001", False),
        ("9671600101800001", True),
        ("9671610101800001", False),
        ("9600010101800001", False),
        ("9669010101800001", True),
        ("9670010101800001", False),
        ("9699010101800001", True),
        ("1001010101800001", False),
        ("9271010101800001", True),
    ],
)
def test_a_nik_has_an_area_and_a_birthday(number: str, possible: bool) -> None:
    assert is_nik(number) is possible
    assert number_kind(number) == ("nik" if possible else None)


def test_numbers_of_another_length_are_neither() -> None:
    assert number_kind(NIP[:17]) is None
    assert number_kind(NIK + "0") is None
    assert number_kind(NIP[:16]) is None


@pytest.mark.parametrize(
    ("written", "possible"),
    [
        ("081234567890", True),
        ("0812-3456-7890", True),
        ("0812 345 678", True),
        ("0812345678", True),
        ("081234567", False),
        ("0812345678901", True),
        ("08123456789012", False),
        ("6281234567890", True),
        ("+6281234567890", True),
        ("006281234567890", True),
        ("+62 (0) 812 3456 789", True),
        ("0801234567890", False),
        ("0820123456789", False),
        ("0821123456789", True),
        ("0824123456789", False),
        ("0899123456789", True),
        ("(+62)812 3456 789", True),
        ("+62 21 345 6789", True),
        ("(+62) 21 345 67890", True),
        ("0062 21 345 67890", True),
        ("021 345 67890", False),
        ("+62 21 345 678", False),
        ("+62 921 3456 78901", False),
        ("+62 21 3456 78901", True),
    ],
)
def test_what_is_a_telephone_number_of_the_country(written: str, possible: bool) -> None:
    assert is_phone(written) is possible


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"hp {PHONE}", [PHONE]),
        (f"hp:{PHONE};", [PHONE]),
        (f"a{PHONE}", []),
        (f"{PHONE}a", []),
        (f"1.{PHONE}", []),
        (f"{PHONE}.5", []),
        (f"{PHONE},5", []),
        (f"{PHONE}.", [PHONE]),
        ("(+62) 812 3456 7890", ["(+62) 812 3456 7890"]),
        ("+62 (812) 3456 7890", ["+62 (812) 3456 7890"]),
        ("(0062) (0)812 3456 7890", ["(0062) (0)812 3456 7890"]),
        ("+62812345678; 081234567890", ["+62812345678", "081234567890"]),
        ("telp +62 21 345 67890 atau", ["+62 21 345 67890"]),
        ("telp 021 345 67890 atau", []),
        ("hp 6281234567890", ["6281234567890"]),
        ("[6281234567890, 1]", []),
        ("1, 6281234567890", []),
        ('"v": 6281234567890', []),
        ("1;6281234567890", []),
        ("[081234567890]", ["081234567890"]),
        (": +6281234567890", ["+6281234567890"]),
        ("dua 6281234567890", ["6281234567890"]),
        ("[62 812 3456 7890]", []),
        ("nomor 62812 3456 7890", ["62812 3456 7890"]),
    ],
)
def test_telephone_numbers_in_texts_and_in_rows_of_numbers(text: str, found: list[str]) -> None:
    assert [item.text for item in locate(text) if item.kind == "phone"] == found


def test_the_offices_own_addresses_may_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{PHONE}, 081234567891, layanan@tebo.go.id, budi@tebo.go.id"
    assert kinds(text) == ["phone", "phone", "email", "email"]
    own = replace(load_rules(), public_addresses=(PHONE, "layanan@tebo.go.id"))
    monkeypatch.setattr(patterns, "load_rules", lambda: own)
    assert list(find_identifiers(text)) == [("phone", "081234567891"), ("email", "budi@tebo.go.id")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.98001012005011E+17", "nip"),
        ("1,98001012005011e17", None),
        ("1,98001012005011E17", "nip"),
        ("1.98001012005011e+17", "nip"),
        ("1.98001012005012E+17", "nip"),
        ("1.98001012005013E+17", "nip"),
        ("1.98001012005010E+17", "nip"),
        ("1.98001012005014E+17", None),
        ("1.98001012005011E+15", None),
        ("9.671014101800001E+15", "nik"),
        ("9.67101410180000E+15", "nik"),
        ("9.67101E+15", None),
        ("x1.98001012005011E+17", None),
        ("0.198001012005011E+18", None),
        ("1.98001012005011E+170", None),
        ("1.9800101E+17", None),
        ("1.98001012005011E+16", None),
    ],
)
def test_numbers_that_a_spreadsheet_has_damaged(text: str, kind: str | None) -> None:
    found = [Found(kind, text, 3)] if kind else []
    assert list(locate(f"a; {text}; b")) == found


def test_runs_of_digits_start_at_eight() -> None:
    assert [run.group() for run in digit_runs("a 12345678 b 1234567 c 1 2.3-4/5_6\u00a07 8 d")] == [
        "12345678", "1 2.3-4/5_6\u00a07 8",
    ]  # fmt: skip
    assert [run.group() for run in digit_runs("1234  5678 / 1234   5678")] == ["1234  5678"]
