"""Findings as a table that can be stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import pandas as pd

from analysis.results import Finding


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, messages as plain dicts."""
    rows = [
        {f.name: getattr(item, f.name) for f in fields(Finding)} | {"message": item.message.as_dict()}
        for item in findings
    ]
    return pd.DataFrame(rows, columns=[f.name for f in fields(Finding)])
