"""Whether the gaps on last period's list closed by more than they would have closed anyway.

Cells are put on the list because they were low, and what was low partly by chance comes back by itself (regression to
the mean). With reliability r of a cell, a cell that stood d below its element's mean is expected to stand r d below it
the next time without any true change; only what goes beyond is a success of the follow-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.estimators.within import IntArray
from analysis.messages import Message
from analysis.policy.priorities import priority_matrix
from analysis.results import FloatArray

LEAST_UNITS = 8
LEAST_LISTED = 3
LEAST_OTHERS = 20
LEVEL = 0.05
"""Level of the one-sided test that the gap closed by more than regression to the mean."""


@dataclass(frozen=True)
class FollowUp:
    """What became of the listed cells.

    Parameters
    ----------
    status
        ``"ok"``, or ``"refused"`` with `reason`.
    reason
        Why it cannot be told.
    n_listed, n_units
        Listed cells measured twice; units with any such cell.
    gap_before, gap_after
        Mean distance of the listed cells below the mean of their element, then and now (scale 1 to 4).
    closed
        ``gap_before - gap_after``.
    closed_by_itself
        Closing that is expected without any true change.
    excess
        ``closed - closed_by_itself``, with standard error and one-sided `p_value`.
    reliability
        Share of a cell's (shrunken) distance that is still there the next time, learnt from the cells off the list.
    closed_more
        Whether the excess is positive at the 5% level.
    cells
        One row per listed cell: unit_id, element, before, expected, after, excess (distances to the element's mean).
    sentence
        The finding in words.
    """

    status: Literal["ok", "refused"]
    reason: Message | None
    n_listed: int = 0
    n_units: int = 0
    gap_before: float = np.nan
    gap_after: float = np.nan
    closed: float = np.nan
    closed_by_itself: float = np.nan
    excess: float = np.nan
    std_error: float = np.nan
    p_value: float = np.nan
    reliability: float = np.nan
    closed_more: bool = False
    cells: pd.DataFrame | None = None
    sentence: Message | None = None


def regression_to_the_mean(distance: float, reliability: float) -> float:
    """Return by how much a distance to the mean shrinks by itself: ``(1 - r) distance``.

    For two measurements with the same variance and correlation r, ``E[second | first] = mean + r (first - mean)``
    (Galton 1886; Davis 1976).
    """
    return (1.0 - reliability) * distance


def cell_reliability(cells: pd.DataFrame) -> pd.Series:
    """Return each cell's reliability as far as the answers alone tell: ``tau^2 / (tau^2 + se^2)`` within its element.

    An upper bound for the correlation over time: true standings move as well.

    Parameters
    ----------
    cells
        unit_id, element, n, mean, std_error.

    Returns
    -------
    pandas.Series
        Indexed by (unit_id, element).
    """
    matrix = priority_matrix(cells).set_index(["unit_id", "element"])
    return (1.0 - matrix["shrinkage"]).rename("reliability").sort_index()


def follow_up(before: pd.DataFrame, after: pd.DataFrame, listed: pd.DataFrame) -> FollowUp:
    """Judge last period's list.

    The second measurement is regressed on the first one, shrunken by its own reliability (so that small samples are
    expected to come back further), over all cells; the coefficient of being listed is the excess. The slope is the
    share of a true distance that lasts. The elements of a unit rise and fall together and small samples scatter more:
    both are learnt from all cells (see `cell_covariance`), because a handful of listed units cannot tell their own
    scatter; clustered standard errors reject a true null three times too often there. The test is t with G - 1 degrees
    of freedom, G units.

    Parameters
    ----------
    before, after
        Cells of the two periods: unit_id, element, n, mean, std_error (see `analysis.policy.cells_from_survey`); of
        one region, or of several (then they share one mean).
    listed
        Cells that were on the list: unit_id, element.
    """
    table = _joined(before, after, listed)
    refusal = _refusal(table)
    if refusal is not None:
        return FollowUp("refused", refusal)
    design = np.column_stack([np.ones(len(table)), table["expected"], table["listed"].astype(float)])
    outcome, noise = (table[name].to_numpy(dtype=float) for name in ("after", "noise"))
    codes, names = pd.factorize(table["unit_id"], sort=True)
    # The covariance is learnt with the excess set to zero, as the test assumes.
    null = design[:, :2]
    residuals = outcome - null @ np.linalg.lstsq(null, outcome, rcond=None)[0]
    blocks = cell_covariance(residuals, noise, codes)
    coefficients, vcov = generalised_least_squares(design, outcome, codes, blocks)
    if not vcov[2, 2] > 0:
        return FollowUp("refused", Message("policy.follow_up_no_variation"))
    return _judged(table, coefficients, float(np.sqrt(vcov[2, 2])), len(names))


def _joined(before: pd.DataFrame, after: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return cells measured twice as distances to their element's mean."""
    keys = ["unit_id", "element"]
    first = priority_matrix(before)
    first = first.loc[first["listed"], [*keys, "mean", "shrunken", "std_error"]]
    second = after.loc[after["std_error"].gt(0), [*keys, "mean", "std_error"]]
    second = second.rename(columns={"mean": "second", "std_error": "second_error"})
    table = first.merge(second, on=keys, how="inner").sort_values(keys, kind="stable", ignore_index=True)
    # Both means run over the same cells, so that units that come or go do not move them.
    table["before"] = table["mean"] - table.groupby("element")["mean"].transform("mean")
    table["expected"] = table["shrunken"] - table.groupby("element")["shrunken"].transform("mean")
    table["after"] = table["second"] - table.groupby("element")["second"].transform("mean")
    table["noise"] = table["std_error"] ** 2 + table["second_error"] ** 2
    marks = listed[keys].drop_duplicates().assign(listed=True)
    table = table.merge(marks, on=keys, how="left")
    table["listed"] = table["listed"].eq(True)
    return table[[*keys, "before", "expected", "after", "noise", "listed"]]


def _refusal(table: pd.DataFrame) -> Message | None:
    n_listed, n_others = int(table["listed"].sum()), int((~table["listed"]).sum())
    if n_listed < LEAST_LISTED:
        return Message("policy.follow_up_few_listed", {"n": n_listed, "minimum": LEAST_LISTED})
    if n_others < LEAST_OTHERS or table["unit_id"].nunique() < LEAST_UNITS:
        return Message("policy.follow_up_few_others", {"n": n_others, "minimum": LEAST_OTHERS, "units": LEAST_UNITS})
    return None


def cell_covariance(residuals: FloatArray, noise: FloatArray, units: IntArray) -> list[FloatArray]:
    """Learn how residuals of cells scatter and go together within units.

    ``Var e_j = a + b v_j`` and ``Cov(e_j, e_k) = c + d sqrt(v_j v_k)`` with the sampling variance v of each cell,
    all four not negative, by least squares on squares and cross-products (method of moments).

    Parameters
    ----------
    residuals, noise, units
        Residual, sampling variance and unit (0 to G - 1) of each cell, shape (N,).

    Returns
    -------
    list of ndarray
        Covariance of the cells of each unit, in their order.
    """
    own = optimize.nnls(np.column_stack([np.ones_like(noise), noise]), residuals**2)[0]
    count, total, squares, roots, sizes = (
        np.bincount(units, weights=values)
        for values in (np.ones_like(noise), residuals, residuals**2, np.sqrt(noise), noise)
    )
    pairs = np.column_stack([count * (count - 1), roots**2 - sizes])
    shared = optimize.nnls(pairs, total**2 - squares)[0]
    blocks = []
    for unit in range(len(count)):
        v = noise[units == unit]
        block = shared[0] + shared[1] * np.sqrt(np.outer(v, v))
        np.fill_diagonal(block, np.maximum(own[0] + own[1] * v, np.diag(block) * (1 + 1e-6) + 1e-12))
        blocks.append(block)
    return blocks


def generalised_least_squares(
    design: FloatArray, outcome: FloatArray, units: IntArray, blocks: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and their covariance ``(X' S^-1 X)^-1`` for a block-diagonal covariance S of the errors."""
    k = design.shape[1]
    cross, right = np.zeros((k, k)), np.zeros(k)
    for unit, block in enumerate(blocks):
        rows = units == unit
        weighted = np.linalg.solve(block, design[rows]).T
        cross += weighted @ design[rows]
        right += weighted @ outcome[rows]
    vcov = np.linalg.pinv(cross)
    return np.asarray(vcov @ right), np.asarray(vcov)


def _judged(table: pd.DataFrame, coefficients: FloatArray, error: float, groups: int) -> FollowUp:
    excess = float(coefficients[2])
    chosen = table.loc[table["listed"]].reset_index(drop=True)
    expected = coefficients[0] + coefficients[1] * chosen["expected"]
    gap_before, gap_after = -float(chosen["before"].mean()), -float(chosen["after"].mean())
    by_itself = gap_before + float(expected.mean())
    p_value = float(stats.t.sf(excess / error, groups - 1))
    values = {
        "n": len(chosen),
        "before": gap_before,
        "after": gap_after,
        "by_itself": by_itself,
        "excess": excess,
        "margin": float(stats.t.isf(0.025, groups - 1)) * error,
    }
    more = p_value < LEVEL
    return FollowUp(
        status="ok",
        reason=None,
        n_listed=len(chosen),
        n_units=int(table["unit_id"].nunique()),
        gap_before=gap_before,
        gap_after=gap_after,
        closed=gap_before - gap_after,
        closed_by_itself=by_itself,
        excess=excess,
        std_error=error,
        p_value=p_value,
        reliability=float(coefficients[1]),
        closed_more=more,
        cells=chosen.assign(expected=expected, excess=chosen["after"] - expected).drop(columns=["listed", "noise"]),
        sentence=Message("policy.follow_up_more" if more else "policy.follow_up_not_more", values),
    )
