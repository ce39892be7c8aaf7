"""Losses worked out by hand on small chains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.chains.graph import Graph
from jiqun.industry.chains.shocks import Supplies, criticality, losses
from jiqun.model.errors import UsageError

NAN = float("nan")


def supplies(n: int, rows: list[tuple[int, int, float, bool]], substitutes: object = None) -> Supplies:
    graph = Graph.of(n, [r[0] for r in rows], [r[1] for r in rows])
    return Supplies.of(graph, [r[2] for r in rows], [r[3] for r in rows], substitutes)


def both(found: tuple[np.ndarray, np.ndarray]) -> list[list[float]]:
    return [[round(x, 6) for x in side.tolist()] for side in found]


def test_the_scarcest_essential_input_binds() -> None:
    # 0 and 1 are both needed by 2: half of 0 gone, half of 2 gone, however small its share
    chain = supplies(3, [(0, 2, 0.1, True), (1, 2, 0.9, True)])
    assert both(losses(chain, [0], 0.5)) == [[0.5, 0, 0.5], [0.5, 0, 0.5]]


def test_other_inputs_cost_their_share() -> None:
    # 0.2 of 1's cost from 0; 0.5 of 2's from 1: 1 loses 0.2, 2 loses 0.1
    chain = supplies(3, [(0, 1, 0.2, False), (1, 2, 0.5, False)])
    assert both(losses(chain, [0])) == [[1, 0.2, 0.1], [1, 0.2, 0.1]]


def test_an_unknown_share_gives_an_interval() -> None:
    chain = supplies(3, [(0, 1, NAN, False), (1, 2, 0.5, False)])
    assert both(losses(chain, [0])) == [[1, 0, 0], [1, 1, 0.5]]


def test_substitutes_share_the_loss() -> None:
    # 0 (75) and 1 (25) stand in for each other; shares unknown: halves
    known = supplies(3, [(0, 2, 0.6, True), (1, 2, 0.2, True)], [(0, 1)])
    assert both(losses(known, [0])) == [[1, 0, 0.75], [1, 0, 0.75]]
    unknown = supplies(3, [(0, 2, 0.6, True), (1, 2, NAN, True)], [(0, 1)])
    assert both(losses(unknown, [0])) == [[1, 0, 0.5], [1, 0, 0.5]]


def test_a_circle_settles_at_its_limit() -> None:
    # 1 loses 0.4·1 + 0.5·(what 2 loses), 2 loses 0.5·(what 1 loses): 1 = 0.4 / (1 - 0.25)
    chain = supplies(3, [(0, 1, 0.4, False), (2, 1, 0.5, False), (1, 2, 0.5, False)])
    least, most = losses(chain, [0])
    assert least == pytest.approx([1, 0.4 / 0.75, 0.2 / 0.75], abs=1e-6)
    assert np.array_equal(least, most)


def test_criticality_is_the_share_of_the_others_size() -> None:
    # 0 takes 2 with it (size 3 of 4 others), 1 likewise; 2 takes nothing
    chain = supplies(3, [(0, 2, 0.5, True), (1, 2, 0.5, True)])
    least, most = criticality(chain, [1, 1, 3])
    assert least.tolist() == most.tolist() == [0.75, 0.75, 0]


def test_odd_quantities_are_refused() -> None:
    with pytest.raises(UsageError, match="0 与 1 之间"):
        supplies(2, [(0, 1, 1.2, True)])
    with pytest.raises(UsageError, match="冲击幅度"):
        losses(supplies(2, [(0, 1, 0.2, True)]), [0], 0)


rows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.1, 0.5, 1.0, NAN]), st.booleans()), max_size=20
)


@settings(deadline=None)
@given(rows, st.integers(0, 6))
def test_losses_stay_within_bounds_and_grow_with_the_shock(given_rows: list, link: int) -> None:
    chain = supplies(7, given_rows)
    least, most = losses(chain, [link])
    half, _ = losses(chain, [link], 0.5)
    assert np.all((least >= 0) & (least <= most + 1e-6) & (most <= 1))
    assert np.all(half <= least + 1e-6)
