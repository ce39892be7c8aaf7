"""The time a figure is about (valid time), as published figures name it.

Written forms: `2023`, `2023H1`, `2023Q3`, `2023M8`, and cumulative `2024Q1-Q3`, `2024M1-M8`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache, total_ordering

_FORM = re.compile(
    r"(?P<year>\d{4})"
    r"(?:H(?P<half>[12])|Q(?P<q1>[1-4])(?:-Q(?P<q2>[1-4]))?|M(?P<m1>\d{1,2})(?:-M(?P<m2>\d{1,2}))?)?"
)


class Grain(StrEnum):
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    YEAR_TO_DATE = "year_to_date"  # several quarters or months from January, cumulative


@total_ordering
@dataclass(frozen=True)
class Period:
    """Whole months `first` to `last` of one year; equal months are one period however they were written."""

    year: int
    first: int = 1
    last: int = 12

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 2200 and 1 <= self.first <= self.last <= 12):
            raise ValueError(f"not a period: {self.year} {self.first}–{self.last}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that `text` names; equal texts give one object. Raises ValueError for any other text."""
        return _parse(text)

    @classmethod
    def _read(cls, text: str) -> Period:
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"不是时期：{text!r}（例：2023、2023H1、2023Q3、2023M8、2024M1-M8）")
        year = int(match["year"])
        if match["half"]:
            half = int(match["half"])
            return cls(year, half * 6 - 5, half * 6)
        if match["q1"]:
            return cls(year, int(match["q1"]) * 3 - 2, int(match["q2"] or match["q1"]) * 3)
        if match["m1"]:
            return cls(year, int(match["m1"]), int(match["m2"] or match["m1"]))
        return cls(year)

    @cached_property
    def grain(self) -> Grain:
        months = self.last - self.first + 1
        if months == 12:
            return Grain.YEAR
        if months == 6 and self.first in (1, 7):
            return Grain.HALF
        if months == 3 and self.first % 3 == 1:
            return Grain.QUARTER
        if months == 1:
            return Grain.MONTH
        return Grain.YEAR_TO_DATE

    @cached_property
    def start(self) -> date:
        return date(self.year, self.first, 1)

    @cached_property
    def end(self) -> date:
        return date(self.year, self.last, calendar.monthrange(self.year, self.last)[1])

    def __str__(self) -> str:
        match self.grain:
            case Grain.YEAR:
                return f"{self.year}"
            case Grain.HALF:
                return f"{self.year}H{self.last // 6}"
            case Grain.QUARTER:
                return f"{self.year}Q{self.last // 3}"
            case Grain.MONTH:
                return f"{self.year}M{self.first}"
        if self.first == 1 and self.last == 9:
            return f"{self.year}Q1-Q3"
        return f"{self.year}M{self.first}-M{self.last}"

    @cached_property
    def label(self) -> str:
        """As an official text would name it: 2023年、2023年上半年、2023年前三季度、2023年1—8月."""
        match self.grain:
            case Grain.YEAR:
                return f"{self.year}年"
            case Grain.HALF:
                return f"{self.year}年{'上' if self.last == 6 else '下'}半年"
            case Grain.QUARTER:
                return f"{self.year}年{'一二三四'[self.last // 3 - 1]}季度"
            case Grain.MONTH:
                return f"{self.year}年{self.first}月"
        if self.first == 1 and self.last == 9:
            return f"{self.year}年前三季度"
        return f"{self.year}年{self.first}—{self.last}月"

    def __lt__(self, other: Period) -> bool:
        return (self.end, self.start) < (other.end, other.start)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Period:
    return Period._read(text)
