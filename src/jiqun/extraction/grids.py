"""A table laid out: every place knows the cell that covers it, and the table what is printed over and under it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from jiqun.documents.document import BlockKind, Cell, Document, Table
from jiqun.documents.numbering import parse_number
from jiqun.extraction.passages import section_of_blocks, squeezed

_LARGEST = 2_000_000  # places; a table beyond it is damage
_BREAK = re.compile(r"<br\s*/?>", re.I)
_LEAD_BLOCKS = 3  # blocks above a table that may caption it
_CAPTION_LENGTH = 60
_NOTE = re.compile(r"^(?:备?注(?:[:1一]|\[|\(|释|$)|说明:|①|\*)")
_UNIT_PART = re.compile(r"[(（]?(?:计量)?单位[:：].*")
_NUMBERED_CAPTION = re.compile(r"^(?:附?表|专栏|附件)\s*[\d一二三四五六七八九十]*[-—.]?\d*")
_CAPTION = re.compile(r"(?:表|指标|清单|分解|分工|一览|目录|体系|任务|汇总|情况)(?:[(（][^()（）]{1,20}[)）])?$")


@dataclass(frozen=True)
class Grid:
    """The table number `index` of a document (from 0); `places` maps (row, column) to the cell that covers it.

    `lead` are the short lines right above it, nearest first; `note` what stands right below; `section` indexes the
    outline. Texts are folded and squeezed.
    """

    index: int
    table: Table
    lead: tuple[str, ...] = ()
    printed_lead: tuple[str, ...] = ()
    note: str = ""
    section: int | None = None
    places: dict[tuple[int, int], Cell] = field(default_factory=dict)
    _texts: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.table.rows

    @property
    def columns(self) -> int:
        return self.table.columns

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place, which may begin above or to the left of it; None for a hole."""
        return self.places.get((row, column))

    def own(self, row: int, column: int) -> Cell | None:
        """The cell that begins at a place and says something."""
        cell = self.places.get((row, column))
        is_own = cell is not None and cell.row == row and cell.column == column
        return cell if is_own and self.text(row, column) else None

    def text(self, row: int, column: int) -> str:
        cell = self.places.get((row, column))
        if cell is None:
            return ""
        at = (cell.row, cell.column)
        if at not in self._texts:
            self._texts[at] = squeezed(_BREAK.sub("\n", cell.text))
        return self._texts[at]

    def filled(self, row: int) -> list[Cell]:
        """The cells that begin in a row and say something, left to right."""
        return [cell for column in range(self.columns) if (cell := self.own(row, column)) is not None]

    def is_banner(self, row: int) -> bool:
        """Whether a row says one thing only, over the table's width or in front of empty cells: 一、经济发展."""
        cells = self.filled(row)
        if len(cells) != 1:
            return False
        reaches = [self.at(row, column) for column in range(self.columns)]
        covered = {(cell.row, cell.column) for cell in reaches if cell is not None and self.text(cell.row, cell.column)}
        return len(covered) == 1 and (cells[0].column == 0 or cells[0].column_span > self.columns // 2)

    @cached_property
    def caption(self) -> str:
        """The table's name as printed over it (表1 主要指标); empty where there is none."""
        lines = [re.sub(r"\s+", " ", _UNIT_PART.sub("", line)).strip() for line in self.printed_lead]
        named = [line for line in lines if _CAPTION.search(line) and parse_number(line) is None]
        for line in lines:
            number = _NUMBERED_CAPTION.match(line)
            if number is not None:
                is_bare = number.end() == len(line) and named and named[0] != line
                return f"{line} {named[0]}" if is_bare else line
        return next(iter(named), "")


def grids(document: Document) -> list[Grid]:
    """The tables of a document with what stands around them, in document order; those past any real size left out."""
    if not document.tables:
        return []
    sections = section_of_blocks(document)
    starts = [block.span.start for block in document.blocks]
    found: list[Grid] = []
    for index, table in enumerate(document.tables):
        if table.rows * table.columns > _LARGEST:
            continue
        at = bisect_left(starts, table.span.start)
        lead = _lead(document, at)
        places = {
            (row, column): cell
            for cell in table.cells
            for row in range(cell.row, min(cell.row + cell.row_span, table.rows))
            for column in range(cell.column, min(cell.column + cell.column_span, table.columns))
        }
        if table.caption:
            lead.insert(0, table.caption)
        found.append(
            Grid(
                index, table, tuple(squeezed(line) for line in lead), tuple(lead), _note(document, at),
                sections[at] if at < len(sections) else None, places,
            )
        )  # fmt: skip
    return found


def _lead(document: Document, at: int) -> list[str]:
    """The short lines above block `at` that may name it, nearest first: no sentence, no other table."""
    found: list[str] = []
    for block in reversed(document.blocks[max(0, at - _LEAD_BLOCKS) : at]):
        text = block.span.of(document.reading).strip()
        if block.kind is BlockKind.TABLE or len(text) > _CAPTION_LENGTH or re.search(r"[。；;!！]", text):
            break
        found.append(text.replace("\n", ""))
        if block.kind in (BlockKind.TITLE, BlockKind.HEADING):
            break
    return found


def _note(document: Document, at: int) -> str:
    """The notes under block `at`: 注：[ ]内为五年累计数."""
    found = ""
    for block in document.blocks[at + 1 : at + 5]:
        text = squeezed(block.span.of(document.reading))
        if block.kind is BlockKind.TABLE or not (found or _NOTE.match(text)) or len(text) > 500:
            break
        found += text
    return found
