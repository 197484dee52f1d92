"""Numbers as Indonesian and English offices write them.

``1.234,5`` and ``1,234.5`` say by themselves which sign is which. ``125.000`` does not: it is read only if the rest
of its column, its type or its unit settles it, and refused otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Notation = Literal["id", "en"]

_MULTIPLES = {
    **dict.fromkeys(("ribu", "rb", "ribuan", "thousand"), Decimal(10**3)),
    **dict.fromkeys(("juta", "jt", "jutaan", "million"), Decimal(10**6)),
    **dict.fromkeys(("miliar", "milyar", "mliar", "miliyar", "billion"), Decimal(10**9)),
    **dict.fromkeys(("triliun", "trilyun", "trillion"), Decimal(10**12)),
}
# "M" is a billion to an Indonesian and a million to others; "B" and "T" fare no better.
_UNCLEAR_MULTIPLES = ("m", "b", "t", "bn", "mn", "k")
_CURRENCY = re.compile(r"^([+-]?)\s*(?:rp|idr)(?![a-z])\.?\s*", re.IGNORECASE)
_CLOSING = re.compile(r"\s*,\s*[-–—=]+$")
_PARTS = re.compile(r"^([+-]?)\s*([\d.,' ]*\d[.,]?)\s*([a-z%./ ]*)$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$", re.IGNORECASE)


@dataclass(frozen=True)
class Readings:
    """What a text may mean.

    Parameters
    ----------
    id, en
        Value in Indonesian and in English notation; None if it is no number in that notation.
    money
        Whether it names rupiah, of which nobody writes thousandths.
    """

    id: float | None
    en: float | None
    money: bool = False

    @property
    def certain(self) -> float | None:
        """The value, if both notations agree or only one fits."""
        if self.id is not None and self.en is not None:
            return self.id if self.id == self.en else None
        return self.id if self.id is not None else self.en

    @property
    def notation(self) -> Notation | None:
        """The notation that the text gives away, if only one fits."""
        if (self.id is None) == (self.en is None):
            return None
        return "id" if self.en is None else "en"

    @property
    def ambiguous(self) -> bool:
        """Whether both notations fit with different values."""
        return self.id is not None and self.en is not None and self.id != self.en


NOTHING = Readings(None, None)


def read_number(text: str, units: Iterable[str] = ()) -> Readings:
    """Return what a text may mean as a number.

    Parameters
    ----------
    text
        For example ``"Rp 1.234,50"``, ``"(1,234.5)"``, ``"2,5 juta"``, ``"Rp125.000,-"``, ``"12,5%"``.
    units
        Words that may follow the number without changing it.

    Returns
    -------
    Readings
        `NOTHING` if it is not a number.
    """
    core, money = _strip_currency(text.strip())
    negative = core.startswith("(") and core.endswith(")")
    core = core[1:-1].strip() if negative else core
    if _SCIENTIFIC.match(core):
        value = float(core.replace(",", "."))
        return Readings(value if "," in core else None, value if "," not in core else None)
    parts = _PARTS.match(core.replace("−", "-").replace("–", "-"))
    if parts is None or (negative and parts[1]):
        return NOTHING
    factor = _factor(parts[3], units)
    if factor is None:
        return NOTHING
    sign = -1 if negative or parts[1] == "-" else 1
    readings = (_decimal(parts[2], ",", "."), _decimal(parts[2], ".", ","))
    scaled = [None if value is None else float(sign * value * factor) + 0.0 for value in readings]
    return Readings(scaled[0], scaled[1], money and factor == 1)


def _strip_currency(text: str) -> tuple[str, bool]:
    """Take away "Rp" (also after the sign) and the closing sign of "125.000,-", which says that there are no cents."""
    without = _CLOSING.sub("", _CURRENCY.sub(r"\1", text))
    return without, without != text


def _factor(word: str, units: Iterable[str]) -> Decimal | None:
    words = word.strip(" .").lower()
    words = re.sub(r"\s*\brupiah$", "", words).strip()
    if not words or words in {unit.lower() for unit in units}:
        return Decimal(1)
    if words == "%" or words in ("persen", "percent"):
        return Decimal("0.01")
    return _MULTIPLES.get(words)


def has_unclear_multiple(text: str) -> bool:
    """Whether a number is followed by a letter that means different amounts to different people ("1,2 M")."""
    return (
        re.fullmatch(rf"(?:rp\.?\s*)?[\d.,]+\s*(?:{'|'.join(_UNCLEAR_MULTIPLES)})\.?", text.strip(), re.I) is not None
    )


def _decimal(text: str, decimal: str, group: str) -> Decimal | None:
    """Read digits in one notation; groups have exactly three digits, and blanks or apostrophes may group as well."""
    whole, _, fraction = text.partition(decimal)
    if (fraction and not fraction.isdigit()) or text.endswith(decimal) or decimal in fraction:
        return None
    for sign in (group, " ", "'"):
        if sign in whole:
            if not re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+", whole):
                return None
            whole = whole.replace(sign, "")
    return Decimal(f"{whole}.{fraction or 0}") if whole.isdigit() else None


LEAST_GROUPED = 1000


@dataclass(frozen=True)
class NumberColumn:
    """What is known of a column before its unclear numbers are settled.

    Parameters
    ----------
    integer
        Whether it counts things: then the only sign in "1.234" groups digits.
    maximum
        Largest value that it may hold.
    """

    integer: bool = False
    maximum: float | None = None

    def settle(self, readings: Readings, notations: frozenset[Notation]) -> float | None:
        """Return the value of an ambiguous text, or None if nothing settles it.

        Parameters
        ----------
        readings
            What the text may mean.
        notations
            Notations that the other texts of the column give away.
        """
        if len(notations) == 1:
            return readings.id if "id" in notations else readings.en
        values = [value for value in (readings.id, readings.en) if value is not None]
        if self.integer or readings.money:
            # Three digits after the only sign: as decimals they would be thousandths of a person or of a rupiah.
            return max(values, key=abs)
        if notations or self.maximum is None or self.maximum >= LEAST_GROUPED:
            return None
        # A column that ends below a thousand has no groups to separate.
        return min(values, key=abs)
