"""Stocks, flows and cumulative counts against a count made day by day; balances that add up for every history."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.enterprises import cohorts, spells
from jiqun.enterprises.cohorts import Count, Coverage, Kind, Stated
from jiqun.enterprises.spells import OPEN

ENTRIES = {
    "list_id": pl.String, "stage": pl.String, "uscc": pl.String, "valid_from": pl.Date, "valid_to": pl.Date,
}  # fmt: skip
GONE = {"uscc": pl.String, "ended_on": pl.Date}
YEARS = range(2019, 2027)
BY = ("area_id",)


def d(text):
    return date.fromisoformat(text)


def entries(*rows):
    """(firm, stage, from, to) of the list `hnte`."""
    given = [("hnte", stage, firm, d(start), d(stop) if stop else None) for firm, stage, start, stop in rows]
    return pl.DataFrame(given, schema=ENTRIES, orient="row")


def placed(*snapshots):
    """(day, {firm: area}) → what `spells.places` takes."""
    return [
        (
            d(day),
            pl.DataFrame({"uscc": list(at), "area_id": list(at.values())}, schema_overrides={"area_id": pl.String}),
        )
        for day, at in snapshots
    ]


def balanced(rows, snapshots=(), gone=None, years=YEARS, by=BY, coverage=None):
    grants = spells.granted(rows, gone).filter(pl.col("held") == "recognised")
    where = spells.places(snapshots, by)
    whole = spells.pieces(spells.spells(grants), where, by)
    given = spells.placed(grants, where, by)
    return cohorts.balances(whole, given, list(years), by, coverage)


def only(found, year):
    return next(each for each in found if each.year == year)


# --- single days


def test_a_title_counts_on_the_last_day_of_the_year_and_lapses_on_the_day_it_no_longer_holds():
    kept = entries(("a", "recognised", "2021-12-31", "2024-12-31"), ("b", "recognised", "2021-01-01", "2025-01-01"))
    found = balanced(kept, by=())
    assert [only(found, year).closing for year in (2020, 2021, 2022, 2023, 2024, 2025)] == [0, 2, 2, 2, 1, 0]
    assert [only(found, year).losses["lapsed"] for year in (2023, 2024, 2025)] == [0, 1, 1]
    assert only(found, 2021).gains["new"] == 2


def test_granted_again_on_the_day_the_old_title_ends_is_a_renewal_and_a_day_later_a_return():
    kept = entries(
        ("a", "recognised", "2020-06-01", "2023-06-01"), ("a", "recognised", "2023-06-01", "2026-06-01"),
        ("b", "recognised", "2020-06-01", "2023-06-01"), ("b", "recognised", "2023-06-02", "2026-06-02"),
    )  # fmt: skip
    year = only(balanced(kept, by=()), 2023)
    assert (year.granted, year.renewed, year.gains["new"], year.gains["returned"], year.losses["lapsed"]) == (
        2,
        1,
        0,
        1,
        1,
    )
    assert (year.opening, year.closing, year.ever) == (2, 2, 2)


def test_the_three_counts_of_one_title_are_three_numbers():
    """Two firms of 2020, one of them renewed in 2023, one new in 2023: stock 2, granted 2, cumulative 3."""
    kept = entries(
        ("a", "recognised", "2020-06-01", "2023-06-01"), ("a", "recognised", "2023-05-01", "2026-05-01"),
        ("b", "recognised", "2020-06-01", "2023-06-01"), ("c", "recognised", "2023-11-30", "2026-11-30"),
    )  # fmt: skip
    cover = {"hnte": Coverage(frozenset(range(2018, 2024)), 3)}
    found = cohorts.counts([only(balanced(kept, by=(), coverage=cover), 2023)], cover)
    assert {each.kind.value: each.value for each in found} == {
        "stock": 2,
        "granted": 2,
        "entered": 1,
        "net": 0,
        "cumulative": 3,
    }


def test_a_revocation_ends_what_was_granted_before_it_and_not_what_comes_after():
    kept = entries(
        ("a", "recognised", "2020-06-01", "2023-06-01"), ("a", "revoked", "2021-03-01", None),
        ("a", "recognised", "2022-03-01", "2025-03-01"),
    )  # fmt: skip
    found = balanced(kept, by=())
    assert [only(found, year).closing for year in (2020, 2021, 2022, 2024, 2025)] == [1, 0, 1, 1, 0]
    assert only(found, 2021).losses == {"lapsed": 0, "revoked": 1, "gone": 0, "opened": 0, "moved_out": 0}
    assert only(found, 2022).gains["returned"] == 1


def test_a_firm_that_ended_takes_its_title_with_it():
    gone = pl.DataFrame([("a", d("2022-02-01")), ("b", d("2019-01-01"))], schema=GONE, orient="row")
    kept = entries(("a", "recognised", "2020-06-01", "2023-06-01"), ("b", "recognised", "2020-06-01", "2023-06-01"))
    found = balanced(kept, gone=gone, by=())
    assert [only(found, year).closing for year in (2020, 2021, 2022)] == [1, 1, 0]
    assert only(found, 2022).losses["gone"] == 1


def test_a_firm_that_moves_is_lost_in_one_district_and_gained_in_the_other():
    kept = entries(("a", "recognised", "2020-06-01", "2023-06-01"))
    found = balanced(kept, placed(("2020-01-01", {"a": "east"}), ("2022-01-01", {"a": "west"})))
    by_area = {(each.area_id, each.year): each for each in found}
    assert (by_area["east", 2021].closing, by_area["east", 2022].closing, by_area["west", 2022].closing) == (1, 0, 1)
    assert by_area["east", 2022].losses["moved_out"] == by_area["west", 2022].gains["moved_in"] == 1
    assert by_area["west", 2023].losses["lapsed"] == 1
    assert (by_area["east", 2023].ever, by_area["west", 2023].ever) == (1, 0)


def test_a_place_that_became_unknown_is_no_move_and_the_first_known_one_reaches_back():
    kept = entries(("a", "recognised", "2020-06-01", "2023-06-01"))
    snapshots = placed(("2021-01-01", {"a": None}), ("2021-06-01", {"a": "east"}), ("2022-01-01", {"a": None}))
    found = balanced(kept, snapshots)
    assert {each.area_id for each in found} == {"east"}
    assert [only(found, year).closing for year in (2020, 2022)] == [1, 1]


def test_a_firm_without_a_known_place_is_counted_apart():
    found = balanced(entries(("a", "recognised", "2020-06-01", "2023-06-01")))
    assert {each.area_id for each in found} == {None}
    assert only(found, 2020).closing == 1


# --- what the lists cannot say


def test_a_stock_without_the_lists_it_hangs_on_is_no_number():
    cover = Coverage(frozenset({2020, 2022, 2023, 2024}), 3)
    assert cover.missing_for_stock(2023) == (2021,)
    assert cover.missing_for_stock(2024) == ()
    kept = entries(("a", "recognised", "2022-06-01", "2025-06-01"))
    found = cohorts.counts(balanced(kept, by=(), coverage={"hnte": cover}), {"hnte": cover})
    said = {(each.kind, each.year): (each.value, each.missing) for each in found}
    assert said[Kind.STOCK, 2023] == (None, (2021,))
    assert said[Kind.STOCK, 2024] == (1, ())
    assert said[Kind.NET, 2024] == (None, (2021,))
    assert said[Kind.GRANTED, 2021] == (None, (2021,))
    assert said[Kind.GRANTED, 2022] == (1, ())
    assert said[Kind.CUMULATIVE, 2024] == (None, (2021,))


@pytest.mark.parametrize(
    ("stated", "kind", "by", "contradicts"),
    [
        ("13400", "exact", 0, False),
        ("13401", "exact", -1, True),
        ("13000", "at_least", 400, False),
        ("13400", "at_least", 0, False),
        ("13401", "at_least", -1, True),
        ("14000", "about", -600, False),  # 5 % of 14000 are 700
        ("14200", "about", -800, None),
    ],
)  # fmt: skip
def test_a_published_figure_contradicts_as_far_as_it_says(stated, kind, by, contradicts):
    ours = Count("hnte", Kind.STOCK, 2022, None, 13400, 2018)
    said = Stated("hnte", Kind.STOCK, 2022, None, Decimal(stated), kind, "年鉴")
    (found,) = cohorts.compare([ours], [said], Decimal(5))
    assert (found.by, found.contradicts) == (by, contradicts)


def test_a_published_flow_is_not_held_against_a_stock():
    ours = Count("hnte", Kind.STOCK, 2022, None, 13400, 2018)
    said = Stated("hnte", Kind.GRANTED, 2022, None, Decimal(5531), "exact", "年鉴")
    assert cohorts.compare([ours], [said], Decimal(5)) == ()


# --- who lapses when


def test_the_list_of_those_due_has_the_first_day_and_not_the_last():
    kept = entries(
        ("a", "recognised", "2022-03-01", "2025-03-01"), ("b", "recognised", "2022-03-31", "2025-03-31"),
        ("c", "recognised", "2022-04-01", "2025-04-01"), ("d", "recognised", "2022-03-05", None),
        ("e", "recognised", "2022-03-05", "2025-03-05"), ("e", "recognised", "2025-01-05", "2028-01-05"),
    )  # fmt: skip
    held = spells.spells(spells.granted(kept))
    found = cohorts.due(held, d("2025-03-01"), d("2025-04-01"))
    assert found.select("uscc", "month").rows() == [("a", "2025M3"), ("b", "2025M3")]


# --- stages


def test_firms_climb_from_the_pool_to_recognition_and_are_checked_again():
    kept = entries(
        ("a", "pooled", "2020-02-01", None), ("a", "cultivated", "2021-02-01", None),
        ("a", "recognised", "2022-02-01", "2025-02-01"), ("a", "rechecked", "2025-02-01", "2028-02-01"),
        ("b", "pooled", "2020-02-01", None), ("b", "left", "2021-06-01", None),
        ("c", "recognised", "2022-02-01", "2025-02-01"),
    )  # fmt: skip
    grants = spells.granted(kept)
    days = [date(year, 12, 31) for year in (2020, 2021, 2022, 2025)]
    found = cohorts.pipeline(grants, spells.spells(grants), days)
    assert found.standing.rows() == [
        (days[0], "pooled", 2), (days[1], "cultivated", 1), (days[2], "recognised", 2), (days[3], "rechecked", 1),
    ]  # fmt: skip
    moves = [(before, after, firms) for _, _, before, after, firms in found.moves.rows()]
    assert moves == [
        ("pooled", "cultivated", 1), ("pooled", None, 1),
        ("cultivated", "recognised", 1), (None, "recognised", 1),
        ("recognised", "rechecked", 1), ("recognised", None, 1),
    ]  # fmt: skip


# --- verdicts of dated registers


def verdicts(*snapshots):
    """(day, {firm: (area, meets)})."""
    types = {"uscc": pl.String, "area_id": pl.String, "meets": pl.Boolean}
    return [
        (d(day), pl.DataFrame([(firm, *said) for firm, said in at.items()], schema=types, orient="row"))
        for day, at in snapshots
    ]


def test_verdicts_of_yearly_registers_balance_with_what_became_unknown_told_apart():
    snapshots = verdicts(
        ("2022-12-31", {"a": ("east", True), "b": ("east", True), "c": ("east", None), "e": ("east", True)}),
        ("2023-12-31", {"a": ("west", True), "b": ("east", None), "c": ("east", True), "d": ("east", True)}),
        ("2024-12-31", {"a": ("west", False), "b": ("east", True), "c": ("east", True), "e": ("east", True)}),
    )
    found = cohorts.balances(spells.met("hnte", snapshots, BY), None, [2022, 2023, 2024], BY)
    east = {each.year: each for each in found if each.area_id == "east"}
    assert [east[year].closing for year in (2022, 2023, 2024)] == [3, 2, 3]
    assert east[2023].gains == {"new": 1, "returned": 0, "settled": 1, "moved_in": 0}
    assert east[2023].losses == {"lapsed": 0, "revoked": 0, "gone": 1, "opened": 1, "moved_out": 1}
    assert east[2024].gains == {"new": 0, "returned": 1, "settled": 1, "moved_in": 0}
    assert east[2024].losses["gone"] == 1
    west = {each.year: each for each in found if each.area_id == "west"}
    assert (west[2023].gains["moved_in"], west[2024].losses["lapsed"]) == (1, 1)
    assert {each.unexplained for each in found} == {0}


# --- every history


DAYS = st.integers(0, 27).map(lambda quarter: date(2019 + quarter // 4, 1 + 3 * (quarter % 4), 1)) | st.sampled_from(
    [date(2021, 12, 31), date(2022, 1, 2), date(2020, 2, 29)]
)
FIRMS = st.sampled_from("abcd")
GRANTS = st.builds(
    lambda firm, stage, start, length: (firm, stage, start, start + timedelta(days=length) if length else None),
    FIRMS, st.sampled_from(["recognised", "rechecked"]), DAYS, st.sampled_from([0, 1, 91, 365, 1096]),
)  # fmt: skip
CUTS = st.tuples(FIRMS, st.just("revoked"), DAYS, st.none())
AREAS = st.sampled_from(["east", "west", None])
SNAPSHOTS = st.dictionaries(DAYS, st.dictionaries(FIRMS, AREAS, min_size=1), max_size=4)


def held_on(day, firm, rows, gone):
    """The definition: granted on or before the day, not yet ended, not revoked after it was granted, firm alive."""
    cuts = [at for who, stage, at, _ in rows if who == firm and stage == "revoked"]
    if firm in gone and day >= gone[firm]:
        return False
    return any(
        who == firm
        and stage != "revoked"
        and start <= day < (stop or OPEN)
        and not any(start < at <= day for at in cuts)
        for who, stage, start, stop in rows
    )


def area_on(day, firm, snapshots):
    known = sorted((at, said[firm]) for at, said in snapshots.items() if said.get(firm))
    before = [area for at, area in known if at <= day]
    return before[-1] if before else known[0][1] if known else None


def every_day():
    day = date(2018, 12, 31)
    while day <= date(2026, 12, 31):
        yield day
        day += timedelta(days=1)


@settings(max_examples=120, deadline=None)
@given(st.lists(GRANTS | CUTS, min_size=1, max_size=8), SNAPSHOTS, st.dictionaries(FIRMS, DAYS, max_size=2))
def test_every_history_is_counted_as_it_is_day_by_day(rows, snapshots, gone):
    frame = pl.DataFrame([("hnte", s, f, a, b) for f, s, a, b in rows], schema=ENTRIES, orient="row")
    ended = pl.DataFrame(list(gone.items()), schema=GONE, orient="row")
    where = [(day, pl.DataFrame(list(at.items()), schema={"uscc": pl.String, "area_id": pl.String}, orient="row"))
             for day, at in snapshots.items()]  # fmt: skip
    found = balanced(frame, where, ended)
    states = {
        firm: [(day, area_on(day, firm, snapshots) if held_on(day, firm, rows, gone) else False) for day in every_day()]
        for firm in "abcd"
    }
    starts, stops, stock = {}, {}, {}
    for walked in states.values():
        for (_, before), (day, after) in pairwise(walked):
            if before != after:
                if after is not False:
                    starts[day.year, after] = starts.get((day.year, after), 0) + 1
                if before is not False:
                    stops[day.year, before] = stops.get((day.year, before), 0) + 1
            if (day.month, day.day) == (12, 31) and after is not False:
                stock[day.year, after] = stock.get((day.year, after), 0) + 1
    assert {(each.year, each.area_id): each.closing for each in found if each.closing} == stock
    assert {(e.year, e.area_id): sum(e.gains.values()) for e in found if any(e.gains.values())} == starts
    assert {(e.year, e.area_id): sum(e.losses.values()) for e in found if any(e.losses.values())} == stops
    assert {each.unexplained for each in found} <= {0}


def test_a_firm_granted_twice_in_a_year_counts_where_it_was_first():
    rows = [("hnte", "recognised", "b", date(2020, 2, 29), None), ("hnte", "recognised", "b", date(2020, 4, 1), None)]
    schema = {"uscc": pl.String, "area_id": pl.String}
    where = [
        (date(2019, 1, 1), pl.DataFrame([("b", "west")], schema=schema, orient="row")),
        (date(2020, 4, 1), pl.DataFrame([("b", "east")], schema=schema, orient="row")),
    ]
    found = balanced(pl.DataFrame(rows, schema=ENTRIES, orient="row"), where)
    assert {each.area_id: each.granted for each in found if each.year == 2020} == {"west": 1, "east": 0}


@settings(max_examples=60, deadline=None)
@given(st.lists(GRANTS | CUTS, min_size=1, max_size=8), SNAPSHOTS)
def test_districts_add_up_to_the_city_and_new_firms_to_all_there_ever_were(rows, snapshots):
    frame = pl.DataFrame([("hnte", s, f, a, b) for f, s, a, b in rows], schema=ENTRIES, orient="row")
    where = [(day, pl.DataFrame(list(at.items()), schema={"uscc": pl.String, "area_id": pl.String}, orient="row"))
             for day, at in snapshots.items()]  # fmt: skip
    districts, city = balanced(frame, where), balanced(frame, where, by=())
    for whole in city:
        parts = [each for each in districts if each.year == whole.year]
        for name in ("opening", "closing", "granted", "renewed", "ever"):
            assert sum(getattr(each, name) for each in parts) == getattr(whole, name)
        moved = [sum(each.gains["moved_in"] - each.losses["moved_out"] for each in parts)]
        assert moved == [0]
        assert whole.ever == sum(each.gains["new"] for each in city if each.year <= whole.year)
    for before, after in pairwise(city):
        assert before.closing == after.opening
