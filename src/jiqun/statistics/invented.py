"""Invented returns of areas, for demonstration: what each would report of a period if the city's published totals were
parted among them. Whole numbers of a cell's last place, so that the areas add up to the city's figure exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.packs.schema.forms import FormField
from jiqun.packs.schema.invented_returns import InventedAmounts, InventedReturns, InventedRounds
from jiqun.packs.schema.sources import Figure
from jiqun.statistics.answers import printed
from jiqun.statistics.layout import Cell, Layout, column_period

_WHOLE = 2**64


@dataclass(frozen=True)
class Basis:
    """What a field's total of a period rests on: the published figure it equals, or None where it is interpolated."""

    field: FormField
    period: Period
    figure: Figure | None


@dataclass(frozen=True, eq=False)
class Draws:
    """The invented returns of one form. `area_ids` are its respondents, in their order."""

    city: City
    plan: InventedReturns
    form_id: str
    area_ids: tuple[str, ...]

    @cached_property
    def rounds(self) -> InventedRounds:
        return self.plan.rounds[self.form_id]

    def cells(self, laid: Layout, period: Period, area_id: str) -> dict[str, str]:
        """Cell key → the number as an area would print it, of every cell of a number that the plan has amounts for.

        Raises NotFound where the folder lacks a published figure that the plan names.
        """
        return {
            cell.key: printed(self.steps(cell, period, area_id), cell.digits)
            for cell in laid.numbers
            if cell.field.id in self.rounds.fields
        }

    def steps(self, cell: Cell, period: Period, area_id: str) -> int:
        """The cell's figure of the area, in steps of its last place."""
        asked = column_period(period, cell.column)
        amounts = self.rounds.fields[cell.field.id]
        if amounts.is_stock:
            return self._parted(cell, asked.year, asked.last)[area_id]
        whole = sum(self._parted(cell, asked.year, month)[area_id] for month in range(asked.first, asked.last + 1))
        if asked.year == period.year or not self.plan.scope_pct:
            return whole
        told = (2 * chance(self.plan.seed, "scope", area_id, asked.year) - 1) * self.plan.scope_pct / 100
        return round(whole * (1 + told))  # last year's as asked again: other firms than reported then

    def basis(self, laid: Layout, period: Period) -> tuple[Basis, ...]:
        """For each field with a published indicator, what its total up to the end of the period rests on."""
        found = []
        for field in laid.form.fields:
            amounts = self.rounds.fields.get(field.id)
            if amounts is None or not amounts.indicator_id:
                continue
            upto = Period(period.year, 1, period.last)
            figures = _published(self.city, amounts.indicator_id, amounts.is_stock)
            found.append(Basis(field, upto, figures.get((period.year, period.last))))
        return tuple(found)

    # --- a month of the city, and of its areas

    def _parted(self, cell: Cell, year: int, month: int) -> Mapping[str, int]:
        return _kept(self, cell.field.id, cell.part_id, cell.unit, cell.digits, year, month)

    def _total(self, field_id: str, unit: str, digits: int, year: int, month: int) -> Mapping[str, int]:
        """Area → the field's steps in a month, or of a stock at its end."""
        amounts = self.rounds.fields[field_id]
        if amounts.share_of:
            return self._share(field_id, amounts, digits, year, month)
        scale = self._scale(amounts, unit) * 10**digits
        whole = (
            self._stock(amounts, scale, year, month) if amounts.is_stock else self._flow(amounts, scale, year, month)
        )
        seed, spread = self.plan.seed, self.plan.spread
        weights = [
            self._weights[id_] * (1 + spread * (2 * chance(seed, field_id, id_, year, month) - 1))
            for id_ in self.area_ids
        ]
        return dict(zip(self.area_ids, parted(whole, weights), strict=True))

    def _share(self, field_id: str, amounts: InventedAmounts, digits: int, year: int, month: int) -> Mapping[str, int]:
        """Of each area its own share of the field that this one is a share of, which has the same unit."""
        of = self.city.forms[self.form_id]
        other = next(field for field in of.fields if field.id == amounts.share_of)
        unit = other.printed_unit(self.city.indicators)
        whole = _kept(self, other.id, None, unit, other.digits, year, month)
        found = {}
        for id_, steps in whole.items():
            lean = 2 * chance(self.plan.seed, field_id, id_) - 1
            noise = 2 * chance(self.plan.seed, field_id, id_, year, month) - 1
            share = amounts.share * (1 + amounts.spread * (0.8 * lean + 0.2 * noise))
            found[id_] = round(steps * share * 10 ** (digits - other.digits))
        return found

    def _part(self, field_id: str, part_id: str, whole: Mapping[str, int], year: int, month: int) -> Mapping[str, int]:
        """Of each area the part's steps, rounded down: parts of one edition never exceed their field."""
        share, found = self.rounds.shares.get(part_id, 0.0), {}
        for id_, steps in whole.items():
            lean = chance(self.plan.seed, "part", part_id, id_) * 0.9 + 0.1 * chance(
                self.plan.seed, field_id, part_id, id_, year, month
            )
            found[id_] = int(max(steps, 0) * share * (0.55 + 0.45 * lean))
        return found

    def _flow(self, amounts: InventedAmounts, scale: float, year: int, month: int) -> int:
        """The month's steps: years are parted so that twelve months are the year's total."""
        shape = amounts.months or (1.0,) * 12
        year_steps = round(self._at(amounts, year, 12) * scale)
        upto = [round(year_steps * sum(shape[:count]) / sum(shape)) for count in (month - 1, month)]
        return upto[1] - upto[0]

    def _stock(self, amounts: InventedAmounts, scale: float, year: int, month: int) -> int:
        return round(self._at(amounts, year, month) * scale)

    def _at(self, amounts: InventedAmounts, year: int, month: int) -> float:
        """The published value of a year or period's end, or on the line between those around it; level outside."""
        points = _points(self.city, str(amounts.indicator_id), amounts.is_stock)
        at = year * 12 + month
        before = [point for point in points if point[0] <= at]
        after = [point for point in points if point[0] >= at]
        if not before or not after:
            return (before or after)[-1 if before else 0][1]
        (left, low), (right, high) = before[-1], after[0]
        return low if left == right else low + (high - low) * (at - left) / (right - left)

    def _scale(self, amounts: InventedAmounts, unit: str) -> float:
        known = self.city.indicators[str(amounts.indicator_id)].unit
        return float(Unit.parse(known).factor / Unit.parse(unit).factor)

    @cached_property
    def _weights(self) -> dict[str, float]:
        said = {
            row.area_id: _value(row)
            for row in self.city.figures
            if row.is_preferred and row.indicator_id == self.plan.area_weights_id
            and row.period == self.plan.area_weights_period
        }  # fmt: skip
        absent = [id_ for id_ in self.area_ids if id_ not in said]
        if absent:
            raise NotFound(
                f"没有公布数 {self.plan.area_weights_id} {self.plan.area_weights_period}：{'、'.join(absent)}"
            )
        return said


