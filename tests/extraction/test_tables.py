"""Tables of indicators: each number becomes a claim that knows its indicator, unit, year, baseline and cell."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import as_record, extract


@pytest.fixture(scope="module")
def china():
    return packs.load("china")


def said(claims) -> list[tuple]:
    """(indicator, value, unit, comparator, measure, period, base value, base period) of each claim, in order."""
    return [
        (c.indicator, c.value, c.unit, str(c.comparator), str(c.measure), c.period, c.base_value, c.base_period)
        for c in claims
    ]


def plan(table: str, title: str = "云岭市低空经济发展规划（2021—2025年）", around: str = "") -> bytes:
    return f"# {title}\n\n## 一、发展目标\n\n{around}\n\n{table}\n".encode()


def claims_of(table: str, city, **where):
    document = read(plan(table, **where), "plan.md")
    found = extract(document, city).claims
    check(document, found)
    return found


def check(document, claims) -> None:
    """The quote is the text (law 1), for claims from cells as for all others."""
    for claim in claims:
        stretch = claim.span.of(document.original)
        assert re.sub(r"\s+", "", stretch) == re.sub(r"\s+", "", claim.quote)
        assert len(claim.quote) <= 60
        assert claim.span.contains(claim.number_span)
    places = [claim.number_span.start for claim in claims]
    assert places == sorted(places)


D = Decimal
INDICATORS = """\
| 序号 | 指标名称 | 单位 | 2020年 | 2025年 | 年均增速 | 属性 |
| --- | --- | --- | ---: | ---: | ---: | --- |
| 一、经济发展 | | | | | | |
| 1 | 低空经济规模 | 亿元 | 310 | ≥500 | 10% | 预期性 |
| 2 | 研发经费投入强度 | % | 2.6 | 3.5左右 | — | 预期性 |
| 二、绿色转型 | | | | | | |
| 3 | 单位产值能耗降低 | % | — | [14] | — | 约束性 |
| 4 | 起降点 | 个 | 12 | 60—80 | — | 预期性 |
| 5 | 主要污染物排放 | 吨 | 800 | 完成省下达目标 | — | 约束性 |
"""


def test_an_indicator_table_gives_its_targets_with_their_baselines(china):
    assert said(claims_of(INDICATORS, china)) == [
        ("低空经济规模", D(500), "亿元", "ge", "level", "2025", D(310), "2020"),
        ("低空经济规模", D(10), "%", "eq", "growth", "2025", None, None),
        ("研发经费投入强度", D("3.5"), "%", "approx", "share", "2025", D("2.6"), "2020"),
        ("单位产值能耗降低", D(14), "%", "eq", "growth", "2025", None, None),
        ("起降点", D(60), "个", "range", "level", "2025", D(12), "2020"),
    ]


def test_a_claim_of_a_table_knows_its_cell_and_whether_it_binds(china):
    first, _, _, third, last = claims_of(INDICATORS, china, around="表2 低空经济主要指标")
    assert (first.binding, third.binding) == (False, True)
    assert (first.cell.table, first.cell.row, first.cell.column) == (1, 3, 5)
    assert first.cell.printed == "表2 低空经济主要指标 第3行“2025年”列"
    assert last.value_max == D(80)
    assert first.number_span.of(plan(INDICATORS, around="表2 低空经济主要指标").decode()) == "500"


def test_records_tell_the_cell_and_the_binding(china):
    document = read(plan(INDICATORS), "plan.md")
    record = as_record(extract(document, china).claims[0], document)
    assert record["binding"] is False
    assert record["cell"] == {"table": 1, "row": 3, "column": 5, "printed": "表1 第3行“2025年”列"}
    prose = read("到2027年，上市公司达到80家。".encode(), "a.txt")
    record = as_record(extract(prose, china).claims[0], prose)
    assert record["cell"] is None and record["binding"] is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (">7", (D(7), None, "ge", True)),
        ("＞7", (D(7), None, "ge", True)),
        ("≥7", (D(7), None, "ge", False)),
        ("<5.5", (D("5.5"), None, "le", True)),
        ("≤5.5", (D("5.5"), None, "le", False)),
        ("7左右", (D(7), None, "approx", False)),
        ("7以上", (D(7), None, "ge", False)),
        ("5.5以内", (D("5.5"), None, "le", False)),
        ("达到75", (D(75), None, "ge", False)),
        ("力争达到75%以上", (D(75), None, "ge", False)),
        ("不低于3", (D(3), None, "ge", False)),
        ("控制在5以内", (D(5), None, "le", False)),
        ("10-15", (D(10), D(15), "range", False)),
        ("10%～15%", (D(10), D(15), "range", False)),
        ("1,200", (D(1200), None, "eq", False)),
        ("１２．５", (D("12.5"), None, "eq", False)),
        ("60.6*", (D("60.6"), None, "eq", False)),
        ("60.6①", (D("60.6"), None, "eq", False)),
        ("约90", (D(90), None, "approx", False)),
        ("突破100", (D(100), None, "ge", True)),
        ("80（含）以上", (D(80), None, "ge", False)),
        ("—", None), ("-", None), ("——", None), ("/", None), ("…", None), ("", None), ("无", None),
        ("完成省下达目标", None), ("完成“十四五”下达任务", None), ("按2025年省下达计划执行", None),
        ("与经济增长基本同步", None), ("持续改善", None), ("2025年底", None),
    ],
)  # fmt: skip
def test_a_cell_says_its_bound(cell, expected, china):
    table = f"| 指标 | 单位 | 2025年目标 |\n| --- | --- | --- |\n| 公共充电桩利用率 | % | {cell} |\n"
    found = [(c.value, c.value_max, str(c.comparator), c.strict) for c in claims_of(table, china)]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("head", "name", "unit", "cell", "expected"),
    [
        ("2025年", "软件业务收入（亿元）", "", "1200", "亿元"),
        ("2025年", "软件业务收入(亿元)①", "", "1200", "亿元"),
        ("2025年（亿元）", "软件业务收入", "", "1200", "亿元"),
        ("2025年", "软件业务收入", "亿元", "1200", "亿元"),
        ("2025年", "软件业务收入", "", "1200亿元", "亿元"),
        ("2025年", "软件业务收入", "亿元", "1.2万亿元", "万亿元"),
        ("2025年", "从业人员", "人", "1.2万", "万人"),
        ("2025年", "亩均税收", "万元/亩", "35", "万元/亩"),
    ],
)
def test_the_unit_stands_in_cell_column_name_or_head(head, name, unit, cell, expected, china):
    table = f"| 指标 | 单位 | {head} |\n| --- | --- | --- |\n| {name} | {unit} | {cell} |\n"
    (claim,) = claims_of(table, china)
    assert claim.unit == expected
    assert claim.indicator == re.sub(r"[（(].*", "", name)


@pytest.mark.parametrize("line", ["单位：亿元", "（单位：亿元）", "主要指标表（单位：亿元）"])
def test_the_unit_may_stand_over_the_table(line, china):
    table = "| 指标 | 2025年目标 |\n| --- | --- |\n| 软件业务收入 | 1200 |\n"
    (claim,) = claims_of(table, china, around=line)
    assert (claim.value, claim.unit) == (1200, "亿元")


def test_several_target_years_each_make_a_claim(china):
    table = """\
