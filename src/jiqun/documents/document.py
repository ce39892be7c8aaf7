"""A document as two texts: the original, untouched, and the reading text people and extraction read.

The reading text leaves out page marks, hard line breaks, second copies of the body and portal furniture, and
changes no character it keeps. Every kept character knows its place in the original, so a highlight lands in both.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import islice

from jiqun.model.findings import Finding
from jiqun.model.spans import Span


@dataclass(frozen=True)
class Run:
    """`length` characters at `reading` that stand unchanged at `original`.

    What lies between runs in the reading text was inserted: a line end between blocks, a tab between table cells,
    the space between two Latin words that a hard wrap parted.
    """

    reading: int
    original: int
    length: int


@dataclass(frozen=True)
class TextMap:
    """Where each stretch of the reading text stands in the original; runs are in reading order.

    Original positions need not rise (the rows of a table may be read elsewhere than they stand), but mostly do.
    """

    runs: tuple[Run, ...]

    def to_original(self, span: Span) -> Span:
        """The original stretch from the first kept character of a reading span to its last, damage between included.

        Raises ValueError for a span that holds no kept character.
        """
        places = self._kept(span)
        if not places:
            raise ValueError(f"no original text behind {span}")
        return Span(min(p.start for p in places), max(p.end for p in places))

    def to_reading(self, span: Span) -> Span | None:
        """The reading stretch that covers what is kept of an original span; None if nothing of it was kept."""
        runs, starts = self._by_original
        found: list[Span] = []
        for run in islice(runs, max(bisect_right(starts, span.start) - 1, 0), None):
            if run.original >= span.end:
                break
            start, end = max(span.start, run.original), min(span.end, run.original + run.length)
            if start < end:
                found.append(Span(start, end).shifted(run.reading - run.original))
        if not found:
            return None
        return Span(min(p.start for p in found), max(p.end for p in found))

    def pieces(self, span: Span) -> tuple[Span, ...]:
        """The original stretches behind a reading span, one per run: what a highlight in the original marks."""
        return tuple(self._kept(span))

    def _kept(self, span: Span) -> list[Span]:
        at = max(bisect_right(self._starts, span.start) - 1, 0)
        found: list[Span] = []
        for run in islice(self.runs, at, None):
            if run.reading >= span.end:
                break
            start, end = max(span.start, run.reading), min(span.end, run.reading + run.length)
            if start < end:
                found.append(Span(start, end).shifted(run.original - run.reading))
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [run.reading for run in self.runs]

    @cached_property
    def _by_original(self) -> tuple[list[Run], list[int]]:
        runs = sorted(self.runs, key=lambda run: run.original)
        return runs, [run.original for run in runs]


class BlockKind(StrEnum):
    TITLE = "title"
    HEADING = "heading"  # a line that is only a heading
    PARAGRAPH = "paragraph"  # may begin with a run-in heading, see `heading`
    TABLE = "table"
    ANNEX = "annex"  # 附件：…


@dataclass(frozen=True)
class Block:
    """A paragraph, heading or table, `span` in the reading text.

    `level` is the depth of its number (一 1, (一) 2, 1. 3, (1) 4; 0 for plain text); `number` as printed without
    its stop ("一", "(一)", "1"); `heading` is the span of the heading words, None for plain text.
    """

    kind: BlockKind
    span: Span
    level: int = 0
    number: str = ""
    heading: Span | None = None


@dataclass(frozen=True)
class Cell:
    """A table cell; `span` in the reading text, or None for an empty or merged-away cell."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    span: Span | None = None


@dataclass(frozen=True)
class Table:
    span: Span
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A numbered part: `path` as "二/(一)/1", `span` of heading and everything under it, in the reading text."""

    path: str
    number: str
    title: str
    level: int
    span: Span
    parent: int | None  # index into Document.outline


@dataclass(frozen=True)
class Header:
    """What the document says of itself; None where it does not."""

    title: str | None = None
    number: str | None = None  # 文号 苏府〔2018〕130号
    issuer: str | None = None
    issued_on: date | None = None
    index_number: str | None = None  # 索引号
    published_on: date | None = None  # 发布日期, which may be long after the day of issue
    validity: str | None = None  # 有效性, in the words of the portal: 有效, 失效, 已废止


@dataclass(frozen=True)
class Document:
    """A file as read. `digest` is the SHA-256 of its bytes, in hex; `findings` tells what was odd but let in."""

    name: str
    media_type: str
    digest: str
    original: str
    reading: str
    map: TextMap
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    outline: tuple[Section, ...] = ()
    header: Header = field(default_factory=Header)
    findings: tuple[Finding, ...] = ()
