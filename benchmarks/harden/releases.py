"""Pairs of releases in which a few people joined or left, and what their difference tells.

``python -m benchmarks.harden.releases [--long]`` makes pairs of releases of changing surveys through protection, ledger
and entry, and looks at every cell shown in both: none may rest on 1 to 9 people more or less.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.harden.results import write_result

from analysis.disclosure import cells_to_withhold, load_rules, protected_indices, record_release, withholding
from analysis.disclosure.indices import exact_counts, index_tables, small_cells
from analysis.disclosure.ledger import keys_of, moved_cells, read_ledger
from analysis.disclosure.secondary import bounded_cells
from analysis.results import StudyResults

SEED = 20_250_817
PAIRS = {"short": 40, "long": 200}
NOTHING = pd.DataFrame()


def counts(rng: np.random.Generator) -> pd.DataFrame:
    """Exact respondents of units by region and half-year."""
    rows = [
        (f"{11 + region}", f"{region}-{unit}", f"2024-S{half}", int(rng.negative_binomial(2, 0.04)) + 1)
        for region in range(3)
        for unit in range(rng.integers(2, 9))
        for half in (1, 2)
    ]
    return pd.DataFrame(rows, columns=["region_code", "unit_id", "period", "n"])


def changed(before: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same survey some days later: most cells as they were, some with a few people more or less, some with many."""
    step = rng.choice([0, 0, 0, 1, 2, 9, 10, -3, 60], size=len(before))
    return before.assign(n=(before["n"] + step).clip(lower=1))


def indices(units: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Indices of units and regions with these respondents."""
    regions = units.groupby(["region_code", "period"], as_index=False)["n"].sum().assign(unit_id=None)
    table = pd.concat([regions, units], ignore_index=True)
    return table.assign(unit_name="x", service_type="x", index=rng.uniform(60, 95, len(table)))


def release(table: pd.DataFrame, folder: Path, run_id: str) -> StudyResults:
    """Protect, settle beside former releases, and enter."""
    store = folder / run_id
    heads = pd.DataFrame({"unit_id": table["unit_id"].dropna().unique(), "headcount": 30})
    shown = protected_indices(table, heads, store, run_id)
    made = StudyResults(
        {"run_id": run_id, "synthetic": False}, (), NOTHING, shown, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING
    )
    cells = cells_to_withhold(store, folder, run_id, False)
    settled = withholding(made, cells, store)
    record_release(store, folder, run_id, settled, cells, sorted(table["region_code"].unique()))
    return settled


def main(long: bool) -> dict[str, object]:
    rng = np.random.default_rng(SEED)
    rules = load_rules()
    found = {
        "pairs": 0,
        "cells_shown_twice": 0,
        "cells_moved_by_few": 0,
        "differenced": 0,
        "bounded_after_withholding": 0,
    }
    for _ in range(PAIRS["long" if long else "short"]):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            first, second = (units := counts(rng)), changed(units, rng)
            before, after = indices(first, rng), indices(second, rng)
            once, twice = release(before, folder, "one"), release(after, folder, "two")
            shown = [
                dict(zip(keys_of(item.indices), item.indices["index"].notna(), strict=True)) for item in (once, twice)
            ]
            exact = [dict(zip(keys_of(table), table["n"], strict=True)) for table in (before, after)]
            both = [key for key in shown[0] if shown[0][key] and shown[1].get(key)]
            moves = [abs(int(exact[1][key]) - int(exact[0][key])) for key in both]
            found["pairs"] += 1
            found["cells_shown_twice"] += len(both)
            found["differenced"] += sum(1 <= move <= rules.release_change for move in moves)
            private = exact_counts(after, {})
            moved = moved_cells(read_ledger(folder)[:1], private, "two", False, rules)
            found["cells_moved_by_few"] += int(moved.sum())
            hidden = ~twice.indices["index"].notna().to_numpy()
            secret = small_cells(private, rules) | moved
            found["bounded_after_withholding"] += len(
                bounded_cells(index_tables(private), hidden, secret & hidden, rules.protection_width)
            ) + int((secret & ~hidden).sum())
    return found


if __name__ == "__main__":
    figures = main("--long" in sys.argv)
    print(json.dumps(figures, indent=1))
    write_result("releases", figures)
