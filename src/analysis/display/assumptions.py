"""Edit the causal graph and see what follows: adjustment sets, what is no longer identified, and the effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Any

import pandas as pd

from analysis.claims import Claim, Declared, EffectSpec, load_declared
from analysis.claims.effects import in_unit, national_spec
from analysis.claims.frames import design_frame
from analysis.claims.sentences import not_identified_sentence
from analysis.diagnostics.falsification import estimate_of
from analysis.display.figures import BLUE, GREY, INK, RED, Document, Figure, document
from analysis.display.language import language, words
from analysis.display.results import interval_2, number
from analysis.display.shown import Shown, Table, table
from analysis.estimators import fit
from analysis.identification import (
    Arrow,
    Identification,
    Nodes,
    adjustment_columns,
    identify,
    picture,
    with_arrow,
    without_arrow,
)
from analysis.messages import render
from analysis.results import ESTIMATE_COLUMNS

COLOURS = {"treatment": BLUE, "outcome": BLUE, "adjusted": "#2e7d32", "absorbed": GREY, "open": RED, "other": "#c9d1d9"}
ROW, COLUMN_WIDTH = 70, 16
FIGURES = ("estimate", "conf_low", "conf_high")


@dataclass(frozen=True)
class Edit:
    """Changes of the declared graph.

    Parameters
    ----------
    added, removed
        Arrows (cause, effect) by the names of their nodes.
    """

    added: tuple[Arrow, ...] = ()
    removed: tuple[Arrow, ...] = ()

    def adding(self, cause: str, effect: str) -> Edit:
        """Return the edit with one more arrow; an arrow that was removed comes back instead."""
        arrow = (cause, effect)
        if arrow in self.removed:
            return replace(self, removed=tuple(item for item in self.removed if item != arrow))
        return self if arrow in self.added else replace(self, added=(*self.added, arrow))

    def removing(self, cause: str, effect: str) -> Edit:
        """Return the edit without one arrow; an arrow that was added goes again instead."""
        arrow = (cause, effect)
        if arrow in self.added:
            return replace(self, added=tuple(item for item in self.added if item != arrow))
        return self if arrow in self.removed else replace(self, removed=(*self.removed, arrow))


def edited(nodes: Nodes, edit: Edit) -> Nodes:
    """Return the graph with an edit applied.

    Raises
    ------
    UsageError
        For a node or arrow that there is not.
    CatalogError
        If an arrow closes a circle.
    """
    for cause, effect in edit.removed:
        nodes = without_arrow(nodes, cause, effect)
    for cause, effect in edit.added:
        nodes = with_arrow(nodes, cause, effect)
    return nodes


@dataclass(frozen=True)
class State:
    """One claim under one graph.

    Parameters
    ----------
    identification
        What has to be held constant, or what stands in the way.
    estimate, conf_low, conf_high
        National effect in the claim's unit; None where it is not identified or not estimable.
    """

    identification: Identification
    estimate: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None


@dataclass(frozen=True)
class Consequence:
    """What an edit does to one claim: its state under the declared graph and under the edited one."""

    claim: Claim
    before: State
    after: State

    @property
    def changed(self) -> bool:
        """Whether the adjustment set, or being identified at all, changes."""
        return self.before.identification.adjustment != self.after.identification.adjustment


def claims_of_graph(declared: Declared | None = None) -> tuple[str, ...]:
    """Return the claims whose controls follow from the graph: comparisons within units of observed quantities."""
    known = declared or load_declared()
    specs, graph = known.specs, known.graph
    return tuple(
        key
        for key, claim in known.claims.items()
        if specs[claim.spec].design == "within"
        and all(graph[node].column is not None for node in (specs[claim.spec].treatment, specs[claim.spec].outcome))
    )


def consequences(
    panel: pd.DataFrame,
    edit: Edit,
    claims: Sequence[str] | None = None,
    *,
    before: Mapping[str, State] | None = None,
) -> tuple[Consequence, ...]:
    """Work out what an edit of the graph does to claims.

    Parameters
    ----------
    panel
        See `analysis.panel.build_panel`.
    edit
        Changes of the graph.
    claims
        Keys; those of `claims_of_graph` by default.
    before
        States under the declared graph, to spare their estimation when many edits are tried: see `declared_states`.
    """
    declared = load_declared()
    listed = claims_of_graph(declared) if claims is None else claims
    known = declared_states(panel, listed) if before is None else before
    changed = replace(declared, graph=edited(declared.graph, edit))
    return tuple(
        Consequence(declared.claims[key], known[key], _state(panel, declared.claims[key], changed, edit, known[key]))
        for key in listed
    )


def declared_states(panel: pd.DataFrame, claims: Sequence[str] | None = None) -> dict[str, State]:
    """Return the state of claims under the declared graph."""
    declared = load_declared()
    listed = claims_of_graph(declared) if claims is None else claims
    return {key: _state(panel, declared.claims[key], declared, Edit()) for key in listed}


def _state(panel: pd.DataFrame, claim: Claim, declared: Declared, edit: Edit, known: State | None = None) -> State:
    """Return what a claim's effect is under a graph; the same controls as before give the same figures."""
    spec = declared.specs[claim.spec]
    found = _identified(edit, spec.treatment, spec.outcome)
    if not found.identified:
        return State(found)
    if known is not None and known.identification.adjustment == found.adjustment:
        return replace(known, identification=found)
    row = _national(panel, spec, declared, found)
    return State(found) if row is None else State(found, *(float(row[name]) for name in FIGURES))


@lru_cache(maxsize=512)
def _identified(edit: Edit, treatment: str, outcome: str) -> Identification:
    """Return what has to be held constant under an edit; several claims ask for the same pair."""
    return identify(edited(load_declared().graph, edit), treatment, outcome)


