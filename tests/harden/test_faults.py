"""Faults of kernels and of what surrounds a run, in a few forms; `benchmarks/harden` tries all of them, and harder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.harden.kernels import FAULTS, Fault, jobs, run

from analysis import publish
from analysis.batch import NotebookRefusedError, Options, refuse_incomplete, run_regions
from analysis.batch.tasks import SliceDamagedError, run_notebook, write_whole
from analysis.errors import EXIT_LOCKED, LockedError
from analysis.messages import format_value
from analysis.params import RunParams
from analysis.publish.release import put_back

IN_SHORT = (
    "segmentation fault behind an early sentinel",
    "hidden error in the last cell, behind the sentinel",
    "sentinel of another region",
    "leaves a child behind and dies",
)


def test_all_faults_have_a_name_of_their_own_and_there_are_at_least_twelve() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 12


def test_no_fault_is_published_and_every_sound_region_is(tmp_path: Path) -> None:
    chosen = tuple(fault for fault in FAULTS if fault.name in IN_SHORT)
    assert len(chosen) == len(IN_SHORT)
    found = run(tmp_path, chosen)
    assert found["which_published"] == []
    assert found["sound_lost"] == {}
    assert found["processes_left"] == []


@pytest.mark.slow
def test_a_notebook_that_never_ends_is_given_up(tmp_path: Path) -> None:
    listed, bad = jobs(tmp_path, (Fault("endless", ("while True:\n    pass",)),))
    outcomes = run_regions(listed, tmp_path / "cache", Options(workers=2, retries=0, timeout=30))
    assert {o.name for o in outcomes if o.error} == set(bad)
    assert "TaskTimeoutError" in next(o.error for o in outcomes if o.error)


def test_an_early_sentinel_does_not_count() -> None:
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from analysis.params import SENTINEL_MIME

    params = RunParams("82")
    mark = new_output("display_data", {SENTINEL_MIME: {"params_sha256": params.sha256()}})
    early = new_code_cell("params.done()", execution_count=1, outputs=[mark])
    last = new_code_cell("1 + 1", execution_count=2)
    refuse_incomplete(new_notebook(cells=[last, early]), params)
    with pytest.raises(NotebookRefusedError, match="last cell"):
        refuse_incomplete(new_notebook(cells=[early, last]), params)
    failed = new_code_cell("params.done()", execution_count=3, outputs=[mark])
    failed.metadata["papermill"] = {"exception": True}
    with pytest.raises(NotebookRefusedError, match="did not show"):
        refuse_incomplete(new_notebook(cells=[failed]), params)


def test_a_damaged_slice_is_refused_before_anything_runs(tmp_path: Path) -> None:
    job = jobs(tmp_path, FAULTS[:1])[0][1]
    job.slice.write_bytes(job.slice.read_bytes() + b"x")
    with pytest.raises(SliceDamagedError, match=job.slice.name):
        run_notebook(job, tmp_path / "executed.ipynb")


def test_a_write_that_fails_leaves_the_former_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "releases.json"
    write_whole(target, b"former")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["releases.json"]
    assert target.read_bytes() == b"former"


def test_a_second_run_in_the_same_folder_is_refused(small_study: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    planned = publish.plan(small_study, tmp_path / "out")
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".lock"), pytest.raises(LockedError) as caught:
        publish.run(planned, options=Options(workers=1))
    assert caught.value.exit_code == EXIT_LOCKED
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock"]


def test_a_release_that_was_being_replaced_is_put_back(tmp_path: Path) -> None:
    former = tmp_path / ".2025-S2-abc.old"
    former.mkdir()
    put_back(tmp_path / "2025-S2-abc")
    assert [path.name for path in tmp_path.iterdir()] == ["2025-S2-abc"]


def test_control_characters_reach_neither_terminal_nor_page() -> None:
    assert format_value("a\x1b]0;b\x07\u202ec\td", "", "id") == "a]0;bc\td"
