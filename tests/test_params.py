"""Notebook parameters are validated in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import EXIT_USAGE, UsageError
from analysis.params import SENTINEL_MIME, RunParams


def refused(**values: object) -> str:
    with pytest.raises(UsageError) as caught:
        RunParams.from_mapping(values)
    assert caught.value.exit_code == EXIT_USAGE
    return str(caught.value)


def test_the_defaults_are_the_sample_study_of_the_first_region() -> None:
    params = RunParams()
    assert params.region == "82"
    assert (params.study_dir() / "study.yml").exists()


def test_a_misspelt_parameter_is_refused_with_the_closest_match() -> None:
    text = refused(regoin="15.09")
    assert "regoin" in text
    assert '"region"' in text


def test_an_unknown_region_is_refused_with_the_closest_match() -> None:
    assert "15.09" in refused(region="15.090")


def test_a_region_that_came_as_a_number_is_refused_with_the_advice_to_use_r() -> None:
    assert "papermill" in refused(region=15.1)
    assert "-r" in refused(region=15.1)
    assert "-r" in refused(region="15.1")


def test_a_missing_study_is_refused() -> None:
    assert "nowhere" in refused(study="nowhere")


def test_a_namespace_of_a_notebook_gives_its_parameters_only() -> None:
    shell = {"In": [], "Out": {}, "get_ipython": None, "_i1": "x", "__name__": "__main__", "RunParams": RunParams}
    assert RunParams.from_namespace({**shell, "region": "15.09"}) == RunParams(region="15.09")
    with pytest.raises(UsageError):
        RunParams.from_namespace({**shell, "regoin": "15.09"})


def test_studies_are_found_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert RunParams(study="mine").study_dir() == (tmp_path / "mine").resolve()


def test_the_sentinel_carries_the_hash_of_the_parameters() -> None:
    one, other = RunParams(region="82"), RunParams(region="15.09")
    bundle = one.done()._repr_mimebundle_()
    assert bundle[SENTINEL_MIME] == {"params_sha256": one.sha256()}
    assert one.sha256() != other.sha256()
