"""Invented returns of firms as an export: shares of the register's figures, in the form's units, the same each time."""

from __future__ import annotations

import csv
import io

from jiqun import packs
from jiqun.model.periods import Period
from jiqun.packs.schema.invented_returns import InventedFirmRounds
from jiqun.statistics.invented_firms import export
from jiqun.statistics.layout import layout

CITY = packs.load("suzhou")
FORM = CITY.forms["demo_firms_quarterly"]
UNITS = {"revenue_yuan": "元"}
FIRMS = [{"uscc": f"F{at}", "revenue_yuan": 1e9} for at in range(400)] + [{"uscc": "none", "revenue_yuan": None}]


def rows(period: str, **more: object) -> dict[str, list[str]]:
    plan = InventedFirmRounds.model_validate({
        "first": "2023Q1", "last": "2023Q2", "words": "扩产", "fields": {
            "revenue": {"column": "revenue_yuan", "share": 0.25}, "output": {"share_of": "revenue", "share": 1.1},
        }, **more,
    })  # fmt: skip
    at = Period.parse(period)
    head, *lines = csv.reader(io.StringIO(export(plan, layout(FORM, CITY, at.end), at, FIRMS, UNITS).decode()))
    assert head == ["统一社会信用代码", "output@current", "revenue@current", "说明"]
    return {line[0]: line[1:] for line in lines}


def test_a_quarter_of_the_revenue_in_ten_thousands_of_yuan_and_unknown_stays_empty() -> None:
    """By hand: 25 % of 10 亿元 is 25000 万元, 110 % of that 27500."""
    told = rows("2023Q1")
    assert told["F1"] == ["27500", "25000", ""]
    assert told["none"] == ["", "", ""]
    assert len(told) == 401


def test_some_never_answer_and_some_jump_in_the_last_round_and_half_of_these_say_why() -> None:
    more = {"missing_pct": 10, "jump": ["output"], "jump_pct": 20, "factor": 3}
    before, last = rows("2023Q1", **more), rows("2023Q2", **more)
    assert before.keys() == last.keys() and 320 < len(last) < 400
    assert {line[0] for line in before.values()} == {"27500", ""}
    jumped = [line for line in last.values() if line[0] == "82500"]
    assert 40 < len(jumped) < 110 and {line[1] for line in jumped} == {"25000"}
    assert 0.3 < sum(line[2] == "扩产" for line in jumped) / len(jumped) < 0.7
    assert not [line for line in last.values() if line[2] and line[0] != "82500"]
    assert last == rows("2023Q2", **more)