| 指标 | 单位 | 2024年基期值 | 2025年 | 2027年 | 2030年 |
| --- | --- | --- | --- | --- | --- |
| 智能工厂 | 家 | 40 | 60 | 120 | 200 |
"""
    found = claims_of(table, china, title="白石市智能制造行动方案（2025—2030年）")
    assert [(c.value, c.period, c.base_value, c.base_period) for c in found] == [
        (60, "2025", 40, "2024"), (120, "2027", 40, "2024"), (200, "2030", 40, "2024"),
    ]  # fmt: skip


def test_brackets_are_sums_over_the_plan_where_the_note_says_so(china):
    table = """\
| 指标 | 2020年 | 2025年 | 年均/累计 | 属性 |
| --- | --- | --- | --- | --- |
| 城镇新增就业（万人） | — | — | [60] | 预期性 |
| 改造提升老旧厂房（万平方米） | — | — | （300） | 约束性 |
| 常住人口城镇化率（%） | 68 | 72 | — | 预期性 |
| 地区生产总值增长（%） | 5.1 | — | 6左右 | 预期性 |
"""
    found = claims_of(table + "\n注：[ ]和（ ）内为五年累计数。\n", china)
    assert [(c.indicator, c.value, c.unit, str(c.measure), c.base_value) for c in found] == [
        ("城镇新增就业", 60, "万人", "cumulative", None),
        ("改造提升老旧厂房", 300, "万平方米", "cumulative", None),
        ("常住人口城镇化率", 72, "%", "share", 68),
        ("地区生产总值", 6, "%", "growth", None),
    ]
    assert {c.period for c in found} == {"2025"}


def test_a_baseline_without_a_year_and_a_goal_without_a_year(china):
    table = "| 指标 | 单位 | 基期值 | 目标值 |\n| --- | --- | --- | --- |\n| 瞪羚企业 | 家 | 30 | 90 |\n"
    (claim,) = claims_of(table, china)
    assert (claim.value, claim.period, claim.base_value, claim.base_period) == (90, "2025", 30, None)


def test_sub_rows_lean_on_the_indicator_above(china):
    table = """\
