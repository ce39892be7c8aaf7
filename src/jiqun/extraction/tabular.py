"""Tables of indicators: rows, columns and what stands over the table put together into figures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from jiqun.documents.document import Cell
from jiqun.extraction.captions import Setting
from jiqun.extraction.cellvalues import Cells, Value, with_unit
from jiqun.extraction.grids import Grid
from jiqun.extraction.heads import Column, Heads, Role, is_area, plain, time_in, unit_in, words_of
from jiqun.extraction.passages import Passage, passage_of
from jiqun.extraction.quantities import Form
from jiqun.extraction.words import BARE_AMOUNTS, METRICS, any_of
from jiqun.model.claims import ClaimKind

_TOTALS = frozenset(words_of("totals"))
_BODY_NAME = re.compile(rf"(?:{any_of(words_of('body_ends'))})$")
_OF_WHICH = re.compile(r"^(?:其中|#|[-—－├└]+|[(（]?\d{1,2}[)）.、．]|[①-⑳]|[·◆●★])*[:：]?(?:其中[:：]?)?")
_LEANING = re.compile(
    rf"(?:其?{any_of({*BARE_AMOUNTS, '占比', '比重', '增长', '增长率', '同比增长', '年均增速', '增速', '数量'})})$|^占"
)
_RATE_NAME = re.compile(r"率|占|比重|比例|强度|增长|增速|下降|降低")
_RATES = ("%", "‰")
_GROWS = re.compile(r"(?:增长|增速|增长率|增幅|增长速度|降低|下降|降低率|下降率|降幅)$")


@dataclass(frozen=True)
class Figure:
    """A number of a table with what row and column say of it; `name` is the indicator, `name_cell` where it stands."""

    cell: Cell
    column: Column
    value: Value
    passage: Passage
    name: str
    unit: str
    kind: ClaimKind
    period: str | None
    name_cell: Cell | None = None
    area: str | None = None
    bodies: tuple[str, ...] = ()
    binding: bool | None = None
    base: Value | None = None
    base_unit: str = ""
    base_period: str | None = None
    is_rate_of: bool = False  # a growth rate beside its amount
    is_change: bool = False  # points of change beside a rate
    is_inherited: bool = False


@dataclass(frozen=True)
class Saying:
    """A cell of sentences in a column of numbers, to be read as text behind the name of its row."""

    cell: Cell
    column: Column
    spans: tuple[Cell, ...]
    period: str | None
    bodies: tuple[str, ...] = ()
    area: str | None = None
    binding: bool | None = None


@dataclass
class _Row:
    """One row as it is read."""

    at: int
    name: str
    cell: Cell | None
    unit: str
    area: str | None
    bodies: tuple[str, ...]
    binding: bool | None
    is_inherited: bool
    leads: bool = True  # its name is that of an indicator, and reads on into a sentence beside it


class Reader:
    """Reads the body of tables; `known_areas` are names of districts, `bodies` reads a row's responsible bodies."""

    def __init__(self, reading: str, cells: Cells, known_areas: Collection[str]) -> None:
        self._reading = reading
        self._cells = cells
        self._areas = known_areas

    def figures(
        self, grid: Grid, heads: Heads, held: Setting, bodies: dict[int, tuple[str, ...]]
    ) -> Iterator[Figure | Saying]:
        """The numbers of the table, row by row; `bodies` answer for rows."""
        values = [c for c in heads.of(Role.VALUE) if not c.is_earlier or held.kind is ClaimKind.TARGET]
        values = _leaning(values, held)
        names, areas = self._name_columns(grid, heads)
        dates = heads.of(Role.TIME)
        if not values or not (names or areas or dates):
            return
        bases = self._bases(values, held)
        state = _Row(-1, "", None, "", None, (), None, is_inherited=False)
        for at in range(heads.body, grid.rows):
            if grid.is_banner(at):
                text = grid.text(at, next(c.column for c in grid.filled(at)))
                state = replace(state, name="", binding=_binding(text))
                continue
            if at > heads.body and _repeats(grid, heads, at):
                continue
            row = self._row(grid, heads, at, names, areas, state)
            if row is None:
                continue
            row.bodies = bodies.get(at, row.bodies)
            row.leads = bool(heads.of(Role.INDICATOR))
            yield from self._of_row(grid, row, _dated(grid, at, dates, values, held), bases, held)
            state = replace(state, name=row.name or state.name, cell=row.cell, unit=row.unit)

    def _name_columns(self, grid: Grid, heads: Heads) -> tuple[list[Column], list[Column]]:
        """The columns that name what a row counts, and those that name whose it is."""
        names, areas = heads.of(Role.INDICATOR), heads.of(Role.AREA)
        owners = [column for column in heads.of(Role.UNIT) if not self._holds_units(grid, heads, column)]
        if names or areas:
            return names, areas or (owners if not heads.of(Role.BODY, Role.LEAD) else [])
        if owners:
            return [], owners
        for column in heads.columns:
            if column.role in (Role.OTHER, Role.CATEGORY, Role.TASK) and not column.is_numeric:
                said = [grid.text(row, column.at) for row in range(heads.body, min(grid.rows, heads.body + 60))]
                said = [text for text in said if text]
                if not said:
                    continue
                owned = sum(is_area(t, self._areas) or t in _TOTALS for t in said)
                is_short = sum(len(text) <= 40 for text in said) * 2 > len(said)
                has_time = any(c.year or c.is_target or c.area for c in heads.of(Role.VALUE))
                if owned * 2 >= len(said):
                    return [], [column]
                return ([column], []) if is_short and has_time else ([], [])
        return [], []

    def _holds_units(self, grid: Grid, heads: Heads, column: Column) -> bool:
        said = [grid.text(row, column.at) for row in range(heads.body, min(grid.rows, heads.body + 60))]
        said = [text for text in said if text and text not in ("-", "—", "/")]
        units = sum(self._cells.is_unit(plain(text).strip("()")) or len(text) <= 2 for text in said)
        named = sum(is_area(text, self._areas) or _BODY_NAME.search(text) is not None for text in said)
        return units * 2 >= len(said) or named * 2 < len(said)

    def _bases(self, values: list[Column], held: Setting) -> list[Column]:
        """The columns of a planning table that say where things stood before it, in the order of their years."""
        if held.kind is not ClaimKind.TARGET:
            return []
        open_years = [c.year for c in values if c.year and not c.is_target and not c.is_growth]
        found = []
        for column in values:
            year = column.year
            if column.is_target or column.is_growth or column.is_yearly:
                continue
            before = year is not None and held.begins is not None and year < held.begins
            # an undated plan: 2020 beside 2025 is where it starts, 2025 beside 2027 a first step
            undated = held.begins is None and len(open_years) == 2 and year == min(open_years)
            starts = undated and min(open_years) % 5 == 0 and max(open_years) - min(open_years) >= 3
            if column.is_reached or column.is_earlier or before or starts:
                found.append(column)
        return sorted(found, key=lambda c: (c.year or 0, c.at)) if len(found) < len(values) else []

    def _row(
        self, grid: Grid, heads: Heads, at: int, names: list[Column], areas: list[Column], above: _Row
    ) -> _Row | None:
        parts = [(cell, text) for c in names if (cell := grid.at(at, c.at)) and (text := grid.text(at, c.at))]
        parts = [pair for n, pair in enumerate(parts) if n == 0 or pair[0] is not parts[n - 1][0]]
        name, cell, unit, is_inherited = above.name, None, "", False
        if parts:
            cell = parts[-1][0]
            rest, unit = unit_in(plain(parts[-1][1]), self._cells.is_unit)
            name = _OF_WHICH.sub("", plain(rest), count=1)
            parent = _OF_WHICH.sub("", plain(unit_in(parts[-2][1], self._cells.is_unit)[0]), 1) if parts[1:] else ""
            if parent and (name in METRICS or _LEANING.match(name)):
                name = parent + name
            elif _LEANING.match(name) and above.name:
                name, is_inherited = above.name + name, True
        elif names:
            is_inherited = True
        area: str | None = None
        bodies: tuple[str, ...] = ()
        for column in areas:
            text = plain(grid.text(at, column.at))
            if text and text not in _TOTALS:
                is_body = _BODY_NAME.search(text) is not None and not is_area(text, self._areas)
                area, bodies = (None, (text,)) if is_body else (text, ())
        if areas and not any(grid.text(at, column.at) for column in areas):
            return None
        for column in heads.of(Role.UNIT):
            text = plain(grid.text(at, column.at))
            unit = text if text and text not in ("-", "—", "/") and column not in areas and len(text) <= 16 else unit
        said = "".join(grid.text(at, column.at) for column in heads.of(Role.NATURE))
        binding = _binding(said)
        if names and not name:
            return None
        return _Row(
            at, name, cell, unit or (above.unit if is_inherited and not parts else ""), area, bodies,
            above.binding if binding is None else binding, is_inherited,
        )  # fmt: skip

    def _of_row(
        self, grid: Grid, row: _Row, values: list[Column], bases: list[Column], held: Setting
    ) -> Iterator[Figure | Saying]:
        read: dict[int, tuple[Cell, Passage, Value | None]] = {}
        for column in values:
            cell = grid.own(row.at, column.at)
            if cell is None or cell.span is None or cell.column_span > 1:
                continue
            passage = passage_of(self._reading, [cell.span])
            read[column.at] = cell, passage, self._cells.value(passage, cell.text)
        levels = [c for c in values if not c.is_growth and not c.is_yearly and read.get(c.at, (0, 0, None))[2]]
        for column in values:
            if column in bases or column.at not in read:
                continue
            cell, passage, value = read[column.at]
            if value is None:
                yield from self._saying(row, column, cell, passage, held)
                continue
            name = _named(row, column, held)
            if not name:
                continue
            figure = self._figure(row, column, (cell, passage, value), name, held)
            is_sum = value.bracket in held.sums and (column.is_yearly or column.is_sum)
            is_share = (row.unit or held.unit) in _RATES and (is_sum or not column.unit)
            figure = self._rated(figure, bool([c for c in levels if c is not column]), is_share, is_sum=is_sum)
            if not (figure.is_rate_of or figure.is_change or column.is_yearly):
                figure = self._based(figure, row, [(c, read[c.at][2]) for c in bases if c.at in read])
            yield figure

    def _figure(self, row: _Row, column: Column, said: tuple[Cell, Passage, Value], name: str, held: Setting) -> Figure:
        cell, passage, value = said
        return Figure(
            cell, column, value, passage, name, self._unit(row, column, value, name, held), held.kind,
            _period(column, held), row.cell, column.area or row.area, row.bodies, row.binding,
            is_inherited=row.is_inherited,
        )  # fmt: skip

    def _unit(self, row: _Row, column: Column, value: Value, name: str, held: Setting) -> str:
        is_sum = value.bracket in held.sums and (column.is_yearly or column.is_sum)
        given = (row.unit if is_sum else "") or column.unit or row.unit or held.unit
        options = [part for part in re.split(r"[、,;]", given) if part]
        if len(options) > 1:
            is_rate = column.is_growth or _RATE_NAME.search(name) is not None
            rates = [part for part in options if part in (*_RATES, "个百分点")]
            counts = [part for part in options if part not in rates]
            fitting = rates if is_rate else counts
            given = fitting[0] if fitting and (len(fitting) == 1 or given == row.unit) else ""
        return with_unit(value.quantity, given)

    def _rated(self, figure: Figure, has_level: bool, is_share: bool, *, is_sum: bool) -> Figure:
        """The figure as a rate of growth, or as points of change, where its column is one beside amounts."""
        column, own = figure.column, figure.value.quantity.unit
        is_points = is_share and not own and has_level and not _GROWS.search(figure.name)
        if is_sum:
            return replace(figure, unit="个百分点", is_change=True) if is_points else figure
        if not (column.is_growth or (column.is_yearly and has_level)):
            return figure
        if is_points:
            return replace(figure, unit="个百分点", is_change=True)
        if column.unit or own:
            return replace(figure, is_rate_of=figure.unit in _RATES)
        if figure.unit in _RATES or self._cells.form(figure.unit) in (Form.MONEY, Form.COUNT, Form.MEASURE, None):
            return replace(figure, unit="%", is_rate_of=True)
        return figure

    def _based(self, figure: Figure, row: _Row, bases: list[tuple[Column, Value | None]]) -> Figure:
        """The figure with the last number that its row gives from before the plan."""
        for column, value in reversed(bases):
            if value is None or figure.value.bracket in ("[",):
                continue
            unit = with_unit(value.quantity, column.unit or row.unit or figure.unit)
            period = column.mention.period() if column.mention else None
            return replace(figure, base=value, base_unit=unit, base_period=period)
        return figure

    def _saying(self, row: _Row, column: Column, cell: Cell, passage: Passage, held: Setting) -> Iterator[Saying]:
        without_years = re.sub(r"(?:19|20)\d\d年?", "", passage.text)
        words = re.findall(r"[\u4e00-\u9fff]", without_years)
        if not re.search(r"[\d一二三四五六七八九十]", without_years) or len(words) < 3:
            return
        is_beside = row.cell is not None and row.cell.row == cell.row and "\n" not in row.cell.text
        is_beside = is_beside and row.leads and row.name not in passage.text
        spans = (row.cell, cell) if is_beside and row.cell else (cell,)
        yield Saying(
            cell, column, spans, _period(column, held), row.bodies, column.area or row.area, row.binding
        )  # fmt: skip


