"""What clauses measure, in columns of the register: metrics written out, years moved, time told as days."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from jiqun import rules
from jiqun.model.errors import UsageError
from jiqun.packs.schema.tiers import Metric
from jiqun.rules import Expression, Sort, ValueType, tree
from jiqun.rules.tree import Operator

SORTS = {"number": Sort.NUMBER, "boolean": Sort.TRUTH, "text": Sort.TEXT, "date": Sort.DAY}
DAY, AREAS = "on", "tier_area"
_YEAR_COLUMN = re.compile(r"(?P<base>.+)_prev(?P<back>\d)")


class Measures:
    """Metrics as expressions over columns, for one tier on one day.

    `types`: of every column the register declares; a metric that it does not declare and that has no formula adds a
    column of its own, and the years before it.
    """

    def __init__(
        self, metrics: Mapping[str, Metric], types: Mapping[str, ValueType], on: date, areas: Sequence[str]
    ) -> None:
        self._metrics, self._declared, self._on, self._areas = metrics, types, on, areas
        self.types: dict[str, ValueType] = dict(types)

    def of(self, metric_id: str) -> Expression:
        """The metric for the last finished year; for one of time, the column of the day it counts from."""
        metric = self._metrics[metric_id]
        if metric.since or metric.year_of:
            return tree.Name(metric.since or metric.year_of)
        if metric.formula:
            return tree.substituted(self._areas_named(rules.parse(metric.formula)), self._of_day)
        if metric_id not in self.types:
            self.types[metric_id] = ValueType(SORTS[metric.kind], metric.unit)
        return tree.Name(metric_id)

    def written(self, text: str) -> Expression:
        """A rule over metrics as one over columns."""
        return tree.substituted(rules.parse(text), lambda name: self.of(name.name))

    def _of_day(self, name: tree.Name) -> Expression:
        return tree.Day(self._on) if name.name == DAY else name

    def _areas_named(self, node: Expression) -> Expression:
        """`x in [tier_area]` with the areas in its place."""
        match node:
            case tree.Membership(item, (tree.Name(name),)) if name == AREAS:
                return tree.Membership(item, tuple(tree.Text(area) for area in self._areas) or (tree.Text(""),))
            case tree.Logic(operator, parts):
                return tree.Logic(operator, tuple(self._areas_named(part) for part in parts))
            case tree.Not(part):
                return tree.Not(self._areas_named(part))
        return node

    # --- years

    def before(self, expression: Expression, years: int) -> Expression:
        """The same of so many years back; what is not kept by the year stays as it is."""
        return tree.substituted(expression, lambda name: self._back(name, years))

    def total(self, expression: Expression, years: int, since: str = "") -> Expression:
        """Every yearly figure summed over the years: a ratio becomes sum by sum.

        Of the years before the last finished one only those count that had not ended before the day of column `since`:
        a firm founded in December has that year, one founded the next January has not.
        """

        def summed(name: tree.Name) -> Expression:
            years_of = [self._back(name, back) for back in range(years)]
            if len(set(years_of)) < years:
                return name
            return _sum([self._if_begun(year, back, since) for back, year in enumerate(years_of)])

        return tree.substituted(expression, summed)

    def _if_begun(self, figure: tree.Name, back: int, since: str) -> Expression:
        if not since or not back:
            return figure
        last_day = tree.Day(date(self._on.year - 1 - back, 12, 31))
        has_begun = tree.Comparison(tree.Name(since), ((Operator.AT_MOST, last_day),))
        return tree.Choice(has_begun, figure, tree.Number(Decimal(0), self.types[figure.name].unit))

    def average(self, expression: Expression, years: int) -> Expression:
        whole = _sum([self.before(expression, back) for back in range(years)])
        return tree.Arithmetic(Operator.DIVIDE, whole, tree.Number(Decimal(years)))

    def _back(self, name: tree.Name, years: int) -> tree.Name:
        match = _YEAR_COLUMN.fullmatch(name.name)
        base, back = (match["base"], int(match["back"])) if match else (name.name, 0)
        is_yearly = f"{base}_prev1" in self._declared or base not in self._declared
        if not years or not is_yearly:
            return name
        moved = f"{base}_prev{back + years}"
        self.types.setdefault(moved, self.types[base])
        return tree.Name(moved)


def _sum(parts: Sequence[Expression]) -> Expression:
    total = parts[0]
    for part in parts[1:]:
        total = tree.Arithmetic(Operator.ADD, total, part)
    return total


def since(column: Expression, operator: Operator, count: Decimal, unit: str, on: date) -> tuple[Operator, tree.Day]:
    """(operator, day): the time from the column's day to `on` stands to so many years or days as the day says.

    Somebody founded on 1 March 2020 is five years old from 1 March 2025 on, and not more than five on that day; one of
    29 February becomes so on 1 March of a common year.
    """
    if count != int(count):
        raise UsageError(f"成立时间的门槛应为整数：{count}{unit}")
    aged: Callable[[date], date] = (
        (lambda day: day + timedelta(days=int(count))) if unit == "天" else lambda day: _years_after(day, int(count))
    )
    nearby = on - timedelta(days=int(count)) if unit == "天" else date(on.year - int(count), on.month, min(on.day, 28))
    days = [nearby + timedelta(days=step) for step in range(-3, 6)]
    match operator:
        case Operator.AT_LEAST | Operator.LESS:  # the last day with aged(day) <= on is old enough
            edge = max(day for day in days if aged(day) <= on)
            return (Operator.AT_MOST if operator is Operator.AT_LEAST else Operator.GREATER), tree.Day(edge)
        case Operator.AT_MOST | Operator.GREATER:
            edge = min(day for day in days if aged(day) >= on)
            return (Operator.AT_LEAST if operator is Operator.AT_MOST else Operator.LESS), tree.Day(edge)
    raise UsageError("成立时间只能用大小比较")


def year_of(operator: Operator, year: int) -> tuple[Operator, tree.Day]:
    """(operator, day): the day's year stands to `year` as the day stands to that one."""
    match operator:
        case Operator.AT_LEAST | Operator.LESS:
            return operator, tree.Day(date(year, 1, 1))
        case Operator.GREATER:
            return Operator.AT_LEAST, tree.Day(date(year + 1, 1, 1))
        case Operator.AT_MOST:
            return Operator.LESS, tree.Day(date(year + 1, 1, 1))
    raise UsageError("成立年份只能用大小比较")


def _years_after(day: date, years: int) -> date:
    year = day.year + years
    if (day.month, day.day) == (2, 29):
        return date(year, 3, 1) if not _is_leap(year) else date(year, 2, 29)
    return date(year, day.month, day.day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def compounded(rate: Decimal, unit: str, years: int) -> tree.Number:
    """(1 + rate)**years, exactly: what a figure must have grown to, as a multiple."""
    share = rate / 100 if unit == "%" else rate
    return tree.Number((1 + share) ** years, "倍")
