"""Numbers as Chinese documents print them: 1,234.5, １２３４, 一千二百, 两万三; and width folding that moves nothing.

Folding is one character to one character, so a place in folded text is the same place in the text it came from.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
SMALL_SCALES = {"十": 10, "百": 100, "千": 1_000, "拾": 10, "佰": 100, "仟": 1_000}
LARGE_SCALES = {"万": 10_000, "亿": 100_000_000}

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLDING = _FULL_WIDTH | {
    0x3000: 0x20,  # ideographic space
    0xFFE5: 0xA5,
    0x301C: ord("~"), 0x223C: ord("~"), 0x2053: ord("~"),
    0x2013: ord("—"), 0x2015: ord("—"), 0x2500: ord("—"), 0x2212: ord("-"), 0x2010: ord("-"), 0x2011: ord("-"),
    0x3014: ord("["), 0x3015: ord("]"), 0x3008: ord("<"), 0x3009: ord(">"),
    0xFF61: ord("。"), 0x2022: ord("·"), 0x30FB: ord("·"),
}  # fmt: skip
_ARABIC = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_LONGEST = 64  # marks; what is longer is damage, and readers try it again from each of its marks


def fold(text: str) -> str:
    """`text` with full-width letters, digits and marks as half-width ones; as many characters as before."""
    return text.translate(_FOLDING)


def number(text: str) -> Decimal | None:
    """The value that `text` writes in Arabic or Chinese numerals, or both (1.5万); None for anything else.

    A last digit after a scale continues it as in speech: 两万三 is 23000, 一百五 is 150. Digits without scales are
    read in order: 二〇二五 is 2025.
    """
    if len(text) > _LONGEST:
        return None
    written = re.sub(r"\s+", "", fold(text))
    if not written:
        return None
    if _ARABIC.fullmatch(written):
        return Decimal(written.replace(",", ""))
    head = _ARABIC.match(written)
    if head is not None:
        scale = Decimal(1)
        for mark in written[head.end() :]:
            step = SMALL_SCALES.get(mark) or LARGE_SCALES.get(mark)
            if step is None:
                return None
            scale *= step
        return Decimal(head[0].replace(",", "")) * scale
    return _spoken(written)


def _spoken(written: str) -> Decimal | None:
    whole, dot, tail = written.partition("点")
    if dot and not (tail and all(mark in DIGITS for mark in tail)):
        return None
    if all(mark in DIGITS for mark in whole):
        value = Decimal("".join(str(DIGITS[mark]) for mark in whole)) if whole else None
    else:
        value = _scaled(whole, may_shorten=not dot)
    if value is None or not dot:
        return value
    return value + Decimal("0." + "".join(str(DIGITS[mark]) for mark in tail))


def _scaled(marks: str, *, may_shorten: bool) -> Decimal | None:
    total, section, digit = 0, 0, -1  # what larger scales closed, what small ones gathered, the digit waiting
    scale, large = 1, 1  # of the mark before, and the last of 万 or 亿
    for mark in marks:
        if mark in DIGITS:
            if digit > 0:
                return None
            digit = DIGITS[mark]
            scale = scale if digit else 1  # 一百零五: the five is five, not fifty
        elif mark in SMALL_SCALES:
            scale = SMALL_SCALES[mark]
            section += (1 if digit < 0 else digit) * scale
            digit = -1
        elif mark in LARGE_SCALES:
            scale = LARGE_SCALES[mark]
            section += max(digit, 0)
            if total == section == 0:
                section = 1
            total = (total + section) * scale if scale > large else total + section * scale
            section, digit, large = 0, -1, scale
        else:
            return None
    return Decimal(total + section + max(digit, 0) * (scale // 10 if may_shorten and scale >= 100 else 1))
