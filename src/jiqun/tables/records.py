"""The head of a table found wherever it stands, and the rows under it by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold
from jiqun.model.units import Unit
from jiqun.tables.workbook import Cell, Sheet

Columns = Mapping[str, Collection[str]]
_SEARCHED_ROWS = 40
_DEEPEST_HEAD = 4
_BRACKETED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_FOOT = re.compile(
    r"(注|备注|说明|填表说明|审核关系|单位负责人|统计负责人|填表人|联系电话|报出日期|资料来源|数据来源)\s*[::]"
)
_TITLE_UNIT = re.compile(r"(?:计量)?单位[::]\s*([^\s,;、)]+)")
_COLUMN_MARK = re.compile(r"[甲乙丙丁戊己庚辛]|\(?\d{1,2}\)?")


@dataclass(frozen=True)
class Head:
    """Where a table's head stands. `columns`: field → column number; `labels`: column number → path of head texts."""

    first_row: int
    last_row: int
    columns: Mapping[str, int]
    labels: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Record:
    """One row under the head: `line` is its row number in the sheet; every field asked for has a cell, maybe empty."""

    line: int
    cells: Mapping[str, Cell]

    def __getitem__(self, field: str) -> Cell:
        return self.cells[field]


@dataclass(frozen=True)
class Records:
    """The rows of a table. `units`: field → unit as printed in the head, in a row of units or above the table."""

    rows: tuple[Record, ...]
    head: Head | None
    units: Mapping[str, str]
    findings: tuple[Finding, ...]


def records(sheet: Sheet, columns: Columns, *, optional: Collection[str] = (), file: str = "") -> Records:
    """The rows of the table whose head has `columns` (field → accepted head texts), wherever it stands.

    Titles above, heads merged over up to four rows, a row of units, a row of column marks (甲 乙 1 2), blank rows,
    heads repeated in the middle and a signature foot are passed over. Head texts are compared without spaces, width
    and bracketed units; "产值/本月" names 本月 under 产值. Nothing is raised: a head not found, a missing column
    (error), one found twice (error) and one nobody asked for (note) are findings.
    """
    where = Place(file, sheet=sheet.name)
    head = find_head(sheet, columns)
    if head is None:
        names = "、".join(next(iter(accepted), field) for field, accepted in columns.items())
        return Records((), None, {}, (_error("no_head", "没有找到表头", where, f"表头应包含：{names}"),))
    findings = list(_head_findings(head, columns, optional, where))
    first, units = _first_data_row(sheet, head)
    rows: list[Record] = []
    for number in range(first, sheet.height + 1):
        if not sheet.grid[number - 1]:
            continue
        cells = sheet.row(number)
        printed = [cell for cell in cells if cell.value is not None]
        if not printed or _repeats_head(cells, head):
            continue
        if _FOOT.match(_folded(printed[0].text)):
            break
        record, damaged = _record(cells, number, columns, head)
        rows.append(record)
        findings += [_merged_number(cell, where) for cell in damaged]
    return Records(tuple(rows), head, units, tuple(findings))


def find_head(sheet: Sheet, columns: Columns) -> Head | None:
    """The rows that name the most fields, of the first forty; None where fewer than half the fields are named."""
    wanted = {field: {_plain(name) for name in accepted} for field, accepted in columns.items()}
    best: Head | None = None
    for first in range(1, min(sheet.height, _SEARCHED_ROWS) + 1):
        for last in range(first, min(first + _DEEPEST_HEAD - 1, sheet.height) + 1):
            labels = _labels(sheet, first, last)
            head = Head(first, last, _matched(labels, wanted), labels)
            if best is None or _rank(head) > _rank(best):
                best = head
    return best if best and len(best.columns) * 2 >= max(len(columns), 1) and best.columns else None


def _rank(head: Head) -> tuple[int, int]:
    return len(head.columns), head.first_row - head.last_row


def _labels(sheet: Sheet, first: int, last: int) -> dict[int, tuple[str, ...]]:
    """Column number → its head texts from the top down, a text merged over several rows once."""
    found: dict[int, tuple[str, ...]] = {}
    rows = [sheet.row(number) for number in range(first, last + 1)]
    for column in range(sheet.width):
        path: list[str] = []
        for row in rows:
            cell = row[column]
            if isinstance(cell.value, str) and not (path and path[-1] == cell.text.strip()):
                path.append(cell.text.strip())
        if path and rows[-1][column].value is not None:
            found[column + 1] = tuple(path)
    return found


