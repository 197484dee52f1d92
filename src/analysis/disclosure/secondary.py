"""Secondary suppression: no withheld cell can be worked out from the cells and totals that are shown.

All tables of a release form one linear system: every total is the sum of its parts (units, regions, provinces,
nation; rows and columns). Who reads the release knows the shown cells exactly, that counts are not negative, and, for
means with a known number of answers, the sum of the answers and the scale it lies in. What can be learnt of a withheld
cell is the interval between its smallest and largest value in that system, found by linear programming; it has to be
wider than the rule says (Fischetti and Salazar 2001; Cox 1995). Shown cells that are rounded are treated as exact,
which errs on the side of protection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy  # loads its parts when they are first used, which a run with a stored study never does

from analysis.results import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

_TOLERANCE = 1e-6
_UNBOUNDED, _OPTIMAL = 3, 0


@dataclass(frozen=True, eq=False)
class Tables:
    """All cells of a release and what adds up to what.

    Parameters
    ----------
    counts
        Exact number of people in every cell, shape (n_cells,).
    equations
        Rows with 1 for a total and -1 for its parts, shape (n_equations, n_cells); ``equations @ counts`` is zero.
    sums
        Sums of the answers in every cell (mean times number), one column a mean, shape (n_cells, n_means).
    scale
        Smallest and largest answer; a sum lies between them times the count.
    """

    counts: FloatArray
    equations: scipy.sparse.csr_array
    sums: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    scale: tuple[float, float] = (1.0, 4.0)

    @property
    def n_means(self) -> int:
        """Number of means of every cell."""
        return int(self.sums.shape[1])


def equations_of(n_cells: int, totals: Iterable[tuple[int, Sequence[int]]]) -> scipy.sparse.csr_array:
    """Return the matrix of sums from pairs of a total and its parts."""
    rows, columns, values = [], [], []
    count = 0
    for total, parts in totals:
        rows += [count] * (len(parts) + 1)
        columns += [total, *parts]
        values += [1.0] + [-1.0] * len(parts)
        count += 1
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(count, n_cells))


def audit(tables: Tables, hidden: BoolArray, small: BoolArray) -> FloatArray:
    """Return how closely each small cell is bounded by what is shown.

    Parameters
    ----------
    tables
        The system.
    hidden
        Cells that are withheld; every small cell is one of them.
    small
        Cells that have to be protected.

    Returns
    -------
    numpy.ndarray
        Width of the interval of the count of every small cell (or of a sum of its answers, if that is narrower);
        infinite where nothing bounds it, NaN for other cells, 0 for a small cell that is shown.
    """
    widths = np.full(len(tables.counts), np.nan)
    widths[small & ~hidden] = 0.0
    for cells, rows in _components(tables, hidden):
        wanted = cells[small[cells]]
        if len(wanted):
            widths[wanted] = _widths(tables, cells, rows, wanted)
    return widths


def protect(tables: Tables, small: BoolArray, width: float, cost: FloatArray | None = None) -> BoolArray:
    """Return which cells have to be withheld so that no small cell is bounded within `width`.

    Parameters
    ----------
    tables
        The system.
    small
        Cells that are withheld for their own sake.
    width
        An interval of this width or less discloses a cell.
    cost
        What is lost with each cell, the number of people by default; totals cost more than their parts.

    Returns
    -------
    numpy.ndarray
        The small cells and those withheld with them. Cells are added one by one, the cheapest that shares a sum with
        a cell still bounded, until the audit passes; it ends at the latest when all cells of the sums are withheld.
    """
    hidden = small.copy()
    cost = _cost(tables) if cost is None else cost
    open_cells = small
    while True:
        widths = audit(tables, hidden, open_cells)
        bounded = np.flatnonzero(widths <= width + _TOLERANCE)
        added = {cell for cell in (_partner(tables, hidden, int(i), cost) for i in bounded) if cell is not None}
        if not added:
            return hidden
        hidden[sorted(added)] = True
        open_cells = small & _touched(tables, hidden, sorted(added))


def bounded_cells(tables: Tables, hidden: BoolArray, small: BoolArray, width: float) -> IntArray:
    """Return the small cells that are still bounded within `width`."""
    return np.flatnonzero(audit(tables, hidden, small) <= width + _TOLERANCE)


def _cost(tables: Tables) -> FloatArray:
    is_total = np.zeros(len(tables.counts))
    coo = tables.equations.tocoo()
    is_total[coo.coords[1][coo.data > 0]] = 1.0
    return np.asarray(tables.counts + is_total * (tables.counts.max(initial=0.0) + 1.0))


def _partner(tables: Tables, hidden: BoolArray, cell: int, cost: FloatArray) -> int | None:
    """Return the cheapest shown cell that shares a sum with a bounded cell, a sum that fixes it alone first."""
    columns = tables.equations.tocsc()
    reached, todo = {cell}, [cell]
    while todo:
        rows = np.unique(np.concatenate([columns.indices[columns.indptr[i] : columns.indptr[i + 1]] for i in todo]))
        members = [_cells_of(tables.equations, int(row)) for row in rows]
        alone = [cells for cells in members if hidden[cells].sum() == 1]
        free = np.unique(np.concatenate([np.zeros(0, int), *(alone or members)]))
        free = free[~hidden[free]]
        if len(free):
            return int(free[np.lexsort((free, cost[free]))][0])
        todo = [int(i) for cells in members for i in cells if int(i) not in reached]
        reached.update(todo)
    return None


def _cells_of(equations: scipy.sparse.csr_array, row: int) -> IntArray:
    return np.asarray(equations.indices[equations.indptr[row] : equations.indptr[row + 1]], dtype=np.int64)


def _touched(tables: Tables, hidden: BoolArray, added: list[int]) -> BoolArray:
    """Return the cells whose part of the system changed."""
    found = np.zeros(len(hidden), dtype=bool)
    for cells, _ in _components(tables, hidden):
        if np.isin(added, cells).any():
            found[cells] = True
    return found


def _components(tables: Tables, hidden: BoolArray) -> list[tuple[IntArray, IntArray]]:
    """Return the independent parts of the system of withheld cells: their cells and equations.

    Shown cells are constants, so parts that share only shown cells have nothing to do with each other.
    """
    cells = np.flatnonzero(hidden)
    if not len(cells):
        return []
    inner = tables.equations[:, cells]
    labels = scipy.sparse.csgraph.connected_components(
        abs(inner.T @ inner) + scipy.sparse.eye_array(len(cells)), directed=False
    )[1]
    coo = inner.tocoo()
    pairs = np.unique(np.stack([labels[coo.coords[1]], coo.coords[0]]), axis=1)
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels))
    rows = np.split(pairs[1], np.searchsorted(pairs[0], np.arange(1, len(ends))))
    return list(zip(np.split(cells[order], ends[:-1]), rows, strict=True))


def _widths(tables: Tables, cells: IntArray, rows: IntArray, wanted: IntArray) -> FloatArray:
    if not len(rows):
        return np.full(len(wanted), np.inf)
    inner = tables.equations[rows][:, cells].toarray()
    if len(rows) == 1 and (inner != 0).all():
        return _of_one_sum(inner[0], tables.counts[cells], len(wanted))
    return _by_programme(tables, inner, cells, wanted)


def _of_one_sum(signs: FloatArray, counts: FloatArray, n: int) -> FloatArray:
    """Return the widths where one sum holds all withheld cells, without solving anything.

    Alone a cell is known; several parts of a known total may each be anything from nothing to all of what is
    withheld; with the total withheld too nothing bounds them. Sums of answers leave the same room: who has no part
    in the count has none in the sum, and who has all of it has all of the sum.
    """
    if len(signs) == 1:
        return np.zeros(n)
    return np.full(n, np.inf if (signs > 0).any() else counts.sum())


def _by_programme(tables: Tables, inner: FloatArray, cells: IntArray, wanted: IntArray) -> FloatArray:
    """Return the widths by linear programming over counts and sums of answers together."""
    m, n = tables.n_means, len(cells)
    known = inner @ tables.counts[cells]
    blocks = [[inner if i == j else None for j in range(m + 1)] for i in range(m + 1)]
    equal = scipy.sparse.block_array(blocks, format="csr") if m else scipy.sparse.csr_array(inner)
    right = np.concatenate([known, *(inner @ tables.sums[cells, k] for k in range(m))])
    upper = _scale_rows(n, m, tables.scale)
    widths = []
    for cell in wanted:
        place = int(np.flatnonzero(cells == cell)[0])
        widths.append(min(_width(place + k * n, equal, right, upper) for k in range(m + 1)))
    return np.asarray(widths)


def _scale_rows(n: int, m: int, scale: tuple[float, float]) -> scipy.sparse.csr_array | None:
    """Return rows that keep every sum between the ends of the scale times the count; right-hand sides are zero."""
    if not m:
        return None
    eye = scipy.sparse.eye_array(n)
    rows = []
    for k in range(m):
        for factor, sign in ((scale[0], -1.0), (-scale[1], 1.0)):
            rows.append([factor * eye, *(sign * eye if j == k else scipy.sparse.csr_array((n, n)) for j in range(m))])
    return scipy.sparse.block_array(rows, format="csr")


def _width(place: int, equal: scipy.sparse.csr_array, right: FloatArray, upper: scipy.sparse.csr_array | None) -> float:
    ends = []
    for sign in (1.0, -1.0):
        goal = np.zeros(equal.shape[1])
        goal[place] = sign
        limits = {} if upper is None else {"A_ub": upper, "b_ub": np.zeros(upper.shape[0])}
        solved = scipy.optimize.linprog(goal, A_eq=equal, b_eq=right, bounds=(0, None), method="highs", **limits)
        if solved.status == _UNBOUNDED:
            return np.inf
        if solved.status != _OPTIMAL:
            # Never taken for protection: what cannot be solved counts as bounded.
            return 0.0
        ends.append(sign * solved.fun)
    return float(ends[1] - ends[0])
