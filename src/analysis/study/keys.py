"""Hashes that tell whether a stored study is still that of its files and code."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analysis.paths import catalog_dir, published_dir

_NOT_OF_THE_STUDY_STAGE = {
    "__main__.py",
    "batch",
    "cli.py",
    "commands.py",
    "dictionary.py",
    "display",
    "exports",
    "locale",
    "publish",
    "published_study.py",
    "report",
    "synthetic",
    "validation_study",
}
_COMPUTE_PACKAGES = ("diff-diff", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")


def study_key(directory: Path) -> str:
    """Hash of everything that the study's results depend on: input files, code, catalog, published scores, packages."""
    return hashlib.sha256(f"{inputs_sha256(directory)}\n{code_sha256()}".encode()).hexdigest()[:16]


def inputs_sha256(directory: Path) -> str:
    """Hash of names and contents of a study's files."""
    lines = [f"{path.name}\0{file_sha256(path)}\n" for path in input_files(directory)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def input_files(directory: Path) -> list[Path]:
    """Return the files of a study, sorted; hidden ones and folders are none of them."""
    return sorted(p for p in directory.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@cache
def code_sha256() -> str:
    """Hash of the code of the study stage, the catalog, the published scores and the versions of the packages."""
    package = Path(__file__).parents[1]
    code = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in _NOT_OF_THE_STUDY_STAGE]
    data = [p for folder in (catalog_dir(), published_dir()) for p in folder.glob("*.*")]
    lines = [f"{p.name}\0{file_sha256(p)}" for p in sorted(code) + sorted(data)]
    lines += [f"{name}\0{version(name)}" for name in _COMPUTE_PACKAGES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
