"""Plotly documents of the curves, the allocation and the causal graph; see `analysis.report.plotly_figures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from analysis.report import i18n
from analysis.report.blocks import Block
from analysis.report.figures.graph import name_of, role_of
from analysis.report.figures.layers import seated
from analysis.report.plotly_style import (
    BAND,
    BLUE,
    GREEN,
    GREY,
    HEADING,
    OCHRE,
    PALE_BAND,
    RED,
    Document,
    document,
    errors,
    hover,
    safe,
)

PANEL = 280
Rows = Sequence[Mapping[str, Any]]


def specification_curves(block: Block, lang: str) -> Document | None:
    """Return one panel a lever: estimates with intervals in order of size, the choices on hover."""
    data: list[Document] = []
    for i, group in enumerate(block.data["groups"]):
        for main in (False, True):
            rows = [dict(p) for p in group["points"] if p["main"] is main]
            colour = BLUE if main else GREY
            trace = _points(rows, i, colour, 11 if main else 7)
            trace["name"] = safe(_say("main" if main else "others"), lang)
            trace["text"] = [_specification_text(group, row, lang) for row in rows]
            data.append(trace | {"legendgroup": str(main), "showlegend": i == 0})
    return _panels(block, lang, data, show_ranks=False)


def _specification_text(group: Mapping[str, Any], row: Mapping[str, Any], lang: str) -> str:
    chosen = [
        f"{safe(choice['label'], lang)}: {i18n.resolve(option['label'], lang)}"
        for choice in group["choices"]
        for option in choice["options"]
        if row["x"] in option["ranks"]
    ]
    return "<br>".join([hover(row, group["places"], lang), *chosen])


def dose_responses(block: Block, lang: str) -> Document | None:
    """Return one panel a lever: the curve with its interval and the band of the whole curve."""
    data: list[Document] = []
    for i, group in enumerate(block.data["groups"]):
        rows = group["points"]
        data += _band(rows, "band_low", "band_high", i, PALE_BAND) + _band(rows, "conf_low", "conf_high", i, BAND)
        text = [f"{i18n.number(row['x'], group['x_places'], lang)}: {hover(row, 2, lang)}" for row in rows]
        curve = _xy(rows, i) | {"mode": "lines", "line": {"color": BLUE, "width": 3}, "text": text}
        data.append(curve | {"name": safe(group["label"], lang), "hovertemplate": "%{text}<extra></extra>"})
    return _panels(block, lang, data, showlegend=False)


def event_studies(block: Block, lang: str) -> Document | None:
    """Return one panel a programme: effects by half-years since its start."""
    data: list[Document] = []
    for i, group in enumerate(block.data["groups"]):
        for after in (False, True):
            rows = [dict(p) for p in group["points"] if (p["x"] >= 0) is after]
            trace = _points(rows, i, BLUE if after else GREY, 9)
            trace["name"] = safe(_say("after" if after else "before"), lang)
            trace["text"] = [
                f"{i18n.number(r['x'], 0, lang, signed=True)}: {hover(r, group['places'], lang)}" for r in rows
            ]
            data.append(trace | {"legendgroup": str(after), "showlegend": i == 0})
    return _panels(block, lang, data)


def _say(name: str) -> dict[str, Any]:
    return {"key": f"report.figure.{name}", "values": {}}


def _xy(rows: Rows, panel: int) -> Document:
    mark = str(panel + 1) if panel else ""
    axes = {"xaxis": f"x{mark}", "yaxis": f"y{mark}"}
    return {"type": "scatter", "x": [r["x"] for r in rows], "y": [r["estimate"] for r in rows], **axes}


def _points(rows: list[Document], panel: int, colour: str, size: int) -> Document:
    marker = {"color": colour, "size": size}
    hovering = {"hovertemplate": "%{text}<extra></extra>"}
    return _xy(rows, panel) | {"mode": "markers", "marker": marker, "error_y": errors(rows, colour, 2), **hovering}


def _band(rows: Rows, low: str, high: str, panel: int, colour: str) -> list[Document]:
    plain = _xy(rows, panel) | {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    lower, upper = [row[low] for row in rows], [row[high] for row in rows]
    return [plain | {"y": lower}, plain | {"y": upper, "fill": "tonexty", "fillcolor": colour}]


def _panels(block: Block, lang: str, data: list[Document], show_ranks: bool = True, **layout: Any) -> Document | None:
    """Return a document with one panel below the other for the block's groups, None without groups."""
    groups = block.data["groups"]
    if not groups:
        return None
    made: Document = {"annotations": [], "shapes": [], **layout}
    for i, group in enumerate(groups):
        mark = str(i + 1) if i else ""
        low, high = round(1 - (i + 0.84) / len(groups), 6), round(1 - (i + 0.16) / len(groups), 6)
        made[f"yaxis{mark}"] = {"domain": [low, high], "anchor": f"x{mark}"}
        label = {"title": {"text": safe(group["x_label"], lang)}} if "x_label" in group else {}
        made[f"xaxis{mark}"] = {"anchor": f"y{mark}", "showticklabels": show_ranks, **label}
        zero = {"type": "line", "xref": f"x{mark} domain", "x0": 0, "x1": 1, "yref": f"y{mark}", "y0": 0, "y1": 0}
        made["shapes"].append(zero | {"line": {"color": GREY, "dash": "dot"}})
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": high, "xanchor": "left", "yanchor": "bottom"}
        heading = f"{safe(group['label'], lang)} ({i18n.resolve(_unit(group), lang)})"
        made["annotations"].append(place | {"text": heading, "showarrow": False, "font": HEADING})
    return document(block, lang, data, 120 + PANEL * len(groups), **made)


