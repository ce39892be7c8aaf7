"""Numbers with their units: one scan over a sentence, before anything is known of what they mean.

The scan is generous. What only looks like a quantity (dates, names, ordinals) is masked first, see `refusals`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from jiqun.extraction.words import (
    COUNTERS,
    DENOMINATORS,
    MEASURES,
    MONEY,
    RANK_SCOPES,
    RANK_VERBS,
    TIME_UNITS,
    any_of,
)
from jiqun.model.numerals import number


class Form(StrEnum):
    """What sort of number it is by its own writing."""

    COUNT = "count"  # 50家
    MONEY = "money"  # 3000亿元
    PERCENT = "percent"  # 7%
    POINTS = "points"  # 0.7个百分点
    MEASURE = "measure"  # 120公里, 27万元/人
    TIME = "time"  # 3个工作日
    TIMES = "times"  # 2倍, 翻一番
    FRACTION = "fraction"  # 1/8, 三分之一, 五成
    RANK = "rank"  # 第三
    BARE = "bare"  # 90


@dataclass(frozen=True)
class Quantity:
    """`start` to `end` in the sentence covers number and unit; `lead` is where a rank's own verb begins."""

    start: int
    end: int
    value: Decimal
    unit: str
    form: Form
    value_max: Decimal | None = None
    is_spoken: bool = False  # written in Chinese numerals
    is_scale_only: bool = False  # 万亿元 without a digit: means something after 突破 only
    lead: int = -1
    is_within: bool = False  # 前三: within the first N

    @property
    def head(self) -> int:
        return self.lead if self.lead >= 0 else self.start


_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN = r"[一二两三四五六七八九十][一二三四五六七八九十百千零〇]*(?:点[零〇一二三四五六七八九]+)?"
_SCALE = r"[十百千]?万亿|[十百千]?[万亿]|[百千]"
BRACKETED = "间|套|台|户|个|项|件|处|人|家|次|只|辆|座|条|名|所"  # 8000套(间)
_SHARED_UNITS = (Form.COUNT, Form.MONEY, Form.PERCENT, Form.POINTS, Form.MEASURE, Form.TIMES)
_PEOPLE = re.compile(
    r"(?:余|多)?(?:名|下岗|青年|农民|群众|居民|职工|学生|老人|老年|人才|人口|户籍|贫困|用户|家庭|企业职工|党员)"
)
_ADJACENT = re.compile(r"(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])")
_MARK = re.compile(r"(?:规模|大关|关口|台阶)")  # 超过五千亿规模
_BETWEEN = ("、", "和", "与", "及", "以及", "、和")
_MOST_DIGITS = 20  # a longer run of digits is a code
_TIE = re.compile(r"(?:[~—-]{1,2}|至|到)")
_PER_CENT = re.compile(rf"百分之(?P<low>{_ARABIC}|{_HAN}|百)")
_FRACTION = re.compile(
    r"(?P<low>[一二三四五六七八九十]{1,4}|\d{1,4})分之(?P<high>[一二三四五六七八九十]{1,4}|\d{1,4})|(?<![\d/.])(?<!\d,(?=\d{3}))(?P<a>\d{1,3})/(?P<b>\d{1,3})(?![\d/.])"
)
_HALF = re.compile(r"(?<=[占超近过约达逾的])一半|(?<=[占超近过约达逾])半数")
_DOUBLE = re.compile(r"翻了?(?P<n>[一两二三四]|\d)?番")
_PLACE = r"第(?P<n>[一二三四五六七八九十]+|\d+)(?:位|名)?"
_RANK = re.compile(
    rf"(?:(?P<verb>{any_of(RANK_VERBS)})(?P<between>[^,;:。、\d]{{0,14}}?(?:\d{{1,3}}个[^,;:。\d]{{1,12}}?)?)"
    rf"|(?P<scope>(?:{any_of(RANK_SCOPES)})(?:同类城市|城市|地级市|设区市|同行业|总量|排名|各市)?的?)"
    r"|(?<=[,、。;])(?=第[一二三四五六七八九十\d]+[位名][,;。、]))"
    rf"(?:{_PLACE}|(?P<first>首位|榜首|首席)|前(?P<within>[一二三四五六七八九十]+|\d+)[位名强]?)"
    r"(?=$|[,;:。、!)\"”和与]|的|并|左右|以内|水平)"
)
_RANK_NEXT = re.compile(rf"(?:、|和|与|及){_PLACE}(?=$|[,;:。、!)”和与])")


