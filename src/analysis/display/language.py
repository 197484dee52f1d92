"""In which language something is shown when nobody says so."""

from __future__ import annotations

import os
from typing import Any

from analysis.errors import UsageError
from analysis.messages import LANGUAGES, render

LANGUAGE_ENV = "PEMBINAAN_LANG"


def language(lang: str | None = None) -> str:
    """Return `lang`, else the environment's ``PEMBINAAN_LANG``, else Indonesian.

    Raises
    ------
    UsageError
        For a language that there is not.
    """
    chosen = lang or os.environ.get(LANGUAGE_ENV) or "id"
    if chosen not in LANGUAGES:
        raise UsageError("cli.unknown_language", name=chosen, known=list(LANGUAGES))
    return chosen


def words(key: str, lang: str, **values: Any) -> str:
    """Return the text of ``display.<key>``."""
    return render(f"display.{key}", lang, values)
