"""Cost of the region stage, against a plain loop of papermill and nbconvert over the same notebooks in the same run.

``python -m benchmarks.batch [N ...]`` measures 12, 100 and 552 regions by default and writes
``benchmarks/results/batch.json`` and a plot. The study stage is not in it: the results of a small study are copied
under the codes of as many regions of the catalog, each region with all the rows that it would have.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from analysis.batch import EventLog, Options, run_regions
from analysis.batch.environment import KERNEL_ENVIRONMENT
from analysis.catalog import load_catalog
from analysis.params import RunParams
from analysis.paths import SLICE_ENV, notebooks_dir, project_dir, sample_dir
from analysis.publish.pipeline import Plan
from analysis.publish.regions import region_jobs, region_pages
from analysis.results import StudyResults
from analysis.study import load_study
from analysis.study.slices import slice_path, table_names, write_slices

SIZES = (12, 100, 552)
LOOP_REGIONS = 3
"""Before the batch, and as many after it."""
WORKERS = 2
LOOK_SECONDS = 2.0
RESULTS = Path(__file__).parents[1] / "results" / "batch.json"
REPORT = "policy_report.ipynb"


def enlarged(results: StudyResults, n: int) -> StudyResults:
    """The results with the rows of their regions copied under the codes of `n` regions of the catalog."""
    known = list(results.regions)
    codes = known + [code for code in sorted(load_catalog().regions) if code not in known]
    pairs = [(code, known[i % len(known)]) for i, code in enumerate(codes[:n])]
    frames = {name: copied(getattr(results, name), pairs) for name in table_names()}
    meta = {**results.meta, "n_regions": n, "files": [{**item, "regions": None} for item in results.meta["files"]]}
    return replace(results, meta=meta, regions=tuple(sorted(code for code, _ in pairs)), **frames)


def copied(frame: pd.DataFrame, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    if "region_code" not in frame.columns or frame.empty:
        return frame
    national = frame[frame["region_code"].isna()]
    parts = [frame[frame["region_code"] == source].assign(region_code=code) for code, source in pairs]
    return pd.concat([national, *parts], ignore_index=True)


class Meter:
    """Processor time of this process and all that it has started, and their memory, looked at every two seconds.

    The time of a process that has ended is kept by the one that waited for it, the forkserver's included, so that
    nothing has to be followed and nothing is missed. What looking takes is left out: it adds pages up in the kernel of
    the system for a tenth of a second each time.

    Parameters
    ----------
    myself
        Whether the memory of this process counts.
    """

    def __init__(self, myself: bool = True) -> None:
        self.peak = self.own_seconds = 0.0
        self._myself = myself
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Meter:
        self._before = processor_seconds()
        self._begun = time.perf_counter()
        self.peak = float(memory(self._myself))
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()
        self.seconds = time.perf_counter() - self._begun
        self.cpu_seconds = processor_seconds() - self._before - self.own_seconds

    def _follow(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.peak = max(self.peak, memory(self._myself))
            self.own_seconds = time.thread_time()

    def figures(self, n: int) -> dict[str, float]:
        return {
            "regions": n,
            "seconds": round(self.seconds, 1),
            "cpu_seconds": round(self.cpu_seconds, 1),
            "cpu_seconds_a_region": round(self.cpu_seconds / n, 3),
            "reports_a_minute": round(60 * n / self.seconds, 1),
            "peak_memory_mb": round(self.peak / 1e6),
        }


def started() -> list[psutil.Process]:
    """This process and all that it has started and that still run."""
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def processor_seconds() -> float:
    """Processor time of all of them and of those that have ended."""
    return sum(sum(times) for process in started() if (times := _of(process, lambda one: one.cpu_times()[:4])))


def memory(myself: bool = True) -> float:
    """Bytes that all of them hold, what several share counted once; without this process if not `myself`."""
    counted = started() if myself else started()[1:]
    return sum(_of(process, lambda one: one.memory_full_info().pss) or 0.0 for process in counted)


def _of(process: psutil.Process, told: Callable[[psutil.Process], Any]) -> Any:
    with contextlib.suppress(psutil.Error):
        return told(process)
    return None


def batch(small: StudyResults, n: int, folder: Path) -> dict[str, Any]:
    """All figures for `n` regions: from nothing, again with nothing changed, and with one region changed."""
    results = enlarged(small, n)
    stored = folder / f"stored-{n}"
    stored.mkdir()
    write_slices(results, stored)
    planned = Plan("data/sample", results, results.regions, folder / f"release-{n}")
    found = {"first": run(planned, stored, folder)}
    found["unchanged"] = run(planned, stored, folder)
    code = results.regions[0]
    panel = results.panel
    named = panel.assign(unit_name=panel["unit_name"].where(panel["region_code"] != code, "Dinas lain"))
    changed = replace(results, panel=named) if "unit_name" in panel else results
    after = folder / f"changed-{n}"
    after.mkdir()
    write_slices(changed, after)
    found["one_changed"] = run(replace(planned, results=changed), after, folder)
    return found


def run(planned: Plan, stored: Path, folder: Path) -> dict[str, float]:
    n = len(planned.regions)
    work, cache = folder / f"work-{n}", folder / f"cache-{n}"
    books = notebooks_dir() / REPORT, notebooks_dir() / REPORT
    jobs = [job for job in region_jobs(planned, stored, *books) if job.of_region]
    log = folder / "events.jsonl"
    log.unlink(missing_ok=True)
    with Meter() as meter:
        outcomes = run_regions(jobs, cache, Options(WORKERS, emit=EventLog(log)), region_pages(planned, cache, work))
    failed = [outcome for outcome in outcomes if outcome.error]
    if failed:
        raise SystemExit(f"{len(failed)} regions failed: {failed[0]}")
    events = [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()]
    return meter.figures(n) | {"tasks_done": events.count("task_done")}


def loop(small: StudyResults, folder: Path, codes: Sequence[str], sliced: bool = False) -> dict[str, float]:
    """What anybody would write: papermill, then nbconvert, one region after the other, as two commands.

    Its notebooks open the stored study and show tables and figures; if `sliced`, they are given their region's slice
    and hand over data alone, as in the batch, so that the pages show nothing.
    """
    stored = folder / "stored-loop"
    if not stored.exists():
        stored.mkdir()
        write_slices(small, stored)
    with Meter() as meter:
        for code in codes:
            environment = {**os.environ, **KERNEL_ENVIRONMENT}
            if sliced:
                environment[SLICE_ENV] = str(slice_path(stored, code))
            executed = folder / f"loop-{code}.ipynb"
            source = str(notebooks_dir() / REPORT)
            command = [sys.executable, "-m", "papermill", source, str(executed), "-r", "region", code]
            subprocess.run(command, env=environment, cwd=project_dir(), check=True, capture_output=True)
            convert = [sys.executable, "-m", "nbconvert", "--to", "html", str(executed)]
            subprocess.run(convert, env=environment, check=True, capture_output=True)
    return meter.figures(len(codes))


def both(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return the loop before and after the batch as one: the speed of a shared machine drifts while it is measured."""
    summed = {name: before[name] + after[name] for name in ("regions", "seconds", "cpu_seconds")}
    return {
        **{name: round(value, 1) for name, value in summed.items()},
        "cpu_seconds_a_region": round(summed["cpu_seconds"] / summed["regions"], 3),
        "reports_a_minute": round(60 * summed["regions"] / summed["seconds"], 1),
        "peak_memory_mb": max(before["peak_memory_mb"], after["peak_memory_mb"]),
    }


