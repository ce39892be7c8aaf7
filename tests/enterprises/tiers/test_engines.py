"""Polars, SQL and Spark say of every firm what the definition says: made-up tiers, the city's own, every boundary."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiqun.enterprises import columns
from jiqun.enterprises.tiers import in_spark, tiers_on
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.in_polars import answer_columns, classified
from jiqun.enterprises.tiers.in_sql import statement
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.packs.schema.tiers import Node, ScoreTable, TierVersion

from . import worlds

SCHEMA = {
    **columns.schema(columns.columns(worlds.suzhou())),
    "judged__made__c1": pl.Boolean(),
    "points__made__t__i0": pl.Float64(),
}


def frame_of(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(rows, schema={name: SCHEMA[name] for name in names}).with_row_index("nr")


def differences(rules, rows, got):
    """(row, column, expected, got) wherever an engine differs; `got` as dicts in the order of `rows`."""
    found = []
    for nr, (row, answers) in enumerate(zip(rows, got, strict=True)):
        for rule in rules:
            wanted = worlds.expected(rule, row)
            assert set(wanted) == set(answer_columns([rule]))
            found += [
                (nr, name, value, answers[name]) for name, value in wanted.items() if not same(value, answers[name])
            ]
    return found


def same(expected, got):
    return expected is got or (
        got is not None and expected == got and isinstance(expected, bool) == isinstance(got, bool)
    )


def by_polars(frame, rules):
    return classified(frame.lazy(), rules, ["nr"]).collect(engine="streaming").to_dicts()


def by_duckdb(frame, rules, tmp_path):
    frame.write_parquet(tmp_path / "firms.parquet")
    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE VIEW firms AS SELECT * FROM read_parquet('{tmp_path / 'firms.parquet'}')")
    result = connection.execute(statement("firms", frame.columns, rules, ["nr"], "duckdb").sql("duckdb"))
    names = [each[0] for each in result.description]
    return [dict(zip(names, row, strict=True)) for row in sorted(result.fetchall())]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(worlds.DAYS))
def test_polars_agrees_with_the_definition(rng, on):
    rule = worlds.rule(rng, on)
    rows = [worlds.firm(rng) for _ in range(20)]
    assert differences([rule], rows, by_polars(frame_of(rows), [rule])) == []


def many(seed, count):
    rng = random.Random(seed)
    return [worlds.rule(rng, rng.choice(worlds.DAYS), f"made{nr}") for nr in range(count)]


def test_sql_agrees_with_the_definition(tmp_path):
    rng, rules = random.Random(7), many(7, 25)
    rows = [worlds.firm(rng) for _ in range(100)]
    assert differences(rules, rows, by_duckdb(frame_of(rows), rules, tmp_path)) == []


@pytest.fixture(scope="module")
def spark():
    missing = in_spark.unavailable()
    if missing:
        pytest.skip(missing)
    session = in_spark.session("local[2]")
    yield session
    session.stop()


def by_spark(session, frame, rules, tmp_path):
    frame.with_columns(pl.col("nr").cast(pl.Int64)).write_parquet(tmp_path / "firms.parquet")
    answers = in_spark.classified(session.read.parquet(str(tmp_path / "firms.parquet")), rules, ["nr"])
    return [row.asDict() for row in sorted(answers.collect(), key=lambda row: row["nr"])]


def test_spark_agrees_with_the_definition(spark, tmp_path):
    """25 tiers and 100 firms: 2,500 pairs, of which Polars says the same."""
    rng, rules = random.Random(11), many(11, 25)
    rows = [worlds.firm(rng) for _ in range(100)]
    assert differences(rules, rows, by_polars(frame_of(rows), rules)) == []
    assert differences(rules, rows, by_spark(spark, frame_of(rows), rules, tmp_path)) == []


@pytest.mark.parametrize("on", [date(2019, 5, 5), date(2022, 12, 31), date(2025, 6, 30), date(2026, 6, 30)])
def test_the_citys_own_tiers_agree_in_every_engine(on, tmp_path, request):
    city = worlds.suzhou()
    rules = [resolve(city, tier_id, on) for tier_id in tiers_on(city, on)]
    rng = random.Random(3)
    rows = [worlds.firm(rng) for _ in range(150)]
    frame = frame_of(rows)
    assert differences(rules, rows, by_polars(frame, rules)) == []
    assert differences(rules, rows, by_duckdb(frame, rules, tmp_path)) == []


def test_spark_says_the_same_of_the_citys_own_tiers(spark, tmp_path):
    city, on = worlds.suzhou(), date(2025, 6, 30)
    rules = [resolve(city, tier_id, on) for tier_id in tiers_on(city, on)]
    rng = random.Random(5)
    rows = [worlds.firm(rng) for _ in range(60)]
    assert differences(rules, rows, by_spark(spark, frame_of(rows), rules, tmp_path)) == []


def test_a_register_kept_in_whole_numbers_is_judged_alike():
    city, on = worlds.suzhou(), date(2025, 6, 30)
    rules = [resolve(city, tier_id, on) for tier_id in ("tech_sme", "srdi_sme", "hnte")]
    rng = random.Random(9)
    firms = [worlds.firm(rng) for _ in range(200)]
    largest = 10**13  # 元: from here on a figure is unknown
    edges = (0, 1, largest - 1, largest, 1 - largest, -largest, 2**62, -(2**63))

    def whole_number(cell: object) -> object:
        if not isinstance(cell, float):
            return cell
        return rng.choice(edges) if rng.random() < 0.1 else int(cell)

    rows = [{name: whole_number(cell) for name, cell in firm.items()} for firm in firms]
    whole = frame_of(rows).with_columns(pl.col(pl.Float64).cast(pl.Int64))
    assert differences(rules, rows, by_polars(whole, rules)) == []


def test_a_table_that_gives_the_same_to_every_known_figure():
    """2 points whatever the share, but nothing is sure while the share is unknown."""
    on = date(2025, 6, 30)
    levels = [{"points": 2, "min": 3}, {"points": 2, "max": 3}]
    items = [{"id": "i", "name": "研发", "max": 9, "metric": "rd_ratio_revenue", "unit": "%", "levels": levels}]
    version = TierVersion(
        version="1",
        rule=Node(score="t", min=Decimal(2)),
        score_tables=(ScoreTable.model_validate({"id": "t", "max": 9, "items": items}),),
    )
    rule = resolve(worlds.suzhou(), "tech_sme", on, version)
    rows = [{"rd_expense_yuan": 1.0, "revenue_yuan": 100.0}, {"rd_expense_yuan": None, "revenue_yuan": 100.0}]
    assert [judge(rule, row).points["t"].low for row in rows] == [2, 0]
    assert differences([rule], rows, by_polars(frame_of(rows), [rule])) == []
