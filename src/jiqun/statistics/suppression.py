"""Which further cells to hide, and what an attacker can still compute: linear programmes over a table's sums.

An attacker knows every published cell, that parents are the sums of their children, and that no amount is negative.
What it can learn of a hidden cell is exactly the least and greatest value that these allow. Written in deviations f
from the true values: relations * f = 0, f >= -value, and f = 0 for all that is published.

Hiding follows Fischetti and Salazar's flow view (Management Science 47, 2001): a cell is protected upwards by a where
some f raises it by a, and then hiding every cell that f moves is enough. For each cell and direction the cheapest f
is sought by linear programming, what is hidden already being free; what turns out to be needless is shown again. The
result is not always the least possible, and it is proved by the attack, not by the way it was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_TOLERANCE = 1e-6  # of what is needed
_LARGEST = 1e8  # what the greatest amount is scaled to: HiGHS keeps sums to 1e-7 in the numbers it is given


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


@dataclass(frozen=True, slots=True)
class Need:
    """How far below and above its value an attacker's interval of the cell must reach. `why` is a code of a rule."""

    cell: int
    below: int
    above: int
    why: str


@dataclass(frozen=True, slots=True)
class Attacker:
    """Who attacks: `known` cells it fills alone, so that it knows them; `own` are all that it has a part in.

    What it may learn of others in a cell of its own is the matter of the rules that made the need, not of an attack.
    """

    name: str = ""
    known: frozenset[int] = frozenset()
    own: frozenset[int] = frozenset()


OUTSIDER = Attacker()


@dataclass(frozen=True, slots=True)
class Interval:
    """What an attacker computes of a hidden cell; `high` is infinite where nothing bounds it. `who`: '' from
    outside."""

    need: Need
    low: float
    high: float
    value: int
    who: str = ""

    @property
    def is_safe(self) -> bool:
        slack = _TOLERANCE * max(self.need.above, self.need.below, 1)
        return self.high - self.value >= self.need.above - slack and self.value - self.low >= self.need.below - slack


