"""Totals up the levels with their coverage: each is a number only where enough of those who owe a return are in it.

sum    the returns' figures added
ratio  sum of one field over sum of another, of returns that gave both, times `scale`
mean   figures weighted by another field, of returns that gave both
none   no total
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from jiqun.packs.schema.forms import Coverage, FormField
from jiqun.statistics.answers import printed
from jiqun.statistics.layout import Cell, Layout, key_of

KEY = "respondent_id"
NODE, PASSED = "node_{}", "passed"


@dataclass(frozen=True, slots=True)
class Covered:
    """How far a total reaches: returns owed, returns in it, returns in it that gave the figure (or both of a ratio).

    `weight_pct` is the share of last period's figure that those in it had; None where last period's is not known.
    """

    owed: int
    counted: int
    given: int
    weight_pct: Decimal | None = None

    def suffices(self, rule: Coverage) -> bool:
        if rule.weight_pct is not None and self.weight_pct is not None:
            return self.weight_pct >= rule.weight_pct
        return bool(self.owed) and Decimal(100 * self.counted) >= rule.respondents_pct * self.owed

    def __str__(self) -> str:
        weight = f"，按上期占 {self.weight_pct}%" if self.weight_pct is not None else ""
        return f"{self.counted}/{self.owed}{weight}"


@dataclass(frozen=True, slots=True)
class Total:
    """A cell's figure at an area. `steps` None is unknown, and `reason` says why: coverage, nothing given, x/0."""

    area_id: str
    level: int
    cell: Cell
    steps: int | None
    covered: Covered
    reason: str = ""

    @property
    def text(self) -> str | None:
        """The figure as a plain number; None where it is unknown."""
        return printed(self.steps, self.cell.digits) if self.steps is not None else None


@dataclass(frozen=True)
class Totals:
    """Every cell's total at every area of every level; `by` finds one by area and cell key."""

    all: tuple[Total, ...]
    by: Mapping[tuple[str, str], Total]

    @classmethod
    def of(cls, found: Sequence[Total]) -> Totals:
        return cls(tuple(found), {(total.area_id, total.cell.key): total for total in found})

    def at(self, area_id: str) -> tuple[Total, ...]:
        return tuple(total for total in self.all if total.area_id == area_id)


def roll_up(layout: Layout, rows: pl.DataFrame, last: pl.DataFrame | None = None) -> Totals:
    """The totals of a round at every area that decides on its returns, as far as each level has accepted them.

    `rows`, one for each return owed: KEY; NODE of each level, the area that decides there, null where none does;
    PASSED, the number of levels that accepted the figures of this row, null where there are none to count; and cells
    by key as Int64 steps. A row counts in a total of level k when PASSED > k. `last` has KEY and the cells of the
    period before as they counted then. An empty cell of a counted return adds nothing, and shows in `given`.
    """
    found: list[Total] = []
    for level in range(len(layout.form.levels)):
        found += _of_level(layout, rows, level, _weights(layout, rows, last, level))
    return Totals.of(found)


def _of_level(layout: Layout, rows: pl.DataFrame, level: int, weights: _Weights) -> Iterator[Total]:
    node = NODE.format(level)
    cells = [cell for cell in layout.numbers if cell.key in rows.columns]
    counts = pl.col(PASSED).fill_null(-1) > level
    asked = [expression for cell in cells for expression in _sums(cell, layout, set(rows.columns), counts)]
    summed = (
        rows.filter(pl.col(node).is_not_null())
        .group_by(node, maintain_order=True)
        .agg(pl.len().alias("owed"), counts.sum().alias("counted"), *asked)
    )
    for row in summed.iter_rows(named=True):
        for cell in cells:
            covered = Covered(
                row["owed"], row["counted"], row[f"{cell.key}|given"], weights.get((row[node], _weighed_by(cell)))
            )
            steps, reason = _figure(cell, layout, row, covered)
            yield Total(row[node], level, cell, steps, covered, reason)


