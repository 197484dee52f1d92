"""The same figures as plotly documents, for JupyterLab and the interactive page.

Plain dicts are written instead of plotly objects: no binary arrays, no random ids, no template, equal in every run.
Texts from data are escaped, because plotly reads a little markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from analysis.report import i18n
from analysis.report.blocks import Block

BLUE, GREY = "#2b7fc0", "#7d8a96"
GRADE_COLOURS = [[0, "#b0480f"], [0.5, "#f7cf9b"], [0.75, "#bcd7ec"], [1, "#1f5fa8"]]
ROW_HEIGHT = 34

Document = dict[str, Any]


def figure(block: Block, lang: str) -> Document | None:
    """Return the block as a plotly document (``data``, ``layout``); None without data or for another kind."""
    made = DRAWN.get(block.kind)
    return made(block, lang) if made else None


def _document(block: Block, lang: str, data: list[Document], height: int, **layout: Any) -> Document:
    separators = ",." if lang == "id" else ".,"
    base = {
        "title": {"text": _safe(block.text["title"], lang), "x": 0, "xanchor": "left"},
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 60, "b": 50},
        "separators": separators,
        "plot_bgcolor": "rgba(0,0,0,0)",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
    }
    return {"data": data, "layout": base | layout}


def _safe(value: Any, lang: str) -> str:
    return escape(i18n.sentence(value, lang), quote=False)


def _intervals(block: Block, lang: str) -> Document | None:
    rows = [(group, row) for group in block.data["groups"] for row in group["rows"]]
    rows = [(group, row) for group, row in rows if i18n.is_number(row["estimate"])]
    return _forest(block, lang, [_row(group, row, lang, len(block.data["groups"])) for group, row in rows])


def _row(group: Mapping[str, Any], row: Mapping[str, Any], lang: str, n_groups: int) -> Document:
    name = _safe(row["label"], lang)
    return {**row, "name": f"{_safe(group['label'], lang)}: {name}" if n_groups > 1 else name}


def _named(role: str) -> Callable[[Block, str], Document | None]:
    """Return the drawing of a list of effects that share one scale: cards of levers, scenarios."""

    def drawn(block: Block, lang: str) -> Document | None:
        rows = [row for row in block.data.get(role, ()) if i18n.is_number(row["estimate"])]
        return _forest(block, lang, [{**row, "name": _safe(row["label"], lang)} for row in rows])

    return drawn


def _forest(block: Block, lang: str, rows: Sequence[Document]) -> Document | None:
    if not rows:
        return None
    shown = list(reversed(rows))
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["estimate"] for row in shown],
        "y": [row["name"] for row in shown],
        "error_x": _errors(shown),
        "marker": {"color": BLUE, "size": 10},
        "text": [f"{row['name']}: {_with_interval(row, lang)}" for row in shown],
        "hovertemplate": "%{text}<extra></extra>",
    }
    axis = {"automargin": True, "type": "category"}
    reference = block.data.get("reference", 0)
    lines = [_reference(reference)] if reference is not None else []
    return _document(block, lang, [trace], 120 + ROW_HEIGHT * len(shown), yaxis=axis, shapes=lines)


def _errors(rows: Sequence[Document]) -> Document:
    above = [_gap(row["estimate"], row["conf_high"]) for row in rows]
    below = [_gap(row["conf_low"], row["estimate"]) for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "color": BLUE,
        "thickness": 3,
        "width": 0,
    }


def _gap(low: float | None, high: float | None) -> float | None:
    return round(high - low, 6) if low is not None and high is not None else None


def _with_interval(row: Mapping[str, Any], lang: str) -> str:
    return f"{i18n.number(row['estimate'], 2, lang)} ({i18n.interval(row['conf_low'], row['conf_high'], 2, lang)})"


def _reference(at: float) -> Document:
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"dash": "dot", "color": GREY},
    }


def _trend(block: Block, lang: str) -> Document | None:
    panels = block.data["panels"]
    if not panels:
        return None
    data: list[Document] = []
    layout: Document = {"showlegend": False, "annotations": []}
    for i, panel in enumerate(panels):
        data += [trace for series in panel["series"] for trace in _curves(series, _axis_number(i), lang)]
        layout |= _panel_axes(panel, i, len(panels))
        layout["annotations"].append(_panel_title(_safe(panel["label"], lang), i, len(panels)))
    return _document(block, lang, data, 120 + 260 * len(panels), **layout)


def _axis_number(panel: int) -> str:
    """Return the suffix that plotly gives to the axes of a panel: none for the first."""
    return str(panel + 1) if panel else ""


def _panel_axes(panel: Mapping[str, Any], i: int, n: int) -> Document:
    times = sorted({point["x"] for series in panel["series"] for point in series["points"]})
    domain = [round(1 - (i + 0.86) / n, 6), round(1 - (i + 0.14) / n, 6)]
    mark = _axis_number(i)
    return {
        f"yaxis{mark}": {"domain": domain, "anchor": f"x{mark}"},
        f"xaxis{mark}": {"anchor": f"y{mark}", "type": "category", "categoryorder": "array", "categoryarray": times},
    }


def _panel_title(text: str, i: int, n: int) -> Document:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": round(1 - (i + 0.12) / n, 6)}
    return place | {"text": f"<b>{text}</b>", "showarrow": False, "xanchor": "left", "yanchor": "bottom"}


def _curves(series: Mapping[str, Any], mark: str, lang: str) -> list[Document]:
    own, name = series["own"], _safe(series["name"], lang)
    base = {"type": "scatter", "xaxis": f"x{mark}", "yaxis": f"y{mark}", "name": name}
    points = _with_gaps(series["points"])
    curve = base | {
        "mode": "lines+markers" if own else "lines",
        "x": [point["x"] for point in points],
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
    plain = base | {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "x": [p["x"] for p in known]}
    lower = plain | {"y": [p["low"] for p in known]}
    upper = plain | {"y": [p["high"] for p in known], "fill": "tonexty", "fillcolor": "rgba(43,127,192,.18)"}
    return [lower, upper] if known else []


def _matrix(block: Block, lang: str) -> Document | None:
    rows = list(reversed(block.data["rows"]))
    if not rows:
        return None
    trace = {
        "type": "heatmap",
        "x": [f"{column['element']} {_safe(column['short'], lang)}" for column in block.data["columns"]],
        "y": [escape(row["name"], quote=False) for row in rows],
        "z": [row["values"] for row in rows],
        "zmin": 1,
        "zmax": 4,
        "colorscale": GRADE_COLOURS,
        "hovertemplate": "%{y}, %{x}: %{z:.2f}<extra></extra>",
    }
    return _document(block, lang, [trace], 160 + ROW_HEIGHT * len(rows), yaxis={"automargin": True})


def _map(block: Block, lang: str) -> Document | None:
    points = block.data["points"]
    if not points:
        return None
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [point["longitude"] for point in points],
        "y": [point["latitude"] for point in points],
        "text": [escape(point["name"], quote=False) for point in points],
        "marker": {"color": [point["value"] for point in points], "colorscale": "Cividis", "size": 10},
        "hovertemplate": "%{text}: %{marker.color:.1f}<extra></extra>",
    }
    return _document(block, lang, [trace], 420, yaxis={"scaleanchor": "x"})


DRAWN: dict[str, Callable[[Block, str], Document | None]] = {
    "intervals": _intervals,
    "verdicts": _named("cards"),
    "allocation": _named("scenarios"),
    "trend": _trend,
    "matrix": _matrix,
    "map": _map,
}
"""Kinds of blocks that have a plotly figure."""
