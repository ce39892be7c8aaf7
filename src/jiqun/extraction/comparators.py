"""How a printed number binds: the words before and after it, and whether the bound itself counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiqun.extraction.quantities import Form, Quantity
from jiqun.extraction.words import ABOUT, ABOVE, AT_LEAST, AT_MOST, BELOW, BOUND_BEHIND, any_of
from jiqun.model.bounds import Comparator

_BEFORE = re.compile(rf"(?P<word>{any_of({*AT_LEAST, *ABOVE, *AT_MOST, *BELOW, *ABOUT} - {*BOUND_BEHIND})})$")
_AFTER = re.compile(rf"^个?(?P<word>{any_of(BOUND_BEHIND)}|内(?=$|[,;。、)]))(?:的水平|水平)?")
_LINK = re.compile(r"(?:到|至|在|了|为|是|有|:|人民币|总计|共)$")
_SHARE_OF = re.compile(r"(?P<bound>约|近|大约|将近|超过?|不足)?(?P<share>占[^,;。、占]{1,14}?)的?$")
_TIGHT_LINK = re.compile(r"(?:(?<!达)到|至|(?<=[高升长加大展低少降缩增])为|了|:|人民币)$")
_OF_YEAR = re.compile(r"(?:20\d\d年|上年|去年)(?:度|底|末|同期)?的$")  # 约为2019年的6倍
_NOT_ABOUT = ("签", "合", "节", "契", "制", "规", "公", "集")  # 现场签约1.7亿美元
_REACH = 6  # characters a bound word may have


@dataclass(frozen=True)
class Reading:
    """The bound of one number. `start` and `end` take in the words that state it, so that what is left is subject.

    `share` is what stood between them and belongs to the subject all the same: 占全国 in 约占全国1/8.
    """

    comparator: Comparator
    is_strict: bool
    start: int
    end: int
    share: str = ""


def read(text: str, quantity: Quantity, floor: int, ceiling: int) -> Reading:
    """The bound that the words around `quantity` state, looking no further than `floor` and `ceiling`.

    左右 and 约 win over 达到; an upper bound wins over a lower one (控制在…以内); nothing said is EQ.
    """
    words: set[str] = set()
    start = quantity.head
    past = _OF_YEAR.search(text, floor, start)
    if past is not None and quantity.form is Form.TIMES and re.search(r"[为是到约近超达]$", text[floor : past.start()]):
        start = past.start()
    for _ in range(_REACH):
        before = text[max(floor, start - _REACH) : start]
        match = _BEFORE.search(before)
        if match is not None and match["word"] == "约" and before[: match.start()].endswith(_NOT_ABOUT):
            break
        if match is not None:
            words.add(match["word"])
            start -= len(before) - match.start()
            continue
        link = _TIGHT_LINK.search(before) or (_LINK.search(before) if _leads_on(before) else None)
        if link is None:
            break
        start -= len(before) - link.start()
    end = quantity.end
    match = _AFTER.match(text[end : min(end + 8, ceiling)])
    if match is not None:
        words.add(match["word"])
        end += match.end()
    share = _share_of(text, quantity, floor, start) if not words else None
    if share is not None and share["bound"]:
        words.add(share["bound"])
        start -= len(share[0])
    comparator, strict = _judged(words, quantity)
    return Reading(comparator, strict, start, end, share["share"] if share is not None and share["bound"] else "")


def _share_of(text: str, quantity: Quantity, floor: int, start: int) -> re.Match[str] | None:
    if quantity.form not in (Form.FRACTION, Form.PERCENT):
        return None
    return _SHARE_OF.search(text[max(floor, start - 20) : start])


def leads_to(words: str) -> bool:
    """Whether the bound words begin where a change arrives: 到, 至, 为 before the number (提高到, 降至)."""
    return words.startswith(("到", "至", "为", "成"))


def _leads_on(before: str) -> bool:
    """Whether a bound word stands right behind the linking word: 约占, 达到了, 超过全国的."""
    link = _LINK.search(before)
    return link is not None and _BEFORE.search(before[: link.start()]) is not None


def _judged(words: set[str], quantity: Quantity) -> tuple[Comparator, bool]:
    if quantity.value_max is not None:
        return Comparator.RANGE, False
    if words & {*ABOUT}:
        return Comparator.APPROX, False
    if words & {*AT_MOST, *BELOW}:
        return Comparator.LE, not words & {*AT_MOST}
    if words & {*AT_LEAST, *ABOVE}:
        return Comparator.GE, not words & {"以上", "及以上", "不低于", "不少于"} and bool(words & {*ABOVE})
    return Comparator.EQ, False