| 指标 | 单位 | 2025年目标 |
| --- | --- | --- |
| 规上工业增加值 | 亿元 | 900 |
| 其中：高技术制造业增加值 | 亿元 | 300 |
| 占比 | % | 33 |
"""
    assert [(c.indicator, c.value) for c in claims_of(table, china)] == [
        ("规上工业增加值", 900), ("高技术制造业增加值", 300), ("高技术制造业增加值占比", 33),
    ]  # fmt: skip


def test_districts_as_columns(china):
    table = """\
| 指标 | 单位 | 全市 | 东湖区 | 西岭县 | 高新区 |
| --- | --- | --- | --- | --- | --- |
| 新增高新技术企业 | 家 | 300 | 120 | 80 | 100 |
"""
    found = claims_of(table, china, around="表1 2025年各区目标任务分解表")
    assert [(c.indicator, c.value, c.area, c.period, str(c.measure)) for c in found] == [
        ("高新技术企业", 300, "全市", "2025", "increment"),
        ("高新技术企业", 120, "东湖区", "2025", "increment"),
        ("高新技术企业", 80, "西岭县", "2025", "increment"),
        ("高新技术企业", 100, "高新区", "2025", "increment"),
    ]


def test_districts_as_rows(china):
    table = """\
| 序号 | 县（市、区） | 规上企业（家） | 技改投资（亿元） |
| --- | --- | --- | --- |
| 1 | 东湖区 | 120 | 35.5 |
| 2 | 西岭县 | 80 | 20 |
| | 合计 | 200 | 55.5 |
"""
    found = claims_of(table, china, around="2024年度目标任务分解表")
    assert [(c.indicator, c.value, c.unit, c.area, c.period) for c in found] == [
        ("规上企业", 120, "家", "东湖区", "2024"), ("技改投资", D("35.5"), "亿元", "东湖区", "2024"),
        ("规上企业", 80, "家", "西岭县", "2024"), ("技改投资", 20, "亿元", "西岭县", "2024"),
        ("规上企业", 200, "家", None, "2024"), ("技改投资", D("55.5"), "亿元", None, "2024"),
    ]  # fmt: skip


def test_known_districts_have_their_ids():
    table = "| 指标 | 单位 | 昆山市 | 太仓市 |\n| --- | --- | --- | --- |\n| 高新技术企业 | 家 | 3000 | 800 |\n"
    document = read(plan(table, title="苏州市产业集群培育方案（2023—2025年）", around="2025年目标分解表"), "plan.md")
    found = extract(document, packs.load("suzhou")).claims
    assert [(c.area_id, c.indicator_id, c.period) for c in found] == [
        ("suzhou_kunshan", "hnte_count", "2025"), ("suzhou_taicang", "hnte_count", "2025"),
    ]  # fmt: skip


def test_bodies_of_the_row_answer_for_its_claims(china):
    table = """\
