"""The three stars of the European Cluster Observatory: is a cluster large, special, and what its area lives on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.quotients import location_quotient
from jiqun.industry.measures.results import DEFINITIONS, GUARDS, STARS, Definition, Floats, Guards, Measurement, ratio


@dataclass(frozen=True)
class Thresholds:
    """`top_share`: which share of the cells earns the stars for size and focus; the rest as named."""

    top_share: float = STARS["top_share"]
    least_quotient: float = STARS["least_quotient"]
    least_employees: float = STARS["least_employees"]


@dataclass(frozen=True, eq=False)
class Stars:
    """Each (A, I), int8: 1 a star, 0 none, −1 unknown. `count` adds them up, −1 where one of them is unknown.

    `is_small` marks cells below the least size, which have no stars whatever they are.
    """

    definition: Definition
    size: NDArray[np.int8]
    specialisation: NDArray[np.int8]
    focus: NDArray[np.int8]
    is_small: NDArray[np.bool_]
    quotient: Measurement

    @property
    def count(self) -> NDArray[np.int8]:
        three = np.stack([self.size, self.specialisation, self.focus])
        return np.where((three < 0).any(axis=0), -1, three.sum(axis=0)).astype(np.int8)


THRESHOLDS = Thresholds()


def stars(cells: Cells, thresholds: Thresholds = THRESHOLDS, guards: Guards = GUARDS) -> Stars:
    """Stars of every area × cluster of a table of employees.

    Size: in the top share of areas by employees in the same cluster. Specialisation: a location quotient of at least
    `least_quotient`. Focus: in the top share of all cells by share of the area's employees. A table of few areas has
    few stars for size: the top tenth of ten districts is one.
    """
    quotient = location_quotient(cells, guards)
    is_small = cells.sizes < thresholds.least_employees
    is_known = quotient.is_known
    size = _top(np.where(is_known, cells.sizes, np.nan), thresholds.top_share, axis=0)
    focus_share = np.where(is_known, ratio(cells.sizes, cells.of_areas[:, None]), np.nan)
    focus = _top(focus_share.reshape(-1, 1), thresholds.top_share, axis=0).reshape(cells.sizes.shape)
    special = np.nan_to_num(quotient.values) >= thresholds.least_quotient
    first, second, third = (np.where(is_known, one & ~is_small, -1).astype(np.int8) for one in (size, special, focus))
    return Stars(DEFINITIONS["stars"], first, second, third, is_small, quotient)


def _top(values: Floats, share: float, axis: int) -> NDArray[np.bool_]:
    """Where a value is among the top share of the known ones; ties with the last are in, nothing (0) never is."""
    known = np.isfinite(values)
    least = np.ceil(share * known.sum(axis=axis, keepdims=True)).astype(np.int64)
    ordered = -np.sort(np.where(known, -values, np.inf), axis=axis)
    edge = np.take_along_axis(ordered, np.maximum(least - 1, 0), axis)
    return known & (values >= edge) & (values > 0)
