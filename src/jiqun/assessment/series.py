"""The figures that may speak about a promise on a day: known, of its measure, in its unit, one for each period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiqun.assessment import words
from jiqun.assessment.promises import Datum, Promise, ValueKind
from jiqun.model.claims import Measure
from jiqun.model.periods import Grain, Period
from jiqun.model.units import Unit

_FIRMNESS = (
    ValueKind.REVISED, ValueKind.FINAL, ValueKind.EXACT, ValueKind.ABOUT, ValueKind.PRELIMINARY, ValueKind.AT_LEAST,
)  # fmt: skip

# Which labelled figures may serve which promise (law 2). A figure without a label follows its indicator.
_SERVES: dict[Measure, frozenset[Measure]] = {
    Measure.LEVEL: frozenset({Measure.LEVEL, Measure.SHARE}),
    Measure.SHARE: frozenset({Measure.SHARE, Measure.LEVEL}),
    Measure.INCREMENT: frozenset({Measure.INCREMENT, Measure.ANNUAL, Measure.LEVEL}),
    Measure.CUMULATIVE: frozenset({Measure.CUMULATIVE, Measure.INCREMENT, Measure.ANNUAL, Measure.LEVEL}),
    Measure.ANNUAL: frozenset({Measure.ANNUAL, Measure.INCREMENT, Measure.LEVEL}),
    Measure.GROWTH: frozenset({Measure.GROWTH}),
    Measure.RANK: frozenset({Measure.RANK}),
}
_SHARE_IN_PERCENT = {"": Decimal(100), "成": Decimal(10)}  # 1/8 and 五成 are shares too


@dataclass(frozen=True)
class Taken:
    """A figure chosen for its period, its value said in the promise's unit."""

    datum: Datum
    value: Decimal

    @property
    def period(self) -> Period:
        return self.datum.period

    @property
    def is_full_year(self) -> bool:
        return self.period.grain is Grain.YEAR

    @property
    def is_floor(self) -> bool:
        """Whether the true value may be higher than the one published."""
        return self.datum.kind is ValueKind.AT_LEAST


@dataclass(frozen=True)
class Series:
    """Chosen figures by period, earliest first; why others were refused; where published values disagree."""

    taken: tuple[Taken, ...]
    refusals: tuple[str, ...] = ()
    disagreements: tuple[tuple[Period, str], ...] = ()

    def full_years(self) -> dict[int, Taken]:
        return {one.period.year: one for one in self.taken if one.is_full_year}


def choose(promise: Promise, data: Iterable[Datum], on: date) -> Series:
    """The one figure for each period that was known on `on` and speaks the promise's measure and unit.

    Of several for a period the preferred goes first, then final, exact, about, preliminary, floor, then the one
    known latest; every differing value is named in `disagreements`.
    """
    refusals: dict[str, None] = {}
    by_period: dict[Period, list[Taken]] = {}
    readings: dict[tuple[str, Measure | None], Callable[[Decimal], Decimal] | str] = {}  # a series has one or two
    for datum in data:
        if datum.known_on > on:
            continue
        kind = datum.unit, datum.measure
        if (reading := readings.get(kind)) is None:
            reading = readings[kind] = _reading(promise, *kind)
        if isinstance(reading, str):
            refusals[reading] = None
        else:
            by_period.setdefault(datum.period, []).append(Taken(datum, reading(datum.value)))
    taken, disagreements = [], []
    for period in sorted(by_period):
        rivals = by_period[period]
        if len(rivals) > 1:
            rivals.sort(key=_rank)
            disagreements += _disagreement(promise, rivals)
        taken.append(rivals[0])
    return Series(tuple(taken), tuple(refusals), tuple(disagreements))


def _rank(one: Taken) -> tuple[bool, int, int, str]:
    datum = one.datum
    return (not datum.is_preferred, _FIRMNESS.index(datum.kind), -datum.known_on.toordinal(), datum.key)


def _disagreement(promise: Promise, rivals: Sequence[Taken]) -> list[tuple[Period, str]]:
    others = {one.value: one for one in reversed(rivals) if one.value != rivals[0].value}
    if not others:
        return []
    said = "、".join(f"{words.amount(one.value, promise)}（{one.datum.kind.label}）" for one in others.values())
    chosen = words.amount(rivals[0].value, promise)
    period = rivals[0].period
    return [(period, f"{period.label}另有公布数{said}，采用{chosen}（{rivals[0].datum.kind.label}）。")]


def _reading(promise: Promise, unit: str, measure: Measure | None) -> Callable[[Decimal], Decimal] | str:
    """How values of the unit and measure are said in the promise's unit, or why they cannot be compared with it."""
    if measure is not None and measure not in _SERVES[promise.measure]:
        return f"承诺的是“{promise.measure.label}”，所给数字是“{measure.label}”，两者不是一回事"
    wanted, given = Unit.parse(promise.unit), Unit.parse(unit)
    if promise.measure is not Measure.RANK and wanted.bare != "位" and given.bare == "位":
        return f"承诺的单位是“{promise.unit}”，所给数字是位次"
    if promise.measure is Measure.RANK and given.bare != "位" and measure is not Measure.RANK:
        return f"承诺的是位次，所给数字的单位是“{unit}”"
    if promise.measure is Measure.SHARE and wanted.bare == "%" and given.bare in _SHARE_IN_PERCENT:
        return lambda value: value * _SHARE_IN_PERCENT[given.bare]
    if promise.measure is Measure.INCREMENT and {wanted.bare, given.bare} == {"个百分点", "%"}:
        return lambda value: value  # a change of a percentage is said in points
    if wanted.measures_like(given):
        return (lambda value: value) if given.factor == wanted.factor else lambda value: given.convert(value, wanted)
    if promise.measure is Measure.GROWTH:
        # Law 6: a growth rate is not this year's published total over last year's.
        return f"承诺的是增速，所给数字是总量（{unit}）；公布的总量前后相除不是可比口径的增速"
    return f"承诺的单位是“{promise.unit}”，所给数字的单位是“{unit}”，不能换算"
