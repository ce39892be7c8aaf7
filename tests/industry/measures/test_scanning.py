"""Areas looked for in many draws of the same sites are those of the definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.measures import scanning


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 6), st.booleans())
def test_areas_and_everybody_are_those_of_the_definition(seed, least, is_lattice):
    """On a lattice many distances are exactly the reach, and many points stand in one place."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 12, (120, 2)) * 100.0 if is_lattice else rng.random((120, 2)) * 1_500
    own = np.sort(rng.permutation(120)[: rng.integers(1, 80)])
    reach = 200.0
    fast = scanning.sites(points, reach).search(own, least)
    slow = scanning._searched(points, own, reach, least)
    assert [one.members.tolist() for one in fast] == [one.members.tolist() for one in slow]
    if not is_lattice:  # of sites as far from two areas' cores either may have them
        assert [one.everybody for one in fast] == [one.everybody for one in slow]
    assert sum(one.everybody for one in fast) == sum(one.everybody for one in slow)


def test_too_many_pairs_are_searched_for_draw_by_draw(monkeypatch):
    rng = np.random.default_rng(1)
    points, own = rng.random((200, 2)) * 1_000, np.arange(0, 200, 2)
    kept = scanning.sites(points, 150.0)
    monkeypatch.setattr(scanning, "MOST_PAIRS", 10)
    unkept = scanning.sites(points, 150.0)
    assert len(kept.columns) and not len(unkept.columns)
    told = [[(one.members.tolist(), one.everybody) for one in found.search(own, 4)] for found in (kept, unkept)]
    assert told[0] == told[1] != []
    assert replace(unkept, reach=1.0).search(own, 4) == []
