"""Measures against worked official cases, closed forms and brute force."""

import numpy as np
import pandas as pd
import pytest

from analysis import measures
from analysis.errors import UsageError

# Worked real case: 29 respondents, sums of the nine elements; the office printed 90.56 because it typed weight 0.11.
SUMS = (105, 101, 100, 116, 102, 105, 106, 105, 115)
EXACT = 1e-12  # pure arithmetic


def answers(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 5, size=(n, 9)).astype(float)
    return pd.DataFrame(values, columns=list(measures.ELEMENTS)).assign(unit_id="a", period="2024-S1")


def worked_case() -> pd.DataFrame:
    columns = {}
    for name, total in zip(measures.ELEMENTS, SUMS, strict=True):
        low, extra = divmod(total, 29)
        columns[name] = [float(low + (row < extra)) for row in range(29)]
    return pd.DataFrame(columns).assign(unit_id="a", period="2024-S1")


def test_worked_case_from_means_and_from_respondents():
    means = {name: total / 29 for name, total in zip(measures.ELEMENTS, SUMS, strict=True)}
    assert measures.satisfaction_index_from_means(means) == (91.48, "A")
    table = measures.satisfaction_index(worked_case(), by=["unit_id"])
    assert round(table["index"].item(), 2) == 91.48
    assert table["n"].item() == 29
    assert table["grade"].item() == "A"


def test_printed_index_with_rounded_weight_is_recognised():
    assert measures.recognise_weight(90.56, 91.4751) == 0.11
    assert measures.recognise_weight(91.48, 91.4751) == pytest.approx(1 / 9)
    assert measures.recognise_weight(round(91.4751 * 0.999, 2), 91.4751) == 0.111
    assert measures.recognise_weight(85.00, 91.4751) is None


@pytest.mark.parametrize(
    ("index", "grade"),
    [
        *[(25.0, "D"), (64.99, "D"), (64.994, "D"), (64.995, "C"), (65.0, "C"), (76.60, "C"), (76.604, "C")],
        *[(76.605, "B"), (76.61, "B"), (88.30, "B"), (88.304, "B"), (88.305, "A"), (88.31, "A"), (100.0, "A")],
    ],
)
def test_grades_round_half_up_first(index, grade):
    assert measures.satisfaction_grade(index) == grade
    # The same figure with the noise of binary arithmetic on it must not change class.
    assert measures.satisfaction_grade(index - 1e-12 if index > 25 else index) == grade


def test_grade_outside_the_scale_is_refused():
    for value in (24.9, 100.01):
        with pytest.raises(UsageError):
            measures.satisfaction_grade(value)
    assert measures.satisfaction_grade(float("nan")) is None


def test_all_fours_are_one_hundred_and_all_ones_twenty_five():
    for answer, index in ((4.0, 100.0), (1.0, 25.0)):
        assert measures.satisfaction_index_from_means(dict.fromkeys(measures.ELEMENTS, answer)).index == index


def test_standard_error_is_that_of_the_mean_of_respondents_scores():
    frame = answers(50)
    scores = 25 * frame[list(measures.ELEMENTS)].mean(axis=1)
    row = measures.satisfaction_index(frame, by=["unit_id", "period"]).iloc[0]
    assert row["index"] == pytest.approx(scores.mean(), rel=EXACT)
    assert row["std_error"] == pytest.approx(scores.std(ddof=1) / np.sqrt(50), rel=1e-10)
    assert row["conf_low"] < row["index"] < row["conf_high"]


