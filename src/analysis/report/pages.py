"""Whole pages, as text: pure functions of blocks, language and context."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from analysis.report import i18n
from analysis.report.blocks import Block
from analysis.report.glossary import explained, glossary
from analysis.report.render import Sections, environment, sections_of
from analysis.report.sections import LEVERS, VERDICTS, IndexEntry
from analysis.report.styles import trimmed

LINKS = ("pdf", "docx", "xlsx", "zip", "interactive", "estimates", "claims", "dictionary", "annex", "manifest")
"""Links that a page may carry, in the order in which they are shown."""
SUMMARY = ("answer", "levers", "service_quality", "trend", "claims", "next_cycle", "priorities")
"""Sections of the printed summary, in this order."""
FOLDED = (
    "development",
    "official",
    "how_sure",
    "specification_curve",
    "dose_response",
    "event_study",
    "causal_graph",
    "data_quality",
    "method",
)
"""Sections of which a region's page shows title and lead first: a minute's reading, and all the rest on demand."""
STYLES = ("style.css", "site.css")
NEWEST = "newest.js"
"""Asks for the style sheet of newer releases when a page is there, so that it delays nothing."""
_BLOCKS = (
    "aside|body|caption|d[dlt]|details|div|fig(?:caption|ure)|footer|h\\d|head(?:er)?|html|li|link|main|meta|nav|[ou]l|p|"
    "section|summary|t(?:able|body|d|h|head|r)|title"
)
_BEFORE_BLOCKS = re.compile(rf"\n(?=</?(?:{_BLOCKS})\b)")
_BESIDE_BLOCKS = re.compile(rf"(</?(?:{_BLOCKS})\b[^>]*>)\n")
"""Ends of lines beside these elements are not shown."""
LIST_STYLES = (*STYLES, "lists.css")
"""Styles of pages with a map, a list of regions or a comparison; a region's report does without them."""


@dataclass(frozen=True)
class PageContext:
    """What a page has to know beside its blocks.

    Parameters
    ----------
    release
        Name of the release, for example ``"2025-S2-16c37841"``; empty for the report of a region, which is the same
        in every release in which nothing of it has changed.
    run_id
        Short hash of inputs, code and catalog; for the report of a region, of all that its bytes depend on.
    first_period, last_period
        Half-years that the study spans.
    synthetic
        Whether the data are made up; then every page says so in both languages.
    region_code, region_name, province
        The region; empty for pages of all regions.
    languages
        Address of this page in each language, relative to it; the page's own language included.
    index
        Address of the index page in this page's language; None on the index itself.
    synthesis
        Address of the synthesis page in this page's language, if there is one.
    links
        Addresses by name, see `LINKS`; those absent are not shown.
    compare
        Address of the comparison of regions in this page's language, if there is one.
    assets
        Path to the site's shared files, relative to the page.
    address
        Address of this page that never changes; absolute where the site is known.
    place
        The same, relative to the folder of all releases.
    site
        Path to the folder of all releases, relative to the page.
    newest_style
        Style sheet in that folder which shows the banner on pages that have been replaced.
    """

    release: str
    run_id: str
    first_period: str
    last_period: str
    synthetic: bool
    region_code: str = ""
    region_name: str = ""
    province: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    index: str | None = None
    synthesis: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    compare: str | None = None
    assets: str = "assets"
    address: str = ""
    place: str = ""
    site: str = ".."
    newest_style: str = ""

    @property
    def permalink(self) -> str:
        """Address of this page that never changes, relative to the page; ``""`` outside of a release."""
        return f"{self.site}/{self.place}" if self.place else ""

    @property
    def edition(self) -> str:
        """What tells this page from the one that replaces it: the release, or the report of a region."""
        return self.release or self.run_id


