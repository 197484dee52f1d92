"""The table of satisfaction indices as it may be published: primary rules, secondary suppression, rounded counts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.disclosure.cells import blank, shown_counts
from analysis.disclosure.rules import Rules, load_rules
from analysis.disclosure.secondary import BoolArray, Tables, bounded_cells, equations_of, protect
from analysis.errors import DisclosureError

KEYS = ("region_code", "unit_id", "period")
COUNT_COLUMNS = (*KEYS, "n", "headcount", "hidden")
_ELEMENTS = tuple(f"U{number}" for number in range(1, 10))


def exact_counts(indices: pd.DataFrame, headcount: Mapping[str, float], rules: Rules | None = None) -> pd.DataFrame:
    """Return the exact number of respondents of every cell and whether it is withheld; private.

    Parameters
    ----------
    indices
        One row per region and half-year, and per unit within them (`unit_id` missing for the region).
    headcount
        Officers by unit.
    rules
        Those of the catalog by default.

    Returns
    -------
    pandas.DataFrame
        Columns `COUNT_COLUMNS`, in the order of `indices`.
    """
    rules = rules or load_rules()
    counts = indices[[*KEYS, "n"]].copy()
    counts["headcount"] = counts["unit_id"].map(dict(headcount)).astype(float)
    return counts.assign(hidden=hidden_cells(counts, small_cells(counts, rules), rules))


def small_cells(counts: pd.DataFrame, rules: Rules) -> BoolArray:
    """Return the cells that are withheld for their own sake: few respondents, or a unit with few officers."""
    few = counts["n"].to_numpy(float) < rules.min_respondents
    return np.asarray(few | (counts["headcount"].to_numpy(float) < rules.min_officers))


def hidden_cells(counts: pd.DataFrame, small: BoolArray, rules: Rules) -> BoolArray:
    """Return all cells to withhold, the audit passed.

    Raises
    ------
    DisclosureError
        If a cell could still be worked out.
    """
    tables = index_tables(counts)
    hidden = protect(tables, small, rules.protection_width)
    left = bounded_cells(tables, hidden, small & (tables.counts > 0), rules.protection_width)
    if len(left):
        first = counts.iloc[left[0]]
        raise DisclosureError(
            "disclosure.not_protected", n=len(left), first=f"{first['region_code']} {first['period']}"
        )
    return hidden


def index_tables(counts: pd.DataFrame) -> Tables:
    """Return the system of the indices: in every half-year the units of a region add up to the region."""
    cells = pd.DataFrame({"place": np.arange(len(counts)), "unit": counts["unit_id"].notna().to_numpy()})
    keys = [counts["region_code"].to_numpy(), counts["period"].to_numpy()]
    totals = []
    for _, group in cells.groupby(keys, sort=True):
        whole, parts = group.loc[~group["unit"], "place"].tolist(), group.loc[group["unit"], "place"].tolist()
        if whole and parts:
            totals.append((whole[0], parts))
    return Tables(counts["n"].to_numpy(float), equations_of(len(counts), totals))


def publishable_indices(indices: pd.DataFrame, hidden: BoolArray, rules: Rules | None = None) -> pd.DataFrame:
    """Return the indices with withheld rows blanked and the numbers of respondents rounded."""
    shown = blank(indices, hidden)
    return shown.assign(n=shown_counts(shown["n"], rules))
