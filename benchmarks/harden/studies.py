"""What the tests of faults share: a small study, the command line as a user has it, folders as hashes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from analysis.synthetic import write_sample

PERIODS = 6
SEED = 20_250_817


def small_study(folder: Path, regions: int = 2) -> Path:
    """Write a study of few regions and half-years, as office files."""
    write_sample(folder, n_regions=regions, n_periods=PERIODS, seed=SEED)
    return folder


def program() -> str:
    """Return the command line's program."""
    return str(Path(sys.executable).parent / "pembinaan")


def command(
    arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in `folder`, as a user would."""
    given = {**os.environ, **(environment or {})}
    return subprocess.run(
        [program(), *arguments], cwd=folder, env=given, capture_output=True, text=True, errors="replace", check=False
    )


def tree(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a folder by relative name, links as what they point to; no lock files."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file() and path.name != ".lock":
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def published(out: Path) -> dict[str, str]:
    """Return what readers of a folder of releases see: all but work in progress."""
    return {name: digest for name, digest in tree(out).items() if not name.startswith(".")}