def region_page(blocks: Sequence[Block], lang: str, page: PageContext, sections: Sections | None = None) -> str:
    """Return the report of one region; it needs no script and no other file.

    Parameters
    ----------
    blocks
        Sections in reading order, as `analysis.report.blocks.collect` returns them.
    lang
        ``"id"`` or ``"en"``.
    page
        Region, release, links.
    sections
        The blocks as `sections_of` draws them, where another page shows them as well.
    """
    title = i18n.say("report.page.region_title", lang, region=page.region_name)
    drawn = sections or sections_of(blocks, lang)
    shown, terms = explained([(b, drawn[b.id].form(b.id in FOLDED)) for b in blocks], glossary(blocks, lang))
    return document("page_region", lang, page, title, blocks=blocks, sections=shown, terms=terms)


def summary_page(blocks: Sequence[Block], lang: str, page: PageContext) -> str:
    """Return the page that is printed: the sections of `SUMMARY` that the report has, set for at most four A4 pages."""
    title = i18n.say("report.page.region_title", lang, region=page.region_name)
    by_id = {block.id: block for block in blocks}
    shown = [by_id[name] for name in SUMMARY if name in by_id]
    styles = tuple(asset(name) for name in (*STYLES, "summary.css"))
    terms = glossary(blocks, lang)
    return document("page_summary", lang, page, title, styles=styles, sections=_fragments(shown, lang), terms=terms)


def citation(page: PageContext, lang: str) -> str:
    """Return how to cite a page: title, last half-year, release, result, permanent address; no day of reading."""
    name = page.region_name
    title = i18n.say("site.report_title", lang, region=name) if name else i18n.say("site.site_title", lang)
    values = {"title": title, "last": i18n.period_text(page.last_period, lang), "address": page.address}
    if page.release:
        return i18n.say("site.citation", lang, **values, release=page.release, run_id=page.run_id).strip()
    return i18n.say("site.citation_report", lang, **values, run_id=page.run_id).strip()


def synthesis_page(blocks: Sequence[Block], lang: str, page: PageContext) -> str:
    """Return the page that shows all regions side by side."""
    title = i18n.say("report.page.synthesis_title", lang)
    styles = tuple(map(asset, LIST_STYLES))
    return document(
        "page_synthesis", lang, page, title, styles=styles, blocks=blocks, sections=_fragments(blocks, lang)
    )


def index_page(
    entries: Sequence[IndexEntry],
    lang: str,
    page: PageContext,
    shapes: Sequence[Mapping[str, Any]] = (),
    failed: Sequence[IndexEntry] = (),
) -> str:
    """Return the index of a release: map, search, filter by province, one row a region.

    Search and filter are a small inline script; without it the list is complete and every link works.

    Parameters
    ----------
    entries, lang, page
        Regions, language and release.
    shapes
        Boundaries of regions, see `analysis.report.sections.boundary_shapes`; the map is of points without them.
    failed
        Regions whose report could not be made: they are named.
    """
    title = i18n.say("report.page.index_title", lang)
    provinces = sorted({(entry.province_code, entry.province) for entry in entries})
    return document(
        "page_index",
        lang,
        page,
        title,
        styles=tuple(map(asset, LIST_STYLES)),
        script=asset("index.js"),
        entries=entries,
        provinces=provinces,
        shapes=shapes,
        failed=", ".join(f"{entry.name} ({entry.code})" for entry in failed),
        axis=_index_axis(entries),
        tally=verdicts_by_lever(entries),
        n_known=sum(entry.places is not None for entry in entries),
    )


def verdicts_by_lever(entries: Sequence[IndexEntry]) -> dict[str, dict[str, int]]:
    """Return for each lever the number of regions by verdict, verdicts that do not occur left out."""
    found = {lever: Counter(entry.verdicts.get(lever, "no_data") for entry in entries) for lever in LEVERS}
    return {lever: {name: counts[name] for name in VERDICTS if counts[name]} for lever, counts in found.items()}


