"""Markdown read as lines: the marks of markup leave the reading text, the original is the file itself."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from jiqun.documents.document import Cell
from jiqun.documents.lines import Grid, Line, Role, Source, split
from jiqun.model.spans import Span

_HEADING = re.compile(r"(#{1,6})[ \t]+|#{1,6}$")
_CLOSING = re.compile(r"[ \t]+#+$")
_UNDERLINE = re.compile(r"=+|-+")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,}")
_FENCE = re.compile(r"```|~~~")
_BULLET = re.compile(r"[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_EMPHASIS = re.compile(r"(?<![*0-9A-Za-z\\])\*(?=[^\s*])[^*\n]{1,200}(?<!\s)\*(?![*0-9A-Za-z])")
_INLINE = re.compile(
    r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)"  # a picture goes whole
    r"|(?P<label>\[)(?=[^\]\n]{1,200}\]\([^)\n]{0,500}\))|\]\([^)\n]{0,500}\)"
    r"|\\(?=[\\`*_{}\[\]()#+\-.!|>])|\*\*|(?<![A-Za-z0-9_])__(?=\S)|(?<=\S)__(?![A-Za-z0-9_])"
    r"|`+|<br\s*/?>|</?(?:b|i|u|em|strong|span|font|p|div|center|sup|sub)\b[^<>\n]{0,200}>"
    r"|<!--[^>\n]{0,500}-->"
)


def read(text: str, source: Source) -> Source:
    """`source` with its lines read as Markdown: headings, list items, tables, emphasis and links."""
    lines = list(split(text))
    found: list[Line] = []
    in_fence = False
    at = _front_matter(lines)
    while at < len(lines):
        line = lines[at]
        at += 1
        if _FENCE.match(line.text):
            in_fence = not in_fence
        elif in_fence:
            found.append(line)
        elif "|" in line.text and at < len(lines) and "|" in lines[at].text and _DELIMITER.fullmatch(lines[at].text):
            end = at + 1
            while end < len(lines) and "|" in lines[end].text and not lines[end].blanks:
                end += 1
            found.append(_table([line, *lines[at + 1 : end]], text))
            at = end
        elif _UNDERLINE.fullmatch(line.text) and found and not line.blanks and found[-1].role is Role.TEXT:
            found[-1] = replace(found[-1], role=Role.HEADING)
        elif not _RULE.fullmatch(line.text):
            found.append(_plain(line, text))
    found = [line for line in found if line.pieces and line.text.strip()]
    return replace(source, lines=tuple(_titled(found)), media_type="text/markdown")


def _front_matter(lines: list[Line]) -> int:
    """How many lines the settings block between two --- at the very top takes."""
    if lines and lines[0].start == 0 and lines[0].text == "---":
        for i, line in enumerate(lines[1:60], 1):
            if line.text == "---":
                return i + 1
    return 0


def _plain(line: Line, original: str) -> Line:
    """A line without its marks, in the role the marks gave it."""
    role = line.role
    cuts: list[Span] = []
    at = line.start
    for form, becomes in ((_QUOTE, Role.TEXT), (_HEADING, Role.HEADING), (_BULLET, Role.ITEM)):
        match = form.match(original, at, line.end)
        if match:
            cuts.append(Span(at, match.end()))
            at = match.end()
            role = becomes if becomes is not Role.TEXT else role
    stop = line.end
    closing = _CLOSING.search(original, at, stop) if role is Role.HEADING else None
    if closing:
        stop = closing.start()
    cuts += [Span(m.start(), m.end()) for m in _INLINE.finditer(original, at, stop)]
    for pair in _EMPHASIS.finditer(original, at, stop):
        cuts += [Span(pair.start(), pair.start() + 1), Span(pair.end() - 1, pair.end())]
    if closing:
        cuts.append(Span(closing.start(), line.end))
    return replace(line.without(sorted(cuts), original), role=role) if cuts else line


def _titled(lines: list[Line]) -> list[Line]:
    """The first line as title, where it is a heading without a number."""
    if lines and lines[0].role is Role.HEADING and sum(line.role is Role.HEADING for line in lines) > 0:
        return [replace(lines[0], role=Role.TITLE), *lines[1:]]
    return lines


def _table(rows: list[Line], original: str) -> Line:
    cells: list[Cell] = []
    columns = 0
    for r, row in enumerate(rows):
        spans = _cell_spans(row, original)
        columns = max(columns, len(spans))
        cells += [Cell(s.of(original), r, c, span=s if len(s) else None) for c, s in enumerate(spans)]
    whole = Span(rows[0].start, rows[-1].end)
    grid = Grid(len(rows), columns, tuple(cells))
    return Line((whole,), whole.of(original), rows[0].blanks, role=Role.TABLE, complete=True, grid=grid)


def _cell_spans(row: Line, original: str) -> list[Span]:
    bars = [m.start() for m in re.finditer(r"(?<!\\)\|", original[row.start : row.end])]
    edges = [row.start + bar for bar in bars]
    if not edges or edges[0] != row.start:
        edges.insert(0, row.start - 1)
    if edges[-1] != row.end - 1:
        edges.append(row.end)
    found: list[Span] = []
    for left, right in pairwise(edges):
        raw = original[left + 1 : right]
        kept = raw.strip().strip("*").strip()
        start = left + 1 + raw.find(kept) if kept else left + 1
        found.append(Span(start, start + len(kept)))
    return found
