"""What the inputs hold of persons, as keyed fingerprints that the publishing step compares the outputs with."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.disclosure.words import Hashes, Keyed, fold, keyed
from analysis.errors import DisclosureError

KEY_FILE = "fingerprints.key"
TABLE_FILE = "fingerprints.parquet"
KINDS = ("name", "number", "free_text", "address")
_KEY_BYTES = 32
_FILTER_BITS = 22
_SEARCHED_AS = "searched_as"
_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of names, numbers and sequences of words.

    Parameters
    ----------
    key
        The study's secret.
    hashes
        By (kind, number of words), sorted.
    searched_as
        What a search with these is known by: what was searched under the same name need not be searched again. By
        default the digest of key and hashes.
    """

    key: bytes
    hashes: Mapping[tuple[str, int], Hashes] = field(default_factory=dict)
    searched_as: str = ""

    @cached_property
    def digest(self) -> str:
        """`searched_as`, or its default."""
        if self.searched_as:
            return self.searched_as
        digest = hashlib.sha256(self.key)
        for (kind, length), hashes in sorted(self.hashes.items()):
            digest.update(f"{kind}\0{length}\0{len(hashes)}\0".encode() + hashes.tobytes())
        return digest.hexdigest()

    def following(self, former: Fingerprints) -> Fingerprints:
        """Return these under the name of former ones that hold all of them, else under a name never used before.

        Their own digest would not do: of three studies in a row the third may have the persons of the first again, and
        what was searched with the second, under the name of the first, was not searched for all of them.
        """
        fresh = hashlib.sha256(f"{former.digest}{self.digest}".encode()).hexdigest()
        return replace(self, searched_as=former.digest if former.hold(self) else fresh)

    def hold(self, others: Fingerprints) -> bool:
        """Whether all of the others are among these."""
        same = (np.isin(found, self.hashes.get(place, _NONE)).all() for place, found in others.hashes.items())
        return self.key == others.key and all(same)

    @cached_property
    def functions(self) -> Keyed:
        """Hash functions of the key."""
        return keyed(self.key)

    @cached_property
    def lengths(self) -> dict[int, list[tuple[str, Hashes, npt.NDArray[np.bool_]]]]:
        """Kinds, hashes and first filter by number of words."""
        found: dict[int, list[tuple[str, Hashes, npt.NDArray[np.bool_]]]] = {}
        for (kind, length), hashes in sorted(self.hashes.items()):
            first = np.zeros(1 << _FILTER_BITS, dtype=bool)
            first[(hashes >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)] = True
            found.setdefault(length, []).append((kind, hashes, first))
        return found

    def __len__(self) -> int:
        return sum(len(hashes) for hashes in self.hashes.values())

    def search(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield (kind, words) for every sequence of words of a text that the inputs hold too."""
        if not self.hashes:
            return
        folded = fold(text)
        words = self.functions.words(folded)
        for length, kinds in self.lengths.items():
            sequences = self.functions.sequences(words.hashes, length)
            cut = (sequences >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)
            for kind, hashes, first in kinds:
                maybe = np.flatnonzero(first[cut])
                at = np.minimum(np.searchsorted(hashes, sequences[maybe]), len(hashes) - 1)
                for place in maybe[hashes[at] == sequences[maybe]]:
                    yield kind, folded[words.starts[place] : words.ends[place + length - 1]].decode()


def make_fingerprints(
    key: bytes, texts: Mapping[str, Iterable[str]], public: Iterable[str] = (), shingle: int = 6
) -> Fingerprints:
    """Return the fingerprints of what the inputs hold of persons.

    Parameters
    ----------
    key
        The study's secret.
    texts
        By kind (`KINDS`): names, addresses and numbers are taken whole (their first six words), free texts as every
        sequence of `shingle` words.
    public
        Texts that are published anyway (labels of the reports, names of units and regions): a sequence of words in
        them identifies nobody and is left out.
    shingle
        Words of a sequence.
    """
    functions = keyed(key)
    hashes = {}
    for kind in KINDS:
        for length, found in _by_length(functions, kind, texts.get(kind, ()), shingle).items():
            hashes[kind, length] = found
    words = [functions.words(fold(text)).hashes for text in public]
    known = {length: _public(functions, words, length) for length in {length for _, length in hashes}}
    kept = {place: np.setdiff1d(found, known[place[1]]) for place, found in hashes.items()}
    return Fingerprints(key, {place: found for place, found in kept.items() if len(found)})


def _by_length(functions: Keyed, kind: str, texts: Iterable[str], shingle: int) -> dict[int, Hashes]:
    found: dict[int, list[Hashes]] = {}
    for batch in _batches(sorted(set(texts))):
        # A line of separators keeps sequences from running over from one text into the next.
        words = functions.words(fold("\n".join(batch)))
        counts = _words_of_each(batch, words.starts)
        ends = np.cumsum(counts)
        lengths = np.full(len(batch), shingle) if kind == "free_text" else np.minimum(counts, shingle)
        for length in np.unique(lengths[lengths > 0]):
            sequences = functions.sequences(words.hashes, int(length))
            owner = np.repeat(np.arange(len(batch)), counts)[: len(sequences)]
            place = np.arange(len(sequences))
            inside = place + length <= ends[owner]
            first = place == (ends - counts)[owner]
            wanted = inside if kind == "free_text" else inside & first & (lengths[owner] == length)
            found.setdefault(int(length), []).append(sequences[wanted])
    return {length: np.unique(np.concatenate(parts)) for length, parts in found.items()}


def _words_of_each(batch: list[str], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    sizes = np.array([len(fold(text)) + 1 for text in batch])
    limits = np.cumsum(sizes)
    return np.diff(np.searchsorted(starts, np.concatenate(([0], limits))))


def _batches(texts: list[str], size: int = 20_000) -> Iterator[list[str]]:
    clean = (re.sub(r"[\r\n]+", " ", text) for text in texts)
    batch: list[str] = []
    for text in clean:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _public(functions: Keyed, words: list[Hashes], length: int) -> Hashes:
    return np.unique(np.concatenate([_NONE, *(functions.sequences(hashes, length) for hashes in words)]))


def new_key() -> bytes:
    """Return a fresh secret."""
    return secrets.token_bytes(_KEY_BYTES)


def write_fingerprints(made: Fingerprints, folder: Path) -> None:
    """Write key and fingerprints into the private folder of a study, readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        pd.DataFrame({"kind": kind, "words": length, "hash": hashes}) for (kind, length), hashes in made.hashes.items()
    ]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"kind": [], "words": [], "hash": []})
    table.attrs[_SEARCHED_AS] = made.digest
    for name, write in ((KEY_FILE, lambda path: path.write_bytes(made.key)),
                        (TABLE_FILE, lambda path: table.to_parquet(path, index=False))):  # fmt: skip
        draft = folder / f"{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        write(draft)
        os.replace(draft, folder / name)


def read_fingerprints(folder: Path) -> Fingerprints:
    """Read what `write_fingerprints` wrote.

    Raises
    ------
    DisclosureError
        If they are missing or damaged: nothing is published that could not be compared with the inputs.
    """
    try:
        key = (folder / KEY_FILE).read_bytes()
        table = pd.read_parquet(folder / TABLE_FILE)
    except (OSError, ValueError) as error:
        raise DisclosureError("disclosure.no_fingerprints", folder=folder.name) from error
    hashes = {
        (str(kind), int(length)): np.sort(
            table.loc[(table["kind"] == kind) & (table["words"] == length), "hash"].to_numpy(np.uint64)
        )
        for kind, length in sorted(set(zip(table["kind"], table["words"], strict=True)))
    }
    return Fingerprints(key, hashes, str(table.attrs.get(_SEARCHED_AS, "")))
