"""Shares, growth and location quotients, the quotient with an interval that knows how few firms stand behind it."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.results import GUARDS, Booleans, Floats, Guards, Measurement, measured, ratio
from jiqun.model.errors import UsageError

CONFIDENCE = 0.95


def size(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(A, I): the size of each cell; an empty cell is 0. Unknown where too many firms have no known size."""
    return measured("size", cells.sizes.copy(), {"sizes_unknown": mostly_unsized(cells, guards)})


def share(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(A, I): the area's share of the industry, 0 … 1."""
    nothing = cells.of_industries == 0
    return measured(
        "share",
        ratio(cells.sizes, cells.of_industries),
        {"empty": nothing, "sizes_unknown": mostly_unsized(cells, guards)},
    )


def growth(before: Cells, after: Cells, guards: Guards = GUARDS) -> Measurement:
    """(A, I): what each cell grew by, −1 … ∞. Unknown where it was empty before, and where its industry is too small.

    Raises UsageError for tables of other areas or industries.
    """
    if (before.area_ids, before.industry_ids) != (after.area_ids, after.industry_ids):
        raise UsageError("前后两张表的区域或产业不同；请先按同一套编号汇总")
    few = few_firms(before, guards) | few_firms(after, guards)
    faults = {
        "no_base": before.sizes == 0,
        "too_few_firms": few,
        "sizes_unknown": mostly_unsized(before, guards) | mostly_unsized(after, guards),
    }
    return measured("growth", ratio(after.sizes, before.sizes) - 1, faults)


def location_quotient(cells: Cells, guards: Guards = GUARDS, confidence: float = CONFIDENCE) -> Measurement:
    """(A, I): how much larger the industry's share in the area is than the area's share in everything, 0 … ∞.

    The interval asks: were the industry's firms put into areas one by one, which share of the industry in this area
    could have given what is seen? It is Wilson's score interval of s_ij with Kish's effective number of firms
    1 / Σz² for trials, so that one great employer is one trial and not its thousands of jobs; the area's share of
    everything is taken as known. It holds within an industry whose firms decide apart from each other; it says nothing
    of errors in the register. Without the firms' squares there is a value and no interval.
    """
    of_areas, of_industries = ratio(cells.of_areas, cells.total)[:, None], cells.of_industries
    s = ratio(cells.sizes, of_industries)
    faults = {
        "empty": (of_industries == 0)[None, :] | (of_areas == 0) | np.isnan(of_areas),
        "too_few_firms": few_firms(cells, guards),
        "too_few_areas": len(cells.area_ids) < 2,
        "sizes_unknown": mostly_unsized(cells, guards),
    }
    low, high = (None, None) if cells.squares is None else wilson(s, ratio(of_industries**2, cells.squares), confidence)
    ends = [None if end is None else ratio(end, of_areas) for end in (low, high)]
    return measured("location_quotient", ratio(s, of_areas), faults, low=ends[0], high=ends[1])


def wilson(share: Floats, trials: Floats, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """The ends of Wilson's score interval of a share seen in `trials` trials, which need not be whole.

    Source: Wilson, JASA 22 (1927) 209–212. NaN where there are no trials.
    """
    z2 = float(ndtri(0.5 + confidence / 2)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
        half = np.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    return np.where(share == 0, 0.0, middle - half), np.where(share == 1, 1.0, middle + half)


def few_firms(cells: Cells, guards: Guards) -> Booleans:
    """(I,): industries of too few firms; none where firms were not counted."""
    firms = cells.firms_of_industries
    return np.zeros(len(cells.industry_ids), np.bool_) if firms is None else firms < guards.least_firms


def mostly_unsized(cells: Cells, guards: Guards) -> Booleans:
    """(I,): industries in which too large a share of the firms has no known size."""
    firms = cells.firms_of_industries
    if firms is None or cells.unsized is None:
        return np.zeros(len(cells.industry_ids), np.bool_)
    return cells.unsized > guards.most_unknown_share * firms
