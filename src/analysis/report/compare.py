"""Two to four regions side by side: a table of all regions, from which a small script takes those in the address."""

from __future__ import annotations

import json
from collections.abc import Sequence

from markupsafe import Markup

from analysis.messages import catalogue
from analysis.report import i18n
from analysis.report.pages import LIST_STYLES, PageContext, asset, document
from analysis.report.sections import LEVERS, ComparedRegion
from analysis.report.sections._common import ELEMENTS

MOST_REGIONS = 4
WORDS = "site.compare."
GAP = "-"


def compare_page(regions: Sequence[ComparedRegion], lang: str, page: PageContext) -> str:
    """Return the page that compares regions chosen by its address (``?r=82,15.09``).

    All figures stand in the page's own table, so that it reads without script and works from a disk.

    Parameters
    ----------
    regions
        All regions of the release, sorted by code.
    lang, page
        As for `analysis.report.pages.region_page`.
    """
    title = i18n.say("site.compare.title", lang)
    periods = sorted({period for region in regions for period in region.history})
    return document(
        "page_compare",
        lang,
        page,
        title,
        styles=tuple(map(asset, LIST_STYLES)),
        script=asset("compare.js"),
        regions=regions,
        elements=ELEMENTS,
        levers=LEVERS,
        periods=periods,
        shown_periods=[i18n.period_text(period, lang) for period in periods],
        words=_words(lang),
        packed=packed,
    )


def packed(region: ComparedRegion, periods: Sequence[str]) -> dict[str, str]:
    """Return a region's figures as short text for the script, by name of the attribute; a gap is a dash."""
    levers = [region.levers[lever] for lever in LEVERS]
    return {
        "i": _numbers([region.index, region.conf_low, region.conf_high], 3),
        "h": _numbers([region.history.get(period) for period in periods], 2),
        "e": _numbers(region.elements, 2),
        "l": _numbers([row[name] for row in levers for name in ("estimate", "conf_low", "conf_high")], 3),
    }


def _numbers(values: Sequence[float | None], places: int) -> str:
    return " ".join(GAP if value is None else f"{value:.{places}f}".rstrip("0").rstrip(".") for value in values)


def _words(lang: str) -> Markup:
    """Return the texts that the script needs, as JSON that cannot end the element that holds it."""
    texts = catalogue(lang)
    held = {key.removeprefix(WORDS): text for key, text in texts.items() if key.startswith(WORDS)}
    held |= {f"lever_{lever}": i18n.sentence({"key": f"report.lever.{lever}", "values": {}}, lang) for lever in LEVERS}
    made = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(made.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
