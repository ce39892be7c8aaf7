"""Moran's I: by hand, against its double sum, and its p against chance."""

from __future__ import annotations

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
