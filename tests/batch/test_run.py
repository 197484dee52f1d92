"""What is run and what is not: changes, failures, dead workers, and what a killed run leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from analysis.batch import EventLog, Job, Options, Pages, changed, run_regions
from analysis.batch.workers import TASK_TIMEOUT_SECONDS

TWO = Options(workers=2)
Jobs = Callable[..., list[Job]]


def events(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def logged(tmp_path: Path, name: str = "events.jsonl") -> tuple[Options, Path]:
    path = tmp_path / name
    return replace(TWO, emit=EventLog(path)), path


def started(path: Path, stage: str = "notebook") -> set[str]:
    return {e["region"] for e in events(path) if e["event"] == "task_started" and e["stage"] == stage}


def test_a_second_run_does_nothing_and_a_changed_slice_runs_its_region_alone(
    jobs: Jobs, pages: Pages, tmp_path: Path
) -> None:
    options, log = logged(tmp_path)
    first = run_regions(jobs(), tmp_path / "cache", options, pages)
    assert [outcome.name for outcome in first] == ["15.09", "82", "96.71"]
    assert all(outcome.path and outcome.path.exists() for outcome in first)
    assert started(log) == started(log, "pages") == {"15.09", "82", "96.71"}
    assert "b'82'" in (pages.folder / "82" / "index.html").read_text(encoding="utf-8")

    options, log = logged(tmp_path, "again.jsonl")
    run_regions(jobs(), tmp_path / "cache", options, pages)
    assert {event["event"] for event in events(log)} == {"task_unchanged"}

    contents = {"15.09": b"15.09", "82": b"changed", "96.71": b"96.71"}
    assert changed(jobs(contents=contents), tmp_path / "cache") == ["82"]
    options, log = logged(tmp_path, "changed.jsonl")
    run_regions(jobs(contents=contents), tmp_path / "cache", options, pages)
    assert started(log) == started(log, "pages") == {"82"}
    assert "b'changed'" in (pages.folder / "82" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["pytask.lock", ".pytask/pytask.sqlite3"])
def test_what_a_power_cut_leaves_of_the_journal_has_everything_done_again(
    jobs: Jobs, tmp_path: Path, name: str
) -> None:
    folder, (options, log) = tmp_path / "cache", logged(tmp_path)
    run_regions(jobs(), folder, TWO)
    journal = folder / name
    journal.write_bytes(journal.read_bytes()[: journal.stat().st_size // 2])
    left = journal.read_bytes()
    assert changed(jobs(), folder) == ["15.09", "82", "96.71"]
    assert journal.read_bytes() == left  # who only asks, changes nothing
    run_regions(jobs(), folder, options)
    assert started(log) == {"15.09", "82", "96.71"}
    assert changed(jobs(), folder) == []


def test_another_release_makes_the_pages_anew_and_runs_no_notebook(jobs: Jobs, pages: Pages, tmp_path: Path) -> None:
    run_regions(jobs(), tmp_path / "cache", TWO, pages)
    options, log = logged(tmp_path)
    run_regions(jobs(), tmp_path / "cache", options, replace(pages, depends_on="another"))
    assert started(log) == set()
    assert started(log, "pages") == {"15.09", "82", "96.71"}


def test_another_notebook_runs_all_regions(jobs: Jobs, tmp_path: Path) -> None:
    run_regions(jobs(), tmp_path / "cache", TWO)
    assert changed(jobs("1 + 1"), tmp_path / "cache") == ["15.09", "82", "96.71"]


def test_the_engine_is_told_of_a_finished_task_and_does_not_wait_until_it_looks_again(
    jobs: Jobs, pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytask_parallel.execute import _Sleeper

    begin = _Sleeper.__init__

    def sleepy(self: _Sleeper) -> None:
        begin(self, timings=[float(TASK_TIMEOUT_SECONDS)])

    monkeypatch.setattr(_Sleeper, "__init__", sleepy)
    outcomes = run_regions(jobs(), tmp_path / "cache", TWO, pages)
    assert [outcome.error for outcome in outcomes] == [None] * 3


def test_a_failing_region_leaves_the_others_alone_and_is_the_only_one_run_again(
    jobs: Jobs, pages: Pages, tmp_path: Path
) -> None:
    options, log = logged(tmp_path)
    failing = jobs("assert params.region != '82', 'planted'")
    by_name = {outcome.name: outcome for outcome in run_regions(failing, tmp_path / "cache", options, pages)}
    assert by_name["82"].path is None
    assert by_name["82"].error == "AssertionError: planted"
    assert by_name["15.09"].error is by_name["96.71"].error is None
    assert not (pages.folder / "82").exists()
    assert sum(e["event"] == "task_failed" for e in events(log)) == 1, "an error of the notebook is not retried"
    assert changed(failing, tmp_path / "cache") == ["82"]


def test_a_kernel_that_dies_fails_its_region_after_the_retries(jobs: Jobs, tmp_path: Path) -> None:
    options, log = logged(tmp_path)
    dying = jobs("import os, signal\nparams.region == '82' and os.kill(os.getpid(), signal.SIGKILL)")
    by_name = {outcome.name: outcome for outcome in run_regions(dying, tmp_path / "cache", options)}
    assert by_name["82"].path is None
    assert by_name["15.09"].path
    assert by_name["96.71"].path
    assert [e["region"] for e in events(log) if e["event"] == "task_failed"] == ["82", "82"]
    assert {"event": "retry", "regions": ["82"]}.items() <= next(
        e for e in events(log) if e["event"] == "retry"
    ).items()


def test_a_worker_that_dies_takes_no_other_region_with_it(jobs: Jobs, tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    worker = (
        "import os, psutil, signal\nfrom pathlib import Path\n"
        f"marker = Path({str(marker)!r})\n"
        "if params.region == '82' and not marker.exists():\n"
        "    marker.touch()\n"
        "    os.kill(int(os.environ['PEMBINAAN_WORKER']), signal.SIGKILL)\n"
        "    __import__('time').sleep(30)"
    )
    options, log = logged(tmp_path)
    outcomes = run_regions(jobs(worker), tmp_path / "cache", options)
    assert marker.exists()
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert [e["region"] for e in events(log) if e["event"] == "task_failed"] == ["82"]


@pytest.mark.parametrize("cold", [False, True])
def test_what_a_user_has_ipython_do_and_a_kernel_of_the_same_name_change_nothing(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: bool
) -> None:
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup" / "00.py"
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    for path, text in (
        (startup, "planted = True"),
        (kernel, json.dumps({"argv": ["false"], "display_name": "another", "language": "python"})),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    for name, folder in (("IPYTHONDIR", startup.parents[2]), ("JUPYTER_PATH", tmp_path / "jupyter")):
        monkeypatch.setenv(name, str(folder))
    wanted = jobs("print(get_ipython().history_manager.enabled, 'planted' in globals())")
    outcomes = run_regions(wanted, tmp_path / "cache", replace(TWO, cold=cold))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    shown = json.loads(Path(str(outcomes[0].path)).read_text(encoding="utf-8"))["cells"][-2]["outputs"]
    assert [output["text"] for output in shown] == ["False False\n"]
    assert not list(startup.parents[1].glob("history*"))


def test_forked_and_ordinary_kernels_give_the_same_bytes(jobs: Jobs, tmp_path: Path) -> None:
    cells = (
        "import numpy as np, pandas as pd, plotly.io\npd.DataFrame(np.arange(300).reshape(3, 100))",
        "print({1, 'a', 'bc'}, hash('text'), plotly.io.renderers.default)\nlen(params.region)",
        "import sys\nprint(__name__, sys.argv[0].rsplit('/')[-1], sys.flags.hash_randomization)",
    )
    warm = run_regions(jobs(*cells), tmp_path / "warm", TWO)
    cold = run_regions(jobs(*cells), tmp_path / "cold", replace(TWO, cold=True))
    assert [one.error for one in warm + cold] == [None] * 6
    assert [one.path.read_bytes() for one in warm] == [one.path.read_bytes() for one in cold]
    assert "hash" in warm[0].path.read_text(encoding="utf-8")


def test_kernels_are_in_fact_forked(jobs: Jobs, tmp_path: Path) -> None:
    cell = "import psutil\nprint('forkserver' in ' '.join(psutil.Process().parent().cmdline()))"
    said = {}
    for name, cold in (("warm", False), ("cold", True)):
        outcome = run_regions(jobs(cell)[:1], tmp_path / name, replace(TWO, cold=cold))[0]
        book = nbformat.read(outcome.path, as_version=4)
        said[name] = [o.text.strip() for c in book.cells for o in c.get("outputs", ()) if o.output_type == "stream"]
    assert said == {"warm": ["True"], "cold": ["False"]}


UNGUARDED = """
import hashlib, sys
from pathlib import Path
from analysis.batch import Job, Options, run_regions
from analysis.params import RunParams

