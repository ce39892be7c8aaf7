"""The official grid: what is printed, what is read back from damage, and what the file says when it is returned."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from jiqun import tables
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.statistics import grid
from jiqun.statistics.layout import Layout
from tests.statistics.sheets import CREATED, HEADING, Sheet, Slot, full_layout, printed_sheet

FILLED = {
    "output@current": "1234.5", "output@year_to_date": "7000.0", "output@same_period": "1100.0",
    "fresh@current": "600.0", "fresh:c23-robot@current": "250.5", "fresh:c23-it@current": "349.5",
    "staff@current": "320", "state@current": "on", "why@current": "=SUM(A1)",
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> Layout:
    return full_layout()


def sheet_of(content: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def taken(sheet: Sheet, asked: Layout) -> grid.Taken:
    return grid.read(tables.read(sheet.workbook(), "表.xlsx"), asked)


def values(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[tuple[object, ...]]:
    return list(sheet.iter_rows(values_only=True))


def codes(found: grid.Taken) -> list[str]:
    return [one.code for one in found.findings]


# What is printed


def test_the_statutory_head_the_marks_and_the_foot_are_printed(asked):
    here = sheet_of(grid.write(asked, HEADING, created=CREATED))
    said = {cell.value for row in here.iter_rows() for cell in row if cell.value}
    assert {
        "厂商月报", "表号：某工01表", "制定机关：某市工业局", "批准文号：某统〔2023〕1号", "有效期至：2099年12月31日",
        "填报单位：某精密机械有限公司", "单位代码：91320500MA1ABCDE1X", "报告期：2024年6月", "甲", "乙", "丙", "1", "4",
        "上年同期", "单位负责人：", "填表人：", "报出日期：",
        "填报说明：1. 本表由规模以上工业企业填报，每月8日前报出。",
        "审核时会指出：1. 其中项不大于总产值", "3. （核实）比上月增长两倍以上",
    } <= said  # fmt: skip


def test_heads_of_groups_are_merged_over_their_columns(asked):
    merges = {str(merge) for merge in sheet_of(grid.write(asked, HEADING, created=CREATED)).merged_cells.ranges}
    assert {"D6:E6", "F6:G6", "A6:A7", "B6:B7", "C6:C7"} <= merges


def test_only_cells_to_fill_and_the_foot_are_open(asked):
    here = sheet_of(grid.write(asked, HEADING, created=CREATED))
    assert here.protection.sheet
    opened = {cell.coordinate for row in here.iter_rows(max_row=15) for cell in row if not cell.protection.locked}
    assert "D9" in opened and "A9" not in opened and "D6" not in opened
    assert here["E15"].value == "×" and here["E15"].protection.locked and here["C15"].value == "05"


def test_a_choice_is_a_list_and_a_long_one_stands_on_a_hidden_sheet(asked):
    here = sheet_of(grid.write(asked, HEADING, created=CREATED))
    lists = [rule.formula1 for rule in here.data_validations.dataValidation if rule.type == "list"]
    assert lists == ['"在产,停产,半停产"']
    long = full_layout({f"c{number}": f"第{number}类生产经营状态" for number in range(40)})
    book = openpyxl.load_workbook(io.BytesIO(grid.write(long, HEADING, created=CREATED)))
    assert book.sheetnames == ["厂商月报", "可选项"] and book["可选项"].sheet_state == "hidden"
    assert book["可选项"]["A40"].value == "第39类生产经营状态"


def test_words_that_begin_with_an_equals_sign_stay_words(asked):
    content = grid.write(asked, HEADING, created=CREATED, filled={"why@current": '=HYPERLINK("x")'})
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    assert "<f>" not in sheet and 'quotePrefix="1"' in styles


def test_equal_input_gives_equal_bytes(asked):
    assert grid.write(asked, HEADING, created=CREATED, filled=FILLED) == grid.write(
        asked, HEADING, created=CREATED, filled=FILLED
    )


# What is read back


def test_what_was_printed_is_read_back_with_head_and_foot(asked):
    sheet = printed_sheet(asked, FILLED)
    foot = next(row for row in sheet.rows if row[0].value == "填表人：")
    foot[1].value = "张三"
    found = taken(sheet, asked)
    assert found.findings == ()
    assert found.filled == {key: text.removesuffix(".0") for key, text in FILLED.items()}
    assert found.stated.form_number == "某工01表" and found.stated.period == Period.parse("2024M6")
    assert found.stated.respondent_id == "91320500MA1ABCDE1X" and found.stated.foot["填表人"] == "张三"


def test_moved_rows_added_rows_and_columns_do_not_matter(asked):
    sheet = printed_sheet(asked, FILLED)
    sheet.merges = []
    first, last = sheet.row_of("output@current"), sheet.row_of("staff@current")
    sheet.rows[first], sheet.rows[last] = sheet.rows[last], sheet.rows[first]
    sheet.rows.insert(first + 2, [Slot() for _ in sheet.rows[0]])
    for row in sheet.rows:
        row.insert(3, Slot())
    sheet.rows[6][3].value = "备注"
    found = taken(sheet, asked)
    assert not found.is_refused and found.filled["staff@current"] == "320"
    assert Decimal(found.filled["output@current"]) == Decimal("1234.5")
    assert found.places["output@current"].cell == f"E{last + 2}"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda sheet: setattr(at(sheet, "output@current", 1), "value", "亿元"), "grid.unit_changed"),
        (lambda sheet: setattr(at(sheet, "output@current", 0), "value", "营业收入"), "grid.row_unknown"),
        (lambda sheet: setattr(at(sheet, "output@current", 2), "value", "99"), "grid.row_unknown"),
        (lambda sheet: sheet.rows.pop(sheet.row_of("staff@current")), "grid.row_lost"),
        (lambda sheet: setattr(sheet.slot("output@current"), "value", date(2024, 3, 5)), "grid.not_a_number"),
        (lambda sheet: setattr(at(sheet, "staff@current", 4), "value", 320), "grid.not_asked"),
        (lambda sheet: sheet.merges.append("D9:E9"), "grid.merged"),
    ],
    ids=["unit", "name", "code", "lost", "date", "not-asked", "merged"],
)  # fmt: skip
def test_what_cannot_be_told_is_not_read_but_told(asked, change, code):
    sheet = printed_sheet(asked, FILLED)
    change(sheet)
    found = taken(sheet, asked)
    assert code in codes(found) and found.is_refused
    if code not in ("grid.row_lost", "grid.not_asked"):
        assert "output@current" not in found.filled
    assert Decimal(found.filled["fresh@current"]) == 600


def at(sheet: Sheet, key: str, column: int) -> Slot:
    return sheet.rows[sheet.row_of(key)][column]


def test_a_row_that_stands_twice_counts_only_where_both_agree(asked):
    sheet = printed_sheet(asked, FILLED)
    row = sheet.row_of("output@current")
    sheet.rows.insert(row + 1, [Slot(slot.value) for slot in sheet.rows[row]])
    sheet.merges = []
    assert taken(sheet, asked).filled["output@current"] == "1234.5"
    sheet.rows[row + 1][3].value = 9
    found = taken(sheet, asked)
    assert "grid.row_twice" in codes(found) and "output@current" not in found.filled


def test_a_column_with_a_changed_head_is_known_by_its_number(asked):
    sheet = printed_sheet(asked, FILLED)
    sheet.rows[5][3].value, sheet.rows[6][3].value = "今年", "六月"
    found = taken(sheet, asked)
    assert Decimal(found.filled["output@current"]) == Decimal("1234.5")
    assert "grid.column_by_number" in codes(found)


def test_a_lost_column_is_told(asked):
    sheet = printed_sheet(asked, FILLED)
    sheet.merges = []
    for row in sheet.rows:
        del row[3]
    found = taken(sheet, asked)
    assert "grid.column_lost" in codes(found) and "output@current" not in found.filled


def test_other_sheets_are_named_and_left_alone(asked):
    sheet = printed_sheet(asked, FILLED)
    sheet.others["工作底稿"] = [["随手记", 5]]
    found = taken(sheet, asked)
    assert not found.is_refused and "grid.other_sheets" in codes(found)


def test_two_filled_copies_are_refused_and_an_empty_one_is_passed_over(asked):
    sheet = printed_sheet(asked, FILLED)
    empty = printed_sheet(asked, {})
    sheet.others["空表"] = [[slot.value for slot in row] for row in empty.rows]
    assert taken(sheet, asked).sheet == "厂商月报"
    sheet.others["空表"] = [[slot.value for slot in row] for row in sheet.rows]
    with pytest.raises(InputRefused) as refused:
        taken(sheet, asked)
    assert [one.code for one in refused.value.findings] == ["grid.several"]


def test_a_workbook_without_the_form_is_refused(asked):
    book = openpyxl.Workbook()
    book.worksheets[0].append(["姓名", "电话"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InputRefused) as refused:
        grid.read(tables.read(out.getvalue(), "通讯录.xlsx"), asked)
    assert [one.code for one in refused.value.findings] == ["grid.not_found"]


def test_links_to_other_files_are_refused(asked):
    content = grid.write(asked, HEADING, created=CREATED, filled=FILLED)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part))
        new.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    with pytest.raises(InputRefused) as refused:
        grid.read(tables.read(out.getvalue(), "表.xlsx"), asked)
    assert [one.code for one in refused.value.findings] == ["table.external_links"]


# What is returned


def test_the_same_file_comes_back_with_coloured_cells_notes_and_reasons(asked):
    content = grid.write(asked, HEADING, created=CREATED, filled=FILLED)
    findings = [
        Finding("form.x", Severity.ERROR, "总产值小于其中项", Place(sheet="厂商月报", cell="D9"), "请核对"),
        Finding("form.y", Severity.WARNING, "=比上月增长两倍", Place(sheet="厂商月报", cell="D9")),
        Finding("form.z", Severity.ERROR, "没有找到“05”一行", Place()),
    ]
    made = grid.mark(content, "表.xlsx", findings, created=CREATED)
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    before, after = sheet_of(content), book["厂商月报"]
    assert not made.is_rebuilt
    assert values(before) == values(after)
    assert after["D9"].fill.fgColor.rgb == "00F8CBAD" and "【须改正】总产值小于其中项" in after["D9"].comment.text
    assert after["D9"].number_format == before["D9"].number_format and after["D10"].comment is None
    reasons = [[c.value for c in row] for row in book["审核结果"].iter_rows()]
    assert [row[1] for row in reasons] == ["类别", "须改正", "须改正", "请核实"]
    assert book["审核结果"].cell(4, 5).data_type == "s" and book["审核结果"].cell(4, 5).quotePrefix
    again = grid.mark(made.content, "表.xlsx", findings[:1], created=CREATED)
    assert openpyxl.load_workbook(io.BytesIO(again.content)).sheetnames == ["厂商月报", "审核结果"]


def test_marks_of_the_last_round_are_gone_when_the_cell_is_mended(asked):
    content = grid.write(asked, HEADING, created=CREATED, filled=FILLED)
    wrong = [Finding("form.x", Severity.ERROR, "总产值小于其中项", Place(sheet="厂商月报", cell="D9"))]
    once = grid.mark(content, "表.xlsx", wrong, created=CREATED)
    after = sheet_of(grid.mark(once.content, "表.xlsx", [], created=CREATED).content)
    assert after["D9"].comment is None and after["D9"].fill.fgColor.rgb == sheet_of(content)["D9"].fill.fgColor.rgb


def test_a_csv_comes_back_as_a_workbook_of_its_cells(asked):
    made = grid.mark("指标名称,本月\n=1+1,5\n".encode(), "表.csv", [], created=CREATED)
    here = sheet_of(made.content)
    assert made.is_rebuilt and here["A2"].value == "=1+1" and here["A2"].data_type == "s"
