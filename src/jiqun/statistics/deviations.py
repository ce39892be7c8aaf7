"""Deviations from a table's true values that its sums allow: the linear programmes of whoever attacks or hides.

An attacker knows every published cell, that parents are the sums of their children, and that no amount is negative.
Written in deviations f from the true values: relations * f = 0, f >= -value, and f = 0 for all that is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

TOLERANCE = 1e-6  # of what is needed
_LARGEST = 1e8  # what the greatest amount is scaled to: HiGHS keeps sums to 1e-7 in the numbers it is given
_NOTHING = 1e-9  # of the scaled amounts, what a cell moves that does not


@dataclass(frozen=True)
class Sums:
    """`values` of n cells, each at least 0; every row of `relations` (m × n, of 1 and -1) adds up to zero over them."""

    values: NDArray[np.int64]
    relations: sparse.csr_array

    def __post_init__(self) -> None:
        if (self.values < 0).any():
            raise ValueError("amounts below zero cannot be protected: an attacker's bound of zero would be wrong")
        if self.relations.shape[0] and np.any(self.relations @ self.values):
            raise ValueError("cells do not add up to their sums")

    @cached_property
    def by_cell(self) -> sparse.csc_array:
        return sparse.csc_array(self.relations)

    def beside(self, cell: int) -> frozenset[int]:
        """The cells that stand in a sum with it."""
        rows = self.by_cell.indices[self.by_cell.indptr[cell] : self.by_cell.indptr[cell + 1]]
        start, end = self.relations.indptr[rows], self.relations.indptr[rows + 1]
        return frozenset(int(c) for a, b in zip(start, end, strict=True) for c in self.relations.indices[a:b])

    def determined(self, hidden: frozenset[int], since: Iterable[int]) -> frozenset[int]:
        """Hidden cells that one sum after another tells exactly, where the cells `since` are newly known."""
        found: set[int] = set()
        new = list(since)
        while new:
            for row in self.by_cell.indices[self.by_cell.indptr[at := new.pop()] : self.by_cell.indptr[at + 1]]:
                line = self.relations.indices[self.relations.indptr[row] : self.relations.indptr[row + 1]]
                open_cells = [int(cell) for cell in line if cell in hidden and cell not in found]
                if len(open_cells) == 1:
                    found.add(open_cells[0])
                    new.append(open_cells[0])
        return frozenset(found)


class Deviations:
    """Deviations of a table that keep its sums, held in HiGHS: a question that differs little from the last is quick.

    Columns are the `cells` that may move at all, or with `priced` each cell's rise and fall apart, so that both cost.
    """

    def __init__(self, sums: Sums, cells: Iterable[int] | None = None, *, priced: bool = False) -> None:
        self.sums, n = sums, len(sums.values)
        self.cells = np.arange(n) if cells is None else np.array(sorted(cells), np.int64)
        self.at = {int(cell): column for column, cell in enumerate(self.cells)}
        self.scale = max(1.0, float(sums.values.max(initial=1)) / _LARGEST)
        self.falls = sums.values / self.scale
        matrix = sparse.csr_array(sparse.csc_array(sums.relations)[:, self.cells])
        matrix = matrix[np.diff(matrix.indptr) > 0]
        matrix = sparse.csr_array(sparse.hstack([matrix, -matrix]) if priced else matrix)
        columns, rows = matrix.shape[1], matrix.shape[0]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = columns, rows
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(columns)
        model.row_lower_ = model.row_upper_ = np.zeros(rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data.astype(np.float64)
        self.beyond = 10.0 * float(sums.values.max(initial=1))  # no attacker's bound is looked for past it
        # The wrapper around it prints a banner before it can be told to be silent.
        self.solver = highspy._Highs()  # type: ignore[attr-defined]
        self.solver.setOptionValue("output_flag", False)
        self.solver.passModel(model)
        self.opened: frozenset[int] = frozenset()
        self.kept: Mapping[int, int] = {}
        self.solved = 0  # programmes so far
        self.last = np.zeros(n)  # the deviation found last, in the table's amounts

    def open(self, cells: frozenset[int], kept: Mapping[int, int] | None = None) -> None:
        """Let these cells deviate, down to nothing or to what is `kept` of them, and up without end, and no others."""
        kept = kept or {}
        for cell in (self.opened ^ cells) | ((kept.keys() | self.kept.keys()) & (self.opened | cells)):
            fall = max(self.falls[cell] - kept.get(cell, 0) / self.scale, 0.0)
            low, high = (-fall, highspy.kHighsInf) if cell in cells else (0.0, 0.0)
            self.solver.changeColBounds(self.at[cell], low, high)
        self.opened, self.kept = cells, kept

    def reach(self, cell: int, sign: int, enough: float | None = None) -> float:
        """How far the cell can rise (sign 1) or fall (-1), asked no further than `enough`; infinite past `beyond`."""
        self.last = np.zeros(len(self.sums.values))
        if cell not in self.opened:
            return 0.0
        limit, column = (self.beyond if enough is None else enough) / self.scale, self.at[cell]
        self.solver.changeColBounds(column, max(-self.falls[cell], -limit), limit)
        self.solver.changeColCost(column, -float(sign))
        self._run()
        moved = np.array(self.solver.getSolution().col_value, np.float64)
        moved[np.abs(moved) <= _NOTHING] = 0.0
        self.last[self.cells] = moved * self.scale
        far = abs(float(moved[column]))
        self.solver.changeColCost(column, 0.0)
        self.solver.changeColBounds(column, -self.falls[cell], highspy.kHighsInf)
        return np.inf if enough is None and far >= limit * (1 - 1e-9) else far * self.scale

    def cheapest(
        self, price: NDArray[np.float64], rise: NDArray[np.float64], fall: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The deviation of least price within bounds, of which a fixed one has equal ends; empty where there is
        none."""
        n = len(self.sums.values)
        every = np.arange(2 * n, dtype=np.int32)
        self.solver.changeColsCost(2 * n, every, np.concatenate([price, price]))
        low = np.zeros(2 * n)
        low[np.isnan(rise).nonzero()[0]] = 1
        low[n + np.isnan(fall).nonzero()[0]] = 1
        high = np.nan_to_num(np.concatenate([rise, fall]), nan=1.0, posinf=highspy.kHighsInf)
        self.solver.changeColsBounds(2 * n, every, low, high)
        if not self._run():
            return np.zeros(0)
        found = np.array(self.solver.getSolution().col_value, np.float64)
        moved: NDArray[np.float64] = found[:n] - found[n:]
        return moved

    def _run(self) -> bool:
        """Whether there is a solution. Raises ArithmeticError where the solver cannot say, even from a fresh start."""
        known = highspy.HighsModelStatus
        for _ in range(2):
            self.solved += 1
            self.solver.run()
            status = self.solver.getModelStatus()
            if status in (known.kOptimal, known.kInfeasible):
                return bool(status == known.kOptimal)
            self.solver.clearSolver()
        raise ArithmeticError(f"the linear programme was not solved: {status}")
