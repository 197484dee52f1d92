"""The gate before a release: every output byte is searched for persons; one hit stops everything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from analysis.disclosure.decode import segments
from analysis.disclosure.fingerprints import Fingerprints
from analysis.disclosure.own import own_ids
from analysis.disclosure.patterns import digit_runs, locate
from analysis.errors import DisclosureError
from analysis.messages import Message

MOST_NAMED = 5
_BETWEEN = "\n\x00\n"
"""Parts texts: no pattern reaches over it, and none looks at it."""
_NOT_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, order=True)
class Hit:
    """Where an identifier stands and of which kind it is; never the identifier itself.

    Parameters
    ----------
    file
        File of the release; members of archives after ``!``.
    block
        Block of the page, page of a PDF, column of a table; empty if the file names none.
    kind
        ``nip``, ``nik``, ``email``, ``phone`` (by pattern), or ``name``, ``number``, ``address``, ``free_text`` (the
        study's own inputs).
    """

    file: str
    block: str
    kind: str


@dataclass
class Gate:
    """Searches texts, each distinct text once: the pages of 552 regions share most of theirs.

    Parameters
    ----------
    fingerprints
        What the inputs hold of persons; None searches by pattern alone.
    own
        Short hashes by which the release names itself. By pattern they are passed over wherever they stand alone; a
        number of the inputs is a hit all the same.
    """

    fingerprints: Fingerprints | None = None
    own: frozenset[str] = frozenset()
    _cleared: set[bytes] = field(default_factory=set)
    _fresh: list[bytes] = field(default_factory=list)

    def search(self, name: str, content: bytes) -> list[Hit]:
        """Return the hits in one file, sorted, without repeats."""
        self._fresh = []
        if self._seen(content.decode("latin-1")):
            return []
        parts = list(segments(name, content, seen=self._seen))
        found: set[Hit] = set()
        # Where nothing stands in all parts together, nothing stands in one: many short texts take long one by one.
        if self.kinds(_BETWEEN.join(part.text for part in parts)):
            for part in parts:
                found |= {Hit(part.file, part.block, kind) for kind in self.kinds(part.text)}
        if not found:
            self._cleared.update(self._fresh)
        return sorted(found)

    def _seen(self, text: str) -> bool:
        """Whether the same text was searched before in a file without hits."""
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        self._fresh.append(digest)
        return digest in self._cleared

    def kinds(self, text: str) -> set[str]:
        """Return which kinds of identifiers a text holds."""
        runs = list(digit_runs(text))
        found = {item.kind for item in locate(text, runs) if item.text not in self.own}
        if self.fingerprints is not None and len(self.fingerprints):
            found |= {kind for kind, _ in self.fingerprints.search(text)}
            numbers = "\n".join(_NOT_DIGIT.sub("", run.group()) for run in runs)
            found |= {kind for kind, _ in self.fingerprints.search(numbers) if kind == "number"}
        return found


def search_release(folder: Path, fingerprints: Fingerprints | None = None) -> list[Hit]:
    """Return every hit in the files of a folder; names of the files are searched as well."""
    return search_files(Gate(fingerprints, own_ids(folder)), folder, (p for p in folder.rglob("*") if p.is_file()))


def search_files(gate: Gate, folder: Path, paths: Iterable[Path]) -> list[Hit]:
    """Return every hit in files of a release.

    Parameters
    ----------
    gate
        What searches.
    folder
        The release, by whose folder the places of hits are told.
    paths
        Files in it.
    """
    hits: list[Hit] = []
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        hits += gate.search(name, path.read_bytes())
        hits += [Hit("–", "", kind) for kind in sorted(gate.kinds(name))]
    return hits


def raise_for(hits: Iterable[Hit]) -> None:
    """Stop if there are hits.

    Raises
    ------
    DisclosureError
        Naming the first few places.
    """
    found = list(hits)
    if found:
        places = [_place(hit) for hit in found[:MOST_NAMED]]
        raise DisclosureError("disclosure.identifier", n=len(found), places=places)


def _place(hit: Hit) -> Message:
    kind = Message(f"disclosure.kind_{hit.kind}")
    if not hit.block:
        return Message("disclosure.place_file", {"file": hit.file, "kind": kind})
    return Message("disclosure.place_block", {"file": hit.file, "block": hit.block, "kind": kind})
