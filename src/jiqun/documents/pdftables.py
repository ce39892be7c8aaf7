"""Ruled tables on a page of a PDF: grids of cells found from the straight lines that are drawn on it."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

_NEAR = 3.0  # points within which two drawn edges are one
_SHORTEST = 5.0  # points; shorter strokes are dashes of letters and ornaments
_MOST_SEGMENTS = 20_000  # on one page; beyond that it is a drawing, not a table


@dataclass(frozen=True)
class Edge:
    """A straight stroke along one axis: at `at` on the other axis, from `low` to `high`."""

    is_vertical: bool
    at: float
    low: float
    high: float


@dataclass(frozen=True)
class CellBox:
    """A cell of a grid: its anchor and extent, and the right edge of its frame in points."""

    row: int
    column: int
    row_span: int
    column_span: int
    right: float


@dataclass
class Grid:
    """A ruled table: `xs` rise from left to right, `ys` fall from top to bottom; points from the page's bottom left."""

    xs: list[float]
    ys: list[float]
    cells: list[CellBox]
    _at: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, cell in enumerate(self.cells):
            for r in range(cell.row, cell.row + cell.row_span):
                for c in range(cell.column, cell.column + cell.column_span):
                    self._at[r, c] = number

    def cell_at(self, x: float, y: float) -> int | None:
        """The number of the cell that holds a point, None outside every cell."""
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[-1] <= y <= self.ys[0]):
            return None
        column = bisect_right(self.xs, x) - 1
        row = bisect_right([-edge for edge in self.ys], -y) - 1
        return self._at.get((row, column))


def edges_of(objects: list[object]) -> list[Edge]:
    """The straight strokes of a page's path objects; a filled bar gives its two long sides."""
    found: list[Edge] = []
    for path in objects:
        if pdfium.FPDFPageObj_GetType(path) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        for (x0, y0), (x1, y1) in _segments(path):
            if abs(x0 - x1) <= 1 and abs(y0 - y1) >= _SHORTEST:
                found.append(Edge(True, (x0 + x1) / 2, min(y0, y1), max(y0, y1)))
            elif abs(y0 - y1) <= 1 and abs(x0 - x1) >= _SHORTEST:
                found.append(Edge(False, (y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        if len(found) > _MOST_SEGMENTS:
            return []
    return found


def _segments(path: object) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for i in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, i)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        here = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield last, here
        last = here
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield last, first


def grids_of(edges: list[Edge]) -> list[Grid]:
    """The tables that strokes rule, two columns wide or more, each group of touching strokes one table."""
    found = [_grid(group) for group in _touching(edges)]
    return sorted((grid for grid in found if grid is not None), key=lambda grid: -grid.ys[0])


def _touching(edges: list[Edge]) -> list[list[Edge]]:
    """Edges in groups that cross or touch one another."""
    leader = list(range(len(edges)))

    def lead(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    rows = sorted((i for i, e in enumerate(edges) if not e.is_vertical), key=lambda i: edges[i].at)
    heights = [edges[i].at for i in rows]
    for i, edge in enumerate(edges):
        if not edge.is_vertical:
            continue
        for j in rows[bisect_right(heights, edge.low - _NEAR) : bisect_right(heights, edge.high + _NEAR)]:
            if edges[j].low - _NEAR <= edge.at <= edges[j].high + _NEAR:
                leader[lead(i)] = lead(j)
    groups: dict[int, list[Edge]] = {}
    for i, edge in enumerate(edges):
        groups.setdefault(lead(i), []).append(edge)
    return [group for group in groups.values() if len(group) >= 4]


def _grid(edges: list[Edge]) -> Grid | None:
    xs = _distinct([e.at for e in edges if e.is_vertical])
    ys = _distinct([e.at for e in edges if not e.is_vertical])[::-1]
    xs = _to_the_ends(xs, [e for e in edges if not e.is_vertical])
    if len(xs) < 3 or len(ys) < 2 or len(xs) * len(ys) > 40_000:
        return None
    walls = {(c, r) for e in edges if e.is_vertical for c in _near(xs, e.at) for r in _covered(ys, e)}
    floors = {(c, r) for e in edges if not e.is_vertical for r in _near(ys, e.at) for c in _covered(xs, e)}
    cells: list[CellBox] = []
    taken: set[tuple[int, int]] = set()
    for r in range(len(ys) - 1):
        for c in range(len(xs) - 1):
            if (c, r) in taken:
                continue
            right = c + 1
            while right < len(xs) - 1 and (right, r) not in walls and (right, r) not in taken:
                right += 1
            below = r + 1
            while below < len(ys) - 1 and not any((i, below) in floors for i in range(c, right)):
                below += 1
            taken.update((i, j) for i in range(c, right) for j in range(r, below))
            cells.append(CellBox(r, c, below - r, right - c, xs[right]))
    return Grid(xs, ys, cells)


def _to_the_ends(xs: list[float], rules: list[Edge]) -> list[float]:
    """Column edges with the two that a table open at its sides leaves to the ends of its horizontal rules."""
    if not xs or not rules:
        return xs
    left, right = min(rule.low for rule in rules), max(rule.high for rule in rules)
    before = [left] if left < xs[0] - 4 * _NEAR else []
    after = [right] if right > xs[-1] + 4 * _NEAR else []
    return [*before, *xs, *after]


def _distinct(values: list[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _near(edges: list[float], value: float) -> list[int]:
    return [i for i, edge in enumerate(edges) if abs(edge - value) <= _NEAR]


def _covered(edges: list[float], stroke: Edge) -> list[int]:
    """Which gaps between neighbouring edges a stroke runs along: those whose middle it passes."""
    middles = ((i, (edges[i] + edges[i + 1]) / 2) for i in range(len(edges) - 1))
    return [i for i, middle in middles if stroke.low <= middle <= stroke.high]