def test_standard_error_with_blanks_agrees_with_the_jackknife():
    frame = answers(60, seed=3)
    rng = np.random.default_rng(4)
    for name in measures.ELEMENTS:
        frame.loc[rng.random(60) < 0.2, name] = np.nan
    estimate = measures.satisfaction_index(frame, by=["unit_id"]).iloc[0]
    left_out = [
        measures.satisfaction_index(frame.drop(index=row), by=["unit_id"])["index"].item() for row in frame.index
    ]
    jackknife = np.sqrt(59 / 60 * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    # Linearisation and jackknife differ in second order only (1/n).
    assert estimate["std_error"] == pytest.approx(jackknife, rel=0.04)


def test_groups_are_independent_of_row_order_and_of_each_other():
    frame = pd.concat([answers(20), answers(30, 1).assign(unit_id="b"), answers(1, 2).assign(unit_id="c")])
    before = frame.copy()
    table = measures.satisfaction_index(frame, by=["unit_id"])
    shuffled = measures.satisfaction_index(frame.sample(frac=1, random_state=1), by=["unit_id"])
    pd.testing.assert_frame_equal(table, shuffled, rtol=EXACT)
    pd.testing.assert_frame_equal(frame, before)
    alone = measures.satisfaction_index(answers(30, 1).assign(unit_id="b"), by=["unit_id"])
    assert table.loc[1, "std_error"] == pytest.approx(alone["std_error"].item(), rel=EXACT)
    assert np.isnan(table.loc[2, "std_error"])


def test_answers_outside_the_scale_and_missing_columns_are_refused():
    bad = answers(5)
    bad.loc[0, "U3"] = 5.0
    with pytest.raises(UsageError, match="1"):
        measures.satisfaction_index(bad, by=["unit_id"])
    with pytest.raises(UsageError, match="U9"):
        measures.satisfaction_index(answers(5).drop(columns="U9"), by=["unit_id"])
    with pytest.raises(UsageError):
        measures.satisfaction_index_from_means({"U10": 3.0})


def test_fixed_fee_element_is_found_and_weakest_elements_pass_over_missing():
    frame = answers(10).assign(U4=4.0)
    assert bool(measures.fixed_elements(frame, ["unit_id"])["U4"].item())
    means = pd.DataFrame([dict.fromkeys(measures.ELEMENTS, 3.0)]).assign(U7=1.0, U2=1.5, U5=np.nan)
    assert measures.weakest_elements(means).item() == ("U2", "U7")


def test_krejcie_morgan_table():
    wanted = {10: 10, 100: 80, 500: 217, 550: 226, 1000: 278, 5000: 357}
    assert {size: measures.required_sample(size) for size in wanted} == wanted


def test_alpha_of_parallel_items_has_its_closed_form():
    rng = np.random.default_rng(1)
    true = rng.normal(size=(200_000, 1))
    items = true + rng.normal(size=(200_000, 4))
    # Four items with reliability 1/2 each: Spearman-Brown gives 4 * .5 / (1 + 3 * .5) = .8.
    assert measures.cronbach_alpha(items) == pytest.approx(0.8, abs=0.005)
    assert measures.omega(items[:5000]) == pytest.approx(0.8, abs=0.02)
    assert np.isnan(measures.cronbach_alpha(items[:, :1]))


def test_omega_exceeds_alpha_when_items_differ_in_quality():
    rng = np.random.default_rng(2)
    true = rng.normal(size=(5000, 1))
    items = true * np.array([1.0, 0.9, 0.2]) + rng.normal(scale=[0.3, 0.4, 1.0], size=(5000, 3))
    loadings, unique = np.array([1.0, 0.9, 0.2]), np.array([0.09, 0.16, 1.0])
    truth = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    assert measures.omega(items) == pytest.approx(truth, abs=0.02)
    assert measures.omega(items) > measures.cronbach_alpha(items) + 0.03


def test_icc_on_a_textbook_table():
    # Shrout and Fleiss (1979), table 2: six targets, four judges; published ICC(1,1) .17, ICC(1,4) .44.
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    groups = np.repeat(np.arange(6), 4)
    assert measures.icc(table.ravel(), groups) == pytest.approx(0.17, abs=0.005)
    assert measures.icc(table.ravel(), groups, kind="mean") == pytest.approx(0.44, abs=0.005)


def test_reliability_within_units_is_not_the_pooled_one():
    rng = np.random.default_rng(5)
    units = np.repeat(np.arange(300), 6)
    level, movement = rng.normal(scale=2, size=300)[units], rng.normal(scale=0.5, size=1800)
    items = pd.DataFrame((level + movement)[:, None] + rng.normal(size=(1800, 4)))
    within = measures.within_unit_reliability(items, units)
    assert measures.cronbach_alpha(items) > 0.9
    assert within == pytest.approx(4 * 0.2 / (1 + 3 * 0.2), abs=0.05)  # .25 / 1.25 = .2 per item


def staff(values: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame({f"L{i}": values for i in range(1, 9)})
    return frame.assign(unit_id="a", period="2024-S1", respondent_id=[f"r{i}" for i in range(len(values))])


def test_leadership_index_and_its_halves():
    row = measures.leadership_index(staff([1.0, 2.0, 3.0, 5.0])).iloc[0]
    assert row["leadership"] == 2.75
    assert (row["leadership_first"], row["leadership_second"]) == (2.0, 3.5)
    assert np.isnan(row["resistance"])
    alone = measures.leadership_index(staff([4.0])).iloc[0]
    assert np.isnan(alone["leadership_first"])
    with pytest.raises(UsageError):
        measures.leadership_index(staff([6.0]))


def test_exact_interval_textbook_values():
    # Clopper-Pearson for 0 of 10 and 5 of 10, printed in many tables.
    assert measures.exact_share_interval(0, 10) == pytest.approx((0.0, 0.3085), abs=5e-5)
    assert measures.exact_share_interval(5, 10) == pytest.approx((0.1871, 0.8129), abs=5e-5)


def test_response_time_without_open_cases_is_the_mean_and_open_cases_raise_it():
    days = np.array([2.0, 4.0, 9.0, 9.0])
    assert measures.restricted_mean_days(days, np.ones(4, bool)) == pytest.approx(days.mean(), rel=EXACT)
    assert measures.restricted_mean_days(days, np.array([1, 1, 1, 0], bool)) > days.mean()


def test_complaints_open_within_the_limit_do_not_count_yet():
    day = pd.Timestamp("2024-03-01")
    cases = pd.DataFrame(
        {
            "unit_id": "a",
            "period": "2024-S1",
            "received_on": [day, day, day, day + pd.Timedelta(days=25)],
            "closed_on": [day + pd.Timedelta(days=14), day + pd.Timedelta(days=15), pd.NaT, pd.NaT],
        }
    )
    row = measures.complaint_measures(cases, as_of=day + pd.Timedelta(days=30)).iloc[0]
    assert (row["complaints_n"], row["complaints_judged"], row["complaints_on_time"]) == (4, 3, 1)
    assert row["complaints_in_time"] == pytest.approx(1 / 3)
    assert row["conf_low"] < 1 / 3 < row["conf_high"]


def test_information_requests_have_working_days():
    friday = pd.Timestamp("2024-03-01")
    cases = pd.DataFrame(
        {"unit_id": "a", "period": "p", "received_on": [friday], "closed_on": [friday + pd.Timedelta(days=7)]}
    ).assign(kind="information")
    assert measures.complaint_measures(cases)["complaints_on_time"].item() == 1


def courses() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": ["a", "a", "b"],
            "period": ["2024-S1", "2024-S2", "2024-S1"],
            "nip": ["x", "x", "y"],
            "form": ["seminar", "mentoring", "seminar"],
            "topic": ["communication", "filing", "communication"],
            "hours": [12.0, 10.0, 8.0],
        }
    )


