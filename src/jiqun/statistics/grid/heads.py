"""Where a grid stands in a workbook that came back: its sheet, its head, and what each column is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.schema.forms import ColumnKind
from jiqun.statistics.grid import printed
from jiqun.statistics.grid.printed import Face, folded
from jiqun.tables import Sheet

_SEARCHED_ROWS = 60
_SEARCHED_COLUMNS = 256
_STACKED = 4  # head rows that may belong together
_STUB_LIKE = {"name": printed.NAME_LIKE, "unit": printed.UNIT_LIKE, "code": printed.CODE_LIKE}


@dataclass(frozen=True)
class Head:
    """`row` is the last row of the head; `stubs` says which column has names, units and codes, `values` the figures.

    Columns count from 1. `findings` tell of columns that are lost, doubled or strange.
    """

    row: int
    stubs: Mapping[str, int]
    values: Mapping[ColumnKind, int]
    findings: tuple[Finding, ...] = ()


def find(sheet: Sheet, face: Face) -> Head | None:
    """The head of the form's grid; None where a sheet has no column of names or codes beside one of figures."""
    best: tuple[int, int, dict[str, list[int]], dict[ColumnKind, list[int]]] | None = None
    width = min(sheet.width, _SEARCHED_COLUMNS)
    stacks: dict[int, list[str]] = {column: [] for column in range(1, width + 1)}
    for number in range(1, min(sheet.height, _SEARCHED_ROWS) + 1):
        for cell in sheet.row(number)[:width]:
            stack = stacks[cell.column]
            if not stack or stack[-1] != folded(cell.text):
                stack.append(folded(cell.text))
        stubs, values = _columns(stacks, face)
        score = len(stubs) + len(values)
        if values and ("name" in stubs or "code" in stubs) and (best is None or score > best[0]):
            best = (score, number, stubs, values)
    if best is None:
        return None
    _, row, stubs, values = best
    return _settled(sheet, face, row, stubs, values)


def _columns(stacks: Mapping[int, list[str]], face: Face) -> tuple[dict[str, list[int]], dict[ColumnKind, list[int]]]:
    """What each column is by the words at the end of its stack of head cells."""
    stubs: dict[str, list[int]] = {}
    values: dict[ColumnKind, list[int]] = {}
    for column, stack in stacks.items():
        words = [word for word in stack[-_STACKED:] if word]
        if not words:
            continue
        together = ("".join(words[-2:]), words[-1])
        kind = next((face.heads[said] for said in together if said in face.heads), None)
        if kind is not None:
            values.setdefault(kind, []).append(column)
            continue
        stub = next((name for name, likes in _STUB_LIKE.items() if words[-1] in map(folded, likes)), None)
        if stub is not None:
            stubs.setdefault(stub, []).append(column)
    return stubs, values


def _settled(
    sheet: Sheet, face: Face, row: int, stubs: Mapping[str, list[int]], values: Mapping[ColumnKind, list[int]]
) -> Head:
    findings: list[Finding] = []
    held: dict[ColumnKind, int] = {}
    names = {column.kind: column.group + column.name for column in face.layout.columns}
    known = {column for columns in (*stubs.values(), *values.values()) for column in columns}
    by_number = dict(_numbered(sheet, face, row, known))
    for kind, name in names.items():
        columns = values.get(kind, [])
        if len(columns) > 1:
            findings.append(_fault("column_twice", f"“{name}”一列出现 {len(columns)} 次，无法判断以哪一列为准", sheet,
                                   "请只保留一列后重新上传"))  # fmt: skip
        elif columns:
            held[kind] = columns[0]
        elif kind in by_number:
            held[kind] = by_number[kind]
            findings.append(_note(f"“{name}”一列的表头改动过，按栏号认出", sheet))
        else:
            findings.append(_fault("column_lost", f"没有找到“{name}”一列", sheet, "请使用下载的表式填报，不要改动表头"))
    return Head(row, {stub: columns[0] for stub, columns in stubs.items()}, held, tuple(findings))


def _numbered(sheet: Sheet, face: Face, row: int, taken: set[int]) -> Iterator[tuple[ColumnKind, int]]:
    """Columns whose heads say nothing known, by the number in the row of 甲乙丙 under the head."""
    if row >= sheet.height:
        return
    marks = sheet.row(row + 1)
    if not any(folded(cell.text) in ("甲", "丙") for cell in marks):
        return
    for index, column in enumerate(face.layout.columns, 1):
        bearing = [cell.column for cell in marks if folded(cell.text) == str(index)]
        if len(bearing) == 1 and bearing[0] not in taken:
            yield column.kind, bearing[0]


def _fault(code: str, message: str, sheet: Sheet, remedy: str) -> Finding:
    return Finding(f"grid.{code}", Severity.ERROR, message, Place(sheet=sheet.name), remedy)


def _note(message: str, sheet: Sheet) -> Finding:
    return Finding("grid.column_by_number", Severity.WARNING, message, Place(sheet=sheet.name), "请核对这一列的数字")
