"""A source text as lines: each knows which stretches of the original it keeps and how it stood on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from jiqun.documents.document import Cell
from jiqun.model.findings import Finding
from jiqun.model.spans import Span

_LINE_END = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")


class Role(StrEnum):
    """What the source format itself says of a line; `TEXT` says nothing."""

    TEXT = "text"
    TITLE = "title"
    HEADING = "heading"
    ITEM = "item"  # of a list: a paragraph of its own
    TABLE = "table"
    FURNITURE = "furniture"  # navigation, running header: never part of the reading text


@dataclass(frozen=True)
class Grid:
    """A table of the source; cell spans are in the original text."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    caption: str = ""


@dataclass(frozen=True)
class Line:
    """A non-empty line. `pieces` are the kept stretches of the original in order; `text` is what they read.

    `blanks` counts the empty lines before it, `indent` the width of its leading space (a full-width space is 2),
    `page` the form feeds before it. `complete`: the format marks it as a paragraph of its own. `reach`: whether it
    runs to the right edge of its column, None where the format does not tell.
    """

    pieces: tuple[Span, ...]
    text: str
    blanks: int = 0
    indent: int = 0
    page: int = 0
    role: Role = Role.TEXT
    complete: bool = False
    reach: bool | None = None
    after_mark: bool = False  # a page mark stood between it and the line before
    grid: Grid | None = None

    @cached_property
    def width(self) -> int:
        """The columns its text takes."""
        return width(self.text)

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end

    def without(self, cuts: list[Span], original: str) -> Line:
        """This line with the given stretches of the original left out; cuts are in order and within the line."""
        kept: list[Span] = []
        for piece in self.pieces:
            at = piece.start
            for cut in cuts:
                if piece.overlaps(cut):
                    if at < cut.start:
                        kept.append(Span(at, cut.start))
                    at = max(at, cut.end)
            if at < piece.end:
                kept.append(Span(at, piece.end))
        return replace(self, pieces=tuple(kept), text="".join(p.of(original) for p in kept))


@dataclass(frozen=True)
class Source:
    """What a format reader hands over: the original text, its lines, and what it noticed on the way."""

    original: str
    lines: tuple[Line, ...]
    media_type: str
    title: str | None = None  # as the file's own properties or page head give it
    findings: tuple[Finding, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()  # (label, value) as a portal's box would print them


def split(text: str) -> Iterator[Line]:
    """The non-empty lines of a plain text, white space at both ends left out of their pieces."""
    blanks = page = at = 0
    for match in _LINE_END.finditer(text):
        line = _line(text, at, match.start(), blanks, page)
        at = match.end()
        if match[0] == "\f":
            page += 1
        if line is None:
            is_fed = match.start() > 0 and text[match.start() - 1] == "\f"  # a form feed's own line is not blank
            blanks += match[0] != "\f" and not is_fed
        else:
            blanks = 0
            yield line
    line = _line(text, at, len(text), blanks, page)
    if line is not None:
        yield line


def _line(text: str, start: int, end: int, blanks: int, page: int) -> Line | None:
    raw = text[start:end]
    kept = raw.strip()
    if not kept:
        return None
    lead = len(raw) - len(raw.lstrip())
    span = Span(start + lead, start + lead + len(kept))
    return Line((span,), kept, blanks, width(raw[:lead].replace("\t", "    ")) if lead else 0, page)


def width(text: str) -> int:
    """How many half-width columns `text` takes; Chinese characters and marks take two."""
    return len(text.encode("gb18030", "replace"))
