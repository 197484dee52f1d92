"""Professionalism index (IP ASN) by Permenpan RB 38/2018 and Peraturan BKN 8/2019.

Twenty-five to forty of its hundred points are training records: it measures that training took place. It is therefore
never an outcome of training; the part without training is given beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import UsageError, closest

QUALIFICATION = {
    **{"s3": 25.0, "s2": 20.0, "s1": 15.0, "d4": 15.0, "d3": 10.0},
    **{"d2": 5.0, "d1": 5.0, "sma": 5.0, "smk": 5.0, "smp": 1.0, "sd": 1.0},
}
# Points for training of the position, technical training of at least 20 JP, and seminars, by type of position.
COMPETENCE: Mapping[str, Mapping[str, float]] = {
    "structural": {"position_training": 15.0, "technical": 15.0, "seminar": 10.0},
    "functional": {"position_training": 15.0, "technical": 15.0, "seminar": 10.0},
    "executive": {"position_training": 0.0, "technical": 22.5, "seminar": 17.5},
}
PERFORMANCE = {"very_good": 30.0, "good": 25.0, "fair": 15.0, "poor": 5.0, "very_poor": 1.0}
DISCIPLINE = {"none": 5.0, "light": 3.0, "medium": 2.0, "severe": 1.0}
CATEGORIES = ((91.0, "very_high"), (81.0, "high"), (71.0, "medium"), (61.0, "low"), (-math.inf, "very_low"))
TECHNICAL_HOURS = 20.0
SYNONYMS = {
    **{"struktural": "structural", "fungsional": "functional", "pelaksana": "executive"},
    **{"sangat baik": "very_good", "baik": "good", "cukup": "fair", "butuh perbaikan": "fair"},
    **{"kurang": "poor", "sangat kurang": "very_poor", "buruk": "very_poor"},
    "moderate": "medium",
    **{"tidak ada": "none", "ringan": "light", "sedang": "medium", "berat": "severe"},
    **{"s-3": "s3", "s-2": "s2", "s-1": "s1", "d-4": "d4", "d-3": "d3", "d-2": "d2", "d-1": "d1", "d-iv": "d4"},
    **{"d-iii": "d3", "d-ii": "d2", "d-i": "d1", "div": "d4", "diii": "d3", "dii": "d2", "di": "d1", "slta": "sma"},
    **{"doctorate": "s3", "master": "s2", "bachelor": "s1", "high_school": "sma", "diploma": "d3"},
}
# Training that the position itself requires is told by its topic: offices write it as a form and as a title.
POSITION_TOPICS = r"kepemimpinan|diklatpim|\bpkn\b|\bpka\b|\bpkp\b|fungsional|leadership|functional"
SEMINAR_FORMS = ("seminar", "workshop")


def professionalism_category(index: float) -> str | None:
    """Return the category of an index (0 to 100).

    The regulation prints whole numbers (81-90 high, 71-80 medium); values between, such as 80.5, are not defined
    there. The lower bounds 91, 81, 71 and 61 serve as thresholds.

    Returns
    -------
    str or None
        ``"very_high"``, ``"high"``, ``"medium"``, ``"low"``, ``"very_low"``; None where missing.

    Raises
    ------
    UsageError
        If the index is outside 0 to 100.

    Examples
    --------
    >>> professionalism_category(85.0)
    'high'
    """
    if index is None or not math.isfinite(index):
        return None
    if not 0 <= index <= 100:
        raise UsageError("measures.professionalism_out_of_range", value=float(index))
    return next(name for lowest, name in CATEGORIES if index >= lowest)


def professionalism_index(officers: pd.DataFrame, training: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the professionalism index of every officer.

    ``qualification (25) + competence (40) + performance (30) + discipline (5)``

    Parameters
    ----------
    officers
        One row an officer: ``position_type`` (structural, functional, executive), ``education`` (S3 to SD),
        ``performance`` (very_good to very_poor), ``discipline`` of the last five years (none to severe); Indonesian
        words are understood. Competence is read from the columns ``position_training`` (yes or no),
        ``technical_hours`` (JP) and ``seminar`` (yes or no) or, without them, from `training` by ``nip``.
    training
        Rows of the training table of the measured year: ``nip``, ``form``, ``topic``, ``hours``.

    Returns
    -------
    pandas.DataFrame
        The rows of `officers` with ``qualification``, ``competence``, ``performance_points``, ``discipline_points``,
        ``index``, ``category`` and ``index_without_training`` (0 to 60). A missing answer gives a missing index.

    Raises
    ------
    UsageError
        If a column is missing or a word is not understood (with the closest known one).
    """
    needed = ["position_type", "education", "performance", "discipline"]
    missing = [name for name in needed if name not in officers.columns]
    if missing:
        raise UsageError("measures.columns_missing", names=missing)
    record = officers if "technical_hours" in officers.columns else _competence_record(officers, training)
    table = officers.copy()
    table["qualification"] = _points(officers["education"], QUALIFICATION, "education")
    table["competence"] = _competence(_words(officers["position_type"], COMPETENCE, "position_type"), record)
    table["performance_points"] = _points(officers["performance"], PERFORMANCE, "performance")
    table["discipline_points"] = _points(officers["discipline"], DISCIPLINE, "discipline")
    table["index_without_training"] = table[["qualification", "performance_points", "discipline_points"]].sum(
        axis=1, skipna=False
    )
    table["index"] = table["index_without_training"] + table["competence"]
    table["category"] = [professionalism_category(value) for value in table["index"]]
    return table


