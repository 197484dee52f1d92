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

BLUE, GREY, ORANGE = "#0a5a94", "#7d8a96", "#b0480f"
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


def _verdicts(block: Block, lang: str) -> Document | None:
    rows = block.data.get("cards") or block.data.get("rows") or []
    return _forest(block, lang, [{**r, "name": _safe(r["label"], lang)} for r in rows if i18n.is_number(r["estimate"])])


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
    layout: Document = {"showlegend": False}
    for i, panel in enumerate(panels, start=1):
        data += [_curve(series, i, lang) for series in panel["series"]]
        span = [1 - i / len(panels) + 0.06 / len(panels), 1 - (i - 1) / len(panels) - 0.14 / len(panels)]
        layout[f"yaxis{i}"] = {"domain": [round(x, 6) for x in span], "title": {"text": _safe(panel["label"], lang)}}
        times = sorted({point["x"] for series in panel["series"] for point in series["points"]})
        layout[f"xaxis{i}"] = {"anchor": f"y{i}", "type": "category", "categoryarray": times}
    return _document(block, lang, data, 120 + 260 * len(panels), **layout)


def _curve(series: Mapping[str, Any], panel: int, lang: str) -> Document:
    own, points = series["own"], series["points"]
    trace: Document = {
        "type": "scatter",
        "mode": "lines+markers" if own else "lines",
        "name": _safe(series["name"], lang),
        "x": [],
        "y": [],
        "xaxis": f"x{panel}",
        "yaxis": f"y{panel}",
        "line": {"color": BLUE if own else GREY, "width": 3 if own else 1},
        "hovertemplate": "%{fullData.name}, %{x}: %{y}<extra></extra>",
    }
    before = None
    for point in points:
        if before is not None and before.get("segment") != point.get("segment"):
            trace["x"].append(point["x"])
            trace["y"].append(None)
        trace["x"].append(point["x"])
        trace["y"].append(point["y"])
        before = point
    return trace


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
    "verdicts": _verdicts,
    "trend": _trend,
    "matrix": _matrix,
    "map": _map,
}
"""Kinds of blocks that have a plotly figure."""
