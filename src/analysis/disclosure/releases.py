"""What a release withholds because of earlier ones: settled before publishing, kept with the stored study, recorded."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.cells import blank, shown_count, shown_counts
from analysis.disclosure.indices import COUNT_COLUMNS, exact_counts, hidden_cells, publishable_indices, small_cells
from analysis.disclosure.ledger import Entry, Key, append_release, keys_of, moved_cells, read_ledger
from analysis.disclosure.rules import load_rules
from analysis.errors import DisclosureError
from analysis.results import StudyResults

COUNTS_FILE, INDICES_FILE = "counts.parquet", "indices.parquet"
WITHHELD = "withheld"
_REGION_MEASURES = "index"


def protected_indices(indices: pd.DataFrame, units: pd.DataFrame, store: Path, run_id: str) -> pd.DataFrame:
    """Return the indices as they may be published; the exact counts stay in the study's private folder.

    Parameters
    ----------
    indices
        One row per region and half-year, and per unit within them.
    units
        ``unit_id`` and ``headcount``.
    store, run_id
        Private folder and run of the study.

    Raises
    ------
    DisclosureError
        If a withheld cell could be worked out from those shown.
    """
    headcount = dict(zip(units["unit_id"].astype(str), units["headcount"].astype(float), strict=True))
    counts = exact_counts(indices, headcount)
    shown = publishable_indices(indices, counts["hidden"].to_numpy(bool))
    for name, table in ((COUNTS_FILE, counts), (INDICES_FILE, shown)):
        _write_private(table.assign(run_id=run_id), store / name)
    return shown


def protected_measures(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the measures by region with their numbers of people rounded; small numbers are not told."""
    return measures.assign(n=shown_counts(measures["n"].astype(float)))


def protected_file(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of an input file with its rows rounded: rows are people, or what they did."""
    return {**described, "rows": shown_count(described["rows"])}


def _write_private(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    table.to_parquet(draft, index=False)
    os.replace(draft, path)


def _read_private(path: Path, run_id: str) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DisclosureError("disclosure.no_fingerprints", folder=path.parent.name) from error
    if not (table["run_id"] == run_id).all():
        raise DisclosureError("disclosure.no_fingerprints", folder=path.parent.name)
    return table.drop(columns="run_id")


def cells_to_withhold(store: Path, releases: Path, run_id: str, synthetic: bool) -> tuple[Key, ...]:
    """Return the cells that a run must withhold because its numbers of respondents hardly moved since a release.

    A run that was released before keeps what it was released with.

    Parameters
    ----------
    store
        Private folder of the study.
    releases
        Folder of the releases, with the ledger.
    run_id, synthetic
        Of the run.

    Raises
    ------
    DisclosureError
        If the ledger was changed, the exact counts are missing, or a withheld cell could be worked out.
    """
    entries = read_ledger(releases)
    same = [entry for entry in entries if entry.run_id == run_id]
    if same:
        return same[-1].withheld
    return _withheld(entries, _read_private(store / COUNTS_FILE, run_id)[list(COUNT_COLUMNS)], run_id, synthetic)


def _withheld(entries: Sequence[Entry], counts: pd.DataFrame, run_id: str, synthetic: bool) -> tuple[Key, ...]:
    rules = load_rules()
    already = counts["hidden"].to_numpy(bool)
    moved = moved_cells(entries, counts, run_id, synthetic, rules) & ~already
    if not moved.any():
        return ()
    hidden = hidden_cells(counts, small_cells(counts, rules) | already | moved, rules)
    keys = keys_of(counts)
    return tuple(sorted(keys[place] for place in np.flatnonzero(hidden & ~already)))


def withholding(results: StudyResults, cells: Sequence[Key], store: Path) -> StudyResults:
    """Return a study's results without the given cells, and with those that an earlier choice had left out.

    The choice is named in ``meta["withheld"]`` (a short hash, absent without any), since the bytes of a release depend
    on it; `results` itself is returned if it holds this choice already.
    """
    tag = hashlib.sha256(json.dumps([list(key) for key in sorted(cells)]).encode()).hexdigest()[:12] if cells else ""
    if results.meta.get(WITHHELD, "") == tag:
        return results
    chosen = set(cells)
    whole = _read_private(store / INDICES_FILE, str(results.meta["run_id"]))
    rows = np.array([key in chosen for key in keys_of(whole)], dtype=bool)
    meta = {name: value for name, value in results.meta.items() if name != WITHHELD}
    regions = {(region, period) for region, unit, period in chosen if not unit}
    return replace(
        results,
        meta=meta | ({WITHHELD: tag} if tag else {}),
        indices=blank(whole, rows),
        measures=_without(results.measures, regions),
    )


def _without(measures: pd.DataFrame, regions: set[tuple[str, str]]) -> pd.DataFrame:
    """Return the measures without other forms of the index of regions that are withheld."""
    places = zip(measures["region_code"], measures["period"], measures["measure"].astype(str), strict=True)
    gone = [name.startswith(_REGION_MEASURES) and (region, period) in regions for region, period, name in places]
    return measures.loc[~np.array(gone, dtype=bool)].reset_index(drop=True)


def record_release(
    store: Path, releases: Path, release: str, results: StudyResults, cells: Sequence[Key], regions: Sequence[str]
) -> None:
    """Enter a published release into the ledger: the exact counts of what was shown of the given regions."""
    run_id, synthetic = str(results.meta["run_id"]), bool(results.meta["synthetic"])
    counts = _read_private(store / COUNTS_FILE, run_id)
    rows = counts[~counts["hidden"].to_numpy(bool) & counts["region_code"].isin(list(regions)).to_numpy()]
    chosen = set(cells)
    shown = {key: int(n) for key, n in zip(keys_of(rows), rows["n"], strict=True) if key not in chosen}
    append_release(releases, Entry(release, run_id, synthetic, shown, tuple(sorted(chosen))))
