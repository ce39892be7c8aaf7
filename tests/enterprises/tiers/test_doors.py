"""The doors: classify, explain, near misses, what if, the cost of a subsidy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from jiqun.enterprises import tiers
from jiqun.enterprises.tiers import Change, Subsidy, explaining, in_spark
from jiqun.enterprises.tiers.rule import Joined, Meets
from jiqun.model.errors import NotFound, UsageError
from jiqun.packs.schema.tiers import Condition

from . import worlds
from .test_definition import EXPERTS, HNTE, ON, TECH_SME, WAN


@pytest.fixture(scope="module")
def city():
    return worlds.suzhou()


@pytest.fixture
def register():
    """Five firms before 科技型中小企业: in, two points short, too many people by one, property rights unknown, out."""
    rows = [
        {**TECH_SME, "uscc": "A", "area_id": "suzhou_sip", "tech_staff": 15},
        {**TECH_SME, "uscc": "B", "area_id": "suzhou_sip"},
        {**TECH_SME, "uscc": "C", "area_id": "suzhou_kunshan", "tech_staff": 152, "employees": 501},
        {**TECH_SME, "uscc": "D", "area_id": "suzhou_kunshan", "tech_staff": 15, "ip_class1": None, "ip_class2": None},
        {**TECH_SME, "uscc": "E", "area_id": "suzhou_kunshan", "employees": 900, "sales_revenue_yuan": 9e8},
    ]
    return pl.DataFrame(rows)


def test_classify_answers_every_clause_in_the_registers_order(register, city):
    got = tiers.classify(register, city, ["tech_sme"], ON).collect()
    assert got["uscc"].to_list() == ["A", "B", "C", "D", "E"]
    assert got["tech_sme"].to_list() == [True, False, False, None, False]
    assert got["tech_sme__c_employees"].to_list() == [True, True, False, True, False]
    assert got["tech_sme__t100__low"].to_list() == [62.0, 58.0, 74.0, 38.0, 24.0]


def test_classify_writes_parquet_to_parquet(register, city, tmp_path):
    register.write_parquet(tmp_path / "in.parquet")
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    assert tiers.write_classified(source, city, ["tech_sme", "size_class"], ON, out) == 5
    kept = pl.read_parquet(out)
    assert kept["tech_sme__meets"].to_list() == [True, False, False, False, False]
    assert kept["tech_sme__fails"].to_list() == [False, True, True, False, True]  # of D neither is known
    assert kept.null_count().select(pl.selectors.ends_with("__meets", "__fails")).sum_horizontal().item() == 0
    told = tiers.read_classified(kept.lazy()).collect()
    assert told.equals(tiers.classify(register, city, ["tech_sme", "size_class"], ON).collect())
    assert tiers.read_classified(kept.lazy()).filter(pl.col("tech_sme").is_null()).collect()["uscc"].to_list() == ["D"]


def test_what_breaks_off_leaves_the_earlier_answers_and_no_half(register, city, tmp_path):
    (tmp_path / "parts").mkdir()
    register.write_parquet(tmp_path / "parts" / "a.parquet")
    register.drop("employees").write_parquet(tmp_path / "parts" / "b.parquet")  # read only when the first is done
    out = tmp_path / "out.parquet"
    out.write_bytes(b"as before")
    with pytest.raises(pl.exceptions.PolarsError):
        tiers.write_classified(tmp_path / "parts", city, ["tech_sme"], ON, out)
    assert out.read_bytes() == b"as before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet", "parts"]


def test_spark_reads_a_partitioned_register_and_says_the_same(register, city, tmp_path):
    if missing := in_spark.unavailable():
        pytest.skip(missing)
    register.write_parquet(tmp_path / "in.parquet")
    register.write_parquet(pl.PartitionBy(tmp_path / "parts", key="area_id"), mkdir=True)
    local, spark = tmp_path / "local.parquet", tmp_path / "spark"
    tiers.write_classified(tmp_path / "in.parquet", city, ["tech_sme", "hnte"], ON, local)
    assert tiers.write_classified(tmp_path / "parts", city, ["tech_sme", "hnte"], ON, spark, engine="spark") == 5
    one, other = pl.read_parquet(local).sort("uscc"), pl.read_parquet(f"{spark}/*.parquet").sort("uscc")
    assert one.to_dicts() == other.select(one.columns).to_dicts()


def test_misuse_is_said(register, city, tmp_path):
    with pytest.raises(NotFound, match="没有梯度层级"):
        tiers.classify(register, city, ["tech_smee"], ON)
    with pytest.raises(UsageError, match="没有指定"):
        tiers.classify(register, city, [], ON)
    with pytest.raises(NotFound, match="没有文件"):
        tiers.classify(tmp_path / "none.parquet", city, ["tech_sme"], ON)
    with pytest.raises(UsageError, match="没有引擎"):
        tiers.write_classified(tmp_path, city, ["tech_sme"], ON, tmp_path / "x", engine="flink")
    with pytest.raises(UsageError, match="列名相同"):
        tiers.classify(register.with_columns(tech_sme=True), city, ["tech_sme"], ON, keep=["tech_sme"]).collect()


# --- explanation


def test_explain_names_figure_threshold_and_gap(city):
    """2.7% of 1.8亿 is 486万; 3% would be 540万: 0.3 points of share, 54万元."""
    row = {"rd_expense_yuan": 486 * WAN, "revenue_yuan": 18_000 * WAN}
    line = next(each for each in tiers.explain(row, city, "srdi_sme", ON).lines if each.id == "c2b")
    assert (line.value, line.threshold, line.answer) == ("2.7%", "不低于 3%", "不符合")
    assert line.gap is not None
    assert line.gap.text == "还差 0.3 个百分点，即 54 万元"
    assert line.gap.amount == 540_000


def test_explain_never_says_that_nothing_is_missing(city):
    """One cent short is one cent short, however it is rounded."""
    row = {"rd_expense_yuan": 540 * WAN - 0.01, "revenue_yuan": 18_000 * WAN}
    line = next(each for each in tiers.explain(row, city, "srdi_sme", ON).lines if each.id == "c2b")
    assert line.gap is not None
    assert line.gap.text == "还差 0.01 个百分点，即 0.01 元"


@pytest.mark.parametrize(
    ("tier", "clause", "row", "text"),
    [
        ("tech_sme", "c_employees", {"employees": 512}, "超出 12 人"),
        ("tech_sme", "c_staff_nonzero", {"employees": 33, "tech_staff": 3}, "还差 0.91 个百分点，即 1 人"),
        ("srdi_sme", "c1", {"niche_years": 1.5}, "还差 0.5 年"),
        ("hnte", "c_age", {"founded_on": date(2024, 7, 10)}, "还差 10 天"),
        ("unicorn_gei", "u1", {"founded_on": date(2000, 1, 1)}, "已超过年限"),
        ("unicorn_js", "v4", {"valuation_usd": 1e9}, "正好等于门槛，须超过"),
    ],
)
def test_gaps_are_said_in_the_figures_own_words(city, tier, clause, row, text):
    line = next(each for each in tiers.explain(row, city, tier, ON).lines if each.id == clause)
    assert line.answer == "不符合"
    assert line.gap is not None
    assert line.gap.text == text


def test_explain_says_what_is_missing_and_what_does_not_apply(city):
    told = tiers.explain({**HNTE, "has_core_ip": None}, city, "hnte", ON)
    lines = {line.id: line for line in told.lines}
    assert told.answer == "未知"
    assert lines["c_core_ip"].missing == ("拥有核心知识产权",)
    assert lines["c_rd_small"].answer == "不适用"
    assert lines["c_rd_small"].threshold == "不低于 5%（销售收入不超过 5,000 万元）"
    table = told.tables[0]
    assert (table.points.low, table.points.high, table.is_strict) == (33, 80, True)
    assert table.items[0].missing == ("专家打分：技术的先进程度",)


def test_explain_marks_the_clause_that_alone_decides(city):
    row = {**TECH_SME, "tech_staff": 152, "employees": 501}
    assert [line.id for line in tiers.explain(row, city, "tech_sme", ON).lines if line.is_decisive] == ["c_employees"]
    short = tiers.explain(TECH_SME, city, "tech_sme", ON)
    assert [table.is_decisive for table in short.tables] == [True]
    assert short.tables[0].short == 2


def test_explain_gives_the_size_class(city):
    row = {"industry_code": "3911", "employees": 19}
    assert tiers.explain(row, city, "size_class", ON).answer == "微型"


# --- near misses


def test_near_misses_list_what_alone_would_bring_a_firm_in(register, city):
    found = tiers.near_misses(register, city, "tech_sme", ON)
    rows = {(row["uscc"], row["clause"]): row for row in found.firms.to_dicts()}
    assert rows["C", "c_employees"]["text"] == "超出 1 人"
    assert rows["C", "c_employees"]["shortfall"] == pytest.approx(1 / 500)
    assert rows["B", "t100"]["text"] == "得分 58—58，须达到 60"
    assert rows["D", "t100"]["answer"] == "unknown"
    assert not [firm for firm, _ in rows if firm in ("A", "E")]
    by_area = {(row["area_id"], row["clause"], row["answer"]): row["firms"] for row in found.counts.to_dicts()}
    assert by_area["suzhou_sip", "t100", "fails"] == 1
    assert by_area["suzhou_kunshan", "c_employees", "fails"] == 1


def test_near_misses_of_a_tier_without_thresholds_are_none(register, city):
    assert tiers.near_misses(register, city, "tech_leader_sz", date(2026, 1, 1)).firms.height == 0


# --- what if


def test_a_lower_minimum_lets_firms_in_by_district(register, city):
    found = tiers.what_if(register, city, "tech_sme", ON, Change(minimums={"t100": Decimal(58)}))
    assert found.firms.to_dicts() == [{"uscc": "B", "area_id": "suzhou_sip", "before": False, "after": True}]
    assert found.counts.select("area_id", "before", "after", "enters", "leaves").rows() == [
        ("suzhou_kunshan", 0, 0, 0, 0),
        ("suzhou_sip", 1, 2, 1, 0),
    ]


def test_a_higher_limit_and_a_clause_more(register, city):
    wider = tiers.what_if(register, city, "tech_sme", ON, Change(values={"c_employees": Decimal(501)}))
    assert wider.firms["uscc"].to_list() == ["C"]
    clause = Condition.model_validate(
        {"id": "new", "metric": "rd_ratio_sales", "op": ">", "value": "4", "unit": "%", "note": "试算"}
    )
    stricter = tiers.what_if(register, city, "tech_sme", ON, Change(added=(clause,)))
    assert stricter.counts.select(pl.col("leaves").sum()).item() == 1  # A has exactly 4%


def test_dropping_a_clause(register, city):
    assert tiers.what_if(register, city, "tech_sme", ON, Change(dropped=("c_employees",))).firms["uscc"].to_list() == [
        "C"
    ]
    with pytest.raises(NotFound, match="没有这些条件"):
        tiers.what_if(register, city, "tech_sme", ON, Change(dropped=("c_nothing",)))


# --- subsidies


def test_a_subsidy_costs_what_its_firms_get(register, city):
    """A meets, D may: 5万 and up to 10万. Research 400万 each: a tenth is 40万, capped at 30万."""
    fixed = Subsidy("fixed", "tech_sme", amount_yuan=50_000)
    cost = tiers.subsidy_cost(register, city, [fixed], ON)
    assert (cost.low_fen, cost.high_fen) == (5_000_000, 10_000_000)
    share = Subsidy("share", "tech_sme", share=Fraction(1, 10), of="rd_expense_yuan", cap_yuan=300_000)
    assert tiers.subsidy_cost(register, city, [share], ON).low_fen == 30_000_000
    assert tiers.subsidy_cost(register, city, [share], ON).by_area["firms_high"].to_list() == [1, 1]


def test_of_a_group_only_the_highest_is_paid(register, city):
    both = [
        Subsidy("low", "tech_sme", amount_yuan=50_000, group="g"),
        Subsidy("high", "tech_sme", amount_yuan=80_000, group="g"),
        Subsidy("same", "tech_sme", amount_yuan=80_000, group="g"),
    ]
    cost = tiers.subsidy_cost(register, city, both, ON)
    assert cost.by_subsidy["low_fen"].to_list() == [0, 8_000_000, 0]
    assert cost.low_fen == 8_000_000


def test_a_short_budget_is_shared_pro_rata(city):
    """Three firms, 10万 each, budget 20万: 66,666.66 each, rounded down to the 分."""
    rows = [{**TECH_SME, "uscc": str(nr), "area_id": "suzhou_sip", "tech_staff": 15} for nr in range(3)]
    paid = [Subsidy("fixed", "tech_sme", amount_yuan=100_000)]
    cost = tiers.subsidy_cost(pl.DataFrame(rows), city, paid, ON, budget_yuan=200_000)
    assert (cost.low_fen, cost.paid_fen) == (30_000_000, 3 * 6_666_666)


def test_an_unknown_base_without_a_cap_has_no_upper_bound(register, city):
    row = register.with_columns(net=pl.lit(None, dtype=pl.Float64))
    open_ = Subsidy("open", "tech_sme", share=Fraction(1, 10), of="net")
    cost = tiers.subsidy_cost(row, city, [open_], ON)
    assert (cost.low_fen, cost.high_fen) == (0, None)
    with pytest.raises(UsageError, match="作为补贴基数"):
        tiers.subsidy_cost(register, city, [Subsidy("x", "tech_sme", share=Fraction(1), of="nothing")], ON)


def test_seventy_points_are_not_more_than_seventy_in_the_engines_either(city):
    rows = [{**HNTE, **EXPERTS, "points__hnte__innovation100__o3": more} for more in (0.0, 0.01)]
    got = tiers.classify(pl.DataFrame(rows), city, ["hnte"], ON).collect()
    assert got["hnte"].to_list() == [False, True]
    assert got["hnte__innovation100__low"].to_list() == pytest.approx([70, 70.01])


def test_what_alone_would_do_is_told_for_a_leaf_that_stands_in_several_branches():
    """(a or b) and (a or c) and d: a alone helps where d is met, b and c do not; nothing helps where two are short."""
    node = Joined("all", (
        Joined("any", (Meets("a"), Meets("b"))), Joined("any", (Meets("a"), Meets("c"))), Meets("d"),
    ))  # fmt: skip

    def alone(**met: bool | None) -> set[str] | None:
        found = explaining._alone(node, {"a": False, "b": None, "c": False, "d": True} | met)
        return None if found is None else set(found)

    assert alone() == {"a"}
    assert alone(d=None) == set()
    assert alone(b=True) == {"a", "c"}
    assert alone(a=True, d=False) == {"d"}
    assert alone(a=True) is None
