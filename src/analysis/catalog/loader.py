"""One strict way to read the catalog's files into frozen dataclasses.

A record class says everything: its fields are the only keys allowed, their types the only values, their defaults
the only things that may be left out. The first field is the record's key.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from analysis.errors import CatalogError, closest
from analysis.messages import Message

T = TypeVar("T")

LIST_SEPARATOR = "|"
_MISSING = dataclasses.MISSING
_TYPE_NAMES = {str: "text", int: "whole_number", float: "number", bool: "yes_no", datetime.date: "date"}


@dataclass(frozen=True)
class Text:
    """A wording of the catalog itself (label, reason) in both languages.

    Parameters
    ----------
    id, en
        The wording in Indonesian and in English.
    """

    id: str
    en: str

    def text(self, lang: str) -> str:
        """Return the wording in `lang` (``"id"`` or ``"en"``)."""
        return {"id": self.id, "en": self.en}[lang]

    @property
    def message(self) -> Message:
        """The wording as a value inside another message."""
        return Message("catalog.in_two_languages", {"id_text": self.id, "en_text": self.en})


def load_records(path: Path, cls: type[T]) -> dict[str, T]:
    """Read one catalog file.

    Parameters
    ----------
    path
        A ``.yml`` file, a mapping of key to the record's fields, or a ``.csv`` file with one record a row
        (an empty cell is a missing value, several values in one cell are separated by ``|``).
    cls
        A dataclass whose first field is the key. Fields may be ``str, int, float, bool, datetime.date``,
        ``Literal``, another dataclass (for example `Text`), ``X | None``, ``tuple[X, ...]`` and
        ``Mapping[str, X]``. A tuple of dataclasses may be written as a mapping of key to fields as well.

    Returns
    -------
    dict
        Records by key, in the order of the file.

    Raises
    ------
    CatalogError
        For an unreadable file, an unknown, missing or repeated key and a value of the wrong type; the message
        names file, entry and field, and the known name that is closest.
    """
    key_field = dataclasses.fields(cls)[0].name  # type: ignore[arg-type]
    records: dict[str, T] = {}
    for entry, values in _entries(path, key_field):
        place = _Place(path.name, entry)
        if entry in records:
            place.fail("catalog.repeated_entry")
        records[entry] = _build(cls, {key_field: entry, **values}, place, text=path.suffix == ".csv")
    return records


@dataclass(frozen=True)
class _Place:
    """Where in the catalog a value stands."""

    file: str
    entry: str

    def inside(self, name: str) -> _Place:
        return _Place(self.file, f"{self.entry}.{name}")

    def fail(self, key: str, **values: Any) -> NoReturn:
        raise CatalogError(key, file=self.file, entry=self.entry, **values)


def _entries(path: Path, key_field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (key, fields) pairs of a file."""
    if not path.is_file():
        raise CatalogError("catalog.no_file", file=path.name, folder=str(path.parent))
    return _csv_entries(path, key_field) if path.suffix == ".csv" else _yaml_entries(path, key_field)


