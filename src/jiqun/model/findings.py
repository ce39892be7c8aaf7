"""What is wrong with something a person gave us: what, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`ERROR` refuses the input, `WARNING` lets it in and says so, `NOTE` is for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
class Place:
    """Where a fault stands: a file with its line, or a workbook's sheet and cell; any part may be unknown."""

    file: str = ""
    line: int = 0
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}" if self.line else self.file]
        if self.sheet:
            parts.append(f"《{self.sheet}》")
        if self.cell:
            parts.append(self.cell)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Finding:
    """One fault, for a person to mend; `code` is stable and can be counted, `remedy` says what to do."""

    code: str
    severity: Severity
    message: str
    place: Place = Place()
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.place}：" if str(self.place) else ""
        return f"{where}{self.message}" + (f"　{self.remedy}" if self.remedy else "")
