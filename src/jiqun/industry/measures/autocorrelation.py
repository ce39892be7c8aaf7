"""Do neighbouring areas resemble each other: Moran's I and its local parts, tested by permutation.

All industries are tested under the same permutations at once: a permutation is a relabelling of the weights, and many
relabelled weights stacked are one sparse matrix that meets all columns in one product. Each industry's test is as good
as alone; the tests of several industries are dependent, which the Benjamini–Hochberg step allows for.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, triu
from scipy.spatial import cKDTree
from scipy.special import comb as combs

from jiqun.industry.measures.results import GUARDS, Booleans, Floats, Guards, Measurement, measured, ratio
from jiqun.model.errors import UsageError

PERMUTATIONS = 999
_STACK, _COLUMNS, _THREADS = 16, 128, 2  # permutations of one product, industries of one block: together in the cache
_ROUNDING = 1e-5  # of Σ y²: sums of four-byte numbers in another order differ by less; a tie counts as reached
_ROUNDING_LOCAL = 1e-9  # of the largest deviation, in eight bytes


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """`values` (A, I); `p` is one-sided, in the direction of the value. `quarter`: 1 high among high, 2 low among high,
    3 low among low, 4 high among low, 0 where unknown. `least` (A, I): the smallest p that any choice of as many
    neighbours could give in that direction; with few areas, or many of one value, it is large.
    """

    values: Measurement
    quarter: NDArray[np.int8]
    least: Floats


def weights(pairs: NDArray[np.int64], n: int) -> csr_array:
    """(n, n) row-standardised weights of neighbours given as pairs of places; each pair counts both ways, once.

    An area with no neighbour has a row of zeros. Raises UsageError for an area that is its own neighbour.
    """
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]).reshape(-1, 2), axis=0)
    if (both[:, 0] == both[:, 1]).any():
        raise UsageError("区域不能与自己相邻")
    degree = np.bincount(both[:, 0], minlength=n)
    return csr_array(coo_array((1.0 / degree[both[:, 0]], (both[:, 0], both[:, 1])), shape=(n, n)))


def nearest(points: Floats, k: int) -> csr_array:
    """(n, n) row-standardised weights of the k nearest other points (n, 2), in the points' own unit of length."""
    found = cKDTree(points).query(points, k + 1)[1]
    own = np.arange(len(points))[:, None]
    # of points in one place any may come first: the own one is dropped wherever it stands
    is_other = found != own
    is_other[is_other.all(axis=1), -1] = False
    columns = found[is_other]
    rows = np.repeat(own, k)
    return csr_array(coo_array((np.full(len(rows), 1 / k), (rows, columns)), shape=(len(points),) * 2))


def moran(
    values: Floats, w: csr_array, rng: np.random.Generator, *, permutations: int = PERMUTATIONS, guards: Guards = GUARDS
) -> Measurement:
    """(I,): Moran's I of the columns of `values` (A, I) over the weights `w` (A, A), and its one-sided p.

    `p` = (1 + permutations in which I is at least as large) / (1 + permutations): whether like areas lie together.
    Unknown for a column without variation and where no area has a neighbour.
    """
    z = values - values.mean(axis=0)
    squares = (z * z).sum(axis=0)
    total = float(w.sum())
    pairs = coo_array(triu(w + w.T, k=1))
    observed = np.asarray((z * (w @ z)).sum(axis=0))
    at_least = np.ones(values.shape[1])
    scale = len(values) / total if total else np.nan
    faults = _faults(values, squares, guards) | {"isolated": total == 0}
    if total:
        at_least += _reached(z, pairs, observed - _ROUNDING * squares, rng, permutations)
    return measured("moran", scale * ratio(observed, squares), faults, p=at_least / (permutations + 1))


def _reached(
    z: Floats, pairs: coo_array, observed: Floats, rng: np.random.Generator, permutations: int
) -> Floats:  # fmt: skip
    """(I,): in how many permutations of the rows of z the sum over pairs is at least `observed`.

    Four-byte numbers, every column scaled to Σ y² = 1: half the memory to move, and that is what it costs.
    """
    n, columns = z.shape
    norm = np.sqrt((z * z).sum(axis=0))
    scaled = np.divide(z, norm, out=np.zeros_like(z), where=norm > 0).astype(np.float32)
    least = ratio(observed, norm**2).astype(np.float32)
    stacks = [_stacked(pairs, n, rng, min(_STACK, permutations - done)) for done in range(0, permutations, _STACK)]
    out = np.zeros(columns)

    def block(start: int) -> None:
        place = slice(start, start + _COLUMNS)
        part = np.ascontiguousarray(scaled[:, place])
        for stack in stacks:
            lagged = (stack @ part).reshape(-1, n, part.shape[1])
            out[place] += (np.einsum("pam,am->pm", lagged, part) >= least[place]).sum(axis=0)

    with ThreadPoolExecutor(_THREADS) as crew:
        list(crew.map(block, range(0, columns, _COLUMNS)))
    return out


