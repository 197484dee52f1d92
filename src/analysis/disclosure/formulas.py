"""Texts that a spreadsheet would take for a formula."""

from __future__ import annotations

import re
from typing import TypeVar

T = TypeVar("T")

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_BLANKS = " \u00a0\u200b\u200e\u200f\u2060\ufeff\"'"


def neutral(value: T) -> T:
    """Return a text that no spreadsheet reads as a formula; other values as they are.

    A text that starts with a sign of a formula (also behind blanks and quotation marks, which some programs drop when
    they read a CSV file) gets an apostrophe in front, as OWASP advises on CSV injection. A plain number with a sign is
    no formula.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    if value.lstrip(_BLANKS).startswith(FORMULA_STARTS):
        return f"'{value}"  # type: ignore[return-value]
    return value
