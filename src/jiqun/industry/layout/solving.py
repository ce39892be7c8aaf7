"""The best plan of a layout problem, proved, by HiGHS; and the next best that differ from it.

All coefficients handed to the solver are whole numbers, so a bound less than one above a plan's own value proves the
plan the best. The value is always computed again from the pairs, in whole numbers (`judging`), never read off the
solver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from jiqun.industry.layout.judging import Plan, breaches, judge
from jiqun.industry.layout.problem import HUNDREDTHS, Chosen, Problem, Rule, Shape
from jiqun.industry.layout.programme import Answer, Programme, State, solved

_LEAST_SECONDS = 0.05
Clock = Callable[[], float]


class Proof(StrEnum):
    """`PROVED`: no plan is better. `OPEN`: time ran out, the gap says how much better one could be.
    `IMPOSSIBLE`: no plan keeps all rules. `UNKNOWN`: time ran out before any plan was found."""

    PROVED = "proved"
    OPEN = "open"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Solution:
    """`bound`: no plan has more points; None where nothing is known or there is no plan. `gap` is bound less points."""

    proof: Proof
    plan: Plan | None
    bound: Fraction | None
    seconds: float

    @property
    def gap(self) -> Fraction | None:
        return None if self.plan is None or self.bound is None else max(self.bound - self.plan.points, Fraction(0))


class Budget:
    """Seconds for a piece of work, shared by all its solves; `clock` counts seconds."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self.seconds, self._clock, self._start = seconds, clock, clock()

    @property
    def left(self) -> float:
        return self.seconds - (self._clock() - self._start)

    @property
    def is_spent(self) -> bool:
        return self.left < _LEAST_SECONDS

    def part(self, share: float) -> Budget:
        """A budget of its own with a share of what is left."""
        return Budget(max(self.left * share, 0.0), self._clock)


class _Rows:
    """Rows of the matrix in triplets, with their limits; what bounds the same sum is one row."""

    def __init__(self) -> None:
        self._cells: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._at: dict[tuple[bytes, bytes], int] = {}
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, columns: NDArray[np.int64], values: NDArray[np.int64], low: float, high: float) -> None:
        at = self._at.setdefault((columns.tobytes(), values.tobytes()), len(self.low))
        if at == len(self.low):
            self._cells.append((columns, values))
            self.low.append(low)
            self.high.append(high)
        else:
            self.low[at], self.high[at] = max(self.low[at], low), min(self.high[at], high)

    @property
    def is_contradictory(self) -> bool:
        return any(low > high for low, high in zip(self.low, self.high, strict=True))

    def matrix(self, width: int) -> csr_array:
        ends = np.cumsum([0, *(len(columns) for columns, _ in self._cells)])
        empty = np.zeros(0, np.int64)
        values = np.concatenate([empty, *(values for _, values in self._cells)]).astype(np.float64)
        columns = np.concatenate([empty, *(columns for columns, _ in self._cells)])
        return csr_array((values, columns, ends), shape=(len(self.low), width))


@dataclass(frozen=True)
class _Objective:
    """Whole coefficients of pairs and levels; value × `unit` = weighted hundredths less the constants of terms."""

    pairs: NDArray[np.int64]
    levels: tuple[int, ...]
    unit: Fraction


def solve(
    problem: Problem, budget: Budget, *, others: Sequence[Chosen] = (), difference: int = 1, rules: Sequence[Rule] = ()
) -> Solution:
    """The best plan that differs from each of `others` in at least `difference` pairs, or that there is none.

    `rules` replace the problem's own. Time that runs out leaves the best plan found, with its gap.
    """
    rows, low, high = _system(problem, rules or problem.rules)
    every = np.arange(problem.size)
    for other in others:  # pairs kept count against the difference, pairs not chosen before count for it
        rows.add(every, np.where(other, -1, 1), difference - int(other.sum()), np.inf)
    objective = _objective(problem)
    levels = np.array(objective.levels, dtype=np.int64)
    _levels(problem, rows)
    if np.any(low > high) or rows.is_contradictory:
        return Solution(Proof.IMPOSSIBLE, None, None, 0.0)
    found = _solved(-np.concatenate([objective.pairs, levels]).astype(float), rows, low, high, budget)
    if found.state is State.IMPOSSIBLE:
        return Solution(Proof.IMPOSSIBLE, None, None, found.seconds)
    if found.values is None:
        return Solution(Proof.UNKNOWN, None, None, found.seconds)
    return _read(problem, objective, found, rules or problem.rules)


def is_possible(problem: Problem, rules: Sequence[Rule], budget: Budget) -> bool | None:
    """Whether some plan keeps these rules; None where time ran out before it was settled."""
    rows, low, high = _system(problem, rules)
    if np.any(low > high) or rows.is_contradictory:
        return False
    found = _solved(np.zeros(problem.size), rows, low, high, budget)
    if found.state is State.IMPOSSIBLE:
        return False
    return True if found.values is not None else None


