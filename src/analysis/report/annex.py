"""The executed notebook as a page: code folded, outputs cleaned, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import nh3
from markupsafe import Markup, escape

from analysis.report import i18n
from analysis.report.blocks import Block, collect, handed_over
from analysis.report.pages import STYLES, PageContext, asset, document
from analysis.report.render import Sections, sections_of

# nbconvert is imported where it is used: the driver of a run makes no annex, and would wait for it at every start.
IMAGES = ("image/png", "image/jpeg")
TAGS = nh3.ALLOWED_TAGS | {"table", "thead", "tbody", "tr", "th", "td", "caption", "section", "figure"}
ATTRIBUTES = {"a": {"href"}, "th": {"scope", "colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
HEADING = re.compile(r"(</?h)([1-5])\b")
ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")


@dataclass(frozen=True)
class Place:
    """Where the block of this id is shown."""

    id: str


def annex_page(notebook: Any, lang: str, page: PageContext | None = None) -> str:
    """Return an executed notebook as one page, the same bytes in every run of the same results.

    Execution counts, times and cell ids are left out. Blocks are drawn as in the report; HTML of other outputs is
    stripped of styles and scripts; text is escaped.

    Parameters
    ----------
    notebook
        An nbformat node (version 4).
    lang
        ``"id"`` or ``"en"``: language of the frame and of the blocks; code and prose stay as written.
    page
        Region, release and links; by default what the notebook's own blocks tell.
    """
    blocks = collect(notebook)
    return annex_pages(notebook, {lang: page or _context(blocks)}, {lang: sections_of(blocks, lang)})[lang]


def annex_pages(notebook: Any, pages: Mapping[str, PageContext], sections: Mapping[str, Sections]) -> dict[str, str]:
    """Return the annex in several languages; what they share (code, prose) is read once.

    Parameters
    ----------
    notebook
        As for `annex_page`.
    pages
        Region, release and links by language.
    sections
        The notebook's blocks by language, as `sections_of` draws them.
    """
    cells = [_cell(cell) for cell in notebook["cells"]]
    return {lang: _page([_with(sections[lang], cell) for cell in cells], lang, page) for lang, page in pages.items()}


def _page(cells: list[Mapping[str, Any]], lang: str, context: PageContext) -> str:
    title = i18n.say("report.annex.title", lang, region=context.region_name or "–")
    styles = tuple(asset(name) for name in (*STYLES, "annex.css"))
    return document("page_annex", lang, context, title, styles=styles, cells=cells)


def _with(sections: Sections, cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a cell with its blocks as they are drawn in a language; what has no language stays as it is."""
    if cell["kind"] != "code":
        return cell
    outputs = [sections[output.id].form() if isinstance(output, Place) else output for output in cell["outputs"]]
    return {**cell, "outputs": [html for html in outputs if html]}


def _context(blocks: list[Block]) -> PageContext:
    """Return what the blocks know of the run, so that no annex of synthetic data goes without its banner."""
    found: Mapping[str, Any] = next((b.data for b in blocks if b.kind == "provenance"), {})
    name = next((b.data.get("region_name", "") for b in blocks if b.kind == "provenance"), "")
    return PageContext(
        release="",
        run_id=found.get("data_id", ""),
        first_period=found.get("first_period", ""),
        last_period=found.get("last_period", ""),
        synthetic=bool(found.get("synthetic", False)),
        region_code=found.get("region_code", ""),
        region_name=name,
    )


def _cell(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return {"kind": "markdown", "html": _markdown(source)}
    if cell["cell_type"] != "code":
        return {"kind": "raw", "html": Markup("<pre>{}</pre>").format(source)}
    outputs = [_output(output) for output in cell.get("outputs", ())]
    return {"kind": "code", "html": _highlighted(source), "outputs": outputs}


@cache
def _markdown(source: str) -> Markup:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return _below_title(_cleaned(MarkdownWithMath(renderer=renderer).render(source)))


def _below_title(html: str) -> Markup:
    """Return prose with its headings one level down: the page has a title of its own."""
    return Markup(HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", html))


@cache
def _highlighted(source: str) -> Markup:
    from nbconvert.filters.highlight import Highlight2HTML

    highlight = Highlight2HTML(pygments_lexer="ipython3")  # type: ignore[no-untyped-call]
    return Markup(highlight(source))


def _output(output: Mapping[str, Any]) -> Markup | Place:
    if output["output_type"] == "stream":
        return _pre("".join(output["text"]))
    if output["output_type"] == "error":
        return _pre("\n".join(output["traceback"]))
    return _shown(output["data"])


def _shown(data: Mapping[str, Any]) -> Markup | Place:
    block = handed_over(data)
    if block is not None:
        return Place(block["id"])
    for kind in IMAGES:
        if kind in data:
            encoded = escape("".join("".join(data[kind]).split()))
            return Markup('<img alt="" src="data:{};base64,{}">').format(kind, encoded)
    if "text/html" in data:
        cleaned = _cleaned("".join(data["text/html"]))
        return Markup('<div class="scroll" tabindex="0">{}</div>').format(cleaned)
    return _pre("".join(data.get("text/plain", "")))


def _cleaned(html: str) -> Markup:
    return Markup(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel=None))


def _pre(text: str) -> Markup:
    """Return plain text; addresses in memory, which differ between runs, are left out."""
    from nbconvert.filters.ansi import strip_ansi

    plain = ADDRESS.sub("at …", strip_ansi(text))  # type: ignore[no-untyped-call]
    return Markup("<pre>{}</pre>").format(plain) if plain.strip() else Markup("")
