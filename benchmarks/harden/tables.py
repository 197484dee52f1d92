"""Random releases of tables, protected and then attacked.

``python -m benchmarks.harden.tables [--long]`` draws systems of units in regions, provinces and a nation with row sums
(and, in half of them, means with known numbers of answers), protects them, and bounds every small cell by a linear
programme of its own over the whole system, written without the project's code.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from benchmarks.harden.results import write_result
from scipy import sparse
from scipy.optimize import linprog

from analysis.disclosure.rules import load_rules
from analysis.disclosure.secondary import Tables, equations_of, protect

SEED = 20_250_817
SYSTEMS = {"short": 60, "long": 1000}
CATEGORIES = 2
UNBOUNDED = 3


def system(rng: np.random.Generator, with_means: bool) -> Tables:
    """Units by category with row sums, added up to regions, provinces and the nation."""
    rows: list[np.ndarray] = []
    totals: list[tuple[int, list[int]]] = []
    width = CATEGORIES + 1

    def leaf() -> int:
        parts = rng.negative_binomial(1.2, 0.06, size=CATEGORIES).astype(float)
        answers = parts * rng.uniform(1, 4, size=CATEGORIES)
        rows.append(np.stack([np.append(parts, parts.sum()), np.append(answers, answers.sum())]))
        return len(rows) - 1

    def parent(children: list[int]) -> int:
        rows.append(sum(rows[child] for child in children))
        at = len(rows) - 1
        totals.extend((at * width + k, [child * width + k for child in children]) for k in range(width))
        return at

    provinces = [
        parent([parent([leaf() for _ in range(rng.integers(1, 6))]) for _ in range(rng.integers(1, 4))])
        for _ in range(rng.integers(2, 4))
    ]
    parent(provinces)
    totals += [(row * width + CATEGORIES, [row * width + k for k in range(CATEGORIES)]) for row in range(len(rows))]
    values = np.stack(rows, axis=1).reshape(2, -1)
    equations = equations_of(values.shape[1], totals)
    return Tables(values[0], equations, values[1][:, None]) if with_means else Tables(values[0], equations)


def learnt(tables: Tables, hidden: np.ndarray, cell: int) -> float:
    """Return the width of what the whole release tells of a withheld count."""
    n, m = len(tables.counts), tables.n_means
    equal = sparse.block_diag([tables.equations] * (m + 1), format="csr")
    values = np.concatenate([tables.counts, *tables.sums.T]) if m else tables.counts
    shown = np.tile(~hidden, m + 1)
    bounds = [(v, v) if s else (0, None) for v, s in zip(values, shown, strict=True)]
    limits: dict[str, object] = {}
    if m:
        eye = sparse.eye_array(n)
        limits = {
            "A_ub": sparse.block_array([[eye, -eye], [-4 * eye, eye]], format="csr"),
            "b_ub": np.full(2 * n, 1e-6),
        }
    ends = []
    for sign in (1, -1):
        goal = np.zeros(len(values))
        goal[cell] = sign
        solved = linprog(goal, A_eq=equal, b_eq=equal @ values, bounds=bounds, method="highs-ds", **limits)
        if solved.status == UNBOUNDED:
            return float("inf")
        ends.append(sign * solved.fun if solved.status == 0 else 0.0)
    return float(ends[1] - ends[0])


def main(long: bool) -> dict[str, object]:
    rng = np.random.default_rng(SEED)
    rules = load_rules()
    found = {"systems": 0, "cells": 0, "small_cells": 0, "withheld_besides": 0, "small_cells_bounded": 0}
    unprotected = 0
    for number in range(SYSTEMS["long" if long else "short"]):
        tables = system(rng, with_means=number % 2 == 1)
        small = (tables.counts > 0) & (tables.counts < rules.min_respondents)
        hidden = protect(tables, small, rules.protection_width)
        cells = np.flatnonzero(small)
        found["systems"] += 1
        found["cells"] += len(small)
        found["small_cells"] += len(cells)
        found["withheld_besides"] += int((hidden & ~small).sum())
        found["small_cells_bounded"] += sum(learnt(tables, hidden, int(i)) <= rules.protection_width for i in cells)
        unprotected += sum(learnt(tables, small, int(i)) <= rules.protection_width for i in cells[:3])
    return {**found, "bounded_without_secondary_suppression_among_first_three": unprotected}


if __name__ == "__main__":
    figures = main("--long" in sys.argv)
    print(json.dumps(figures, indent=1))
    write_result("tables", figures)
