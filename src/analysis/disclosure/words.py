"""Sequences of words as keyed 64-bit fingerprints, many at once.

A word is a run of letters and digits, compared without capitals and accents. The hash is a polynomial over random
64-bit values of the bytes, keyed by a secret of the study and mixed at the end; sequences are hashed from the hashes
of their words. It is fast enough to look at every word of a release. It hides texts from who has not got the key;
whoever has it can test guesses, which is why key and fingerprints stay with the input files.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

LONGEST = 6
_MARKS = re.compile(r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_FOREIGN = 0x80
"""Bytes from here on are of letters beyond ASCII."""
_SIGNS = re.compile(r"[^\w\s]")
_GOLDEN = 0x9E3779B97F4A7C15
_ONE = np.uint64(1)


class Words(NamedTuple):
    """Hash of every word of a text, and where words start and end (bytes of the folded text)."""

    hashes: Hashes
    starts: Positions
    ends: Positions


@dataclass(frozen=True)
class Keyed:
    """What a key gives: random values of the 256 bytes (0 separates words), an odd base and its inverse mod 2^64."""

    values: Hashes
    base: int
    inverse: int

    def words(self, folded: bytes) -> Words:
        """Return the words of a folded text; see `fold`."""
        codes = self.values[np.frombuffer(folded, dtype=np.uint8)]
        letters = np.concatenate(([False], codes != 0, [False]))
        edges = np.flatnonzero(letters[1:] != letters[:-1])
        starts, ends = edges[::2], edges[1::2]
        powers = _powers(self.base, len(codes))
        sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(codes * powers, dtype=np.uint64)))
        hashes = (sums[ends] - sums[starts]) * _powers(self.inverse, len(codes) + 1)[starts]
        return Words(_mixed(hashes), starts, ends)

    def sequences(self, hashes: Hashes, length: int) -> Hashes:
        """Return the hash of every run of `length` words; shape (n_words - length + 1,), empty if there are fewer."""
        n = max(len(hashes) - length + 1, 0)
        total = np.full(n, length * _GOLDEN % 2**64, dtype=np.uint64)
        for place in range(length):
            factor = np.uint64(pow(self.base, 2 * place + 3, 2**64))
            total += hashes[place : place + n] * factor
        return _mixed(total)


def keyed(key: bytes) -> Keyed:
    """Return the hash functions of a key."""
    stream = hashlib.shake_256(b"pembinaan.words" + key).digest(8 * 257)
    drawn = np.frombuffer(stream, dtype=np.uint64)
    values = np.where(_is_letter(), drawn[:256] | _ONE, np.uint64(0)).astype(np.uint64)
    base = int(drawn[256]) | 5
    return Keyed(values, base, pow(base, -1, 2**64))


def fold(text: str) -> bytes:
    """Return a text as bytes of lower-case letters without accents, marks and invisible characters."""
    if text.isascii():
        return text.lower().encode()
    written = unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
    foreign = np.concatenate(([False], np.frombuffer(written, np.uint8) >= _FOREIGN, [False]))
    edges = [0, *np.flatnonzero(foreign[1:] != foreign[:-1]).tolist(), len(written)]
    parts = [written[start:end] for start, end in itertools.pairwise(edges)]
    parts[1::2] = map(_plain, parts[1::2])
    return b"".join(parts).lower()


@lru_cache(maxsize=100_000)
def _plain(letters: bytes) -> bytes:
    """Return letters beyond ASCII without accents, signs among them as blanks."""
    apart = unicodedata.normalize("NFKD", letters.decode("utf-8", "surrogatepass"))
    return _SIGNS.sub(" ", _MARKS.sub("", apart)).lower().encode("utf-8", "ignore")


@cache
def _is_letter() -> npt.NDArray[np.bool_]:
    letters = np.zeros(256, dtype=bool)
    letters[[*range(0x30, 0x3A), *range(0x61, 0x7B)]] = True
    letters[0x80:] = True
    return letters


_known_powers: dict[int, Hashes] = {}


def _powers(base: int, length: int) -> Hashes:
    """Return base^0, base^1, ... mod 2^64; kept, since every text needs them."""
    known = _known_powers.get(base, np.ones(1, np.uint64))
    while len(known) < length:
        known = np.concatenate((known, known * np.uint64(pow(base, len(known), 2**64))))
    _known_powers[base] = known
    return known[:length]


def _mixed(hashes: Hashes) -> Hashes:
    """Return SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit depends on every bit."""
    mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
