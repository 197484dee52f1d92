"""Cost of a whole run beyond the study stage: regions, synthesis, index, search for persons, checksums, release.

``python -m benchmarks.batch.whole [N]`` stores the results of a small study under the codes of `N` regions (552 by
default) and has the command ``run`` load and publish them without PDF, then again with nothing changed, and again with
the units of one region renamed. The figures go to ``benchmarks/results/batch_whole.json``; what this process itself
holds is not in them.
"""

from __future__ import annotations

import compileall
import ctypes
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from benchmarks.batch.__main__ import Meter, enlarged, reference_seconds
from benchmarks.harden.studies import small_study

from analysis.paths import project_dir
from analysis.results import StudyResults
from analysis.study import load_study
from analysis.study.store import store_again

REGIONS = 552
WORKERS = 2
SET_CHILD_SUBREAPER = 36
ADOPTED_SECONDS = 30
RESULTS = Path(__file__).parents[1] / "results" / "batch_whole.json"


def store(study: Path, results: StudyResults) -> None:
    """Store results as those of a study whose files have just changed."""
    with (study / "study.yml").open("a", encoding="utf-8") as opened:
        opened.write("\n")
    run_id = load_study(study).meta["run_id"]
    store_again(study, replace(results, meta={**results.meta, "run_id": run_id}))


def run(study: Path, out: Path, n: int) -> dict[str, Any]:
    """Publish a stored study by the command that a user gives, and return what it costs."""
    log = study.parent / "events.jsonl"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "analysis", "run", str(study), "--out", str(out), "--no-pdf"]
    with Meter(myself=False) as meter, adopting():
        subprocess.run([*command, "--workers", str(WORKERS), "--events", str(log)], check=True, capture_output=True)
    return meter.figures(n) | {"seconds_of_regions": seconds_of_regions(log)}


@contextmanager
def adopting() -> Iterator[None]:
    """Take on the processes that a command leaves behind, and wait for them: else nobody would count their time.

    The forkserver ends after the command that has started it, and with it goes the time of all kernels. Linux only.
    """
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    own = set(psutil.Process().children())
    yield
    psutil.wait_procs([one for one in psutil.Process().children() if one not in own], timeout=ADOPTED_SECONDS)


def seconds_of_regions(log: Path) -> float:
    """Return how long notebooks were run and pages made, by the log of a run; 0 where there was nothing to do."""
    events = map(json.loads, log.read_text(encoding="utf-8").splitlines()) if log.exists() else ()
    times = [event["time"] for event in events if event["event"] in ("task_started", "task_done")]
    return round(max(times, default=0.0) - min(times, default=0.0), 1)


def one_renamed(results: StudyResults) -> StudyResults:
    """The results with the units of the first region under another name."""
    panel, code = results.panel, results.regions[0]
    return replace(
        results, panel=panel.assign(unit_name=panel["unit_name"].where(panel["region_code"] != code, "Dinas"))
    )


def main(n: int) -> dict[str, Any]:
    """Publish three times and return the figures."""
    compileall.compile_dir(project_dir() / "src", quiet=1)
    with tempfile.TemporaryDirectory(prefix="pembinaan-bench-") as temporary:
        study, out = small_study(Path(temporary) / "study"), Path(temporary) / "out"
        small = load_study(study)
        store(study, enlarged(small, n))
        found = {"reference_seconds": reference_seconds(), "first": run(study, out, n), "unchanged": run(study, out, n)}
        store(study, one_renamed(enlarged(small, n)))
        found["one_changed"] = run(study, out, n)
    return found


if __name__ == "__main__":
    figures = main(int(sys.argv[1]) if len(sys.argv) > 1 else REGIONS)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
