"""A run killed with its whole process group at random moments, again and again, and taken up each time.

``python -m benchmarks.harden.kills [--long | --kills N]``. After every kill, all that a reader could see is looked at;
a run that comes to its end is compared with one that was never disturbed, and everything is begun anew. Early moments
are drawn more often than late ones: a run goes on where it was, so that most of them come to their end in two or three
parts. Two of these go on side by side, for a run alone leaves half of the machine idle.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from benchmarks.harden.results import write_result
from benchmarks.harden.studies import command, program, published, small_study

from analysis.publish.release import CHECKSUMS, LATEST, is_intact
from analysis.publish.settings import REPORTS

KILLS = {"short": 5, "long": 500}
SEED = 20_250_817
LANES = 2
SHORTEST_SECONDS = 0.5
GONE_SECONDS = 30
ARGUMENTS = ["run", "study", "--out", "out", "--workers", "2"]


@dataclass
class Seen:
    """What was found in all kills."""

    longest: float = 0.0
    moments: list[float] = field(default_factory=list)
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
    kept = {REPORTS, LATEST}
    releases = [p for p in out.glob("*") if p.is_dir() and not p.name.startswith(".") and p.name not in kept]
    found = [path.name for path in releases if not is_intact(path)]
    found += [path.name for path in out.glob(f"{REPORTS}/**/*.html") if not _ends(path, "</html>\n")]
    styles = [*out.glob("*.css"), *out.glob(f"{REPORTS}/*.css")]
    found += [path.name for path in styles if not _ends(path, "}\n")]
    if (out / "latest").is_symlink() and not (out / "latest" / CHECKSUMS).exists():
        found.append("latest points to nothing")
    for path in [*out.glob("*.json"), *(folder / "study" / ".pembinaan").glob("batch/*.ipynb")]:
        if not _is_json(path):
            found.append(path.name)
    return found


def _ends(path: Path, mark: str) -> bool:
    return path.name.startswith(".") or path.read_text(encoding="utf-8").endswith(mark)


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


def lane(folder: Path, wanted: int, seed: int) -> Seen:
    """Kill the runs in one folder so many times, take the last one up, and return what was found."""
    small_study(folder / "study")
    longest, expected = undisturbed(folder)  # of this folder: reports name the place of their study
    rng, seen = random.Random(seed), Seen(longest=longest)
    while len(seen.moments) < wanted:
        moment = rng.triangular(SHORTEST_SECONDS, longest, SHORTEST_SECONDS)
        if killed_after(folder, moment, seen):
            seen.moments.append(moment)
            seen.torn += torn(folder)
        else:
            compare(folder, expected, seen)
    done = command(ARGUMENTS, folder)
    seen.differing += [] if done.returncode == 0 else [f"exit {done.returncode}"]
    compare(folder, expected, seen)
    return seen


def together(lanes: Sequence[Seen]) -> Seen:
    """Return what was found in all lanes."""
    whole = Seen()
    for one in lanes:
        whole.longest = max(whole.longest, one.longest)
        whole.moments += one.moments
        whole.completed += one.completed
        whole.torn += one.torn
        whole.differing += one.differing
        whole.left += one.left
    return whole


def undisturbed(folder: Path) -> tuple[float, dict[str, str]]:
    """Return how long a run takes that nobody kills, and what it publishes; nothing is left of it."""
    begun = time.monotonic()
    done = command(ARGUMENTS, folder)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    lasted, expected = time.monotonic() - begun, published(folder / "out")
    compare(folder, expected, Seen())
    return lasted, expected


def main(wanted: int) -> dict[str, Any]:
    """Kill so many times and return the figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary) / str(number) for number in range(LANES)]
        shares = [wanted // LANES + (number < wanted % LANES) for number in range(LANES)]
        with ThreadPoolExecutor(LANES) as pool:
            lanes = list(pool.map(lane, folders, shares, range(SEED, SEED + LANES)))
    seen = together(lanes)
    return {
        "kills": len(seen.moments),
        "seconds_undisturbed": round(seen.longest, 1),
        "latest_moment": round(max(seen.moments), 1),
        "torn": len(seen.torn),
        "runs_completed_and_compared": seen.completed,
        "differing": len(seen.differing),
        "processes_left": len(seen.left),
        "what": sorted(set(seen.torn + seen.differing))[:20],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=KILLS["short"])
    parser.add_argument("--long", action="store_true", help=f"{KILLS['long']} kills")
    given = parser.parse_args()
    figures = main(KILLS["long"] if given.long else given.kills)
    write_result("kills", figures)
    print(json.dumps(figures, indent=1))
