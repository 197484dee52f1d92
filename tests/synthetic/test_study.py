"""The simulated tables: reproducible, complete, and calibrated to what is known of real surveys and training."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.errors import UsageError
from analysis.paths import catalog_dir
from analysis.synthetic import SampleDesign, SimulatedStudy, simulate
from analysis.synthetic.design import ELEMENTS, TABLES
from analysis.synthetic.response import NO_CHANGE as NO
from analysis.synthetic.tables import officer_numbers
from analysis.synthetic.vocabulary import GENERAL_TOPICS, PARTNERS, TOPICS

SMALL = SampleDesign(n_regions=3, n_periods=4, units_min=8, units_max=10, respondents_median=30)


@pytest.fixture(scope="module")
def study() -> SimulatedStudy:
    return simulate()


def respondent_index(study: SimulatedStudy) -> pd.DataFrame:
    survey = study.tables["survey"]
    return survey[["unit_id", "period"]].assign(index=25 * survey[list(ELEMENTS)].mean(axis=1))


def test_same_seed_same_tables_other_seed_other_tables() -> None:
    first, again, other = simulate(SMALL), simulate(SMALL), simulate(SampleDesign(**{**vars(SMALL), "seed": 7}))
    for name in TABLES:
        pd.testing.assert_frame_equal(first.tables[name], again.tables[name])
    assert first.truth.as_dict() == again.truth.as_dict()
    assert not first.tables["survey"].equals(other.tables["survey"])


def test_a_changed_option_leaves_the_other_draws_alone() -> None:
    plain, shifted = simulate(SMALL), simulate(SampleDesign(**{**vars(SMALL), "training_effect": 5.0}))
    pd.testing.assert_frame_equal(plain.tables["training"], shifted.tables["training"])
    assert not plain.tables["survey"].equals(shifted.tables["survey"])


def test_columns_are_those_of_the_catalog(study: SimulatedStudy) -> None:
    declared = yaml.safe_load((catalog_dir() / "tables.yml").read_text(encoding="utf-8"))
    for name, table in study.tables.items():
        stored = [c for c, rule in declared[name]["columns"].items() if not rule.get("deducted")]
        assert list(table.columns) == stored, name


def test_words_are_among_the_catalogs_options(study: SimulatedStudy) -> None:
    declared = yaml.safe_load((catalog_dir() / "tables.yml").read_text(encoding="utf-8"))
    choices = [
        ("training", "form"),
        ("programmes", "programme"),
        ("officers", "performance"),
        ("officers", "education"),
    ]
    for table, column in [*choices, ("officers", "position_type"), ("officers", "discipline")]:
        assert set(study.tables[table][column]) <= set(declared[table]["columns"][column]["options"])


def test_starting_regions_come_first_and_some_lack_tables(study: SimulatedStudy) -> None:
    assert study.truth.regions[:3] == ("82", "15.09", "96.71")
    region = study.tables["units"].set_index("unit_id")["region_code"]
    sizes = region.value_counts()
    assert sizes.min() == 8
    assert sizes.max() <= 40
    for code, tables in study.truth.missing.items():
        for name in tables:
            assert code not in set(study.tables[name]["unit_id"].map(region))
    absent = {name for tables in study.truth.missing.values() for name in tables}
    assert absent == {"officers", "leadership", "complaints"}


def test_every_row_belongs_to_a_unit_and_a_period(study: SimulatedStudy) -> None:
    units, periods = set(study.tables["units"]["unit_id"]), set(study.truth.design.periods)
    for table in study.tables.values():
        assert set(table["unit_id"].dropna()) <= units
        if "period" in table:
            assert set(table["period"]) <= periods
    officers = study.tables["officers"]
    assert officers["nip"].is_unique
    assert not study.tables["survey"].duplicated(["unit_id", "period", "respondent_id"]).any()


def test_satisfaction_is_calibrated(study: SimulatedStudy) -> None:
    answers = respondent_index(study)
    cells = answers.groupby(["unit_id", "period"])["index"]
    unit_means = cells.mean().groupby("unit_id").mean()
    between, within = unit_means.std(), cells.std().mean()
    assert 83 <= unit_means.mean() <= 86  # target: unit mean 83-86
    assert 4 <= between <= 5  # target: SD between units 4-5
    assert 10.5 <= within <= 13  # target: about 12 points between respondents, 10% either way
    icc = between**2 / (between**2 + within**2)
    assert 0.08 <= icc <= 0.16  # what the two targets above imply: 16 / 160 to 25 / 135
    assert answers["index"].max() == 100


def test_elements_correlate_and_fees_are_near_the_ceiling(study: SimulatedStudy) -> None:
    survey = study.tables["survey"]
    inside = survey[list(ELEMENTS)] - survey.groupby(["unit_id", "period"])[list(ELEMENTS)].transform("mean")
    matrix = inside.drop(columns="U4").corr().to_numpy()
    assert 0.5 <= matrix[np.triu_indices(8, 1)].mean() <= 0.6  # target: .5 to .6
    assert survey["U4"].mean() > 3.8
    free = study.process.world.units.loc[study.process.world.free, "unit_id"]
    assert set(survey.loc[survey["unit_id"].isin(free), "U4"].dropna()) == {4.0}


def test_respondents_are_skewed(study: SimulatedStudy) -> None:
    sizes = respondent_index(study).groupby(["unit_id", "period"]).size()
    assert sizes.mean() > sizes.median() * 1.1
    assert sizes.max() <= 400
    assert (sizes < 25).mean() < 0.1
    assert 3 <= sizes.min() < 20  # small units are there on purpose


def test_training_hours_are_calibrated(study: SimulatedStudy) -> None:
    training, design = study.tables["training"], study.truth.design
    hours = training.groupby(["nip", training["period"].str[:4]])["hours"].sum().to_numpy()
    n = int(study.tables["units"]["headcount"].sum()) * len(design.years)
    per_year = np.concatenate([hours, np.zeros(n - len(hours))])
    assert 8 <= np.median(per_year) <= 15  # target: median 8-15 JP a year
    assert 0.10 <= (per_year == 0).mean() <= 0.25  # target: 10-25% without any
    assert 0.30 <= ((per_year > 0) & (per_year < 20)).mean() <= 0.50  # target: 30-50% under 20 JP besides these


def test_hours_are_under_reported(study: SimulatedStudy) -> None:
    events, headcount = study.process.history.events, study.tables["units"]["headcount"].to_numpy()
    true = (events.hours * headcount[:, None, None]).sum()
    missing = 1 - study.tables["training"]["hours"].sum() / true
    assert 0.2 <= missing <= 0.4  # target: 20-40%


def test_costs_stay_within_the_realised_budget(study: SimulatedStudy) -> None:
    training, budget = study.tables["training"], study.tables["budget"].set_index(["unit_id", "year"])
    spent = training.groupby(["unit_id", training["period"].str[:4].astype(int)])["cost"].sum()
    assert (spent <= budget["realised"].reindex(spent.index)).all()
    assert (budget["realised"] <= budget["training_budget"]).all()
    share = (budget["training_budget"] / budget["total_budget"]).median()
    assert 0.0016 <= share <= 0.0060  # around the legal minima of 0.16% and 0.34%
    price = (training["cost"] / training["hours"]).median()
    assert 36_000 <= price <= 90_000  # tariff of a training agency: Rp36-90 thousand per JP and person


def test_partners_cost_less_by_the_designs_factor(study: SimulatedStudy) -> None:
    training = study.tables["training"].assign(price=lambda rows: rows["cost"] / rows["hours"])
    training["partner"] = training["provider"].isin(PARTNERS)
    groups = training.groupby(["unit_id", "period", "form", "partner"])["price"].mean().groupby(["form", "partner"])
    ratio = groups.median().unstack().pipe(lambda table: table[True] / table[False])
    assert ratio.mean() == pytest.approx(study.truth.design.partner_cost, abs=0.05)  # costs have 10% noise


def test_weak_units_are_selected_into_training() -> None:
    slopes = {}
    for selection in ("weak_units", "none"):
        process = simulate(SampleDesign(selection=selection)).process
        hours = process.history.events.hours.sum(axis=2).mean(axis=1)
        slopes[selection] = np.corrcoef(process.world.standing, hours)[0, 1]
    assert slopes["weak_units"] < -0.15
    assert abs(slopes["none"]) < 0.15  # 282 units: standard error 0.06


def test_good_leaders_send_more_if_asked() -> None:
    process = simulate(SampleDesign(selection="good_leaders", selection_leaders=0.5)).process
    hours = process.history.events.hours.sum(axis=2)
    assert np.corrcoef(process.history.leadership.ravel(), hours.ravel())[0, 1] > 0.3


def test_method_break_shifts_the_measured_index_only_from_its_period() -> None:
    plain = simulate(SMALL).process
    broken = simulate(SampleDesign(**{**vars(SMALL), "method_breaks": ((2, -3.0),)})).process
    shift = (broken.index(NO) - plain.index(NO)).mean(axis=0)
    assert shift[:2] == pytest.approx([0, 0], abs=1e-12)
    assert (shift[2:] < -1.5).all()


def test_officer_numbers_have_the_two_usual_forms_and_differ() -> None:
    numbers = officer_numbers(3000, np.random.default_rng(1))
    assert len(set(numbers)) == 3000
    assert {len(number) for number in numbers} == {18}
    codes = [int(number[12:14]) for number in numbers]
    assert set(codes) <= set(range(1, 13)) | {21, 24}
    assert 0.15 < np.mean([code > 12 for code in codes]) < 0.25
    pd.to_datetime(pd.Series([number[:8] for number in numbers]), format="%Y%m%d")


def test_topics_address_the_elements_that_the_catalog_gives_them() -> None:
    from analysis.panel import load_topics, topic_of

    known = load_topics()
    titles = pd.Series([*TOPICS, *GENERAL_TOPICS])
    found = dict(zip(titles, topic_of(titles), strict=True))
    for title, element in TOPICS.items():
        assert known[found[title]].elements == (element,)
    trainable = set(TOPICS.values())
    for title in GENERAL_TOPICS:
        key = found[title]
        assert not isinstance(key, str) or not trainable & set(known[key].elements)


def test_more_regions_than_the_catalog_has_are_refused() -> None:
    with pytest.raises(UsageError, match="553"):
        simulate(SampleDesign(n_regions=553))


@pytest.mark.slow
def test_a_hundred_regions_in_reasonable_time() -> None:
    started = time.perf_counter()
    study = simulate(SampleDesign(n_regions=100))
    assert time.perf_counter() - started < 60  # measured: about 5 s on one core
    assert study.tables["units"]["region_code"].nunique() == 100
