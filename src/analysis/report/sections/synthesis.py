"""All regions side by side: overlapping intervals, never ranks that the data do not carry."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from analysis.catalog import load_catalog
from analysis.messages import Message
from analysis.report.blocks import Block
from analysis.report.sections._common import (
    LEVER_CLAIMS,
    LEVERS,
    VERDICTS,
    claim_decimals,
    estimate_source,
    msg,
    number,
    records,
    region_name,
    study_sample,
    survey_source,
    unit_label,
)
from analysis.report.sections.answer import headline
from analysis.report.sections.comparison import possible_places, regional_indices, regional_levers
from analysis.report.sections.descriptions import of_regions
from analysis.report.sections.evidence import lever_estimates
from analysis.results import StudyResults

STANDINGS = ("above", "level", "below", "none")


@dataclass(frozen=True)
class IndexEntry:
    """One region in the index of a release.

    Parameters
    ----------
    code, name, province_code, province, latitude, longitude
        The region.
    index, conf_low, conf_high
        Its satisfaction index in the last half-year; None where it is withheld or missing.
    standing
        ``above``, ``level`` or ``below`` the mean of all regions (an interval that holds it is ``level``); ``none``
        without data.
    history
        Index by half-year, oldest first.
    headline
        The clauses of its report's headline, messages as dicts.
    verdicts
        Verdict by lever.
    path
        Folder of its report, relative to the index.
    places
        Best and worst place among all regions that its interval allows; None without data.
    """

    code: str
    name: str
    province_code: str
    province: str
    latitude: float
    longitude: float
    index: float | None
    conf_low: float | None
    conf_high: float | None
    standing: str
    history: tuple[float, ...]
    headline: tuple[Any, ...]
    verdicts: dict[str, str]
    path: str
    places: tuple[int, int] | None = None


def index_entries(results: StudyResults) -> list[IndexEntry]:
    """Return the entries of the index page, sorted by code."""
    indices, levers, average = regional_indices(results), regional_levers(results), mean_index(results)
    entries = [_entry(code, indices.get(code, []), levers[code], average) for code in sorted(results.regions)]
    return _with_places(entries)


def _entry(
    code: str, rows: list[dict[str, Any]], levers: dict[str, dict[str, Any]], average: float | None
) -> IndexEntry:
    region, regions = load_catalog().region(code), load_catalog().regions
    now = rows[-1] if rows else {}
    low, high = number(now.get("conf_low")), number(now.get("conf_high"))
    verdicts = {lever: levers[lever]["verdict"] for lever in LEVERS if lever in levers}
    return IndexEntry(
        code=code,
        name=region.name,
        province_code=region.province_code,
        province=regions[region.province_code].name,
        latitude=region.latitude,
        longitude=region.longitude,
        index=number(now.get("index")),
        conf_low=low,
        conf_high=high,
        standing=standing(low, high, average),
        history=tuple(float(row["index"]) for row in rows),
        headline=headline(verdicts),
        verdicts=verdicts,
        path=code,
    )


def _with_places(entries: list[IndexEntry]) -> list[IndexEntry]:
    """Return the entries with the places that their intervals allow among those with an interval."""
    known = [entry for entry in entries if entry.conf_low is not None and entry.conf_high is not None]
    bounds = [(float(entry.conf_low or 0), float(entry.conf_high or 0)) for entry in known]
    places = dict(zip((entry.code for entry in known), possible_places(bounds), strict=True))
    return [replace(entry, places=places.get(entry.code)) for entry in entries]


def _of_regions(results: StudyResults) -> StudyResults:
    """Return the results without units and without claims other than the levers': what all regions are looked up in."""
    of_levers = results.verdicts["claim"].isin(list(LEVER_CLAIMS.values()))
    regional = results.indices["unit_id"].isna()
    return replace(results, indices=results.indices[regional], verdicts=results.verdicts[of_levers])


def mean_index(results: StudyResults) -> float | None:
    """Return the unweighted mean of the regions' latest indices, or None without data."""
    found = regional_indices(results)
    latest = [found[code][-1]["index"] for code in results.regions if code in found]
    return sum(latest) / len(latest) if latest else None


def standing(low: float | None, high: float | None, average: float | None) -> str:
    """Return where an interval lies against the average of all regions."""
    if low is None or high is None or average is None:
        return "none"
    return "above" if low > average else "below" if high < average else "level"


def synthesis(results: StudyResults) -> list[Block]:
    """Return the blocks of the synthesis: index of all regions, verdicts by region, one block a lever."""
    slim = _of_regions(results)
    return [_map_block(slim), _index_block(slim), _verdict_matrix(slim)] + [
        _lever_block(slim, lever) for lever in LEVERS
    ]


def boundary_shapes(results: StudyResults) -> list[dict[str, Any]]:
    """Return ``code`` and ``rings`` (longitude and latitude of their corners) of the regions with known boundaries."""
    return [{"code": row["region_code"], "rings": json.loads(row["rings"])} for row in records(results.boundaries)]


