"""Output of models and blocks of a report through the same gate as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.disclosure.gate import Hit
from analysis.disclosure.rules import Rules, load_rules
from analysis.messages import Message

if TYPE_CHECKING:
    from analysis.disclosure.secondary import BoolArray

_FIGURES = ("estimate", "conf_low", "conf_high", "n_units")


def unsafe_estimates(estimates: pd.DataFrame, rules: Rules | None = None) -> BoolArray:
    """Return which estimates are close to the figures of single units.

    Too few units; too few residual degrees of freedom (those of a model with effects of units and half-years and one
    treatment, (units - 1) (half-years - 1) - 1, or observations less two where every unit is observed once); or no
    standard error, which a saturated model has not: it repeats its data.

    Parameters
    ----------
    estimates
        Rows with ``estimate, std_error, n_obs, n_units``.
    rules
        Those of the catalog by default.
    """
    rules = rules or load_rules()
    n_obs, n_units = (pd.to_numeric(estimates[name]).to_numpy(float) for name in ("n_obs", "n_units"))
    std_error = pd.to_numeric(estimates["std_error"]).to_numpy(float)
    seen = np.divide(n_obs, n_units, out=np.full_like(n_obs, np.nan), where=n_units > 0)
    residual = np.where(seen > 1, (n_units - 1) * (seen - 1) - 1, n_obs - 2)
    enough = (n_units >= rules.min_units) & (residual >= rules.min_residual_df)
    return np.asarray(~(enough & np.isfinite(std_error) & (std_error > 0)))


def safe_estimates(estimates: pd.DataFrame, rules: Rules | None = None) -> pd.DataFrame:
    """Return the estimates that may be shown."""
    return estimates.loc[~unsafe_estimates(estimates, rules)].reset_index(drop=True)


def safe_verdicts(verdicts: pd.DataFrame, estimates: pd.DataFrame, rules: Rules | None = None) -> pd.DataFrame:
    """Return the verdicts without those that rest on an estimate that may not be shown; they become ``no_data``.

    Parameters
    ----------
    verdicts
        As in `analysis.results.StudyResults`: a verdict on a region rests on its pooled estimate, one on the nation
        (region missing) on the national one.
    estimates
        All estimates, before `safe_estimates`.
    rules
        Those of the catalog by default.
    """
    rules = rules or load_rules()
    unsafe = estimates.loc[unsafe_estimates(estimates, rules) & (estimates["level"] != "own").to_numpy()]
    places = set(zip(unsafe["spec"], unsafe["region_code"].astype(object).where(unsafe["region_code"].notna(), None),
                     strict=True))  # fmt: skip
    regions = verdicts["region_code"].astype(object).where(verdicts["region_code"].notna(), None)
    rows = np.array([place in places for place in zip(verdicts["spec"], regions, strict=True)], dtype=bool)
    if not rows.any():
        return verdicts
    reason = Message("disclosure.verdict_withheld", {"minimum": rules.min_units}).as_dict()
    shown = verdicts.copy()
    shown.loc[rows, list(_FIGURES)] = np.nan
    shown.loc[rows, "verdict"] = "no_data"
    shown.loc[rows, "strength"] = 0
    reasons = [reason if row else old for row, old in zip(rows, shown["reason"], strict=True)]
    shown["reason"] = pd.Series(reasons, dtype=object, index=shown.index)
    return shown


def unsafe_blocks(blocks: Iterable[Mapping[str, Any]], file: str, rules: Rules | None = None) -> list[Hit]:
    """Return the blocks that hold figures of single persons or of too few respondents.

    Parameters
    ----------
    blocks
        Blocks as plain data (`analysis.report.blocks.Block.as_dict`).
    file
        What they belong to, for the place of a hit.
    rules
        Those of the catalog by default: names of figures that nobody may publish (residuals, leverage, extreme
        answers), and the fewest respondents (``n``) beside an index.
    """
    rules = rules or load_rules()
    hits = {Hit(file, str(block["id"]), kind) for block in blocks for kind in _unsafe(block["data"], rules)}
    return sorted(hits)


def _unsafe(data: Any, rules: Rules) -> Iterator[str]:
    if isinstance(data, Mapping):
        if any(str(name).lower() in rules.single_person_figures for name in data):
            yield "figure"
        n = data.get("n")
        if data.get("index") is not None and isinstance(n, (int, float)) and n < rules.min_respondents:
            yield "small"
    if isinstance(data, (Mapping, list, tuple)):
        for item in data.values() if isinstance(data, Mapping) else data:
            yield from _unsafe(item, rules)
