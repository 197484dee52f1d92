"""Where a release will be found: the address that a study declares, else the place inside the folder of releases."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import yaml

from analysis.errors import UsageError
from analysis.paths import project_dir

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan

SITE_KEY = "site"
"""Name in ``study.yml`` of the address under which the folder of releases is served."""


def site_address(study: str) -> str:
    """Return the address under which the releases of a study are served, ending in a slash; ``""`` if none is declared.

    Parameters
    ----------
    study
        Folder of the study, relative to the project or absolute.

    Raises
    ------
    UsageError
        If ``site`` in ``study.yml`` is no address of a web site.
    """
    path = project_dir() / Path(study) / "study.yml"
    return _declared(path, path.stat().st_mtime_ns) if path.exists() else ""


@cache
def _declared(path: Path, _changed: int) -> str:
    """Read the address once for all pages, again after the file has changed."""
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    declared = str(settings.get(SITE_KEY) or "") if isinstance(settings, dict) else ""
    if not declared:
        return ""
    parts = urlsplit(declared)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError("site.bad_address", address=declared)
    return declared.rstrip("/") + "/"


def permanent_address(planned: Plan, page: str) -> str:
    """Return the address of a page that never changes: it names the release, not ``latest``."""
    place = f"{planned.target.name}/{page}"
    site = site_address(planned.study)
    return urljoin(site, place) if site else place
