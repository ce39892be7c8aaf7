"""Moran's I: by hand, against its double sum, and its p against chance."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array

from jiqun.industry.measures import autocorrelation
from jiqun.industry.measures.results import Guards
from jiqun.model.errors import UsageError
from tests.industry.measures.tables import OPEN

LINE = np.array([[0, 1], [1, 2], [2, 3]])


def chessboard(side: int) -> csr_array:
    place = np.arange(side * side).reshape(side, side)
    across = np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1)
    down = np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1)
    return autocorrelation.weights(np.concatenate([across, down]), side * side)


def test_moran_by_hand():
    # Four areas in a row with 1, 2, 3, 4: deviations −1.5 … 1.5, Σ y² = 5. Row-standardised: the ends have one
    # neighbour, the middle two half each. ΣΣ w y y = .75 + (.75 − .25)/2 + (−.25 + .75)/2 + .75 = 2; n / ΣΣw = 1.
    found = autocorrelation.moran(np.array([[1.0], [2], [3], [4]]), autocorrelation.weights(LINE, 4),
                                  np.random.default_rng(1), guards=OPEN)  # fmt: skip
    assert found.values == pytest.approx([0.4])


def test_moran_is_its_double_sum():
    rng = np.random.default_rng(2)
    values, w = rng.normal(size=(30, 7)), autocorrelation.nearest(rng.random((30, 2)), 4)
    found = autocorrelation.moran(values, w, rng, permutations=9)
    dense = w.toarray()
    for j in range(7):
        y = values[:, j] - values[:, j].mean()
        double = sum(dense[a, b] * y[a] * y[b] for a in range(30) for b in range(30))
        assert found.values[j] == pytest.approx(30 / dense.sum() * double / (y**2).sum())


def test_p_counts_permutations_that_reach_the_value():
    """Against permuting the values themselves, one industry at a time, in the same order of draws."""
    rng = np.random.default_rng(3)
    values, w = rng.normal(size=(12, 3)), autocorrelation.nearest(rng.random((12, 2)), 3)
    found = autocorrelation.moran(values, w, np.random.default_rng(9), permutations=40)
    drawn = np.random.default_rng(9)
    orders = np.concatenate([np.argsort(drawn.random((count, 12)), axis=1) for count in (16, 16, 8)])
    dense = w.toarray()
    y = values - values.mean(axis=0)
    index = lambda z: np.einsum("ab,aj,bj->j", dense, z, z)  # noqa: E731
    reached = sum(index(y[order]) >= index(y) - 1e-5 * (y**2).sum(axis=0) for order in orders)
    assert found.p == pytest.approx((1 + reached) / 41)


def test_like_beside_like_is_found_and_chance_is_not():
    w = chessboard(8)
    rng = np.random.default_rng(4)
    slope = np.add.outer(np.arange(8), np.arange(8)).ravel()
    values = np.concatenate([slope[:, None] + rng.normal(size=(64, 1)), rng.normal(size=(64, 400))], axis=1)
    found = autocorrelation.moran(values, w, rng, permutations=199)
    assert found.p[0] == 1 / 200
    # under chance p is uniform: 400 of them under 0.1 stand within four standard deviations of 40
    assert abs((found.p[1:] <= 0.1).sum() - 40) < 4 * 6


def test_what_does_not_vary_has_no_index():
    found = autocorrelation.moran(
        np.full((4, 1), 7.1), autocorrelation.weights(LINE, 4), np.random.default_rng(1), guards=OPEN
    )
    assert found.at(0).reason.id == "no_variation"


def test_without_neighbours_there_is_no_index():
    none = csr_array((4, 4))
    found = autocorrelation.moran(np.arange(4.0)[:, None], none, np.random.default_rng(1), guards=OPEN)
    assert found.at(0).reason.id == "isolated"


def test_few_areas_have_no_index():
    found = autocorrelation.moran(np.arange(4.0)[:, None], autocorrelation.weights(LINE, 4), np.random.default_rng(1),
                                  guards=Guards(least_areas=5))  # fmt: skip
    assert found.at(0).reason.id == "too_few_areas"


def test_local_parts_add_up_to_the_whole():
    rng = np.random.default_rng(5)
    values, w = rng.normal(size=(25, 3)), autocorrelation.nearest(rng.random((25, 2)), 4)
    local = autocorrelation.local_moran(values, w, rng, permutations=19)
    whole = autocorrelation.moran(values, w, rng, permutations=19)
    assert local.values.values.sum(axis=0) / 24 == pytest.approx(whole.values)


def test_an_area_high_among_high_is_named_so():
    w = chessboard(7)
    hill = np.zeros((7, 7))
    hill[:3, :3] = 5
    hill += np.random.default_rng(6).normal(scale=0.1, size=(7, 7))
    found = autocorrelation.local_moran(hill.reshape(-1, 1), w, np.random.default_rng(7), permutations=499)
    corner, far = 0, 48
    assert found.quarter[corner, 0] == 1
    assert found.values.p[corner, 0] < 0.05 < found.values.p[far, 0]


def test_an_area_of_other_kind_than_its_neighbours_is_an_outlier():
    values = np.random.default_rng(6).normal(scale=0.1, size=(7, 7))
    values[:3, :3] += 5
    values[1, 1] = -3
    found = autocorrelation.local_moran(
        values.reshape(-1, 1), chessboard(7), np.random.default_rng(7), permutations=499
    )
    assert found.quarter[8, 0] == 2
    assert found.values.values[8, 0] < 0
    assert found.values.p[8, 0] < 0.02


def test_nearest_points_are_neighbours_also_in_one_place():
    w = autocorrelation.nearest(np.array([[0, 0], [0, 0], [0, 0], [5, 5]], float), 2)
    assert w.diagonal().tolist() == [0] * 4
    assert w.sum(axis=1) == pytest.approx(np.ones(4))


def test_an_area_is_not_its_own_neighbour():
    with pytest.raises(UsageError):
        autocorrelation.weights(np.array([[0, 0]]), 2)


# A made map of ten areas, and what esda 2.9.0 (libpysal 4.14.1) says of it: Moran_Local(VALUES, W(neighbours), "r").
TEN = np.array([
    (0, 1), (0, 2), (1, 2), (1, 3), (2, 4), (3, 4), (3, 5), (4, 5), (4, 6), (5, 7), (6, 7), (6, 8), (7, 8), (8, 9),
    (7, 9), (2, 6),
])  # fmt: skip
OF_TEN = np.array([2.4, 1.9, 1.6, 0.9, 1.3, 0.4, 0.7, 0.2, 0.3, 1.1])[:, None]
TEN_ESDA = [
    1.6735912532, 0.8586206897, 0.4870899916, -0.0408746846, -0.0749369218, 0.3603027754, 0.1653910849, 0.7576955425,
    0.6100925147, -0.0314129521,
]  # fmt: skip
TEN_QUARTERS = [1, 1, 1, 2, 4, 3, 3, 3, 3, 4]
# 5 × 5 chessboard (libpysal lat2W(5, 5)), from numpy default_rng(1995).gamma(2, 25), 2.5 more in the first row, rounded
# to three places; p_sim of esda 2.9.0 with 99,999 permutations, seed 1.
OF_BOARD = np.array([
    3.891, 3.726, 4.439, 4.443, 5.976, 1.261, 1.768, 2.479, 0.628, 3.944, 0.951, 0.705, 3.833, 2.901, 0.856, 0.173,
    3.519, 1.629, 0.37, 2.799, 2.751, 1.013, 1.775, 2.292, 4.968,
])[:, None]  # fmt: skip
BOARD_ESDA = [
    -0.01600038, 0.39376353, 0.76376916, 0.86360895, 2.24119549, 0.15719752, 0.14124391, -0.00248629, -0.67659457,
    -0.02039376, 1.10690145, 0.00413582, -0.30292175, -0.16165626, -0.44800205, 0.10654804, -0.63600706, 0.05194004,
    0.09908353, -0.04913395, -0.17066754, -0.0928235, 0.25578432, 0.01373919, 0.0208106,
]  # fmt: skip
BOARD_QUARTERS = [4, 1, 1, 1, 1, 3, 3, 2, 2, 4, 3, 3, 4, 4, 2, 3, 4, 3, 3, 4, 4, 2, 3, 3, 1]
BOARD_P = [
    0.4743, 0.1652, 0.1054, 0.0865, 0.0291, 0.3511, 0.2553, 0.4234, 0.1316, 0.4766, 0.0083, 0.4615, 0.243, 0.0699,
    0.2374, 0.4121, 0.0085, 0.4104, 0.3946, 0.3227, 0.0247, 0.4529, 0.1548, 0.4389, 0.4343,
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "w", "expected", "quarters"),
    [
        (OF_TEN, autocorrelation.weights(TEN, 10), TEN_ESDA, TEN_QUARTERS),
        (OF_BOARD, chessboard(5), BOARD_ESDA, BOARD_QUARTERS),
    ],
)
def test_local_parts_and_quarters_are_those_of_esda(values, w, expected, quarters):
    found = autocorrelation.local_moran(values, w, np.random.default_rng(1), permutations=99)
    assert found.values.values[:, 0] == pytest.approx(expected, abs=1e-8)
    assert found.quarter[:, 0].tolist() == quarters


def test_local_p_is_that_of_esda_within_the_error_of_drawing():
    """esda's p is that of the nearer tail. It loses ties to rounding: a choice or two of the C(24, 2) of a corner."""
    found = autocorrelation.local_moran(OF_BOARD, chessboard(5), np.random.default_rng(2), permutations=9_999)
    nearer = np.minimum(found.values.p[:, 0], 1 - found.values.p[:, 0])
    expected = np.array(BOARD_P)
    # four standard deviations of 9,999 draws, and two ties where p is exact
    room = 4 * np.sqrt(expected * (1 - expected) / 9_999) + 2 / 276
    assert (np.abs(nearer - expected) <= room).all()


