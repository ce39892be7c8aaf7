"""How verdicts are said: numbers with units, bounds as documents word them, days as periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from jiqun.assessment.promises import Datum, Promise, ValueKind
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period

_PLACES = 4  # digits kept behind the first significant one of a computed value, for reading only


def number(value: Decimal) -> str:
    """`value` for reading: whole parts whole, computed tails cut to four significant places, no exponent."""
    if value != value.to_integral_value():
        places = max(2, _PLACES - max(value.adjusted(), 0) - 1) if value.adjusted() >= 0 else _PLACES - value.adjusted()
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal, promise: Promise) -> str:
    """`value` with the promise's unit; a rank as 第4位."""
    if promise.measure is Measure.RANK:
        return f"第{number(value)}位"
    return f"{number(value)}{promise.unit}"


def distance(value: Decimal, promise: Promise) -> str:
    """A difference between two amounts; percentages differ by points, ranks by places."""
    if promise.measure is Measure.RANK:
        return f"{number(value)}位"
    return f"{number(value)}{'个百分点' if promise.unit in ('%', '％') else promise.unit}"


def bound(promise: Promise) -> str:
    """The promised number as documents word it: 超过3%, 10—20家, 7%左右, 第4位以内."""
    low = amount(promise.bound.value, promise)
    match promise.bound.comparator:
        case Comparator.RANGE:
            assert promise.bound.high is not None
            return f"{number(promise.bound.value)}—{amount(promise.bound.high, promise)}"
        case Comparator.APPROX:
            return f"{low}左右"
    if promise.measure is Measure.RANK:
        return f"{low}以内"
    if promise.is_ceiling:
        return f"低于{low}" if promise.bound.strict else f"{low}以内"
    if promise.bound.comparator is Comparator.GE:
        return f"超过{low}" if promise.bound.strict else f"{low}以上"
    return low


def day_end(day: date) -> str:
    """2020年末 for the last of December, else the day."""
    return f"{day.year}年末" if (day.month, day.day) == (12, 31) else f"{day.year}年{day.month}月{day.day}日"


def figure(datum: Datum, value: Decimal, promise: Promise) -> str:
    """2020年为3.78%; a floor as 2023年超过15700家; anything not firm says so."""
    if datum.kind is ValueKind.AT_LEAST:
        return f"{datum.period.label}不低于{amount(value, promise)}"
    mark = {ValueKind.PRELIMINARY: "（预计数）", ValueKind.ABOUT: "（约数）"}.get(datum.kind, "")
    return f"{datum.period.label}为{amount(value, promise)}{mark}"


def years(numbers: Iterable[int]) -> str:
    """2018年、2020年."""
    return "、".join(Period(year).label for year in numbers)