def _unit(group: Mapping[str, Any]) -> Any:
    return {"key": "report.dose_response.change", "values": {}} if "x_label" in group else group["unit"]


def allocation(block: Block, lang: str) -> Document | None:
    """Return hours now and as advised by form of training, joined by a line; None for a block without forms."""
    rows = [row for row in block.data.get("rows", block.data.get("forms", ())) if "hours_now" in row]
    if not rows:
        return None
    shown = list(reversed(rows))
    names = [safe(row["label"], lang) for row in shown]
    moves = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for row in shown for x in (row["hours_now"], row["hours"], None)],
        "y": [y for name in names for y in (name, name, None)],
        "line": {"color": GREY, "width": 3},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    data = [moves]
    for key, role, symbol in (("hours_now", "now", "circle-open"), ("hours", "advised", "circle")):
        said = safe({"key": f"report.best_use.{role}", "values": {}}, lang)
        text = [f"{name}, {said}: {i18n.number(row[key], 1, lang)}" for name, row in zip(names, shown, strict=True)]
        values: Document = {"x": [row[key] for row in shown], "y": names, "name": said, "text": text}
        marker = {"symbol": symbol, "size": 12, "color": BLUE, "line": {"width": 2}}
        look = {"type": "scatter", "mode": "markers", "marker": marker, "hovertemplate": "%{text}<extra></extra>"}
        data.append(values | look)
    return document(block, lang, data, 160 + 36 * len(shown), yaxis={"automargin": True, "type": "category"})


def graph(block: Block, lang: str) -> Document | None:
    """Return the causal graph: boxes by layer, arrows as annotations, the open path and blocking arrows in red."""
    nodes = block.data.get("nodes", ())
    if not nodes:
        return None
    seats = seated(nodes, block.data["edges"])
    depth = max(seat.row for seat in seats.values())
    places = {name: (seat.x, depth - seat.row) for name, seat in seats.items()}
    colours = {"treatment": BLUE, "outcome": BLUE, "adjusted": GREEN}
    roles = {node["id"]: role_of(node, block.data) for node in nodes}
    border = [colours.get(roles[node["id"]].split()[0], GREY) for node in nodes]
    observed = [node.get("observed", True) for node in nodes]
    inside = [colour if seen else "#ffffff" for colour, seen in zip(border, observed, strict=True)]
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [places[node["id"]][0] for node in nodes],
        "y": [places[node["id"]][1] for node in nodes],
        "text": [safe(name_of(node, lang), "id") for node in nodes],
        "textposition": "top center",
        "marker": {"size": 16, "color": inside, "line": {"width": 2, "color": border}},
        "hovertemplate": "%{text}<extra></extra>",
    }
    marked = {frozenset(pair) for pair in pairwise(block.data.get("open_path", ()))}
    arrows = [_arrow(edge, places, marked) for edge in block.data["edges"] if {edge["from"], edge["to"]} <= set(places)]
    hidden = {"visible": False, "range": [-8, 108]}
    rows = {"visible": False, "range": [-0.5, depth + 0.8]}
    return document(block, lang, [trace], 140 + 90 * (depth + 1), xaxis=hidden, yaxis=rows, annotations=arrows)


def _arrow(edge: Mapping[str, Any], places: Mapping[str, tuple[float, int]], marked: set[frozenset[str]]) -> Document:
    (x0, y0), (x1, y1) = places[edge["from"]], places[edge["to"]]
    strong = edge.get("kind") in ("open", "blocked") or frozenset((edge["from"], edge["to"])) in marked
    ends = {"ax": x0, "ay": y0, "x": x1, "y": y1, "xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    look = {"arrowcolor": RED if strong else GREY, "arrowwidth": 3 if strong else 1.2, "arrowhead": 2, "standoff": 10}
    text = {"text": "✕" if edge.get("kind") == "blocked" else "", "font": {"color": OCHRE}}
    return {**ends, **look, **text, "showarrow": True, "startstandoff": 10}