def test_training_hours_per_head_by_form_and_matched():
    units = pd.DataFrame({"unit_id": ["a", "b"], "headcount": [4, 2]})
    table = measures.hours_per_head(courses(), units, split="form").set_index(["unit_id", "period"])
    assert table.loc[("a", "2024-S1"), "training_hours_now"] == 3.0
    assert table.loc[("a", "2024-S2"), "hours_mentoring"] == 2.5
    assert table.loc[("b", "2024-S1"), "hours_mentoring"] == 0.0
    weak = pd.DataFrame({"unit_id": ["a", "b"], "period": "2024-S1", "weakest": [("U6", "U7"), ("U1", "U9")]})
    matched = measures.matched_hours(courses(), weak, {"communication": ("U7",)})
    assert matched["unit_id"].tolist() == ["a"]


def test_share_of_officers_with_twenty_hours():
    units = pd.DataFrame({"unit_id": ["a", "b", "c"], "headcount": [4, 2, 1]})
    table = measures.share_with_annual_hours(courses(), units, 2024)
    assert table["share"].tolist() == [0.25, 0.0, 0.0]


def test_budget_share_of_the_worked_province_case():
    # West Nusa Tenggara 2025: gross 0.51%, net of salaries and maintenance 0.27%: fails 0.34%.
    case = measures.budget_share(32.83e9, 17.34e9 / 0.0027, level="province", personnel=14.54e9, maintenance=0.947e9)
    assert round(case.gross * 100, 2) == 0.51
    assert round(case.net * 100, 2) == 0.27
    assert case.meets_gross
    assert not case.meets
    assert case.shortfall == pytest.approx(0.0034 * 17.34e9 / 0.0027 - (32.83e9 - 14.54e9 - 0.947e9))
    with pytest.raises(UsageError):
        measures.budget_share(1.0, 0.0, level="province")


def test_professionalism_index_by_position_type():
    officers = pd.DataFrame(
        {
            "nip": ["1", "2", "3"],
            "position_type": ["structural", "pelaksana", "functional"],
            "education": ["S3", "SMA", "S1"],
            "performance": ["very_good", "Baik", "good"],
            "discipline": ["none", "ringan", None],
        }
    )
    training = pd.DataFrame(
        {
            "nip": ["1", "1", "1", "2", "2"],
            "form": ["classroom", "course", "seminar", "course", "course"],
            "topic": ["Pelatihan Kepemimpinan Nasional II", "Arsip", "Etika", "Arsip", "Arsip"],
            "hours": [200.0, 20.0, 4.0, 10.0, 10.0],
        }
    )
    table = measures.professionalism_index(officers, training)
    assert table["index"].tolist()[:2] == [100.0, 5 + 22.5 + 25 + 3]
    assert table["index_without_training"].tolist()[:2] == [60.0, 33.0]
    assert table["category"].tolist()[:2] == ["very_high", "very_low"]
    assert np.isnan(table["index"].iloc[2])
    with pytest.raises(UsageError, match="good"):
        measures.professionalism_index(officers.assign(performance="goood"), training)


@pytest.mark.parametrize(
    ("index", "category"),
    [
        (100, "very_high"),
        (91, "very_high"),
        (90.99, "high"),
        (81, "high"),
        (80.5, "medium"),
        (61, "low"),
        (60, "very_low"),
    ],
)
def test_professionalism_categories(index, category):
    assert measures.professionalism_category(index) == category


def test_competence_points_add_up_to_forty_for_every_position():
    from analysis.measures.professionalism import COMPETENCE, DISCIPLINE, PERFORMANCE, QUALIFICATION

    assert {sum(parts.values()) for parts in COMPETENCE.values()} == {40.0}
    assert max(QUALIFICATION.values()) + 40 + max(PERFORMANCE.values()) + max(DISCIPLINE.values()) == 100
