"""Exports of the systems in use (SIASN, SP4N-LAPOR!, SIPD): recognised by their headers, shaped into the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from analysis.catalog import Text, load_records
from analysis.errors import closest
from analysis.ingest.cells import Sheet
from analysis.ingest.contract import Violation, bare_name
from analysis.ingest.headers import SEARCHED_ROWS, plain
from analysis.ingest.places import Place
from analysis.ingest.tables import Column, Table
from analysis.paths import catalog_dir

# Development of officers in SIPD's list of sub-activities (Permendagri 90/2019 and its updates).
_DEVELOPMENT = re.compile(
    r"pengembangan kompetensi|pendidikan dan pelatihan|diklat|bimbingan teknis|pelatihan pegawai|"
    r"pengembangan sumber daya manusia|sertifikasi pegawai|pelatihan kepemimpinan"
)
_PERSONNEL, _MAINTENANCE = "5.1.01", "5.1.02.03"


@dataclass(frozen=True, eq=False)
class System:
    """An export of one system.

    Parameters
    ----------
    name, label
        Key and wording.
    table
        Table that it fills.
    signature
        Headers by which it is recognised.
    columns
        Its columns.
    fixed
        Values of the table's columns that follow from the system.
    """

    name: str
    label: Text
    table: str
    signature: tuple[str, ...]
    columns: tuple[Column, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)

    def as_table(self) -> Table:
        """Return its columns as a contract without keys."""
        return Table(self.name, self.label, (), (), self.columns)


@dataclass(frozen=True)
class Context:
    """What an export needs beyond itself.

    Parameters
    ----------
    units, officers
        Checked tables, or None where not known yet.
    """

    units: pd.DataFrame | None = None
    officers: pd.DataFrame | None = None


@cache
def load_systems() -> dict[str, System]:
    """Read the exports of `data/catalog/systems.yml`."""
    return load_records(catalog_dir() / "systems.yml", System)


def recognise(sheets: Sequence[Sheet], table: Table) -> System | None:
    """Return the system that a file of a table comes from, or None for an ordinary file."""
    for system in load_systems().values():
        wanted = {plain(header) for header in system.signature}
        if system.table == table.name and any(_has(sheet, wanted) for sheet in sheets):
            return system
    return None


def _has(sheet: Sheet, wanted: set[str]) -> bool:
    rows = (sheet.row(row) for row in range(min(SEARCHED_ROWS, sheet.n_rows)))
    return any(wanted <= {plain(cell.text) for cell in row} for row in rows)


Shaped = tuple[pd.DataFrame, Place, list[Violation]]


def shape(system: System, frame: pd.DataFrame, place: Place, context: Context) -> Shaped:
    """Turn the rows of an export into rows of its table.

    Returns
    -------
    frame, place
        Rows of the table (columns that the export does not have are absent) and where they stand.
    violations
        Rows whose unit or status cannot be told, as positions in the frame returned.
    """
    shaped, kept, violations = _SHAPERS[system.name](frame, context)
    return shaped.assign(**system.fixed), place.take(kept), violations


def unit_of_name(names: pd.Series, units: pd.DataFrame | None, column: str) -> tuple[pd.Series, list[Violation]]:
    """Return the unit code of every name; a name that is not exactly one unit's is an error, never a guess.

    Names are compared without capitals, signs and words such as "Kabupaten".
    """
    if units is None:
        return pd.Series([None] * len(names), dtype="str"), [Violation("error", "units_needed", None, column)]
    codes: dict[str, set[str]] = {}
    shown = {bare_name(name): name for name in units["unit_name"]}
    for name, code in zip(units["unit_name"], units["unit_id"], strict=True):
        codes.setdefault(bare_name(name), set()).add(code)
    found, violations = [], []
    for row, name in enumerate(names):
        fits = codes.get(bare_name(name), set()) if isinstance(name, str) else set()
        found.append(next(iter(fits)) if len(fits) == 1 else None)
        if isinstance(name, str) and len(fits) != 1:
            near = shown.get(closest(bare_name(name), shown), "–")
            rule = "unit_name_unknown" if not fits else "unit_name_ambiguous"
            values = {"closest": near} if not fits else {"codes": sorted(fits)}
            violations.append(Violation("error", rule, row, column, values))
    return pd.Series(found, dtype="str"), violations


def _of_officers(frame: pd.DataFrame, context: Context) -> tuple[pd.Series, list[Violation]]:
    """Find the unit of a training record through the list of officers."""
    if context.officers is None:
        return pd.Series([None] * len(frame), dtype="str"), [Violation("error", "officers_needed", None, "nip")]
    home = context.officers.drop_duplicates("nip").set_index("nip")["unit_id"]
    units = frame["nip"].map(home)
    lost = np.flatnonzero((units.isna() & frame["nip"].notna()).to_numpy())
    return units.astype("str"), [Violation("error", "officer_unknown", int(row), "nip") for row in lost]


ShapedRows = tuple[pd.DataFrame, np.ndarray, list[Violation]]


def _officers(frame: pd.DataFrame, context: Context) -> ShapedRows:
    known = set() if context.units is None else {bare_name(name) for name in context.units["unit_name"]}
    # Officers sit in sections; the office above is the service unit where the section is none itself.
    own = frame["unit_name"].map(lambda name: isinstance(name, str) and bare_name(name) in known)
    names = frame["unit_name"].where(own | frame["parent_name"].isna(), frame["parent_name"])
    units, violations = unit_of_name(names, context.units, "unit_name")
    return frame.assign(unit_id=units), np.arange(len(frame)), violations


def _training(frame: pd.DataFrame, context: Context) -> ShapedRows:
    units, violations = _of_officers(frame, context)
    return frame.assign(unit_id=units), np.arange(len(frame)), violations


def _complaints(frame: pd.DataFrame, context: Context) -> ShapedRows:
    """Close a report after its days; without them its end is not known, and the share in time needs it."""
    kept = np.flatnonzero((~frame["tracking"].duplicated() | frame["tracking"].isna()).to_numpy())
    rows = frame.iloc[kept].reset_index(drop=True)
    units, violations = unit_of_name(rows["unit_name"], context.units, "unit_name")
    closed = rows["status"] == "closed"
    ends = rows["received_on"] + pd.to_timedelta(rows["days"], unit="D")
    violations += [
        Violation("error", "closed_without_days", int(row), "days")
        for row in np.flatnonzero((closed & rows["days"].isna()).to_numpy())
    ]
    return rows.assign(unit_id=units, closed_on=ends.where(closed)), kept, violations


def _budget(frame: pd.DataFrame, context: Context) -> ShapedRows:
    """Sum by unit and year; development counts net of personnel and maintenance, as the law means it."""
    units, violations = unit_of_name(frame["unit_name"], context.units, "unit_name")
    if violations:
        return frame.assign(unit_id=units), np.arange(len(frame)), violations
    account = frame["account"].fillna("").str.replace(" ", "")
    development = frame["activity"].fillna("").map(lambda text: _DEVELOPMENT.search(plain(text)) is not None)
    counted = development & ~account.str.startswith((_PERSONNEL, _MAINTENANCE))
    rows = pd.DataFrame(
        {
            "unit_id": units,
            "year": frame["year"],
            "training_budget": frame["budgeted"].where(counted, 0.0),
            "total_budget": frame["budgeted"],
            "realised": frame["spent"].where(counted, 0.0),
            "first": np.arange(len(frame)),
        }
    )
    sums = ["training_budget", "total_budget", "realised"]
    grouped = rows.groupby(["unit_id", "year"], sort=True).agg({**dict.fromkeys(sums, "sum"), "first": "min"})
    table = grouped.reset_index()
    return table.drop(columns="first"), table["first"].to_numpy(), []


_SHAPERS: dict[str, Callable[[pd.DataFrame, Context], ShapedRows]] = {
    "siasn_officers": _officers,
    "siasn_training": _training,
    "siasn_courses": _training,
    "lapor": _complaints,
    "sipd": _budget,
}
