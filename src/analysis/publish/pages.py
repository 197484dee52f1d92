"""The files of a release: pages and tables of each region, then those of the whole site."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd

from analysis.batch import Outcome
from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES, Message
from analysis.params import RunParams
from analysis.paths import notebooks_dir
from analysis.publish.release import RELEASE_FILE, presentation_sha256, write_text
from analysis.report.annex import annex_page
from analysis.report.blocks import Block, collect
from analysis.report.interactive import BUNDLE, interactive_page, plotly_bundle
from analysis.report.pages import PageContext, index_page, region_page, synthesis_page
from analysis.report.sections import index_entries
from analysis.results import StudyResults
from analysis.study import file_sha256

if TYPE_CHECKING:
    from analysis.publish.pipeline import Plan

REGION_PAGES = {"id": "index.html", "en": "en.html"}
INDEX_PAGES = {"id": "index.html", "en": "index.en.html"}
INTERACTIVE_PAGES = {"id": "interactive.html", "en": "interactive.en.html"}
SYNTHESIS_PAGES = {"id": "synthesis.html", "en": "synthesis.en.html"}
REGION_LINKS = {
    "estimates": "estimates.csv",
    "claims": "claims.csv",
    "annex": "annex.html",
    "manifest": "manifest.json",
}
CLAIM_COLUMNS = ("claim", "verdict", "estimate", "conf_low", "conf_high", "unit", "reason", "unit_en", "reason_en")
SIGNIFICANT_DIGITS = 6
_PACKAGES = (
    "jupyterlab",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "plotly",
    "scikit-learn",
    "scipy",
    "statsmodels",
)


def write_region(planned: Plan, outcome: Outcome, draft: Path) -> None:
    """Write the folder of one region from its executed notebook.

    Parameters
    ----------
    planned
        The run.
    outcome
        The region's executed notebook.
    draft
        Folder of the release in the making.
    """
    results, code, folder = planned.results, outcome.name, draft / outcome.name
    notebook = nbformat.read(outcome.path, as_version=4)  # type: ignore[no-untyped-call]
    blocks = collect(notebook)
    for lang, name in REGION_PAGES.items():
        write_text(folder / name, region_page(blocks, lang, _region_context(planned, code, lang)))
        drawn = _region_context(planned, code, lang, INTERACTIVE_PAGES)
        write_text(folder / INTERACTIVE_PAGES[lang], interactive_page(blocks, lang, drawn))
    write_text(folder / "annex.html", annex_page(notebook, "id", _region_context(planned, code, "id")))
    write_text(folder / "estimates.csv", to_csv(region_estimates(results, code)))
    write_text(folder / "claims.csv", to_csv(region_claims(results, code)))
    write_text(folder / "manifest.json", to_json(_manifest(planned, code, blocks, folder)))


def region_estimates(results: StudyResults, code: str) -> pd.DataFrame:
    """Return every estimate behind a region's report: its own, pooled and national ones, in a stable order."""
    table = results.estimates
    shown = table[(table["region_code"] == code) | table["region_code"].isna()]
    return shown.sort_values(["spec", "level", "term"], kind="stable").reset_index(drop=True)


def region_claims(results: StudyResults, code: str) -> pd.DataFrame:
    """Return the verdict on each claim for a region, with unit and reason in Indonesian and in English."""
    rows = results.verdicts[results.verdicts["region_code"] == code].copy()
    reasons, units = list(rows["reason"]), list(rows["unit"])
    for ending, lang in (("", "id"), ("_en", "en")):
        rows[f"reason{ending}"] = [Message(item["key"], item["values"]).text(lang) for item in reasons]
        rows[f"unit{ending}"] = [unit[lang] for unit in units]
    return rows.loc[:, list(CLAIM_COLUMNS)].reset_index(drop=True)


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, floats to six significant digits: more of them differ between processors."""
    return table.map(_plain).to_csv(index=False, lineterminator="\n")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.{SIGNIFICANT_DIGITS}g}"
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1]:
        return f"'{value}"
    return value


def to_json(value: Any) -> str:
    """Return plain data as JSON with a stable layout."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _region_context(planned: Plan, code: str, lang: str, languages: Mapping[str, str] = REGION_PAGES) -> PageContext:
    catalog = load_catalog()
    region = catalog.region(code)
    return PageContext(
        **_study_context(planned),
        region_code=code,
        region_name=region.name,
        province=catalog.regions[region.province_code].name,
        languages=languages,
        index=f"../{INDEX_PAGES[lang]}",
        synthesis=f"../{SYNTHESIS_PAGES[lang]}",
        links=REGION_LINKS | {"interactive": INTERACTIVE_PAGES[lang]},
        assets="../assets",
    )


def _study_context(planned: Plan) -> dict[str, Any]:
    meta = planned.results.meta
    shown = {name: meta[name] for name in ("run_id", "first_period", "last_period", "synthetic")}
    return {"release": planned.target.name, **shown}


