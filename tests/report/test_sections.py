from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from tests.report.conftest import FULL, NO_DATA, ONE_UNIT, REGIONS

from analysis.messages import LANGUAGES
from analysis.report import REGION_SECTIONS, i18n, index_entries, synthesis
from analysis.report.sections import curriculum, data_quality, headline, levers, next_cycle, priorities, service_quality
from analysis.report.sections._common import LEVERS, VERDICTS
from analysis.report.sections.background import mask
from analysis.report.sections.cycle import hours_of_the_year
from analysis.report.sections.quality import change
from analysis.report.sections.synthesis import mean_index, standing


def find(blocks, name):
    return next(block for block in blocks if block.id == name)


def texts(block, lang):
    parts = [block.text, block.data, {"alt": block.alt, "source": list(block.source), "sample": block.sample}]
    return json.dumps(i18n.resolve(parts, lang), ensure_ascii=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_of_every_region_can_be_said(blocks, results, lang):
    for region in REGIONS:
        for block in blocks[region]:
            assert '"key"' not in texts(block, lang)
    for block in synthesis(results):
        assert '"key"' not in texts(block, lang)


def test_every_block_names_its_sample_and_has_a_title(blocks):
    for region in (FULL, ONE_UNIT):
        for block in blocks[region]:
            assert "title" in block.text
            assert block.sample is not None, block.id


def test_ids_are_unique(blocks):
    for region in REGIONS:
        ids = [block.id for block in blocks[region]]
        assert len(set(ids)) == len(REGION_SECTIONS)


def test_headline_follows_from_the_verdicts_alone():
    said = headline({"training": "supported", "leadership": "contradicted", "budget": "supported"})
    assert [clause.key for clause in said] == ["report.headline.supported", "report.headline.contradicted"]
    assert (
        i18n.sentence(said[0], "id")
        == "Data mendukung bahwa pelatihan ASN dan anggaran pengembangan menaikkan mutu layanan."
    )


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_changes_the_headline(verdict):
    others = [headline(dict.fromkeys(LEVERS, other)) for other in VERDICTS if other != verdict]
    assert headline(dict.fromkeys(LEVERS, verdict)) not in others


def test_a_lever_without_verdict_counts_as_no_data():
    assert headline({}) == headline(dict.fromkeys(LEVERS, "no_data"))


def test_numbers_agree_across_blocks(blocks, results):
    """Cards, claims, effects, headline, index entry and quality block of a region tell the same figures."""
    entries = {entry.code: entry for entry in index_entries(results)}
    for region in REGIONS:
        shown = blocks[region]
        cards = {card["lever"]: card for card in find(shown, "levers").data["cards"]}
        claims = {row["claim"]: row for row in find(shown, "claims").data["rows"]}
        for card in cards.values():
            row = claims[card["claim"]]
            assert all(card[key] == row[key] for key in ("estimate", "conf_low", "conf_high", "verdict", "strength"))
        for group in find(shown, "effects").data["groups"]:
            pooled = next(row for row in group["rows"] if row["level"] == "pooled")
            card = cards[group["lever"]]
            assert (pooled["estimate"], pooled["conf_low"]) == (card["estimate"], card["conf_low"])
        verdicts = {lever: card["verdict"] for lever, card in cards.items()}
        said = find(shown, "answer")
        assert said.data["verdicts"] == verdicts == entries[region].verdicts
        assert sum(item["n"] for item in said.data["tally"]) == len(claims)
        summary = find(shown, "service_quality").data["summary"]
        index = entries[region].index
        assert (summary["index"] if summary else None) == (index and float(f"{index:.6g}"))
        points = find(shown, "trend").data["panels"]
        assert not summary or points[0]["series"][0]["points"][-1]["y"] == summary["index"]


def test_a_region_without_data_says_so_everywhere(blocks):
    shown = blocks[NO_DATA]
    assert find(shown, "answer").data["headline"][0]["key"] == "report.headline.nothing"
    assert find(shown, "service_quality").data["summary"] is None
    assert find(shown, "effects").text["lead"].key == "report.effects.none"
    assert find(shown, "priorities").text["lead"].key == "report.priorities.none"


def test_small_units_are_withheld_with_the_next_smallest(results):
    block = priorities(results, FULL)
    at = results.meta["last_period"]
    table = results.indices
    units = table[(table["region_code"] == FULL) & table["unit_id"].notna() & (table["period"] == at)]
    assert units["n"].isna().sum() == 1
    smallest = units.loc[units["n"].idxmin(), "unit_name"]
    names = [row["name"] for row in block.data["rows"]]
    assert block.privacy["hidden"] == 2
    assert smallest not in names
    assert min(row["n"] for row in block.data["rows"]) >= 10


def test_a_figure_below_the_threshold_is_withheld_even_if_the_table_holds_it(results):
    table = results.indices.copy()
    chosen = (
        (table["region_code"] == FULL) & table["unit_id"].notna() & (table["period"] == results.meta["last_period"])
    )
    table.loc[chosen, "n"] = 9.0
    block = priorities(dataclasses.replace(results, indices=table), FULL)
    assert block.data["rows"] == []


def test_movement_is_noise_until_it_exceeds_the_margin():
    rows = [
        {"index": 80.0, "std_error": 1.0, "period": "2024-S1"},
        {"index": 82.7, "std_error": 1.0, "period": "2024-S2"},
    ]
    assert change(rows)["margin"] == pytest.approx(2.7718, abs=1e-4)  # 1.96 * sqrt(2)
    assert not change(rows)["beyond_noise"]
    rows[1]["index"] = 82.8
    assert change(rows)["beyond_noise"]
    assert change(rows)["sentence"].key == "report.quality.up_real"


def test_falling_index_is_called_falling():
    rows = [
        {"index": 85.0, "std_error": 0.1, "period": "2024-S1"},
        {"index": 80.0, "std_error": 0.1, "period": "2024-S2"},
    ]
    assert i18n.resolve(change(rows)["sentence"], "id").startswith("Turun 5,0 poin dari semester 1 2024")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(84.0, 86.0, "above"), (80.0, 82.0, "below"), (82.0, 84.0, "level"), (None, 1.0, "none")],
)
def test_standing_needs_an_interval_that_excludes_the_mean(low, high, expected):
    assert standing(low, high, 83.0) == expected


