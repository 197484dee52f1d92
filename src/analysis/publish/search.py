"""The search for persons in the files of regions: side by side, and only where something has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.batch import Options, Outcome
from analysis.batch.environment import region_code_sha256
from analysis.batch.tasks import write_whole
from analysis.batch.workers import Workers
from analysis.disclosure import Fingerprints, Gate, Hit, own_ids, read_fingerprints, search_files, unsafe_blocks
from analysis.paths import files_below
from analysis.publish.manifest import environment_sha256
from analysis.report.blocks import plain_blocks

FEW = 3
"""Regions that are searched here before processes for it would have started."""
CLEARED, RECEIPTS = "cleared.json", "receipts"


@dataclass(frozen=True)
class Cleared:
    """What was searched before and held nothing: regions by the hash of their files and notebook.

    Parameters
    ----------
    path
        Where it is kept; None keeps nothing.
    searched_with
        Hash of the fingerprints, code and packages of the search: with others, everything is searched again.
    """

    path: Path | None
    searched_with: str

    def read(self) -> dict[str, str]:
        """Return the hashes by region; none if they were searched with something else."""
        if self.path is None or not self.path.exists():
            return {}
        plain = json.loads(self.path.read_text(encoding="utf-8"))
        return dict(plain["regions"]) if plain["searched_with"] == self.searched_with else {}

    def add(self, regions: dict[str, str]) -> None:
        """Keep that regions with these hashes held nothing."""
        if self.path is not None and regions:
            plain = {"searched_with": self.searched_with, "regions": {**self.read(), **regions}}
            write_whole(self.path, json.dumps(plain, indent=1, sort_keys=True).encode())


def search_regions(
    store: Path, prints: Fingerprints, outcomes: Sequence[Outcome], draft: Path, kept: Path | None, options: Options
) -> list[Hit]:
    """Return the hits in the folders and notebooks of regions.

    Parameters
    ----------
    store
        Folder of the stored study, with the fingerprints.
    prints
        Those fingerprints.
    outcomes
        Executed notebooks.
    draft
        The release in the making.
    kept
        Folder with the receipts of the regions, and with what was searched before; None searches everything.
    options
        How many workers.
    """
    cleared = Cleared(kept / CLEARED if kept else None, searched_with(prints))
    before, now = cleared.read(), {outcome.name: _state(outcome, kept) for outcome in outcomes}
    left = [outcome for outcome in outcomes if not kept or before.get(outcome.name) != now[outcome.name]]
    found = dict(zip((one.name for one in left), _searched(store, left, draft, options), strict=True))
    cleared.add({name: now[name] for name, hits in found.items() if not hits})
    return [hit for hits in found.values() for hit in hits]


def searched_with(prints: Fingerprints) -> str:
    """Return the hash of all that a search depends on beside the files."""
    return hashlib.sha256(f"{region_code_sha256()}{environment_sha256()}{prints.digest}".encode()).hexdigest()


def _state(outcome: Outcome, kept: Path | None) -> str:
    paths = [outcome.path, kept / RECEIPTS / f"{outcome.name}.json" if kept else None]
    contents = [path.read_bytes() for path in paths if path and path.exists()]
    return hashlib.sha256(b"\0".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()


def _searched(store: Path, outcomes: Sequence[Outcome], draft: Path, options: Options) -> Iterator[list[Hit]]:
    places = [(store, draft, outcome.name, outcome.path) for outcome in outcomes if outcome.path]
    if len(places) <= FEW:
        _gate.cache_clear()  # a former run of this process may have searched for other persons
        return iter([search_region(*place) for place in places])
    pool = Workers(min(options.number, len(places)), warm=not options.cold, timeout=options.timeout)
    with pool:
        return iter(list(pool.map(search_region, *zip(*places, strict=True))))


def search_region(store: Path, draft: Path, name: str, executed: Path) -> list[Hit]:
    """Return the hits in the folder of a region and in the blocks of its notebook."""
    folder = draft / name
    gate = _gate(store)
    gate.own |= own_ids(folder)
    hits = unsafe_blocks(plain_blocks(json.loads(executed.read_text(encoding="utf-8"))), name)
    return hits + search_files(gate, draft, (folder / file for file in files_below(folder)))


@cache
def _gate(store: Path) -> Gate:
    """Return the gate of this process: what it has cleared for one region need not be searched for the next."""
    return Gate(read_fingerprints(store))
