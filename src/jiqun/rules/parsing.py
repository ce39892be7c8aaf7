"""Text → tree, or one finding that points at the word that was not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold
from jiqun.model.spans import Span
from jiqun.rules import tree
from jiqun.rules.tree import Expression, Function, Operator

LONGEST_RULE = 10_000
DEEPEST_RULE = 100
_SCALES = "[十百千万亿]"
_UNIT_WORDS = (
    "个百分点", "百分点", "平方公里", "平方千米", "平方米", "吨标准煤", "千瓦时", "千瓦", "千克", "公斤", "公顷",
    "公里", "美元", "港元", "欧元", "日元", "元", "亩", "吨", "倍", "成", "年", "月", "天", "日", "岁", "分", "级",
    *"家个项件人户名台条处只次场座批套种类支所位",
)  # fmt: skip
_OPERATORS = {"=": "==", "≥": ">=", "≧": ">=", "≤": "<=", "≦": "<=", "≠": "!=", "×": "*", "÷": "/"}


def unit_pattern() -> str:
    """Every unit a literal may carry, longest words first: 万亿元, 万元/亩, 个百分点, %, or a bare 万."""
    word = f"{_SCALES}*(?:{'|'.join(_UNIT_WORDS)})"
    return f"(?:{word}(?:/{word})?|{_SCALES}+|%|‰)"


def parse(text: str, place: Place | None = None) -> Expression:
    """The tree of `text`.

    `place` says where the text stands in its file; its line is that of the text's first line. Raises InputRefused
    with one finding that names line, column and the word, for a text that is no expression of the language.
    """
    place = place or Place()
    if len(text) > LONGEST_RULE:
        raise _refused(f"表达式有 {len(text)} 字，超过 {LONGEST_RULE} 字", text, 0, place)
    return _parsed(text, place)


@lru_cache(maxsize=2048)
def _parsed(text: str, place: Place) -> Expression:
    """Trees never change, and a city's metrics are read again for every tier that measures by them."""
    try:
        parsed = _grammar().parse(_folded(text))
    except UnexpectedInput as error:
        raise _not_understood(error, text, place) from error
    if _depth(parsed) > DEEPEST_RULE:
        raise _refused(f"嵌套超过 {DEEPEST_RULE} 层", text, 0, place)
    return _Builder(text, place).build(parsed)


