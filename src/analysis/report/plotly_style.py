"""One look for every plotly figure: colours that all readers can tell apart, number formats of the language."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from analysis.report import i18n
from analysis.report.blocks import Block

BLUE, GREY, ORANGE, GREEN, RED, OCHRE = "#0a5a94", "#7d8a96", "#d98324", "#00664a", "#a8380a", "#8a7420"
COLOURWAY = (BLUE, ORANGE, GREEN, GREY, RED, OCHRE)
"""In this order any two neighbours differ in lightness too, so that they survive a grey printer."""
BAND, PALE_BAND = "rgba(43,127,192,.30)", "rgba(43,127,192,.14)"
INK, GRID = "#15202b", "rgba(128,140,150,.3)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"
HEADING = {"size": 15, "weight": 700}
"""Of a panel; a bold tag in the text would become a style attribute, which the pages' policy refuses."""
SEPARATORS = {"id": ",.", "en": ".,"}

Document = dict[str, Any]


def plotly_template(lang: str = "id") -> Document:
    """Return the project's plotly template as plain data.

    Use it for figures of one's own, so that they look like those of a report::

        figure.update_layout(template=report.plotly_template("id"))

    Parameters
    ----------
    lang
        ``"id"`` writes 1.234,5 and ``"en"`` 1,234.5.

    Returns
    -------
    dict
        ``layout`` and ``data``, as plotly wants them; white paper, so that it can be read in dark surroundings too.
    """
    axis = {"automargin": True, "gridcolor": GRID, "zeroline": False, "linecolor": GREY, "ticks": ""}
    return {
        "layout": {
            "colorway": list(COLOURWAY),
            "font": {"family": FONT, "size": 14, "color": INK},
            "title": {"x": 0, "xanchor": "left", "font": {"size": 17}},
            "separators": SEPARATORS[lang],
            "paper_bgcolor": "#ffffff",
            "plot_bgcolor": "#ffffff",
            "hovermode": "closest",
            "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
            "margin": {"l": 60, "r": 20, "t": 60, "b": 50},
            "xaxis": axis,
            "yaxis": axis,
            "legend": {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top"},
            "colorscale": {"sequential": "Cividis", "diverging": "RdBu"},
        },
        "data": {"scatter": [{"type": "scatter", "marker": {"size": 9}, "line": {"width": 2}}]},
    }


def document(block: Block, lang: str, data: list[Document], height: int, **layout: Any) -> Document:
    """Return a whole plotly document of a block, its description in ``layout.meta``."""
    base = {
        "title": {"text": safe(block.text["title"], lang)},
        "height": height,
        "template": plotly_template(lang),
        "separators": SEPARATORS[lang],
        "meta": {"alt": str(i18n.sentence(block.alt, lang))},
    }
    return {"data": data, "layout": base | layout}


def safe(value: Any, lang: str) -> str:
    """Return text that plotly shows as it is: it reads a little markup."""
    return escape(i18n.sentence(value, lang), quote=False)


def hover(row: Mapping[str, Any], places: int, lang: str) -> str:
    """Return value, interval, sample and row of estimates.csv of an estimate, as far as they are known."""
    values: dict[str, Any] = {
        "value": i18n.number(row["estimate"], places, lang),
        "interval": i18n.interval(row.get("conf_low"), row.get("conf_high"), min(places, 2), lang),
    }
    if row.get("row") and i18n.is_number(row.get("n_units")):
        return i18n.say("report.figure.hover", lang, **values, n=row["n_units"], row=row["row"])
    if row.get("row"):
        return i18n.say("report.figure.hover_plain", lang, **values, row=row["row"])
    return f"{values['value']} ({values['interval']})"


def upright(x: float, dash: str = "dot", colour: str = GREY) -> Document:
    """Return a line across the whole height of a figure with one panel."""
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **ends, "line": {"dash": dash, "color": colour}}


def errors(rows: list[Document], colour: str = BLUE, thickness: int = 3) -> Document:
    """Return intervals as plotly's error bars, missing where a bound is."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_gap(row["estimate"], row["conf_high"]) for row in rows],
        "arrayminus": [_gap(row["conf_low"], row["estimate"]) for row in rows],
        "color": colour,
        "thickness": thickness,
        "width": 0,
    }


def _gap(low: float | None, high: float | None) -> float | None:
    return round(high - low, 6) if low is not None and high is not None else None
