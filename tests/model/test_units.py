from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun.model.units import Unit


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        ("1.12", "万亿元", "亿元", "11200"),  # document 004 against the indicator's unit
        ("52", "万元/亩", "元/亩", "520000"),
        ("1.35", "万家", "家", "13500"),
        ("10000", "户", "家", "10000"),
        ("3000", "亿美元", "万美元", "30000000"),
        ("70", "件/万人", "件/人", "0.007"),
        ("1", "平方公里", "亩", "1500"),
        ("2", "公顷", "亩", "30"),
        ("5", "亿千瓦时", "万千瓦时", "50000"),
        ("0.7", "百分点", "个百分点", "0.7"),
        ("100", "个", "家", "100"),
    ],
)
def test_a_value_can_be_said_in_another_unit_of_its_kind(value, unit, to, expected):
    assert Unit.parse(unit).convert(Decimal(value), Unit.parse(to)) == Decimal(expected)


@pytest.mark.parametrize(
    ("unit", "to"), [("亿元", "家"), ("亿元", "亿美元"), ("%", "个百分点"), ("万元/亩", "万元"), ("", "%")]
)
def test_different_kinds_do_not_convert(unit, to):
    with pytest.raises(ValueError, match="不能换算"):
        Unit.parse(unit).convert(Decimal(1), Unit.parse(to))


def test_the_scaled_integer_is_exact_or_absent():
    assert Unit.parse("万亿元").scaled(Decimal("1.6")) == 160_000_000_000_000  # fen
    assert Unit.parse("万家").scaled(Decimal("1.35")) == 13_500
    assert Unit.parse("家").scaled(Decimal("0.5")) is None
    assert Unit.parse("%").scaled(Decimal("53.7")) == 53_700_000


@given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from(["元", "万元", "亿元", "万亿元", "千元", "百万元"]))
def test_there_and_back_is_the_same_value(value, unit):
    yuan = Unit.parse("元")
    assert yuan.convert(Unit.parse(unit).convert(value, yuan), Unit.parse(unit)) == value
