"""Workbooks for offices: typed columns, a head that stays, ready for A4, equal bytes for equal content."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from jiqun.model.errors import UsageError
from jiqun.tables.workbook import Value, shown

_ROWS_OF_EXCEL = 1_048_576
_LONGEST_TEXT = 32_767
_NARROWEST, _WIDEST = 8, 48
_MEASURED_ROWS = 500
_TITLE_SIZE, _BODY_SIZE, _TITLE_LINE = 16, 11, 26  # points
_FORMULA_STARTS = ("=", "+", "-", "@")


class Kind(StrEnum):
    """What a column holds. A percent column takes shares: 0.05 is 5.0%. Figures have their own decimals each."""

    TEXT = "text"
    NUMBER = "number"
    FIGURE = "figure"
    INTEGER = "integer"
    PERCENT = "percent"
    DAY = "day"


_NUMBER_FORMATS = {
    Kind.TEXT: "@", Kind.NUMBER: "#,##0.00", Kind.FIGURE: "General", Kind.INTEGER: "#,##0",
    Kind.PERCENT: "0.0%", Kind.DAY: "yyyy-mm-dd",
}  # fmt: skip


def _as_printed(value: Decimal) -> str:
    places = max(0, -int(value.as_tuple().exponent))
    return "#,##0" + ("." + "0" * places if places else "")


@dataclass(frozen=True)
class Column:
    """`number_format` overrides what `kind` implies; `width` (in half-width characters) what the content asks for."""

    title: str
    kind: Kind = Kind.TEXT
    number_format: str | None = None
    width: float | None = None


@dataclass(frozen=True)
class Page:
    """One sheet: an optional title line, the head, the rows. A text in a column of numbers stays a text."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    title: str = ""


def write(
    target: str | Path | IO[bytes],
    pages: Sequence[Page],
    *,
    created: datetime,
    notes: Sequence[tuple[str, str]] = (),
    notes_name: str = "说明与来源",
) -> None:
    """Writes the pages, and after them a sheet of `notes` (what, text) where there are any.

    A text is always a text, whatever it begins with: no cell of ours is ever a formula or a link. Equal content and
    equal `created` give equal bytes. Raises UsageError for more rows than a sheet holds.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": created, "comments": ""})
    styles = _Styles(book)
    names: set[str] = set()
    for page in pages:
        _write_page(book.add_worksheet(_sheet_name(page.name, names)), page, styles)
    if notes:
        columns = [Column("项目", width=20), Column("说明", width=90)]
        page = Page(notes_name, columns, list(notes))
        _write_page(book.add_worksheet(_sheet_name(notes_name, names)), page, styles)
    book.close()
    if isinstance(target, str | Path):
        Path(target).write_bytes(out.getvalue())
    else:
        target.write(out.getvalue())


class _Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self.title = self._format(
            {"bold": True, "font_size": _TITLE_SIZE, "align": "center", "valign": "vcenter", "text_wrap": True}
        )
        self.head = self._format(
            {
                "bold": True,
                "bg_color": "#E8EEF4",
                "border": 1,
                "align": "center",
                "valign": "vcenter",
                "text_wrap": True,
            }
        )

    def cell(self, column: Column, value: Value) -> Any:
        style: dict[str, object] = {"border": 1, "valign": "vcenter"}
        if isinstance(value, str):
            style |= {"num_format": "@", "text_wrap": True}
            if value.startswith(_FORMULA_STARTS):
                style["quote_prefix"] = True  # else editing the cell would make it a formula
        else:
            kind = Kind.DAY if isinstance(value, date) and column.kind is Kind.TEXT else column.kind
            if isinstance(value, Decimal) and kind is Kind.FIGURE:
                style["num_format"] = column.number_format or _as_printed(value)
            elif isinstance(value, Decimal) and kind is Kind.TEXT:
                style["num_format"] = column.number_format or "General"
            else:
                style["num_format"] = column.number_format or _NUMBER_FORMATS[kind]
        return self._format(style)

    def _format(self, style: Mapping[str, object]) -> Any:
        key = tuple(sorted(style.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(style))
        return self._made[key]


def _write_page(sheet: Any, page: Page, styles: _Styles) -> None:
    head = 1 if page.title else 0
    if head + 1 + len(page.rows) > _ROWS_OF_EXCEL:
        raise UsageError(f"《{page.name}》有 {len(page.rows)} 行，超过一张表的上限 {_ROWS_OF_EXCEL} 行，请分开导出")
    last = len(page.columns) - 1
    if page.title and last > 0:
        sheet.merge_range(0, 0, 0, last, page.title, styles.title)
    elif page.title:
        sheet.write_string(0, 0, page.title, styles.title)
    widths = [_width(page, index) for index in range(len(page.columns))]
    for index, column in enumerate(page.columns):
        sheet.write_string(head, index, column.title, styles.head)
        sheet.set_column(index, index, widths[index])
    if page.title:  # a merged cell grows for nobody: its height is said
        across = _half_widths(page.title) * _TITLE_SIZE / _BODY_SIZE
        sheet.set_row(0, _TITLE_LINE * max(1, ceil(across / sum(widths))))
    for number, row in enumerate(page.rows, head + 1):
        for index, (column, value) in enumerate(zip(page.columns, row, strict=True)):
            _write_value(sheet, number, index, value, styles.cell(column, value))
    sheet.freeze_panes(head + 1, 0)
    sheet.autofilter(head, 0, head + max(len(page.rows), 1), last)
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, head)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&L&A&R— &P / &N —")


def _write_value(sheet: Any, row: int, column: int, value: Value, style: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, str):
        text = value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
        sheet.write_string(row, column, text, style)
    elif len(value.normalize().as_tuple().digits) > 15:  # a spreadsheet would drop the tail
        sheet.write_string(row, column, shown(value), style)
    else:
        sheet.write_number(row, column, float(value), style)


def _width(page: Page, index: int) -> float:
    column = page.columns[index]
    if column.width is not None:
        return column.width
    texts = [column.title, *(_displayed(row[index], column) for row in page.rows[:_MEASURED_ROWS])]
    widest = max(_half_widths(line) for text in texts for line in text.split("\n"))
    return min(max(widest + 3, _NARROWEST), _WIDEST)  # room for the filter's arrow


def _displayed(value: Value, column: Column) -> str:
    if isinstance(value, Decimal) and column.kind is not Kind.TEXT:
        return (
            f"{value:,.2f}"
            if column.kind is Kind.NUMBER
            else f"{value:,}"
            if column.kind is Kind.FIGURE
            else f"{value:,.0f}"
        )
    return shown(value)


def _half_widths(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name Excel allows: at most 31 characters, none of []:*?/\\, no apostrophe at an end, unlike all others."""
    allowed = re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:31] or "表"
    number = 1
    while allowed.lower() in taken:
        number += 1
        allowed = f"{allowed[: 31 - len(str(number)) - 2]}({number})"
    taken.add(allowed.lower())
    return allowed
