"""The judgement every measure shares: standings on the way from a base to a goal, on a day, against the rules."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jiqun.assessment.promises import Base, Light, PaceRules, Point, Promise
from jiqun.assessment.series import Taken
from jiqun.model.bounds import Comparator


@dataclass(frozen=True)
class Standing:
    """What had been reached by the end of a period: somewhere in [`low`, `high`], `high` None where open.

    `is_decisive`: may say that the promise is reached; a part-year rate or the mean of half a plan may not.
    `said` is the clause that tells it; `taken` the figures it rests on.
    """

    at: date
    low: Decimal
    high: Decimal | None
    said: str
    taken: tuple[Taken, ...]
    is_decisive: bool = True


@dataclass(frozen=True)
class Case:
    """A promise with everything that has been worked out before it is judged.

    `standings` are in order of time and lie after `start` (where that is known) and not after the day asked.
    `is_flat`: the goal holds on every day of the plan (yearly numbers, averages), so there is no way to go.
    """

    promise: Promise
    rules: PaceRules
    on: date
    standings: tuple[Standing, ...]
    start: date | None
    due: date | None  # last day of the period whose figure decides
    base: Base | None = None
    is_flat: bool = False

    @property
    def is_over(self) -> bool:
        return self.promise.deadline is not None and self.on > self.promise.deadline


def position(day: date) -> Fraction:
    """The day on a scale of months: ends of months are whole numbers, so a year is twelve whatever its days."""
    return day.year * 12 + day.month - 1 + Fraction(day.day, calendar.monthrange(day.year, day.month)[1])


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def is_kept(promise: Promise, rules: PaceRules, low: Decimal, high: Decimal | None) -> bool | None:
    """Whether a value somewhere in [low, high] keeps the promise; None where the interval leaves it open."""
    easy, hard = (low, high) if promise.is_ceiling else (high, low)
    if hard is not None and _meets(promise, rules, hard):
        return True
    return None if easy is None or _meets(promise, rules, easy) else False


def _meets(promise: Promise, rules: PaceRules, value: Decimal) -> bool:
    if promise.bound.comparator is Comparator.GE and promise.is_ceiling:
        # “不低于第4位” binds a rank from the other side than it binds an amount.
        return value < promise.bound.value if promise.bound.strict else value <= promise.bound.value
    tolerance = rules.about_tolerance_pct / 100
    return promise.bound.is_met_by(value, tolerance=tolerance, lower_is_better=promise.is_ceiling)


def has_way(case: Case) -> bool:
    """Whether the base lies on the far side of the goal, so that there is a distance to cover."""
    if case.base is None or case.is_flat:
        return False
    goal, base = case.promise.goal, case.base.value
    return base > goal if case.promise.is_ceiling else base < goal


def expected_on(case: Case, day: date) -> Decimal | None:
    """The path on `day`: linear in months from base to goal, the goal itself where nothing is left to cover.

    None where there is no base or no deadline.
    """
    goal = case.promise.goal
    if case.is_flat:
        return goal
    if case.base is None or case.due is None:
        return None
    if not has_way(case):
        return goal
    begin, end, here = position(case.base.on), position(case.due), position(day)
    if end <= begin or here >= end:
        return goal
    if here <= begin:
        return case.base.value
    share = (here - begin) / (end - begin)
    return decimal(Fraction(case.base.value) + (Fraction(goal) - Fraction(case.base.value)) * share)


def shortfall_pct(case: Case, value: Decimal, expected: Decimal) -> Fraction:
    """How far `value` stays short of `expected`, in percent of the whole way (of the goal where there is none).

    Negative where it is ahead. A goal of zero without a way counts any shortfall as the whole of it.
    """
    goal = Fraction(case.promise.goal)
    short = Fraction(expected) - Fraction(value)
    if case.promise.is_ceiling:
        short = -short
    if has_way(case):
        assert case.base is not None
        return short / abs(goal - Fraction(case.base.value)) * 100
    if goal == 0:
        return Fraction(100 * ((short > 0) - (short < 0)))
    return short / abs(goal) * 100


def light_for(rules: PaceRules, short_pct: Fraction) -> Light:
    if short_pct <= Fraction(rules.behind_pct):
        return Light.ON_TRACK
    return Light.BEHIND if short_pct <= Fraction(rules.far_behind_pct) else Light.FAR_BEHIND


def path_points(case: Case) -> tuple[Point, ...]:
    """The path as a chart draws it: from base to goal, or along the goal; empty where there is none."""
    goal = case.promise.goal
    if case.due is None:
        return ()
    if case.is_flat:
        begin = case.start or date(case.due.year, 1, 1)
        return (Point(begin, goal, "目标"), Point(case.due, goal, "目标"))
    if case.base is None or case.base.on >= case.due:
        return ()
    first = case.base.value if has_way(case) else goal
    return (Point(case.base.on, first, "基期"), Point(case.due, goal, "目标"))


def data_points(taken: tuple[Taken, ...]) -> tuple[Point, ...]:
    return tuple(
        Point(one.period.end, one.value, one.period.label, one.datum.kind, one.datum.key, not one.is_full_year)
        for one in taken
    )
