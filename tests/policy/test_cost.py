"""Cost per point: Fieller's interval, money and hours."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.policy import Interval, cost_by_form, cost_per_point, fieller
from analysis.policy.cost import around, from_range, hourly_cost
from analysis.policy.records import CostRule

RULE = CostRule("per_hour", 40_000, 100_000, "cost_per_hour_own", "tariff")


def test_ends_of_fiellers_interval_solve_its_equation() -> None:
    a, va, b, vb, cov, q = 100.0, 8.0**2, 2.0, 0.4**2, 1.5, stats.norm.ppf(0.975)
    ratio = fieller(a, math.sqrt(va), b, math.sqrt(vb), covariance=cov)
    for end in (ratio.conf_low, ratio.conf_high):
        assert (a - end * b) ** 2 == pytest.approx(q**2 * (va - 2 * end * cov + end**2 * vb), rel=1e-9)
    assert ratio.conf_low < ratio.estimate == 50 < ratio.conf_high


def test_a_sure_denominator_gives_the_ordinary_interval() -> None:
    ratio = fieller(100.0, 10.0, 4.0, 0.0)
    margin = stats.norm.ppf(0.975) * 10 / 4
    assert (ratio.conf_low, ratio.conf_high) == pytest.approx((25 - margin, 25 + margin))


@pytest.mark.parametrize(("error", "bounded"), [(0.5, True), (0.51, True), (0.52, False), (5.0, False)])
def test_the_interval_ends_where_the_denominator_may_be_zero(error: float, bounded: bool) -> None:
    # 1.0 / 1.95996 = .5102: beyond it the 95% interval of the denominator holds zero.
    ratio = fieller(10.0, 1.0, 1.0, error)
    assert ratio.bounded is bounded
    assert math.isfinite(ratio.estimate) is bounded


def test_fiellers_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.normal(20, 1, 4000), rng.normal(8, 1, 4000)
    inside = [
        r.conf_low <= 2.5 <= r.conf_high
        for r in (fieller(float(x), 1.0, float(y), 1.0) for x, y in zip(a, b, strict=True))
    ]
    # 4000 trials: standard error .0034.
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)


def test_cost_per_point_and_its_refusals() -> None:
    total = Interval(1e9, 1e8, 8e8, 1.2e9)
    clear = cost_per_point(total, around(0.5, 0.1), officers=200)
    assert clear.status == "ok"
    assert clear.per_point.estimate == pytest.approx(2e9)
    assert clear.per_officer_point.conf_high == pytest.approx(clear.per_point.conf_high / 200)
    assert "Rp2 miliar" in clear.reason.id
    unsure = cost_per_point(total, around(0.1, 0.1), officers=200)
    assert (unsure.status, unsure.per_point) == ("cannot_be_told", None)
    assert cost_per_point(total, around(-0.5, 0.1), officers=200).status == "no_gain"
    assert cost_per_point(Interval(0, 0, 0, 0), around(0.5, 0.1), officers=200).status == "no_extra_cost"
    # With 3 degrees of freedom the interval of the same gain holds zero.
    few = cost_per_point(total, around(0.25, 0.1, df=3), officers=200, df=3)
    assert few.status == "cannot_be_told"


def test_own_records_come_before_the_tariff() -> None:
    panel = pd.DataFrame({"unit_id": ["a", "a", "b", "c"], "cost_per_hour_own": [40.0, 60.0, 70.0, 90.0]})
    found = hourly_cost(RULE, panel)
    assert found.estimate == pytest.approx((50 + 70 + 90) / 3 * 1000)
    assert found.std_error == pytest.approx(np.std([50, 70, 90], ddof=1) / math.sqrt(3) * 1000)
    tariff = hourly_cost(RULE, panel.iloc[:2])
    assert tariff == from_range(RULE)
    assert (tariff.conf_low, tariff.conf_high) == pytest.approx((40_000, 100_000))


def test_cost_by_form_is_in_prices_of_2024() -> None:
    training = pd.DataFrame(
        {
            "period": ["2024-S1"] * 12 + ["2020-S1"] * 10 + ["2024-S2"] * 3,
            "form": ["seminar"] * 12 + ["mentoring"] * 10 + ["workshop"] * 3,
            "hours": [10.0] * 25,
            "cost": [400_000.0] * 11 + [np.nan] + [500_000.0] * 10 + [1.0] * 3,
        }
    )
    found = cost_by_form(training)
    assert found["seminar"] == pytest.approx(40_000)
    # Prices rose by 1.87, 5.51, 2.61 and 1.57 percent from December 2020 to December 2024 (BPS).
    assert found["mentoring"] == pytest.approx(50_000 * 1.0187 * 1.0551 * 1.0261 * 1.0157, rel=1e-6)
    assert "workshop" not in found
    assert cost_by_form(training.assign(cost=np.nan)).empty
