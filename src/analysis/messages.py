"""Texts for people: message keys with values, rendered in Indonesian or English.

Everything that a reader of a report or a user of the command line sees is a `Message`: a key and raw values.
The sentence is made only when it is shown, so that results stay free of language. The texts themselves are gettext
catalogues (`locale/<language>/*.po`); adding a language is adding a folder there.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

SOURCE_LANGUAGE = "id"
LOCALE_DIR = Path(__file__).parent / "locale"


def languages(folder: Path = LOCALE_DIR) -> tuple[str, ...]:
    """Return the languages that have a folder of texts, the source language first, the others in order."""
    found = {path.parent.name for path in folder.glob("*/*.po")}
    return (SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE}))


LANGUAGES = languages()
_KEPT = "\t\n\r"
CONTROLS = {
    **{number: None for number in (*range(0x20), *range(0x7F, 0xA0)) if chr(number) not in _KEPT},
    **dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
}
"""For `str.translate`: takes out what moves a terminal's cursor or turns the direction of writing."""


@dataclass(frozen=True)
class Message:
    """A sentence not yet in any language.

    Parameters
    ----------
    key
        Key of the text in the catalogues, for example ``"estimators.too_few_clusters"``.
    values
        Raw values for its placeholders. Strings are shown as they are, less control characters; numbers by
        the placeholder's format.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Return the sentence in `lang` (``"id"`` or ``"en"``)."""
        return render(self.key, lang, self.values)

    @property
    def id(self) -> str:
        """The sentence in Indonesian."""
        return self.text("id")

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.text("en")

    def __str__(self) -> str:
        return f"{self.id} / {self.en}"

    def as_dict(self) -> dict[str, Any]:
        """Return key and values as plain JSON-ready types; messages among the values become dicts too."""
        return {"key": self.key, "values": {name: _plain(value) for name, value in self.values.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return value.as_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Read every text of one language.

    Raises
    ------
    FileNotFoundError
        If there is no folder for the language.
    ValueError
        If two files define the same key.
    """
    from babel.messages.pofile import read_po

    files = sorted((LOCALE_DIR / lang).glob("*.po"))
    if not files:
        raise FileNotFoundError(f"no texts for language {lang!r} in {LOCALE_DIR}")
    texts: dict[str, str] = {}
    for path in files:
        with path.open("rb") as handle:
            for entry in read_po(handle, locale=lang):
                if not entry.id:
                    continue
                if entry.id in texts:
                    raise ValueError(f"{path.name}: the key {entry.id!r} is defined twice")
                texts[str(entry.id)] = str(entry.string)
    return texts


def render(key: str, lang: str, values: Mapping[str, Any]) -> str:
    """Make the sentence of `key` in `lang` from `values`.

    Raises
    ------
    KeyError
        If the key or a placeholder's value is missing: a wrong sentence must never be shown.
    """
    text = catalogue(lang).get(key)
    if not text:
        raise KeyError(f"no text for {key!r} in {lang!r}")
    return "".join([literal + _filled(name, form, values, lang) for literal, name, form in placeholders(text)])


def _filled(name: str | None, form: str, values: Mapping[str, Any], lang: str) -> str:
    return "" if name is None else format_value(values[name], form, lang)


@cache
def placeholders(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return a text as pieces: what stands before a placeholder, its name (None at the end) and its format.

    Taken apart once: a release says some thousand texts a million times.

    Raises
    ------
    ValueError
        If a placeholder is anything but a name with a format.
    """
    pieces = []
    for literal, name, form, conversion in string.Formatter().parse(text):
        if conversion or (name is not None and not name.isidentifier()):
            raise ValueError(f"not a plain placeholder in {text!r}")
        pieces.append((literal, name, form or ""))
    return tuple(pieces)


def format_value(value: Any, format_spec: str, lang: str) -> str:
    """Format one value for a reader.

    Parameters
    ----------
    value
        A string, number, `Message` (also as dict), wording in both languages (``{"id": ..., "en": ...}``), or a list
        of these (joined with commas).
    format_spec
        ``""`` (as it is; whole numbers get separators), ``"n0"`` to ``"n4"`` (number of decimals),
        ``"s0"`` to ``"s4"`` (the same with a sign), ``"p0"`` to ``"p2"`` (share shown as percent),
        ``"rp"`` (rupiah in words such as "Rp1,2 miliar"), ``"plain"`` (no separators: years, codes).
    lang
        ``"id"`` or ``"en"``.

    Returns
    -------
    str
        The text; a missing number is an en dash.

    Examples
    --------
    >>> format_value(1234.5, "n1", "id"), format_value(1234.5, "n1", "en")
    ('1.234,5', '1,234.5')
    >>> format_value(1.2e9, "rp", "id")
    'Rp1,2 miliar'
    """
    if type(value) in (float, int):
        return _format_number(value, format_spec, lang) if format_spec != "plain" else str(value)
    if isinstance(value, Message):
        return value.text(lang)
    if isinstance(value, Mapping):
        nested = set(value) == {"key", "values"}
        return render(value["key"], lang, value["values"]) if nested else wording(value, lang)
    if isinstance(value, (list, tuple)):
        return ", ".join(format_value(item, format_spec, lang) for item in value)
    if isinstance(value, str) or format_spec == "plain":
        return str(value).translate(CONTROLS)
    return _format_number(value, format_spec, lang)


def wording(label: Mapping[str, Any], lang: str) -> str:
    """Return a label of the catalog, which is written in Indonesian and English: any further language shows English."""
    return str(label[lang] if lang in label else label["en"]).translate(CONTROLS)


def _format_number(value: Any, format_spec: str, lang: str) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    return _number_text(value, format_spec, lang)


@lru_cache(maxsize=50_000)
def _number_text(value: float, format_spec: str, lang: str) -> str:
    """Write a finite number; kept, because a region's files show each of theirs about five times."""
    if format_spec == "rp":
        return format_rupiah(float(value), lang)
    kind, places = (format_spec[:1] or "n"), int(format_spec[1:] or (0 if float(value).is_integer() else 2))
    scaled = round(float(value) * (100 if kind == "p" else 1), places) + 0.0
    text = f"{abs(scaled):,.{places}f}".translate(_separators(lang))
    sign = "−" if scaled < 0 else "+" if kind == "s" and scaled > 0 else ""
    return sign + text + ("%" if kind == "p" else "")


@cache
def _separators(lang: str) -> dict[int, str]:
    """Return what stands for comma and point in numbers: a report holds ten thousand, too many to ask for each."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return {ord(","): get_group_symbol(lang), ord("."): get_decimal_symbol(lang)}


def format_rupiah(amount: float, lang: str) -> str:
    """Write an amount of rupiah in words: ``Rp1,2 miliar``, ``Rp1.2 billion``.

    The currency form of CLDR ("Rp1,2 M") is avoided: "M" is read as million in English and billion in Indonesian.
    """
    from babel.numbers import format_compact_decimal, format_decimal

    sign, size = ("−" if amount < 0 else ""), abs(amount)
    if size < 1e6:
        return f"{sign}Rp{format_decimal(round(size), format='#,##0', locale=lang)}"
    return f"{sign}Rp{format_compact_decimal(size, format_type='long', locale=lang, fraction_digits=1)}"
