"""A region's slice holds what its report rests on, and nothing that other regions change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import report
from analysis.results import StudyResults
from analysis.study import load_study, stored_study
from analysis.study.slices import OVERVIEW, packed, read_slice, slice_bytes, slice_digests, slice_path, table_names


@pytest.fixture(scope="module")
def results(small_study: Path) -> StudyResults:
    return load_study(small_study)


def test_every_section_is_the_same_from_the_slice_as_from_the_whole_study(
    results: StudyResults, small_study: Path
) -> None:
    stored = stored_study(small_study)
    sections = report.REGION_SECTIONS
    makers = sections.values() if isinstance(sections, dict) else sections
    for code in results.regions:
        part = read_slice(slice_path(stored, code).read_bytes())
        for make in makers:
            whole, sliced = make(results, code), make(part, code)
            assert repr(whole) == repr(sliced)
            for one, other in zip(_listed(whole), _listed(sliced), strict=True):
                assert one.as_dict() == other.as_dict(), f"{code}: {one.id}"


def _listed(made: object) -> list[report.Block]:
    return list(made) if isinstance(made, (list, tuple)) else [made]  # type: ignore[list-item]


def test_a_slice_is_the_same_bytes_again_and_the_slice_of_itself(results: StudyResults, small_study: Path) -> None:
    import hashlib

    digests = slice_digests(stored_study(small_study))
    for code in results.regions:
        content = slice_bytes(results, code)
        assert hashlib.sha256(content).hexdigest() == digests[code]
        assert slice_bytes(read_slice(content), code) == content


def test_the_synthesis_is_the_same_from_its_slice_as_from_the_whole_study(
    results: StudyResults, small_study: Path
) -> None:
    part = read_slice(slice_path(stored_study(small_study), OVERVIEW).read_bytes())
    assert [one.as_dict() for one in report.synthesis(part)] == [one.as_dict() for one in report.synthesis(results)]


def test_neither_units_nor_files_change_the_synthesis(results: StudyResults) -> None:
    units = results.indices["unit_id"].notna()
    named = results.indices.assign(unit_name=results.indices["unit_name"].where(~units, "Dinas Lain"))
    meta = {**results.meta, "files": [{**item, "sha256": "other"} for item in results.meta["files"]]}
    other = replace(results, meta=meta, indices=named, panel=results.panel.assign(unit_name="Dinas Lain"))
    assert packed(other.overview()) == packed(results.overview())
    moved = results.indices.assign(index=results.indices["index"].where(units, 80.0))
    assert packed(replace(results, indices=moved).overview()) != packed(results.overview())


def test_some_tables_of_a_slice_can_be_read_without_the_others(results: StudyResults) -> None:
    content = slice_bytes(results, "82")
    whole, some = read_slice(content), read_slice(content, ("estimates", "verdicts"))
    for name in table_names():
        if name in ("estimates", "verdicts"):
            pd.testing.assert_frame_equal(getattr(some, name), getattr(whole, name))
        else:
            assert getattr(some, name).empty, name
    assert some.meta == whole.meta


def test_a_slice_holds_no_row_of_another_region(results: StudyResults) -> None:
    part = results.of_region("82")
    for name in table_names():
        frame = getattr(part, name)
        if "region_code" in frame.columns and name != "official":
            assert set(frame["region_code"].dropna()) <= {"82"}, name


def test_a_unit_of_another_name_changes_its_region_alone_and_a_pooled_estimate_all(results: StudyResults) -> None:
    before = {code: slice_bytes(results, code) for code in results.regions}
    own = (results.indices["region_code"] == "82") & results.indices["unit_id"].notna()
    named = results.indices.assign(unit_name=results.indices["unit_name"].where(~own, "Dinas Lain"))
    after = {code: slice_bytes(replace(results, indices=named), code) for code in results.regions}
    assert [code for code in results.regions if before[code] != after[code]] == ["82"]
    national = results.estimates["region_code"].isna()
    assert national.any()
    moved = results.estimates.assign(estimate=results.estimates["estimate"].astype(float) + national.astype(float))
    after = {code: slice_bytes(replace(results, estimates=moved), code) for code in results.regions}
    assert all(before[code] != after[code] for code in results.regions)


def test_a_file_counts_for_the_regions_whose_units_are_in_it(results: StudyResults) -> None:
    files = [
        {"name": "one.csv", "table": "survey", "sha256": "a", "rows": 1, "regions": ["82"]},
        {"name": "all.csv", "table": "budget", "sha256": "b", "rows": 1, "regions": None},
    ]
    empty = {name: pd.NA for name in results.findings.columns}
    found = pd.DataFrame([{**empty, "file": name} for name in ("one.csv", "all.csv", "unknown.csv")])
    study = replace(results, meta={**results.meta, "files": files}, findings=found)
    assert [item["name"] for item in study.of_region("82").meta["files"]] == ["one.csv", "all.csv"]
    assert [item["name"] for item in study.of_region("15.09").meta["files"]] == ["all.csv"]
    assert list(study.of_region("15.09").findings["file"]) == ["all.csv", "unknown.csv"]
    assert study.of_region("82").meta["data_id"] != study.of_region("15.09").meta["data_id"]
