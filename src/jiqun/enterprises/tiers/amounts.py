"""Points of every firm at once, as a column or as one number, with bounds that are known before any row is read.

Bounds settle most of what joins points: of two amounts that cannot cross, the lesser needs no comparison, and a total
that cannot pass its cap is not cut. Points are counted whole or in hundredths; no amount is ever null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Literal

import polars as pl

from jiqun.model.errors import UsageError

HUNDREDTHS = 100


@dataclass(frozen=True)
class Unit:
    """What the points of a table are counted in: so many `steps` to a point, as integers of a type."""

    steps: int
    type: pl.DataType


WHOLE = Unit(1, pl.Int16())  # narrow: a table's totals are kept for every firm
FINE = Unit(HUNDREDTHS, pl.Int32())
_HELD_WHOLE = 2**15 - 1


@dataclass(frozen=True, eq=False)
class Amount:
    """From `least` to `most` points, as `column` has them in a unit; without a column `least` for every firm."""

    least: Fraction
    most: Fraction
    unit: Unit
    column: pl.Expr | None = None

    @property
    def expression(self) -> pl.Expr:
        return pl.lit(whole(self.least, self.unit.steps), self.unit.type) if self.column is None else self.column

    def is_always(self, points: Fraction) -> bool:
        return self.least == points == self.most

    def kept(self, name: str) -> Amount:
        """The same once its column stands in the frame as `name`."""
        return self if self.column is None else replace(self, column=pl.col(name))


def fixed(points: Fraction, unit: Unit) -> Amount:
    return Amount(points, points, unit)


def unit_of(points: Sequence[Fraction]) -> Unit:
    """What counts all of them, and their sum, exactly."""
    is_whole = all(each.denominator == 1 for each in points)
    return WHOLE if is_whole and sum(map(abs, points)) <= _HELD_WHOLE else FINE


def whole(points: Fraction, steps: int = HUNDREDTHS) -> int:
    """In steps to a point. Raises UsageError for what is finer."""
    scaled = points * steps
    if scaled.denominator != 1:
        raise UsageError(f"分值 {float(points)} 细于百分之一分")
    return int(scaled)


def total(amounts: Sequence[Amount], unit: Unit) -> Amount:
    """The sum; numbers are added here and not row by row."""
    bounds = [sum((each.least for each in amounts), Fraction(0)), sum((each.most for each in amounts), Fraction(0))]
    columns = [each.column for each in amounts if each.column is not None]
    if not columns:
        return fixed(bounds[0], unit)
    alike = fixed(sum((each.least for each in amounts if each.column is None), Fraction(0)), unit)
    added = columns if alike.is_always(Fraction(0)) else [*columns, alike.expression]
    return Amount(bounds[0], bounds[1], unit, reduce(pl.Expr.add, added))


def lowest(amounts: Sequence[Amount]) -> Amount:
    first = min(amounts, key=lambda each: each.most)  # what never lies below it need not be asked
    asked = [each for each in amounts if each is first or each.least < first.most]
    if len(asked) == 1:
        return first
    column = pl.min_horizontal([each.expression for each in asked])
    return Amount(min(each.least for each in asked), first.most, first.unit, column)


def highest(amounts: Sequence[Amount]) -> Amount:
    first = max(amounts, key=lambda each: each.least)
    asked = [each for each in amounts if each is first or each.most > first.least]
    if len(asked) == 1:
        return first
    column = pl.max_horizontal([each.expression for each in asked])
    return Amount(first.least, max(each.most for each in asked), first.unit, column)


def chosen(test: pl.Expr, if_true: Amount, if_unknown: Amount, if_false: Amount) -> Amount:
    """By a truth of three answers; where the third is one of the others, it is asked once only."""
    least = min(if_true.least, if_unknown.least, if_false.least)
    most = max(if_true.most, if_unknown.most, if_false.most)
    unit = if_true.unit
    if least == most:
        return fixed(least, unit)
    if if_unknown is if_true:  # what is null is no reason to turn to `then`
        column = pl.when(~test).then(if_false.expression).otherwise(if_true.expression)
        return Amount(least, most, unit, column)
    column = pl.when(test).then(if_true.expression).otherwise(if_false.expression)
    if if_unknown is not if_false:
        column = pl.when(test.is_null()).then(if_unknown.expression).otherwise(column)
    return Amount(least, most, unit, column)


def tried(
    steps: Sequence[tuple[pl.Expr | None, Fraction]], otherwise: Amount, unknown: Literal["lowest", "highest"]
) -> Amount:
    """Of `steps`, (test, points), the first that holds, else `otherwise`; the `unknown` of all that may be it.

    A step without a test may hold or not.
    """
    amount = otherwise
    for test, points in reversed(steps):
        here = fixed(points, otherwise.unit)
        open_ = lowest([here, amount]) if unknown == "lowest" else highest([here, amount])
        amount = open_ if test is None else chosen(test, here, open_, amount)
    return amount


def where_null(column: pl.Expr, points: Fraction, amount: Amount) -> Amount:
    """`points` where the column is unknown, else `amount`."""
    return chosen(column.is_null(), fixed(points, amount.unit), amount, amount)


def awarded(given: pl.Expr, low: Amount, high: Amount) -> tuple[Amount, Amount]:
    """Both ends at what people gave (in their unit, null where nobody did), as far as it lies between them."""
    within = pl.min_horizontal(pl.max_horizontal(given, low.expression), high.expression)
    columns = [pl.when(given.is_null()).then(end.expression).otherwise(within) for end in (low, high)]
    low, high = (Amount(low.least, high.most, low.unit, column) for column in columns)
    return low, high
