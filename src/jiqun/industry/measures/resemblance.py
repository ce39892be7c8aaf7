"""Which areas resemble the areas beside them in an industry, or stand out from them, more than chance would have it.

What is compared is the location quotient, so that a large area is not high for being large. Areas are beside each other
where the city's folder says so; one beside no other is left out. With few areas no arrangement of them may be rare
enough to pass the test: then nothing can be told, which is another answer than that there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from jiqun.industry.measures import autocorrelation
from jiqun.industry.measures.candidates import false_discovery
from jiqun.industry.measures.results import (
    REASONS,
    RESEMBLANCE,
    Booleans,
    Floats,
    Measurement,
    measured,
)
from jiqun.packs import City

Pairs = NDArray[np.int64]


class Verdict(StrEnum):
    """What is said of an area; the first four only where it is beyond chance."""

    HIGH_HIGH = "high_high"
    LOW_HIGH = "low_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    CHANCE = "chance"
    TOO_FEW = "too_few"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_told(self) -> bool:
        return self in _QUARTERS


_QUARTERS = (Verdict.HIGH_HIGH, Verdict.LOW_HIGH, Verdict.LOW_LOW, Verdict.HIGH_LOW)
_LABELS = {
    Verdict.HIGH_HIGH: "高–高聚集", Verdict.LOW_HIGH: "低–高异常", Verdict.LOW_LOW: "低–低聚集",
    Verdict.HIGH_LOW: "高–低异常", Verdict.CHANCE: "未超出偶然", Verdict.TOO_FEW: "区域太少，无从判断",
    Verdict.UNKNOWN: "未知",
}  # fmt: skip


@dataclass(frozen=True)
class Test:
    """How it is tested. `fdr`: of what is told of an industry at most so much is chance."""

    permutations: int
    fdr: float
    seed: int


TEST = Test(**RESEMBLANCE)


@dataclass(frozen=True, eq=False)
class Resemblance:
    """Local Moran's I of the location quotient, (A, I), and Moran's I of the whole, (I,).

    `local.p` is two-sided: nobody says beforehand whether an area will be like its neighbours or unlike them. `q` is
    among the areas of one industry, `least_q` what q would be at least, whatever the area's neighbours were. `beside`
    (A,): how many areas each is beside.
    """

    local: Measurement
    whole: Measurement
    q: Floats
    least_q: Floats
    quarter: NDArray[np.int8]
    beside: NDArray[np.int64]
    test: Test

    def verdict(self, a: int, g: int) -> Verdict:
        if not self.local.is_known[a, g]:
            return Verdict.UNKNOWN
        if self.q[a, g] <= self.test.fdr:
            return _QUARTERS[self.quarter[a, g] - 1]
        return Verdict.TOO_FEW if self.least_q[a, g] > self.test.fdr else Verdict.CHANCE

    @property
    def compared(self) -> int:
        return int((self.beside > 0).sum())


def pairs_beside(city: City, area_ids: Sequence[str]) -> Pairs:
    """(P, 2): which of the areas, by place, lie side by side; one that is reported in another counts as that one."""
    place = {id_: number for number, id_ in enumerate(area_ids)}
    told = {frozenset(place.get(city.reported_in(id_), -1) for id_ in one.pair) for one in city.neighbours}
    found = sorted(tuple(sorted(pair)) for pair in told if len(pair) == 2 and -1 not in pair)
    return np.array(found, np.int64).reshape(-1, 2)


def resemblance(quotient: Measurement, pairs: Pairs, hidden: Booleans, test: Test = TEST) -> Resemblance:
    """The areas' resemblance in every industry whose quotient is known in all areas that are beside another.

    An industry with a cell in `hidden` (A, I) is not told at all: from the values of the areas around it, what is
    hidden could be worked out. Isolated areas are unknown. `pairs` (P, 2): at least one.
    """
    shape = quotient.values.shape
    beside = np.bincount(pairs.ravel(), minlength=shape[0])
    among = np.flatnonzero(beside)
    faults: dict[str, Booleans] = {
        reason.id: (quotient.why[among] == number).any(axis=0) for number, reason in enumerate(REASONS, 1)
    }
    values = np.where(quotient.is_known, quotient.values, 0.0)[among]
    w = autocorrelation.weights(np.searchsorted(among, pairs), len(among))
    rng = np.random.default_rng(test.seed)
    found = autocorrelation.local_moran(values, w, rng, permutations=test.permutations)
    whole = autocorrelation.moran(values, w, rng, permutations=test.permutations)
    for number, reason in enumerate(REASONS, 1):
        faults[reason.id] |= whole.why == number
    faults["confidential"] |= hidden[among].any(axis=0)
    assert found.values.p is not None
    local = measured(
        "local_moran", _spread(found.values.values, among, shape), faults | {"isolated": (beside == 0)[:, None]},
        p=_spread(np.minimum(2 * found.values.p, 1), among, shape),
    )  # fmt: skip
    least = np.where(local.is_known, _spread(np.minimum(2 * found.least, 1), among, shape), np.nan)
    quarter = np.zeros(shape, np.int8)
    quarter[among] = found.quarter
    assert local.p is not None
    return Resemblance(
        local, measured("moran", whole.values, faults, p=whole.p), _by_industry(local.p), _least_q(local.p, least),
        np.where(local.is_known, quarter, 0).astype(np.int8), beside, test,
    )  # fmt: skip


def _spread(values: Floats, among: NDArray[np.int64], shape: tuple[int, ...]) -> Floats:
    out = np.full(shape, np.nan)
    out[among] = values
    return out


def _by_industry(p: Floats) -> Floats:
    return np.stack([false_discovery(column) for column in p.T], axis=1) if p.size else p


def _least_q(p: Floats, least: Floats) -> Floats:
    """(A, I): the q of each area, were its own p `least` and all others as they are.

    q of one of m is the smallest m p′ / (how many are at most p′) over its own p and every larger one.
    """
    tested = np.isfinite(p).sum(axis=0)
    out = np.full(p.shape, np.nan)
    for area in range(len(p)):
        others = np.delete(p, area, axis=0)
        own = least[area]
        best = tested * own / (1 + (others <= own).sum(axis=0))
        for one in others:
            at_most = 1 + (others <= one).sum(axis=0)
            best = np.where(one >= own, np.minimum(best, tested * one / at_most), best)
        out[area] = np.where(np.isfinite(own), np.minimum(best, 1), np.nan)
    return out
