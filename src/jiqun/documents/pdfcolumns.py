"""Tables of a PDF that no lines rule: words of a page that stand in columns, one of them of numbers.

Columns are found by what stands above one another, rows by the numbers: a cell of several lines belongs to the row
whose numbers stand beside it, however its lines are set against them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jiqun.documents.pdfpages import Page, Part, Row
from jiqun.documents.transcript import RawCell

_FEWEST_COLUMNS = 3
_FEWEST_ROWS = 3
_FEWEST_NUMBERED = 2
_WIDE = 0.6  # of the table's width: one stretch of words as wide as this is running text
_CLOSE = 0.5  # of a line's height: nearer lines belong together
_SAME_CELL = 1.15  # of the smallest distance of two lines: so far apart they may stand in one cell
_NUMBER = re.compile(r"[\[(<>≥≤约]*[-+]?\d[\d.,]*\s?[%％]?[*①-⑳]?[\])]?(?:左右|以上|以内)?|[-—–]+")
_CAPTION = re.compile(r"(?:附[件表]|[图表]|专栏)\s?[\d一二三四五六七八九十]{1,2}(?:\D.*)?|注[:：\d].*")
_Column = tuple[float, float]


@dataclass
class _Printed:
    """What stands at one height of the page."""

    top: float
    bottom: float
    parts: list[Part] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass
class _Block:
    """Lines that stand close above one another over the same columns, `first` to `last`."""

    first: int
    last: int
    parts: list[Part]

    @property
    def top(self) -> float:
        return self.parts[0].top

    @property
    def bottom(self) -> float:
        return self.parts[-1].bottom


def find(page: Page) -> None:
    """Puts every run of lines of `page` that stands in columns together as a table, in the place of its first line."""
    for run in _runs(_printed([row for row in page.rows if row.table is None and not row.is_furniture])):
        parts = [part for line in run for part in line.parts]
        table = _table(parts, _columns(parts))
        if table is None:
            continue
        gone = {id(row) for line in run for row in line.rows}
        at = next(i for i, row in enumerate(page.rows) if id(row) in gone)
        page.rows[:] = [row for row in page.rows if id(row) not in gone]
        page.rows.insert(at, table)


def _printed(rows: list[Row]) -> list[_Printed]:
    """The rows of a page by height, top to bottom; those side by side together."""
    found: list[_Printed] = []
    for row in sorted(rows, key=lambda row: -(row.top + row.bottom)):
        last = found[-1] if found else None
        shared = min(last.top, row.top) - max(last.bottom, row.bottom) if last else 0.0
        if last is not None and shared > 0.5 * min(last.height, row.top - row.bottom):
            last.rows.append(row)
            last.parts += row.parts
        else:
            found.append(_Printed(row.top, row.bottom, list(row.parts), [row]))
    return found


def _runs(lines: list[_Printed]) -> list[list[_Printed]]:
    """Stretches of lines that begin with one of several parts, narrow lines between them and close beside let in."""
    found: list[list[_Printed]] = []
    run: list[_Printed] = []
    for at, line in enumerate(lines):
        is_caption = len(line.parts) == 1 and _CAPTION.fullmatch(line.parts[0].text) is not None
        if run and (is_caption or run[-1].bottom - line.top > 3 * line.height):
            found.append(run)
            run = []
        if run and (len(line.parts) >= _FEWEST_COLUMNS or _is_narrow(line, run)):
            run.append(line)
        elif run:
            found.append(run)
            run = []
        if not run and len(line.parts) >= _FEWEST_COLUMNS:
            run = [*_above(lines, at, found), line]
    found.append(run)
    return [kept for run in found if len(kept := _trimmed(run)) >= _FEWEST_ROWS]


def _above(lines: list[_Printed], at: int, taken: list[list[_Printed]]) -> list[_Printed]:
    """Narrow lines right above line `at`: the first lines of a head whose cells have several."""
    held = {id(line) for run in taken for line in run}
    start = at
    while start > 0 and id(lines[start - 1]) not in held:
        gap = lines[start - 1].bottom - lines[start].top
        if gap > _CLOSE * lines[start].height or not _is_narrow(lines[start - 1], [lines[at]]):
            break
        start -= 1
    return lines[start:at]


def _is_narrow(line: _Printed, run: list[_Printed]) -> bool:
    left = min(part.left for above in run for part in above.parts)
    right = max(part.right for above in run for part in above.parts)
    return all(
        part.right - part.left < _WIDE * (right - left) and part.left >= left - part.size and part.right <= right + 5
        for part in line.parts
    )


def _trimmed(run: list[_Printed]) -> list[_Printed]:
    """The run without lines of one part at its end that stand apart: the paragraph behind a table."""
    kept = list(run)
    gaps = [max(above.bottom - below.top, 0.0) for above, below in pairwise(run)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    while len(kept) > 1 and len(kept[-1].parts) == 1:
        gap = kept[-2].bottom - kept[-1].top
        if gap <= max(_CLOSE * kept[-1].height, 0.5 * usual):
            break
        kept.pop()
    return kept


def _columns(parts: Sequence[Part]) -> list[_Column]:
    """(left, right) of each column, left to right; what stands over several, as the head of a group does, apart.

    Narrow stretches of words make the columns, wide ones go into the one they stand over; many that bridge two
    columns make them one.
    """
    columns: list[list[Part]] = []
    bridges: list[Part] = []
    for part in sorted(parts, key=lambda part: part.right - part.left):
        over = [column for column in columns if any(p.left < part.right and part.left < p.right for p in column)]
        if len(over) > 1:
            bridges.append(part)
        elif over:
            over[0].append(part)
        else:
            columns.append([part])
    for part in bridges:
        over = [column for column in columns if any(p.left < part.right and part.left < p.right for p in column)]
        crossing = sum(1 for b in bridges if all(any(p.left < b.right and b.left < p.right for p in c) for c in over))
        if len(over) > 1 and crossing * 3 >= min(len(column) for column in over):
            for column in over[1:]:
                over[0].extend(column)
                columns.remove(column)
    sizes = sorted(len(column) for column in columns)
    # words that stand alone between columns head a group of them
    held = [column for column in columns if len(column) > 1 or sizes[len(sizes) // 2] < _FEWEST_ROWS]
    return sorted((min(p.left for p in column), max(p.right for p in column)) for column in held)


def _table(parts: Sequence[Part], columns: list[_Column]) -> Row | None:
    """The parts as one table; None where they are too few, or none of their columns is one of numbers."""
    if len(columns) < _FEWEST_COLUMNS or any(before[1] > after[0] for before, after in pairwise(columns)):
        return None
    by_column: list[list[Part]] = [[] for _ in columns]
    spanning: list[_Block] = []
    for part in sorted(parts, key=lambda part: -part.top):
        first, last = _extent(part, columns)
        if first == last:
            by_column[first].append(part)
        else:
            spanning.append(_Block(first, last, [part]))
    anchors = _anchors(by_column)
    if len(anchors) < _FEWEST_NUMBERED:
        return None
    pitch = min(
        (
            a.middle - b.middle
            for column in by_column
            for a, b in pairwise(column)
            if a.middle - b.middle > 0.7 * a.size
        ),
        default=0.0,
    )
    blocks = [block for n, column in enumerate(by_column) for block in _blocks(n, column, pitch)]
    rows = _rows([*blocks, *spanning], anchors)
    cells = _cells(rows, columns)
    if len({cell.row for cell in cells}) < _FEWEST_ROWS:
        return None
    edges = [columns[0][0], *((a[1] + b[0]) / 2 for a, b in pairwise(columns)), columns[-1][1]]
    return Row(
        "".join(cell.text for cell in cells), min(p.left for p in parts), max(p.right for p in parts),
        min(p.bottom for p in parts), max(p.top for p in parts), 10.0, cells, tuple(edges),
    )  # fmt: skip


def _anchors(by_column: list[list[Part]]) -> list[float]:
    """The heights of rows, top to bottom: those of the numbers in columns that hold mostly numbers, or serials."""
    heights: list[float] = []
    size = 0.0
    for n, column in enumerate(by_column):
        numbers = [part for part in column if _NUMBER.fullmatch(part.text)]
        digits = [part for part in numbers if re.search(r"\d", part.text)]
        is_counted = [p.text for p in digits] == [str(i) for i in range(1, len(digits) + 1)] and len(digits) > 2
        if (n and len(numbers) * 2 >= len(column) and len(digits) > 1) or is_counted:
            heights += [part.middle for part in numbers]
            size = max(size, *(part.size for part in numbers))
    found: list[float] = []
    for height in sorted(heights, reverse=True):
        if not found or found[-1] - height > 0.6 * size:
            found.append(height)
    return found


def _blocks(at: int, column: list[Part], pitch: float) -> list[_Block]:
    found: list[_Block] = []
    for part in column:
        last = found[-1].parts[-1] if found else None
        is_number = _NUMBER.fullmatch(part.text) is not None or (last and _NUMBER.fullmatch(last.text) is not None)
        if last is not None and not is_number and last.middle - part.middle <= _SAME_CELL * pitch:
            found[-1].parts.append(part)
        else:
            found.append(_Block(at, at, [part]))
    return found


def _rows(blocks: list[_Block], anchors: list[float]) -> list[list[_Block]]:
    """Blocks by row, top to bottom: beside the same numbers, else beside one another."""
    held: dict[float, list[_Block]] = {}
    free: list[_Block] = []
    for block in blocks:
        beside = [height for height in anchors if block.bottom <= height <= block.top]
        if len(beside) == 1 and _fits(block, beside[0]):
            held.setdefault(beside[0], []).append(block)
        elif not beside:
            free.append(block)
        else:  # lines set as close as rows are: each goes to its own, those of the head to none
            for part in block.parts:
                nearest = min(beside, key=lambda height: abs(height - part.middle))
                alone = _Block(block.first, block.last, [part])
                is_head = nearest == anchors[0] and part.bottom > nearest
                (free if is_head else held.setdefault(nearest, [])).append(alone)
    groups: list[tuple[float, list[_Block]]] = list(held.items())
    low = 0.0
    for block in sorted(free, key=lambda block: -block.top):
        if groups and groups[-1][0] < 0 and block.top > low + 0.2 * block.parts[0].size:
            groups[-1][1].append(block)
            low = min(low, block.bottom)
        else:
            groups.append((-1.0, [block]))
            low = block.bottom
    placed = [
        (height if height >= 0 else max((b.top + b.bottom) / 2 for b in group), group) for height, group in groups
    ]
    return [group for _, group in sorted(placed, key=lambda pair: -pair[0])]


def _fits(block: _Block, height: float) -> bool:
    """Whether a cell's lines are set around or from the height of its row."""
    size = block.parts[0].size
    return abs((block.top + block.bottom) / 2 - height) < 0.75 * size or block.parts[0].bottom <= height


