"""What is no quantity is refused wherever it may begin."""

from __future__ import annotations

import re

from benchmarks.cases_by_phenomenon import read_cases

from jiqun.extraction import refusals
from jiqun.extraction.refusals import Refusals

EXAMPLES = (
    "见https://a.example/1、文号〔2024〕3号，编号：12，2021—2025年，2024-05-06，2025年3月，二〇二五年，三季度，前三批，近五年，"
    "“十四五”规划，第十二条，三届二次全会，A股B2，12V，Ⅱ类，5G升级，工业4.0，1+3+N，百强，.5千亿级，上百个，数十家，成千上万，"
    "几个项目，每万人，又一个，唯一一个，双百，一座，电话12，邮编2，传真3，账号4，代码5，标准号6，索引号7，往后三年，GB/T12，ISO：9"
)


def test_every_pattern_is_looked_for_where_it_begins():
    opening = re.compile(refusals._OPENING)
    patterns = {name: re.compile(pattern) for name, pattern in refusals._PATTERNS.items()}
    found = set()
    for text in (EXAMPLES, *(case["text"] for case in read_cases())):
        for name, pattern in patterns.items():
            for match in pattern.finditer(text):
                found.add(name)
                assert opening.match(text, match.start()), (name, match[0])
    assert found == set(patterns)


def test_names_of_the_city_and_addresses_are_covered_and_amounts_are_not():
    text = "推进1+3功能区(ab12@c.example),1030亿元,计划1030。"
    mask = Refusals(("1+3功能区", "1030")).mask(text)
    assert "".join("■" if covered else mark for covered, mark in zip(mask, text, strict=True)) == (
        "推进■■■■■■(■■■■■■■■■■■■■■),1030亿元,计划■■■■。"
    )
