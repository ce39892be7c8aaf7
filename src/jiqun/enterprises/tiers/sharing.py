"""Measures computed once for all the clauses and points that ask for them, in any engine, and each test asked once.

A ratio is kept as two integer columns, what stands above and below the line, so that a comparison with a printed
threshold is one multiplication on each side and exact: a / b >= 3% is 100 * a >= 3 * b.

Where the integers are small enough the rounded quotient tells the same, by one comparison with a literal. Let b <= wide
and the threshold be p / q in lowest terms, which rounds to the double d. A quotient a / b beside it differs from it by
1 / (b * q) at least; one that rounds to d too lies no further from it than half the step between doubles there and
|d - p / q|. Where the first is more than the second, no other quotient rounds to d, and rounding keeps their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ulp
from typing import Generic, TypeVar

from jiqun.model.errors import UsageError
from jiqun.rules import Expression, Sort, ValueType, check, tree
from jiqun.rules.compilation import Engine, Ratio, as_ratio, compiled
from jiqun.rules.evaluation import exact
from jiqun.rules.tree import Operator

E = TypeVar("E")
_PERCENT = 100
_HELD_BY_DOUBLES = 2**53  # every integer up to here
_TURNED = {
    Operator.LESS: Operator.GREATER, Operator.AT_MOST: Operator.AT_LEAST,
    Operator.GREATER: Operator.LESS, Operator.AT_LEAST: Operator.AT_MOST,
}  # fmt: skip
_OPPOSITE = {Operator.LESS: Operator.AT_LEAST, Operator.AT_MOST: Operator.GREATER}  # null where these are


@dataclass(frozen=True)
class Doubles(Generic[E]):
    """How an engine divides integers, rounding as IEEE 754 does, and writes a double. Null in, null out.

    `divisor` is an integer as a double, null for 0; `quotient` of an integer by one of these.
    """

    divisor: Callable[[E], E]
    quotient: Callable[[E, E], E]
    literal: Callable[[float], E]


@dataclass(frozen=True)
class _Measure(Generic[E]):
    """`name` begins the names of its columns; `is_column`: it is one of the register's and needs none.

    `below`: what is written below the line where `ratio` is divided by just that; None elsewhere.
    """

    name: str
    ratio: Ratio[E]
    is_column: bool
    below: Expression | None = None


class Shared(Generic[E]):
    """Tests over held columns.

    `columns`, name → expression, are the measures they share, computed before the tests, and `divisors` what several of
    these are divided by, computed before them; `asked` the tests themselves, computed after those and before all else:
    empty unless `asks_once`.
    """

    def __init__(
        self,
        types: Mapping[str, ValueType],
        engines: tuple[Engine[E], Engine[E]],
        among: Callable[[E, list[str]], E] | None = None,
        doubles: Doubles[E] | None = None,
        asks_once: bool = False,
    ) -> None:
        """`among`: whether a text is one of several, where an engine has a quicker way than asking one by one.
        `doubles`: where an engine divides quicker than it multiplies for each threshold.
        """
        self._types, self._engines, self._among, self._doubles = types, engines, among, doubles
        self._asks_once = asks_once
        self._names: dict[Expression, str] = {}
        self.asked: dict[str, E] = {}
        self._measures: dict[Expression, _Measure[E]] = {}
        self._divisors: dict[Expression, str] = {}
        self.divisors: dict[str, E] = {}
        self.columns: dict[str, E] = {}

    def test(self, node: Expression) -> E:
        """The truth of `node`, null where it is unknown."""
        engine = self._engines[0]
        match node:
            case tree.Logic(operator, parts):
                return reduce(engine.both if operator is Operator.AND else engine.either, map(self.test, parts))
            case tree.Not(part):
                return engine.negated(self.test(part))
            case tree.Name() | tree.Truth():
                return compiled(node, self._types, *self._engines)
            case tree.Comparison(measure, ((operator, limit),)) if self._asks_once and operator in _OPPOSITE:
                return engine.negated(self.test(tree.Comparison(measure, ((_OPPOSITE[operator], limit),))))
        if not self._asks_once:
            return self._test(node)
        if node not in self._names:
            self._names[node] = f"asked:{len(self._names)}"
            self.asked[self._names[node]] = self._test(node)
        return engine.column(self._names[node])

    def _test(self, node: Expression) -> E:
        match node:
            case tree.Comparison(measure, ((operator, limit),)) if self._is_number(measure) and _is_literal(limit):
                value = exact(limit, {}, {})
                assert isinstance(value, Fraction)
                return self._compared(self._measure(measure), operator, value)
            case tree.Membership(tree.Name(name), options) if self._among is not None:
                texts = [option.value for option in options if isinstance(option, tree.Text)]
                if len(texts) == len(options):
                    return self._among(self._engines[0].column(name), texts)
        return compiled(node, self._types, *self._engines)

    def _is_number(self, measure: Expression) -> bool:
        return not _is_literal(measure) and check(measure, self._types)[0].sort is Sort.NUMBER

    def _measure(self, measure: Expression) -> _Measure[E]:
        if measure not in self._measures:
            made = as_ratio(measure, self._types, *self._engines)
            name, is_column = f"measure:{len(self._measures)}", isinstance(measure, tree.Name)
            below = measure.right if made.divided and isinstance(measure, tree.Arithmetic) else None
            self._measures[measure] = _Measure(name, made, is_column, below)
        return self._measures[measure]

    def _kept(self, name: str, value: E) -> E:
        self.columns[name] = value
        return self._engines[0].column(name)

    def _divisor(self, of: _Measure[E], made: E) -> E:
        """As a column, one for all measures that write the same below the line."""
        name = self._divisors.setdefault(of.below or tree.Name(of.name), f"divisor:{len(self._divisors)}")
        self.divisors[name] = made
        return self._engines[0].column(name)

    def _sides(self, measure: _Measure[E]) -> tuple[E, E | None]:
        """What stands above and below, as columns."""
        above, below = measure.ratio.above, measure.ratio.below
        if not measure.is_column:
            above = self._kept(f"{measure.name}:above", above)
            below = None if below is None else self._kept(f"{measure.name}:below", below)
        return above, below

    def _compared(self, of: _Measure[E], operator: Operator, value: Fraction) -> E:
        measure = of.ratio
        if not measure.scale:
            raise UsageError("恒为零的数值不能作为条件")
        limit = value / measure.scale
        turned = _TURNED.get(operator, operator) if measure.scale < 0 else operator
        doubles = self._doubles
        is_narrow = measure.engine is self._engines[0]
        if doubles is not None and measure.below is not None and is_narrow and _is_told_by_quotient(measure, limit):
            over, under = measure.divided or (measure.above, measure.below)
            divided = doubles.quotient(over, self._divisor(of, doubles.divisor(under)))
            divided = self._kept(f"{of.name}:quotient", divided)
            return measure.engine.compare(turned, divided, doubles.literal(float(limit)))
        above, below = self._sides(of)
        is_share = below is not None and (limit * _PERCENT).denominator == 1
        by = _PERCENT if is_share else limit.denominator  # alike for all thresholds of a measure: 100 * a is made once
        times = int(limit * by)
        widest = max(measure.high * by, measure.wide * abs(times))
        engine = measure.engine if widest < 2**measure.engine.bits else self._engines[1]
        if widest > 2**engine.bits:
            raise UsageError("门槛的位数过多，无法精确比较")

        def scaled(side: E, factor: int) -> E:
            return side if factor == 1 and engine is measure.engine else engine.times(side, engine.integer(factor))

        right = engine.integer(times) if below is None else scaled(below, times)
        return engine.compare(turned, scaled(above, by), right)


def _is_told_by_quotient(measure: Ratio[E], limit: Fraction) -> bool:
    if max(measure.high, measure.wide) > _HELD_BY_DOUBLES:
        return False
    double = float(limit)
    reach = Fraction(ulp(double)) / 2 + abs(Fraction(double) - limit)
    return reach * measure.wide * limit.denominator < 1


def _is_literal(node: Expression) -> bool:
    return isinstance(node, tree.Number) or (isinstance(node, tree.Negative) and isinstance(node.part, tree.Number))
