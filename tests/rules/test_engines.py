"""Polars and SQL say of every row what the reference says, on made-up rules and on exact boundaries."""

from __future__ import annotations

import functools
import math
from datetime import date
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jiqun.model.errors import UsageError
from jiqun.rules import Sort, ValueType, check, evaluate, parse, to_polars, to_sqlglot

from . import worlds

_POLARS = {Sort.NUMBER: pl.Float64, Sort.TEXT: pl.String, Sort.TRUTH: pl.Boolean, Sort.DAY: pl.Date}
_SQL = {Sort.NUMBER: "DOUBLE", Sort.TEXT: "VARCHAR", Sort.TRUTH: "BOOLEAN", Sort.DAY: "DATE"}


def stored(value):
    return float(value) if isinstance(value, Decimal) else value


def by_polars(expression, rows, types):
    schema = {name: _POLARS[type_.sort] for name, type_ in types.items()}
    frame = pl.DataFrame([{name: stored(row.get(name)) for name in types} for row in rows], schema=schema, orient="row")
    return frame.with_columns(to_polars(expression, types).alias("结果"))["结果"].to_list()


@functools.cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def by_sql(expression, rows, types):
    connection = database()
    columns = ", ".join(f'"{name}" {_SQL[type_.sort]}' for name, type_ in types.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE firms (nr INTEGER, {columns})")
    marks = ", ".join("?" * (len(types) + 1))
    connection.executemany(
        f"INSERT INTO firms VALUES ({marks})",
        [[nr, *(stored(row.get(name)) for name in types)] for nr, row in enumerate(rows)],
    )
    sql = to_sqlglot(expression, types, "duckdb").sql("duckdb")
    return [row[0] for row in connection.execute(f"SELECT {sql} FROM firms ORDER BY nr").fetchall()]


def agrees(expected, got) -> bool:
    if isinstance(expected, Decimal):
        return got is not None and math.isclose(float(expected), got, rel_tol=1e-9, abs_tol=1e-12)
    return expected is got if expected is None or isinstance(expected, bool) else expected == got


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds.expressions(), st.lists(worlds.rows, min_size=1, max_size=8))
def test_polars_agrees_with_the_reference(expression, rows):
    assume(not check(expression, worlds.TYPES)[1])
    expected = [evaluate(expression, row, worlds.TYPES) for row in rows]
    try:
        got = by_polars(expression, rows, worlds.TYPES)
    except UsageError:
        assume(False)
    assert [agrees(a, b) for a, b in zip(expected, got, strict=True)] == [True] * len(rows), (expected, got)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds.expressions(), st.lists(worlds.rows, min_size=1, max_size=8))
def test_sql_agrees_with_the_reference(expression, rows):
    assume(not check(expression, worlds.TYPES)[1])
    expected = [evaluate(expression, row, worlds.TYPES) for row in rows]
    try:
        got = by_sql(expression, rows, worlds.TYPES)
    except UsageError:
        assume(False)
    assert [agrees(a, b) for a, b in zip(expected, got, strict=True)] == [True] * len(rows), (expected, got)


def by_reference(expression, rows, types):
    return [evaluate(expression, row, types) for row in rows]


ENGINES = pytest.mark.parametrize("engine", [by_reference, by_polars, by_sql])
FIRM = {
    "sales": ValueType(Sort.NUMBER, "万元"),
    "rd": ValueType(Sort.NUMBER, "万元"),
    "yuan": ValueType(Sort.NUMBER, "元"),
    "share": ValueType(Sort.NUMBER, "%"),
    "y1": ValueType(Sort.NUMBER, "万元"),
    "staff": ValueType(Sort.NUMBER, "人"),
    "patents": ValueType(Sort.NUMBER, "件"),
    "hnte": ValueType(Sort.TRUTH),
    "level": ValueType(Sort.TEXT),
    "founded": ValueType(Sort.DAY),
}

