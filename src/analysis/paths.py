"""Where things are: the project's own folders and those of a study."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT_ENV = "PEMBINAAN_HOME"
SLICE_ENV = "PEMBINAAN_SLICE"


def project_dir() -> Path:
    """Return the checkout that holds `notebooks/` and `data/` (or the folder named by ``PEMBINAAN_HOME``)."""
    named = os.environ.get(PROJECT_ENV)
    return Path(named).resolve() if named else Path(__file__).resolve().parents[2]


def catalog_dir() -> Path:
    """Folder of the catalog."""
    return project_dir() / "data" / "catalog"


def published_dir() -> Path:
    """Folder of the real official scores."""
    return project_dir() / "data" / "published"


def sample_dir() -> Path:
    """Folder of the synthetic sample study."""
    return project_dir() / "data" / "sample"


def notebooks_dir() -> Path:
    """Folder of the parameterised notebooks."""
    return project_dir() / "notebooks"


def reports_dir() -> Path:
    """Folder of the releases."""
    return project_dir() / "reports"


def store_dir(study_dir: Path) -> Path:
    """Folder inside a study where its stored results are kept; never published."""
    return study_dir / ".pembinaan"


def given_slice() -> Path | None:
    """File of the region's slice that the batch gives to a kernel (``PEMBINAAN_SLICE``), or None."""
    named = os.environ.get(SLICE_ENV)
    return Path(named) if named else None


def files_below(folder: Path) -> list[str]:
    """Return every file in a folder and below it by relative name with forward slashes, sorted.

    A release has nine thousand: to go through them with `pathlib` takes longer than to read them.
    """
    names = []
    for place, _, files in os.walk(folder):
        inside = Path(place).relative_to(folder).as_posix()
        names += files if inside == "." else [f"{inside}/{name}" for name in files]
    return sorted(names)
