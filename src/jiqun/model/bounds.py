"""What a number promises: at least, at most, about, between, exactly; and whether a figure keeps the promise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Comparator(StrEnum):
    """How a printed number binds: 达到、超过、以上 GE; 以内 LE; 左右 APPROX; a~b RANGE; none of these words EQ."""

    GE = "ge"
    LE = "le"
    APPROX = "approx"
    RANGE = "range"
    EQ = "eq"


@dataclass(frozen=True)
class Bound:
    """A promised number.

    `strict`: the bound itself does not count (超过、突破、低于). `high` is set for ranges only.
    """

    comparator: Comparator
    value: Decimal
    high: Decimal | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        if (self.comparator is Comparator.RANGE) != (self.high is not None):
            raise ValueError("a range, and only a range, has an upper end")
        if self.high is not None and self.high < self.value:
            raise ValueError(f"upper end {self.high} lies below {self.value}")

    def is_met_by(self, value: Decimal, *, tolerance: Decimal, lower_is_better: bool = False) -> bool:
        """Whether `value` keeps the promise.

        `tolerance` is the share of the promised number that 左右 may fall short of (the city's dated setting).
        A plain number (EQ) and 左右 are a floor, or a ceiling where `lower_is_better`; beyond it is still kept.
        A range is kept from its lower end on, in the direction of the indicator: a plan for 10—20 centres is
        not broken by 21.
        """
        if self.comparator is Comparator.RANGE:
            assert self.high is not None
            return value <= self.high if lower_is_better else value >= self.value
        if self.comparator is Comparator.APPROX:
            slack = abs(self.value) * tolerance
            return value <= self.value + slack if lower_is_better else value >= self.value - slack
        is_ceiling = self.comparator is Comparator.LE or (self.comparator is Comparator.EQ and lower_is_better)
        if value == self.value:
            return not self.strict
        return value < self.value if is_ceiling else value > self.value