def _manifest(planned: Plan, code: str, blocks: Sequence[Block], folder: Path) -> dict[str, Any]:
    """Return what binds inputs, code, parameters, environment and outputs of a region by their hashes."""
    meta = planned.results.meta
    params = RunParams(code, planned.study)
    outputs = sorted(p.name for p in folder.iterdir() if p.is_file())
    return {
        "release": planned.target.name,
        "run_id": meta["run_id"],
        "synthetic": meta["synthetic"],
        "region": code,
        "parameters": params.as_dict(),
        "parameters_sha256": params.sha256(),
        "inputs": [{key: item[key] for key in ("name", "table", "sha256", "rows")} for item in meta["files"]],
        "code": {
            "version": meta["version"],
            "study_sha256": meta["code_sha256"],
            "presentation_sha256": presentation_sha256(),
            "claims_sha256": meta["claims_sha256"],
            "notebook_sha256": file_sha256(notebooks_dir() / "policy_report.ipynb"),
        },
        "environment": environment(),
        "blocks": [block.id for block in blocks],
        "outputs": {name: file_sha256(folder / name) for name in outputs},
    }


def environment() -> dict[str, Any]:
    """Return the versions that a release depends on."""
    packages = {name: version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), "implementation": platform.python_implementation()} | {
        "packages": packages
    }


def write_site(planned: Plan, outcomes: Sequence[Outcome], draft: Path) -> None:
    """Write what belongs to all regions: index, synthesis, description of the release, sitemap and feed."""
    published = {outcome.name for outcome in outcomes if outcome.path}
    entries = [entry for entry in index_entries(planned.results) if entry.code in published]
    synthesis = next(outcome.path for outcome in outcomes if outcome.name == "synthesis")
    blocks = collect(nbformat.read(synthesis, as_version=4))  # type: ignore[no-untyped-call]
    for lang in LANGUAGES:
        context = PageContext(
            **_study_context(planned), languages=INDEX_PAGES, synthesis=SYNTHESIS_PAGES[lang], links={}
        )
        write_text(draft / INDEX_PAGES[lang], index_page(entries, lang, context))
        context = PageContext(**_study_context(planned), languages=SYNTHESIS_PAGES, index=INDEX_PAGES[lang], links={})
        write_text(draft / SYNTHESIS_PAGES[lang], synthesis_page(blocks, lang, context))
    write_text(draft / RELEASE_FILE, to_json(_release(planned, outcomes)))
    write_text(draft / "sitemap.xml", sitemap([entry.code for entry in entries]))
    write_text(draft / "feed.xml", feed(planned))


def write_library(draft: Path) -> None:
    """Write plotly.js, once for all interactive pages of the site."""
    write_text(draft / "assets" / BUNDLE, plotly_bundle())


def _release(planned: Plan, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    meta = planned.results.meta
    return {
        "release": planned.target.name,
        "study_folder": planned.study,
        "study_run_id": meta["run_id"],
        "presentation_sha256": presentation_sha256(),
        "synthetic": meta["synthetic"],
        "first_period": meta["first_period"],
        "last_period": meta["last_period"],
        "regions": list(planned.regions),
        "failed": sorted(outcome.name for outcome in outcomes if outcome.error),
        "environment": environment(),
        "files": [{key: item[key] for key in ("name", "table", "sha256", "rows")} for item in meta["files"]],
    }


def sitemap(codes: Sequence[str]) -> str:
    """Return the addresses of all pages, relative to the place where the release is put."""
    names = [*INDEX_PAGES.values(), *SYNTHESIS_PAGES.values()]
    names += [f"{code}/{name}" for code in codes for name in REGION_PAGES.values()]
    lines = "".join(f"  <url><loc>{escape(name)}</loc></url>\n" for name in names)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{lines}</urlset>\n'


def feed(planned: Plan) -> str:
    """Return an Atom feed with the release as its entry, dated at the end of the last half-year (no clock is read)."""
    year, half = planned.results.meta["last_period"].split("-S")
    updated = f"{year}-{'06-30' if half == '1' else '12-31'}T00:00:00Z"
    title, name = escape(Message("site.feed_title").id), escape(planned.target.name)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id">\n'
        f"  <title>{title}</title>\n  <id>urn:pembinaan:{name}</id>\n  <updated>{updated}</updated>\n"
        f"  <author><name>Pembinaan</name></author>\n  <entry>\n    <title>{name}</title>\n"
        f'    <id>urn:pembinaan:{name}:index</id>\n    <updated>{updated}</updated>\n    <link href="index.html"/>\n'
        f"    <summary>{escape(Message('site.feed_summary', {'n': len(planned.regions)}).id)}</summary>\n"
        "  </entry>\n</feed>\n"
    )