# Thresholds as the tiers print them, each just short of, on and just past its edge.
BOUNDARIES = [
    # 科技型中小企业 第六条(二): at most 2亿元; in 32-bit floats 200,000,007 is 200,000,000
    ("yuan <= 2亿元", "yuan", ["199999999.99", "200000000", "200000000.01", "200000007"], [True, True, False, False]),
    ("sales <= 20000万元", "sales", ["19999.999999", "20000", "20000.000001"], [True, True, False]),
    # 高新技术企业 第十一条(五)2: above 5000万元, up to 2亿元
    ("5000万元 < sales <= 2亿元", "sales", ["5000", "5000.01", "20000", "20000.01"], [False, True, True, False]),
    # 江苏瞪羚: more than 4%, the bound itself not counted
    ("share > 4%", "share", ["3.999999", "4", "4.000001"], [False, False, True]),
    # a score table: 25%(含)-30%
    ("25% <= share < 30%", "share", ["24.999999", "25", "29.999999", "30"], [False, True, True, False]),
    ("share in [3%, 0.3倍]", "share", ["3", "30", "29.999999"], [True, True, False]),
    ("share >= 0.3个百分点", "share", ["0.299999", "0.3", "0.300001"], [False, True, True]),
    ("patents == 3", "patents", ["2", "3", "4"], [False, True, False]),
    ("staff >= 300人", "staff", ["299", "300"], [False, True]),
    ("round(share, 0.1%) >= 3%", "share", ["2.949999", "2.95", "-2.95"], [False, True, False]),
    ("round(share, 0.1%) == -3%", "share", ["-2.949999", "-2.95"], [False, True]),
    ("min(sales, 1亿元) == 1亿元", "sales", ["9999.999999", "10000", "10001"], [False, True, True]),
    ("abs(share) <= 5%", "share", ["-5", "-5.000001", "5"], [True, False, True]),
]


@ENGINES
@pytest.mark.parametrize(("rule", "name", "values", "expected"), BOUNDARIES)
def test_a_threshold_holds_on_its_exact_boundary(engine, rule, name, values, expected):
    rows = [{name: Decimal(value)} for value in values] + [{name: None}]
    assert engine(parse(rule), rows, FIRM) == [*expected, None]


# rd / sales, where no binary float is the decimal share: 0.03 * 10**k is above or below its true value at random.
@ENGINES
@pytest.mark.parametrize("percent", ["3%", "4%", "5%", "0.7%", "60%", "2.5%"])
def test_a_share_meets_its_threshold_exactly_at_any_size(engine, percent):
    share = Decimal(percent[:-1]) / 100
    sizes = [Decimal(n) for n in (100, 700, 1100, 12300, 333300, 99999900, 123456700)]
    exact = [{"sales": size, "rd": size * share} for size in sizes]
    short = [{"sales": size, "rd": size * share - Decimal("0.000001")} for size in sizes]
    over = [{"sales": size, "rd": size * share + Decimal("0.000001")} for size in sizes]
    for rule, expected in (
        (f"rd / sales >= {percent}", (True, False, True)),
        (f"rd / sales > {percent}", (False, False, True)),
    ):
        for rows, answer in zip((exact, short, over), expected, strict=True):
            assert engine(parse(rule), rows, FIRM) == [answer] * len(sizes)


@ENGINES
def test_a_share_of_a_loss_keeps_its_sign(engine):
    rows = [
        {"rd": Decimal(a), "sales": Decimal(b)} for a, b in ((1, -10), (-1, 10), (-1, -10), (0, -10), (1, 0), (0, 0))
    ]
    assert engine(parse("rd / sales >= 10%"), rows, FIRM) == [False, False, True, False, None, None]
    assert engine(parse("rd / sales <= -10%"), rows, FIRM) == [True, True, False, False, None, None]


@ENGINES
def test_the_growth_formula_of_the_high_tech_guide_fits_and_is_exact(engine):
    # 工作指引: 1/2 (Y2/Y1 + Y3/Y2) - 1; 100 → 120 → 180 grows by 20% and 50%, on average 35%
    rule = parse("1/2 * (sales/y1 + rd/sales) - 1 >= 35%")
    rows = [
        {"y1": Decimal(100), "sales": Decimal(120), "rd": Decimal(value)}
        for value in ("179.999999", "180", "180.000001")
    ]
    assert engine(rule, rows, FIRM) == [False, True, True]


@ENGINES
def test_unknown_is_a_third_answer(engine):
    rule = parse('hnte and (sales >= 5000万元 or level in ["一级", "二级"])')
    rows = [
        {"hnte": False},
        {"hnte": True},
        {"hnte": True, "sales": Decimal(5000)},
        {"hnte": True, "sales": Decimal(4999), "level": "三级"},
        {"hnte": True, "sales": Decimal(4999)},
        {"sales": Decimal(5000)},
    ]
    assert engine(rule, rows, FIRM) == [False, None, True, False, None, None]


