"""Which row of a returned sheet is which row of the form: told by code and name, which must not contradict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiqun.model.findings import Finding, Place, Severity
from jiqun.statistics.grid import printed
from jiqun.statistics.grid.heads import Head
from jiqun.statistics.grid.printed import folded, folded_code
from jiqun.statistics.layout import Layout, Row
from jiqun.tables import Cell as TableCell
from jiqun.tables import Sheet, is_missing

_MARKS = frozenset(["甲", "乙", "丙"])
_ORIGINAL = "请按下载的表式恢复这一行"


@dataclass(frozen=True)
class Matched:
    """`numbers` maps the key of a form's row to its row in the sheet (from 1); rows that are not sure are not there."""

    numbers: Mapping[str, int]
    findings: tuple[Finding, ...]


def match(sheet: Sheet, head: Head, layout: Layout) -> Matched:
    """Every row of the sheet below the head held against every row of the form."""
    matcher = _Matcher(sheet, head, layout)
    for number in range(head.row + 1, sheet.height + 1):
        matcher.take(number)
    matcher.close()
    return Matched(matcher.numbers, tuple(matcher.findings))


class _Matcher:
    """Goes down the sheet once; `parent` is the last whole row seen, which tells parts of one name apart."""

    def __init__(self, sheet: Sheet, head: Head, layout: Layout) -> None:
        self.numbers: dict[str, int] = {}
        self.findings: list[Finding] = []
        self._sheet, self._head, self._layout = sheet, head, layout
        self._by_code = {folded_code(row.code): row for row in layout.rows}
        self._by_name: dict[str, list[Row]] = {}
        for row in layout.rows:
            self._by_name.setdefault(folded(row.name), []).append(row)
        self._foot = tuple(folded(label) for label in layout.form.foot)
        self._parent = ""
        self._twice: set[str] = set()

    def take(self, number: int) -> None:
        cells = self._sheet.row(number)
        name, code, unit = (self._said(cells, stub) for stub in ("name", "code", "unit"))
        if folded(name) in _MARKS or folded(code) in _MARKS or self._is_foot(cells):
            return
        row, doubt = self._row(name, code)
        if row is None:
            if doubt or self._figures(cells):
                said = "、".join(word for word in (code.strip(), name.strip()) if word)[:40] or f"第 {number} 行"
                message = doubt or f"“{said}”不是本表的行，其中的数字未读取"
                self._tell("row_unknown", Severity.ERROR, message, number, _ORIGINAL)
            return
        if unit.strip() and folded(unit) != folded(row.unit):
            self._twice.add(row.key)
            self._tell("unit_changed", Severity.ERROR, f"{row.name}的计量单位应为“{row.unit}”，表中是“{unit.strip()}”",
                       number, "请按原计量单位填写")  # fmt: skip
            return
        self._keep(row, number, cells)

    def close(self) -> None:
        """Drops rows that stand twice with different figures, and tells of rows that are lost."""
        for key in self._twice:
            self.numbers.pop(key, None)
        for row in self._layout.rows:
            if row.key not in self.numbers and row.key not in self._twice:
                self._tell("row_lost", Severity.ERROR, f"没有找到“{row.code} {row.name}”一行", 0, _ORIGINAL)

    def _row(self, name: str, code: str) -> tuple[Row | None, str]:
        """The form's row, or None and, where code and name contradict, the doubt in words."""
        by_code = self._by_code.get(folded_code(code)) if code.strip() else None
        named = self._by_name.get(folded(name), []) if folded(name) else []
        if by_code is not None:
            if by_code in named or not folded(name) or self._is_alike(by_code, name):
                return by_code, ""
            return None, f"代码“{code.strip()}”应为“{by_code.name}”，表中写的是“{name.strip()[:30]}”，无法判断是哪一行"
        if code.strip() and named and any(character.isalnum() for character in code):
            return None, f"“{name.strip()}”的代码应为“{named[0].code}”，表中是“{code.strip()[:20]}”"
        if len(named) == 1:
            return named[0], ""
        inside = [row for row in named if row.field.id == self._parent]
        return (inside[0], "") if len(inside) == 1 else (None, "")

    @staticmethod
    def _is_alike(row: Row, name: str) -> bool:
        """A name with something added or left out (总产值（不含税）) is still the row its code says."""
        here, there = folded(row.name), folded(name).removeprefix("其中")
        return len(there) > 1 and (here in there or there in here)

    def _keep(self, row: Row, number: int, cells: tuple[TableCell, ...]) -> None:
        if row.part is None:
            self._parent = row.field.id
        before = self.numbers.get(row.key)
        if before is None:
            self.numbers[row.key] = number
            return
        earlier = self._figures(self._sheet.row(before))
        later = self._figures(cells)
        if not later or earlier == later:
            return
        if not earlier:
            self.numbers[row.key] = number
            return
        self._twice.add(row.key)
        doubt = f"“{row.code} {row.name}”出现两次且数字不同（第 {before}、{number} 行）"
        self._tell("row_twice", Severity.ERROR, doubt, number, "请只保留一行")

    def _figures(self, cells: tuple[TableCell, ...]) -> list[tuple[int, str]]:
        """What stands in the columns of figures, marks of no figure and of cells not asked apart."""
        wanted = set(self._head.values.values())
        return [
            (cell.column, cell.text.strip())
            for cell in cells
            if cell.column in wanted and cell.is_merged_from is None
            and not is_missing(cell) and cell.text.strip() != printed.NOT_ASKED
        ]  # fmt: skip

    def _is_foot(self, cells: tuple[TableCell, ...]) -> bool:
        said = (folded(cell.text) for cell in cells[:2] if cell.text)
        return any(word == label or word.startswith(label) for word in said for label in self._foot)

    def _said(self, cells: tuple[TableCell, ...], stub: str) -> str:
        column = self._head.stubs.get(stub)
        cell = cells[column - 1] if column else None
        return cell.text if cell is not None and cell.is_merged_from is None else ""

    def _tell(self, code: str, severity: Severity, message: str, number: int, remedy: str) -> None:
        place = Place(sheet=self._sheet.name, cell=f"A{number}" if number else "")
        self.findings.append(Finding(f"grid.{code}", severity, message, place, remedy))
