"""What the figures show, in words and from the data: kind, main finding and range, for those who do not see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.messages import Message
from analysis.report.sections._common import ELEMENTS, claim_label, msg, region_name

Row = Mapping[str, Any]
Rows = Sequence[Row]


def of_matrix(rows: Rows) -> Message:
    """Return range of the index over units, and the lowest mark; rows in order of the index, at least one."""
    ends = {"n": len(rows), "lowest": rows[0]["name"], "low": rows[0]["index"]}
    ends |= {"highest": rows[-1]["name"], "high": rows[-1]["index"]}
    marks = [
        (value, row["name"], element)
        for row in rows
        for value, element in zip(row["values"], ELEMENTS, strict=True)
        if value is not None
    ]
    if not marks or len(rows) == 1:
        return msg("priorities.alt_index", **ends)
    value, unit, element = min(marks)
    return msg("priorities.alt_matrix", **ends, unit=unit, element=msg(f"element.{element}"), value=value)


def of_choices(scenarios: Rows) -> Message:
    """Return the largest and the smallest gain among scenarios with an estimate, at least one."""
    ordered = sorted(scenarios, key=lambda row: -row["estimate"])
    most, least = ordered[0], ordered[-1]
    gain = {"estimate": most["estimate"], "low": most["conf_low"], "high": most["conf_high"]}
    ends = {"n": len(ordered), "best": most["label"], "last": least["label"], "least": least["estimate"]}
    return msg("cycle.alt_chart" if len(ordered) > 1 else "cycle.alt_one", **gain, **ends)


def of_division(forms: Rows, lead: Message) -> Message:
    """Return the form of training whose hours change most, and what the advice gains."""
    if not forms:
        return lead
    most = max(forms, key=lambda row: abs(row["hours"] - row["hours_now"]))
    values = {"form": most["label"], "now": most["hours_now"], "advised": most["hours"]}
    return msg("best_use.alt_chart", n=len(forms), **values, said=lead)


def of_graph(claim: str | None, graph: Mapping[str, Any]) -> Message:
    """Return the size of a causal graph, and what is held constant or which path stays open."""
    if claim is None:
        return msg("graph.none")
    wording = {node["id"]: node["label"] for node in graph["nodes"]}
    size = {"claim": claim_label(claim), "nodes": len(graph["nodes"]), "edges": len(graph["edges"])}
    if graph["open_path"]:
        return msg("graph.alt_open", **size, path=[wording[name] for name in graph["open_path"]])
    held = [wording[name] for name in graph["adjust"]]
    return msg("graph.alt_held", **size, held=held) if held else msg("graph.alt_nothing", **size)


def of_trend(name: str, first: Any, last: Any, values: Sequence[float], breaks: int) -> Message:
    """Return start, end, lowest and highest value of the index, and how often the way of measuring changed."""
    ends = {"start": values[0], "end": values[-1], "low": min(values), "high": max(values)}
    known = {"region": name, "first": first, "last": last, **ends}
    return msg("trend.alt_breaks", **known, breaks=breaks) if breaks else msg("trend.alt", **known)


def of_scores(name: str, panels: Rows) -> Message:
    """Return for each official indicator the region's first and last score, and the changes of method between."""
    count = sum(len(panel["series"]) for panel in panels)
    return msg("official.alt_chart", region=name, n=count, parts=[_of_panel(panel) for panel in panels])


def _of_panel(panel: Row) -> Message:
    points = [p for series in panel["series"] if series["own"] for p in series["points"] if p["y"] is not None]
    if not points:
        return msg("official.alt_without", label=panel["label"])
    first, last = points[0], points[-1]
    start, end = (msg(f"figure.plain{panel['places']}", value=point["y"]) for point in (first, last))
    ends = {"start": start, "first": first["x"], "end": end, "last": last["x"]}
    since = sum(first["x"] < at <= last["x"] for at in panel["breaks"])
    return msg("official.alt_breaks" if since else "official.alt_part", label=panel["label"], **ends, breaks=since)


def of_regions(rows: Rows, said: Message, places: int) -> Message:
    """Return what is said of intervals by region, and the regions with the lowest and highest estimate."""
    if not rows:
        return said
    low, high = (pick(rows, key=lambda row: row["estimate"]) for pick in (min, max))
    shown = [msg(f"figure.plain{places}", value=row["estimate"]) for row in (low, high)]
    names = {"lowest": region_name(low["code"]), "highest": region_name(high["code"])}
    return msg("synthesis.alt_chart", n=len(rows), said=said, **names, low=shown[0], high=shown[1])
