"""Data that cannot answer: never a number, never a crash, always a reason in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.estimators import Spec, fit, within

UNITS, PERIODS = 12, 8


def panel(units: int = UNITS, periods: int = PERIODS, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    x, z, w = random.normal(size=(3, units * periods))
    y = 0.5 * x + random.normal(size=units)[unit] + random.normal(size=periods)[period] + random.normal(size=len(x))
    return pd.DataFrame({"unit": unit, "period": period, "y": y, "x": x, "z": z, "w": np.exp(w)})


def with_columns(**columns: Any) -> pd.DataFrame:
    frame = panel()
    return frame.assign(**{name: make(frame) if callable(make) else make for name, make in columns.items()})


def switched(n_treated: int, always: bool = False) -> pd.DataFrame:
    frame = panel()
    on = (frame["period"] >= 4) | always
    return frame.assign(x=((frame["unit"] < n_treated) & on).astype(float))


TWO_WAY: dict[str, Any] = {"unit": "unit", "time": "period"}

REFUSED: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "zero rows": (panel().iloc[:0], {}, "no_rows"),
    "one row": (panel().iloc[:1], {}, "nothing_left"),
    "one unit": (panel(units=1), {"time": None}, "one_unit"),
    "one period": (panel(periods=1), {}, "nothing_left"),
    "constant treatment": (with_columns(x=3.0), {}, "constant"),
    "treatment fixed within unit": (with_columns(x=lambda f: f["unit"] * 0.1), {}, "no_within_variation"),
    "treatment common to all units": (with_columns(x=lambda f: f["period"] / 7), {}, "no_within_variation"),
    "all-missing outcome": (with_columns(y=np.nan), {}, "all_missing"),
    "all-missing treatment": (with_columns(x=np.nan), {}, "nothing_left"),
    "constant outcome": (with_columns(y=1e9), {}, "constant"),
    "outcome fixed within unit": (with_columns(y=lambda f: f["unit"] / 3), {}, "no_within_variation"),
    "perfect collinearity": (
        with_columns(z=lambda f: 2 * f["x"] - 3 * f["unit"]),
        {"treatments": ("x", "z")},
        "collinear",
    ),
    "two clusters": (with_columns(side=lambda f: f["unit"] % 2), {"cluster": "side"}, "few_clusters"),
    "one treated cluster": (switched(1), {}, "one_treated_cluster"),
    "one untreated cluster": (switched(UNITS - 1), {}, "dominant_cluster"),
    "one treated cluster without unit effects": (
        switched(1, always=True),
        {"estimator": "pooled_ols"},
        "one_treated_cluster",
    ),
    "numbers as text": (with_columns(x=lambda f: f["x"].astype(str)), {}, "not_numeric"),
    "outcome as text": (with_columns(y=lambda f: f["y"].astype(str)), {}, "not_numeric"),
    "dates": (
        with_columns(x=lambda f: pd.to_datetime("2024-01-01") + pd.to_timedelta(f["period"], "D")),
        {},
        "not_numeric",
    ),
    "categories": (with_columns(x=lambda f: f["unit"].astype("category")), {}, "not_numeric"),
    "complex numbers": (with_columns(x=lambda f: f["x"] + 1j), {}, "not_numeric"),
    "infinite values": (with_columns(x=lambda f: f["x"].mask(f["unit"] == 3, np.inf)), {}, "not_finite"),
    "negative weights": (with_columns(w=-1.0), {"weights": "w"}, "negative_weights"),
    "zero weights": (with_columns(w=0.0), {"weights": "w"}, "nothing_left"),
    "only singletons": (panel().drop_duplicates("unit"), {"time": None}, "nothing_left"),
    "as many parameters as rows": (panel(units=3, periods=2), {"controls": ("z",)}, "too_few_rows"),
    "perfect fit": (with_columns(y=lambda f: 2 * f["x"] + f["unit"]), {}, "perfect_fit"),
    "missing units": (with_columns(unit=None), {}, "nothing_left"),
}


COVARIANCES = ("classical", "HC1", "CRV1", "CR2", "CRV3", "wild_bootstrap")
CASES = [
    (case, covariance)
    for case, (_, _, reason) in REFUSED.items()
    for covariance in COVARIANCES[2 if reason == "few_clusters" else 0 :]
]


@pytest.mark.parametrize(("case", "covariance"), CASES)
def test_refused_without_a_number(case, covariance):
    frame, changes, reason = REFUSED[case]
    settings = {"estimator": "fixed_effects", "treatments": ("x",), **TWO_WAY, **changes}
    result = fit(frame, Spec(outcome="y", covariance=covariance, **settings))
    assert result.status == "not_estimable"
    assert len(result.estimates) == 0
    assert result.vcov is None
    assert result.reason is not None
    assert result.reason.key == f"estimators.{reason}"
    assert result.reason.id != result.reason.en


OTHERS: dict[str, dict[str, Any]] = {
    "pooled_ols": {},
    "random_effects": {"time": None},
    "mixed_model": {"time": None},
    "partial_pooling": {"options": {"group": "region"}},
    "instrumental": {"options": {"instruments": ["z"]}},
    "reliability_corrected": {"options": {"halves": ["h1", "h2"]}},
}
EVERYWHERE = [
    "zero rows",
    "one unit",
    "constant treatment",
    "all-missing outcome",
    "constant outcome",
    "two clusters",
    "numbers as text",
    "infinite values",
    "missing units",
]


@pytest.mark.parametrize("case", EVERYWHERE)
@pytest.mark.parametrize("estimator", list(OTHERS))
def test_every_estimator_refuses(estimator, case):
    frame, changes, _ = REFUSED[case]
    random = np.random.default_rng(3)
    frame = frame.assign(region=frame["unit"].map(lambda u: u if u is None else u % 3))
    noise = random.normal(size=(2, len(frame)))
    numeric = pd.to_numeric(frame["x"], errors="coerce")
    broken = frame["x"] if case in ("numbers as text", "infinite values", "constant treatment") else None
    frame = frame.assign(
        h1=numeric + noise[0] if broken is None else broken, h2=numeric + noise[1] if broken is None else broken
    )
    settings = {**TWO_WAY, **changes, **OTHERS[estimator]}
    result = fit(frame, Spec(estimator, "y", ("x",), **settings))
    assert result.status == "not_estimable"
    assert len(result.estimates) == 0
    assert result.reason is not None
    assert result.reason.text("id")
    assert result.reason.text("en")


def test_rupiah_beside_shares_is_no_obstacle():
    frame = panel()
    frame["rupiah"] = frame["z"] * 3e12 + 5e13
    plain = fit(frame, Spec("fixed_effects", "y", ("x",), ("z",), **TWO_WAY)).estimates
    scaled = fit(frame, Spec("fixed_effects", "y", ("x",), ("rupiah",), **TWO_WAY)).estimates
    # demeaning 5e13 +- 3e12 loses one digit of the sixteen
    assert scaled["std_error"][0] == pytest.approx(plain["std_error"][0], rel=1e-9)


def test_redundant_controls_are_dropped_and_named():
    frame = with_columns(double=lambda f: 2 * f["z"], fixed=lambda f: f["unit"] ** 2)
    result = fit(frame, Spec("fixed_effects", "y", ("x",), ("z", "double", "fixed"), **TWO_WAY))
    expected = fit(frame, Spec("fixed_effects", "y", ("x",), ("z",), **TWO_WAY))
    assert result.meta["dropped_controls"] == ["double", "fixed"]
    pd.testing.assert_frame_equal(result.estimates, expected.estimates)


def test_missing_rows_are_counted_by_reason():
    frame = panel().astype({"unit": object})
    frame.loc[0:2, "y"] = np.nan
    frame.loc[2:5, "x"] = np.nan
    frame.loc[9, "unit"] = None
    frame.loc[10, "w"] = 0.0
    meta = fit(frame, Spec("fixed_effects", "y", ("x",), weights="w", **TWO_WAY)).meta
    assert meta["dropped"] == {"missing:y": 3, "missing:x": 3, "missing:unit": 1, "zero_weight": 1}
    assert meta["n_obs"] == len(frame) - 8


@pytest.mark.parametrize("covariance", ["classical", "HC1"])
@pytest.mark.parametrize(
    ("frame", "reason"), [(panel(units=2, periods=30), "few_units"), (switched(2), "few_informative_units")]
)
@pytest.mark.parametrize("estimator", ["fixed_effects", "pooled_ols"])
def test_two_units_give_no_number_without_clusters_either(frame, reason, covariance, estimator):
    settings = TWO_WAY | {"time": None} if estimator == "pooled_ols" else TWO_WAY
    result = fit(frame, Spec(estimator, "y", ("x",), covariance=covariance, **settings))
    assert len(result.estimates) == 0
    assert result.reason is not None
    assert result.reason.key == f"estimators.{reason}"
    assert result.reason.values["n"] == 2
    assert fit(panel(units=3, periods=30), Spec(estimator, "y", ("x",), covariance=covariance, **settings)).ok


def test_two_treated_clusters_give_a_number_with_a_warning():
    result = fit(switched(2), Spec("fixed_effects", "y", ("x",), **TWO_WAY))
    warning = next(check for check in result.checks if check.name == "treated_clusters")
    assert result.ok
    assert warning.passed is False
    assert warning.statistic == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"treatments": ("trainig",)}, "training"),
        ({"outcome": "indx"}, "index"),
        ({"controls": ("leadershp",)}, "leadership"),
        ({"unit": "unt"}, "unit"),
        ({"cluster": "uni"}, "unit"),
        ({"estimator": "fixed_effect"}, "fixed_effects"),
        ({"covariance": "CRV"}, "CRV"),
        ({"options": {"levl": 0.9}}, "level"),
    ],
)
def test_misspelt_names_get_the_closest_match(changes, expected):
    frame = panel().rename(columns={"x": "training", "y": "index", "z": "leadership"})
    settings = {"estimator": "fixed_effects", "outcome": "index", "treatments": ("training",), **TWO_WAY}
    with pytest.raises(UsageError) as caught:
        fit(frame, Spec(**{**settings, **changes}))
    assert expected in caught.value.message.values["closest"]
    assert caught.value.message.id != caught.value.message.en


@pytest.mark.parametrize(
    "changes",
    [
        {"treatments": ()},
        {"treatments": ("y",)},
        {"treatments": ("x", "x")},
        {"unit": None, "time": None},
        {"cluster": ("unit", "period"), "covariance": "CR2"},
        {"options": {"level": 2}},
        {"options": {"bootstrap_weights": "mammen"}, "covariance": "wild_bootstrap"},
        {"estimator": "pooled_ols", "unit": None},
        {"estimator": "random_effects", "weights": "w"},
        {"estimator": "random_effects", "covariance": "wild_bootstrap"},
        {"estimator": "random_effects", "unit": None, "covariance": "classical"},
        {"estimator": "mixed_model", "unit": None, "covariance": "classical"},
        {"estimator": "partial_pooling"},
        {"estimator": "partial_pooling", "options": {"group": "unit"}, "moderators": ("z",)},
        {"estimator": "instrumental"},
        {"estimator": "instrumental", "options": {"instruments": ["x"]}},
        {"estimator": "instrumental", "options": {"instruments": ["zz"]}},
        {"estimator": "reliability_corrected", "options": {"halves": ["z"]}},
    ],
)
def test_meaningless_specs_are_usage_errors(changes):
    settings = {"estimator": "fixed_effects", "outcome": "y", "treatments": ("x",), **TWO_WAY}
    with pytest.raises(UsageError) as caught:
        fit(panel(), Spec(**{**settings, **changes}))
    assert caught.value.message.text("id")
    assert caught.value.message.text("en")


def test_a_column_that_occurs_twice_is_a_usage_error():
    frame = panel()
    frame = pd.concat([frame, frame[["x"]]], axis=1)
    with pytest.raises(UsageError):
        fit(frame, Spec("fixed_effects", "y", ("x",), **TWO_WAY))


@pytest.mark.parametrize("error", [within.NotConvergedError("slow"), np.linalg.LinAlgError("singular")])
def test_numerical_failure_is_a_reason_not_a_crash(monkeypatch, error):
    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr("analysis.estimators.linear.demean", failing)
    result = fit(panel(), Spec("fixed_effects", "y", ("x",), **TWO_WAY))
    assert result.reason is not None
    assert result.reason.key == "estimators.numerical"
    assert len(result.estimates) == 0


@pytest.mark.parametrize("dtype", ["Float64", "float32", "Int64", "int8", "boolean", "bool"])
def test_every_numeric_dtype_is_read(dtype):
    frame = panel()
    values = (frame["x"] > 0) if dtype in ("boolean", "bool") else frame["x"].round() if "nt" in dtype else frame["x"]
    plain = fit(frame.assign(x=values.astype(float)), Spec("fixed_effects", "y", ("x",), **TWO_WAY)).estimates
    typed = fit(frame.assign(x=values.astype(dtype)), Spec("fixed_effects", "y", ("x",), **TWO_WAY)).estimates
    # float32 keeps seven digits
    assert typed["estimate"][0] == pytest.approx(plain["estimate"][0], rel=1e-5 if dtype == "float32" else 1e-12)


def nasty_frame(random: np.random.Generator) -> pd.DataFrame:
    """Few rows, repeated periods, columns that are constant, binary, huge, gappy, fixed within unit or coarse."""
    n = int(random.integers(0, 60))
    frame = pd.DataFrame(
        {
            "unit": random.integers(0, random.integers(1, 12), n).astype(str),
            "period": random.integers(0, random.integers(1, 8), n),
            "group": random.integers(0, 4, n),
        }
    )
    for name in ("y", "x", "z", "w", "h1", "h2"):
        values = random.normal(size=n)
        forms = [
            values,
            np.full(n, 3.0),
            (values > 0).astype(float),
            values * 1e13,
            np.where(random.random(n) < 0.5, np.nan, values),
            frame["unit"].astype(float).to_numpy(),
            values.round(),
        ]
        frame[name] = forms[random.integers(len(forms))]
    return frame.assign(w=frame["w"].abs())


NASTY = OTHERS | {"fixed_effects": {}, "instrumental": {"options": {"instruments": ["w"]}}}


@pytest.mark.parametrize("estimator", sorted(NASTY))
def test_nasty_frames_give_sound_numbers_or_a_reason(estimator):
    random = np.random.default_rng(len(estimator))
    covariances = COVARIANCES if estimator in ("fixed_effects", "pooled_ols") else ("CRV1",)
    for _ in range(40):
        frame, covariance = nasty_frame(random), str(random.choice(covariances))
        settings = {**TWO_WAY, **NASTY[estimator]}
        if estimator == "partial_pooling":
            settings["options"] = {"group": "group"}
        result = fit(
            frame, Spec(estimator, "y", ("x",), ("z",)[: random.integers(2)], covariance=covariance, **settings)
        )
        numbers = result.estimates[["estimate", "std_error", "p_value"]].astype(float).to_numpy()
        assert np.isfinite(numbers).all()
        assert (result.estimates["std_error"] > 0).all()
        assert result.ok == (result.reason is None) == (len(numbers) > 0)
