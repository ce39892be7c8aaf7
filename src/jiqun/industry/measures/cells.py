"""Firms and their sizes by area and industry: the table that every measure of areas starts from.

Firms are streamed into dense sums, never grouped: the table of 340 areas and 1,380 classes is small and full (`sums`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.industry.measures.results import Floats
from jiqun.industry.measures.sums import SIDES, Named, Numbered, Sums
from jiqun.model.errors import InputRefused, UsageError
from jiqun.model.findings import Finding, Severity


@dataclass(frozen=True, eq=False)
class Cells:
    """A areas × I industries. `firms` (A, I) counts firms, `sizes` (A, I) adds them up.

    `squares` (I,) is the sum of the squared sizes of an industry's firms, `unsized` (I,) the number of firms whose size
    is unknown: they count in `firms`, not in `sizes`. All three are None where only sizes are known. `largest` (A, I)
    is the largest size in a cell, where asked for. `unplaced` firms are of no area or industry of the table, and in
    none of the sums. `everything` (A,) and `every_firm` (A,) are an area's size and firms in all industries, where the
    table shows some of them or some twice; None: what the table adds up to.
    """

    area_ids: tuple[str, ...]
    industry_ids: tuple[str, ...]
    sizes: Floats
    firms: NDArray[np.int64] | None = None
    squares: Floats | None = None
    unsized: NDArray[np.int64] | None = None
    largest: Floats | None = None
    unplaced: int = 0
    everything: Floats | None = None
    every_firm: NDArray[np.int64] | None = None

    @property
    def of_areas(self) -> Floats:
        """Size of each area, all industries together."""
        return np.asarray(self.sizes.sum(axis=1)) if self.everything is None else self.everything

    @property
    def of_industries(self) -> Floats:
        return np.asarray(self.sizes.sum(axis=0))

    @property
    def total(self) -> float:
        return float(self.of_areas.sum())

    @property
    def firms_of_industries(self) -> NDArray[np.int64] | None:
        return None if self.firms is None else np.asarray(self.firms.sum(axis=0))

    def counted(self) -> Cells:
        """The same firms, each of size 1. Raises UsageError where the firms were not counted."""
        if self.firms is None:
            raise UsageError("这张表没有企业数，不能按企业数计算")
        sizes = self.firms.astype(np.float64)
        none = np.zeros(len(self.industry_ids), np.int64)
        largest = None if self.largest is None else (self.firms > 0).astype(np.float64)
        every = None if self.every_firm is None else self.every_firm.astype(np.float64)
        return replace(self, sizes=sizes, squares=sizes.sum(axis=0), unsized=none, largest=largest, everything=every)

    def regrouped(self, groups: Mapping[str, Mapping[str, float]]) -> Cells:
        """The table by other industries: group → the industries it is made of, each with the share that belongs to it.

        Groups may overlap; industries in no group are in none of the sums. A firm is taken to belong to a group with
        the share of its industry; `firms` counts whole firms of any share. Raises KeyError for an unknown industry.
        """
        place = {id_: number for number, id_ in enumerate(self.industry_ids)}
        shares = np.zeros((len(place), len(groups)))
        for column, parts in enumerate(groups.values()):
            for id_, share in parts.items():
                shares[place[id_], column] = share
        whole = (shares > 0).astype(np.int64)
        return Cells(
            self.area_ids, tuple(groups), self.sizes @ shares,
            None if self.firms is None else self.firms @ whole,
            None if self.squares is None else self.squares @ shares**2,
            None if self.unsized is None else self.unsized @ whole,
            None if self.largest is None else _largest(self.largest, shares),
            self.unplaced, self.of_areas,
            None if self.firms is None else np.asarray(self.firms.sum(axis=1)),
        )  # fmt: skip


def _largest(largest: Floats, shares: Floats) -> Floats:
    return np.stack([(largest * column).max(axis=1) for column in shares.T], axis=1)


def from_table(
    area_ids: Sequence[str], industry_ids: Sequence[str], sizes: Floats, *,
    firms: NDArray[np.int64] | None = None, squares: Floats | None = None, unsized: NDArray[np.int64] | None = None,
) -> Cells:  # fmt: skip
    """Cells of a table made elsewhere. Raises InputRefused, with every fault, for other shapes and impossible sizes."""
    shape = (len(area_ids), len(industry_ids))
    given = np.asarray(sizes, np.float64)
    told = [
        f"{name}应为 {wanted}，给出的是 {array.shape}"
        for name, array, wanted in (
            ("规模表的形状", given, shape), ("企业数表的形状", firms, shape),
            ("企业规模平方和的形状", squares, shape[1:]), ("规模未知企业数的形状", unsized, shape[1:]),
        )
        if array is not None and array.shape != wanted
    ]  # fmt: skip
    for name, ids in (("区域", area_ids), ("产业", industry_ids)):
        if len(set(ids)) < len(ids):
            told.append(f"{name}编号有重复")
    if not np.isfinite(given).all() or (given < 0).any():
        told.append("规模有负数或缺失；缺失的格子请先补齐或去掉")
    if firms is not None and (firms < 0).any():
        told.append("企业数有负数")
    if told:
        raise InputRefused(Finding("measure.table", Severity.ERROR, words) for words in told)
    if squares is not None and unsized is None:
        unsized = np.zeros(shape[1], np.int64)
    return Cells(tuple(area_ids), tuple(industry_ids), given, firms, squares, unsized)


def from_firms(
    rows: pl.LazyFrame, area_ids: Sequence[str], industry_ids: Sequence[str], *, size: str | None = None,
    columns: tuple[str, str] = ("area_id", "industry_code"), with_largest: bool = False,
) -> Cells:  # fmt: skip
    """The firms of `rows` counted and added up, in one pass and bounded memory.

    `columns` name the area and the industry: text, or whole numbers that are places in the lists of ids. `size` names
    a column of numbers ≥ 0; None counts firms, each of size 1. Raises InputRefused for sizes below 0.
    """
    lists = (tuple(area_ids), tuple(industry_ids))
    if any(len(set(ids)) < len(ids) for ids in lists):
        raise UsageError("区域或产业编号有重复")
    schema = rows.collect_schema()
    places = [Numbered() if schema[name].is_integer() else Named(ids) for name, ids in zip(columns, lists, strict=True)]
    sized = [] if size is None else [pl.col(size).alias("size")]
    asked = [*(each.asked(name, side) for each, name, side in zip(places, columns, SIDES, strict=True)), *sized]
    sums = Sums(len(lists[0]), len(lists[1]), with_largest)
    for batch in rows.select(*asked).collect_batches(maintain_order=False, engine="streaming"):
        area, industry = (each.of(batch[side]) for each, side in zip(places, SIDES, strict=True))
        sums.add(area, industry, batch["size"] if sized else None)
    sums.settle()
    if sums.negative:
        words = f"有 {sums.negative} 家企业的“{size}”是负数，不能作规模"
        raise InputRefused([Finding("measure.size", Severity.ERROR, words, remedy="请换一个不为负的数据项")])
    sizes, firms = sums.sizes.reshape(sums.shape), sums.firms.reshape(sums.shape)
    largest = None if sums.largest is None else sums.largest.reshape(sums.shape)
    made = Cells(*lists, sizes, firms, sums.squares, sums.unsized, largest, sums.unplaced)
    return made if sized else made.counted()
