"""Styles of one page: only the rules that something on it can match, since styles travel inside every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_CLASSES = re.compile(r' class="([^"]*)"')
_IDS = re.compile(r' id="([^"]*)"')
_TAGS = re.compile(r"<([a-z][a-z0-9]*)")
_WORDS = re.compile(r"[\w-]+")
_EITHER = re.compile(r":(?:is|not|has|where)\([^()]*\)|:[\w-]+(?:\([^()]*\))?|\[[^\]]*\]")
"""Parts of a selector that need not hold of any element by name: alternatives, states, attributes."""
_NAMED = re.compile(r"[.#]?[a-zA-Z][\w-]*")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


@dataclass(frozen=True)
class Rule:
    """One rule: its selectors, each with the names that it needs, its declarations, and the medium it is for."""

    selectors: tuple[tuple[str, frozenset[str]], ...]
    declarations: str
    medium: str


def trimmed(style: str, html: str, script: str = "") -> str:
    """Return the rules of a style sheet that may match something on a page.

    Parameters
    ----------
    style
        The whole style sheet, without comments.
    html
        The page.
    script
        Its script: whatever is named in it counts as being on the page.
    """
    return _chosen(style, frozenset(_names(html, script) & _known(style)))


def _names(html: str, script: str) -> set[str]:
    """Return the names on a page as selectors write them: ``p``, ``.class``, ``#id``."""
    classes = {f".{name}" for names in set(_CLASSES.findall(html)) for name in names.split()}
    words = set(_WORDS.findall(script))
    told = {f"{mark}{word}" for word in words for mark in ("", ".", "#")}
    return classes | {f"#{name}" for name in _IDS.findall(html)} | set(_TAGS.findall(html)) | told


@cache
def _rules(style: str) -> tuple[Rule, ...]:
    return tuple(_parsed(style))


@cache
def _known(style: str) -> frozenset[str]:
    """Return all names that the selectors of a style sheet need."""
    return frozenset(name for rule in _rules(style) for _, names in rule.selectors for name in names)


@cache
def _chosen(style: str, names: frozenset[str]) -> str:
    parts, medium = [], ""
    for rule in _rules(style):
        kept = ",".join(selector for selector, needed in rule.selectors if needed <= names)
        if not kept:
            continue
        if rule.medium != medium:
            parts.append("}" * bool(medium) + f"{rule.medium}{{" * bool(rule.medium))
            medium = rule.medium
        parts.append(f"{kept}{{{rule.declarations}}}")
    return "".join(parts) + "}" * bool(medium)


def _parsed(style: str) -> Iterator[Rule]:
    """Yield the rules of a style sheet; what stands in another at-rule than ``@media`` is kept as it is."""
    for prelude, body in _blocks(style.replace("\n", "")):
        if prelude.startswith("@media"):
            for selectors, declarations in _RULE.findall(body):
                yield Rule(_needed(selectors), declarations, prelude)
        else:
            yield Rule(_needed(prelude), body, "")


def _blocks(style: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before each outermost pair of braces, and what stands in it."""
    depth = start = opened = 0
    for found in re.finditer(r"[{}]", style):
        depth += 1 if found[0] == "{" else -1
        if found[0] == "{" and depth == 1:
            opened = found.start()
        elif depth == 0:
            yield style[start:opened], style[opened + 1 : found.start()]
            start = found.end()


def _needed(prelude: str) -> tuple[tuple[str, frozenset[str]], ...]:
    if prelude.startswith("@"):
        return ((prelude, frozenset()),)
    selectors = re.split(r",(?![^(]*\))", prelude)
    return tuple((selector, frozenset(_NAMED.findall(_EITHER.sub(" ", selector)))) for selector in selectors)
