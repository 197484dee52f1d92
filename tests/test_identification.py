"""Adjustment sets against textbook graphs and against what the declared graph must imply."""

import pytest

from analysis.catalog import Text
from analysis.errors import CatalogError, UsageError
from analysis.identification import (
    Node,
    adjustment_columns,
    check_graph,
    identify,
    load_graph,
    picture,
    with_arrow,
    without_arrow,
)


def graph(arrows: str, hidden: str = "") -> dict[str, Node]:
    """Build a graph from "a>b b>c"; nodes in `hidden` are not observed."""
    pairs = [tuple(pair.split(">")) for pair in arrows.split()]
    names = sorted({name for pair in pairs for name in pair})
    return {
        name: Node(
            name,
            Text(name, name),
            tuple(cause for cause, effect in pairs if effect == name),
            None if name in hidden.split() else name,
        )
        for name in names
    }


@pytest.mark.parametrize(
    ("arrows", "hidden", "adjustment"),
    [
        ("x>y", "", ()),
        ("c>x c>y x>y", "", ("c",)),  # confounder
        ("x>m m>y", "", ()),  # mediator: not adjusted for
        ("x>c y>c", "", ()),  # collider: not adjusted for
        ("a>x a>c b>c b>y x>y", "", ()),  # M-bias: adjusting for c would open a path
        ("u>x u>y x>y", "u", None),  # unobserved confounder
        ("u>x u>c c>y x>y", "u", ("c",)),  # blocked by an observed link
        ("a>x a>b b>y x>y", "", ("a",)),  # the direct cause of x is preferred to b
    ],
)
def test_textbook_graphs(arrows, hidden, adjustment):
    found = identify(graph(arrows, hidden), "x", "y")
    assert found.adjustment == adjustment
    assert found.identified is (adjustment is not None)


def test_both_minimal_sets_are_listed():
    found = identify(graph("a>x a>b b>y x>y"), "x", "y")
    assert found.minimal_sets == (("a",), ("b",))


def test_blocking_arrow_and_open_path_are_named():
    found = identify(graph("u>x u>y x>y", "u"), "x", "y")
    assert found.blocked_by == ("u", "x")
    assert found.open_path == ("x", "u", "y")


def test_each_effect_has_its_own_set():
    nodes = load_graph()
    training = identify(nodes, "training", "measured_quality")
    assert training.adjustment == ("budget", "leadership")
    assert adjustment_columns(nodes, training) == ("log_budget", "leadership")
    # The total effects of budget and leadership run through training, which must not be held constant.
    assert identify(nodes, "budget", "measured_quality").adjustment == ()
    assert identify(nodes, "leadership", "measured_quality").adjustment == ()


def test_without_unit_effects_selection_blocks_everything():
    nodes = load_graph()
    found = identify(nodes, "training", "measured_quality", absorbed=("period",))
    assert found.blocked_by == ("standing", "training")
    assert identify(nodes, "performance_management", "professionalism", absorbed=()).blocked_by is not None


def test_user_can_add_an_arrow_and_see_what_follows():
    nodes = load_graph()
    changed = with_arrow(nodes, "past_shock", "quality")
    assert "past_shock" in (identify(changed, "training", "measured_quality").adjustment or ())
    assert "past_shock" not in (identify(nodes, "training", "measured_quality").adjustment or ())
    hidden = with_arrow(nodes, "trainers", "quality")
    found = identify(hidden, "training", "measured_quality")
    assert found.blocked_by == ("trainers", "training")
    with pytest.raises(UsageError):
        adjustment_columns(hidden, found)
    fewer = without_arrow(nodes, "leadership", "training")
    assert identify(fewer, "training", "measured_quality").adjustment == ("budget",)


def test_mistakes_in_the_graph_are_refused_with_the_closest_name():
    nodes = load_graph()
    with pytest.raises(UsageError, match="training"):
        identify(nodes, "trainng", "measured_quality")
    with pytest.raises(CatalogError):
        with_arrow(nodes, "measured_quality", "budget")
    with pytest.raises(CatalogError, match="b"):
        check_graph({"a": Node("a", Text("a", "a"), ("b",))})
    with pytest.raises(UsageError):
        without_arrow(nodes, "award", "training")


def test_picture_marks_the_open_path_and_leaves_out_what_does_not_matter():
    nodes = load_graph()
    blocked = picture(nodes, identify(nodes, "training", "measured_quality", absorbed=("period",)))
    marked = {(cause, effect) for cause, effect, mark in blocked.arrows if mark}
    assert ("standing", "training") in marked
    shown = {key for key, *_ in blocked.nodes}
    assert "professionalism" not in shown
    assert blocked.layers["standing"] < blocked.layers["training"] < blocked.layers["measured_quality"]
