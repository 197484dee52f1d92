"""The ledger of releases: which counts were shown before, so that the difference of two releases points at nobody.

One line of JSON a release, each with the hash of the line before, so that a changed or missing line is noticed. It
holds exact numbers of respondents and is therefore private: it lies hidden beside the releases and belongs to none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.disclosure.rules import Rules, load_rules
from analysis.disclosure.secondary import BoolArray
from analysis.errors import DisclosureError

LEDGER_FILE = ".ledger.jsonl"
_FIRST = "0" * 64

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Entry:
    """One release.

    Parameters
    ----------
    release, run_id
        Its name and the hash of its inputs and code.
    synthetic
        Whether its data were made up; such releases are compared with each other only.
    shown
        Exact number of respondents of every cell shown, by region, unit (empty for the region) and half-year.
    withheld
        Cells withheld because of earlier releases.
    """

    release: str
    run_id: str
    synthetic: bool
    shown: dict[Key, int]
    withheld: tuple[Key, ...]


def keys_of(counts: pd.DataFrame) -> list[Key]:
    """Return region, unit (empty for the region itself) and half-year of every row."""
    units = counts["unit_id"].astype(object).where(counts["unit_id"].notna(), "")
    rows = zip(counts["region_code"], units, counts["period"], strict=True)
    return [(str(region), str(unit), str(period)) for region, unit, period in rows]


def read_ledger(folder: Path) -> list[Entry]:
    """Return the releases made into a folder, oldest first; none if there is no ledger.

    Raises
    ------
    DisclosureError
        If a line was changed, removed or damaged.
    """
    entries, previous = [], _FIRST
    for row, line in enumerate(_lines(folder), start=1):
        try:
            plain = json.loads(line)
            intact = plain["previous"] == previous
            entry = Entry(
                plain["release"], plain["run_id"], bool(plain["synthetic"]),
                {(r, u, p): int(n) for r, u, p, n in plain["shown"]},
                tuple((r, u, p) for r, u, p in plain["withheld"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as error:
            raise DisclosureError("disclosure.ledger_broken", file=LEDGER_FILE, row=row) from error
        if not intact:
            raise DisclosureError("disclosure.ledger_broken", file=LEDGER_FILE, row=row)
        entries.append(entry)
        previous = _sha256(line)
    return entries


def append_release(folder: Path, entry: Entry) -> None:
    """Add a release to the ledger, unless it is the last one already; the file is replaced as a whole."""
    entries = read_ledger(folder)
    if entries and entries[-1] == entry:
        return
    lines = _lines(folder)
    plain = {
        "previous": _sha256(lines[-1]) if lines else _FIRST,
        "release": entry.release,
        "run_id": entry.run_id,
        "synthetic": entry.synthetic,
        "shown": [[*key, n] for key, n in sorted(entry.shown.items())],
        "withheld": [list(key) for key in sorted(entry.withheld)],
    }
    lines.append(json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    draft = folder / f"{LEDGER_FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8", newline="\n") as handle:
        handle.write("".join(f"{line}\n" for line in lines))
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(draft, folder / LEDGER_FILE)


def moved_cells(
    entries: Sequence[Entry], counts: pd.DataFrame, run_id: str, synthetic: bool, rules: Rules | None = None
) -> BoolArray:
    """Return the cells whose number of respondents moved by a few people since they were last shown.

    Parameters
    ----------
    entries
        The ledger.
    counts
        Exact counts of the release in the making, see `analysis.disclosure.indices.exact_counts`.
    run_id, synthetic
        Of the release in the making; earlier releases of the same run are no comparison.
    rules
        Those of the catalog by default.
    """
    most = (rules or load_rules()).release_change
    last = last_shown(entry for entry in entries if entry.run_id != run_id and entry.synthetic == synthetic)
    before = np.array([last.get(key, np.nan) for key in keys_of(counts)], dtype=float)
    change = np.abs(counts["n"].to_numpy(float) - before)
    return np.asarray((change >= 1) & (change <= most))


def last_shown(entries: Iterable[Entry]) -> dict[Key, int]:
    """Return the number of respondents with which every cell was last shown."""
    return {key: n for entry in entries for key, n in entry.shown.items()}


def _lines(folder: Path) -> list[str]:
    path = folder / LEDGER_FILE
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _sha256(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
