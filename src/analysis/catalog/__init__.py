"""The catalog: what the project knows about regions, indicators and sources, loaded once and cross-checked.

`load_catalog` reads `data/catalog/`; every record is a frozen dataclass of `analysis.catalog.records`, read by the
one strict loader `analysis.catalog.loader.load_records`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from analysis.catalog.checks import check_catalog
from analysis.catalog.loader import Text, load_records
from analysis.catalog.names import find_by_bps, find_region, resolve_region
from analysis.catalog.records import (
    Correction,
    Grade,
    Indicator,
    Place,
    Region,
    Scheme,
    Source,
)
from analysis.errors import UsageError, closest
from analysis.messages import Message
from analysis.paths import catalog_dir

__all__ = [
    "Catalog",
    "Correction",
    "Grade",
    "Indicator",
    "Place",
    "Region",
    "Scheme",
    "Source",
    "Text",
    "load_catalog",
    "load_records",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Catalog:
    """Everything that is known before any data are read.

    Parameters
    ----------
    folder
        Where it was read from.
    regions, places, indicators, sources, corrections
        Records by key; regions by Kemendagri code.
    """

    folder: Path
    regions: Mapping[str, Region]
    places: Mapping[str, Place]
    indicators: Mapping[str, Indicator]
    sources: Mapping[str, Source]
    corrections: Mapping[str, Correction]

    def region(self, code: object) -> Region:
        """Return the region with a Kemendagri code.

        Raises
        ------
        UsageError
            If the code is unknown (with the closest one) or was damaged by going through a number (with the advice
            to pass it as text).
        """
        return find_region(code, self.regions)

    def resolve(self, code_or_name: object) -> Region:
        """Return the one region meant by a Kemendagri code, a name or a place.

        Raises
        ------
        UsageError
            If none or more than one fits; the message lists the candidates.
        """
        return resolve_region(code_or_name, self.regions, self.places)

    def region_by_bps(self, code: str, name: str) -> Region:
        """Return the region of a BPS code, current or former, whose name agrees.

        A code alone is never trusted: 169 BPS codes of regencies and cities are the Kemendagri code of another one.

        Raises
        ------
        UsageError
            If code and name do not belong together.
        """
        return find_by_bps(code, name, self.regions)

    def indicator(self, key: str) -> Indicator:
        """Return an indicator; `UsageError` with the closest key if there is none."""
        if key in self.indicators:
            return self.indicators[key]
        found = closest(key, self.indicators)
        hint = Message("catalog.did_you_mean", {"name": found}) if found else ""
        raise UsageError("catalog.unknown_indicator", name=key, hint=hint)

    def members(self, code: str) -> tuple[Region, ...]:
        """Return a province and its regencies and cities, by the code of any of them, sorted by code."""
        province = self.region(code).province_code
        found = [region for region in self.regions.values() if region.province_code == province]
        return tuple(sorted(found, key=lambda region: region.code))

    def boundary_change(self, code: str) -> int | None:
        """Return the year in which provinces were split from a province, or None."""
        years = [
            region.established
            for region in self.regions.values()
            if region.established is not None and code in region.former_codes
        ]
        return min(years, default=None)

    def records(self, file: str, cls: type[T]) -> Mapping[str, T]:
        """Return the records of another file of the catalog, for example ``records("claims.yml", Claim)``."""
        return MappingProxyType(load_records(self.folder / file, cls))

    @cached_property
    def provinces(self) -> tuple[Region, ...]:
        """The provinces, sorted by code."""
        found = [region for region in self.regions.values() if region.level == "province"]
        return tuple(sorted(found, key=lambda region: region.code))


@cache
def load_catalog(folder: Path | None = None) -> Catalog:
    """Read and cross-check the catalog (once per process and folder).

    Parameters
    ----------
    folder
        Folder of the files; the project's own by default.

    Raises
    ------
    CatalogError
        For the first mistake found, naming file and entry.
    """
    where = folder or catalog_dir()
    catalog = Catalog(
        folder=where,
        regions=MappingProxyType(load_records(where / "regions.csv", Region)),
        places=MappingProxyType(load_records(where / "places.yml", Place)),
        indicators=MappingProxyType(load_records(where / "indicators.yml", Indicator)),
        sources=MappingProxyType(load_records(where / "sources.yml", Source)),
        corrections=MappingProxyType(load_records(where / "corrections.yml", Correction)),
    )
    check_catalog(catalog.regions, catalog.places, catalog.indicators, catalog.corrections)
    return catalog
