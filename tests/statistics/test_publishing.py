"""What is published of a round does not lead back to a firm, however the published totals are set off."""

from __future__ import annotations

from typing import Any

import polars as pl

from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.publishing import BESIDE, DIFFERS, FEW, NEGATIVE, PARTS, WAITS, Edition, Released, release
from jiqun.statistics.rollup import Covered, Total, roll_up
from tests.statistics.test_rollup import form, rows

RULES = DisclosureRules(least_respondents=3, top_count=2, top_pct=95, estimate_pct=1, few_pct=20)


def released(*given: Any, levels: tuple[int, ...] = (0, 1)) -> Released:
    laid, table = form({"respondents_pct": 1}), rows(*given)
    return release(laid, table, roll_up(laid, table).all, levels, RULES)


def shown(*given: Any, levels: tuple[int, ...] = (0, 1)) -> set[tuple[str, str]]:
    return {(total.area_id, total.cell.key) for total in released(*given, levels=levels).shown}


def firms(area: str | None, many: int, passed: int = 2, **cells: int) -> list[Any]:
    told = {key.replace("__", "@"): value for key, value in ({"output__current": 100} | cells).items()}
    return [(f"{area}{n}", area, passed, told) for n in range(many)]


UPTO = "output@year_to_date"
OUTPUT, FRESH, SHARE, WAGE = "output@current", "fresh@current", "share@current", "wage@current"


def test_with_enough_firms_everywhere_everything_is_shown() -> None:
    found = shown(*firms("east", 4), *firms("west", 4))
    assert {(area, OUTPUT) for area in ("east", "west", "town")} <= found


def test_a_district_of_one_firm_takes_another_with_it() -> None:
    found = {area for area, key in shown(*firms("east", 4), *firms("west", 1), *firms("south", 5)) if key == OUTPUT}
    assert "town" in found
    assert "west" not in found
    assert len(found & {"east", "south"}) == 1, "town less the other two would be the one firm"


def test_whoever_publishes_is_told_why_a_total_stays_inside() -> None:
    given = (*firms("east", 4), *firms("west", 1), *firms("south", 5), ("late", "south", 1, {OUTPUT: 7}))
    held = {area: why for (area, key), why in released(*given).held.items() if key == OUTPUT}
    assert held == {"west": FEW, "east": BESIDE, "south": WAITS}


def test_a_ratio_is_shown_where_its_sums_are() -> None:
    cells = {"fresh__current": 40, "share__current": 4000}
    found = shown(*firms("east", 4, **cells), *firms("west", 1, **cells))
    assert ("town", "share@current") in found
    assert ("west", "share@current") not in found
    assert ("east", "share@current") not in found


def test_returns_that_stand_in_no_district_are_not_told_by_the_difference() -> None:
    found = {area for area, key in shown(*firms("east", 4), *firms("west", 4), *firms(None, 1)) if key == OUTPUT}
    assert not {"town", "east", "west"} <= found


def test_an_area_ahead_of_the_highest_level_waits() -> None:
    found = shown(*firms("east", 4), *firms("west", 4), ("late", "west", 1, {OUTPUT: 7}))
    assert ("west", OUTPUT) not in found
    assert ("east", OUTPUT) in found


def test_figures_below_zero_are_shown_of_the_whole_only() -> None:
    found = {area for area, key in shown(*firms("east", 4), *firms("west", 3, output__current=-5)) if key == OUTPUT}
    assert found == {"town"}


def test_a_ratio_of_fewer_returns_than_its_sums_stays_inside() -> None:
    """Each sum is of four and may be told; both were given by one firm, and 25 % would be its own."""
    given = [
        ("e0", "east", 2, {OUTPUT: 400, FRESH: 100}),
        *((f"e{n}", "east", 2, {OUTPUT: 400}) for n in (1, 2, 3)),
        *((f"e{n}", "east", 2, {FRESH: 100}) for n in (4, 5, 6)),
        *firms("west", 4, fresh__current=40),
    ]  # fmt: skip
    laid, table = form({"respondents_pct": 1}), rows(*given)
    assert roll_up(laid, table).by["east", SHARE].text == "25.00"
    found = shown(*given)
    assert {("east", OUTPUT), ("east", FRESH), ("west", SHARE)} <= found
    assert ("east", SHARE) not in found


def test_a_ratio_does_not_tell_the_one_sum_that_it_leaves_out() -> None:
    """All but one firm gave both: 80 % of the whole output is less than all that is new, by what that firm had."""
    given = [*firms("east", 4, fresh__current=80), ("late", "east", 2, {FRESH: 70}), *firms("west", 4)]
    assert released(*given).held["east", SHARE] == PARTS
    assert ("east", SHARE) in shown(*given[:4], ("none", "east", 2, {FRESH: 0}), *given[5:])


def test_a_mean_does_not_tell_who_earns_nearly_all_of_it() -> None:
    """The weights are even; of the wages one firm's are 97 %, which whoever knows its own could tell within 3 %."""
    even = firms("west", 4, wage__current=6000)
    low = firms("east", 3, wage__current=100)
    assert ("east", WAGE) in shown(*firms("east", 4, wage__current=5000), *even)
    found = shown(*low, ("rich", "east", 2, {OUTPUT: 100, WAGE: 9000}), *even)
    assert {("east", OUTPUT), ("town", WAGE)} <= found
    assert not {("east", WAGE), ("west", WAGE)} & found, "the west's would tell the east's"


