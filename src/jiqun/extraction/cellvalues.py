"""What a cell of a column of numbers says: a number with its bound, nothing, or sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from jiqun.extraction import comparators
from jiqun.extraction.heads import words_of
from jiqun.extraction.passages import Passage
from jiqun.extraction.quantities import Form, Quantity, Scanner
from jiqun.extraction.words import FALLS, RISES, any_of
from jiqun.model.bounds import Comparator
from jiqun.model.numerals import number

_BLANK = frozenset(words_of("blank"))
_AROUND = re.compile(rf"(?:{any_of(words_of('around_numbers'))}|[,、:]|20\d\d年末?底?)*")
_FOOTNOTE = re.compile(r"(?:[*①-⑳※†‡]+|(?<=[\d%)\]])\[\d{1,2}\])$")
_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?:年|(?=[-—~至](?:19|20|21)\d\d))|(?<!\d)[-—~至](?:19|20|21)\d\d年?(?!\d)")
_SIGNS = {
    "<": (Comparator.LE, True), "≤": (Comparator.LE, False), "≦": (Comparator.LE, False), "⩽": (Comparator.LE, False),
    ">": (Comparator.GE, True), "≥": (Comparator.GE, False), "≧": (Comparator.GE, False), "⩾": (Comparator.GE, False),
    "≈": (Comparator.APPROX, False), "~": (Comparator.APPROX, False),
}  # fmt: skip
_RANK = re.compile(r"(?:[^\d第前]{0,10})(?:第|前)(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})[位名]?")
_APPENDED = re.compile(r"[、,;。(][^\d、,;。()]*[)。]?$")  # >7、力争高于上一时期
_MOST_WORDS = 24  # characters beside a number; more of them are a sentence
_PARTED = re.compile(r"\d[^\S\n]+\d|\d\s*\n\s*\d")
_THOUSANDS = re.compile(r"\D*\d{1,3}(?:[ \u00a0\u2009]\d{3})+(?:\.\d+)?\D*")
_SUM = re.compile(r"累计|合计")
_CHANGE = re.compile(f"{any_of(word for word in (*RISES, *FALLS) if len(word) > 1)}")


@dataclass(frozen=True)
class Value:
    """A number of a cell; offsets in the cell's passage, `start` to `end` with the words that bind it.

    `unit` is what the cell itself prints, perhaps a bare scale (1.2万). `bracket` is the kind of bracket around it.
    """

    quantity: Quantity
    start: int
    end: int
    comparator: Comparator
    is_strict: bool
    words: str
    bracket: str = ""

    @property
    def change(self) -> str:
        """The verb of change printed with it: 增长, 下降; empty for none."""
        match = _CHANGE.search(self.words)
        return match[0] if match else ""

    @property
    def is_sum(self) -> bool:
        return _SUM.search(self.words) is not None


class Cells:
    """Reads cells by the units of one city."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self.form = lru_cache(maxsize=1024)(self._form)

    def is_unit(self, text: str) -> bool:
        """Whether `text` is nothing but a unit: 亿元, 万元/亩, 个百分点."""
        return bool(text) and len(text) <= 12 and self.form(text) is not None

    def _form(self, unit: str) -> Form | None:
        """The form that a number with this unit takes; None where it is no unit the language knows."""
        if not unit or not re.search(r"[^\d.]", unit[0]):
            return None
        written = f"1{unit}"
        found = self._scanner.scan(written, [False] * len(written))
        if len(found) != 1 or found[0].end != len(written) or found[0].form is Form.BARE:
            return None
        return found[0].form

    def is_blank(self, passage: Passage) -> bool:
        return not passage.text or passage.text in _BLANK or passage.text.strip("—-*①②③④⑤…") == ""

    def value(self, passage: Passage, raw: str) -> Value | None:
        """The one number of a cell and what binds it; None where there is none, more than one, or other words.

        `raw` is the cell as printed: two numbers that only white space parts are not run together.
        """
        text = passage.text
        if self.is_blank(passage) or (_PARTED.search(raw) and not _THOUSANDS.fullmatch(raw.strip())):
            return None
        mark = _FOOTNOTE.search(text)
        end = mark.start() if mark else len(text)
        rank = _RANK.fullmatch(text[:end])
        if rank is not None:
            return _ranked(rank, text[:end])
        mask = [False] * len(text)
        for year in _YEAR.finditer(text):
            mask[year.start() : year.end()] = [True] * (year.end() - year.start())
        found = self._scanner.scan(text[:end], mask[:end])
        if len(found) != 1 or found[0].is_scale_only or found[0].form in (Form.RANK,):
            return None
        return _bound(text, end, found[0])


def _ranked(match: re.Match[str], text: str) -> Value | None:
    value = number(match["n"])
    if not value:
        return None
    is_within = text[match.start("n") - 1] == "前"
    quantity = Quantity(
        match.start("n") - 1, match.end(), value, "位", Form.RANK, lead=0, is_within=is_within
    )  # fmt: skip
    return Value(quantity, 0, len(text), Comparator.LE if is_within else Comparator.EQ, False, "")


def _bound(text: str, end: int, quantity: Quantity) -> Value | None:
    reading = comparators.read(text[:end], quantity, 0, end)
    start, stop = reading.start, reading.end
    comparator, is_strict = reading.comparator, reading.is_strict
    if text[start - 1 : start] == "-" and start == quantity.start and text[start - 2 : start - 1] in ("", "[", "("):
        start -= 1
        quantity = replace(quantity, start=start, value=-quantity.value)
    sign = _SIGNS.get(text[start - 1 : start])
    if sign is not None and start == quantity.start and comparator is Comparator.EQ:
        (comparator, is_strict), start = sign, start - 1
    if comparator is Comparator.EQ and text[stop : stop + 1] == "+":
        comparator, stop = Comparator.GE, stop + 1
    included = re.match(r"\(?含\)?(?:以上|以下)?", text[stop:end])
    if included is not None and comparator is Comparator.EQ:
        stop += included.end()
        comparator = Comparator.LE if "下" in included[0] else Comparator.GE if "上" in included[0] else comparator
    before, after, bracket = text[:start], text[stop:end], ""
    if before[-1:] in ("[", "(") and after[:1] in ("]", ")"):
        bracket, before, after = before[-1], before[:-1], after[1:]
        start, stop = start - 1, stop + 1
    after = _APPENDED.sub("", after)
    if max(len(before), len(after)) > _MOST_WORDS or not _AROUND.fullmatch(before) or not _AROUND.fullmatch(after):
        return None
    return Value(quantity, start, stop, comparator, is_strict, before + after, bracket)


def with_unit(quantity: Quantity, unit: str) -> str:
    """The unit of a number: its own, else the row's; a bare scale joins the row's unit: 1.2万 of 人 is 万人."""
    own = quantity.unit
    if not own:
        return unit
    if not re.fullmatch(r"[十百千万亿]+", own) or not unit:
        return own
    return unit if unit.startswith(own) else own + unit
