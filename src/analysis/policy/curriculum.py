"""Training topics that address the weakest elements, and weak elements that training does not move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.measures import ELEMENTS
from analysis.messages import Message
from analysis.panel import Topic, load_topics

OTHER_REMEDY = {"U1": "requirements", "U4": "fees", "U9": "facilities"}
"""Elements that training hardly moves, and what does: the rules on requirements and fees, and facilities."""


@dataclass(frozen=True)
class Curriculum:
    """What to teach next.

    Parameters
    ----------
    topics
        One row per topic that addresses a listed cell: topic, elements (those listed), units, cells, officers (of
        these units), gap (mean shrunken gap of the cells), weight (officers x gap summed over cells, as a share of
        all), hours_now (JP per officer and half-year on the topic in these units; missing if not known), sentence (a
        `Message` as dict); sorted by weight.
    other
        One row per listed element that training does not address: element, units, gap, sentence.
    """

    topics: pd.DataFrame
    other: pd.DataFrame


def plan_curriculum(
    listed: pd.DataFrame,
    headcount: Mapping[str, float],
    *,
    topics: Mapping[str, Topic] | None = None,
    hours_by_topic: pd.DataFrame | None = None,
) -> Curriculum:
    """Turn a priority list into a curriculum.

    Parameters
    ----------
    listed
        See `analysis.policy.priorities.priority_list`: unit_id, element, gap.
    headcount
        Officers by unit_id.
    topics
        Topics and the elements they address; those of the catalog by default.
    hours_by_topic
        unit_id, topic, hours (JP per officer and half-year), to see what is taught already.
    """
    known = load_topics() if topics is None else topics
    cells = listed[["unit_id", "element", "gap"]].assign(officers=listed["unit_id"].map(dict(headcount)).astype(float))
    cells["weight"] = cells["officers"] * cells["gap"].clip(lower=0.0)
    trainable = cells.loc[~cells["element"].isin(list(OTHER_REMEDY))]
    pairs = pd.DataFrame(
        [(key, element) for key, topic in sorted(known.items()) for element in topic.elements],
        columns=["topic", "element"],
    )
    joined = trainable.merge(pairs, on="element", how="inner")
    table = _by_topic(joined, hours_by_topic, known)
    covered = set(joined["element"])
    return Curriculum(table, _without_topic(cells, covered))


def _by_topic(joined: pd.DataFrame, hours_by_topic: pd.DataFrame | None, known: Mapping[str, Topic]) -> pd.DataFrame:
    names = ["topic", "elements", "units", "cells", "officers", "gap", "weight", "hours_now", "sentence"]
    rows = [_topic_row(str(topic), part, hours_by_topic, known) for topic, part in joined.groupby("topic", sort=True)]
    table = pd.DataFrame(rows, columns=names)
    total = float(table["weight"].sum())
    table["weight"] = table["weight"] / total if total > 0 else table["weight"]
    return table.sort_values(["weight", "topic"], ascending=[False, True], kind="stable", ignore_index=True)


def _topic_row(
    topic: str, part: pd.DataFrame, hours_by_topic: pd.DataFrame | None, known: Mapping[str, Topic]
) -> dict[str, object]:
    units = sorted(part["unit_id"].astype(str).unique())
    elements = [name for name in ELEMENTS if name in set(part["element"])]
    officers = float(part.drop_duplicates("unit_id")["officers"].sum())
    label = known[topic].label
    values = {"id_text": label.id, "en_text": label.en, "elements": elements, "units": len(units), "officers": officers}
    return {
        "topic": topic,
        "elements": "|".join(elements),
        "units": len(units),
        "cells": len(part),
        "officers": officers,
        "gap": float(part["gap"].mean()),
        "weight": float(part["weight"].sum()),
        "hours_now": _hours_now(topic, units, hours_by_topic),
        "sentence": Message("policy.curriculum_topic", values).as_dict(),
    }


def _hours_now(topic: str, units: list[str], hours_by_topic: pd.DataFrame | None) -> float:
    if hours_by_topic is None:
        return float("nan")
    rows = hours_by_topic.loc[(hours_by_topic["topic"] == topic) & hours_by_topic["unit_id"].isin(units)]
    return float(rows["hours"].sum() / len(units)) if units else float("nan")


def _without_topic(cells: pd.DataFrame, covered: set[str]) -> pd.DataFrame:
    rows = []
    for element, part in cells.loc[~cells["element"].isin(covered)].groupby("element", sort=True):
        name = str(element)
        key = f"policy.other_{OTHER_REMEDY[name]}" if name in OTHER_REMEDY else "policy.other_no_topic"
        units = int(part["unit_id"].nunique())
        sentence = Message(key, {"element": name, "units": units}).as_dict()
        rows.append({"element": name, "units": units, "gap": float(np.mean(part["gap"])), "sentence": sentence})
    return pd.DataFrame(rows, columns=["element", "units", "gap", "sentence"])
