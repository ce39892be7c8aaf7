"""Line ends that fall inside a sentence, told by what two lines or a few show: so a text of three lines is mended too.

Evidence of two lines: a number parted from its digits or unit, a stop at the head of a line, a clause that a page
breaks. Evidence of a few: they end where the next word no longer fits, and not at commas as verse does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiqun.documents.header import is_body
from jiqun.documents.lines import Line, Role, width
from jiqun.documents.numbering import parse_number

SENTENCE_END = re.compile(r"[。！？!?…][”’」』）)\]】]*$|[;；:：][”’]?$")
STOP = re.compile(r"[^\w%％]$")
COMMA_END = re.compile(r"[，,、]$")
OPENER = re.compile(
    r"(?:近年来|近期|目前|当前|如今|今年|去年|上半年|下半年|截至|截止|到\s?\d{4}|\d{4}\s?年|十[二三四五]五|同时|此外|其中|下一步|下阶段"
    r"|会上|据|一直以来|长期以来|过去|未来)"
)
TOKEN = re.compile(r"[A-Za-z0-9.%]+|.[，。、；：！？”）,.;:!?)]*")  # what stands unbroken at the head of a line
ITEM = re.compile(r"——|[-*•●■◆▲★☆※·▪○◎→]\s|[一二三四五六七八九十]+是|[①-⑳]|附件|注[:：]|(?:图|表|专栏)\s?\d")

_CLAUSE = re.compile(r"[，,]")
_INNER = re.compile(r"[，,、；;。]")
_UNIT = (
    r"(?:[%％‰]|个?百分点|[十百千万亿]|美?元|家|个|项|户|人|名|亩|吨|米|公里|千米|公顷|平方|立方|台|辆|座|条|件|所|张|套|处|次|倍|位"
    r"|只|支|批|艘|架|株|床|间|幢|栋|千瓦|兆瓦|标准)"
)
_DIGIT_END = re.compile(r"[^\d\s.,].*\d\.?$")
_DIGITS_ON = re.compile(rf"\.?\d[\d.]*\s?{_UNIT}")
_UNIT_ON = re.compile(rf"{_UNIT}|年[，,、底末]")
_NUMBER_DUE = re.compile(
    r"(?:达到?|超过|(?<![现得新大点])突破|[增升降减]至|(?:提高|增加|下降|增长|降低)到|(?:控制|稳定|保持)在|不[低少高多]于|不超过)$"
)
_STOP_ON = re.compile(r"[，。、；：！？）》”’」』】,;!?)]")
_REACHED_ON = re.compile(r"[\u4e00-\u9fff]?(?:达到?|[增升降减]至)\s?\d|(?:超过|突破)\s?\d")  # what was it that reached?
_DAY = re.compile(
    r"[(（]?(?:\d{4}年\d{1,2}月\d{1,2}日|[二一][〇○零ＯO０一二三四五六七八九]{3}年\w{1,3}月\w{1,3}日)[)）]?"
)
_INSET = 3  # columns from which a line is set in; two Chinese characters are 4


def is_parted(last: Line, line: Line) -> bool:
    """Whether the end of `last` parts a number from its digits, unit or verb, or a word from the stop behind it."""
    if SENTENCE_END.search(last.text) or "\t" in last.text + line.text:
        return False
    if _STOP_ON.match(line.text):
        return True
    is_prose = _CLAUSE.search(last.text) or _INNER.search(line.text)
    if not is_prose and not _NUMBER_DUE.search(last.text.rstrip("0123456789. ")):
        return False
    if _DIGIT_END.search(last.text):
        return (_DIGITS_ON.match(line.text) or (last.text[-1] != "." and _UNIT_ON.match(line.text))) is not None
    if _NUMBER_DUE.search(last.text):
        return _DIGITS_ON.match(line.text) is not None
    reached = _REACHED_ON.match(line.text) if last.text[-1].isalnum() else None
    return reached is not None and (line.after_mark or reached[0][0] not in "超突")


def is_inside_sentence(text: str, line: Line) -> bool:
    """Whether a paragraph that reads `text` so far stops before `line` in mid-sentence, as no heading would.

    It opens like a sentence (到2027年，…), or a page mark stands where it breaks off.
    """
    if STOP.search(text):
        return False
    clause = re.split(r"[。！？；;]", text)[-1]
    is_clause = _CLAUSE.search(clause) is not None
    return is_clause and (line.after_mark or OPENER.match(clause) is not None)


def has_clause(text: str) -> bool:
    """Whether a line holds a comma or stop, that of a part's number aside: headings and names hardly do."""
    number = parse_number(text)
    return _INNER.search(text, number.end if number else 0) is not None


