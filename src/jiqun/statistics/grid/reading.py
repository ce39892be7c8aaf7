"""A grid read back: moved rows, added columns, full-width digits, other sheets; what is not certain is not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from jiqun.model import numerals
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.statistics.grid import heads, printed, rows
from jiqun.statistics.grid.heads import Head
from jiqun.statistics.grid.printed import Face, folded
from jiqun.statistics.layout import Cell, Layout
from jiqun.tables import Cell as TableCell
from jiqun.tables import Sheet, Workbook, is_missing, period

_SAID = re.compile(r"^\s*(?P<label>[^:：]{1,12}?)\s*[:：]\s*(?P<said>.*?)\s*$", re.S)


@dataclass(frozen=True)
class Stated:
    """What the sheet says of itself; None where it says nothing (any more)."""

    form_number: str | None = None
    period: Period | None = None
    respondent: str | None = None
    respondent_id: str | None = None
    foot: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """What was read. `filled` maps keys of cells to what they show, `places` to where they stand, read or not.

    A cell with a finding of severity ERROR about its place is not in `filled`. Empty cells and marks of no figure
    (–, …) are not either.
    """

    sheet: str
    filled: Mapping[str, str]
    places: Mapping[str, Place]
    stated: Stated
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings about cells by key (of `answers.read`, of checks) as findings about cells of the sheet."""
        told = []
        for found in findings:
            place = self.places.get(found.place.cell, Place(sheet=self.sheet))
            told.append(replace(found, place=place))
        return tuple(told)


def read(book: Workbook, layout: Layout) -> Taken:
    """The figures of the one sheet that holds the form's grid.

    Rows are found by code and name, which must agree, columns by their heads; neither by where they stand. Raises
    InputRefused for a workbook in which no sheet, or more than one filled one, is the form.
    """
    face = Face(layout)
    sheet, head, noted = _chosen(book, face)
    found = rows.match(sheet, head, layout)
    filled, places, findings = _values(sheet, head, layout, found.numbers)
    told = (*_weighed(book.findings, sheet), *noted, *head.findings, *found.findings, *findings)
    where = tuple(replace(one, place=replace(one.place, file=book.name)) for one in told)
    spots = {key: Place(file=book.name, sheet=sheet.name, cell=address) for key, address in places.items()}
    return Taken(sheet.name, filled, spots, _stated(sheet, layout, head), where)


def _weighed(findings: Iterable[Finding], sheet: Sheet) -> Iterable[Finding]:
    """A formula without its result is an empty cell to the reader, and may be a number to who filled it in."""
    for one in findings:
        if one.code == "table.formula_uncached" and one.place.sheet == sheet.name:
            yield replace(one, severity=Severity.ERROR)
        else:
            yield one


def _chosen(book: Workbook, face: Face) -> tuple[Sheet, Head, tuple[Finding, ...]]:
    found = [(sheet, head) for sheet in book.sheets if not sheet.is_hidden and (head := heads.find(sheet, face))]
    if not found:
        raise _refused(book, "not_found", f"没有找到《{face.layout.form.name}》：表头中没有认出指标名称、代码和填报栏",
                       "请下载本期表式，填好后原样上传")  # fmt: skip
    used = [(sheet, head) for sheet, head in found if _is_filled(sheet, head)] or found[:1]
    if len(used) > 1:
        names = "、".join(f"《{sheet.name}》" for sheet, _ in used)
        raise _refused(book, "several", f"{names}都像本表且都有数字，无法判断以哪一张为准", "请只保留一张后重新上传")
    others = [sheet.name for sheet in book.sheets if not sheet.is_hidden and sheet is not used[0][0] and sheet.height]
    noted = (
        Finding("grid.other_sheets", Severity.NOTE, f"另有工作表{'、'.join(f'《{name}》' for name in others)}，未读取"),
    )
    return *used[0], noted if others else ()


def _is_filled(sheet: Sheet, head: Head) -> bool:
    wanted = set(head.values.values())
    return any(
        not is_missing(cell) and cell.text.strip() != printed.NOT_ASKED
        for number in range(head.row + 2, sheet.height + 1)
        for cell in sheet.row(number)
        if cell.column in wanted and cell.is_merged_from is None
    )


