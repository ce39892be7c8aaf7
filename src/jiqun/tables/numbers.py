"""What a damaged cell means: a number, a day or a period read exactly, or a finding that says why not; no guess."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from jiqun.model import numerals
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.tables.workbook import Cell

T = TypeVar("T")
_MISSING_MARKS = frozenset(["-", "--", "–", "—", "——", "―", "…", "……", "...", "......", "/", "N/A", "NA", "#N/A"])
_ERROR_VALUES = frozenset(["#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
_NUMBER = re.compile(
    r"(?P<sign>[+\-−–]?)\s*(?P<money>¥?)\s*"
    r"(?P<digits>\d[\d, ]*(?:\.\d+)?|\.\d+)(?P<power>[eE][+\-]?\d{1,3})?\s*(?P<unit>[^\d\s.,+\-][^\d]*)?"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?")
_VAGUE = re.compile(r"约|近|超|多|余|上下|左右|以上|以下|以内|[~～—至到]|\d\s*[-–]\s*\d")
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿点壹贰叁肆伍陆柒捌玖拾佰仟]+")
_ONLY_DIGITS = "请只填一个确定的数字"


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What a cell says; `value` is None for nothing, for a mark of no figure (–, …) and where a finding refuses it."""

    value: T | None
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def is_missing(cell: Cell) -> bool:
    """Whether a cell is empty or carries a mark of no figure (–, —, …, /, N/A). 0 and 无 are not missing."""
    return cell.value is None or (isinstance(cell.value, str) and cell.value in _MISSING_MARKS)


def number(
    cell: Cell, unit: str | None = None, *, place: Place | None = None, chinese_numerals: bool = False
) -> Reading[Decimal]:
    """The number of a cell said in `unit`, the unit of its column; exact.

    Read through: full-width digits, outer spaces, thousands separators, groups of three apart (12 345), 万 and 亿
    behind the number, a unit of the same kind (1.2亿元 in a column of 万元 is 12000, with a note), 5% in a column of %.
    Where `unit` is "" a percent is its share, and where it is None only 万, 亿 and % may stand behind the number.
    Refused with a finding: ranges and 约, 左右; 1,23; a unit of another kind; dates made of 3-5; error values.
    """
    where = replace(place or Place(), cell=cell.address)
    if is_missing(cell):
        return Reading(None)
    value = cell.value
    if isinstance(value, Decimal) and not cell.text.endswith("%"):
        return Reading(value)
    if isinstance(value, bool) or (isinstance(value, str) and value in _ERROR_VALUES):
        return _refused("not_a_number", f"“{cell.text}”不是数字", where, "公式出错的请改正公式后保存")
    if isinstance(value, date):
        return _refused(
            "not_a_number", f"“{cell.text}”是日期，不是数字", where, "数字可能被表格软件改成了日期，请按数值格式重填"
        )
    text = unicodedata.normalize("NFKC", cell.text).strip()
    match = _NUMBER.fullmatch(text)
    if match is None and _CHINESE.fullmatch(text):
        if chinese_numerals:
            return Reading(numerals.number(text))
        return _refused("not_a_number", f"“{cell.text}”是汉字数字", where, "请用阿拉伯数字填写")
    if match is None or _VAGUE.search(match["unit"] or ""):
        reason = "不是单个确定的数" if _VAGUE.search(text) else "不是数字"
        return _refused("not_a_number", f"“{cell.text}”{reason}", where, _ONLY_DIGITS)
    digits = match["digits"].strip()
    if re.search(r"[, ]", digits) and not _GROUPED.fullmatch(digits):
        return _refused("ambiguous_number", f"“{cell.text}”的分隔位置不是三位一组，无法确定数值", where, _ONLY_DIGITS)
    amount = Decimal(re.sub(r"[, ]", "", digits) + (match["power"] or ""))
    amount = amount if match["sign"] in ("", "+") else -amount
    printed = (match["unit"] or "").strip() or ("元" if match["money"] and unit is not None else "")
    return _in_unit(amount, printed, unit, cell, where)


