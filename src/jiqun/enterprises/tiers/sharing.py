"""Measures computed once for all the clauses and points that ask for them.

A ratio is kept as two integer columns, what stands above and below the line, so that a comparison with a printed
threshold is one multiplication on each side and exact: a / b >= 3% is 100 * a >= 3 * b.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce

import polars as pl

from jiqun.model.errors import UsageError
from jiqun.rules import Expression, Sort, ValueType, check, to_polars, tree
from jiqun.rules.compilation import Ratio
from jiqun.rules.evaluation import exact
from jiqun.rules.in_polars import to_ratio
from jiqun.rules.tree import Operator

_PERCENT = 100


class Shared:
    """Tests over held columns; `columns` are the measures they share, to be computed before the tests."""

    def __init__(self, types: Mapping[str, ValueType]) -> None:
        self._types = types
        self._measures: dict[Expression, Ratio[pl.Expr]] = {}
        self.columns: list[pl.Expr] = []

    def test(self, node: Expression) -> pl.Expr:
        """The truth of `node`, null where it is unknown."""
        match node:
            case tree.Logic(operator, parts):
                join = pl.Expr.and_ if operator is Operator.AND else pl.Expr.or_
                return reduce(join, (self.test(part) for part in parts))
            case tree.Not(part):
                return ~self.test(part)
            case tree.Comparison(measure, ((operator, limit),)) if self._is_number(measure) and _is_literal(limit):
                value = exact(limit, {}, {})
                assert isinstance(value, Fraction)
                return self._compared(self._measure(measure), operator, value)
        return to_polars(node, self._types, is_held=True)

    def _is_number(self, measure: Expression) -> bool:
        return not _is_literal(measure) and check(measure, self._types)[0].sort is Sort.NUMBER

    def _measure(self, measure: Expression) -> Ratio[pl.Expr]:
        found = self._measures.get(measure)
        if found is not None:
            return found
        made = to_ratio(measure, self._types)
        if not isinstance(measure, tree.Name):
            name = f"measure:{len(self._measures)}"
            self.columns.append(made.above.alias(f"{name}:above"))
            below = None
            if made.below is not None:
                self.columns.append(made.below.alias(f"{name}:below"))
                below = pl.col(f"{name}:below")
            made = Ratio(made.scale, pl.col(f"{name}:above"), below, made.high, made.wide, made.engine)
        self._measures[measure] = made
        return made

    def _compared(self, measure: Ratio[pl.Expr], operator: Operator, value: Fraction) -> pl.Expr:
        if not measure.scale:
            raise UsageError("恒为零的数值不能作为条件")
        limit = value / measure.scale
        by = _PERCENT if measure.below is not None and (limit * _PERCENT).denominator == 1 else limit.denominator
        times = int(limit * by)
        if measure.scale < 0:
            operator = _TURNED.get(operator, operator)
        if max(measure.high * by, measure.wide * abs(times)) > 2**126:
            raise UsageError("门槛的位数过多，无法精确比较")
        is_wide = max(measure.high * by, measure.wide * abs(times)) > 2**62
        kind = pl.Int128 if is_wide else pl.Int64

        def scaled(side: pl.Expr, factor: int) -> pl.Expr:
            side = side.cast(pl.Int128) if is_wide and measure.engine.bits < 64 else side
            return side if factor == 1 else side.mul(pl.lit(factor, dtype=kind))

        left = scaled(measure.above, by)
        right = pl.lit(times, dtype=kind) if measure.below is None else scaled(measure.below, times)
        return _COMPARE[operator](left, right)


_COMPARE = {
    Operator.AT_LEAST: pl.Expr.ge, Operator.GREATER: pl.Expr.gt, Operator.AT_MOST: pl.Expr.le,
    Operator.LESS: pl.Expr.lt, Operator.EQUAL: pl.Expr.eq, Operator.UNEQUAL: pl.Expr.ne,
}  # fmt: skip
_TURNED = {
    Operator.LESS: Operator.GREATER, Operator.AT_MOST: Operator.AT_LEAST,
    Operator.GREATER: Operator.LESS, Operator.AT_LEAST: Operator.AT_MOST,
}  # fmt: skip


def _is_literal(node: Expression) -> bool:
    return isinstance(node, tree.Number) or (isinstance(node, tree.Negative) and isinstance(node.part, tree.Number))
