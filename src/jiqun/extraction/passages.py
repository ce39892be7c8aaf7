"""Passages: stretches of the reading text as the rules see them, width folded and without white space.

Every character of a passage knows its place in the reading text, so whatever is found can be shown in the source.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from jiqun.documents.document import Block, BlockKind, Document, Section
from jiqun.model.numerals import fold
from jiqun.model.spans import Span

_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_VISIBLE = re.compile(rf"[^\s{_INVISIBLE}]+")
_TERMINAL = "。!?"
# a line that heads what follows though no number says so
_HEAD_LIKE = re.compile(
    r"[^,，。;；:：、]{4,24}(?:回顾|目标|安排|任务|打算|成效|成就|计划|部署|情况|工作|举措|\d{4}[-—/.]\d{1,2}[-—/.]\d{1,2}.{0,20})"
)
_STOP = re.compile(r"(?<=[\u4e00-\u9fff%])\.(?=$|[\u4e00-\u9fff])")  # a half-width full stop
_LONGEST = 20_000  # characters of a passage at most
_LONGEST_SENTENCE = 1_500  # beyond it a text has no sentences to speak of, and is cut at any mark
_OPEN, _CLOSE = "([{<《「『【“", ")]}>》」』】”"
_OPENS = dict(zip(_CLOSE, _OPEN, strict=True))
_BRACKET = re.compile(f"[{re.escape(_OPEN + _CLOSE)}]")
_MARKS = re.compile(f"[{re.escape(_TERMINAL + _OPEN + _CLOSE)}]")
_PAUSE = re.compile("[,;、]")


@dataclass(frozen=True)
class Passage:
    """A paragraph, or lines that a layout broke out of one.

    `text` is folded and squeezed, `source` the same characters as printed, `places` their offsets in the reading
    text. `soft_ends` are offsets in `text` where a line ended without a mark. `section` indexes the outline.
    """

    text: str
    source: str
    places: Sequence[int]
    soft_ends: frozenset[int]
    heading_end: int
    section: int | None

    def span(self, start: int, end: int) -> Span:
        """The reading text behind characters `start` to `end`, which must not be empty."""
        return Span(self.places[start], self.places[end - 1] + 1)


@dataclass(frozen=True)
class Sentence:
    """`start` to `end` of a passage's text, its final mark included."""

    start: int
    end: int
    is_heading: bool = False


def passages(document: Document) -> list[Passage]:
    """The prose of the document in reading order: headings and paragraphs; tables and titles left out.

    A paragraph longer than any that is written is cut at its full stops, so that no text takes forever.
    """
    sections = section_of_blocks(document)
    found: list[Passage] = []
    group: list[Block] = []
    section: int | None = None
    for block, own in zip(document.blocks, sections, strict=True):
        if block.kind in (BlockKind.TABLE, BlockKind.TITLE):
            continue
        for piece in _pieces(document.reading, block):
            size = piece.span.end - group[0].span.start if group else 0
            if group and (size > _LONGEST or not _continues(document.reading, group[-1], piece)):
                found.append(_passage(document.reading, group, section))
                group = []
            if not group:
                section = own
            group.append(piece)
    if group:
        found.append(_passage(document.reading, group, section))
    return found


def passage_of(reading: str, spans: Sequence[Span]) -> Passage:
    """Stretches of the reading text, in order, as one passage outside the outline: what a table's cells say."""
    return _passage(reading, [Block(BlockKind.PARAGRAPH, span) for span in spans], None)


