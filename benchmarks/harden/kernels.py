"""Notebooks that go wrong in every way we know, each beside a sound one: how many are published.

``python -m benchmarks.harden.kernels [--long]`` runs all of them in one batch with forked kernels; the long form does
it with ordinary kernels as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from benchmarks.harden.results import write_result
from nbformat.v4 import new_code_cell, new_notebook

from analysis.batch import Job, Options, run_regions
from analysis.catalog import load_catalog
from analysis.params import RunParams

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
DONE = "params.done()"
SHOWN = f"from IPython.display import display\ndisplay({DONE})"
HIDDEN = "get_ipython().showtraceback = lambda *a, **k: None\nraise ValueError('hidden')"
TIMEOUT_SECONDS = 45
"""After which an endless loop is given up; sound notebooks of a line need a few seconds on a busy machine."""
GONE_SECONDS = 20
CHILD = f"{600_000 + os.getpid()}.25"
"""Seconds that a kernel's child would sleep: by this number it is found again."""


@dataclass(frozen=True)
class Fault:
    """One way to go wrong: cells before the last, and the last one."""

    name: str
    cells: tuple[str, ...]
    last: str = DONE


FAULTS = (
    Fault("os._exit", ("import os\nos._exit(0)",)),
    Fault("sys.exit", ("import sys\nsys.exit(0)",)),
    Fault("killed as for lack of memory", ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",)),
    Fault("memory runs out", (
        "import resource\nlimit = 4 << 30\nresource.setrlimit(resource.RLIMIT_AS, (limit, limit))",
        "bytearray(16 << 30)",
    )),
    Fault("segmentation fault", ("import ctypes\nctypes.string_at(0)",)),
    Fault("segmentation fault behind an early sentinel", (SHOWN,), "import ctypes\nctypes.string_at(0)"),
    Fault("endless loop", ("while True:\n    pass",)),
    Fault("error in the first cell", ("raise ValueError('first')", "1 + 1")),
    Fault("error in a middle cell", ("1 + 1", "raise ValueError('middle')", "1 + 1")),
    Fault("error in the last cell, behind the sentinel", ("1 + 1",), f"{SHOWN}\nraise ValueError('last')"),
    Fault("error whose output is hidden", (HIDDEN, "1 + 1")),
    Fault("hidden error in the last cell, behind the sentinel", ("1 + 1",), f"{SHOWN}\n{HIDDEN}"),
    Fault("error that a cell is allowed to raise", ("%%allowed\nraise ValueError('allowed')",)),
    Fault("sentinel of another region", ("1 + 1",), "RunParams('15.71').done()"),
    Fault("sentinel in words only", ("1 + 1",), f"print({DONE}, {DONE}._repr_mimebundle_())"),
    Fault("no sentinel", ("1 + 1",), "1 + 1"),
    Fault("stops half-way with success", ("get_ipython().ask_exit()\nimport time\ntime.sleep(2)", "1 + 1")),
    Fault("all files and sockets closed", ("import os\nos.closerange(0, 4096)",)),
    Fault("leaves a child behind and dies", (
        f"import os, subprocess\nsubprocess.Popen(['sleep', '{CHILD}'])\nos._exit(1)",
    )),
)  # fmt: skip


def book(folder: Path, name: str, fault: Fault) -> Path:
    """Write a notebook with parameters, the cells of a fault and its last cell."""
    first = new_code_cell('region = "82"\nstudy = "data/sample"', metadata={"tags": ["parameters"]})
    checked = new_code_cell("from analysis.params import RunParams\nparams = RunParams.from_namespace(globals())")
    rest = [_cell(source) for source in (*fault.cells, fault.last)]
    made = new_notebook(cells=[first, checked, *rest], metadata=KERNEL)
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    path = folder / f"{name}.ipynb"
    nbformat.write(made, path)
    return path


def _cell(source: str) -> Any:
    if source.startswith("%%allowed\n"):
        return new_code_cell(source.partition("\n")[2], metadata={"tags": ["raises-exception"]})
    return new_code_cell(source)


def jobs(folder: Path, faults: tuple[Fault, ...]) -> tuple[list[Job], dict[str, Fault]]:
    """Return a job for every fault and a sound one beside each, and which region has which fault."""
    codes = sorted(load_catalog().regions)[: 2 * len(faults)]
    bad = dict(zip(codes[::2], faults, strict=True))
    sound = Fault("none", ("1 + 1", "print(params.region)"))
    listed = []
    for code in codes:
        given = folder / f"{code}.arrow"
        given.write_bytes(code.encode())
        path = book(folder, code, bad.get(code, sound))
        listed.append(Job(code, path, RunParams(code), given, hashlib.sha256(code.encode()).hexdigest()))
    return listed, bad


def run(folder: Path, faults: tuple[Fault, ...] = FAULTS, cold: bool = False) -> dict[str, Any]:
    """Carry out one batch in an empty folder and return the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    listed, bad = jobs(folder, faults)
    cache = folder / "cache"
    options = Options(workers=2, retries=0, timeout=TIMEOUT_SECONDS, cold=cold)
    outcomes = {outcome.name: outcome for outcome in run_regions(listed, cache, options)}
    passed = [fault.name for code, fault in bad.items() if outcomes[code].path or (cache / f"{code}.ipynb").exists()]
    lost = {code: outcome.error for code, outcome in outcomes.items() if code not in bad and outcome.error}
    return {
        "faults": len(bad),
        "published": len(passed),
        "which_published": passed,
        "sound_beside": len(listed) - len(bad),
        "sound_lost": lost,
        "processes_left": left_behind(before),
        "said": {fault.name: outcomes[code].error for code, fault in bad.items()},
    }


def left_behind(before: set[int]) -> list[str]:
    """Return the processes that a batch has left, given some seconds to end; its servers of processes are not meant."""
    deadline = time.monotonic() + GONE_SECONDS
    while True:
        left = [_words(process) for process in _suspects(before)]
        left = [words for words in left if words and not _is_server(words)]
        if not left or time.monotonic() > deadline:
            return sorted(left)
        time.sleep(0.5)


def _suspects(before: set[int]) -> list[psutil.Process]:
    mine = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    servers = {child.pid for child in mine if "forkserver" in _words(child)}
    mine = [child for child in mine if child.pid not in servers or child.ppid() in servers]
    orphans = [process for process in psutil.process_iter() if CHILD in _words(process)]
    return list({process.pid: process for process in [*mine, *orphans]}.values())


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()) if process.status() != psutil.STATUS_ZOMBIE else ""
    except psutil.Error:
        return ""


def _is_server(words: str) -> bool:
    return "resource_tracker" in words


def main(long: bool) -> dict[str, Any]:
    """Run with forked kernels, in the long form with ordinary ones too, and return the figures."""
    found = {}
    with tempfile.TemporaryDirectory() as place:
        for way, cold in (("forked", False), ("ordinary", True)):
            if long or not cold:
                found[way] = run(Path(place) / way, cold=cold)
    totals = {
        "faults": len(FAULTS),
        "runs": sum(item["faults"] for item in found.values()),
        "published": sum(item["published"] for item in found.values()),
        "sound_lost": sum(len(item["sound_lost"]) for item in found.values()),
        "processes_left": sum(len(item["processes_left"]) for item in found.values()),
    }
    return {**totals, "by_kernel": found}


if __name__ == "__main__":
    figures = main("--long" in sys.argv)
    write_result("kernels", figures)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
