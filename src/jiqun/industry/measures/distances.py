"""Are the firms of a sector near each other, at which distances: Duranton–Overman's Kd of points on a plane.

`k_density_by_definition` is the printed sum over all pairs. `k_density` counts pairs of a grid's cells by
autocorrelation, which costs the same for a thousand and for a million points. A cell is a third of the bandwidth
wide, and a point is shared between the four cells around it; what the sharing adds to the variance of a distance is
taken off the kernel's (Sheppard's correction), so that what remains is of the order (cell / bandwidth)⁴:
about one part in a thousand for two thousand points, less for more (`benchmarks/measures.py` prints it). Where few
points stand the pairs themselves are binned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.spatial.distance import cdist, pdist

from jiqun.industry.measures.results import GUARDS, Floats, Guards, Measurement, measured
from jiqun.model.errors import UsageError

_CELL, _BIN, _FINE = 1 / 3, 1 / 16, 1 / 64  # of the bandwidth; the last where pairs are binned one by one
_SHARED = 1 / 3  # variance that sharing two points' masses adds to their displacement, each way, in cells²
_COARSE = 256  # cells a side of the grid that the bandwidth is found on
_TAIL = 5.0  # bandwidths after which a Gaussian kernel adds less than one part in a million
_ROWS = 512  # of a block of distances
_FEW = 400  # points whose pairs cost less than a grid's transforms, measured
_MOST_CELLS = 60_000_000  # of a padded grid: 0.5 GB of transforms


@dataclass(frozen=True, eq=False)
class Curve:
    """A measurement along distances: `at` (R,) metres, `found.values` (R,). `bandwidth_m` and `cell_m` (0: no cells)
    say how it was smoothed.
    """

    at: Floats
    found: Measurement
    bandwidth_m: float | None = None
    cell_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Smoothing:
    """How distances become a density: one for a sector and for all draws it is compared with."""

    at: Floats
    bandwidth_m: float
    cell_m: float
    bin_m: float
    kernel: Floats  # (bins, R)

    @property
    def bins(self) -> int:
        return len(self.kernel)


def k_density_by_definition(points: Floats, at: Floats, bandwidth_m: float, weights: Floats | None = None) -> Floats:
    """(R,): the sum over all pairs as it is printed (eq. 1; with `weights`, employees, eq. 5), reflected at 0."""
    e = np.ones(len(points)) if weights is None else np.asarray(weights, np.float64)
    density, mass = np.zeros(len(at)), 0.0
    for k in range(len(points) - 1):
        d = np.hypot(*(points[k + 1 :] - points[k]).T)
        both = e[k] * e[k + 1 :]
        mass += both.sum()
        density += _kernel(at, d, bandwidth_m).T @ both
    return np.asarray(density / mass)


def k_density(
    points: Floats, at: Floats, *, weights: Floats | None = None, bandwidth_m: float | None = None,
    guards: Guards = GUARDS,
) -> Curve:  # fmt: skip
    """Kd of `points` (n, 2), metres, at the distances `at`: a density per metre whose integral over all distances is 1.

    `bandwidth_m` None: Silverman's rule over the pairs. Unknown for too few firms and where all stand in one place.
    Raises UsageError for points or distances that are no numbers.
    """
    check(points, at)
    smoothing = smoothing_for(points, at, weights=weights, bandwidth_m=bandwidth_m)
    is_few = len(points) < max(2, guards.least_firms)
    if smoothing is None or is_few:
        nothing = measured(
            "duranton_overman", np.zeros(len(at)), {"too_few_firms": is_few, "no_variation": not is_few}
        )  # fmt: skip
        return Curve(at, nothing)
    values = density(points, smoothing, weights)
    return Curve(at, measured("duranton_overman", values, {}), smoothing.bandwidth_m, smoothing.cell_m)


def check(points: Floats, at: Floats) -> None:
    """Raises UsageError where points or distances are no numbers, or distances do not rise from 0 on."""
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise UsageError("点的坐标应为两列有限的数（米）；没有坐标的企业请先去掉")
    if not len(at) or not np.isfinite(at).all() or at[0] < 0 or (np.diff(at) <= 0).any():
        raise UsageError("距离应从不小于 0 起逐个增大")


def smoothing_for(
    points: Floats, at: Floats, *, weights: Floats | None = None, bandwidth_m: float | None = None
) -> Smoothing | None:
    """The smoothing of a sector; None where its points all stand in one place."""
    h = silverman(points, weights) if bandwidth_m is None else bandwidth_m
    if not h > 0:
        return None
    reach = float(at[-1]) + _TAIL * h
    cell = 0.0 if len(points) < _FEW else h * _CELL
    bin_m = h * (_BIN if cell else _FINE)
    if cell and _padded(points, cell, reach) > _MOST_CELLS:
        cell *= np.sqrt(_padded(points, cell, reach) / _MOST_CELLS)
    middles = np.asarray((np.arange(int(reach / bin_m) + 1) + 0.5) * bin_m, np.float64)
    narrow = max(h**2 - _SHARED * cell**2 - bin_m**2 / 6, (h / 2) ** 2)
    return Smoothing(at, h, cell, bin_m, _kernel(at, middles, float(np.sqrt(narrow))))


def density(points: Floats, smoothing: Smoothing, weights: Floats | None = None, threads: int = 2) -> Floats:
    """(R,): Kd under a given smoothing."""
    e = None if weights is None else np.asarray(weights, np.float64)
    mass = len(points) * (len(points) - 1) / 2 if e is None else (e.sum() ** 2 - (e**2).sum()) / 2
    pairs = _by_cells(points, smoothing, e, threads) if smoothing.cell_m else _by_pairs(points, smoothing, e)
    return np.asarray(pairs @ smoothing.kernel / mass)


def silverman(points: Floats, weights: Floats | None = None) -> float:
    """The bandwidth 0.9 · min(s, IQR / 1.34) · m^(−1/5) over the m pair distances (Silverman 1986, eq. 3.31).

    Spread and quartiles are taken from pairs counted on a coarse grid. 0 where all points stand in one place.
    """
    width = float(np.ptp(points, axis=0).max())
    if not width:
        return 0.0
    cell = width / _COARSE
    pairs, d = _displaced(points, cell, 2 * width, weights)
    order = np.argsort(d)
    mass, d = pairs[order], d[order]
    total = mass.sum()
    mean = (mass @ d) / total
    s = np.sqrt(mass @ (d - mean) ** 2 / total)
    quarter, three = d[np.searchsorted(np.cumsum(mass), [0.25 * total, 0.75 * total])]
    spread = min(s, (three - quarter) / 1.34) or s
    n = len(points)
    return float(0.9 * spread * (n * (n - 1) / 2) ** -0.2)


def _kernel(at: Floats, d: Floats, h: float) -> Floats:
    """(len(d), len(at)): Gaussian around each distance, and around its mirror below 0 (Silverman 1986, §2.10)."""
    near, mirror = (at[None] - d[:, None]) / h, (at[None] + d[:, None]) / h
    return np.asarray((np.exp(-(near**2) / 2) + np.exp(-(mirror**2) / 2)) / (h * np.sqrt(2 * np.pi)))


def _by_pairs(points: Floats, smoothing: Smoothing, weights: Floats | None) -> Floats:
    """(bins,): pairs by distance, one by one, in blocks of bounded memory."""
    e = np.ones(len(points)) if weights is None else weights
    out = np.zeros(smoothing.bins)
    for start in range(0, len(points), _ROWS):
        block, rest = points[start : start + _ROWS], points[start + _ROWS :]
        w, others = e[start : start + _ROWS], e[start + _ROWS :]
        out += _shared(pdist(block), np.outer(w, w)[np.triu_indices(len(w), 1)], smoothing)
        out += _shared(cdist(block, rest).ravel(), np.outer(w, others).ravel(), smoothing)
    return out


def _by_cells(points: Floats, smoothing: Smoothing, weights: Floats | None, threads: int) -> Floats:
    """(bins,): pairs by the distance of their cells."""
    reach = smoothing.bins * smoothing.bin_m
    pairs, d = _displaced(points, smoothing.cell_m, reach, weights, threads)
    return _shared(d, pairs, smoothing)


def _shared(d: Floats, mass: Floats, smoothing: Smoothing) -> Floats:
    """(bins,): each distance shared between the two bins whose middles it lies between.

    Put into one bin, distances of a lattice, and few distances, are off by more than all the rest together.
    """
    steps = np.maximum(d / smoothing.bin_m - 0.5, 0)
    place = steps.astype(np.intp)
    upper = (steps - place) * mass
    out = np.bincount(place, mass - upper, smoothing.bins)[: smoothing.bins]
    out[1:] += np.bincount(place, upper, smoothing.bins)[: smoothing.bins - 1]
    return np.asarray(out, np.float64)


def _displaced(
    points: Floats, cell: float, reach: float, weights: Floats | None, threads: int = 2
) -> tuple[Floats, Floats]:
    """Mass of pairs (not ordered) for each displacement of cells up to `reach`, and the distance it stands for.

    The autocorrelation of the cells' masses, by the Wiener–Khinchin theorem; the grid is padded by the reach, so that
    nothing wraps around.
    """
    steps = (points - points.min(axis=0)) / cell
    corner = np.floor(steps).astype(np.intp)
    inside = steps - corner
    shape = corner.max(axis=0) + 2
    far = np.minimum(shape - 1, int(reach / cell) + 1)
    padded = [fft.next_fast_len(int(side + more), real=True) for side, more in zip(shape, far, strict=True)]
    mass = np.zeros(padded[0] * padded[1])
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        parts = np.abs(1 - down - inside[:, 0]) * np.abs(1 - right - inside[:, 1])
        place = (corner[:, 0] + down) * padded[1] + corner[:, 1] + right
        mass += np.bincount(place, parts if weights is None else parts * weights, len(mass))
    spectrum = fft.rfft2(mass.astype(np.float32).reshape(padded), workers=threads)
    power = spectrum.real**2 + spectrum.imag**2
    together = fft.irfft2(power, s=padded, workers=threads)
    both = inside * (1 - inside)  # of a point's own parts: one step apart, and in one place 1 − 2 of it
    own = 1.0 if weights is None else (weights**2)[:, None]
    across = np.stack([1 - 2 * both[:, 0], both[:, 0]]) @ (np.stack([1 - 2 * both[:, 1], both[:, 1]], axis=1) * own)
    return _half_plane(together, across, far[0], far[1], cell)


def _half_plane(together: Floats, own: Floats, rows: int, columns: int, cell: float) -> tuple[Floats, Floats]:
    """Each unordered displacement once: those to the right, straight down, and none at all (half its pairs).

    `own` (2, 2) is what points are together with themselves, by steps down and right. A distance r between cells
    stands for r − s² / 2r, where s² = cell² / 3 is what sharing adds to the variance of a displacement, each way.
    """
    right, down, up = np.arange(1, columns + 1), np.arange(rows + 1), np.arange(rows, 0, -1)
    above = together[len(together) - rows :]  # displacements upward wrap around to the end
    below = together[: rows + 1, 1 : columns + 1].astype(np.float64)
    above = above[:, 1 : columns + 1].astype(np.float64)
    straight = together[1 : rows + 1, 0].astype(np.float64)
    below[:2, :1] -= own[: len(below), 1:][:, : below.shape[1]]
    above[-1:, :1] -= own[1:, 1:][:, : above.shape[1]]
    straight[:1] -= own[1:, 0]
    none = (float(together[0, 0]) - own[0, 0]) / 2
    r = np.concatenate([np.hypot(down[:, None], right).ravel(), np.hypot(up[:, None], right).ravel(), down[1:]])
    mass = np.concatenate([below.ravel(), above.ravel(), straight, [none]])
    return mass, np.append(r - _SHARED / (2 * r), 0.0) * cell


def _padded(points: Floats, cell: float, reach: float) -> float:
    width = np.ptp(points, axis=0) / cell
    return float(np.prod(width + np.minimum(width, reach / cell) + 1))
