"""Comparison of treated and untreated units before treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.messages import Message
from analysis.results import Check

LIMIT = 0.1
COLUMNS = (
    "covariate",
    "mean_treated",
    "mean_untreated",
    "sd_treated",
    "sd_untreated",
    "standardised_difference",
    "variance_ratio",
    "n_treated",
    "n_untreated",
)


@dataclass(frozen=True)
class Balance:
    """Comparison of two groups.

    Parameters
    ----------
    table
        One row per covariate, in the order asked for, columns `COLUMNS`. The standardised difference divides by the
        root of the mean of the two variances (Austin 2009, Statistics in Medicine 28).
    check
        Named ``"balance"``; passed if no absolute standardised difference is above the limit.
    """

    table: pd.DataFrame
    check: Check


def balance_table(frame: pd.DataFrame, group: str, covariates: Sequence[str], limit: float = LIMIT) -> Balance:
    """Compare rows with a positive `group` column with the others.

    Parameters
    ----------
    frame
        One row per unit, taken before treatment.
    group
        Treated if positive; rows where it is missing are left out.
    covariates
        Numeric columns to compare; missing values are left out covariate by covariate.
    limit
        Largest absolute standardised difference that counts as balanced.

    Returns
    -------
    Balance
    """
    known = frame[frame[group].notna()]
    treated = known[group] > 0
    rows = [_row(name, known.loc[treated, name].dropna(), known.loc[~treated, name].dropna()) for name in covariates]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return Balance(table, _check(table, limit))


def _row(name: str, treated: pd.Series, untreated: pd.Series) -> tuple[object, ...]:
    spread = [float(part.std(ddof=1)) if len(part) > 1 else float("nan") for part in (treated, untreated)]
    gap = float(treated.mean()) - float(untreated.mean()) if len(treated) and len(untreated) else float("nan")
    pooled = float(np.sqrt((spread[0] ** 2 + spread[1] ** 2) / 2))
    difference = gap / pooled if pooled > 0 else (0.0 if gap == 0 else float("nan"))
    ratio = spread[0] ** 2 / spread[1] ** 2 if spread[1] > 0 else float("nan")
    means = (float(part.mean()) if len(part) else float("nan") for part in (treated, untreated))
    return (name, *means, *spread, difference, ratio, len(treated), len(untreated))


def _check(table: pd.DataFrame, limit: float) -> Check:
    known = table.dropna(subset=["standardised_difference"])
    if known.empty or len(known) < len(table):
        return Check("balance", None, Message("diagnostics.balance.no_groups"))
    worst = known.iloc[int(known["standardised_difference"].abs().to_numpy(dtype=float).argmax())]
    largest = abs(float(worst["standardised_difference"]))
    values = {"largest": largest, "covariate": str(worst["covariate"]), "limit": limit}
    passed = largest <= limit
    reason = Message(f"diagnostics.balance.{'passed' if passed else 'failed'}", values)
    return Check("balance", passed, reason, largest)
