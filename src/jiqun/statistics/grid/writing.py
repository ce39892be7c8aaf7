"""The official grid of a form, empty or filled, as an xlsx for Excel and WPS: heads, codes, lists, locks, foot."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import xlsxwriter

from jiqun.model.periods import Period
from jiqun.statistics.grid import printed
from jiqun.statistics.grid.printed import Face
from jiqun.statistics.layout import Cell, Layout

_LISTED_INLINE = 255  # characters; Excel refuses a longer list in the cell's own rule
_EXACT_DIGITS = 15  # a spreadsheet keeps no more of a number
_FONT, _TITLE_FONT = "宋体", "黑体"  # by name only: the reader's machine has them, or shows its own

_LISTS = "可选项"


@dataclass(frozen=True)
class Heading:
    """What stands above a respondent's grid. `respondent_id` is its code, `issuer` the printed name of 制定机关."""

    respondent_id: str
    respondent: str
    period: Period
    issuer: str


def write(
    layout: Layout, heading: Heading, *, created: datetime, filled: Mapping[str, str] | None = None,
    reasons: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """The bytes of the workbook; equal input gives equal bytes.

    `filled` maps keys of cells to their printed text (`answers.Answers.cells`). Only cells to fill and the foot can be
    edited; the lock has no password, for it guards against slips and not against people. `reasons` stand above the
    foot, for a return that was sent back. No text of ours or theirs ever becomes a formula.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": created, "title": layout.form.name, "comments": ""})
    sheet = book.add_worksheet(_sheet_name(layout.form.name))
    pen = _Pen(book, sheet, Face(layout))
    pen.heading(heading)
    pen.head()
    pen.rows(filled or {})
    pen.foot(reasons)
    pen.page()
    book.close()
    return out.getvalue()


class _Pen:
    """The hand that draws one grid; `place` and the rest count rows and columns from 1."""

    def __init__(self, book: Any, sheet: Any, face: Face) -> None:
        self._book, self._sheet, self._face = book, sheet, face
        self._layout, self._form = face.layout, face.layout.form
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._lists: Any = None
        self._list_count = 0

    def heading(self, heading: Heading) -> None:
        form, last = self._form, self._face.width
        title = f"{form.name}（{printed.EXAMPLE_MARK}）" if form.is_invented else form.name
        self._across(1, 1, last, title, self._style(font=_TITLE_FONT, size=16, align="center"))
        self._sheet.set_row(0, 30)
        left = (
            f"{printed.RESPONDENT}：{heading.respondent}", f"{printed.RESPONDENT_ID}：{heading.respondent_id}",
            f"{printed.PERIOD}：{heading.period.label}", "",
        )  # fmt: skip
        right = (
            f"{printed.FORM_NUMBER}：{form.number}", f"{printed.ISSUER}：{heading.issuer}",
            f"{printed.APPROVAL[form.approval]}：{form.approval_number or '（无）'}",
            f"{printed.VALID_UNTIL}：{form.valid_until.year}年{form.valid_until.month}月{form.valid_until.day}日",
        )  # fmt: skip
        plain = self._style(wrap=False)
        for row, (here, there) in enumerate(zip(left, right, strict=True), 2):
            if here:
                self._text(row, 1, here, plain)
            self._across(row, max(3, last - 1), last, there, plain)

    def head(self) -> None:
        style = self._style(border=True, bold=True, align="center", fill="#E8EEF4")
        first, last = self._face.head_rows[0], self._face.head_rows[-1]
        marks = self._face.marks_row
        for index, (name, mark) in enumerate(printed.STUBS, 1):
            self._down(first, last, index, name, style)
            self._text(marks, index, mark, style)
        column = len(printed.STUBS)
        for group, members in groupby(self._layout.columns, key=lambda one: one.group):
            together = list(members)
            if group:
                self._across(first, column + 1, column + len(together), group, style)
            for member in together:
                column += 1
                if group:
                    self._text(last, column, member.name, style)
                else:
                    self._down(first, last, column, member.name, style)
                self._text(marks, column, str(column - len(printed.STUBS)), style)

    def rows(self, filled: Mapping[str, str]) -> None:
        asked = {(cell.row.number, cell.column): cell for cell in self._layout.cells}
        for row in self._layout.rows:
            at = self._face.marks_row + row.number
            self._text(at, 1, row.name, self._style(border=True, indent=row.indent))
            self._text(at, 2, row.unit, self._style(border=True, align="center"))
            self._text(at, 3, row.code, self._style(border=True, align="center", number="@"))
            for kind, column in self._face.column_of.items():
                cell = asked.get((row.number, kind))
                if cell is None:
                    self._text(at, column, printed.NOT_ASKED, self._style(border=True, align="center", fill="#EDEDED"))
                else:
                    self._cell(at, column, cell, filled.get(cell.key, ""))

    def _cell(self, row: int, column: int, cell: Cell, text: str) -> None:
        fill = "#FFFDF0" if cell.is_required else ""
        if cell.is_number:
            places = f".{'0' * cell.digits}" if cell.digits else ""
            style = self._style(border=True, align="right", number=f"#,##0{places}", fill=fill, is_open=True)
        else:
            style = self._style(border=True, number="@", fill=fill, is_open=True)
        if not text:
            self._sheet.write_blank(row - 1, column - 1, None, style)
        elif cell.is_number and len(text.strip("-").replace(".", "").strip("0")) <= _EXACT_DIGITS:
            self._sheet.write_number(row - 1, column - 1, float(text), style)
        else:
            self._text(row, column, cell.field.values.get(text, text), style)
        self._rule(row, column, cell)

    def _rule(self, row: int, column: int, cell: Cell) -> None:
        if cell.field.values:
            rule: dict[str, object] = {"validate": "list", "source": self._list(tuple(cell.field.values.values()))}
            rule |= {"error_title": "请从列表中选择", "error_message": "这一格只能从下拉列表中选择"}
        elif cell.is_number:
            negative = cell.field.may_be_negative
            rule = {"validate": "decimal", "criteria": "between", "minimum": -1e15 if negative else 0, "maximum": 1e15}
            title = f"{cell.row.code} {cell.row.name}"[:32]
            rule |= {"error_type": "warning", "error_title": "请核对", "input_title": title}
            rule |= {"error_message": "应为数字" + ("" if negative else "，不小于 0") + f"，单位：{cell.unit or '无'}"}
            decimals = f"最多 {cell.digits} 位小数" if cell.digits else "填整数"
            rule |= {"input_message": f"单位：{cell.unit or '无'}，{decimals}"}
        else:
            return
        self._sheet.data_validation(row - 1, column - 1, row - 1, column - 1, {"ignore_blank": True, **rule})

    def _list(self, choices: tuple[str, ...]) -> list[str] | str:
        if len(",".join(choices)) <= _LISTED_INLINE and not any("," in choice for choice in choices):
            return list(choices)
        if self._lists is None:
            self._lists = self._book.add_worksheet(_LISTS)
            self._lists.hide()
        at, self._list_count = self._list_count, self._list_count + 1
        for number, choice in enumerate(choices):
            self._lists.write_string(number, at, choice)
        letters = xlsxwriter.utility.xl_col_to_name(at)
        return f"='{_LISTS}'!${letters}$1:${letters}${len(choices)}"

    def foot(self, reasons: Sequence[str]) -> None:
        row, last = self._face.last_row + 1, self._face.width
        checks = [f"{'' if check.level == 'hard' else '（核实）'}{check.message}" for check in self._form.checks]
        parts = [("退回原因", list(reasons)), ("填报说明", list(self._form.instructions)), ("审核时会指出", checks)]
        for title, lines in parts:
            for number, line in enumerate(lines, 1):
                text = f"{title}：{number}. {line}" if number == 1 else f"{number}. {line}"
                self._across(row, 1, last, text, self._style(color="#B00000" if title == "退回原因" else ""))
                row += 1
        row += 1
        for label in self._form.foot:
            self._text(row, 1, f"{label}：", self._style(align="right"))
            self._across(row, 2, min(last, 4), "", self._style(number="@", is_open=True, is_line=True))
            row += 1

    def page(self) -> None:
        sheet, face = self._sheet, self._face
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 2, 11)
        sheet.set_column(len(printed.STUBS), face.width - 1, 17)
        sheet.freeze_panes(face.marks_row, len(printed.STUBS))
        sheet.set_paper(9)  # A4
        if len(self._layout.columns) > 2:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(face.head_rows[0] - 1, face.marks_row - 1)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        sheet.set_footer("&C— &P —")
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})

    def _text(self, row: int, column: int, text: str, style: Any) -> None:
        if text:
            self._sheet.write_string(row - 1, column - 1, text, style)
        else:
            self._sheet.write_blank(row - 1, column - 1, None, style)

    def _across(self, row: int, first: int, last: int, text: str, style: Any) -> None:
        if first == last:
            self._text(row, first, text, style)
        else:
            self._sheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", style)
            self._text(row, first, text, style)

    def _down(self, first: int, last: int, column: int, text: str, style: Any) -> None:
        if first == last:
            self._text(first, column, text, style)
        else:
            self._sheet.merge_range(first - 1, column - 1, last - 1, column - 1, "", style)
            self._text(first, column, text, style)

    def _style(
        self, *, font: str = _FONT, size: int = 11, bold: bool = False, border: bool = False, wrap: bool = True,
        is_line: bool = False, is_open: bool = False, **more: Any,
    ) -> Any:  # fmt: skip
        """A format of the workbook, made once. `more`: align, indent, number, fill, color; empty ones do not count."""
        named = {"number": "num_format", "fill": "bg_color", "color": "font_color"}
        style: dict[str, object] = {"font_name": font, "font_size": size, "valign": "vcenter", "text_wrap": wrap}
        style |= {named.get(key, key): value for key, value in more.items() if value not in ("", 0)}
        style |= {"bold": bold, "locked": not is_open}
        style |= {"border": 1} if border else {"bottom": 1} if is_line else {}
        if style.get("num_format") == "@":
            style["quote_prefix"] = True  # else editing a text that begins with = would make it a formula
        key = tuple(sorted(style.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]


def _sheet_name(name: str) -> str:
    return "".join("_" if character in "[]:*?/\\" else character for character in name).strip("'")[:31] or "报表"