class Scanner:
    """Reads quantities; `extra_units` are counters of the city's own lexicon."""

    def __init__(self, extra_units: Collection[str] = ()) -> None:
        self._money = frozenset(MONEY)
        self._counters = frozenset(COUNTERS) | frozenset(extra_units)
        plain = any_of({*MONEY, *COUNTERS, *MEASURES, *extra_units})
        below = any_of(DENOMINATORS)
        self._amount = re.compile(
            rf"(?P<number>{_ARABIC}|{_HAN})?(?P<some>多|余|来)?(?P<scale>{_SCALE})?(?P<some2>多|余)?"
            rf"(?P<unit>(?:{plain})(?:/(?:{below})|每(?:{below})(?![均]))?(?:\((?:{BRACKETED})\))?)?"
        )
        self._start = re.compile(rf"{_ARABIC}|[一二两三四五六七八九十百千万亿]")

    def scan(self, text: str, mask: Sequence[int]) -> list[Quantity]:
        """The quantities of `text` in order, none of them touching a masked character."""
        found = _special(text, mask)
        closed = bytearray(mask)  # where no further number begins
        for special in found:
            _cover(closed, special.head, special.end)
        at = 0
        while match := self._start.search(text, at):
            if closed[match.start()]:
                at = closed.find(0, match.start())
                if at < 0:
                    break
                continue
            quantity = self._read(text, match.start())
            if quantity is None or 1 in mask[quantity.start : quantity.end]:
                at = max(match.end(), match.start() + 1)
                continue
            found.append(quantity)
            at = quantity.end
        return _sharing(text, sorted(found, key=lambda q: q.start))

    def _read(self, text: str, at: int) -> Quantity | None:
        first = self._amount.match(text, at)
        if first is None or not first[0]:
            return None
        low = _value(first)
        if low is None or len(first["number"] or "") > _MOST_DIGITS:
            return None
        pair = _ADJACENT.fullmatch(first["number"] or "")
        if pair is not None and (first["unit"] or first["scale"]):
            ends = number(pair["low"]), number(pair["high"])
            if ends[0] and ends[1] and ends[1] - ends[0] in (1, 2):  # 两三个, 三五家
                single = self._single(first, ends[0])
                return single and replace(single, value_max=ends[1])
        tie = _TIE.match(text, first.end())
        if tie is not None and first["number"]:
            second = self._amount.match(text, tie.end())
            if (
                second is not None
                and second["number"]
                and not (tie[0] in "至到" and first["unit"] is None and second["unit"] is None)
            ):
                ranged = self._range(first, second)
                if ranged is not None:
                    return ranged
        return self._single(first, low)

    def _single(self, match: re.Match[str], value: Decimal) -> Quantity | None:
        scale, unit = match["scale"] or "", match["unit"] or ""
        spoken = bool(match["number"]) and not match["number"][0].isdigit()
        if not match["number"] and not scale:
            return None
        if not unit and not match["number"]:
            return None
        if spoken and not unit and not (scale[-1:] in ("万", "亿") and _MARK.match(match.string, match.end())):
            return None
        form = self._form(unit)
        if form is Form.BARE and scale[-1:] in ("万", "亿") and _PEOPLE.match(match.string, match.end()):
            form = Form.COUNT
        return Quantity(
            match.start(), match.end(), value, scale + unit, form,
            is_spoken=spoken, is_scale_only=not match["number"],
        )  # fmt: skip

    def _range(self, first: re.Match[str], second: re.Match[str]) -> Quantity | None:
        low, high = number(first["number"]), number(second["number"])
        unit = (second["scale"] or "") + (second["unit"] or "")
        own = (first["scale"] or "") + (first["unit"] or "")
        if low is None or high is None or own not in ("", unit, second["scale"] or ""):
            return None
        if high <= low:
            return None
        spoken = not second["number"][0].isdigit()
        if not unit and spoken:
            return None
        return Quantity(
            first.start(), second.end(), low, unit, self._form(second["unit"] or ""),
            value_max=high, is_spoken=spoken,
        )  # fmt: skip

    def _form(self, unit: str) -> Form:
        bare = unit.partition("/")[0].partition("每")[0]
        if "/" in unit or "每" in unit:
            return Form.MEASURE
        if bare in self._money:
            return Form.MONEY
        if bare in ("%", "‰"):
            return Form.PERCENT
        if bare.endswith(("百分点", "千分点", "基点", "bp")):
            return Form.POINTS
        if bare == "倍":
            return Form.TIMES
        if bare == "成":
            return Form.FRACTION
        if bare in TIME_UNITS:
            return Form.TIME
        if bare in self._counters:
            return Form.COUNT
        return Form.MEASURE if bare else Form.BARE