print("started")
notebook, given, folder = map(Path, sys.argv[1:])
job = Job("82", notebook, RunParams("82"), given, hashlib.sha256(given.read_bytes()).hexdigest())
print([one.error for one in run_regions([job], folder, Options(1))])
"""


def test_neither_workers_nor_kernels_run_the_program_that_asked_for_them(jobs: Jobs, tmp_path: Path) -> None:
    job, script = jobs("1")[0], tmp_path / "unguarded.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    command = [sys.executable, str(script), str(job.notebook), str(job.slice), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == ["started", "[None]"]


def test_what_a_cell_prints_comes_in_the_order_of_an_ordinary_kernel(jobs: Jobs, tmp_path: Path) -> None:
    cell = "import sys\nfor n in range(3):\n    print(n)\n    print('e', file=sys.stderr)\n    display(n)\nprint('end')"
    said = {}
    for cold in (False, True):
        outcome = run_regions(jobs("1", cell, "2")[:1], tmp_path / str(cold), replace(TWO, cold=cold))[0]
        outputs = next(one.outputs for one in nbformat.read(outcome.path, as_version=4).cells if "range" in one.source)
        said[cold] = [one.text if one.output_type == "stream" else one.data["text/plain"] for one in outputs]
    assert said[False] == said[True] == ["0\n", "e\n", "0", "1\n", "e\n", "1", "2\n", "e\n", "2", "end\n"]


def test_the_copy_of_a_run_is_the_same_in_every_run_and_tells_no_time_or_path(jobs: Jobs, tmp_path: Path) -> None:
    one = run_regions(jobs(), tmp_path / "one", TWO)[0].path
    other = run_regions(jobs(), tmp_path / "other", TWO)[0].path
    assert one.read_bytes() == other.read_bytes()
    assert str(tmp_path) not in one.read_text(encoding="utf-8")


DRIVER = """
import pickle, sys
from pathlib import Path
if __name__ == "__main__":
    from analysis.batch import Options, run_regions
    import cloudpickle
    jobs, cache, pages = cloudpickle.loads(Path(sys.argv[1]).read_bytes())
    run_regions(jobs, cache, Options(workers=2), pages)
