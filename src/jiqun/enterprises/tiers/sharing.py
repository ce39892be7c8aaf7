"""Measures computed once for all the clauses and points that ask for them, in any engine.

A ratio is kept as two integer columns, what stands above and below the line, so that a comparison with a printed
threshold is one multiplication on each side and exact: a / b >= 3% is 100 * a >= 3 * b.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Generic, TypeVar

from jiqun.model.errors import UsageError
from jiqun.rules import Expression, Sort, ValueType, check, tree
from jiqun.rules.compilation import Engine, Ratio, as_ratio, compiled
from jiqun.rules.evaluation import exact
from jiqun.rules.tree import Operator

E = TypeVar("E")
_PERCENT = 100
_TURNED = {
    Operator.LESS: Operator.GREATER, Operator.AT_MOST: Operator.AT_LEAST,
    Operator.GREATER: Operator.LESS, Operator.AT_LEAST: Operator.AT_MOST,
}  # fmt: skip


class Shared(Generic[E]):
    """Tests over held columns. `columns`, name → expression, are the measures they share, computed before the tests."""

    def __init__(
        self,
        types: Mapping[str, ValueType],
        engines: tuple[Engine[E], Engine[E]],
        among: Callable[[E, list[str]], E] | None = None,
    ) -> None:
        """`among`: whether a text is one of several, where an engine has a quicker way than asking one by one."""
        self._types, self._engines, self._among = types, engines, among
        self._measures: dict[Expression, Ratio[E]] = {}
        self.columns: dict[str, E] = {}

    def test(self, node: Expression) -> E:
        """The truth of `node`, null where it is unknown."""
        engine = self._engines[0]
        match node:
            case tree.Logic(operator, parts):
                return reduce(engine.both if operator is Operator.AND else engine.either, map(self.test, parts))
            case tree.Not(part):
                return engine.negated(self.test(part))
            case tree.Comparison(measure, ((operator, limit),)) if self._is_number(measure) and _is_literal(limit):
                value = exact(limit, {}, {})
                assert isinstance(value, Fraction)
                return self._compared(self._measure(measure), operator, value)
            case tree.Membership(tree.Name(name), options) if self._among is not None:
                texts = [option.value for option in options if isinstance(option, tree.Text)]
                if len(texts) == len(options):
                    return self._among(engine.column(name), texts)
        return compiled(node, self._types, *self._engines)

    def _is_number(self, measure: Expression) -> bool:
        return not _is_literal(measure) and check(measure, self._types)[0].sort is Sort.NUMBER

    def _measure(self, measure: Expression) -> Ratio[E]:
        if measure not in self._measures:
            made = as_ratio(measure, self._types, *self._engines)
            if not isinstance(measure, tree.Name):
                name = f"measure:{len(self._measures)}"
                above = self._kept(f"{name}:above", made.above)
                below = None if made.below is None else self._kept(f"{name}:below", made.below)
                made = Ratio(made.scale, above, below, made.high, made.wide, made.engine)
            self._measures[measure] = made
        return self._measures[measure]

    def _kept(self, name: str, value: E) -> E:
        self.columns[name] = value
        return self._engines[0].column(name)

    def _compared(self, measure: Ratio[E], operator: Operator, value: Fraction) -> E:
        if not measure.scale:
            raise UsageError("恒为零的数值不能作为条件")
        limit = value / measure.scale
        is_share = measure.below is not None and (limit * _PERCENT).denominator == 1
        by = _PERCENT if is_share else limit.denominator  # alike for all thresholds of a measure: 100 * a is made once
        times = int(limit * by)
        widest = max(measure.high * by, measure.wide * abs(times))
        engine = measure.engine if widest < 2**measure.engine.bits else self._engines[1]
        if widest > 2**engine.bits:
            raise UsageError("门槛的位数过多，无法精确比较")

        def scaled(side: E, factor: int) -> E:
            return side if factor == 1 and engine is measure.engine else engine.times(side, engine.integer(factor))

        right = engine.integer(times) if measure.below is None else scaled(measure.below, times)
        turned = _TURNED.get(operator, operator) if measure.scale < 0 else operator
        return engine.compare(turned, scaled(measure.above, by), right)


def _is_literal(node: Expression) -> bool:
    return isinstance(node, tree.Number) or (isinstance(node, tree.Negative) and isinstance(node.part, tree.Number))
