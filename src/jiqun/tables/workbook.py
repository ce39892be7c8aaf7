"""A file of tables as it was given: sheets of cells, each of which knows its address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, overload

from jiqun.model.findings import Finding

Value = None | str | Decimal | bool | date
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_MERGED_CELLS_KEPT = 2_000_000
_WIDEST_MERGE = 256


class Printed(NamedTuple):
    """A stored value whose printed text does not follow from it: 5% is 0.05, 2024年6月 is a day."""

    text: str
    value: Value


Stored = Value | Printed


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `row` and `column` count from 1; an empty cell has text "" and value None.

    `text` is what the sheet shows, white space kept: numbers in full digits, percents with their sign, days as
    2024-06-01. `value` is None, a text without outer white space, an exact number (5% is 0.05), a truth or a day.
    A cell swallowed by a merge repeats the merge's first cell and names it in `is_merged_from`.
    """

    text: str
    value: Value
    address: str
    row: int
    column: int
    is_merged_from: str | None = None


@dataclass(frozen=True)
class Merge:
    """Cells `first_row` to `last_row`, `first_column` to `last_column`, both included, shown as one."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class Rows(Sequence[tuple[Cell, ...]]):
    """The rows of a sheet, built when asked for: a register of millions of cells stays small in memory."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def __len__(self) -> int:
        return self._sheet.height

    @overload
    def __getitem__(self, index: int) -> tuple[Cell, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Cell, ...], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[Cell, ...] | tuple[tuple[Cell, ...], ...]:
        if isinstance(index, slice):
            return tuple(self._sheet.row(i + 1) for i in range(*index.indices(len(self))))
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(f"no row {index} of {len(self)}")
        return self._sheet.row(at + 1)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return (self._sheet.row(number) for number in range(1, len(self) + 1))


@dataclass(frozen=True)
class Sheet:
    """A named grid. `grid` holds what is stored, from A1 on, rows as long as they have content."""

    name: str
    grid: tuple[tuple[Stored, ...], ...]
    merges: tuple[Merge, ...] = ()
    is_hidden: bool = False

    @property
    def height(self) -> int:
        return len(self.grid)

    @cached_property
    def width(self) -> int:
        """Columns with content, or covered by a merge; a title merged over a whole sheet does not count."""
        merged = (m.last_column for m in self.merges if m.first_row <= self.height and m.last_column <= _WIDEST_MERGE)
        return max(max(map(len, self.grid), default=0), max(merged, default=0))

    @property
    def rows(self) -> Rows:
        """All rows from the first to the last with content, each `width` cells long."""
        return Rows(self)

    def row(self, number: int) -> tuple[Cell, ...]:
        return tuple(self._cell(number, column) for column in range(1, self.width + 1))

    def cell(self, address: str) -> Cell:
        """The cell at `address` ("B3"), empty where the sheet has none. Raises ValueError for any other text."""
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise ValueError(f"not a cell address: {address!r}")
        return self._cell(int(match[2]), column_number(match[1]))

    def _cell(self, row: int, column: int) -> Cell:
        place = address_of(row, column)
        first = self._swallowed.get((row, column))
        stored = self._stored(*(first or (row, column)))
        text, value = (stored.text, stored.value) if isinstance(stored, Printed) else (shown(stored), stored)
        if isinstance(value, str):
            value = value.strip() or None
        return Cell(text, value, place, row, column, address_of(*first) if first else None)

    def _stored(self, row: int, column: int) -> Stored:
        if row > len(self.grid) or column > len(self.grid[row - 1]):
            return None
        return self.grid[row - 1][column - 1]

    @cached_property
    def _swallowed(self) -> dict[tuple[int, int], tuple[int, int]]:
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for merge in self.merges:
            first = (merge.first_row, merge.first_column)
            for row in range(merge.first_row, min(merge.last_row, self.height) + 1):
                for column in range(merge.first_column, min(merge.last_column, self.width) + 1):
                    if (row, column) != first:
                        found[row, column] = first
            if len(found) > _MERGED_CELLS_KEPT:
                break
        return found


@dataclass(frozen=True)
class Workbook:
    """A file as read. `digest` is the SHA-256 of its bytes, in hex; `findings` tells what was odd but let in."""

    name: str
    digest: str
    media_type: str
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def shown(value: Value) -> str:
    """How a cell shows `value`: "" for None, full digits for a number, TRUE or FALSE, 2024-06-01 for a day."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.isoformat() if isinstance(value, date) else format(value, "f")


def column_letters(column: int) -> str:
    """The letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def address_of(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"
