"""The question put to the real panels, and that its answer follows from the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES
from analysis.published import load_published, measurement_noise, official_trend
from analysis.published_study import (
    QUESTIONS,
    Question,
    associations,
    between_provinces,
    conclusion,
    interval_figure,
    province_panel,
    share_of_real_change,
    shown,
    trend_figure,
    verdict,
)

WITHIN, ACROSS = QUESTIONS[1], QUESTIONS[0]


@pytest.fixture(scope="module")
def scores():
    return load_published(load_catalog())


@pytest.fixture(scope="module")
def panel(scores):
    return province_panel(scores)


@pytest.fixture(scope="module")
def table(panel):
    return associations(panel)


def test_panel_has_the_provinces_of_before_2022(panel):
    assert len(panel) == 135
    assert panel["region_code"].nunique() == 34
    assert panel.loc[panel["year"] < 2022, "literacy"].isna().all()
    jambi = panel[panel["region_code"] == "15"].set_index("year")
    assert jambi.loc[2021, "digital"] == pytest.approx(3.09)
    assert jambi.loc[2021, "digital_next"] == jambi.loc[2022, "digital"]


@pytest.mark.parametrize("question", [WITHIN, ACROSS], ids=lambda question: question.key)
def test_estimates_equal_least_squares_with_dummies(panel, table, question):
    """Oracle: least squares with a dummy for every unit and year (the minimum-norm solution; the slope is unique).

    Relative tolerance 1e-9: both are the same algebra.
    """
    used = panel.dropna(subset=["digital"])
    factors = used[[question.unit, "year"]].astype(str)
    design = pd.get_dummies(factors, dtype=float).assign(digital=used["digital"])
    solution = np.linalg.lstsq(design.to_numpy(), used["index"].to_numpy(), rcond=None)[0]
    digital = dict(zip(design.columns, solution, strict=True))["digital"]
    row = table[table["question"] == question.key].iloc[0]
    assert row["estimate"] == pytest.approx(digital, rel=1e-9)


def test_ignoring_the_break_makes_a_finding_that_is_none(table):
    rows = table[table["treatment"] == "digital"].set_index("question")
    assert rows.loc["across_break", "p_value"] < 0.05
    assert not rows.loc["across_break", "sound"]
    assert rows.loc["within_scheme", "p_value"] > 0.05
    assert rows.loc["within_scheme", "conf_low"] < 0 < rows.loc["within_scheme", "conf_high"]


def test_every_sound_comparison_cannot_be_told_from_zero(table):
    keys = {verdict(row).key for _, row in table[table["sound"]].iterrows()}
    assert keys == {"published.study_cannot_tell"}
    assert len(table) == 8


def simulated(effect: float, seed: int = 11) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([[f"{i:02d}" for i in range(34)], [2021, 2022, 2023, 2024]])
    frame = pd.DataFrame(index=grid).reset_index(names=["region_code", "year"])
    frame["region_scheme"] = frame["region_code"] + np.where(frame["year"] < 2023, " old", " new")
    frame["digital"] = rng.normal(4, 1, len(frame))
    level = pd.Series(rng.normal(0, 1, 68), index=sorted(frame["region_scheme"].unique()))
    noise = rng.normal(0, 0.2, len(frame))
    frame["index"] = 3 + frame["region_scheme"].map(level) + effect * frame["digital"] + noise
    return frame


def test_a_real_association_is_found_and_worded_as_such():
    row = associations(simulated(0.5), (WITHIN,)).iloc[0]
    assert row["conf_low"] < 0.5 < row["conf_high"]
    assert verdict(row).key == "published.study_told"
    assert "hubungan, belum tentu pengaruh" in verdict(row).id
    # 80% power at 5%: 2.89 standard errors with 33 degrees of freedom, 2.80 with infinitely many.
    assert row["detectable"] / row["std_error"] == pytest.approx(2.888, abs=0.001)


def test_conclusion_follows_the_estimates(scores, panel, table):
    between = between_provinces(panel)
    shares = share_of_real_change(measurement_noise(scores))
    honest = conclusion(table, between, shares)
    assert honest.key == "published.conclusion_cannot_tell"
    assert "cannot be told from zero" in honest.en
    assert "belum dapat dibedakan dari nol" in honest.id
    told = table.assign(conf_low=table["estimate"].abs() * 0.5, conf_high=1.0)
    assert conclusion(told, between, shares).key == "published.conclusion_told"
    assert conclusion(told, between, shares).id


def test_correlation_between_provinces(panel):
    between = between_provinces(panel)
    assert between["n"].tolist() == [34, 34, 34, 33]
    assert between["correlation"].round(2).tolist() == [0.43, 0.42, 0.42, 0.42]
    # Fisher's interval for r = .431, n = 34, by hand: tanh(atanh(.431) -+ 1.96 / sqrt(31)).
    assert between.loc[0, ["conf_low", "conf_high"]].tolist() == pytest.approx([0.109, 0.672], abs=0.001)


def test_share_of_real_change_is_a_share(scores):
    shares = share_of_real_change(measurement_noise(scores)).set_index("indicator")["share"]
    assert shares.between(0, 1).all()
    assert shares["ombudsman_compliance"] < 0.05
    assert shares["digital_competitiveness_index"] == pytest.approx(0.45, abs=0.005)


def test_two_runs_give_the_same_figures(panel, table):
    pd.testing.assert_frame_equal(associations(panel.sample(frac=1, random_state=3)), table, rtol=1e-9)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_table_and_figures_are_worded_and_rounded(scores, table, lang):
    worded = shown(table, lang)
    assert len(worded) == len(table)
    assert not any(str(column).startswith("published.") for column in worded.columns)
    figure = interval_figure(table, lang)
    assert figure.layout.separators == {"id": ",.", "en": ".,"}[lang]
    assert list(figure.data[0].x) == [round(x, 3) for x in table["estimate"][::-1]]


def test_no_line_crosses_a_break(scores):
    catalog = load_catalog()
    indicator = catalog.indicator("ombudsman_compliance")
    figure = trend_figure(official_trend(scores, "96.71", catalog), indicator, "id")
    for trace in figure.data:
        assert len({indicator.scheme(year).key for year in trace.x}) == 1
    assert [shape.x0 for shape in figure.layout.shapes] == [2021.5]
    assert [trace.name for trace in figure.data if trace.showlegend] == ["96.71 Kota Sorong"]


def test_a_question_that_cannot_be_answered_gives_no_row(panel):
    assert associations(panel, (Question("literacy", ("literacy",), years=(2021, 2021)),)).empty
