"""What the reference says, worked by hand; and how it explains itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jiqun.model.errors import UsageError
from jiqun.rules import Sort, ValueType, evaluate, explain, parse

TYPES = {
    "营业收入": ValueType(Sort.NUMBER, "万元"),
    "研发费用": ValueType(Sort.NUMBER, "万元"),
    "负债率": ValueType(Sort.NUMBER, "%"),
    "高企": ValueType(Sort.TRUTH),
    "成立": ValueType(Sort.DAY),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5万亿元", Decimal(1_500_000_000_000)),
        ("3%", Decimal("0.03")),
        ("0.3个百分点", Decimal("0.003")),
        ("2成", Decimal("0.2")),
        ("1 / 3 * 3", Decimal(1)),
        ("0.1 + 0.2", Decimal("0.3")),
        ("round(2.5)", Decimal(3)),
        ("round(-2.5)", Decimal(-3)),
        ("round(3.14159, 0.01)", Decimal("3.14")),
        ("round(12345元, 1000元)", Decimal(12000)),
        ("round(12500元, 1000元)", Decimal(13000)),
        ("min(3, 1, 2)", Decimal(1)),
        ("max(2023-01-01, 2024-01-01)", date(2024, 1, 1)),
        ("abs(-5%)", Decimal("0.05")),
        ("years_between(2020-02-29, 2021-02-28)", Decimal(0)),
        ("years_between(2020-02-29, 2021-03-01)", Decimal(1)),
        ("count_true(true, false, 1 < 2)", Decimal(2)),
        ('if 1 > 2 then "甲" else "乙"', "乙"),
        ("1 / 0", None),
        ("1 / 0 > 1 or true", True),
        ("1 / 0 > 1 and false", False),
        ("not 1 / 0 > 1", None),
        ("1 / 0 in [1, 2]", None),
        ("1 in [1, 1 / 0]", True),
        ("2 in [1, 1 / 0]", None),
        ("if 1 / 0 > 1 then 2 else 2", None),
        ("coalesce(1 / 0, 7)", Decimal(7)),
        ("min(1, 1 / 0)", None),
        ("count_true(true, 1 / 0 > 1)", None),
        ("1 < 1 / 0 < 0", None),
        ("3 < 2 < 1 / 0", False),
    ],
)
def test_a_value_by_hand(text, expected):
    value = evaluate(parse(text), {})
    assert value == expected
    assert type(value) is type(expected)


def test_numbers_of_a_row_are_in_the_unit_of_their_type():
    row = {"营业收入": Decimal(5000), "研发费用": Decimal("150"), "负债率": 70}
    assert evaluate(parse("营业收入"), row, TYPES) == 50_000_000
    assert evaluate(parse("营业收入 >= 5000万元 and 研发费用 / 营业收入 >= 3% and 负债率 <= 70%"), row, TYPES) is True


def test_floats_are_what_they_print():
    assert evaluate(parse("负债率 == 0.1%"), {"负债率": 0.1}, TYPES) is True
    for nothing in (float("nan"), float("-inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")):
        assert evaluate(parse("负债率 > 0"), {"负债率": nothing}, TYPES) is None


def test_a_value_of_no_known_type_is_misuse():
    with pytest.raises(UsageError, match="营业收入"):
        evaluate(parse("营业收入 > 0"), {"营业收入": [1]}, TYPES)


RULE = "高企 and 研发费用 / 营业收入 >= 3% and 负债率 <= 70%"


def test_an_explanation_shows_each_clause_with_its_figures():
    told = explain(
        parse(RULE), {"高企": True, "研发费用": Decimal(128), "营业收入": Decimal(4000), "负债率": Decimal(75)}, TYPES
    )
    assert (told.verdict, told.shown) == (False, "不符合")
    assert [(part.text, part.shown) for part in told.parts] == [
        ("高企", "符合"),
        ("研发费用 / 营业收入 >= 3%", "符合"),
        ("负债率 <= 70%", "不符合"),
    ]
    quotient = told.parts[1].parts[0]
    assert (quotient.shown, quotient.value) == ("3.2%", Decimal("0.032"))
    assert [(part.text, part.shown) for part in quotient.parts] == [("研发费用", "128 万元"), ("营业收入", "4000 万元")]
    assert told.missing == ()


def test_an_unknown_outcome_names_what_is_missing_and_only_that():
    told = explain(
        parse(RULE + " and (成立 >= 2013-01-01 or 高企)"),
        {"高企": True, "负债率": Decimal(60), "研发费用": Decimal(1)},
        TYPES,
    )
    assert (told.verdict, told.shown) == (None, "未知")
    assert told.missing == ("营业收入",)  # 成立 is unknown too, but its clause holds without it


def test_a_known_outcome_misses_nothing():
    told = explain(parse(RULE), {"高企": False}, TYPES)
    assert (told.verdict, told.missing) == (False, ())
    assert told.parts[1].missing == ("研发费用", "营业收入")
