"""What goes out comes back the same, runs nothing, and prints on A4."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun import tables
from jiqun.model.errors import UsageError
from jiqun.tables import delimited, xlsx
from jiqun.tables.xlsx import Column, Kind, Page

CREATED = datetime(2024, 6, 1, 8, 0)
COLUMNS = [
    Column("名称"),
    Column("产值（万元）", Kind.NUMBER),
    Column("家数", Kind.INTEGER),
    Column("占比", Kind.PERCENT),
    Column("截至", Kind.DAY),
]
ROW = ("甲公司", Decimal("1234.5"), Decimal(3), Decimal("0.0625"), date(2024, 6, 1))


def written(*pages: Page, **options) -> bytes:
    out = io.BytesIO()
    xlsx.write(out, pages, created=CREATED, **options)
    return out.getvalue()


def test_a_title_wraps_within_its_columns_and_has_the_height_for_it():
    narrow = [Column("日期", Kind.DAY), Column("家数", Kind.INTEGER)]
    title = "苏州市专精特新中小企业培育进程（2023-07-01 的名册）【演示数据：企业均为凭空生成】"
    made = written(Page("窄", narrow, [], title=title), Page("短", COLUMNS, [], title="表"))
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book["窄"]["A1"].alignment.wrap_text
    widths = sum(book["窄"].column_dimensions[letter].width for letter in "AB")
    assert book["窄"].row_dimensions[1].height >= 26 * (2 * len(title) - 20) * 16 / 11 / widths
    assert book["短"].row_dimensions[1].height < 2 * 26


def test_what_was_written_reads_back_typed():
    book = tables.read(written(Page("表一", COLUMNS, [ROW, ("乙公司", None, "无数据", None, None)])))
    assert [[cell.value for cell in row] for row in book.sheets[0].rows] == [
        [column.title for column in COLUMNS],
        list(ROW),
        ["乙公司", None, "无数据", None, None],
    ]


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20),
            st.none() | st.integers(-(10**14), 10**14).map(lambda n: Decimal(n) / 10),
            st.none() | st.dates(date(1900, 3, 1), date(2200, 1, 1)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_content_reads_back(rows):
    columns = [Column("文"), Column("数", Kind.NUMBER), Column("日", Kind.DAY)]
    sheet = tables.read(written(Page("表", columns, rows))).sheets[0]
    for line, (text, figure, day) in enumerate(rows, 2):
        assert sheet.cell(f"A{line}").value == ((text or "").strip() or None)
        assert (sheet.cell(f"B{line}").value, sheet.cell(f"C{line}").value) == (figure, day)


@pytest.mark.parametrize(
    "text", ["=1+1", "+8613800000000", "-5%左右", "@SUM(A1)", '=HYPERLINK("http://x")', "https://x.cn"]
)
def test_no_text_becomes_a_formula_or_a_link(text):
    content = written(Page("表", [Column("文"), Column("数", Kind.NUMBER)], [(text, text)]))
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert cell.quotePrefix is text.startswith(("=", "+", "-", "@"))
    assert not any(b"<f>" in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml") for _ in [0])


def test_the_same_content_gives_the_same_bytes():
    page = Page("表", COLUMNS, [ROW], title="某表")
    assert written(page, notes=[("来源", "某局")]) == written(page, notes=[("来源", "某局")])


def test_a_sheet_is_ready_to_read_and_to_print():
    sheet = openpyxl.load_workbook(io.BytesIO(written(Page("表", COLUMNS, [ROW], title="某市情况表")))).worksheets[0]
    assert sheet["A1"].value == "某市情况表"
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A3", "A2:E3", "$1:$2")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert "&P / &N" in (sheet.oddFooter.right.text or "").replace("&[Page]", "&P").replace("&[Pages]", "&N")
    assert [sheet.cell(3, c).number_format for c in range(2, 6)] == ["#,##0.00", "#,##0", "0.0%", "yyyy-mm-dd"]


def test_columns_are_as_wide_as_their_chinese():
    sheet = openpyxl.load_workbook(
        io.BytesIO(written(Page("表", [Column("名"), Column("b")], [("苏" * 10, "x" * 10)])))
    )
    widths = {key: dimension.width for key, dimension in sheet.worksheets[0].column_dimensions.items()}
    assert round(widths["A"] - widths["B"]) == 10  # ten wide characters against ten narrow ones
    assert widths["A"] >= 23


def test_notes_and_sources_stand_on_a_sheet_of_their_own():
    book = tables.read(written(Page("表", COLUMNS, [ROW]), notes=[("来源", "某局《某公报》")]))
    assert [sheet.name for sheet in book.sheets] == ["表", "说明与来源"]
    assert book.sheets[1].cell("B2").value == "某局《某公报》"


def test_sheet_names_are_made_lawful_and_distinct():
    pages = [Page(name, [Column("a")], [("x",)]) for name in ("甲/乙:丙", "长" * 40, "长" * 40, "")]
    assert [s.name for s in tables.read(written(*pages)).sheets] == ["甲_乙_丙", "长" * 31, "长" * 28 + "(2)", "表"]


def test_digits_a_spreadsheet_would_drop_are_written_as_text():
    book = tables.read(written(Page("表", [Column("码", Kind.INTEGER)], [(Decimal("320500000000000123"),)])))
    assert book.sheets[0].cell("A2").value == "320500000000000123"


def test_more_rows_than_a_sheet_holds_are_a_clear_error():
    with pytest.raises(UsageError, match="1048576"):
        written(Page("表", [Column("a")], [("x",)] * 1_048_576))


def test_a_csv_opens_in_excel_and_runs_nothing():
    content = delimited.write(["名称", "值"], [("=1+1", Decimal("-5")), ("@x", None), ('含"引号"\n和换行', True)])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == ('名称,值\r\n\'=1+1,-5\r\n\'@x,\r\n"含""引号""\n和换行",TRUE\r\n')


def test_a_csv_reads_back():
    sheet = tables.read(delimited.write(["名称", "日"], [("甲", date(2024, 6, 1))]), "表.csv").sheets[0]
    assert [cell.value for cell in sheet.rows[1]] == ["甲", "2024-06-01"]
