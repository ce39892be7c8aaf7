"""Paragraphs written out as the reading text, with its map, blocks, tables and outline."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from jiqun.documents.document import Block, BlockKind, Cell, Run, Section, Table, TextMap
from jiqun.documents.layout import Paragraph
from jiqun.documents.lines import Grid, Role
from jiqun.documents.numbering import ANNEX, Number, heading_length, parse_number
from jiqun.model.spans import Span

_ANNOUNCED = re.compile(r"附\s?[件表录]?[\s:：]*(\d{1,2}|[一二三四五六七八九十]{1,2})?\s*[:：.．、]\s*\S")
_OPENS_LIST = re.compile(r"附\s?[件表录]\s*(?:下载|列表)?\s*[:：]")
_ANNEX_HEAD = re.compile(r"附\s?[件表录]\s*(\d{1,2}|[一二三四五六七八九十]{1,2})?\s*[:：]?")
_NUMBERED_LINE = re.compile(r"\d{1,2}\s*[.．、]\s*\S")
_SHEET_NAME = re.compile(
    r"(?:指标|指标体系|清单|分解表|分工表|一览表|目录|名单|汇总表|任务表|统计表|计划表|责任表|布局表|分工)$"
)
_STOP = re.compile(r"[。！？!?；;，,、：:]$")


@dataclass
class Page:
    """The reading text as it grows, with the map from it to the original."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    runs: list[Run] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def keep(self, piece: Span, original: str) -> Span:
        """Writes a stretch of the original and returns where it now stands."""
        start = self.length
        last = self.runs[-1] if self.runs else None
        if last and last.reading + last.length == start and last.original + last.length == piece.start:
            self.runs[-1] = Run(last.reading, last.original, last.length + len(piece))
        elif len(piece):
            self.runs.append(Run(start, piece.start, len(piece)))
        self.write(piece.of(original))
        return Span(start, self.length)


@dataclass(frozen=True)
class Structure:
    reading: str
    map: TextMap
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    outline: tuple[Section, ...]


def write(paragraphs: list[Paragraph], original: str) -> Structure:
    """The reading text of `paragraphs`, one to a line (a table: one row to a line), and what stands where in it."""
    page = Page()
    blocks: list[Block] = []
    numbers: list[Number | None] = []
    tables: list[Table] = []
    is_listing = False  # inside the numbered list that 附件： opens
    for at, paragraph in enumerate(paragraphs):
        if page.length:
            page.write("\n")
        grid = paragraph.lines[0].grid
        if grid is not None:
            tables.append(_write_table(page, grid, original))
            blocks.append(Block(BlockKind.TABLE, tables[-1].span))
            numbers.append(None)
            is_listing = False
            continue
        start = page.length
        for glue, piece in paragraph.pieces:
            page.write(glue)
            page.keep(piece, original)
        span = Span(start, page.length)
        text = "".join(paragraph.text)
        goes_on = is_listing and _NUMBERED_LINE.match(text) is not None
        is_listing = _ANNOUNCED.match(text) is not None or goes_on or _opens_list(text, paragraphs[at + 1 : at + 2])
        block, number = _block(paragraph.role, text, span, is_listing)
        blocks.append(block)
        numbers.append(number)
    reading = "".join(page.parts)
    blocks = _mark_headings(_mark_sheets(blocks, reading), reading)
    outline = _outline(blocks, numbers, reading)
    return Structure(reading, TextMap(tuple(page.runs)), tuple(blocks), tuple(tables), outline)


def _opens_list(text: str, below: list[Paragraph]) -> bool:
    """Whether a line 附件： stands alone above names of annexes, and not above an annex itself."""
    if _OPENS_LIST.fullmatch(text) is None or not below:
        return False
    first = "".join(below[0].text)
    return len(first) <= 60 and "。" not in first and _NUMBERED_LINE.match(first) is not None