def _index_axis(entries: Sequence[IndexEntry]) -> Any:
    from analysis.report.figures import scale

    return scale([value for entry in entries for value in (entry.index, entry.conf_low, entry.conf_high)], count=3)


def _fragments(blocks: Sequence[Block], lang: str) -> list[tuple[Block, Markup]]:
    drawn = sections_of(blocks, lang)
    return [(block, drawn[block.id].form()) for block in blocks]


def document(
    name: str, lang: str, page: PageContext, title: str, styles: Sequence[str] = (), script: str = "", **values: Any
) -> str:
    """Return a page from the template `name` with its styles and script inline and a policy that allows only them."""
    html = (
        environment()
        .get_template(f"{name}.html.j2")
        .render(
            lang=lang,
            page=page,
            title=title,
            script=Markup(script),
            newest=Markup(asset(NEWEST)),
            citation=citation(page, lang),
            link_names=LINKS,
            **values,
        )
    )
    draws = "bundle" in values
    whole = "".join(styles or map(asset, STYLES))
    return _dressed(_tidy(html), whole, script, page, draws)


def _dressed(html: str, whole: str, script: str, page: PageContext, draws: bool) -> str:
    """Return a page with the styles that it needs and its policy, in the places that its template leaves empty."""
    style = whole if draws else trimmed(whole, html, script)
    policy = _policy(style, script, page, draws)
    before, styled, after = html.partition("<style></style>")
    head, told, title = before.partition('Policy" content="')
    return f"{head}{told}{policy}{title}{styled[:7]}{style}{styled[7:]}{after}"


def _policy(style: str, script: str, page: PageContext, draws: bool) -> str:
    """Return the policy of a page; the style sheet beside the releases is of the site itself, and asked for last."""
    scripts = [*([script] if script else []), *([asset(NEWEST)] if page.newest_style else [])]
    policy = drawing_policy(style, scripts) if draws else security_policy([style], scripts)
    return policy.replace("style-src ", "style-src 'self' ") if page.newest_style else policy


def security_policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy that allows exactly these inline styles and scripts and no request."""
    style = " ".join(_hash(text) for text in styles) or "'none'"
    script = " ".join(_hash(text) for text in scripts) or "'none'"
    rest = "img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; style-src {style}; script-src {script}; {rest}"


def drawing_policy(style: str, scripts: Sequence[str]) -> str:
    """Return the policy of a page with plotly.js from the site's own folder.

    plotly.js adds one empty style element and fills it through the object model, which needs no more than the hash of
    the empty text; it writes no style attribute while it draws the kinds of figures used here.
    """
    rest = "img-src data: blob:; base-uri 'none'; form-action 'none'"
    script = " ".join(_hash(text) for text in scripts)
    return f"default-src 'none'; style-src {_hash(style)} {_hash('')}; script-src 'self' {script}; {rest}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def asset(name: str) -> str:
    """Return a shared file of the pages as text, tidied as the page will be, so that its hash holds."""
    text = _tidy(files("analysis.report").joinpath("assets", name).read_text(encoding="utf-8")).strip()
    return text.replace("\n", "") if name.endswith(".css") else text


def _tidy(html: str) -> str:
    """Drop blank lines and indentation that the templates leave, outside of preformatted text."""
    parts = re.split(r"(<pre.*?</pre>)", html, flags=re.DOTALL)
    return "".join(part if part.startswith("<pre") else _squeezed(part) for part in parts)


def _squeezed(html: str) -> str:
    return _BESIDE_BLOCKS.sub(r"\1", _BEFORE_BLOCKS.sub("", _without_margins(html)))


def _without_margins(html: str) -> str:
    """Drop blank lines and the space beside line breaks: a pattern for that takes five times as long."""
    first, *rest = html.split("\n")
    if not rest:
        return html
    *middle, last = rest
    return "\n".join([first.rstrip(), *filter(None, map(str.strip, middle)), last.lstrip()])
