"""Rows of a list that nobody could be named for yet: the counts they could still change are bounds, never exact."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.enterprises import cohorts, counting
from jiqun.enterprises.cohorts import Count, Coverage, Kind, Stated
from tests.enterprises.test_cohorts import ENTRIES, YEARS, d, entries

OPEN_ROWS = {"list_id": pl.String, "stage": pl.String, "area_id": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
WHOLE = {"hnte": Coverage(frozenset(range(2010, 2030)), 3)}
FROM_2018 = range(2018, 2027)


def waiting(*rows):
    """(stage, area, from, to) of the list `hnte`."""
    given = [("hnte", stage, area, d(start), d(stop) if stop else None) for stage, area, start, stop in rows]
    return pl.DataFrame(given, schema=OPEN_ROWS, orient="row")


def counted(rows, open_rows, snapshots=(), coverage=WHOLE, years=FROM_2018):
    found = counting.counted(rows, open_rows, snapshots, list(years), coverage)
    return {(each.area_id, each.kind, each.year): each for each in found.counts}


def said(count):
    return count.value, count.least, count.most


KEPT = entries(("a", "recognised", "2021-06-01", "2024-06-01"), ("b", "recognised", "2021-06-01", "2024-06-01"))


def test_an_open_row_may_be_one_firm_more_for_as_long_as_it_would_hold():
    found = counted(KEPT, waiting(("recognised", None, "2022-06-01", "2025-06-01")))
    stock = [said(found[None, Kind.STOCK, year]) for year in (2021, 2022, 2023, 2024, 2025)]
    assert stock == [(2, 2, 2), (None, 2, 3), (None, 2, 3), (None, 0, 1), (0, 0, 0)]
    assert said(found[None, Kind.GRANTED, 2022]) == (None, 0, 1)
    assert said(found[None, Kind.GRANTED, 2023]) == (0, 0, 0)
    # it could be firm a's, which then entered nothing, or another's
    assert said(found[None, Kind.ENTERED, 2022]) == (None, 0, 1)
    assert said(found[None, Kind.CUMULATIVE, 2021]) == (2, 2, 2)
    assert said(found[None, Kind.CUMULATIVE, 2026]) == (None, 2, 3)


def test_an_open_row_of_those_struck_off_may_be_one_firm_less():
    found = counted(KEPT, waiting(("revoked", None, "2022-06-01", None)))
    assert [said(found[None, Kind.STOCK, year]) for year in (2021, 2022)] == [(2, 2, 2), (None, 1, 2)]
    assert said(found[None, Kind.CUMULATIVE, 2022]) == (2, 2, 2)


def test_rows_of_the_pool_change_no_count_of_titles():
    found = counted(KEPT, waiting(("pooled", None, "2022-06-01", None)))
    assert said(found[None, Kind.STOCK, 2022]) == (2, 2, 2)


def test_an_open_row_widens_the_district_it_prints_and_every_one_where_it_prints_none():
    where = [(d("2020-01-01"), pl.DataFrame({"uscc": ["a", "b"], "area_id": ["east", "west"]}))]
    printed = waiting(("recognised", "east", "2022-06-01", None))
    found = counted(KEPT, printed, where)
    assert [said(found[area, Kind.STOCK, 2022]) for area in ("east", "west")] == [(None, 1, 2), (1, 1, 1)]
    found = counted(KEPT, printed.with_columns(area_id=None), where)
    assert [said(found[area, Kind.STOCK, 2022]) for area in ("east", "west")] == [(None, 1, 2), (None, 1, 2)]
    assert said(found[None, Kind.STOCK, 2022]) == (None, 2, 3), "the city's row counts once"


def test_a_list_of_which_every_row_waits_is_counted_as_nothing_up_to_all_of_it():
    found = counted(entries(), waiting(*[("recognised", None, "2022-06-01", "2025-06-01")] * 4))
    assert said(found[None, Kind.STOCK, 2022]) == (None, 0, 4)


def test_where_lists_are_missing_there_is_a_least_and_no_most():
    cover = {"hnte": Coverage(frozenset({2021, 2022}), 3)}
    found = counted(KEPT, waiting(), coverage=cover)
    assert said(found[None, Kind.STOCK, 2021]) == (None, 2, None)
    assert said(found[None, Kind.NET, 2021]) == (None, None, None)
    assert found[None, Kind.CUMULATIVE, 2022].since == 2021


@pytest.mark.parametrize(
    ("stated", "by", "contradicts"),
    [(782, None, None), (786, None, None), (790, None, None), (791, -1, True), (780, 2, True)],
)  # fmt: skip
def test_a_published_figure_within_the_bounds_is_no_difference(stated, by, contradicts):
    ours = Count("hnte", Kind.STOCK, 2022, None, None, 2018, (), 782, 790)
    told = Stated("hnte", Kind.STOCK, 2022, None, stated, "exact", "公报")
    found = cohorts.compare([ours], [told], 5)
    assert [(each.by, each.contradicts) for each in found if each.by] == ([(by, contradicts)] if by else [])


# --- whoever the rows turn out to be


DAYS = st.dates(date(2019, 1, 1), date(2025, 12, 31))
FIRMS = st.sampled_from("abc")
GRANTS = st.tuples(FIRMS, st.sampled_from(["recognised", "rechecked"]), DAYS)
CUTS = st.tuples(FIRMS, st.just("revoked"), DAYS)
ROWS = st.lists(st.tuples(GRANTS | CUTS, st.booleans()), min_size=1, max_size=7)
SNAPSHOTS = st.dictionaries(DAYS, st.dictionaries(FIRMS, st.sampled_from(["east", "west"]), min_size=1), max_size=3)


@settings(max_examples=300, deadline=None)
@given(ROWS, SNAPSHOTS)
def test_whoever_the_open_rows_turn_out_to_be_the_counts_lie_within_their_bounds(rows, snapshots):
    def table(chosen):
        grants = [
            ("hnte", stage, firm, day, None if stage == "revoked" else date(day.year + 3, day.month, min(day.day, 28)))
            for (firm, stage, day) in chosen
        ]  # fmt: skip
        return pl.DataFrame(grants, schema=ENTRIES, orient="row")

    where = [
        (day, pl.DataFrame(list(at.items()), schema={"uscc": pl.String, "area_id": pl.String}, orient="row"))
        for day, at in snapshots.items()
    ]
    hidden = table([row for row, is_open in rows if is_open])
    open_rows = hidden.select("list_id", "stage", pl.lit(None, pl.String).alias("area_id"), "valid_from", "valid_to")
    told = counted(table([row for row, is_open in rows if not is_open]), open_rows, where, years=YEARS)
    truth = counted(table([row for row, _ in rows]), waiting(), where, years=YEARS)
    for key, bound in told.items():
        if key not in truth:
            continue
        value = truth[key].value
        assert bound.least <= value <= bound.most, (key, value, bound)
        assert bound.value in (None, value), key
