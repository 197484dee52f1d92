"""Whether a region's satisfaction has risen beyond comparable regions: a synthetic comparison for each of them.

A cross-check of the straight-line trend: each region is set beside the mix of other regions that moved like it in the
first half of the series (synthetic difference-in-differences, Arkhangelsky and others 2021, American Economic Review
111(12)), and the second half is compared.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD
from scipy import stats

from analysis.claims.trend import region_means
from analysis.messages import Message

LEAST_REGIONS = 5
LEAST_BEFORE = 3
LEAST_AFTER = 2
COLUMNS = (
    *("region_code", "status", "rise", "beyond", "std_error", "df", "p_value", "conf_low", "conf_high"),
    *("n_regions", "n_before", "n_after", "donors", "sentence"),
)


def compare_regions(panel: pd.DataFrame, breaks: Sequence[int] = (), level: float = 0.95) -> pd.DataFrame:
    """Compare every region with its synthetic counterpart.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`; each unit's lasting level is taken out, so that units that come or go do not
        move a region.
    breaks
        Period indices from which satisfaction was measured in another way; only the half-years from the last break on
        are compared.
    level
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per region, sorted: region_code, status (``"ok"`` or ``"refused"``), rise (second half less first
        half), beyond (the same less the synthetic counterpart's), std_error, df, p_value (two-sided), conf_low,
        conf_high, n_regions, n_before, n_after, donors (region to weight, at least 5%), sentence (a `Message` as
        dict). Regions that lack a half-year are refused and are no donors.

        The standard error is the spread of the same figure over the other regions, each against its own
        counterpart (placebo), with R - 2 degrees of freedom: what happens to regions without any reason.
    """
    means = region_means(panel)
    first = max([int(means.index.min()), *breaks])
    means = means.loc[means.index >= first]
    whole = means.dropna(axis=1)
    n_after = len(whole) // 2
    n_before = len(whole) - n_after
    enough = whole.shape[1] >= LEAST_REGIONS and n_before >= LEAST_BEFORE and n_after >= LEAST_AFTER
    fitted = {str(code): _counterpart(whole, str(code), n_after) for code in whole.columns} if enough else {}
    rows = [
        _row(str(code), whole, fitted, (n_before, n_after), level)
        if str(code) in fitted
        else _refused(str(code), whole)
        for code in sorted(panel["region_code"].unique())
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _counterpart(means: pd.DataFrame, code: str, n_after: int) -> tuple[float, dict[str, float]]:
    """Return how much a region rose beyond its synthetic counterpart, and the weights of the donors."""
    long = means.melt(ignore_index=False, var_name="region", value_name="index").rename_axis("period").reset_index()
    long["treated"] = (long["region"] == code).astype(int)
    # Two replications: the library's own standard error is not used, the placebos are all regions.
    model = SyntheticDiD(variance_method="placebo", n_bootstrap=2, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(long, "index", "treated", "region", "period", post_periods=means.index[-n_after:].tolist())
    donors = {str(name): float(weight) for name, weight in found.unit_weights.items() if weight >= 0.05}
    return float(found.att), dict(sorted(donors.items(), key=lambda item: (-item[1], item[0])))


def _row(
    code: str,
    means: pd.DataFrame,
    fitted: dict[str, tuple[float, dict[str, float]]],
    sizes: tuple[int, int],
    level: float,
) -> dict[str, Any]:
    beyond, donors = fitted[code]
    others = np.array([value for name, (value, _) in fitted.items() if name != code])
    error, df = float(others.std(ddof=1)), float(len(others) - 1)
    margin = float(stats.t.isf((1 - level) / 2, df)) * error
    rise = float(means[code].iloc[sizes[0] :].mean() - means[code].iloc[: sizes[0]].mean())
    p_value = float(2 * stats.t.sf(abs(beyond) / error, df)) if error > 0 else math.nan
    kind = "above" if beyond - margin > 0 else "below" if beyond + margin < 0 else "same"
    values = {"rise": rise, "beyond": beyond, "low": beyond - margin, "high": beyond + margin, "n": len(others)}
    return {
        "region_code": code,
        "status": "ok",
        "rise": rise,
        "beyond": beyond,
        "std_error": error,
        "df": df,
        "p_value": p_value,
        "conf_low": beyond - margin,
        "conf_high": beyond + margin,
        "n_regions": len(fitted),
        "n_before": sizes[0],
        "n_after": sizes[1],
        "donors": donors,
        "sentence": Message(f"policy.comparison_{kind}", values).as_dict(),
    }


def _refused(code: str, whole: pd.DataFrame) -> dict[str, Any]:
    values = {"regions": LEAST_REGIONS, "periods": LEAST_BEFORE + LEAST_AFTER}
    key = "policy.comparison_too_little" if code in whole.columns or whole.empty else "policy.comparison_gaps"
    missing = dict.fromkeys(COLUMNS, math.nan)
    sentence = Message(key, values).as_dict()
    return missing | {"region_code": code, "status": "refused", "donors": {}, "sentence": sentence}
