"""From raw values to text in the reader's language.

Blocks hold no sentences, only message keys with values. A value may itself be

* a message as dict, ``{"key": ..., "values": {...}}``,
* a label in both languages, ``{"id": ..., "en": ...}``,
* a list in words, ``{"list": [...]}`` ("a, b, dan c"),
* a half-year, ``{"period": "2024-S1"}``,
* a string (a name from the data, shown as it is), a number or None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from babel.lists import format_list

from analysis.messages import Message, format_value, render, wording

PLAIN = frozenset({bool, float, int, str})
"""Types of what is shown as it is: most values, and asking for the abstract types first takes long."""


def resolve(value: Any, lang: str) -> Any:
    """Turn everything in `value` that has a language into text; numbers stay numbers.

    Raises
    ------
    KeyError
        If a text or one of its values is missing.
    """
    if value is None or type(value) in PLAIN:
        return value
    if type(value) is dict:
        return _resolve_mapping(value, lang)
    if isinstance(value, Message):
        return render(value.key, lang, {name: resolve(item, lang) for name, item in value.values.items()})
    if isinstance(value, Mapping):
        return _resolve_mapping(value, lang)
    if isinstance(value, (list, tuple)):
        return [resolve(item, lang) for item in value]
    return value


def _resolve_mapping(value: Mapping[str, Any], lang: str) -> Any:
    size = len(value)
    if size == 2 and "key" in value and "values" in value:
        return render(value["key"], lang, {name: resolve(item, lang) for name, item in value["values"].items()})
    if size == 2 and "id" in value and "en" in value:
        return wording(value, lang)
    if size == 1 and "list" in value:
        return format_list([str(item) for item in resolve(value["list"], lang)], locale=lang)
    if size == 1 and "period" in value:
        return period_text(value["period"], lang)
    return {name: resolve(item, lang) for name, item in value.items()}


def sentence(value: Any, lang: str) -> str:
    """Return `value` as text that begins with a capital letter."""
    text = str(resolve(value, lang))
    return text[:1].upper() + text[1:]


def say(key: str, lang: str, **values: Any) -> str:
    """Return the text of `key` with `values` resolved."""
    return str(resolve(Message(key, values), lang))


def number(value: float | None, places: int, lang: str, signed: bool = False) -> str:
    """Return a number with `places` decimals, an en dash where it is missing."""
    return format_value(value, f"{'s' if signed else 'n'}{places}", lang)


def interval(low: float | None, high: float | None, places: int, lang: str) -> str:
    """Return "−0,4 s.d. 1,6" or "−0.4 to 1.6", an en dash where a bound is missing."""
    if not (is_number(low) and is_number(high)):
        return "–"
    return say(f"report.interval.n{places}", lang, low=low, high=high)


def period_text(period: Any, lang: str) -> str:
    """Return a half-year such as ``"2024-S1"`` in words; anything else (a year) as it is."""
    text = str(period)
    year, mark, half = text.partition("-S")
    if not mark or half not in ("1", "2"):
        return text
    return render(f"report.period.s{half}", lang, {"year": year})


def is_number(value: Any) -> TypeGuard[float]:
    """Whether `value` is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
