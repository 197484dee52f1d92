"""Word and Excel: the figures of the blocks, real headings, described tables, no formula, the same bytes every time."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn
from tests.report.conftest import FULL, NASTY, REGIONS, blocks, results  # noqa: F401

from analysis.exports import document_of, excel_workbook, word_document
from analysis.exports.content import Document
from analysis.exports.excel import number_format
from analysis.exports.tables import layout_of
from analysis.messages import LANGUAGES, format_value
from analysis.report import Block

HEAD = {"facts": "Kode 82", "warning": "Data tiruan", "citation": "Pembinaan. Contoh.", "dated": (2025, 12, 31)}
FORMULAS = ("=1+1", "+62", "-3", "@SUM(A1)", "\t=1")


@pytest.fixture(scope="module")
def documents(blocks: dict[str, list[Block]]) -> dict[str, Document]:  # noqa: F811
    return {
        f"{region}-{lang}": document_of(blocks[region], lang, title=f"Laporan {region}", **HEAD)
        for region in REGIONS
        for lang in LANGUAGES
    }


def test_every_section_is_there_with_its_figures(
    blocks: dict[str, list[Block]],  # noqa: F811
    documents: dict[str, Document],
) -> None:
    for region in REGIONS:
        for lang in LANGUAGES:
            sections = documents[f"{region}-{lang}"].sections
            assert [section.id for section in sections] == [block.id for block in blocks[region]]
            assert all(section.title and (section.paragraphs or section.tables) for section in sections)


def test_figures_are_those_of_the_blocks(
    blocks: dict[str, list[Block]],  # noqa: F811
    documents: dict[str, Document],
) -> None:
    block = next(block for block in blocks[FULL] if block.id == "claims")
    section = next(section for section in documents[f"{FULL}-id"].sections if section.id == "claims")
    shown = [tuple(cell.value for cell in row[2:5]) for row in section.tables[0].rows]
    assert shown == [(row["estimate"], row["conf_low"], row["conf_high"]) for row in block.data["rows"]]
    assert any(value is not None for row in shown for value in row)


def test_rows_have_as_many_cells_as_there_are_headings(blocks: dict[str, list[Block]]) -> None:  # noqa: F811
    for block in (block for region in REGIONS for block in blocks[region]):
        for table in layout_of(block).tables:
            assert {len(row) for row in table.rows} <= {len(table.columns)}, block.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_word_has_headings_repeated_table_heads_descriptions_and_a_language(
    documents: dict[str, Document], lang: str
) -> None:
    document = documents[f"{FULL}-{lang}"]
    word = docx.Document(io.BytesIO(word_document(document)))
    titles = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
    assert titles == [section.title for section in document.sections]
    assert [p.text for p in word.paragraphs if p.style.name == "Title"] == [document.title]
    assert len(word.tables) == sum(len(section.tables) for section in document.sections)
    for table in word.tables:
        properties = table._tbl.tblPr
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert properties.find(qn("w:tblDescription")).get(qn("w:val"))
        assert properties.find(qn("w:tblCaption")).get(qn("w:val"))
    declared = word.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}").get(qn("w:val"))
    assert declared == {"id": "id-ID", "en": "en-GB"}[lang]
    assert (word.core_properties.title, word.core_properties.created.year) == (document.title, 2025)
    assert word.sections[0].page_width.mm == pytest.approx(210, abs=0.1)  # Word counts in twentieths of a point


def test_word_writes_numbers_as_the_reader_does(documents: dict[str, Document]) -> None:
    for lang in LANGUAGES:
        document = documents[f"{FULL}-{lang}"]
        text = "\n".join(
            cell.text
            for table in docx.Document(io.BytesIO(word_document(document))).tables
            for row in table.rows
            for cell in row.cells
        )
        section = next(section for section in document.sections if section.id == "levers")
        estimate = next(cell for cell in section.tables[0].rows[0] if cell.form != "text")
        assert format_value(estimate.value, estimate.form, lang) in text
        assert NASTY in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_excel_holds_numbers_as_numbers(documents: dict[str, Document], lang: str) -> None:
    document = documents[f"{FULL}-{lang}"]
    book = openpyxl.load_workbook(io.BytesIO(excel_workbook(document, {})))
    section = next(section for section in document.sections if section.id == "claims")
    sheet = next(sheet for sheet in book if sheet["A1"].value == section.title)
    held = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "n" and cell.value is not None]
    known = [
        cell.value for row in section.tables[0].rows for cell in row if cell.form != "text" and cell.value is not None
    ]
    assert sorted(cell.value for cell in held) == pytest.approx(sorted(known))  # the file holds 15 digits
    assert any(cell.number_format.startswith("+") for cell in held)
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_text_never_becomes_a_formula(documents: dict[str, Document]) -> None:
    table = pd.DataFrame({"=name": FORMULAS, "value": [1.0, 2.0, float("nan"), 1 / 3, 5.0]})
    content = excel_workbook(documents[f"{FULL}-id"], {"data": table})
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    sheet = book["data"]
    assert [sheet.cell(row, 1).value for row in range(2, 7)] == list(FORMULAS)
    assert all(sheet.cell(row, 1).quotePrefix for row in range(1, 7))
    assert (sheet["B5"].value, sheet["B4"].value) == (0.333333, None)
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert b"<f>" not in b"".join(parts(content).values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_report_gives_the_same_bytes_without_a_clock(documents: dict[str, Document], lang: str) -> None:
    document = documents[f"{FULL}-{lang}"]
    for make in (word_document, lambda given: excel_workbook(given, {})):
        first, second = make(document), make(document)
        assert first == second
        with zipfile.ZipFile(io.BytesIO(first)) as held:
            assert {entry.date_time for entry in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2025-12-31" in parts(first)["docProps/core.xml"]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        return {name: held.read(name) for name in held.namelist()}


@pytest.mark.parametrize(
    ("form", "expected"),
    [("n0", "#,##0"), ("n2", "#,##0.00"), ("s1", "+#,##0.0;-#,##0.0;#,##0.0"), ("p0", "#,##0%"), ("rp", '"Rp"#,##0')],
)
def test_number_formats(form: str, expected: str) -> None:
    assert number_format(form) == expected


def test_sheets_with_the_same_title_get_their_own_names(documents: dict[str, Document]) -> None:
    frame = pd.DataFrame({"a": [1.0]})
    content = excel_workbook(documents[f"{FULL}-id"], {"X/[y]" * 10: frame, "x? y" * 12: frame, "X" * 31: frame})
    names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert len({name.casefold() for name in names}) == len(names)