def _dated(grid: Grid, row: int, dates: list[Column], values: list[Column], held: Setting) -> list[Column]:
    """The columns with the year that the row prints for those that print none; none of a plan's years before it."""
    mention = next((m for column in dates if (m := time_in(grid.text(row, column.at))) is not None), None)
    if mention is None:
        return values
    is_over = held.kind is ClaimKind.TARGET and held.begins is not None and (mention.end_year or 0) < held.begins
    return [] if is_over else [replace(c, mention=c.mention or mention) for c in values]


def _leaning(values: list[Column], held: Setting) -> list[Column]:
    """Columns of growth with what the amounts to their left say: of what, and in a report, of when."""
    found: list[Column] = []
    for column in values:
        left = next((c for c in reversed(found) if not c.is_growth), None)
        if column.is_growth and left is not None:
            words = column.words or (left.words if column.area is None else "")
            is_dated = column.mention is not None or held.kind is ClaimKind.TARGET
            column = replace(column, words=words, mention=column.mention if is_dated else left.mention)  # noqa: PLW2901
        found.append(column)
    return found


def _named(row: _Row, column: Column, held: Setting) -> str:
    """What the number counts: the row's name, else that of the column or caption; empty where nothing names it."""
    if row.name:
        if not column.words:
            return row.name
        return row.name + column.words if _LEANING.match(column.words) else ""
    has_unit = bool(column.unit or held.unit)
    if column.words:
        return column.words if has_unit or column.is_growth or held.kind is ClaimKind.TARGET else ""
    return held.subject if column.mention or column.is_target or column.is_reached else ""


def _period(column: Column, held: Setting) -> str | None:
    if held.kind is ClaimKind.TARGET:
        year = column.year or held.goal
        return str(year) if year else None
    if column.mention is not None:
        year = column.year or held.goal
        return f"{year}{column.mention.part}" if year else None
    if held.period is None:
        return None
    month = re.search(r"M(\d+)$", held.period.part)
    if month and re.search(r"本月|当月", column.label):
        return f"{held.period.end_year}M{month[1]}"
    if month and column.is_sum and int(month[1]) > 1:
        return f"{held.period.end_year}M1-M{month[1]}"
    return held.period.period()


def _binding(text: str) -> bool | None:
    if "约束" in text:
        return True
    return False if re.search(r"预期|引导|指导", text) else None


def _repeats(grid: Grid, heads: Heads, row: int) -> bool:
    """Whether a row prints the head once more, as a page that goes on does."""
    texts = [grid.text(row, column) for column in range(grid.columns)]
    return texts == [grid.text(heads.first, column) for column in range(grid.columns)]
