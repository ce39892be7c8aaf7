"""What would change the plan: from which weight on another is better, and what one more or less of a bound does.

With all else fixed a plan's points are a straight line in one weight, and the best points of all plans are the upper
envelope of such lines. The weight where a plan stops being best is found exactly: take the best plan at the far end,
go to where its line crosses, ask again, until no better line is left (Newton's method on the envelope; Radzik 1998).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from jiqun.industry.layout.conflicts import with_limit
from jiqun.industry.layout.judging import Plan, judge
from jiqun.industry.layout.problem import HUNDREDTHS, Problem, Rule, Term
from jiqun.industry.layout.solving import Budget, Proof, solve

FURTHEST = 10  # times its own weight; of a weight of 0, in points


@dataclass(frozen=True, eq=False)
class WeightRange:
    """The plan stays best for weights from `low` to `high`; `below` and `above` are the plans that replace it there.

    `high` is `FURTHEST` × the weight where nothing replaces it up to there, `low` is 0 likewise.
    """

    term: Term
    low: Fraction
    high: Fraction
    below: Plan | None
    above: Plan | None


@dataclass(frozen=True, eq=False)
class BoundEffect:
    """What the best plan would gain or lose with a rule's limit at `limit`; `plan` is None where none is left."""

    rule: Rule
    limit: int
    is_looser: bool
    plan: Plan | None
    gain: Fraction | None
    moved: int  # pairs that differ


@dataclass(frozen=True, eq=False)
class Sensitivity:
    weights: tuple[WeightRange, ...]
    bounds: tuple[BoundEffect, ...]
    is_complete: bool


def sensitivity(problem: Problem, plan: Plan, budget: Budget) -> Sensitivity:
    """How far the proved best plan rests on each weight and bound, as far as the time goes."""
    weights: list[WeightRange] = []
    bounds: list[BoundEffect] = []
    is_complete = True
    for rule in problem.rules:
        for is_looser in (True, False):
            effect = None if rule.is_pair or rule.limit is None else _effect(problem, plan, rule, is_looser, budget)
            if effect is not None:
                bounds.append(effect)
    for term in problem.terms:
        found = weight_range(problem, plan, term, budget)
        if found is None:
            is_complete = False
        else:
            weights.append(found)
    return Sensitivity(tuple(weights), tuple(bounds), is_complete and not budget.is_spent)


def weight_range(problem: Problem, plan: Plan, term: Term, budget: Budget) -> WeightRange | None:
    """The exact weights between which the plan stays best; None where time ran out."""
    ends: list[tuple[Fraction, Plan | None]] = []
    furthest = max(term.weight * FURTHEST, Fraction(FURTHEST) if not term.weight else Fraction(0))
    for end in (Fraction(0), furthest):
        found = _end(problem, plan, term, end, budget)
        if found is None:
            return None
        ends.append(found)
    (low, below), (high, above) = ends
    return WeightRange(term, low, high, below, above)


def _end(
    problem: Problem, plan: Plan, term: Term, weight: Fraction, budget: Budget
) -> tuple[Fraction, Plan | None] | None:
    rival: Plan | None = None
    while weight != term.weight:
        other = solve(_weighing(problem, term, weight), budget)
        if other.proof is not Proof.PROVED or other.plan is None or budget.is_spent:
            return None
        mine, theirs = _line(plan, term, term.weight), _line(other.plan, term, weight)
        if theirs[0] + theirs[1] * weight <= mine[0] + mine[1] * weight:
            return weight, rival
        rival = judge(problem, other.plan.chosen)
        weight = (theirs[0] - mine[0]) / (mine[1] - theirs[1])
    return weight, rival


def _line(plan: Plan, term: Term, weight: Fraction) -> tuple[Fraction, Fraction]:
    """Points of a plan as a + b × weight of the term; the plan was judged at `weight`."""
    rise = Fraction(plan.amounts[term.id], HUNDREDTHS)
    return plan.points - rise * weight, rise


def _weighing(problem: Problem, term: Term, weight: Fraction) -> Problem:
    terms = tuple(replace(one, weight=weight) if one.id == term.id else one for one in problem.terms)
    return replace(problem, terms=terms)


def _effect(problem: Problem, plan: Plan, rule: Rule, is_looser: bool, budget: Budget) -> BoundEffect | None:
    """One step of a limit; None where it cannot be taken, changes nothing by itself, or time ran out."""
    assert rule.limit is not None
    step = -1 if rule.is_least is is_looser else 1
    limit = rule.limit + step
    if limit < 0 or budget.is_spent:
        return None
    rules = [with_limit(one, limit) if one is rule else one for one in problem.rules]
    found = solve(replace(problem, rules=tuple(rules)), budget)
    if found.proof is Proof.IMPOSSIBLE:
        return BoundEffect(rule, limit, is_looser, None, None, 0)
    if found.proof is not Proof.PROVED or found.plan is None:
        return None
    moved = differing([plan, found.plan])
    return BoundEffect(rule, limit, is_looser, found.plan, found.plan.points - plan.points, moved)


def differing(plans: Sequence[Plan]) -> int:
    """Pairs in which two plans differ."""
    one, two = plans
    return int(np.count_nonzero(one.chosen != two.chosen))
