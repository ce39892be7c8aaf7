"""Shares judged by one rounded quotient where that is proved to tell the same, by products elsewhere."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import polars as pl
import pytest

from jiqun.enterprises.tiers.in_polars import DOUBLES
from jiqun.enterprises.tiers.sharing import Shared
from jiqun.rules import Sort, ValueType, parse
from jiqun.rules.evaluation import compare
from jiqun.rules.in_polars import held_engines
from jiqun.rules.tree import Operator

MONEY = {"a": ValueType(Sort.NUMBER, "元"), "b": ValueType(Sort.NUMBER, "元")}
LIMIT = MONEY["a"].limit


def beside(limit: Fraction, rng: Random) -> list[tuple[int, int]]:
    """(a, b) in 分 on the threshold and one 分 off it, up to the largest sums that are held."""
    largest = min(LIMIT - 1, int((LIMIT - 2) / abs(limit)) if limit else LIMIT - 1)
    below = [largest, largest - 1, *(rng.randrange(1, largest) for _ in range(40)), *range(1, 40)]
    pairs = [(round(limit * b) + off, b) for b in below for off in (-1, 0, 1)]
    return [*pairs, *((-a, -b) for a, b in pairs), *((a, -b) for a, b in pairs), (1, 0), (0, 0)]


def with_measures(frame: pl.DataFrame, shared: Shared[pl.Expr]) -> pl.DataFrame:
    for stage in (shared.divisors, shared.columns):
        frame = frame.with_columns(value.alias(name) for name, value in stage.items())
    return frame


@pytest.mark.parametrize("percent", ["3", "6", "60", "25", "-20", "0", "35", "99.999", "1000", "400.01"])
@pytest.mark.parametrize("operator", [">=", ">", "<=", "<", "==", "!="])
def test_a_share_is_told_to_the_last_fen(percent, operator):
    limit, rng = Fraction(percent) / 100, Random(percent)
    pairs = beside(limit, rng)
    shared = Shared(MONEY, held_engines(), doubles=DOUBLES)
    test = shared.test(parse(f"a / b {operator} {percent}%"))
    frame = pl.DataFrame(pairs, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    frame = with_measures(frame, shared)
    said = frame.select(test.alias("truth"))["truth"].to_list()
    expected = [compare(Operator(operator), Fraction(a, b), limit) if b else None for a, b in pairs]
    assert said == expected


def test_a_quotient_is_asked_only_where_it_is_proved():
    """4 / 5 of 10**15 分 lie apart as doubles, 37 / 100 need not."""
    for percent, is_quotient in (("80", True), ("37", False)):
        shared = Shared(MONEY, held_engines(), doubles=DOUBLES)
        shared.test(parse(f"a / b >= {percent}%"))
        assert any(name.endswith(":quotient") for name in shared.columns) is is_quotient


def test_without_the_proof_a_quotient_would_err():
    """One 分 short of 99% of nearly 10 万亿元: the doubles are one."""
    a, b = next(
        (a, b)
        for b in range(LIMIT - 1, LIMIT - 10_000, -1)
        if Fraction(a := 99 * b // 100, b) != Fraction(99, 100) and a / b == 0.99
    )
    shared = Shared(MONEY, held_engines(), doubles=DOUBLES)
    test = shared.test(parse("a / b >= 99%"))
    frame = pl.DataFrame({"a": [a], "b": [b]})
    frame = with_measures(frame, shared)
    assert frame.select(test.alias("truth"))["truth"].to_list() == [False]
