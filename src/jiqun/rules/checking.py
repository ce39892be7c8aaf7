"""Whether a rule makes sense before any firm is judged by it: names, types, units."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.rules import tree
from jiqun.rules.dimensions import PLAIN, RATIO, YEARS, Dimension, Sort, ValueType, measure
from jiqun.rules.printing import to_text
from jiqun.rules.tree import Expression, Function, Operator

_ORDERED = (Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST)
_ARGUMENTS = {Function.ABS: (1, 1), Function.ROUND: (1, 2), Function.YEARS_BETWEEN: (2, 2)}


@dataclass(frozen=True)
class _Kind:
    """What the checker knows of a node; `sort` None after a fault, so that one fault is told once."""

    sort: Sort | None
    dimension: Dimension = PLAIN
    is_bare: bool = False  # made of literals without a unit only
    is_zero: bool = False  # the literal 0 fits every unit


_TRUTH, _DAY, _TEXT, _FAULTY = _Kind(Sort.TRUTH), _Kind(Sort.DAY), _Kind(Sort.TEXT), _Kind(None)


def check(
    expression: Expression, names: Mapping[str, ValueType], place: Place | None = None
) -> tuple[ValueType, tuple[Finding, ...]]:
    """The type of the result, and every fault of names, types and units; all of them errors.

    A number is in the bare unit of its type (元, never 万元). Where there are faults the type is a guess.
    """
    checker = _Checker(names, place or Place())
    kind = checker.kind(expression)
    unit = "" if kind.dimension == RATIO or not kind.dimension.powers else kind.dimension.label
    return ValueType(kind.sort or Sort.TRUTH, unit), tuple(checker.findings)


def ensure(expression: Expression, names: Mapping[str, ValueType]) -> ValueType:
    """The type of a faultless expression. Raises InputRefused with all faults of any other."""
    result, findings = check(expression, names)
    if findings:
        raise InputRefused(findings)
    return result


def dimension_of(expression: Expression, names: Mapping[str, ValueType]) -> Dimension:
    """What the number of a faultless expression counts."""
    return _Checker(names, Place()).kind(expression).dimension


class _Checker:
    def __init__(self, names: Mapping[str, ValueType], place: Place) -> None:
        self._names = names
        self._place = place
        self.findings: list[Finding] = []

    def kind(self, node: Expression) -> _Kind:
        match node:
            case tree.Number(value, unit):
                dimension = measure(unit)[0]
                return _Kind(Sort.NUMBER, dimension, is_bare=dimension == PLAIN, is_zero=value == 0)
            case tree.Text():
                return _TEXT
            case tree.Truth():
                return _TRUTH
            case tree.Day():
                return _DAY
            case tree.Name(name):
                return self._name(node, name)
            case tree.Negative(part):
                return replace(self._expect(part, Sort.NUMBER), is_zero=False)
            case tree.Arithmetic():
                return self._arithmetic(node)
            case tree.Comparison(first, rest):
                self._comparison(node, first, rest)
            case tree.Membership(item, options):
                self._alike(node, (item, *options), is_comparison=True)
            case tree.Logic(_, parts):
                for part in parts:
                    self._expect(part, Sort.TRUTH)
            case tree.Not(part):
                self._expect(part, Sort.TRUTH)
            case tree.Choice(condition, then, otherwise):
                self._expect(condition, Sort.TRUTH)
                return self._alike(node, (then, otherwise))
            case tree.Call(function, arguments):
                return self._call(node, function, arguments)
        return _TRUTH

    def _name(self, node: Expression, name: str) -> _Kind:
        known = self._names.get(name)
        if known is None:
            near = difflib.get_close_matches(name, self._names, 1, 0.5)
            return self._fault("unknown_name", node, f"没有名为“{name}”的指标", f"是否指“{near[0]}”？" if near else "")
        return _Kind(known.sort, measure(known.unit)[0] if known.sort is Sort.NUMBER else PLAIN)

    def _expect(self, node: Expression, sort: Sort) -> _Kind:
        kind = self.kind(node)
        if kind.sort in (None, sort):
            return kind
        return self._fault("type", node, f"“{to_text(node)}”是{_label(kind)}，此处需要{sort.label}")

    def _arithmetic(self, node: tree.Arithmetic) -> _Kind:
        if node.operator in (Operator.ADD, Operator.SUBTRACT):
            left, right = self._expect(node.left, Sort.NUMBER), self._expect(node.right, Sort.NUMBER)
            return self._joined(node, [(node.left, left), (node.right, right)], is_comparison=False)
        left, right = self._expect(node.left, Sort.NUMBER), self._expect(node.right, Sort.NUMBER)
        if left.sort is None or right.sort is None:
            return _FAULTY
        sign = -1 if node.operator is Operator.DIVIDE else 1
        return _Kind(Sort.NUMBER, left.dimension.times(right.dimension, sign), left.is_bare and right.is_bare)

    def _comparison(self, node: Expression, first: Expression, rest: tuple[tuple[Operator, Expression], ...]) -> None:
        operands = (first, *(right for _, right in rest))
        kind = self._alike(node, operands, is_comparison=True)
        is_ordered = any(operator in _ORDERED for operator, _ in rest)
        if is_ordered and kind.sort in (Sort.TEXT, Sort.TRUTH):
            self._fault("type", node, f"{_label(kind)}只能用 == 或 != 比较")

    def _alike(self, node: Expression, operands: tuple[Expression, ...], *, is_comparison: bool = False) -> _Kind:
        """The common kind of operands that must be of one sort and, where numbers, of one dimension."""
        kinds = [(operand, self.kind(operand)) for operand in operands]
        sorts = {kind.sort for _, kind in kinds}
        if None in sorts:
            return _FAULTY
        if len(sorts) > 1:
            said = "、".join(f"“{to_text(operand)}”是{_label(kind)}" for operand, kind in kinds)
            return self._fault("type", node, f"不能放在一起：{said}")
        return self._joined(node, kinds, is_comparison) if sorts == {Sort.NUMBER} else kinds[0][1]

    def _joined(self, node: Expression, kinds: list[tuple[Expression, _Kind]], is_comparison: bool) -> _Kind:
        if any(kind.sort is None for _, kind in kinds):
            return _FAULTY
        telling = [(operand, kind) for operand, kind in kinds if not kind.is_zero]
        if not telling:
            return kinds[0][1]
        main_operand, main = max(telling, key=lambda item: (not item[1].is_bare, bool(item[1].dimension.powers)))
        for operand, kind in telling:
            if main.dimension.is_ratio and is_comparison and kind.is_bare:
                return self._fault(
                    "unit",
                    operand,
                    f"“{to_text(operand)}”没有单位，“{to_text(main_operand)}”是比率",
                    _as_percent(operand),
                )
            if not main.dimension.meets(kind.dimension):
                pair = ((main_operand, main), (operand, kind))
                said = "与".join(f"“{to_text(each)}”（{its.dimension.label}）" for each, its in pair)
                return self._fault(
                    "unit", node, f"{said}单位不同类，不能相加或比较", "数值后请写明单位" if kind.is_bare else ""
                )
        is_ratio = any(kind.dimension.is_ratio for _, kind in telling)
        dimension = replace(main.dimension, is_ratio=is_ratio) if not main.dimension.powers else main.dimension
        return _Kind(Sort.NUMBER, dimension, all(kind.is_bare for _, kind in telling))

    def _call(self, node: Expression, function: Function, arguments: tuple[Expression, ...]) -> _Kind:
        least, most = _ARGUMENTS.get(function, (1, 99))
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} 到 {most}"
            return self._fault("arguments", node, f"{function} 需要 {wanted} 个参数，给了 {len(arguments)} 个")
        match function:
            case Function.ABS:
                return self._expect(arguments[0], Sort.NUMBER)
            case Function.ROUND:
                return self._round(node, arguments)
            case Function.YEARS_BETWEEN:
                for argument in arguments:
                    self._expect(argument, Sort.DAY)
                return _Kind(Sort.NUMBER, YEARS)
            case Function.COUNT_TRUE:
                for argument in arguments:
                    self._expect(argument, Sort.TRUTH)
                return _Kind(Sort.NUMBER)
        kind = self._alike(node, arguments)
        if function is not Function.COALESCE and kind.sort in (Sort.TEXT, Sort.TRUTH):
            return self._fault("type", node, f"{function} 只用于数值或日期")
        return kind

    def _round(self, node: Expression, arguments: tuple[Expression, ...]) -> _Kind:
        kind = self._expect(arguments[0], Sort.NUMBER)
        if len(arguments) == 1:
            if kind.sort is None or (kind.dimension.needs_no_unit and not kind.dimension.is_ratio):
                return kind
            return self._fault(
                "arguments", node, "round 需要第二个参数：取整的步长", "例：round(x, 0.01%)、round(y, 1万元)"
            )
        step = arguments[1]
        if not isinstance(step, tree.Number) or step.value == 0:
            return self._fault(
                "arguments",
                node,
                "round 的第二个参数是取整的步长，写成大于 0 的数",
                "例：round(x, 0.01%)、round(y, 1万元)",
            )
        return self._joined(node, [(arguments[0], kind), (step, self.kind(step))], is_comparison=True)

    def _fault(self, code: str, node: Expression, message: str, remedy: str = "") -> _Kind:
        column = f"第 {node.span.start + 1} 字起：" if len(node.span) else ""
        self.findings.append(Finding(f"rule.{code}", Severity.ERROR, column + message, self._place, remedy))
        return _FAULTY


def _label(kind: _Kind) -> str:
    return kind.sort.label if kind.sort else ""


def _as_percent(operand: Expression) -> str:
    if isinstance(operand, tree.Number):
        return f"请写成 {operand.value:f}% 或 {(operand.value * Decimal(100)).normalize():f}%"
    return "请写成百分数"
