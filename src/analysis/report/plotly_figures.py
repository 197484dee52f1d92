"""The same figures as plotly documents, for JupyterLab and the interactive page.

Plain dicts are written instead of plotly objects: no binary arrays, no random ids, equal in every run.
Texts from data are escaped, because plotly reads a little markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from analysis.report import i18n
from analysis.report.blocks import Block
from analysis.report.figures import short_period
from analysis.report.plotly_curves import (
    allocation,
    dose_responses,
    event_studies,
    graph,
    specification_curves,
)
from analysis.report.plotly_style import (
    BAND,
    BLUE,
    GREY,
    HEADING,
    OCHRE,
    Document,
    document,
    errors,
    hover,
    safe,
    upright,
)

GRADE_LIMITS = (2.6, 3.0644, 3.5324)
GRADE_COLOURS = (("#b0480f", "#ffffff"), ("#f7cf9b", "#2b1c05"), ("#bcd7ec", "#10212f"), ("#1f5fa8", "#ffffff"))
"""Paper and ink of grades D, C, B, A, as on the page."""
ZERO_WIDTH = "\u200b"
"""Keeps units of the same name apart, which plotly would put into one row."""
STANDING_COLOURS = {"above": "#1f5fa8", "level": "#8a96a1", "below": "#c9741c", "none": "#c3ccd4"}
ROW_HEIGHT = 34


def figure(block: Block, lang: str) -> Document | None:
    """Return the block as a plotly document (``data``, ``layout``); None without data or for another kind."""
    made = DRAWN_BY_ID.get(block.id) or DRAWN.get(block.kind)
    return made(block, lang) if made else None


def _intervals(block: Block, lang: str) -> Document | None:
    """Return a forest; several groups become panels with axes of their own, for their units differ."""
    groups = [group for group in block.data["groups"] if group["rows"]]
    if len(groups) < 2:
        rows = [{**row, "name": safe(row["label"], lang), "places": g["places"]} for g in groups for row in g["rows"]]
        return _forest(block, lang, [row for row in rows if i18n.is_number(row["estimate"])])
    data: list[Document] = []
    layout: Document = {"showlegend": False, "annotations": [], "shapes": []}
    heights = [len(group["rows"]) + 2.8 for group in groups]
    for i, group in enumerate(groups):
        rows = [{**row, "name": safe(row["label"], lang), "places": group["places"]} for row in group["rows"]]
        data += _forest_traces(rows, lang, _axis_number(i))
        low, high = _domain(heights, i)
        layout |= _forest_axes(_axis_number(i), low, high, safe(group["unit"], lang), rows)
        layout["annotations"].append(_heading(safe(group["label"], lang), high))
        layout["shapes"].append({**upright(0), "xref": f"x{_axis_number(i)}", "y0": low, "y1": high})
    return document(block, lang, data, round(80 + ROW_HEIGHT * sum(heights)), **layout)


def _domain(heights: Sequence[float], i: int) -> tuple[float, float]:
    """Return lower and upper end of a panel as shares of the figure, from the top."""
    whole = sum(heights)
    return round(1 - (sum(heights[: i + 1]) - 2.0) / whole, 6), round(1 - (sum(heights[:i]) + 0.6) / whole, 6)


def _forest_axes(mark: str, low: float, high: float, unit: str, rows: Sequence[Document]) -> Document:
    order = {"categoryorder": "array", "categoryarray": [row["name"] for row in reversed(rows)]}
    return {
        f"xaxis{mark}": {"anchor": f"y{mark}", "title": {"text": unit, "font": {"size": 12}}},
        f"yaxis{mark}": {"anchor": f"x{mark}", "domain": [low, high], "type": "category", **order},
    }


def _heading(text: str, y: float) -> Document:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom"}
    return place | {"text": text, "showarrow": False, "font": HEADING}


def _named(role: str) -> Callable[[Block, str], Document | None]:
    """Return the drawing of a list of effects that share one scale: cards of levers, scenarios."""

    def drawn(block: Block, lang: str) -> Document | None:
        rows = [row for row in block.data.get(role, ()) if i18n.is_number(row["estimate"])]
        return _forest(block, lang, [{**row, "name": safe(row["label"], lang)} for row in rows])

    return drawn


def _allocation(block: Block, lang: str) -> Document | None:
    return allocation(block, lang) or _named("scenarios")(block, lang)


def _forest(block: Block, lang: str, rows: Sequence[Document]) -> Document | None:
    if not rows:
        return None
    axis = {"automargin": True, "type": "category"}
    reference = block.data.get("reference", 0)
    lines = [upright(reference)] if reference is not None else []
    traces = _forest_traces(rows, lang, "")
    return document(block, lang, traces, 120 + ROW_HEIGHT * len(rows), yaxis=axis, shapes=lines, showlegend=False)


def _forest_traces(rows: Sequence[Document], lang: str, mark: str) -> list[Document]:
    """Return estimates with intervals from top to bottom; a range without an estimate is a bar."""
    shown = list(reversed(rows))
    known = [row for row in shown if i18n.is_number(row["estimate"])]
    ranges = [row for row in shown if not i18n.is_number(row["estimate"]) and i18n.is_number(row["conf_low"])]
    axes = {"type": "scatter", "xaxis": f"x{mark}", "yaxis": f"y{mark}", "hovertemplate": "%{text}<extra></extra>"}
    traces = [
        axes | {"mode": "lines", "x": [row["conf_low"], row["conf_high"]], "y": [row["name"]] * 2,
                "text": [f"{row['name']}: {i18n.interval(row['conf_low'], row['conf_high'], 2, lang)}"] * 2,
                "line": {"color": OCHRE, "width": 7}}
        for row in ranges
    ]  # fmt: skip
    points = axes | {
        "mode": "markers",
        "x": [row["estimate"] for row in known],
        "y": [row["name"] for row in known],
        "error_x": errors(known),
        "marker": {"color": BLUE, "size": 10},
        "text": [f"{row['name']}: {hover(row, row.get('places', 2), lang)}" for row in known],
    }
    return [points, *traces]


def _trend(block: Block, lang: str) -> Document | None:
    panels = block.data["panels"]
    if not panels:
        return None
    data: list[Document] = []
    layout: Document = {"showlegend": False, "annotations": []}
    for i, panel in enumerate(panels):
        data += [trace for series in panel["series"] for trace in _curves(series, _axis_number(i), lang)]
        layout |= _panel_axes(panel, i, len(panels))
        layout["annotations"].append(_panel_title(safe(panel["label"], lang), i, len(panels)))
    return document(block, lang, data, 120 + 260 * len(panels), **layout)


def _axis_number(panel: int) -> str:
    """Return the suffix that plotly gives to the axes of a panel: none for the first."""
    return str(panel + 1) if panel else ""


def _panel_axes(panel: Mapping[str, Any], i: int, n: int) -> Document:
    times = [short_period(at) for at in sorted({p["x"] for series in panel["series"] for p in series["points"]})]
    domain = [round(1 - (i + 0.86) / n, 6), round(1 - (i + 0.14) / n, 6)]
    mark = _axis_number(i)
    return {
        f"yaxis{mark}": {"domain": domain, "anchor": f"x{mark}"},
        f"xaxis{mark}": {"anchor": f"y{mark}", "type": "category", "categoryorder": "array", "categoryarray": times},
    }


def _panel_title(text: str, i: int, n: int) -> Document:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": round(1 - (i + 0.12) / n, 6)}
    return place | {"text": text, "showarrow": False, "xanchor": "left", "yanchor": "bottom", "font": HEADING}


def _curves(series: Mapping[str, Any], mark: str, lang: str) -> list[Document]:
    own, name = series["own"], safe(series["name"], lang)
    base = {"type": "scatter", "xaxis": f"x{mark}", "yaxis": f"y{mark}", "name": name}
    points = _with_gaps(series["points"])
    curve = base | {
        "mode": "lines+markers" if own else "lines",
        "x": [short_period(point["x"]) for point in points],
        "y": [point["y"] for point in points],
        "line": {"color": BLUE if own else GREY, "width": 3 if own else 1},
        "hovertemplate": "%{fullData.name}, %{x}: %{y}<extra></extra>",
    }
    return [*_band(series["points"], base), curve]


def _with_gaps(points: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the points with an empty one wherever another way of measuring begins, so that no line crosses it."""
    found: list[Mapping[str, Any]] = []
    for point in points:
        if found and found[-1].get("segment") != point.get("segment"):
            found.append({"x": point["x"], "y": None})
        found.append(point)
    return found