@cache
def _grammar() -> Lark:
    source = files("jiqun.rules").joinpath("grammar.lark").read_text("utf-8")
    source = source.replace("(UNITS)", unit_pattern().replace("/", r"\/"))
    return Lark(source, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _folded(text: str) -> str:
    """The text with full-width marks made plain, each in its place; quoted texts are left alone."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"|“[^”\n]*”|[^"“]+', lambda m: m[0] if m[0][0] in '"“' else fold(m[0]), text)


def _depth(parsed: Tree[Token] | Token) -> int:
    deepest, waiting = 0, [(parsed, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Tree):
            own = depth + (len(node.children) // 2 if node.data in ("sum", "product") else 1)
            waiting += [(child, own) for child in node.children]
    return deepest


def _not_understood(error: UnexpectedInput, text: str, place: Place) -> InputRefused:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return _refused("表达式没有写完", text, len(text.rstrip()), place)
    at = error.pos_in_stream if error.pos_in_stream is not None else 0
    if isinstance(error, UnexpectedToken):
        return _refused(f"“{error.token}”不应出现在这里", text, at, place)
    assert isinstance(error, UnexpectedCharacters)
    if text[at].isdigit():
        return _refused("数字后面的单位不认识，或单位之后没有空格", text, at, place)
    return _refused(f"“{text[at]}”读不懂", text, at, place)


def _refused(reason: str, text: str, at: int, place: Place) -> InputRefused:
    """One finding, the place marked in the line itself: `收入 >= ▸5000万且`."""
    line = text.count("\n", 0, at)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown = text[max(start, at - 20) : at] + "▸" + text[at : min(end if end >= 0 else len(text), at + 20)]
    message = f"第 {line + 1} 行第 {at - start + 1} 列{reason}：{shown.strip()}"
    where = replace(place, line=place.line + line) if place.line else place
    return InputRefused([Finding("rule.syntax", Severity.ERROR, message, where)])


class _Builder:
    """Lark's tree → ours, the words taken from the text as it was written."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place

    def build(self, node: Tree[Token]) -> Expression:
        span = Span(node.meta.start_pos, node.meta.end_pos)
        build = getattr(self, f"_{node.data}")
        built: Expression = build(node.children, span)
        return built

    def _written(self, token: Token) -> str:
        return self._text[token.start_pos : token.end_pos]

    def _choice(self, children: list[Tree[Token]], span: Span) -> Expression:
        condition, then, otherwise = map(self.build, children)
        return tree.Choice(condition, then, otherwise, span=span)

    def _disjunction(self, children: list[Tree[Token]], span: Span) -> Expression:
        return tree.Logic(Operator.OR, tuple(map(self.build, children)), span=span)

    def _conjunction(self, children: list[Tree[Token]], span: Span) -> Expression:
        return tree.Logic(Operator.AND, tuple(map(self.build, children)), span=span)

    def _negation(self, children: list[Tree[Token]], span: Span) -> Expression:
        return tree.Not(self.build(children[0]), span=span)

    def _comparison(self, children: list[Tree[Token] | Token], span: Span) -> Expression:
        built = self._chain(children)
        return tree.Comparison(built[0], built[1], span=span)

    def _membership(self, children: list[Tree[Token]], span: Span) -> Expression:
        item, *options = map(self.build, children)
        return tree.Membership(item, tuple(options), span=span)

    def _exclusion(self, children: list[Tree[Token]], span: Span) -> Expression:
        return tree.Not(self._membership(children, span), span=span)

    def _sum(self, children: list[Tree[Token] | Token], span: Span) -> Expression:
        built, rest = self._chain(children)
        for operator, right in rest:
            built = tree.Arithmetic(operator, built, right, span=Span(span.start, right.span.end))
        return built

    _product = _sum

    def _chain(
        self, children: Sequence[Tree[Token] | Token]
    ) -> tuple[Expression, tuple[tuple[Operator, Expression], ...]]:
        operands = [self.build(child) for child in children if isinstance(child, Tree)]
        words = [_OPERATORS.get(str(child), str(child)) for child in children if isinstance(child, Token)]
        return operands[0], tuple(zip(map(Operator, words), operands[1:], strict=True))

    def _signed(self, children: list[Tree[Token] | Token], span: Span) -> Expression:
        sign, part = children
        assert isinstance(part, Tree)
        return tree.Negative(self.build(part), span=span) if sign == "-" else self.build(part)

    def _day(self, children: list[Token], span: Span) -> Expression:
        try:
            return tree.Day(date.fromisoformat(children[0]), span=span)
        except ValueError as error:
            raise _refused(f"“{children[0]}”不是日期", self._text, span.start, self._place) from error

    def _quantity(self, children: list[Token], span: Span) -> Expression:
        match = re.fullmatch(r"([\d.]+)(.*)", children[0])
        assert match
        return tree.Number(Decimal(match[1]), match[2], span=span)

    def _quoted(self, children: list[Token], span: Span) -> Expression:
        written = self._written(children[0])
        inner = written[1:-1]
        return tree.Text(re.sub(r"\\(.)", r"\1", inner) if written[0] == '"' else inner, span=span)

    def _true(self, _children: list[Token], span: Span) -> Expression:
        return tree.Truth(True, span=span)

    def _false(self, _children: list[Token], span: Span) -> Expression:
        return tree.Truth(False, span=span)

    def _name(self, children: list[Token], span: Span) -> Expression:
        return tree.Name(self._written(children[0]), span=span)

    def _call(self, children: list[Tree[Token] | Token], span: Span) -> Expression:
        name, *arguments = children
        assert isinstance(name, Token)
        if name not in list(Function):
            known = "、".join(Function)
            raise _refused(f"没有函数“{name}”（可用：{known}）", self._text, span.start, self._place)
        return tree.Call(
            Function(name), tuple(self.build(child) for child in arguments if isinstance(child, Tree)), span=span
        )
