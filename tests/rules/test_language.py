"""Text to tree and back; what is no rule is refused with its place; names, types and units are checked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Place
from jiqun.rules import Sort, ValueType, check, names, parse, to_text, tree
from jiqun.rules.tree import Operator

from . import worlds


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("revenue>=5000万元 且 rd/revenue≥3%", "revenue >= 5000万元 and rd / revenue >= 3%"),
        ("60 <= 得分 < 80", "60 <= 得分 < 80"),
        ('等级 in [“一级”, "二级"] 或 非 高企', '等级 in ["一级", "二级"] or not 高企'),
        ('等级 not in ["一级"]', 'not 等级 in ["一级"]'),
        ("if 高企 then 1.5万亿元 else -x*(2+3)", "if 高企 then 1.5万亿元 else -x * (2 + 3)"),
        ("growth - last >= 0.3个百分点  # 注释", "growth - last >= 0.3个百分点"),
        ("(a and b) and not (c or d)", "(a and b) and not (c or d)"),
        ("a - (b - c) - d", "a - (b - c) - d"),
        ("高企 == 是", "高企 == true"),
        ("成立>=2013-01-01", "成立 >= 2013-01-01"),
        ("Ⅰ类专利 = 2件 and 产值/用地 > 300万元/亩", "Ⅰ类专利 == 2件 and 产值 / 用地 > 300万元/亩"),
        ("a\n  and # 第一条\n  b", "a and b"),
        ("（a ＋ b）×２ ＞ ３％", "(a + b) * 2 > 3%"),
        ('"a＞b\\"" == x', '"a＞b\\"" == x'),
    ],
)
def test_a_rule_prints_in_one_way(text, canonical):
    assert to_text(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds.expressions())
def test_what_is_printed_parses_to_the_same_tree(expression):
    assert parse(to_text(expression)) == expression


def test_literals_are_kept_as_written():
    assert parse("5000万元") == tree.Number(Decimal(5000), "万元")
    assert parse("0.3个百分点") == tree.Number(Decimal("0.3"), "个百分点")
    assert parse("1.50万亿元") == tree.Number(Decimal("1.50"), "万亿元")
    assert parse("2024-01-01") == tree.Day(date(2024, 1, 1))
    assert parse("-3%") == tree.Negative(tree.Number(Decimal(3), "%"))


def test_precedence_is_that_of_arithmetic_and_logic():
    assert parse("a + b * c") == parse("a + (b * c)")
    assert parse("a or b and not c == d") == parse("a or (b and (not (c == d)))")
    assert parse("a - b - c") == parse("(a - b) - c")
    assert parse("-a * b") == parse("(-a) * b")


def test_a_name_is_kept_verbatim_and_keywords_inside_it_are_letters():
    assert names(parse("非公有制 > 0 and 或有负债 > 0 and ＡＢ企业 > 0")) == {"非公有制", "或有负债", "ＡＢ企业"}


def test_nodes_know_their_place():
    text = "高企 and rd / sales >= 3%"
    comparison = parse(text).parts[1]
    assert comparison.span.of(text) == "rd / sales >= 3%"
    assert comparison.first.span.of(text) == "rd / sales"
    assert comparison.rest[0][1].span.of(text) == "3%"


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("", "第 1 行第 1 列", "没有写完"),
        ("a >=", "第 1 行第 5 列", "没有写完"),
        ("(a", "第 1 行第 3 列", "没有写完"),
        ("5000万元且x", "第 1 行第 1 列", "▸5000万元且x"),
        ("3xyz > 1", "第 1 行第 1 列", "单位不认识"),
        ("5 万元", "第 1 行第 3 列", "5 ▸万元"),
        ("a >> 3", "第 1 行第 4 列", "a >▸> 3"),
        ("a and\nb c", "第 2 行第 3 列", "b ▸c"),
        ("a $ b", "第 1 行第 3 列", "“$”读不懂"),
        ("2024-13-01 < a", "第 1 行第 1 列", "不是日期"),
        ("sqrt(a)", "第 1 行第 1 列", "没有函数“sqrt”"),
        ('"没有收尾', "第 1 行第 1 列", "读不懂"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(text, place, hint):
    with pytest.raises(InputRefused) as caught:
        parse(text)
    (finding,) = caught.value.findings
    assert finding.code == "rule.syntax"
    assert finding.message.startswith(place)
    assert hint in finding.message
    assert "\n" not in finding.message


def test_the_line_of_a_fault_counts_from_where_the_rule_stands_in_its_file():
    with pytest.raises(InputRefused) as caught:
        parse("a and\nb c", Place("tiers/x.yaml", 40))
    assert caught.value.findings[0].place == Place("tiers/x.yaml", 41)


@pytest.mark.parametrize("text", ["not " * 2000 + "a", "-" * 5000 + "a", "+".join("a" * 1500), "a" * 10_001])
def test_monstrous_rules_are_refused_without_harm(text):
    with pytest.raises(InputRefused):
        parse(text)


def test_brackets_around_brackets_cost_nothing():
    assert parse("(" * 3000 + "a" + ")" * 3000) == tree.Name("a")


# --- check ----------------------------------------------------------------------------------------------------------

NAMES = {
    "sales": ValueType(Sort.NUMBER, "万元"),
    "rd": ValueType(Sort.NUMBER, "元"),
    "usd": ValueType(Sort.NUMBER, "亿美元"),
    "share": ValueType(Sort.NUMBER, "%"),
    "staff": ValueType(Sort.NUMBER, "人"),
    "firms": ValueType(Sort.NUMBER, "家"),
    "land": ValueType(Sort.NUMBER, "亩"),
    "per_head": ValueType(Sort.NUMBER, "万元/人"),
    "level": ValueType(Sort.TEXT),
    "hnte": ValueType(Sort.TRUTH),
    "founded": ValueType(Sort.DAY),
}


@pytest.mark.parametrize(
    ("text", "sort", "unit"),
    [
        ("sales + rd", Sort.NUMBER, "元"),
        ("rd / sales", Sort.NUMBER, ""),
        ("sales / staff", Sort.NUMBER, "元/人"),
        ("share * sales", Sort.NUMBER, "元"),
        ("sales / staff >= 100万元/人 and per_head < sales / staff", Sort.TRUTH, ""),
        ("sales / land >= 300万元/亩", Sort.TRUTH, ""),
        ("rd / sales >= 3% and share > 0 and share - 1 < 20%", Sort.TRUTH, ""),
        ("coalesce(sales, 0) > 0", Sort.TRUTH, ""),
        ("firms >= 3 and staff >= 300 and firms >= 3个", Sort.TRUTH, ""),
        ("years_between(founded, 2024-01-01) >= 1", Sort.TRUTH, ""),
        ("usd >= 10亿美元", Sort.TRUTH, ""),
        ("max(founded, 2024-01-01)", Sort.DAY, ""),
        ('if hnte then level else "无"', Sort.TEXT, ""),
        ("round(rd / sales, 0.01%) >= 3%", Sort.TRUTH, ""),
        ("count_true(hnte, sales > 0) * 10 >= 20", Sort.TRUTH, ""),
        ("1/2 * (rd/sales + sales/rd) - 1 >= 35%", Sort.TRUTH, ""),
    ],
)
def test_a_sound_rule_has_a_type(text, sort, unit):
    type_, findings = check(parse(text), NAMES)
    assert [str(f) for f in findings] == []
    assert (type_.sort, type_.unit) == (sort, unit)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("sale > 0", "rule.unknown_name", "没有名为“sale”的指标"),
        ("sales + share", "rule.unit", "“sales”（元）与“share”（比率）单位不同类"),
        ("sales >= 5000", "rule.unit", "“sales”（元）与“5000”（无单位的数）单位不同类"),
        ("share <= 70", "rule.unit", "“70”没有单位，“share”是比率"),
        ("share in [70, 80%]", "rule.unit", "“70”没有单位"),
        ("sales >= 3人", "rule.unit", "单位不同类"),
        ("sales > usd", "rule.unit", "（元）与“usd”（美元）"),
        ("firms > share", "rule.unit", "单位不同类"),
        ("staff > firms", "rule.unit", "单位不同类"),
        ("round(share, 1万元)", "rule.unit", "单位不同类"),
        ("hnte > 3", "rule.type", "不能放在一起"),
        ('level >= "一级"', "rule.type", "文字只能用 == 或 != 比较"),
        ("hnte and sales", "rule.type", "“sales”是数值，此处需要是否"),
        ("founded + 3", "rule.type", "“founded”是日期，此处需要数值"),
        ("if hnte then sales else level", "rule.type", "不能放在一起"),
        ('min(level, "a")', "rule.type", "min 只用于数值或日期"),
        ("years_between(founded)", "rule.arguments", "需要 2 个参数，给了 1 个"),
        ("round(sales, rd)", "rule.arguments", "取整的步长"),
        ("round(share)", "rule.arguments", "需要第二个参数"),
    ],
)
def test_a_fault_of_names_types_or_units_is_found(text, code, message):
    _, findings = check(parse(text), NAMES, Place("tiers/x.yaml", 7))
    assert [(f.code, f.place) for f in findings] == [(code, Place("tiers/x.yaml", 7))]
    assert message in findings[0].message


def test_all_faults_come_at_once_each_told_once():
    _, findings = check(parse("sale + 1元 > 0 and share <= 70 and hnte > 3"), NAMES)
    assert [f.code for f in findings] == ["rule.unknown_name", "rule.unit", "rule.type"]
    assert findings[0].remedy == "是否指“sales”？"
    assert "70%" in findings[1].remedy


def test_operators_are_words_of_the_tree():
    comparison = parse("1 < x ≤ 2")
    assert [operator for operator, _ in comparison.rest] == [Operator.LESS, Operator.AT_MOST]
