"""One compiler from rule trees to any columnar engine, exact like the reference.

A number becomes a ratio of two integers, `scale * above / below` with `below` > 0, and is never divided:
a / b >= 3% is compared as 100 * a >= 3 * b. So a boundary falls where the decimal says, and 200,000,007 <= 2亿 is
false. Bounds of every integer are known from the types: most rules fit 64 bits, the rest take 128, and one that might
run over these is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import gcd, lcm
from typing import Generic, Protocol, TypeVar

from jiqun.model.errors import UsageError
from jiqun.rules import tree
from jiqun.rules.checking import ensure
from jiqun.rules.dimensions import Sort, ValueType, in_bare_unit, measure
from jiqun.rules.tree import Expression, Function, Operator

E = TypeVar("E")
_HEAVIEST = 20_000  # nodes of the compiled expression; comparing ratios repeats their parts


class TooWide(UsageError):
    """The rule's integers may exceed those of the engine."""


class Engine(Protocol[E]):
    """What an engine must be able to print. Everything is null in, null out, `both` and `either` three-valued.

    `bits`: how many bits its integers may safely take, the sign left out.
    """

    @property
    def bits(self) -> int: ...
    def held(self, name: str, type_: ValueType) -> E: ...
    def column(self, name: str) -> E: ...
    def integer(self, value: int) -> E: ...
    def constant(self, value: bool | str | date) -> E: ...
    def unknown(self, sort: Sort) -> E: ...
    def plus(self, left: E, right: E) -> E: ...
    def minus(self, left: E, right: E) -> E: ...
    def times(self, left: E, right: E) -> E: ...
    def whole_quotient(self, left: E, right: E) -> E: ...
    def absolute(self, value: E) -> E: ...
    def compare(self, operation: Operator, left: E, right: E) -> E: ...
    def both(self, left: E, right: E) -> E: ...
    def either(self, left: E, right: E) -> E: ...
    def negated(self, truth: E) -> E: ...
    def choose(self, condition: E, then: E, otherwise: E) -> E: ...
    def is_known(self, value: E) -> E: ...
    def signed(self, value: E, by: E) -> E:
        """`value` where `by` > 0, -`value` where `by` < 0, unknown where `by` is 0 or unknown."""
        ...

    def whole_years(self, start: E, end: E) -> E: ...
    def quotient(self, scale: Fraction, above: E, below: E | None) -> E: ...


@dataclass(frozen=True)
class _Ratio(Generic[E]):
    """scale * above / below, `below` > 0 and None for 1; `high` and `wide` bound |above| and below.

    `divided`: two integers with the same quotient, of any sign; unknown where the second is 0. None: no simpler.
    """

    scale: Fraction
    above: E
    below: E | None
    high: int
    wide: int
    weight: int = 1
    divided: tuple[E, E] | None = None


@dataclass(frozen=True)
class _Plain(Generic[E]):
    """A truth, a text or a day."""

    value: E
    sort: Sort
    weight: int = 1


def compiled(expression: Expression, types: Mapping[str, ValueType], *engines: Engine[E]) -> E:
    """The rule in the first of `engines` wide enough for it; a number comes out as a float, in the bare unit.

    Raises InputRefused for a rule that does not check, UsageError for one beyond exact 128-bit arithmetic.
    """
    ensure(expression, types)
    for engine in engines:
        try:
            result = _Compiler(types, engine).build(expression)
        except TooWide:
            continue
        return result.value if isinstance(result, _Plain) else engine.quotient(result.scale, result.above, result.below)
    raise _too_wide()


@dataclass(frozen=True)
class Ratio(Generic[E]):
    """A number as two integer expressions: `scale` * `above` / `below`, `below` > 0 and None for 1.

    Unknown is null above or below. |above| <= `high`, below <= `wide`; `engine` has the integers they are made of.
    `divided`: two integers with the same quotient, of any sign; unknown where the second is 0. None: no simpler.
    """

    scale: Fraction
    above: E
    below: E | None
    high: int
    wide: int
    engine: Engine[E]
    divided: tuple[E, E] | None = None


