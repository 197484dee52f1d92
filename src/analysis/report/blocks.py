"""Language-neutral pieces of a report, as the notebooks emit them and the pages show them.

A block is plain data with message keys; pages in any language, figures for JupyterLab and the machine-readable
release are made from it without running an analysis again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.messages import Message
from analysis.paths import given_slice

MIME = "application/vnd.pembinaan.block+json"
KINDS = (
    "answer",
    "verdicts",
    "intervals",
    "trend",
    "map",
    "matrix",
    "table",
    "prose",
    "checks",
    "allocation",
    "provenance",
    "specification_curve",
    "dose_response",
    "event_study",
    "graph",
)
SIGNIFICANT_DIGITS = 6
"""Digits kept in a block: more of them differ between processors, none of them would be printed."""


def jsonable(value: Any) -> Any:
    """Return `value` as plain JSON types: messages as dicts, missing as None, floats to six significant digits.

    Raises
    ------
    TypeError
        If it holds something that is not data.
    """
    kind = type(value)  # of most values; asking for the abstract types first takes twice as long
    if value is None or kind is str:
        return value
    if kind is float or kind is int:
        return _plain_number(value)
    if kind is dict:
        return {str(name): jsonable(item) for name, item in value.items()}
    if isinstance(value, Message):
        return {"key": value.key, "values": jsonable(dict(value.values))}
    if isinstance(value, Mapping):
        return {str(name): jsonable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (str, bool)):
        return value
    return _plain_number(value)


def _plain_number(value: Any) -> int | float | bool | None:
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return float(f"{number:.{SIGNIFICANT_DIGITS}g}") + 0.0 if math.isfinite(number) else None
    if value is pd.NA or value is pd.NaT:
        return None
    raise TypeError(f"{type(value).__name__} is not data for a block")


@dataclass(frozen=True)
class Block:
    """One piece of a report.

    Parameters
    ----------
    id
        Name of the section, unique in a report, for example ``"levers"``.
    kind
        One of `KINDS`; decides how it is drawn.
    data
        The figures, plain JSON types; texts in it are messages as dicts.
    text
        Messages by role: ``title`` (always), ``lead`` (what it says), ``note`` and others of the kind.
    alt
        Description of the figure for those who do not see it, made from the data.
    source
        Where the figures come from.
    sample
        What they rest on, or None for text without figures.
    privacy
        ``minimum`` (fewest respondents behind a shown cell), ``hidden`` (number of cells withheld).
    """

    id: str
    kind: str
    data: Mapping[str, Any]
    text: Mapping[str, Message]
    alt: Message
    source: tuple[Message, ...] = ()
    sample: Message | None = None
    privacy: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of block {self.kind!r}; one of {', '.join(KINDS)}")
        object.__setattr__(self, "data", jsonable(self.data))
        object.__setattr__(self, "privacy", jsonable(self.privacy))
        object.__setattr__(self, "text", {role: _plain_message(text) for role, text in self.text.items()})
        object.__setattr__(self, "alt", _plain_message(self.alt))
        object.__setattr__(self, "source", tuple(_plain_message(text) for text in self.source))
        object.__setattr__(self, "sample", _plain_message(self.sample) if self.sample else None)

    def as_dict(self) -> dict[str, Any]:
        """Return the block as plain JSON types."""
        return {
            "id": self.id,
            "kind": self.kind,
            "data": self.data,
            "text": jsonable(self.text),
            "alt": jsonable(self.alt),
            "source": jsonable(self.source),
            "sample": jsonable(self.sample),
            "privacy": self.privacy,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Block:
        """Return the block that `as_dict` wrote."""
        words = {
            "text": {role: _message(text) for role, text in plain["text"].items()},
            "alt": _message(plain["alt"]),
            "source": tuple(_message(text) for text in plain["source"]),
            "sample": _message(plain["sample"]) if plain["sample"] else None,
        }
        block = object.__new__(cls)  # what was written is plain already: to make it so again takes as long as all else
        for name, value in {**plain, **words}.items():
            object.__setattr__(block, name, value)
        return block

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the block for Jupyter: its data, a plotly figure where the kind has one, and plain text.

        In a batch nobody looks at the notebook: the pages are made from the data alone, which are handed over as one
        text, for on its way every part of what is no text would be looked at and copied several times.
        """
        if given_slice():
            return {MIME: json.dumps(self.as_dict(), ensure_ascii=False), "text/plain": str(self)}
        from analysis.report.plotly_figures import figure
        from analysis.report.render import fragment

        bundle: dict[str, Any] = {MIME: self.as_dict(), "text/plain": str(self)}
        drawn = figure(self, lang="id")
        if drawn is None:
            bundle["text/html"] = str(fragment(self, lang="id"))
        else:
            bundle["application/vnd.plotly.v1+json"] = drawn
        return bundle

    def __str__(self) -> str:
        from analysis.report.i18n import resolve

        return "\n".join(str(resolve(self.text[role], "id")) for role in ("title", "lead") if role in self.text)

    def __repr__(self) -> str:
        return f"Block({self.id!r}, {self.kind!r})"


def _message(plain: Mapping[str, Any]) -> Message:
    return Message(plain["key"], plain["values"])


def _plain_message(message: Message) -> Message:
    """Return the message with JSON-ready values, so that a block equals its stored copy."""
    return _message(jsonable(message))


def handed_over(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the plain data of the block in an output of a notebook, None if it holds none."""
    plain = data.get(MIME)
    return json.loads(plain) if isinstance(plain, str) else plain


def plain_blocks(notebook: Any) -> list[Mapping[str, Any]]:
    """Return what an executed notebook shows as plain data, one mapping a block, in its order."""
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    given = (handed_over(output.get("data", {})) for output in outputs)
    return [plain for plain in given if plain is not None]


def collect(notebook: Any) -> list[Block]:
    """Return the blocks that an executed notebook shows, in its order.

    Parameters
    ----------
    notebook
        An nbformat node (version 4) or the same as dict.

    Raises
    ------
    ValueError
        If two blocks have the same id.
    """
    blocks = [Block.from_dict(plain) for plain in plain_blocks(notebook)]
    ids = [block.id for block in blocks]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise ValueError(f"blocks shown twice: {', '.join(doubled)}")
    return blocks
