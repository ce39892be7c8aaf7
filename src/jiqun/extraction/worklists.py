"""Work lists: 序号, 任务, 责任单位, 完成时限; each row that asks for work becomes a task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jiqun.documents.document import Cell
from jiqun.documents.numbering import heading_length, parse_number
from jiqun.extraction import times
from jiqun.extraction.grids import Grid
from jiqun.extraction.heads import Column, Heads, Role, plain, words_of
from jiqun.extraction.passages import passage_of
from jiqun.extraction.responsibility import listed
from jiqun.model.numerals import fold
from jiqun.model.spans import Span

_BODY_END = re.compile(rf"(?:{'|'.join(words_of('body_ends'))}|[、,;。:)\]>])$")
_NO_DEADLINE = re.compile("|".join(words_of("no_deadline")))
_LINE = re.compile(r"\n|<br\s*/?>|(?<=[\u4e00-\u9fff])[ \u3000]{1,}(?=[\u4e00-\u9fff])", re.I)
_NUMBER = re.compile(
    r"^\s*(?:[(（]?\d{1,3}[)）.．、]|[(（][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|[①-⑳])\s*"
)
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月(?:份|底|末|上旬|中旬|下旬|\d{1,2}日)?前?$")
_LONGEST_TITLE = 60
_PROSE_ROLES = (Role.TASK, Role.VALUE, Role.OTHER, Role.INDICATOR)


@dataclass(frozen=True)
class Item:
    """A row, or several merged into one, that asks for work. `span` covers its rows in the reading text.

    `serial` is the number as printed, or that of its place in the table; `sayings` are its cells of sentences.
    """

    row: int
    last: int
    serial: str
    title: str
    span: Span
    bodies: tuple[str, ...]
    deadline: str | None
    sayings: tuple[Cell, ...]


def is_work_list(heads: Heads) -> bool:
    """Whether a table has a column of tasks and one of who does them or by when."""
    return bool(heads.of(Role.TASK)) and bool(heads.of(Role.LEAD, Role.BODY, Role.SUPPORT, Role.DEADLINE))


def bodies_of_rows(grid: Grid, heads: Heads, reading: str) -> dict[int, tuple[str, ...]]:
    """The responsible bodies of each row, those of leading columns first, in printed order."""
    columns = [c for role in (Role.LEAD, Role.BODY, Role.SUPPORT) for c in heads.of(role)]
    known: dict[tuple[int, int], tuple[str, ...]] = {}
    found: dict[int, tuple[str, ...]] = {}
    for row in range(heads.body, grid.rows) if columns else ():
        named: list[str] = []
        for column in columns:
            cell = grid.at(row, column.at)
            if cell is not None and cell.span is not None:
                place = (cell.row, cell.column)
                if place not in known:
                    known[place] = _bodies(cell, reading)
                named += known[place]
        if named:
            found[row] = tuple(dict.fromkeys(named))
    return found


def items(grid: Grid, heads: Heads, bodies: dict[int, tuple[str, ...]], year: int | None) -> Iterator[Item]:
    """The tasks of a work list in its order; `year` is that of a deadline that prints none (年底前)."""
    tasks = heads.of(Role.TASK)
    serials = heads.of(Role.SERIAL)
    count = 0
    previous = ""
    for first, last in _groups(grid, heads, tasks):
        title_cell = _title_cell(grid, tasks, first, last)
        if title_cell is None:
            continue
        count += 1
        printed = next((plain(grid.text(first, c.at)).strip(".、()") for c in serials if grid.text(first, c.at)), "")
        is_part = bool(serials) and (not printed or any(_anchor(grid, first, c) < first for c in serials))
        serial = f"{previous.partition('/')[0]}/{_part(grid, serials, first)}" if is_part and previous else printed
        serial = serial or str(count)
        previous = serial
        cells = [cell for row in range(first, last + 1) for cell in grid.filled(row) if cell.span is not None]
        spans = [cell.span for cell in cells if cell.span is not None]
        named = [body for row in range(first, last + 1) for body in bodies.get(row, ())]
        prose = {column.at for column in heads.of(*_PROSE_ROLES)}
        yield Item(
            first, last, serial, _title(title_cell.text), Span(spans[0].start, spans[-1].end),
            tuple(dict.fromkeys(named)), _deadline(grid, heads, first, year),
            tuple(cell for cell in cells if cell.column in prose and _is_saying(cell.text)),
        )  # fmt: skip


def _groups(grid: Grid, heads: Heads, tasks: list[Column]) -> Iterator[tuple[int, int]]:
    """(first row, last row) of each item: rows go together while number, task and bodies are merged over them."""
    owners = heads.of(Role.LEAD, Role.BODY, Role.SUPPORT, Role.DEADLINE)
    leading = [*heads.of(Role.SERIAL), tasks[0]]
    start = None
    for row in range(heads.body, grid.rows):
        if grid.is_banner(row) or _is_head_again(grid, heads, row):
            if start is not None:
                yield start, row - 1
            start = None
            continue
        begins = any(grid.own(row, column.at) for column in leading)
        is_own_part = any(grid.own(row, c.at) for c in tasks) and any(grid.own(row, c.at) for c in owners)
        if start is None or begins or is_own_part:
            if start is not None:
                yield start, row - 1
            start = row if grid.filled(row) else None
    if start is not None:
        yield start, grid.rows - 1


def _is_head_again(grid: Grid, heads: Heads, row: int) -> bool:
    return [grid.text(row, c) for c in range(grid.columns)] == [grid.text(heads.first, c) for c in range(grid.columns)]


def _anchor(grid: Grid, row: int, column: Column) -> int:
    cell = grid.at(row, column.at)
    return cell.row if cell is not None else row


def _part(grid: Grid, serials: list[Column], row: int) -> int:
    """Which part of the numbered item above a row is, counted from the row that prints the number."""
    start = next((_anchor(grid, row, c) for c in serials if _anchor(grid, row, c) < row), None)
    if start is None:
        start = row
        while start > 0 and not any(grid.own(start, c.at) for c in serials):
            start -= 1
    return row - start + 1


def _title_cell(grid: Grid, tasks: list[Column], first: int, last: int) -> Cell | None:
    """The cell that names the task of some rows: one merged over them, else the first of their own, else one above."""
    own = [cell for c in tasks if (cell := grid.own(first, c.at)) is not None]
    fitting = [cell for cell in own if (cell.row_span > 1) is (last > first)]
    covering = [cell for c in tasks if (cell := grid.at(first, c.at)) is not None and grid.text(first, c.at)]
    return next(iter([*fitting, *own, *covering]), None)


def _title(text: str) -> str:
    """The heading of a task's cell, without number and end punctuation; its first clause where it has none."""
    first = _NUMBER.sub("", re.sub(r"<br\s*/?>", "\n", text), count=1)
    lines = [line.strip() for line in first.split("\n") if line.strip()]
    if not lines:
        return ""
    words = lines[0]
    if len(lines) > 1 and not re.search(r"[。；;：:!！]$", words) and parse_number(lines[1]) is None:
        words = "".join(lines)  # a heading that the cell's width broke
    size = heading_length(words)
    title = words[:size] if size else words
    if len(title) > _LONGEST_TITLE:
        title = re.split(r"[，,；;。：:]", title, maxsplit=1)[0]
    return re.sub(r"\s+", "", title).rstrip("。；;：:，,、.")


