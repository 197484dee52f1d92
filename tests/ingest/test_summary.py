"""Printed satisfaction indices are recomputed; the weight and the grade table behind them are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.ingest import read_survey_summary, read_table
from analysis.ingest.summary import GRADES_2004, grade, recognise_weight

HEAD = "Kode Unit;Periode;Jumlah Responden;" + ";".join(f"U{n}" for n in range(1, 10)) + ";IKM;Mutu\n"
# A real report with 29 respondents: sums of the nine elements, printed 90.56, correct 91.48 (GASPUL, worked example).
SUMS = "105;101;100;116;102;105;106;105;115"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "skm.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def rules(found) -> list[str]:
    return [f.rule for f in found.findings]


def test_worked_case_of_the_weight_011(tmp_path: Path) -> None:
    found = read_survey_summary(write(tmp_path, f"A1;Semester I 2021;29;{SUMS};90,56;A"))
    assert rules(found) == ["index_weight"]
    row = found.frame.iloc[0]
    assert round(row["index"], 2) == 91.48
    assert (row["weight"], row["grade"], row["n"]) == ("0.11", "A", 29)
    assert row["U1"] == 105 / 29
    assert row["index_without_u4"] == pytest.approx(25 * (955 - 116) / 8 / 29, rel=1e-12)


def test_means_and_other_weights(tmp_path: Path) -> None:
    means = ";".join(["3,25"] * 9)
    found = read_survey_summary(
        write(tmp_path, f"A1;2024-S1;100;{means};81,25;B", f"A2;2024-S1;50;{means};81,17;B", f"A3;2024-S1;50;{means};;")
    )
    assert found.frame["weight"].fillna("").tolist() == ["1/9", "0.111", ""]
    assert found.frame["index"].tolist() == [81.25] * 3
    assert rules(found) == ["index_weight"]


def test_old_grades_and_wrong_figures(tmp_path: Path) -> None:
    means = ";".join(["3,4"] * 9)
    found = read_survey_summary(write(tmp_path, f"A1;2023-S1;60;{means};85,00;A"))
    assert rules(found) == ["grade_of_2004"]
    assert found.frame["grade"].tolist() == ["B"]
    found = read_survey_summary(write(tmp_path, f"A1;2023-S1;60;{means};87,00;C"))
    assert sorted(rules(found)) == ["grade_differs", "index_differs"]
    assert found.frame is None


def test_unclear_whether_means_or_sums(tmp_path: Path) -> None:
    assert "means_or_sums" in rules(read_survey_summary(write(tmp_path, "A1;2023-S1;2" + ";4" * 9 + ";;")))


def test_a_summary_is_not_taken_for_answers(tmp_path: Path) -> None:
    found = read_table(write(tmp_path, "A1;2023-S1;60" + ";3" * 9 + ";75,00;B"), "survey")
    assert found.frame is None
    assert "survey_is_summary" in rules(found)


@pytest.mark.parametrize(
    ("index", "letter"), [(88.31, "A"), (88.305, "A"), (88.304, "B"), (76.605, "B"), (64.995, "C"), (64.99, "D")]
)
def test_grade_rounds_half_up_first(index: float, letter: str) -> None:
    assert grade(index) == letter


def test_weights_and_old_table() -> None:
    assert recognise_weight(99.0, 100.0) == "0.11"
    assert recognise_weight(99.9, 100.0) == "0.111"
    assert recognise_weight(95.0, 100.0) is None
    assert recognise_weight(float("nan"), 100.0) is None
    assert grade(82.0, GRADES_2004) == "A"
