"""What belongs to all regions of a release: index, comparison, synthesis, description, sitemap and feed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.batch import Outcome
from analysis.messages import LANGUAGES, Message
from analysis.publish.facts import last_day, study_context
from analysis.publish.manifest import release_description
from analysis.publish.names import COMPARE_PAGES, INDEX_PAGES, REGION_PAGES, SYNTHESIS_PAGES
from analysis.publish.release import NEWEST_STYLE, RELEASE_FILE, write_text
from analysis.publish.settings import permanent_address, release_place
from analysis.publish.tables import to_json
from analysis.report.blocks import collect
from analysis.report.compare import compare_page
from analysis.report.interactive import BUNDLE, plotly_bundle
from analysis.report.pages import PageContext, index_page, synthesis_page
from analysis.report.sections import IndexEntry, boundary_shapes, compared_regions, index_entries

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan


def write_site(planned: Plan, outcomes: Sequence[Outcome], draft: Path) -> None:
    """Write what belongs to all regions into `draft`, the release in the making."""
    published = {outcome.name for outcome in outcomes if outcome.path}
    all_entries = [entry for entry in index_entries(planned.results) if entry.code in planned.regions]
    entries = [entry for entry in all_entries if entry.code in published]
    failed = [entry for entry in all_entries if entry.code not in published]
    compared = [row for row in compared_regions(planned.results) if row.code in published]
    synthesis = next(Path(str(outcome.path)) for outcome in outcomes if outcome.name == "synthesis")
    blocks = collect(json.loads(synthesis.read_text(encoding="utf-8")))
    for lang in LANGUAGES:
        index, together = _context(planned, INDEX_PAGES, lang), _context(planned, SYNTHESIS_PAGES, lang)
        shapes = boundary_shapes(planned.results)
        write_text(draft / INDEX_PAGES[lang], index_page(entries, lang, index, shapes, failed))
        write_text(draft / SYNTHESIS_PAGES[lang], synthesis_page(blocks, lang, together))
        write_text(draft / COMPARE_PAGES[lang], compare_page(compared, lang, _context(planned, COMPARE_PAGES, lang)))
    write_text(draft / RELEASE_FILE, to_json(release_description(planned, outcomes, _reports(draft, entries))))
    write_text(draft / "sitemap.xml", sitemap(planned, [entry.code for entry in entries]))
    write_text(draft / "feed.xml", feed(planned))


def _reports(draft: Path, entries: Sequence[IndexEntry]) -> dict[str, str]:
    """Return the number of the report of each region, as its manifest says."""
    found = {entry.code: (draft / entry.code / "manifest.json").read_text(encoding="utf-8") for entry in entries}
    return {code: str(json.loads(text)["run_id"]) for code, text in found.items()}


def _context(planned: Plan, pages: dict[str, str], lang: str) -> PageContext:
    """Return what a page of all regions has to know; a page has no link to itself."""
    shown = {"index": INDEX_PAGES, "synthesis": SYNTHESIS_PAGES, "compare": COMPARE_PAGES}
    links: dict[str, Any] = {name: None if other is pages else other[lang] for name, other in shown.items()}
    place = release_place(planned, pages[lang])
    return PageContext(
        **study_context(planned),
        **links,
        release=planned.target.name,
        run_id=str(planned.results.meta["run_id"]),
        languages=pages,
        address=permanent_address(planned.study, place),
        place=place,
        site="..",
        newest_style=NEWEST_STYLE,
    )


def write_library(draft: Path) -> None:
    """Write plotly.js, once for all interactive pages of the site."""
    write_text(draft / "assets" / BUNDLE, plotly_bundle())


def sitemap(planned: Plan, codes: Sequence[str]) -> str:
    """Return the permanent addresses of all pages, absolute where the study declares its site."""
    names = [*INDEX_PAGES.values(), *SYNTHESIS_PAGES.values(), *COMPARE_PAGES.values()]
    names += [f"{code}/{name}" for code in codes for name in REGION_PAGES.values()]
    dated = "{:04d}-{:02d}-{:02d}".format(*last_day(planned.results.meta["last_period"]))
    addresses = [permanent_address(planned.study, release_place(planned, name)) for name in names]
    lines = "".join(f"  <url><loc>{escape(one)}</loc><lastmod>{dated}</lastmod></url>\n" for one in addresses)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{lines}</urlset>\n'


def feed(planned: Plan) -> str:
    """Return an Atom feed with the release as its entry, dated at the end of the last half-year (no clock is read)."""
    meta = planned.results.meta
    return atom_feed([entry_of(planned.target.name, meta["last_period"], len(planned.regions), "index.html")])


def entry_of(release: str, last_period: str, n_regions: int, href: str) -> dict[str, Any]:
    """Return what a feed tells of a release."""
    updated = "{:04d}-{:02d}-{:02d}T00:00:00Z".format(*last_day(last_period))
    return {"release": release, "updated": updated, "n": n_regions, "href": href}


def atom_feed(entries: Sequence[dict[str, Any]]) -> str:
    """Return an Atom feed of releases, in the order given; its own id is the same in all of them."""
    title = escape(Message("site.feed_title").id)
    newest = max((entry["updated"] for entry in entries), default="1980-01-01T00:00:00Z")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id">\n'
        f"  <title>{title}</title>\n  <id>urn:pembinaan:releases</id>\n  <updated>{newest}</updated>\n"
        f"  <author><name>Pembinaan</name></author>\n{''.join(map(_entry, entries))}</feed>\n"
    )


def _entry(entry: dict[str, Any]) -> str:
    name = escape(entry["release"])
    summary = escape(Message("site.feed_summary", {"n": entry["n"]}).id)
    return (
        f"  <entry>\n    <title>{name}</title>\n    <id>urn:pembinaan:{name}:index</id>\n"
        f'    <updated>{entry["updated"]}</updated>\n    <link href="{escape(entry["href"], quote=True)}"/>\n'
        f"    <summary>{summary}</summary>\n  </entry>\n"
    )