@lru_cache(maxsize=65536)
def _kept(
    draws: Draws, field_id: str, part_id: str | None, unit: str, digits: int, year: int, month: int
) -> Mapping[str, int]:
    if part_id is None:
        return draws._total(field_id, unit, digits, year, month)
    return draws._part(field_id, part_id, _kept(draws, field_id, None, unit, digits, year, month), year, month)


def parted(whole: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `whole` (largest remainders)."""
    total = sum(weights)
    exact = [whole * weight / total for weight in weights]
    found = [int(share // 1) for share in exact]
    behind = sorted(range(len(weights)), key=lambda at: (found[at] - exact[at], at))
    for at in behind[: whole - sum(found)]:
        found[at] += 1
    return found


@lru_cache(maxsize=64)
def _published(city: City, indicator_id: str, is_stock: bool) -> Mapping[tuple[int, int], Figure]:
    """(year, last month) → the city's preferred figure; of a flow whole years only."""
    found = {}
    for row in city.figures:
        if row.indicator_id != indicator_id or row.area_id != city.area_id or not row.is_preferred:
            continue
        period = Period.parse(row.period)
        if is_stock or (period.first, period.last) == (1, 12):
            found[period.year, period.last] = row
    return found


def _points(city: City, indicator_id: str, is_stock: bool) -> list[tuple[int, float]]:
    told = _published(city, indicator_id, is_stock)
    if not told:
        raise NotFound(f"没有全市的公布数 {indicator_id}")
    return sorted((year * 12 + month, _value(row)) for (year, month), row in told.items())


def _value(row: Figure) -> float:
    return float(row.value)  # published figures of one indicator are checked to be in its unit


def chance(*of: object) -> float:
    """A number in [0, 1) that depends on what it is of and on nothing else."""
    told = hashlib.blake2b("/".join(map(str, of)).encode(), digest_size=8).digest()
    return int.from_bytes(told, "big") / _WHOLE
