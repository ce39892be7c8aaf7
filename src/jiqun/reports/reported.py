"""What a text reports as reached, said as the ledger holds figures; what is missing for that; when two agree.

A statistical text prints a fall as a positive number behind 下降, a headline in another unit than the body, and a
rate of growth beside every amount. No Django here: `extract` writes such figures without a workspace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, Protocol

from jiqun.extraction.words import FALLS
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.packs.schema.indicators import Indicator

GAPS = {
    "no_indicator": "没有对应的指标", "no_period": "没有时期", "no_area": "没有地区", "no_value": "数值不是一个数",
    "range": "是一个区间", "unit": "单位与指标的单位不能换算", "base": "不是与上年同期相比",
}  # fmt: skip
_KINDS = {Comparator.GE.value: "at_least", Comparator.APPROX.value: "about"}
_CHANGES = (Measure.GROWTH, Measure.INCREMENT)
_RATES = frozenset(("%", "‰", "个百分点", "成"))
# 达到15717家 reports a number reached; only a promise means "or more" by it
_REACHED = re.compile(r"(?:达到?|[至到为])了?\d[\d.,]*(?!.*(?:以上|[余多]))")


class Saying(Protocol):
    """What claims of an extraction and claims of the ledger have in common."""

    @property
    def quote(self) -> str: ...
    @property
    def indicator(self) -> str: ...
    @property
    def indicator_id(self) -> str | None: ...
    @property
    def area(self) -> str | None: ...
    @property
    def area_id(self) -> str | None: ...
    @property
    def cluster_id(self) -> str | None: ...
    @property
    def period(self) -> str | None: ...
    @property
    def measure(self) -> str: ...
    @property
    def value(self) -> Decimal | None: ...
    @property
    def value_max(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def comparator(self) -> str: ...
    @property
    def strict(self) -> bool: ...
    @property
    def base_period(self) -> str | None: ...


Point = tuple[str | None, ...]


@dataclass(frozen=True)
class ReportedFigure:
    """A number at a point: indicator, area, cluster, period and measure. A fall is negative.

    `value` is None where the text prints no plain number. `value_kind` is exact, about or at_least.
    """

    point: Point
    value: Decimal | None
    unit: str
    value_kind: str

    @property
    def same(self) -> tuple[Any, ...]:
        """Equal for two printings of one figure: 2.1万亿元 and 21000亿元 at one point."""
        amount = None if self.value is None else _amount(self)
        return (*self.point, amount, Unit.parse(self.unit).bare, self.value_kind)


def reported(city: City, claim: Saying) -> ReportedFigure:
    """The claim as the ledger would hold it."""
    area_id = area_of(city, claim)
    period = _period(claim.period)
    where = point(city, claim.indicator_id, area_id, claim.cluster_id, str(period) if period else None, claim.measure)
    return ReportedFigure(where, signed(city, claim), claim.unit, value_kind(claim))


def area_of(city: City, claim: Saying) -> str | None:
    """The area's id; the city's where no place is named, None where one is that the folder does not know."""
    return claim.area_id or (None if claim.area else city.area_id)


def signed(city: City, claim: Saying) -> Decimal | None:
    """The number with the sign of its change: 下降3.6% is −3.6 of 增速, and 3.6 of an indicator that counts falls."""
    value = claim.value
    if value is None or value < 0 or claim.measure not in _CHANGES:
        return value
    if re.search(rf"(?<!\d)[-−－]{re.escape(format(value, 'f'))}", claim.quote):
        return -value  # 增长-2.2%
    if not claim.indicator.endswith(FALLS):
        return value
    indicator = city.indicators.get(claim.indicator_id or "")
    counts_falls = indicator is not None and any(fall in indicator.name for fall in FALLS if len(fall) > 1)
    return value if counts_falls else -value


def value_kind(claim: Saying) -> str:
    """How firm a reported number is; 达到 without 以上 is exact."""
    if claim.comparator == Comparator.GE and not claim.strict and _REACHED.search(claim.quote):
        return "exact"
    return _KINDS.get(str(claim.comparator), "exact")


def gaps(city: City, claim: Saying) -> tuple[str, ...]:
    """Keys of GAPS: what keeps the claim from being a figure before a person has looked at it."""
    indicator = city.indicators.get(claim.indicator_id or "")
    period = _period(claim.period)
    found = {
        "no_indicator": indicator is None,
        "no_period": period is None,
        "no_area": area_of(city, claim) is None,
        "no_value": claim.value is None,
        "range": claim.value_max is not None,
        "unit": indicator is not None and not _is_value_of(indicator, claim.unit, claim.measure),
        "base": claim.measure == Measure.GROWTH and _has_other_base(claim.base_period, period),
    }
    return tuple(gap for gap, is_so in found.items() if is_so)


def point(
    city: City, indicator_id: str | None, area_id: str | None, cluster_id: str | None, period: str | None,
    measure: str | None,
) -> Point:  # fmt: skip
    """What competing figures share: an unlabelled one competes with a level, and with the growth of a growth rate."""
    indicator = city.indicators.get(indicator_id or "")
    is_rate = indicator is not None and Unit.parse(indicator.unit).bare in _RATES
    own = (Measure.LEVEL, Measure.SHARE, Measure.GROWTH) if is_rate else (Measure.LEVEL, Measure.SHARE)
    return indicator_id, area_id, cluster_id, period, None if measure in own or not measure else str(measure)


def agree(one: ReportedFigure, other: ReportedFigure) -> bool:
    """Whether both can be true of one point: equal when said as coarsely as the coarser is printed.

    1.2万亿元 and 12068.4亿元 agree; 超过500家 agrees with all that is not less.
    """
    if one.value is None or other.value is None or not Unit.parse(one.unit).measures_like(Unit.parse(other.unit)):
        return False
    finer, coarser = sorted((one, other), key=grain)
    said, bound = _amount(finer), _amount(coarser)
    if coarser.value_kind == "at_least" != finer.value_kind:
        return said >= bound
    if finer.value_kind == "at_least" != coarser.value_kind:
        return said <= bound
    return said * bound >= 0 and floor(abs(said) / grain(coarser) + Fraction(1, 2)) == abs(bound) / grain(coarser)


def grain(figure: ReportedFigure) -> Fraction:
    """The smallest step that the figure's print can tell apart, in the bare unit; 1 where it prints no number."""
    exponent = 0 if figure.value is None else int(figure.value.as_tuple().exponent)
    return Fraction(10) ** exponent * Unit.parse(figure.unit).factor


def _amount(figure: ReportedFigure) -> Fraction:
    return Fraction(figure.value or 0) * Unit.parse(figure.unit).factor


def _is_value_of(indicator: Indicator, unit: str, measure: str) -> bool:
    if measure == Measure.RANK:
        return True
    wanted, given = Unit.parse(indicator.unit), Unit.parse(unit)
    if given.bare in _RATES:
        return wanted.bare in _RATES and (measure == Measure.INCREMENT or given.bare == wanted.bare)
    return given.measures_like(wanted)


def _has_other_base(base_period: str | None, period: Period | None) -> bool:
    """Growth over 2020 is no figure of a yearly rate for 2023."""
    base = _period(base_period)
    return base is not None and period is not None and base.year != period.year - 1


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text or "")
    except ValueError:
        return None
