"""Blocks as HTML: everything that comes from data is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from string import ascii_lowercase
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES, Message, format_value
from analysis.report import figures, i18n
from analysis.report.blocks import Block
from analysis.report.sections import VERDICTS, IndexEntry

BY_ID = {
    "answer": "answer",
    "best_use": "best_use",
    "development": "development",
    "levers": "cards",
    "claims": "claims",
    "service_quality": "quality",
    "curriculum": "curriculum",
    "data_quality": "findings",
    "estimate_rows": "estimates",
    "synthesis_verdicts": "tally",
}
"""Blocks with a template of their own; the others use that of their kind."""
BY_KIND = {"verdicts": "claims"}
"""Kinds whose template has another name."""
SHOWN_UNITS = 8
"""Units in a list on a page, the most telling first; all of them are in the Excel file: a page has to stay light."""
GRADE_LIMITS = (2.6, 3.0644, 3.5324)
"""Lowest mean of grades C, B and A on the scale of the elements (Permenpan RB 14/2017)."""


@dataclass(frozen=True)
class Marks:
    """Comments, which no text from data can hold, around a part of a section that only one of its two forms shows."""

    opens: Markup
    closes: Markup

    def without_part(self, html: str) -> str:
        """Return a section without what stands between them."""
        return re.sub(f"{self.opens}.*?{self.closes}", "", html, flags=re.DOTALL)

    def with_part(self, html: str) -> str:
        """Return a section with it, and without the marks."""
        return html.replace(self.opens, "").replace(self.closes, "")


FOLDED = Marks(Markup("<!--folded-->"), Markup("<!--/folded-->"))
UNFOLDED = Marks(Markup("<!--unfolded-->"), Markup("<!--/unfolded-->"))


@dataclass(frozen=True)
class Drawn:
    """A section of HTML without styles, drawn once for all pages that show it; `html` holds both of its forms."""

    html: str

    def form(self, folded: bool = False) -> Markup:
        """Return the section; `folded` shows title and lead, and the rest when asked for."""
        shown, left_out = (FOLDED, UNFOLDED) if folded else (UNFOLDED, FOLDED)
        return Markup(shown.with_part(left_out.without_part(self.html)))


Sections = Mapping[str, Drawn]
"""The sections of a report in one language, by the id of their block."""


def draw(block: Block, lang: str) -> Drawn:
    """Return a block as a section."""
    name = BY_ID.get(block.id) or BY_KIND.get(block.kind, block.kind)
    template = environment().get_template(f"block_{name}.html.j2")
    return Drawn(template.render(block=block, lang=lang, data=block.data, text=block.text))


def sections_of(blocks: Sequence[Block], lang: str) -> Sections:
    """Return the sections of a report."""
    return {block.id: draw(block, lang) for block in blocks}


def fragment(block: Block, lang: str, folded: bool = False) -> Markup:
    """Return a block as a section of HTML without styles; `folded` shows title and lead, the rest when asked for."""
    return draw(block, lang).form(folded)


@cache
def environment() -> Environment:
    """Return the templates with autoescape, strict about names."""
    env = Environment(
        loader=PackageLoader("analysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {"t": _text, "sentence": _sentence, "num": _number, "signed": _signed, "period": _period}
    env.filters["cell"] = _cell
    env.globals |= {
        "folded": FOLDED,
        "unfolded": UNFOLDED,
        "say": _say,
        "site": _site,
        "in_language": _in_language,
        "interval": _interval,
        "fig": figures,
        "grade_limits": GRADE_LIMITS,
        "shown_units": SHOWN_UNITS,
        "grade_of": grade_of,
        "axis_of": axis_of,
        "use_axis": use_axis,
        "x_values": x_values,
        "by_time": by_time,
        "letters_by_rank": letters_by_rank,
        "map_points": map_points,
        "shown_points": shown_points,
        "archipelago": archipelago,
        "node_name": node_name,
        "letters": ascii_lowercase,
        "all_languages": LANGUAGES,
        "all_verdicts": VERDICTS,
    }
    return env


def grade_of(value: float | None) -> str:
    """Return the grade of an element's mean for its colour, ``""`` where it is missing."""
    if not i18n.is_number(value):
        return ""
    return "DCBA"[sum(value >= limit for limit in GRADE_LIMITS)]