def _stacked(pairs: coo_array, n: int, rng: np.random.Generator, count: int) -> csr_array:
    """(count · n, n): the pairs under `count` random relabellings, one below the other."""
    order = np.argsort(rng.random((count, n)), axis=1)
    rows = order[:, pairs.row] + n * np.arange(count)[:, None]
    data = np.broadcast_to(pairs.data.astype(np.float32), rows.shape)
    return csr_array(
        coo_array((data.ravel(), (rows.ravel(), order[:, pairs.col].ravel())), shape=(count * n, n))
    )  # fmt: skip


def local_moran(
    values: Floats, w: csr_array, rng: np.random.Generator, *, permutations: int = PERMUTATIONS, guards: Guards = GUARDS
) -> LocalMoran:
    """(A, I): each area's part of Moran's I, with p by conditional permutation: it stays, its neighbours are drawn.

    Where there are no more choices of neighbours than `permutations`, all are gone through and p is exact. Areas
    without neighbours are unknown.
    """
    z = values - values.mean(axis=0)
    n, squares = len(z), (z * z).sum(axis=0)
    lag = np.asarray(w @ z)
    degrees = np.diff(w.indptr)
    drawn = _others(n, int(degrees.max(initial=0)), rng, permutations)
    p, least = np.ones(z.shape), np.ones(z.shape)
    margin = _ROUNDING_LOCAL * np.abs(z).max(axis=0, initial=0)
    up = lag >= 0  # the value is z · lag: with z below 0 a large value is a small lag
    choices: dict[int, NDArray[np.int64]] = {}
    for area in range(n):
        k = int(degrees[area])
        if not k:
            continue
        own = w.data[w.indptr[area] : w.indptr[area + 1]]
        is_even = bool(np.ptp(own) <= _ROUNDING_LOCAL * own.max())
        is_exact = is_even and comb(n - 1, k) <= permutations
        if is_exact and k not in choices:
            choices[k] = np.array(list(combinations(range(n - 1), k)), np.int64)
        ids = choices[k] if is_exact else drawn[:, :k]
        ends = np.arange(0, len(ids) * k + 1, k)
        sample = csr_array((np.tile(own, len(ids)), (ids + (ids >= area)).ravel(), ends), shape=(len(ids), n))
        lags = sample @ z
        reached = np.where(
            up[area], (lags >= lag[area] - margin).sum(axis=0), (lags <= lag[area] + margin).sum(axis=0)
        )  # fmt: skip
        p[area] = reached / len(ids) if is_exact else (1 + reached) / (permutations + 1)
        floor = _least(z, area, k, up[area], margin) if is_even else np.zeros(z.shape[1])
        least[area] = floor if is_exact else np.maximum(floor, 1 / (permutations + 1))
    faults = _faults(values, squares, guards) | {"isolated": (degrees == 0)[:, None]}
    found = measured("local_moran", (n - 1) * ratio(z * lag, squares), faults, p=p)
    quarter = np.where(z >= 0, np.where(up, 1, 4), np.where(up, 2, 3))
    is_known = found.is_known
    return LocalMoran(
        found, np.where(is_known, quarter, 0).astype(np.int8), np.where(is_known, least, np.nan)
    )  # fmt: skip


def _least(z: Floats, area: int, k: int, up: Booleans, margin: Floats) -> Floats:
    """(I,): which share of all choices of k others has the most extreme mean: 1 / C(n − 1, k), or more, with ties."""
    signed = np.where(up, z, -z)
    others = np.delete(signed, area, axis=0)
    last = np.partition(others, len(others) - k, axis=0)[len(others) - k]  # the smallest of the k largest
    beyond = (others > last + margin).sum(axis=0)
    tied = (np.abs(others - last) <= margin).sum(axis=0)
    return np.asarray(combs(tied, k - beyond) / comb(len(others), k), np.float64)


def _others(n: int, k: int, rng: np.random.Generator, permutations: int) -> NDArray[np.int64]:
    """(permutations, k): different numbers below n − 1, in random order."""
    return np.argsort(rng.random((permutations, n - 1)), axis=1)[:, :k]


def _faults(values: Floats, squares: Floats, guards: Guards) -> dict[str, Booleans | bool]:
    largest = np.abs(values).max(axis=0, initial=0)
    return {
        "no_variation": squares <= (1e-12 * largest) ** 2 * len(values),
        "too_few_areas": len(values) < max(3, guards.least_areas),
    }