def _words(values: pd.Series, known: Mapping[str, object], column: str) -> pd.Series:
    words = values.astype("object").map(lambda word: word.strip().lower() if isinstance(word, str) else None)
    words = words.map(lambda word: SYNONYMS.get(word, word))
    unknown = sorted({word for word in words.dropna() if word not in known})
    if unknown:
        hint = closest(unknown[0], [*known, *SYNONYMS])
        raise UsageError("measures.unknown_word", value=unknown[0], column=column, closest=hint)
    return words


def _points(values: pd.Series, points: Mapping[str, float], column: str) -> pd.Series:
    return _words(values, points, column).map(points).astype(float)


def _competence(position: pd.Series, record: pd.DataFrame) -> pd.Series:
    total = pd.Series(0.0, index=position.index)
    reached = {
        "position_training": record["position_training"].astype(bool),
        "technical": record["technical_hours"].astype(float) >= TECHNICAL_HOURS,
        "seminar": record["seminar"].astype(bool),
    }
    for part, done in reached.items():
        worth = position.map({kind: parts[part] for kind, parts in COMPETENCE.items()}).astype(float)
        total = total + np.where(done, worth, worth * 0.0)
    return total


def _competence_record(officers: pd.DataFrame, training: pd.DataFrame | None) -> pd.DataFrame:
    """Training of the position, technical hours and seminars per officer, from the training records."""
    if training is None or "nip" not in officers.columns:
        raise UsageError("measures.columns_missing", names=["technical_hours"])
    topic = training["topic"] if "topic" in training.columns else pd.Series("", index=training.index)
    of_position = topic.astype(str).str.lower().str.contains(POSITION_TOPICS, regex=True)
    kind = np.where(training["form"].isin(SEMINAR_FORMS), "seminar", np.where(of_position, "position", "technical"))
    hours = training["hours"].astype(float).groupby([training["nip"], kind]).sum().unstack()
    hours = hours.reindex(index=officers["nip"], columns=["position", "technical", "seminar"]).fillna(0.0)
    record = pd.DataFrame(
        {
            "position_training": hours["position"].to_numpy() > 0,
            "technical_hours": hours["technical"].to_numpy(),
            "seminar": hours["seminar"].to_numpy() > 0,
        },
        index=officers.index,
    )
    return record
