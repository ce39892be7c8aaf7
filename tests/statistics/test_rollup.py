"""Totals by hand; and on generated returns the same as adding them up one by one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.packs.schema.forms import Form
from jiqun.statistics.layout import Layout, layout
from jiqun.statistics.rollup import Covered, Total, roll_up
from tests.statistics.test_checks import JUNE
from tests.statistics.test_layout import TOWN

CITY = packs.load(TOWN)


def form(coverage: dict[str, Any] | None = None) -> Layout:
    told = CITY.forms["monthly"].model_dump()
    told["fields"] = [
        *told["fields"],
        {"id": "wage", "code": "05", "name": "人均工资", "unit": "元/人", "digits": 0,
         "roll_up": {"kind": "mean", "weight": "output"}},
    ]  # fmt: skip
    told["coverage"] = coverage or {}
    return layout(Form.model_validate(told), CITY, JUNE)


KEYS = [cell.key for cell in form().numbers]


def rows(*given_: tuple[str, str | None, int | None, dict[str, int]]) -> pl.DataFrame:
    """(respondent, its district, levels passed, cells): every district is in the town."""
    return pl.DataFrame(
        [
            {"respondent_id": id_, "node_0": district, "node_1": "town", "passed": passed, **cells}
            for id_, district, passed, cells in given_
        ],
        schema={
            "respondent_id": pl.String, "node_0": pl.String, "node_1": pl.String, "passed": pl.Int64,
            **dict.fromkeys(KEYS, pl.Int64),
        },
    )  # fmt: skip


def total(found: Any, area: str, key: str) -> Total:
    result: Total = found.by[area, key]
    return result


# 100.0, 50.0 and 50.0 万元, of which fresh 30.0, 10.0, 0: 40/200 = 20 %
THREE = (
    ("a", "east", 2, {"output@current": 1000, "fresh@current": 300, "share@current": 3000, "wage@current": 9000}),
    ("b", "east", 2, {"output@current": 500, "fresh@current": 100, "share@current": 2000, "wage@current": 6000}),
    ("c", "west", 2, {"output@current": 500, "fresh@current": 0, "share@current": 0, "wage@current": 6000}),
)


def test_a_sum_adds_a_ratio_divides_sums_and_a_mean_is_weighted() -> None:
    found = roll_up(form(), rows(*THREE))
    assert total(found, "town", "output@current").text == "200.0"
    assert total(found, "east", "fresh@current").text == "40.0"
    assert total(found, "town", "share@current").text == "20.00"  # not the mean of 30, 20 and 0
    assert total(found, "east", "share@current").text == "26.67"  # 40 / 150
    assert total(found, "town", "wage@current").text == "7500"  # (9000·100 + 6000·50 + 6000·50) / 200
    assert total(found, "town", "output@year_to_date").steps is None
    assert total(found, "town", "output@year_to_date").reason == "没有填报"


def test_a_return_counts_where_its_level_has_accepted_it() -> None:
    found = roll_up(form({"respondents_pct": 50}), rows(*THREE[:2], (*THREE[2][:2], 1, THREE[2][3])))
    assert total(found, "west", "output@current").text == "50.0"  # passed the district, not the town
    assert total(found, "town", "output@current").text == "150.0"
    assert str(total(found, "town", "output@current").covered) == "2/3"


def test_without_coverage_a_total_is_unknown_and_says_so() -> None:
    waiting = (*THREE[:2], ("c", "west", None, {}))
    found = roll_up(form(), rows(*waiting))
    town = total(found, "town", "output@current")
    assert (town.steps, town.reason) == (None, "覆盖面不足：2/3")
    assert total(found, "east", "output@current").text == "150.0"  # the district has all of its own
    assert total(roll_up(form({"respondents_pct": 66}), rows(*waiting)), "town", "output@current").text == "150.0"
    assert total(roll_up(form({"respondents_pct": 67}), rows(*waiting)), "town", "output@current").steps is None


def test_coverage_may_be_weighed_by_the_figures_of_last_period() -> None:
    waiting = (*THREE[:2], ("c", "west", None, {}))
    last = pl.DataFrame({"respondent_id": ["a", "b", "c"], "output@current": [800, 130, 70]})  # 93 % are in
    found = roll_up(form({"weight_pct": 93}), rows(*waiting), last)
    assert str(total(found, "town", "output@current").covered) == "2/3，按上期占 93%"
    assert total(found, "town", "output@current").text == "150.0"
    assert total(roll_up(form({"weight_pct": "93.1"}), rows(*waiting), last), "town", "output@current").steps is None
    assert total(found, "town", "fresh@current").steps is None, "its weights are not known: all must be in"


def test_what_a_counted_return_left_empty_adds_nothing_and_shows() -> None:
    empty = ("d", "west", 2, {"output@current": 1})
    found = roll_up(form(), rows(*THREE, empty))
    part = total(found, "town", "fresh@current")
    assert (part.text, part.covered.counted, part.covered.given) == ("40.0", 4, 3)
    assert total(found, "town", "share@current").text == "20.00", "a ratio takes those who gave both"


def test_division_by_nothing_is_unknown() -> None:
    found = roll_up(form(), rows(("a", "east", 2, {"output@current": 0, "fresh@current": 0, "wage@current": 5})))
    assert total(found, "town", "share@current").reason == "分母为 0 或没有填报"
    assert total(found, "town", "wage@current").steps is None


def test_a_respondent_without_an_area_at_a_level_counts_above_it() -> None:
    found = roll_up(form(), rows(*THREE, ("z", None, 2, {"output@current": 10})))
    assert total(found, "town", "output@current").text == "201.0"
    assert {each.area_id for each in found.all} == {"east", "west", "town"}


@pytest.mark.parametrize(
    ("covered", "rule", "enough"),
    [
        (Covered(10, 9, 9), {"respondents_pct": 90}, True),
        (Covered(10, 9, 9), {"respondents_pct": "90.1"}, False),
        (Covered(0, 0, 0), {"respondents_pct": 1}, False),
        (Covered(10, 1, 1, Decimal("93.0")), {"weight_pct": 93}, True),
        (Covered(10, 9, 9, Decimal("92.9")), {"weight_pct": 93, "respondents_pct": 10}, False),
    ],
)
def test_the_boundary_of_coverage_is_exact(covered: Covered, rule: dict[str, Any], enough: bool) -> None:
    assert covered.suffices(form(rule).form.coverage) is enough


STEPS = st.none() | st.integers(-(10**13) + 1, 10**13 - 1) | st.integers(-20, 20)
RETURN = st.tuples(
    st.sampled_from(["east", "west", None]), st.sampled_from([None, 0, 1, 2]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, STEPS)),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(RETURN, min_size=1, max_size=7), st.sampled_from([100, 60, 1]))
def test_totals_are_those_of_adding_up_one_by_one(returns: list[Any], pct: int) -> None:
    laid = form({"respondents_pct": pct})
    made = [(str(n), *each) for n, each in enumerate(returns)]
    found = roll_up(laid, rows(*made))
    for area, level in (("east", 0), ("west", 0), ("town", 1)):
        owing = [(passed, cells) for _, node, passed, cells in made if level or node == area]
        for cell in laid.numbers if owing else ():
            slow = slowly(
                laid, cell.key, [c for passed, c in owing if passed is not None and passed > level], len(owing)
            )
            assert total(found, area, cell.key).steps == slow, (area, cell.key)


def slowly(laid: Layout, key: str, counted: list[dict[str, int | None]], owed: int) -> int | None:
    """The definition of a total: every rule by its words, in fractions."""
    cell = laid.by_key[key]
    rule, pct = cell.field.roll_up, laid.form.coverage.respondents_pct
    if 100 * len(counted) < pct * owed:
        return None
    if rule.kind == "sum":
        values = [cells[key] for cells in counted if cells.get(key) is not None]
        return sum(values) if values else None
    above_key = f"{rule.numerator}@{cell.column}" if rule.kind == "ratio" else key
    below_key = f"{rule.denominator or rule.weight}@{cell.column}"
    pairs = [(c[above_key], c[below_key]) for c in counted if None not in (c.get(above_key), c.get(below_key))]
    below = sum(Fraction(b or 0) for _, b in pairs)
    if not below:
        return None
    if rule.kind == "mean":
        exact = sum((Fraction(a or 0) * (b or 0) for a, b in pairs), Fraction(0)) / below
    else:  # both of one decimal place, in percent of two
        exact = sum((Fraction(a or 0) for a, _ in pairs), Fraction(0)) / below * 100 * 100
    return int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
