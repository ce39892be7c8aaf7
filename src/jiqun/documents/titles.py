"""Which lines are titles: of the document, and of the one that a notice passes on."""

from __future__ import annotations

import re
from dataclasses import replace

from jiqun.documents.header import is_head_matter
from jiqun.documents.layout import wrap_width
from jiqun.documents.lines import Line, Role, width
from jiqun.documents.numbering import parse_number

_GENRE = re.compile(
    r"(?:意见|方案|计划|规划|通知|办法|措施|决定|决议|纲要|细则|要点|报告|公告|通告|公报|清单|条例|规定|批复|复函|政策|指南|目录|举措"
    r"|规则|标准|导则|行动|纪要|安排|一览表|任务书|分工|条)(?:[(（][^()（）]{1,30}[)）]|[“”\"])*$"
)
_ISSUED_WITH = re.compile(r"(?:印发|转发|下发|发布|颁布|公布|批转)(?:《|〈|关于)?.{4,80}的?(?:通知|公告|通告|函|决定)")


def mark(lines: list[Line]) -> list[Line]:
    """`lines` with those of the title, and of the document a notice passes on, in the role of a title.

    A second print of the title right after it is taken out.
    """
    if any(line.role is Role.TITLE for line in lines):
        return lines
    span = _title_lines(lines)
    if span is None:
        return lines
    marked = _with_titles(lines, *span)
    title = _joined(lines, *span)
    while span[1] < len(marked) and _squeeze(marked[span[1]].text) == _squeeze(title):
        del marked[span[1]]
    if _ISSUED_WITH.search(title):
        return _mark_attached(marked, span[1], _squeeze(title))
    return marked


def _with_titles(lines: list[Line], first: int, last: int) -> list[Line]:
    return [replace(line, role=Role.TITLE) if first <= i < last else line for i, line in enumerate(lines)]


def _joined(lines: list[Line], first: int, last: int) -> str:
    return "".join(line.text for line in lines[first:last])


def _title_lines(lines: list[Line]) -> tuple[int, int] | None:
    """The lines of the first real title: before any numbered part, short, without a stop; up to four of them."""
    fallback = None
    for i, line in enumerate(lines[:12]):
        if parse_number(line.text) is not None:
            break
        if is_head_matter(line.text):
            continue
        last = _title_end(lines, i)
        if last is not None:
            return i, last
        if i == 0 and _may_be_title(line) and not _is_prose(line, lines):
            fallback = (i, i + 1)
    return fallback


def _is_prose(line: Line, lines: list[Line]) -> bool:
    """Whether a line is the beginning of a paragraph: it holds a clause, or runs to the edge of its column."""
    if line.reach is not None:
        return line.reach
    measure = wrap_width(lines)
    is_full = measure is not None and width(line.text) >= 0.84 * measure
    return is_full or (len(line.text) >= 22 and re.search(r"[，,。；;]", line.text) is not None)


def _may_be_title(line: Line) -> bool:
    text = line.text
    return line.role in (Role.TEXT, Role.HEADING) and len(text) <= 60 and text[-1] not in "。；;，,、：:"


def _title_end(lines: list[Line], first: int) -> int | None:
    """One past the last line of a title that begins at `first` and ends in a word for a kind of document."""
    text = ""
    for last in range(first, min(first + 4, len(lines))):
        line = lines[last]
        if (
            not _may_be_title(line)
            or parse_number(line.text) is not None
            or (last > first and is_head_matter(line.text))
        ):
            return None
        text += line.text
        if _GENRE.search(text) and len(text) <= 120:
            follows = lines[last + 1].text if last + 1 < len(lines) else ""
            more = re.fullmatch(r"[(（][^()（）]{2,30}[)）]|的通知", follows) is not None
            return last + 1 + more
    return None


def _mark_attached(lines: list[Line], start: int, notice: str) -> list[Line]:
    """Marks the title of the document that a notice passes on: lines whose words the notice's own title holds."""
    for i in range(start, len(lines)):
        if not _may_be_title(lines[i]) or parse_number(lines[i].text) is not None:
            continue
        for last in range(i + 1, min(i + 5, len(lines) + 1)):
            words = _squeeze(_joined(lines, i, last))
            if words not in notice:
                break
            if len(words) >= 8 and _GENRE.search(words) and words != notice:
                return _with_titles(lines, i, last)
    return lines


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
