"""Firms summed into cells: by hand, against a plain loop, and what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.measures import cells
from jiqun.model.errors import InputRefused, UsageError

AREAS, INDUSTRIES = ("east", "west"), ("0111", "3911", "3912")
FIRMS = pl.LazyFrame(
    {
        "area_id": ["east", "east", "west", "east", None, "moon", "west"],
        "industry_code": ["0111", "0111", "0111", "3912", "0111", "0111", "3912"],
        "employees": [10, 20, 5, None, 7, 9, 0],
    }
)


def test_firms_are_counted_and_their_sizes_added_up():
    made = cells.from_firms(FIRMS, AREAS, INDUSTRIES, size="employees", with_largest=True)
    assert made.firms.tolist() == [[2, 0, 1], [1, 0, 1]]
    assert made.sizes.tolist() == [[30, 0, 0], [5, 0, 0]]
    assert made.squares.tolist() == [10**2 + 20**2 + 5**2, 0, 0]
    assert made.unsized.tolist() == [0, 0, 1]
    assert made.largest.tolist() == [[20, 0, 0], [5, 0, 0]]
    assert made.unplaced == 2


def test_without_a_size_every_firm_weighs_one():
    made = cells.from_firms(FIRMS, AREAS, INDUSTRIES)
    assert made.sizes.tolist() == [[2, 0, 1], [1, 0, 1]]
    assert made.squares.tolist() == [3, 0, 2]


def test_whole_numbers_are_places_in_the_lists():
    coded = pl.LazyFrame({"area_id": [0, 1, 2, -1], "industry_code": [2, 0, 0, 0]})
    made = cells.from_firms(coded, AREAS, INDUSTRIES)
    assert made.firms.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert made.unplaced == 2


def test_a_size_below_zero_is_refused():
    with pytest.raises(InputRefused, match="有 1 家企业的“employees”是负数"):
        cells.from_firms(
            FIRMS.with_columns(employees=pl.Series([1, 2, 3, 4, 5, 6, -7])), AREAS, INDUSTRIES, size="employees"
        )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_a_size_that_is_no_number_is_unknown(bad):
    frame = pl.LazyFrame({"area_id": ["east"] * 2, "industry_code": ["0111"] * 2, "x": [bad, 3.0]})
    made = cells.from_firms(frame, AREAS, INDUSTRIES, size="x")
    assert (made.sizes[0, 0], made.firms[0, 0], made.unsized[0]) == (3, 2, 1)


AREA, INDUSTRY = st.sampled_from([*AREAS, "moon", None]), st.sampled_from([*INDUSTRIES, None])


@settings(deadline=None)  # the first batch pays for the reader's threads
@given(st.lists(st.tuples(AREA, INDUSTRY, st.none() | st.integers(0, 99)), min_size=1))
def test_every_firm_is_in_the_sums_or_unplaced(rows):
    frame = pl.LazyFrame(rows, schema={"area_id": pl.String, "industry_code": pl.String, "x": pl.Int64}, orient="row")
    made = cells.from_firms(frame, AREAS, INDUSTRIES, size="x")
    sizes = np.zeros((2, 3))
    for area, industry, size in rows:
        if area in AREAS and industry in INDUSTRIES:
            sizes[AREAS.index(area), INDUSTRIES.index(industry)] += size or 0
    assert made.firms.sum() + made.unplaced == len(rows)
    assert made.sizes.tolist() == sizes.tolist()


def test_groups_take_their_share_of_each_industry():
    made = cells.from_firms(FIRMS, AREAS, INDUSTRIES, size="employees")
    cluster = made.regrouped({"farm": {"0111": 1.0}, "chips": {"3911": 1.0, "0111": 0.5}})
    assert cluster.sizes.tolist() == [[30, 15], [5, 2.5]]
    assert cluster.squares.tolist() == [525, 525 / 4]
    assert cluster.firms.tolist() == [[2, 2], [1, 1]]


def test_a_partition_keeps_the_mass():
    made = cells.from_firms(FIRMS, AREAS, INDUSTRIES, size="employees")
    parted = made.regrouped({"01": {"0111": 1.0}, "39": {"3911": 1.0, "3912": 1.0}})
    assert parted.total == made.total
    assert parted.squares.sum() == made.squares.sum()


def test_a_table_tells_every_fault_at_once():
    with pytest.raises(InputRefused) as refused:
        cells.from_table(["a", "a"], ["x"], np.array([[1.0], [-1.0]]), firms=np.array([[1]]))
    assert len(refused.value.findings) == 3


def test_a_table_of_sizes_cannot_count_firms():
    with pytest.raises(UsageError, match="没有企业数"):
        cells.from_table(["a"], ["x"], np.ones((1, 1))).counted()
