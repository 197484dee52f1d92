"""A report as a Word document: real headings, tables whose headings repeat on every page, the language declared."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from babel import Locale
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

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
_NOT_OF_XML = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_REGIONS = {"id": "ID", "en": "GB"}


def word_document(document: Document) -> bytes:
    """Return the report as .docx, the same bytes in every run.

    Parameters
    ----------
    document
        The report in one language.
    """
    written = {TITLE: document.title, FACTS: document.facts, CITATION: document.citation}
    escaped = {mark: _escaped(text) for mark, text in written.items()} | {BEGIN: f"{BEGIN}{_body_xml(document)}"}
    return fixed_zip({name: _filled(part, escaped) for name, part in _frame(document.lang, document.dated).items()})


def _filled(part: bytes | str, texts: Mapping[str, str]) -> bytes:
    """Return a part of the file with the document's own texts where the frame has its marks."""
    if isinstance(part, bytes):
        return part
    for mark, text in texts.items():
        part = part.replace(mark, text, 1)
    return part.encode()


@cache
def _frame(lang: str, dated: tuple[int, int, int]) -> dict[str, bytes | str]:
    """Return all parts of a file without a body, with marks for its texts; made once for all regions of a release.

    A part with a mark is text, the others are bytes.
    """
    word = docx.Document()
    _set_up(word, lang, dated)
    buffer = io.BytesIO()
    word.save(buffer)
    with zipfile.ZipFile(buffer) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    marks = [mark.encode() for mark in (TITLE, FACTS, CITATION, BEGIN)]
    return {name: part.decode() if any(mark in part for mark in marks) else part for name, part in parts.items()}


def _set_up(word: Any, lang: str, dated: tuple[int, int, int]) -> None:
    page = word.sections[0]
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    _declare_language(word, lang)
    for name in ("Title", "Heading 1", "Heading 2", "Intense Quote", "Caption"):
        word.styles[name].font.color.rgb = BLUE
    word.styles["Normal"].font.size = BODY
    facts, written = word.core_properties, datetime(*dated)
    facts.title, facts.subject, facts.author = TITLE, FACTS, "Pembinaan"
    facts.language, facts.comments, facts.keywords = _tag(lang), CITATION, ""
    facts.created = facts.modified = written
    facts.last_modified_by, facts.revision = "Pembinaan", 1
    _number_pages(page.footer.paragraphs[0], TITLE)


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
    return f'<w:t xml:space="preserve">{_escaped(text)}</w:t>'


def _escaped(text: str) -> str:
    return escape(_allowed(text))


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
    return text if text.isprintable() else _NOT_OF_XML.sub(" ", text)


def _shown(cell: Cell, lang: str) -> str:
    return str(cell.value) if cell.form == "text" else format_value(cell.value, cell.form, lang)
