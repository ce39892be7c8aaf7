"""Points tables over one measure as steps: what a firm gains where the measure reaches a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from jiqun.enterprises.tiers.rule import Level
from jiqun.rules import Expression, tree
from jiqun.rules.evaluation import compare, exact
from jiqun.rules.tree import Operator


@dataclass(frozen=True)
class Step:
    """`test`: the measure has reached a value (or gone past it); `low`, `high`: what that changes of the points."""

    test: Expression
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Ladder:
    """Points of a known measure: `base`, (low, high), and every step whose test holds."""

    measure: Expression
    base: tuple[Fraction, Fraction]
    steps: tuple[Step, ...]


_Bounds = tuple[tuple[Operator, Fraction, Expression], ...]


def ladder(levels: Sequence[Level]) -> Ladder | None:
    """The levels as steps where all of them compare one measure with literals; else None.

    The levels are tried in order on every value where one of them begins or ends, and on the stretches between.
    """
    bounds: list[_Bounds] = []
    measures: set[Expression] = set()
    for level in levels:
        read = _bounds(level.test)
        if read is None:
            return None
        measures.update(measure for measure, _ in read)
        bounds.append(tuple(bound for _, bound in read))
    if len(measures) != 1:
        return None
    edges = {value: literal for of_level in bounds for _, value, literal in of_level}
    return _stepped(measures.pop(), levels, bounds, edges)


def measure_of(test: Expression | None) -> Expression | None:
    """What the comparisons of a test measure, where all are of one number with literals; else None."""
    match test:
        case tree.Comparison(measure, ((_, limit),)) if _is_figure(limit):
            return measure
        case tree.Logic(_, parts):
            found = {measure_of(part) for part in parts}
            return found.pop() if len(found) == 1 else None
    return None


def _is_figure(limit: Expression) -> bool:
    return not any(True for _ in tree.names(limit)) and isinstance(exact(limit, {}, {}), Fraction)


def _stepped(
    measure: Expression, levels: Sequence[Level], bounds: Sequence[_Bounds], edges: dict[Fraction, Expression]
) -> Ladder:
    values = sorted(edges)
    before = base = _points_at(values[0] - 1, levels, bounds)
    steps: list[Step] = []
    for value, following in zip(values, [*values[1:], values[-1] + 1], strict=True):
        at, after = (_points_at(where, levels, bounds) for where in (value, (value + following) / 2))
        for operator, gained, had in ((Operator.AT_LEAST, at, before), (Operator.GREATER, after, at)):
            if gained != had:
                test = tree.Comparison(measure, ((operator, edges[value]),))
                steps.append(Step(test, gained[0] - had[0], gained[1] - had[1]))
        before = after
    if not steps:  # the same points for every figure, which still must be known
        literal = edges[values[0]]
        steps.append(Step(tree.Comparison(measure, ((Operator.AT_LEAST, literal),)), Fraction(0), Fraction(0)))
    return Ladder(measure, base, tuple(steps))


def _points_at(value: Fraction, levels: Sequence[Level], bounds: Sequence[_Bounds]) -> tuple[Fraction, Fraction]:
    for level, of_level in zip(levels, bounds, strict=True):
        if all(compare(operator, value, edge) for operator, edge, _ in of_level):
            return level.low, level.high
    return Fraction(0), Fraction(0)


def _bounds(test: Expression | None) -> list[tuple[Expression, tuple[Operator, Fraction, Expression]]] | None:
    """(measure, (operator, value, its literal)) of each comparison; none for what always holds, None for the rest."""
    match test:
        case tree.Truth(True):
            return []
        case tree.Comparison(measure, ((operator, limit),)):
            value = exact(limit, {}, {})
            is_bound = operator in (Operator.AT_LEAST, Operator.GREATER, Operator.LESS, Operator.AT_MOST)
            return [(measure, (operator, value, limit))] if is_bound and isinstance(value, Fraction) else None
        case tree.Logic(Operator.AND, parts):
            found = [_bounds(part) for part in parts]
            return None if None in found else [each for some in found if some is not None for each in some]
    return None
