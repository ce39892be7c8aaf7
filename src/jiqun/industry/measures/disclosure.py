"""Which cells of a table would tell about one firm, and which others must go with them.

A cell is unsafe where few firms stand in it or one has nearly all of it. Where a row or column with a shown total
holds one unsafe cell alone, it could be subtracted out: the smallest other cell goes with it, until none stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.results import DISCLOSURE, REASONS, Booleans, Floats, Measurement, ratio
from jiqun.model.errors import UsageError

_CONFIDENTIAL = next(number for number, reason in enumerate(REASONS, 1) if reason.id == "confidential")


@dataclass(frozen=True)
class Limits:
    """A cell is shown if it is empty, or has so many firms and none with more than this share of its size."""

    least_firms: int = int(DISCLOSURE["least_firms"])
    most_largest_share: float = DISCLOSURE["most_largest_share"]


LIMITS = Limits()


def hidden(cells: Cells, limits: Limits = LIMITS) -> Booleans:
    """(A, I): cells of which nothing may be shown where totals of rows and columns are.

    An empty cell tells about no firm. Raises UsageError for cells without firms and largest sizes.
    """
    if cells.firms is None or cells.largest is None:
        raise UsageError("没有各格的企业数和最大企业，无法判断是否会泄露个别企业")
    dominated = np.nan_to_num(ratio(cells.largest, cells.sizes)) > limits.most_largest_share
    unsafe = (cells.firms > 0) & ((cells.firms < limits.least_firms) | dominated)
    return _with_companions(unsafe, cells.firms.astype(np.float64))


def hidden_industries(cells: Cells, limits: Limits = LIMITS) -> Booleans:
    """(I,): industries whose total would tell about one firm."""
    whole = Cells(
        ("*",), cells.industry_ids, cells.sizes.sum(axis=0, keepdims=True),
        None if cells.firms is None else cells.firms.sum(axis=0, keepdims=True),
        largest=None if cells.largest is None else cells.largest.max(axis=0, keepdims=True),
    )  # fmt: skip
    if whole.firms is None or whole.largest is None:
        raise UsageError("没有各格的企业数和最大企业，无法判断是否会泄露个别企业")
    dominated = np.nan_to_num(ratio(whole.largest, whole.sizes)) > limits.most_largest_share
    return np.asarray(((whole.firms > 0) & ((whole.firms < limits.least_firms) | dominated))[0])


def masked(found: Measurement, where: Booleans) -> Measurement:
    """The measurement without the places marked, and with the reason."""
    why = np.where(where, _CONFIDENTIAL, found.why).astype(np.uint8)
    ends = [None if end is None else np.where(where, np.nan, end) for end in (found.low, found.high, found.p)]
    return replace(
        found, values=np.where(where, np.nan, found.values), why=why, low=ends[0], high=ends[1], p=ends[2]
    )  # fmt: skip


def _with_companions(unsafe: Booleans, firms: Floats) -> Booleans:
    out = unsafe.copy()
    is_open = True
    while is_open:
        is_open = False
        for axis in (0, 1):
            for line in np.flatnonzero(out.sum(axis=axis) == 1):
                cells = (slice(None), line) if axis == 0 else (line, slice(None))
                rest = np.where(out[cells] | (firms[cells] == 0), np.inf, firms[cells])
                if np.isfinite(rest).any():
                    out[cells][int(np.argmin(rest))] = True
                    is_open = True
    return out
