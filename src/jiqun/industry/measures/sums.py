"""Ten million firms added up into a dense table, batch by batch, at the cost of little more than reading them.

Nothing is grouped and no text is compared with a list: a text is found by its hash, and a firm and its size are added
to a cell in one step, as one number.
"""

from __future__ import annotations

from itertools import count

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.industry.measures.results import Floats

SIDES = ("area", "industry")
Places = NDArray[np.int64]  # in a list; outside it: nowhere
_FIRM = 2.0**28  # a firm of size s is added as 2^28 + s: exact while sizes come to less, and firms to less than 2^25
_MOST_FIRMS = 2**25
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, of the golden ratio: neighbouring hashes fall far apart


class Numbered:
    """Whole numbers that are places already; null is place −1."""

    def asked(self, column: str, name: str) -> pl.Expr:
        return pl.col(column).alias(name)

    def of(self, column: pl.Series) -> Places:
        return (column.fill_null(-1) if column.null_count() else column).to_numpy()


class Named:
    """Texts that name a place in a list of ids, by tables of their hashes.

    A table of 32 slots or more for each id has one id in a slot; those that come second to a slot go to a next table,
    a few of a hundred. Hashes have 64 bits and are compared whole: of ten million texts that are no id, one is taken
    for one of two thousand ids once in a billion registers.
    """

    def __init__(self, ids: tuple[str, ...]) -> None:
        listed = pl.Series(ids, dtype=pl.String)
        self._seed = next(seed for seed in count() if listed.hash(seed).n_unique() == len(ids))
        hashes = listed.hash(self._seed).to_numpy()
        self._hashes = np.append(hashes, np.uint64(0))  # the last is of no id
        self._shift = np.uint64(64 - len(ids).bit_length() - 5)
        self._tables: list[NDArray[np.int32]] = []
        left = np.arange(len(ids))
        while left.size:
            table = np.full(1 << (64 - int(self._shift)), len(ids), np.int32)
            slots = self._slots(hashes[left], len(self._tables))
            table[slots] = left
            self._tables.append(table)
            left = left[table[slots] != left]

    def asked(self, column: str, name: str) -> pl.Expr:
        """The hashes, which the reader's threads make."""
        return pl.col(column).cast(pl.String).hash(self._seed).alias(name)

    def of(self, column: pl.Series) -> Places:
        hashes = column.to_numpy()
        found = np.full(len(hashes), len(self._hashes) - 1)
        left: Places | slice = slice(None)
        for number, table in enumerate(self._tables):
            asked = hashes[left]
            places = table.take(self._slots(asked, number)).astype(np.int64)
            is_other = self._hashes.take(places) != asked
            found[left] = np.where(is_other, len(self._hashes) - 1, places)
            if not is_other.any():
                break
            left = np.flatnonzero(is_other) if isinstance(left, slice) else left[is_other]
        return found

    def _slots(self, hashes: NDArray[np.uint64], number: int) -> Places:
        spread = hashes
        for _ in range(number):
            spread = spread * _SPREAD
        return (spread >> self._shift).view(np.int64)


class Sums:
    """Sums by cell, areas × industries one after another, and by industry, that batches of firms are added to.

    `firms`, `sizes`, `largest` (cells,) are whole after `settle`; `squares` and `unsized` (industries,) always.
    """

    def __init__(self, areas: int, industries: int, with_largest: bool) -> None:
        self.shape = (areas, industries)
        self.firms = np.zeros(areas * industries, np.int64)
        self.sizes = np.zeros(areas * industries)
        self.squares = np.zeros(industries)
        self.unsized = np.zeros(industries, np.int64)
        self.largest = np.zeros(areas * industries) if with_largest else None
        self.negative = 0
        self.unplaced = 0
        self._joint = np.zeros(areas * industries)
        self._held_firms, self._held_size = 0, 0

    def add(self, area: Places, industry: Places, size: pl.Series | None) -> None:
        """Firms of an area and an industry, by place; those of a place outside the table are counted as unplaced."""
        if _is_outside(area, self.shape[0]) or _is_outside(industry, self.shape[1]):
            is_inside = (area >= 0) & (area < self.shape[0]) & (industry >= 0) & (industry < self.shape[1])
            self.unplaced += len(area) - int(is_inside.sum())
            area, industry = area[is_inside], industry[is_inside]
            size = None if size is None else size.filter(is_inside)
        industry = industry.astype(np.int64, copy=False)
        cell = np.multiply(area, self.shape[1], dtype=np.int64)
        cell += industry
        if size is None:
            np.add.at(self.firms, cell, np.ones(len(cell), np.int64))
            return
        is_whole = size.dtype.is_integer()
        if size.null_count() or not is_whole:
            is_known = size.is_not_null() if is_whole else size.is_finite().fill_null(False)
            self.unsized += np.bincount(industry[~is_known.to_numpy()], minlength=self.shape[1])
            size = size.zip_with(is_known, pl.zeros(len(size), size.dtype, eager=True))
        bare = size.to_numpy().astype(np.float64)
        if bare.min(initial=0) < 0:
            self.negative += int((bare < 0).sum())
        np.add.at(self.squares, industry, bare * bare)
        if self.largest is not None:
            np.maximum.at(self.largest, cell, bare)
        self._add_sizes(cell, bare, is_whole)

    def _add_sizes(self, cell: Places, bare: Floats, is_whole: bool) -> None:
        size = float(bare.sum())
        if not is_whole or size >= _FIRM or len(cell) >= _MOST_FIRMS:
            np.add.at(self.firms, cell, np.ones(len(cell), np.int64))
            np.add.at(self.sizes, cell, bare)
            return
        if self._held_size + size >= _FIRM or self._held_firms + len(cell) >= _MOST_FIRMS:
            self.settle()
        self._held_firms, self._held_size = self._held_firms + len(cell), self._held_size + int(size)
        bare += _FIRM
        np.add.at(self._joint, cell, bare)

    def settle(self) -> None:
        """Takes firms and sizes apart again that were added as one number."""
        firms = np.floor(self._joint / _FIRM)
        self.firms += firms.astype(np.int64)
        self.sizes += self._joint - firms * _FIRM
        self._joint[:] = 0
        self._held_firms, self._held_size = 0, 0


def _is_outside(places: Places, length: int) -> bool:
    """A negative place without its sign is beyond every list."""
    return bool(places.size and places.view(f"u{places.itemsize}").max() >= length)