def window(problem: Problem, budget: Budget) -> tuple[int, int] | None:
    """The fewest and the most places that a plan can have; None where there is no plan or time ran out."""
    rows, low, high = _system(problem, problem.rules)
    if np.any(low > high) or rows.is_contradictory:
        return None
    found = []
    for sign in (1.0, -1.0):
        answer = _solved(np.full(problem.size, sign), rows, low, high, budget)
        if answer.state is not State.OPTIMAL or answer.values is None:
            return None
        found.append(round(float(answer.values.sum())))
    return found[0], found[1]


def best_plans(problem: Problem, budget: Budget, *, count: int, difference: int) -> tuple[Solution, ...]:
    """Up to `count` plans, each the best of those that differ from every one before in at least `difference` pairs.

    The last may be open or impossible: no further plan was proved, or there is none.
    """
    found: list[Solution] = []
    while len(found) < count:
        before = [one.plan.chosen for one in found if one.plan is not None]
        found.append(solve(problem, budget, others=before, difference=difference))
        if found[-1].proof is not Proof.PROVED:
            break
    return tuple(found)


def _solved(
    cost: NDArray[np.float64], rows: _Rows, low: NDArray[np.float64], high: NDArray[np.float64], budget: Budget
) -> Answer:
    """Pairs are whole and bounded by `low` and `high`; what comes behind them are levels, bounded by rows alone."""
    free = np.full(len(cost) - len(low), np.inf)
    programme = Programme(
        cost, rows.matrix(len(cost)), np.array(rows.low, float), np.array(rows.high, float),
        np.concatenate([low, -free]), np.concatenate([high, free]), np.arange(len(cost)) < len(low),
    )  # fmt: skip
    return solved(programme, max(budget.left, _LEAST_SECONDS))


def _read(problem: Problem, objective: _Objective, found: Answer, rules: Sequence[Rule]) -> Solution:
    """The solver's answer as a plan judged by the definition, and a bound in the same exact points."""
    assert found.values is not None
    plan = judge(problem, found.values[: problem.size] > 0.5)
    if breaches(replace(problem, rules=tuple(rules)), plan.chosen):  # kept within the solver's tolerance only
        return Solution(Proof.UNKNOWN, None, None, found.seconds)
    constant = sum((term.weight * term.constant for term in problem.terms), Fraction(0))
    value = (plan.points * HUNDREDTHS - constant) / objective.unit
    upper = -found.bound
    is_proved = found.state is State.OPTIMAL and upper - float(value) < 1
    if is_proved:
        return Solution(Proof.PROVED, plan, plan.points, found.seconds)
    bound = None
    if np.isfinite(upper):
        bound = (Fraction(int(np.floor(upper + 1e-6))) * objective.unit + constant) / HUNDREDTHS
    return Solution(Proof.OPEN, plan, bound, found.seconds)


def _system(problem: Problem, rules: Sequence[Rule]) -> tuple[_Rows, NDArray[np.float64], NDArray[np.float64]]:
    """Rows of the rules, with settled pairs as bounds of their columns; low above high: two rules contradict."""
    rows = _Rows()
    low, high = np.zeros(problem.size), np.ones(problem.size)
    for rule in rules:
        for row in rule.rows:
            if rule.is_pair:
                (low if rule.is_least else high)[row.pairs] = row.limit
                continue
            uses = np.ones(len(row.pairs), dtype=np.int64) if row.uses is None else row.uses
            limits = (row.limit, np.inf) if rule.is_least else (-np.inf, row.limit)
            rows.add(row.pairs, uses, *limits)
    return rows, low, high


def _objective(problem: Problem) -> _Objective:
    """Weights brought to whole numbers, and divided by what they share: the solver works best on small ones."""
    denominator = lcm(*(term.weight.denominator for term in problem.terms)) if problem.terms else 1
    pairs = np.zeros(problem.size, dtype=np.int64)
    levels: list[int] = []
    for term in problem.terms:
        weight = int(term.weight * denominator)
        if term.shape is Shape.SUM:
            pairs += weight * term.values
        elif term.shape is Shape.WORST_AREA:
            levels.append(weight)
        else:
            levels += [weight, -weight]
    shared = gcd(*(int(value) for value in np.unique(pairs)), *levels) or 1
    return _Objective(pairs // shared, tuple(level // shared for level in levels), Fraction(shared, denominator))


def _levels(problem: Problem, rows: _Rows) -> None:
    """Columns for worst and best areas, behind those of pairs, bound to every area's own sum."""
    width, areas = problem.size, len(problem.areas)
    for term in problem.terms:
        if term.shape is Shape.SUM:
            continue
        signs = (1,) if term.shape is Shape.WORST_AREA else (1, -1)  # not above the worst; not below the best
        for sign in signs:
            for area in range(areas):
                own = np.arange(area, problem.size, areas)
                columns, values = np.append(own, width), np.append(sign * term.values[own], -sign)
                rows.add(columns, values, 0, np.inf)
            width += 1
