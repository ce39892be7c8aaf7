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
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from jiqun.industry.layout.judging import Plan, breaches, judge
from jiqun.industry.layout.problem import HUNDREDTHS, Chosen, Problem, Rule, Shape

_OPTIMAL, _STOPPED, _INFEASIBLE = 0, 1, 2  # scipy.optimize.OptimizeResult.status of milp
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


@dataclass(frozen=True)
class _Rows:
    """Rows of the matrix in triplets, with their limits."""

    at: list[NDArray[np.int64]]
    columns: list[NDArray[np.int64]]
    values: list[NDArray[np.int64]]
    low: list[float]
    high: list[float]

    @classmethod
    def empty(cls) -> _Rows:
        return cls([], [], [], [], [])

    def add(self, columns: NDArray[np.int64], values: NDArray[np.int64], low: float, high: float) -> None:
        self.at.append(np.full(len(columns), len(self.low)))
        self.columns.append(columns)
        self.values.append(values)
        self.low.append(low)
        self.high.append(high)

    def constraint(self, width: int) -> list[LinearConstraint]:
        if not self.low:
            return []
        cells = (np.concatenate(self.values), (np.concatenate(self.at), np.concatenate(self.columns)))
        matrix = csr_array(cells, shape=(len(self.low), width), dtype=float)
        return [LinearConstraint(matrix, np.array(self.low), np.array(self.high))]


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
    if np.any(low > high):
        return Solution(Proof.IMPOSSIBLE, None, None, 0.0)
    every = np.arange(problem.size)
    for other in others:  # pairs kept count against the difference, pairs not chosen before count for it
        rows.add(every, np.where(other, -1, 1), difference - int(other.sum()), np.inf)
    objective = _objective(problem)
    width = _levels(problem, rows)
    started = budget.left
    result = milp(
        -np.concatenate([objective.pairs, np.array(objective.levels, dtype=np.int64)]).astype(float),
        constraints=rows.constraint(width),
        integrality=np.concatenate([np.ones(problem.size), np.zeros(width - problem.size)]),
        bounds=Bounds(
            np.concatenate([low, np.full(width - problem.size, -np.inf)]),
            np.concatenate([high, np.full(width - problem.size, np.inf)]),
        ),
        options={"time_limit": max(budget.left, _LEAST_SECONDS), "mip_rel_gap": 0.0},
    )
    seconds = started - budget.left
    if result.status == _INFEASIBLE:
        return Solution(Proof.IMPOSSIBLE, None, None, seconds)
    if result.x is None:
        return Solution(Proof.UNKNOWN, None, None, seconds)
    return _read(problem, objective, result, seconds, rules or problem.rules)


def is_possible(problem: Problem, rules: Sequence[Rule], budget: Budget) -> bool | None:
    """Whether some plan keeps these rules; None where time ran out before it was settled."""
    rows, low, high = _system(problem, rules)
    if np.any(low > high):
        return False
    result = milp(
        np.zeros(problem.size), constraints=rows.constraint(problem.size), integrality=np.ones(problem.size),
        bounds=Bounds(low, high), options={"time_limit": max(budget.left, _LEAST_SECONDS)},
    )  # fmt: skip
    if result.status == _INFEASIBLE:
        return False
    return True if result.x is not None else None


def window(problem: Problem, budget: Budget) -> tuple[int, int] | None:
    """The fewest and the most places that a plan can have; None where there is no plan or time ran out."""
    rows, low, high = _system(problem, problem.rules)
    if np.any(low > high):
        return None
    found = []
    for sign in (1.0, -1.0):
        result = milp(
            np.full(problem.size, sign), constraints=rows.constraint(problem.size), integrality=np.ones(problem.size),
            bounds=Bounds(low, high), options={"time_limit": max(budget.left, _LEAST_SECONDS), "mip_rel_gap": 0.0},
        )  # fmt: skip
        if result.status != _OPTIMAL:
            return None
        found.append(round(abs(float(result.fun))))
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


def _read(
    problem: Problem, objective: _Objective, result: OptimizeResult, seconds: float, rules: Sequence[Rule]
) -> Solution:
    """The solver's answer as a plan judged by the definition, and a bound in the same exact points."""
    plan = judge(problem, np.asarray(result.x[: problem.size]) > 0.5)
    if breaches(replace(problem, rules=tuple(rules)), plan.chosen):  # kept within the solver's tolerance only
        return Solution(Proof.UNKNOWN, None, None, seconds)
    constant = sum((term.weight * term.constant for term in problem.terms), Fraction(0))
    value = (plan.points * HUNDREDTHS - constant) / objective.unit
    upper = -float(result.mip_dual_bound)
    is_proved = result.status == _OPTIMAL and upper - float(value) < 1
    if is_proved:
        return Solution(Proof.PROVED, plan, plan.points, seconds)
    bound = None
    if np.isfinite(upper):
        bound = (Fraction(int(np.floor(upper + 1e-6))) * objective.unit + constant) / HUNDREDTHS
    return Solution(Proof.OPEN, plan, bound, seconds)


def _system(problem: Problem, rules: Sequence[Rule]) -> tuple[_Rows, NDArray[np.float64], NDArray[np.float64]]:
    """Rows of the rules, with settled pairs as bounds of their columns; low above high: two rules contradict."""
    rows = _Rows.empty()
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


def _levels(problem: Problem, rows: _Rows) -> int:
    """Columns for worst and best areas, bound to every area's own sum; returns the width of the matrix."""
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
    return width