def sentences(passage: Passage) -> Iterator[Sentence]:
    """The passage cut after full stops, exclamation and question marks outside brackets, and after a run-in heading."""
    text, head = passage.text, passage.heading_end
    runs_in = 0 < head < len(text) and text[head - 1] not in ",;:"
    for start, end in ((0, head), (head, len(text))) if runs_in else ((0, len(text)),):
        for stop in _ends(text, start, end):
            yield Sentence(start, stop, is_heading=stop <= head)
            start = stop  # noqa: PLW2901


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where each sentence of `text[start:end]` ends, the last one at `end`."""
    depth = 0
    for match in _MARKS.finditer(text, start, end):
        at, mark = match.start(), match[0]
        for forced in _forced(text, start, at):
            yield forced
            start, depth = forced, 0
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth = max(depth - 1, 0)
        ends = mark in _TERMINAL and (depth == 0 or mark == "。")
        if ends or at - start >= 2 * _LONGEST_SENTENCE:
            yield at + 1
            start, depth = at + 1, 0
    for forced in _forced(text, start, end):
        yield forced
        start = forced
    if start < end:
        yield end


def _forced(text: str, start: int, end: int) -> Iterator[int]:
    """Where a stretch without a full stop is cut all the same, as it is too long: at a lesser mark, else anywhere."""
    while end - start > _LONGEST_SENTENCE:
        pause = _PAUSE.search(text, start + _LONGEST_SENTENCE, min(end, start + 2 * _LONGEST_SENTENCE))
        if pause is None and end - start <= 2 * _LONGEST_SENTENCE:
            return
        start = pause.end() if pause else start + 2 * _LONGEST_SENTENCE + 1
        yield start


def depths(text: str) -> list[int]:
    """How many brackets or quotation marks stand open at each character; a bracket counts as inside itself.

    A bracket that never closes opens nothing: it is damage, and must not swallow the rest of the sentence.
    """
    opened: list[tuple[int, str]] = []
    pairs: list[tuple[int, int]] = []
    for match in _BRACKET.finditer(text):
        at, mark = match.start(), match[0]
        wanted = _OPENS.get(mark)
        if wanted is None:
            opened.append((at, mark))
            continue
        back = next((i for i in range(len(opened) - 1, -1, -1) if opened[i][1] == wanted), None)
        if back is not None:
            pairs.append((opened[back][0], at))
            del opened[back:]
    if not pairs:
        return [0] * (len(text) + 1)
    steps = [0] * (len(text) + 1)
    for start, end in pairs:
        steps[start] += 1
        steps[end + 1] -= 1
    return list(accumulate(steps))


def squeezed(text: str) -> str:
    """`text` folded, without white space and invisible marks."""
    return "".join(_VISIBLE.findall(fold(text)))


def _pieces(reading: str, block: Block) -> list[Block]:
    """The block, or the parts of one that is longer than `_LONGEST`."""
    found: list[Block] = []
    start = block.span.start
    while block.span.end - start > _LONGEST:
        stop = reading.rfind("。", start + 1, start + _LONGEST)
        end = stop + 1 if stop > 0 else start + _LONGEST
        found.append(replace(block, span=Span(start, end), heading=block.heading if not found else None))
        start = end
    rest = replace(block, span=Span(start, block.span.end), heading=None) if found else block
    return [*found, rest]


def _continues(reading: str, last: Block, block: Block) -> bool:
    """Whether `block` goes on with the sentence that `last` left open."""
    if last.kind is not BlockKind.PARAGRAPH or block.kind is not BlockKind.PARAGRAPH or block.level or block.heading:
        return False
    ending = reading[last.span.start : last.span.end].rstrip()[-1:]
    opening = reading[block.span.start : block.span.end].lstrip()[:1]
    if _HEAD_LIKE.fullmatch(reading[last.span.start : last.span.end].strip()):
        return False
    return bool(ending) and fold(ending) not in _TERMINAL and opening not in "(（[〔【—●■◆·*"


def _passage(reading: str, group: Sequence[Block], section: int | None) -> Passage:
    places = array("L")
    soft_ends: set[int] = set()
    source = ""
    for block in group:
        if places:
            soft_ends.add(len(places))
        for word in _VISIBLE.finditer(reading, block.span.start, block.span.end):
            places.extend(range(*word.span()))
            source += word[0]
    heading = group[0].heading
    heading_end = 0
    if heading is not None:
        heading_end = bisect_left(places, heading.end)
        while heading_end < len(source) and fold(source[heading_end]) in _TERMINAL + ".:;,":
            heading_end += 1
    return Passage(
        _STOP.sub("。", fold(source)).replace("∶", ":"), source, places, frozenset(soft_ends), heading_end, section
    )


def section_of_blocks(document: Document) -> list[int | None]:
    """For each block the deepest section that holds its first character."""
    order = sorted(
        range(len(document.outline)), key=lambda i: (document.outline[i].span.start, document.outline[i].level)
    )
    found: list[int | None] = []
    stack: list[int] = []
    waiting = iter(order)
    coming = next(waiting, None)
    for block in document.blocks:
        while coming is not None and document.outline[coming].span.start <= block.span.start:
            stack.append(coming)
            coming = next(waiting, None)
        while stack and document.outline[stack[-1]].span.end <= block.span.start:
            stack.pop()
        found.append(stack[-1] if stack else None)
    return found


def ancestry(document: Document, section: int | None) -> list[Section]:
    """The section and those above it, nearest first."""
    found: list[Section] = []
    while section is not None and len(found) <= len(document.outline):
        found.append(document.outline[section])
        section = document.outline[section].parent
    return found
