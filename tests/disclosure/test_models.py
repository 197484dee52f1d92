"""Output of models and blocks through the gate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import Hit, load_rules, safe_estimates, safe_verdicts, unsafe_blocks
from analysis.disclosure.models import unsafe_estimates

GOOD = {
    "spec": "s",
    "level": "pooled",
    "region_code": "82",
    "estimate": 1.0,
    "std_error": 0.5,
    "n_obs": 60.0,
    "n_units": 6.0,
}


def estimates(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([GOOD | changes])


@pytest.mark.parametrize(
    ("changes", "unsafe"),
    [
        ({}, False),
        ({"n_units": 5}, False),
        ({"n_units": 4}, True),
        ({"n_obs": 20}, False),
        ({"n_obs": 19}, True),
        ({"n_obs": 12, "n_units": 12}, False),
        ({"n_obs": 11, "n_units": 11}, True),
        ({"std_error": 0.0}, True),
        ({"std_error": np.nan}, True),
        ({"std_error": np.inf}, True),
        ({"std_error": -1.0}, True),
        ({"n_units": np.nan}, True),
        ({"n_obs": None}, True),
        ({"n_obs": 14, "n_units": 12}, True),
        ({"std_error": 1e-6}, False),
    ],
)
def test_saturated_and_single_unit_estimates_are_unsafe(changes: dict, unsafe: bool) -> None:
    assert unsafe_estimates(estimates(**changes)).tolist() == [unsafe]
    assert len(safe_estimates(estimates(**changes))) == (0 if unsafe else 1)


def test_safe_estimates_keep_their_order() -> None:
    table = pd.concat([estimates(estimate=1.0), estimates(n_units=2), estimates(estimate=3.0)], ignore_index=True)
    shown = safe_estimates(table)
    assert shown["estimate"].tolist() == [1.0, 3.0]
    assert shown.index.tolist() == [0, 1]
    assert shown.columns.tolist() == table.columns.tolist()


def verdicts() -> pd.DataFrame:
    row = {
        "claim": "c",
        "spec": "s",
        "verdict": "supported",
        "estimate": 1.0,
        "conf_low": 0.1,
        "conf_high": 2.0,
        "unit": {"id": "x"},
        "strength": 3,
        "n_units": 4.0,
        "n_regions": 5.0,
        "reason": {"key": "old", "values": {}},
    }
    return pd.DataFrame(
        [row | {"region_code": "82"}, row | {"region_code": None}, row | {"region_code": "82", "spec": "t"}]
    )


def test_a_verdict_on_an_unsafe_estimate_has_no_figures() -> None:
    shown = safe_verdicts(verdicts(), estimates(n_units=4))
    assert shown["verdict"].tolist() == ["no_data", "supported", "supported"]
    assert shown.loc[0, ["estimate", "conf_low", "conf_high", "n_units"]].isna().all()
    assert shown["strength"].tolist() == [0, 3, 3]
    assert shown["reason"].map(lambda reason: reason["key"]).tolist() == ["disclosure.verdict_withheld", "old", "old"]
    assert shown.loc[0, "reason"]["values"] == {"minimum": 5}
    assert verdicts()["estimate"].notna().all()


def test_the_nations_verdict_follows_the_nations_estimate() -> None:
    shown = safe_verdicts(verdicts(), estimates(n_units=4, region_code=None, level="national"))
    assert shown["verdict"].tolist() == ["supported", "no_data", "supported"]


def test_a_regions_own_estimate_carries_no_verdict_and_safe_ones_change_nothing() -> None:
    table = verdicts()
    assert safe_verdicts(table, estimates(n_units=4, level="own")) is table
    assert safe_verdicts(table, estimates()) is table


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        ({"rows": [{"n": 9, "index": 80.0}]}, {"small"}),
        ({"rows": [{"n": 10, "index": 80.0}]}, set()),
        ({"rows": [{"n": 3, "index": None}]}, set()),
        ({"rows": [{"n": 3, "estimate": 1.0}]}, set()),
        ({"rows": [{"n": None, "index": 80.0}]}, set()),
        ({"residuals": [1]}, {"figure"}),
        ({"a": [[{"Leverage": 1}]]}, {"figure"}),
        ({"series": ({"points": [{"raw": 1, "n": 2, "index": 3}]},)}, {"figure", "small"}),
        ({}, set()),
        (None, set()),
        ("raw", set()),
        ({"rows": [{"n": 9.5, "index": 80.0}]}, {"small"}),
    ],
)
def test_blocks_hold_no_single_persons(data: object, kinds: set[str]) -> None:
    hits = unsafe_blocks([{"id": "b", "data": data}], "82")
    assert hits == sorted(Hit("82", "b", kind) for kind in kinds)


def test_rules_other_than_those_of_the_catalog_may_be_given() -> None:
    strict = replace(load_rules(), min_units=7, min_residual_df=99, min_respondents=20, single_person_figures=("own",))
    assert unsafe_estimates(estimates(), strict).tolist() == [True]
    assert safe_estimates(estimates(n_units=8, n_obs=800), strict)["n_units"].tolist() == [8]
    assert safe_estimates(estimates(n_units=6, n_obs=600), strict).empty
    shown = safe_verdicts(verdicts(), estimates(), strict)
    assert shown["verdict"].tolist() == ["no_data", "supported", "supported"]
    assert shown.loc[0, "reason"]["values"] == {"minimum": 7}
    block = {"id": "b", "data": {"own": 1, "raw": 2, "rows": [{"n": 19, "index": 3.0}]}}
    assert unsafe_blocks([block], "82", strict) == [Hit("82", "b", "figure"), Hit("82", "b", "small")]
    assert unsafe_blocks([{"id": "b", "data": {"rows": [{"n": 20, "index": 3.0}]}}], "82", strict) == []


def test_verdicts_keep_their_order_index_and_other_columns() -> None:
    table = verdicts().set_index(pd.Index([5, 3, 9]))
    shown = safe_verdicts(table, estimates(n_units=4))
    assert shown.index.tolist() == [5, 3, 9]
    assert shown.columns.tolist() == table.columns.tolist()
    assert shown["n_regions"].tolist() == [5.0, 5.0, 5.0]
    assert shown.loc[3, "estimate"] == 1.0
    assert table.loc[5, "verdict"] == "supported"
