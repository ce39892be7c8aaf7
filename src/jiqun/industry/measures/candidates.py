"""Emerging clusters proposed to people, with evidence: cells that rise, and dense areas of an industry's firms.

A city has thousands of cells, and by chance alone some grow fast. Every proposal here has stood a test against
chance, and the tests of one question are taken together: of what is proposed, the expected share that is chance alone
is at most `fdr` (Benjamini & Hochberg, JRSS B 57 (1995) 289–300). A proposal is a question to people who know the
firms, never a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import betabinom

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.quotients import location_quotient
from jiqun.industry.measures.results import GUARDS, Estimate, Floats, Guards, ratio
from jiqun.industry.measures.scanning import Found, Sites
from jiqun.model.errors import UsageError

FDR, DRAWS = 0.05, 999
_MEDIAN_OF_CHI2 = 0.4549  # of one degree of freedom
_ENOUGH = 20  # Besag & Clifford, Biometrika 78 (1991): draws end once so many were as extreme


@dataclass(frozen=True)
class RisingCell:
    """An area × industry with more firms than before, and than its industry and its area explain.

    `expected`: firms that it would have had it grown as its industry elsewhere and its area otherwise. `q`: the least
    share of false proposals at which it is still proposed.
    """

    area_id: str
    industry_id: str
    before: int
    after: int
    expected: float
    quotient: Estimate
    p: float
    q: float


@dataclass(frozen=True)
class Rising:
    """`cells` by q, the surest first; `tested` of them were. `dispersion`, 0 … 1: how alike the firms of a cell
    do in any case, beyond what industry and area explain; the tests allow for it.
    """

    cells: tuple[RisingCell, ...]
    tested: int
    dispersion: float
    fdr: float


@dataclass(frozen=True)
class DenseArea:
    """A dense area of an industry's firms, and how it differs from where firms stand anyway.

    `firms` of the industry in it, `all_firms` within reach of its core and no nearer to another's, `expected` of the
    industry among them. Centre and `radius_m` (the farthest firm from it) on the plane of the points. `ratio`: the
    logarithm of Kulldorff's likelihood ratio.
    """

    industry_id: str
    members: tuple[int, ...]  # places in the list of points
    all_firms: int
    expected: float
    centre_m: tuple[float, float]
    radius_m: float
    ratio: float
    p: float
    q: float

    @property
    def firms(self) -> int:
        return len(self.members)


@dataclass(frozen=True)
class Dense:
    """`areas` by q, the surest first; `tested` of them were."""

    areas: tuple[DenseArea, ...]
    tested: int
    fdr: float


def false_discovery(p: Floats) -> Floats:
    """q of each p: the least rate of false discoveries at which it is one. NaN stays NaN and is not counted.

    Benjamini & Hochberg (1995), step-up; holds for independent and for positively dependent tests.
    """
    out = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p.ravel()))
    ordered = known[np.argsort(p.ravel()[known])]
    scaled = p.ravel()[ordered] * len(ordered) / np.arange(1, len(ordered) + 1)
    out.ravel()[ordered] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return out


def rising_cells(before: Cells, after: Cells, *, fdr: float = FDR, guards: Guards = GUARDS) -> Rising:
    """Cells that have grown in firms beyond their industry elsewhere and their area otherwise.

    Under the null a cell's firms n₁ after, of its n₀ + n₁ together, are beta-binomial around the odds
    θ = growth of the industry elsewhere · growth of the area otherwise / growth of everything else, with the precision
    that the firms elsewhere allow and the dispersion seen over all cells (by the median of squared residuals). Cells
    with fewer than `guards.least_firms` firms in both times together are not tested. Firms that are there both times
    make the test cautious. Raises UsageError for tables of other areas or industries, or without firms.
    """
    if (before.area_ids, before.industry_ids) != (after.area_ids, after.industry_ids):
        raise UsageError("前后两张表的区域或产业不同；请先按同一套编号汇总")
    then, now = before.counted().sizes, after.counted().sizes
    odds, precision = _null(then, now)
    both = then + now
    is_tested = (both >= guards.least_firms) & (odds > 0) & np.isfinite(odds) & (precision > 0)
    t, n, theta, m = both[is_tested], now[is_tested], odds[is_tested], precision[is_tested]
    share = theta / (1 + theta)
    dispersion = _dispersion(n, t, share, 1 / (m + 1))
    size = 1 / (1 / (m + 1) + dispersion)
    p = np.full(then.shape, np.nan)
    p[is_tested] = betabinom.sf(n - 1, t, size * share, size * (1 - share))
    q = false_discovery(p)
    quotient = location_quotient(after.counted(), guards)
    found = [
        RisingCell(
            after.area_ids[a], after.industry_ids[i], int(then[a, i]), int(now[a, i]), float(then[a, i] * odds[a, i]),
            quotient.at(a, i), float(p[a, i]), float(q[a, i]),
        )
        for a, i in np.argwhere((np.nan_to_num(q, nan=1.0) <= fdr) & (now > then))
    ]  # fmt: skip
    found.sort(key=lambda one: (one.q, one.p, one.area_id, one.industry_id))
    return Rising(tuple(found), int(is_tested.sum()), dispersion, fdr)


def _dispersion(n: Floats, t: Floats, share: Floats, known: Floats) -> float:
    """The correlation ρ ≥ 0 within cells at which the median squared residual is that of chance.

    The variance of n of t is t π (1 − π) (1 + (t − 1) (ρ + known)). The median is not moved by the few that rise.
    """

    def median(rho: float) -> float:
        spread = t * share * (1 - share) * (1 + (t - 1) * (known + rho))
        return float(np.median((n - t * share) ** 2 / spread))

    if not len(t) or median(0.0) <= _MEDIAN_OF_CHI2:
        return 0.0
    return float(brentq(lambda rho: median(rho) - _MEDIAN_OF_CHI2, 0.0, 1.0)) if median(1.0) < _MEDIAN_OF_CHI2 else 1.0


def _null(then: Floats, now: Floats) -> tuple[Floats, Floats]:
    """(A, I): the odds of after to before that a cell's industry and area explain, and how many firms say so."""

    def elsewhere(table: Floats) -> tuple[Floats, Floats, Floats]:
        of_industry = table.sum(axis=0) - table
        of_area = table.sum(axis=1, keepdims=True) - table
        return of_industry, of_area, table.sum() - of_industry - of_area - table

    (i0, a0, r0), (i1, a1, r1) = elsewhere(then), elsewhere(now)
    odds = ratio(i1, i0) * ratio(a1, a0) * ratio(r0, r1)
    precision = ratio(1.0, ratio(1.0, i0 + i1) + ratio(1.0, a0 + a1))
    return np.nan_to_num(odds), np.nan_to_num(precision)


