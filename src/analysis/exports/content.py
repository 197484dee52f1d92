"""A report as plain text and tables in one language: what Word and Excel show, from the blocks that the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.exports.tables import Cell, Column, Layout, layout_of
from analysis.messages import Message
from analysis.report import i18n
from analysis.report.blocks import Block

__all__ = ["Cell", "Column", "Document", "Section", "Table", "document_of"]


@dataclass(frozen=True)
class Table:
    """One table: `caption`, `description` for those who do not see it, `columns`, `rows` of cells in their order."""

    caption: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section of a report: `id` of its block, `title`, `paragraphs`, `tables`, `notes` (sources, sample)."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A whole report in one language.

    Parameters
    ----------
    lang
        Language of all texts.
    title
        Its title.
    facts
        What stands under the title: region, period, release.
    warning
        That the data are synthetic; empty otherwise.
    citation
        How to cite it.
    dated
        Last day of the last half-year (year, month, day): no clock is read.
    sections
        Its sections in reading order.
    """

    lang: str
    title: str
    facts: str
    warning: str
    citation: str
    dated: tuple[int, int, int]
    sections: tuple[Section, ...]


def document_of(blocks: Sequence[Block], lang: str, **head: Any) -> Document:
    """Return the blocks of a report as a document.

    Parameters
    ----------
    blocks
        Sections in reading order.
    lang
        Language of the document.
    **head
        The other fields of `Document`.
    """
    return Document(lang=lang, sections=tuple(section_of(block, lang) for block in blocks), **head)


def section_of(block: Block, lang: str) -> Section:
    """Return one block as text and tables; a kind without tables keeps its texts and the description of its figure."""
    layouts = layout_of(block)
    roles = [name for name in block.text if name not in ("title", "note")]
    texts = [block.text[role] for role in roles]
    ordered = [*layouts.paragraphs, *texts] if block.kind == "answer" else [*texts, *layouts.paragraphs]
    said = [i18n.sentence(text, lang) for text in ordered]
    if block.kind not in ("prose", "provenance", "answer") and not layouts.tables:
        said.append(i18n.sentence(block.alt, lang))
    return Section(
        id=block.id,
        title=i18n.sentence(block.text["title"], lang),
        paragraphs=tuple(dict.fromkeys(text for text in said if text)),
        tables=tuple(_table(layout, block, lang) for layout in layouts.tables if layout.rows),
        notes=_notes(block, lang),
    )


def _table(layout: Layout, block: Block, lang: str) -> Table:
    rows = [tuple(_cell(cell, lang) for cell in row) for row in layout.rows]
    caption = i18n.sentence(layout.caption, lang) if layout.caption else i18n.sentence(block.text["title"], lang)
    columns = tuple(i18n.sentence(column, lang) for column in layout.columns)
    return Table(caption, i18n.sentence(block.alt, lang), columns, tuple(rows))


def _cell(cell: Cell, lang: str) -> Cell:
    """Return the cell with text in the language; a missing number is None, an en dash where it is shown."""
    if cell.form == "text":
        return Cell("" if cell.value is None else i18n.sentence(cell.value, lang), "text")
    return cell if i18n.is_number(cell.value) else Cell(None, cell.form)


def _notes(block: Block, lang: str) -> tuple[str, ...]:
    notes = [i18n.sentence(block.text["note"], lang)] if "note" in block.text else []
    if block.source:
        sources = "; ".join(str(i18n.resolve(item, lang)) for item in block.source)
        notes.append(Message("site.source", {"sources": sources}).text(lang))
    if block.sample:
        notes.append(Message("site.sample", {"sample": i18n.resolve(block.sample, lang)}).text(lang))
    return tuple(notes)
