"""The tables in a block: which columns, in which order, each cell with its number format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from analysis.messages import Message
from analysis.report.blocks import Block

Column = Message
Rows = Iterable[Mapping[str, Any]]


class Cell(NamedTuple):
    """One cell: a `value` and its `form`: ``text``, ``n0`` to ``n4``, ``s0`` to ``s4``, ``p0``, ``rp``."""

    value: Any
    form: str = "text"


@dataclass(frozen=True)
class Layout:
    """One table without language: `caption` (None: that of the section), heading of each column, rows of cells."""

    caption: Any
    columns: tuple[Any, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Content:
    """What a block holds beside its texts: further `paragraphs`, and `tables`."""

    paragraphs: tuple[Any, ...] = ()
    tables: tuple[Layout, ...] = ()


def layout_of(block: Block) -> Content:
    """Return the tables of a block by its id, else its kind, else by the columns and rows that it declares."""
    make = LAYOUTS.get(block.id) or LAYOUTS.get(block.kind) or _declared
    return make(block.data)


def column(name: str) -> Column:
    """Return the heading ``site.column.<name>``."""
    return Message(f"site.column.{name}")


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(column(name) for name in names)


def _text(*values: Any) -> tuple[Cell, ...]:
    return tuple(Cell(value) for value in values)


def _numbers(form: str, *values: Any) -> tuple[Cell, ...]:
    return tuple(Cell(value, form) for value in values)


def _effect(row: Mapping[str, Any], places: int, signed: bool = True) -> tuple[Cell, ...]:
    form = f"{'s' if signed else 'n'}{places}"
    return _numbers(form, row["estimate"], row["conf_low"], row["conf_high"])


def _answer(data: Mapping[str, Any]) -> Content:
    rows = tuple((*_text(item["label"]), *_numbers("n0", item["n"])) for item in data["tally"])
    tally = Layout(None, _columns("verdict", "number"), rows)
    return Content(tuple(data["headline"]), (tally,))


def _levers(data: Mapping[str, Any]) -> Content:
    rows = tuple(
        (*_text(card["label"], card["verdict_label"]), *_effect(card, card["places"]), *_text(card.get("unit")),
         *_numbers("n0", card["strength"]), *_text(card["todo"]))
        for card in data["cards"]
    )  # fmt: skip
    names = ("lever", "verdict", "estimate", "conf_low", "conf_high", "unit", "strength", "todo")
    return Content(tables=(Layout(None, _columns(*names), rows),))


def _claims(data: Mapping[str, Any]) -> Content:
    rows = tuple(
        (*_text(row["label"], row["verdict_label"]), *_effect(row, row["places"]), *_text(row["unit"]),
         *_numbers("n0", row["strength"]), *_text(row["reason"]))
        for row in data["rows"]
    )  # fmt: skip
    names = ("claim", "verdict", "estimate", "conf_low", "conf_high", "unit", "strength", "reason")
    return Content(tables=(Layout(None, _columns(*names), rows),))


def _quality(data: Mapping[str, Any]) -> Content:
    now = data.get("summary")
    if not now:
        return Content()
    figures = (
        (*_text(Message("site.row.index")), *_numbers("n2", now["index"])),
        (*_text(Message("site.row.conf_low")), *_numbers("n2", now["conf_low"])),
        (*_text(Message("site.row.conf_high")), *_numbers("n2", now["conf_high"])),
        (*_text(Message("site.row.grade")), *_text(now["grade"])),
        (*_text(Message("site.row.respondents")), *_numbers("n0", now["n"])),
    )
    elements = tuple(
        (*_text(item["element"], item["label"]), *_numbers("n2", item["value"])) for item in data["elements"]
    )
    return Content(
        tables=(
            Layout(Message("site.row.index"), _columns("figure", "value"), figures),
            Layout(Message("site.caption.elements"), _columns("element", "name", "mean"), elements),
        )
    )


def _trend(data: Mapping[str, Any]) -> Content:
    return Content(
        tuple(panel["sentence"] for panel in data["panels"]),
        tuple(_panel(panel) for panel in data["panels"]),
    )


def _panel(panel: Mapping[str, Any]) -> Layout:
    form = f"n{panel['places']}"
    rows = tuple(
        (*_text(series["name"], _when(point["x"])), *_numbers(form, point["y"], point.get("low"), point.get("high")))
        for series in panel["series"]
        for point in series["points"]
    )
    return Layout(panel["label"], _columns("region", "period", "value", "conf_low", "conf_high"), rows)


def _when(value: Any) -> Any:
    return {"period": value} if "-S" in str(value) else str(value)


def _intervals(data: Mapping[str, Any]) -> Content:
    signed = not data.get("reference")
    tables = []
    for group in data["groups"]:
        rows = tuple(
            (*_text(row["label"]), *_effect(row, group["places"], signed), *_text(group["unit"]))
            for row in group["rows"]
        )
        tables.append(Layout(group["label"], _columns("level", "estimate", "conf_low", "conf_high", "unit"), rows))
    return Content(tables=tuple(tables))


def _matrix(data: Mapping[str, Any]) -> Content:
    elements = [item["element"] for item in data["columns"]]
    rows = tuple(
        (*_text(row["name"], row["service"]), *_numbers("n0", row["n"]),
         *_numbers("n1", row["index"], row["conf_low"], row["conf_high"]), *_numbers("n2", *row["values"]))
        for row in data["rows"]
    )  # fmt: skip
    names = _columns("unit_name", "service", "respondents", "index", "conf_low", "conf_high")
    legend = tuple(_text(item["element"], item["label"]) for item in data["columns"]) if rows else ()
    named = Layout(Message("site.caption.elements"), _columns("element", "name"), legend)
    return Content(tables=(Layout(None, (*names, *elements), rows), named))


def _allocation(data: Mapping[str, Any]) -> Content:
    rows = tuple(
        (*_text(row["label"]), *_numbers("s1", row["estimate"], row["conf_low"], row["conf_high"]),
         *_numbers("rp", row.get("cost")), *_text(row["sentence"]))
        for row in data["scenarios"]
    )  # fmt: skip
    names = _columns("option", "gain", "conf_low", "conf_high", "cost", "reading")
    return Content((data["duty_sentence"], data["minimum_sentence"]), (Layout(None, names, rows),))


def _curriculum(data: Mapping[str, Any]) -> Content:
    topics = tuple(
        (*_text(row["label"], row["elements"]), *_numbers("p0", row["share"]),
         *_numbers("n0", row["units"], row["officers"]))
        for row in data["topics"]
    )  # fmt: skip
    weak = tuple(
        (*_text(row["unit"], row["element"]), *_numbers("n2", row["value"], row["gap"]), *_numbers("n0", row["n"]))
        for row in data["cells"]
    )
    return Content(
        tuple(row["remedy"] for row in data["other"]),
        (
            Layout(None, _columns("topic", "elements", "share", "units", "officers"), topics),
            Layout(Message("site.caption.weak"), _columns("unit_name", "element", "mean", "gap", "respondents"), weak),
        ),
    )


def _checks(data: Mapping[str, Any]) -> Content:
    tables = []
    for group in data["groups"]:
        rows = tuple(_text(row["label"], _state(row["passed"]), row["reason"]) for row in group["rows"])
        tables.append(Layout(group["label"], _columns("check", "state", "reason"), rows))
    return Content(tables=tuple(tables))


def _state(passed: bool | None) -> Message:
    return Message(f"report.checks.state_{'open' if passed is None else 'passed' if passed else 'failed'}")


def _findings(data: Mapping[str, Any]) -> Content:
    rows = tuple((*_text(row["file"]), *_numbers("n0", row["n"]), *_text(row["example"])) for row in data["rows"])
    return Content(tables=(Layout(None, _columns("file", "times", "finding"), rows),))


def _prose(data: Mapping[str, Any]) -> Content:
    terms = tuple(_text(item["term"], item["meaning"]) for item in data.get("terms", ()))
    said = [text for part in data["parts"] for text in (part["title"], part["body"])]
    return Content((*said, *data.get("held", ())), (Layout(None, _columns("term", "meaning"), terms),))


def _provenance(data: Mapping[str, Any]) -> Content:
    rows = tuple(
        (*_text(item["name"]), *_numbers("n0", item["rows"]), *_text(item["sha256"])) for item in data["files"]
    )
    return Content((data["command"],), (Layout(None, _columns("file", "rows", "sha256"), rows),))


def _map(data: Mapping[str, Any]) -> Content:
    rows = tuple(
        (
            *_text(point["name"]),
            *_numbers("n1", point["value"]),
            *_text(Message(f"report.standing.{point['standing']}")),
        )
        for point in data["points"]
    )
    return Content(tables=(Layout(None, _columns("region", "index", "standing"), rows),))


def _tally(data: Mapping[str, Any]) -> Content:
    rows = tuple((*_text(row["label"]), *_numbers("n0", *row["counts"])) for row in data["tally"])
    return Content(tables=(Layout(None, (column("lever"), *(item["label"] for item in data["columns"])), rows),))


def _declared(data: Mapping[str, Any]) -> Content:
    """Return the table of a block that names its own columns (``name``, ``label``, ``format``), else nothing."""
    columns: Sequence[Mapping[str, Any]] = data.get("columns", ())
    if not columns or not all({"name", "label", "format"} <= set(item) for item in columns):
        return Content()
    rows = tuple(tuple(Cell(row[item["name"]], item["format"]) for item in columns) for row in data.get("rows", ()))
    return Content(tables=(Layout(None, tuple(item["label"] for item in columns), rows),))


LAYOUTS: dict[str, Callable[[Mapping[str, Any]], Content]] = {
    "answer": _answer,
    "levers": _levers,
    "claims": _claims,
    "service_quality": _quality,
    "curriculum": _curriculum,
    "data_quality": _findings,
    "synthesis_verdicts": _tally,
    "trend": _trend,
    "intervals": _intervals,
    "map": _map,
    "matrix": _matrix,
    "allocation": _allocation,
    "checks": _checks,
    "prose": _prose,
    "provenance": _provenance,
}
"""How a block becomes tables, by its id or else its kind."""
