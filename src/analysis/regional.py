"""A table taken apart by region, once for all regions: to look through it for each of 552 takes minutes."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

REGION = "region_code"


class ByRegion:
    """The rows of each region and those of none.

    Parameters
    ----------
    frame
        A table; one without the column ``region_code`` belongs to every region as it is.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._places: dict[str, np.ndarray] = {}
        if REGION in frame.columns:
            number, codes = pd.factorize(frame[REGION])
            in_order = np.argsort(number, kind="stable")
            starts = np.searchsorted(number[in_order], np.arange(-1, len(codes) + 1))
            parts = [in_order[start:end] for start, end in itertools.pairwise(starts)]
            self._of_none, *own = parts
            self._places = dict(zip(codes, own, strict=True))

    def rows(self, code: str) -> pd.DataFrame:
        """Return the rows of a region and those of none in the order of the table, numbered from zero."""
        if REGION not in self._frame.columns:
            return self._frame
        own = self._places.get(code)
        places = self._of_none if own is None else np.sort(np.concatenate([self._of_none, own]))
        return self._frame.iloc[places].reset_index(drop=True)
