"""What a given plan earns and which clauses it breaks: the definition that the solver must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jiqun.industry.layout.problem import HUNDREDTHS, Chosen, Problem, Row, Rule, Shape, Term


@dataclass(frozen=True, eq=False)
class Plan:
    """Chosen pairs with what they earn: `amounts` by term in whole hundredths, `points` weighted and exact."""

    chosen: Chosen
    amounts: dict[str, int]
    points: Fraction


@dataclass(frozen=True, eq=False)
class Breach:
    """A row of a rule that a plan does not keep, with what it has instead."""

    rule: Rule
    row: Row
    has: int


def judge(problem: Problem, chosen: Chosen) -> Plan:
    """The plan's amounts and points, in whole numbers and fractions throughout."""
    amounts = {term.id: amount(problem, term, chosen) for term in problem.terms}
    points = sum((term.weight * amounts[term.id] for term in problem.terms), Fraction(0)) / HUNDREDTHS
    return Plan(chosen, amounts, points)


def amount(problem: Problem, term: Term, chosen: Chosen) -> int:
    """What the plan has of a term, in hundredths of a point."""
    earned = np.where(chosen, term.values, 0)
    if term.shape is Shape.SUM:
        return int(earned.sum()) + term.constant
    by_area = problem.grid(earned).sum(axis=0)
    worst = int(by_area.min())
    return term.constant + (worst if term.shape is Shape.WORST_AREA else worst - int(by_area.max()))


def breaches(problem: Problem, chosen: Chosen) -> tuple[Breach, ...]:
    """Every row of every rule that the plan does not keep."""
    found = []
    for rule in problem.rules:
        for row in rule.rows:
            has = held(row, chosen)
            if has < row.limit if rule.is_least else has > row.limit:
                found.append(Breach(rule, row, has))
    return tuple(found)


def held(row: Row, chosen: Chosen) -> int:
    """What a plan has of a row's sum."""
    taken = chosen[row.pairs]
    return int(taken.sum() if row.uses is None else (taken * row.uses).sum())
