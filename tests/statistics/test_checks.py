"""Checks say yes, no or unknown; and say it of a whole round as they say it of one return."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.packs.schema.forms import Form
from jiqun.statistics import checking, checks
from jiqun.statistics.answers import printed, read
from jiqun.statistics.layout import Layout, layout
from tests.statistics.test_layout import TOWN

CITY = packs.load(TOWN)
JUNE = date(2024, 6, 30)


def form(*rules: str, **how: Any) -> Layout:
    """The monthly form with these checks only; names in it: output, fresh (in two clusters), share, why."""
    told = CITY.forms["monthly"].model_dump()
    told["checks"] = [
        {"id": f"c{n}", "rule": rule, "level": "soft", "message": rule} | how for n, rule in enumerate(rules)
    ]
    return layout(Form.model_validate(told), CITY, JUNE)


def ask(rule: str, steps: dict[str, int], **how: Any) -> list[bool | None]:
    asked = checks.questions(form(rule, **how), CITY)
    return [checks.answer(question, steps) for question in asked]


def test_a_cell_that_was_left_empty_is_unknown_and_not_zero() -> None:
    assert ask("fresh <= output", {"output@current": 1000, "fresh@current": 1001}) == [False]
    assert ask("fresh <= output", {"output@current": 1000, "fresh@current": 1000}) == [True]
    assert ask("fresh <= output", {"output@current": 1000}) == [None]
    assert ask("fresh <= output and output < 50万元", {"output@current": 1000}) == [False]  # 100.0 万元, whatever fresh


def test_a_check_is_held_in_each_column_it_names() -> None:
    steps = {"output@current": 10, "fresh@current": 9, "output@year_to_date": 10, "fresh@year_to_date": 11}
    assert ask("fresh <= output", steps, columns=["current", "year_to_date"]) == [True, False]
    assert ask("output <= output__year_to_date", steps) == [True]


def test_a_check_of_parts_is_held_in_each_part() -> None:
    steps = {"output@current": 10, "fresh:c23-robot@current": 11, "fresh:c23-it@current": 3, "fresh@current": 14}
    assert ask("fresh <= output", steps, items_of="fresh") == [False, True]
    assert ask("fresh__items == fresh", steps) == [True]
    assert ask("fresh__items <= fresh", {"fresh@current": 14, "fresh:c23-it@current": 15}) == [False]  # those given
    assert ask("fresh__items <= fresh", {"fresh@current": 14}) == [None]  # none given


def test_other_periods_levels_and_forms_stand_under_their_source() -> None:
    steps = {
        "output@current": 301,
        "last|output@current": 100,
        "year_ago|output@current": 300,
        "upper|output@current": 9,
    }
    rule = "output <= 3 * last__output or output == year_ago__output or output < upper__output"
    assert ask(rule, steps) == [False]
    assert ask(rule, steps | {"output@current": 300}) == [True]
    needed = checks.sources(checks.questions(form(rule), CITY))
    assert needed == dict.fromkeys(("last", "", "year_ago", "upper"), ("output@current",))


def test_what_is_not_true_is_kept_in_the_order_of_the_form() -> None:
    asked = checks.questions(form("fresh <= output", "output > 0万元", "share <= 100%"), CITY)
    heard = checks.outcomes(asked, {"output@current": 5, "fresh@current": 6})
    assert [(each.question.id, each.answer) for each in heard] == [("c0", False), ("c2", None)]
    assert heard[0].question.keys == ("fresh@current", "output@current")


RULES = (
    "fresh <= output", "output <= 3 * last__output", "fresh__items <= fresh", "fresh / output >= 3%",
    "output - fresh >= 0.5万元 or share > 50%", 'why == "停产" or output > 0万元',
    "abs(output - year_ago__output) < 5万元",
    "not (fresh > output and share < 10%)", "upper__output >= output", "max(output, fresh) == output",
)  # fmt: skip
LABELS = (
    "output@current", "fresh@current", "fresh:c23-robot@current", "fresh:c23-it@current", "share@current",
    "last|output@current", "year_ago|output@current", "upper|output@current", "output@year_to_date",
)  # fmt: skip
VALUES = st.none() | st.integers(-200, 200) | st.sampled_from([0, 1, 10**13 - 1, 10**13, -(10**13), 10**15 - 1])
RETURN = st.tuples(st.fixed_dictionaries(dict.fromkeys(LABELS, VALUES)), st.sampled_from([None, "停产", "检修"]))
ROWS = st.lists(RETURN, min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_a_round_hears_what_each_return_hears(rows: list[tuple[dict[str, int | None], str | None]]) -> None:
    asked = checks.questions(form(*RULES), CITY) + checks.questions(form("fresh <= output", items_of="fresh"), CITY)
    asked = tuple({question.id: question for question in asked}.values())
    frame = pl.DataFrame(
        [{"respondent_id": str(n), **steps, "why@current": why} for n, (steps, why) in enumerate(rows)],
        schema={"respondent_id": pl.String, **dict.fromkeys(LABELS, pl.Int64), "why@current": pl.String},
    )
    heard = checking.hear(asked, frame).rows
    for n, (steps, why) in enumerate(rows):
        given_ = {label: value for label, value in steps.items() if value is not None}
        words = {"why@current": why} if why else {}
        slow = [checks.answer(question, given_, words) for question in asked]
        assert list(heard.row(n)[1:]) == slow


@pytest.mark.parametrize(
    ("text", "steps", "code"),
    [
        ("123.4", 1234, ""), ("１２３．４", 1234, ""), ("1,234", 12340, ""), (" 12.0 ", 120, ""), ("–", None, ""),
        ("0", 0, ""), ("12.34", None, "form.too_fine"), ("-1", None, "form.negative"),
        ("约12", None, "table.not_a_number"),
        ("9999999999999", None, "form.too_large"), ("0.1亿元", 10000, "table.unit_converted"), ("", None, ""),
    ],
)  # fmt: skip
def test_a_cell_is_read_exactly_or_refused(text: str, steps: int | None, code: str) -> None:
    found = read(form(), {"output@current": text}, is_final=False)
    assert found.steps.get("output@current") == steps
    assert [finding.code for finding in found.findings] == ([code] if code else [])


def test_a_final_return_lacks_nothing_that_is_required() -> None:
    found = read(form(), {"output@current": "1", "nowhere@current": "1", "fresh@current": "x"})
    said = {finding.place.cell: finding.code for finding in found.findings}
    assert said == {
        "nowhere@current": "form.unknown_cell", "fresh@current": "table.not_a_number",
        "output@year_to_date": "form.missing", "fresh@year_to_date": "form.missing", "share@current": "form.missing",
        "share@year_to_date": "form.missing",
    }  # fmt: skip
    assert found.is_refused


def test_steps_are_printed_with_their_places() -> None:
    assert [printed(n, 2) for n in (12345, 5, 0, -5)] == ["123.45", "0.05", "0.00", "-0.05"]
    assert printed(-7, 0) == "-7"