| 指标 | 单位 | 2025年目标 | 责任单位 |
| --- | --- | --- | --- |
| 孵化器 | 家 | 30 | 市科技局、市发改委，各县（市、区）政府 |
"""
    (claim,) = claims_of(table, china)
    assert claim.bodies == ("市科技局", "市发改委", "各县（市、区）政府")


STATISTICS = """\
# 白石市2024年1—8月主要经济指标

表1 主要指标完成情况

| 指标 | 单位 | 绝对量 | 比上年同期增长（%） |
| --- | --- | --- | --- |
| 规上工业总产值 | 亿元 | 1860.5 | 6.3 |
| #高新技术产业产值 | 亿元 | 920 | -1.2 |
| 进出口总额 | 亿元 | 640 | 2.1 |
"""


def test_a_statistical_table_reports(china):
    document = read(STATISTICS.encode(), "stats.md")
    found = extract(document, china).claims
    check(document, found)
    assert {str(c.kind) for c in found} == {"actual"} and {c.period for c in found} == {"2024M1-M8"}
    assert [(c.indicator, c.value, c.unit, str(c.measure)) for c in found] == [
        ("规上工业总产值", D("1860.5"), "亿元", "level"), ("规上工业总产值", D("6.3"), "%", "growth"),
        ("高新技术产业产值", 920, "亿元", "level"), ("高新技术产业产值", D("-1.2"), "%", "growth"),
        ("进出口总额", 640, "亿元", "level"), ("进出口总额", D("2.1"), "%", "growth"),
    ]  # fmt: skip


def test_years_as_columns_of_a_report_are_reported(china):
    text = """\
# 白石市2024年国民经济和社会发展统计公报

| 指标 | 2023年 | 2024年 |
| --- | --- | --- |
| 粮食产量（万吨） | 40.2 | 41.5 |
"""
    found = extract(read(text.encode(), "a.md"), china).claims
    assert [(str(c.kind), c.value, c.period, c.base_value) for c in found] == [
        ("actual", D("40.2"), "2023", None), ("actual", D("41.5"), "2024", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        "| 姓名 | 职务 | 电话 |\n| --- | --- | --- |\n| 张三 | 科长 | 65218888 |\n| 李四 | 主任 | 65219999 |\n",
        "| 指标 | 权重 | 分值 |\n| --- | --- | --- |\n| 研发投入 | 20 | 15 |\n",
        "| 首页 | 新闻 | 2025 |\n| --- | --- | --- |\n| 政务公开 | 12345 | 88 |\n",
        "| | |\n| --- | --- |\n| 1 | 2 |\n",
        "| 某市人民政府 | 签发人：王五 |\n| --- | --- |\n| 某政发〔2025〕3号 | 2025年3月1日 |\n",
        "| 序号 | 企业名称 | 统一社会信用代码 |\n| --- | --- | --- |\n| 1 | 某某公司 | 913205000000000000 |\n",
    ],
)
def test_a_table_of_something_else_gives_no_claims(table, china):
    assert claims_of(table, china) == ()


def test_ragged_rows_are_read_as_far_as_they_go(china):
    table = """\
| 指标 | 单位 | 2020年 | 2025年 |
| --- | --- | --- | --- |
| 孵化器 | 家 |
| 众创空间 | 家 | 10 | 30 | 多余 | 99 |
|
| 加速器 | 家 | | 8 |
"""
    assert [(c.indicator, c.value, c.base_value) for c in claims_of(table, china)] == [
        ("众创空间", 30, 10), ("加速器", 8, None),
    ]  # fmt: skip


def test_claims_of_text_and_tables_stand_in_document_order(china):
    text = (
        "# 云岭市产业发展规划（2021—2025年）\n\n到2025年，上市公司达到80家。\n\n"
        "| 指标 | 单位 | 2025年 |\n| --- | --- | --- |\n| 孵化器 | 家 | 30 |\n\n到2025年，培育瞪羚企业60家。\n"
    )
    document = read(text.encode(), "a.md")
    found = extract(document, china).claims
    assert [c.value for c in found] == [80, 30, 60]
    assert [c.cell is None for c in found] == [True, False, True]


def test_a_cell_of_sentences_is_read_as_text_of_its_year(china):
    table = """\
