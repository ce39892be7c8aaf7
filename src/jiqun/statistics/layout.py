"""The cells of a form in their order, with keys that stay: what the grid, the web form, checks and roll-up share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jiqun.model.periods import Period
from jiqun.packs import City, asking
from jiqun.packs.schema.forms import ColumnKind, Form, FormColumn, FormField
from jiqun.rules import Sort, ValueType


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a field's breakdown: a cluster or an industry."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A printed row: a field, or with `part` one part of it. `number` counts from 1; `code` is the printed 代号."""

    number: int
    field: FormField
    part: Part | None
    code: str
    name: str
    unit: str
    indent: int

    @property
    def name_en(self) -> str:
        return (self.part or self.field).name_en

    @property
    def key(self) -> str:
        return f"{self.field.id}:{self.part.id}" if self.part else self.field.id


@dataclass(frozen=True, slots=True)
class Cell:
    """A place to fill. `key` is `field@column` or `field:part@column` and never changes its meaning.

    A number is held as a whole number of its last printed place: 123.4 with `digits` 1 is 1234 `steps`.
    """

    key: str
    row: Row
    column: ColumnKind

    @property
    def field(self) -> FormField:
        return self.row.field

    @property
    def part_id(self) -> str | None:
        return self.row.part.id if self.row.part else None

    @property
    def unit(self) -> str:
        return self.row.unit

    @property
    def digits(self) -> int:
        return self.row.field.digits

    @property
    def is_number(self) -> bool:
        return self.row.field.kind == "number"

    @property
    def is_required(self) -> bool:
        """Whether a return without it is refused; parts of a breakdown never are asked so strictly."""
        return self.row.field.is_required and self.row.part is None

    @property
    def type(self) -> ValueType:
        if not self.is_number:
            return ValueType(Sort.TEXT)
        return ValueType(Sort.NUMBER, self.unit, self.digits, asking.CELL_DIGITS)


@dataclass(frozen=True)
class Layout:
    """A form on a day: `rows` from top to bottom, `columns` from left to right, `cells` row by row.

    A field that is not asked in a column has no cell there.
    """

    form: Form
    columns: tuple[FormColumn, ...]
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def by_key(self) -> dict[str, Cell]:
        return {cell.key: cell for cell in self.cells}

    @cached_property
    def required(self) -> frozenset[str]:
        """The keys of cells without which a return is refused."""
        return frozenset(cell.key for cell in self.cells if cell.is_required)

    @cached_property
    def places(self) -> dict[str, tuple[int, bool]]:
        """Key of a cell of a number → its decimal places, and whether it may be negative."""
        return {cell.key: (cell.digits, cell.field.may_be_negative) for cell in self.cells if cell.is_number}

    @cached_property
    def numbers(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_number)

    def cell(self, field_id: str, column: ColumnKind, part_id: str | None = None) -> Cell | None:
        """The cell of a field, or of a part of it, in a column; None where the form has none."""
        return self.by_key.get(key_of(field_id, column, part_id))

    def parts_of(self, field_id: str) -> tuple[Part, ...]:
        """The parts that a field is broken down into, in printed order; none for a field asked as a whole."""
        return tuple(row.part for row in self.rows if row.field.id == field_id and row.part is not None)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over what a stored number's meaning depends on: key, unit and digits of each cell."""
        said = [[cell.key, cell.unit, cell.digits] for cell in self.cells]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def key_of(field_id: str, column: str, part_id: str | None = None) -> str:
    """The stable key of a cell."""
    return f"{field_id}:{part_id}@{column}" if part_id else f"{field_id}@{column}"


def layout(form: Form, city: City, on: date) -> Layout:
    """The cells of `form` for a round whose period ends `on`: breakdowns follow the cluster edition in force then."""
    rows: list[Row] = []
    for field in form.fields:
        name, unit = field.printed_name(city.indicators), field.printed_unit(city.indicators)
        parts = tuple(_parts(field, city, on))
        if field.breakdown is None or field.breakdown.with_total:
            rows.append(Row(len(rows) + 1, field, None, field.code, name, unit, field.indent))
        for index, part in enumerate(parts, 1):
            code = f"{field.code}-{index:02d}"
            rows.append(Row(len(rows) + 1, field, part, code, part.name, unit, field.indent + 1))
    cells = [
        Cell(key_of(row.field.id, kind, row.part.id if row.part else None), row, kind)
        for row in rows
        for kind in form.columns_of(row.field)
    ]
    return Layout(form, form.columns, tuple(rows), tuple(cells))


def _parts(field: FormField, city: City, on: date) -> Iterator[Part]:
    asked = field.breakdown
    if asked is None:
        return
    if asked.by == "industry":
        for code in asked.gb_codes:
            yield Part(code, city.industries[code].name)
        return
    edition = city.catalogue_on(on, asked.series)
    for cluster in edition.clusters if edition else ():
        if not asked.cluster_ids or cluster.id in asked.cluster_ids:
            yield Part(cluster.id, cluster.name, cluster.name_en)


def rounds_a_year(form: Form) -> int:
    """How many rounds a year the form's calendar holds."""
    return {"month": 12, "quarter": 4, "half": 2, "year": 1}[form.grain] - len(set(form.schedule.without))


@dataclass(frozen=True, slots=True)
class Burden:
    """What a form costs each respondent: cells in one round, and in a year."""

    cells: int
    rounds: int

    @property
    def cells_a_year(self) -> int:
        return self.cells * self.rounds


def burden(form: Form, city: City, on: date) -> Burden:
    """The form's burden as it is asked on a day; parts that need not be filled are counted, since they must be read."""
    return Burden(len(layout(form, city, on).cells), rounds_a_year(form))


def burdens(city: City, on: date) -> list[tuple[Form, Burden]]:
    """What each form of the city costs its respondents, in the order of the folder."""
    return [(form, burden(form, city, on)) for form in city.forms.values()]


def column_period(period: Period, column: ColumnKind) -> Period:
    """The period that a column's figures are of: 2024M6 in the column of the year before to date is 2023M1-M6."""
    year = period.year - (column in ("same_period", "same_period_ytd"))
    first = 1 if column in ("year_to_date", "same_period_ytd") else period.first
    return Period(year, first, period.last)
