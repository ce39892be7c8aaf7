"""Units as Chinese statistics print them, and exact conversion between those that measure the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ALIASES = {
    "户": "家", "名": "人", "位次": "位", "％": "%", "百分点": "个百分点", "人民币": "元", "间": "个",
    "千米": "公里", "km": "公里", "平方千米": "平方公里", "km2": "平方公里", "㎡": "平方米",
}  # fmt: skip
_WHOLE_WORDS = ("千瓦时", "千瓦", "千克", "百分点", "万元产值", "千米")
_FACTORS = {"公顷": (Fraction(15), "亩"), "平方公里": (Fraction(1500), "亩"), "千克": (Fraction(1, 1000), "吨")}
_DECIMALS = {"元": 2, "美元": 2, "%": 6, "个百分点": 6, "": 6, "倍": 6, "成": 6}
_COUNTERS = frozenset("家个项件人台条处只次场座批套种类支所位")


@dataclass(frozen=True)
class Unit:
    """A printed unit split into its power of ten and the bare unit it counts in.

    `万亿元` is 10**12 of `元`; `万元/亩` is 10**4 of `元/亩`; `件/万人` is 10**-4 of `件/人`.
    """

    printed: str
    factor: Fraction
    bare: str

    @classmethod
    def parse(cls, printed: str) -> Unit:
        """The unit that `printed` names; an unknown word is a unit of its own, the empty text is an index number."""
        return _parse(printed)

    @property
    def decimals(self) -> int:
        """Decimal places at which a value in the bare unit is held as an exact integer."""
        return _DECIMALS.get(self.bare, 0 if self.bare in _COUNTERS else 6)

    def measures_like(self, other: Unit) -> bool:
        """Whether values in the two units can be compared at all; 家 and 个 both count things and can."""
        if self.bare == other.bare:
            return True
        return self.bare in _COUNTERS and other.bare in _COUNTERS

    def convert(self, value: Decimal, to: Unit) -> Decimal:
        """`value` in this unit, said in `to`; exact up to 30 digits. Raises ValueError when the two differ in kind."""
        if not self.measures_like(to):
            raise ValueError(f"“{self.printed}”不能换算为“{to.printed}”")
        if self.factor == to.factor:
            return value.normalize() + 0
        ratio = self.factor / to.factor
        return (value * ratio.numerator / ratio.denominator).normalize() + 0

    def scaled(self, value: Decimal) -> int | None:
        """`value` in the bare unit as an integer at `decimals` places; None where that would round."""
        exact = Fraction(value) * self.factor * 10**self.decimals
        return exact.numerator if exact.denominator == 1 else None

    def __str__(self) -> str:
        return self.printed


@lru_cache(maxsize=4096)
def _parse(printed: str) -> Unit:
    text = re.sub(r"\s+", "", printed)
    numerator, slash, denominator = text.partition("/")
    factor, bare = _bare(numerator)
    if slash:
        below, below_bare = _bare(denominator)
        return Unit(printed, factor / below, f"{bare}/{below_bare}")
    return Unit(printed, factor, bare)


def _bare(word: str) -> tuple[Fraction, str]:
    factor = Fraction(1)
    while word and word[0] in _SCALES and not word.startswith(_WHOLE_WORDS):
        factor *= _SCALES[word[0]]
        word = word[1:]
    word = _ALIASES.get(word, word)
    if word in _FACTORS:
        extra, word = _FACTORS[word]
        factor *= extra
    return factor, word
