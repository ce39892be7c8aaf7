"""What is published of a round does not lead back to a firm, however the published totals are set off."""

from __future__ import annotations

from typing import Any

from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.publishing import BESIDE, FEW, WAITS, Released, release
from jiqun.statistics.rollup import roll_up
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


OUTPUT = "output@current"


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
