"""Rules as Polars expressions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from math import inf, nextafter

import polars as pl

from jiqun.rules.compilation import Engine, compiled
from jiqun.rules.dimensions import Sort, ValueType
from jiqun.rules.tree import Expression, Operator

_TYPES: Mapping[Sort, type[pl.DataType]] = {
    Sort.TEXT: pl.String,
    Sort.TRUTH: pl.Boolean,
    Sort.DAY: pl.Date,
}


_TURNED: Mapping[Operator, Operator] = {
    Operator.EQUAL: Operator.EQUAL, Operator.UNEQUAL: Operator.UNEQUAL, Operator.LESS: Operator.GREATER,
    Operator.AT_MOST: Operator.AT_LEAST, Operator.GREATER: Operator.LESS, Operator.AT_LEAST: Operator.AT_MOST,
}  # fmt: skip
_HELD = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)  # a comparison of narrow ones takes half the time
_UNDER_HALF = nextafter(
    0.5, 0
)  # added before the fraction is cut off; 0.5 would carry what lies just under a half over


def to_polars(expression: Expression, types: Mapping[str, ValueType], *, is_held: bool = False) -> pl.Expr:
    """An expression that agrees with `evaluate` on every row; null is unknown.

    Columns of numbers may be of any numeric type, in the unit of their type; texts String, truths Boolean, days Date.
    With `is_held` they are what `held` made of them, which many rules over one frame then share. A number comes out
    as Float64 in the bare unit; comparisons inside are exact. Raises InputRefused for a rule that does not check
    against `types`, UsageError for one that 128-bit integers cannot hold.
    """
    return compiled(expression, types, _Polars(pl.Int64, 62, is_held), _Polars(pl.Int128, 126, is_held))


def held_engines() -> tuple[Engine[pl.Expr], Engine[pl.Expr]]:
    """The narrow and the wide engine for columns that are `held`, for who compiles rules piece by piece."""
    return _Polars(pl.Int64, 62, True), _Polars(pl.Int128, 126, True)


def held(name: str, type_: ValueType, stored: pl.DataType, are_within: bool = False) -> pl.Expr:
    """A number's column in smallest steps of its type, null for what is unknown or beyond its limit.

    Int64, or as narrow as it is stored. `are_within`: none of its integers is beyond, see `is_within`.
    """
    if not stored.is_integer():
        return _Polars(pl.Int64, 62).held(name, type_)
    column, factor = pl.col(name), 10**type_.places
    is_held = factor == 1 and stored in _HELD
    steps = column if is_held else column.cast(pl.Int64, strict=False).mul(factor)
    within = None if are_within else is_within(name, type_, stored)
    return steps if within is None else pl.when(within).then(steps)


def is_within(name: str, type_: ValueType, stored: pl.DataType) -> pl.Expr | None:
    """Whether integers lie within the limit of their type; None where all that the column can hold do."""
    most = (type_.limit - 1) // 10**type_.places
    if stored in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32) and most >= 2**32:
        return None
    return pl.col(name).is_between(-most if stored.is_signed_integer() else 0, most)


class _Polars:
    def __init__(self, integer: type[pl.DataType], bits: int, is_held: bool = False) -> None:
        self._integer = integer
        self._is_held = is_held
        self.bits = bits

    def held(self, name: str, type_: ValueType) -> pl.Expr:
        if self._is_held:
            return pl.col(name) if self._integer is pl.Int64 else pl.col(name).cast(self._integer)
        number, most = pl.col(name).cast(pl.Float64), _largest(type_.places, type_.limit)
        steps = number * float(10**type_.places) + number.sign() * _UNDER_HALF
        whole = steps.cast(self._integer, wrap_numerical=True)  # asks nothing of a value, which lies within the limit
        return pl.when(number.is_between(-most, most)).then(whole)  # NaN is above every limit

    def _wide(self, value: pl.Expr) -> pl.Expr:
        """What is held may be narrow, what is worked out of it must not be."""
        return value.cast(self._integer) if self._is_held else value

    def column(self, name: str) -> pl.Expr:
        return pl.col(name)

    def integer(self, value: int) -> pl.Expr:
        return pl.lit(value, dtype=self._integer)

    def constant(self, value: bool | str | date) -> pl.Expr:
        return pl.lit(value)

    def unknown(self, sort: Sort) -> pl.Expr:
        return pl.lit(None, dtype=self._integer if sort is Sort.NUMBER else _TYPES[sort])

    def plus(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return self._wide(left).add(right)

    def minus(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return self._wide(left).sub(right)

    def times(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return self._wide(left).mul(right)

    def whole_quotient(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return self._wide(left).floordiv(right)

    def absolute(self, value: pl.Expr) -> pl.Expr:
        return self._wide(value).abs()

    def compare(self, operation: Operator, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        if _is_literal(left) and not _is_literal(right):
            return self.compare(_TURNED[operation], right, left)
        match operation:  # methods, since a right operand made by when() would turn an operator round
            case Operator.EQUAL:
                return left.eq(right)
            case Operator.UNEQUAL:
                return left.ne(right)
            case Operator.LESS:
                return left.lt(right)
            case Operator.AT_MOST:
                return left.le(right)
            case Operator.GREATER:
                return left.gt(right)
        return left.ge(right)

    def both(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left.and_(right)

    def either(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left.or_(right)

    def negated(self, truth: pl.Expr) -> pl.Expr:
        return ~truth

    def choose(self, condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(then).when(~condition).then(otherwise)

    def is_known(self, value: pl.Expr) -> pl.Expr:
        return value.is_not_null()

    def signed(self, value: pl.Expr, by: pl.Expr) -> pl.Expr:
        return pl.when(by.gt(0)).then(value).when(by.lt(0)).then(self._wide(value).mul(self.integer(-1)))

    def whole_years(self, start: pl.Expr, end: pl.Expr) -> pl.Expr:
        def in_year(day: pl.Expr) -> pl.Expr:
            return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()

        begun = (in_year(end) < in_year(start)).cast(pl.Int32)
        return (end.dt.year() - start.dt.year() - begun).cast(self._integer)

    def quotient(self, scale: Fraction, above: pl.Expr, below: pl.Expr | None) -> pl.Expr:
        scaled = above.cast(pl.Float64) * float(scale.numerator) / float(scale.denominator)
        return scaled if below is None else scaled / below.cast(pl.Float64)


@cache
def _largest(places: int, limit: int) -> float:
    """The largest number whose steps, `places` to the right of the point, round to less than `limit`."""

    steps = float(10**places)

    def is_within(number: float) -> bool:
        return number * steps + _UNDER_HALF < limit

    number = (limit - 0.5) / steps
    while not is_within(number):
        number = nextafter(number, 0)
    while is_within(nextafter(number, inf)):
        number = nextafter(number, inf)
    return number


def _is_literal(value: pl.Expr) -> bool:
    """Literals go to the right of a comparison: to the left of a when() that came out alike on all rows, Polars 2.1
    gives one row."""
    return not value.meta.root_names()
