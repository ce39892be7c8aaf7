"""A directed graph as three arrays: what a link feeds, what feeds it, its layers, all that it reaches.

Links are numbered 0 to n-1; an edge points downstream, from what is supplied to what uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import rustworkx
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from jiqun.model.errors import UsageError

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Graph:
    """`targets[starts[v]:starts[v + 1]]` are the links that v feeds; `edges` numbers them as they were given.

    starts: n + 1; targets, edges: one for each edge. Several edges between two links are kept, loops too.
    """

    starts: Ints
    targets: Ints
    edges: Ints

    @classmethod
    def of(cls, links: int, sources: ArrayLike, targets: ArrayLike) -> Graph:
        """The graph of the edges sources[i] → targets[i]. Raises UsageError for ends that are no link."""
        begin, end = np.asarray(sources, np.int32), np.asarray(targets, np.int32)
        if begin.shape != end.shape:
            raise UsageError(f"边的两端数目不同：{begin.size} 与 {end.size}")
        if begin.size and (min(begin.min(), end.min()) < 0 or max(begin.max(), end.max()) >= links):
            raise UsageError(f"边指向了 0 至 {links - 1} 以外的环节")
        order = np.argsort(begin, kind="stable").astype(np.int32)
        starts = np.zeros(links + 1, np.int32)
        np.cumsum(np.bincount(begin, minlength=links), out=starts[1:])
        return cls(starts, end[order], order)

    @property
    def links(self) -> int:
        return self.starts.size - 1

    @cached_property
    def sources(self) -> Ints:
        """The link each edge leaves, beside `targets`."""
        return np.repeat(np.arange(self.links, dtype=np.int32), np.diff(self.starts))

    @cached_property
    def reverse(self) -> Graph:
        """The same edges seen from what they feed: `targets` are then suppliers; edges keep their numbers."""
        turned = Graph.of(self.links, self.targets, self.sources)
        return Graph(turned.starts, turned.targets, self.edges[turned.edges])

    @cached_property
    def matrix(self) -> csr_array:
        """How many edges lead from row to column; in 64-bit floats, which SciPy's walks take without a copy."""
        shape = (self.links, self.links)
        counted = csr_array((np.ones(self.targets.size), self.targets.copy(), self.starts.copy()), shape=shape)
        counted.sum_duplicates()  # SciPy's strong components go astray on a cell that is stored twice
        return counted

    def fed_by(self, link: int) -> Ints:
        """The links that `link` feeds directly."""
        return self.targets[self.starts[link] : self.starts[link + 1]]


def reached(graph: Graph, link: int) -> Ints:
    """Every link that can be reached along edges from `link`, without itself, nearest first: its downstream closure.

    Its upstream closure is `reached(graph.reverse, link)`. Time grows with what is reached, however deep.
    """
    order = breadth_first_order(graph.matrix, link, return_predecessors=False)
    return np.asarray(order[1:], np.int32)


def layers(graph: Graph) -> tuple[Ints, Ints]:
    """(layer, circle) of each link: layer 0 is fed by nothing, every other is one past its furthest supplier.

    Links that feed each other in a circle share a layer and a circle number; links of no circle have a number of
    their own. A link's layer is thus the longest way down to it, circles counted as one link.
    """
    count, circle = connected_components(graph.matrix, directed=True, connection="strong")
    circle = circle.astype(np.int32)
    between = circle[graph.sources] != circle[graph.targets]
    whole = Graph.of(count, circle[graph.sources[between]], circle[graph.targets[between]])
    waiting = np.bincount(whole.targets, minlength=count)
    layer = np.zeros(count, np.int32)
    ready, depth = np.flatnonzero(waiting == 0), 0
    while ready.size:
        layer[ready] = depth
        met, times = np.unique(whole.targets[leaving(whole, ready)[0]], return_counts=True)
        waiting[met] -= times
        ready, depth = met[waiting[met] == 0], depth + 1
    return layer[circle], circle