def _write_table(page: Page, grid: Grid, original: str) -> Table:
    start = page.length
    cells: list[Cell] = []
    row = -1
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.column)):
        if row >= 0:
            page.write("\t" if cell.row == row else "\n")
        row = cell.row
        span = page.keep(cell.span, original) if cell.span else None
        cells.append(replace(cell, span=span))
    return Table(Span(start, page.length), grid.rows, grid.columns, tuple(cells), grid.caption)


def _block(role: Role, text: str, span: Span, is_listing: bool) -> tuple[Block, Number | None]:
    if role is Role.TITLE:
        return Block(BlockKind.TITLE, span, heading=span), None
    if is_listing:
        return Block(BlockKind.ANNEX, span), None
    annex = _ANNEX_HEAD.fullmatch(text)
    if annex:
        printed = re.sub(r"[\s:：]", "", text)
        return Block(BlockKind.ANNEX, span, 1, printed, span), Number(ANNEX, printed, 0, len(text))
    number = parse_number(text)
    if number is None:
        is_heading = role is Role.HEADING
        return Block(
            BlockKind.HEADING if is_heading else BlockKind.PARAGRAPH, span, heading=span if is_heading else None
        ), None
    words = text[number.end :]
    size = heading_length(words)
    start = span.start + number.end
    heading = Span(start, start + size)
    rest = words[size:].strip("。；;：:，,、 \u3000")
    kind = BlockKind.PARAGRAPH if rest or not size else BlockKind.HEADING
    return Block(kind, span, number.level, number.printed, heading if size else None), number


def _mark_sheets(blocks: list[Block], reading: str) -> list[Block]:
    """Names of tables that end the text without their tables announce annexes like 附件： does."""
    found = list(blocks)
    for i in range(len(found) - 1, -1, -1):
        block = found[i]
        text = block.span.of(reading) if len(block.span) <= 50 else ""
        is_sheet = _SHEET_NAME.search(text) is not None and not re.search(r"[，,。；;：:、]", text)
        if block.kind is BlockKind.PARAGRAPH and not block.number and is_sheet and i > 0:
            found[i] = replace(block, kind=BlockKind.ANNEX)
        elif block.kind is not BlockKind.ANNEX:
            break
    return found


def _mark_headings(blocks: list[Block], reading: str) -> list[Block]:
    """Short lines without an end mark, right before a full paragraph or another such line, are headings."""
    found = list(blocks)
    for i in range(len(found) - 2, -1, -1):
        block, after = found[i], found[i + 1]
        if block.kind is not BlockKind.PARAGRAPH or block.number or len(block.span) > 30:
            continue
        text = block.span.of(reading)
        is_prose = after.kind is BlockKind.PARAGRAPH and "。" in after.span.of(reading) and len(after.span) > len(text)
        if not _STOP.search(text) and not re.search(r"\d{4}", text) and (is_prose or _is_plain_heading(after)):
            found[i] = replace(block, kind=BlockKind.HEADING, heading=block.span)
    return found


def _is_plain_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING and not block.number


def _outline(blocks: list[Block], numbers: list[Number | None], reading: str) -> tuple[Section, ...]:
    """Sections in printed order; one ends where the next of its depth or above begins, or the annexes are named."""
    found: list[Section] = []
    open_parts: list[tuple[float, int]] = []
    end = 0
    for block, number in zip(blocks, numbers, strict=True):
        if block.kind is BlockKind.ANNEX or block.kind is BlockKind.TITLE:
            _close(found, open_parts, -1.0, end)
        if number is not None:
            _close(found, open_parts, number.rank, end)
            parent = open_parts[-1][1] if open_parts else None
            path = f"{found[parent].path}/{number.printed}" if parent is not None else number.printed
            title = block.heading.of(reading) if block.heading else ""
            open_parts.append((number.rank, len(found)))
            level = len(open_parts)
            found.append(Section(path, number.printed, title, level, block.span, parent))
        end = block.span.end
    _close(found, open_parts, -1.0, end)
    return tuple(found)


def _close(found: list[Section], open_parts: list[tuple[float, int]], rank: float, end: int) -> None:
    while open_parts and open_parts[-1][0] >= rank:
        _, at = open_parts.pop()
        found[at] = replace(found[at], span=Span(found[at].span.start, end))
