"""Plotly documents of the workbench: plain dicts in the project's template, so that two runs give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis import report
from analysis.report.plotly_style import BLUE, GREY, INK, RED

__all__ = ["BLUE", "GREY", "INK", "RED", "Figure", "document", "error_bars", "forest", "rounded", "zero_line"]

PLOTLY = "application/vnd.plotly.v1+json"
SIGNIFICANT_DIGITS = 4
ROW_HEIGHT = 30

Document = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A plotly document with its description in words.

    Parameters
    ----------
    document
        ``data`` and ``layout``.
    alt
        What the figure shows, for those who do not see it.
    """

    document: Mapping[str, Any]
    alt: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {PLOTLY: dict(self.document), "text/plain": self.alt}

    def output(self) -> dict[str, Any]:
        """Return the figure as a notebook output, for an `ipywidgets.Output`."""
        return {"output_type": "display_data", "data": self._repr_mimebundle_(), "metadata": {}}

    def __repr__(self) -> str:
        return self.alt


def document(data: Sequence[Document], lang: str, title: str, height: int, **layout: Any) -> Document:
    """Return traces with the project's layout.

    Parameters
    ----------
    data
        Traces.
    lang
        Language and number format.
    title
        Title; escaped, because plotly reads a little markup.
    height
        In pixels.
    layout
        Further fields of the layout.
    """
    template = report.plotly_template(lang)
    base: Document = {
        "title": {"text": escape(title, quote=False), "x": 0, "xanchor": "left"},
        "height": height,
        "margin": {"l": 20, "r": 20, "t": 60, "b": 50},
        "separators": template["layout"]["separators"],
        "showlegend": False,
        "template": template,
    }
    return {"data": list(data), "layout": base | layout}


def rounded(value: Any) -> float | None:
    """Return a figure with the digits that are drawn; more of them differ between processors."""
    if value is None or not math.isfinite(float(value)):
        return None
    return float(f"{float(value):.{SIGNIFICANT_DIGITS}g}") + 0.0


def error_bars(rows: Sequence[Mapping[Any, Any]], colour: str | Sequence[str] = GREY) -> Document:
    """Return error bars to ``conf_low`` and ``conf_high`` around ``estimate``."""
    above = [rounded(float(row["conf_high"]) - float(row["estimate"])) for row in rows]
    below = [rounded(float(row["estimate"]) - float(row["conf_low"])) for row in rows]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": colour, "width": 0}


def zero_line(axis: str = "x") -> Document:
    """Return the line of no effect across an axis."""
    other = "y" if axis == "x" else "x"
    ends = {f"{axis}0": 0, f"{axis}1": 0, f"{other}0": 0, f"{other}1": 1, f"{other}ref": "paper"}
    return {"type": "line", "line": {"dash": "dot", "color": GREY}, **ends}


def forest(rows: Sequence[Mapping[str, Any]], lang: str, title: str, alt: str, axis: str = "") -> Figure:
    """Draw estimates with their intervals, one below the other.

    Parameters
    ----------
    rows
        ``label, estimate, conf_low, conf_high``, and ``main`` where a row is to stand out; from top to bottom.
    lang, title, alt
        See `document`, `Figure`.
    axis
        Title of the axis.
    """
    shown = list(reversed(rows))
    colours = [BLUE if row.get("main", True) else GREY for row in shown]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [rounded(row["estimate"]) for row in shown],
        "y": [escape(str(row["label"]), quote=False) for row in shown],
        "marker": {"color": colours, "size": 10},
        "error_x": error_bars(shown),
    }
    layout = {"yaxis": {"automargin": True, "type": "category"}, "shapes": [zero_line()]}
    layout["xaxis"] = {"title": {"text": escape(axis, quote=False)}}
    return Figure(document([trace], lang, title, 130 + ROW_HEIGHT * len(shown), **layout), alt)
