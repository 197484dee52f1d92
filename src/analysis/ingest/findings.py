"""Making findings: where in the file, what was found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Literal

import pandas as pd

from analysis.catalog import Text
from analysis.messages import Message
from analysis.results import Finding

Severity = Literal["error", "warning"]
FINDING_COLUMNS = ("severity", "file", "sheet", "row", "column", "value", "rule", "message")
LONGEST_QUOTE = 80


def finding(
    severity: Severity,
    file: str,
    rule: str,
    *,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    **values: Any,
) -> Finding:
    """Make a finding whose text is ``ingest.<rule>``; `values` fill its placeholders."""
    return Finding(severity, file, sheet, row, column, quoted(value), rule, Message(f"ingest.{rule}", values))


def wording(text: Text) -> dict[str, str]:
    """Return a wording of the catalog as a message's value, shown in the reader's language."""
    return {"id": text.id, "en": text.en}


def quoted(value: str | None) -> str | None:
    """Return a cell's text on one line and short enough for a list."""
    if value is None:
        return None
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding refuses the file."""
    return any(item.severity == "error" for item in findings)


def findings_table(findings: Sequence[Finding], lang: str) -> pd.DataFrame:
    """Return findings as a table for people, in one language.

    Returns
    -------
    pandas.DataFrame
        Columns `FINDING_COLUMNS`, one row a finding, in the order of `findings`; empty texts instead of missing ones.
    """
    rows = [{**_places(item), "message": item.message.text(lang)} for item in findings]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(object).fillna("")


def findings_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON-ready rows: places, rule, key and values of the message, its text in both languages."""
    return [
        {**_places(item), "message": item.message.as_dict(), "text": {"id": item.message.id, "en": item.message.en}}
        for item in findings
    ]


def _places(item: Finding) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if name != "message"}
