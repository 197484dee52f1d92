"""The office files: the same bytes for the same seed, readable, and saying plainly that they are synthetic."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.errors import UsageError
from analysis.ingest import read_table
from analysis.paths import sample_dir
from analysis.synthetic import CLAIMS, SampleDesign, simulate, write_sample
from analysis.synthetic.dialects import FILE_NAMES, half_year_in_words

SIZE = {"n_regions": 4, "n_periods": 4, "units_min": 8, "units_max": 9, "respondents_median": 30}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample")
    write_sample(path, **SIZE)
    return path


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, **SIZE)
    first, again = ({p.name: p.read_bytes() for p in path.iterdir()} for path in (folder, tmp_path))
    assert first == again
    write_sample(tmp_path, seed=5, **SIZE)
    assert (tmp_path / "truth.json").read_bytes() != first["truth.json"]


def test_all_forms_of_files_occur(folder: Path) -> None:
    assert {path.suffix for path in folder.iterdir()} == {".xlsx", ".csv", ".parquet", ".json", ".yml", ".md"}


def test_files_are_read_back_without_findings_as_the_simulated_tables(folder: Path) -> None:
    tables = simulate(SampleDesign(**SIZE)).tables
    units = read_table(folder / "unit.xlsx", "units").frame
    for table, stem in FILE_NAMES.items():
        if table in ("training", "officers"):  # officer numbers become pseudonyms, tested below
            continue
        parts = [read_table(path, table, units=units) for path in sorted(folder.glob(f"{stem}[._]*"))]
        assert not [finding for part in parts for finding in part.findings if finding.severity == "error"]
        found = pd.concat([part.frame for part in parts], ignore_index=True)
        assert_same_rows(found, tables[table])


def assert_same_rows(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    columns = list(expected.columns)
    dates = {name: "datetime64[ns]" for name in columns if "datetime" in str(expected[name].dtype)}
    ordered = [
        frame[columns].astype(dates).sort_values(columns, kind="stable").reset_index(drop=True)
        for frame in (found, expected)
    ]
    pd.testing.assert_frame_equal(*ordered, check_dtype=False)


def test_training_is_read_back_with_all_hours_and_officers(folder: Path) -> None:
    expected = simulate(SampleDesign(**SIZE)).tables["training"]
    units = read_table(folder / "unit.xlsx", "units").frame
    parts = [read_table(path, "training", units=units) for path in sorted(folder.glob("pelatihan_*"))]
    assert not [finding for part in parts for finding in part.findings if finding.severity == "error"]
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    columns = ["unit_id", "period", "form", "topic", "hours", "cost", "provider"]
    assert_same_rows(frame[columns], expected[columns])
    assert frame["nip"].nunique() == expected["nip"].nunique()


def test_truth_holds_parameters_and_all_claims(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["synthetic"] is True
    assert truth["seed"] == SampleDesign().seed
    assert truth["parameters"]["n_regions"] == 4
    assert set(truth["parameters"]) == set(vars(SampleDesign()))
    assert truth["parameters"]["training_effect"] == SampleDesign().training_effect
    assert tuple(truth["claims"]) == CLAIMS
    assert all({"holds", "effect", "unit", "note"} <= set(claim) for claim in truth["claims"].values())


def test_study_says_in_both_languages_that_it_is_synthetic(folder: Path) -> None:
    settings = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    assert settings["synthetic"] is True
    assert settings["seed"] == SampleDesign().seed
    assert "sintetis" in settings["title"]["id"]
    assert "ynthetic" in settings["title"]["en"]
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "Data sintetis" in text
    assert "Synthetic data" in text


def test_half_years_are_written_as_offices_do() -> None:
    assert half_year_in_words("2024-S1") == "Semester I 2024"
    assert half_year_in_words("2024-S2") == "Semester II 2024"


def test_too_many_regions_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_sample(tmp_path / "new", n_regions=600)
    assert not (tmp_path / "new").exists()


def test_committed_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    """Workbooks and compact files are compared by content: their compression may differ between machines."""
    write_sample(tmp_path)
    committed = {p.name: p for p in sample_dir().iterdir() if p.is_file()}
    assert set(committed) == {p.name for p in tmp_path.iterdir()}
    for name, path in committed.items():
        fresh = tmp_path / name
        if path.read_bytes() == fresh.read_bytes():
            continue
        if path.suffix == ".parquet":
            pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(fresh))
        elif path.suffix == ".xlsx":
            pd.testing.assert_frame_equal(*(pd.read_excel(p, dtype=str, engine="calamine") for p in (path, fresh)))
        else:
            raise AssertionError(f"{name} is not what the generator writes")


def test_committed_sample_is_small() -> None:
    assert sum(p.stat().st_size for p in sample_dir().iterdir() if p.is_file()) < 8e6
