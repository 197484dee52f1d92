"""A report as a Word document: real headings, tables whose headings repeat on every page, the language declared."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

import docx
from babel import Locale
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from analysis.exports.archive import fixed_zip
from analysis.exports.content import Cell, Document, Section, Table
from analysis.messages import format_value

A4 = (Mm(210), Mm(297))
MARGIN = Mm(18)
SMALL, BODY = Pt(8.5), Pt(10)
BLUE = RGBColor(0x0A, 0x5A, 0x94)
TITLE, FACTS, CITATION, BEGIN = "@@title@@", "@@facts@@", "@@citation@@", "<w:body>"
"""Where a document's own texts stand in what all documents share."""
TABLE_STYLE = "TableGrid"
TABLE_LOOK = (
    '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" '
    'w:val="04A0"/>'
)
HEADER_FILL = "E8EEF3"
CELL, CELL_NUMBER, CELL_HEAD, NOTE, CITED = "Cell", "CellNumber", "CellHead", "Note", "Citation"
"""Styles of our own: written out on each of two thousand cells, their properties were most of a file."""
FILLED = f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{HEADER_FILL}"/></w:tcPr>'
_LEFT_OUT = ("/thumbnail", "/customXml", "/stylesWithEffects")
"""Relationships of the template: a picture of another document, a bibliography, all styles again for old programs."""
_OFFERED = re.compile(r"(Heading\d|Title|Subtitle|Caption|(Intense)?Quote|List\w*|Header|Footer|TableGrid)(Char)?")
"""Styles of the template that a report uses, or that who goes on writing in it looks for."""
_NOT_OF_XML = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_REGIONS = {"id": "ID", "en": "GB"}


def word_document(document: Document) -> bytes:
    """Return the report as .docx, the same bytes in every run.

    Parameters
    ----------
    document
        The report in one language.
    """
    shared, own = _frame(document.lang, document.dated)
    written = {TITLE: document.title, FACTS: document.facts, CITATION: document.citation}
    escaped = {mark: _escaped(text) for mark, text in written.items()} | {BEGIN: f"{BEGIN}{_body_xml(document)}"}
    return fixed_zip({name: _filled(part, escaped) for name, part in own.items()}, shared)


def _filled(part: str, texts: Mapping[str, str]) -> bytes:
    """Return a part of the file with the document's own texts where the frame has its marks."""
    for mark, text in texts.items():
        part = part.replace(mark, text, 1)
    return part.encode()


@cache
def _frame(lang: str, dated: tuple[int, int, int]) -> tuple[bytes, dict[str, str]]:
    """Return a file without a body: the parts that all regions of a release share, zipped, and those with marks.

    Made once, as is their compression.
    """
    word = docx.Document()
    _set_up(word, lang, dated)
    buffer = io.BytesIO()
    word.save(buffer)
    with zipfile.ZipFile(buffer) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    marks = [mark.encode() for mark in (TITLE, FACTS, CITATION, BEGIN)]
    own = {name: part.decode() for name, part in parts.items() if any(mark in part for mark in marks)}
    return fixed_zip({name: part for name, part in parts.items() if name not in own}), own


def _set_up(word: Any, lang: str, dated: tuple[int, int, int]) -> None:
    page = word.sections[0]
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    _leave_out_parts(word)
    _leave_out_styles(word.styles.element)
    _declare_language(word, lang)
    for name in ("Title", "Heading 1", "Heading 2", "Intense Quote", "Caption"):
        word.styles[name].font.color.rgb = BLUE
    word.styles["Normal"].font.size = BODY
    _add_styles(word.styles)
    facts, written = word.core_properties, datetime(*dated)
    facts.title, facts.subject, facts.author = TITLE, FACTS, "Pembinaan"
    facts.language, facts.comments, facts.keywords = _tag(lang), CITATION, ""
    facts.created = facts.modified = written
    facts.last_modified_by, facts.revision = "Pembinaan", 1
    _number_pages(page.footer.paragraphs[0], TITLE)


def _leave_out_parts(word: Any) -> None:
    """Drop the parts of the template that no report needs; what nothing relates to is not written."""
    for relations in (word.part.rels, word.part.package.rels):
        for number in [number for number, relation in relations.items() if relation.reltype.endswith(_LEFT_OUT)]:
            del relations[number]


def _leave_out_styles(styles: Any) -> None:
    """Drop a hundred styles of tables, and others, which would be longer than the report."""
    kept: set[str] = set()
    wanted = {style.styleId for style in styles.style_lst if style.default or _OFFERED.fullmatch(style.styleId)}
    while wanted:
        kept |= wanted
        leant_on = {other for style in styles.style_lst if style.styleId in wanted for other in _leant_on(style)}
        wanted = leant_on - kept
    for style in [style for style in styles.style_lst if style.styleId not in kept]:
        styles.remove(style)


def _leant_on(style: Any) -> list[str]:
    """Return the styles that one is based on, linked to or followed by."""
    found = (style.find(qn(name)) for name in ("w:basedOn", "w:link", "w:next"))
    return [element.get(qn("w:val")) for element in found if element is not None]


