"""What the printed grid says, in one place: its fixed words, its heads, and where each cell of a form stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jiqun.model import numerals
from jiqun.packs.schema.forms import ColumnKind, FormColumn
from jiqun.statistics.layout import Layout

NAME, UNIT, CODE = "指标名称", "计量单位", "代码"
STUBS = ((NAME, "甲"), (UNIT, "乙"), (CODE, "丙"))  # the columns in front of the figures, with their marks
NAME_LIKE = ("指标名称", "指标", "项目")
UNIT_LIKE = ("计量单位", "单位")
CODE_LIKE = ("代码", "代号", "指标代码", "行号", "序号")
FORM_NUMBER, ISSUER, VALID_UNTIL = "表号", "制定机关", "有效期至"
APPROVAL = {"approved": "批准文号", "filed": "备案文号"}
RESPONDENT, RESPONDENT_ID, PERIOD = "填报单位", "单位代码", "报告期"
NOT_ASKED = "×"
EXAMPLE_MARK = "演示表式，非法定报表"

_LEFT_OUT = re.compile(r"[\s　:：()（）\[\]【】《》“”\"'、，,。.·*※#_/\\-]+")


def folded(text: str) -> str:
    """A label as it is compared: width, case, white space and punctuation do not count."""
    return _LEFT_OUT.sub("", numerals.fold(text)).casefold()


def folded_code(text: str) -> str:
    """A row's code as it is compared: 01, 1 and １ are one code, and so are 02-01 and 2—1."""
    parts = re.split(r"[-–—−.．]", re.sub(r"\s+", "", numerals.fold(text)))
    return "-".join(part.lstrip("0") or "0" for part in parts if part)


@dataclass(frozen=True)
class Face:
    """The printed face of a layout: rows and columns of the sheet (from 1) where everything stands when new.

    `head_rows` are one row, or two where columns have a common head; `marks_row` bears 甲乙丙 and the numbers.
    """

    layout: Layout

    @cached_property
    def has_groups(self) -> bool:
        return any(column.group for column in self.layout.columns)

    @property
    def width(self) -> int:
        return len(STUBS) + len(self.layout.columns)

    @property
    def head_rows(self) -> tuple[int, ...]:
        return (6, 7) if self.has_groups else (6,)

    @property
    def marks_row(self) -> int:
        return self.head_rows[-1] + 1

    @property
    def first_row(self) -> int:
        return self.marks_row + 1

    @property
    def last_row(self) -> int:
        return self.marks_row + len(self.layout.rows)

    @cached_property
    def column_of(self) -> Mapping[ColumnKind, int]:
        return {column.kind: len(STUBS) + index for index, column in enumerate(self.layout.columns, 1)}

    @cached_property
    def places(self) -> Mapping[str, tuple[int, int]]:
        """Key of each cell → (row, column) in the sheet."""
        return {cell.key: (self.marks_row + cell.row.number, self.column_of[cell.column]) for cell in self.layout.cells}

    @cached_property
    def heads(self) -> Mapping[str, ColumnKind]:
        """Folded heads → the column they name: group and name together, and the name alone where only one bears it."""
        named: dict[str, list[FormColumn]] = {}
        for column in self.layout.columns:
            named.setdefault(folded(column.name), []).append(column)
        alone = {name: columns[0].kind for name, columns in named.items() if len(columns) == 1}
        return alone | {folded(column.group + column.name): column.kind for column in self.layout.columns}
