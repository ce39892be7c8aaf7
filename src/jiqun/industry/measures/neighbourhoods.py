"""Which share of a firm's neighbours is of its own sector: Marcon–Puech's M, cumulative and against all firms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jiqun.industry.measures.distances import Curve, check
from jiqun.industry.measures.results import GUARDS, Booleans, Faults, Floats, Guards, measured, ratio
from jiqun.model.errors import UsageError

MOST_PAIRS = 50_000_000  # of neighbours within the largest distance: 1.2 GB


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs of firms within the largest distance, each both ways: `rows` has `columns` no farther than `at[ring]`."""

    n: int
    at: Floats
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    rings: NDArray[np.int64]


def neighbours(points: Floats, at: Floats) -> Neighbours:
    """Every pair of `points` (n, 2), metres, within the last of `at` (R,). Raises UsageError for too many pairs."""
    check(points, at)
    tree = cKDTree(points)
    count = (int(tree.count_neighbors(tree, float(at[-1]))) - len(points)) // 2
    if 2 * count > MOST_PAIRS:
        raise UsageError(f"{at[-1] / 1000:g} 公里以内有 {count} 对企业，太多；请缩短距离")
    pairs = tree.query_pairs(float(at[-1]), output_type="ndarray").astype(np.int64)
    d = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    ring = np.minimum(np.searchsorted(at, d), len(at) - 1)
    rows, columns = np.concatenate([pairs, pairs[:, ::-1]]).T
    return Neighbours(len(points), at, rows, columns, np.tile(ring, 2))


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
    w = np.ones(near.n) if weights is None else np.asarray(weights, np.float64)
    of_sector = w * is_sector
    places = np.cumsum(is_sector) - 1
    own = is_sector[near.rows]
    at = places[near.rows[own]] * len(near.at) + near.rings[own]
    count, rings = int(is_sector.sum()), len(near.at)
    same, every = (
        np.cumsum(np.bincount(at, mass[near.columns[own]], count * rings).reshape(count, rings), axis=1)
        for mass in (of_sector, w)
    )
    has_any = every > 0
    expected = ((of_sector.sum() - of_sector[is_sector]) / (w.sum() - w[is_sector]))[:, None]
    seen = np.divide(same, every, out=np.zeros_like(same), where=has_any)
    return ratio(seen.sum(axis=0), (expected * has_any).sum(axis=0))
