"""Location quotients and their intervals: by hand, against a published table, and by drawing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from jiqun.industry.measures import cells, quotients
from jiqun.industry.measures.results import Guards
from jiqun.model.errors import UsageError
from tests.industry.measures.tables import OPEN, of_plants, of_sizes, plants


def test_a_quotient_by_hand():
    # The first area has 3/4 of everything and 1/2 of the first industry.
    assert quotients.location_quotient(of_sizes([[2, 4], [2, 0]]), OPEN).values == pytest.approx(
        np.array([[2 / 3, 4 / 3], [2, 0]])
    )


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_the_published_interval(hits, trials, low, high):
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3
    found = quotients.wilson(np.array(hits / trials), np.array(float(trials)))
    assert [float(end) for end in found] == pytest.approx([low, high], abs=5e-5)


def test_a_great_employer_is_one_trial():
    # 100 firms of ten people in each of three areas; in the second table the first area has its jobs in one firm of
    # 991 and nine of one: 300 trials become 9.
    many = of_plants([[[10.0] * 100], [[10.0] * 100], [[10.0] * 100]])
    lumpy = of_plants([[[991.0] + [1.0] * 9], [[10.0] * 100], [[10.0] * 100]])
    wide, narrow = (quotients.location_quotient(made, OPEN).at(0, 0) for made in (lumpy, many))
    assert wide.value == narrow.value == 1
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)


def test_intervals_hold_what_they_promise():
    # 400 industries of 60 firms of unequal size, put into five areas of known share: 95 % of the intervals hold 1.
    rng = np.random.default_rng(11)
    x = np.array([0.35, 0.25, 0.2, 0.15, 0.05])
    sizes, firms, squares = np.zeros((5, 400)), np.zeros((5, 400), np.int64), np.zeros(400)
    for j in range(400):
        area, size = rng.choice(5, 60, p=x), np.exp(rng.normal(0, 0.7, 60))
        sizes[:, j], firms[:, j], squares[j] = (
            np.bincount(area, size, 5),
            np.bincount(area, minlength=5),
            (size**2).sum(),
        )
    made = cells.from_table(list("abcde"), [f"{j}" for j in range(400)], sizes, firms=firms, squares=squares)
    found = quotients.location_quotient(made)
    assert 0.93 < ((found.low <= 1) & (found.high >= 1)).mean() < 0.975


@given(plants())
def test_the_value_lies_within_its_interval(made):
    found = quotients.location_quotient(of_plants(made), OPEN)
    assert ((found.low <= found.values + 1e-9) & (found.values <= found.high + 1e-9)).all()


@given(plants())
def test_quotients_weighted_with_areas_are_one(made):
    table = of_plants(made)
    values = quotients.location_quotient(table, OPEN).values
    assert table.of_areas / table.total @ values == pytest.approx(np.ones(values.shape[1]))


def test_a_table_of_sizes_has_values_without_intervals():
    found = quotients.location_quotient(of_sizes([[2, 4], [2, 1]]), OPEN).at(0, 0)
    assert (found.low, found.high) == (None, None)


def test_too_few_firms_have_no_quotient():
    found = quotients.location_quotient(of_plants([[[2, 3], [1] * 9], [[4], [1] * 9]]), Guards(least_firms=4))
    assert found.at(0, 0).reason.id == "too_few_firms"
    assert found.at(0, 1).value is not None


def test_growth_needs_something_to_grow_from():
    found = quotients.growth(of_sizes([[2, 0], [4, 5]]), of_sizes([[3, 7], [1, 5]]), OPEN)
    assert found.values[:, 0].tolist() == [0.5, -0.75]
    assert found.at(0, 1).reason.id == "no_base"


def test_growth_of_other_areas_is_a_misuse():
    with pytest.raises(UsageError, match="不同"):
        quotients.growth(of_sizes([[1]]), of_sizes([[1], [2]]), OPEN)


def test_shares_of_an_industry_add_up():
    found = quotients.share(of_sizes([[2, 0], [4, 5]]), OPEN)
    assert found.values.sum(axis=0).tolist() == [1, 1]
