"""From how many clusters an effect is learnt: what the number of clusters alone does not tell."""

from __future__ import annotations

import numpy as np

from analysis.estimators.preflight import NO_VARIATION, sum_of_squares
from analysis.estimators.within import IntArray, factor_codes, group_sums
from analysis.results import FloatArray

DOMINANT_SHARE = 0.95
"""Share of a graded treatment's residual sum of squares above which one cluster decides by itself."""


def treated_clusters(values: FloatArray, cluster: IntArray, nested: FloatArray | None = None) -> int:
    """Count the clusters from which an effect is learnt.

    Parameters
    ----------
    values
        The treatment, shape (n,).
    cluster
        Codes, shape (n,).
    nested
        The treatment after the effects nested in the clusters are removed, if there are any: a cluster counts where it
        still varies. Without such effects a cluster counts where it departs from the most common value.
    """
    if nested is not None:
        spread = group_sums((nested**2)[:, None], cluster)[:, 0]
        return int((spread > NO_VARIATION * sum_of_squares(values)).sum())
    levels = factor_codes(values)
    pairs = np.unique(np.column_stack([cluster, levels]), axis=0)
    usual = int(np.bincount(pairs[:, 1]).argmax())
    return len(np.unique(pairs[pairs[:, 1] != usual, 0]))


def dominant_share(residualised: FloatArray, cluster: IntArray) -> float:
    """Return the largest cluster's share of a treatment's residual sum of squares (its partial leverage)."""
    sums = group_sums((residualised**2)[:, None], cluster)[:, 0]
    return float(sums.max() / sums.sum())


def dominance_limit(values: FloatArray, n_clusters: int) -> float:
    """Return the share of a single cluster from which on a treatment refuses.

    With a treatment that is on or off, one treated cluster (or one untreated among treated ones) carries 1 - 1/G of
    the residual sum of squares; a graded treatment is refused where one cluster carries nearly all of it.
    """
    return 1 - 1 / n_clusters - 1e-9 if len(np.unique(values)) == 2 else DOMINANT_SHARE
