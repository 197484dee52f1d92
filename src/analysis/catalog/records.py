"""What the catalog is made of: regions, places, indicators, sources and corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.catalog.loader import Text

RegionLevel = Literal["province", "regency", "city"]
Direction = Literal["higher_is_better", "lower_is_better", "neutral"]


@dataclass(frozen=True)
class Region:
    """A province, regency (kabupaten) or city (kota).

    Parameters
    ----------
    code
        Code of the Ministry of Home Affairs (Kemendagri) as text, for example ``"15.09"``.
    name
        Name in Indonesian; regencies and cities with their kind ("Kabupaten Tebo", "Kota Sorong").
    level
        ``"province"``, ``"regency"`` or ``"city"``.
    bps_code
        Code of Statistics Indonesia (BPS). The same digits often name another region in the other system, see
        `analysis.catalog.Catalog.region_by_bps`.
    latitude, longitude
        A point inside or near the region, in degrees (WGS 84), for the map; not its boundary.
    iso
        ISO 3166-2 code; provinces only.
    parent
        Code of the province; None for a province.
    capital
        Seat of the government, where known.
    established
        Year from which the province exists, where that lies inside the published series.
    former_codes, former_bps_codes
        Codes under which the region (or, for a new province, the province it was split from) was counted before.
    aliases
        Other names found in official files.
    note
        What a user of the code has to know, in Indonesian and English.
    """

    code: str
    name: str
    level: RegionLevel
    bps_code: str
    latitude: float
    longitude: float
    iso: str | None = None
    parent: str | None = None
    capital: str | None = None
    established: int | None = None
    former_codes: tuple[str, ...] = ()
    former_bps_codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str | None = None

    @property
    def province_code(self) -> str:
        """Code of the province that the region is or belongs to."""
        return self.parent or self.code


@dataclass(frozen=True)
class Place:
    """A place name that is used as if it were a region.

    Parameters
    ----------
    name
        The name, for example "Sofifi".
    meaning
        What the place is and whose data could be meant.
    regions
        Codes of the regions that may be meant, the likeliest first.
    village_code
        Kemendagri code of the urban village (kelurahan), where the place is one.
    """

    name: str
    meaning: Text
    regions: tuple[str, ...]
    village_code: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a figure comes from.

    Parameters
    ----------
    key
        Short name used in the `source` column.
    title, publisher
        What it is and who published it.
    place
        Address, or where else it is found.
    accessed
        Date of retrieval as ISO text, or of the retrieved copy; None where it was not recorded.
    licence
        What is known of the terms of use.
    primary
        Whether the publisher is the one who measured; False for a press report of it.
    note
        What a reader has to know: what it counts, sums that do not match.
    """

    key: str
    title: str
    publisher: str
    place: str
    licence: Text
    primary: bool
    accessed: str | None = None
    note: Text | None = None


@dataclass(frozen=True)
class Grade:
    """A class of a score: `letter` from `minimum` (inclusive) upwards."""

    letter: str
    minimum: float
    label: Text | None = None


@dataclass(frozen=True)
class Scheme:
    """One way of measuring an indicator; figures of different schemes are not compared.

    Parameters
    ----------
    key
        Name used in the `scheme` column.
    first_year
        First year that was measured in this way.
    label
        Its name for readers.
    change
        What changed against the scheme before; None for the first one.
    reference
        Regulation or document that sets it.
    grades
        Its classes, best first, where they are known.
    """

    key: str
    first_year: int
    label: Text
    change: Text | None = None
    reference: str | None = None
    grades: tuple[Grade, ...] = ()

    def grade(self, value: float) -> str | None:
        """Return the letter of `value`, or None if the scheme has no classes."""
        reached = [grade.letter for grade in self.grades if value >= grade.minimum]
        return reached[0] if reached else None


@dataclass(frozen=True)
class Indicator:
    """A measured quantity.

    Parameters
    ----------
    key
        Name used in tables.
    label, unit
        For readers, in both languages.
    meaning
        What it measures and how.
    direction
        Which way is better; ``"neutral"`` for amounts and counts.
    legal_reference
        Regulation that defines it; None where there is none.
    minimum, maximum
        Ends of its scale; None where it has none.
    decimals
        Number of decimals in which it is published.
    zero_is_missing
        Whether a stored 0 cannot be a real value.
    trend
        Whether a series of it is a score whose movement is read.
    training_inside
        Whether training records enter its formula, so that it cannot be an outcome of training.
    schemes
        Ways of measuring in order of time; empty if it never changed.
    """

    key: str
    label: Text
    unit: Text
    meaning: Text
    direction: Direction
    decimals: int
    legal_reference: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    zero_is_missing: bool = False
    trend: bool = False
    training_inside: bool = False
    schemes: tuple[Scheme, ...] = field(default=())

    @property
    def breaks(self) -> tuple[Scheme, ...]:
        """Schemes that begin with a break in the series."""
        return self.schemes[1:]

    def scheme(self, year: int) -> Scheme | None:
        """Return the scheme in force in `year`, or None if the indicator has none by then."""
        reached = [scheme for scheme in self.schemes if scheme.first_year <= year]
        return reached[-1] if reached else None

    @property
    def schemes_by_key(self) -> Mapping[str, Scheme]:
        """Schemes by key."""
        return {scheme.key: scheme for scheme in self.schemes}


@dataclass(frozen=True)
class Correction:
    """An error of a source that is mended when its figures are loaded.

    Parameters
    ----------
    key
        Name of the correction.
    file
        File in `data/published/`.
    region_code, year, indicator
        Row that it concerns.
    wrong
        Value found in the source; if the file no longer holds it, loading stops, so that a source that was mended
        is never "corrected" again.
    right
        Value to be used; None if it is missing.
    reason
        Why it is known to be an error.
    """

    key: str
    file: str
    region_code: str
    year: int
    indicator: str
    wrong: float
    reason: Text
    right: float | None = None
