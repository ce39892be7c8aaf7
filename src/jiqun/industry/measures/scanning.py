"""Dense areas of many sectors drawn from the same sites: who is near whom is looked up once, not for every draw.

The areas are those of `density.dense_areas`; a draw of a thousand of twenty thousand sites costs some milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from jiqun.industry.measures.density import dense_areas
from jiqun.industry.measures.distances import check
from jiqun.industry.measures.results import Floats

Ints = NDArray[np.int64]
MOST_PAIRS = 30_000_000  # kept in memory, 16 bytes each; beyond, every draw is searched for by itself
_ROUND = 1 + 1e-12  # distances at the very end of the reach, as the search for neighbours has them


@dataclass(frozen=True, eq=False)
class Found:
    """A dense area: its firms `members` (places among all sites), and how many of all sites have their nearest core
    point in it.
    """

    members: Ints
    everybody: int


@dataclass(frozen=True, eq=False)
class Sites:
    """All sites; those near site k are `columns[starts[k] : starts[k + 1]]`, itself included, `away` metres off."""

    points: Floats
    reach: float
    starts: Ints
    columns: NDArray[np.int32]
    away: Floats

    def search(self, own: Ints, least: int) -> list[Found]:
        """The dense areas of the sites `own` (sorted), in the order of their first core point."""
        if not len(self.columns):
            return _searched(self.points, own, self.reach, least)
        place = np.full(len(self.points), -1, np.int32)
        place[own] = np.arange(len(own), dtype=np.int32)
        near, whose = self._near(own)
        other = place[near]
        is_own = other >= 0
        whose, other = whose[is_own], other[is_own]
        is_core = np.bincount(whose, minlength=len(own)) >= least
        if not is_core.any():
            return []
        labels = _labelled(whose, other, is_core)
        everybody = self._nearest(own[is_core], labels[is_core])
        by_label = np.argsort(labels, kind="stable")
        ends = np.searchsorted(labels[by_label], np.arange(len(everybody) + 1))
        return [
            Found(own[by_label[ends[number] : ends[number + 1]]], int(count)) for number, count in enumerate(everybody)
        ]

    def _near(self, own: Ints) -> tuple[NDArray[np.int32], Ints]:
        sizes, at = self.starts[own + 1] - self.starts[own], self._places(own)
        return self.columns[at], np.repeat(np.arange(len(own)), sizes)

    def _places(self, own: Ints) -> Ints:
        sizes = self.starts[own + 1] - self.starts[own]
        return np.repeat(self.starts[own] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())

    def _nearest(self, cores: Ints, labels: Ints) -> Ints:
        """(areas,): of how many sites the nearest core point is in the area."""
        near, whose = self._near(cores)
        order = np.argsort(-self.away[self._places(cores)], kind="stable")
        nearest = np.full(len(self.points), -1, np.int64)
        nearest[near[order]] = labels[whose[order]]  # the last written is the nearest
        return np.bincount(nearest[nearest >= 0], minlength=int(labels.max()) + 1)


def sites(points: Floats, reach: float) -> Sites:
    """Who of `points` (n, 2), metres, is within `reach` of whom. Raises UsageError for points that are no numbers."""
    check(points, np.array([reach]))
    nothing = np.empty(0, np.int32)
    tree = cKDTree(points)
    if int(tree.count_neighbors(tree, reach * _ROUND)) > MOST_PAIRS:
        return Sites(points, reach, np.empty(0, np.int64), nothing, np.empty(0))
    pairs = tree.query_pairs(reach * _ROUND, output_type="ndarray")
    d = np.sqrt(((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2).sum(axis=1))
    own = np.arange(len(points))
    rows = np.concatenate([own, pairs[:, 0], pairs[:, 1]])
    columns = np.concatenate([own, pairs[:, 1], pairs[:, 0]])
    away = np.concatenate([np.zeros(len(points)), d, d])
    kept = away <= reach
    rows, columns, away = rows[kept], columns[kept], away[kept]
    order = np.argsort(rows, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(points)))])
    return Sites(points, reach, starts, columns[order].astype(np.int32), away[order])


def _labelled(whose: Ints, other: NDArray[np.int32], is_core: NDArray[np.bool_]) -> Ints:
    """(own,): area of each point, −1 for none; a point between two belongs to the one numbered first."""
    n = len(is_core)
    from_core = is_core[whose]
    links = from_core & is_core[other]
    graph = coo_array((np.ones(int(links.sum()), np.int8), (whose[links], other[links])), shape=(n, n))
    component = connected_components(graph, directed=False)[1]
    cores = np.flatnonzero(is_core)
    _, first, number = np.unique(component[cores], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    labels = np.full(n, n, np.int64)
    labels[cores] = rank[number]
    border = from_core & ~is_core[other]
    np.minimum.at(labels, other[border], labels[whose[border]])
    return np.where(labels == n, -1, labels)


def _searched(points: Floats, own: Ints, reach: float, least: int) -> list[Found]:
    """The definition: the areas of these points alone, and the nearest core point of every site."""
    areas = dense_areas(points[own], reach, least)
    if not areas.count:
        return []
    d, nearest = cKDTree(points[own[areas.is_core]]).query(points, distance_upper_bound=reach * _ROUND)
    everybody = np.bincount(areas.labels[areas.is_core][nearest[d <= reach]], minlength=areas.count)
    return [Found(own[areas.labels == number], int(everybody[number])) for number in range(areas.count)]
