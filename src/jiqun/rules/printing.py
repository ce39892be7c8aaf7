"""Tree → text, one way for each tree: parse(to_text(e)) == e."""

from __future__ import annotations

from jiqun.rules import tree
from jiqun.rules.tree import Expression, Operator

_CHOICE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)


def to_text(expression: Expression) -> str:
    """The canonical text of a tree, with the fewest brackets that keep its meaning."""
    return _printed(expression)[0]


def _printed(node: Expression) -> tuple[str, int]:
    """The text and how tightly it binds."""
    match node:
        case tree.Choice():
            then, otherwise = (_within(part, _CHOICE) for part in (node.then, node.otherwise))
            return f"if {_within(node.condition, _CHOICE)} then {then} else {otherwise}", _CHOICE
        case tree.Logic(operator, parts):
            level = _OR if operator is Operator.OR else _AND
            return f" {operator} ".join(_within(part, level + 1) for part in parts), level
        case tree.Not(part):
            return f"not {_within(part, _NOT)}", _NOT
        case tree.Comparison(first, rest):
            texts = [_within(first, _SUM), *(f"{operator} {_within(right, _SUM)}" for operator, right in rest)]
            return " ".join(texts), _COMPARISON
        case tree.Membership(item, options):
            return f"{_within(item, _SUM)} in [{_listed(options)}]", _COMPARISON
        case tree.Arithmetic(operator, left, right):
            level = _SUM if operator in (Operator.ADD, Operator.SUBTRACT) else _PRODUCT
            return f"{_within(left, level)} {operator} {_within(right, level + 1)}", level
        case tree.Negative(part):
            return f"-{_within(part, _SIGN)}", _SIGN
        case tree.Call(function, arguments):
            return f"{function}({_listed(arguments)})", _ATOM
    return _literal(node), _ATOM


def _literal(node: Expression) -> str:
    match node:
        case tree.Number(value, unit):
            return f"{value:f}{unit}"
        case tree.Text(value):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case tree.Truth(value):
            return "true" if value else "false"
        case tree.Day(value):
            return value.isoformat()
        case tree.Name(name):
            return name
    raise AssertionError(node)


def _within(node: Expression, level: int) -> str:
    text, own = _printed(node)
    return text if own >= level else f"({text})"


def _listed(nodes: tuple[Expression, ...]) -> str:
    return ", ".join(to_text(node) for node in nodes)
