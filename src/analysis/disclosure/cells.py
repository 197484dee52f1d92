"""Primary rules for single cells: which figures rest on too few people, and how counts are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.disclosure.rules import Rules, load_rules

PLACE = ("region_code", "unit_id", "unit_name", "service_type", "period", "n")


def suppress_small_cells(table: pd.DataFrame, count: str, minimum: int | None = None) -> pd.DataFrame:
    """Blank every figure of the rows that rest on fewer than `minimum` respondents.

    Parameters
    ----------
    table
        Rows with the number of respondents in column `count`; other columns of `PLACE` are kept.
    count
        Column of the number of respondents; itself blanked in these rows.
    minimum
        Smallest number that may be shown; that of the catalog by default.
    """
    least = load_rules().min_respondents if minimum is None else minimum
    return blank(table, (table[count] < least).to_numpy(), count)


def blank(table: pd.DataFrame, rows: npt.NDArray[np.bool_], count: str = "n") -> pd.DataFrame:
    """Return a table without any figure in `rows`; place and names stay, so that a reader sees what is withheld."""
    shown = table.copy()
    figures = [name for name in shown.columns if name not in PLACE or name == count]
    shown[figures] = shown[figures].where(~pd.Series(rows, index=shown.index))
    return shown


def shown_counts(counts: pd.Series, rules: Rules | None = None) -> pd.Series:
    """Return counts of people as they may be printed: small ones missing, the others rounded (halves upwards).

    Parameters
    ----------
    counts
        Counts of people; missing ones stay missing.
    rules
        Those of the catalog by default.

    Returns
    -------
    pandas.Series
        Floats.
    """
    rules = rules or load_rules()
    exact = counts.astype(float)
    rounded = (exact / rules.rounding + 0.5).floordiv(1) * rules.rounding
    return rounded.where(exact > rules.suppressed_count)


def shown_count(count: float | None, rules: Rules | None = None) -> int | None:
    """Return one count of people as it may be printed, None if it is small."""
    shown = shown_counts(pd.Series([np.nan if count is None else count]), rules).iloc[0]
    return None if np.isnan(shown) else int(shown)