"""


def run_and_kill(arguments: list[str], seconds: float) -> bool:
    """Start a run and kill it after some seconds; whether it had come to its end before."""
    running = subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        return running.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        return False


@pytest.mark.parametrize(
    ("kills", "longest"),
    [
        pytest.param(3, 8.0, id="short", marks=pytest.mark.slow),
        pytest.param(20, 12.0, id="long", marks=pytest.mark.nightly),
    ],
)
def test_a_run_that_is_killed_goes_on_and_gives_the_same_bytes(
    kills: int, longest: float, jobs: Jobs, pages: Pages, tmp_path: Path
) -> None:
    """Kill after random times; a run that comes to its end before is begun anew from nothing, its bytes compared."""
    import random
    import shutil

    import cloudpickle

    listed = jobs("import time\ntime.sleep(0.5)\nprint(params.region)")
    run_regions(listed, tmp_path / "undisturbed", TWO, pages)
    fresh = replace(pages, folder=tmp_path / "other" / "regions")
    given, driver = tmp_path / "given", tmp_path / "driver.py"
    given.write_bytes(cloudpickle.dumps((listed, tmp_path / "killed", fresh)))
    driver.write_text(DRIVER, encoding="utf-8")
    rng, done = random.Random(20260101), 0
    while done < kills:
        if run_and_kill([sys.executable, str(driver), str(given)], rng.uniform(1.0, longest)):
            assert made(tmp_path / "killed", fresh) == made(tmp_path / "undisturbed", pages)
            shutil.rmtree(tmp_path / "killed")
            shutil.rmtree(tmp_path / "other")
        else:
            done += 1
    outcomes = run_regions(listed, tmp_path / "killed", TWO, fresh)
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert made(tmp_path / "killed", fresh) == made(tmp_path / "undisturbed", pages)


def made(cache: Path, pages: Pages) -> dict[str, bytes]:
    """Executed notebooks and files of regions, by name."""
    files = [*cache.glob("*.ipynb"), *pages.folder.rglob("*.html")]
    return {f"{path.parent.name}/{path.name}".removeprefix(cache.name): path.read_bytes() for path in files}


@pytest.mark.slow
def test_no_process_is_left_when_the_driver_is_killed(jobs: Jobs, pages: Pages, tmp_path: Path) -> None:
    import cloudpickle
    import psutil

    listed = jobs("import time\ntime.sleep(60)")
    given, driver = tmp_path / "given", tmp_path / "driver.py"
    given.write_bytes(cloudpickle.dumps((listed, tmp_path / "cache", pages)))
    driver.write_text(DRIVER, encoding="utf-8")
    running = subprocess.Popen([sys.executable, str(driver), str(given)], start_new_session=True)
    deadline, family = time.monotonic() + 60, []
    while time.monotonic() < deadline and len(family) < 6:
        time.sleep(0.5)
        family = psutil.Process(running.pid).children(recursive=True)
    assert len(family) >= 6, "resource tracker, forkserver, two workers, two kernels"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
