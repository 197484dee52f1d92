"""Names of the pages of a release, in every language that there is."""

from __future__ import annotations

from analysis.messages import LANGUAGES, SOURCE_LANGUAGE


def named(stem: str, suffix: str, lang: str) -> str:
    """Return ``stem.suffix`` for the source language, ``stem.<language>.suffix`` for the others."""
    return f"{stem}.{suffix}" if lang == SOURCE_LANGUAGE else f"{stem}.{lang}.{suffix}"


def _pages(stem: str) -> dict[str, str]:
    return {lang: named(stem, "html", lang) for lang in LANGUAGES}


REGION_PAGES = {lang: "index.html" if lang == SOURCE_LANGUAGE else f"{lang}.html" for lang in LANGUAGES}
INDEX_PAGES = _pages("index")
ANNEX_PAGES = _pages("annex")
INTERACTIVE_PAGES = _pages("interactive")
SYNTHESIS_PAGES = _pages("synthesis")
COMPARE_PAGES = _pages("compare")
