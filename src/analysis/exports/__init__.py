"""What offices pass on: a report as Word document, Excel workbook, PDF and zip, made from the same blocks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analysis.exports.archive import fixed_zip, write_archive
from analysis.exports.dictionary import DICTIONARY, EXPLAINED, dictionary_rows
from analysis.exports.pdf import Printer, find_browser

if TYPE_CHECKING:
    from analysis.exports.content import Document, document_of
    from analysis.exports.excel import excel_workbook
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

_LATER = {"Document": "content", "document_of": "content", "excel_workbook": "excel", "word_document": "word"}
"""Module by name of what only workers need: the driver of a run starts without Word and Excel."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
