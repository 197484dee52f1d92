"""What a notebook shows: the same content as safe HTML and as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

STYLE = (
    "<style>.pmb{font-variant-numeric:tabular-nums}.pmb caption{text-align:left;font-weight:600;padding:.2em 0}"
    ".pmb th,.pmb td{text-align:right;padding:.15em .7em}.pmb th:first-child,.pmb td:first-child{text-align:left}"
    ".pmb td.t,.pmb th.t{text-align:left;white-space:normal}</style>"
)


@dataclass(frozen=True)
class Table:
    """Rows of texts.

    Parameters
    ----------
    header, rows
        Titles of the columns, and the cells, row by row.
    caption
        What it is; empty for none.
    words
        Positions of columns that hold words, not figures.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    words: tuple[int, ...] = (0,)

    def html(self, lang: str) -> str:
        """Return the table as HTML; every text is escaped."""
        head = "".join(f'<th scope="col"{self._mark(i)}>{escape(name)}</th>' for i, name in enumerate(self.header))
        body = "".join(f"<tr>{''.join(self._cell(i, text) for i, text in enumerate(row))}</tr>" for row in self.rows)
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        return f'<table class="pmb" lang="{lang}">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def _cell(self, position: int, text: str) -> str:
        tag, scope = ("th", ' scope="row"') if position == 0 else ("td", "")
        return f"<{tag}{scope}{self._mark(position)}>{escape(text)}</{tag}>"

    def _mark(self, position: int) -> str:
        return ' class="t"' if position in self.words else ""

    def text(self) -> str:
        """Return the table in aligned columns."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        shown = [self.caption] if self.caption else []
        for line in lines:
            cells = (
                text.ljust(width) if i in self.words else text.rjust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            )
            shown.append("  ".join(cells).rstrip())
        return "\n".join(shown)


@dataclass(frozen=True)
class Shown:
    """Sentences and tables for a notebook.

    Parameters
    ----------
    parts
        Sentences (text) and tables, from top to bottom.
    lang
        Language that they are in.
    """

    parts: tuple[str | Table, ...]
    lang: str

    def _repr_html_(self) -> str:
        return STYLE + "".join(
            part.html(self.lang) if isinstance(part, Table) else f'<p lang="{self.lang}">{escape(part)}</p>'
            for part in self.parts
        )

    def __repr__(self) -> str:
        return "\n\n".join(part.text() if isinstance(part, Table) else part for part in self.parts)

    __str__ = __repr__


def table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "", words: Sequence[int] = (0,)
) -> Table:
    """Return a `Table` of anything that can be written as text."""
    return Table(tuple(header), tuple(tuple(str(cell) for cell in row) for row in rows), caption, tuple(words))
