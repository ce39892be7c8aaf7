"""A points table over a whole register: its parts, its total, whether a minimum is reached."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import chain, groupby
from math import ceil, floor
from typing import Literal

import polars as pl

from jiqun.enterprises.tiers.amounts import (
    FINE,
    HUNDREDTHS,
    WHOLE,
    Amount,
    Unit,
    awarded,
    fixed,
    highest,
    lowest,
    total,
    tried,
    unit_of,
    where_null,
)
from jiqun.enterprises.tiers.definition import levels_points
from jiqun.enterprises.tiers.ladders import Ladder, ladder, measure_of
from jiqun.enterprises.tiers.rule import Item, Level, Points, Reaches, TierRule
from jiqun.rules import Expression, tree
from jiqun.rules.evaluation import Reading

Ends = tuple[Amount, Amount]
_NOTHING = Fraction(0)


class Table:
    """The stages of one points table, each over the columns that the one before has made.

    `test` gives the truth of a rule, null where it is unknown; `columns` are those of the register.
    """

    def __init__(
        self, rule: TierRule, table: Points, test: Callable[[Expression], pl.Expr], columns: Container[str]
    ) -> None:
        self._rule, self._table, self._test, self._columns = rule, table, test, columns
        self._unit = unit_for(table, columns)
        self._parts = self._made()

    # --- parts

    @property
    def parts(self) -> list[pl.Expr]:
        return [
            end.expression.alias(self._name(part, which))
            for part, ends in self._parts.items()
            for which, end in zip(("low", "high"), ends, strict=True)
        ]

    def _made(self) -> dict[str, Ends]:
        items: dict[str, list[Ends]] = {}
        for item in self._table.items:
            items.setdefault(item.item.part or "", []).append(self._item(item))
        made: dict[str, Ends] = {}
        for part, ends in items.items():
            cap = [self._fixed(self._table.parts[part])] if part else []
            low, high = (lowest([total(each, self._unit), *cap]) for each in zip(*ends, strict=True))
            made[part] = low, high
        return made

    def _item(self, item: Item) -> Ends:
        options = [self._levels(levels) for levels in item.options] or [(self._fixed(_NOTHING), self._fixed(item.most))]
        low, high = (lowest([highest(ends), self._fixed(item.most)]) for ends in zip(*options, strict=True))
        if item.awarded not in self._columns:
            return low, high
        return awarded(pl.col(item.awarded).cast(self._unit.type), low, high)

    def _levels(self, levels: tuple[Level, ...]) -> Ends:
        found = ladder(levels)
        if found is not None:
            return self._stepped(found, levels)
        if all(level.test is None for level in levels):  # a person chooses one of them
            return self._fixed(min(level.low for level in levels)), self._fixed(max(level.high for level in levels))
        last = next((nr for nr, level in enumerate(levels) if isinstance(level.test, tree.Truth)), len(levels))
        else_ = levels[last] if last < len(levels) else Level(_NOTHING, _NOTHING, None)
        ends = self._fixed(else_.low), self._fixed(else_.high)
        for measure, run in reversed([(key, list(run)) for key, run in groupby(levels[:last], _measure)]):
            low, high = ends
            if measure is not None and low.is_always(high.least) and high.is_always(low.least):
                steps = [(self._test(each.test), each.low, each.high) for each in run if each.test is not None]
                lows, highs = [low.least, *(each.low for each in run)], [low.least, *(each.high for each in run)]
                ends = self._of_one(steps, ends, (min(lows), max(highs)))
            else:
                tests = [None if each.test is None else self._test(each.test) for each in run]
                ends = (
                    tried(list(zip(tests, (each.low for each in run), strict=True)), low, "lowest"),
                    tried(list(zip(tests, (each.high for each in run), strict=True)), high, "highest"),
                )
        return ends

    def _stepped(self, steps: Ladder, levels: tuple[Level, ...]) -> Ends:
        """From the highest step down."""
        (low, high), made = steps.base, []
        for step in steps.steps:
            low, high = low + step.low, high + step.high
            made.append((self._test(step.test), low, high))
        unknown = levels_points(levels, Reading({}, self._rule.types))
        otherwise = self._fixed(steps.base[0]), self._fixed(steps.base[1])
        return self._of_one(made[::-1], otherwise, (unknown.low, unknown.high))

    def _of_one(
        self,
        steps: Sequence[tuple[pl.Expr, Fraction, Fraction]],
        otherwise: Ends,
        unknown: tuple[Fraction, Fraction],
    ) -> Ends:
        """The first that holds, its points at least and at most. All tests are of one measure and unknown together, so
        that both ends may share what a known one gives.
        """
        least = tried([(test, low) for test, low, _ in steps], otherwise[0], "lowest")
        is_sure = otherwise[0].least == otherwise[1].least and all(low == high for _, low, high in steps)
        most = least if is_sure else tried([(test, high) for test, _, high in steps], otherwise[1], "highest")
        if least.least != unknown[0]:
            least = where_null(steps[0][0], unknown[0], least)
        if is_sure or most.most != unknown[1]:
            most = where_null(steps[0][0], unknown[1], most)
        return least, most

    # --- totals and what they reach

    @property
    def totals(self) -> list[pl.Expr]:
        """Those that are more than one part."""
        made = self._totals().items()
        return [end.expression.alias(self._name("", f"total:{which}")) for which, end in made if not _is_kept(end)]

    def _totals(self) -> dict[str, Amount]:
        ends = {which: [self._kept(part, which) for part in self._parts] for which in ("low", "high")}
        most = self._fixed(self._table.most)
        return {which: lowest([total(parts, self._unit), most]) for which, parts in ends.items()}

    def _total(self, which: str) -> Amount:
        """As the columns have it that `totals` made."""
        made = self._totals()[which]
        return made if _is_kept(made) else made.kept(self._name("", f"total:{which}"))

    def _kept(self, part: str, which: str) -> Amount:
        return self._parts[part][which == "high"].kept(self._name(part, which))

    def reached(self, node: Reaches) -> pl.Expr:
        tests = [self._reached(self._total("low"), self._total("high"), node.least, node.is_strict)]
        for part, least in node.parts.items():
            ends = [
                self._kept(part, which) if part in self._parts else self._fixed(_NOTHING) for which in ("low", "high")
            ]
            tests.append(self._reached(ends[0], ends[1], least, False))
        return reduce(pl.Expr.and_, tests)

    def _reached(self, low: Amount, high: Amount, least: Fraction, is_strict: bool) -> pl.Expr:
        steps = least * self._unit.steps
        edge = floor(steps) + 1 if is_strict else ceil(steps)
        passes, may_pass = (end.expression.ge(edge) for end in (low, high))
        return pl.when(passes | ~may_pass).then(passes)

    def answer(self, which: Literal["low", "high"]) -> pl.Expr:
        """The points possible: Int16 where all of the table are whole, else Float32."""
        points = self._total(which).expression
        return points if self._unit is WHOLE else points.cast(pl.Float32) / pl.lit(HUNDREDTHS, pl.Float32)

    def _fixed(self, points: Fraction) -> Amount:
        return fixed(points, self._unit)

    def _name(self, part: str, which: str) -> str:
        return f"{self._rule.id}__{self._table.id}:{part}:{which}"


def unit_for(table: Points, columns: Container[str]) -> Unit:
    """People may give half a point wherever the register has a column for it."""
    return FINE if any(item.awarded in columns for item in table.items) else unit_of(list(_figures(table)))


def _measure(level: Level) -> Expression | None:
    return None if level.test is None else measure_of(level.test)


def _is_kept(end: Amount) -> bool:
    """Whether a column of the frame, or one number, says it already."""
    return end.column is None or end.column.meta.is_column()


def _figures(table: Points) -> Iterator[Fraction]:
    yield from (table.most, *table.parts.values())
    for item in table.items:
        yield item.most
        for level in chain.from_iterable(item.options):
            yield from (level.low, level.high)
