from __future__ import annotations

import dataclasses
import json
import re

import nbformat
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from tests.report.conftest import FULL, REGIONS

from analysis.messages import Message
from analysis.paths import SLICE_ENV
from analysis.report import MIME, Block, collect, synthesis
from analysis.report.blocks import jsonable
from analysis.report.pages import FOLDED
from analysis.report.render import fragment

PLOTLY = "application/vnd.plotly.v1+json"


def all_blocks(blocks, results):
    return [block for region in REGIONS for block in blocks[region]] + synthesis(results)


def test_a_stored_block_equals_the_original(blocks, results):
    for block in all_blocks(blocks, results):
        stored = json.dumps(block.as_dict(), allow_nan=False)
        assert Block.from_dict(json.loads(stored)) == block


def test_jsonable_keeps_values_and_drops_digits():
    found = jsonable(
        {"a": np.float64(1 / 3), "b": np.nan, "c": pd.NA, "d": np.int64(3), "e": (Message("k", {"v": 1}),)}
    )
    assert found == {"a": 0.333333, "b": None, "c": None, "d": 3, "e": [{"key": "k", "values": {"v": 1}}]}


def test_only_data_goes_into_a_block():
    with pytest.raises(TypeError, match="not data"):
        jsonable({"a": object()})
    with pytest.raises(ValueError, match="unknown kind"):
        Block("x", "poem", {}, {"title": Message("report.trend.title")}, Message("report.trend.title"))


def test_every_bundle_is_stable_and_has_no_address(blocks, results):
    for block in all_blocks(blocks, results):
        first, second = block._repr_mimebundle_(), block._repr_mimebundle_()
        assert json.dumps(first) == json.dumps(second)
        assert "0x" not in first["text/plain"]
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", json.dumps(first))


def test_a_kernel_of_the_batch_gives_the_data_alone(blocks, monkeypatch):
    block = blocks[FULL][0]
    shown = block._repr_mimebundle_()
    monkeypatch.setenv(SLICE_ENV, "slice.arrow")
    given = block._repr_mimebundle_()
    assert set(given) == {MIME, "text/plain"} < set(shown)
    assert json.loads(given[MIME]) == shown[MIME]


def test_the_two_forms_of_a_section_leave_no_mark_and_say_the_same(blocks, results):
    """Comments keep the parts of one form; text from data cannot write one."""
    for block in all_blocks(blocks, results):
        folded, unfolded = fragment(block, "id", folded=True), fragment(block, "id")
        assert "<!--" not in folded + unfolded
        assert '<details class="more">' not in unfolded
        assert block.id not in FOLDED or '<details class="more">' in folded
    forged = dataclasses.replace(
        blocks[FULL][0], source=(Message("report.source.published", {"source": "<!--folded-->x"}),)
    )
    assert "&lt;!--folded--&gt;x" in fragment(forged, "id")


def test_plotly_documents_are_valid_and_say_the_same(blocks):
    for block in blocks[FULL]:
        document = block._repr_mimebundle_().get(PLOTLY)
        if document is None:
            continue
        drawn = go.Figure(document)
        if block.id == "levers":
            shown = [card["estimate"] for card in block.data["cards"]]
            assert list(drawn.data[0].x) == list(reversed(shown))


def test_plotly_texts_hold_no_markup(blocks):
    document = json.dumps(next(b for b in blocks[FULL] if b.id == "priorities")._repr_mimebundle_()[PLOTLY])
    assert "<script" not in document
    assert "&lt;script" in document


def notebook_of(shown):
    notebook = nbformat.v4.new_notebook()
    for block in shown:
        output = nbformat.v4.new_output("display_data", data=block._repr_mimebundle_())
        cell = nbformat.v4.new_code_cell("show()", execution_count=1)
        cell.outputs = [output]
        notebook.cells.append(cell)
    return notebook


def test_collect_returns_the_blocks_in_order(blocks):
    assert collect(notebook_of(blocks[FULL])) == blocks[FULL]


def test_collect_refuses_doubled_blocks(blocks):
    with pytest.raises(ValueError, match="levers"):
        collect(notebook_of([*blocks[FULL], blocks[FULL][1]]))


def test_the_mime_type_is_the_documented_one():
    assert MIME == "application/vnd.pembinaan.block+json"
