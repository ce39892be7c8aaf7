"""What a respondent filled in, read cell by cell: words as printed, numbers as whole steps, or what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.asking import CELL_DIGITS
from jiqun.statistics.layout import Cell, Layout
from jiqun.tables import Cell as TableCell
from jiqun.tables import number

LONGEST_WORDS = 2000  # characters of a text cell or of one explanation
_PLAIN = re.compile(r"(-?\d{1,18})(?:\.(\d{1,18}))?")
_LIMIT = 10**CELL_DIGITS


@dataclass(frozen=True)
class Answers:
    """`cells` maps the key of each filled cell to its text as printed, `steps` those of numbers to whole steps.

    What was left empty is in neither: missing is never 0. `findings` are about cells, each with its key as place.
    """

    cells: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def read(layout: Layout, filled: Mapping[str, str], *, is_final: bool = True) -> Answers:
    """The answers of one respondent. With `is_final` an empty cell that is required is a fault; in a draft it is not.

    Numbers are read through full-width digits, thousands separators and spaces, and never rounded: one with more
    decimal places than its field has is refused.
    """
    cells: dict[str, str] = {}
    steps: dict[str, int] = {}
    findings = [_fault("unknown_cell", f"表中没有“{key}”这一格", key) for key in filled if key not in layout.by_key]
    places = layout.places
    for key, given in filled.items():
        text = given.strip()
        held = _plainly(text, *places[key]) if key in places else None
        if held is not None:
            cells[key], steps[key] = text, held
            continue
        cell = layout.by_key.get(key)
        if cell is None or not text:
            continue
        if not cell.is_number:
            findings += _words_findings(cell, text)
            cells[key] = text
            continue
        held, told = steps_of(cell, text)
        findings += told
        if held is not None:
            cells[key] = text if _PLAIN.fullmatch(text) else printed(held, cell.digits)
            steps[key] = held
    if is_final:
        findings += _absent(layout, cells, {f.place.cell for f in findings})
    return Answers(cells, steps, tuple(findings))


def _plainly(text: str, digits: int, may_be_negative: bool) -> int | None:
    """The steps of a number in which nothing needs a second look; None sends the rest to `steps_of`."""
    whole, point, places = text.partition(".")
    figures = (whole[1:] if whole[:1] == "-" else whole) + places
    # one test for all of its characters: a month's round asks this a million times
    if not (figures.isdigit() and figures.isascii()) or len(figures) > CELL_DIGITS or bool(point) is not bool(places):
        return None
    if whole in ("", "-") or len(places) > digits:
        return None
    held = int(whole + places) * 10 ** (digits - len(places))
    return held if (held > -_LIMIT if may_be_negative else held >= 0) and held < _LIMIT else None


def steps_of(cell: Cell, text: str) -> tuple[int | None, tuple[Finding, ...]]:
    """The number of a cell as whole steps; None for a mark of no figure (–, …) and for what is wrong, which is told.

    A number with a unit of its own is converted, and that is told too: 1.2亿元 in a cell of 万元 is 12000.
    """
    notes: tuple[Finding, ...] = ()
    if not _PLAIN.fullmatch(text):
        reading = number(TableCell(text, text, "", 0, 0), cell.unit, place=Place(sheet=named(cell)))
        notes = tuple(replace(found, place=Place(cell=cell.key)) for found in reading.findings)
        if reading.value is None:
            return None, notes
        text = f"{reading.value:f}"
    field = cell.row.field
    whole, _, places = text.partition(".")
    places = places.rstrip("0")
    if len(places) > field.digits:
        wanted = f"最多 {field.digits} 位小数" if field.digits else "整数"
        return None, (_fault("too_fine", f"{named(cell)} {text}：小数位数太多", cell.key, f"请填{wanted}"),)
    held = int(whole + places.ljust(field.digits, "0"))
    if abs(held) >= _LIMIT:
        return None, (_fault("too_large", f"{named(cell)} {text}：数值过大", cell.key, f"请核对单位（{cell.unit}）"),)
    if held < 0 and not field.may_be_negative:
        return None, (_fault("negative", f"{named(cell)} {text}：不应为负数", cell.key, "请核对正负号"),)
    return held, notes


def printed(steps: int, digits: int) -> str:
    """Steps as a plain number with all of its decimal places: 1234 at one place is 123.4."""
    sign, text = "-" if steps < 0 else "", str(abs(steps)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def named(cell: Cell) -> str:
    """A cell in words: 总产值（本月）."""
    return cell.row.name


def _words_findings(cell: Cell, text: str) -> Iterable[Finding]:
    if cell.field.values and text not in cell.field.values:
        yield _fault("not_a_choice", f"{named(cell)}“{text}”不在可选项中", cell.key,
                     f"可选：{'、'.join(cell.field.values)}")  # fmt: skip
    if len(text) > LONGEST_WORDS:
        yield _fault("too_long", f"{named(cell)}超过 {LONGEST_WORDS} 字", cell.key, "请缩短")


def _absent(layout: Layout, cells: Mapping[str, str], told: set[str]) -> Iterable[Finding]:
    if layout.required <= cells.keys():
        return
    for cell in layout.cells:
        if cell.is_required and cell.key not in cells and cell.key not in told:
            yield _fault("missing", f"{named(cell)}未填", cell.key, "没有发生的填 0；不能留空")


def _fault(code: str, message: str, key: str, remedy: str = "请核对") -> Finding:
    return Finding(f"form.{code}", Severity.ERROR, message, Place(cell=key), remedy)
