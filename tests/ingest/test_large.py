"""Summed files give the panel of their rows; printed means and surveys of 2004 find their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.ingest import read_study
from analysis.ingest.sums import ELEMENTS, survey_sums
from analysis.measures import satisfaction_index_from_sums
from analysis.panel import build_panel
from analysis.paths import sample_dir
from analysis.validate import check_study

UNITS = (
    "Kode Unit;Kode Wilayah;Nama Unit;Jenis Layanan;Jumlah Pegawai\nA1;82;Dinas Satu;Umum;12\nA2;82;Dinas Dua;Umum;9\n"
)
HEAD = "Kode Unit;Periode;Nomor Responden;" + ";".join(ELEMENTS) + "\n"
MEANS = "Kode Unit;Periode;Jumlah Responden;" + ";".join(ELEMENTS) + ";IKM;Mutu\n"


def rows(unit: str, period: str, n: int, seed: int = 1) -> str:
    answers = np.random.default_rng(seed).integers(2, 5, (n, 9))
    return "".join(f"{unit};{period};{i};" + ";".join(map(str, row)) + "\n" for i, row in enumerate(answers))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unit.csv").write_text(UNITS)
    return tmp_path


def errors(found) -> list[str]:
    return [item.rule for item in found.findings if item.severity == "error"]


@pytest.mark.slow
def test_panel_of_summed_files_equals_that_of_rows() -> None:
    whole, summed = read_study(sample_dir()), read_study(sample_dir(), large_rows=0)
    assert errors(whole) == errors(summed) == []
    assert whole.summaries == {}
    assert set(summed.summaries) == {"survey", "training"}
    expected, found = build_panel(whole.tables), build_panel(summed.tables, summed.summaries)
    assert list(found.columns) == list(expected.columns)
    for name in expected:
        if pd.api.types.is_numeric_dtype(expected[name]):
            # Both routes add floats in another order.
            assert found[name].to_numpy(float) == pytest.approx(
                expected[name].to_numpy(float), rel=1e-9, abs=1e-9, nan_ok=True
            ), name
        else:
            assert found[name].equals(expected[name]), name


def test_summed_files_join_those_that_fit(folder: Path) -> None:
    (folder / "survei_1.csv").write_text(HEAD + rows("A1", "2024-S1", 40))
    pd.read_csv(folder / "survei_1.csv", sep=";", dtype=str).iloc[:3].assign(Periode="2023-S2").to_parquet(
        folder / "survei_2.parquet"
    )
    told: list[tuple[int, int, str]] = []
    whole = read_study(folder)
    summed = read_study(folder, lambda *step: told.append(step), large_rows=10)
    assert set(summed.tables) == {"units", "survey"}
    assert summed.tables["survey"]["period"].unique().tolist() == ["2023-S2"]
    pd.testing.assert_frame_equal(summed.summaries["survey"], survey_sums(whole.tables["survey"]))
    assert (40, 40, "survey") in told
    assert [f["rows"] for f in summed.files] == [f["rows"] for f in whole.files] == [2, 40, 3]
    assert [f.rule for f in check_study(summed)] == [f.rule for f in check_study(whole)] == ["units_without_answers"]


def test_what_makes_sums_wrong_is_refused(folder: Path) -> None:
    (folder / "survei_1.csv").write_text(HEAD + rows("A1", "2024-S1", 40) + rows("A9", "2024-S1", 2))
    (folder / "survei_2.csv").write_text(HEAD + rows("A1", "2024-S1", 30))
    found = read_study(folder, large_rows=0)
    assert errors(found) == ["unknown_unit", "summed_overlap"]
    assert set(found.tables) == {"units"}
    assert found.summaries == {}


def test_files_that_cannot_be_streamed_are_read_whole(folder: Path) -> None:
    (folder / "survei.txt").write_bytes(
        (HEAD.replace(";", "\t") + rows("A1", "2024-S1", 5).replace(";", "\t")).encode("utf-16")
    )
    found = read_study(folder, large_rows=0)
    assert errors(found) == []
    assert len(found.tables["survey"]) == 5
    assert found.summaries == {}


def test_printed_means_stand_in_where_no_respondents_came(folder: Path) -> None:
    (folder / "survei.csv").write_text(HEAD + rows("A1", "2024-S1", 40) + rows("A1", "2024-S2", 40))
    means = ";".join(["3,25"] * 9)
    (folder / "skm_rekap.csv").write_text(
        MEANS + f"A1;2024-S1;90;{means};81,25;B\nA2;2024-S1;40;{means};81,25;B\nA2;2024-S2;160;{means};;\n"
    )
    found = read_study(folder)
    assert errors(found) == []
    assert {"means_used", "means_passed_over"} <= {item.rule for item in found.findings}
    panel = build_panel(found.tables, found.summaries).set_index(["unit_id", "period"])
    own = build_panel({**found.tables}).set_index(["unit_id", "period"])
    assert panel.loc[("A1", "2024-S1"), "index"] == pytest.approx(own.loc[("A1", "2024-S1"), "index"], abs=1e-9)
    cell = panel.loc[("A2", "2024-S1")]
    assert (cell["n_respondents"], cell["index"], cell["index_without_u4"]) == (40, 81.25, 81.25)
    assert np.isnan(cell["index_std_error"])
    # The same size gives the same weight, whether respondents came in or not.
    assert cell["weight"] == pytest.approx(panel.loc[("A1", "2024-S1"), "weight"])
    region = satisfaction_index_from_sums(found.summaries["survey"], ["period"])
    assert (region["n"].tolist(), region["std_error"].isna().tolist()) == ([80, 200], [True, True])


def test_means_given_twice_are_refused(folder: Path) -> None:
    row = "A1;2024-S1;90" + ";3,25" * 9 + ";;\n"
    (folder / "skm.csv").write_text(MEANS + row)
    (folder / "skm_2.csv").write_text(MEANS + row)
    assert errors(read_study(folder)) == ["means_twice"]


NAMES_2004 = (
    "Prosedur pelayanan;Persyaratan pelayanan;Kejelasan petugas;Kedisiplinan petugas;Tanggung jawab petugas;"
    "Kemampuan petugas;Kecepatan pelayanan;Keadilan mendapatkan pelayanan;Kesopanan dan keramahan;Kewajaran biaya;"
    "Kepastian biaya;Kepastian jadwal;Kenyamanan lingkungan;Keamanan pelayanan"
)


@pytest.mark.parametrize("labels", [";".join(f"U{n}" for n in range(1, 15)), NAMES_2004])
def test_surveys_of_2004_are_kept_apart(folder: Path, labels: str) -> None:
    (folder / "survei_2024.csv").write_text(HEAD + rows("A1", "2024-S1", 12))
    answers = "A1;2015-S1;1" + ";3" * 14 + "\nA1;2015-S1;2;4" + ";3" * 13 + "\n"
    (folder / "survei_2015.csv").write_text(f"Kode Unit;Periode;Nomor Responden;{labels}\n{answers}")
    found = read_study(folder)
    assert errors(found) == []
    assert [item.rule for item in found.findings if item.file == "survei_2015.csv"] == ["fourteen_apart"]
    assert found.tables["survey"]["period"].unique().tolist() == ["2024-S1"]
    row = found.summaries["survey_2004"].iloc[0]
    assert (row["n"], row["E1"], row["E2"], row["grade"]) == (2, 3.5, 3.0, "B")
    assert row["index"] == pytest.approx(25 * 42.5 / 14)
    assert row["index_weight_0071"] == pytest.approx(25 * 42.5 * 0.071)
    # Two respondents whose own indices are 75 and 25 x 43/14: the error of their mean is half the distance.
    assert row["std_error"] == pytest.approx(25 / 14 / 2)
    assert set(build_panel(found.tables, found.summaries)["period"]) == {"2024-S1"}


def test_grades_of_2004(folder: Path) -> None:
    answers = "".join(f"A1;2015-S1;{i}" + ";4" * 4 + ";3" * 10 + "\n" for i in range(3))
    late = "A1;2019-S1;1" + ";4" * 14 + "\n"
    head = "Kode Unit;Periode;Nomor Responden;" + ";".join(f"U{n}" for n in range(1, 15)) + "\n"
    (folder / "survei_2015.csv").write_text(head + answers + late)
    found = read_study(folder)
    # 25 x (4 x 4 + 10 x 3) / 14 = 82.14: an A of 2004 would be a B since 2017.
    assert found.summaries["survey_2004"]["grade"].tolist() == ["A", "A"]
    assert "fourteen_late" in {item.rule for item in found.findings}