def startup() -> dict[str, float]:
    """Wall time of the first words of the command line and of a check of an empty folder, the best of three."""
    best = {}
    with tempfile.TemporaryDirectory() as empty:
        for name, words in (("help", ["--help"]), ("version", ["--version"]), ("check", ["check", empty])):
            times = []
            for _ in range(3):
                begun = time.perf_counter()
                subprocess.run([sys.executable, "-m", "analysis", *words], check=name != "check", capture_output=True)
                times.append(time.perf_counter() - begun)
            best[name] = round(min(times), 3)
    return best


def reference_seconds() -> float:
    """Processor time of ten million additions in plain Python, the best of three: how fast the machine is right now."""
    times = []
    for _ in range(3):
        begun, total = time.process_time(), 0
        for number in range(10_000_000):
            total += number
        times.append(time.process_time() - begun)
    return round(min(times), 3)


def main(sizes: tuple[int, ...]) -> dict[str, Any]:
    # Both sides with compiled modules, as an installed package has them.
    compileall.compile_dir(project_dir() / "src", quiet=1)
    small = load_study(RunParams(study=os.environ.get("PEMBINAAN_BENCH_STUDY", str(sample_dir()))).study_dir())
    load, reference = os.getloadavg()[0], reference_seconds()
    with tempfile.TemporaryDirectory(prefix="pembinaan-bench-") as temporary:
        folder = Path(temporary)
        sparing = loop(small, folder, small.regions[:LOOP_REGIONS], sliced=True)
        before = loop(small, folder, small.regions[:LOOP_REGIONS])
        found: dict[str, Any] = {"startup_seconds": startup()}
        found["batch"] = {str(n): batch(small, n, folder) for n in sizes}
        after = loop(small, folder, small.regions[LOOP_REGIONS : 2 * LOOP_REGIONS])
        sparing = both(sparing, loop(small, folder, small.regions[LOOP_REGIONS : 2 * LOOP_REGIONS], sliced=True))
        found["loop"] = both(before, after) | {"before": before, "after": after}
        found["loop_with_slices"] = sparing
    first = found["batch"][str(max(sizes))]["first"]
    for name in ("loop", "loop_with_slices"):
        found[f"times_the_{name}"] = round(first["reports_a_minute"] / found[name]["reports_a_minute"], 1)
    found["machine"] = {
        "processors": os.cpu_count(),
        "reference_seconds": reference,
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "workers": WORKERS,
        "python": sys.version.split()[0],
    }
    return found


if __name__ == "__main__":
    chosen = tuple(int(word) for word in sys.argv[1:]) or SIZES
    measured = main(chosen)
    RESULTS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(measured, indent=1))
