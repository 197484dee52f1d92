"""The causal graph around every claim, as data for a drawing; a study may bring a graph of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.catalog import Catalog
from analysis.claims import identification_of, load_declared
from analysis.claims.records import FILES
from analysis.identification import Identification, Nodes, picture
from analysis.results import NO_CHOICES

GRAPH_FILE = "graph.yml"


@contextmanager
def catalog_of_study(directory: Path, catalog: Catalog) -> Iterator[Catalog]:
    """Give the catalog with the study's own ``graph.yml`` in place of its own, where there is one.

    Adjustment sets, estimates and verdicts follow from it; the printed hash of what was declared changes with it.
    """
    own = directory / GRAPH_FILE
    if not own.is_file():
        yield catalog
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            shutil.copy(own if name == GRAPH_FILE else catalog.folder / name, Path(folder) / name)
        yield replace(catalog, folder=Path(folder))


def graph_table(catalog: Catalog) -> pd.DataFrame:
    """Return one row per claim with a causal effect: claim, spec, graph (see `graph_data`)."""
    declared = load_declared(catalog.folder)
    rows = []
    for claim in declared.claims.values():
        spec = declared.specs[claim.spec]
        if spec.design == "trend":
            continue
        found = identification_of(spec, declared)
        rows.append({"claim": claim.key, "spec": spec.key, "graph": graph_data(declared.graph, found)})
    return pd.DataFrame(rows, columns=list(NO_CHOICES["graphs"]))


def graph_data(nodes: Nodes, found: Identification) -> dict[str, Any]:
    """Return the graph around an effect as plain data.

    Returns
    -------
    dict
        ``nodes`` (``id``, ``label`` in both languages, ``x`` place within its layer, ``y`` layer, ``role``,
        ``observed``), ``edges`` (``from``, ``to``, ``kind``: ``open`` on the open path, ``blocked`` for the arrow that
        nobody can close, ``held`` out of what is held constant, else ``plain``), ``open_path``, ``adjust``,
        ``steady`` (``id``, ``label`` of what the fixed effects hold constant; their arrows are left
        out), ``identified``, ``blocked_by``.
    """
    drawn = picture(nodes, found)
    seen: dict[int, int] = {}
    places = []
    steady = []
    for key, label, observed, role in drawn.nodes:
        if role == "absorbed":
            # Arrows out of these reach nearly every node and would hide the rest.
            steady.append({"id": key, "label": {"id": label.id, "en": label.en}})
            continue
        layer = drawn.layers[key]
        seen[layer] = seen.get(layer, -1) + 1
        wording = {"id": label.id, "en": label.en}
        places.append({"id": key, "label": wording, "x": seen[layer], "y": layer, "role": role, "observed": observed})
    held = {*(found.adjustment or ()), *found.absorbed}
    path = {frozenset(pair) for pair in pairwise(found.open_path)}
    edges = [
        {"from": cause, "to": effect, "kind": _kind(cause, effect, found, path, held)}
        for cause, effect, _ in drawn.arrows
        if cause not in found.absorbed and effect not in found.absorbed
    ]
    return {
        "nodes": places,
        "edges": edges,
        "open_path": list(found.open_path),
        "adjust": list(found.adjustment or ()),
        "steady": steady,
        "identified": found.identified,
        "blocked_by": list(found.blocked_by) if found.blocked_by else None,
    }


def _kind(cause: str, effect: str, found: Identification, path: set[frozenset[str]], held: set[str]) -> str:
    if found.blocked_by == (cause, effect):
        return "blocked"
    if frozenset((cause, effect)) in path:
        return "open"
    return "held" if cause in held else "plain"
