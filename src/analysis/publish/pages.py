"""The files of one region: pages, tables, documents to pass on, manifest, and all of them in one zip."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.batch import Outcome
from analysis.catalog import load_catalog
from analysis.exports import DICTIONARY, Printer, dictionary_rows, document_of, excel_workbook, word_document
from analysis.exports.archive import write_archive
from analysis.messages import LANGUAGES, Message
from analysis.publish.facts import last_day, study_context
from analysis.publish.manifest import region_manifest
from analysis.publish.names import (
    ANNEX_PAGES,
    COMPARE_PAGES,
    INDEX_PAGES,
    INTERACTIVE_PAGES,
    REGION_PAGES,
    SYNTHESIS_PAGES,
    named,
)
from analysis.publish.release import write_text
from analysis.publish.settings import permanent_address, report_place, report_style
from analysis.publish.tables import region_claims, region_estimates, to_csv, to_json
from analysis.report import i18n
from analysis.report.annex import annex_pages
from analysis.report.blocks import Block, collect
from analysis.report.interactive import interactive_page
from analysis.report.pages import PageContext, citation, region_page, summary_page
from analysis.report.render import sections_of

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan

ARCHIVE = "report.zip"
ZIPPED = (".html", ".csv", ".docx", ".xlsx", ".pdf", ".json")
REGION_LINKS = {
    "estimates": "estimates.csv",
    "claims": "claims.csv",
    "dictionary": DICTIONARY,
    "manifest": "manifest.json",
    "zip": ARCHIVE,
}


def write_region(planned: Plan, outcome: Outcome, draft: Path, printer: Printer | None = None) -> None:
    """Write the folder of one region from its executed notebook.

    Parameters
    ----------
    planned
        The run.
    outcome
        The region's executed notebook.
    draft
        Folder of the release in the making.
    printer
        Prints the summaries as PDF; None where that cannot be done.
    """
    notebook = json.loads(Path(str(outcome.path)).read_text(encoding="utf-8"))
    blocks, code, folder = collect(notebook), outcome.name, draft / outcome.name
    contexts = {lang: region_context(planned, code, lang, printed=printer is not None) for lang in LANGUAGES}
    sections = {lang: sections_of(blocks, lang) for lang in contexts}
    for lang, page in contexts.items():
        write_text(folder / REGION_PAGES[lang], region_page(blocks, lang, page, sections[lang]))
        drawn = region_context(planned, code, lang, printer is not None, INTERACTIVE_PAGES)
        write_text(folder / INTERACTIVE_PAGES[lang], interactive_page(blocks, lang, drawn))
    annexes = {lang: replace(page, languages=ANNEX_PAGES) for lang, page in contexts.items()}
    for lang, html in annex_pages(notebook, annexes, sections).items():
        write_text(folder / ANNEX_PAGES[lang], html)
    write_text(folder / "estimates.csv", to_csv(region_estimates(planned.results, code)))
    write_text(folder / "claims.csv", to_csv(region_claims(planned.results, code)))
    write_text(folder / DICTIONARY, to_csv(dictionary_rows()))
    _write_documents(planned, code, blocks, contexts, folder)
    if printer:
        _print_summaries(printer, blocks, contexts, folder)
    write_text(folder / "manifest.json", to_json(region_manifest(planned, code, blocks, folder)))
    _write_zip(contexts, folder)


def _write_documents(
    planned: Plan, code: str, blocks: Sequence[Block], contexts: Mapping[str, PageContext], folder: Path
) -> None:
    """Write the report as Word and Excel, in every language."""
    results = planned.results
    data = {"estimates": region_estimates(results, code), "claims": region_claims(results, code)}
    for lang, page in contexts.items():
        document = document_of(blocks, lang, **_head(page, lang))
        sheets = {Message(f"site.sheet.{name}").text(lang): table for name, table in data.items()}
        sheets[Message("site.sheet.dictionary").text(lang)] = dictionary_rows()
        (folder / named("report", "docx", lang)).write_bytes(word_document(document))
        (folder / named("report", "xlsx", lang)).write_bytes(excel_workbook(document, sheets))


def _head(page: PageContext, lang: str) -> dict[str, Any]:
    """Return title, facts and citation of a document."""
    facts = {"code": page.region_code, "run_id": page.run_id}
    facts |= {"first": i18n.period_text(page.first_period, lang), "last": i18n.period_text(page.last_period, lang)}
    return {
        "title": i18n.say("site.report_title", lang, region=page.region_name),
        "facts": i18n.say("site.facts", lang, **facts),
        "warning": i18n.say("site.synthetic_short", lang) if page.synthetic else "",
        "citation": citation(page, lang),
        "dated": last_day(page.last_period),
    }


def _print_summaries(
    printer: Printer, blocks: Sequence[Block], contexts: Mapping[str, PageContext], folder: Path
) -> None:
    """Print the summary in every language; the page that is printed is not kept."""
    for lang, page in contexts.items():
        target, source = folder / named("report", "pdf", lang), folder / f".summary-{lang}.html"
        write_text(source, summary_page(blocks, lang, page))
        try:
            target.write_bytes(printer.print_page(source, target.relative_to(folder.parent)))
        finally:
            source.unlink()


def _write_zip(contexts: Mapping[str, PageContext], folder: Path) -> None:
    """Write all files of a region but the interactive pages, which need the site, into one zip."""
    page = contexts["id"]
    readme = folder / "README.txt"
    texts = [_readme(contexts[lang], lang) for lang in contexts]
    write_text(readme, "\n".join(texts))
    left_out = {*INTERACTIVE_PAGES.values(), ARCHIVE}
    files = [p for p in sorted(folder.iterdir()) if p.suffix in ZIPPED and p.name not in left_out]
    place = f"pembinaan-{page.region_code}-{page.last_period}-{page.run_id}"
    write_archive(folder / ARCHIVE, {f"{place}/{path.name}": path for path in (*files, readme)})
    readme.unlink()


def _readme(page: PageContext, lang: str) -> str:
    values = {"region": page.region_name, "run_id": page.run_id}
    period = i18n.period_text(page.last_period, lang)
    return i18n.say("site.readme", lang, **values, period=period, citation=citation(page, lang))


def region_context(
    planned: Plan, code: str, lang: str, printed: bool, languages: Mapping[str, str] = REGION_PAGES
) -> PageContext:
    """Return what the pages of a region have to know; nothing of the release: they may be in others as well."""
    catalog = load_catalog()
    run_id = str(planned.results.meta["run_id"])
    place = report_place(code, run_id, REGION_PAGES[lang])
    region = catalog.region(code)
    exported = {kind: named("report", kind, lang) for kind in ("docx", "xlsx", *(["pdf"] if printed else []))}
    return PageContext(
        **study_context(planned),
        release="",
        run_id=run_id,
        region_code=code,
        region_name=region.name,
        province=catalog.regions[region.province_code].name,
        languages=languages,
        index=f"../{INDEX_PAGES[lang]}",
        synthesis=f"../{SYNTHESIS_PAGES[lang]}",
        compare=f"../{COMPARE_PAGES[lang]}?r={code}",
        links=REGION_LINKS | exported | {"interactive": INTERACTIVE_PAGES[lang], "annex": ANNEX_PAGES[lang]},
        assets="../assets",
        address=permanent_address(planned.study, place),
        place=place,
        site="../..",
        newest_style=report_style(code),
    )
