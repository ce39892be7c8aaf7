"""The tree of a rule: frozen nodes that know where in the text they stand; equal trees say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from jiqun.model.spans import Span


class Operator(StrEnum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    AND = "and"
    OR = "or"


class Function(StrEnum):
    MIN = "min"
    MAX = "max"
    ABS = "abs"
    ROUND = "round"
    COALESCE = "coalesce"
    YEARS_BETWEEN = "years_between"
    COUNT_TRUE = "count_true"


@dataclass(frozen=True, kw_only=True)
class Node:
    """`span` is the node's stretch of the text it was parsed from; it takes no part in equality."""

    span: Span = field(default=Span(0, 0), compare=False, repr=False)


@dataclass(frozen=True)
class Number(Node):
    """A number as printed with its unit: 5000万元 is 5000 in "万元", 3% is 3 in "%". Never negative."""

    value: Decimal
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.value.is_finite() or self.value.is_signed():
            raise ValueError(f"not a literal: {self.value}")


@dataclass(frozen=True)
class Text(Node):
    value: str


@dataclass(frozen=True)
class Truth(Node):
    value: bool


@dataclass(frozen=True)
class Day(Node):
    value: date


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Negative(Node):
    part: Expression


@dataclass(frozen=True)
class Arithmetic(Node):
    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison(Node):
    """`first` and then each (operator, operand): 60 <= x < 80 holds when both 60 <= x and x < 80 do."""

    first: Expression
    rest: tuple[tuple[Operator, Expression], ...]


@dataclass(frozen=True)
class Membership(Node):
    item: Expression
    options: tuple[Expression, ...]


@dataclass(frozen=True)
class Logic(Node):
    operator: Operator  # AND or OR
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Not(Node):
    part: Expression


@dataclass(frozen=True)
class Choice(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Call(Node):
    function: Function
    arguments: tuple[Expression, ...]


Expression = (
    Number | Text | Truth | Day | Name | Negative | Arithmetic | Comparison | Membership | Logic | Not | Choice | Call
)


def parts(expression: Expression) -> Iterator[Expression]:
    """The nodes directly under one, from left to right."""
    kind: type = type(expression)
    for name in _fields(kind):
        yield from _nodes(getattr(expression, name))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """Asked for every node of every rule, and alike for all of a kind."""
    return tuple(each.name for each in fields(kind))


def _nodes(value: object) -> Iterator[Expression]:
    if isinstance(value, Node):
        yield value  # type: ignore[misc]
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def names(expression: Expression) -> frozenset[str]:
    """Every name the expression asks for."""
    own = {expression.name} if isinstance(expression, Name) else set()
    return frozenset(own.union(*(names(part) for part in parts(expression))))


def substituted(expression: Expression, by: Callable[[Name], Expression]) -> Expression:
    """The expression with what `by` says in the place of each name."""
    if isinstance(expression, Name):
        return by(expression)
    changed: dict[str, Any] = {each.name: _with(getattr(expression, each.name), by) for each in fields(expression)}
    return replace(expression, **changed)


def _with(value: object, by: Callable[[Name], Expression]) -> object:
    if isinstance(value, Node):
        return substituted(value, by)  # type: ignore[arg-type]
    return tuple(_with(item, by) for item in value) if isinstance(value, tuple) else value
