"""Dense areas of points: DBSCAN, with the labels of scikit-learn's and memory that does not grow with the neighbours.

Ester, Kriegel, Sander & Xu (KDD 1996): a point with at least `least` points within `reach` (itself included) is core;
core points within reach of each other are one area, other points within reach of a core point belong to its area, the
rest is noise. Points are sorted into squares whose diagonal is the reach: all points of a square are neighbours, so a
square of `least` points is core without looking at any distance, and areas are components of squares. Only points of
thin squares are counted, only squares that nothing joined yet are measured against each other. After Gunawan (2013)
and Gan & Tao (SIGMOD 2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from jiqun.industry.measures.distances import check
from jiqun.industry.measures.results import Booleans, Floats
from jiqun.model.errors import UsageError

Ints = NDArray[np.int64]
NOISE = -1
_FAR = np.iinfo(np.int64).max
_PART = 100_000  # points without an area that are looked at together
_CHUNK = 2_000_000  # pairs looked at together
_SAMPLE = 4  # points of a square that are tried first against its neighbour
# squares that a distance of reach can bridge: nearer than two whole squares between them
_STEPS = [(d, r) for d in range(-2, 3) for r in range(-2, 3) if (d, r) != (0, 0) and abs(d) + abs(r) < 4]
_ROOM = 1 - 1e-9  # squares are this much smaller, so that rounding never makes a neighbour of a stranger


@dataclass(frozen=True, eq=False)
class Areas:
    """`labels` (n,): the dense area of each point, numbered by first core point, NOISE for none. `is_core` (n,)."""

    labels: Ints
    is_core: Booleans
    count: int


def dense_areas(points: Floats, reach: float, least: int) -> Areas:
    """The dense areas of `points` (n, 2), metres. A point between two areas belongs to the one numbered first.

    Raises UsageError for points that are no numbers and for a reach or number below what has a meaning.
    """
    if not len(points):
        return Areas(np.empty(0, np.int64), np.empty(0, np.bool_), 0)
    check(points, np.array([reach]))
    if not reach > 0 or least < 1:
        raise UsageError("邻域半径应大于 0，最少企业数应不小于 1")
    squares = _Squares.of(points, reach * _ROOM / np.sqrt(2))
    is_core = _core(points, squares, reach, least)
    area_of_square = _joined(points, squares, is_core, reach)
    labels = np.where(is_core, area_of_square[squares.of_point], NOISE)
    labels, count = _numbered(labels)
    _add_border(points, is_core, labels, reach)
    return Areas(labels, is_core, count)


@dataclass(frozen=True, eq=False)
class _Squares:
    """`places` (s, 2): column and row of each square that has points, sorted; `order` lists points square by square."""

    places: Ints
    of_point: Ints
    order: Ints
    starts: Ints

    @classmethod
    def of(cls, points: Floats, side: float) -> _Squares:
        place = np.floor((points - points.min(axis=0)) / side).astype(np.int64)
        key = place[:, 0] * (int(place[:, 1].max()) + 8) + place[:, 1]
        order = np.argsort(key, kind="stable")
        is_first = np.concatenate([[True], np.diff(key[order]) != 0])
        of_point = np.empty(len(points), np.int64)
        of_point[order] = np.cumsum(is_first) - 1
        starts = np.append(np.flatnonzero(is_first), len(points))
        return cls(place[order[starts[:-1]]], of_point, order, starts)

    @property
    def sizes(self) -> Ints:
        return np.diff(self.starts)

    def beside(self, down: int, right: int) -> Ints:
        """(s,): the square so many steps away from each, −1 where none has points."""
        width = int(self.places[:, 1].max()) + 8  # wider than any step: no row runs into the next
        keys = self.places[:, 0] * width + self.places[:, 1]
        wanted = keys + down * width + right
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[found] == wanted, found, -1)


def _core(points: Floats, squares: _Squares, reach: float, least: int) -> Booleans:
    """(n,): points with enough neighbours. Those of thin squares are counted, nearest squares first, until enough."""
    is_core = (squares.sizes >= least)[squares.of_point]
    open_ = squares.order[~is_core[squares.order]]  # square by square: neighbours lie close in memory
    count = squares.sizes[squares.of_point[open_]].copy()
    for down, right in sorted(_STEPS, key=lambda step: step[0] ** 2 + step[1] ** 2):
        beside = squares.beside(down, right)[squares.of_point[open_]]
        with_any = np.flatnonzero(beside >= 0)
        for part in _parts(squares.sizes[beside[with_any]]):
            place = with_any[part]
            which, step = _spread(squares.sizes[beside[place]])
            p = points[open_[place[which]]]
            q = points[squares.order[squares.starts[beside[place[which]]] + step]]
            is_near = ((p - q) ** 2).sum(axis=1) <= reach**2
            count[place] += np.bincount(which[is_near], minlength=len(place))
        is_core[open_[count >= least]] = True
        open_, count = open_[count < least], count[count < least]
    return is_core


def _spread(counts: Ints) -> tuple[Ints, Ints]:
    """For each of `counts` as many rows: which one it is, and 0, 1, 2 … within it."""
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _parts(work: Ints) -> Iterator[slice]:
    """Slices of a list of works, of bounded sum; one that alone is more has a slice of its own."""
    ends = np.flatnonzero(np.diff(np.cumsum(work) // _CHUNK)) + 1
    for start, stop in zip([0, *ends], [*ends, len(work)], strict=True):
        if stop > start:
            yield slice(int(start), int(stop))


def _joined(points: Floats, squares: _Squares, is_core: Booleans, reach: float) -> Ints:
    """(s,): the component of each square, joined where core points of two are within reach."""
    cores = _Squares(squares.places, squares.of_point, *_only(squares, is_core))
    near = _near_squares(cores)
    links = [near[_sampled(points, cores, near, reach)]]
    component = _components(links, len(cores.places))
    open_ = near[component[near[:, 0]] != component[near[:, 1]]]
    for part in _parts(cores.sizes[open_[:, 0]] * cores.sizes[open_[:, 1]]):
        # a pair joined meanwhile through others need not be measured
        pairs = open_[part][component[open_[part, 0]] != component[open_[part, 1]]]
        found = pairs[_touching(points, cores, pairs, reach)]
        if len(found):
            links.append(found)
            component = _components(links, len(cores.places))
    return component


def _only(squares: _Squares, is_core: Booleans) -> tuple[Ints, Ints]:
    """The order and starts of core points alone; squares without any have none."""
    kept = is_core[squares.order]
    before = np.concatenate([[0], np.cumsum(kept)])
    return squares.order[kept], before[squares.starts]


def _near_squares(cores: _Squares) -> Ints:
    """(p, 2): squares with core points that a distance of reach can bridge, each pair once."""
    has = cores.sizes > 0
    found = [np.empty((0, 2), np.int64)]
    for down, right in _STEPS:
        if (down, right) > (0, 0):
            other = cores.beside(down, right)
            own = np.flatnonzero((other >= 0) & has & has[other])
            found.append(np.stack([own, other[own]], axis=1))
    return np.concatenate(found)


def _sampled(points: Floats, cores: _Squares, near: Ints, reach: float) -> Booleans:
    """Where a few points of each square are enough to see that two touch."""
    hit = np.zeros(len(near), np.bool_)
    first, second = near.T
    for a in range(_SAMPLE):
        for b in range(_SAMPLE):
            left = np.flatnonzero(~hit & (cores.sizes[first] > a) & (cores.sizes[second] > b))
            p = points[cores.order[cores.starts[first[left]] + a]]
            q = points[cores.order[cores.starts[second[left]] + b]]
            hit[left] = ((p - q) ** 2).sum(axis=1) <= reach**2
    return hit


def _touching(points: Floats, cores: _Squares, pairs: Ints, reach: float) -> Booleans:
    """(p,): whether any core point of the first is within reach of any of the second."""
    hit = np.zeros(len(pairs), np.bool_)
    sizes = cores.sizes
    is_large = sizes[pairs[:, 0]] * sizes[pairs[:, 1]] > _CHUNK
    for number in np.flatnonzero(is_large):
        a, b = (points[cores.order[cores.starts[s] : cores.starts[s + 1]]] for s in pairs[number])
        hit[number] = cKDTree(a).query(b, distance_upper_bound=reach * (1 + 1e-12))[0].min() <= reach
    rest = np.flatnonzero(~is_large)
    first, second = pairs[rest].T
    count = sizes[first] * sizes[second]
    which, step = _spread(count)
    p = points[cores.order[cores.starts[first[which]] + step // sizes[second[which]]]]
    q = points[cores.order[cores.starts[second[which]] + step % sizes[second[which]]]]
    touching = ((p - q) ** 2).sum(axis=1) <= reach**2
    hit[rest] = np.bincount(which[touching], minlength=len(rest)) > 0
    return hit


def _components(links: list[Ints], n: int) -> Ints:
    pairs = np.concatenate(links)
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _numbered(labels: Ints) -> tuple[Ints, int]:
    """The labels in the order of their first point."""
    own = labels[labels >= 0]
    _, first, place = np.unique(own, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    out = labels.copy()
    out[labels >= 0] = rank[place]
    return out, len(first)


def _add_border(points: Floats, core: Booleans, labels: Ints, reach: float) -> None:
    """Gives every point beside a core point its area; it has fewer than `least` neighbours, so pairs stay few."""
    others, cores = np.flatnonzero(~core), np.flatnonzero(core)
    if not len(cores):
        return
    core_tree = cKDTree(points[cores], balanced_tree=False, compact_nodes=False)
    for part in np.array_split(others, max(1, len(others) // _PART)):
        near = cKDTree(points[part]).sparse_distance_matrix(core_tree, reach * (1 + 1e-12), output_type="ndarray")
        own, core_point = part[near["i"]], cores[near["j"]]
        is_near = ((points[own] - points[core_point]) ** 2).sum(axis=1) <= reach**2
        best = np.full(len(labels), _FAR)
        np.minimum.at(best, own[is_near], labels[core_point[is_near]])
        labels[part] = np.where(best[part] == _FAR, NOISE, best[part])
