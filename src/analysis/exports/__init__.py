"""What offices pass on: a report as Word document, Excel workbook, PDF and zip, made from the same blocks."""

from analysis.exports.archive import fixed_zip, write_archive
from analysis.exports.content import Document, document_of
from analysis.exports.dictionary import DICTIONARY, EXPLAINED, dictionary_rows
from analysis.exports.excel import excel_workbook
from analysis.exports.pdf import Printer, find_browser
from analysis.exports.word import word_document

__all__ = [
    "DICTIONARY",
    "EXPLAINED",
    "Document",
    "Printer",
    "dictionary_rows",
    "document_of",
    "excel_workbook",
    "find_browser",
    "fixed_zip",
    "word_document",
    "write_archive",
]
