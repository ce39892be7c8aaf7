"""How promises are said; expected words by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jiqun.reports.wording import decimal_text, promised, sentence


@pytest.mark.parametrize(
    ("comparator", "value", "unit", "more", "said"),
    [
        ("ge", "7400", "亿元", {"strict": True}, "超过7400亿元"),
        ("ge", "1000", "家", {}, "达到1000家"),
        ("le", "3", "%", {}, "不超过3%"),
        ("le", "3", "%", {"strict": True}, "低于3%"),
        ("approx", "1.5", "万亿元", {}, "1.5万亿元左右"),
        ("range", "10", "家", {"high": "20"}, "10—20家"),
        ("eq", "200", "项", {"measure": "cumulative"}, "累计200项"),
        ("ge", "20", "项", {"measure": "annual"}, "每年达到20项"),
        ("le", "5", "位", {"measure": "rank"}, "前5位"),
        ("eq", "1", "位", {"measure": "rank"}, "第1位"),
    ],
)
def test_a_promise_is_said_as_it_binds(comparator, value, unit, more, said):
    assert promised(comparator, value, unit, **more) == said


def test_the_place_is_not_said_twice():
    assert sentence("2025", "苏州", "苏州工业增加值", "达到1亿元") == "到2025年，苏州工业增加值达到1亿元"
    assert sentence("", "昆山", "高企数", "200家") == "昆山高企数200家"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+4", "10000"), ("1.50", "1.5"), ("5.25715", "5.2572"), ("0", "0"), ("-3.0", "-3"), ("100", "100")],
)
def test_computed_numbers_are_plain(value, text):
    assert decimal_text(Decimal(value)) == text
