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
from jiqun.enterprises.tiers import in_polars, in_spark, tiers_on
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.in_polars import answer_columns, classified
from jiqun.enterprises.tiers.in_sql import statement
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.model.errors import UsageError
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


@pytest.mark.parametrize("seed", range(4))
def test_polars_agrees_on_many_tiers_at_once(seed):
    rng, rules = random.Random(seed), many(seed, 60)
    rows = [worlds.firm(rng) for _ in range(60)]
    assert differences(rules, rows, by_polars(frame_of(rows), rules)) == []


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


@pytest.mark.parametrize("beyond", [None, 10**13, -(10**13), 2**62, -(2**63)])
def test_parquet_with_one_figure_beyond_its_limit(beyond, tmp_path):
    """Told by what the file says of its columns, that figure is unknown and no other is touched."""
    city, on, rng = worlds.suzhou(), date(2025, 6, 30), random.Random(11)
    rules = [resolve(city, tier_id, on) for tier_id in ("tech_sme", "srdi_sme", "hnte")]
    firms = [worlds.firm(rng) for _ in range(90)]
    rows = [{name: int(cell) if isinstance(cell, float) else cell for name, cell in firm.items()} for firm in firms]
    if beyond is not None:
        rows[71] |= {"revenue_yuan": beyond, "sales_revenue_yuan": beyond}
    frame = frame_of(rows).with_columns(pl.col(pl.Float64).cast(pl.Int64))
    for nr, part in enumerate(frame.iter_slices(30)):
        part.write_parquet(tmp_path / f"{nr}.parquet", row_group_size=10)
    stages = in_polars.Stages(rules, frame.schema)
    scanned = pl.scan_parquet(tmp_path / "*.parquet")
    assert in_polars.are_within(scanned, stages.beyond) is (beyond is None)
    got = classified(scanned, rules, ["nr"]).collect(engine="streaming").to_dicts()
    assert differences(rules, rows, got) == []


@pytest.mark.parametrize("kind", [pl.Int8, pl.Int16, pl.Int32])
def test_numbers_kept_narrow_are_worked_with_as_wide_ones(kind, tmp_path):
    """The edges of a type lie where sums, differences and products of it would run over."""
    rng, rules = random.Random(5), many(5, 40)
    low, high = (pl.select(edge).item() for edge in (kind.min(), kind.max()))

    def narrow(cell: object) -> object:
        if isinstance(cell, bool) or not isinstance(cell, (int, float)):
            return cell
        return rng.choice((low, low + 1, -1, 0, 1, high)) if rng.random() < 0.5 else max(low, min(high, int(cell)))

    firms = [worlds.firm(rng) for _ in range(60)]
    rows = [{name: narrow(cell) for name, cell in firm.items() if "points__" not in name} for firm in firms]
    frame = frame_of(rows).with_columns(pl.col(pl.Float64, pl.Int32, pl.Int64).cast(kind))
    assert differences(rules, rows, by_polars(frame, rules)) == []
    frame.write_parquet(tmp_path / "firms.parquet")
    got = classified(pl.scan_parquet(tmp_path / "firms.parquet"), rules, ["nr"]).collect(engine="streaming")
    assert differences(rules, rows, got.to_dicts()) == []
    kinds = {name: got.schema[name] for name in got.columns if name.endswith(("__t__low", "__t__high"))}
    assert set(kinds.values()) == {pl.Int16(), pl.Float32()}  # tables of whole points and others
    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE VIEW firms AS SELECT * FROM read_parquet('{tmp_path / 'firms.parquet'}')")
    connection.execute("DESCRIBE " + statement("firms", frame.columns, rules, ["nr"], "duckdb").sql("duckdb"))
    told = {name: {"SMALLINT": pl.Int16(), "FLOAT": pl.Float32()}.get(kind) for name, kind, *_ in connection.fetchall()}
    assert {name: told[name] for name in kinds} == kinds


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


def halved(least):
    """A table of half points: an item by a figure, one that a person chooses in, one that only people give."""
    items = [
        {
            "id": "i0", "name": "研发", "max": 2.5, "part": "p", "metric": "rd_ratio_revenue", "unit": "%",
            "levels": [{"points": [1.5, 2.5], "min": 5}, {"points": 0.5, "min": 3}, {"points": 0, "max": 3}],
        },
        {"id": "i1", "name": "先进程度", "max": 2.5, "part": "p", "levels": [{"points": [0.5, 2.5], "text": "高"}]},
        {"id": "i2", "name": "组织", "max": 1.5},
    ]  # fmt: skip
    parts = [{"id": "p", "name": "一", "max": 4.5}]
    table = ScoreTable.model_validate({"id": "t", "max": 5.5, "parts": parts, "items": items})
    node = Node(score="t", min=Decimal(least), min_parts={"p": Decimal("2.5")})
    return resolve(
        worlds.suzhou(), "tech_sme", date(2025, 6, 30), TierVersion(version="1", rule=node, score_tables=(table,))
    )


def test_half_points_are_halves_in_every_engine(spark, tmp_path):
    """Ends by hand: 1.5 + 0.5 to 2.5 + 2.5, cut at 4.5, and nothing to 1.5 more, cut at 5.5."""
    given = "points__tech_sme__t__i2"
    rows = [
        {"rd_expense_yuan": rd, "revenue_yuan": 100.0, given: points}
        for rd in (None, 0.0, 3.0, 5.0)
        for points in (None, 0.5, 1.5, 2.5)
    ]
    frame = pl.DataFrame(rows).with_row_index("nr")
    for least in ("2.5", "3.5", "4.5"):
        rule = halved(least)
        wanted = judge(rule, {"rd_expense_yuan": 5.0, "revenue_yuan": 100.0}).points["t"]
        assert (float(wanted.low), float(wanted.high)) == (2.0, 5.5)
        assert differences([rule], rows, by_polars(frame, [rule])) == []
        assert differences([rule], rows, by_duckdb(frame, [rule], tmp_path)) == []
        assert differences([rule], rows, by_spark(spark, frame, [rule], tmp_path)) == []


def test_points_finer_than_a_hundredth_are_refused_by_every_engine():
    levels = [{"points": "0.005", "min": 3}]
    items = [{"id": "i", "name": "研发", "max": 9, "metric": "rd_ratio_revenue", "unit": "%", "levels": levels}]
    table = ScoreTable.model_validate({"id": "t", "max": 9, "items": items})
    version = TierVersion(version="1", rule=Node(score="t", min=Decimal(2)), score_tables=(table,))
    rule = resolve(worlds.suzhou(), "tech_sme", date(2025, 6, 30), version)
    frame = frame_of([{"rd_expense_yuan": 5.0, "revenue_yuan": 100.0}])
    for refused in (lambda: by_polars(frame, [rule]), lambda: statement("firms", frame.columns, [rule])):
        with pytest.raises(UsageError, match="细于百分之一分"):
            refused()
