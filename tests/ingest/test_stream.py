"""Sums through DuckDB equal the sums of the checked tables, and refuse the same cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.ingest import read_table
from analysis.ingest.stream import ELEMENTS, aggregate_survey, aggregate_training

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
    groups = table.groupby(["unit_id", "period"])
    sums = streamed.frame.set_index(["unit_id", "period"])
    assert sums["n"].to_dict() == groups.size().to_dict()
    for name in ELEMENTS:
        assert sums[f"n_{name}"].to_dict() == groups[name].count().to_dict()
        assert sums[f"sum_{name}"].to_dict() == groups[name].sum().to_dict()
    complete = table.dropna(subset=list(ELEMENTS))
    index = 25 * complete[list(ELEMENTS)].mean(axis=1)
    expected = index.groupby([complete["unit_id"], complete["period"]]).agg(["size", "sum", lambda v: (v**2).sum()])
    found = sums.loc[expected.index, ["n_complete", "index_sum", "index_square_sum"]]
    # Sums of floats in another order: 1e-12 of their size.
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


def test_training_sums(tmp_path: Path) -> None:
    path = tmp_path / "pelatihan.csv"
    path.write_text(TRAINING + 'A1;2024-S1;;Seminar;Etika;8;Rp1.500.000\nA1;Maret 2024;;Webinar;Etika;"7,5";2,5 juta\n')
    found = aggregate_training(path)
    assert found.frame.to_dict("records") == [
        {"unit_id": "A1", "period": "2024-S1", "form": "seminar", "topic": "Etika", "n": 2, "hours": 15.5, "cost": 4e6}
    ]


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
    steps: list[float] = []
    aggregate_survey(path, progress=lambda _step, share: steps.append(share))
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