def _sums(cell: Cell, layout: Layout, present: set[str], counts: pl.Expr) -> Iterator[pl.Expr]:
    """What must be added up for a cell's total; each under a name that begins with the cell's key."""
    own, rule, both = pl.col(cell.key), cell.field.roll_up, pl.lit(False)
    if rule.kind in ("sum", "none"):
        yield own.filter(counts).count().alias(f"{cell.key}|given")
        yield own.filter(counts).sum().alias(f"{cell.key}|sum")
        return
    if rule.kind == "ratio":
        above, below = (partner(cell, layout, name) for name in (rule.numerator, rule.denominator))
        product = pl.col(above)
    else:
        above, below = cell.key, partner(cell, layout, rule.weight)
        product = own.cast(pl.Int128) * pl.col(below).cast(pl.Int128)
    if above in present and below in present:
        both = counts & pl.col(above).is_not_null() & pl.col(below).is_not_null()
        yield product.filter(both).sum().alias(f"{cell.key}|above")
        yield pl.col(below).filter(both).sum().alias(f"{cell.key}|below")
    yield both.sum().alias(f"{cell.key}|given")


def partner(cell: Cell, layout: Layout, field_id: str) -> str:
    """The key of the cell beside this one that its ratio or mean needs: of the same part where that has one."""
    part = key_of(field_id, cell.column, cell.part_id)
    return part if part in layout.by_key else key_of(field_id, cell.column)


def _figure(cell: Cell, layout: Layout, row: Mapping[str, int | None], covered: Covered) -> tuple[int | None, str]:
    rule, fields = cell.field.roll_up, {field.id: field for field in layout.form.fields}
    if rule.kind == "none":
        return None, "不汇总"
    if not covered.suffices(layout.form.coverage):
        return None, f"覆盖面不足：{covered}"
    if rule.kind == "sum":
        return (row[f"{cell.key}|sum"], "") if covered.given else (None, "没有填报")
    above, below = row.get(f"{cell.key}|above"), row.get(f"{cell.key}|below")
    if above is None or below is None:
        return None, "没有填报"
    if below == 0:
        return None, "分母为 0 或没有填报"
    if rule.kind == "mean":
        return rounded(Fraction(above, below)), ""
    return rounded(ratio(cell.field, fields, above, below)), ""


def ratio(field: FormField, fields: Mapping[str, FormField], above: int, below: int) -> Fraction:
    """The ratio of two sums in steps of `field`."""
    rule = field.roll_up
    places = field.digits - fields[rule.numerator].digits + fields[rule.denominator].digits
    return Fraction(above, below) * Fraction(rule.scale) * Fraction(10) ** places


def rounded(value: Fraction) -> int:
    """四舍五入 to a whole step; a half goes away from zero."""
    whole = (2 * abs(value) + 1) // 2
    return int(whole if value >= 0 else -whole)


_Weights = Mapping[tuple[str, str], Decimal]


def _weighed_by(cell: Cell) -> str:
    """The cell whose figures of last period say how much a return weighs in a total of `cell`."""
    rule = cell.field.roll_up
    by = {"ratio": rule.denominator, "mean": rule.weight}.get(rule.kind)
    return key_of(by, cell.column) if by else cell.key


def _weights(layout: Layout, rows: pl.DataFrame, last: pl.DataFrame | None, level: int) -> _Weights:
    """(area, cell) → the share, in percent to one place, that those counted now had in last period's figure."""
    if last is None:
        return {}
    node, now = NODE.format(level), rows.select(KEY, node_now := NODE.format(level), PASSED)
    keys = sorted({_weighed_by(cell) for cell in layout.numbers} & set(last.columns))
    joined = now.filter(pl.col(node_now).is_not_null()).join(last.select(KEY, *keys), on=KEY, how="left")
    counts = pl.col(PASSED).fill_null(-1) > level
    summed = joined.group_by(node).agg(
        *(pl.col(key).abs().sum().alias(f"{key}|all") for key in keys),
        *(pl.col(key).abs().filter(counts).sum().alias(f"{key}|in") for key in keys),
    )
    return {
        (row[node], key): _pct(row[f"{key}|in"], row[f"{key}|all"])
        for row in summed.iter_rows(named=True)
        for key in keys
        if row[f"{key}|all"]
    }


def _pct(part: int, whole: int) -> Decimal:
    """Down to a tenth of a percent: 99.96 % is not the whole."""
    return Decimal(1000 * part // whole) / 10
