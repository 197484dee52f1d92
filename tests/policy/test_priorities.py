"""Priorities: shrinkage, the rule of ten, and what they mean for the curriculum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.catalog import Text
from analysis.errors import UsageError
from analysis.estimators.pooling import pool, shrink
from analysis.measures import ELEMENTS
from analysis.panel import Topic, load_topics
from analysis.policy import cells_from_panel, cells_from_survey, plan_curriculum, priority_list, priority_matrix
from analysis.policy.curriculum import OTHER_REMEDY

ANSWER_SD = 0.6


def cells(means: list[float], n: list[int], element: str = "U7") -> pd.DataFrame:
    errors = ANSWER_SD / np.sqrt(np.array(n, dtype=float))
    names = [f"u{number}" for number in range(len(means))]
    return pd.DataFrame({"unit_id": names, "element": element, "n": n, "mean": means, "std_error": errors})


def test_a_small_sample_does_not_top_the_list() -> None:
    table = cells([3.3, 3.35, 3.4, 3.0, 2.9], [200, 200, 200, 200, 11])
    matrix = priority_matrix(table).set_index("unit_id")
    assert table.loc[table["mean"].idxmin(), "unit_id"] == "u4"
    assert matrix.loc["u3", "rank"] == 1, "u4 is lower, but on eleven answers only"
    assert matrix.loc["u4", "shrinkage"] > matrix.loc["u3", "shrinkage"]


def test_shrunken_means_are_those_of_the_pooling() -> None:
    table = cells([3.1, 3.3, 3.6, 2.9], [20, 50, 80, 30])
    found = priority_matrix(table).sort_values("unit_id")
    variances = table["std_error"].to_numpy() ** 2
    pooled = pool(table["mean"].to_numpy(), variances, small_sample=False)
    pulled, errors, _ = shrink(table["mean"].to_numpy(), variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    np.testing.assert_allclose(found["shrunken"], pulled)
    np.testing.assert_allclose(found["std_error"], errors)
    np.testing.assert_allclose(found["gap"], 3.5324 - pulled)


def test_shrinking_comes_closer_to_the_truth_than_the_raw_means() -> None:
    rng = np.random.default_rng(4)
    raw, pulled = [], []
    for _ in range(60):
        truth = rng.normal(3.3, 0.1, 20)
        n = rng.integers(10, 80, 20)
        table = cells(list(truth + rng.normal(0, ANSWER_SD / np.sqrt(n))), list(n))
        found = priority_matrix(table).sort_values("unit_id", key=lambda names: names.str[1:].astype(int))
        raw.append(np.mean((table["mean"] - truth) ** 2))
        pulled.append(np.mean((found["shrunken"].to_numpy() - truth) ** 2))
    assert np.mean(pulled) < 0.8 * np.mean(raw)


def test_fewer_than_ten_respondents_are_not_listed_and_shape_nothing() -> None:
    table = cells([3.1, 3.3, 3.6, 1.2], [20, 50, 80, 9])
    matrix = priority_matrix(table).set_index("unit_id")
    assert not matrix.loc["u3", "listed"]
    assert np.isnan(matrix.loc["u3", "rank"])
    without = priority_matrix(table.iloc[:3]).set_index("unit_id")
    assert matrix.loc["u0", "shrunken"] == pytest.approx(without.loc["u0", "shrunken"])
    assert "u3" not in priority_list(matrix.reset_index())["unit_id"].tolist()


def test_fees_set_by_rule_and_elements_with_two_units_are_not_listed() -> None:
    fixed = cells([4.0] * 4, [50] * 4, "U4").assign(std_error=np.nan)
    few = cells([3.0, 3.2], [50, 50], "U9")
    matrix = priority_matrix(pd.concat([fixed, few, cells([3.1, 3.2, 3.3], [50] * 3)]))
    assert matrix.loc[matrix["listed"], "element"].unique().tolist() == ["U7"]
    assert matrix["rank"].notna().sum() == 3


def test_order_of_rows_does_not_matter_and_nothing_is_changed() -> None:
    table = pd.concat([cells([3.1, 3.3, 3.6, 2.9], [20, 50, 80, 30], name) for name in ("U3", "U7")])
    table = table.reset_index(drop=True)
    before = table.copy()
    first, second = priority_matrix(table), priority_matrix(table.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(table, before)
    with pytest.raises(UsageError):
        priority_matrix(table.drop(columns="n"))


def test_cells_of_the_survey_are_plain_means() -> None:
    answers = {name: [3, 4, 2, 4, 4] for name in ELEMENTS} | {"U4": [4, 4, 4, 4, 4], "U9": [1, np.nan, 3, 4, 4]}
    survey = pd.DataFrame(answers).assign(unit_id=["a", "a", "a", "b", "b"], period="2024-S1")
    table = cells_from_survey(survey, ["2024-S1"]).set_index(["unit_id", "element"])
    assert table.loc[("a", "U1"), "mean"] == 3
    assert table.loc[("a", "U1"), "std_error"] == pytest.approx(1 / np.sqrt(3))
    assert table.loc[("a", "U9"), "n"] == 2
    assert np.isnan(table.loc[("a", "U4"), "std_error"])
    assert cells_from_survey(survey, ["2023-S1"]).empty


def test_cells_of_the_panel_have_nearly_the_error_of_the_survey() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(4000, 1)) * np.sqrt(0.55) + rng.normal(size=(4000, 9)) * np.sqrt(0.45)
    error = float((3.2 + 0.6 * common).mean(axis=1).std() * 25 / np.sqrt(4000))
    row = {name.lower(): 3.2 for name in ELEMENTS}
    panel = pd.DataFrame([{"unit_id": "a", "period": "2024-S1", "index": 80.0, "n_respondents": 4000} | row])
    found = cells_from_panel(panel.assign(index_std_error=error), "2024-S1")
    # The error of a standard deviation from 4000 answers is about one percent.
    np.testing.assert_allclose(found["std_error"], 0.6 / np.sqrt(4000), rtol=0.04)
    assert found["element"].tolist() == list(ELEMENTS)


def ranked(pairs: list[tuple[str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["unit_id", "element", "gap"])


def test_the_curriculum_weighs_officers_and_gaps() -> None:
    topics = {
        "talking": Topic("talking", Text("bicara", "talking"), ("U7",), ()),
        "skills": Topic("skills", Text("teknis", "skills"), ("U6", "U7"), ()),
    }
    listed = ranked([("a", "U7", 0.4), ("b", "U7", 0.2), ("a", "U6", 0.3), ("b", "U9", 0.9), ("a", "U3", 0.1)])
    hours = pd.DataFrame({"unit_id": ["a", "b"], "topic": ["skills", "talking"], "hours": [3.0, 4.0]})
    found = plan_curriculum(listed, {"a": 10, "b": 30}, topics=topics, hours_by_topic=hours)
    table = found.topics.set_index("topic")
    talking, skills = 10 * 0.4 + 30 * 0.2, 10 * 0.4 + 30 * 0.2 + 10 * 0.3
    assert table.loc["skills", "weight"] == pytest.approx(skills / (skills + talking))
    assert table["weight"].sum() == pytest.approx(1)
    assert list(table.index) == ["skills", "talking"]
    assert table.loc["skills", "elements"] == "U6|U7"
    assert table.loc["skills", "hours_now"] == pytest.approx(1.5)
    assert found.other["element"].tolist() == ["U3", "U9"]
    assert [row["key"] for row in found.other["sentence"]] == ["policy.other_no_topic", "policy.other_facilities"]


def test_every_element_has_a_topic_or_another_remedy() -> None:
    covered = {element for topic in load_topics().values() for element in topic.elements}
    assert set(ELEMENTS) <= covered | set(OTHER_REMEDY)
    listed = ranked([("a", name, 0.2) for name in ELEMENTS])
    found = plan_curriculum(listed, {"a": 10})
    assert {row["key"] for row in found.other["sentence"]} == {
        "policy.other_requirements",
        "policy.other_fees",
        "policy.other_facilities",
    }
    assert not set(found.topics["topic"]) & {"facilities", "finance"}


def test_an_empty_list_gives_an_empty_curriculum() -> None:
    found = plan_curriculum(ranked([]), {})
    assert found.topics.empty
    assert found.other.empty


def test_sentences_exist_in_both_languages() -> None:
    from analysis.messages import Message

    table = cells([3.1, 3.3, 3.6, 2.9], [20, 50, 80, 30])
    listed = priority_list(priority_matrix(table), top=2)
    found = plan_curriculum(listed, dict.fromkeys(listed["unit_id"], 12.0))
    stored = [*listed["sentence"], *found.topics["sentence"], *found.other["sentence"]]
    messages = [Message(row["key"], row["values"]) for row in stored]
    assert len(messages) > 2
    assert all(message.id != message.en for message in messages)
