"""Double machine learning against DoubleML, exact cases and known effects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from analysis.errors import UsageError
from analysis.estimators import fit
from analysis.estimators.double_ml import LEARNERS, cluster_folds, partially_linear
from analysis.spec import Spec

GOLDEN = Path(__file__).parents[1] / "golden" / "double_ml.json"
SPEC = Spec(
    "double_ml", "y", ("d",), ("x", "z"), unit="unit", time="time", options={"repetitions": 2, "learner": "ridge"}
)


def make_panel(n_units: int = 80, effect: float = 0.5, seed: int = 1) -> pd.DataFrame:
    """Confounding through the square of x, which a linear adjustment misses."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n_units), 6), np.tile(np.arange(6), n_units)
    level = rng.normal(size=n_units)[unit]
    x, z = rng.normal(size=unit.size) + 0.5 * level, rng.normal(size=unit.size)
    d = 0.5 * x**2 + level + rng.normal(size=unit.size)
    y = effect * d + x**2 + z + level + 0.1 * time + rng.normal(size=unit.size)
    return pd.DataFrame({"unit": unit, "time": time, "x": x, "z": z, "d": d, "y": y})


@pytest.mark.parametrize("learner", ["linear", "tree"])
def test_equal_to_doubleml_on_the_same_splits(learner):
    golden = json.loads(GOLDEN.read_text())
    data = {name: np.array(values) for name, values in golden["data"].items()}
    make = {
        "linear": lambda cluster: LinearRegression(),
        "tree": lambda cluster: DecisionTreeRegressor(max_depth=3, min_samples_leaf=5, random_state=0),
    }[learner]
    features = np.column_stack([data["x1"], data["x2"]])
    found = partially_linear(data["y"], data["d"], features, data["cluster"], np.array(golden["fold"]), make)
    n_clusters = len(np.unique(data["cluster"]))
    assert found.estimate == pytest.approx(golden[learner]["estimate"], rel=1e-12)
    # DoubleML leaves out G/(G-1)
    assert found.std_error == pytest.approx(
        golden[learner]["std_error"] * np.sqrt(n_clusters / (n_clusters - 1)), rel=1e-12
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_cluster_is_on_both_sides_of_a_split(seed):
    cluster = np.random.default_rng(seed).integers(0, 23, 200)
    cluster = np.unique(cluster, return_inverse=True)[1]
    fold = cluster_folds(cluster, 5, seed)
    for number in range(5):
        assert not set(cluster[fold == number]) & set(cluster[fold != number])
    sizes = [len(set(cluster[fold == number])) for number in range(5)]
    assert max(sizes) - min(sizes) <= 1


def test_a_confounder_that_enters_as_a_square_is_removed():
    frame = make_panel(n_units=200)
    linear = fit(frame, Spec("fixed_effects", "y", ("d",), ("x", "z"), unit="unit", time="time")).estimates.iloc[0]
    row = fit(frame, SPEC).estimates.iloc[0]
    assert row["conf_low"] < 0.5 < row["conf_high"]
    assert linear["conf_low"] > 0.6


@pytest.mark.parametrize("learner", ["lasso", "gradient_boosting", "random_forest"])
def test_every_learner_comes_near_the_truth(learner):
    frame = make_panel(n_units=150)
    result = fit(frame, replace(SPEC, options={"learner": learner, "repetitions": 1, "folds": 3}))
    # trees on 900 rows shrink a square: bias up to 0.15 beside a standard error near 0.04
    assert result.estimates["estimate"].iloc[0] == pytest.approx(0.5, abs=0.25)
    assert result.meta["r2_treatment"]["d"] > 0.1


def test_a_linear_learner_is_close_to_the_within_estimate():
    frame = make_panel(n_units=200)
    within = fit(frame, Spec("fixed_effects", "y", ("d",), ("x", "z"), unit="unit", time="time")).estimates.iloc[0]
    ours = fit(frame, replace(SPEC, options={"learner": "linear"})).estimates.iloc[0]
    # cross-fitting moves the estimate by a fraction of its standard error
    assert abs(ours["estimate"] - within["estimate"]) < 0.2 * within["std_error"]
    assert ours["std_error"] == pytest.approx(within["std_error"], rel=0.05)


def test_median_over_repetitions():
    result = fit(make_panel(), replace(SPEC, options={"learner": "ridge", "repetitions": 3}))
    parts = pd.DataFrame(result.meta["by_repetition"]["d"])
    row = result.estimates.iloc[0]
    assert row["estimate"] == parts["estimate"].median()
    variance = (parts["std_error"] ** 2 + (parts["estimate"] - row["estimate"]) ** 2).median()
    assert row["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_seeds_decide_and_row_order_does_not():
    frame = make_panel()
    first, again = fit(frame, SPEC).estimates, fit(frame, SPEC).estimates
    pd.testing.assert_frame_equal(first, again)
    other = fit(frame, replace(SPEC, options={**SPEC.options, "seed": 9})).estimates
    assert other["estimate"].iloc[0] != first["estimate"].iloc[0]
    shuffled = fit(frame.sample(frac=1, random_state=1), SPEC).estimates
    assert shuffled["estimate"].iloc[0] == pytest.approx(first["estimate"].iloc[0], rel=1e-8)


def test_several_treatments_adjust_for_each_other():
    frame = make_panel(n_units=150)
    result = fit(frame, replace(SPEC, treatments=("d", "z"), controls=("x",)))
    table = result.estimates.set_index("term")
    assert list(table.index) == ["d", "z"]
    assert table.loc["z", "estimate"] == pytest.approx(1.0, abs=4 * table.loc["z", "std_error"])
    assert result.vcov is None


def test_weights_equal_repeated_rows_for_a_linear_learner():
    frame = make_panel(n_units=40)
    weighted = frame.assign(weight=np.where(frame["unit"] < 10, 2.0, 1.0))
    doubled = pd.concat([frame, frame[frame["unit"] < 10]], ignore_index=True)
    options = {"learner": "linear", "repetitions": 1}
    left = fit(weighted, replace(SPEC, weights="weight", time=None, options=options)).estimates["estimate"].iloc[0]
    right = fit(doubled, replace(SPEC, time=None, options=options)).estimates["estimate"].iloc[0]
    assert left == pytest.approx(right, rel=1e-8)


@pytest.mark.parametrize(
    "changes",
    [
        {"treatments": ()},
        {"controls": ()},
        {"covariance": "CR2"},
        {"cluster": ("unit", "time")},
        {"mediators": ("z",), "controls": ("x",)},
        {"options": {"learner": "laso"}},
        {"options": {"folds": 1}},
        {"options": {"repetitions": 0}},
    ],
)
def test_a_wrong_spec_is_the_users_error(changes):
    with pytest.raises(UsageError):
        fit(make_panel(), replace(SPEC, **changes))


def degenerate() -> dict[str, pd.DataFrame]:
    frame = make_panel(n_units=12)
    return {
        "no rows": frame.iloc[:0],
        "one unit": frame[frame["unit"] == 1],
        "fewer clusters than folds": frame[frame["unit"] < 4],
        "constant treatment": frame.assign(d=1.0),
        "treatment fixed within unit": frame.assign(d=frame["unit"].astype(float)),
        "treatment equals control": frame.assign(d=frame["x"] * 3 + 1),
        "constant controls": frame.assign(x=1.0, z=2.0),
        "constant outcome": frame.assign(y=4.0),
        "missing outcome": frame.assign(y=np.nan),
        "text treatment": frame.assign(d=frame["d"].astype(str)),
        "infinite control": frame.assign(x=np.inf),
    }


@pytest.mark.parametrize("case", list(degenerate()))
def test_degenerate_designs_say_why_and_give_no_number(case):
    result = fit(degenerate()[case], SPEC)
    assert result.status == "not_estimable"
    assert result.estimates.empty
    assert result.reason.id
    assert result.reason.en


def test_raw_rupiah_beside_shares():
    frame = make_panel()
    plain = fit(frame, SPEC).estimates["estimate"].iloc[0]
    rupiah = fit(frame.assign(x=frame["x"] * 1e9 + 5e12), SPEC).estimates["estimate"].iloc[0]
    assert rupiah == pytest.approx(plain, rel=1e-6)
    assert set(LEARNERS) == {"gradient_boosting", "lasso", "linear", "random_forest", "ridge"}