def dense_candidates(
    where: Sites, sectors: Mapping[str, NDArray[np.int64]], rng: np.random.Generator, *,
    least: int, draws: int = DRAWS, fdr: float = FDR, tell: Callable[[str], None] = lambda _: None,
) -> Dense:  # fmt: skip
    """Dense areas in which a sector's firms are more than where firms stand anyway would make them.

    `where`: all firms; `sectors`: industry or cluster → places of its firms, sorted; sectors may overlap. Each one's
    areas (DBSCAN, within the reach of `where`, at least `least` firms) are judged by Kulldorff's likelihood ratio
    (Commun. Statist. 26, 1997, 1481–1496) against the largest that as many firms drawn from all sites give in the same
    search, so that having searched is paid for; then all areas of all sectors are taken together. No p is below
    1 / (draws + 1): with `fdr` 0.05 and a hundred areas, 2,000 draws can name one. `tell` hears each sector begun.
    """
    found: list[tuple[str, Found, float]] = []
    p: list[float] = []
    for id_, own in sectors.items():
        tell(id_)
        if len(own) < least:
            continue
        areas = list(_ratios(where, own, least))  # also those as dense as chance has it: they were tested too
        p += _chance(where, len(own), [ratio_ for _, ratio_ in areas], rng.spawn(1)[0], (least, draws))
        found += [(id_, one, ratio_) for one, ratio_ in areas]
    q = false_discovery(np.array(p))
    kept = [
        _dense(where, id_, area, len(sectors[id_]), (ratio_, p[k], float(q[k])))
        for k, (id_, area, ratio_) in enumerate(found)
        if q[k] <= fdr
    ]
    return Dense(tuple(sorted(kept, key=lambda one: (one.q, -one.ratio, one.industry_id))), len(found), fdr)


def _dense(where: Sites, id_: str, area: Found, count: int, told: tuple[float, float, float]) -> DenseArea:
    points, n = where.points[area.members], len(where.points)
    centre = points.mean(axis=0)
    radius = float(np.hypot(*(points - centre).T).max())
    return DenseArea(
        id_, tuple(area.members.tolist()), area.everybody, area.everybody * count / n,
        (float(centre[0]), float(centre[1])), radius, *told,
    )  # fmt: skip


def _ratios(where: Sites, own: NDArray[np.int64], least: int) -> list[tuple[Found, float]]:
    """Each dense area of the firms `own` with its likelihood ratio."""
    n = len(where.points)
    return [(one, _likelihood_ratio(len(one.members), len(own), one.everybody / n)) for one in where.search(own, least)]


def _likelihood_ratio(k: int, n: int, share: float) -> float:
    """Of k in n against `share` expected; 0 where there are no more than expected."""
    if k <= n * share:
        return 0.0
    rest = (n - k) * np.log((n - k) / (n * (1 - share))) if n > k else 0.0
    return float(k * np.log(k / (n * share)) + rest)


def _chance(
    where: Sites, count: int, ratios: list[float], rng: np.random.Generator, search: tuple[int, int]
) -> list[float]:  # fmt: skip
    """p of each ratio: how often the largest of a random draw reaches it. Ends early where it is plainly often."""
    if not ratios:
        return []
    least, draws = search
    reached = np.zeros(len(ratios))
    for done, generator in enumerate(rng.spawn(draws), 1):
        drawn = np.sort(generator.permutation(len(where.points))[:count])
        largest = max((ratio_ for _, ratio_ in _ratios(where, drawn, least)), default=0.0)
        reached += largest >= np.array(ratios)
        if reached.min() >= _ENOUGH:
            return [float(one / done) for one in reached]
    return [float((1 + one) / (draws + 1)) for one in reached]
