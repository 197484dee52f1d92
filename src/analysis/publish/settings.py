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

REPORTS = "r"
"""Folder beside the releases in which every report has its permanent address."""
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


def release_place(planned: Plan, page: str) -> str:
    """Return where a page of a release stays, relative to the folder of releases: under its name, not ``latest``."""
    return f"{planned.target.name}/{page}"


def report_place(code: str, run_id: str, page: str) -> str:
    """Return where the report of a region is found for good, whatever releases it is part of."""
    return f"{REPORTS}/{code}-{run_id}/{page}"


def report_style(code: str) -> str:
    """Return the style sheet beside the releases that shows the banner on replaced reports of a region."""
    return f"{REPORTS}/{code}.css"


def permanent_address(study: str, place: str) -> str:
    """Return the address of a place among the releases of a study; the place where the study declares no site."""
    site = site_address(study)
    return urljoin(site, place) if site else place
