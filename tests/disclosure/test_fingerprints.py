"""Keyed fingerprints of what the inputs hold of persons, and how they are read from the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import (
    Fingerprints,
    fingerprints,
    make_fingerprints,
    read_fingerprints,
    words,
    write_fingerprints,
)
from analysis.disclosure.fingerprints import KEY_FILE, TABLE_FILE, new_key
from analysis.disclosure.roster import keep_fingerprints, own_wording, person_names, personal_texts, study_fingerprints
from analysis.disclosure.words import fold, keyed
from analysis.errors import DisclosureError

KEY = bytes(range(32))
WORDS = st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=5), min_size=6, max_size=30)


def kinds(made: Fingerprints, text: str) -> set[str]:
    return {kind for kind, _ in made.search(text)}


@given(WORDS, st.integers(0, 24))
def test_every_six_words_of_a_text_are_found_wherever_they_stand(words: list[str], start: int) -> None:
    made = make_fingerprints(KEY, {"free_text": [" ".join(words)]})
    part = words[start : start + 6]
    assert (kinds(made, f"9 {' '.join(part)} 9") == {"free_text"}) == (len(part) == 6)


@given(WORDS, WORDS)
def test_words_of_two_texts_make_no_sequence(first: list[str], second: list[str]) -> None:
    first, second = [f"a{w}" for w in first], [f"b{w}" for w in second]
    made = make_fingerprints(KEY, {"free_text": [" ".join(first), " ".join(second)]})
    assert kinds(made, " ".join(first[-3:] + second[:3])) == set()


def test_the_hash_of_a_word_does_not_depend_on_its_place() -> None:
    functions = keyed(KEY)
    words = functions.words(fold("satu dua satu, SATU"))
    assert words.hashes[0] == words.hashes[2] == words.hashes[3] != words.hashes[1]
    assert words.starts.tolist() == [0, 5, 9, 15]
    assert words.ends.tolist() == [4, 8, 13, 19]


def test_sequences_depend_on_order_length_and_key() -> None:
    functions = keyed(KEY)
    hashes = functions.words(b"a b c a b").hashes
    pairs = functions.sequences(hashes, 2)
    assert pairs[0] == pairs[3]
    assert len(set(pairs.tolist())) == 3
    assert functions.sequences(hashes, 1)[0] != hashes[0]
    assert len(functions.sequences(hashes, 6)) == 0
    assert keyed(KEY + b"x").words(b"a").hashes[0] != hashes[0]


def test_no_two_of_many_words_share_a_hash() -> None:
    text = " ".join(str(number) for number in range(100_000)).encode()
    hashes = keyed(KEY).words(text).hashes
    assert len(np.unique(hashes)) == 100_000
    # Both ends of the 64 bits are used evenly: the first filter takes the upper ones.
    assert np.mean((hashes >> np.uint64(63)).astype(float)) == pytest.approx(0.5, abs=0.01)
    assert np.mean((hashes & np.uint64(1)).astype(float)) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Siti  Aminah", "siti aminah"),
        ("SITI AMINAH", "siti aminah"),
        ("Síti Amínah", "siti aminah"),
        ("“Siti”–Aminah", "siti aminah"),
        ("Siti\u00a0Aminah", "siti aminah"),
        ("Si\u00adti Ami\u200bnah", "siti aminah"),
        ("Ｓｉｔｉ Aminah", "siti aminah"),
    ],
)
def test_writing_makes_no_difference(written: str, plain: str) -> None:
    functions = keyed(KEY)
    assert functions.words(fold(written)).hashes.tolist() == functions.words(fold(plain)).hashes.tolist()


def test_public_words_identify_nobody() -> None:
    comment = "Dinas Kependudukan dan Pencatatan Sipil Kota lambat sekali"
    texts = {"free_text": [comment], "name": ["Siti Aminah", "Budi Utomo"]}
    made = make_fingerprints(KEY, texts, public=["dinas kependudukan dan pencatatan sipil kota", "RS Budi Utomo"])
    assert kinds(made, "Dinas Kependudukan dan Pencatatan Sipil Kota") == set()
    assert kinds(made, comment) == {"free_text"}
    assert kinds(made, "dr. Budi Utomo") == set()
    assert kinds(made, "siti aminah") == {"name"}
    assert len(make_fingerprints(KEY, texts)) == 5
    assert len(made) == 3


def test_long_names_are_taken_by_their_first_words() -> None:
    made = make_fingerprints(KEY, {"name": ["a b c d e f g h"]})
    assert kinds(made, "x a b c d e f") == {"name"}
    assert kinds(made, "a b c d e") == set()
    assert kinds(make_fingerprints(KEY, {"free_text": ["a b c d"]}, shingle=4), "a b c d") == {"free_text"}


def test_they_are_kept_privately_and_read_again(tmp_path: Path) -> None:
    made = make_fingerprints(new_key(), {"name": ["Siti Aminah"], "number": ["130123456"]})
    write_fingerprints(made, tmp_path / "store")
    again = read_fingerprints(tmp_path / "store")
    assert again.key == made.key
    assert len(again.key) == 32
    assert {place: hashes.tolist() for place, hashes in again.hashes.items()} == {
        place: hashes.tolist() for place, hashes in made.hashes.items()
    }
    assert kinds(again, "SITI aminah") == {"name"}
    for name in (KEY_FILE, TABLE_FILE):
        path = tmp_path / "store" / name
        assert path.stat().st_mode & 0o077 == 0
        assert b"iti" not in path.read_bytes()
    assert sorted(p.name for p in (tmp_path / "store").iterdir()) == sorted([KEY_FILE, TABLE_FILE])


def test_a_study_without_persons_has_no_fingerprints(tmp_path: Path) -> None:
    write_fingerprints(make_fingerprints(KEY, {}), tmp_path)
    again = read_fingerprints(tmp_path)
    assert len(again) == 0
    assert kinds(again, "apa saja") == set()


@pytest.mark.parametrize("gone", [KEY_FILE, TABLE_FILE])
def test_without_fingerprints_nothing_is_published(tmp_path: Path, gone: str) -> None:
    write_fingerprints(make_fingerprints(KEY, {"name": ["Siti Aminah"]}), tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(DisclosureError) as caught:
        read_fingerprints(tmp_path)
    assert caught.value.message.values == {"folder": tmp_path.name}


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    write_fingerprints(make_fingerprints(KEY, {"name": ["Siti Aminah"]}), tmp_path)
    (tmp_path / TABLE_FILE).write_bytes(b"PAR1")
    with pytest.raises(DisclosureError):
        read_fingerprints(tmp_path)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Dr. H. Budi Santoso, S.Sos., M.Si.", ["budi santoso"]),
        ("SUHARTO", ["suharto"]),
        ("Adi", []),
        ("A. Umi", []),
        ("Ny. Sri Rejeki", ["sri rejeki"]),
        ("Unit 12345", []),
        ("", []),
        ("Santi", ["santi"]),
        ("Rina", []),
        ("I Wy", []),
    ],
)
def test_names_lose_titles_and_degrees(written: str, name: list[str]) -> None:
    assert list(person_names(written)) == name


def study(folder: Path) -> Path:
    folder.mkdir()
    book = openpyxl.Workbook()
    book.active.append(["Daftar Pegawai"])
    book.active.append(["Kode Unit", "NIP", "Nama Pegawai", "No. HP", "Alamat", "Pendidikan", "Keterangan"])
    book.active.append(
        [
            "A1",
            "198001012005011001",
            "Dra. Siti Aminah, M.Si",
            "081234567890",
            "Jalan Merpati Nomor 5",
            "S1",
            "sering menolong warga lanjut usia mengisi formulir pendaftaran",
        ]
    )
    book.save(folder / "pegawai.xlsx")
    units = pd.DataFrame(
        {
            "Kode Unit": ["A1"],
            "Kode Wilayah": ["82"],
            "Nama Unit": ["Dinas Perhubungan Kota Besar Sekali Ya"],
            "Jenis Layanan": ["umum"],
            "Jumlah Pegawai": [30],
        }
    )
    units.to_csv(folder / "unit.csv", index=False)
    comments = ["petugas loket tiga selalu pergi sebelum jam tutup", "bagus"]
    pd.DataFrame({"unit_id": ["A1", "A1"], "period": "2024-S1", "comment": comments}).to_parquet(
        folder / "survei.parquet"
    )
    header = "unit_id;received_on;text;nama pelapor"
    rows = f"{header}\nA1;2024-01-02;saya menunggu empat jam tanpa kabar apa pun;Joko Widagdo\n"
    (folder / "pengaduan.csv").write_text(rows, encoding="utf-8")
    (folder / "catatan lain.csv").write_text("nama\nTidak Dibaca\n", encoding="utf-8")
    return folder


def test_persons_are_read_from_every_file_and_column(tmp_path: Path) -> None:
    texts, public = personal_texts(study(tmp_path / "study"))
    assert texts["number"] == {"198001012005011001", "081234567890"}
    assert texts["name"] == {"siti aminah", "joko widagdo"}
    assert texts["address"] == {"Jalan Merpati Nomor 5"}
    assert texts["free_text"] == {
        "sering menolong warga lanjut usia mengisi formulir pendaftaran",
        "petugas loket tiga selalu pergi sebelum jam tutup",
        "saya menunggu empat jam tanpa kabar apa pun",
    }
    assert "Dinas Perhubungan Kota Besar Sekali Ya" in public


def test_a_large_file_is_read_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = study(tmp_path / "study")
    whole = personal_texts(folder)[0]
    monkeypatch.setattr("analysis.disclosure.roster.LARGE_BYTES", 10)
    assert personal_texts(folder)[0] == whole


def test_a_study_keeps_its_fingerprints(tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    keep_fingerprints(folder, tmp_path / "store")
    made = read_fingerprints(tmp_path / "store")
    assert kinds(made, "SITI AMINAH") == {"name"}
    assert kinds(made, "menunggu empat jam tanpa kabar apa") == {"free_text"}
    assert kinds(made, "Dinas Perhubungan Kota Besar Sekali Ya") == set()
    assert study_fingerprints(folder).key != made.key


def test_what_was_searched_before_covers_the_same_persons_and_fewer_but_no_new_one(tmp_path: Path) -> None:
    folder, store = study(tmp_path / "study"), tmp_path / "store"
    complaints = (folder / "pengaduan.csv").read_text(encoding="utf-8")
    keep_fingerprints(folder, store)
    first = read_fingerprints(store)
    (folder / "pengaduan.csv").unlink()
    keep_fingerprints(folder, store)
    fewer = read_fingerprints(store)
    assert (fewer.key, fewer.digest) == (first.key, first.digest)
    assert kinds(fewer, "menunggu empat jam tanpa kabar apa") == set()
    # With what was searched after that, the persons left out are new again.
    (folder / "pengaduan.csv").write_text(complaints, encoding="utf-8")
    keep_fingerprints(folder, store)
    again = read_fingerprints(store)
    assert again.key == first.key
    assert again.digest != first.digest
    assert kinds(again, "menunggu empat jam tanpa kabar apa") == {"free_text"}


def test_fingerprints_hold_those_of_their_key_only() -> None:
    many, one = (
        make_fingerprints(KEY, {"name": names}) for names in (["Siti Aminah", "Joko Widagdo"], ["Joko Widagdo"])
    )
    assert many.hold(one)
    assert not one.hold(many)
    assert many.hold(make_fingerprints(KEY, {}))
    assert not many.hold(make_fingerprints(b"x" * 32, {"name": ["Joko Widagdo"]}))
    assert not many.hold(make_fingerprints(KEY, {"number": ["198001012005011001"]}))


def test_the_projects_own_wording_is_public() -> None:
    text = "\n".join(own_wording())
    assert "Kabupaten Tebo" in text
    assert 'msgid "disclosure.identifier"' in text


def test_what_is_found_is_told_with_its_kind_and_words_in_order() -> None:
    made = make_fingerprints(KEY, {"name": ["Siti Aminah", "Adi"], "number": ["130123456"], "address": ["Jalan A 5"]})
    text = "“ADI” di Jalan A. 5: siti  amináh (130123456), adi"
    assert sorted(made.search(text)) == [
        ("address", "jalan a. 5"), ("name", "adi"), ("name", "adi"), ("name", "siti  aminah"),
        ("number", "130123456"),
    ]  # fmt: skip
    assert list(made.search("")) == []
    assert list(Fingerprints(KEY).search("adi")) == []
    assert len(Fingerprints(KEY)) == 0


def test_hashes_are_sorted_and_told_by_kind_and_number_of_words() -> None:
    texts = {"name": [f"nama {n}" for n in range(50)] + ["", "satu"], "free_text": ["a b c d e f g h", "pendek saja"]}
    made = make_fingerprints(KEY, texts)
    assert {place: len(hashes) for place, hashes in made.hashes.items()} == {
        ("name", 2): 50, ("name", 1): 1, ("free_text", 6): 3,
    }  # fmt: skip
    for hashes in made.hashes.values():
        assert (np.diff(hashes.astype(object)) > 0).all()
    assert sorted(made.lengths) == [1, 2, 6]
    assert len(made) == 54


def test_texts_are_taken_in_batches_without_running_into_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"a{n} b{n} c{n} d{n} e{n} f{n}\r\ng{n}" for n in range(7)]
    whole = make_fingerprints(KEY, {"free_text": texts})
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(fingerprints._batches, "__defaults__", (size,))
        assert [len(batch) for batch in fingerprints._batches(texts)] == [size] * (7 // size) + (
            [7 % size] if 7 % size else []
        )
        again = make_fingerprints(KEY, {"free_text": texts})
        assert {place: hashes.tolist() for place, hashes in again.hashes.items()} == {
            place: hashes.tolist() for place, hashes in whole.hashes.items()
        }
    assert len(whole) == 14
    assert list(fingerprints._batches([])) == []
    assert list(fingerprints._batches(["a\r\n\nb"])) == [["a b"]]


def test_another_shingle_and_another_key_make_other_fingerprints(tmp_path: Path) -> None:
    texts = {"free_text": ["a b c d"], "name": ["p q r s"]}
    made = make_fingerprints(KEY, texts, shingle=3)
    assert {place: len(hashes) for place, hashes in made.hashes.items()} == {("free_text", 3): 2, ("name", 3): 1}
    other = make_fingerprints(KEY + b"x", texts, shingle=3)
    assert not set(other.hashes["name", 3].tolist()) & set(made.hashes["name", 3].tolist())
    assert len({new_key(), new_key()}) == 2
    write_fingerprints(made, tmp_path / "deep" / "er")
    write_fingerprints(other, tmp_path / "deep" / "er")
    assert read_fingerprints(tmp_path / "deep" / "er").key == KEY + b"x"
    table = pd.read_parquet(tmp_path / "deep" / "er" / TABLE_FILE)
    assert table.columns.tolist() == ["kind", "words", "hash"]
    assert table.index.tolist() == [0, 1, 2]


def test_the_mixing_of_hashes_is_that_of_splitmix64() -> None:
    """First numbers of the generator with seed 0 (Vigna, splitmix64.c): state k times the golden number, then mixed."""
    states = np.array([k * 0x9E3779B97F4A7C15 % 2**64 for k in (1, 2, 3)], dtype=np.uint64)
    assert [hex(int(value)) for value in words._mixed(states)] == [
        "0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4", "0x6c45d188009454f",
    ]  # fmt: skip


def test_only_letters_and_digits_make_words() -> None:
    functions = keyed(KEY)
    signs = "".join(chr(code) for code in range(128) if not chr(code).isalnum())
    found = functions.words(f"a{'b'.join(signs)}z09".encode())
    assert len(found.hashes) == len(signs) + 1
    assert len(functions.words(fold("ABZ az 09 ñ 漢字 _")).hashes) == 5
    assert len(functions.words(b"").hashes) == len(functions.words(b" ").hashes) == 0
    assert int(functions.base) * functions.inverse % 2**64 == 1
    assert functions.base % 2 == 1
