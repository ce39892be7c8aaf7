"""The original text of a formatted file, written out as it is read, so that every line knows where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jiqun.documents.document import Cell
from jiqun.documents.lines import Grid, Line, Role, split
from jiqun.model.spans import Span


@dataclass(frozen=True)
class RawCell:
    """A cell as the file gives it: anchor row and column, extent, text with its inner line breaks."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass
class Transcript:
    """A text that grows by paragraphs and tables; `lines` are those written so far."""

    lines: list[Line] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def original(self) -> str:
        return "".join(self._parts)

    @property
    def original_length(self) -> int:
        return self._length

    def write(self, text: str) -> Span:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return Span(start, self._length)

    def paragraph(self, text: str, role: Role = Role.TEXT, *, complete: bool = True, blanks: int = 0) -> None:
        """Writes a paragraph and ends its line; a line break inside it makes lines that may be joined again."""
        at = self.write(text).start
        self.write("\n")
        found = list(split(text))
        for line in found:
            self.lines.append(
                Line(
                    tuple(piece.shifted(at) for piece in line.pieces),
                    line.text,
                    blanks if line is found[0] else line.blanks,
                    line.indent,
                    0,
                    role,
                    complete and len(found) == 1,
                )
            )

    def table(self, cells: Iterable[RawCell], caption: str = "") -> None:
        """Writes a table, a row to a line and tabs between cells; a table without text leaves no line."""
        ordered = sorted(cells, key=lambda cell: (cell.row, cell.column))
        written: list[Cell] = []
        row = ordered[0].row if ordered else 0
        for n, cell in enumerate(ordered):
            if n:
                self.write("\t" if cell.row == row else "\n")
            row = cell.row
            text = cell.text.strip()
            span = self.write(text) if text else None
            written.append(Cell(text, cell.row, cell.column, cell.row_span, cell.column_span, span))
        self.write("\n")
        spans = [cell.span for cell in written if cell.span]
        if not spans:
            return
        rows = max(cell.row + cell.row_span for cell in written)
        columns = max(cell.column + cell.column_span for cell in written)
        grid = Grid(rows, columns, tuple(written), caption)
        whole = Span(spans[0].start, spans[-1].end)
        self.lines.append(Line((whole,), whole.of(self.original), role=Role.TABLE, complete=True, grid=grid))