def _national(
    panel: pd.DataFrame, spec: EffectSpec, declared: Declared, found: Identification
) -> Mapping[str, Any] | None:
    frame = design_frame(panel, spec)
    controls = adjustment_columns(declared.graph, found)
    outcome = str(declared.graph[spec.outcome].column)
    result = fit(frame, national_spec(frame, spec, controls, outcome, declared.rules))
    row = estimate_of(result, spec.term)
    return None if row is None else in_unit({name: row[name] for name in ESTIMATE_COLUMNS}, spec)


def told(found: Sequence[Consequence], edit: Edit, lang: str | None = None) -> Shown:
    """Return consequences in words: the edit, then claim by claim controls and effect before and after."""
    chosen = language(lang)
    nodes = edited(load_declared().graph, edit)
    names = ("claim", "held_before", "effect_before", "held_after", "effect_after")
    header = [words(f"head.{name}", chosen) for name in names]
    rows = [
        (item.claim.label.text(chosen), *_cells(item.before, nodes, chosen), *_cells(item.after, nodes, chosen))
        for item in found
    ]
    changed = words("graph_changes", chosen, n=sum(item.changed for item in found), of=len(found))
    sentences = [_blocked(item, nodes, chosen) for item in found if not item.after.identification.identified]
    parts: list[str | Table] = [edit_sentence(edit, chosen), changed, table(header, rows, words=(0, 1, 3)), *sentences]
    return Shown(tuple(parts), chosen)


def edit_sentence(edit: Edit, lang: str) -> str:
    """Return what was changed in the graph."""
    nodes = load_declared().graph
    if edit == Edit():
        return words("graph_declared", lang)
    parts = [
        words(f"graph_{kind}", lang, cause=nodes[cause].label.text(lang), effect=nodes[effect].label.text(lang))
        for kind, arrows in (("added", edit.added), ("removed", edit.removed))
        for cause, effect in arrows
    ]
    return " ".join(parts)


def _cells(found: State, nodes: Nodes, lang: str) -> tuple[str, str]:
    if found.identification.adjustment is None:
        return words("graph_no_set", lang), render("report.verdict.not_identified", lang, {})
    held = ", ".join(nodes[name].label.text(lang) for name in found.identification.adjustment) or "–"
    if found.estimate is None or found.conf_low is None or found.conf_high is None:
        return held, "–"
    return held, f"{number(found.estimate, lang, 2)} ({interval_2(found.conf_low, found.conf_high, lang)})"


def _blocked(item: Consequence, nodes: Nodes, lang: str) -> str:
    reason = not_identified_sentence(nodes, item.after.identification, measured_once=False)
    return words("graph_blocked", lang, claim=item.claim.label.text(lang), reason=reason)


def graph_figure(found: Consequence, edit: Edit, lang: str | None = None) -> Figure:
    """Draw the part of the edited graph that matters for a claim: causes to the left, the open path in red."""
    chosen = language(lang)
    nodes = edited(load_declared().graph, edit)
    drawn = picture(nodes, found.after.identification)
    places = _places(drawn.layers)
    arrows = [_arrow(places[a], places[b], marked, (a, b) in edit.added) for a, b, marked in drawn.arrows]
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [places[key][0] for key, _, _, _ in drawn.nodes],
        "y": [places[key][1] for key, _, _, _ in drawn.nodes],
        "text": [_wrapped(label.text(chosen)) for _, label, _, _ in drawn.nodes],
        "textposition": "bottom center",
        "textfont": {"size": 12, "color": INK},
        "marker": {
            "size": 16,
            "color": [COLOURS[role] for _, _, _, role in drawn.nodes],
            "symbol": ["circle" if seen else "circle-open" for _, _, seen, _ in drawn.nodes],
        },
        "hoverinfo": "text",
    }
    hidden = {"visible": False}
    height = 160 + ROW * max(list(drawn.layers.values()).count(layer) for layer in drawn.layers.values())
    title = found.claim.label.text(chosen)
    layout = {"xaxis": hidden, "yaxis": hidden, "annotations": arrows}
    return Figure(document([trace], chosen, title, height, **layout), _graph_alt(found, nodes, chosen))


def _graph_alt(found: Consequence, nodes: Nodes, lang: str) -> str:
    held, effect = _cells(found.after, nodes, lang)
    return words("graph_alt", lang, claim=found.claim.label.text(lang), held=held, effect=effect)


def _places(layers: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    by_layer: dict[int, list[str]] = {}
    for name, layer in layers.items():
        by_layer.setdefault(layer, []).append(name)
    places = {}
    for layer, names in by_layer.items():
        for row, name in enumerate(sorted(names)):
            # A layer with one node fewer than its neighbour would put arrows through names: each is moved a little.
            places[name] = (float(layer), round((len(names) - 1) / 2 - row + 0.18 * (layer % 2), 3))
    return places


def _arrow(start: tuple[float, float], end: tuple[float, float], marked: bool, added: bool) -> Document:
    ends = {"ax": start[0], "ay": start[1], "x": end[0], "y": end[1], "text": ""}
    axes = {"axref": "x", "ayref": "y", "xref": "x", "yref": "y", "showarrow": True, "standoff": 10, "startstandoff": 8}
    colour = RED if marked else BLUE if added else "#a6b0ba"
    return {**ends, **axes, "arrowhead": 2, "arrowwidth": 2.5 if marked or added else 1, "arrowcolor": colour}


def _wrapped(text: str) -> str:
    import textwrap

    return "<br>".join(escape(line, quote=False) for line in textwrap.wrap(text, COLUMN_WIDTH))
