"""Rules that need more than one cell: keys, duplicates, order of dates, budgets, references to the units.

The functions know no file: they return positions in the frame, which the caller turns into
rows and columns of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import closest
from analysis.ingest.findings import Severity
from analysis.ingest.headers import plain
from analysis.ingest.tables import Table

ELEMENTS = tuple(f"U{n}" for n in range(1, 10))
STRAIGHT_RUN = 30
MOST_TRAINED = 1.5
_FEW_HINTS = 200
_TITLES = re.compile(r"\b(provinsi|prov|kabupaten|kab|kota|kecamatan|kec|pemerintah|daerah|upt|uptd)\b")


@dataclass(frozen=True)
class Violation:
    """A broken or doubtful rule.

    Parameters
    ----------
    severity, rule
        As in a finding.
    row
        Position in the frame; None for the whole table.
    column
        Canonical column, or None for the whole row.
    values
        Placeholders of the rule's text.
    other
        Position of another row that the text refers to.
    """

    severity: Severity
    rule: str
    row: int | None
    column: str | None
    values: dict[str, Any] = field(default_factory=dict)
    other: int | None = None


Rule = Callable[[pd.DataFrame, Table], list[Violation]]


def check_contract(frame: pd.DataFrame, table: Table, units: pd.DataFrame | None = None) -> list[Violation]:
    """Apply every rule of a table.

    Parameters
    ----------
    frame
        Converted rows; a refused cell is missing.
    table
        Its contract.
    units
        Checked units; switches on the rules that need them.
    """
    found = [violation for rule in RULES.get(table.name, ()) for violation in rule(frame, table)]
    found += _duplicates(frame, table) + _fillers(frame, table) + _one_of(frame, table)
    return found + (_references(frame, table, units) if units is not None and table.name != "units" else [])


def repeated_rows(frame: pd.DataFrame, table: Table) -> np.ndarray:
    """Return which rows repeat an earlier one in every column and are therefore left out."""
    if not table.key or not set(table.key) <= set(frame.columns):
        return np.zeros(len(frame), dtype=bool)
    known = frame[list(table.key)].notna()
    # Rows without an officer or respondent may be different people.
    complete = known.all(axis=1) if not table.one_of else known.any(axis=1)
    return (frame.duplicated(keep="first") & complete).to_numpy()


def _duplicates(frame: pd.DataFrame, table: Table) -> list[Violation]:
    repeated = repeated_rows(frame, table)
    first = _first_position(frame, list(frame.columns)) if repeated.any() else np.empty(0, dtype=int)
    found = [
        Violation("warning", "repeated_row", int(row), None, other=int(first[row])) for row in np.flatnonzero(repeated)
    ]
    if table.repeats_allowed or not table.key:
        return found
    rest = frame.loc[~repeated]
    key = list(table.key)
    known = rest[key].notna()
    rest = rest.loc[known.all(axis=1) if not table.one_of else known.any(axis=1)]
    clash = rest.duplicated(key, keep="first")
    first = _first_position(frame, key) if clash.any() else first
    return found + [
        Violation("error", "conflicting_rows", int(row), key[0], {"key": key}, other=int(first[row]))
        for row in rest.index[clash]
    ]


def _first_position(frame: pd.DataFrame, by: list[str]) -> np.ndarray:
    groups = frame.groupby(by, sort=False, dropna=False).ngroup().to_numpy()
    first = np.full(groups.max() + 1, len(frame))
    np.minimum.at(first, groups, np.arange(len(frame)))
    return np.asarray(first[groups])


def _fillers(frame: pd.DataFrame, table: Table) -> list[Violation]:
    """Long runs of one value, as programs leave them that fill every empty cell."""
    found = []
    for column in table.columns:
        if column.filler_run and column.name in frame:
            for start, length in runs(frame[column.name], column.filler_run):
                found.append(Violation("warning", "filler_run", start, column.name, {"n": length}))
    return found


def runs(values: pd.Series, least: int) -> list[tuple[int, int]]:
    """Return start and length of every run of at least `least` equal values that are not missing."""
    if values.empty:
        return []
    changed = (values != values.shift()) | values.isna()
    starts = np.flatnonzero(changed.to_numpy())
    lengths = np.diff(np.append(starts, len(values)))
    return [(int(s), int(n)) for s, n in zip(starts, lengths, strict=True) if n >= least and pd.notna(values.iloc[s])]


def _one_of(frame: pd.DataFrame, table: Table) -> list[Violation]:
    if not table.one_of:
        return []
    filled = sum(frame[name].notna().astype(int) for name in table.one_of)
    assert isinstance(filled, pd.Series)
    return [
        Violation("error", "one_of_needed", int(row), None, {"names": list(table.one_of)})
        for row in np.flatnonzero((filled == 0).to_numpy())
    ]


def _references(frame: pd.DataFrame, table: Table, units: pd.DataFrame) -> list[Violation]:
    if "unit_id" not in frame:
        return []
    known = set(units["unit_id"].dropna())
    unknown = frame["unit_id"].notna() & ~frame["unit_id"].isin(known)
    names = sorted(set(frame.loc[unknown, "unit_id"]))
    hints = {name: closest(name, known) or "–" for name in names[:_FEW_HINTS]}
    rows = np.flatnonzero(unknown.to_numpy())
    ids = frame["unit_id"].tolist()
    found = [
        Violation("error", "unknown_unit", int(row), "unit_id", {"closest": hints.get(ids[row], "–")}) for row in rows
    ]
    rule = RULES_WITH_UNITS.get(table.name)
    return found + rule(frame, units) if rule else found


def _too_many_trained(frame: pd.DataFrame, units: pd.DataFrame) -> list[Violation]:
    people = frame.dropna(subset=["nip"]).groupby(["unit_id", "period"])["nip"].nunique().reset_index()
    return more_trained_than_staff(people, units)


def more_trained_than_staff(people: pd.DataFrame, units: pd.DataFrame) -> list[Violation]:
    """More different officers trained in a half-year than the unit has: the headcount or the unit code is wrong.

    Parameters
    ----------
    people
        ``unit_id, period, nip`` (number of different officers).
    units
        Checked units.
    """
    if people.empty or "headcount" not in units:
        return []
    known = units.drop_duplicates("unit_id").set_index("unit_id")["headcount"]
    people = people.assign(headcount=people["unit_id"].map(known))
    over = people[people["nip"] > MOST_TRAINED * people["headcount"]]
    return [
        Violation(
            "warning", "more_trained_than_staff", None, "nip",
            {"unit": row["unit_id"], "period": row["period"], "n": int(row["nip"]),
             "headcount": float(row["headcount"])},
        )
        for row in over.to_dict("records")
    ]  # fmt: skip


def _region_of_unit(frame: pd.DataFrame, units: pd.DataFrame) -> list[Violation]:
    """Find programmes of a unit that name another region."""
    if "region_code" not in units:
        return []
    region = frame["unit_id"].map(units.drop_duplicates("unit_id").set_index("unit_id")["region_code"])
    other = region.notna() & frame["region_code"].notna() & (region != frame["region_code"])
    return [
        Violation("error", "other_region", int(row), "region_code", {"region": str(region.iloc[row])})
        for row in np.flatnonzero(other.to_numpy())
    ]


def _lookalikes(frame: pd.DataFrame, _: Table) -> list[Violation]:
    """Names in one region that differ in capitals, signs or abbreviations only, under different codes."""
    first: dict[tuple[str, str], int] = {}
    found = []
    rows = zip(frame["region_code"], frame["unit_name"], frame["unit_id"], strict=True)
    for row, (region, name, unit) in enumerate(rows):
        key = (str(region), bare_name(str(name)) if isinstance(name, str) else "")
        other = first.setdefault(key, row)
        if key[1] and other != row and frame["unit_id"].iloc[other] != unit:
            values = {"other_name": frame["unit_name"].iloc[other], "other_unit": frame["unit_id"].iloc[other]}
            found.append(Violation("warning", "lookalike_names", row, "unit_name", values, other))
    return found


def bare_name(name: str) -> str:
    """Return a unit's name without capitals, signs, blanks and words such as "Kabupaten"."""
    return re.sub(r"\s+", "", _TITLES.sub(" ", plain(name)))


