"""The regression table in the forms that papers and offices use: every text escaped, always the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from analysis.display.regression import RegressionTable

SIGNIFICANT_DIGITS = 6
"""Digits in CSV: more of them differ between processors."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",
    "]": "{]}",
    "−": "$-$",
    "–": "--",
    "²": "$^2$",
    "×": r"$\times$",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|$~^@&])")
_MARKDOWN_START = re.compile(r"^([-+]|\d+(?=[.)]))")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def html(table: RegressionTable) -> str:
    """Return the table as HTML."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.header)
    body = "".join(_html_row(row) for row in table.coefficients)
    foot = "".join(_html_row(row) for row in table.statistics)
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return (
        f'<div lang="{table.lang}"><table class="pmb"><caption>{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f'<tbody class="statistics">{foot}</tbody></table>{notes}</div>'
    )


def _html_row(row: tuple[str, ...]) -> str:
    return f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(t)}</td>" for t in row[1:]) + "</tr>"


def latex_text(text: str) -> str:
    """Return a text that LaTeX prints as it is."""
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(_CONTROL.sub("", text).split()))


def latex(table: RegressionTable, label: str) -> str:
    """Return the table for LaTeX, with booktabs."""

    def line(row: tuple[str, ...]) -> str:
        return " & ".join(latex_text(text) for text in row) + r" \\"

    named = [rf"\label{{{re.sub(r'[^A-Za-z0-9:._-]', '-', label)}}}"] if label else []
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{latex_text(table.caption)}}}",
            *named,
            rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
            r"\toprule",
            line(table.header),
            r"\midrule",
            *map(line, table.coefficients),
            r"\midrule",
            *map(line, table.statistics),
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\footnotesize {latex_text(note)}" for note in table.notes),
            r"\end{table}",
            "",
        ]
    )


def markdown_text(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    line = " ".join(_CONTROL.sub("", text).split())
    return _MARKDOWN.sub(r"\\\1", line)


def markdown_note(text: str) -> str:
    """Return a text that Markdown shows as a paragraph of its own: no list, no heading."""
    return _MARKDOWN_START.sub(lambda found: f"&#{ord(found[0][0])};{found[0][1:]}", markdown_text(text))


def _pipe_table(table: RegressionTable) -> list[str]:
    def line(row: tuple[str, ...]) -> str:
        return "| " + " | ".join(markdown_text(text) for text in row) + " |"

    rule = "|:--|" + "--:|" * (len(table.header) - 1)
    return [line(table.header), rule, *map(line, table.coefficients), *map(line, table.statistics)]


def markdown(table: RegressionTable) -> str:
    """Return a pipe table with caption and notes."""
    parts = [f"**{markdown_text(table.caption)}**", "", *_pipe_table(table)]
    return "\n".join([*parts, *(line for note in table.notes for line in ("", markdown_note(note))), ""])


def is_quarto_label(label: str) -> bool:
    """Whether Quarto takes a label for that of a table."""
    return bool(re.fullmatch(r"tbl-[A-Za-z0-9_-]+", label))


def qmd(table: RegressionTable, label: str) -> str:
    """Return a Quarto snippet: the pipe table, then its caption with label, then the notes."""
    lines = [*_pipe_table(table), "", f": {markdown_text(table.caption)} {{#{label}}}"]
    return "\n".join([*lines, *(line for note in table.notes for line in ("", markdown_note(note))), ""])


def csv(estimates: pd.DataFrame) -> str:
    """Return figures as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    safe = estimates.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = [_harmless(value) for value in safe[name]]
    return str(safe.to_csv(index=False, float_format=f"%.{SIGNIFICANT_DIGITS}g", lineterminator="\n"))


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def docx(table: RegressionTable, path: Path) -> Path:
    """Write a Word document with a real table: a header row that repeats, figures to the right."""
    from docx import Document

    document = Document()
    _set_properties(document, table)
    document.add_paragraph(_CONTROL.sub("", table.caption), style="Caption")
    rows = (table.header, *table.coefficients, *table.statistics)
    grid = document.add_table(rows=len(rows), cols=len(table.header), style="Table Grid")
    for row, texts in zip(grid.rows, rows, strict=True):
        for position, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.text = _CONTROL.sub("", text)
            cell.paragraphs[0].alignment = 0 if position == 0 else 2
    _repeat_header(grid.rows[0])
    for note in table.notes:
        document.add_paragraph(_CONTROL.sub("", note))
    written = io.BytesIO()
    document.save(written)
    path.write_bytes(_undated(written.getvalue()))
    return path


def _set_properties(document: Any, table: RegressionTable) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _CONTROL.sub("", table.caption)[:255], "Pembinaan", ""
    properties.language = table.lang


def _repeat_header(row: Any) -> None:
    """Repeat the first row on every page, which is also what marks it as a header for screen readers."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _undated(content: bytes) -> bytes:
    """Return a zip file whose entries all carry the same date."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            copy.writestr(zipfile.ZipInfo(name, _EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
