"""What a rule says of one row: the reference that every engine must agree with. Slow, exact, three-valued."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jiqun.model.errors import UsageError
from jiqun.rules import tree
from jiqun.rules.dimensions import Sort, ValueType, in_bare_unit, measure
from jiqun.rules.tree import Expression, Function, Operator

Value = None | bool | str | date | Decimal
Exact = None | bool | str | date | Fraction
Types = Mapping[str, ValueType]

_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq, Operator.UNEQUAL: operator.ne, Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le, Operator.GREATER: operator.gt, Operator.AT_LEAST: operator.ge,
}  # fmt: skip
_WIDE = Context(prec=60)
_KEPT = 4096  # numbers of the firm or two that a page explains


def evaluate(expression: Expression, row: Mapping[str, object], types: Types | None = None) -> Value:
    """The value of an expression for a row; None is unknown.

    A number of the row is in the unit of its type, and at that type's precision; without `types`, in its bare unit.
    A name the row has not is unknown, so is x/0, so is all that has something unknown in it; but false and unknown
    is false, true or unknown is true, and coalesce passes over what is unknown. Arithmetic is rational, hence exact;
    a resulting number comes in the bare unit (元; 0.03 for 3%), rounded to 28 digits only where it does not end.
    """
    return as_value(exact(expression, row, types or {}))


def as_value(value: Exact) -> Value:
    if not isinstance(value, Fraction):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def exact(node: Expression, row: Mapping[str, object], types: Types) -> Exact:
    """Like `evaluate`, numbers as fractions."""
    return Reading(row, types).of(node)


class Reading:
    """One row as rules read it: whoever asks again for a node is told what it came to the first time.

    `types` of all names asked for; nodes are known by which object they are.
    """

    def __init__(self, row: Mapping[str, object], types: Types) -> None:
        self.row, self.types = row, types
        self._known: dict[int, tuple[Expression, Exact]] = {}  # the node is kept, so that no other takes its number

    def of(self, node: Expression) -> Exact:
        """The node's value, a number as a fraction in its bare unit; None is unknown."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = node, _value(node, self.of, self.row, self.types)
        return known[1]


def _value(node: Expression, of: Callable[[Expression], Exact], row: Mapping[str, object], types: Types) -> Exact:
    match node:
        case tree.Name(name):
            return held(row.get(name), types.get(name), name)
        case tree.Number(value, unit):
            return in_bare_unit(value, unit)
        case tree.Comparison(first, rest):
            values = [of(first), *(of(right) for _, right in rest)]
            return conjunction([compare(op, a, b) for (op, _), a, b in zip(rest, values, values[1:], strict=False)])
        case tree.Arithmetic(operation, left, right):
            return _arithmetic(operation, of(left), of(right))
        case tree.Logic(operation, parts):
            truths = [_truth(of(part)) for part in parts]
            return conjunction(truths) if operation is Operator.AND else disjunction(truths)
        case tree.Text() | tree.Truth() | tree.Day():
            return node.value
        case tree.Negative(part):
            number = of(part)
            return -number if isinstance(number, Fraction) else None
        case tree.Membership(item, options):
            wanted = of(item)
            return disjunction([compare(Operator.EQUAL, wanted, of(option)) for option in options])
        case tree.Not(part):
            truth = _truth(of(part))
            return None if truth is None else not truth
        case tree.Choice(condition, then, otherwise):
            truth = _truth(of(condition))
            return None if truth is None else of(then if truth else otherwise)
        case tree.Call(function, arguments):
            return _call(function, [of(argument) for argument in arguments])


def held(value: object, type_: ValueType | None, name: str) -> Exact:
    """A cell of a row as the language sees it: rounded to its type's precision, unknown beyond its type's limit.

    A float is the double it is: 1.005元 is stored just below the half and becomes 1.00, in every engine; a Decimal of
    1.005 is that, and becomes 1.01.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, Decimal) and not value.is_finite():
        return None  # also one that signals, which cannot be looked up
    if isinstance(value, float | int | Decimal):
        return _number(value, type_)
    raise UsageError(f"“{name}”的值 {value!r} 不是数值、文字、是否或日期")


@lru_cache(maxsize=_KEPT)
def _number(value: float | Decimal, type_: ValueType | None) -> Fraction | None:
    """Kept, for all clauses of all tiers ask the same cells; equal numbers of any Python type are held alike."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return None
    if type_ is None or type_.sort is not Sort.NUMBER:
        return Fraction(number)
    if isinstance(value, float):
        scaled = Decimal(value * float(10**type_.places))
        steps = int(scaled.to_integral_value(ROUND_HALF_UP)) if scaled.is_finite() else type_.limit
    else:
        steps = int(_WIDE.scaleb(number, type_.places).to_integral_value(ROUND_HALF_UP))
    if abs(steps) >= type_.limit:
        return None
    return Fraction(steps, 10**type_.places) * measure(type_.unit)[1]


def compare(operation: Operator, left: Exact, right: Exact) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, Fraction) and isinstance(right, Fraction):  # as fractions compare, without their detours
        return _COMPARE[operation](left.numerator * right.denominator, right.numerator * left.denominator)
    return _COMPARE[operation](left, right)


def conjunction(truths: Sequence[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def disjunction(truths: Sequence[bool | None]) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def round_half_up(value: Fraction, step: Fraction) -> Fraction:
    """四舍五入 to a multiple of `step`; a half goes away from zero."""
    whole = (2 * abs(value) + step) // (2 * step)
    return step * (whole if value >= 0 else -whole)


def whole_years(start: date, end: date) -> int:
    """Full years from `start` to `end`; one begun on 29 February is full on 1 March of a common year."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _truth(value: Exact) -> bool | None:
    return value if isinstance(value, bool) else None


def _arithmetic(operation: Operator, left: Exact, right: Exact) -> Fraction | None:
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        return None
    match operation:
        case Operator.ADD:
            return left + right
        case Operator.SUBTRACT:
            return left - right
        case Operator.MULTIPLY:
            return left * right
    return left / right if right else None


def _call(function: Function, values: Sequence[Exact]) -> Exact:
    if function is Function.COALESCE:
        return next((value for value in values if value is not None), None)
    if any(value is None for value in values):
        return None
    first: Any = values[0]
    match function:
        case Function.MIN:
            return min(values)  # type: ignore[type-var]
        case Function.MAX:
            return max(values)  # type: ignore[type-var]
        case Function.ABS:
            return abs(first)  # type: ignore[no-any-return]
        case Function.ROUND:
            step: Any = values[1] if len(values) > 1 else Fraction(1)
            return round_half_up(first, step)
        case Function.YEARS_BETWEEN:
            end: Any = values[1]
            return Fraction(whole_years(first, end))
    return Fraction(sum(value is True for value in values))
