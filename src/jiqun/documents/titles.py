"""Which lines are titles: of the document, and of those that a notice passes on."""

from __future__ import annotations

import re
from dataclasses import replace

from jiqun.documents.header import is_body, is_head_matter
from jiqun.documents.layout import wrap_width
from jiqun.documents.lines import Line, Role
from jiqun.documents.numbering import parse_number
from jiqun.documents.seams import opens_paragraph

_GENRE = re.compile(
    r"(?:意见|方案|计划|规划|通知|办法|措施|决定|决议|纲要|细则|要点|报告|公告|通告|公报|清单|条例|规定|批复|复函|政策|指南|目录|举措"
    r"|规则|标准|导则|行动|纪要|安排|一览表|任务书|分工|条)(?:[(（][^()（）]{1,30}[)）]|[“”\"》〉])*$"
)
_MORE = re.compile(r"[(（][^()（）]{2,30}[)）]|的通知|的(?:实施)?意见")
_CONTINUES = re.compile(r"[年的和与及、]|.{0,7}$")  # how the second line of a broken title may begin
_LEADS_ON = re.compile(r"(?:[的和与及、《〈]|关于|印发|转发|\d)$")  # how its first line may end
_NAMED = re.compile(r"《([^《》]{6,80})》")
_PASSED_ON = re.compile(r"印发|转发|下发|颁布|批转|审议通过|研究通过|研究同意|政府同意")


def mark(lines: list[Line]) -> list[Line]:
    """`lines` with those of the title, and of documents a notice passes on, in the role of a title.

    A second print of the title right after it is taken out.
    """
    marked = list(lines)
    if not any(line.role is Role.TITLE for line in marked):
        span = _title_lines(marked)
        if span is None:
            return marked
        first, last = span
        marked[first:last] = [replace(line, role=Role.TITLE) for line in marked[first:last]]
    _drop_second_print(marked)
    return _mark_attached(marked)


def _drop_second_print(lines: list[Line]) -> None:
    """Takes out the title where it stands once more right beside its first print, in one line or in several."""
    first = next((i for i, line in enumerate(lines) if line.role is Role.TITLE), len(lines))
    last = first
    while last < len(lines) and lines[last].role is Role.TITLE:
        last += 1
    title = _joined(lines, first, last)
    end = last + 1
    while end <= min(last + 4, len(lines)):
        if _joined(lines, last, end) == title:
            del lines[last:end]
            end = last
        end += 1
    if first and first < last and _joined(lines, first - 1, first) == title:
        del lines[first - 1]


def _joined(lines: list[Line], first: int, last: int) -> str:
    """The words of some lines without their blanks and outer brackets."""
    return re.sub(r"\s+", "", "".join(line.text for line in lines[first:last])).strip("《》")


def _title_lines(lines: list[Line]) -> tuple[int, int] | None:
    """The lines of the first real title, before any numbered part: one that ends in a word for a kind of document.

    Without such a line the very first is the title, if it is short and not the beginning of a paragraph.
    """
    measure = wrap_width(lines)
    for last, line in enumerate(lines[:14]):
        if parse_number(line.text) is not None:
            break
        if _goes_on(lines, last, measure):
            continue
        if _may_be_title(line) and _GENRE.search(line.text) and not is_head_matter(line.text):
            first = _first_line(lines, last)
            while last + 1 < len(lines) and _MORE.fullmatch(lines[last + 1].text):
                last += 1  # noqa: PLW2901
            return first, last + 1
    if lines and _may_be_title(lines[0]) and not is_head_matter(lines[0].text) and not _opens_prose(lines, measure):
        return (0, 1) if parse_number(lines[0].text) is None else None
    return None


def _first_line(lines: list[Line], last: int) -> int:
    """Where a title that ends at `last` begins: up to three lines above belong to it if one leads on to the next."""
    first = last
    while first > 0 and last - first < 3 and lines[first].blanks <= 1:
        above, here = lines[first - 1], lines[first]
        is_apart = is_head_matter(above.text) or _GENRE.search(above.text) or parse_number(above.text)
        if is_apart or not _may_be_title(above):
            break
        is_broken = _CONTINUES.match(here.text) or _LEADS_ON.search(above.text)
        names_issuer = here.text.startswith("关于") and is_body(above.text)
        if not (is_broken or names_issuer or ("关于" in above.text and "关于" not in here.text)):
            break
        first -= 1
    return first


def _goes_on(lines: list[Line], i: int, measure: int | None) -> bool:
    """Whether a line continues the paragraph of the one above, which breaks off inside a sentence."""
    above = lines[i - 1] if i else None
    return above is not None and above.text[-1] not in "。！？!?；;：:》" and _is_prose(above, measure)


def _is_prose(line: Line, measure: int | None) -> bool:
    """Whether a line is the beginning of a paragraph: it holds a clause, or runs to the edge of its column."""
    if line.reach is not None:
        return line.reach
    is_full = measure is not None and line.width >= measure - 8
    return is_full or (len(line.text) >= 22 and re.search(r"[，,。；;]", line.text) is not None)


def _opens_prose(lines: list[Line], measure: int | None) -> bool:
    """Whether the first line is the beginning of a paragraph, seen from itself or from how the second takes it on."""
    return _is_prose(lines[0], measure) or opens_paragraph(lines)


def _may_be_title(line: Line) -> bool:
    is_plain = line.role in (Role.TEXT, Role.HEADING, Role.TITLE) and len(line.text) <= 80
    return is_plain and line.text[-1] not in "。；;，,、：:"


def _mark_attached(lines: list[Line]) -> list[Line]:
    """Marks the titles of the documents that a notice passes on, wherever they stand alone on one to four lines.

    Names are what the head puts in 《》 where it says 印发 or 审议通过, and what the title of the notice holds.
    """
    marked = list(lines)
    head = next((i for i, line in enumerate(lines) if parse_number(line.text) is not None), min(len(lines), 30))
    notice = "".join(line.text for line in lines[:head] if line.role is Role.TITLE and _PASSED_ON.search(line.text))
    notice = re.sub(r"\s+", "", notice)
    prose = [line.text for line in lines[:head] if _PASSED_ON.search(line.text)]
    names = {re.sub(r"\s+", "", name) for text in prose for name in _NAMED.findall(text)}
    if not names and not notice:
        return marked
    i = 0
    while i < len(marked):
        line = marked[i]
        last = i + 1
        if line.role is not Role.TITLE and _may_be_title(line) and parse_number(line.text) is None:
            last = _attached_end(marked, i, names, notice)
            marked[i:last] = [replace(m, role=Role.TITLE) for m in marked[i:last]] if last > i else marked[i:last]
        i = max(last, i + 1)
    return marked


def _attached_end(lines: list[Line], first: int, names: set[str], notice: str) -> int:
    """One past the last line of a named title that begins at `first`; `first` if none does."""
    end = first
    for last in range(first + 1, min(first + 5, len(lines) + 1)):
        words = _joined(lines, first, last)
        if words in names or (words in notice and words != notice and len(words) >= 8 and _GENRE.search(words)):
            end = last
        elif not any(name.startswith(words) for name in names) and words not in notice:
            break
    return end
