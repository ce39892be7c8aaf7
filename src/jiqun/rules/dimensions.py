"""What a number counts: money, a ratio, things, people, years; and which of them may meet in a sum or a comparison."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache

from jiqun.model.units import Unit

_THINGS = frozenset("家个项件台条处只次场座批套种类支所位")
_SHARES = {
    "%": Fraction(1, 100),
    "‰": Fraction(1, 1000),
    "个百分点": Fraction(1, 100),
    "倍": Fraction(1),
    "成": Fraction(1, 10),
}
_COUNTED_WITHOUT_A_UNIT = frozenset(["个", "人", "年", "月", "天", "日", "岁", "分", "级"])

_MONEY_LIMIT, _LIMIT, _COUNT_LIMIT = 10**15, 10**13, 10**11  # in smallest steps; a float still tells them apart


class Sort(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    DAY = "day"

    @property
    def label(self) -> str:
        return {"number": "数值", "text": "文字", "truth": "是否", "day": "日期"}[self.value]


@dataclass(frozen=True)
class ValueType:
    """The type of a name or of a result.

    Numbers: `unit` as printed (万元, %, 家, 万元/人; "" is a plain number). They are held at `decimals` places of that
    unit and below 10**`digits` of its smallest step; what is larger is unknown, so that exact 128-bit arithmetic can
    not run over. None takes the unit's own: money to the 分 and below 10 万亿元, percents to a
    millionth, things and people below 1000亿.
    """

    sort: Sort
    unit: str = ""
    decimals: int | None = None
    digits: int | None = None

    @cached_property
    def places(self) -> int:
        """Decimal places at which a value in `unit` is held."""
        if self.decimals is not None:
            return self.decimals
        unit = Unit.parse(self.unit)
        factor, places = unit.factor, unit.decimals
        while factor >= 10 and "/" not in self.unit:  # 万元 keeps its 分: four places more than 元
            factor, places = factor / 10, places + 1
        return places

    @cached_property
    def limit(self) -> int:
        """Held values, as integers of the smallest step, lie strictly between -limit and limit."""
        if self.digits is not None:
            return int(10**self.digits)
        return _MONEY_LIMIT if "元" in self.unit else _LIMIT if self.places else _COUNT_LIMIT


@dataclass(frozen=True)
class Dimension:
    """What a number counts, scales apart: powers of bare units, as (unit, exponent) sorted; empty for plain numbers.

    `is_ratio`: a quotient of like by like, or a value in %, 倍; a plain number is not one.
    """

    powers: tuple[tuple[str, int], ...] = ()
    is_ratio: bool = False

    @cached_property
    def label(self) -> str:
        if self.is_ratio:
            return "比率"
        above = [unit for unit, power in self.powers for _ in range(power)]
        below = [unit for unit, power in self.powers for _ in range(-power)]
        return ("·".join(above) or "1") + "".join(f"/{unit}" for unit in below) if self.powers else "无单位的数"

    @property
    def needs_no_unit(self) -> bool:
        """Whether a plain number beside it is understood: 3 of things, people, years; never of yuan or percent."""
        if self.is_ratio:
            return False
        return all(unit in _COUNTED_WITHOUT_A_UNIT for unit, _ in self.powers)

    def meets(self, other: Dimension) -> bool:
        """Whether the two may be compared or added, literals without a unit apart."""
        return self.powers == other.powers or (
            self.needs_no_unit and other.needs_no_unit and not (self.powers and other.powers)
        )

    def times(self, other: Dimension, sign: int = 1) -> Dimension:
        """The dimension of a product, or with sign -1 of a quotient."""
        powers: Counter[str] = Counter(dict(self.powers))
        for unit, power in other.powers:
            powers[unit] += sign * power
        left = tuple(sorted((unit, power) for unit, power in powers.items() if power))
        cancelled = bool(self.powers and other.powers)
        return Dimension(left, not left and (self.is_ratio or other.is_ratio or cancelled))


PLAIN = Dimension()
RATIO = Dimension((), True)
YEARS = Dimension((("年", 1),))


@lru_cache(maxsize=1024)
def measure(unit: str) -> tuple[Dimension, Fraction]:
    """The dimension of a printed unit, and how many of its bare unit one of it is: 万元 is 10**4 of 元, % 1/100."""
    parsed = Unit.parse(unit)
    if parsed.bare in _SHARES:
        return RATIO, parsed.factor * _SHARES[parsed.bare]
    above, _, below = parsed.bare.partition("/")
    dimension = _one(above)
    return (dimension.times(_one(below), -1) if below else dimension), parsed.factor


def _one(bare: str) -> Dimension:
    if not bare:
        return PLAIN
    return Dimension((("个" if bare in _THINGS else bare, 1),))


@lru_cache(maxsize=1024)
def in_bare_unit(value: Decimal, unit: str) -> Fraction:
    return Fraction(value) * measure(unit)[1]
