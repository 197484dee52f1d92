"""The panel: what is missing stays missing, stocks, deflation, weights and starts."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import UsageError
from analysis.measures import ELEMENTS
from analysis.panel import build_panel, load_topics, period_index, period_label, period_of_dates, price_levels, topic_of

PERIODS = ("2023-S1", "2023-S2", "2024-S1", "2024-S2")


def small_study() -> dict[str, pd.DataFrame]:
    """Three units: a and b in region 15.09, c in 96.71 without training and budget."""
    rng = np.random.default_rng(0)
    units = pd.DataFrame(
        {
            "unit_id": ["a", "b", "c"],
            "region_code": ["15.09", "15.09", "96.71"],
            "unit_name": ["A", "B", "C"],
            "service_type": "health",
            "headcount": [10, 20, 5],
        }
    )
    rows = []
    for unit, periods in (("a", PERIODS), ("b", (PERIODS[0], PERIODS[2], PERIODS[3])), ("c", PERIODS)):
        for period in periods:
            for respondent in range(30 if unit == "a" else 120):
                answers = dict(zip(ELEMENTS, rng.choice([2.0, 3.0, 4.0], 9), strict=True)) | {"U7": 2.0, "U8": 1.0}
                rows.append({"unit_id": unit, "period": period, "respondent_id": str(respondent)} | answers)
    training = pd.DataFrame(
        [
            ("a", "2023-S1", "x", "classroom", "Komunikasi publik", 100.0, 4e6, "BPSDM"),
            ("a", "2023-S2", "x", "mentoring", "Komunikasi publik", 40.0, 1e6, "Universitas Jambi"),
            ("b", "2024-S2", "y", "seminar", "Kearsipan", 20.0, 1e6, "BPSDM"),
        ],
        columns=["unit_id", "period", "nip", "form", "topic", "hours", "cost", "provider"],
    )
    budget = pd.DataFrame(
        {
            "unit_id": ["a", "a", "b", "b"],
            "year": [2023, 2024, 2023, 2024],
            "training_budget": 20e6,
            "total_budget": 1e9,
            "realised": [10e6, 10e6, np.nan, 40e6],
        }
    )
    programmes = pd.DataFrame(
        {
            "unit_id": ["a", None],
            "region_code": [None, "15.09"],
            "programme": "award",
            "start_period": ["2023-S2", "2024-S1"],
        }
    )
    complaints = pd.DataFrame(
        {
            "unit_id": ["a", "a", "b"],
            "received_on": pd.to_datetime(["2023-02-01", "2024-01-10", "2024-08-01"]),
            "closed_on": pd.to_datetime(["2023-02-05", None, "2024-08-20"]),
        }
    )
    return {
        "units": units,
        "survey": pd.DataFrame(rows),
        "training": training,
        "budget": budget,
        "programmes": programmes,
        "complaints": complaints,
    }


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return build_panel(small_study())


def at(panel: pd.DataFrame, unit: str, period: str) -> pd.Series:
    return panel.loc[(panel["unit_id"] == unit) & (panel["period"] == period)].iloc[0]


def test_periods_go_there_and_back():
    assert [period_index(text) for text in ("2000-S1", "2000-S2", "2024-S1")] == [0, 1, 48]
    assert period_label(period_index("2024-S2")) == "2024-S2"
    dates = pd.to_datetime(pd.Series(["2024-06-30", "2024-07-01", None]))
    assert period_of_dates(dates).fillna("-").tolist() == ["2024-S1", "2024-S2", "-"]
    with pytest.raises(UsageError, match="2024-S3"):
        period_index("2024-S3")


def test_grid_is_complete_between_first_and_last_survey(panel):
    assert len(panel) == 12
    gap = at(panel, "b", "2023-S2")
    assert gap["n_respondents"] == 0
    assert np.isnan(gap["index"])
    assert np.isnan(gap["weight"])
    assert gap["region_period"] == "15.09|2023-S2"
    assert not panel.duplicated(["unit_id", "period"]).any()


def test_training_is_a_stock_of_two_half_years_and_zero_only_inside_the_records(panel):
    assert np.isnan(at(panel, "a", "2023-S1")["training_hours"])  # the half-year before is not on record
    assert at(panel, "a", "2023-S1")["training_hours_now"] == 10.0
    assert at(panel, "a", "2023-S2")["training_hours"] == (10.0 + 4.0) / 2
    assert at(panel, "a", "2023-S2")["hours_mentoring"] == 2.0
    assert at(panel, "a", "2024-S2")["training_hours"] == 0.0
    assert at(panel, "b", "2024-S1")["training_hours"] == 0.0
    assert panel.loc[panel["unit_id"] == "c", "training_hours"].isna().all()


def test_forms_add_up_to_the_total(panel):
    forms = ["hours_classroom", "hours_mentoring", "hours_seminar"]
    known = panel.dropna(subset=["training_hours"])
    np.testing.assert_allclose(known[forms].sum(axis=1), known["training_hours"], atol=1e-12)


def test_matched_training_follows_weakness_known_before(panel):
    # U7 (conduct) and U8 are weakest by construction; communication addresses U7, filing does not.
    assert at(panel, "a", "2024-S1")["training_matched"] == (4.0 + 0.0) / 2
    assert at(panel, "b", "2024-S2")["training_matched"] == 0.0
    assert at(panel, "a", "2024-S1")["weak_gap"] < -0.5


def test_cost_per_hour_by_provider(panel):
    level = price_levels(2023, 2024)
    own = at(panel, "a", "2023-S1")["cost_per_hour_own"]
    assert own == pytest.approx(40.0 / level[2023], rel=1e-12)  # thousand rupiah per JP
    assert at(panel, "a", "2023-S2")["cost_per_hour_partner"] == pytest.approx(25.0 / level[2023], rel=1e-12)
    assert np.isnan(at(panel, "a", "2023-S2")["cost_per_hour_own"])


def test_budget_is_in_constant_prices_per_head(panel):
    assert at(panel, "a", "2024-S1")["budget_per_head"] == pytest.approx(1.0, rel=1e-12)
    # Prices rose by 1.57% in 2024, so a rupiah of 2023 is worth more.
    assert at(panel, "a", "2023-S1")["budget_per_head"] == pytest.approx(1.0157, rel=1e-12)
    assert np.isnan(at(panel, "b", "2023-S1")["budget_per_head"])
    assert at(panel, "b", "2024-S1")["budget_per_head"] == pytest.approx(2.0, rel=1e-12)
    assert at(panel, "a", "2024-S1")["training_share"] == pytest.approx(0.02)


def test_prices_follow_the_published_changes_and_extend_by_the_nearest():
    levels = price_levels(2016, 2027)
    assert levels[2024] == 1.0
    assert levels[2025] == pytest.approx(109.92 / 106.80, abs=2e-4)  # published index points
    assert levels[2023] == pytest.approx(105.15 / 106.80, abs=2e-4)
    assert levels[2027] / levels[2026] == pytest.approx(levels[2025] / levels[2024])


def test_programmes_start_with_the_unit_or_its_region(panel):
    assert at(panel, "a", "2023-S2")["award_start"] == period_index("2023-S2")
    assert at(panel, "b", "2024-S1")["award_start"] == period_index("2024-S1")
    assert np.isnan(at(panel, "c", "2024-S1")["award_start"])
    assert panel.loc[panel["unit_id"] == "b", "award_on"].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert panel["mentoring_on"].eq(0).all()


def test_complaints_are_zero_only_inside_the_records(panel):
    assert at(panel, "a", "2023-S1")["complaints_in_time"] == 1.0
    assert at(panel, "b", "2023-S2")["complaints_n"] == 0.0
    assert np.isnan(at(panel, "c", "2023-S2")["complaints_n"])
    assert at(panel, "b", "2024-S2")["complaints_in_time"] == 0.0


def test_weights_follow_the_number_of_respondents_only(panel):
    known = panel.dropna(subset=["index"])
    assert known["weight"].mean() == pytest.approx(1.0)
    assert known.groupby("n_respondents")["weight"].nunique().eq(1).all()
    small, large = known.loc[known["unit_id"] == "a", "weight"], known.loc[known["unit_id"] == "b", "weight"]
    assert small.max() < large.min()


def test_tables_that_are_absent_leave_missing_columns_with_the_same_names():
    study = small_study()
    bare = build_panel({name: study[name] for name in ("units", "survey")})
    full = build_panel(study)
    assert set(bare.columns) == {name for name in full.columns if name not in _forms(full)}
    for name in ("training_hours", "leadership", "budget_per_head", "complaints_n", "award_on", "professionalism_core"):
        assert bare[name].isna().all()
    with pytest.raises(UsageError, match="survey"):
        build_panel({"units": study["units"]})


def _forms(panel: pd.DataFrame) -> set[str]:
    return {name for name in panel.columns if name.startswith("hours_") and name != "hours_partner"}


def test_unit_without_survey_keeps_its_rows():
    study = small_study()
    study["survey"] = study["survey"].loc[study["survey"]["unit_id"] != "c"]
    panel = build_panel(study)
    assert panel.loc[panel["unit_id"] == "c", "period"].tolist() == list(PERIODS)


def test_row_order_of_the_files_does_not_matter_and_inputs_stay_as_they_are(panel):
    study = small_study()
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in study.items()}
    pd.testing.assert_frame_equal(build_panel(shuffled), panel, rtol=1e-12)
    for name, table in small_study().items():
        pd.testing.assert_frame_equal(study[name], table)


def test_topics_are_recognised_by_words_and_every_element_has_one():
    titles = pd.Series(["Pelayanan Prima bagi Petugas Loket", "complaints", "Merangkai bunga", None])
    assert topic_of(titles).fillna("-").tolist() == ["communication", "complaints", "-", "-"]
    covered = {element for topic in load_topics().values() for element in topic.elements}
    assert covered == set(ELEMENTS)
