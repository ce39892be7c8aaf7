"""Page marks: numbers of pages that stand on lines of their own, or were caught inside a reflowed line."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from jiqun.documents.lines import Line
from jiqun.model.spans import Span

_DASH = "—–―－‒─━‐−\\-·•~～"
_PLAIN = re.compile(
    rf"[{_DASH}]{{1,2}}\s*(\d{{1,4}})\s*[{_DASH}]{{1,2}}"
    r"|第\s*(\d{1,4}|[一二三四五六七八九十百]{1,4})\s*页(?:\s*[,，/／]?\s*[(（]?共\s*\d{1,4}\s*页[)）]?)?"
    r"|(?:Page|page|PAGE)\s*(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?"
    r"|共\s*\d{1,4}\s*页\s*[,，/／]?\s*第\s*(\d{1,4})\s*页"
)
_BARE = re.compile(r"(\d{1,4})(?:\s*[/／]\s*(\d{1,4}))?")
_INLINE = re.compile(r"[—–－─-][ \u3000](\d{1,3})[ \u3000][—–－─-]")
_MARK_HEAD = frozenset("—–―－‒─━‐−-·•~～第共Pp0123456789")


def is_plain_mark(text: str) -> bool:
    """Whether a whole line reads like nothing but a page number with its dashes or words."""
    return len(text) <= 24 and text[0] in _MARK_HEAD and _PLAIN.fullmatch(text) is not None


def drop(lines: list[Line], original: str) -> list[Line]:
    """`lines` without page marks. A bare 4 or 4/12 goes only where its like counts pages through the text."""
    bare = _bare_marks(lines)
    kept: list[Line] = []
    was_mark = False
    for i, line in enumerate(lines):
        is_mark = line.grid is None and (i in bare or is_plain_mark(line.text))
        if not is_mark:
            kept.append(replace(line, after_mark=True) if was_mark else line)
        was_mark = is_mark
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