def _csv_entries(path: Path, key_field: str) -> list[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle, strict=True)
        if key_field not in (reader.fieldnames or []):
            _Place(path.name, "1").fail("catalog.missing_key", name=key_field)
        rows = [(line, row) for line, row in enumerate(reader, start=2)]
    for line, row in rows:
        if None in row or None in row.values():
            _Place(path.name, str(line)).fail("catalog.ragged_row")
    return [
        (row[key_field], {name: cell for name, cell in row.items() if name != key_field and cell != ""})
        for _, row in rows
    ]


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML without its silent habit of letting a repeated key win."""


def _unique_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"repeated key {key!r}", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def _yaml_entries(path: Path, key_field: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CatalogError(
            "catalog.bad_yaml", file=path.name, line=line, problem=str(getattr(error, "problem", error))
        ) from error
    if not isinstance(content, dict):
        _Place(path.name, "").fail("catalog.not_a_mapping")
    for key, fields in content.items():
        place = _Place(path.name, str(key))
        if not isinstance(key, str):
            _wrong_type(key, str, place)
        if not isinstance(fields, dict):
            place.fail("catalog.not_a_mapping")
    return list(content.items())


def _build(cls: type[T], values: Mapping[str, Any], place: _Place, text: bool) -> T:
    """Make one record from its fields after checking the names."""
    known = {field.name: field for field in dataclasses.fields(cls) if field.init}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            place.fail("catalog.unknown_key", name=str(name), hint=_hint(str(name), known))
    for name, field in known.items():
        if name not in values and field.default is _MISSING and field.default_factory is _MISSING:
            place.fail("catalog.missing_key", name=name)
    hints = get_type_hints(cls)
    converted = {name: _convert(value, hints[name], place.inside(name), text) for name, value in values.items()}
    try:
        return cls(**converted)
    except ValueError as error:
        place.fail("catalog.refused", problem=str(error))


def _hint(name: str, known: Mapping[str, Any]) -> Message | str:
    found = closest(name, known)
    return Message("catalog.did_you_mean", {"name": found}) if found else ""


def _convert(value: Any, wanted: Any, place: _Place, text: bool) -> Any:
    """Return `value` as the type `wanted`, or refuse it."""
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        inner = [arm for arm in get_args(wanted) if arm is not type(None)]
        return None if value is None else _convert(value, inner[0], place, text)
    if origin is Literal:
        return _one_of(value, get_args(wanted), place)
    if origin is tuple:
        return _sequence(value, get_args(wanted)[0], place, text)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(value, get_args(wanted)[1], place, text)
    if dataclasses.is_dataclass(wanted):
        if not isinstance(value, dict):
            place.fail("catalog.not_a_mapping")
        return _build(typing.cast(type[Any], wanted), value, place, text)
    return _scalar(value, wanted, place, text)


def _one_of(value: Any, allowed: tuple[Any, ...], place: _Place) -> Any:
    if value not in allowed:
        known = [str(item) for item in allowed]
        place.fail("catalog.not_allowed", value=str(value), allowed=known, hint=_hint(str(value), dict.fromkeys(known)))
    return value


def _sequence(value: Any, item_type: Any, place: _Place, text: bool) -> tuple[Any, ...]:
    if text:
        value = value.split(LIST_SEPARATOR)
    if isinstance(value, dict) and dataclasses.is_dataclass(item_type):
        key_field = dataclasses.fields(item_type)[0].name
        value = [{key_field: key, **(fields or {})} for key, fields in value.items()]
    if not isinstance(value, list):
        place.fail("catalog.not_a_list")
    return tuple(_convert(item, item_type, place.inside(str(n)), text) for n, item in enumerate(value, start=1))


def _mapping(value: Any, item_type: Any, place: _Place, text: bool) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        place.fail("catalog.not_a_mapping")
    items = {
        _scalar(key, str, place, text): _convert(item, item_type, place.inside(str(key)), text)
        for key, item in value.items()
    }
    return types.MappingProxyType(items)


def _scalar(value: Any, wanted: Any, place: _Place, text: bool) -> Any:
    if wanted is Any:
        return value
    if text and wanted in (int, float):
        try:
            return wanted(value)
        except ValueError:
            _wrong_type(value, wanted, place)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not wanted:
        _wrong_type(value, wanted, place)
    return value


def _wrong_type(value: Any, wanted: Any, place: _Place) -> NoReturn:
    # A code written without quotation marks arrives as a number that has lost its zeros (15.10 is 15.1).
    unquoted = wanted is str and isinstance(value, (int, float)) and not isinstance(value, bool)
    advice: Message | str = Message("catalog.quote_it") if unquoted else ""
    place.fail("catalog.wrong_type", value=str(value), wanted=_type_name(wanted), advice=advice)


def _type_name(wanted: Any) -> Message | str:
    name = _TYPE_NAMES.get(wanted)
    return Message(f"catalog.type_{name}") if name else str(getattr(wanted, "__name__", wanted))