def _bodies(cell: Cell, reading: str) -> tuple[str, ...]:
    """The bodies of a cell; a line or blank ends a name only where what stands before it ends like one."""
    assert cell.span is not None
    text = cell.span.of(reading)
    spans: list[Span] = []
    start = 0
    for match in _LINE.finditer(text):
        if _BODY_END.search(fold(text[start : match.start()].rstrip())):
            spans.append(Span(start, match.start()))
            start = match.end()
    spans.append(Span(start, len(text)))
    named: list[str] = []
    for span in spans:
        if not span.of(text).strip():
            continue
        passage = passage_of(reading, [span.shifted(cell.span.start)])
        named += [re.sub(r"<br/?>", "", name) for name in listed(passage)]
    return tuple(dict.fromkeys(named))


def _deadline(grid: Grid, heads: Heads, row: int, year: int | None) -> str | None:
    """The period by whose end a row asks for its work: 2025, or 2025M6 where a month is printed."""
    for column in heads.of(Role.DEADLINE):
        text = plain(grid.text(row, column.at))
        if not text:
            continue
        dated = re.sub(r"(?<!\d)(20\d\d)[./-](\d{1,2})(?:[./-]\d{1,2})?(?!\d)", r"\1年\2月", text)
        dated = re.sub(r"(?<!\d)(20\d\d)(?![\d年])", r"\1年", dated)
        dated = re.sub(r"(?<=月)\d{1,2}日?", "", dated)
        mentions = [m for m in times.mentions(dated) if m.end_year or m.part]
        if mentions:
            last = mentions[-1]
            known = last.end_year or next((m.end_year for m in reversed(mentions) if m.end_year), None) or year
            return _written(known, last.part) if known else None
        if year is not None and re.search(r"年[底末内]|全年", text) and not _NO_DEADLINE.search(text):
            return str(year)
        month = _MONTH.search(text)
        if month and year is not None and 1 <= int(month[1]) <= 12:
            return _written(year, f"M{month[1]}")
    return None


def _written(year: int, part: str) -> str:
    """The period, a year where the part ends with it: 12月底 is the year's end."""
    last = re.fullmatch(r"M(?:\d+-M)?(\d+)", part)
    if last:
        return str(year) if int(last[1]) == 12 else f"{year}M{int(last[1])}"
    return str(year) if part in ("H2", "Q4") else f"{year}{part}"


def _is_saying(text: str) -> bool:
    return len(text) >= 6 and re.search(r"[\d一二三四五六七八九十百]", text) is not None