def opens_paragraph(lines: list[Line]) -> bool:
    """Whether the second line goes on with the first, so that the first is no title."""
    if len(lines) < 2 or lines[1].complete:
        return False
    first, second = lines[:2]
    number = parse_number(second.text)
    if number is not None or ITEM.match(second.text):
        return False
    is_wide = second.after_mark or second.width <= first.width + 8
    is_set_in = first.indent >= second.indent + _INSET and second.blanks == 0 and has_clause(first.text)
    is_open = is_set_in or is_inside_sentence(first.text, second)
    return is_parted(first, second) or 1 in wrapped(lines) or (is_wide and is_open)


def signed(lines: list[Line]) -> set[int]:
    """Indices of lines that sign: a day alone on its line, and the names of bodies right above it."""
    found: set[int] = set()
    for i, line in enumerate(lines):
        if line.grid is None and len(line.text) <= 20 and _DAY.fullmatch(re.sub(r"\s+", "", line.text)):
            found.add(i)
            while i > 0 and lines[i - 1].grid is None and is_body(lines[i - 1].text):
                i -= 1  # noqa: PLW2901
                found.add(i)
    return found


def set_in(lines: list[Line]) -> set[int]:
    """Indices of lines set in by two characters or more, where that marks paragraphs; else none.

    It does not where many of them take on a clause of the line above: then the whole text is set in.
    """
    flat = [i for i, line in enumerate(lines) if _is_plain(line)]
    if not flat:
        return set()
    edge = min(lines[i].indent for i in flat)
    found = {i for i in flat if lines[i].indent >= edge + _INSET}
    above = [lines[i - 1].text for i in found if i]
    taken_on = sum(1 for text in above if not SENTENCE_END.search(text) and has_clause(text))
    return found if 4 * taken_on <= len(found) else set()


@dataclass(frozen=True)
class Edge:
    """The right edge of a wrapped text, in half-width columns and in characters: wraps go by either."""

    columns: int
    characters: int

    def is_full(self, last: Line, line: Line, slack: int = 0) -> bool:
        """Whether the head of `line` would not have fitted behind `last`, give or take `slack` columns."""
        token = TOKEN.match(line.text)
        head = token[0] if token else line.text[:1]
        room = self.columns - last.width - last.indent
        places = self.characters - len(last.text) - last.indent // 2
        return room < width(head) + slack or places < 1


def edge(lines: list[Line]) -> Edge | None:
    """The edge at which the prose of a text ends; None for a text without prose."""
    prose = [line for line in lines if _is_plain(line) and has_clause(line.text)]
    if not prose:
        return None
    return Edge(
        max(line.width + line.indent for line in prose), max(len(line.text) + line.indent // 2 for line in prose)
    )


def wrapped(lines: list[Line]) -> set[int]:
    """Indices of lines that go on with the line before because a narrow text was wrapped evenly.

    Two lines at least end full and inside a sentence, hardly a line of prose ends short of the edge, and what is
    joined ends with a stop: lists of equal words do not, and verse breaks at its commas.
    """
    side = edge(lines)
    if side is None or not 30 <= side.columns <= 130:
        return set()
    full: list[int] = []
    sure = short = 0
    for i in range(1, len(lines)):
        last, line = lines[i - 1], lines[i]
        if not _may_go_on(last, line) or SENTENCE_END.search(last.text):
            continue
        is_prose = has_clause(last.text)
        if side.is_full(last, line, 2 if is_prose else 0) and last.width + last.indent <= side.columns + 2:
            full.append(i)
            sure += is_prose
        else:
            short += is_prose
    at_comma = sum(1 for i in full if COMMA_END.search(lines[i - 1].text))
    full = [i for i in full if i - 1 in full or has_clause(lines[i - 1].text) or _is_plain_opening(lines[i - 1], sure)]
    if len(full) < 2 or 4 * short > len(full) or 2 * at_comma > len(full):
        return set()
    return _ended(lines, full)


def _is_plain_opening(line: Line, sure: int) -> bool:
    """Whether a full line without a comma opens a paragraph: where three lines and more were surely wrapped."""
    return sure >= 3 and parse_number(line.text) is None


def _ended(lines: list[Line], full: list[int]) -> set[int]:
    """Those of `full` whose chain, line upon line, ends with a stop and holds a clause."""
    found: set[int] = set()
    chain: list[int] = []
    for i in full:
        chain = [*chain, i] if chain and chain[-1] == i - 1 else [i]
        if SENTENCE_END.search(lines[i].text):
            if any(has_clause(lines[k].text[:-1]) for k in range(chain[0] - 1, i + 1)):
                found.update(chain)
            chain = []
    return found


def _may_go_on(last: Line, line: Line) -> bool:
    if not (_is_plain(last) and _is_plain(line)) or last.complete or last.reach is not None:
        return False
    is_new = line.blanks > 0 or line.indent >= last.indent + _INSET or parse_number(line.text) is not None
    return not is_new and not ITEM.match(line.text)


def _is_plain(line: Line) -> bool:
    return line.role is Role.TEXT and line.grid is None
