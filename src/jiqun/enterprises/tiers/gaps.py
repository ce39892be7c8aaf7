"""How far a row is from a threshold, in the figure's own words: 0.3个百分点, that is 54万元."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from jiqun.enterprises.tiers.rule import Threshold, TierRule
from jiqun.rules import Expression, tree
from jiqun.rules.dimensions import Dimension, measure
from jiqun.rules.evaluation import Reading
from jiqun.rules.tree import Operator

_UP = (Operator.AT_LEAST, Operator.GREATER)
_TEN_THOUSAND = 10_000
_PLACES = 2
_WHOLE = ("人", "个")  # nobody hires a third of a person


@dataclass(frozen=True)
class Gap:
    """What is short of a threshold (or beyond it), never 0 where the threshold is missed by less than is shown.

    `by`: in the measure's unit, bare (0.003 for 0.3个百分点); `amount`: for a ratio what its upper figure must change
    by, in bare units (元); `days`: days until the row is old enough. `text` says it for a person.
    """

    text: str
    by: Fraction | None = None
    amount: Fraction | None = None
    days: int | None = None


def gap(threshold: Threshold, rule: TierRule, reading: Reading, unit: str = "") -> Gap | None:
    """The gap where the row's figure is known and misses the threshold; else None. `unit` is the metric's own."""
    value, limit = reading.of(threshold.measure), reading.of(threshold.limit)
    if isinstance(value, date) and isinstance(limit, date):
        return _of_days(threshold, value, limit)
    if not (isinstance(value, Fraction) and isinstance(limit, Fraction)) or _holds(threshold.operator, value, limit):
        return None
    word = "还差" if threshold.operator in _UP else "超出"
    missed = abs(limit - value)
    strict = "（须超过）" if threshold.operator is Operator.GREATER else ""
    strict = "（须低于）" if threshold.operator is Operator.LESS else strict
    over = _ratio(threshold.measure)
    if not missed:
        return Gap(f"正好等于门槛，{strict.strip('（）')}", missed)
    if over is None:
        return Gap(f"{word} {shown(missed, rule.dimension(threshold.measure), unit)}{strict}", missed)
    upper = rule.dimension(over[0])
    below = reading.of(over[1])
    amount = abs(missed * below) if isinstance(below, Fraction) else None
    if threshold.since_power > 1:
        said = f"比基期的倍数{word} {_number(missed, 4)}"
    else:
        said = f"{word} {_number(missed * 100, _PLACES)} 个百分点"
    if amount is not None and upper.label in _WHOLE:
        amount = Fraction(ceil(amount))
    moved = "" if amount is None else f"，即 {shown(amount, upper)}"
    return Gap(f"{said}{moved}{strict}", missed, amount)


def shown(value: Fraction, dimension: Dimension, unit: str = "") -> str:
    """A figure as a person reads it; money in 万元 unless `unit` says otherwise."""
    if dimension.is_ratio:
        return f"{_number(value * 100, _PLACES)}%"
    label = dimension.label if dimension.powers else ""
    if unit and unit != "%":
        return f"{_number(value / measure(unit)[1], _PLACES)} {unit}"
    if label.endswith("元") and abs(value) >= _TEN_THOUSAND:
        return f"{_number(value / _TEN_THOUSAND, _PLACES)} 万{label}"
    return f"{_number(value, _PLACES)} {label}".strip()


def _number(value: Fraction, places: int) -> str:
    """Rounded up in size, so that what is missing is never said to be less."""
    scaled = -(-abs(value.numerator) * 10**places // value.denominator)
    whole, rest = divmod(scaled, 10**places)
    text = f"{whole:,}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def _of_days(threshold: Threshold, value: date, limit: date) -> Gap | None:
    if _holds(threshold.operator, value, limit):
        return None
    if threshold.operator in (Operator.AT_MOST, Operator.LESS):
        days = (value - limit).days + (threshold.operator is Operator.LESS)
        return Gap(f"还差 {days} 天", days=days) if threshold.is_age else Gap(f"晚 {days} 天", days=days)
    return Gap("已超过年限" if threshold.is_age else f"早 {(limit - value).days} 天")


def _holds(operator: Operator, value: object, limit: object) -> bool:
    comparison: Mapping[Operator, bool] = {
        Operator.AT_LEAST: value >= limit, Operator.GREATER: value > limit,  # type: ignore[operator]
        Operator.AT_MOST: value <= limit, Operator.LESS: value < limit,  # type: ignore[operator]
        Operator.EQUAL: value == limit, Operator.UNEQUAL: value != limit,
    }  # fmt: skip
    return comparison[operator]


def _ratio(node: Expression) -> tuple[Expression, Expression] | None:
    """What stands above and below the line; growth (a / b - 1) is moved by a."""
    match node:
        case tree.Arithmetic(Operator.DIVIDE, above, below) if not isinstance(below, tree.Number):
            return above, below
        case tree.Arithmetic(Operator.SUBTRACT, left, tree.Number()):
            return _ratio(left)
    return None
