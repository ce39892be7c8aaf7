"""How many firms there are of each size class (大中小微), by area."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jiqun.enterprises.tiers.definition import SIZES
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.view import Ref


@dataclass(frozen=True, slots=True)
class SizeCell:
    """`value` is what the list of firms filters by, "" for firms whose class is not known or that have none."""

    value: str
    firms: int


@dataclass(frozen=True, slots=True)
class SizeLine:
    """Firms of an area (None: not known) by class, the largest first, those without one last."""

    area: Ref | None
    cells: tuple[SizeCell, ...]

    @property
    def firms(self) -> int:
        return sum(cell.firms for cell in self.cells)


@dataclass(frozen=True)
class SizeTable:
    """`heads` name the cells of each line; the total is its last line."""

    heads: tuple[str, ...]
    lines: tuple[SizeLine, ...]
    total: SizeLine


def size_table(book: Firmbook) -> SizeTable | None:
    """None where the register's firms were not sorted into classes."""
    tier = book.size_tier
    if tier is None or not book.is_judged(tier.id):
        return None
    return book.kept("sizes", lambda: _size_table(book, tier.id))


def _size_table(book: Firmbook, tier_id: str) -> SizeTable:
    found: dict[str | None, dict[int | None, int]] = {}
    for area_id, size, firms in book.rows.group_by(AREA, tier_id).agg(pl.len()).collect().iter_rows():
        found.setdefault(area_id, {})[size] = firms
    order = {area_id: at for at, area_id in enumerate(book.view.city.areas)}
    classes = (*range(len(SIZES), 0, -1), None)
    lines = tuple(
        SizeLine(book.view.names.area(area_id), tuple(_cell(size, found[area_id].get(size, 0)) for size in classes))
        for area_id in sorted(found, key=lambda area_id: order.get(area_id or "", len(order)))
    )
    sums = (sum(line.cells[at].firms for line in lines) for at in range(len(classes)))
    total = SizeLine(None, tuple(_cell(size, firms) for size, firms in zip(classes, sums, strict=True)))
    return SizeTable((*reversed(SIZES), "未知"), lines, total)


def _cell(size: int | None, firms: int) -> SizeCell:
    return SizeCell("" if size is None else str(size), firms)
