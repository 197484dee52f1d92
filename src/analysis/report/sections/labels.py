"""Names of columns in words: what a check says about ``log_budget`` is told of the development budget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from analysis.catalog import load_catalog
from analysis.paths import catalog_dir
from analysis.report.blocks import jsonable
from analysis.report.sections._common import ELEMENTS, known, msg

LEAD = re.compile(r"_lead\d+$")
"""Ending of a treatment taken from a later half-year, whose distance the sentence tells by itself."""


def in_words(reason: Any) -> Any:
    """Return a message with every column's name among its values replaced by its wording.

    Parameters
    ----------
    reason
        A `Message` or the same as dict; messages among its values are searched too.
    """
    plain = jsonable(reason)
    return _named(plain) if isinstance(plain, Mapping) else plain


def _named(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _named(item) for name, item in value.items()} if set(value) != {"id", "en"} else value
    if isinstance(value, list):
        return [_named(item) for item in value]
    return column_label(value) if isinstance(value, str) else value


def column_label(name: str) -> Any:
    """Return the wording of a panel column, a product of two, or a region's code; any other text as it is."""
    words = column_words()
    base = LEAD.sub("", name)
    if base in words:
        return words[base]
    parts = base.split(":")
    if len(parts) == 2 and all(part in words for part in parts):
        return msg("figure.product", first=words[parts[0]], second=words[parts[1]])
    regions = load_catalog().regions
    return regions[name].name if name in regions else name


@cache
def column_words() -> dict[str, Any]:
    """Return wording by panel column: of the causal graph, the survey's elements, and ``report.column.<name>``."""
    # Read from the catalog, whose checks have run where claims were judged: the graph's own layer loads networkx.
    graph = yaml.safe_load((catalog_dir() / "graph.yml").read_text(encoding="utf-8"))
    words: dict[str, Any] = {node["column"]: node["label"] for node in graph.values() if node.get("column")}
    words |= {element.lower(): msg(f"element.{element}") for element in ELEMENTS}
    words |= {name: msg(f"column.{name}") for name in COLUMNS if known(f"column.{name}")}
    return words


COLUMNS = (
    *("training_hours", "training_hours_now", "training_matched", "leadership", "leadership_first"),
    *("leadership_second", "resistance", "resistance_first", "resistance_second", "log_budget"),
    *("budget_per_head", "index", "index_without_u4"),
    *("index_before", "hours_classroom", "hours_internship", "hours_mentoring", "hours_workshop", "hours_seminar"),
    *("hours_coaching", "hours_elearning", "hours_partner", "partner", "weak_gap", "weak_gap_before", "net_outcome"),
    *("professionalism_core", "complaints_n", "responsiveness", "trainers", "award_on", "feedback_channel_on"),
    *("online_registration_on", "headcount"),
)
"""Columns with a text of their own, which takes the place of the graph's."""
