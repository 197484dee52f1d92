"""A report as a Word document: real headings, tables whose headings repeat on every page, the language declared."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import docx
from babel import Locale
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from analysis.exports.archive import repacked
from analysis.exports.content import Cell, Document, Section, Table
from analysis.messages import format_value

A4 = (Mm(210), Mm(297))
MARGIN = Mm(18)
SMALL, BODY = Pt(8.5), Pt(10)
BLUE = RGBColor(0x0A, 0x5A, 0x94)
TABLE_STYLE = "Table Grid"
HEADER_FILL = "E8EEF3"
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
    word.add_heading(document.title, level=0)
    word.add_paragraph(document.facts)
    if document.warning:
        word.add_paragraph(document.warning, style="Intense Quote")
    for section in document.sections:
        _add_section(word, section, document.lang)
    word.add_paragraph(document.citation).paragraph_format.space_before = Pt(12)
    buffer = io.BytesIO()
    word.save(buffer)
    return repacked(buffer.getvalue())


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


def _add_section(word: Any, section: Section, lang: str) -> None:
    word.add_heading(section.title, level=1)
    for text in section.paragraphs:
        word.add_paragraph(text)
    for table in section.tables:
        if table.caption != section.title:
            word.add_heading(table.caption, level=2)
        _add_table(word, table, lang)
    for text in section.notes:
        note = word.add_paragraph(text)
        note.paragraph_format.space_before = Pt(4)
        for run in note.runs:
            run.font.size = SMALL


def _add_table(word: Any, table: Table, lang: str) -> None:
    made = word.add_table(rows=0, cols=len(table.columns), style=TABLE_STYLE)
    _describe(made, table)
    header = _row_xml([Cell(name) for name in table.columns], lang, header=True)
    rows = "".join([header, *(_row_xml(row, lang) for row in table.rows)])
    # Written as text and read at once: a hundred thousand elements made one by one cost seconds a report.
    for row in list(parse_xml(f"<w:tbl {nsdecls('w')}>{rows}</w:tbl>")):
        made._tbl.append(row)


def _describe(made: Any, table: Table) -> None:
    """Set title and description of a table, which a screen reader tells first."""
    properties = made._tbl.tblPr
    for name, text in (("w:tblCaption", table.caption), ("w:tblDescription", table.description)):
        element = OxmlElement(name)
        element.set(qn("w:val"), text)
        properties.append(element)


def _row_xml(cells: Sequence[Cell], lang: str, header: bool = False) -> str:
    """Return a row that is not broken across pages, and is repeated on each of them if it is the header."""
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if header else "")
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(_cell_xml(cell, lang, header) for cell in cells)}</w:tr>"


def _cell_xml(cell: Cell, lang: str, header: bool) -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEADER_FILL}"/>' if header else ""
    right = '<w:jc w:val="right"/>' if cell.form != "text" else ""
    size = int(SMALL.pt * 2)
    run = f'<w:rPr>{"<w:b/>" if header else ""}<w:sz w:val="{size}"/></w:rPr>'
    text = f'<w:t xml:space="preserve">{escape(_allowed(_shown(cell, lang)))}</w:t>'
    paragraph = f'<w:p><w:pPr><w:spacing w:after="0"/>{right}</w:pPr><w:r>{run}{text}</w:r></w:p>'
    return f'<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/>{fill}</w:tcPr>{paragraph}</w:tc>'


def _allowed(text: str) -> str:
    """Return text without the control characters that XML does not know, line breaks as spaces."""
    return "".join(character if character >= " " else " " for character in text)


def _shown(cell: Cell, lang: str) -> str:
    return str(cell.value) if cell.form == "text" else format_value(cell.value, cell.form, lang)