def _matched(labels: Mapping[int, tuple[str, ...]], wanted: Mapping[str, set[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    taken: set[int] = set()
    for depth in range(_DEEPEST_HEAD, 0, -1):  # the longest way of naming a column decides
        for column, path in labels.items():
            key = "/".join(_plain(text) for text in path[-depth:])
            field = next((f for f, names in wanted.items() if key in names and f not in found), None)
            if len(path) >= depth and field is not None and column not in taken:
                found[field] = column
                taken.add(column)
    return found


def _plain(text: str) -> str:
    """A head text without width, spaces, bracketed remarks and marks: "产　值（万元）*" is "产值"."""
    bare = _BRACKETED.sub("", _folded(text))
    return re.sub(r"[*#::]+", "", bare).lower() or _folded(text).lower()


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", fold(text))


def _head_findings(head: Head, columns: Columns, optional: Collection[str], where: Place) -> Iterator[Finding]:
    for field, accepted in columns.items():
        name = next(iter(accepted), field)
        if field not in head.columns and field not in optional:
            yield _error(
                "column_missing", f"缺少“{name}”列", replace(where, line=head.last_row), "请补上该列后重新上传"
            )
        names = {_plain(text) for text in accepted}
        twins = [c for c, path in head.labels.items() if c != head.columns.get(field) and _plain(path[-1]) in names]
        if field in head.columns and any(len(head.labels[c]) == 1 for c in twins):
            yield _error("column_twice", f"“{name}”列出现了不止一次", where, "请删除重复的列")
    known = set(head.columns.values())
    others = ["/".join(path) for column, path in head.labels.items() if column not in known]
    if others:
        message = f"未使用的列：{'、'.join(others[:10])}{'等' if len(others) > 10 else ''}"
        yield Finding("table.column_unknown", Severity.NOTE, message, where)


def _first_data_row(sheet: Sheet, head: Head) -> tuple[int, dict[str, str]]:
    """The row after the head, its row of units and its row of column marks; and the unit of each field."""
    units: dict[str, str] = {}
    above = [cell.text for row in sheet.rows[: head.first_row - 1] for cell in row if isinstance(cell.value, str)]
    stated = next((match[1] for text in above if (match := _TITLE_UNIT.search(fold(text)))), "")
    for field, column in head.columns.items():
        bracketed = _BRACKETED.findall(_folded(head.labels[column][-1]))
        if bracketed and _is_unit(bracketed[-1]):
            units[field] = bracketed[-1]
    row = head.last_row + 1
    while row <= sheet.height:
        cells = [cell for cell in sheet.row(row) if cell.value is not None]
        texts = [_folded(cell.text) for cell in cells]
        if texts and all(_is_unit(text.strip("()")) for text in texts):
            by_column = {cell.column: text.strip("()") for cell, text in zip(cells, texts, strict=True)}
            units |= {field: by_column[column] for field, column in head.columns.items() if column in by_column}
        elif texts and not _are_column_marks(texts, len(head.labels)):
            break
        row += 1
    if stated:
        units = {**dict.fromkeys(head.columns, stated), **units}
    return row, units


def _is_unit(text: str) -> bool:
    unit = Unit.parse(text)
    return (
        bool(text)
        and not re.search(r"\d", text)
        and (unit.measures_like(Unit.parse("个")) or unit.decimals != 6 or text in _UNITS)
    )


_UNITS = frozenset(
    [
        "%",
        "‰",
        "个百分点",
        "百分点",
        "人",
        "万人",
        "名",
        "倍",
        "分",
        "年",
        "天",
        "亩",
        "平方米",
        "平方公里",
        "吨",
        "万吨",
        "公里",
    ]
)


def _are_column_marks(texts: Sequence[str], columns: int) -> bool:
    """甲 乙 1 2 3 over all columns: letters first, then figures that rise from 1; or (1) (2) (3)."""
    if len(texts) < columns or not all(_COLUMN_MARK.fullmatch(text) for text in texts):
        return False
    numbers = [int(text.strip("()")) for text in texts if text.strip("()").isdigit()]
    return numbers == list(range(1, len(numbers) + 1)) and (texts[0] == "甲" or texts[0] == "(1)")


def _repeats_head(cells: Sequence[Cell], head: Head) -> bool:
    return all(_plain(cells[c - 1].text) == _plain(head.labels[c][-1]) for c in head.columns.values())


def _record(cells: Sequence[Cell], number: int, columns: Columns, head: Head) -> tuple[Record, list[Cell]]:
    found: dict[str, Cell] = {}
    damaged: list[Cell] = []
    for field in columns:
        column = head.columns.get(field)
        cell = cells[column - 1] if column else Cell("", None, "", number, 0)
        if cell.is_merged_from and isinstance(cell.value, Decimal):
            damaged.append(cell)
            cell = replace(cell, text="", value=None)
        found[field] = cell
    return Record(number, found), damaged


def _merged_number(cell: Cell, where: Place) -> Finding:
    message = f"数值单元格与 {cell.is_merged_from} 合并，只计在 {cell.is_merged_from}"
    return Finding(
        "table.merged_number", Severity.WARNING, message, replace(where, cell=cell.address), "请拆分后逐行填写"
    )


def _error(code: str, message: str, where: Place, remedy: str) -> Finding:
    return Finding(f"table.{code}", Severity.ERROR, message, where, remedy)
