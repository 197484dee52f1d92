"""Terms explained where a reader first meets them: a button in the sentence opens the meaning, without script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from analysis.report import i18n
from analysis.report.blocks import Block

RUNNING_TEXT = {"p", "li", "dd", "td"}
"""Elements in whose text a term is explained."""
LEFT_ALONE = {
    "a",
    "button",
    "summary",
    "h1",
    "h2",
    "h3",
    "th",
    "caption",
    "svg",
    "code",
    "pre",
    "figcaption",
    "abbr",
    "dt",
}
VOID = {"br", "img", "input", "meta", "link", "hr"}
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)


def glossary(blocks: Sequence[Block], lang: str) -> list[dict[str, str]]:
    """Return the terms that a report explains: ``term`` and ``meaning``, from its method section."""
    terms: list[Any] = [item for block in blocks if block.id == "method" for item in block.data.get("terms", ())]
    return [{name: str(i18n.resolve(item[name], lang)) for name in ("term", "meaning")} for item in terms]


def explained(
    sections: Sequence[tuple[Block, Markup]], terms: Sequence[dict[str, str]]
) -> tuple[list[tuple[Block, Markup]], list[dict[str, str]]]:
    """Return the sections with a button at the first place of each term, and the terms found, with the button's `id`.

    Parameters
    ----------
    sections
        Blocks with their HTML, in reading order.
    terms
        What `glossary` returns.
    """
    open_terms = {f"term-{number}": item for number, item in enumerate(terms)}
    found: list[dict[str, str]] = []
    shown = []
    for block, html in sections:
        if block.id != "method":
            html = Markup(_with_buttons(str(html), open_terms, found))
        shown.append((block, html))
    return shown, found


def _with_buttons(html: str, open_terms: dict[str, dict[str, str]], found: list[dict[str, str]]) -> str:
    if not any(str(escape(item["term"])) in html for item in open_terms.values()):
        return html
    parts = _TAG.split(html)
    path: list[str] = []
    for place, part in enumerate(parts):
        if part.startswith("<"):
            _follow(part, path)
        elif part.strip() and RUNNING_TEXT & set(path) and not LEFT_ALONE & set(path) and "sr" not in path:
            parts[place] = _mark_first(part, open_terms, found)
    return "".join(parts)


def _follow(tag: str, path: list[str]) -> None:
    """Keep the names of the open elements; one that only screen readers get counts as ``sr``."""
    match = _NAME.match(tag)
    if match is None or tag.endswith("/>") or match[1].lower() in VOID:
        return
    if tag.startswith("</"):
        path.pop()
    else:
        path.append("sr" if 'class="sr"' in tag else match[1].lower())


def _mark_first(text: str, open_terms: dict[str, dict[str, str]], found: list[dict[str, str]]) -> str:
    for name, item in list(open_terms.items()):
        word = str(escape(item["term"]))
        match = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) if word in text else None
        if match:
            del open_terms[name]
            found.append({"id": name, **item})
            button = f'<button type="button" class="term" popovertarget="{name}">{word}</button>'
            return text[: match.start()] + button + _mark_first(text[match.end() :], open_terms, found)
    return text
