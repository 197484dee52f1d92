"""A disk that is full at any moment of a run: the old release stays as it is, and the run says so in words.

``python -m benchmarks.harden.disk [--long]`` puts a study with a release on a file system in memory, changes the study,
and runs the tool with less and less room left. The long form prints no PDF: on a full disk a browser takes minutes to
give up. Linux, as root or where users may make name spaces.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.harden.results import write_result
from benchmarks.harden.studies import command, published, small_study

POINTS = {"short": 5, "long": 100}
RESUME_EVERY = 5
"""At each of so many points the disk is given room again and the run repeated."""
INSIDE = "PEMBINAAN_OWN_MOUNTS"
AMPLE = 4 << 30
LOOK_SECONDS = 0.1


def alone() -> None:
    """Begin this program anew where its mounts are its own and end with it."""
    if os.environ.get(INSIDE):
        return
    ways = [["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]]
    for way in ways[os.geteuid() != 0 :]:
        if shutil.which("unshare") and subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            module = ["-m", sys.modules["__main__"].__spec__.name]  # type: ignore[union-attr]
            os.environ[INSIDE] = "1"
            os.execvp("unshare", [*way, sys.executable, *module, *sys.argv[1:]])
    raise SystemExit("file systems of a chosen size can only be made on Linux, as root or in a name space of one's own")


def mount(place: Path, size: int, *flags: str) -> None:
    """Mount a file system in memory, or change one that is there."""
    options = ",".join([*flags, f"size={size}"])
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)


def used(place: Path) -> int:
    """Bytes taken on a file system."""
    told = os.statvfs(place)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


class Disk:
    """A file system in memory that begins with the same content at every point."""

    def __init__(self, place: Path, content: Path) -> None:
        self.place, self._content = place, content

    def __enter__(self) -> Disk:
        mount(self.place, AMPLE)
        shutil.copytree(self._content, self.place, symlinks=True, dirs_exist_ok=True)
        return self

    def __exit__(self, *_: Any) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)

    def limit(self, room: int) -> None:
        """Leave so many bytes free."""
        mount(self.place, used(self.place) + room, "remount")


def publish(place: Path, options: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run the tool on the disk's study; temporary files are on that disk too."""
    environment = {"TMPDIR": str(place / "tmp")}
    return command(["run", "study", "--out", "out", "--workers", "2", "--lang", "en", *options], place, environment)


def prepare(folder: Path, options: Sequence[str]) -> Path:
    """Return a folder with a study, a release of it, and a change that makes another release."""
    (folder / "tmp").mkdir(parents=True)
    study = small_study(folder / "study")
    done = publish(folder, options)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    settings = study / "study.yml"
    settings.write_text(settings.read_text(encoding="utf-8") + "# another study\n", encoding="utf-8")
    _another_release(study)
    return folder


def _another_release(study: Path) -> None:
    """Leave the last unit's complaints out, so that results and release are others."""
    for path in sorted(study.glob("*.csv")):
        lines = path.read_bytes().splitlines(keepends=True)
        if "complaint" in path.name or "pengaduan" in path.name:
            path.write_bytes(b"".join(lines[:-1]))
            return
    raise RuntimeError("the sample study has no table of complaints as text")


def most_used(disk: Disk, options: Sequence[str]) -> tuple[int, dict[str, str]]:
    """Return how much a run takes at its height beyond what is there, and what it publishes."""
    begun, highest, over = used(disk.place), [0], threading.Event()

    def follow() -> None:
        while not over.wait(LOOK_SECONDS):
            highest.append(used(disk.place))

    follower = threading.Thread(target=follow)
    follower.start()
    done = publish(disk.place, options)
    over.set()
    follower.join()
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return max(highest) - begun, published(disk.place / "out")


def point(disk: Disk, room: int, expected: dict[str, str], resumed: bool, options: Sequence[str]) -> dict[str, Any]:
    """Run with so much room and return what is wrong afterwards; nothing is in `broken` if all is well."""
    before = published(disk.place / "out")
    disk.limit(room)
    begun = time.monotonic()
    done = publish(disk.place, options)
    after = published(disk.place / "out")
    broken = wrong(done, before, after, expected)
    if resumed:
        mount(disk.place, AMPLE, "remount")
        again = publish(disk.place, options)
        if again.returncode or published(disk.place / "out") != expected:
            broken.append(f"resume: exit {again.returncode} {again.stderr[-300:]}")
    said = (done.stderr.strip().splitlines() or [""])[-1][:200]
    return {"room": room, "exit": done.returncode, "seconds": round(time.monotonic() - begun), "said": said,
            "broken": broken, "resumed": resumed}  # fmt: skip


def wrong(
    done: subprocess.CompletedProcess[str], before: dict[str, str], after: dict[str, str], expected: dict[str, str]
) -> list[str]:
    """Return what a run on a full disk has broken: former files, the newest link, its words, its exit code."""
    if done.returncode == 0:
        return [] if after == expected else ["it says that all is well, and it is not"]
    found = [] if "Traceback" not in done.stderr + done.stdout else ["traceback"]
    found += [] if done.stderr.strip() else ["no message"]
    beside = {name: digest for name, digest in after.items() if before.get(name) != digest}
    found += [f"changed or new: {name}" for name in sorted(beside)][:5]
    return found + [f"gone: {name}" for name in sorted(before.keys() - after.keys())][:5]


def main(long: bool) -> dict[str, Any]:
    """Fill the disk at every point and return the figures."""
    n = POINTS["long" if long else "short"]
    options = ["--no-pdf"] if long else []
    with tempfile.TemporaryDirectory() as temporary:
        content, place = Path(temporary) / "content", Path(temporary) / "disk"
        place.mkdir()
        mount(place, AMPLE)
        prepare(place, options)
        shutil.copytree(place, content, symlinks=True)
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        with Disk(place, content) as disk:
            most, expected = most_used(disk, options)
        points = []
        for number in range(n):
            with Disk(place, content) as disk:
                room = most * number // n
                points.append(point(disk, room, expected, number % RESUME_EVERY == RESUME_EVERY - 1, options))
                print(json.dumps(points[-1]), flush=True)
    return {
        "points": n,
        "printed": not long,
        "bytes_at_the_height": most,
        "stopped_by_the_disk": sum(item["exit"] != 0 for item in points),
        "old_release_broken": sum(bool(item["broken"]) for item in points),
        "resumed": sum(item["resumed"] for item in points),
        "by_point": points,
    }


if __name__ == "__main__":
    alone()
    write_result("disk", main("--long" in sys.argv))
