"""Rules as SQL trees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from sqlglot import exp

from jiqun.rules.compilation import Engine, compiled
from jiqun.rules.dimensions import Sort, ValueType
from jiqun.rules.tree import Expression, Operator

_WIDE_INTEGERS = {"duckdb": "INT128"}  # elsewhere decimals of 38 digits
_COMPARISONS: Mapping[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ, Operator.UNEQUAL: exp.NEQ, Operator.LESS: exp.LT,
    Operator.AT_MOST: exp.LTE, Operator.GREATER: exp.GT, Operator.AT_LEAST: exp.GTE,
}  # fmt: skip


def to_sqlglot(
    expression: Expression, types: Mapping[str, ValueType], dialect: str = "duckdb", *, is_held: bool = False
) -> exp.Expr:
    """An expression that agrees with `evaluate` on every row; NULL is unknown. Print it with `.sql(dialect)`.

    Columns are named as in `types`, quoted; what they hold and what comes out is as for `to_polars`, and with `is_held`
    they are what `held` made of them. Raises as `to_polars` does.
    """
    return compiled(expression, types, *_engines(dialect, is_held))


def held_engines(dialect: str) -> tuple[Engine[exp.Expr], Engine[exp.Expr]]:
    """As `in_polars.held_engines`."""
    return _engines(dialect, True)


def _engines(dialect: str, is_held: bool) -> tuple[_Sql, _Sql]:
    wide = _WIDE_INTEGERS.get(dialect, "DECIMAL(38, 0)")
    return _Sql("BIGINT", 62, is_held), _Sql(wide, 126, is_held)


def held(name: str, type_: ValueType) -> exp.Expr:
    """A number's column as BIGINT in smallest steps of its type, NULL for what is unknown or beyond its limit."""
    return _Sql("BIGINT", 62).held(name, type_)


class _Sql:
    def __init__(self, integer: str, bits: int, is_held: bool = False) -> None:
        self._integer_type = exp.DataType.build(integer, dialect="duckdb")
        self._is_held = is_held
        self.bits = bits

    def held(self, name: str, type_: ValueType) -> exp.Expr:
        if self._is_held:
            return self._cast(self.column(name))
        scaled = _binary(exp.Mul, exp.cast(self.column(name), "double"), exp.Literal.number(10**type_.places))
        steps = exp.func("ROUND", scaled)
        is_held = _binary(exp.LT, exp.func("ABS", steps), exp.Literal.number(type_.limit))  # NaN is above all
        return self._cast(exp.case().when(is_held, steps.copy()))

    def _cast(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, self._integer_type.copy())

    def column(self, name: str) -> exp.Expr:
        return exp.column(name, quoted=True)

    def integer(self, value: int) -> exp.Expr:
        return self._cast(exp.Literal.number(value))

    def constant(self, value: bool | str | date) -> exp.Expr:
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        if isinstance(value, date):
            return exp.cast(exp.Literal.string(value.isoformat()), "date")
        return exp.Literal.string(value)

    def unknown(self, sort: Sort) -> exp.Expr:
        if sort is Sort.NUMBER:
            return self._cast(exp.Null())
        return exp.cast(exp.Null(), {Sort.TEXT: "text", Sort.TRUTH: "boolean", Sort.DAY: "date"}[sort])

    def plus(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.Add, left, right)

    def minus(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.Sub, left, right)

    def times(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.Mul, left, right)

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.IntDiv, left, right)

    def absolute(self, value: exp.Expr) -> exp.Expr:
        return exp.func("ABS", value.copy())

    def compare(self, operation: Operator, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(_COMPARISONS[operation], left, right)

    def both(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.And, left, right)

    def either(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _binary(exp.Or, left, right)

    def negated(self, truth: exp.Expr) -> exp.Expr:
        return exp.Not(this=exp.Paren(this=truth.copy()))

    def choose(self, condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
        return exp.case().when(condition.copy(), then.copy()).when(self.negated(condition), otherwise.copy())

    def is_known(self, value: exp.Expr) -> exp.Expr:
        return exp.Not(this=exp.Paren(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null())))

    def signed(self, value: exp.Expr, by: exp.Expr) -> exp.Expr:
        zero = exp.Literal.number(0)
        case = exp.case().when(_binary(exp.GT, by, zero), value.copy())
        return case.when(_binary(exp.LT, by, zero), exp.Neg(this=exp.Paren(this=value.copy())))

    def whole_years(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        def part(name: str, day: exp.Expr) -> exp.Expr:
            return exp.Extract(this=exp.var(name), expression=day.copy())

        def in_year(day: exp.Expr) -> exp.Expr:
            return self.plus(self.times(part("MONTH", day), exp.Literal.number(100)), part("DAY", day))

        one, zero = exp.Literal.number(1), exp.Literal.number(0)
        begun = self.choose(_binary(exp.LT, in_year(end), in_year(start)), one, zero)
        return self._cast(self.minus(self.minus(part("YEAR", end), part("YEAR", start)), begun))

    def quotient(self, scale: Fraction, above: exp.Expr, below: exp.Expr | None) -> exp.Expr:
        scaled = self.times(exp.cast(above.copy(), "double"), exp.cast(exp.Literal.number(scale.numerator), "double"))
        divisor: exp.Expr = exp.cast(exp.Literal.number(scale.denominator), "double")
        if below is not None:
            divisor = self.times(exp.cast(below.copy(), "double"), divisor)
        return _binary(exp.Div, scaled, divisor)


def _binary(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """left ∘ right, both in brackets; copies, since a tree of sqlglot has one parent for each node."""
    return kind(this=exp.Paren(this=left.copy()), expression=exp.Paren(this=right.copy()))
