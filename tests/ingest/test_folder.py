"""A whole study: files by name, joined tables, pseudonyms, templates, marked copies, tables for people and programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.ingest import (
    annotate_refused,
    findings_json,
    findings_table,
    load_tables,
    read_study,
    read_table,
    write_templates,
)
from analysis.ingest.folder import table_of
from analysis.ingest.templates import DATA_SHEET

UNITS = (
    "Kode Unit;Kode Wilayah;Nama Unit;Jenis Layanan;Jumlah Pegawai\nA1;82;Dinas Satu;Umum;12\nA2;82;Dinas Dua;Umum;9\n"
)
HEAD = "Kode Unit;Periode;Nomor Responden;" + ";".join(f"U{n}" for n in range(1, 10)) + "\n"
NIP = "199003042015031002"
TRAINING = f"Kode Unit;Periode;NIP;Bentuk;Topik;JP\nA1;2024-S1;{NIP};Seminar;Etika;8\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "unit.csv").write_text(UNITS)
    (tmp_path / "survei_2023.csv").write_text(HEAD + "A1;2023-S2;1" + ";3" * 9 + "\n")
    (tmp_path / "survei_2024.csv").write_text(HEAD + "A1;2024-S1;1" + ";3" * 9 + "\nA2;2024-S1;1" + ";4" * 9 + "\n")
    (tmp_path / "pelatihan.csv").write_text(TRAINING)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "study.yml").write_text("synthetic: true\n")
    return tmp_path


def test_reads_and_joins_all_files(study: Path) -> None:
    found = read_study(study)
    assert found.findings == ()
    assert list(found.tables) == ["units", "survey", "training"]
    assert found.tables["survey"]["period"].tolist() == ["2023-S2", "2024-S1", "2024-S1"]
    assert [(f["name"], f["table"], f["rows"]) for f in found.files] == [
        ("unit.csv", "units", 2),
        ("survei_2023.csv", "survey", 1),
        ("survei_2024.csv", "survey", 2),
        ("pelatihan.csv", "training", 1),
    ]
    assert all(len(f["sha256"]) == 64 for f in found.files)


def test_officer_numbers_become_pseudonyms_of_this_study(study: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert read_table(study / "pelatihan.csv", "training").frame["nip"].tolist() == [NIP]
    first = read_study(study).tables["training"]["nip"].item()
    assert first == read_study(study).tables["training"]["nip"].item()
    assert first != NIP
    assert NIP[:8] not in first
    key = study / ".pembinaan" / "key"
    assert key.stat().st_mode & 0o077 == 0
    other = tmp_path_factory.mktemp("other")
    for path in study.glob("*.csv"):
        shutil.copy(path, other)
    assert read_study(other).tables["training"]["nip"].item() != first
    key.write_bytes(b"short")
    with pytest.raises(UsageError, match="rusak"):
        read_study(study)


def test_one_bad_file_keeps_its_whole_table_out(study: Path) -> None:
    (study / "survei_2024.csv").write_text(HEAD + "A1;2024-S1;1" + ";3" * 8 + ";9\nA9;2024-S1;1" + ";3" * 9 + "\n")
    found = read_study(study)
    assert "survey" not in found.tables
    assert [(f.rule, f.file, f.row) for f in found.findings] == [
        ("out_of_range", "survei_2024.csv", 2),
        ("unknown_unit", "survei_2024.csv", 3),
    ]
    assert found.findings[1].value == "A9"


def test_rows_in_two_files_are_taken_once_or_refused(study: Path) -> None:
    (study / "survei_2024.csv").write_text(HEAD + "A1;2023-S2;1" + ";3" * 9 + "\n")
    found = read_study(study)
    assert [(f.rule, f.file, f.row) for f in found.findings] == [("repeated_row", "survei_2024.csv", 2)]
    assert found.findings[0].message.values["other_file"] == "survei_2023.csv"
    assert len(found.tables["survey"]) == 1
    (study / "survei_2024.csv").write_text(HEAD + "A1;2023-S2;1" + ";4" * 9 + "\n")
    found = read_study(study)
    assert [f.rule for f in found.findings] == ["conflicting_rows"]
    assert "survey" not in found.tables


def test_respondents_without_numbers_are_different_people(study: Path) -> None:
    head = HEAD.replace("Nomor Responden;", "")
    for name, score in (("survei_2023.csv", ";3"), ("survei_2024.csv", ";4")):
        (study / name).write_text(head + ("A1;2024-S1" + score * 9 + "\n") * 2)
    found = read_study(study)
    assert found.findings == ()
    assert found.tables["survey"]["respondent_id"].nunique() == 4


def test_unknown_files_and_missing_tables_are_named(study: Path) -> None:
    (study / "unit.csv").rename(study / "daftar.csv")
    found = read_study(study)
    assert ("warning", "unknown_file", "daftar.csv") in [(f.severity, f.rule, f.file) for f in found.findings]
    assert [f.rule for f in found.findings if f.severity == "error"] == ["missing_table"]
    with pytest.raises(UsageError, match="tidak ada"):
        read_study(study / "nowhere")


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    assert [f.rule for f in read_study(tmp_path).findings] == ["missing_table", "missing_table"]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("units.csv", "units"),
        ("SKM 2024.xlsx", "survey"),
        ("survei_kepuasan_masyarakat.xlsx", "survey"),
        ("diklat-2023.csv", "training"),
        ("Anggaran2024.xlsx", "budget"),
        ("pegawai_baru.csv", "officers"),
        ("programmes.parquet", "programmes"),
        ("surveilans.csv", None),
    ],
)
def test_table_by_file_name(name: str, table: str | None) -> None:
    found = table_of(Path(name))
    assert (found.name if found else None) == table


def test_unknown_table_names_the_closest() -> None:
    with pytest.raises(UsageError, match="survey"):
        read_table("x.csv", "survei")


def test_findings_for_people_and_programs(study: Path) -> None:
    (study / "survei_2024.csv").write_text(HEAD + "A1;2024-S1;1" + ";3" * 8 + ";9\n")
    findings = read_study(study).findings
    table = findings_table(findings, "en")
    assert table.loc[0, ["severity", "file", "row", "column", "value"]].tolist() == [
        "error",
        "survei_2024.csv",
        2,
        "U9 (L)",
        "9",
    ]
    assert "outside" in table.loc[0, "message"]
    rows = json.loads(json.dumps(findings_json(findings)))
    assert rows[0]["text"]["id"].startswith("Nilai ini di luar")
    assert rows[0]["message"]["key"] == "ingest.out_of_range"


def test_templates_filled_and_read_back_lose_nothing(tmp_path: Path) -> None:
    paths = write_templates(tmp_path)
    assert len(paths) == 8
    with pytest.raises(UsageError, match="sudah ada"):
        write_templates(tmp_path)
    for path, table in zip(paths, load_tables().values(), strict=True):
        assert table_of(path) is table
        rows = _fill(path, table)
        found = read_table(path, table.name)
        assert [f for f in found.findings if f.severity == "error"] == []
        assert len(found.frame) == len(rows)
        for column in table.stored:
            if column.offered:
                wanted = [_stored(column, row[column.name]) for row in rows]
                assert found.frame[column.name].tolist() == wanted
            elif column.type in ("identifier", "nip", "name", "free_text", "respondent"):
                assert found.frame[column.name].tolist() == [row[column.name] for row in rows]
            elif column.type in ("number", "rupiah", "integer", "score", "year") and column.name != "training_budget":
                assert found.frame[column.name].tolist() == [float(row[column.name]) for row in rows]


def _fill(path: Path, table) -> list[dict[str, str]]:
    """Fill the template as a person would: one row for every offered word, numbers as numbers."""
    count = max(2, *(len(column.offered) for column in table.columns))
    rows = []
    for n in range(count):
        row = {column.name: column.example for column in table.columns}
        row |= {c.name: c.offered[n % len(c.offered)] for c in table.columns if c.offered}
        if "respondent_id" in row:
            row["respondent_id"] = str(n)
        if table.name in ("units", "budget", "programmes", "officers", "training"):
            row["unit_id"] = f"82-{n:03}"
        if "nip" in row:
            row["nip"] = f"199003042015031{n + 1:03}"
        rows.append(row)
    book = openpyxl.load_workbook(path)
    sheet = book[DATA_SHEET]
    for number, row in enumerate(rows, start=2):
        for position, column in enumerate(table.columns, start=1):
            cell = row[column.name]
            numeric = column.type in ("number", "integer", "rupiah", "score", "year")
            sheet.cell(number, position, float(cell) if numeric else cell)
    book.save(path)
    return rows


def _stored(column, word: str) -> str:
    hits = [stored for stored, ways in column.options.items() if word.lower() in (*ways, stored.lower())]
    assert len(hits) == 1
    return hits[0]


def test_templates_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = write_templates(tmp_path / "a"), write_templates(tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_marked_copy_of_a_refused_file(study: Path) -> None:
    (study / "survei_2024.csv").write_text(HEAD + "A1;2024-S1;1" + ";3" * 8 + ";9\n")
    findings = read_study(study).findings
    before = (study / "survei_2024.csv").read_bytes()
    (copy,) = annotate_refused(study, findings)
    assert (study / "survei_2024.csv").read_bytes() == before
    book = openpyxl.load_workbook(copy)
    cell = book[DATA_SHEET]["L2"]
    assert cell.value == "9"
    assert cell.fill.fgColor.rgb == "FFF4B8A8"
    assert "di luar rentang" in cell.comment.text
    assert book.worksheets[-1]["G2"].value == "out_of_range"
    (second,) = annotate_refused(study, findings)
    assert second != copy
    assert read_study(study).findings == findings


def test_sample_study_reads_without_errors() -> None:
    from analysis.paths import sample_dir

    found = read_study(sample_dir())
    assert [f for f in found.findings if f.severity == "error"] == []
    assert set(found.tables) == set(load_tables())
    for name, table in load_tables().items():
        assert list(found.tables[name].columns) == [column.name for column in table.stored]
    assert found.tables["budget"]["year"].dtype == "int64"
    assert pd.api.types.is_datetime64_any_dtype(found.tables["complaints"]["received_on"])