def test_mean_of_regions_counts_each_region_once(results):
    latest = results.indices[
        results.indices["unit_id"].isna() & (results.indices["period"] == results.meta["last_period"])
    ]
    assert mean_index(results) == pytest.approx(np.mean(latest["index"]))


def test_official_scores_break_where_the_method_changed(blocks):
    panels = {panel["indicator"]: panel for panel in find(blocks[FULL], "official").data["panels"]}
    ombudsman = next(panel for name, panel in panels.items() if "ombudsman" in name)
    assert "2025" in ombudsman["breaks"]
    own = next(series for series in ombudsman["series"] if series["own"])
    assert own["points"][-1]["segment"] != own["points"][-2]["segment"]


def test_personal_numbers_are_masked():
    assert mask({"a": ["NIP 198501012010011001"]}) == {"a": ["NIP •••"]}
    assert mask("198501012010 01 1 001 dan baris 12") == "••• dan baris 12"


def test_findings_never_show_values(blocks):
    shown = json.dumps(find(blocks[FULL], "data_quality").as_dict())
    assert "198501012010011001" not in shown


def test_withheld_indices_are_counted(results):
    own = results.indices[results.indices["region_code"] == FULL]
    blank = own.index[: len(own) // 2]
    hidden = dataclasses.replace(results, indices=results.indices.assign(index=results.indices["index"].mask(
        results.indices.index.isin(blank))))  # fmt: skip
    known = int(own["index"].isna().sum())
    told = data_quality(hidden, FULL).text["withheld"].values
    assert told == {"n": known + int(own.loc[blank, "index"].notna().sum()), "of": len(own), "minimum": 10}
    complete = dataclasses.replace(results, indices=results.indices.assign(index=results.indices["index"].fillna(80.0)))
    assert "withheld" not in data_quality(complete, FULL).text


def test_a_national_verdict_stands_in_and_is_marked(results):
    verdicts = results.verdicts
    kept = verdicts[~((verdicts["region_code"] == FULL) & (verdicts["claim"] == "training_raises_quality"))]
    card = levers(dataclasses.replace(results, verdicts=kept), FULL).data["cards"][0]
    assert card["scope"] == "national"
    assert card["estimate"] is not None


def test_the_next_cycle_tells_gain_cost_and_duty(results):
    block = next_cycle(results, FULL)
    options = {row["scenario"]: row for row in block.data["scenarios"]}
    more = options["more_hours_front_line"]
    card = find([levers(results, FULL)], "levers").data["cards"][0]
    # Ten hours more per half-year bring what the card says of ten hours, cut where units leave the observed range.
    assert 0 < more["estimate"] <= card["estimate"] + 1e-9
    assert more["conf_low"] < more["estimate"] < more["conf_high"]
    assert more["cost"] > 0
    assert options["seminars_to_mentoring"]["estimate"] is None
    assert block.data["duty"]["n_units"] == 14
    assert block == next_cycle(results, FULL)


def test_the_curriculum_follows_from_the_weakest_cells(results):
    block = curriculum(results, FULL)
    shown = {row["name"] for row in priorities(results, FULL).data["rows"]}
    assert len(block.data["cells"]) == 10
    assert {row["unit"] for row in block.data["cells"]} <= shown
    assert sum(row["share"] for row in block.data["topics"]) == pytest.approx(1, abs=1e-4)
    gaps = [row["gap"] for row in block.data["cells"]]
    assert gaps == sorted(gaps, reverse=True)


def test_a_region_with_one_unit_has_no_curriculum_from_comparison(results):
    assert curriculum(results, ONE_UNIT).text["lead"].key == "report.curriculum.none"


def test_yearly_hours_are_weighted_by_officers():
    rows = [
        {"region_code": "x", "unit_id": unit, "period": period, "training_hours_now": hours, "headcount": heads}
        for unit, hours, heads in (("a", 5.0, 30), ("b", 15.0, 10), ("c", 50.0, 4))
        for period in ("2024-S2", "2025-S1", "2025-S2")
    ]
    found = hours_of_the_year(pd.DataFrame(rows), "x")
    # a: 10 JP a year for 30 officers, b: 30 JP for 10; c has too few officers to be told.
    assert found == {"hours": 15.0, "n_units": 2, "n_below": 1, "required": 20}


def test_without_hours_the_duty_is_unknown(results):
    panel = results.panel.drop(columns="training_hours_now")
    block = next_cycle(dataclasses.replace(results, panel=panel), NO_DATA)
    assert block.data["duty"] is None
    assert block.data["duty_sentence"]["key"] == "report.cycle.duty_unknown"
    assert block.text["lead"].key == "report.cycle.none"


def test_synthesis_orders_without_ranks(results):
    block = find(synthesis(results), "synthesis_index")
    rows = block.data["groups"][0]["rows"]
    assert [row["estimate"] for row in rows] == sorted((row["estimate"] for row in rows), reverse=True)
    assert "rank" not in json.dumps(block.data)
    assert NO_DATA not in [row["code"] for row in rows]


def test_quality_with_one_half_year_says_that_change_is_unknown(results):
    table = results.indices
    once = table[table["period"] == results.meta["last_period"]]
    block = service_quality(dataclasses.replace(results, indices=pd.DataFrame(once)), FULL)
    assert block.text["noise"].key == "report.quality.no_change"
