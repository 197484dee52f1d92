"""The state from which choices start, worked out once for all regions of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.policy.evidence import index_spread
from analysis.policy.plan import latest_units, observed_range


@dataclass(frozen=True)
class Start:
    """What scenarios and allocations of every region need of the panel.

    Parameters
    ----------
    rows
        The panel's rows by region.
    units
        Every unit in its last half-year with a survey by region, see `analysis.policy.latest_units`.
    observed
        See `analysis.policy.observed_range`; of the columns that were asked for.
    spread
        See `analysis.policy.index_spread`.
    """

    rows: Mapping[str, pd.DataFrame]
    units: Mapping[str, pd.DataFrame]
    observed: pd.DataFrame
    spread: float
    empty: pd.DataFrame = field(repr=False)

    def rows_of(self, region: str) -> pd.DataFrame:
        """Return a region's rows, none if the panel has none."""
        return self.rows.get(region, self.empty)

    def units_of(self, region: str) -> pd.DataFrame:
        """Return a region's units in their last half-year with a survey."""
        return self.units.get(region, self.empty)


def starting_point(panel: pd.DataFrame, terms: tuple[str, ...]) -> Start:
    """Work out the state from which choices start.

    Parameters
    ----------
    panel
        The whole study's panel.
    terms
        Columns whose observed range is needed, products ``"a:b"`` among them.
    """
    return Start(
        rows=_by_region(panel),
        units=_by_region(latest_units(panel)),
        observed=observed_range(panel, terms),
        spread=index_spread(panel),
        empty=panel.iloc[:0],
    )


def _by_region(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(code): rows.reset_index(drop=True) for code, rows in table.groupby("region_code", sort=True)}
