"""What a damaged cell means: read exactly, or refused; never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jiqun.model.findings import Place
from jiqun.model.periods import Period
from jiqun.tables import Cell, day, is_missing, number, period
from jiqun.tables.workbook import shown


def cell(content) -> Cell:
    value = content.strip() or None if isinstance(content, str) else content
    return Cell(shown(content), value, "B3", 3, 2)


@pytest.mark.parametrize(
    ("printed", "unit", "expected"),
    [
        ("1234.50", "万元", "1234.50"),
        ("１，２３４．５", "万元", "1234.5"),
        (" 1,234,567 ", "家", "1234567"),
        ("12 345", "家", "12345"),
        ("-5", "万元", "-5"),
        ("－5", "万元", "-5"),
        ("−5", "万元", "-5"),
        ("+3", "万元", "3"),
        ("1e3", "万元", "1000"),
        ("0", "家", "0"),
        (".5", "%", "0.5"),
        ("5%", "%", "5"),
        ("6.25％", "%", "6.25"),
        ("5%", "", "0.05"),
        ("5%", None, "0.05"),
        ("3‰", "%", "0.3"),
        ("1.2亿元", "万元", "12000"),
        ("1.2亿", "万元", "12000"),
        ("3万", "万元", "3"),
        ("3万", "家", "30000"),
        ("1.5万", None, "15000"),
        ("2万亿元", "亿元", "20000"),
        ("5家", "个", "5"),
        ("￥300", "元", "300"),
        ("12人", "万人", "0.0012"),
        ("0.1", None, "0.1"),
    ],
)
def test_a_number_is_read_through_its_damage(printed, unit, expected):
    reading = number(cell(printed), unit)
    assert (reading.value, reading.is_refused) == (Decimal(expected), False)


def test_a_number_cell_is_taken_as_stored():
    assert number(cell(Decimal("0.05")), "%").value == Decimal("0.05")


def test_a_percent_cell_of_a_spreadsheet_fits_a_column_of_percent():
    percent = Cell("5%", Decimal("0.05"), "B3", 3, 2)
    assert number(percent, "%").value == Decimal(5)
    assert number(percent, "").value == Decimal("0.05")


def test_another_magnitude_of_the_unit_is_converted_with_a_note():
    (note,) = number(cell("1.2亿元"), "万元").findings
    assert (note.code, note.severity, note.message) == ("table.unit_converted", "note", "“1.2亿元”按 12000 万元 读取")


@pytest.mark.parametrize("printed", ["", "  ", "-", "–", "—", "——", "…", "……", "...", "/", "N/A"])
def test_missing_is_none_and_never_zero(printed):
    assert is_missing(cell(printed))
    reading = number(cell(printed), "万元")
    assert (reading.value, reading.findings) == (None, ())


@pytest.mark.parametrize(
    ("printed", "unit", "code"),
    [
        ("1,23", "万元", "table.ambiguous_number"),
        ("1,2345", "万元", "table.ambiguous_number"),
        ("1 5", "万元", "table.ambiguous_number"),
        ("1.234.567", "万元", "table.not_a_number"),
        ("约500", "家", "table.not_a_number"),
        ("500左右", "家", "table.not_a_number"),
        ("500家以上", "家", "table.not_a_number"),
        ("3-5", "家", "table.not_a_number"),
        ("3—5个", "个", "table.not_a_number"),
        ("(500)", "万元", "table.not_a_number"),
        ("无", "家", "table.not_a_number"),
        ("三千", "家", "table.not_a_number"),
        ("#DIV/0!", "%", "table.not_a_number"),
        ("5%", "万元", "table.unit"),
        ("5家", "万元", "table.unit"),
        ("5家", None, "table.unit"),
        ("5万", "%", "table.unit"),
        (date(2024, 3, 5), "家", "table.not_a_number"),
        (True, "家", "table.not_a_number"),
    ],
)
def test_what_is_not_one_certain_number_is_refused(printed, unit, code):
    reading = number(cell(printed), unit, place=Place("表.xlsx", sheet="表一"))
    assert reading.value is None
    assert [(f.code, f.place) for f in reading.findings] == [(code, Place("表.xlsx", sheet="表一", cell="B3"))]


def test_chinese_numerals_are_read_when_asked_for():
    assert number(cell("三千五百"), "家", chinese_numerals=True).value == 3500


@pytest.mark.parametrize(
    "printed",
    [
        "2024-06-01",
        "2024/6/1",
        "2024.6.1",
        "2024年6月1日",
        " 2024 年 6 月 1 日",
        "２０２４-6-1",
        "20240601",
        date(2024, 6, 1),
    ],
)
def test_a_day_in_any_form(printed):
    assert day(cell(printed)).value == date(2024, 6, 1)


@pytest.mark.parametrize("printed", ["2024年6月", "2024-13-01", "2023年2月29日", "六月一日", "45444"])
def test_what_is_no_day_is_refused(printed):
    assert [f.code for f in day(cell(printed)).findings] == ["table.not_a_day"]


def test_a_month_cell_of_a_spreadsheet_names_no_day_but_a_period():
    month = Cell("2024年6月", date(2024, 6, 1), "B3", 3, 2)
    assert day(month).is_refused
    assert period(month).value == Period(2024, 6, 6)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2023", "2023"),
        (Decimal(2023), "2023"),
        ("2023年", "2023"),
        ("2023年度", "2023"),
        ("2023年上半年", "2023H1"),
        ("2023年下半年", "2023H2"),
        ("2023年第三季度", "2023Q3"),
        ("2023年3季度", "2023Q3"),
        ("2023年前三季度", "2023Q1-Q3"),
        ("2024年6月", "2024M6"),
        ("2024-06", "2024M6"),
        ("2024年1—8月", "2024M1-M8"),
        ("2024年1月至8月", "2024M1-M8"),
        ("2023Q3", "2023Q3"),
    ],
)
def test_a_period_in_any_form(printed, expected):
    assert period(cell(printed)).value == Period.parse(expected)


@pytest.mark.parametrize("printed", ["去年", "2024年13月", "2024-06-01", "23年"])
def test_what_is_no_period_is_refused(printed):
    assert [f.code for f in period(cell(printed)).findings] == ["table.not_a_period"]
