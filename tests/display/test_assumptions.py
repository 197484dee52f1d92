"""An edited graph gives the adjustment sets and effects that follow from it."""

from __future__ import annotations

import pytest

from analysis.claims import load_declared
from analysis.display.assumptions import Edit, claims_of_graph, consequences, edited, graph_figure, told
from analysis.display.assumptions_widgets import graph_editor
from analysis.display.figures import RED
from analysis.errors import CatalogError, UsageError
from analysis.identification import identify

CLAIM = "training_raises_quality"
DIRECT = Edit().adding("trainers", "quality")
ALONE = Edit().removing("leadership", "training")


def one(panel, edit, claim=CLAIM):
    return consequences(panel, edit, [claim])[0]


def test_the_declared_graph_changes_nothing(panel):
    found = consequences(panel, Edit())
    assert [item.claim.key for item in found] == list(claims_of_graph())
    assert not any(item.changed for item in found)
    assert all(item.before == item.after for item in found)


def test_a_hidden_common_cause_takes_identification_away(panel):
    found = one(panel, DIRECT)
    assert found.before.identification.identified
    assert not found.after.identification.identified
    assert found.after.identification.blocked_by == ("trainers", "training")
    assert found.after.estimate is None
    assert load_declared().graph["trainers"].label.id in str(told([found], DIRECT, "id"))


def test_without_an_arrow_the_set_follows_the_graph(panel):
    found = one(panel, ALONE, "development_improves_complaint_handling")
    expected = identify(edited(load_declared().graph, ALONE), "training", "responsiveness").adjustment
    assert found.after.identification.adjustment == expected != found.before.identification.adjustment
    assert found.after.estimate != found.before.estimate


def test_edits_undo_each_other():
    assert DIRECT.removing("trainers", "quality") == Edit()
    assert ALONE.adding("leadership", "training") == Edit()
    assert DIRECT.adding("trainers", "quality") == DIRECT


def test_circles_and_unknown_arrows_are_refused(panel):
    with pytest.raises(CatalogError):
        one(panel, Edit().adding("quality", "training"))
    with pytest.raises(UsageError):
        one(panel, Edit().removing("quality", "training"))


def test_the_picture_marks_the_open_path(panel):
    figure = graph_figure(one(panel, DIRECT), DIRECT, "id")
    arrows = figure.document["layout"]["annotations"]
    assert any(arrow["arrowcolor"] == RED for arrow in arrows)
    calm = graph_figure(one(panel, Edit()), Edit(), "id").document["layout"]["annotations"]
    assert not any(arrow["arrowcolor"] == RED for arrow in calm)


def test_the_editor_follows_its_buttons(panel):
    view = graph_editor(panel, None, "id")
    declared = str(view)
    view.controls["cause"].value, view.controls["effect"].value = "trainers", "quality"
    view.controls["add"].click()
    assert str(view) == str(told(consequences(panel, DIRECT), DIRECT, "id"))
    view.controls["cause"].value, view.controls["effect"].value = "quality", "training"
    view.controls["add"].click()
    assert str(view) == str(told(consequences(panel, DIRECT), DIRECT, "id"))
    view.controls["reset"].click()
    assert str(view) == declared
