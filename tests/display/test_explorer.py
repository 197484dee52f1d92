"""The explorer computes what it shows, and its code repeats it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.display.explorer import Choice, advice_on, code_of, lagged, read, spec_of
from analysis.display.explorer_shown import choice_table, curve_figure, reading
from analysis.display.explorer_widgets import explorer
from analysis.errors import UsageError
from analysis.estimators import fit

REGION = "82"


@pytest.fixture(scope="module")
def found(panel):
    return read(panel, Choice())


def test_the_estimate_is_that_of_the_spec(panel, found):
    again = fit(panel, spec_of(Choice()))
    pd.testing.assert_frame_equal(found.fit.estimates, again.estimates)
    assert found.curve.table.set_index("variant").loc["main", "estimate"] == again.estimates["estimate"].iloc[0]


def test_the_curve_holds_every_set_of_controls(found):
    variants = set(found.curve.table["variant"])
    assert {"main", "none", "unweighted", "leadership", "leadership+log_budget+resistance+hours_partner"} <= variants
    assert len(variants) == 2**4 + 2


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(region=REGION, lags=1, covariance="CR2"),
        Choice(treatment="leadership", covariance="wild_bootstrap", controls=()),
    ],
)
def test_the_copied_code_gives_the_same_estimate(panel, choice):
    place: dict[str, object] = {"results": SimpleNamespace(panel=panel)}
    *lines, last = code_of(choice).splitlines()
    exec("\n".join([*lines, f"again = {last}"]), place)
    pd.testing.assert_frame_equal(place["again"].estimates, read(panel, choice).fit.estimates)


def test_lags_are_of_the_same_unit_and_skip_no_gap(panel):
    gap = panel.drop(index=panel.index[panel["period_index"] == panel["period_index"].min() + 1])
    result = lagged(gap, "training_hours_now", 1)
    known = {
        (unit, at): value
        for unit, at, value in zip(gap["unit_id"], gap["period_index"], gap["training_hours_now"], strict=True)
    }
    for unit, at, value in zip(
        result["unit_id"], result["period_index"], result["training_hours_now_lag1"], strict=True
    ):
        np.testing.assert_equal(value, known.get((unit, at - 1), np.nan))


def test_the_graph_is_asked_about_controls():
    good = advice_on(Choice())
    assert good.identified
    assert good.missing == ()
    assert good.harmful == ()
    assert set(advice_on(Choice(controls=())).missing) == {"leadership", "log_budget"}
    # Training is a consequence of leadership: held constant, it hides part of leadership's effect.
    assert advice_on(Choice(treatment="leadership", controls=("training_hours",))).harmful == ("training_hours",)
    assert advice_on(Choice(outcome="headcount")) is None


def test_what_cannot_be_estimated_says_why(panel):
    few = panel[panel["unit_id"].isin(sorted(panel.loc[panel["region_code"] == REGION, "unit_id"].unique())[:2])]
    found = read(few, Choice(controls=()))
    assert not found.fit.ok
    assert found.curve is None
    assert found.fit.reason.id in str(reading(found, "id"))
    assert curve_figure(found, "id").document["data"] == []


@pytest.mark.parametrize(
    "changes",
    [{"outcome": "indeks"}, {"covariance": "CR9"}, {"region": "99"}, {"lags": 9}, {"controls": ("leadershp",)}],
)
def test_wrong_choices_are_answered(panel, changes):
    with pytest.raises(UsageError):
        read(panel, replace(Choice(), **changes))


def test_reading_and_figure_in_both_languages(found):
    assert reading(found, "id") != reading(found, "en")
    assert "0x" not in str(reading(found, "en"))
    figure = curve_figure(found, "id")
    upper = figure.document["data"][0]
    assert len(upper["y"]) == found.curve.table["estimate"].notna().sum()
    assert upper["y"] == sorted(upper["y"])
    assert figure.document["layout"]["separators"] == ",."


def test_moving_a_widget_moves_estimate_code_and_state(panel):
    view = explorer(panel, Choice(region=REGION), "id")
    before = str(view)
    view.controls["lags"].value = 1
    after = str(view)
    assert before != after
    assert str(reading(read(panel, Choice(region=REGION, lags=1)), "id")) in after
    view.controls["region"].value = ""
    assert str(choice_table(read(panel, Choice(lags=1)), "id")) in str(view)
    bundle = view._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"] == str(view)