class _Flows:
    """Deviations of a table that keep its sums, held in HiGHS: a question that differs little from the last is quick.

    Columns are the cells, or with `priced` each cell's rise and fall apart, so that both cost.
    """

    def __init__(self, sums: Sums, *, priced: bool = False) -> None:
        self.sums, self.n = sums, len(sums.values)
        self.scale = max(1.0, float(sums.values.max(initial=1)) / _LARGEST)
        self.falls = sums.values / self.scale
        matrix = sparse.hstack([sums.relations, -sums.relations]) if priced else sums.relations
        matrix = sparse.csr_array(matrix)
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
        self.last = np.zeros(columns)  # the deviation found last

    def open(self, cells: frozenset[int]) -> None:
        """Let these cells deviate, down to nothing and up without end, and no others."""
        for cell in self.opened ^ cells:
            low, high = (-self.falls[cell], highspy.kHighsInf) if cell in cells else (0.0, 0.0)
            self.solver.changeColBounds(cell, low, high)
        self.opened = cells

    def reach(self, cell: int, sign: int, enough: float | None = None) -> float:
        """How far the cell can rise (sign 1) or fall (-1), asked no further than `enough`; infinite past `beyond`."""
        if cell not in self.opened:
            return 0.0
        limit = (self.beyond if enough is None else enough) / self.scale
        self.solver.changeColBounds(cell, max(-self.falls[cell], -limit), limit)
        self.solver.changeColCost(cell, -float(sign))
        self._run()
        self.last = np.array(self.solver.getSolution().col_value, np.float64)
        far = abs(float(self.last[cell]))
        self.solver.changeColCost(cell, 0.0)
        self.solver.changeColBounds(cell, -self.falls[cell], highspy.kHighsInf)
        return np.inf if enough is None and far >= limit * (1 - 1e-9) else far * self.scale

    def moving(self, cell: int, sign: int, far: int) -> frozenset[int] | None:
        """The cells that a deviation moves which lets the cell rise or fall by `far`; None where there is none."""
        if cell not in self.opened or self.reach(cell, sign, far) < far * (1 - _TOLERANCE):
            return None
        return frozenset(np.flatnonzero(np.abs(self.last) > 1e-9).tolist())

    def cheapest(
        self, price: NDArray[np.float64], rise: NDArray[np.float64], fall: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The deviation of least price within bounds, of which a fixed one has equal ends; empty where there is
        none."""
        every = np.arange(2 * self.n, dtype=np.int32)
        self.solver.changeColsCost(2 * self.n, every, np.concatenate([price, price]))
        low = np.zeros(2 * self.n)
        low[np.isnan(rise).nonzero()[0]] = 1
        low[self.n + np.isnan(fall).nonzero()[0]] = 1
        high = np.nan_to_num(np.concatenate([rise, fall]), nan=1.0, posinf=highspy.kHighsInf)
        self.solver.changeColsBounds(2 * self.n, every, low, high)
        if not self._run():
            return np.zeros(0)
        found = np.array(self.solver.getSolution().col_value, np.float64)
        moved: NDArray[np.float64] = found[: self.n] - found[self.n :]
        return moved

    def _run(self) -> bool:
        """Whether there is a solution. Raises ArithmeticError where the solver cannot say, even from a fresh start."""
        known = highspy.HighsModelStatus
        for _ in range(2):
            self.solver.run()
            status = self.solver.getModelStatus()
            if status in (known.kOptimal, known.kInfeasible):
                return bool(status == known.kOptimal)
            self.solver.clearSolver()
        raise ArithmeticError(f"the linear programme was not solved: {status}")


def attack(
    sums: Sums, hidden: Iterable[int], needs: Sequence[Need], insiders: Sequence[Attacker] = ()
) -> tuple[Interval, ...]:
    """For every need the interval that outsiders compute, and each insider, who knows the cells it fills alone."""
    found, flows, everything = [], _Flows(sums), frozenset(hidden)
    for who in (OUTSIDER, *insiders):
        flows.open(everything - who.known)
        for need in needs:
            if need.cell not in who.own:
                value = int(sums.values[need.cell])
                down, up = flows.reach(need.cell, -1), flows.reach(need.cell, 1)
                found.append(Interval(need, value - down, value + up, value, who.name))
    return tuple(found)


@dataclass
class _Search:
    """The state of one search for cells to hide.

    `shown_by` has, for a need and direction, cells that some deviation moves: where an attacker knows none of them and
    all are hidden, the need is met without asking again.
    """

    needs: Sequence[Need]
    attackers: tuple[Attacker, ...]
    cost: NDArray[np.float64]
    hidden: frozenset[int]
    attacks: _Flows
    ways: _Flows
    shown_by: dict[tuple[int, int], list[frozenset[int]]] = field(default_factory=dict)

    def asked(self) -> list[tuple[Need, Attacker]]:
        return [(need, who) for who in self.attackers for need in self.needs if need.cell not in who.own]

    def meets(self, need: Need, open_cells: frozenset[int]) -> bool:
        return all(self._reaches(need.cell, sign, far, open_cells) for sign, far in ((1, need.above), (-1, need.below)))

    def _reaches(self, cell: int, sign: int, far: int, open_cells: frozenset[int]) -> bool:
        known = self.shown_by.setdefault((cell, sign), [])
        if far == 0 or any(moved <= open_cells for moved in known):
            return True
        self.attacks.open(open_cells)
        moved = self.attacks.moving(cell, sign, far)
        if moved is not None:
            known.append(moved)
        return moved is not None


def hide(
    sums: Sums, needs: Sequence[Need], insiders: Sequence[Attacker] = (), cost: NDArray[np.float64] | None = None
) -> frozenset[int]:
    """Cells to hide, those of `needs` among them, so that every need is met against outsiders and insiders.

    `cost` says what hiding a cell loses (default: its value and one). Where a need cannot be met by hiding, as much is
    hidden as helps; `attack` then says which are unsafe. Empty cells are never hidden: an empty place is no secret.
    """
    if not needs:
        return frozenset()
    weights = cost if cost is not None else sums.values.astype(np.float64) + 1
    held = frozenset(need.cell for need in needs)
    search = _Search(needs, (OUTSIDER, *insiders), weights, held, _Flows(sums), _Flows(sums, priced=True))
    order = sorted(search.asked(), key=lambda one: (len(one[1].known), -max(one[0].above, one[0].below), one[0].cell))
    for need, who in order:
        if not search.meets(need, search.hidden - who.known):
            for amount in (need.above, -need.below):
                search.hidden |= _cheapest(search, need.cell, amount, who.known)
    _show_needless(search, held)
    return search.hidden


def _cheapest(search: _Search, cell: int, amount: int, known: frozenset[int]) -> frozenset[int]:
    """The cells moved by the cheapest deviation that changes `cell` by `amount`; none where no deviation does."""
    if not amount:
        return frozenset()
    size = abs(amount)
    values = search.ways.sums.values
    # A cell's price per unit moved falls with what it can take, so that few cells move much rather than many a little.
    price = search.cost / np.clip(values, 1, size)
    price[sorted(search.hidden)] = 0.0
    fixed = values == 0
    fixed[sorted(known)] = True
    fall, rise = np.where(fixed, 0, values / size), np.where(fixed, 0, np.inf)
    fall[cell], rise[cell] = (0, np.nan) if amount > 0 else (np.nan, 0)
    moved = search.ways.cheapest(price / max(price.max(), 1e-300), rise, fall)
    return frozenset(np.flatnonzero(np.abs(moved) > 1e-7).tolist())


def _show_needless(search: _Search, held: frozenset[int]) -> None:
    """Show again, dearest first, what no need needs. The need that refused last is asked first."""
    asked = search.asked()
    for cell in sorted(search.hidden - held, key=lambda c: (-search.cost[c], c)):
        fewer = search.hidden - {cell}
        for at, (need, who) in enumerate(asked):
            if not search.meets(need, fewer - who.known):
                asked.insert(0, asked.pop(at))
                break
        else:
            search.hidden = fewer
