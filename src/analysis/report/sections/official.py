"""Real published scores of the region and its neighbours, with the breaks in how they were measured."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from analysis.catalog import load_catalog
from analysis.messages import Message
from analysis.published import last_movement_of, official_trend
from analysis.report.blocks import Block
from analysis.report.sections._common import both, msg, records, region_name
from analysis.report.sections.descriptions import of_scores
from analysis.results import StudyResults


def official_scores(results: StudyResults, region_code: str) -> Block:
    """Return one panel an indicator; says whether the last movement is larger than measurement noise.

    Neighbours are the other regions of the same province, the province included.
    """
    rows = records(official_trend(results.official, region_code, load_catalog()))
    names = sorted({row["indicator"] for row in rows})
    panels = [_panel(results, name, [r for r in rows if r["indicator"] == name], region_code) for name in names]
    panels.sort(key=lambda panel: (not panel["has_own"], panel["indicator"]))
    name = region_name(region_code)
    return Block(
        id="official",
        kind="trend",
        data={"panels": panels},
        text={
            "title": msg("official.title"),
            "lead": msg("official.lead" if panels else "official.none", region=name),
            "note": msg("official.note"),
        },
        alt=of_scores(name, panels) if panels else msg("official.none", region=name),
        source=tuple(msg("source.published", source=title) for title in sorted({_source(row) for row in rows})),
        sample=_sample(rows, region_code) if rows else None,
    )


def _sample(rows: list[dict[str, Any]], region_code: str) -> Message:
    province = load_catalog().region(region_code).province_code
    return msg("official.sample", n=len({row["region_code"] for row in rows}), province=region_name(province))


def _source(row: dict[str, Any]) -> str:
    found = load_catalog().sources.get(row["source"])
    return f"{found.title} ({found.publisher})" if found else str(row["source"])


def _panel(results: StudyResults, indicator: str, rows: list[dict[str, Any]], region_code: str) -> dict[str, Any]:
    found = load_catalog().indicator(indicator)
    by_region: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_region.setdefault(row["region_code"], []).append(row)
    return {
        "indicator": indicator,
        "label": both(found.label),
        "places": found.decimals,
        "has_own": region_code in by_region,
        "series": [_series(code, points, region_code) for code, points in by_region.items()],
        "breaks": _breaks(rows),
        "sentence": _movement(results, by_region.get(region_code, []), indicator, region_code),
    }


def _series(code: str, rows: list[dict[str, Any]], region_code: str) -> dict[str, Any]:
    points = [{"x": str(row["year"]), "y": row["value"], "segment": row["scheme"]} for row in rows]
    return {"name": region_name(code), "code": code, "own": code == region_code, "points": points}


def _breaks(rows: list[dict[str, Any]]) -> list[str]:
    """Return the years from which another way of measuring holds."""
    scheme_of = {int(row["year"]): row["scheme"] for row in rows}
    years = sorted(scheme_of)
    return [str(now) for before, now in pairwise(years) if scheme_of[now] != scheme_of[before]]


def _movement(results: StudyResults, own: list[dict[str, Any]], indicator: str, region_code: str) -> Message:
    said = last_movement_of(own, results.official_noise, region_code, indicator, load_catalog())
    if said is not None:
        return said
    return msg("official.too_few" if own else "official.not_measured", region=region_name(region_code))