def test_few_areas_are_tested_against_every_choice_of_neighbours():
    """By going through them: 36 pairs, 84 triples, 126 fours of the nine others."""
    w = autocorrelation.weights(TEN, 10)
    found = autocorrelation.local_moran(OF_TEN, w, np.random.default_rng(1), permutations=999)
    z = OF_TEN[:, 0] - OF_TEN.mean()
    for area in range(10):
        own = w.indices[w.indptr[area] : w.indptr[area + 1]]
        lag, sign = z[own].mean(), 1 if z[own].mean() >= 0 else -1
        means = [z[list(c)].mean() for c in combinations([b for b in range(10) if b != area], len(own))]
        reached = [sign * mean >= sign * lag - 1e-9 for mean in means]
        most = max(sign * mean for mean in means)
        assert found.values.p[area, 0] == pytest.approx(sum(reached) / len(means))
        assert found.least[area, 0] == pytest.approx(sum(sign * mean >= most - 1e-9 for mean in means) / len(means))
    # of two neighbours that are the two highest of nine: 1 of 36, where esda's draws, losing ties, say 0.00001
    assert found.values.p[0, 0] == pytest.approx(1 / 36)


def test_the_least_p_is_larger_where_values_tie():
    """Five pairs, two areas at 5 and eight at 0. A high one's only neighbour is the one other at 5: 1 of 9. A low
    one's is one of seven others at 0: 7 of 9 choices say the same.
    """
    values = np.array([5.0, 5, 0, 0, 0, 0, 0, 0, 0, 0])[:, None]
    pairs = np.array([(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)])
    found = autocorrelation.local_moran(values, autocorrelation.weights(pairs, 10), np.random.default_rng(1))
    assert found.least[0, 0] == pytest.approx(1 / 9)
    assert found.least[2, 0] == pytest.approx(7 / 9)


def test_drawn_neighbours_cannot_say_less_than_one_draw():
    values = np.random.default_rng(1).normal(size=(100, 2))
    found = autocorrelation.local_moran(values, chessboard(10), np.random.default_rng(2), permutations=99)
    assert found.least == pytest.approx(np.full((100, 2), 0.01))
