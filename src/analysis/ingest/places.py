"""Where rows and columns stand in the files, so that every finding can be looked up in Excel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.ingest.contract import Violation
from analysis.ingest.findings import finding, quoted
from analysis.messages import Message
from analysis.results import Finding

MOST_OF_A_KIND = 200


@dataclass(frozen=True)
class Place:
    """Where the rows of a frame stand in its files.

    Parameters
    ----------
    files, sheets
        Name of file and sheet for each row.
    rows
        Row as Excel shows it, for each row.
    columns
        Header and letter of each canonical column, by file and sheet.
    """

    files: np.ndarray
    sheets: np.ndarray
    rows: np.ndarray
    columns: dict[tuple[str, str | None], dict[str, str]]

    def column(self, row: int, name: str | None) -> str | None:
        """Return header and letter of a canonical column in the file of a row."""
        return self.columns[(self.files[row], self.sheets[row])].get(name or "", name)

    def take(self, keep: np.ndarray) -> Place:
        """Return the places of some rows only."""
        return Place(self.files[keep], self.sheets[keep], self.rows[keep], self.columns)


def join(parts: list[tuple[pd.DataFrame, Place]]) -> tuple[pd.DataFrame, Place]:
    """Put frames with the same columns below each other."""
    if len(parts) == 1:
        return parts[0]
    frame = pd.concat([frame for frame, _ in parts], ignore_index=True)
    columns: dict[tuple[str, str | None], dict[str, str]] = {}
    for _, place in parts:
        columns |= place.columns
    files, sheets, rows = (
        np.concatenate([getattr(place, name) for _, place in parts]) for name in ("files", "sheets", "rows")
    )
    return frame, Place(files, sheets, rows, columns)


def locate(violations: Iterable[Violation], frame: pd.DataFrame, place: Place) -> list[Finding]:
    """Turn positions in a frame into rows and columns of the file."""
    found = []
    for item in violations:
        at = item.row if item.row is not None else 0
        values = dict(item.values)
        if item.other is not None:
            values |= {"other_row": int(place.rows[item.other]), "other_file": str(place.files[item.other])}
        value = None if item.row is None or item.column is None else _text(frame.at[item.row, item.column])
        value = None if item.column == "nip" else value
        row = int(place.rows[at]) if item.row is not None else None
        found.append(
            Finding(item.severity, place.files[at], place.sheets[at], row, place.column(at, item.column),
                    quoted(value), item.rule, Message(f"ingest.{item.rule}", values))
        )  # fmt: skip
    return found


def _text(value: object) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return (
        f"{value:g}"
        if isinstance(value, float) and abs(value) < 1e6
        else (f"{value:.0f}" if isinstance(value, float) else str(value))
    )


def limited(findings: list[Finding]) -> list[Finding]:
    """Keep the first of very many findings of one kind and say how many more there are."""
    counts: dict[tuple[str, str | None, str | None, str], int] = defaultdict(int)
    kept = []
    for item in findings:
        kind = (item.file, item.sheet, item.column, item.rule)
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_KIND:
            kept.append(item)
    for (file, sheet, column, rule), count in counts.items():
        if count > MOST_OF_A_KIND:
            first = next(
                item for item in kept if (item.file, item.sheet, item.column, item.rule) == (file, sheet, column, rule)
            )
            more: dict[str, Any] = {"n": count - MOST_OF_A_KIND, "like": rule}
            kept.append(finding(first.severity, file, "more_of_a_kind", sheet=sheet, column=column, **more))
    return kept