def _band(points: Sequence[Mapping[str, Any]], base: Document) -> list[Document]:
    known = [p for p in points if i18n.is_number(p.get("low")) and i18n.is_number(p.get("high"))]
    plain = base | {
        "mode": "lines",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "x": [short_period(p["x"]) for p in known],
    }
    lower = plain | {"y": [p["low"] for p in known]}
    upper = plain | {"y": [p["high"] for p in known], "fill": "tonexty", "fillcolor": BAND}
    return [lower, upper] if known else []


def _matrix(block: Block, lang: str) -> Document | None:
    """Return units by elements as tiles in the colours of their grades.

    Tiles are stacked bars: plotly's heat map writes style attributes, which the pages' policy refuses.
    """
    rows = list(reversed(block.data["rows"]))
    if not rows:
        return None
    names = [f"{escape(row['name'], quote=False)}{ZERO_WIDTH * place}" for place, row in enumerate(rows)]
    columns = block.data["columns"]
    labels = [f"{column['element']} {safe(column['short'], lang)}" for column in columns]
    data = [_tiles(rows, names, place, label, lang) for place, label in enumerate(labels)]
    ticks = {"tickvals": [place + 0.5 for place in range(len(labels))], "ticktext": labels, "side": "top"}
    axis = ticks | {"range": [0, len(labels)], "showgrid": False, "fixedrange": True}
    frame = {"barmode": "overlay", "bargap": 0.06, "showlegend": False, "xaxis": axis}
    return document(block, lang, data, 160 + ROW_HEIGHT * len(rows), **frame, yaxis={"type": "category"})


