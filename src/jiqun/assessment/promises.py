"""What progress is judged from and what it says: a promise, the data about it, the city's thresholds, the verdict."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from jiqun.model.bounds import Bound, Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from jiqun.packs.schema.indicators import Polarity

TimeKind = Literal["flow", "stock", "rate"]


class Light(StrEnum):
    """Where a promise stands on a day. The last three say that nothing was judged, and why."""

    MET = "met"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"
    OVERDUE = "overdue"
    FELL_BACK = "fell_back"
    EARLY = "early"
    NO_DATA = "no_data"
    NOT_COMPARABLE = "not_comparable"

    @property
    def label(self) -> str:
        return _LIGHT_LABELS[self]

    @property
    def is_verdict(self) -> bool:
        """Whether figures decided the light; False where there was too little to judge."""
        return self not in (Light.EARLY, Light.NO_DATA, Light.NOT_COMPARABLE)


_LIGHT_LABELS = {
    Light.MET: "已达成", Light.ON_TRACK: "进度内", Light.BEHIND: "落后", Light.FAR_BEHIND: "严重落后",
    Light.OVERDUE: "到期未达", Light.FELL_BACK: "达后回落", Light.EARLY: "尚早", Light.NO_DATA: "无数据",
    Light.NOT_COMPARABLE: "口径不可比",
}  # fmt: skip


class Reading(StrEnum):
    """Which years a yearly number (measure annual or growth) speaks about."""

    EACH_YEAR = "each_year"  # 每年新增20项: no year may fall short
    AVERAGE = "average"  # 年均增长7%: the years together
    DEADLINE_YEAR = "deadline_year"  # 到2025年年认定5000家: the year of the deadline

    @classmethod
    def of(cls, words: str) -> Reading:
        """The reading that the promise's own words ask for; without 每年 or 年均 it is the deadline's year."""
        if "年均" in words or "年平均" in words:
            return cls.AVERAGE
        return cls.EACH_YEAR if re.search("每一?年|逐年|各年|每个年度", words) else cls.DEADLINE_YEAR


class ValueKind(StrEnum):
    """How firm a published figure is; `AT_LEAST` (超过1.57万家) is a floor under the true value, not the value."""

    REVISED = "revised"  # said otherwise after it was final
    FINAL = "final"
    EXACT = "exact"
    ABOUT = "about"
    PRELIMINARY = "preliminary"
    AT_LEAST = "at_least"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


_KIND_LABELS = {
    ValueKind.REVISED: "修订数", ValueKind.FINAL: "最终数", ValueKind.EXACT: "公布数", ValueKind.ABOUT: "约数",
    ValueKind.PRELIMINARY: "预计数", ValueKind.AT_LEAST: "下限数",
}  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """A number that a document commits to, with what its indicator adds.

    `deadline` and `start` are the last and first day of the plan; without `start` the year of `issued_on` counts.
    A base is used only as the text states it: `base_value` in `base_unit` (default: `unit`) at the end of
    `base_period`. `unit` 倍 means times the base (翻一番 is 2 倍).
    `reading` matters for the measures annual (default: each year) and growth (default: the deadline's year).
    """

    bound: Bound
    unit: str
    measure: Measure
    deadline: date | None = None
    start: date | None = None
    issued_on: date | None = None
    base_value: Decimal | None = None
    base_period: Period | None = None
    base_unit: str | None = None
    polarity: Polarity = Polarity.HIGHER_BETTER
    time_kind: TimeKind = "stock"
    reading: Reading | None = None

    @property
    def is_lower_better(self) -> bool:
        return self.polarity is Polarity.LOWER_BETTER or self.measure is Measure.RANK

    @property
    def is_ceiling(self) -> bool:
        """Whether the number must not be passed (以内, a lower-is-better indicator, a rank)."""
        if self.measure is Measure.RANK or self.bound.comparator is Comparator.LE:
            return True
        return self.bound.comparator is not Comparator.GE and self.is_lower_better

    @property
    def goal(self) -> Decimal:
        """The number a path leads to: the easier end of a range, else the printed one."""
        return self.bound.high if self.bound.high is not None and self.is_ceiling else self.bound.value

    def band(self, rules: PaceRules) -> tuple[Decimal, Decimal] | None:
        """The values between the easiest and the plain promised number; None where the number leaves no room."""
        bound = self.bound
        if bound.high is not None:
            return bound.value, bound.high
        slack = abs(bound.value) * rules.about_tolerance_pct / 100
        if bound.comparator is not Comparator.APPROX or not slack:
            return None
        return (bound.value, bound.value + slack) if self.is_ceiling else (bound.value - slack, bound.value)


@dataclass(frozen=True)
class Datum:
    """One published figure about the promise's indicator, area and cluster.

    `measure` is None where the figure simply follows its indicator; `key` leads back to where it came from.
    """

    key: str
    period: Period
    value: Decimal
    unit: str
    known_on: date
    kind: ValueKind = ValueKind.EXACT
    is_preferred: bool = True
    measure: Measure | None = None
    source: str = ""


@dataclass(frozen=True)
class PaceRules:
    """The city's thresholds on the day.

    `about_tolerance_pct`: how far 左右 may fall short, in percent of the promised number. `behind_pct` and
    `far_behind_pct`: how far a figure may fall short of its path before it is 落后 or 严重落后, in percent of the
    whole way from base to goal (of the promised number where there is no way to measure). Equal is not yet behind.
    """

    about_tolerance_pct: Decimal
    behind_pct: Decimal
    far_behind_pct: Decimal

    def __post_init__(self) -> None:
        if not (self.about_tolerance_pct >= 0 and 0 <= self.behind_pct <= self.far_behind_pct):
            raise ValueError(f"thresholds out of order: {self}")

    @classmethod
    def read(cls, setting: Callable[[str], Decimal]) -> PaceRules:
        """The rules that a city's settings hold; `setting` looks up one name as of the day asked about."""
        return cls(setting("about_tolerance_pct"), setting("behind_pct"), setting("far_behind_pct"))


@dataclass(frozen=True)
class Base:
    """Where the path starts, and whether the document says so (`words` for the page)."""

    value: Decimal
    on: date
    words: str
    is_stated: bool
    key: str | None = None


@dataclass(frozen=True)
class Point:
    """A place on a chart, in the promise's unit. `key` is None for points of a path."""

    on: date
    value: Decimal
    label: str = ""
    kind: ValueKind | None = None
    key: str | None = None
    is_part_year: bool = False


@dataclass(frozen=True)
class Progress:
    """How a promise stands on a day, in the promise's unit, with everything the verdict rests on.

    `value` is what was reached at `reached_on` (a sum, a mean or the latest figure, as the measure asks);
    `expected_then` is the path on that day and `expected_now` on the day asked: None where the text gives no
    base, because a path is never invented. `way` is the share of the road from base to goal, `completion` is
    value ÷ goal; both ratios, None where they would mean nothing. `promise` is the one judged, said in `unit`
    (a promise in 倍 with its base multiplied in); `band` is what a range or 左右 leaves room for. `points` are the
    figures that bear on the plan, in the terms of the path: sums where the measure adds up. `used` are the keys of
    the figures the light rests on, `missing` what would have to be known to say more.
    """

    light: Light
    reason: str
    on: date
    goal: Decimal
    unit: str
    latest: Datum | None = None
    value: Decimal | None = None
    reached_on: date | None = None
    expected_then: Decimal | None = None
    expected_now: Decimal | None = None
    way: Decimal | None = None
    completion: Decimal | None = None
    promise: Promise | None = None
    band: tuple[Decimal, Decimal] | None = None
    base: Base | None = None
    path: tuple[Point, ...] = ()
    points: tuple[Point, ...] = ()
    used: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