def _cells(rows: list[list[_Block]], columns: list[_Column]) -> list[RawCell]:
    """The blocks as cells; a head that stands over several columns makes two rows of its own."""
    found: list[RawCell] = []
    at = 0
    for row in rows:
        spans = [block for block in row if block.last > block.first]
        under = {column for block in spans for column in range(block.first, block.last + 1)}
        below = [block for block in row if block.first == block.last and block.first in under]
        deep = 2 if below else 1
        for block in spans:
            found.append(RawCell(at, block.first, _joined(block.parts, columns[block.last][1]), 1, _width(block)))
        for column in range(len(columns)):
            parts = [p for block in row if block.first == block.last == column for p in block.parts]
            if column not in under:
                found.append(RawCell(at, column, _joined(parts, columns[column][1]), deep))
            elif below:
                found.append(RawCell(at + 1, column, _joined(parts, columns[column][1])))
        at += deep
    return found


def _width(block: _Block) -> int:
    return block.last - block.first + 1


def _extent(part: Part, columns: list[_Column]) -> tuple[int, int]:
    """The first and last column that a stretch of words stands over; the two it stands between where over none."""
    over = [n for n, (left, right) in enumerate(columns) if part.left < right and left < part.right]
    if over:
        return over[0], over[-1]
    after = sum(right <= part.left for _, right in columns)
    return max(after - 1, 0), min(after, len(columns) - 1)


def _joined(parts: list[Part], right: float) -> str:
    """The lines of a cell put together where they reach its right edge, kept apart where they end before it."""
    ordered = sorted(parts, key=lambda part: (-part.middle, part.left))
    text = ordered[0].text if ordered else ""
    for before, part in pairwise(ordered):
        is_full = before.right > right - 2.2 * before.size or before.middle - part.middle < 0.3 * part.size
        glue = " " if text[-1:].isascii() and part.text[:1].isascii() else ""
        text += (glue if is_full else "\n") + part.text
    return text
