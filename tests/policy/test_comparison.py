"""Regions beside their synthetic counterparts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.messages import Message
from analysis.policy import compare_regions


def panel(rng: np.random.Generator, regions: int = 10, periods: int = 10, rise: float = 0.0) -> pd.DataFrame:
    """Regions with a common course and shocks of their own; the first one rises in the second half."""
    common = rng.normal(0, 0.8, periods).cumsum() * 0.5
    rows = []
    for region in range(regions):
        own = rng.normal(83, 1) + common + rng.normal(0, 0.6, periods)
        own = own + rise * (np.arange(periods) >= periods - periods // 2) * (region == 0)
        for unit in range(3):
            for period in range(periods):
                rows.append((f"r{region:02d}", f"r{region:02d}-{unit}", period, own[period] + unit))
    return pd.DataFrame(rows, columns=["region_code", "unit_id", "period_index", "index"])


def test_a_common_course_is_nobodys_rise() -> None:
    rng = np.random.default_rng(0)
    found = pd.concat([compare_regions(panel(rng)) for _ in range(8)])
    # 80 tests, those of one draw leaning on each other: 5 percent are 4, more than 10 would be a fault.
    assert (found["p_value"] < 0.05).sum() <= 10
    assert found["rise"].abs().mean() > 2 * found["beyond"].abs().mean()


def test_a_rise_beyond_the_others_is_found() -> None:
    found = compare_regions(panel(np.random.default_rng(1), rise=4.0)).set_index("region_code")
    row = found.loc["r00"]
    assert row["conf_low"] > 0
    assert row["beyond"] == pytest.approx(4.0, abs=1.2)
    assert row["sentence"]["key"] == "policy.comparison_above"
    assert (row["n_before"], row["n_after"], row["df"]) == (5, 5, 8)
    fallen = compare_regions(panel(np.random.default_rng(1), rise=-4.0)).set_index("region_code").loc["r00"]
    assert fallen["sentence"]["key"] == "policy.comparison_below"


def test_the_standard_error_is_the_spread_of_the_others() -> None:
    found = compare_regions(panel(np.random.default_rng(2))).set_index("region_code")
    assert found.loc["r03", "std_error"] == pytest.approx(found["beyond"].drop("r03").std())
    for donors in found["donors"]:
        assert 0 < sum(donors.values()) <= 1 + 1e-9


def test_half_years_before_a_break_of_method_are_not_compared() -> None:
    data = panel(np.random.default_rng(3), periods=12)
    shifted = data.assign(index=data["index"] + 7.0 * (data["period_index"] >= 4) * (data["region_code"] == "r01"))
    plain = compare_regions(shifted, breaks=[4]).set_index("region_code")
    later = compare_regions(data.loc[data["period_index"] >= 4]).set_index("region_code")
    np.testing.assert_allclose(plain["beyond"], later["beyond"], atol=1e-6)
    assert (plain["n_before"] + plain["n_after"]).unique().tolist() == [8]


def test_too_little_is_refused_with_its_reason() -> None:
    few = compare_regions(panel(np.random.default_rng(4), regions=4))
    short = compare_regions(panel(np.random.default_rng(4), periods=4))
    for table in (few, short):
        assert set(table["status"]) == {"refused"}
        assert {row["key"] for row in table["sentence"]} == {"policy.comparison_too_little"}
    data = panel(np.random.default_rng(5))
    gap = data.loc[~((data["region_code"] == "r02") & (data["period_index"] == 6))]
    found = compare_regions(gap).set_index("region_code")
    assert found.loc["r02", "sentence"]["key"] == "policy.comparison_gaps"
    assert found["status"].eq("ok").sum() == 9
    assert all("r02" not in donors for donors in found["donors"])


def test_sentences_exist_and_nothing_depends_on_order() -> None:
    data = panel(np.random.default_rng(6), rise=3.0)
    first, second = compare_regions(data), compare_regions(data.sample(frac=1, random_state=1))
    np.testing.assert_allclose(first["beyond"], second["beyond"], atol=1e-9)
    for row in first["sentence"]:
        message = Message(row["key"], row["values"])
        assert message.id != message.en