def _add_styles(styles: Any) -> None:
    """Add the styles of cells, of notes below a table and of the citation."""
    bases = {CELL: "Normal", CELL_NUMBER: CELL, CELL_HEAD: CELL, NOTE: "Normal", CITED: "Normal"}
    for name, base in bases.items():
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles[base]
    styles[CELL].paragraph_format.space_after = Pt(0)
    styles[CELL].font.size = styles[NOTE].font.size = SMALL
    styles[CELL_NUMBER].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles[CELL_HEAD].font.bold = True
    styles[NOTE].paragraph_format.space_before, styles[CITED].paragraph_format.space_before = Pt(4), Pt(12)


def _declare_language(word: Any, lang: str) -> None:
    """Set the language of all text, from which spelling and speech take theirs."""
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    declared = defaults.find(qn("w:lang"))
    if declared is None:
        declared = OxmlElement("w:lang")
        defaults.append(declared)
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        declared.set(qn(name), _tag(lang))


def _tag(lang: str) -> str:
    """Return language and country, as Word wants them."""
    return f"{Locale.parse(lang).language}-{_REGIONS.get(lang, 'ID')}"


def _number_pages(footer: Any, title: str) -> None:
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer.add_run(f"{title} · ").font.size = SMALL
    for part in ("PAGE", " / ", "NUMPAGES"):
        run = footer.add_run("" if part.isupper() else part)
        run.font.size = SMALL
        if part.isupper():
            _add_field(run, part)


def _add_field(run: Any, name: str) -> None:
    for kind in ("begin", None, "end"):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = name
        run._r.append(element)


def _body_xml(document: Document) -> str:
    """Return all that stands between the margins.

    Written as text into the saved file: a hundred thousand elements made one by one cost seconds a report.
    """
    parts = [_paragraph_xml(document.title, "Title"), _paragraph_xml(document.facts)]
    if document.warning:
        parts.append(_paragraph_xml(document.warning, "IntenseQuote"))
    parts += [_section_xml(section, document.lang) for section in document.sections]
    return "".join([*parts, _paragraph_xml(document.citation, CITED)])


def _paragraph_xml(text: str, style: str = "") -> str:
    """Return a paragraph in a style of the frame, by its id."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    shown = _escaped(text)
    # Readers of XML drop blanks at both ends, and may join those within, unless they are told to keep them.
    kept = ' xml:space="preserve"' if "  " in shown or shown.startswith(" ") or shown.endswith(" ") else ""
    return f"<w:p>{named}<w:r><w:t{kept}>{shown}</w:t></w:r></w:p>"


def _escaped(text: str) -> str:
    return _allowed(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section_xml(section: Section, lang: str) -> str:
    parts = [_paragraph_xml(section.title, "Heading1"), *map(_paragraph_xml, section.paragraphs)]
    for table in section.tables:
        if table.caption != section.title:
            parts.append(_paragraph_xml(table.caption, "Heading2"))
        parts.append(_table_xml(table, lang))
    notes = [_paragraph_xml(text, NOTE) for text in section.notes]
    return "".join([*parts, *notes])


def _table_xml(table: Table, lang: str) -> str:
    """Return a table with the title and the description that a screen reader tells first."""
    told = "".join(
        f"<w:{name} w:val={quoteattr(_allowed(text))}/>"
        for name, text in (("tblCaption", table.caption), ("tblDescription", table.description))
    )
    head = f'<w:tblPr><w:tblStyle w:val="{TABLE_STYLE}"/><w:tblW w:type="auto" w:w="0"/>{TABLE_LOOK}{told}</w:tblPr>'
    grid = f"<w:tblGrid>{'<w:gridCol/>' * len(table.columns)}</w:tblGrid>"
    header = _row_xml([Cell(name) for name in table.columns], lang, header=True)
    return f"<w:tbl>{head}{grid}{header}{''.join([_row_xml(row, lang) for row in table.rows])}</w:tbl>"


def _row_xml(cells: Sequence[Cell], lang: str, header: bool = False) -> str:
    """Return a row that is not broken across pages, and is repeated on each of them if it is the header."""
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if header else "")
    shown = [_cell_xml(_shown(cell, lang), CELL_HEAD if header else _style_of(cell)) for cell in cells]
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(shown)}</w:tr>"


def _style_of(cell: Cell) -> str:
    return CELL if cell.form == "text" else CELL_NUMBER


@lru_cache(maxsize=10_000)
def _cell_xml(text: str, style: str) -> str:
    """Return a cell; kept, because verdicts, units and estimates of the nation recur in a report and between them."""
    return f"<w:tc>{FILLED if style == CELL_HEAD else ''}{_paragraph_xml(text, style)}</w:tc>"


def _allowed(text: str) -> str:
    """Return text without the characters that XML does not know, line breaks as spaces."""
    return text if text.isprintable() else _NOT_OF_XML.sub(" ", text)


def _shown(cell: Cell, lang: str) -> str:
    return str(cell.value) if cell.form == "text" else format_value(cell.value, cell.form, lang)
