"""Summaries of surveys as e-SKM prints them: recomputed, and what their printed index was computed with."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.ingest.contract import ELEMENTS, Violation
from analysis.ingest.findings import finding, has_errors
from analysis.ingest.places import join, limited, locate
from analysis.ingest.reader import choose_layouts, open_sheets
from analysis.ingest.sheets import convert_sheet
from analysis.ingest.systems import load_systems, unit_of_name
from analysis.results import Ingested

# Lower bounds of the grades B, C and A: Permenpan RB 14/2017, and Kepmenpan 25/2004 which is still in use.
GRADES_2017 = ((88.31, "A"), (76.61, "B"), (65.00, "C"), (0.0, "D"))
GRADES_2004 = ((81.26, "A"), (62.51, "B"), (43.76, "C"), (0.0, "D"))
# Typed weights instead of 1/9, and by how much each shrinks the index.
WEIGHT_RATIOS = {"0.11": 0.99, "0.111": 0.999}
# Nine means rounded to two decimals move the index by up to 0.125 points; most tables print three.
INDEX_TOLERANCE = 0.02
SUMMARY_COLUMNS = ("unit_id", "period", "n", *ELEMENTS, "index", "index_without_u4", "printed_index", "weight", "grade")


def read_survey_summary(path: str | Path, units: pd.DataFrame | None = None) -> Ingested:
    """Read a table of means (or sums) of the nine elements by unit and half-year.

    Parameters
    ----------
    path
        An .xlsx, .xls, .csv, .txt or .parquet file with one row per unit and half-year.
    units
        Checked units; needed where the summary names units without a code.

    Returns
    -------
    Ingested
        `frame` has `SUMMARY_COLUMNS`: ``U1..U9`` are means (1 to 4), ``index`` is recomputed with weight 1/9,
        ``weight`` says what the printed index was computed with (``"1/9"``, ``"0.11"``, ``"0.111"``; missing where
        nothing fits or nothing is printed), ``grade`` is that of Permenpan RB 14/2017.
    """
    source, table = Path(path), load_systems()["eskm"].as_table()
    sheets, findings = open_sheets(source, table)
    layouts, notes = choose_layouts(source, sheets, table) if sheets else ([], [])
    findings += notes
    if not layouts:
        return Ingested(None, tuple(findings or [finding("error", source.name, "empty_file")]))
    parts = [convert_sheet(sheet, layout, table) for sheet, layout in layouts]
    findings += [item for _, _, found in parts for item in found]
    frame, place = join([(frame, place) for frame, place, _ in parts])
    frame, violations = _shape(frame, units)
    findings = limited(findings + locate(violations, frame, place))
    return Ingested(None if has_errors(findings) else _finish(frame), tuple(findings))


def _shape(frame: pd.DataFrame, units: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Violation]]:
    violations: list[Violation] = []
    if frame["unit_id"].isna().any():
        codes, violations = unit_of_name(frame["unit_name"], units, "unit_name")
        frame = frame.assign(unit_id=frame["unit_id"].fillna(codes))
    frame, unclear = _as_means(frame)
    return frame, violations + unclear + printed_index_findings(frame)


def _as_means(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Violation]]:
    """Divide sums by the respondents; a table must be wholly one or the other."""
    elements, n = frame[list(ELEMENTS)].to_numpy(dtype=float), frame["n"].to_numpy(dtype=float)
    known = elements[np.isfinite(elements).all(axis=1) & np.isfinite(n)]
    counts = n[np.isfinite(elements).all(axis=1) & np.isfinite(n)][:, None]
    means = bool((known <= 4).all())
    sums = bool((known % 1 == 0).all() and ((known >= counts) & (known <= 4 * counts)).all())
    if means and (not sums or bool((counts == 1).all())):
        return frame, []
    if sums and not means:
        return frame.assign(**{name: frame[name] / frame["n"] for name in ELEMENTS}), []
    return frame, [Violation("error", "means_or_sums", None, "U1")]


def printed_index_findings(frame: pd.DataFrame) -> list[Violation]:
    """Compare every printed index and grade with what its elements give.

    Parameters
    ----------
    frame
        ``U1..U9`` (means), ``printed_index``, ``printed_grade``.
    """
    found = []
    for row, (index, printed, letter) in enumerate(
        zip(recomputed(frame), frame["printed_index"], frame["printed_grade"], strict=True)
    ):
        weight = recognise_weight(printed, index)
        values = {"printed": printed, "index": index}
        if weight in WEIGHT_RATIOS:
            found.append(Violation("warning", "index_weight", row, "printed_index", {**values, "weight": weight}))
        elif np.isfinite(printed) and np.isfinite(index) and weight is None:
            found.append(Violation("error", "index_differs", row, "printed_index", values))
        found += _grade_findings(row, index, printed, letter)
    return found


def _grade_findings(row: int, index: float, printed: float, letter: object) -> list[Violation]:
    shown = printed if np.isfinite(printed) else index
    given = str(letter).strip().upper()[:1] if isinstance(letter, str) else ""
    if given not in ("A", "B", "C", "D") or not np.isfinite([shown, index]).all() or given == grade(shown):
        return []
    old = given == grade(shown, GRADES_2004)
    values = {"printed": given, "grade": grade(index)}
    return [Violation("warning", "grade_of_2004" if old else "grade_differs", row, "printed_grade", values)]


def recomputed(frame: pd.DataFrame) -> pd.Series:
    """Return 25 times the mean of the nine elements (Permenpan RB 14/2017, weight 1/9)."""
    return frame[list(ELEMENTS)].mean(axis=1, skipna=False) * 25


def recognise_weight(printed: float, index: float) -> str | None:
    """Return the weight that explains a printed index: ``"1/9"``, ``"0.11"``, ``"0.111"``, or None."""
    if not np.isfinite(printed) or not np.isfinite(index):
        return None
    ratios = {"1/9": 1.0, **WEIGHT_RATIOS}
    distance = {weight: abs(printed - index * ratio) for weight, ratio in ratios.items()}
    best = min(distance, key=lambda weight: distance[weight])
    return best if distance[best] <= INDEX_TOLERANCE else None


def grade(index: float, grades: tuple[tuple[float, str], ...] = GRADES_2017) -> str:
    """Return the grade of an index, rounded half up to two decimals first: the classes leave holes beyond them."""
    rounded = float(Decimal(repr(float(index))).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return next(letter for lowest, letter in grades if rounded >= lowest)


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    index = recomputed(frame)
    without = frame[[name for name in ELEMENTS if name != "U4"]].mean(axis=1, skipna=False) * 25
    weights = [recognise_weight(p, i) for p, i in zip(frame["printed_index"], index, strict=True)]
    frame = frame.assign(
        index=index, index_without_u4=without, weight=pd.Series(weights, dtype="str"), grade=[grade(i) for i in index]
    )
    return frame[list(SUMMARY_COLUMNS)].reset_index(drop=True)