def test_a_mean_that_one_firm_changed_is_not_told_anew() -> None:
    even = firms("west", 4, wage__current=6000)
    laid = form({"respondents_pct": 1})
    before, after = rows(*firms("east", 4, wage__current=5000), *even), rows(
        *firms("east", 3, wage__current=5000), ("east3", "east", 2, {OUTPUT: 100, WAGE: 20}), *even
    )  # fmt: skip
    first = release(laid, before, roll_up(laid, before).all, (0, 1), RULES)
    out = Edition(before, frozenset((total.area_id, total.cell.key) for total in first.shown))
    again = release(laid, after, roll_up(laid, after).all, (0, 1), RULES, [out])
    assert again.held["east", WAGE] == DIFFERS
    assert ("west", WAGE) in {(total.area_id, total.cell.key) for total in again.shown}


def test_a_whole_with_figures_below_zero_is_shown_of_enough_firms_only() -> None:
    one = [("east0", "east", 2, {OUTPUT: -500}), ("east1", "east", 2, {OUTPUT: 0}), ("east2", "east", 2, {})]
    assert ("town", OUTPUT) not in shown(*one)
    assert ("town", OUTPUT) not in shown(*firms("east", 3), ("big", "east", 2, {OUTPUT: -9000})), "97 % of what moves"
    assert ("town", OUTPUT) in shown(*firms("east", 3), ("big", "east", 2, {OUTPUT: -90}))


def test_districts_without_the_whole_above_them_are_each_looked_at() -> None:
    """Only districts are published: no total above them tells the one firm of the east, and nobody else is hidden."""
    found = released(*firms("east", 1), *firms("west", 4), *firms("south", 4), levels=(0,))
    assert {total.area_id for total in found.shown if total.cell.key == OUTPUT} == {"west", "south"}
    assert found.held["east", OUTPUT] == FEW
    held = released(*firms("east", 4, output__current=-5), *firms("west", 4), levels=(0,)).held
    assert {why for (_, key), why in held.items() if key == OUTPUT} == {NEGATIVE}


def test_a_firm_that_stands_in_no_district_of_its_town_is_in_the_towns_total() -> None:
    """Two towns of two districts in a land; one firm of the first stands in none, so that a figure must stay inside."""
    laid = form({"respondents_pct": 1})
    cell = laid.by_key[OUTPUT]
    one = rows(*firms("east", 4), *firms("west", 4), ("none", None, 2, {OUTPUT: 100}))
    other = rows(*firms("north", 4), *firms("south", 4)).with_columns(node_1=pl.lit("city"))
    table = pl.concat([one, other]).with_columns(node_2=pl.lit("land"), passed=pl.lit(3))
    totals = []
    for at in range(3):
        for (area,), given in table.drop_nulls(f"node_{at}").group_by(f"node_{at}"):
            count = Covered(given.height, given.height, given.height)
            totals.append(Total(str(area), at, cell, int(given[OUTPUT].sum()), count))
    for levels in ((0, 1, 2), (0, 1)):
        areas = {total.area_id for total in release(laid, table, totals, levels, RULES).shown}
        assert areas >= {"city", "north", "south"}
        assert not areas >= {"town", "east", "west"}
        assert len(areas & {"town", "east", "west"}) == 2
        assert ("land" in areas) == (2 in levels)


def test_sums_of_months_do_not_tell_the_firm_that_a_month_hid() -> None:
    """January shows the south's 160 and the town's 380. Did February show the east's 320 and, of both, 440, the east's
    January would be 120 and the one firm of the west 100."""
    laid = form({"respondents_pct": 1})
    amounts = {"west": [(100, 100)], "east": [(30, 80)] * 4, "south": [(40, 30)] * 4}

    def table(month: int) -> Any:
        return rows(*(
            (f"{area}{n}", area, 2, {OUTPUT: one[month], UPTO: sum(one[: month + 1])})
            for area, each in amounts.items() for n, one in enumerate(each)
        ))  # fmt: skip

    def out(found: Released, key: str) -> set[str]:
        return {total.area_id for total in found.shown if total.cell.key == key}

    first = release(laid, table(0), roll_up(laid, table(0)).all, (0, 1), RULES)
    assert out(first, OUTPUT) == out(first, UPTO) == {"south", "town"}
    hidden = {(area, "output", None) for area in ("west", "east")}
    alone = release(laid, table(1), roll_up(laid, table(1)).all, (0, 1), RULES)
    assert out(alone, OUTPUT) == out(alone, UPTO) == {"east", "town"}
    second = release(laid, table(1), roll_up(laid, table(1)).all, (0, 1), RULES, hidden=hidden)
    assert out(second, OUTPUT) == out(second, UPTO) == {"south", "town"}


def test_the_month_and_the_sum_of_months_hide_the_same() -> None:
    given = [
        *firms("west", 1, output__year_to_date=200), *firms("east", 4, output__year_to_date=900),
        *firms("south", 5, output__year_to_date=101),
    ]  # fmt: skip
    found = released(*given)
    hidden = [{area for area, key in found.held if key == each} for each in (OUTPUT, UPTO)]
    assert hidden[0] == hidden[1] >= {"west"}
