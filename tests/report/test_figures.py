"""Curves, graph, map and plotly twins: what is drawn is what was stored, told in words and as a table."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
import pytest
from tests.report.conftest import FULL, NO_DATA, context

from analysis.messages import LANGUAGES, Message
from analysis.publish.tables import region_estimates
from analysis.report import REGION_SECTIONS, Block, effects, how_sure, levers, plotly_template, synthesis
from analysis.report import specification_curve as specification_section
from analysis.report.blocks import MIME
from analysis.report.figures import causal_drawing, choice_strip, point_map
from analysis.report.figures.layers import seated
from analysis.report.i18n import sentence
from analysis.report.interactive import interactive_page
from analysis.report.pages import region_page
from analysis.report.plotly_figures import figure
from analysis.report.render import fragment
from analysis.report.sections import boundary_shapes
from analysis.report.sections.curves import dose_response, event_study
from analysis.report.sections.labels import in_words
from analysis.results import CURVE_COLUMNS, StudyResults

SPECIFICATIONS = ("training_quality", "leadership_quality", "budget_quality")
SQUARE = [[126.0, -1.0], [128.0, -1.0], [128.0, 1.0], [126.0, 1.0]]


def _row(figure: str, spec: str, x: float, estimate: float, main: bool = False, choices: str = "") -> dict:
    row = dict.fromkeys(CURVE_COLUMNS)
    row |= {"figure": figure, "spec": spec, "name": str(x), "x": float(x), "estimate": estimate, "main": main}
    row |= {"conf_low": estimate - 0.5, "conf_high": estimate + 0.5, "n_obs": 900.0, "n_units": 90.0}
    row |= {"band_low": estimate - 0.8, "band_high": estimate + 0.8, "choices": choices, "p_value": 0.1}
    return row


def _curves() -> pd.DataFrame:
    rows = []
    for spec in SPECIFICATIONS:
        for rank, value in enumerate((-0.2, 0.3, 0.9, 1.4)):
            weights = "weights_none" if rank % 2 else "weights_precision"
            rows.append(_row("specification_curve", spec, rank, value, rank == 2, f"{weights} outcome_full"))
        rows += [_row("dose_response", spec, dose, 0.1 * (dose - 6), dose == 6) for dose in (2, 4, 6, 8, 10)]
    for time in range(-4, 6):
        rows.append(_row("event_study", "award_quality", time, 0.0 if time < 0 else 1.2, time == -1))
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


@pytest.fixture(scope="module")
def drawn(results: StudyResults) -> StudyResults:
    boundaries = pd.DataFrame([{"region_code": FULL, "rings": json.dumps([SQUARE])}])
    return dataclasses.replace(results, curves=_curves(), boundaries=boundaries)


@pytest.fixture(scope="module")
def curve_blocks(drawn: StudyResults) -> dict[str, Block]:
    made = [specification_section(drawn, FULL), dose_response(drawn, FULL), event_study(drawn, FULL)]
    return {block.id: block for block in made}


GRAPH = Block(
    "causal_graph",
    "graph",
    {
        "nodes": [
            {"id": "u", "label": {"id": "Mutu <bawaan>", "en": "Lasting quality"}, "x": 0, "y": 0, "observed": False},
            {"id": "t", "label": {"id": "Pelatihan", "en": "Training"}, "x": 0, "y": 1, "role": "treatment"},
            {"id": "y", "label": {"id": "IKM", "en": "Index"}, "x": 0, "y": 2, "role": "outcome"},
        ],
        "edges": [
            {"from": "u", "to": "t", "kind": "blocked"},
            {"from": "u", "to": "y", "kind": "open"},
            {"from": "t", "to": "y", "kind": "plain"},
        ],
        "open_path": ["t", "u", "y"],
        "adjust": [],
    },
    {"title": Message("report.trend.title")},
    Message("report.trend.title"),
)


class Cells(HTMLParser):
    """Collects the text of every cell of tables, and what is hidden from screen readers."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        if tag in ("td", "th"):
            self._inside = True
            self.cells.append("")

    def handle_endtag(self, tag):
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self._inside:
            self.cells[-1] += data


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_curve_is_a_table_too(curve_blocks, lang):
    for block in curve_blocks.values():
        reader = Cells()
        reader.feed(str(fragment(block, lang)))
        for group in block.data["groups"]:
            shown = [cell for cell in reader.cells if re.search(r"\d", cell)]
            assert len(shown) >= len(group["points"])
        assert str(fragment(block, lang)).count('aria-hidden="true"') >= len(block.data["groups"])


def test_curves_without_data_say_so(results):
    empty = dataclasses.replace(results, curves=_curves().iloc[:0])
    for make in (specification_section, dose_response, event_study):
        block = make(empty, FULL)
        assert block.text["lead"].key.endswith(".none")
        assert figure(block, "id") is None
        assert "<figure>" not in str(fragment(block, "id"))


