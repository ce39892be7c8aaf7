"""Printed numbers of parts and the words that head them: 一、 (一) 1. (1) 第一章 第一条, alone or run in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_HAN = "〇零一二三四五六七八九十百"

# Ranks order nesting: a part stands under the nearest earlier part of a smaller rank.
ANNEX, CHAPTER, ARTICLE, FIRST, SECOND, THIRD, FOURTH = range(7)
_LEVELS = {ANNEX: 1, CHAPTER: 1, ARTICLE: 2, FIRST: 1, SECOND: 2, THIRD: 3, FOURTH: 4}
_FORMS = (
    (CHAPTER, re.compile(rf"(第[{_HAN}\d]{{1,4}}[编篇章])(?:[\s:：]+|$|(?=.{{2,20}}$))")),
    (CHAPTER + 0.5, re.compile(rf"(第[{_HAN}\d]{{1,4}}节)(?:[\s:：]+|$|(?=.{{2,20}}$))")),
    (ARTICLE, re.compile(rf"(第[{_HAN}\d]{{1,4}}条)(?:[\s:：]+|$)")),
    (FIRST, re.compile(rf"([{_HAN}]{{1,4}})[、．.]\s*")),
    (SECOND, re.compile(rf"[(（]([{_HAN}]{{1,4}})[)）][、．.]?\s*")),
    (THIRD, re.compile(r"(\d{1,3})[ \u3000]?[.．、](?![\d.．])\s*")),
    (FOURTH, re.compile(r"[(（](\d{1,2})[)）][、．.]?\s*")),
)

_STOPS = "。；;！!？?：:,，、"
_FIRST_SENTENCE = re.compile(r"[^。！？!?；;]*[。！？!?；;]")
_LABELS = (
    r"(?:指导思想|总体要求|总体思路|基本思路|工作思路|基本原则|工作原则|发展原则|总体目标|发展目标|主要目标|工作目标|"
    r"行动目标|阶段目标|目标任务|总体布局|发展定位|战略定位|重要意义|发展基础|发展现状|发展形势|面临形势|适用范围)"
)
_RUN_LABEL = re.compile(_LABELS + r"(?=[^。：:，,、；;\s和与及])")
_RUN_DEADLINE = re.compile(
    r"[^\s。，,、；;：:\d“”]{2,15}?(?=(?:力争)?(?:到|至)\s?20\d\d\s?年|以[^，,。]{2,40}为(?:指导|引领|遵循))"
)
_SPACED = re.compile(r"[^\s。；;：:]{3,30}(?<=[\u4e00-\u9fff”》)）])[ \u3000\xa0]+(?=[\u4e00-\u9fff“《])")


@dataclass(frozen=True)
class Number:
    """The number at the head of a line. `printed` has half-width brackets and no stop; words start at `end`."""

    rank: float
    printed: str
    value: int
    end: int

    @property
    def level(self) -> int:
        """Depth of the style: 一 and 章 1, (一) and 条 2, 1. 3, (1) 4."""
        return _LEVELS[int(self.rank)]


@lru_cache(maxsize=1024)  # many passes ask it of one line
def parse_number(text: str) -> Number | None:
    """The part number `text` begins with; None where it begins with words or an ordinary figure."""
    if not text or text[0] not in "第（(〇零一二三四五六七八九十百0123456789":
        return None
    for rank, form in _FORMS:
        match = form.match(text)
        if match is not None:
            digits = match[1].strip("第编篇章节条")
            value = int(digits) if digits.isdecimal() else han_value(digits)
            bracketed = rank in (SECOND, FOURTH)
            return Number(rank, f"({match[1]})" if bracketed else match[1], value, match.end())
    return None


def han_value(digits: str) -> int:
    """The integer a Chinese numeral below a thousand names: 十二 12, 二十 20, 一百零三 103, 二〇二五 2025."""
    if not any(c in "十百" for c in digits):
        return int("".join(str(_DIGITS.get(c, 0)) for c in digits) or "0")
    total, pending = 0, 0
    for c in digits:
        if c in "十百":
            total += (pending or 1) * (10 if c == "十" else 100)
            pending = 0
        else:
            pending = _DIGITS.get(c, 0)
    return total + pending


def han_numeral(value: int) -> str:
    """The Chinese numeral of an integer from 0 to 999, as headings print it: 10 十, 12 十二, 103 一百零三."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_HAN[hundreds + 1]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _HAN[tens + 1]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_HAN[ones + 1] if ones else "") or "零"


def heading_length(words: str) -> int:
    """How many characters of `words`, the text after a number, are its heading; its end punctuation not counted.

    A line without a stop is all heading. Else the first sentence if short; where the heading runs into the
    sentence (发展目标到2025年,…) it ends before the date or after the known heading word; an item without a
    heading has its first clause as heading.
    """
    first = _FIRST_SENTENCE.match(words)
    if first is None and len(words) <= 60 and not _RUN_LABEL.match(words) and not _spaced(words):
        return len(words.rstrip(_STOPS))
    sentence = first[0] if first else words
    colon = re.search(r"[：:]", sentence[:21])
    if colon:
        return colon.start()
    if 0 < len(sentence) - 1 <= 20 and not re.search(r"[，,]\s*(?:到|至)?\s?20\d\d", sentence):
        spaced = _spaced(words)
        return spaced if spaced and spaced < len(sentence) - 1 else len(sentence.rstrip(_STOPS))
    for form in (_RUN_LABEL, _RUN_DEADLINE):
        match = form.match(words)
        if match:
            return match.end()
    spaced = _spaced(words)
    if spaced:
        return spaced
    if len(sentence) <= 45 and not re.search(r"\d", re.sub(r"“[^”]*”", "", sentence)):
        return len(sentence.rstrip(_STOPS))
    return len(re.split(r"[，,；;。：:]", words, maxsplit=1)[0])


def _spaced(words: str) -> int:
    match = _SPACED.match(words)
    return len(match[0].rstrip()) if match else 0


class Sequence:
    """The numbers met so far; knows whether a further one is the next of its style."""

    def __init__(self) -> None:
        self._last: dict[float, int] = {}

    def expects(self, number: Number) -> bool:
        return number.value in (1, self._last.get(number.rank, 0) + 1)

    def take(self, number: Number) -> None:
        self._last[number.rank] = number.value