def axis_of(rows: list[Mapping[str, Any]], reference: float | None) -> figures.Scale:
    """Return one axis for rows of estimates with intervals."""
    return figures.scale([row[key] for row in rows for key in ("estimate", "conf_low", "conf_high")] + [reference])


def use_axis(rows: Sequence[Mapping[str, Any]]) -> figures.Scale:
    """Return one axis from zero for hours now and as advised."""
    return figures.scale([0.0, *(row[key] for row in rows for key in ("hours_now", "hours"))])


def x_values(panel: Mapping[str, Any]) -> list[str]:
    """Return the times of a trend panel in order."""
    return sorted({point["x"] for series in panel["series"] for point in series["points"]})


def by_time(series: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the points of a series by their time."""
    return {point["x"]: point for point in series["points"]}


def letters_by_rank(group: Mapping[str, Any]) -> dict[Any, list[str]]:
    """Return for each point of a specification curve the letters of its options, one string a choice."""
    chosen: dict[Any, list[str]] = {}
    for choice in group["choices"]:
        letters: dict[Any, str] = {}
        for letter, option in zip(ascii_lowercase, choice["options"], strict=False):
            letters |= {rank: letters.get(rank, "") + letter for rank in option["ranks"]}
        for point in group["points"]:
            chosen.setdefault(point["x"], []).append(letters.get(point["x"], ""))
    return chosen


def map_points(entries: Sequence[IndexEntry], lang: str) -> list[dict[str, Any]]:
    """Return the regions of an index as points of the map, in the order of the list."""
    return shown_points([{**asdict(entry), "value": entry.index} for entry in entries], lang)


def shown_points(points: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Return points with the colour class of their standing and a title."""
    return [
        {
            "code": point["code"],
            "longitude": point["longitude"],
            "latitude": point["latitude"],
            "css": f"s-{point['standing']}",
            "title": f"{point['name']}: {i18n.number(point['value'], 1, lang)}",
        }
        for point in points
    ]


def node_name(data: Mapping[str, Any], name: str, lang: str) -> str:
    """Return the name of a node of a causal graph, by its id."""
    return figures.name_of(next(node for node in data["nodes"] if node["id"] == name), lang)


@cache
def archipelago() -> tuple[tuple[float, float], ...]:
    """Return longitude and latitude of every region of the catalog: together they draw the country."""
    return tuple((region.longitude, region.latitude) for region in load_catalog().regions.values())


@pass_context
def _text(context: Context, value: Any) -> str:
    return str(i18n.resolve(value, context["lang"]))


@pass_context
def _sentence(context: Context, value: Any) -> str:
    return i18n.sentence(value, context["lang"])


@pass_context
def _number(context: Context, value: Any, places: int = 1) -> str:
    return i18n.number(value, places, context["lang"])


@pass_context
def _signed(context: Context, value: Any, places: int = 1) -> str:
    return i18n.number(value, places, context["lang"], signed=True)


@pass_context
def _period(context: Context, value: Any) -> str:
    return i18n.period_text(value, context["lang"])


@pass_context
def _cell(context: Context, value: Any, form: str) -> str:
    """Return a cell of a plain table: a number in its format, anything else as text."""
    if form == "text":
        return str(i18n.resolve(value, context["lang"]))
    return format_value(value, form, context["lang"])


@pass_context
def _interval(context: Context, low: Any, high: Any, places: int = 1) -> str:
    return i18n.interval(low, high, places, context["lang"])


@pass_context
def _say(context: Context, key: str, **values: Any) -> str:
    return str(i18n.resolve(Message(f"report.{key}", values), context["lang"]))


@pass_context
def _site(context: Context, key: str, **values: Any) -> str:
    return str(i18n.resolve(Message(f"site.{key}", values), context["lang"]))


def _in_language(key: str, lang: str) -> str:
    """Return the text ``site.<key>`` in a language that need not be the page's own."""
    return Message(f"site.{key}").text(lang)