| 指标 | 2025年目标 | 2027年目标 |
| --- | --- | --- |
| 专精特新企业 | 新增50家以上，累计达到300家 | 新增80家以上，累计达到500家 |
"""
    found = claims_of(table, china)
    assert [(c.value, c.period, str(c.measure)) for c in found] == [
        (50, "2025", "increment"), (300, "2025", "cumulative"),
        (80, "2027", "increment"), (500, "2027", "cumulative"),
    ]  # fmt: skip
    assert {c.indicator for c in found} == {"专精特新企业"}


def test_two_numbers_in_a_cell_are_not_run_together(china):
    html = (
        "<html><body><h1>云岭市发展规划（2021—2025年）</h1><p>主要指标如下表所示，请各单位认真落实。</p><table>"
        "<tr><th>指标</th><th>单位</th><th>2025年目标</th></tr>"
        "<tr><td>孵化器</td><td>家</td><td>10<br>20</td></tr><tr><td>加速器</td><td>家</td><td>8</td></tr>"
        "</table></body></html>"
    )
    found = extract(read(html.encode(), "a.html"), china).claims
    assert [c.value for c in found] == [8]


def test_a_thousand_rows_take_about_ten_times_a_hundred(china):
    def spent(rows: int) -> int:
        lines = "".join(f"| 指标{n}类企业 | 家 | {n} | {n + 5} |\n" for n in range(1, rows + 1))
        table = f"| 指标 | 单位 | 2020年 | 2025年 |\n| --- | --- | --- | --- |\n{lines}"
        return len(extract(read(plan(table), "a.md"), china).claims)

    assert (spent(100), spent(1000)) == (100, 1000)


def test_a_row_over_groups_of_columns_belongs_to_the_head(china):
    table = """\
| | | 2025年目标 | |
| --- | --- | --- | --- |
| 指标 | 单位 | 目标值 | 年均增速（%） |
| 软件业务收入 | 亿元 | 900 | 8 |
"""
    found = claims_of(table, china, title="云岭市产业规划")
    assert [(c.value, c.unit, c.period, str(c.measure)) for c in found] == [
        (900, "亿元", "2025", "level"), (8, "%", "2025", "growth"),
    ]  # fmt: skip


def test_sums_in_brackets_beside_rates_keep_the_unit_of_their_row(china):
    table = """\
| 指标 | 单位 | 2020年 | 2025年 | 年均增速[累计]（%） |
| --- | --- | --- | --- | --- |
| 软件业务收入 | 亿元 | 500 | 900 | 12 |
| 研发经费投入强度 | % | 2.8 | 3.5 | [0.7] |
| 城镇新增就业 | 万人 | 6 | — | [30] |
"""
    rates = [c for c in claims_of(table, china) if c.cell.column == 5]
    assert [(c.value, c.unit, str(c.measure)) for c in rates] == [
        (12, "%", "growth"), (D("0.7"), "个百分点", "increment"), (30, "万人", "cumulative"),
    ]  # fmt: skip
    assert [c.quote for c in rates[1:]] == ["[0.7]", "[30]"]


def test_months_and_sums_of_months_each_have_their_growth(china):
    text = """\
# 白石市2024年8月主要经济指标

| 指标 | 单位 | 8月 | 同比±% | 1-8月 | 同比±% |
| --- | --- | --- | --- | --- | --- |
| 进出口总额 | 亿元 | 60 | -1 | 470 | 2.2 |
"""
    found = extract(read(text.encode(), "a.md"), china).claims
    assert [(c.value, c.unit, str(c.measure), c.period) for c in found] == [
        (60, "亿元", "level", "2024M8"), (-1, "%", "growth", "2024M8"),
        (470, "亿元", "level", "2024M1-M8"), (D("2.2"), "%", "growth", "2024M1-M8"),
    ]  # fmt: skip


def test_two_units_over_a_table_go_to_amounts_and_rates(china):
    text = """\