def _in_unit(amount: Decimal, printed: str, unit: str | None, cell: Cell, where: Place) -> Reading[Decimal]:
    if not printed:
        return Reading(amount)
    if printed == "‰":
        amount, printed = amount / 10, "%"
    if printed == "%":
        if unit in ("%", "个百分点", "百分点"):
            return Reading(amount)
        return Reading(amount / 100) if not unit else _wrong_unit(cell, printed, unit, where)
    stated = Unit.parse(printed)
    if unit is None:
        if stated.bare == "":
            return Reading(stated.convert(amount, Unit.parse("")))
        return _refused("unit", f"“{cell.text}”带有单位“{printed}”", where, "请只填数字，单位写在表头")
    column = Unit.parse(unit)
    if stated.bare == "":  # 1.2亿 in a column of 万元 speaks of the column's own unit
        stated = Unit.parse(printed + column.bare.partition("/")[0])
        column_bare = Unit.parse(unit.partition("/")[0])
        if column.bare == "%" or "/" in unit:
            return _wrong_unit(cell, printed, unit, where)
        column = column_bare
    if not stated.measures_like(column):
        return _wrong_unit(cell, printed, unit, where)
    said = stated.convert(amount, column)
    if stated.factor == column.factor:
        return Reading(said)
    note = Finding("table.unit_converted", Severity.NOTE, f"“{cell.text}”按 {said:f} {unit} 读取", where)
    return Reading(said, (note,))


def day(cell: Cell, *, place: Place | None = None) -> Reading[date]:
    """The day a cell names: a date cell, 2024-06-01, 2024/6/1, 2024.6.1, 2024年6月1日 or 20240601.

    A month without its day is refused, since which day is meant nobody said.
    """
    where = replace(place or Place(), cell=cell.address)
    if is_missing(cell):
        return Reading(None)
    if isinstance(cell.value, date) and not cell.text.endswith("月"):
        return Reading(cell.value)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell.text))
    match = re.fullmatch(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?", text) or re.fullmatch(
        r"(\d{4})()(\d{2})(\d{2})", text
    )
    try:
        if match:
            return Reading(date(int(match[1]), int(match[3]), int(match[4])))
    except ValueError:
        pass
    return _refused("not_a_day", f"“{cell.text}”不是日期", where, "请填写年月日，例如 2024-06-01")


_HALVES = {"上半年": "H1", "下半年": "H2"}
_QUARTERS = {**{c: i for i, c in enumerate("一二三四", 1)}, **{str(i): i for i in range(1, 5)}}


def period(cell: Cell, *, place: Place | None = None) -> Reading[Period]:
    """The period a cell names: 2023, 2023年上半年, 2023年三季度, 2023年前三季度, 2024-06, 2024年1—8月, 2023Q3."""
    where = replace(place or Place(), cell=cell.address)
    if is_missing(cell):
        return Reading(None)
    try:
        return Reading(_period(re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell.text))))
    except ValueError:
        return _refused(
            "not_a_period", f"“{cell.text}”不是时期", where, "例：2023、2023H1、2023Q3、2023M8、2024年1—8月"
        )


def _period(text: str) -> Period:
    year, rest = text[:4], text[4:].removeprefix("年").removeprefix("第")
    if rest in ("", "度", "全年"):
        return Period.parse(year)
    if rest in _HALVES:
        return Period.parse(year + _HALVES[rest])
    if match := re.fullmatch(r"(前)?([一二三四1-4])季度?", rest):
        quarter = _QUARTERS[match[2]]
        return Period.parse(f"{year}Q1-Q{quarter}" if match[1] else f"{year}Q{quarter}")
    if match := re.fullmatch(r"(\d{1,2})月?(?:[-–—~至](\d{1,2}))?月(?:份)?", rest):
        return Period.parse(f"{year}M{match[1]}-M{match[2]}" if match[2] else f"{year}M{match[1]}")
    if match := re.fullmatch(r"[-/.](\d{1,2})", rest):
        return Period.parse(f"{year}M{match[1]}")
    return Period.parse(text)


def _wrong_unit(cell: Cell, printed: str, unit: str, where: Place) -> Reading[Decimal]:
    return _refused("unit", f"“{cell.text}”的单位“{printed}”与本列单位“{unit}”不符", where, "请按表头单位填写数字")


def _refused(code: str, message: str, where: Place, remedy: str) -> Reading[T]:
    return Reading(None, (Finding(f"table.{code}", Severity.ERROR, message, where, remedy),))
