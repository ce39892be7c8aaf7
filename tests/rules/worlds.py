"""Made-up names, rows and well-typed rules over them, for tests that compare engines."""

from __future__ import annotations

import functools
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from jiqun.rules import Expression, Sort, ValueType, tree
from jiqun.rules.tree import Function, Operator

TYPES = {
    "营业收入": ValueType(Sort.NUMBER, "万元"),
    "rd": ValueType(Sort.NUMBER, "元"),
    "负债率": ValueType(Sort.NUMBER, "%"),
    "staff": ValueType(Sort.NUMBER, "人"),
    "专利": ValueType(Sort.NUMBER, "件"),
    "等级": ValueType(Sort.TEXT),
    "高企": ValueType(Sort.TRUTH),
    "失信": ValueType(Sort.TRUTH),
    "成立": ValueType(Sort.DAY),
    "截至": ValueType(Sort.DAY),
}

_ORDER = [Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST, Operator.EQUAL, Operator.UNEQUAL]
_days = st.sampled_from([date(2020, 2, 29), date(2021, 2, 28), date(2021, 3, 1), date(2024, 6, 1), date(2010, 12, 31)])
_words = st.sampled_from(["一级", "二级", 'A"\\'])


def _money(places: int, limit: int) -> st.SearchStrategy[Decimal]:
    near = st.sampled_from([0, 1, 3, 100, 5000, 20000]).map(Decimal)
    return near | st.integers(-limit, limit).map(lambda n: Decimal(n).scaleb(-places))


rows = st.fixed_dictionaries(
    {
        "营业收入": st.none() | _money(6, 10**14),
        "rd": st.none() | _money(2, 10**14),
        "负债率": st.none() | _money(6, 10**9),
        "staff": st.none() | st.integers(0, 300_000).map(Decimal),
        "专利": st.none() | st.integers(0, 4).map(Decimal),
        "等级": st.none() | _words,
        "高企": st.none() | st.booleans(),
        "失信": st.none() | st.booleans(),
        "成立": st.none() | _days,
        "截至": st.none() | _days,
    }
)


def _literal(values: list[str], units: list[str]) -> st.SearchStrategy[Expression]:
    return st.builds(
        lambda value, unit: tree.Number(Decimal(value), unit), st.sampled_from(values), st.sampled_from(units)
    )


_LEAVES = {
    "money": _literal(["0", "1", "5000", "2", "1.5"], ["元", "万元", "亿元"])
    | st.sampled_from([tree.Name("营业收入"), tree.Name("rd")]),
    "ratio": _literal(["0", "3", "60", "0.3"], ["%", "个百分点", "倍"]) | st.just(tree.Name("负债率")),
    "count": _literal(["0", "1", "3", "4"], ["", "件"]) | st.just(tree.Name("专利")),
}


def _absolute(a: Expression) -> Expression:
    return tree.Call(Function.ABS, (a,))


def _itself(a: Expression) -> Expression:
    return a


@functools.cache
def _numbers(kind: str, depth: int) -> st.SearchStrategy[Expression]:
    leaf = _LEAVES[kind]
    if depth == 0:
        return leaf
    same = _numbers(kind, depth - 1)
    options = [
        st.builds(lambda wrap, a: wrap(a), st.sampled_from([tree.Negative, _absolute, _itself]), same),
        st.builds(tree.Arithmetic, st.sampled_from([Operator.ADD, Operator.SUBTRACT]), same, same),
        st.builds(
            lambda f, a: tree.Call(f, tuple(a)),
            st.sampled_from([Function.MIN, Function.MAX, Function.COALESCE]),
            st.lists(same, min_size=1, max_size=3),
        ),
        st.builds(tree.Choice, truths(depth - 1), same, same),
    ]
    if kind == "money":
        options.append(st.builds(tree.Arithmetic, st.just(Operator.MULTIPLY), same, _numbers("ratio", 0)))
        step = _literal(["1", "0.5"], ["元", "万元"])
        options.append(st.builds(lambda a, s: tree.Call(Function.ROUND, (a, s)), same, step))
    if kind == "ratio":
        money = _numbers("money", depth - 1)
        options.append(st.builds(tree.Arithmetic, st.just(Operator.DIVIDE), money, money))
        step = _literal(["0.1", "1", "5"], ["%"])
        options.append(st.builds(lambda a, s: tree.Call(Function.ROUND, (a, s)), same, step))
    if kind == "count":
        many = st.lists(truths(depth - 1), min_size=1, max_size=3)
        options.append(many.map(lambda a: tree.Call(Function.COUNT_TRUE, tuple(a))))
    return st.one_of(options)


@functools.cache
def _days_of(depth: int) -> st.SearchStrategy[Expression]:
    leaf = st.sampled_from([tree.Name("成立"), tree.Name("截至")]) | _days.map(tree.Day)
    both = st.lists(leaf, min_size=2, max_size=2).map(tuple)
    return (
        leaf
        if depth == 0
        else leaf | both.map(lambda a: tree.Call(Function.COALESCE, a)) | both.map(lambda a: tree.Call(Function.MAX, a))
    )


@functools.cache
def truths(depth: int) -> st.SearchStrategy[Expression]:
    leaf = st.sampled_from([tree.Name("高企"), tree.Name("失信"), tree.Truth(True), tree.Truth(False)])
    if depth == 0:
        return leaf
    part = truths(depth - 1)
    several = st.lists(part, min_size=2, max_size=3).map(tuple)
    years = st.builds(
        lambda a, b, n: tree.Comparison(tree.Call(Function.YEARS_BETWEEN, (a, b)), ((Operator.AT_LEAST, n),)),
        _days_of(depth - 1), _days_of(depth - 1), _literal(["1", "3"], ["年", ""]),
    )  # fmt: skip
    options = [
        leaf,
        part.map(tree.Not),
        st.builds(tree.Logic, st.sampled_from([Operator.AND, Operator.OR]), several),
        years,
    ]
    for kind in ("money", "ratio", "count"):
        number = _numbers(kind, depth - 1)
        if kind == "ratio":  # a ratio is never compared with a plain number
            number = number.filter(lambda e: not isinstance(e, tree.Number) or e.unit != "")
        rest = st.lists(st.tuples(st.sampled_from(_ORDER), number), min_size=1, max_size=2).map(tuple)
        options.append(st.builds(tree.Comparison, number, rest))
        options.append(st.builds(tree.Membership, number, st.lists(number, min_size=1, max_size=2).map(tuple)))
    words = st.just(tree.Name("等级")) | _words.map(tree.Text)
    options.append(st.builds(tree.Membership, words, st.lists(words, min_size=1, max_size=3).map(tuple)))
    options.append(
        st.builds(
            lambda a, op, b: tree.Comparison(a, ((op, b),)),
            _days_of(depth - 1),
            st.sampled_from(_ORDER),
            _days_of(depth - 1),
        )
    )
    return st.one_of(options)


@functools.cache
def expressions(depth: int = 3) -> st.SearchStrategy[Expression]:
    """Rules that check against `TYPES`; truths mostly, sums of money and ratios sometimes."""
    number = _numbers("money", depth - 1) | _numbers("ratio", depth - 1)
    return st.integers(0, 4).flatmap(lambda n: truths(depth) if n else number)
