"""A points table over a whole register: its parts, its total, whether a minimum is reached."""

from __future__ import annotations

from collections.abc import Callable, Container
from fractions import Fraction
from functools import reduce
from typing import Literal

import polars as pl

from jiqun.enterprises.tiers.amounts import (
    HUNDREDTHS,
    POINTS,
    Amount,
    awarded,
    fixed,
    highest,
    lowest,
    total,
    tried,
    where_null,
    whole,
)
from jiqun.enterprises.tiers.definition import levels_points
from jiqun.enterprises.tiers.ladders import Ladder, ladder
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
            cap = [fixed(self._table.parts[part])] if part else []
            low, high = (lowest([total(each), *cap]) for each in zip(*ends, strict=True))
            made[part] = low, high
        return made

    def _item(self, item: Item) -> Ends:
        options = [self._levels(levels) for levels in item.options] or [(fixed(_NOTHING), fixed(item.most))]
        low, high = (lowest([highest(ends), fixed(item.most)]) for ends in zip(*options, strict=True))
        if item.awarded not in self._columns:
            return low, high
        return awarded(pl.col(item.awarded).cast(POINTS), low, high)

    def _levels(self, levels: tuple[Level, ...]) -> Ends:
        steps = ladder(levels)
        if steps is not None:
            return self._stepped(steps, levels)
        if all(level.test is None for level in levels):  # a person chooses one of them
            return fixed(min(level.low for level in levels)), fixed(max(level.high for level in levels))
        last = next((nr for nr, level in enumerate(levels) if isinstance(level.test, tree.Truth)), len(levels))
        tests = [None if level.test is None else self._test(level.test) for level in levels[:last]]
        else_ = levels[last] if last < len(levels) else Level(_NOTHING, _NOTHING, None)
        low = tried([(test, level.low) for test, level in zip(tests, levels, strict=False)], else_.low, "lowest")
        high = tried([(test, level.high) for test, level in zip(tests, levels, strict=False)], else_.high, "highest")
        return low, high

    def _stepped(self, steps: Ladder, levels: tuple[Level, ...]) -> Ends:
        """From the highest step down; all tests are of one measure and unknown together."""
        tests = [self._test(step.test) for step in steps.steps]
        (low, high), lows, highs = steps.base, [], []
        for step in steps.steps:
            low, high = low + step.low, high + step.high
            lows.append(low)
            highs.append(high)
        least = tried(list(zip(tests, lows, strict=True))[::-1], steps.base[0], "lowest")
        is_sure = lows == highs and steps.base[0] == steps.base[1]
        most = least if is_sure else tried(list(zip(tests, highs, strict=True))[::-1], steps.base[1], "highest")
        unknown = levels_points(levels, Reading({}, self._rule.types))
        if least.least != unknown.low:
            least = where_null(tests[0], unknown.low, least)
        if is_sure or most.most != unknown.high:
            most = where_null(tests[0], unknown.high, most)
        return least, most

    # --- totals and what they reach

    @property
    def totals(self) -> list[pl.Expr]:
        return [total_.expression.alias(self._name("", f"total:{which}")) for which, total_ in self._totals().items()]

    def _totals(self) -> dict[str, Amount]:
        ends = {which: [self._kept(part, which) for part in self._parts] for which in ("low", "high")}
        return {which: lowest([total(parts), fixed(self._table.most)]) for which, parts in ends.items()}

    def _kept(self, part: str, which: str) -> Amount:
        return self._parts[part][which == "high"].kept(self._name(part, which))

    def reached(self, node: Reaches) -> pl.Expr:
        totals = [each.kept(self._name("", f"total:{which}")) for which, each in self._totals().items()]
        tests = [_reached(totals[0], totals[1], node.least, node.is_strict)]
        for part, least in node.parts.items():
            ends = [self._kept(part, which) if part in self._parts else fixed(_NOTHING) for which in ("low", "high")]
            tests.append(_reached(ends[0], ends[1], least, False))
        return reduce(pl.Expr.and_, tests)

    def answer(self, which: Literal["low", "high"]) -> pl.Expr:
        """The points possible, Float32."""
        return pl.col(self._name("", f"total:{which}")).cast(pl.Float32) / pl.lit(HUNDREDTHS, pl.Float32)

    def _name(self, part: str, which: str) -> str:
        return f"{self._rule.id}__{self._table.id}:{part}:{which}"


def _reached(low: Amount, high: Amount, least: Fraction, is_strict: bool) -> pl.Expr:
    edge = pl.lit(whole(least), dtype=POINTS)
    ends = [end.expression for end in (low, high)]
    passes, may_pass = (end > edge if is_strict else end >= edge for end in ends)
    return pl.when(passes | ~may_pass).then(passes)
