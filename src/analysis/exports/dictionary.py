"""What the columns of the published tables mean, in both languages: a test finds any that is not explained."""

from __future__ import annotations

import pandas as pd

from analysis.messages import LANGUAGES, Message

DICTIONARY = "dictionary.csv"
EXPLAINED = {
    "claims.csv": ("claim", "verdict", "estimate", "conf_low", "conf_high", "unit", "reason", "unit_en", "reason_en"),
    "estimates.csv": ("id", "spec", "level", "region_code", "estimator", "outcome", "term", "estimate", "std_error",
                      "statistic", "df", "p_value", "conf_low", "conf_high", "n_obs", "n_units", "n_clusters",
                      "covariance"),
}  # fmt: skip
"""Columns by file, in their order."""


def dictionary_rows() -> pd.DataFrame:
    """Return one row a column: ``file``, ``column``, and its meaning in each language (``meaning_<language>``)."""
    rows = [
        {"file": file, "column": name}
        | {f"meaning_{lang}": Message(f"site.means.{name}").text(lang) for lang in LANGUAGES}
        for file, columns in EXPLAINED.items()
        for name in columns
    ]
    return pd.DataFrame(rows)
