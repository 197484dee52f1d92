"""What a run cannot choose: another run at the same time, a folder that takes nothing, a clock that leaps.

``python -m benchmarks.harden.surroundings`` (the same short and long). Linux; the clock needs a C compiler, by which a
library is made that is loaded before the system's own and tells a time 400 days ahead or three days back, by turns.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harden.disk import alone, mount
from benchmarks.harden.results import write_result
from benchmarks.harden.studies import command, program, published, small_study

from analysis.errors import EXIT_LOCKED, EXIT_OK, EXIT_USAGE

WAIT_SECONDS = 120
READ_ONLY_BYTES = 1 << 20
LEAPING = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long leap(long now) { return (now / 3) % 2 ? 400L * 86400 : -3L * 86400; }
int clock_gettime(clockid_t id, struct timespec *t) {
  int r = syscall(SYS_clock_gettime, id, t);
  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) t->tv_sec += leap(t->tv_sec);
  return r;
}
int gettimeofday(struct timeval *restrict t, void *restrict z) {
  struct timespec s; clock_gettime(CLOCK_REALTIME, &s);
  t->tv_sec = s.tv_sec; t->tv_usec = s.tv_nsec / 1000; return 0;
}
time_t time(time_t *t) {
  struct timespec s; clock_gettime(CLOCK_REALTIME, &s);
  if (t) *t = s.tv_sec;
  return s.tv_sec;
}
"""


def arguments(out: str) -> list[str]:
    """Return the command that publishes the study into a folder."""
    return ["run", "study", "--out", out, "--workers", "2", "--lang", "en"]


def two_at_once(folder: Path) -> dict[str, Any]:
    """Start a second run while the first is at work; the first must come to its end, the second must say why not."""
    first = subprocess.Popen(
        [program(), *arguments("out")], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while not list((folder / "out").glob(".*.work")) and time.monotonic() < deadline and first.poll() is None:
        time.sleep(0.05)
    second = command(arguments("out"), folder)
    return {
        "first_exit": first.wait(),
        "second_exit": second.returncode,
        "traceback": "Traceback" in second.stderr,
        "holds": (first.returncode, second.returncode) == (EXIT_OK, EXIT_LOCKED),
    }


def read_only(folder: Path) -> dict[str, Any]:
    """Publish into a folder that takes nothing."""
    place = folder / "read-only"
    place.mkdir()
    mount(place, READ_ONLY_BYTES, "ro")
    done = command(arguments("read-only"), folder)
    words = done.stderr.strip()
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    clear = done.returncode == EXIT_USAGE and "Traceback" not in words and "read-only" in words
    return {"exit": done.returncode, "said": words.replace(str(folder), "")[-200:], "holds": clear}


def leaping_clock(folder: Path, expected: dict[str, str]) -> dict[str, Any]:
    """Publish anew from nothing while the clock leaps every three seconds, and compare."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {"holds": False, "why": "no C compiler"}
    source, library = folder / "leaping.c", folder / "leaping.so"
    source.write_text(LEAPING, encoding="ascii")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    leaping = {"LD_PRELOAD": str(library)}
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env={**os.environ, **leaping}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    shutil.rmtree(folder / "study" / ".pembinaan")
    done = command(arguments("leaping"), folder, leaping)
    made = published(folder / "leaping")
    differing = sorted(name for name in made.keys() | expected.keys() if made.get(name) != expected.get(name))
    return {
        "clock_was_off_by_days": round(abs(float(told.stdout) - time.time()) / 86400),
        "exit": done.returncode,
        "files": len(made),
        "differing": differing[:20],
        "holds": done.returncode == EXIT_OK and not differing and abs(float(told.stdout) - time.time()) > 86400,
    }


def main() -> dict[str, Any]:
    """Try all three and return the figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small_study(folder / "study")
        found = {"two_at_once": two_at_once(folder), "read_only_folder": read_only(folder)}
        found["leaping_clock"] = leaping_clock(folder, published(folder / "out"))
    return {"tried": len(found), "held": sum(item["holds"] for item in found.values()), **found}


if __name__ == "__main__":
    alone()
    figures = main()
    write_result("surroundings", figures)
    print(json.dumps(figures, indent=1))
