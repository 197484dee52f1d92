"""Secondary suppression: what is withheld cannot be worked out; attacked by a programme of its own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.disclosure.secondary import Tables, _partner, audit, bounded_cells, equations_of, protect

WIDTH = 5


def star(parts: list[float]) -> Tables:
    """One total (cell 0) of some parts."""
    return Tables(
        np.array([sum(parts), *parts], dtype=float), equations_of(len(parts) + 1, [(0, range(1, len(parts) + 1))])
    )


def nested(rng: np.random.Generator, sums: bool = False) -> Tables:
    """Units in regions in provinces in a nation, by two kinds of service with row sums: one system."""
    counts: list[float] = []
    totals: list[tuple[int, list[int]]] = []

    def add(parts: list[tuple[int, int, int]] | None, low: int = 0, high: int = 40) -> tuple[int, int, int]:
        if parts is None:
            pair = [float(rng.integers(low, high)), float(rng.integers(low, high))]
        else:
            pair = [sum(counts[part[k]] for part in parts) for k in range(2)]
        at = len(counts)
        counts.extend([*pair, sum(pair)])
        totals.append((at + 2, [at, at + 1]))
        if parts is not None:
            totals.extend((at + k, [part[k] for part in parts]) for k in range(3))
        return at, at + 1, at + 2

    provinces = [
        add([add([add(None) for _ in range(rng.integers(1, 4))]) for _ in range(rng.integers(1, 4))]) for _ in range(2)
    ]
    add(provinces)
    values = np.array(counts)
    means = rng.uniform(1, 4, size=(len(values), 2))
    tables = Tables(values, equations_of(len(values), totals))
    return tables if not sums else Tables(values, tables.equations, _consistent(tables, values[:, None] * means))


def _consistent(tables: Tables, sums: np.ndarray) -> np.ndarray:
    """Sums of answers whose totals are those of their parts; parts stand before their totals."""
    matrix = tables.equations.toarray()
    for row in matrix[np.argsort([np.flatnonzero(r > 0)[0] for r in matrix])]:
        sums[np.flatnonzero(row > 0)[0]] = sums[row < 0].sum(axis=0)
    return sums


def small_of(tables: Tables) -> np.ndarray:
    return (tables.counts > 0) & (tables.counts < 10)


def attack(tables: Tables, hidden: np.ndarray, cell: int) -> float:
    """Width of what can be learnt of a cell, by the simplest programme over all cells, with the dual simplex."""
    bounds = [(0, None) if h else (v, v) for h, v in zip(hidden, tables.counts, strict=True)]
    goal = np.zeros(len(hidden))
    goal[cell] = 1
    zero = np.zeros(tables.equations.shape[0])
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * goal, A_eq=tables.equations, b_eq=zero, bounds=bounds, method="highs-ds")
        if solved.status == 3:
            return np.inf
        assert solved.status == 0
        ends.append(sign * solved.fun)
    return ends[1] - ends[0]


def test_a_single_withheld_cell_is_known() -> None:
    tables = star([3, 20, 30])
    hidden = np.array([False, True, False, False])
    assert audit(tables, hidden, hidden)[1] == 0
    assert np.isnan(audit(tables, hidden, hidden)[[0, 2, 3]]).all()


def test_a_shown_small_cell_is_known() -> None:
    tables = star([3, 20])
    assert audit(tables, np.zeros(3, dtype=bool), small_of(tables))[1] == 0


def test_the_cheapest_partner_is_taken() -> None:
    tables = star([3, 50, 20, 30])
    assert np.flatnonzero(protect(tables, small_of(tables), WIDTH)).tolist() == [1, 3]


def test_a_cost_of_ones_own_decides() -> None:
    tables = star([3, 50, 20, 30])
    cost = np.array([9.0, 0.0, 1.0, 2.0, 3.0])
    assert np.flatnonzero(protect(tables, small_of(tables), WIDTH, cost)).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("parts", "hidden"), [([2, 3, 20], [1, 2, 3]), ([2, 4, 20], [1, 2]), ([3, 20], [1, 2]), ([4], [0, 1])]
)
def test_width_is_what_is_withheld_together(parts: list[float], hidden: list[int]) -> None:
    """Two and three make five, which is not wider than five; two and four do."""
    tables = star(parts)
    small = (tables.counts < 10) & (np.arange(len(tables.counts)) > 0)
    assert np.flatnonzero(protect(tables, small, WIDTH)).tolist() == hidden


def test_a_withheld_total_bounds_nothing() -> None:
    tables = star([3, 20])
    hidden = np.array([True, True, False])
    assert audit(tables, hidden, np.array([False, True, False]))[1] == np.inf


def test_a_cell_outside_of_all_sums_is_free() -> None:
    tables = Tables(np.array([3.0, 5.0]), equations_of(2, []))
    assert audit(tables, np.array([True, False]), np.array([True, False]))[0] == np.inf


def test_nothing_small_withholds_nothing() -> None:
    tables = star([30, 20])
    assert not protect(tables, small_of(tables), WIDTH).any()
    assert bounded_cells(tables, np.zeros(3, dtype=bool), np.zeros(3, dtype=bool), WIDTH).size == 0


def test_equations_are_totals_less_their_parts() -> None:
    matrix = equations_of(4, [(0, [1, 2]), (3, [0])]).toarray()
    assert matrix.tolist() == [[1, -1, -1, 0], [-1, 0, 0, 1]]


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_of_a_release_is_bounded(seed: int) -> None:
    """Units, regions, provinces and the nation with row sums, attacked with all that is shown."""
    tables = nested(np.random.default_rng(seed))
    small = small_of(tables)
    hidden = protect(tables, small, WIDTH)
    assert (hidden >= small).all()
    assert not hidden.all()
    # Tolerance of the simplex method.
    assert all(attack(tables, hidden, int(cell)) > WIDTH + 1e-7 for cell in np.flatnonzero(small))


@pytest.mark.parametrize("seed", range(6))
def test_the_audit_sees_what_the_attack_sees(seed: int) -> None:
    """Also where cells are withheld carelessly: only the small ones."""
    tables = nested(np.random.default_rng(100 + seed))
    small = small_of(tables)
    widths = audit(tables, small, small)
    for cell in np.flatnonzero(small):
        assert widths[cell] == pytest.approx(attack(tables, small, int(cell)), abs=1e-6)


def test_means_with_known_numbers_tighten_what_is_known() -> None:
    """Two units withheld in both tables of a cross: the sums of answers pin the counts that the counts leave open."""
    #      A  B | total        counts: rows 3+17 and 17+3, columns likewise
    counts = np.array([3, 17, 20, 17, 3, 20, 20, 20, 40.0])
    totals = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7]), (6, [0, 3]), (7, [1, 4]), (8, [2, 5])]
    plain = Tables(counts, equations_of(9, totals))
    hidden = np.array([True, True, False, True, True, False, False, False, False])
    small = np.array([True, False, False, False, True, False, False, False, False])
    assert audit(plain, hidden, small)[0] == pytest.approx(20)
    answers = np.array([3 * 4.0, 17 * 1.0, 0, 17 * 1.0, 3 * 4.0, 0, 0, 0, 0])
    sums = _consistent(plain, answers[:, None].copy())
    joint = audit(Tables(counts, plain.equations, sums), hidden, small)[0]
    # 4 n1 >= s1, n1 <= s1 and the sum s1 + s2 = 29 leave the count between 0 and 29 answers: the sum is free, the
    # count of the other cell has to carry what is left: 4 (20 - n) >= 29 - 4 n, always; n <= 29 - (20 - n): always.
    assert joint <= audit(plain, hidden, small)[0] + 1e-6
    assert protect(Tables(counts, plain.equations, sums), small, WIDTH).sum() >= 4


@pytest.mark.parametrize("seed", range(4))
def test_counts_and_means_together_are_protected(seed: int) -> None:
    tables = nested(np.random.default_rng(300 + seed), sums=True)
    assert np.abs(tables.equations @ tables.sums).max() < 1e-9
    small = small_of(tables)
    hidden = protect(tables, small, WIDTH)
    assert bounded_cells(tables, hidden, small, WIDTH).size == 0
    without_means = protect(Tables(tables.counts, tables.equations), small, WIDTH)
    assert hidden.sum() >= without_means.sum() - 3


def test_a_mean_at_the_end_of_the_scale_pins_the_count() -> None:
    """If all answers withheld are the highest, the sum of answers is four times the count, but no count follows."""
    tables = Tables(
        np.array([40.0, 3, 17, 20]), equations_of(4, [(0, [1, 2, 3])]), np.array([[160.0], [12], [68], [80]])
    )
    hidden = np.array([False, True, True, False])
    assert audit(tables, hidden, np.array([False, True, False, False]))[1] == 20
    cross = Tables(tables.counts, equations_of(4, [(0, [1, 2, 3]), (0, [1, 2, 3])]), tables.sums)
    # The same system written twice goes through the programme; the widths are those of the closed form.
    assert audit(cross, hidden, np.array([False, True, False, False]))[1] == pytest.approx(20)


def test_a_large_release_is_decomposed() -> None:
    """A hundred regions with their units: components stay small, so that no programme is solved at all."""
    rng = np.random.default_rng(5)
    counts, totals = [], []
    for _ in range(100):
        parts = rng.integers(3, 60, size=12).astype(float).tolist()
        totals.append((len(counts), list(range(len(counts) + 1, len(counts) + 13))))
        counts += [sum(parts), *parts]
    tables = Tables(np.array(counts), equations_of(len(counts), totals))
    small = small_of(tables)
    hidden = protect(tables, small, WIDTH)
    assert bounded_cells(tables, hidden, small, WIDTH).size == 0
    assert hidden.sum() < small.sum() + 100


def test_answers_at_the_ends_of_the_scale_pin_the_counts_of_a_cross() -> None:
    """One row answered nothing but 4, the other nothing but 1: sums of the columns tell who stands where."""
    counts = np.array([3, 17, 20, 17, 3, 20, 20, 20, 40.0])
    totals = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7]), (6, [0, 3]), (7, [1, 4]), (8, [2, 5])]
    plain = Tables(counts, equations_of(9, totals))
    hidden = np.array([True, True, False, True, True, False, False, False, False])
    small = np.array([True, False, False, False, True, False, False, False, False])
    answers = np.array([3 * 4.0, 17 * 4.0, 0, 17 * 1.0, 3 * 1.0, 0, 0, 0, 0])
    joint = Tables(counts, plain.equations, _consistent(plain, answers[:, None].copy()))
    assert audit(plain, hidden, small)[[0, 4]] == pytest.approx([20, 20])
    assert audit(joint, hidden, small)[[0, 4]] == pytest.approx([0, 0], abs=1e-6)
    wider = Tables(counts, plain.equations, joint.sums, scale=(0.0, 5.0))
    assert audit(wider, hidden, small)[0] > 1
    assert bounded_cells(joint, hidden, small, WIDTH).tolist() == [0, 4]
    assert protect(joint, small, WIDTH).sum() > protect(plain, small, WIDTH).sum()


def test_the_narrower_of_count_and_sum_of_answers_decides() -> None:
    """Two tables of means over one cross; in the second everybody gave the same answer, in the first they did not."""
    counts = np.array([6, 14, 20, 14, 6, 20, 20, 20, 40.0])
    totals = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7]), (6, [0, 3]), (7, [1, 4]), (8, [2, 5])]
    plain = Tables(counts, equations_of(9, totals))
    hidden = np.isin(np.arange(9), [0, 1, 3, 4])
    small = np.isin(np.arange(9), [0, 4])
    first, second = counts * 2.0, np.array([6 * 4.0, 14 * 4, 0, 14, 6, 0, 0, 0, 0])
    sums = _consistent(plain, np.stack([first, second], axis=1))
    alone = audit(Tables(counts, plain.equations, sums[:, :1]), hidden, small)[0]
    assert alone == pytest.approx(20)
    for order in ([0, 1], [1, 0]):
        assert audit(Tables(counts, plain.equations, sums[:, order]), hidden, small)[0] == pytest.approx(0, abs=1e-6)


def test_a_sum_that_fixes_a_cell_alone_is_opened_first() -> None:
    """The cheap cell 5 shares a sum with the small one too, but withholding it would not help."""
    #                  total 0 = 1 + 2, total 3 = 1 + 4 + 5
    counts = np.array([53, 3, 50, 40, 30, 7.0])
    tables = Tables(counts, equations_of(6, [(0, [1, 2]), (3, [1, 4, 5])]))
    cost = np.append(counts[:3], [60, 30, 7])
    together = np.isin(np.arange(6), [1, 4])
    assert _partner(tables, together, 1, cost) == 2
    assert _partner(tables, together, 4, cost) == 5
    assert _partner(tables, np.isin(np.arange(6), [1]), 1, cost) == 5
    assert _partner(tables, np.ones(6, dtype=bool), 1, cost) is None
    ties = np.full(6, 2.0)
    assert _partner(tables, together, 4, ties) == 3


def test_an_interval_as_wide_as_the_rule_is_still_bounded() -> None:
    tables = star([2, 3, 20])
    hidden = np.array([False, True, True, False])
    assert bounded_cells(tables, hidden, hidden, WIDTH).tolist() == [1, 2]
    assert bounded_cells(tables, hidden, hidden, WIDTH - 1).tolist() == []


def test_a_total_costs_more_than_any_of_its_parts() -> None:
    """The region is withheld only where no unit is left."""
    tables = star([3, 900])
    assert np.flatnonzero(protect(tables, small_of(tables), WIDTH)).tolist() == [1, 2]


def test_partners_are_looked_for_beyond_the_sums_of_a_cell() -> None:
    """The whole first sum is withheld and still too narrow; the next cell is found through the second."""
    counts = np.array([4, 1, 3, 60, 56.0])
    tables = Tables(counts, equations_of(5, [(0, [1, 2]), (3, [0, 4])]))
    small = np.array([True, True, True, False, False])
    hidden = protect(tables, small, WIDTH)
    assert hidden.tolist() == [True, True, True, False, True]
    assert audit(tables, hidden, small)[[0, 1, 2]] == pytest.approx([60, 60, 60])
