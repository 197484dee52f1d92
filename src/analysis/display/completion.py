"""Names for the tab key: regions, indicators, claims and specifications of the catalog as attributes.

``names.regions.kabupaten_tebo.code`` in place of remembering ``"15.09"``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from analysis.catalog import load_catalog
from analysis.claims import load_declared
from analysis.errors import UsageError, closest


class Namespace(Mapping[str, Any]):
    """Records of the catalog by attribute, by key and by the tab key.

    Parameters
    ----------
    kind
        What the records are, for messages.
    records
        Records by key, for example by region code.
    attributes
        Key by attribute.
    """

    def __init__(self, kind: str, records: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
        self._kind, self._records, self._attributes = kind, dict(records), dict(attributes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._attributes:
            return self._records[self._attributes[name]]
        hint = closest(name, self._attributes) or "-"
        raise UnknownNameError("display.unknown_name", kind=self._kind, name=name, closest=hint)

    def __getitem__(self, key: str) -> Any:
        if key in self._records:
            return self._records[key]
        hint = closest(str(key), self._records) or "-"
        raise UnknownKeyError("display.unknown_name", kind=self._kind, name=str(key), closest=hint)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __dir__(self) -> list[str]:
        return sorted(self._attributes)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._records)

    def __repr__(self) -> str:
        return f"<{self._kind}: {len(self)}>"


class UnknownNameError(UsageError, AttributeError):
    """An attribute that there is not; also an `AttributeError`, as Python expects of one."""


class UnknownKeyError(UsageError, KeyError):
    """A key that there is not; also a `KeyError`, as Python expects of one."""

    __str__ = Exception.__str__


class Names:
    """The parts of the catalog.

    Attributes
    ----------
    regions, indicators, sources, claims, specs
        `Namespace` each.
    """

    def __init__(self) -> None:
        catalog, declared = load_catalog(), load_declared()
        labels = {code: region.name for code, region in catalog.regions.items()}
        self.regions = Namespace("regions", catalog.regions, attributes_of(labels) | _places(catalog))
        self.indicators = _by_key("indicators", catalog.indicators)
        self.sources = _by_key("sources", catalog.sources)
        self.claims = _by_key("claims", declared.claims)
        self.specs = _by_key("specs", declared.specs)

    def __repr__(self) -> str:
        return " ".join(repr(part) for part in vars(self).values())


@cache
def names() -> Names:
    """Return the names of the project's catalog."""
    return Names()


def attributes_of(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the key of each record by a Python name made from its label; of two alike, each gets its key added."""
    made = {key: identifier(label) for key, label in labels.items()}
    taken = list(made.values())
    return {name if taken.count(name) == 1 else f"{name}_{identifier(key)}": key for key, name in made.items()}


def identifier(text: str) -> str:
    """Return `text` as a Python name: lower case, without accents, words joined by ``_``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"_{name}" if not name or name[0].isdigit() else name


def _places(catalog: Any) -> dict[str, str]:
    """Return places that stand for exactly one region."""
    return {identifier(place.name): place.regions[0] for place in catalog.places.values() if len(place.regions) == 1}


def _by_key(kind: str, records: Mapping[str, Any]) -> Namespace:
    return Namespace(kind, records, {identifier(key): key for key in records})
