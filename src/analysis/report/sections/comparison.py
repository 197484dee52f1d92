"""All regions in one pass over the results: what the index and the comparison of regions show."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.catalog import load_catalog
from analysis.report.sections._common import ELEMENTS, LEVER_CLAIMS, claim_decimals, number, records
from analysis.results import StudyResults


@dataclass(frozen=True)
class ComparedRegion:
    """One region beside others.

    Parameters
    ----------
    code, name, province
        The region.
    index, conf_low, conf_high, n
        Its satisfaction index in its last half-year with the 95% interval and the respondents; None without data.
    history
        Index by half-year.
    elements
        Means of the nine elements in that half-year, scale 1 to 4.
    levers
        By lever: ``verdict``, ``estimate``, ``conf_low``, ``conf_high``, ``places``.
    path
        Folder of its report, relative to the release.
    """

    code: str
    name: str
    province: str
    index: float | None
    conf_low: float | None
    conf_high: float | None
    n: int | None
    history: dict[str, float]
    elements: tuple[float | None, ...]
    levers: dict[str, dict[str, Any]]
    path: str


def compared_regions(results: StudyResults) -> list[ComparedRegion]:
    """Return what regions are compared by, sorted by code."""
    indices, levers = regional_indices(results), regional_levers(results)
    return [_compared(code, indices.get(code, []), levers.get(code, {})) for code in sorted(results.regions)]


def _compared(code: str, rows: list[dict[str, Any]], levers: dict[str, dict[str, Any]]) -> ComparedRegion:
    region, regions = load_catalog().region(code), load_catalog().regions
    now = rows[-1] if rows else {}
    size = number(now.get("n"))
    return ComparedRegion(
        code=code,
        name=region.name,
        province=regions[region.province_code].name,
        index=number(now.get("index")),
        conf_low=number(now.get("conf_low")),
        conf_high=number(now.get("conf_high")),
        n=None if size is None else int(size),
        history={str(row["period"]): float(row["index"]) for row in rows},
        elements=tuple(number(now.get(name)) for name in ELEMENTS),
        levers={lever: _effect(lever, levers.get(lever)) for lever in LEVER_CLAIMS},
        path=code,
    )


def _effect(lever: str, row: dict[str, Any] | None) -> dict[str, Any]:
    found = row or {"verdict": "no_data"}
    figures = {name: number(found.get(name)) for name in ("estimate", "conf_low", "conf_high")}
    return {"verdict": found["verdict"], "places": claim_decimals(LEVER_CLAIMS[lever]), **figures}


def regional_indices(results: StudyResults) -> dict[str, list[dict[str, Any]]]:
    """Return the index of every region by half-year, oldest first; half-years withheld or missing are left out."""
    table = results.indices
    rows = table[table["unit_id"].isna() & table["index"].notna()].sort_values("period", kind="stable")
    return _by_region(rows)


def regional_levers(results: StudyResults) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the verdict that answers for each lever in every region: its own, else the nation's."""
    lever_of = {claim: lever for lever, claim in LEVER_CLAIMS.items()}
    table = results.verdicts[results.verdicts["claim"].isin(list(lever_of))]
    own = _by_region(table[table["region_code"].notna()])
    nation = {lever_of[row["claim"]]: row for row in records(table[table["region_code"].isna()])}
    return {code: nation | {lever_of[row["claim"]]: row for row in own.get(code, [])} for code in results.regions}


def _by_region(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records(table):
        found.setdefault(str(row["region_code"]), []).append(row)
    return found


def possible_places(bounds: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return the best and the worst place that each interval allows, places counted from 1 for the highest.

    A region is certainly behind those whose intervals lie wholly above its own, and certainly ahead of those wholly
    below. With 95% intervals this is cautious: two that do not overlap differ at a level well under 5% (Schenker and
    Gentleman 2001, https://doi.org/10.1198/000313001317097960).

    Parameters
    ----------
    bounds
        Lower and upper bound of each region.
    """
    lows, highs = sorted(low for low, _ in bounds), sorted(high for _, high in bounds)
    total = len(bounds)
    return [(1 + total - bisect_right(lows, high), total - bisect_left(highs, low)) for low, high in bounds]
