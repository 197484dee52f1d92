"""What is wrong with this environment, and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import cache_from_source
from pathlib import Path

from analysis.batch.environment import KERNEL_ENVIRONMENT
from analysis.exports import find_browser
from analysis.messages import Message
from analysis.paths import notebooks_dir, project_dir, reports_dir

SUPPORTED = (3, 11), (3, 14)
NEEDED_GB = 5.0
"""Room for one release of 552 regions with everything that it is made from."""
SLOW_IMPORT_SECONDS = 6.0
UNCOMPILED_SHARE = 0.1
MOST_NAMED = 8
HEAVY = ("numpy", "pandas", "plotly", "pyarrow", "nbconvert", "papermill", "ipykernel", "jinja2", "babel", "analysis")
"""Packages that every kernel or worker imports."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class Ailment:
    """Something that slows down or hinders the work.

    Parameters
    ----------
    name
        Short name, for example ``"bytecode"``.
    what
        What was found.
    remedy
        What to do.
    """

    name: str
    what: Message
    remedy: Message


def _ailment(
    name: str, what: Mapping[str, object] | None = None, remedy: Mapping[str, object] | None = None
) -> Ailment:
    return Ailment(name, Message(f"doctor.{name}", dict(what or {})), Message(f"doctor.{name}_do", dict(remedy or {})))


def examine(out: Path | None = None, environment: Mapping[str, str] | None = None) -> list[Ailment]:
    """Return everything that is wrong, in the order in which it should be mended.

    Parameters
    ----------
    out
        Folder for releases; the project's own by default.
    environment
        Environment variables; those of the process by default.
    """
    held = os.environ if environment is None else environment
    place = out or reports_dir()
    checks: tuple[Callable[[], Iterator[Ailment]], ...] = (
        python_version,
        notebooks,
        locked_versions,
        bytecode,
        imports,
        forking,
        lambda: threads(held),
        lambda: renderer(held),
        lambda: writable(place),
        lambda: free_disk(place),
        lambda: browser(held),
    )
    return [found for check in checks for found in check()]


def python_version(running: tuple[int, int] = sys.version_info[:2]) -> Iterator[Ailment]:
    """Find a Python that is not supported."""
    if not SUPPORTED[0] <= running < SUPPORTED[1]:
        yield _ailment("python", {"version": ".".join(map(str, running))})


def notebooks() -> Iterator[Ailment]:
    """Find out whether the notebooks are there."""
    if not (notebooks_dir() / "policy_report.ipynb").exists():
        yield _ailment("notebooks", {"folder": str(notebooks_dir())})


def locked_versions(lock: Path | None = None) -> Iterator[Ailment]:
    """Find packages in another version than the one that ``requirements/lock.txt`` names."""
    path = lock or project_dir() / "requirements" / "lock.txt"
    if not path.exists():
        return
    pins = dict(_PIN.findall(path.read_text(encoding="utf-8")))
    found = {name: _version(name) for name in pins}
    other = [f"{name} {found[name]} ({pin})" for name, pin in pins.items() if found[name] not in ("", pin)]
    if other:
        command = f"{sys.executable} -m pip install --require-hashes -r {path}"
        shown = other[:MOST_NAMED] + (["…"] if len(other) > MOST_NAMED else [])
        yield _ailment("versions", {"n": len(other), "names": shown}, {"command": command})


def _version(name: str) -> str:
    """Return the installed version; an absent package is not needed on this platform, or found when it is imported."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def bytecode(site: Path | None = None) -> Iterator[Ailment]:
    """Find packages whose Python files are not compiled."""
    folder = site or Path(sysconfig.get_path("purelib"))
    files = [path for name in HEAVY for path in (folder / name).rglob("*.py") if "tests" not in path.parts]
    missing = sum(not Path(cache_from_source(str(path))).exists() for path in files)
    if missing > UNCOMPILED_SHARE * len(files):
        command = f"{sys.executable} -m compileall -q {folder}"
        yield _ailment("bytecode", {"n": missing, "total": len(files)}, {"command": command})


def imports() -> Iterator[Ailment]:
    """Find slow imports of what a kernel loads, in processor time: that the machine is busy is no fault of its own."""
    seconds = float(_output("import analysis.batch.preload, time; print(time.process_time())") or 0.0)
    if seconds > SLOW_IMPORT_SECONDS:
        yield _ailment("slow", {"seconds": seconds})


def _output(code: str) -> str:
    fresh = {**os.environ, **KERNEL_ENVIRONMENT}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=fresh, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def forking() -> Iterator[Ailment]:
    """Find threads in the process from which kernels are forked."""
    found = int(_output("import analysis.batch.preload as loaded; print(loaded.THREADS)") or 1)
    if found > 1:
        yield _ailment("forked", {"n": found})


def threads(environment: Mapping[str, str]) -> Iterator[Ailment]:
    """Find variables that give linear algebra more than one thread."""
    for name in THREAD_VARIABLES:
        if environment.get(name, "1") != "1":
            yield _ailment("threads", {"name": name, "value": environment[name]}, {"name": name})


def renderer(environment: Mapping[str, str]) -> Iterator[Ailment]:
    """Find a plotly renderer with which figures are lost."""
    chosen = environment.get("PLOTLY_RENDERER", "plotly_mimetype")
    if "plotly_mimetype" not in chosen:
        yield _ailment("renderer", {"value": chosen})


def writable(place: Path) -> Iterator[Ailment]:
    """Find out whether releases can be written."""
    folder = next((p for p in (place, *place.parents) if p.exists()), place)
    if not os.access(folder, os.W_OK):
        yield _ailment("writable", {"folder": str(folder)})


def free_disk(place: Path, needed: float = NEEDED_GB) -> Iterator[Ailment]:
    """Find out whether there is room for a release."""
    folder = next((p for p in (place, *place.parents) if p.exists()), Path.cwd())
    free = shutil.disk_usage(folder).free / 1e9
    if free < needed:
        yield _ailment("disk", {"free": free, "needed": needed, "folder": str(folder)})


def browser(environment: Mapping[str, str]) -> Iterator[Ailment]:
    """Find out whether PDFs can be printed."""
    if find_browser(environment) is None:
        yield _ailment("browser")
