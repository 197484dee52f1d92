"""The figures of a report as one interactive page that works offline: hover, zoom, filter, download.

plotly.js lies once per site in ``assets/``; the figures are plain JSON in the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from analysis.report import i18n
from analysis.report.blocks import Block
from analysis.report.pages import STYLES, PageContext, asset, document
from analysis.report.plotly_figures import figure

BUNDLE = "plotly.min.js"


@cache
def plotly_bundle() -> str:
    """Return plotly.js of the installed plotly, to be written once per site as ``assets/`` + `BUNDLE`."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


@cache
def own_styles() -> tuple[str, ...]:
    """Return the ids of style sheets that plotly.js adds as it is read, unless the page has an element of that id.

    They are for maps in tiles, which no figure here uses; the page's policy would refuse them with a message.
    """
    return tuple(sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', plotly_bundle()))))


def interactive_page(blocks: Sequence[Block], lang: str, page: PageContext) -> str:
    """Return the interactive page of a region; it needs the site's `BUNDLE`, and no network.

    Parameters
    ----------
    blocks, lang, page
        As for `analysis.report.pages.region_page`.
    """
    drawn = [(block, figure(block, lang)) for block in blocks]
    figures = [(block, _json(made)) for block, made in drawn if made is not None]
    title = i18n.say("report.interactive.title", lang, region=page.region_name)
    styles = tuple(asset(name) for name in (*STYLES, "interactive.css"))
    bundle = f"{page.assets}/{BUNDLE}"
    return document(
        "page_interactive",
        lang,
        page,
        title,
        styles=styles,
        script=asset("interactive.js"),
        bundle=bundle,
        own_styles=own_styles(),
        figures=figures,
    )


def _json(made: Any) -> Markup:
    """Return JSON that cannot end the element that holds it."""
    text = json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
