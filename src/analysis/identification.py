"""What has to be held constant: the declared causal graph and the adjustment sets that follow from it.

Every effect has its own set. An effect for which no valid set exists is not identified, and the arrow that blocks it is
named: one regression is never read as several effects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

import networkx as nx

from analysis.catalog.loader import Text, load_records
from analysis.errors import CatalogError, UsageError, closest
from analysis.paths import catalog_dir

Absorption = Literal["unit", "period"]
BOTH: tuple[Absorption, ...] = ("unit", "period")


@dataclass(frozen=True)
class Node:
    """A quantity of the causal graph.

    Parameters
    ----------
    key
        Its name.
    label
        Wording for readers.
    causes
        Names of its direct causes.
    column
        Panel column that measures it; None if it is not observed.
    absorbed
        Fixed effects that hold it constant: ``"unit"`` or ``"period"`` (region x half-year); None if none do.
    note
        What is assumed of it.
    """

    key: str
    label: Text
    causes: tuple[str, ...] = ()
    column: str | None = None
    absorbed: Absorption | None = None
    note: Text | None = None


Nodes = Mapping[str, Node]
Arrow = tuple[str, str]


@dataclass(frozen=True)
class Identification:
    """Whether and how an effect can be told from data.

    Parameters
    ----------
    treatment, outcome
        Names of the nodes.
    adjustment
        Nodes to be held constant as controls; None if no valid set exists.
    minimal_sets
        All smallest valid sets, the chosen one first.
    absorbed
        Nodes held constant by the fixed effects.
    blocked_by
        Arrow (cause, effect) that opens a path nobody can close; None if identified.
    open_path
        Nodes along that path from treatment to outcome; empty if identified.
    """

    treatment: str
    outcome: str
    adjustment: tuple[str, ...] | None
    minimal_sets: tuple[tuple[str, ...], ...]
    absorbed: tuple[str, ...]
    blocked_by: Arrow | None = None
    open_path: tuple[str, ...] = ()

    @property
    def identified(self) -> bool:
        """Whether a valid adjustment set exists."""
        return self.adjustment is not None


@cache
def load_graph(path: Path | None = None) -> Nodes:
    """Read the causal graph of the catalog (or another file of the same form).

    Raises
    ------
    CatalogError
        If a cause is not a node, or the arrows form a circle.
    """
    return check_graph(load_records(path or catalog_dir() / "graph.yml", Node))


def check_graph(nodes: Nodes) -> Nodes:
    """Refuse causes that are no nodes and circles; return the nodes."""
    for node in nodes.values():
        for cause in node.causes:
            if cause not in nodes:
                hint = closest(cause, nodes)
                raise CatalogError("identification.unknown_cause", node=node.key, cause=cause, closest=hint)
    graph = arrows(nodes)
    if not nx.is_directed_acyclic_graph(graph):
        circle = [cause for cause, _ in nx.find_cycle(graph)]
        raise CatalogError("identification.circle", nodes=circle)
    return nodes


def arrows(nodes: Nodes) -> nx.DiGraph:
    """Return the graph with nodes and arrows in sorted order."""
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    graph.add_edges_from(sorted((cause, node.key) for node in nodes.values() for cause in node.causes))
    return graph


def with_arrow(nodes: Nodes, cause: str, effect: str) -> Nodes:
    """Return the graph with one more arrow, to see what would follow from it.

    Raises
    ------
    UsageError
        If a node is unknown.
    CatalogError
        If the arrow closes a circle.
    """
    for name in (cause, effect):
        _require_node(nodes, name)
    node = nodes[effect]
    causes = tuple(sorted({*node.causes, cause}))
    return check_graph({**nodes, effect: replace(node, causes=causes)})


def without_arrow(nodes: Nodes, cause: str, effect: str) -> Nodes:
    """Return the graph without one arrow.

    Raises
    ------
    UsageError
        If there is no such arrow.
    """
    _require_node(nodes, effect)
    node = nodes[effect]
    if cause not in node.causes:
        raise UsageError("identification.no_arrow", cause=cause, effect=effect)
    return {**nodes, effect: replace(node, causes=tuple(c for c in node.causes if c != cause))}


def identify(nodes: Nodes, treatment: str, outcome: str, absorbed: Iterable[Absorption] = BOTH) -> Identification:
    """Find what has to be held constant for the total effect of one node on another (back-door criterion, Pearl 1995).

    A set is valid if it holds no consequence of the treatment and d-separates treatment and outcome once the arrows
    out of the treatment are removed. What the fixed effects absorb is always held constant. Of the smallest valid sets
    the one made of direct causes of the treatment is preferred, then the first in alphabetical order.

    Parameters
    ----------
    nodes
        The graph.
    treatment, outcome
        Names of nodes.
    absorbed
        Fixed effects that the design can have; () for a single cross-section.

    Raises
    ------
    UsageError
        If a node is unknown (with the closest match).
    """
    for name in (treatment, outcome):
        _require_node(nodes, name)
    graph = arrows(nodes)
    held = frozenset(node.key for node in nodes.values() if node.absorbed in tuple(absorbed)) - {treatment, outcome}
    back_door = graph.copy()
    back_door.remove_edges_from(list(graph.out_edges(treatment)))
    candidates = _candidates(nodes, graph, treatment, outcome)
    sets = list(_smallest_sets(back_door, treatment, outcome, held, candidates, set(nodes[treatment].causes)))
    if sets:
        return Identification(treatment, outcome, sets[0], tuple(sets), tuple(sorted(held)))
    path = _open_path(back_door, treatment, outcome, held | set(candidates))
    arrow = _blocking_arrow(nodes, back_door, path)
    return Identification(treatment, outcome, None, (), tuple(sorted(held)), arrow, path)


def _require_node(nodes: Nodes, name: str) -> None:
    if name not in nodes:
        raise UsageError("identification.unknown_node", name=name, closest=closest(name, nodes) or "-")


def _candidates(nodes: Nodes, graph: nx.DiGraph, treatment: str, outcome: str) -> list[str]:
    """Return the observed nodes that may be adjusted for: no consequence of the treatment."""
    forbidden = nx.descendants(graph, treatment) | {treatment, outcome}
    return sorted(name for name in nodes if nodes[name].column is not None and name not in forbidden)


def _smallest_sets(
    back_door: nx.DiGraph,
    treatment: str,
    outcome: str,
    held: frozenset[str],
    candidates: list[str],
    causes: set[str],
) -> Iterator[tuple[str, ...]]:
    """Yield the valid sets of the smallest size, those of direct causes first."""
    relevant = [
        name for name in candidates if name in nx.ancestors(back_door, treatment) | nx.ancestors(back_door, outcome)
    ]
    for size in range(len(relevant) + 1):
        valid = [
            chosen
            for chosen in combinations(relevant, size)
            if nx.is_d_separator(back_door, {treatment}, {outcome}, held | set(chosen))
        ]
        if valid:
            yield from sorted(valid, key=lambda chosen: (sum(name not in causes for name in chosen), chosen))
            return


def _open_path(back_door: nx.DiGraph, treatment: str, outcome: str, held: frozenset[str]) -> tuple[str, ...]:
    """Return the shortest path that stays open although everything observable is held constant."""
    skeleton = back_door.to_undirected()
    for path in sorted(nx.all_simple_paths(skeleton, treatment, outcome, cutoff=6), key=lambda p: (len(p), p)):
        if _is_open(back_door, path, held):
            return tuple(path)
    return (treatment, outcome)


def _is_open(graph: nx.DiGraph, path: list[str], held: frozenset[str]) -> bool:
    for before, node, after in zip(path, path[1:], path[2:], strict=False):
        collider = graph.has_edge(before, node) and graph.has_edge(after, node)
        touched = bool(({node} | nx.descendants(graph, node)) & held)
        if (node in held) if not collider else not touched:
            return False
    return True


def _blocking_arrow(nodes: Nodes, graph: nx.DiGraph, path: tuple[str, ...]) -> Arrow:
    """Return the arrow on the path that starts at a cause nobody holds constant, nearest to the treatment."""
    for first, second in pairwise(path):
        cause, effect = (first, second) if graph.has_edge(first, second) else (second, first)
        if nodes[cause].column is None:
            return cause, effect
    return (path[1], path[0]) if graph.has_edge(path[1], path[0]) else (path[0], path[1])


def adjustment_columns(nodes: Nodes, identification: Identification) -> tuple[str, ...]:
    """Return the panel columns of the adjustment set.

    Raises
    ------
    UsageError
        If the effect is not identified.
    """
    if identification.adjustment is None:
        raise UsageError("identification.not_identified", treatment=identification.treatment)
    return tuple(str(nodes[name].column) for name in identification.adjustment)


@dataclass(frozen=True)
class GraphPicture:
    """The graph as plain data for a drawing, in both languages.

    Parameters
    ----------
    nodes
        Rows (key, label, observed, role); role is ``treatment, outcome, adjusted, absorbed, open`` or ``other``.
    arrows
        Rows (cause, effect, marked); marked on the open path.
    layers
        Depth of each node from left to right.
    """

    nodes: tuple[tuple[str, Text, bool, str], ...]
    arrows: tuple[tuple[str, str, bool], ...]
    layers: Mapping[str, int]


def picture(nodes: Nodes, identification: Identification) -> GraphPicture:
    """Return the part of the graph that matters for an effect, with its open path marked."""
    graph = arrows(nodes)
    ends = {identification.treatment, identification.outcome}
    kept = sorted(ends.union(*(nx.ancestors(graph, name) for name in ends)))
    part = graph.subgraph(kept)
    path = identification.open_path
    marked = {frozenset(pair) for pair in pairwise(path)}
    layers = {name: depth for depth, names in enumerate(nx.topological_generations(part)) for name in sorted(names)}
    rows = tuple(
        (name, nodes[name].label, nodes[name].column is not None, _role(name, identification)) for name in kept
    )
    lines = tuple((cause, effect, frozenset((cause, effect)) in marked) for cause, effect in sorted(part.edges))
    return GraphPicture(rows, lines, layers)


def _role(name: str, identification: Identification) -> str:
    roles = {
        "treatment": (identification.treatment,),
        "outcome": (identification.outcome,),
        "adjusted": identification.adjustment or (),
        "absorbed": identification.absorbed,
        "open": identification.open_path,
    }
    return next((role for role, names in roles.items() if name in names), "other")
