"""Cross-checks between the catalog's files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from analysis.catalog.records import Correction, Indicator, Place, Region
from analysis.errors import CatalogError

N_PROVINCES = 38
N_REGENCIES_AND_CITIES = 514
# The archipelago's extreme points: Rondo and Ndana (latitude), Benggala and the border in Papua (longitude).
LATITUDES = (-11.01, 6.08)
LONGITUDES = (94.97, 141.02)

_CODE_FORMS = {"province": r"\d{2}", "regency": r"\d{2}\.[0-6]\d", "city": r"\d{2}\.[7-9]\d"}
_BPS_FORMS = {"province": r"\d{2}", "regency": r"\d{2}[0-6]\d", "city": r"\d{2}[7-9]\d"}


def check_catalog(
    regions: Mapping[str, Region],
    places: Mapping[str, Place],
    indicators: Mapping[str, Indicator],
    corrections: Mapping[str, Correction],
) -> None:
    """Refuse a catalog whose files contradict each other.

    Raises
    ------
    CatalogError
        For the first contradiction found.
    """
    _check_counts(regions.values())
    for region in regions.values():
        _check_region(region, regions)
    _check_unique(regions.values())
    for place in places.values():
        for code in place.regions:
            _require(code in regions, "catalog.no_such_region", file="places.yml", entry=place.name, code=code)
    for indicator in indicators.values():
        _check_indicator(indicator)
    for correction in corrections.values():
        _check_correction(correction, regions, indicators)


def _require(condition: bool, key: str, **values: object) -> None:
    if not condition:
        raise CatalogError(key, **values)


def _check_counts(regions: Iterable[Region]) -> None:
    levels = Counter(region.level for region in regions)
    _require(
        levels["province"] == N_PROVINCES and levels["regency"] + levels["city"] == N_REGENCIES_AND_CITIES,
        "catalog.wrong_counts",
        provinces=levels["province"],
        others=levels["regency"] + levels["city"],
        wanted_provinces=N_PROVINCES,
        wanted_others=N_REGENCIES_AND_CITIES,
    )


def _check_region(region: Region, regions: Mapping[str, Region]) -> None:
    entry = {"file": "regions.csv", "entry": region.code}
    well_formed = re.fullmatch(_CODE_FORMS[region.level], region.code) and re.fullmatch(
        _BPS_FORMS[region.level], region.bps_code
    )
    _require(bool(well_formed), "catalog.bad_code", name=region.name, bps=region.bps_code, **entry)
    is_province = region.level == "province"
    parent_fits = region.parent is None if is_province else region.parent == region.code[:2]
    _require(
        parent_fits and region.province_code in regions, "catalog.bad_parent", parent=region.parent or "–", **entry
    )
    _require((region.iso is not None) == is_province, "catalog.bad_iso", **entry)
    inside = LATITUDES[0] <= region.latitude <= LATITUDES[1] and LONGITUDES[0] <= region.longitude <= LONGITUDES[1]
    _require(inside, "catalog.outside_indonesia", latitude=region.latitude, longitude=region.longitude, **entry)


def _check_unique(regions: Iterable[Region]) -> None:
    for field in ("bps_code", "iso", "name"):
        counts = Counter(getattr(region, field) for region in regions)
        twice = sorted(str(value) for value, count in counts.items() if value is not None and count > 1)
        _require(not twice, "catalog.not_unique", file="regions.csv", field=field, values=twice)


def _check_indicator(indicator: Indicator) -> None:
    entry = {"file": "indicators.yml", "entry": indicator.key}
    years = [scheme.first_year for scheme in indicator.schemes]
    _require(years == sorted(set(years)), "catalog.schemes_out_of_order", **entry)
    explained = all(scheme.change is not None for scheme in indicator.breaks)
    _require(explained, "catalog.break_unexplained", **entry)
    _require(
        all(_both(text) for text in (indicator.label, indicator.unit, indicator.meaning)),
        "catalog.one_language",
        **entry,
    )
    for scheme in indicator.schemes:
        minima = [grade.minimum for grade in scheme.grades]
        _require(minima == sorted(set(minima), reverse=True), "catalog.grades_out_of_order", scheme=scheme.key, **entry)


def _both(text: object) -> bool:
    return bool(getattr(text, "id", "").strip() and getattr(text, "en", "").strip())


def _check_correction(
    correction: Correction, regions: Mapping[str, Region], indicators: Mapping[str, Indicator]
) -> None:
    entry = {"file": "corrections.yml", "entry": correction.key}
    _require(correction.region_code in regions, "catalog.no_such_region", code=correction.region_code, **entry)
    _require(correction.indicator in indicators, "catalog.no_such_indicator", name=correction.indicator, **entry)