def leaving(graph: Graph, links: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(positions in `targets`, how many for each link) of the edges that leave `links`, link by link."""
    begins = graph.starts[links].astype(np.int64)
    counts = graph.starts[links + 1] - begins
    shifts = np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return shifts + np.arange(shifts.size), counts


def betweenness(graph: Graph, sources: ArrayLike) -> Floats:
    """For each link, the sum over `sources` s and all t of the share of shortest s–t ways that lead through it.

    Over all links as sources this is betweenness centrality, not divided by anything; over a sample of k of them,
    times n / k, it estimates it without bias. Brandes (2001), "A faster algorithm for betweenness centrality",
    Journal of Mathematical Sociology 25; the sampling is Brandes and Pich (2007), Int. J. Bifurcation Chaos 17.
    Edges given twice count as two ways.
    """
    total = np.zeros(graph.links)
    for source in np.asarray(sources, np.int64).ravel():
        total += _dependence(graph, int(source))
    return total


def _dependence(graph: Graph, source: int) -> Floats:
    """Brandes' dependency of one source on every link: a walk out by distance, then back over the same edges."""
    distance = np.full(graph.links, -1, np.int32)
    ways = np.zeros(graph.links)
    distance[source], ways[source] = 0, 1.0
    front, depth = np.array([source], np.int64), 0
    walked: list[tuple[NDArray[np.int64], Ints]] = []
    while front.size:
        positions, counts = leaving(graph, front)
        ends = graph.targets[positions]
        is_new = distance[ends] < 0
        ends = ends[is_new]
        begins = np.repeat(front, counts)[is_new]
        depth += 1
        distance[ends] = depth
        # a count over all links is quicker than sorting, unless few are met
        met = np.bincount(ends, ways[begins], graph.links) if ends.size * 16 > graph.links else None
        if met is None:
            front, place = np.unique(ends, return_inverse=True)
            ways[front] = np.bincount(place, ways[begins], front.size)
        else:
            front = np.flatnonzero(met)
            ways[front] = met[front]
        walked.append((begins, ends))
    lost = np.zeros(graph.links)
    for begins, ends in reversed(walked):
        shares = (1 + lost[ends]) / ways[ends] * ways[begins]
        if ends.size * 16 > graph.links:
            lost += np.bincount(begins, shares, graph.links)
        else:
            np.add.at(lost, begins, shares)
    lost[source] = 0
    return lost


def cut_links(graph: Graph) -> Ints:
    """Links whose loss parts the graph, seen without directions, into more pieces than before: articulation points."""
    undirected = rustworkx.PyGraph(multigraph=False)
    undirected.add_nodes_from(range(graph.links))
    undirected.extend_from_edge_list(list(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)))
    return np.array(sorted(rustworkx.articulation_points(undirected)), np.int32)


def sole_ways(graph: Graph, substitutes: ArrayLike | None = None) -> Ints:
    """For each link, how many links get nothing from the furthest upstream any more if it alone is lost.

    A link is cut off when no way to it from any link without suppliers is left; links inside a circle that nothing
    feeds are not counted. These are the links it dominates (Lengauer and Tarjan 1979). `substitutes` (pairs, k × 2)
    may stand in for each other: each takes over the other's customers.
    """
    sources, targets = graph.sources, graph.targets
    for one, other in np.asarray(substitutes if substitutes is not None else [], np.int32).reshape(-1, 2):
        for gone, stand_in in ((one, other), (other, one)):
            customers = graph.fed_by(int(gone))
            sources = np.concatenate([sources, np.full(customers.size, stand_in, np.int32)])
            targets = np.concatenate([targets, customers])
    root = graph.links
    first = np.flatnonzero(np.bincount(graph.targets, minlength=graph.links) == 0)
    whole = rustworkx.PyDiGraph()
    whole.add_nodes_from(range(root + 1))
    edges = [*zip(sources.tolist(), targets.tolist(), strict=True), *((root, int(link)) for link in first)]
    whole.extend_from_edge_list(edges)
    above = {link: over for link, over in rustworkx.immediate_dominators(whole, root).items() if link != root}
    cut_off = np.zeros(graph.links + 1, np.int32)
    tree = rustworkx.PyDiGraph()
    tree.add_nodes_from(range(root + 1))
    tree.extend_from_edge_list([(over, link) for link, over in above.items()])
    for link in reversed(rustworkx.topological_sort(tree)):
        if link in above:
            cut_off[above[link]] += cut_off[link] + 1
    return cut_off[:root]
