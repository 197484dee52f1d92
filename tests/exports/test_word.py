"""A Word file is whole, holds no more than it shows, and its cells look as they should."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.shared import Pt
from tests.report.conftest import FULL, REGIONS, blocks, results  # noqa: F401

from analysis.exports import document_of, word_document
from analysis.exports.content import Cell, Document, Section, Table
from analysis.messages import LANGUAGES
from analysis.report import Block

HEAD = {"facts": "Kode 82", "warning": "Data tiruan", "citation": "Pembinaan. Contoh.", "dated": (2025, 12, 31)}
TYPES = "[Content_Types].xml"
NAMED_IN = ("w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:link", "w:next")
ORDER = {
    "w:pPr": ("pStyle", "keepNext", "keepLines", "widowControl", "numPr", "pBdr", "shd", "tabs", "spacing", "ind",
              "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr"),
    "w:rPr": ("rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "color", "spacing", "kern", "sz", "szCs",
              "u", "vertAlign", "lang"),
    "w:tcPr": ("tcW", "shd", "vAlign"),
    "w:tblPr": ("tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblCaption",
                "tblDescription"),
    "w:style": ("name", "basedOn", "next", "link", "uiPriority", "semiHidden", "unhideWhenUsed", "qFormat", "rsid",
                "pPr", "rPr", "tblPr"),
}  # fmt: skip
"""The order of elements in ISO/IEC 29500, of those that the files hold: Word refuses others."""


@pytest.fixture(scope="module")
def report(blocks: dict[str, list[Block]]) -> Document:  # noqa: F811
    return document_of(blocks[FULL], "id", title=f"Laporan {FULL}", **HEAD)


@pytest.fixture(scope="module")
def parts(report: Document) -> dict[str, bytes]:
    return parts_of(word_document(report))


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        assert len(set(held.namelist())) == len(held.namelist())
        return {name: held.read(name) for name in held.namelist()}


def small(*rows: tuple[Cell, ...], paragraphs: tuple[str, ...] = ()) -> Document:
    """Return a document of one table."""
    table = Table("Judul tabel", "Isi tabel", tuple(f"Kolom {i}" for i, _ in enumerate(rows[0])), rows)
    section = Section("one", "Bagian", paragraphs, (table,), ("Catatan",))
    return Document("id", "Laporan", "Kode", "", "Kutipan", (2025, 12, 31), (section,))


def read(document: Document) -> Any:
    return docx.Document(io.BytesIO(word_document(document)))


def said(paragraph: Any, of: str, name: str) -> Any:
    """Return what holds for a paragraph: said on the spot, else by its style or one that this is based on."""
    style = paragraph.style
    asked = [paragraph, paragraph.runs[0]]
    while style is not None:
        asked.append(style)
        style = style.base_style
    answers = [getattr(getattr(item, of, None), name, None) for item in asked]
    return next((answer for answer in answers if answer is not None), None)


def look(paragraph: Any) -> tuple[Any, Any, Any, Any]:
    """Return size, weight, side and the space below."""
    letters = [said(paragraph, "font", name) for name in ("size", "bold")]
    lines = [said(paragraph, "paragraph_format", name) for name in ("alignment", "space_after")]
    return (*letters, *lines)


def related(parts: dict[str, bytes]) -> Iterator[str]:
    """Yield the part that each relationship leads to."""
    for name in (name for name in parts if name.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        for relationship in parse_xml(parts[name]):
            yield posixpath.normpath(posixpath.join(folder, relationship.get("Target")))


def test_every_part_is_related_has_a_type_and_is_there(parts: dict[str, bytes]) -> None:
    contents = {name for name in parts if name != TYPES and not name.endswith(".rels")}
    assert set(related(parts)) == contents
    types = parse_xml(parts[TYPES])
    assert next(iter(parts)) == TYPES
    assert {item.get("PartName") for item in types if item.get("PartName")} == {f"/{name}" for name in contents}
    assert {name.rsplit("/", 1)[0] for name in contents} == {"docProps", "word", "word/theme"}


def test_elements_stand_in_the_order_that_word_asks_for(parts: dict[str, bytes]) -> None:
    for name, part in parts.items():
        for tag, order in ORDER.items():
            for element in parse_xml(part).iter(qn(tag)):
                places = [order.index(child.tag.rpartition("}")[2]) for child in element]
                assert places == sorted(places), (name, tag)


def test_styles_are_those_in_use_or_looked_for(parts: dict[str, bytes]) -> None:
    styles = list(parse_xml(parts["word/styles.xml"]).iter(qn("w:style")))
    held = {style.get(qn("w:styleId")) for style in styles}
    xml = [parse_xml(part) for name, part in parts.items() if name.startswith("word/") and name.endswith(".xml")]
    named = {item.get(qn("w:val")) for root in xml for tag in NAMED_IN for item in root.iter(qn(tag))}
    assert named <= held
    tables = {style.get(qn("w:styleId")) for style in styles if style.get(qn("w:type")) == "table"}
    assert tables == {"TableNormal", "TableGrid"}
    assert {"Heading1", "Heading9", "Title", "Caption", "Quote", "ListBullet", "Header", "HeaderChar"} <= held


def test_a_file_is_not_much_longer_than_its_text(report: Document, parts: dict[str, bytes]) -> None:
    cells = [cell.text for table in read(report).tables for row in table.rows for cell in row.cells]
    text = sum(map(len, cells)) + sum(len(text) for section in report.sections for text in section.paragraphs)
    per_cell = len('<w:tc><w:p><w:pPr><w:pStyle w:val="CellNumber"/></w:pPr><w:r><w:t></w:t></w:r></w:p></w:tc>')
    assert len(parts["word/document.xml"]) < 1.5 * text + 1.2 * per_cell * len(cells) + 20_000
    assert sum(len(part) for name, part in parts.items() if name != "word/document.xml") < 80_000


def test_cells_look_as_they_should(report: Document) -> None:
    for table, shown in zip(tables_of(report), read(report).tables, strict=True):
        head, *rows = shown.rows
        assert {look(cell.paragraphs[0]) for cell in head.cells} == {(Pt(8.5), True, None, 0)}
        for cells, row in zip(table.rows[:5], rows[:5], strict=True):
            expected = [None if cell.form == "text" else WD_ALIGN_PARAGRAPH.RIGHT for cell in cells]
            assert [look(cell.paragraphs[0]) for cell in row.cells] == [(Pt(8.5), None, side, 0) for side in expected]


def tables_of(document: Document) -> list[Table]:
    return [table for section in document.sections for table in section.tables]


def test_headings_of_a_table_are_filled_and_other_cells_are_not() -> None:
    (table,) = read(small((Cell("a"), Cell(1.5, "n1")))).tables
    fills = [[item.get(qn("w:fill")) for item in row._tr.iter(qn("w:shd"))] for row in table.rows]
    assert fills == [["E8EEF3", "E8EEF3"], []]


def test_notes_are_small_and_stand_apart() -> None:
    note, cited = read(small((Cell("a"),))).paragraphs[-2:]
    assert (note.text, said(note, "font", "size"), said(note, "paragraph_format", "space_before")) == (
        "Catatan",
        Pt(8.5),
        Pt(4),
    )
    assert (cited.text, said(cited, "font", "size"), said(cited, "paragraph_format", "space_before")) == (
        "Kutipan",
        Pt(10),
        Pt(12),
    )


@pytest.mark.parametrize("text", ["", " a", "a ", "a  b", "a & b < c > d", '"', "a\u00a0b", "]]>", "–"])
def test_text_comes_out_as_it_went_in(text: str) -> None:
    document = small((Cell(text),), paragraphs=(text,))
    word = read(document)
    assert word.tables[0].cell(1, 0).text == text
    assert text in [paragraph.text for paragraph in word.paragraphs]
    spaced = text != text.strip(" ") or "  " in text
    (element,) = word.tables[0].cell(1, 0)._tc.iter(qn("w:t"))
    assert (element.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve") == spaced


def test_line_breaks_and_controls_become_blanks() -> None:
    word = read(small((Cell("a\nb\x00"),)))
    assert word.tables[0].cell(1, 0).text == "a b "


def test_a_file_does_not_depend_on_those_made_before(blocks: dict[str, list[Block]], report: Document) -> None:  # noqa: F811
    first = word_document(report)
    for lang in LANGUAGES:
        word_document(document_of(blocks[REGIONS[-1]], lang, title="Lain", **HEAD))
    word_document(replace(report, dated=(2024, 6, 30)))
    assert word_document(report) == first
    assert b"Lain" not in b"".join(parts_of(first).values())
