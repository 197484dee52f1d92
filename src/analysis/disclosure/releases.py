"""What a release withholds because of earlier ones, kept with the stored study so that every notebook sees it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.cells import blank
from analysis.disclosure.indices import COUNT_COLUMNS, hidden_cells, small_cells
from analysis.disclosure.ledger import Entry, Key, append_release, keys_of, moved_cells, read_ledger
from analysis.disclosure.rules import load_rules
from analysis.errors import DisclosureError

COUNTS_FILE = "counts.parquet"
WITHHELD_FILE = "withheld.json"


def write_counts(counts: pd.DataFrame, store: Path, run_id: str) -> None:
    """Keep the exact counts of a study in its private folder, readable by their owner only."""
    store.mkdir(parents=True, exist_ok=True)
    draft = store / f"{COUNTS_FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    counts.assign(run_id=run_id).to_parquet(draft, index=False)
    os.replace(draft, store / COUNTS_FILE)


def read_counts(store: Path, run_id: str) -> pd.DataFrame:
    """Read the exact counts of a run.

    Raises
    ------
    DisclosureError
        If they are missing or of another run.
    """
    try:
        counts = pd.read_parquet(store / COUNTS_FILE)
    except (OSError, ValueError) as error:
        raise DisclosureError("disclosure.no_fingerprints", folder=store.name) from error
    if not (counts["run_id"] == run_id).all():
        raise DisclosureError("disclosure.no_fingerprints", folder=store.name)
    return counts[list(COUNT_COLUMNS)]


def withhold_moved(store: Path, releases: Path, run_id: str, synthetic: bool) -> str:
    """Settle which cells of a run are withheld because their number of respondents hardly moved since a release.

    The choice is written beside the stored study, where `withhold` finds it. A run that was released before keeps
    the choice it was released with.

    Parameters
    ----------
    store
        Private folder of the study.
    releases
        Folder of the releases, with the ledger.
    run_id, synthetic
        Of the run.

    Returns
    -------
    str
        A short hash of the choice, empty if nothing is withheld: the bytes of a release depend on it.

    Raises
    ------
    DisclosureError
        If the ledger was changed, or a withheld cell could be worked out.
    """
    entries = read_ledger(releases)
    same = [entry for entry in entries if entry.run_id == run_id]
    cells = same[-1].withheld if same else _withheld(entries, read_counts(store, run_id), run_id, synthetic)
    plain = {"run_id": run_id, "cells": [list(key) for key in sorted(cells)]}
    draft = store / f"{WITHHELD_FILE}.{os.getpid()}"
    draft.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, store / WITHHELD_FILE)
    return hashlib.sha256(json.dumps(plain["cells"]).encode()).hexdigest()[:12] if cells else ""


def _withheld(entries: Sequence[Entry], counts: pd.DataFrame, run_id: str, synthetic: bool) -> tuple[Key, ...]:
    rules = load_rules()
    already = counts["hidden"].to_numpy(bool)
    moved = moved_cells(entries, counts, run_id, synthetic, rules) & ~already
    if not moved.any():
        return ()
    hidden = hidden_cells(counts, small_cells(counts, rules) | already | moved, rules)
    keys = keys_of(counts)
    return tuple(keys[place] for place in np.flatnonzero(hidden & ~already))


def withhold(indices: pd.DataFrame, store: Path, run_id: str) -> pd.DataFrame:
    """Return a run's indices without the cells that `withhold_moved` chose."""
    path = store / WITHHELD_FILE
    plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if plain.get("run_id") != run_id or not plain["cells"]:
        return indices
    chosen = {tuple(key) for key in plain["cells"]}
    return blank(indices, np.array([key in chosen for key in keys_of(indices)], dtype=bool))


def record_release(
    store: Path, releases: Path, release: str, run_id: str, synthetic: bool, regions: Sequence[str]
) -> None:
    """Enter a published release into the ledger: what of the given regions was shown, and what was withheld."""
    counts = read_counts(store, run_id)
    path = store / WITHHELD_FILE
    plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    chosen = {tuple(key) for key in plain.get("cells", ())} if plain.get("run_id") == run_id else set()
    rows = counts[~counts["hidden"].to_numpy(bool) & counts["region_code"].isin(list(regions)).to_numpy()]
    shown = {key: int(n) for key, n in zip(keys_of(rows), rows["n"], strict=True) if key not in chosen}
    withheld = tuple(sorted((str(r), str(u), str(p)) for r, u, p in chosen))
    append_release(releases, Entry(release, run_id, synthetic, shown, withheld))
