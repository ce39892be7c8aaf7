"""Short ways to write down a promise and its figures in a test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from jiqun.assessment.promises import Datum, PaceRules, Promise, ValueKind
from jiqun.model.bounds import Bound, Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period

RULES = PaceRules(about_tolerance_pct=Decimal(5), behind_pct=Decimal(5), far_behind_pct=Decimal(20))


def bound(words: str) -> Bound:
    """`>10000`, `>=3`, `~7`, `<=30`, `<30`, `10..20`, `200`."""
    if ".." in words:
        low, high = words.split("..")
        return Bound(Comparator.RANGE, Decimal(low), Decimal(high))
    for mark, comparator, strict in (
        (">=", Comparator.GE, False),
        ("<=", Comparator.LE, False),
        (">", Comparator.GE, True),
        ("<", Comparator.LE, True),
        ("~", Comparator.APPROX, False),
    ):
        if words.startswith(mark):
            return Bound(comparator, Decimal(words.removeprefix(mark)), strict=strict)
    return Bound(Comparator.EQ, Decimal(words))


def promise(words: str, unit: str = "家", measure: Measure = Measure.LEVEL, **more: Any) -> Promise:
    """A promise of a plan for 2018–2020 unless told otherwise."""
    more = {"start": date(2018, 1, 1), "deadline": date(2020, 12, 31)} | more
    return Promise(bound(words), unit, measure, **more)


def datum(period: str, value: object, unit: str = "家", known: date | None = None, **more: Any) -> Datum:
    """A figure known a month after its period ends; the key is period and value."""
    when = Period.parse(period)
    end = when.end
    known = known or date(end.year + (end.month == 12), end.month % 12 + 1, 28)
    if "kind" in more:
        more["kind"] = ValueKind(more["kind"])
    return Datum(f"{period}={value}", when, Decimal(str(value)), unit, known, **more)


def data(unit: str = "家", **values: object) -> list[Datum]:
    """`data(y2018=100, y2019H1=50)`."""
    return [datum(period.removeprefix("y"), value, unit) for period, value in values.items()]
