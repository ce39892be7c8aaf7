"""Numbers on a map cover neither each other nor the names that stand there."""

from __future__ import annotations

import random
from itertools import combinations

from jiqun.reports.label_placing import Room, first_free, overlap, placed

WITHIN = (0.0, 0.0, 600.0, 500.0)
SIZE = (23.0, 19.0)


def test_thirty_labels_of_one_town_cover_nothing():
    rng = random.Random(1)
    points = [(300 + rng.uniform(-20, 20), 250 + rng.uniform(-20, 20)) for _ in range(30)]
    names = ((250.0, 200.0, 320.0, 218.0), (300.0, 260.0, 360.0, 278.0))
    found = placed(points, SIZE, Room(WITHIN, names))
    assert all(overlap(one, other) == 0 for one, other in combinations([*found, *names], 2))


def test_labels_stay_within_the_map():
    for left, top, right, bottom in placed([(0, 0), (600, 500), (600, 0), (1, 499)], SIZE, Room(WITHIN)):
        assert 0 <= left < right <= 600
        assert 0 <= top < bottom <= 500


def test_a_label_alone_stands_at_its_upper_right():
    ((left, _, _, bottom),) = placed([(300, 250)], SIZE, Room(WITHIN))
    assert left > 290
    assert bottom < 256  # half its height above the middle


def test_without_room_the_least_is_covered():
    full = ((0.0, 0.0, 600.0, 500.0),)
    assert len(placed([(5, 5), (6, 6)], SIZE, Room(WITHIN, full))) == 2
    assert first_free([(0, 0, 10, 10), (8, 0, 18, 10)], [(0, 0, 9, 9)]) == (8, 0, 18, 10)