def test_specification_curve_counts_what_points_the_same_way(curve_blocks):
    group = curve_blocks["specification_curve"].data["groups"][0]
    assert (group["n"], group["n_same"], group["median"]) == (4, 3, 0.6)
    # Only the weights differ, so that outcome is no choice; ranks are those of the sorted estimates.
    options = {choice["choice"]: [o["ranks"] for o in choice["options"]] for choice in group["choices"]}
    assert options == {"weights": [[1, 3], [0, 2]]}


def test_event_study_counts_half_years_that_differ(curve_blocks):
    group = curve_blocks["event_study"].data["groups"][0]
    assert (group["n_before"], group["n_clear_before"]) == (3, 0)
    assert group["sentence"]["values"] | {"after": 6, "after_clear": 6} == group["sentence"]["values"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_descriptions_tell_kind_finding_and_range(drawn, curve_blocks, lang):
    kinds = {
        "specification_curve": {"id": "Kurva spesifikasi", "en": "Specification curve"},
        "dose_response": {"id": "Kurva besaran", "en": "Dose-response curve"},
        "event_study": {"id": "Studi peristiwa", "en": "Event study"},
    }
    for name, block in curve_blocks.items():
        said = sentence(block.alt, lang)
        assert said.startswith(kinds[name][lang])
        assert len(re.findall(r"[−+]?\d", said)) >= 3
    shown = sentence(effects(drawn, FULL).alt, lang)
    assert shown.startswith({"id": "Diagram rentang", "en": "Interval chart"}[lang])
    map_block = next(block for block in synthesis(drawn) if block.kind == "map")
    assert sentence(map_block.alt, lang).startswith({"id": "Peta", "en": "Map"}[lang])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_plotly_twins_hold_the_same_points(curve_blocks, lang):
    for block in curve_blocks.values():
        made = go.Figure(figure(block, lang))
        for place, group in enumerate(block.data["groups"]):
            axis = f"x{place + 1}" if place else "x"
            values = {float(y) for trace in made.data if trace.xaxis == axis for y in trace.y if y is not None}
            assert {point["estimate"] for point in group["points"]} <= values
        assert made.layout.separators == {"id": ",.", "en": ".,"}[lang]
        assert "<b>" not in json.dumps(figure(block, lang)), "bold tags become style attributes"


def test_the_template_is_one_for_all(drawn):
    made = plotly_template("id")
    assert go.Figure(layout={"template": made}).layout.template.layout.separators == ",."
    for section in REGION_SECTIONS:
        shown = figure(section(drawn, FULL), "id")
        assert shown is None or shown["layout"]["template"] == made


def test_colours_of_the_template_differ_in_lightness():
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colours = [luminance(colour) for colour in plotly_template()["layout"]["colorway"]]
    # A grey printer shows lightness only; 0.02 is about the step between two greys side by side.
    assert all(abs(a - b) > 0.02 for a, b in pairwise(colours))
    # WCAG 1.4.11: graphics against white paper at least 3 to 1; the orange is used for large marks only.
    assert sum(1.05 / (value + 0.05) >= 3 for value in colours) >= len(colours) - 1


def test_graph_marks_the_open_path_and_what_blocks():
    html = str(causal_drawing(GRAPH.data, "id"))
    assert html.count('class="edge blocked"') == 2  # the arrow and its head
    assert html.count("✕") == 1
    assert 'class="node treatment"' in html
    assert 'class="node hidden"' in html
    assert "&lt;bawaan&gt;" in html
    assert "<bawaan>" not in html
    shown = figure(GRAPH, "id")
    assert len(shown["layout"]["annotations"]) == 3
    assert "<bawaan>" not in json.dumps(shown, ensure_ascii=False)


def test_wide_layers_are_cut_into_rows():
    nodes = [{"id": str(i), "label": "x", "x": i, "y": 0} for i in range(7)]
    seats = seated(nodes)
    assert len({(seat.x, seat.row) for seat in seats.values()}) == 7
    assert max(seat.row for seat in seats.values()) == 2
    assert all(seat.x - seat.width / 2 >= 0 and seat.x + seat.width / 2 <= 100 for seat in seats.values())


def test_the_main_specification_is_drawn_stronger():
    assert 'class="bold"' in choice_strip([0, 2], 4, 2)
    assert 'class="bold"' not in choice_strip([0, 1], 4, 2)


def test_map_draws_areas_where_boundaries_are_known(drawn):
    shapes = boundary_shapes(drawn)
    point = {"code": FULL, "longitude": 127.0, "latitude": 0.0, "css": "s-above", "title": "<A>"}
    other = {"code": "82.71", "longitude": 127.4, "latitude": 0.8, "css": "s-level", "title": "B"}
    html = str(point_map([], [point, other], shapes))
    assert html.count("<circle") == 1
    assert 'class="pt area s-above"' in html
    assert "&lt;A&gt;" in html
    # First corner at 126 east, 1 south on a map from 94.5 east, 6.5 north, in hundredths of a degree.
    assert 'd="M3150 750l' in html
    map_block = next(block for block in synthesis(drawn) if block.kind == "map")
    assert any(trace.get("fill") == "toself" for trace in figure(map_block, "id")["data"])


def test_every_linked_number_is_a_row_of_the_table(drawn):
    for region in (FULL, NO_DATA):
        blocks = [section(drawn, region) for section in REGION_SECTIONS]
        html = region_page(blocks, "id", context(drawn, region, "id"))
        table = region_estimates(drawn, region).set_index("id")
        assert table.index.is_unique
        links = re.findall(r'class="ref" href="#e-([^"]+)" title="([^"]+)">([^<]+)<', html)
        assert bool(links) == (region == FULL)
        for row, title, text in links:
            assert f'id="e-{row}"' in html
            assert title.startswith(text)
            places = len(text.partition(",")[2])
            shown = float(text.replace(".", "").replace(",", ".").replace("−", "-").replace("+", ""))
            assert shown == pytest.approx(table.loc[row, "estimate"], abs=0.5 * 10**-places + 1e-9)


def test_numbers_of_cards_forest_claims_and_synthesis_are_those_of_the_table(drawn):
    table = region_estimates(drawn, FULL).set_index("id")["estimate"]
    cards = levers(drawn, FULL).data["cards"]
    rows = [row for group in effects(drawn, FULL).data["groups"] for row in group["rows"] if row["row"]]
    assert cards
    assert rows
    for item in [*cards, *rows]:
        # Blocks keep six significant digits.
        assert item["estimate"] == pytest.approx(table[item["row"]], rel=1e-5)
    for block in synthesis(drawn):
        lever = next((card for card in cards if block.id == f"synthesis_{card['lever']}"), None)
        if lever is not None:
            own = next(row for row in block.data["groups"][0]["rows"] if row["code"] == FULL)
            assert own["estimate"] == lever["estimate"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checks_name_no_column(drawn, lang):
    reason = Message("report.source.published", {"source": "log_budget"}).as_dict()
    checks = drawn.checks.assign(reason=[reason] * len(drawn.checks))
    said = json.dumps([sentence(row["reason"], lang) for group in
                       how_sure(dataclasses.replace(drawn, checks=checks), FULL).data["groups"]
                       for row in group["rows"]])  # fmt: skip
    assert "log_budget" not in said
    assert {"id": "nggaran pengembangan", "en": "evelopment budget"}[lang] in said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("training_hours_lead2", "am pelatihan"),
        ("u1", "ersyaratan"),
        ("training_hours:leadership", "×"),
        ("x y", "X y"),
    ],
)
def test_names_of_columns_become_words(name, expected):
    reason = in_words(Message("report.source.published", {"source": name}))
    assert expected in sentence(reason, "id")