def _tiles(rows: Sequence[Mapping[str, Any]], names: Sequence[str], place: int, label: str, lang: str) -> Document:
    values = [row["values"][place] for row in rows]
    colours = [GRADE_COLOURS[sum(i18n.is_number(v) and v >= limit for limit in GRADE_LIMITS)] for v in values]
    shown = [i18n.number(value, 2, lang) for value in values]
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(names),
        "x": [0.96] * len(rows),
        "base": [place + 0.02] * len(rows),
        "name": label,
        "text": [i18n.number(value, 1, lang) for value in values],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textfont": {"color": [ink for _, ink in colours]},
        "marker": {"color": [paper for paper, _ in colours]},
        "hovertext": [
            f"{escape(row['name'], quote=False)}, {label}: {value} (n = {i18n.number(row['n'], 0, lang)})"
            for row, value in zip(rows, shown, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _map(block: Block, lang: str) -> Document | None:
    """Return regions as points and, where their boundaries are known, as areas coloured by standing.

    Areas are drawn as lines that are filled: plotly's own maps would fetch a world map from elsewhere.
    """
    points = block.data["points"]
    if not points:
        return None
    standing = {point["code"]: point["standing"] for point in points}
    areas = [_area(shape, standing.get(shape["code"], "none")) for shape in block.data.get("shapes", ())]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [point["longitude"] for point in points],
        "y": [point["latitude"] for point in points],
        "text": [f"{safe(point['name'], lang)}: {i18n.number(point['value'], 1, lang)}" for point in points],
        "marker": {"color": [STANDING_COLOURS[point["standing"]] for point in points], "size": 10,
                   "line": {"color": "#ffffff", "width": 1}},
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    hidden = {"visible": False}
    frame = {"xaxis": hidden, "yaxis": {**hidden, "scaleanchor": "x"}, "showlegend": False}
    return document(block, lang, [*areas, trace], 420, **frame)


def _area(shape: Mapping[str, Any], standing: str) -> Document:
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in shape["rings"]:
        corners = [*ring, ring[0]]
        x += [*(corner[0] for corner in corners), None]
        y += [*(corner[1] for corner in corners), None]
    plain = {"type": "scatter", "mode": "lines", "fill": "toself", "hoverinfo": "skip"}
    return plain | {"x": x, "y": y, "line": {"color": "#ffffff", "width": 1}, "fillcolor": STANDING_COLOURS[standing]}


DRAWN: dict[str, Callable[[Block, str], Document | None]] = {
    "intervals": _intervals,
    "verdicts": _named("cards"),
    "allocation": _allocation,
    "trend": _trend,
    "matrix": _matrix,
    "map": _map,
    "specification_curve": specification_curves,
    "dose_response": dose_responses,
    "event_study": event_studies,
    "graph": graph,
}
"""Kinds of blocks that have a plotly figure."""
DRAWN_BY_ID: dict[str, Callable[[Block, str], Document | None]] = {"best_use": allocation}
"""Blocks of another kind whose figures have a drawing."""
