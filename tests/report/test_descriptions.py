"""Words for those who do not see the figures: each names kind, finding and range, with numbers from the data."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping

import pandas as pd
import pytest
from tests.report.conftest import FULL, NO_DATA, ONE_UNIT
from tests.report.test_figures import _curves

from analysis.catalog import load_catalog
from analysis.messages import LANGUAGES, Message
from analysis.report import Block, best_use, causal_graph, effects, next_cycle, official_scores, priorities, synthesis
from analysis.report import specification_curve as specifications
from analysis.report.i18n import number, sentence
from analysis.report.render import fragment
from analysis.report.sections import descriptions, trend
from analysis.report.sections.curves import dose_response, event_study
from analysis.results import StudyResults
from analysis.study.graphs import graph_table

KINDS = {
    "effects": {"id": "Diagram rentang", "en": "Interval chart"},
    "trend": {"id": "Garis IKM", "en": "Curve of the index"},
    "official": {"id": "Kurva skor resmi", "en": "Curves of the official scores"},
    "priorities": {"id": "Matriks", "en": "Matrix"},
    "specification_curve": {"id": "Kurva spesifikasi", "en": "Specification curve"},
    "dose_response": {"id": "Kurva besaran", "en": "Dose-response curve"},
    "event_study": {"id": "Studi peristiwa", "en": "Event study"},
    "causal_graph": {"id": "Peta sebab-akibat", "en": "Causal graph"},
    "synthesis_map": {"id": "Peta IKM", "en": "Map of the index"},
    "synthesis_index": {"id": "Diagram rentang", "en": "Interval chart"},
    "synthesis_training": {"id": "Diagram rentang", "en": "Interval chart"},
}
SECTIONS = (effects, trend, official_scores, priorities, specifications, dose_response, event_study, causal_graph)
LEAST = 3
"""Numbers in a description: how many are shown, and the two ends of what they span."""


@pytest.fixture(scope="module")
def blocks_by_id(results: StudyResults) -> dict[str, Block]:
    """Every kind of figure of a region and of all regions, drawn from the made-up study."""
    graphs = graph_table(load_catalog())
    drawn = dataclasses.replace(results, curves=_curves(), graphs=graphs)
    found = [*(make(drawn, FULL) for make in SECTIONS), *synthesis(drawn)]
    return {block.id: block for block in found}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_a_description_names_kind_finding_and_range(blocks_by_id: Mapping[str, Block], name: str, lang: str) -> None:
    said = sentence(blocks_by_id[name].alt, lang)
    assert said.startswith(KINDS[name][lang])
    assert len(re.findall(r"\d[\d.,]*", said)) >= (2 if name == "causal_graph" else LEAST)
    assert len(said) <= 1200
    assert "report." not in said
    assert "{" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_of_descriptions_are_those_of_the_figure(blocks_by_id: Mapping[str, Block], lang: str) -> None:
    def told(name: str, value: float, places: int) -> None:
        assert number(value, places, lang) in sentence(blocks_by_id[name].alt, lang)

    rows = blocks_by_id["priorities"].data["rows"]
    for row in (rows[0], rows[-1]):
        told("priorities", row["index"], 1)
    told("priorities", min(value for row in rows for value in row["values"] if value is not None), 2)
    own = next(series for series in blocks_by_id["trend"].data["panels"][0]["series"] if series["own"])
    for value in (own["points"][0]["y"], own["points"][-1]["y"], max(point["y"] for point in own["points"])):
        told("trend", value, 1)
    index = blocks_by_id["synthesis_index"].data["groups"][0]["rows"]
    for value in (min(row["estimate"] for row in index), max(row["estimate"] for row in index)):
        told("synthesis_index", value, 1)
    graph = blocks_by_id["causal_graph"].data
    told("causal_graph", len(graph["nodes"]), 0)
    told("causal_graph", len(graph["edges"]), 0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_graph_tells_what_is_held_and_which_path_is_open(lang: str) -> None:
    rows = graph_table(load_catalog())
    seen = set()
    for claim, graph in zip(rows["claim"], rows["graph"], strict=True):
        said = sentence(descriptions.of_graph(claim, graph), lang)
        named = graph["open_path"] or graph["adjust"]
        words = {node["id"]: node["label"][lang] for node in graph["nodes"]}
        assert all(words[node].lower() in said.lower() for node in named)
        seen.add("open" if graph["open_path"] else "held" if graph["adjust"] else "nothing")
    assert {"open", "held"} <= seen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_choices_tell_the_largest_and_the_smallest_gain(lang: str) -> None:
    rows = [
        {"label": {"id": name, "en": name}, "estimate": value, "conf_low": value - 1, "conf_high": value + 1}
        for name, value in (("A", 0.4), ("B", 2.3), ("C", -0.6))
    ]
    said = sentence(descriptions.of_choices(rows), lang)
    assert said.index("B") < said.index(number(2.3, 1, lang, signed=True)) < said.index(" C")
    assert number(-0.6, 1, lang, signed=True) in said
    assert number(2.3, 1, lang, signed=True) in sentence(descriptions.of_choices(rows[1:2]), lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_division_tells_what_changes_most(lang: str) -> None:
    forms = [
        {"label": {"id": "Magang", "en": "Internship"}, "hours_now": 4.0, "hours": 3.5},
        {"label": {"id": "Daring", "en": "Online"}, "hours_now": 2.4, "hours": 12.8},
    ]
    said = sentence(descriptions.of_division(forms, Message("report.trend.index")), lang)
    assert {"id": "Daring", "en": "Online"}[lang].lower() in said.lower()
    assert number(12.8, 1, lang) in said
    assert number(3.5, 1, lang) not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_breaks_are_told(results: StudyResults, lang: str) -> None:
    periods = sorted(results.indices["period"].dropna().unique())
    broken = dataclasses.replace(results, meta={**results.meta, "method_breaks": [str(periods[len(periods) // 2])]})
    plain, cut = (sentence(trend(study, FULL).alt, lang) for study in (results, broken))
    word = {"id": "cara ukur", "en": "way of measuring"}[lang]
    assert word not in plain
    assert word in cut


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("region", [NO_DATA, ONE_UNIT])
def test_figures_without_data_have_words_too(results: StudyResults, region: str, lang: str) -> None:
    empty = dataclasses.replace(results, curves=pd.DataFrame(columns=_curves().columns))
    for make in (*SECTIONS, next_cycle, best_use):
        said = sentence(make(empty, region).alt, lang)
        assert len(said) > 10
        assert "None" not in said
        assert not re.search(r"\bnan\b", said, flags=re.IGNORECASE)


def test_a_drawing_is_hidden_from_those_who_hear_only_where_words_or_a_table_stand_for_it(
    blocks_by_id: Mapping[str, Block],
) -> None:
    stands: dict[str, Callable[[str], bool]] = {
        "map": lambda html: 'role="img" aria-label="' in html,
        "matrix": lambda html: "<caption" in html and "<th" in html,
        "graph": lambda html: "→" in html,
    }
    for name in KINDS:
        block = blocks_by_id[name]
        html = str(fragment(block, "id"))
        assert "<svg" in html or block.kind == "matrix"
        assert stands.get(block.kind, lambda text: "<th" in text)(html), name