def _straight_lines(frame: pd.DataFrame, _: Table) -> list[Violation]:
    """Many respondents in a row with the same nine answers: copied rather than asked."""
    if not set(ELEMENTS) <= set(frame.columns) or frame.empty:
        return []
    answers = frame[list(ELEMENTS)]
    same = (answers == answers.shift()).all(axis=1) & (frame["unit_id"] == frame["unit_id"].shift())
    ceiling = (answers == 4).all(axis=1)
    block = (~same).cumsum().where(~ceiling)
    return [
        Violation("warning", "copied_answers", start, "U1", {"n": length})
        for start, length in runs(block, STRAIGHT_RUN)
    ]


def _no_fee_variance(frame: pd.DataFrame, _: Table) -> list[Violation]:
    """U4 that is 4 for everybody (free services) raises the index and says nothing."""
    if not set(ELEMENTS) <= set(frame.columns):
        return []
    fees = frame["U4"].dropna()
    if len(fees) < 10 or fees.nunique() > 1:
        return []
    means = frame[list(ELEMENTS)].mean()
    values = {
        "value": float(fees.iloc[0]),
        "with_u4": float(means.mean() * 25),
        "without_u4": float(means.drop("U4").mean() * 25),
    }
    return [Violation("warning", "fees_without_variance", None, "U4", values)]


