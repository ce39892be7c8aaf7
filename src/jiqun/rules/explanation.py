"""Why a rule says what it says of a row: clause by clause, with the figures and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jiqun.rules import tree
from jiqun.rules.checking import dimension_of
from jiqun.rules.dimensions import measure
from jiqun.rules.evaluation import Exact, Reading, Types, Value, as_value
from jiqun.rules.printing import to_text
from jiqun.rules.tree import Expression

_SIX_DIGITS = 6


@dataclass(frozen=True)
class Explanation:
    """A node of the rule with what it came to.

    `text`: the clause; `value`: its value in the bare unit, None for unknown; `shown`: the value as a person reads
    it (3.2%, 6200 万元, 符合, 未知); `verdict`: for a clause that is true or false, else None; `missing`: the names
    without a value on which an unknown outcome hangs; `parts`: the clauses and figures it is made of.
    """

    text: str
    value: Value
    shown: str
    is_clause: bool
    missing: tuple[str, ...]
    parts: tuple[Explanation, ...]

    @property
    def verdict(self) -> bool | None:
        return self.value if isinstance(self.value, bool) else None


def explain(expression: Expression, row: Mapping[str, object], types: Types | None = None) -> Explanation:
    """The explanation of a faultless expression for a row."""
    return _explained(expression, Reading(row, types or {}))


def missing(node: Expression, reading: Reading) -> tuple[str, ...]:
    """The names without a value on which an unknown outcome hangs.

    A known outcome misses nothing: false and unknown is false whatever the unknown turns out to be.
    """
    if reading.of(node) is not None:
        return ()
    if isinstance(node, tree.Name):
        return (node.name,)
    return tuple(dict.fromkeys(name for part in tree.parts(node) for name in missing(part, reading)))


def _explained(node: Expression, reading: Reading) -> Explanation:
    value = reading.of(node)
    is_clause = _is_clause(node, reading.types)
    return Explanation(
        to_text(node),
        as_value(value),
        _shown(node, value, is_clause, reading.types),
        is_clause,
        missing(node, reading),
        tuple(_explained(part, reading) for part in tree.parts(node) if _tells(part)),
    )


def _tells(node: Expression) -> bool:
    return not isinstance(node, tree.Number | tree.Text | tree.Truth | tree.Day)


def _is_clause(node: Expression, types: Types) -> bool:
    if isinstance(node, tree.Name):
        return node.name in types and types[node.name].sort == "truth"
    return isinstance(node, tree.Comparison | tree.Membership | tree.Logic | tree.Not)


def _shown(node: Expression, value: Exact, is_clause: bool, types: Types) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return ("符合" if value else "不符合") if is_clause else ("是" if value else "否")
    if not isinstance(value, Fraction):
        return str(value)
    if isinstance(node, tree.Name) and node.name in types:
        unit = types[node.name].unit
        return _with_unit(value / measure(unit)[1], unit)
    dimension = dimension_of(node, types)
    if dimension.is_ratio:
        return _with_unit(value * 100, "%")
    return _with_unit(value, dimension.label if dimension.powers else "")


def _with_unit(value: Fraction, unit: str) -> str:
    number = round(Decimal(value.numerator) / Decimal(value.denominator), _SIX_DIGITS)
    return f"{number.normalize():f}" + (f" {unit}" if unit and unit != "%" else unit)