# 白石市2024年上半年经济运行情况

（单位：亿元、%）

| 指标 | 1—6月 | 同比增长 |
| --- | --- | --- |
| 工业投资 | 120 | 15.2 |
| 固定资产投资 | — | -2.1 |
"""
    found = extract(read(text.encode(), "a.md"), china).claims
    assert [(c.value, c.unit, str(c.measure)) for c in found] == [
        (120, "亿元", "level"), (D("15.2"), "%", "growth"), (D("-2.1"), "%", "growth"),
    ]  # fmt: skip
    assert {(str(c.kind), c.period) for c in found} == {("actual", "2024M1-M6")}


def test_growth_beside_an_amount_of_districts_is_of_that_amount(china):
    text = """\
# 2024年白石市各县区主要经济指标

| 地区 | 地区生产总值（亿元） | 增速（%） | 规上工业增加值增速（%） |
| --- | --- | --- | --- |
| 东湖区 | 420 | 5.6 | 7.1 |
| 全市 | 1630 | 5.5 | 6.8 |
"""
    found = extract(read(text.encode(), "a.md"), china).claims
    assert [(c.indicator, c.value, str(c.measure), c.area) for c in found] == [
        ("地区生产总值", 420, "level", "东湖区"), ("地区生产总值", D("5.6"), "growth", "东湖区"),
        ("规上工业增加值", D("7.1"), "growth", "东湖区"),
        ("地区生产总值", 1630, "level", "全市"), ("地区生产总值", D("5.5"), "growth", "全市"),
        ("规上工业增加值", D("6.8"), "growth", "全市"),
    ]  # fmt: skip


def test_words_behind_a_number_do_not_hide_it(china):
    table = """\
| 指标 | 2020年 | 2025年 | 年均/累计 |
| --- | --- | --- | --- |
| 研发经费投入增长（%） | — | — | >7、力争高于上一时期 |
"""
    (claim,) = claims_of(table, china)
    assert (claim.indicator, claim.value, str(claim.measure), claim.strict) == ("研发经费投入", 7, "growth", True)


def test_goals_said_in_words_by_field(china):
    table = """\
| 领域 | 2025年目标 | 2027年目标 |
| --- | --- | --- |
| 产业规模 | 产业规模突破200亿元 | 500亿元 |
| 企业培育 | 新增专精特新企业10家以上 | — |
"""
    assert [(c.indicator, c.value, c.period) for c in claims_of(table, china)] == [
        ("产业规模", 200, "2025"), ("产业规模", 500, "2027"), ("专精特新企业", 10, "2025"),
    ]  # fmt: skip


def test_owners_as_rows_answer_for_their_numbers(china):
    table = """\
| 单位 | 新增上市公司（家） | 高新技术企业（家） |
| --- | --- | --- |
| 市科技局 | — | 300 |
| 市金融局 | 5 | — |
"""
    found = claims_of(table, china, around="2025年任务分解表")
    assert [(c.indicator, c.value, c.area, c.bodies) for c in found] == [
        ("高新技术企业", 300, None, ("市科技局",)), ("上市公司", 5, None, ("市金融局",)),
    ]  # fmt: skip


def test_years_as_rows_are_reported_up_to_the_plan(china):
    text = """\
# 白石市2024年统计公报

| 年份 | 地区生产总值（亿元） | 增速（%） |
| --- | --- | --- |
| 2023年 | 800 | 8.1 |
| 2024年 | 860 | 6.5 |
"""
    found = extract(read(text.encode(), "a.md"), china).claims
    assert [(c.indicator, c.value, str(c.measure), c.period) for c in found] == [
        ("地区生产总值", 800, "level", "2023"), ("地区生产总值", D("8.1"), "growth", "2023"),
        ("地区生产总值", 860, "level", "2024"), ("地区生产总值", D("6.5"), "growth", "2024"),
    ]  # fmt: skip