def _budget_logic(frame: pd.DataFrame, _: Table) -> list[Violation]:
    training, total, spent = frame["training_budget"], frame["total_budget"], frame["realised"]
    return [
        *_above("error", "training_above_total", "training_budget", training, total),
        *_above("error", "realised_above_total", "realised", spent, total),
        *_above("warning", "realised_above_budget", "realised", spent.where(spent <= total), training),
        *(
            Violation("error", "negative_net_budget", int(row), "training_budget")
            for row in np.flatnonzero((training < 0).to_numpy())
        ),
    ]


def _above(severity: Severity, rule: str, column: str, amount: pd.Series, limit: pd.Series) -> list[Violation]:
    return [
        Violation(severity, rule, int(row), column, {"amount": float(amount[row]), "limit": float(limit[row])})
        for row in np.flatnonzero((amount > limit).to_numpy())
    ]


def _closed_before_received(frame: pd.DataFrame, _: Table) -> list[Violation]:
    broken = frame["closed_on"] < frame["received_on"]
    return [
        Violation(
            "error",
            "closed_before_received",
            int(row),
            "closed_on",
            {"received": str(frame.loc[row, "received_on"])[:10]},
        )
        for row in frame.index[broken]
    ]


def _nip_in_two_units(frame: pd.DataFrame, _: Table) -> list[Violation]:
    units_of = frame.dropna(subset=["nip"]).groupby("nip")["unit_id"].nunique()
    doubled = units_of.index[units_of > 1]
    rows = frame.index[frame["nip"].isin(doubled) & frame["nip"].duplicated()]
    return [Violation("warning", "officer_in_two_units", int(row), "nip") for row in rows]


RULES: dict[str, tuple[Rule, ...]] = {
    "units": (_lookalikes,),
    "survey": (_straight_lines, _no_fee_variance),
    "budget": (_budget_logic,),
    "complaints": (_closed_before_received,),
    "officers": (_nip_in_two_units,),
}
RULES_WITH_UNITS: dict[str, Callable[[pd.DataFrame, pd.DataFrame], list[Violation]]] = {
    "training": _too_many_trained,
    "programmes": _region_of_unit,
}
