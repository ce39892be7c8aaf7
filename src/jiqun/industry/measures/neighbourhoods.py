"""Which share of a firm's neighbours is of its own sector: Marcon–Puech's M, cumulative and against all firms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jiqun.industry.measures.distances import Curve, check
from jiqun.industry.measures.results import GUARDS, Booleans, Faults, Floats, Guards, measured, ratio
from jiqun.model.errors import UsageError

MOST_PAIRS = 50_000_000  # of neighbours within the largest distance, each both ways: 1.2 GB to find them, 0.3 GB kept
_MANY = 0.15  # of all firms, from which on all pairs are looked through, measured
_MOST_RINGS = 255
Ints = NDArray[np.int64]
Whole = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Who is near whom: every pair once, the first of `at` (R,) that it is within (`rings`), and `counts` (n, R) other
    firms within each distance.
    """

    points: Floats
    at: Floats
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    rings: NDArray[np.uint8]
    counts: Ints

    @property
    def n(self) -> int:
        return len(self.points)

    def among(self, firms: Ints, is_sector: Booleans) -> Ints:
        """(firms, R): how many of the firms themselves are within each distance of each of them."""
        if len(firms) < _MANY * self.n:  # only their own pairs are looked for: a few among all
            return _counts(*_pairs(self.points[firms], self.at), len(firms), len(self.at))
        both = np.flatnonzero(is_sector.take(self.first) & is_sector.take(self.second))
        place = np.cumsum(is_sector, dtype=np.int32) - 1
        first, second = (place.take(one.take(both)) for one in (self.first, self.second))
        return _counts(first, second, self.rings.take(both), len(firms), len(self.at))

    @cached_property
    def by_firm(self) -> tuple[Ints, NDArray[np.int32], NDArray[np.uint8]]:
        """Every pair both ways, sorted by firm: starts (n + 1,), the other firm, the ring. Of weighted M alone."""
        rows, columns = (np.concatenate(ends) for ends in ((self.first, self.second), (self.second, self.first)))
        order = np.argsort(rows, kind="stable")  # of integers: a radix sort
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.n))])
        return starts, columns[order], np.tile(self.rings, 2)[order]

    def of(self, firms: Ints) -> tuple[NDArray[np.int32], Ints]:
        """The neighbours of `firms` one after the other, and the place of each in a table of firms × rings."""
        starts, columns, rings = self.by_firm
        sizes = starts[firms + 1] - starts[firms]
        whose = np.repeat(np.arange(len(firms)), sizes)
        first = starts[firms] - (np.cumsum(sizes) - sizes)
        place = np.repeat(first, sizes) + np.arange(len(whose))
        return columns[place], whose * len(self.at) + rings[place]


def neighbours(points: Floats, at: Floats) -> Neighbours:
    """The neighbours of `points` (n, 2), metres, within `at` (R,). Raises UsageError for too many of either."""
    check(points, at)
    if len(at) > _MOST_RINGS:
        raise UsageError(f"距离不能超过 {_MOST_RINGS} 个")
    tree = cKDTree(points)
    count = (int(tree.count_neighbors(tree, float(at[-1]))) - len(points)) // 2
    if 2 * count > MOST_PAIRS:
        raise UsageError(f"{at[-1] / 1000:g} 公里以内有 {count} 对企业，太多；请缩短距离")
    first, second, rings = _pairs(points, at)
    return Neighbours(
        points, at, first.astype(np.int32), second.astype(np.int32), rings.astype(np.uint8),
        _counts(first, second, rings, len(points), len(at)),
    )  # fmt: skip


def _pairs(points: Floats, at: Floats) -> tuple[Ints, Ints, Ints]:
    """The two ends of every pair within the last of `at`, and the first of `at` that it is within."""
    pairs = cKDTree(points).query_pairs(float(at[-1]), output_type="ndarray")
    first, second = pairs.T
    d = np.hypot(*(points[first] - points[second]).T)
    return first, second, np.minimum(np.searchsorted(at, d), len(at) - 1)


def _counts(first: Whole, second: Whole, rings: Whole, n: int, distances: int) -> Ints:
    """(n, distances): how many pairs each is an end of, within each distance."""
    places = [end.astype(np.int64) * distances + rings for end in (first, second)]
    each = np.bincount(places[0], minlength=n * distances) + np.bincount(places[1], minlength=n * distances)
    return np.cumsum(each.reshape(n, distances), axis=1)


def marcon_puech(
    near: Neighbours, is_sector: Booleans, weights: Floats | None = None, guards: Guards = GUARDS
) -> Curve:  # fmt: skip
    """M of the firms marked (n,) among all: 1 as everything, 2 twice as many of the own sector around as everywhere.

    Firms of the sector without any neighbour within a distance have no share there and are left out of both sums.
    Unknown for too few firms in the sector, for a sector that is all there is, and at distances with no neighbours.
    """
    few = int(is_sector.sum()) < max(2, guards.least_firms)
    is_all = bool(is_sector.all())
    values = m_values(near, is_sector, weights)
    faults: Faults = {"too_few_firms": few, "no_variation": is_all, "isolated": np.isnan(values)}
    return Curve(near.at, measured("marcon_puech", values, faults))


def m_values(near: Neighbours, is_sector: Booleans, weights: Floats | None = None) -> Floats:
    """(R,): eq. 7, NaN where no firm of the sector has a neighbour."""
    firms = np.flatnonzero(is_sector)
    expected: Floats
    if weights is None:
        same, every = near.among(firms, is_sector).astype(np.float64), near.counts[firms].astype(np.float64)
        expected = np.full((len(firms), 1), ratio(len(firms) - 1, near.n - 1))
    else:
        w = np.asarray(weights, np.float64)
        columns, at = near.of(firms)
        tables = [
            np.bincount(at, mass[columns], len(firms) * len(near.at)).reshape(len(firms), -1)
            for mass in (w * is_sector, w)
        ]
        same, every = (np.asarray(np.cumsum(table, axis=1), np.float64) for table in tables)
        expected = ((w[firms].sum() - w[firms]) / (w.sum() - w[firms]))[:, None]
    has_any = every > 0
    seen = np.divide(same, every, out=np.zeros_like(same), where=has_any)
    return ratio(seen.sum(axis=0), (expected * has_any).sum(axis=0))
