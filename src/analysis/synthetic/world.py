"""What does not change during the study: regions, service units and what is lasting about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UsageError
from analysis.results import FloatArray
from analysis.synthetic.design import ELEMENTS, SampleDesign
from analysis.synthetic.vocabulary import PROVINCE_UNITS, REGENCY_UNITS, UnitKind

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

STARTING_REGIONS = ("82", "15.09", "96.71")
NEIGHBOURS = ("82.72", "82.71", "15", "15.08", "96", "96.01", "73.71", "35.78", "53")
# U4 is at its maximum almost everywhere and U1, U9 are left out of the weak ones, so that they can serve as
# negative controls of training.
WEAK_CANDIDATES = np.array([1, 2, 4, 5, 6, 7])
MISSING_TABLES = {2: ("officers",), 4: ("leadership",), 5: ("complaints",), 8: ("officers",), 10: ("officers",)}
SMALL_REGION = 7


@dataclass(frozen=True)
class World:
    """Regions and units.

    Parameters
    ----------
    regions
        Kemendagri codes in the order of the study.
    units
        Canonical table ``units``, one row per unit.
    region
        Position of each unit's region, shape (units,).
    standing
        Lasting quality of each unit in index points around the study's mean, region included, shape (units,).
    elements
        Lasting level of each element on the scale 1-4 without `standing`, shape (units, 9).
    weak
        The two elements that are weak in each unit, shape (units, 9).
    free
        Units whose service is free of charge, shape (units,).
    respondents
        Median number of respondents in a half-year, shape (units,).
    recorded_share
        Share of training participations that the unit records, shape (units,).
    rising
        Regions whose satisfaction rises, shape (regions,).
    missing
        Tables that a region does not deliver: region code to table names.
    """

    regions: tuple[str, ...]
    units: pd.DataFrame
    region: IntArray
    standing: FloatArray
    elements: FloatArray
    weak: BoolArray
    free: BoolArray
    respondents: FloatArray
    recorded_share: FloatArray
    rising: BoolArray
    missing: dict[str, tuple[str, ...]]

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.units)


def region_codes(n_regions: int) -> tuple[str, ...]:
    """Return `n_regions` codes: the three starting regions, their neighbours, then the catalog's others in order.

    Raises
    ------
    UsageError
        If the catalog has fewer regions, or none is asked for.
    """
    from analysis.catalog import load_catalog

    known = load_catalog().regions
    first = [code for code in STARTING_REGIONS + NEIGHBOURS if code in known]
    ordered = first + [code for code in sorted(known) if code not in set(first)]
    if not 1 <= n_regions <= len(ordered):
        raise UsageError("synthetic.too_many_regions", asked=n_regions, most=len(ordered))
    return tuple(ordered[:n_regions])


def build_world(design: SampleDesign) -> World:
    """Draw regions and units."""
    regions = design.regions or region_codes(design.n_regions)
    units, region = _units(design, regions)
    n = len(units)
    rng = design.generator("standing")
    standing = rng.normal(0, design.region_sd, len(regions))[region] + rng.normal(0, design.unit_sd, n)
    weak = _weak_elements(design, n)
    free = design.generator("free").random(n) < design.free_share
    return World(
        regions=tuple(regions),
        units=units,
        region=region,
        standing=standing,
        elements=_element_levels(design, weak, free),
        weak=weak,
        free=free,
        respondents=_respondents(design, n),
        recorded_share=design.generator("recording").uniform(design.recorded_low, design.recorded_high, n),
        rising=_rising(design, len(regions)),
        missing={regions[i]: t for i, t in MISSING_TABLES.items() if design.incomplete and i < len(regions)},
    )


def _units(design: SampleDesign, regions: tuple[str, ...]) -> tuple[pd.DataFrame, IntArray]:
    rng = design.generator("units")
    rows: list[tuple[str, str, str, str, int]] = []
    region: list[int] = []
    for position, code in enumerate(regions):
        count = int(rng.integers(design.units_min, design.units_max + 1))
        if design.incomplete and position == SMALL_REGION:
            count = design.small_region_units
        kinds = _kinds(REGENCY_UNITS if "." in code else PROVINCE_UNITS, count)
        sizes = rng.lognormal(0, design.headcount_sd, count)
        for number, ((kind, name), size) in enumerate(zip(kinds, sizes, strict=True), start=1):
            headcount = max(6, round(kind.headcount * float(size)))
            rows.append((f"{code}-{number:03d}", code, name, kind.service, headcount))
            region.append(position)
    columns = ["unit_id", "region_code", "unit_name", "service_type", "headcount"]
    return pd.DataFrame(rows, columns=columns), np.array(region)


def _kinds(kinds: tuple[UnitKind, ...], count: int) -> list[tuple[UnitKind, str]]:
    """Return `count` kinds with names: first one of each, then numbered ones of the kinds that occur often."""
    single = [(kind, kind.name) for kind in kinds if not kind.many]
    often = [kind for kind in kinds if kind.many]
    numbered = [
        (often[index % len(often)], f"{often[index % len(often)].name} {index // len(often) + 1:02d}")
        for index in range(max(0, count - len(single)))
    ]
    return (single + numbered)[:count]


def _weak_elements(design: SampleDesign, n: int) -> BoolArray:
    order = design.generator("weak").random((n, len(WEAK_CANDIDATES))).argsort(axis=1)[:, :2]
    weak = np.zeros((n, len(ELEMENTS)), dtype=bool)
    np.put_along_axis(weak, WEAK_CANDIDATES[order], True, axis=1)
    return weak


def _element_levels(design: SampleDesign, weak: BoolArray, free: BoolArray) -> FloatArray:
    """Levels on the scale 1-4 whose mean over the elements other than U4 is that of `base_index`."""
    rest = design.base_index / 25 - (4.0 - design.base_index / 25) / 8
    levels = rest + design.generator("elements").normal(0, design.element_sd, weak.shape)
    levels += design.weak_drop * (2 / 8 - weak)
    levels[:, 3] = np.where(free, np.inf, design.fee_level)
    return np.asarray(levels, dtype=np.float64)


def _respondents(design: SampleDesign, n: int) -> FloatArray:
    rng = design.generator("respondents")
    typical = design.respondents_median * rng.lognormal(0, design.respondents_sd, n)
    typical = np.clip(typical, design.respondents_min, design.respondents_max)
    small = rng.random(n) < design.small_unit_share
    return np.where(small, rng.uniform(6, 20, n), typical)


def _rising(design: SampleDesign, n_regions: int) -> BoolArray:
    order = design.generator("rising").permutation(n_regions)
    return np.asarray(order < round(design.rising_share * n_regions))