def _sharing(text: str, found: list[Quantity]) -> list[Quantity]:
    """Bare numbers listed before one with a unit take its unit: 0.1和1.2个百分点, 20、30和50家."""
    for at in range(len(found) - 2, -1, -1):
        own, following = found[at], found[at + 1]
        listed = following.form in _SHARED_UNITS and text[own.end : following.start] in _BETWEEN
        if listed and own.form is Form.BARE and not own.is_spoken:
            unit = (
                following.unit if own.unit in ("", following.unit) else own.unit + following.unit.lstrip("十百千万亿")
            )
            found[at] = replace(own, unit=unit, form=following.form)
    return found


def _value(match: re.Match[str]) -> Decimal | None:
    if match["number"]:
        return number(match["number"])
    return Decimal(1) if match["scale"] else None


def _special(text: str, mask: Sequence[int]) -> list[Quantity]:
    """Quantities with a writing of their own: 百分之八, 三分之一, 翻一番, 居全国第三."""
    found: list[Quantity] = []
    closed = bytearray(mask)

    def add(quantity: Quantity | None) -> None:
        if quantity is not None and 1 not in closed[quantity.start : quantity.end]:
            found.append(quantity)
            _cover(closed, quantity.start, quantity.end)

    for match in _RANK.finditer(text):
        add(_rank(match))
        end = match.end()
        while another := _RANK_NEXT.match(text, end):
            value = number(another["n"])
            if value:
                add(Quantity(another.start("n") - 1, another.end(), value, "位", Form.RANK))
            end = another.end()
    for match in _PER_CENT.finditer(text):
        value = number(match["low"])
        if value is not None:
            add(Quantity(match.start(), match.end(), value, "%", Form.PERCENT, is_spoken=False))
    for match in _FRACTION.finditer(text):
        below, above = number(match["low"] or match["b"]), number(match["high"] or match["a"])
        if below and above is not None and above < below:
            add(Quantity(match.start(), match.end(), round(above / below, 6).normalize(), "", Form.FRACTION))
    for match in _HALF.finditer(text):
        add(Quantity(match.start(), match.end(), Decimal("0.5"), "", Form.FRACTION))
    for match in _DOUBLE.finditer(text):
        times = number(match["n"] or "一") or Decimal(1)
        add(Quantity(match.start(), match.end(), Decimal(2) ** int(times), "倍", Form.TIMES))
    return found


def _cover(closed: bytearray, start: int, end: int) -> None:
    closed[start:end] = b"\1" * (end - start)


def _rank(match: re.Match[str]) -> Quantity | None:
    written = match["n"] or match["within"]
    value = Decimal(1) if match["first"] else number(written)
    if value is None or value == 0:
        return None
    starts = [match.start(group) for group in ("n", "within", "first") if match[group]]
    start = starts[0] - (0 if match["first"] else 1)
    if match["within"] and not match["verb"]:
        return None
    lead = match.start()
    return Quantity(start, match.end(), value, "位", Form.RANK, lead=lead, is_within=bool(match["within"]))
