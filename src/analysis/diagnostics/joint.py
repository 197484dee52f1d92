"""Several linear estimates under the null, drawn together.

Every resample flips the sign of each cluster's scores, the same sign in all models, so that the draws keep how the
estimates move together. The null is imposed: scores are formed with the residuals of the model without the followed
term (Kline and Santos 2012, J. Econometric Methods 1; the score bootstrap of the wild cluster restricted bootstrap).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.diagnostics.linear import LinearDesign
from analysis.estimators.within import group_sums
from analysis.results import FloatArray

ENUMERATE_UP_TO = 4096


@dataclass(frozen=True)
class NullDraws:
    """Statistics of K models, observed and in B resamples without any effect.

    Parameters
    ----------
    estimate, statistic
        Observed, shape (K,). `statistic` divides by the clustered standard error of the full model.
    null_estimate, null_statistic
        In the resamples, shape (B, K).
    """

    estimate: FloatArray
    statistic: FloatArray
    null_estimate: FloatArray
    null_statistic: FloatArray


def null_draws(designs: Sequence[LinearDesign], draws: int, seed: int) -> NullDraws:
    """Draw the followed coefficients of several models jointly under the null of no effect.

    Parameters
    ----------
    designs
        One per model; clusters with the same name are the same cluster.
    draws
        Number of resamples; with at most 12 clusters all sign vectors are used instead.
    seed
        Seed of the signs.

    Returns
    -------
    NullDraws
    """
    names = sorted({name for design in designs for name in design.cluster_names}, key=str)
    signs = sign_vectors(len(names), draws, seed)
    position = {name: index for index, name in enumerate(names)}
    columns = []
    for design in designs:
        own = signs[:, [position[name] for name in design.cluster_names]]
        columns.append(_one_model(design, own))
    return NullDraws(
        estimate=np.array([column[0] for column in columns]),
        statistic=np.array([column[1] for column in columns]),
        null_estimate=np.column_stack([column[2] for column in columns]),
        null_statistic=np.column_stack([column[3] for column in columns]),
    )


def sign_vectors(n_clusters: int, draws: int, seed: int) -> FloatArray:
    """Rademacher signs per cluster, shape (B, G); all 2^G of them where these are at most `ENUMERATE_UP_TO`."""
    if 2**n_clusters <= ENUMERATE_UP_TO:
        return np.array(list(itertools.product((1.0, -1.0), repeat=n_clusters)))
    return np.random.default_rng(seed).choice((-1.0, 1.0), size=(draws, n_clusters))


def _one_model(design: LinearDesign, signs: FloatArray) -> tuple[float, float, FloatArray, FloatArray]:
    outcome, treatment = design.partialled
    products = np.column_stack([treatment * outcome, treatment**2])
    score, leverage = group_sums(products, design.cluster, len(design.cluster_names)).T
    total = float(leverage.sum())
    estimate = float(score.sum() / total)
    spread = _clustered_spread(score[None, :], leverage, np.array([estimate]))
    flipped = signs * score
    null_estimate = flipped.sum(axis=1) / total
    null_spread = _clustered_spread(flipped, leverage, null_estimate)
    scale = np.sqrt(design.small_sample) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        null_statistic = np.where(null_spread > 0, null_estimate / (null_spread * scale), 0.0)
        statistic = float(estimate / (spread[0] * scale)) if spread[0] > 0 else float("nan")
    return estimate, statistic, null_estimate, null_statistic


def _clustered_spread(scores: FloatArray, leverage: FloatArray, estimate: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(((scores - estimate[:, None] * leverage) ** 2).sum(axis=1)))
