"""Regions on a real dask cluster: scheduler and workers are processes of their own, in folders of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cloudpickle
import pytest

from analysis.batch import EventLog, Job, Options, Pages, run_regions

Jobs = Callable[..., list[Job]]
N_WORKERS = 2
pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler with workers, each in an empty folder, that share no folder of the test."""
    told = tmp_path / "scheduler.json"
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    start = [*dask, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    running = [subprocess.Popen(start, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)]
    try:
        for number in range(N_WORKERS):
            place = tmp_path / f"worker-{number}"
            place.mkdir()
            work = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(told)]
            work += ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(place)]
            running.append(subprocess.Popen(work, cwd=place, env=environment, stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 60
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(1)
        yield json.loads(told.read_text(encoding="utf-8"))["address"], running[1:]
    finally:
        for process in running:
            process.kill()
            process.wait()


def options(address: str, tmp_path: Path) -> Options:
    return Options(workers=N_WORKERS, scheduler=address, share=str(tmp_path / "share"))


def test_a_cluster_gives_the_bytes_that_one_machine_gives(
    jobs: Jobs, pages: Pages, tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    listed = jobs()
    alone = run_regions(listed, tmp_path / "alone", Options(workers=2), pages)
    there = replace(pages, folder=tmp_path / "cluster" / "regions")
    outcomes = run_regions(listed, tmp_path / "shared", options(cluster[0], tmp_path), there)
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert [one.path.read_bytes() for one in outcomes] == [one.path.read_bytes() for one in alone]
    files = [sorted(p.read_bytes() for p in place.folder.rglob("*.html")) for place in (pages, there)]
    assert files[0] == files[1]
    assert len(files[0]) == 3
    log = tmp_path / "again.jsonl"
    run_regions(listed, tmp_path / "shared", replace(options(cluster[0], tmp_path), emit=EventLog(log)), there)
    assert {json.loads(line)["event"] for line in log.read_text().splitlines()} == {"task_unchanged"}


def test_a_worker_killed_in_the_middle_costs_no_region(
    jobs: Jobs, tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    marker = tmp_path / "killed"
    cell = (
        "import os, signal, time\nfrom pathlib import Path\n"
        f"marker, victim = Path({str(marker)!r}), {workers[0].pid}\n"
        "if not marker.exists():\n    marker.touch()\n    os.kill(victim, signal.SIGKILL)\ntime.sleep(1)"
    )
    outcomes = run_regions(jobs(cell), tmp_path / "cache", options(address, tmp_path))
    assert marker.exists()
    assert workers[0].poll() == -signal.SIGKILL
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert all(outcome.path.exists() for outcome in outcomes)


def test_a_worker_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch, jobs: Jobs, tmp_path: Path) -> None:
    from analysis.batch import cluster
    from analysis.batch.cluster import Errand, WorkerDiffersError, carry_out

    monkeypatch.setattr(cluster, "region_code_sha256", lambda: "mine")
    errand = Errand(str(tmp_path), "notebook", jobs()[0], None, {}, "the driver's", "", warm=False)
    with pytest.raises(WorkerDiffersError):
        carry_out(cloudpickle.dumps(errand))
