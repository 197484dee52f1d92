"""A run killed with its whole process group at random moments, again and again, and taken up each time.

``python -m benchmarks.harden.kills [--long]``. After every kill, all that a reader could see is looked at; a run that
comes to its end is compared with one that was never disturbed, and everything is begun anew.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from benchmarks.harden.results import write_result
from benchmarks.harden.studies import command, program, published, small_study

from analysis.publish.release import CHECKSUMS, is_intact

KILLS = {"short": 5, "long": 500}
SEED = 20_250_817
SHORTEST_SECONDS = 0.5
GONE_SECONDS = 30
ARGUMENTS = ["run", "study", "--out", "out", "--workers", "2"]


@dataclass
class Seen:
    """What was found in all kills."""

    kills: int = 0
    completed: int = 0
    torn: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def killed_after(folder: Path, seconds: float, seen: Seen) -> bool:
    """Start a run, kill its process group after some seconds; whether it was killed before its end."""
    running = subprocess.Popen(
        [program(), *ARGUMENTS],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        family = psutil.Process(running.pid).children(recursive=True)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        _, alive = psutil.wait_procs(family, timeout=GONE_SECONDS)
        seen.left += [f"{process.pid}" for process in alive]
        return True
    if running.returncode:
        seen.differing.append(f"exit {running.returncode}")
    return False


def torn(folder: Path) -> list[str]:
    """Return what is half there among all that a reader or the next run would take for whole."""
    out = folder / "out"
    releases = [p for p in out.glob("*") if p.is_dir() and not p.is_symlink() and not p.name.startswith(".")]
    found = [path.name for path in releases if not is_intact(path)]
    if (out / "latest").is_symlink() and not (out / "latest" / CHECKSUMS).exists():
        found.append("latest points to nothing")
    for path in [*out.glob("*.json"), *(folder / "study" / ".pembinaan").glob("batch/*.ipynb")]:
        if not _is_json(path):
            found.append(path.name)
    return found


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def compare(folder: Path, expected: dict[str, str], seen: Seen) -> None:
    """Compare a completed run with the undisturbed one and begin anew."""
    seen.completed += 1
    made = published(folder / "out")
    seen.differing += sorted(name for name in made.keys() | expected.keys() if made.get(name) != expected.get(name))
    shutil.rmtree(folder / "out", ignore_errors=True)
    shutil.rmtree(folder / "study" / ".pembinaan", ignore_errors=True)


def main(long: bool) -> dict[str, Any]:
    """Kill so many times and return the figures."""
    wanted, rng, seen = KILLS["long" if long else "short"], random.Random(SEED), Seen()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small_study(folder / "study")
        begun = time.monotonic()
        done = command(ARGUMENTS, folder)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        longest = time.monotonic() - begun
        expected = published(folder / "out")
        compare(folder, expected, Seen())
        while seen.kills < wanted:
            if killed_after(folder, rng.uniform(SHORTEST_SECONDS, longest), seen):
                seen.kills += 1
                seen.torn += torn(folder)
            else:
                compare(folder, expected, seen)
        done = command(ARGUMENTS, folder)
        seen.differing += [] if done.returncode == 0 else [f"exit {done.returncode}"]
        compare(folder, expected, seen)
    return {
        "kills": seen.kills,
        "torn": len(seen.torn),
        "runs_completed_and_compared": seen.completed,
        "differing": len(seen.differing),
        "processes_left": len(seen.left),
        "what": sorted(set(seen.torn + seen.differing))[:20],
    }


if __name__ == "__main__":
    figures = main("--long" in sys.argv)
    write_result("kills", figures)
    print(json.dumps(figures, indent=1))
