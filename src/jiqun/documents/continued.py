"""Tables that go on: parts on following pages put behind the first, the head they print again left out."""

from __future__ import annotations

import re
from dataclasses import replace

from jiqun.documents.document import Cell
from jiqun.documents.lines import Grid, Line, Role
from jiqun.model.spans import Span

_GOES_ON = re.compile(
    r"[(（]?(?:续|接)(?:上|前)?(?:页)?表?\s?\d{0,2}[-—.]?\d{0,2}.{0,20}|.{0,30}[(（]续表?[一二三四\d]?[)）]"
)
_HIGHEST_HEAD = 4


def join(lines: list[Line]) -> list[Line]:
    """`lines` with every table that goes on as one line.

    A part goes on with the table before it when it stands right behind it, or behind a line that says so (续表), has
    as many columns, and prints the same head; behind 续表 it may print none.
    """
    found: list[Line] = []
    is_open = False  # a 续表 line waits behind a table
    for line in lines:
        last = found[-2] if is_open else found[-1] if found else None
        if line.grid is not None and last is not None and last.grid is not None:
            joined = _joined(last, line, needs_head=not is_open)
            if joined is not None:
                del found[-2 if is_open else -1 :]
                found.append(joined)
                is_open = False
                continue
        after_table = bool(found) and found[-1].grid is not None
        is_open = after_table and line.role is not Role.TABLE and _GOES_ON.fullmatch(line.text.strip()) is not None
        found.append(line)
    return found


def _joined(first: Line, more: Line, *, needs_head: bool) -> Line | None:
    assert first.grid is not None and more.grid is not None
    repeated = _repeated(first.grid, more.grid)
    if (needs_head and not repeated) or (not repeated and first.grid.columns != more.grid.columns):
        return None
    shift = first.grid.rows - repeated
    added = tuple(replace(cell, row=cell.row + shift) for cell in more.grid.cells if cell.row >= repeated)
    grid = Grid(
        first.grid.rows + more.grid.rows - repeated,
        max(first.grid.columns, more.grid.columns),
        (*first.grid.cells, *added),
        first.grid.caption,
    )
    return replace(first, pieces=(Span(first.start, more.end),), text=f"{first.text}\n{more.text}", grid=grid)


def _repeated(first: Grid, more: Grid) -> int:
    """How many rows at the top of both say the same, cells merged downward counted whole; 0 for none."""
    above, below = _rows(first), _rows(more)
    same = 0
    while same < min(len(above), len(below), _HIGHEST_HEAD) and above[same] == below[same]:
        same += 1
    if not same or same == len(below) or not any(text for _, text in below[0]):
        return 0
    reach = max((cell.row + cell.row_span for cell in more.cells if cell.row < same), default=same)
    return max(same, reach) if reach <= _HIGHEST_HEAD else same


def _rows(grid: Grid) -> list[list[tuple[int, str]]]:
    """(column, words) of the cells that begin in each of the first rows."""
    found: list[list[tuple[int, str]]] = [[] for _ in range(min(grid.rows, _HIGHEST_HEAD + 1))]
    for cell in grid.cells:
        if cell.row < len(found):
            found[cell.row].append((cell.column, _plain(cell)))
    return found


def _plain(cell: Cell) -> str:
    return re.sub(r"\s+", "", cell.text)
