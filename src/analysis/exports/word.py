"""A report as a Word document: real headings, tables whose headings repeat on every page, the language declared."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from babel import Locale
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from analysis.exports.archive import repacked
from analysis.exports.content import Cell, Document, Section, Table
from analysis.messages import format_value

A4 = (Mm(210), Mm(297))
MARGIN = Mm(18)
SMALL, BODY = Pt(8.5), Pt(10)
BLUE = RGBColor(0x0A, 0x5A, 0x94)
BODY_PART = "word/document.xml"
TABLE_STYLE = "TableGrid"
TABLE_LOOK = (
    '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" '
    'w:val="04A0"/>'
)
HEADER_FILL = "E8EEF3"
_NOT_OF_XML = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_REGIONS = {"id": "ID", "en": "GB"}


def word_document(document: Document) -> bytes:
    """Return the report as .docx, the same bytes in every run.

    Parameters
    ----------
    document
        The report in one language.
    """
    word = docx.Document()
    _set_up(word, document)
    buffer = io.BytesIO()
    word.save(buffer)
    body = _body_xml(document)
    return repacked(buffer.getvalue(), {BODY_PART: lambda empty: empty.replace("<w:body>", f"<w:body>{body}", 1)})


def _set_up(word: Any, document: Document) -> None:
    page = word.sections[0]
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    _declare_language(word, document.lang)
    for name in ("Title", "Heading 1", "Heading 2", "Intense Quote", "Caption"):
        word.styles[name].font.color.rgb = BLUE
    word.styles["Normal"].font.size = BODY
    facts, written = word.core_properties, datetime(*document.dated)
    facts.title, facts.subject, facts.author = document.title, document.facts, "Pembinaan"
    facts.language, facts.comments, facts.keywords = _tag(document.lang), document.citation, ""
    facts.created = facts.modified = written
    facts.last_modified_by, facts.revision = "Pembinaan", 1
    _number_pages(page.footer.paragraphs[0], document.title)


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
    return "".join([*parts, _paragraph_xml(document.citation, before=Pt(12))])


def _paragraph_xml(text: str, style: str = "", before: Length | None = None, size: Length | None = None) -> str:
    """Return a paragraph in a style of the template, with `before` above it and letters of another `size`."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    spaced = f'<w:spacing w:before="{before.twips}"/>' if before else ""
    run = f'<w:rPr><w:sz w:val="{int(size.pt * 2)}"/></w:rPr>' if size else ""
    return f"<w:p><w:pPr>{named}{spaced}</w:pPr><w:r>{run}{_text_xml(text)}</w:r></w:p>"


def _text_xml(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(_allowed(text))}</w:t>'


def _section_xml(section: Section, lang: str) -> str:
    parts = [_paragraph_xml(section.title, "Heading1"), *map(_paragraph_xml, section.paragraphs)]
    for table in section.tables:
        if table.caption != section.title:
            parts.append(_paragraph_xml(table.caption, "Heading2"))
        parts.append(_table_xml(table, lang))
    notes = [_paragraph_xml(text, before=Pt(4), size=SMALL) for text in section.notes]
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
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(_cell_xml(cell, lang, header) for cell in cells)}</w:tr>"


def _cell_xml(cell: Cell, lang: str, header: bool) -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEADER_FILL}"/>' if header else ""
    right = '<w:jc w:val="right"/>' if cell.form != "text" else ""
    size = int(SMALL.pt * 2)
    run = f'<w:rPr>{"<w:b/>" if header else ""}<w:sz w:val="{size}"/></w:rPr>'
    text = _text_xml(_shown(cell, lang))
    paragraph = f'<w:p><w:pPr><w:spacing w:after="0"/>{right}</w:pPr><w:r>{run}{text}</w:r></w:p>'
    return f'<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/>{fill}</w:tcPr>{paragraph}</w:tc>'


def _allowed(text: str) -> str:
    """Return text without the characters that XML does not know, line breaks as spaces."""
    return _NOT_OF_XML.sub(" ", text)


def _shown(cell: Cell, lang: str) -> str:
    return str(cell.value) if cell.form == "text" else format_value(cell.value, cell.form, lang)
