"""The head of a table is found wherever it stands, and only its rows are rows."""

from __future__ import annotations

import io
from decimal import Decimal

import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from jiqun import tables
from jiqun.tables import Sheet, records

COLUMNS = {"name": ["单位名称", "名称"], "output": ["产值"], "note": ["备注"]}


def csv(text: str) -> Sheet:
    return tables.read(text.encode(), "表.csv").sheets[0]


def rows(found: tables.Records) -> list[tuple]:
    return [(row.line, *(row[field].value for field in row.cells)) for row in found.rows]


def codes(found: tables.Records) -> list[str]:
    return [finding.code for finding in found.findings]


def test_a_head_in_the_first_row():
    found = records(csv("名称,产值,备注\n甲,1,x\n\n乙,2,\n"), COLUMNS)
    assert rows(found) == [(2, "甲", "1", "x"), (4, "乙", "2", None)]
    assert found.findings == ()


def test_titles_units_column_marks_blank_rows_and_the_foot_are_passed_over():
    text = (
        "某市产业情况表\n制表机关：某局,,单位：万元\n\n单位名称,产　值,备注\n甲,乙,丙\n甲公司,1,\n,,\n"
        "单位名称,产　值,备注\n乙公司,2,\n填表人：张三,,\n注：以上为快报数,,\n丙公司,3,\n"
    )
    found = records(csv(text), COLUMNS)
    assert rows(found) == [(6, "甲公司", "1", None), (9, "乙公司", "2", None)]
    assert found.units["output"] == "万元"


def test_a_row_of_units_under_the_head_gives_the_units():
    found = records(
        csv("名称,产值,增速\n,万元,%\n甲公司,1,2\n"), {"name": ["名称"], "output": ["产值"], "growth": ["增速"]}
    )
    assert found.units == {"output": "万元", "growth": "%"}
    assert rows(found) == [(3, "甲公司", "1", "2")]


def test_a_unit_in_the_head_is_the_unit_and_no_part_of_the_name():
    found = records(csv("名称*,产值（万元）\n甲,1\n"), {"name": ["名称"], "output": ["产值"]})
    assert found.units == {"output": "万元"}


def test_a_head_merged_over_rows_names_columns_by_their_path():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表一")
        sheet.merge_range("A1:E1", "某市产业情况表")
        sheet.merge_range("A3:A5", "单位名称")
        sheet.merge_range("B3:E3", "主要指标")
        sheet.merge_range("B4:C4", "产值")
        sheet.merge_range("D4:E4", "税收")
        sheet.write_row("B5", ["本月", "累计", "本月", "累计"])
        sheet.write_row("A6", ["甲公司", 1, 2, 3, 4])
    wanted = {"name": ["单位名称"], "output": ["产值/本月"], "output_total": ["产值/累计"], "tax": ["税收/本月"]}
    found = records(tables.read(out.getvalue()).sheets[0], wanted)
    assert rows(found) == [(6, "甲公司", 1, 2, 3)]
    assert (found.head.first_row, found.head.last_row) == (4, 5)
    assert codes(found) == ["table.column_unknown"]
    assert "税收/累计" in found.findings[0].message


def test_a_missing_column_is_an_error_unless_it_may_be_missing():
    sheet = csv("名称,产值\n甲公司,1\n")
    found = records(sheet, COLUMNS, file="表.csv")
    assert [(f.code, f.message) for f in found.findings] == [("table.column_missing", "缺少“备注”列")]
    assert records(sheet, COLUMNS, optional=["note"]).findings == ()
    assert found.rows[0]["note"].value is None


def test_an_unknown_column_is_noted():
    found = records(csv("名称,产值,备注,心得\n甲公司,1,,y\n"), COLUMNS)
    assert [(f.code, f.message) for f in found.findings] == [("table.column_unknown", "未使用的列：心得")]


def test_a_column_given_twice_is_an_error():
    assert "table.column_twice" in codes(records(csv("名称,产值,产值,备注\n甲,1,2,\n"), COLUMNS))


def test_without_a_head_the_expected_columns_are_named():
    found = records(csv("a,b\n1,2\n"), COLUMNS)
    assert (codes(found), found.rows) == (["table.no_head"], ())
    assert "单位名称、产值、备注" in found.findings[0].remedy


def test_a_number_merged_over_rows_counts_once():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表一")
        sheet.write_row("A1", ["名称", "产值", "备注"])
        sheet.merge_range("B2:B3", 10)
        sheet.write("A2", "甲")
        sheet.write("A3", "乙")
    found = records(tables.read(out.getvalue()).sheets[0], COLUMNS)
    assert rows(found) == [(2, "甲", Decimal(10), None), (3, "乙", None, None)]
    assert codes(found) == ["table.merged_number"]


def test_a_text_merged_over_rows_holds_for_each():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表一")
        sheet.write_row("A1", ["名称", "产值", "备注"])
        sheet.merge_range("A2:A3", "甲")
        sheet.write("B2", 1)
        sheet.write("B3", 2)
    assert rows(records(tables.read(out.getvalue()).sheets[0], COLUMNS)) == [(2, "甲", 1, None), (3, "甲", 2, None)]


texts = st.text(alphabet='甲乙丙0123 ,;“"\n（）万元%=-', max_size=8)


@given(
    above=st.lists(st.lists(texts, max_size=3), max_size=5),
    data=st.lists(st.tuples(st.sampled_from(["甲", "乙丙"]), st.integers(-999, 999)), min_size=1, max_size=5),
    order=st.permutations(["名称", "产值", "备注"]),
)
def test_whatever_stands_above_the_rows_are_found(above, data, order):
    def line(name, output, note):
        by_column = {"名称": name, "产值": output, "备注": note}
        return tuple(by_column[column] for column in order)

    grid = [tuple(text.strip() or None for text in row) for row in above]
    grid += [tuple(order), *[line(name, Decimal(value), "x") for name, value in data]]
    found = records(Sheet("表", tuple(grid)), COLUMNS)
    assert [(row["name"].value, row["output"].value) for row in found.rows] == [(n, Decimal(v)) for n, v in data]
    assert [row.line for row in found.rows] == list(range(len(above) + 2, len(above) + 2 + len(data)))
