"""Places for files: a folder, or an address that fsspec knows, such as ``s3://bucket/folder``."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.paths import project_dir, store_dir

SEPARATOR = "://"


def is_address(place: str | Path) -> bool:
    """Whether a place is an address such as ``s3://...`` and no folder of this machine."""
    return SEPARATOR in str(place) and not str(place).startswith("file://")


def join(place: str, *names: str) -> str:
    """Return the place of a file or folder inside `place`."""
    return "/".join([place.rstrip("/"), *names])


def read_bytes(place: str) -> bytes:
    """Return the content of a file.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    """
    files, path = _system(place)
    content: bytes = files.cat_file(path)
    return content


def write_bytes(place: str, content: bytes) -> None:
    """Write a file that appears whole or not at all: object stores do so; a folder gets it by a rename."""
    files, path = _system(place)
    if is_address(place):
        files.pipe_file(path, content)
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".part-{os.getpid()}-{target.name}")
    draft.write_bytes(content)
    draft.replace(target)


def exists(place: str) -> bool:
    """Whether there is a file or folder."""
    files, path = _system(place)
    files.invalidate_cache()
    return bool(files.exists(path))


def names(place: str) -> list[str]:
    """Return the names of all files below a folder, relative to it, sorted; none if it is not there."""
    files, path = _system(place)
    files.invalidate_cache()
    root = path.rstrip("/") + "/"
    return sorted(name.removeprefix(root) for name in files.find(path))


def fetch(place: str, folder: Path) -> Path:
    """Copy the files that lie directly in `place` into a folder of this machine, those that are there already left out.

    Names that the place does not have any more are removed, so that the folder is what the place was.

    Raises
    ------
    UsageError
        If there is nothing.
    """
    files, path = _system(place)
    files.invalidate_cache()
    listed = {item["name"].rpartition("/")[2]: item for item in _listed(files, path, place) if item["type"] == "file"}
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file() and not old.name.startswith(".") and old.name not in listed:
            old.unlink()
    for name, item in sorted(listed.items()):
        mark = folder / ".fetched" / name
        state = str(item.get("ETag") or item.get("mtime") or item.get("LastModified") or "") + f" {item['size']}"
        if not (folder / name).exists() or not mark.exists() or mark.read_text(encoding="utf-8") != state:
            (folder / name).write_bytes(files.cat_file(item["name"]))
            mark.parent.mkdir(exist_ok=True)
            mark.write_text(state, encoding="utf-8")
    return folder


def settled(place: str) -> Path:
    """Return the folder of this machine that stands for a place: itself, or one inside the project for an address.

    It lies inside the project because reports name a study's folder relative to it, and must not tell of a machine.
    """
    if not is_address(place):
        return Path(place)
    return store_dir(project_dir()) / "places" / hashlib.sha256(place.encode()).hexdigest()[:12]


def _listed(files: Any, path: str, place: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = files.ls(path, detail=True)
    except FileNotFoundError:
        found = []
    if not found:
        raise UsageError("location.empty", place=place)
    return found


def send(folder: Path, place: str, last: str = "") -> int:
    """Copy a folder with all that is in it to `place`; return the number of files.

    Parameters
    ----------
    folder
        Folder of this machine.
    place
        Where its files go.
    last
        File to be written after all others: whoever finds it finds everything.
    """
    listed = sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: (p.name == last, p.as_posix()))
    for path in listed:
        write_bytes(join(place, path.relative_to(folder).as_posix()), path.read_bytes())
    return len(listed)


def _system(place: str) -> tuple[Any, str]:
    """Return the file system of a place and the path in it.

    Raises
    ------
    UsageError
        If the package for this kind of address is not installed.
    """
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(str(place))
    except (ImportError, ValueError) as error:
        raise UsageError("location.unknown", place=str(place), detail=str(error)) from error
    return files, path
