"""Who the rows of a file too large for memory are about: rows that stand twice, officers by unit."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from analysis.ingest.findings import finding
from analysis.results import Finding


class Work(Protocol):
    """What `once` has to know of the rows."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that identify a row together with ``who``."""
        ...

    @property
    def single(self) -> bool:
        """Whether two different rows of one person contradict each other."""
        ...


def once(connection: Any, parsed: str, work: Work, file: str) -> tuple[str, list[Finding]]:
    """Return SQL for the rows with every repeated one once, and what was found.

    Rows are compared through a 64-bit hash of their key first, which DuckDB counts on disk where memory ends; rows
    are compared in full only where two hashes agree.

    Parameters
    ----------
    connection
        DuckDB's.
    parsed
        SQL for the converted rows with ``who``.
    work
        The key, and whether one person may have two different rows.
    file
        Name of the file for findings.
    """
    key = f"hash({', '.join(work.keys)}, who)"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT h, count(*) AS n FROM "
        f"(SELECT {key} AS h FROM ({parsed}) WHERE who IS NOT NULL) GROUP BY h HAVING count(*) > 1"
    )
    rows = connection.execute("SELECT coalesce(sum(n), 0) FROM repeated").fetchone()[0]
    if not rows:
        return parsed, []
    again = f"who IS NOT NULL AND {key} IN (SELECT h FROM repeated)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE kept AS SELECT DISTINCT * FROM ({parsed}) WHERE {again}")
    clashes = _clashes(connection, work, file) if work.single else []
    kept = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
    notes = [finding("warning", file, "summed_repeated", n=int(rows - kept))] if rows > kept else []
    return f"SELECT * FROM ({parsed}) WHERE NOT coalesce({again}, false) UNION ALL SELECT * FROM kept", clashes + notes


def _clashes(connection: Any, work: Work, file: str) -> list[Finding]:
    keys = ", ".join([*work.keys, "who"])
    query = f"SELECT {keys} FROM kept GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys}"
    found = connection.execute(query).fetchall()
    if not found:
        return []
    unit, period, who = found[0][0], found[0][1], found[0][-1]
    return [finding("error", file, "summed_conflict", n=len(found), unit=unit, period=period, who=who)]


def officers_by_unit(connection: Any, parsed: str) -> pd.DataFrame:
    """Return the number of different officers (``nip``) by unit and half-year, from SQL for rows with ``who``."""
    query = f"SELECT unit_id, period, count(DISTINCT who) AS nip FROM ({parsed}) GROUP BY unit_id, period"
    frame: pd.DataFrame = connection.execute(query).df()
    return frame.sort_values(["unit_id", "period"], ignore_index=True)
