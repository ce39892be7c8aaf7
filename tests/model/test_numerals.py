"""Numbers as Chinese documents print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun.model.numerals import fold, number

READ = {
    "0": 0, "7": 7, "1,234": 1234, "1,234,567.5": "1234567.5", "１２．５": "12.5", "-3": -3,
    "十": 10, "十五": 15, "二十": 20, "一百零五": 105, "一百五": 150, "两万三": 23000, "一千二百": 1200,
    "一万零五十": 10050,
    "三亿五千万": 350_000_000, "万": 10000, "亿": 100_000_000, "一万亿": 10**12, "百": 100,
    "二〇二五": 2025, "十二点五": "12.5", "零点三": "0.3", "1.5万": 15000, "3千亿": 3 * 10**11,
}  # fmt: skip
NOT_READ = ["", "abc", "五五十", "1.2.3", "万元", "十点", "约三", "3个", "一" * 65]


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_a_numeral_is_read(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", NOT_READ)
def test_anything_else_is_no_number(text):
    assert number(text) is None


DIGITS = "零一二三四五六七八九"


def spoken(value: int) -> str:
    """The obvious way to say a whole number below 10**8."""
    if value >= 10_000:
        rest = value % 10_000
        gap = "零" if 0 < rest < 1_000 else ""
        return spoken(value // 10_000) + "万" + (gap + spoken(rest) if rest else "")
    words, gap = "", False
    for scale, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // scale % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + mark
            gap = False
        else:
            gap = True
    return words or "零"


@given(st.integers(min_value=0, max_value=99_999_999))
def test_what_is_said_is_read_back(value):
    assert number(spoken(value)) == value


@given(st.text())
def test_folding_moves_nothing(text):
    assert len(fold(text)) == len(text)


def test_folding_makes_half_width():
    assert fold("ＧＤＰ达７．５％，（约）“一”") == "GDP达7.5%,(约)“一”"
