"""Page marks: numbers of pages that stand on lines of their own, or were caught inside a reflowed line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from jiqun.documents import seams
from jiqun.documents.lines import Line
from jiqun.documents.numbering import parse_number
from jiqun.model.spans import Span

_DASH = "—–―－‒─━‐−\\-·•~～"
_PLAIN = re.compile(
    rf"[{_DASH}]{{1,2}}\s*(\d{{1,4}})\s*[{_DASH}]{{1,2}}"
    r"|第\s*(\d{1,4}|[一二三四五六七八九十百]{1,4})\s*页(?:\s*[,，/／]?\s*[(（]?共\s*(?:\d{1,4}|[一二三四五六七八九十百]{1,4})\s*页[)）]?)?"
    r"|(?:Page|page|PAGE)\s*(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?"
    r"|共\s*\d{1,4}\s*页\s*[,，/／]?\s*第\s*(\d{1,4})\s*页"
)
_BARE = re.compile(r"(\d{1,4})(?:\s*[/／]\s*(\d{1,4}))?")
_INLINE = re.compile(r"[—–－─-][ \u3000](\d{1,3})[ \u3000][—–－─-]")
_PROSE = 15  # characters of the shortest line that is taken for prose
_HEAD_LEAST, _HEAD_MOST = 6, 50  # characters of what runs along the heads or feet of pages
_MARK_HEAD = frozenset("—–―－‒─━‐−-·•~～第共Pp0123456789")


def is_plain_mark(text: str) -> bool:
    """Whether a whole line reads like nothing but a page number with its dashes or words."""
    return len(text) <= 24 and text[0] in _MARK_HEAD and _PLAIN.fullmatch(text) is not None


def drop(lines: list[Line], original: str) -> list[Line]:
    """`lines` without page marks and what is printed at every one of them.

    A bare 4 or 4/12 goes only where its like counts pages through the text or at form feeds, or 4/12 breaks a sentence.
    """
    bare = _bare_marks(lines) | _at_form_feeds(lines)
    marks = {i for i, line in enumerate(lines) if line.grid is None and (i in bare or is_plain_mark(line.text))}
    marks |= _lone_fractions(lines, marks)
    kept = _without(lines, marks | _running_heads(lines, marks))
    inline = [(i, m) for i, line in enumerate(kept) if line.grid is None for m in _inline_marks(line.text)]
    rising = {n for n, (a, b) in enumerate(pairwise(inline)) if int(b[1][1]) == int(a[1][1]) + 1}
    rising |= {n + 1 for n in rising}
    cuts: dict[int, list[Span]] = {}
    for n in sorted(rising):
        i, mark = inline[n]
        cuts.setdefault(i, []).append(_place(kept[i], mark, original))
    for i, spans in cuts.items():
        kept[i] = kept[i].without(spans, original)
    return [line for line in kept if line.pieces]


def _without(lines: list[Line], gone: set[int]) -> list[Line]:
    """The lines that stay; one behind a mark or form feed knows it, and has no more blanks than the mark has not."""
    kept: list[Line] = []
    above: int | None = None  # blanks before the first mark since the last kept line
    page = lines[0].page if lines else 0
    for i, line in enumerate(lines):
        if i in gone:
            above = line.blanks if above is None else above
            continue
        if above is not None:
            line = replace(line, after_mark=True, blanks=abs(line.blanks - above))  # noqa: PLW2901
        elif line.page != page:
            line = replace(line, after_mark=True)  # noqa: PLW2901
        kept.append(line)
        above, page = None, line.page
    return kept


def _at_form_feeds(lines: list[Line]) -> set[int]:
    """Indices of bare numbers first or last on their pages that count as the form feeds do."""
    found: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        is_first = i > 0 and lines[i - 1].page != line.page
        is_last = i + 1 < len(lines) and lines[i + 1].page != line.page
        ends = i + 1 == len(lines) and line.page > 0
        match = _BARE.fullmatch(line.text) if is_first or is_last or ends else None
        if match and line.grid is None:
            found.setdefault(int(match[1]) - line.page, []).append(i)
    return {i for shift, at in found.items() if shift == 1 or len(at) >= 2 for i in at}


def _lone_fractions(lines: list[Line], marks: set[int]) -> set[int]:
    """Indices of lines 7 / 12 that break a sentence, or stand between two paragraphs of prose."""
    found: set[int] = set()
    for i in range(1, len(lines) - 1):
        match = _BARE.fullmatch(lines[i].text) if i not in marks and len(lines[i].text) <= 11 else None
        if match is None or match[2] is None or not 0 < int(match[1]) <= int(match[2]):
            continue
        above, below = lines[i - 1], replace(lines[i + 1], after_mark=True)
        breaks = seams.is_parted(above, below) or seams.is_inside_sentence(above.text, below)
        if above.grid is None and below.grid is None and (breaks or (_is_prose(above) and _is_prose(below))):
            found.add(i)
    return found


def _is_prose(line: Line) -> bool:
    return len(line.text) >= _PROSE and re.search(r"[，。；]", line.text) is not None


def _running_heads(lines: list[Line], marks: set[int]) -> set[int]:
    """Indices of the words that head or foot nearly every page: three times, or twice and they open the text.

    Where they open the text they stay: they may be its title.
    """
    heads, feet = [0] if lines else [], []
    for i in range(1, len(lines)):
        if i not in marks and (i - 1 in marks or lines[i - 1].page != lines[i].page):
            heads.append(i)
        if i - 1 not in marks and (i in marks or lines[i - 1].page != lines[i].page):
            feet.append(i - 1)
    found: set[int] = set()
    for side in (heads, feet):
        counts = Counter(_squeezed(lines[i]) for i in side if _may_run(lines[i]))
        opening = _squeezed(lines[0]) if lines else ""
        often = {words for words, n in counts.items() if 3 * n >= 2 * len(side) and n >= (2 if words == opening else 3)}
        found |= {i for i in side if i > 0 and _squeezed(lines[i]) in often}
    return found


def _may_run(line: Line) -> bool:
    """Whether a line may run along the pages: words without a clause or a number of their own."""
    is_short = _HEAD_LEAST <= len(line.text) <= _HEAD_MOST and line.grid is None
    return is_short and not re.search(r"[，,。；;：:！？]", line.text) and parse_number(line.text) is None


def _squeezed(line: Line) -> str:
    return re.sub(r"\s+", "", line.text)


def _inline_marks(text: str) -> list[re.Match[str]]:
    if "— " not in text and "- " not in text and "– " not in text and "－ " not in text:
        return []
    found = list(_INLINE.finditer(text))
    return [m for m in found if m.start() == 0 or text[m.start() - 1] not in "—–－-"]


def _place(line: Line, mark: re.Match[str], original: str) -> Span:
    """Where an inline mark, with the blanks around it, stands in the original."""
    start = end = -1
    at = 0
    for piece in line.pieces:
        if start < 0 and mark.start() < at + len(piece):
            start = piece.start + mark.start() - at
        if mark.end() <= at + len(piece):
            end = piece.start + mark.end() - at
            break
        at += len(piece)
    while start > line.start and original[start - 1] in " \u3000":
        start -= 1
    while end < line.end and original[end] in " \u3000":
        end += 1
    return Span(start, end)


def _bare_marks(lines: list[Line]) -> set[int]:
    """Indices of bare numbers that rise by one, five lines or more apart, three times or more (n/m: twice)."""
    found: list[tuple[int, int, str | None]] = []
    for i, line in enumerate(lines):
        if len(line.text) <= 11 and line.grid is None and line.text[0].isdecimal():
            match = _BARE.fullmatch(line.text)
            if match:
                found.append((i, int(match[1]), match[2]))
    marks: set[int] = set()
    last: dict[tuple[int, str | None], list[int]] = {}
    for i, value, total in found:
        chain = last.pop((value - 1, total), [])
        if chain and i - chain[-1] < 5:
            chain = []
        chain.append(i)
        last[value, total] = chain
        if len(chain) >= (3 if total is None else 2):
            marks.update(chain)
    return marks