def as_ratio(expression: Expression, types: Mapping[str, ValueType], *engines: Engine[E]) -> Ratio[E]:
    """The number of a rule before it is divided, in the first of `engines` wide enough. Raises as `compiled` does."""
    ensure(expression, types)
    for engine in engines:
        try:
            made = _Compiler(types, engine).build(expression)
        except TooWide:
            continue
        if isinstance(made, _Plain):
            raise UsageError("不是数值表达式")
        return Ratio(made.scale, made.above, made.below, made.high, made.wide, engine, made.divided)
    raise _too_wide()


def _whole(p: Fraction, q: Fraction) -> tuple[Fraction, int, int]:
    """(common, a, b) with p = a * common and q = b * common, a and b as small as can be."""
    common = Fraction(gcd(p.numerator, q.numerator), lcm(p.denominator, q.denominator)) or Fraction(1)
    return common, int(p / common), int(q / common)


def _too_wide() -> TooWide:
    return TooWide("表达式的数值可能超出 128 位整数，请缩小指标的位数或拆成几条规则")


class _Compiler(Generic[E]):
    def __init__(self, types: Mapping[str, ValueType], engine: Engine[E]) -> None:
        self._types = types
        self._engine = engine
        self._widest = 2**engine.bits

    def build(self, node: Expression) -> _Ratio[E] | _Plain[E]:
        made = self._node(node)
        if made.weight > _HEAVIEST:
            raise UsageError("表达式展开后过大，请拆成几条规则")
        if isinstance(made, _Ratio) and max(made.high, made.wide) > self._widest:
            raise _too_wide()
        return made

    def _node(self, node: Expression) -> _Ratio[E] | _Plain[E]:
        match node:
            case tree.Number(value, unit):
                return self._integer(in_bare_unit(value, unit))
            case tree.Text() | tree.Truth() | tree.Day():
                sort = {tree.Text: Sort.TEXT, tree.Truth: Sort.TRUTH, tree.Day: Sort.DAY}[type(node)]
                return _Plain(self._engine.constant(node.value), sort)
            case tree.Name(name):
                return self._name(name, self._types[name])
            case tree.Negative(part):
                number = self._number(part)
                return _Ratio(-number.scale, number.above, number.below, number.high, number.wide, number.weight)
            case tree.Arithmetic(operation, left, right):
                return self._arithmetic(operation, self._number(left), self._number(right))
            case tree.Comparison(first, rest):
                operands = [self.build(first), *(self.build(right) for _, right in rest)]
                pairs = zip(rest, operands, operands[1:], strict=False)
                return self._joined(self._engine.both, [self._compare(op, a, b) for (op, _), a, b in pairs])
            case tree.Membership(item, options):
                wanted = self.build(item)
                equal = [self._compare(Operator.EQUAL, wanted, self.build(option)) for option in options]
                return self._joined(self._engine.either, equal)
            case tree.Logic(operation, parts):
                join = self._engine.both if operation is Operator.AND else self._engine.either
                return self._joined(join, [self._plain(part) for part in parts])
            case tree.Not(part):
                truth = self._plain(part)
                return _Plain(self._engine.negated(truth.value), Sort.TRUTH, truth.weight + 1)
            case tree.Choice(condition, then, otherwise):
                return self._choose(self._plain(condition), self.build(then), self.build(otherwise))
            case tree.Call(function, arguments):
                return self._call(function, arguments)

    def _integer(self, value: Fraction, above: E | None = None, high: int = 1) -> _Ratio[E]:
        return _Ratio(value, self._engine.integer(1) if above is None else above, None, high, 1)

    def _name(self, name: str, type_: ValueType) -> _Ratio[E] | _Plain[E]:
        if type_.sort is not Sort.NUMBER:
            return _Plain(self._engine.column(name), type_.sort)
        scale = measure(type_.unit)[1] / 10**type_.places
        return _Ratio(scale, self._engine.held(name, type_), None, type_.limit, 1, 4)

    def _number(self, node: Expression) -> _Ratio[E]:
        made = self.build(node)
        assert isinstance(made, _Ratio)
        return made

    def _plain(self, node: Expression) -> _Plain[E]:
        made = self.build(node)
        assert isinstance(made, _Plain)
        return made

    def _scaled(self, value: E, by: int) -> E:
        return value if by == 1 else self._engine.times(value, self._engine.integer(by))

    def _product(self, left: E | None, right: E | None) -> E | None:
        if left is None or right is None:
            return right if left is None else left
        return self._engine.times(left, right)

    def _crossed(self, left: _Ratio[E], right: _Ratio[E]) -> tuple[Fraction, _Ratio[E], _Ratio[E]]:
        """Both over one denominator: (scale, left, right) with the scales made whole; the denominators are theirs."""
        common, a, b = _whole(left.scale, right.scale)
        shares = left.below is right.below
        above_left = left.above if shares else self._product(left.above, right.below)
        above_right = right.above if shares else self._product(right.above, left.below)
        assert above_left is not None
        assert above_right is not None
        below = left.below if shares else self._product(left.below, right.below)
        wide = left.wide if shares else left.wide * right.wide
        weight = left.weight + right.weight + 2
        high_left = abs(a) * left.high * (1 if shares else right.wide)
        high_right = abs(b) * right.high * (1 if shares else left.wide)
        if max(high_left, high_right) > self._widest:
            raise _too_wide()
        return (
            common,
            _Ratio(Fraction(1), self._scaled(above_left, a), below, high_left, wide, weight),
            _Ratio(Fraction(1), self._scaled(above_right, b), below, high_right, wide, weight),
        )

    def _arithmetic(self, operation: Operator, left: _Ratio[E], right: _Ratio[E]) -> _Ratio[E]:
        if operation in (Operator.ADD, Operator.SUBTRACT):
            common, a, b = self._crossed(left, right)
            join = self._engine.plus if operation is Operator.ADD else self._engine.minus
            return _Ratio(common, join(a.above, b.above), a.below, a.high + b.high, a.wide, a.weight + 1)
        if operation is Operator.DIVIDE:
            return self._divided(left, right)
        above = self._engine.times(left.above, right.above)
        return _Ratio(
            left.scale * right.scale, above, self._product(left.below, right.below),
            left.high * right.high, left.wide * right.wide, left.weight + right.weight + 1,
        )  # fmt: skip

    def _divided(self, left: _Ratio[E], right: _Ratio[E]) -> _Ratio[E]:
        """The sign of what is divided by moves above, so that what is below stays positive."""
        if right.scale == 0:
            return _Ratio(Fraction(1), self._engine.unknown(Sort.NUMBER), None, 1, 1, weight=2)  # no literal
        scale = left.scale / right.scale
        if right.weight == 1:  # a literal
            return _Ratio(scale, left.above, left.below, left.high, left.wide, left.weight)
        above = self._product(left.above, right.below)
        assert above is not None
        return _Ratio(
            scale,
            self._engine.signed(above, right.above),
            self._product(left.below, self._engine.absolute(right.above)),
            left.high * right.wide, left.wide * right.high, 2 * (left.weight + right.weight) + 6,
            (above, right.above) if left.below is None else None,
        )  # fmt: skip

    def _compare(self, operation: Operator, left: _Ratio[E] | _Plain[E], right: _Ratio[E] | _Plain[E]) -> _Plain[E]:
        engine, weight = self._engine, left.weight + right.weight + 1
        if isinstance(left, _Ratio) and isinstance(right, _Ratio):
            _, a, b = self._crossed(left, right)
            return _Plain(engine.compare(operation, a.above, b.above), Sort.TRUTH, a.weight)
        assert isinstance(left, _Plain)
        assert isinstance(right, _Plain)
        return _Plain(engine.compare(operation, left.value, right.value), Sort.TRUTH, weight)

    def _joined(self, join: Callable[[E, E], E], truths: Sequence[_Plain[E]]) -> _Plain[E]:
        result = truths[0].value
        for truth in truths[1:]:
            result = join(result, truth.value)
        return _Plain(result, Sort.TRUTH, sum(truth.weight + 1 for truth in truths))

    def _choose(
        self, condition: _Plain[E], then: _Ratio[E] | _Plain[E], otherwise: _Ratio[E] | _Plain[E]
    ) -> _Ratio[E] | _Plain[E]:
        engine = self._engine
        weight = 2 * condition.weight + then.weight + otherwise.weight + 1
        if isinstance(then, _Plain) and isinstance(otherwise, _Plain):
            return _Plain(engine.choose(condition.value, then.value, otherwise.value), then.sort, weight)
        assert isinstance(then, _Ratio)
        assert isinstance(otherwise, _Ratio)
        common, a, b = _whole(then.scale, otherwise.scale)
        above = engine.choose(condition.value, self._scaled(then.above, a), self._scaled(otherwise.above, b))
        below = then.below
        if then.below is not otherwise.below:
            one = engine.integer(1)
            ends = [one if each.below is None else each.below for each in (then, otherwise)]
            below = engine.choose(condition.value, *ends)
        high = max(abs(a) * then.high, abs(b) * otherwise.high)
        return _Ratio(common, above, below, high, max(then.wide, otherwise.wide), 2 * weight)

    def _call(self, function: Function, arguments: Sequence[Expression]) -> _Ratio[E] | _Plain[E]:
        engine = self._engine
        match function:
            case Function.ABS:
                number = self._number(arguments[0])
                above = engine.absolute(number.above)
                return _Ratio(abs(number.scale), above, number.below, number.high, number.wide, number.weight + 1)
            case Function.ROUND:
                step = Fraction(1)
                if len(arguments) > 1 and isinstance(arguments[1], tree.Number):
                    step = in_bare_unit(arguments[1].value, arguments[1].unit)
                return self._rounded(self._number(arguments[0]), step)
            case Function.YEARS_BETWEEN:
                start, end = (self._plain(argument) for argument in arguments)
                years = engine.whole_years(start.value, end.value)
                return _Ratio(Fraction(1), years, None, 10_000, 1, 3 * (start.weight + end.weight) + 6)
            case Function.COUNT_TRUE:
                return self._counted([self._plain(argument) for argument in arguments])
        values = [self.build(argument) for argument in arguments]
        result = values[-1] if function is Function.COALESCE else values[0]
        if function is Function.COALESCE:
            for value in reversed(values[:-1]):
                first = value.above if isinstance(value, _Ratio) else value.value
                result = self._choose(_Plain(engine.is_known(first), Sort.TRUTH, value.weight), value, result)
            return result
        operation = Operator.AT_MOST if function is Function.MIN else Operator.AT_LEAST
        for value in values[1:]:
            result = self._choose(self._compare(operation, result, value), result, value)
        return result

    def _rounded(self, value: _Ratio[E], step: Fraction) -> _Ratio[E]:
        engine = self._engine
        share = value.scale / step
        p, q = abs(share.numerator), share.denominator
        below = self._scaled(value.below if value.below is not None else engine.integer(1), q)
        doubled = self._scaled(engine.absolute(value.above), 2 * p)
        high, wide = 2 * p * value.high + q * value.wide, 2 * q * value.wide
        if max(high, wide) > self._widest:
            raise _too_wide()
        whole = engine.whole_quotient(engine.plus(doubled, below), self._scaled(below, 2))
        is_below_zero = engine.compare(Operator.LESS, value.above, engine.integer(0))
        signed = engine.choose(is_below_zero, engine.minus(engine.integer(0), whole), whole)
        return _Ratio(step if share >= 0 else -step, signed, None, high, 1, 6 * value.weight + 10)

    def _counted(self, truths: Sequence[_Plain[E]]) -> _Ratio[E]:
        engine = self._engine
        ones = [engine.choose(truth.value, engine.integer(1), engine.integer(0)) for truth in truths]
        total = ones[0]
        for one in ones[1:]:
            total = engine.plus(total, one)
        return _Ratio(Fraction(1), total, None, len(ones), 1, sum(3 * truth.weight for truth in truths))