@ENGINES
def test_only_coalesce_turns_unknown_into_something(engine):
    rows = [{"rd": None, "sales": Decimal(1)}, {"rd": Decimal(2), "sales": Decimal(1)}]
    assert engine(parse("coalesce(rd, 0) + sales >= 3万元"), rows, FIRM) == [False, True]
    assert engine(parse("rd + sales >= 3万元"), rows, FIRM) == [None, True]
    assert engine(parse("coalesce(rd / 0元, sales / sales) == 100%"), rows, FIRM) == [True, True]
    assert engine(parse("sales / (rd / 0元) >= 0元"), rows, FIRM) == [None, None]  # what is divided by is unknown
    assert engine(parse("max(rd, sales) >= 1万元"), rows, FIRM) == [None, True]
    assert engine(parse("count_true(rd > 0, sales > 0) >= 1"), rows, FIRM) == [None, True]


@ENGINES
def test_full_years_turn_on_the_day(engine):
    days = ["2023-06-02", "2023-06-01", "2022-06-02", "2020-02-29"]
    rows = [{"founded": date.fromisoformat(day)} for day in days]
    assert engine(parse("years_between(founded, 2024-06-01) >= 1年"), rows, FIRM) == [False, True, True, True]
    assert engine(parse("years_between(founded, 2023-02-28) >= 3年"), rows, FIRM)[3] is False
    assert engine(parse("founded >= 2022-06-02"), rows, FIRM) == [True, True, True, False]


@ENGINES
def test_a_column_alike_on_all_rows_is_still_a_column(engine):
    for value in (None, Decimal(0), Decimal(1)):
        rows = [{"sales": value, "rd": value}] * 3
        for rule in ("0元 == sales", "0% == rd / sales", "1元 < (if sales > 0 then rd else -rd)"):
            one = evaluate(parse(rule), rows[0], FIRM)
            assert engine(parse(rule), rows, FIRM) == [one] * 3


def test_what_128_bits_cannot_hold_is_refused_and_not_computed_wrongly():
    rule = parse("(rd/sales + sales/y1 + y1/rd + rd/y1) / 4 >= 3%")
    with pytest.raises(UsageError, match="128"):
        to_polars(rule, FIRM)
    assert evaluate(rule, dict.fromkeys(("rd", "sales", "y1"), Decimal(1)), FIRM) is True


@ENGINES
def test_a_figure_beyond_what_its_type_holds_is_unknown(engine):
    assert engine(parse("sales > 0"), [{"sales": Decimal("999999999.99")}, {"sales": Decimal(10**9)}], FIRM) == [
        True,
        None,
    ]


@ENGINES
def test_half_a_step_rounds_away_from_zero_and_just_under_half_does_not(engine):
    """Of 分, and up to the last figure below 10 万亿元."""
    figures = ["0.005", "-0.005", "0.00499999999999999", "0.015", "9999999999999.99", "10000000000000"]
    rows = [{"yuan": Decimal(figure)} for figure in figures]
    assert engine(parse("yuan >= 0.01元"), rows, FIRM) == [True, False, False, True, True, None]
    assert engine(parse("yuan <= -0.01元"), rows, FIRM) == [False, True, False, False, False, None]
    assert engine(parse("yuan >= 9999999999999.99元"), rows, FIRM) == [False, False, False, False, True, None]


@ENGINES
def test_a_float_that_prints_as_half_a_step_is_the_double_it_is(engine):
    """1.005 lies below the half by 1e-16, 8.345 above it; a cell finer than 分 is rounded alike everywhere."""
    rows = [{"yuan": figure} for figure in (1.005, -1.005, 8.345, 0.285, 2.675, 1.115, 1e308)]
    assert engine(parse("yuan == 1元 or yuan == -1元"), rows, FIRM)[:2] == [True, True]
    assert engine(parse("yuan == 8.35元"), rows, FIRM)[2] is True
    halves = [{"yuan": sign * (2 * k + 1) / 200} for k in range(0, 300_000, 37) for sign in (1, -1)]
    above = engine(parse("round(yuan, 0.01元)"), [*rows, *halves], FIRM)
    expected = [evaluate(parse("round(yuan, 0.01元)"), row, FIRM) for row in [*rows, *halves]]
    assert [agrees(a, b) for a, b in zip(expected, above, strict=True)] == [True] * len(above)


def test_what_is_no_number_is_unknown_in_polars():
    frame = pl.DataFrame({"yuan": [math.nan, math.inf, -math.inf, 1e300]})
    assert frame.select(to_polars(parse("yuan >= 0元"), FIRM)).to_series().to_list() == [None] * 4


def test_other_dialects_print():
    sql = to_sqlglot(parse("rd / sales >= 3%"), FIRM, "spark").sql("spark")
    assert "BIGINT" in sql
    assert "`sales`" in sql
    assert "DECIMAL(38, 0)" in to_sqlglot(parse("rd / sales * share >= 3%"), FIRM, "spark").sql("spark")
