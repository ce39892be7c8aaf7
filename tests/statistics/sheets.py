"""A form with everything a grid can have, and its printed sheet as lists that tests may damage."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl

from jiqun import packs, tables
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form
from jiqun.statistics import grid
from jiqun.statistics.layout import Layout, layout

TOWN = Path(__file__).resolve().parents[1] / "packs" / "folders" / "town"
CREATED = datetime(2024, 7, 1, 9)
HEADING = grid.Heading("91320500MA1ABCDE1X", "某精密机械有限公司", Period.parse("2024M6"), "某市工业局")
CHOICES = {"on": "在产", "off": "停产", "part": "半停产"}


def full_layout(choices: Mapping[str, str] = CHOICES) -> Layout:
    """The town's monthly form with grouped columns, a field that is not asked everywhere, and a choice."""
    city = packs.load(TOWN)
    form = city.forms["monthly"].model_dump()
    form["columns"] = [
        {"kind": "current", "name": "本月", "group": "本年"},
        {"kind": "year_to_date", "name": "1—本月", "group": "本年"},
        {"kind": "same_period", "name": "本月", "group": "上年同期"},
        {"kind": "same_period_ytd", "name": "1—本月", "group": "上年同期"},
    ]
    form["fields"] = [
        *form["fields"],
        {"id": "staff", "code": "05", "name": "从业人员期末人数", "unit": "人", "columns": ["current", "same_period"]},
        {"id": "state", "code": "06", "name": "生产状态", "kind": "text", "values": dict(choices),
         "columns": ["current"], "is_required": False, "roll_up": {"kind": "none"}},
    ]  # fmt: skip
    form["instructions"] = ["本表由规模以上工业企业填报，每月8日前报出。"]
    return layout(Form.model_validate(form), city, date(2024, 6, 30))


@dataclass
class Slot:
    """One cell of a sheet: its value, and the key of the form's cell it is."""

    value: object = None
    key: str | None = None
    is_formula: bool = False


@dataclass
class Sheet:
    """A printed sheet as rows of slots, and what each of the form's cells truly says (None: nothing)."""

    rows: list[list[Slot]]
    truth: dict[str, Decimal | str | None]
    merges: list[str] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    contested: set[str] = field(default_factory=set)
    name: str = "厂商月报"
    others: dict[str, list[list[object]]] = field(default_factory=dict)

    def slot(self, key: str) -> Slot:
        return next(slot for row in self.rows for slot in row if slot.key == key)

    def row_of(self, key: str) -> int:
        return next(index for index, row in enumerate(self.rows) if any(slot.key == key for slot in row))

    def workbook(self) -> bytes:
        book = openpyxl.Workbook()
        here = book.worksheets[0]
        here.title = self.name
        for at, row in enumerate(self.rows, 1):
            for column, slot in enumerate(row, 1):
                if slot.value is not None:
                    here.cell(at, column, slot.value)
                    if isinstance(slot.value, str) and not slot.is_formula:
                        here.cell(at, column).data_type = "s"
        for merge in self.merges:
            here.merge_cells(merge)
        for name, rows in self.others.items():
            there = book.create_sheet(name)
            for row in rows:
                there.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


def printed_sheet(asked: Layout, filled: dict[str, str]) -> Sheet:
    """The sheet of `filled` as it is printed, read from the workbook that `grid.write` makes."""
    content = grid.write(asked, HEADING, created=CREATED, filled=filled)
    book = openpyxl.load_workbook(io.BytesIO(content))
    here = book.worksheets[0]
    rows = [[Slot(cell.value) for cell in row] for row in here.iter_rows()]
    taken = grid.read(tables.read(content, "表.xlsx"), asked)
    for key, place in taken.places.items():
        cell = here[place.cell]
        rows[cell.row - 1][cell.column - 1].key = key
    truth: dict[str, Decimal | str | None] = {}
    for cell in asked.cells:
        text = filled.get(cell.key)
        truth[cell.key] = None if text is None else Decimal(text) if cell.is_number else text
    return Sheet(rows, truth, [str(merge) for merge in here.merged_cells.ranges])
