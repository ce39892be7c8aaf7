"""What chance would do to a curve along distances: envelopes that hold for the whole curve at once.

Bands taken distance by distance at 5 % are left by far more than 5 % of curves somewhere. Here whole curves are
ordered by how extreme they are anywhere (extreme rank length), and the band is spanned by those that are not among
the most extreme. Source: Myllymäki, Mrkvička, Grabarnik, Seijo & Hahn, JRSS B 79 (2017) 381–404; the use of global
bands for Kd is Duranton & Overman's (2005, §3), who interpolate local ones.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from jiqun.industry.measures import distances, neighbourhoods
from jiqun.industry.measures.distances import Curve
from jiqun.industry.measures.neighbourhoods import Neighbours
from jiqun.industry.measures.results import GUARDS, Booleans, Floats, Guards
from jiqun.model.errors import UsageError

DRAWS, ALPHA = 1000, 0.05
_THREADS = 2


@dataclass(frozen=True, eq=False)
class Envelope:
    """A curve between what `draws` sectors placed by chance do: outside `low` … `high` anywhere with chance `alpha`.

    `above`, `below` (R,) are how far the curve is outside (Duranton & Overman's indices Γ and Ψ), 0 inside. `p` is the
    share of curves, it and the drawn ones, that are as extreme somewhere.
    """

    curve: Curve
    low: Floats
    high: Floats
    p: float
    draws: int
    alpha: float

    @property
    def above(self) -> Floats:
        return np.maximum(self.curve.found.values - self.high, 0)

    @property
    def below(self) -> Floats:
        return np.maximum(self.low - self.curve.found.values, 0)

    @property
    def is_localised(self) -> bool:
        """Nearer to each other than chance at some distance."""
        return bool((self.above > 0).any())

    @property
    def is_dispersed(self) -> bool:
        """Farther from each other than chance at some distance, and nowhere nearer."""
        return not self.is_localised and bool((self.below > 0).any())


def of_k_density(
    sites: Floats, is_sector: Booleans, at: Floats, rng: np.random.Generator, *,
    weights: Floats | None = None, draws: int = DRAWS, alpha: float = ALPHA, guards: Guards = GUARDS,
) -> Envelope | None:  # fmt: skip
    """Kd of the sector's sites among sectors of as many firms on sites drawn from all `sites` (n, 2).

    `weights` (n,): employees; those of the sector move with its firms. None where the curve itself is unknown.
    Raises UsageError where the sector is all sites: then nothing can be drawn.
    """
    chosen = np.flatnonzero(is_sector)
    own = None if weights is None else weights[chosen]
    curve = distances.k_density(sites[chosen], at, weights=own, guards=guards)
    if not curve.found.is_known.all():
        return None
    if len(chosen) == len(sites):
        raise UsageError("行业包含了全部企业，没有可以比较的随机位置")
    smoothing = distances.smoothing_for(sites[chosen], at, weights=own, bandwidth_m=curve.bandwidth_m)
    assert smoothing is not None

    def draw(seed: np.random.Generator) -> Floats:
        return distances.density(sites[seed.permutation(len(sites))[: len(chosen)]], smoothing, own, threads=1)

    return _envelope(curve, _drawn(draw, rng, draws), alpha)


def of_marcon_puech(
    near: Neighbours, is_sector: Booleans, rng: np.random.Generator, *,
    weights: Floats | None = None, draws: int = DRAWS, alpha: float = ALPHA, guards: Guards = GUARDS,
) -> Envelope | None:  # fmt: skip
    """M of the sector among random labellings: sector and weight of every firm move together to another firm's site.

    Distances at which M is unknown in the curve or in a draw are left out of the envelope's rank (NaN in its ends).
    None where the curve is unknown everywhere.
    """
    curve = neighbourhoods.marcon_puech(near, is_sector, weights, guards)
    if not curve.found.is_known.any():
        return None

    def draw(seed: np.random.Generator) -> Floats:
        order = seed.permutation(near.n)
        return neighbourhoods.m_values(near, is_sector[order], None if weights is None else weights[order])

    return _envelope(curve, _drawn(draw, rng, draws), alpha)


def _drawn(draw: Callable[[np.random.Generator], Floats], rng: np.random.Generator, draws: int) -> Floats:
    """(draws, R): each draw has a generator of its own, so that threads do not change the result."""
    with ThreadPoolExecutor(_THREADS) as crew:
        return np.stack(list(crew.map(draw, rng.spawn(draws))))


def _envelope(curve: Curve, drawn: Floats, alpha: float) -> Envelope:
    observed = curve.found.values
    told = np.isfinite(observed) & np.isfinite(drawn).all(axis=0)
    low, high = np.full(len(observed), np.nan), np.full(len(observed), np.nan)
    low[told], high[told], p = global_envelope(observed[told], drawn[:, told], alpha)
    return Envelope(curve, low, high, p, len(drawn), alpha)


def global_envelope(observed: Floats, drawn: Floats, alpha: float = ALPHA) -> tuple[Floats, Floats, float]:
    """Ends (R,) of the band that a curve like the `drawn` (S, R) leaves with chance `alpha`, and p of `observed` (R,).

    Raises UsageError where the draws are too few for `alpha`.
    """
    curves = np.concatenate([observed[None], drawn])
    least = int(np.floor(alpha * len(curves)))
    if least < 1:
        raise UsageError(f"{len(drawn)} 次模拟不足以给出 {alpha:g} 的置信带；至少要 {int(np.ceil(1 / alpha))} 次")
    up = rankdata(curves, axis=0)
    extreme = np.sort(np.minimum(up, len(curves) + 1 - up), axis=1)
    # lexicographic: curves with the smallest ranks, and the most of them, are the most extreme
    order = np.lexsort(extreme.T[::-1])
    sizes = _tied(extreme[order])
    place = np.empty(len(curves), np.int64)
    place[order] = sizes
    inner = curves[place > least]
    return inner.min(axis=0), inner.max(axis=0), float(place[0] / len(curves))


def _tied(ordered: Floats) -> Floats:
    """How many curves are at least as extreme as each, ties together."""
    is_new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    starts = np.append(np.flatnonzero(is_new), len(ordered))
    return np.asarray(starts[np.cumsum(is_new)])
