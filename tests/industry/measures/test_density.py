"""Dense areas: the textbook walk from point to point gives the same labels, on any points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.measures import density
from jiqun.industry.measures.density import NOISE, dense_areas
from jiqun.model.errors import UsageError


def textbook(points: np.ndarray, reach: float, least: int) -> list[int]:
    """Ester et al. (1996): from every core point not yet seen all that can be reached; first come, first served."""
    d2 = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    near = [np.flatnonzero(row <= reach**2) for row in d2]
    labels, count = [NOISE] * len(points), 0
    for start in range(len(points)):
        if labels[start] != NOISE or len(near[start]) < least:
            continue
        waiting = [start]
        labels[start] = count
        while waiting:
            here = waiting.pop()
            if len(near[here]) >= least:
                for other in near[here]:
                    if labels[other] == NOISE:
                        labels[other] = count
                        waiting.append(other)
        count += 1
    return labels


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 120), st.integers(1, 9), st.sampled_from([0.03, 0.1, 0.3, 1.0]))
def test_labels_are_the_textbooks(seed, n, least, reach):
    rng = np.random.default_rng(seed)
    points = np.concatenate([rng.random((n, 2)), rng.normal(rng.random(2), 0.05, (n, 2))])[rng.permutation(2 * n)]
    found = dense_areas(points, reach, least)
    assert found.labels.tolist() == textbook(points, reach, least)
    assert found.count == found.labels.max(initial=NOISE) + 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 7), st.sampled_from([1.0, 1.5, 2.0, 2.9]))
def test_points_on_a_lattice_and_in_one_place_too(seed, least, reach):
    """Distances equal to the reach, and many points in one place: where rounding would show."""
    points = np.random.default_rng(seed).integers(0, 9, (60, 2)).astype(float)
    assert dense_areas(points, reach, least).labels.tolist() == textbook(points, reach, least)


def test_small_pieces_of_work_change_nothing(monkeypatch):
    points = np.random.default_rng(3).random((400, 2))
    whole = dense_areas(points, 0.05, 4).labels
    monkeypatch.setattr(density, "_CHUNK", 7)
    monkeypatch.setattr(density, "_PART", 11)
    assert dense_areas(points, 0.05, 4).labels.tolist() == whole.tolist()
    assert whole.tolist() == textbook(points, 0.05, 4)


def test_no_points_have_no_areas():
    assert dense_areas(np.empty((0, 2)), 1, 3).count == 0


@pytest.mark.parametrize(("reach", "least"), [(0.0, 3), (1.0, 0)])
def test_a_reach_or_number_without_meaning_is_refused(reach, least):
    with pytest.raises(UsageError):
        dense_areas(np.ones((3, 2)), reach, least)
