"""Release folders: their names, checksums, and how one appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from zlib import ZLIB_RUNTIME_VERSION

from analysis.paths import files_below, notebooks_dir
from analysis.study import file_sha256

CHECKSUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.minisig"
RELEASE_FILE = "release.json"
LATEST = "latest"
NEWEST_STYLE = "newest.css"
"""Style sheet beside the releases that shows the banner of older ones."""
FILES_AT_ONCE = 8
"""Threads for reading, hashing and writing files: a disk takes several orders together sooner than one by one."""
Given = TypeVar("Given")
Made = TypeVar("Made")
REPORT_PACKAGES = ("babel", "jinja2", "nbconvert", "papermill", "plotly", "python-docx", "xlsxwriter")


def release_name(last_period: str, study_key: str, regions: Iterable[str], printed_by: str = "") -> str:
    """Name of a release: its last half-year and a short hash of all that its bytes depend on.

    Parameters
    ----------
    last_period
        Half-year such as ``"2025-S2"``.
    study_key
        Hash of inputs and code of the study stage.
    regions
        Codes of its regions.
    printed_by
        What prints its PDFs; ``""`` without any.
    """
    parts = [study_key, presentation_sha256(), *sorted(regions), *([printed_by] if printed_by else [])]
    return f"{last_period}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:8]}"


@cache
def presentation_sha256() -> str:
    """Hash of the notebooks, templates, texts and code that turn a study into pages."""
    package = Path(__file__).parents[1]
    kinds = {".py", ".po", ".j2", ".css", ".js", ".svg"}
    files = [p for p in package.rglob("*") if p.suffix in kinds] + list(notebooks_dir().glob("*.ipynb"))
    lines = [f"{p.name}\0{file_sha256(p)}" for p in sorted(files)]
    lines += [f"{name}\0{version(name)}" for name in REPORT_PACKAGES] + [f"zlib\0{ZLIB_RUNTIME_VERSION}"]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def in_threads(function: Callable[[Given], Made], items: Iterable[Given]) -> list[Made]:
    """Return what a function of files gives for each item: reading, hashing and writing wait for each other alone."""
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        return list(pool.map(function, items))


def write_checksums(folder: Path, known: Mapping[str, str] | None = None) -> None:
    """Write ``SHA256SUMS`` over every file of a folder, in the form that ``sha256sum --check`` reads.

    Parameters
    ----------
    folder
        The release.
    known
        Hashes of files by relative name, as they were when they were copied here.
    """
    lines = [f"{digest}  {name}\n" for name, digest in checksums(folder, known).items()]
    write_text(folder / CHECKSUMS, "".join(lines))


def checksums(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """SHA-256 of every file of a folder but ``SHA256SUMS`` itself and its signature, by relative name, sorted."""
    names = [name for name in files_below(folder) if name.rpartition("/")[2] not in (CHECKSUMS, SIGNATURE)]
    left = [name for name in names if name not in (known or {})]
    found = dict(zip(left, in_threads(lambda name: file_sha256(folder / name), left), strict=True)) | dict(known or {})
    return {name: found[name] for name in names}


def recorded_checksums(folder: Path) -> dict[str, str]:
    """Read ``SHA256SUMS``; a folder without one has none."""
    path = folder / CHECKSUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def differing(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Names of files that are missing, added or changed, sorted."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def is_intact(folder: Path) -> bool:
    """Whether a release is there and every file matches its checksum."""
    recorded = recorded_checksums(folder)
    return bool(recorded) and recorded == checksums(folder)


def write_text(path: Path, text: str) -> None:
    """Write a text file with the same bytes on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def is_whole(folder: Path) -> bool:
    """Whether a release is intact and no region failed when it was made, so that nothing is left to do."""
    if not is_intact(folder):
        return False
    return not json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8")).get("failed")


def _former(target: Path) -> Path:
    """Where a release of the same name waits until its successor is in place."""
    return target.with_name(f".{target.name}.old")


def put_back(target: Path) -> None:
    """Put a release back that a run had taken from its place when it was killed."""
    if _former(target).exists() and not target.exists():
        _former(target).rename(target)


def sync_files(folder: Path) -> None:
    """Have every file of a folder on the disk, so that a release that is there is whole after a power cut."""
    for name in files_below(folder):
        opened = os.open(folder / name, os.O_RDWR)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def publish_folder(draft: Path, target: Path) -> None:
    """Put a finished draft in its place with one rename, then point ``latest`` to it."""
    sync_files(draft)
    old = _former(target)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    point_latest(target)


def point_latest(target: Path) -> None:
    """Make ``latest`` beside `target` a link to it, or a copy where the system allows no links."""
    latest, fresh = target.parent / LATEST, target.parent / f".{LATEST}.new"
    _remove(fresh)
    try:
        fresh.symlink_to(target.name, target_is_directory=True)
    except OSError:
        shutil.copytree(target, fresh)
    if latest.exists() and not latest.is_symlink():
        _remove(latest)
    os.replace(fresh, latest)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
