"""Sums through DuckDB equal the sums of the checked tables, and refuse the same cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.ingest import read_table
from analysis.ingest.stream import ELEMENTS, aggregate_survey, aggregate_training
from analysis.ingest.sums import survey_sums

SURVEY = "Kode Unit;Periode;Nomor Responden;" + ";".join(ELEMENTS) + "\n"
TRAINING = "Kode Unit;Periode;NIP;Bentuk;Topik;JP;Biaya\n"


def survey_rows(n: int) -> str:
    periods = ["2024-S1", "Semester II 2024", "Triwulan I 2024"]
    words = ["1", "2", "3", "4", "-", "Sangat baik", "0"]
    return "".join(
        f"U{i % 7};{periods[i % 3]};{i};" + ";".join(words[(i * k + i // 5) % 7] for k in range(1, 10)) + "\n"
        for i in range(n)
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_survey_sums_equal_those_of_the_table(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(SURVEY + survey_rows(500), encoding="utf-8")
    if suffix == ".parquet":
        frame = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
        path = tmp_path / "survei.parquet"
        frame.to_parquet(path)
    streamed, table = aggregate_survey(path), read_table(path, "survey").frame
    expected = survey_sums(table)
    # Whole numbers below 2**53: sums in any order are exact.
    pd.testing.assert_frame_equal(streamed.frame, expected, check_exact=True, check_dtype=False)


def test_training_sums(tmp_path: Path) -> None:
    path = tmp_path / "pelatihan.csv"
    path.write_text(TRAINING + 'A1;2024-S1;;Seminar;Etika;8;Rp1.500.000\nA1;Maret 2024;;Webinar;Etika;"7,5";2,5 juta\n')
    found = aggregate_training(path)
    columns = ["unit_id", "period", "form", "topic", "n", "hours", "cost"]
    assert found.frame[columns].values.tolist() == [["A1", "2024-S1", "seminar", "Etika", 2, 15.5, 4e6]]


def test_refused_cells_are_named_with_their_first_row(tmp_path: Path) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(SURVEY + survey_rows(20) + "U1;2024-S1;99" + ";3" * 8 + ";7\n;2024-S1;98" + ";3" * 9 + "\n")
    found = aggregate_survey(path)
    assert found.frame is None
    errors = [(f.rule, f.row, f.column) for f in found.findings if f.severity == "error"]
    assert errors == [("missing_value", 23, "Kode Unit (A)"), ("out_of_range", 22, "U9 (L)")]


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "survei.csv"
    path.write_text("a;b\n1;2\n")
    assert [f.rule for f in aggregate_survey(path).findings] == ["no_header"]
    path.write_bytes((SURVEY + "A;2024-S1;é\n").encode("utf-16"))
    assert [f.rule for f in aggregate_survey(path).findings] == ["stream_needs_utf8"]
    other = tmp_path / "survei.xlsx"
    other.write_bytes(b"x")
    assert [f.rule for f in aggregate_survey(other).findings] == ["unknown_suffix"]


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(SURVEY + survey_rows(20))
    steps: list[tuple[int, int, str]] = []
    aggregate_survey(path, progress=lambda *step: steps.append(step))
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1] == (20, 20, "survey")


def test_a_respondent_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "survei.csv"
    nobody = "U1;2024-S1;-" + ";3" * 9 + "\n"
    path.write_text(SURVEY + survey_rows(20) + survey_rows(2) + 2 * nobody)
    found = aggregate_survey(path)
    assert [(f.rule, f.message.values["n"]) for f in found.findings if f.rule.startswith("summed")] == [
        ("summed_repeated", 2),
        ("summed_survey", 24),
    ]
    assert found.frame["n"].sum() == 22
    path.write_text(SURVEY + survey_rows(20) + "U1;2024-S2;1" + ";4" * 9 + "\n")
    found = aggregate_survey(path)
    assert found.frame is None
    assert [f.rule for f in found.findings if f.severity == "error"] == ["summed_conflict"]


def test_repeated_training_records_and_wrong_officer_numbers(tmp_path: Path) -> None:
    path = tmp_path / "pelatihan.csv"
    row = "A1;2024-S1;199003042015031002;Seminar;Etika;8;\n"
    path.write_text(TRAINING + 3 * row + row.replace("199003", "1990 03") + row.replace(";8;", ";4;"))
    found = aggregate_training(path)
    assert (found.frame["hours"].sum(), found.people["nip"].tolist()) == (12, [1])
    path.write_text(TRAINING + row + row.replace("199003042015031002", "1.99003E+17"))
    found = aggregate_training(path)
    assert found.frame is None
    assert "nip_damaged" in [f.rule for f in found.findings]
