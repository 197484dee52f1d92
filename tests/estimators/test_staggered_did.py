"""Staggered designs against R, diff-diff, brute force and known effects."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.estimators import fit
from analysis.results import ESTIMATE_COLUMNS
from analysis.spec import Spec

GOLDEN = Path(__file__).parents[1] / "golden"
R_DIGITS = 1e-9
SAME = 1e-10


def make_panel(n_units: int = 60, n_periods: int = 8, effect: float = 1.0, seed: int = 1) -> pd.DataFrame:
    """Cohorts 4 and 6 and never treated, a third each; effects grow by a fifth a period."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(1, n_periods + 1), n_units)
    start = np.array([np.nan, 4.0, 6.0])[unit % 3]
    since = time - np.nan_to_num(start, nan=np.inf)
    treated = np.where(since >= 0, effect * (1 + 0.2 * np.where(since >= 0, since, 0)), 0.0)
    x = rng.normal(size=unit.size)
    y = rng.normal(size=n_units)[unit] + 0.3 * time + treated + rng.normal(size=unit.size)
    frame = {"unit": unit, "time": time, "start": start, "x": x, "y": y, "region": unit // 4}
    return pd.DataFrame(frame)


def spec(**changes) -> Spec:
    return replace(Spec("staggered_did", "y", unit="unit", time="time", cohort="start"), **changes)


@pytest.fixture(scope="module")
def medicaid() -> pd.DataFrame:
    wide = pd.read_csv(GOLDEN / "medicaid_expansion.csv")
    frame = wide.melt(["state", "first_treated"], var_name="time", value_name="y")
    return frame.assign(time=frame["time"].str[1:].astype(int)).rename(
        columns={"state": "unit", "first_treated": "start"}
    )


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads((GOLDEN / "designs.json").read_text())


def test_group_time_effects_equal_r(medicaid, golden):
    result = fit(medicaid, spec(options={"comparison": "never_treated"}))
    cells = pd.DataFrame(result.meta["group_time"]).query("event >= 0")
    wanted = golden["group_time"]
    assert cells[["group", "time"]].to_numpy().T.tolist() == [wanted["group"], wanted["time"]]
    assert cells["estimate"].to_numpy() == pytest.approx(wanted["att"], rel=R_DIGITS)
    assert cells["std_error"].to_numpy() == pytest.approx(wanted["std_error"], rel=R_DIGITS)
    row = result.estimates.iloc[0]
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (golden["simple"]["att"], golden["simple"]["std_error"]), rel=R_DIGITS
    )
    assert row["df"] == 45
    assert result.meta["n_never_treated"] == 21


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("controls", [(), ("x",)])
@pytest.mark.parametrize("missing", [0, 30])
def test_aggregates_equal_diff_diff(comparison, controls, missing):
    from diff_diff import CallawaySantAnna

    frame = make_panel().sample(frac=1, random_state=2).iloc[missing:]
    asked = spec(controls=controls, cluster="unit")
    library = frame.assign(start=frame["start"].fillna(0).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CallawaySantAnna(control_group=comparison, cluster="unit", estimation_method="reg").fit(
            library, "y", "unit", "time", "start", covariates=list(controls) or None
        )
        by_event = theirs.aggregate("event_study").to_dataframe().set_index("event_time")
        by_group = theirs.aggregate("group").to_dataframe()
        by_group.index = by_group["label"].astype(int)
    ours = {
        kind: fit(
            frame, replace(asked, options={"comparison": comparison, "aggregation": kind, "cross_checks": False})
        ).estimates.set_index("term")
        for kind in ("simple", "dynamic", "group")
    }
    assert ours["simple"].loc["att", ["estimate", "std_error", "df"]].tolist() == pytest.approx(
        [theirs.overall_att, theirs.overall_se, theirs.df_inference], rel=SAME
    )
    for event in range(5):
        row = ours["dynamic"].loc[f"event:{event:+03d}"]
        assert (row["estimate"], row["std_error"]) == pytest.approx(
            (by_event.loc[event, "att"], by_event.loc[event, "se"]), rel=SAME
        )
    for cohort in (4, 6):
        row = ours["group"].loc[f"cohort:{cohort}"]
        assert (row["estimate"], row["std_error"]) == pytest.approx(
            (by_group.loc[cohort, "att"], by_group.loc[cohort, "se"]), rel=SAME
        )


def test_calendar_means_are_weighted_by_cohort_size():
    result = fit(make_panel(n_units=59), spec(options={"aggregation": "calendar"}))
    cells = pd.DataFrame(result.meta["group_time"]).query("time == 7")
    sizes = cells["group"].map(result.meta["cohorts"])
    row = result.estimates.set_index("term").loc["period:7"]
    assert row["estimate"] == pytest.approx(np.average(cells["estimate"], weights=sizes), rel=SAME)


def test_cohort_sizes_count_as_uncertain():
    """Against a bootstrap of units (100 draws: 7% simulation error, three times that is 20%)."""
    frame = make_panel(effect=4.0)
    result = fit(frame, spec(options={"aggregation": "simple", "cross_checks": False}))
    rng, units = np.random.default_rng(1), frame["unit"].unique()
    by_unit = dict(list(frame.groupby("unit")))
    draws = []
    for _ in range(100):
        parts = [by_unit[u].assign(unit=k) for k, u in enumerate(rng.choice(units, len(units)))]
        draws.append(fit(pd.concat(parts), spec(options={"cross_checks": False})).estimates["estimate"].iloc[0])
    assert result.estimates["std_error"].iloc[0] == pytest.approx(np.std(draws), rel=0.2)


def test_heterogeneous_effects_are_recovered_where_two_way_fixed_effects_fail():
    frame = make_panel(n_units=300, effect=2.0, seed=2)
    result = fit(frame, spec())
    since = frame["time"] - frame["start"]
    truth = (2 * (1 + 0.2 * since[since >= 0])).mean()
    row = result.estimates.iloc[0]
    assert row["conf_low"] < truth < row["conf_high"]
    assert abs(result.meta["bacon"]["twfe"] - truth) > 2 * row["std_error"]
    assert result.meta["bacon"]["forbidden"] > 0.1
    assert sum(result.meta["bacon"]["weights"].values()) == pytest.approx(1)


def test_bacon_adds_up_to_two_way_fixed_effects():
    frame = make_panel()
    frame["on"] = (frame["time"] >= frame["start"]).astype(float)
    twfe = fit(frame, Spec("fixed_effects", "y", ("on",), unit="unit", time="time")).estimates["estimate"].iloc[0]
    bacon = fit(frame, spec()).meta["bacon"]
    mean = sum(bacon["weights"][kind] * bacon["effects"][kind] for kind in bacon["weights"])
    assert (bacon["twfe"], mean) == pytest.approx((twfe, twfe), rel=1e-9)


def test_sun_abraham_is_the_saturated_regression_and_equals_diff_diff():
    from diff_diff import SunAbraham

    frame = make_panel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SunAbraham(cluster="unit").fit(
            frame.assign(start=frame["start"].fillna(0).astype(int)), "y", "unit", "time", "start"
        )
    ours = {row["estimator"]: row for row in fit(frame, spec()).meta["cross_checks"]}
    assert (ours["sun_abraham"]["estimate"], ours["sun_abraham"]["std_error"]) == pytest.approx(
        (theirs.overall_att, theirs.overall_se), rel=1e-9
    )
    assert set(ours) == {"sun_abraham", "imputation"}


def test_imputation_by_brute_force():
    frame = make_panel().drop(index=[7, 80, 111])
    untreated = frame[~(frame["time"] >= frame["start"])]
    dummies = pd.get_dummies(frame[["unit", "time"]].astype(str), dtype=float)
    values, _, _, _ = np.linalg.lstsq(dummies.loc[untreated.index].to_numpy(), untreated["y"].to_numpy(), rcond=None)
    treated = frame["time"] >= frame["start"]
    gap = frame.loc[treated, "y"] - dummies.loc[treated].to_numpy() @ values
    found = {row["estimator"]: row["estimate"] for row in fit(frame, spec()).meta["cross_checks"]}
    assert found["imputation"] == pytest.approx(gap.mean(), rel=1e-8)


def test_the_panel_is_said_to_be_balanced_or_not():
    frame = make_panel()
    assert fit(frame, spec()).meta["panel"] == "balanced"
    gappy = frame.drop(index=[3, 90])
    assert fit(gappy, spec()).meta["panel"] == "unbalanced"
    kept = fit(gappy, spec(options={"balanced": True})).meta
    assert (kept["panel"], kept["n_units"], kept["n_rows"]) == ("balanced", 58, 478)


def test_pre_trend_is_found_and_passes_where_there_is_none():
    frame = make_panel(n_units=120)
    passed = {check.name: check for check in fit(frame, spec()).checks}["pre_trend"]
    assert passed.passed is True
    frame.loc[frame["start"].notna(), "y"] += 0.6 * frame["time"]
    failed = {check.name: check for check in fit(frame, spec()).checks}["pre_trend"]
    assert failed.passed is False
    assert failed.reason.id != failed.reason.en


def test_anticipation_moves_the_base_period():
    frame = make_panel()
    frame.loc[frame["time"] == frame["start"] - 1, "y"] += 5
    naive = fit(frame, spec()).estimates["estimate"].iloc[0]
    aware = fit(frame, spec(options={"anticipation": 1})).estimates["estimate"].iloc[0]
    assert naive < -2 < 0.5 < aware


def test_text_periods_and_unit_names_give_the_same():
    frame = make_panel()
    named = frame.assign(
        unit="u" + frame["unit"].astype(str).str.zfill(3),
        time="20" + (frame["time"] + 10).astype(str) + "-S1",
        start=("20" + (frame["start"] + 10).astype("Int64").astype(str) + "-S1").where(frame["start"].notna()),
    ).sample(frac=1, random_state=5)
    left, right = (fit(data, spec()).estimates for data in (frame, named))
    figures = [column for column in ESTIMATE_COLUMNS if column not in ("estimator", "outcome", "term", "covariance")]
    assert left[figures].to_numpy(dtype=float) == pytest.approx(right[figures].to_numpy(dtype=float), rel=SAME)


def test_units_treated_from_the_start_are_left_out_and_counted():
    frame = make_panel()
    frame.loc[frame["unit"] == 1, "start"] = 1.0
    meta = fit(frame, spec()).meta
    assert (meta["n_always_treated"], meta["n_units"]) == (1, 59)


def test_weights_work_as_repeated_units():
    frame = make_panel(n_units=30)
    doubled = pd.concat([frame, frame[frame["unit"] < 9].assign(unit=lambda part: part["unit"] + 100)])
    weighted = frame.assign(weight=np.where(frame["unit"] < 9, 2.0, 1.0))
    estimates = [
        fit(data, asked).estimates["estimate"].iloc[0]
        for data, asked in ((doubled, spec()), (weighted, spec(weights="weight")))
    ]
    assert estimates[0] == pytest.approx(estimates[1], rel=SAME)


def test_two_treated_clusters_get_a_randomisation_test():
    frame = make_panel(n_units=24, effect=0.0)
    frame["start"] = np.where(frame["unit"] < 2, 5.0, np.nan)
    frame.loc[frame["time"] >= frame["start"], "y"] += 3
    result = fit(frame, spec(options={"draws": 199}))
    assert {check.name: check.passed for check in result.checks}["treated_clusters"] is False
    # 2 of 24 units can be chosen in 276 ways: the smallest p-value is near 1/276
    assert 0 < result.meta["randomisation_p_value"] < 0.1
    assert fit(make_panel(), spec()).meta["randomisation_p_value"] is None


def degenerate() -> dict[str, pd.DataFrame]:
    frame = make_panel(n_units=12)
    text = frame.assign(y=frame["y"].astype(str))
    varying = frame.copy()
    varying.loc[varying.index[3], "start"] = 2.0
    return {
        "no rows": frame.iloc[:0],
        "one unit": frame[frame["unit"] == 1],
        "nobody treated": frame.assign(start=np.nan),
        "all treated at once": frame.assign(start=4.0),
        "all treated from the start": frame.assign(start=1.0),
        "treated after the end": frame.assign(start=99.0),
        "one treated cluster": frame.assign(start=np.where(frame["unit"] == 1, 4.0, np.nan)),
        "one period": frame[frame["time"] == 5],
        "missing outcome": frame.assign(y=np.nan),
        "constant outcome": frame.assign(y=3.0),
        "text outcome": text,
        "infinite outcome": frame.assign(y=np.inf),
        "duplicates": pd.concat([frame, frame]),
        "cohort varies": varying,
        "text cohort": frame.assign(start="four"),
        "two clusters": frame[frame["unit"] < 2],
        "no error": frame.assign(y=(frame["time"] >= frame["start"]).astype(float)),
    }


@pytest.mark.parametrize("estimator", ["staggered_did", "event_study"])
@pytest.mark.parametrize("case", list(degenerate()))
def test_degenerate_designs_say_why_and_give_no_number(estimator, case):
    result = fit(degenerate()[case], spec(estimator=estimator))
    assert result.status == "not_estimable"
    assert result.estimates.empty
    assert result.reason.id
    assert result.reason.en


def test_a_cluster_that_cuts_through_units_is_refused():
    frame = make_panel().assign(cut=lambda data: data["time"] % 5)
    assert fit(frame, spec(cluster="cut")).status == "not_estimable"


@pytest.mark.parametrize(
    "changes",
    [
        {"cohort": None},
        {"unit": None, "cluster": "region"},
        {"covariance": "HC1"},
        {"treatments": ("x",)},
        {"options": {"aggregation": "simpel"}},
        {"options": {"comparison": "never"}},
        {"options": {"anticipation": -1}},
        {"options": {"agregation": "simple"}},
        {"cohort": "strat"},
    ],
)
def test_a_wrong_spec_is_the_users_error(changes):
    with pytest.raises(UsageError) as error:
        fit(make_panel(), spec(**changes))
    assert error.value.message.id
    assert error.value.message.en


def test_never_treated_asked_for_where_there_are_none():
    frame = make_panel()
    frame = frame[frame["start"].notna()]
    assert fit(frame, spec(options={"comparison": "never_treated"})).status == "not_estimable"
    assert fit(frame, spec()).ok


def test_inputs_are_not_changed_and_results_repeat():
    frame = make_panel()
    before = frame.copy(deep=True)
    first, second = fit(frame, spec()), fit(frame, spec())
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(first.estimates, second.estimates)
    assert first.meta["bands"] == second.meta["bands"]


def test_estimates_scale_with_the_outcome():
    frame = make_panel()
    base = fit(frame, spec()).estimates
    scaled = fit(frame.assign(y=frame["y"] * 1e6), spec()).estimates
    figures = ["estimate", "std_error", "conf_low", "conf_high"]
    assert scaled[figures].to_numpy(dtype=float) == pytest.approx(1e6 * base[figures].to_numpy(dtype=float), rel=1e-9)
    assert scaled["p_value"].iloc[0] == pytest.approx(base["p_value"].iloc[0], rel=1e-6)


def test_sun_abraham_equals_fixest():
    """fixest 0.12.2, ``feols(y ~ sunab(year_treated, year) | id + year, base_stagg)``, summary with ``agg = "att"``.

    The simulated panel ``base_stagg`` comes with fixest (and pyfixest's documentation). Its outcome is rounded to six
    decimals here, which moves a mean of 225 treated cells by less than 1e-7.
    """
    wide = pd.read_csv(GOLDEN / "base_stagg.csv")
    frame = wide.melt(["id", "first_treated"], var_name="time", value_name="y")
    frame = frame.assign(time=frame["time"].str[1:].astype(int)).rename(
        columns={"id": "unit", "first_treated": "start"}
    )
    found = {row["estimator"]: row for row in fit(frame, spec()).meta["cross_checks"]}["sun_abraham"]
    assert found["estimate"] == pytest.approx(-0.75519011961, abs=1e-7)
    assert found["std_error"] == pytest.approx(0.42112240425, abs=1e-7)