def _values(
    sheet: Sheet, head: Head, layout: Layout, numbers: Mapping[str, int]
) -> tuple[dict[str, str], dict[str, str], list[Finding]]:
    """Key → shown text, key → address, and what cannot be told. `numbers` maps keys of rows to rows of the sheet."""
    filled: dict[str, str] = {}
    places: dict[str, str] = {}
    findings: list[Finding] = []
    asked = {(cell.row.key, cell.column): cell for cell in layout.cells}
    swallowing = {c.is_merged_from for number in numbers.values() for c in sheet.row(number) if c.is_merged_from}
    for row_key, number in numbers.items():
        cells = sheet.row(number)
        for kind, column in head.values.items():
            there = cells[column - 1]
            cell = asked.get((row_key, kind))
            if cell is None:
                findings += _not_asked(there, sheet)
                continue
            places[cell.key] = there.address
            if there.is_merged_from or there.address in swallowing:
                doubt = f"{cell.row.name}：单元格被合并，无法判断数字属于哪一格"
                findings.append(_at(there, sheet, "merged", doubt, "请取消合并后重新填写"))
                continue
            text, told = _shown(there, cell, sheet)
            findings += told
            if text is not None:
                filled[cell.key] = text
    return filled, places, findings


def _shown(there: TableCell, cell: Cell, sheet: Sheet) -> tuple[str | None, list[Finding]]:
    """What a cell shows, as `answers.read` takes it; None for nothing and for what a spreadsheet made of it."""
    if is_missing(there):
        return None, []
    text = there.text.strip()
    if not cell.is_number:
        labels = {folded(label): choice for choice, label in cell.field.values.items()}
        return labels.get(folded(text), text), []
    if isinstance(there.value, bool) or hasattr(there.value, "isoformat"):
        return None, [_at(there, sheet, "not_a_number", f"{cell.row.name}“{text}”不是数字",
                          "数字可能被表格软件改成了日期或真假值，请按数值格式重填")]  # fmt: skip
    return text, []


def _not_asked(there: TableCell, sheet: Sheet) -> list[Finding]:
    said = numerals.fold(there.text).strip()
    if is_missing(there) or there.is_merged_from or not any(character.isdigit() for character in said):
        return []
    doubt = f"这一格不需填报，却有“{said[:20]}”，可能填错了栏"
    return [_at(there, sheet, "not_asked", doubt, "请移到应填的格子或删除")]


def _stated(sheet: Sheet, layout: Layout, head: Head) -> Stated:
    foot_labels = {folded(label): label for label in layout.form.foot}
    said: dict[str, str] = {}
    foot: dict[str, str] = {}
    for number in (*range(1, head.row), *range(head.row + 1, sheet.height + 1)):
        cells = [cell for cell in sheet.row(number) if cell.is_merged_from is None]
        for cell in cells:
            matched = _SAID.match(cell.text)
            if matched is None:
                continue
            label = folded(matched["label"])
            if number < head.row:
                said.setdefault(label, matched["said"])
            elif label in foot_labels:
                beside = next((c.text.strip() for c in cells if c.column > cell.column and c.text.strip()), "")
                foot[foot_labels[label]] = matched["said"] or beside
    stated_period = period(TableCell(said.get(printed.PERIOD, ""), said.get(printed.PERIOD) or None, "", 0, 0)).value
    names = (printed.FORM_NUMBER, printed.RESPONDENT, printed.RESPONDENT_ID)
    number, respondent, respondent_id = (said.get(name) or None for name in names)
    return Stated(number, stated_period, respondent, respondent_id, foot)


def _at(there: TableCell, sheet: Sheet, code: str, message: str, remedy: str) -> Finding:
    return Finding(f"grid.{code}", Severity.ERROR, message, Place(sheet=sheet.name, cell=there.address), remedy)


def _refused(book: Workbook, code: str, message: str, remedy: str) -> InputRefused:
    return InputRefused([Finding(f"grid.{code}", Severity.ERROR, message, Place(file=book.name), remedy)])