def _map_block(results: StudyResults) -> Block:
    points = [
        {
            "code": entry.code,
            "name": entry.name,
            "longitude": entry.longitude,
            "latitude": entry.latitude,
            "value": entry.index,
            "standing": entry.standing,
        }
        for entry in index_entries(results)
    ]
    known = [point["value"] for point in points if point["value"] is not None]
    said = (
        msg("synthesis.map_lead", n=len(known), low=min(known), high=max(known)) if known else msg("synthesis.map_none")
    )
    return Block(
        id="synthesis_map",
        kind="map",
        data={"points": points, "shapes": boundary_shapes(results)},
        text={"title": msg("synthesis.map_title"), "lead": said},
        alt=_map_alt(points) if known else said,
        source=survey_source(),
        sample=study_sample(results),
    )


def _map_alt(points: list[dict[str, Any]]) -> Message:
    """Return what the map shows: how many regions stand where, the lowest and the highest."""
    known = sorted((p for p in points if p["value"] is not None), key=lambda p: (p["value"], p["code"]))
    counts = {name: sum(p["standing"] == name for p in points) for name in STANDINGS}
    ends = {
        "lowest": known[0]["name"],
        "low": known[0]["value"],
        "highest": known[-1]["name"],
        "high": known[-1]["value"],
    }
    return msg("synthesis.map_alt", n=len(known), **counts, **ends)


def _index_block(results: StudyResults) -> Block:
    entries = [entry for entry in index_entries(results) if entry.index is not None]
    entries.sort(key=lambda entry: (-(entry.index or 0), entry.code))
    average = mean_index(results)
    rows = [
        {"label": e.name, "code": e.code, "estimate": e.index, "conf_low": e.conf_low, "conf_high": e.conf_high,
         "standing": e.standing}
        for e in entries
    ]  # fmt: skip
    counts = {name: sum(e.standing == name for e in entries) for name in STANDINGS[:3]}
    group = {"label": msg("trend.index"), "unit": "", "rows": rows, "places": 1}
    return Block(
        id="synthesis_index",
        kind="intervals",
        data={"groups": [group] if rows else [], "reference": average},
        text={"title": msg("synthesis.index_title"), "lead": msg("synthesis.index_lead", n=len(rows), **counts),
              "note": msg("synthesis.rank_note")},
        alt=of_regions(rows, msg("synthesis.index_lead", n=len(rows), **counts), 1),
        source=survey_source(),
        sample=study_sample(results),
    )  # fmt: skip


def _lever_block(results: StudyResults, lever: str) -> Block:
    rows: list[dict[str, Any]] = []
    unit: Any = ""
    levers, estimates = regional_levers(results), results.estimates[results.estimates["level"] == "pooled"]
    by_region = {str(code): table for code, table in estimates.groupby("region_code")}
    for code in sorted(results.regions):
        verdict = levers[code].get(lever)
        own = replace(results, estimates=by_region.get(code, estimates.iloc[:0]))
        pooled = lever_estimates(own, verdict, code) if verdict else []
        unit = unit_label(verdict["unit"]) if verdict and verdict["unit"] else unit
        rows += [{"label": region_name(code), "code": code, "estimate": number(r["estimate"]),
                  "conf_low": number(r["conf_low"]), "conf_high": number(r["conf_high"])} for r in pooled]  # fmt: skip
    rows.sort(key=lambda row: (-row["estimate"], row["code"]))
    clear = sum((row["conf_low"] or 0) > 0 for row in rows)
    name = msg(f"lever.{lever}")
    group = {"label": name, "unit": unit, "rows": rows, "places": claim_decimals(LEVER_CLAIMS[lever])}
    lead = msg("synthesis.lever_lead" if rows else "synthesis.lever_none", lever=name, n=len(rows), clear=clear)
    return Block(
        id=f"synthesis_{lever}",
        kind="intervals",
        data={"groups": [group] if rows else [], "reference": 0},
        text={"title": msg("synthesis.lever_title", lever=name),
              "lead": lead,
              "note": msg("synthesis.rank_note")},
        alt=of_regions(rows, lead, group["places"]),
        source=estimate_source(None),
        sample=study_sample(results),
    )  # fmt: skip


def _verdict_matrix(results: StudyResults) -> Block:
    tally, levers = [], regional_levers(results)
    for lever in LEVERS:
        found = [levers[code].get(lever, {}).get("verdict", "no_data") for code in results.regions]
        tally.append({"lever": lever, "label": msg(f"lever.{lever}"), "counts": [found.count(v) for v in VERDICTS]})
    columns = [{"verdict": name, "label": msg(f"verdict.{name}")} for name in VERDICTS]
    return Block(
        id="synthesis_verdicts",
        kind="table",
        data={"tally": tally, "columns": columns, "n": len(results.regions)},
        text={"title": msg("synthesis.verdicts_title"), "lead": msg("synthesis.verdicts_lead", n=len(results.regions))},
        alt=msg("synthesis.verdicts_lead", n=len(results.regions)),
        source=estimate_source(None),
        sample=study_sample(results),
    )
