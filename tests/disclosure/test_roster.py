"""What is read of persons from the files of a study: kinds by header and by form, and what is left out as public."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.disclosure import roster
from analysis.disclosure.roster import own_wording, person_names, personal_texts
from analysis.messages import LOCALE_DIR
from analysis.paths import catalog_dir, notebooks_dir


def complaints(folder: Path, header: str, *values: str, sign: str = ";") -> dict[str, set[str]]:
    """What is read of complaints with one more column."""
    folder.mkdir(exist_ok=True)
    rows = [sign.join(["unit_id", "received_on", header]), *(sign.join(["A1", "2024-01-02", v]) for v in values)]
    (folder / "pengaduan.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return personal_texts(folder)[0]


@pytest.mark.parametrize(
    ("header", "value", "kept"),
    [
        ("No. HP", "0812-3456", {"number": {"08123456"}}),
        ("No. HP", "0812-345", {}),
        ("NPWP", "01.234.567.8-901.000", {"number": {"012345678901000"}}),
        ("Alamat", "Jalan Merpati Lima", {"address": {"Jalan Merpati Lima"}}),
        ("Alamat", "Jalan Merpati", {}),
        ("Nama Pelapor", "Hj. Siti Aminah, S.E.", {"name": {"siti aminah"}}),
        ("Nama Pelapor", "satu dua tiga empat lima enam", {"name": {"satu dua tiga empat lima enam"}}),
        ("Keterangan", "198001012005011", {"number": {"198001012005011"}}),
        ("Keterangan", "19800101200501", {}),
        ("Keterangan", "NIP. 198001012005011", {"number": {"198001012005011"}}),
        ("Keterangan", "nomor  198001012005011", {}),
        ("Keterangan", "NIP 1 98001012005011 dan lain lain", {"free_text": {"NIP 1 98001012005011 dan lain lain"}}),
        ("Keterangan", "satu dua tiga empat lima enam", {"free_text": {"satu dua tiga empat lima enam"}}),
        ("Keterangan", "satu dua tiga empat lima", {}),
        ("Nama Pelapor", "Nama Pelapor", {}),
        ("Jenis Layanan", "satu dua tiga empat lima enam", {}),
        ("channel", "satu dua tiga empat lima enam", {}),
        ("channel", "198001012005011", {"number": {"198001012005011"}}),
        ("Alamat", "198001012005011001", {"number": {"198001012005011001"}}),
    ],
)
def test_kinds_are_known_by_header_and_by_form(tmp_path: Path, header: str, value: str, kept: dict) -> None:
    assert complaints(tmp_path / "s", header, value) == kept


def test_names_of_units_and_services_are_public_whatever_they_look_like(tmp_path: Path) -> None:
    tmp_path.joinpath("unit.csv").write_text(
        "Kode Unit,Kode Wilayah,Nama Unit,Jenis Layanan\nA1,82,Dinas Satu Dua Tiga Empat Lima Enam,Umum Sekali\n",
        encoding="utf-8",
    )
    texts, public = personal_texts(tmp_path)
    assert texts == {}
    assert {"Dinas Satu Dua Tiga Empat Lima Enam", "Umum Sekali"} <= public
    assert "82" not in public


def test_numbers_that_parquet_keeps_as_floats_are_read_as_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame({"unit_id": ["A1", "A1", "A1"], "period": "2024-S1", "no hp": [81234567890.0, None, 1.5]})
    table.to_parquet(tmp_path / "survei.parquet")
    assert personal_texts(tmp_path)[0] == {"number": {"81234567890"}}


def test_a_damaged_parquet_file_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "survei.parquet").write_bytes(b"PAR1broken")
    assert personal_texts(tmp_path) == ({}, set())


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_of_a_large_file_only_columns_that_may_tell_of_persons_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    comment = "saya menunggu empat jam tanpa kabar"
    kept = complaints(tmp_path / "s", f"Catatan{sign}Nama Pelapor", f"{comment}{sign}Joko Widagdo", sign=sign)
    assert kept == {"free_text": {comment}, "name": {"joko widagdo"}}
    monkeypatch.setattr(roster, "LARGE_BYTES", 10)
    assert personal_texts(tmp_path / "s")[0] == kept
    columns = list(roster._large_columns(tmp_path / "s" / "pengaduan.csv"))
    assert columns == [(["catatan"], [comment]), (["nama pelapor"], ["Joko Widagdo"])]


def test_a_large_file_with_short_rows_wrong_bytes_and_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"unit_id;nama;catatan\nA1\nA2;Budi \xff Santoso\n\nA3;;b\nA3;Adi;a\n")
    assert list(roster._large_columns(path)) == [(["nama"], ["Adi", "Budi \ufffd Santoso"]), (["catatan"], ["a", "b"])]
    path.write_bytes(b"")
    assert list(roster._large_columns(path)) == []


def test_a_file_is_large_above_the_limit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints(tmp_path, "Nama Pelapor", "Joko Widagdo")
    size = (tmp_path / "pengaduan.csv").stat().st_size
    monkeypatch.setattr(roster, "_large_columns", lambda path: iter([(["nama"], ["Lain Sekali"])]))
    monkeypatch.setattr(roster, "LARGE_BYTES", size)
    assert personal_texts(tmp_path)[0] == {"name": {"joko widagdo"}}
    monkeypatch.setattr(roster, "LARGE_BYTES", size - 1)
    assert personal_texts(tmp_path)[0] == {"name": {"lain sekali"}}


def test_a_header_is_looked_for_in_the_first_rows(tmp_path: Path) -> None:
    head = ["Laporan;;"] * (roster.SEARCHED_ROWS - 1)
    rows = "unit_id;received_on;Nama Pelapor\nA1;2024-01-02;Joko Widagdo\n"
    (tmp_path / "pengaduan.csv").write_text("\n".join(head) + "\n" + rows, encoding="utf-8")
    assert "joko widagdo" in personal_texts(tmp_path)[0]["name"]
    (tmp_path / "pengaduan.csv").write_text("\n".join([*head, "Laporan;;"]) + "\n" + rows, encoding="utf-8")
    assert "name" not in personal_texts(tmp_path)[0]


@pytest.mark.parametrize(
    ("written", "name"),
    [("Abcd E", ["abcd e"]), ("Abc D", []), ("Budi.Santoso", ["budi santoso"]), ("Adi 2 Santoso", []), ("Dr. H.", [])],
)
def test_short_names_are_told_from_other_words_by_their_letters(written: str, name: list[str]) -> None:
    assert list(person_names(written)) == name


def test_everything_that_reports_are_made_of_is_their_own_wording() -> None:
    texts = set(own_wording())
    report = Path(roster.__file__).parents[1] / "report"
    for folder, pattern in (
        (LOCALE_DIR, "*/*.po"), (catalog_dir(), "*.yml"), (catalog_dir(), "*.csv"), (notebooks_dir(), "*.ipynb"),
        (report, "**/*.j2"), (report, "**/*.js"), (report, "**/*.css"),
    ):  # fmt: skip
        found = {path.read_text(encoding="utf-8") for path in folder.glob(pattern)}
        assert found
        assert found <= texts
    assert {"Kabupaten Tebo", "Kota Tidore Kepulauan"} <= texts
