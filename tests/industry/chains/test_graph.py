"""The graph against obvious walks over generated edges, and against rustworkx where it knows the same thing."""

from __future__ import annotations

import numpy as np
import pytest
import rustworkx
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.chains import graph as graphs
from jiqun.industry.chains.graph import Graph
from jiqun.model.errors import UsageError

Edges = list[tuple[int, int]]
edges = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40))
)


def built(n: int, pairs: Edges) -> Graph:
    return Graph.of(n, [s for s, _ in pairs], [t for _, t in pairs])


def walked(n: int, pairs: Edges, link: int) -> set[int]:
    found, todo = {link}, [link]
    while todo:
        here = todo.pop()
        for source, target in pairs:
            if source == here and target not in found:
                found.add(target)
                todo.append(target)
    return found - {link}


def test_edges_keep_their_numbers_both_ways() -> None:
    pairs = [(2, 0), (0, 1), (2, 1), (0, 1), (1, 1)]
    graph = built(3, pairs)
    assert [pairs[e] for e in graph.edges] == list(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))
    back = graph.reverse
    assert [pairs[e] for e in back.edges] == [
        (s, t) for t, s in zip(back.sources.tolist(), back.targets.tolist(), strict=True)
    ]


def test_ends_that_are_no_link_are_refused() -> None:
    with pytest.raises(UsageError, match="0 至 1 以外"):
        Graph.of(2, [0], [2])
    with pytest.raises(UsageError, match="数目不同"):
        Graph.of(2, [0, 1], [1])


def test_a_graph_without_edges_has_one_layer_and_reaches_nothing() -> None:
    graph = built(3, [])
    assert graphs.layers(graph)[0].tolist() == [0, 0, 0]
    assert graphs.reached(graph, 1).size == 0
    assert graphs.betweenness(graph, [0, 1, 2]).tolist() == [0, 0, 0]
    assert graphs.sole_ways(graph).tolist() == [0, 0, 0]


@settings(deadline=None)
@given(edges)
def test_closures_are_what_a_plain_walk_reaches(case: tuple[int, Edges]) -> None:
    n, pairs = case
    graph = built(n, pairs)
    for link in range(n):
        assert set(graphs.reached(graph, link).tolist()) == walked(n, pairs, link)
        assert set(graphs.reached(graph.reverse, link).tolist()) == walked(n, [(t, s) for s, t in pairs], link)


@settings(deadline=None)
@given(edges)
def test_layers_run_downstream_and_circles_share_one(case: tuple[int, Edges]) -> None:
    n, pairs = case
    layer, circle = graphs.layers(built(n, pairs))
    reach = [walked(n, pairs, link) for link in range(n)]
    for a in range(n):
        for b in range(n):
            together = a == b or (b in reach[a] and a in reach[b])
            assert (circle[a] == circle[b]) == together
    for link in range(n):
        fed_from = [layer[s] for s, t in pairs if circle[t] == circle[link] and circle[s] != circle[link]]
        assert layer[link] == max(fed_from, default=-1) + 1


@settings(deadline=None)
@given(edges)
def test_betweenness_from_every_source_is_the_exact_one(case: tuple[int, Edges]) -> None:
    n, pairs = case
    once = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]
    oracle = rustworkx.PyDiGraph()
    oracle.add_nodes_from(range(n))
    oracle.extend_from_edge_list(once)
    expected = rustworkx.digraph_betweenness_centrality(oracle, normalized=False)
    found = graphs.betweenness(built(n, once), range(n))
    assert found == pytest.approx([expected[link] for link in range(n)])


def test_both_ways_of_counting_a_front_agree() -> None:
    """Fronts are counted over all links where they are wide, by sorting where they are narrow."""
    rng = np.random.default_rng(7)
    n, m = 400, 1600
    sources, targets = rng.integers(0, n, m), rng.integers(0, n, m)
    kept = np.unique(sources * n + targets)
    kept = kept[kept // n != kept % n]
    pairs = [(int(k // n), int(k % n)) for k in kept]
    oracle = rustworkx.PyDiGraph()
    oracle.add_nodes_from(range(n))
    oracle.extend_from_edge_list(pairs)
    expected = rustworkx.digraph_betweenness_centrality(oracle, normalized=False)
    assert graphs.betweenness(built(n, pairs), range(n)) == pytest.approx([expected[link] for link in range(n)])


@settings(deadline=None)
@given(edges)
def test_cut_links_are_those_whose_loss_parts_the_graph(case: tuple[int, Edges]) -> None:
    n, pairs = case
    both = [*pairs, *((t, s) for s, t in pairs)]

    def pieces(links: list[int]) -> int:
        left, count = set(links), 0
        inner = [(s, t) for s, t in both if s in left and t in left]
        while left:
            count += 1
            first = left.pop()
            left -= walked(n, inner, first)
        return count

    everything = list(range(n))
    expected = [link for link in everything if pieces([x for x in everything if x != link]) > pieces(everything)]
    assert graphs.cut_links(built(n, pairs)).tolist() == expected


def supplied(n: int, pairs: Edges, gone: int | None) -> set[int]:
    """Links that something without suppliers still reaches."""
    first = [link for link in range(n) if not any(t == link for _, t in pairs)]
    left = [(s, t) for s, t in pairs if gone not in (s, t)]
    return {x for f in first if f != gone for x in walked(n, left, f) | {f}}


@settings(deadline=None)
@given(edges)
def test_sole_ways_count_who_is_cut_off_with_a_link(case: tuple[int, Edges]) -> None:
    n, pairs = case
    whole = supplied(n, pairs, None)
    for link, count in enumerate(graphs.sole_ways(built(n, pairs)).tolist()):
        lost = whole - supplied(n, pairs, link) - {link} if link in whole else set()
        assert count == len(lost)


def test_a_substitute_keeps_customers_supplied() -> None:
    pairs = [(0, 2), (1, 1), (2, 3)]  # 0 → 2 → 3; 1 feeds only itself
    graph = built(5, [(0, 2), (2, 3), (1, 4)])
    assert pairs and graphs.sole_ways(graph).tolist() == [2, 1, 1, 0, 0]
    assert graphs.sole_ways(graph, [(0, 1)]).tolist() == [0, 0, 1, 0, 0]
