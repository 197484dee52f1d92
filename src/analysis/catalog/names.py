"""Finding a region by code or name; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from analysis.catalog.records import Place, Region, RegionLevel
from analysis.errors import UsageError, closest
from analysis.messages import Message

_KINDS: tuple[tuple[re.Pattern[str], RegionLevel], ...] = (
    (re.compile(r"^(provinsi|prov\b\.?|pemprov|pemerintah provinsi)\s*"), "province"),
    (re.compile(r"^(kabupaten|kab\b\.?|pemkab|pemerintah kabupaten)\s*"), "regency"),
    (re.compile(r"^(kota|pemkot|pemerintah kota)\s+"), "city"),
)
# What is left of "15.10" or "15.09" after it went through a number.
_DAMAGED_CODE = re.compile(r"^\d{2}\.\d$|^\d{2}\.0+$|^\d{2}\.\d{3,}$")
_BPS_LOOK = re.compile(r"^\d{4}$")


def split_name(name: str) -> tuple[RegionLevel | None, str]:
    """Return the kind of region that a name states (None if it states none) and the bare name.

    The bare name has neither capitals, blanks nor punctuation, so that "Batang Hari" and "Batanghari" agree.
    """
    text = re.sub(r"\s+", " ", name.casefold()).strip()
    for pattern, level in _KINDS:
        if pattern.match(text):
            return level, _bare(pattern.sub("", text))
    return None, _bare(text)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


def names_of(region: Region) -> tuple[str, ...]:
    """Return the bare names by which a region is known."""
    return tuple(split_name(name)[1] for name in (region.name, *region.aliases))


def find_region(code: object, regions: Mapping[str, Region]) -> Region:
    """Return the region with a Kemendagri code.

    Raises
    ------
    UsageError
        If the code is unknown, or looks as if it had gone through a number.
    """
    if not isinstance(code, str):
        raise UsageError("catalog.damaged_code", code=str(code))
    text = code.strip()
    if text in regions:
        return regions[text]
    if _DAMAGED_CODE.match(text):
        raise UsageError("catalog.damaged_code", code=text)
    bps = [region for region in regions.values() if region.bps_code == text]
    if _BPS_LOOK.match(text) and bps:
        raise UsageError("catalog.bps_code_given", code=text, right=bps[0].code, name=bps[0].name)
    raise UsageError("catalog.unknown_region", code=text, hint=_nearest(text, regions))


def _nearest(text: str, regions: Mapping[str, Region]) -> Message:
    """Return the closest region: by code, first within the same province, else by bare name."""
    if re.fullmatch(r"[\d.]+", text):
        found = closest(text, [code for code in regions if code[:2] == text[:2]]) or closest(text, regions)
    else:
        by_name = {name: region.code for region in regions.values() for name in names_of(region)}
        found = by_name.get(closest(split_name(text)[1], by_name), "")
    if not found:
        return Message("catalog.list_regions")
    return Message("catalog.did_you_mean", {"name": _shown(regions[found])})


def resolve_region(text: object, regions: Mapping[str, Region], places: Mapping[str, Place]) -> Region:
    """Return the one region that a code or a name means.

    Raises
    ------
    UsageError
        If nothing fits, or more than one region does; the message then lists them with their codes.
    """
    if not isinstance(text, str) or re.fullmatch(r"[\d.\s]+", text):
        return find_region(text, regions)
    level, bare = split_name(text)
    place = next((place for place in places.values() if _bare(place.name.casefold()) == bare), None)
    if place is not None and level is None:
        return _of_place(place, regions)
    found = matching(bare, level, regions.values())
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError("catalog.ambiguous_region", name=text.strip(), candidates=[_shown(item) for item in found])
    raise UsageError("catalog.unknown_region", code=text.strip(), hint=_nearest(text, regions))


def _of_place(place: Place, regions: Mapping[str, Region]) -> Region:
    if len(place.regions) == 1:
        return regions[place.regions[0]]
    raise UsageError(
        "catalog.ambiguous_place",
        name=place.name,
        meaning=place.meaning.message,
        candidates=[_shown(regions[code]) for code in place.regions],
    )


def matching(bare: str, level: RegionLevel | None, regions: Iterable[Region]) -> list[Region]:
    """Return the regions with a bare name, of one kind if `level` is given, sorted by code."""
    found = [region for region in regions if bare in names_of(region) and level in (None, region.level)]
    return sorted(found, key=lambda region: region.code)


def find_by_bps(code: str, name: str, regions: Mapping[str, Region]) -> Region:
    """Return the region that a BPS code and a name mean together.

    Raises
    ------
    UsageError
        If the code is unknown, or belongs to a region of another name: then the codes of the file are not BPS
        codes, or the name is wrong, and neither is to be guessed.
    """
    digits = code.strip().replace(".", "")
    level, bare = split_name(name)
    known = [item for item in regions.values() if digits == item.bps_code or digits in item.former_bps_codes]
    found = matching(bare, level, known)
    if len(found) == 1:
        return found[0]
    if not known:
        raise UsageError("catalog.unknown_bps_code", code=code, name=name)
    others = matching(bare, level, regions.values())
    raise UsageError(
        "catalog.bps_name_differs",
        code=code,
        name=name,
        holder=_shown(known[0]),
        candidates=[f"{_shown(item)}, BPS {item.bps_code}" for item in others] or "–",
    )


def _shown(region: Region) -> str:
    return f"{region.code} {region.name}"
