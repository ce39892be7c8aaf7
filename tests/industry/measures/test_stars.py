"""Stars: each by hand, thresholds on their exact boundary, and unknown where the quotient is."""

from __future__ import annotations

import numpy as np

from jiqun.industry.measures.stars import Thresholds, stars
from tests.industry.measures.tables import OPEN, of_plants, of_sizes

# Twenty areas: the top tenth of areas is two of them, of the 40 cells four.
TABLE = of_sizes([[9_000, 1_000], [3_000, 7_000], *[[1_000, 9_000]] * 18])


def test_the_largest_and_most_special_cell_has_three_stars():
    # the first area has 9 of 30 thousand in the first cluster and 1/20 of everything: a quotient of 6
    found = stars(TABLE, guards=OPEN)
    assert (found.size[0, 0], found.specialisation[0, 0], found.focus[0, 0]) == (1, 1, 1)
    assert found.count[0, 0] == 3
    # the second area has 3 of 30: a quotient of exactly 2, size among the top two, and 30 % of its jobs
    assert (found.size[1, 0], found.specialisation[1, 0], found.focus[1, 0]) == (1, 1, 0)
    assert found.count[2, 0] == 0


def test_a_small_cell_has_no_star():
    found = stars(TABLE, Thresholds(least_employees=3_001), OPEN)
    assert found.count[1, 0] == 0
    assert found.is_small[1, 0]
    assert found.count[0, 0] == 3


def test_a_quotient_just_short_of_the_line_has_no_star():
    assert stars(TABLE, Thresholds(least_quotient=np.nextafter(2.0, 3)), OPEN).specialisation[1, 0] == 0


def test_too_few_firms_leave_the_stars_unknown():
    found = stars(of_plants([[[2_000.0], [1_500.0] * 20], [[1_000.0], [1_500.0] * 20]]))
    assert found.count[0, 0] == -1
    assert found.count[0, 1] >= 0
