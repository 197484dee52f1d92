"""A release and what stands beside it, copied to an address that fsspec knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.locations import exists, join, names, read_bytes, send, write_bytes
from analysis.publish.release import CHECKSUMS, NEWEST_STYLE
from analysis.publish.settings import REPORTS
from analysis.publish.shelf import FEED, LIST, in_order, releases, shelf_feed
from analysis.publish.tables import to_json

NEWEST = "latest.json"
"""Which release is the newest, where there are no links."""


def send_release(release: Path, place: str) -> int:
    """Copy a release to an address, its checksums last, then what stands beside the releases.

    Parameters
    ----------
    release
        Folder of the release.
    place
        Address of the folder of releases there.

    Returns
    -------
    int
        Number of files of the release.
    """
    n = send(release, join(place, release.name), last=CHECKSUMS)
    _send_addresses(release.parent, place)
    known = _known(place)
    found = in_order([*releases(release.parent), *known])
    write_bytes(join(place, LIST), to_json({"latest": release.name, "releases": found}).encode())
    write_bytes(join(place, FEED), shelf_feed(found).encode())
    write_bytes(join(place, NEWEST_STYLE), (release.parent / NEWEST_STYLE).read_bytes())
    write_bytes(join(place, NEWEST), json.dumps({"release": release.name}).encode())
    return n


def _send_addresses(shelf: Path, place: str) -> None:
    """Copy the permanent addresses of reports that are not there yet, and the style sheets of all reports."""
    there = set(names(join(place, REPORTS)))
    for path in sorted(p for p in (shelf / REPORTS).rglob("*") if p.is_file()):
        name = path.relative_to(shelf / REPORTS).as_posix()
        if path.suffix == ".css" or name not in there:
            write_bytes(join(place, REPORTS, name), path.read_bytes())


def _known(place: str) -> list[dict[str, Any]]:
    """Return the releases that are there already, of which this machine need not have a copy."""
    if not exists(join(place, LIST)):
        return []
    found: list[dict[str, Any]] = json.loads(read_bytes(join(place, LIST)))["releases"]
    return found
