"""Tables of a PDF that no lines rule: words of a page that stand in columns, one of them of numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from jiqun.documents.pdfpages import Page, Part, Row
from jiqun.documents.transcript import RawCell

_FEWEST_COLUMNS = 3
_FEWEST_LINES = 3
_WIDE = 0.6  # of the table's width: one stretch of words as wide as this is running text
_NUMBER = re.compile(r"[\[(<>≥≤约]*[-+]?\d[\d.,]*\s?[%％]?[\])]?(?:左右|以上|以内)?|[-—–]+")


@dataclass
class _Printed:
    """What stands at one height of the page."""

    top: float
    bottom: float
    parts: list[Part] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def find(page: Page) -> None:
    """Puts every run of lines of `page` that stands in columns together as a table, in the place of its first line."""
    lines = _printed([row for row in page.rows if row.table is None and not row.is_furniture])
    for run in _runs(lines):
        columns = _columns(run)
        if columns is None:
            continue
        table = _table(run, columns)
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
        if last is not None and shared > 0.5 * min(last.top - last.bottom, row.top - row.bottom):
            last.rows.append(row)
            last.parts += row.parts
        else:
            found.append(_Printed(row.top, row.bottom, list(row.parts), [row]))
    for line in found:
        line.parts.sort(key=lambda part: part.left)
    return found


def _runs(lines: list[_Printed]) -> list[list[_Printed]]:
    """Stretches of lines of several parts, narrow lines between them let in."""
    found: list[list[_Printed]] = []
    run: list[_Printed] = []
    for line in lines:
        if run and run[-1].bottom - line.top > 3 * (line.top - line.bottom):
            found.append(run)
            run = []
        if len(line.parts) >= _FEWEST_COLUMNS or (run and _is_narrow(line, run)):
            run.append(line)
        elif run:
            found.append(run)
            run = []
    found.append(run)
    return [kept for run in found if len(kept := _trimmed(run)) >= _FEWEST_LINES]


def _is_narrow(line: _Printed, run: list[_Printed]) -> bool:
    left = min(part.left for above in run for part in above.parts)
    right = max(part.right for above in run for part in above.parts)
    return all(part.right - part.left < _WIDE * (right - left) and part.left >= left - 5 for part in line.parts)


def _trimmed(run: list[_Printed]) -> list[_Printed]:
    """The run without narrow lines at its end that stand apart: the paragraph behind a table."""
    kept = list(run)
    wide = [n for n, line in enumerate(kept) if len(line.parts) >= _FEWEST_COLUMNS]
    if len(wide) < _FEWEST_LINES:
        return []
    step = _step(kept)
    while kept and len(kept[-1].parts) == 1 and kept[-2].middle - kept[-1].middle > 0.85 * step:
        kept.pop()
    return kept


def _step(run: list[_Printed]) -> float:
    wide = [line.middle for line in run if len(line.parts) >= _FEWEST_COLUMNS]
    return median(above - below for above, below in pairwise(wide))


def _columns(run: list[_Printed]) -> list[tuple[float, float]] | None:
    """(left, right) of each column by the lines that fill all of them; None where these are no table of figures."""
    counts = Counter(len(line.parts) for line in run if len(line.parts) >= _FEWEST_COLUMNS)
    count = max(counts, key=lambda n: (counts[n], n))
    full = [line for line in run if len(line.parts) == count]
    if len(full) < _FEWEST_LINES:
        return None
    columns = [(min(p.left for p in parts), max(p.right for p in parts)) for parts in _turned(full)]
    if any(before[1] >= after[0] for before, after in pairwise(columns)):
        return None
    numbers = [sum(_NUMBER.fullmatch(part.text.strip()) is not None for part in parts) for parts in _turned(full)]
    digits = any(re.search(r"\d", part.text) for line in full for part in line.parts[1:])
    return columns if digits and max(numbers[1:]) * 2 >= len(full) else None


def _turned(full: list[_Printed]) -> list[list[Part]]:
    return [[line.parts[n] for line in full] for n in range(len(full[0].parts))]


def _table(run: list[_Printed], columns: list[tuple[float, float]]) -> Row:
    """The run as one table: lines of one part close to a line of several go on in its cells."""
    step = _step(run)
    anchors = [line for line in run if len(line.parts) > 1]
    held: dict[int, list[_Printed]] = {id(line): [line] for line in anchors}
    order = list(anchors)
    for line in run:
        if len(line.parts) > 1:
            continue
        nearest = min(anchors, key=lambda anchor: abs(anchor.middle - line.middle))
        if abs(nearest.middle - line.middle) < 0.78 * step:
            held[id(nearest)].append(line)
        else:
            held[id(line)] = [line]
            order.append(line)
    order.sort(key=lambda line: -line.middle)
    cells = [cell for r, line in enumerate(order) for cell in _cells(r, held[id(line)], columns)]
    parts = [part for line in run for part in line.parts]
    edges = [columns[0][0], *((a[1] + b[0]) / 2 for a, b in pairwise(columns)), columns[-1][1]]
    return Row(
        "".join(cell.text for cell in cells), min(p.left for p in parts), max(p.right for p in parts),
        run[-1].bottom, run[0].top, 10.0, cells, tuple(edges),
    )  # fmt: skip


def _cells(row: int, lines: list[_Printed], columns: list[tuple[float, float]]) -> list[RawCell]:
    texts: dict[tuple[int, int], list[Part]] = {}
    for line in sorted(lines, key=lambda line: -line.middle):
        for part in line.parts:
            texts.setdefault(_extent(part, columns), []).append(part)
    found: list[RawCell] = []
    at = 0
    for (first, last), parts in sorted(texts.items()):
        if first < at:  # two stretches of words in one column
            found[-1] = RawCell(row, found[-1].column, f"{found[-1].text} {_joined(parts, columns[last][1])}")
            continue
        found += [RawCell(row, column, "") for column in range(at, first)]
        found.append(RawCell(row, first, _joined(parts, columns[last][1]), 1, last - first + 1))
        at = last + 1
    return [*found, *(RawCell(row, column, "") for column in range(at, len(columns)))]


def _extent(part: Part, columns: list[tuple[float, float]]) -> tuple[int, int]:
    """The first and last column that a stretch of words stands over; the nearest one where it stands over none."""
    over = [n for n, (left, right) in enumerate(columns) if part.left < right and left < part.right]
    if over:
        return over[0], over[-1]
    middle = (part.left + part.right) / 2
    nearest = min(range(len(columns)), key=lambda n: abs(sum(columns[n]) / 2 - middle))
    return nearest, nearest


def _joined(parts: list[Part], right: float) -> str:
    """The lines of a cell put together where they reach its right edge, kept apart where they end before it."""
    text = parts[0].text.strip()
    for before, part in pairwise(parts):
        is_full = before.right > right - 2.2 * before.size
        glue = "" if not (text[-1:].isascii() and part.text[:1].isascii()) else " "
        text += (glue if is_full else "\n") + part.text.strip()
    return text
