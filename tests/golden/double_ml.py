"""Make `double_ml.json`: DoubleML's partially linear model on splits by cluster, to compare with our own.

Needs the bench requirements (DoubleML is no dependency of the project): ``python tests/golden/double_ml.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import doubleml
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

N_CLUSTERS, PER_CLUSTER, FOLDS = 40, 6, 5


def data() -> tuple[pd.DataFrame, np.ndarray]:
    """Return columns y, d, x1, x2, cluster and the fold of each row (whole clusters, equal folds)."""
    rng = np.random.default_rng(20260101)
    cluster = np.repeat(np.arange(N_CLUSTERS), PER_CLUSTER)
    shared = rng.normal(size=N_CLUSTERS)[cluster]
    x = rng.normal(size=(cluster.size, 2)) + 0.5 * shared[:, None]
    d = np.sin(x[:, 0]) + 0.5 * x[:, 1] + shared + rng.normal(size=cluster.size)
    y = 0.7 * d + x[:, 0] ** 2 - x[:, 1] + shared + rng.normal(size=cluster.size)
    fold = (rng.permutation(N_CLUSTERS) % FOLDS)[cluster]
    return pd.DataFrame({"y": y, "d": d, "x1": x[:, 0], "x2": x[:, 1], "cluster": cluster}), fold


def reference(frame: pd.DataFrame, fold: np.ndarray, learner: object) -> dict[str, float]:
    """Coefficient and clustered standard error of DoubleML on the given folds."""
    table = doubleml.DoubleMLData(frame, y_col="y", d_cols="d", x_cols=["x1", "x2"], cluster_cols="cluster")
    model = doubleml.DoubleMLPLR(table, learner, learner, n_folds=FOLDS, score="partialling out")
    splits = [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(FOLDS)]
    clusters = frame["cluster"].to_numpy()
    by_cluster = [([np.unique(clusters[train])], [np.unique(clusters[test])]) for train, test in splits]
    model.set_sample_splitting([splits], [by_cluster])
    model.fit()
    return {"estimate": float(model.coef[0]), "std_error": float(model.se[0])}


if __name__ == "__main__":
    frame, fold = data()
    values = {
        "source": f"DoubleML {doubleml.__version__}, DoubleMLPLR, partialling out, one repetition (double_ml.py)",
        "data": {name: frame[name].tolist() for name in frame},
        "fold": fold.tolist(),
        "linear": reference(frame, fold, LinearRegression()),
        "tree": reference(frame, fold, DecisionTreeRegressor(max_depth=3, min_samples_leaf=5, random_state=0)),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(values) + "\n")