def test_prior_evidence_is_confirmed_and_drawn_as_a_range(drawn):
    from analysis.policy import load_evidence

    known = load_evidence()
    groups = effects(drawn, FULL).data["groups"]
    used = [row["evidence"] for group in groups for row in group["prior"]]
    assert used
    assert {known[key].status for key in used} == {"confirmed"}
    training = next(group for group in groups if group["lever"] == "training")
    expected = next(row for row in training["rows"] if row["level"] == "prior")
    assert expected["estimate"] is None
    # The yardstick is 0.05 to 0.20 standard deviations between units, so that its ends are in the ratio 1 to 4.
    assert expected["conf_high"] == pytest.approx(4 * expected["conf_low"], rel=1e-4)


def test_the_interactive_page_draws_every_kind(drawn):
    blocks = [section(drawn, FULL) for section in REGION_SECTIONS]
    html = interactive_page(blocks, "id", context(drawn, FULL, "id"))
    held = dict(re.findall(r'<script type="application/json" id="figure-(\w+)">(.*?)</script>', html, flags=re.DOTALL))
    assert {"specification_curve", "dose_response", "event_study", "effects", "priorities"} <= set(held)
    kinds = {trace["type"] for text in held.values() for trace in json.loads(text)["data"]}
    assert kinds <= {"scatter", "bar"}, "other kinds write style attributes, which the policy refuses"


def test_blocks_show_themselves_in_jupyter(curve_blocks):
    for block in curve_blocks.values():
        assert {MIME, "application/vnd.plotly.v1+json", "text/plain"} <= set(block._repr_mimebundle_())
