"""What comes in: every format and encoding gives the same cells, and what must not be opened is refused in one line."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from jiqun import tables
from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.findings import Severity

FILES = Path(__file__).parent / "files"


def workbook(fill) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def repacked(content: bytes, change) -> bytes:
    """The same zip with `change(part, data)` in place of each part's data."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    return out.getvalue()


def one_cell(*args) -> bytes:
    return workbook(lambda book: book.add_worksheet("表").write(*args))


def refused(content: bytes, name: str = "表.xlsx") -> str:
    with pytest.raises(InputRefused) as caught:
        tables.read(content, name)
    assert "\n" not in str(caught.value)
    assert len(caught.value.findings) == 1
    return caught.value.findings[0].code


def values(sheet: tables.Sheet) -> list[list[tables.Value]]:
    return [[cell.value for cell in row] for row in sheet.rows]


# --- xlsx ---------------------------------------------------------------------------------------------------------


def test_a_number_is_exact_and_knows_its_address():
    cell = tables.read(one_cell("C4", 0.1 + 0.2)).sheets[0].cell("C4")
    assert (cell.value, cell.text, cell.row, cell.column) == (Decimal("0.3"), "0.3", 4, 3)


def test_a_percent_cell_is_its_share_and_shows_its_sign():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write("A1", 0.0625, book.add_format({"num_format": "0.0%"}))
        sheet.write("A2", 0.05, book.add_format({"num_format": 9}))
        sheet.write("A3", 5, book.add_format({"num_format": '0"%"'}))  # the sign is only drawn: the number is 5

    sheet = tables.read(workbook(fill)).sheets[0]
    assert [(c.text, c.value) for (c,) in sheet.rows] == [
        ("6.25%", Decimal("0.0625")),
        ("5%", Decimal("0.05")),
        ("5", Decimal(5)),
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("yyyy-mm-dd", "2024-06-01"),
        ('yyyy"年"m"月"', "2024年6月"),
        ("yyyy/m/d h:mm", "2024-06-01"),
        ("[$-804]yyyy/m/d", "2024-06-01"),
    ],
)
def test_a_day_is_a_day_whatever_its_format(code, text):
    def fill(book):
        book.add_worksheet().write_datetime("A1", dt.datetime(2024, 6, 1), book.add_format({"num_format": code}))

    cell = tables.read(workbook(fill)).sheets[0].cell("A1")
    assert (cell.value, cell.text) == (dt.date(2024, 6, 1), text)


def test_days_count_from_1904_where_the_workbook_says_so():
    def fill(book):
        book.add_worksheet().write_datetime(
            "A1", dt.datetime(2024, 6, 1), book.add_format({"num_format": "yyyy-mm-dd"})
        )

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": True}) as book:
        fill(book)
    assert tables.read(out.getvalue()).sheets[0].cell("A1").value == dt.date(2024, 6, 1)


def test_the_29_february_1900_of_excel_shifts_only_the_days_before_it():
    def fill(book):
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write("A1", 59, day)
        sheet.write("A2", 61, day)

    assert values(tables.read(workbook(fill)).sheets[0]) == [[dt.date(1900, 2, 28)], [dt.date(1900, 3, 1)]]


def test_missing_is_none_and_a_dash_is_a_text_and_zero_is_zero():
    content = workbook(lambda book: book.add_worksheet().write_row("A1", ["甲", "", "–", "…", 0, True]))
    assert values(tables.read(content).sheets[0]) == [["甲", None, "–", "…", Decimal(0), True]]


def test_merged_cells_repeat_the_first_and_say_so():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.merge_range("B1:C2", "产值")
        sheet.write("A3", 1)

    sheet = tables.read(workbook(fill)).sheets[0]
    assert (sheet.cell("C2").value, sheet.cell("C2").is_merged_from) == ("产值", "B1")
    assert sheet.cell("B1").is_merged_from is None


def test_a_formula_gives_its_cached_result_and_a_note_where_there_is_none():
    def fill(book):
        sheet = book.add_worksheet("表")
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_formula("A2", "=1+1", None, "")

    content = repacked(workbook(fill), lambda part, data: data.replace(b"<v></v>", b""))
    book = tables.read(content, "表.xlsx")
    assert values(book.sheets[0]) == [[Decimal(2)]]
    assert [(f.code, f.severity, f.place.cell) for f in book.findings] == [
        ("table.formula_uncached", Severity.NOTE, "A2")
    ]


def test_an_error_value_stays_a_text():
    content = workbook(lambda book: book.add_worksheet().write_formula("A1", "=1/0", None, "#DIV/0!"))
    assert values(tables.read(content).sheets[0]) == [["#DIV/0!"]]


def test_a_code_typed_as_a_number_is_reported_as_damaged():
    book = tables.read(one_cell("A1", 320500000000000123))
    assert [f.code for f in book.findings] == ["table.digits_lost"]


def test_rich_text_is_joined_without_its_phonetic_guide():
    part = b'<si><r><t>\xe8\x8b\x8f</t></r><r><t xml:space="preserve"> \xe5\xb7\x9e</t></r><rPh><t>su</t></rPh></si>'

    def change(name, data):
        return data.replace(b"<si><t>x</t></si>", part) if name.endswith("sharedStrings.xml") else data

    assert tables.read(repacked(one_cell("A1", "x"), change)).sheets[0].cell("A1").text == "苏 州"


def test_hidden_sheets_are_marked_and_blank_sheets_kept():
    def fill(book):
        book.add_worksheet("表").write("A1", 1)
        book.add_worksheet("选项").hide()

    book = tables.read(workbook(fill))
    assert [(s.name, s.is_hidden, s.height) for s in book.sheets] == [("表", False, 1), ("选项", True, 0)]


@pytest.mark.parametrize(("state", "is_hidden"), [("visible", False), ("hidden", True), ("veryHidden", True)])
def test_a_sheet_is_hidden_only_where_its_state_says_so(state, is_hidden):
    def change(name, data):  # openpyxl writes the state of every sheet, Excel only of hidden ones
        return data.replace(b"<sheet ", f'<sheet state="{state}" '.encode()) if name == "xl/workbook.xml" else data

    assert tables.read(repacked(one_cell("A1", 1), change)).sheets[0].is_hidden is is_hidden


def test_what_is_no_file_of_bytes_is_refused_in_one_line(tmp_path):
    for path, said in ((tmp_path, "这是目录"), (Path("/dev/zero"), "这是设备")):
        with pytest.raises(InputRefused, match=said):
            tables.read(path)


def test_a_stray_cell_far_away_costs_one_line_and_no_memory():
    def change(part, data):
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return data.replace(b"</sheetData>", far) if part.endswith("sheet1.xml") else data

    assert refused(repacked(one_cell("A1", 1), change)) == "table.too_large"


def test_blank_formatted_rows_to_the_bottom_are_no_content():
    def change(part, data):
        return data.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')

    assert tables.read(repacked(one_cell("A1", 1), change)).sheets[0].height == 1


# --- what is refused ------------------------------------------------------------------------------------------------


def test_an_encrypted_workbook_is_refused():
    assert refused((FILES / "encrypted.xlsx").read_bytes()) == "table.encrypted"


def test_macros_are_refused():
    out = io.BytesIO(one_cell("A1", 1))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert refused(out.getvalue(), "表.xlsm") == "table.macros"


def test_links_to_other_files_are_refused():
    out = io.BytesIO(one_cell("A1", 1))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert refused(out.getvalue()) == "table.external_links"


def test_a_zip_bomb_is_refused_before_parsing():
    out = io.BytesIO(one_cell("A1", 1))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(100 * 1024**2))
    assert refused(out.getvalue()) == "table.bomb"


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    out = io.BytesIO(one_cell("A1", 1))
    zeros = bytes(100 * 1024**2)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", zeros)
    lying = out.getvalue()  # size and checksum of the first hundred bytes, so that reading only these finds no fault
    for honest, lie in ((len(zeros), 100), (zlib.crc32(zeros), zlib.crc32(zeros[:100]))):
        lying = lying.replace(honest.to_bytes(4, "little"), lie.to_bytes(4, "little"))
    assert refused(lying) == "table.bomb"


def test_too_many_parts_are_refused():
    out = io.BytesIO(one_cell("A1", 1))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(6000):
            archive.writestr(f"xl/media/{number}", b"")
    assert refused(out.getvalue()) == "table.bomb"


def test_entities_are_not_expanded():
    def change(part, data):
        return data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet') if "sheet1" in part else data

    assert refused(repacked(one_cell("A1", 1), change)) == "table.damaged"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "空.xlsx", "table.empty"),
        (b" \r\n ", "空.csv", "table.empty"),
        (b"PK\x03\x04 broken", "坏.xlsx", "table.damaged"),
        (one_cell("A1", 1)[:-200], "截断.xlsx", "table.damaged"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "坏.xls", "table.damaged"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "导出.xls", "table.not_a_table"),
        (b"%PDF-1.7 ...", "表.xlsx", "table.not_a_table"),
        ("关于印发方案的通知\n各区人民政府".encode(), "通知.txt", "table.not_a_table"),
        (b"\xff\xfe\xfd\x00\x81", "乱码.csv", "table.encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_in_one_line(content, name, code):
    assert refused(content, name) == code


def test_a_word_file_is_no_table():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    assert refused(out.getvalue(), "通知.docx") == "table.not_a_table"


def test_a_workbook_without_a_single_value_is_empty():
    assert refused(workbook(lambda book: book.add_worksheet())) == "table.empty"


def test_a_file_over_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(201 * 1024**2)
    with pytest.raises(InputRefused, match="201 MB"):
        tables.read(path)


def test_a_path_without_a_file_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        tables.read(tmp_path / "无.csv")


# --- xls ------------------------------------------------------------------------------------------------------------


def test_a_legacy_workbook_reads_alike():
    book = tables.read(FILES / "legacy.xls")
    assert values(book.sheets[0]) == [
        ["某表", "某表", "某表"],
        ["名称", "产值", "日期"],
        ["甲", Decimal("1234.5"), dt.date(2024, 6, 1)],
        ["乙", Decimal(7), None],
    ]
    assert book.media_type == "application/vnd.ms-excel"
    assert [f.code for f in book.findings] == ["table.percent_unseen"]


# --- csv ------------------------------------------------------------------------------------------------------------

TEXT = "名称,产值\r\n甲,1\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_the_offices_gives_the_same_cells(encoding):
    book = tables.read(TEXT.encode(encoding), "数据.csv")
    assert values(book.sheets[0]) == [["名称", "产值"], ["甲", "1"]]
    assert (book.media_type, book.sheets[0].name) == ("text/csv", "数据")


def test_a_byte_order_mark_is_no_part_of_the_first_head_in_any_encoding():
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        book = tables.read(f"\ufeff{TEXT}".encode(encoding))
        assert values(book.sheets[0])[0] == ["名称", "产值"], encoding


@pytest.mark.parametrize("separator", list(",\t;|，"))
def test_the_separator_is_found(separator):
    text = TEXT.replace(",", separator).replace("甲", '"甲,一"' if separator != "," else "甲")
    assert [row[1] for row in values(tables.read(text.encode()).sheets[0])] == ["产值", "1"]


def test_commas_inside_texts_do_not_win_over_the_tabs_between_them():
    text = "名称\t说明\n甲\t一，二，三\n乙\t四\n"
    assert tables.read(text.encode(), "表.tsv").sheets[0].width == 2


def test_a_quoted_line_end_stays_inside_its_cell_and_rows_count_as_in_excel():
    sheet = tables.read('名称,说明\n甲,"第一行\n第二行"\n\n乙,""\n'.encode(), "表.csv").sheets[0]
    assert sheet.cell("B2").text == "第一行\n第二行"
    assert sheet.cell("A4").value == "乙"
    assert sheet.cell("B4").value is None


def test_white_space_is_printed_but_is_no_value():
    cell = tables.read("名称,值\n 甲　,  \n".encode(), "表.csv").sheets[0]
    assert (cell.cell("A2").text, cell.cell("A2").value, cell.cell("B2").value) == (" 甲　", "甲", None)


def test_one_column_is_a_table_when_the_name_says_so():
    assert tables.read("代码\n91320500\n".encode(), "名单.csv").sheets[0].height == 2


def test_the_same_bytes_have_the_same_digest():
    first, second = tables.read(TEXT.encode(), "a.csv"), tables.read(TEXT.encode(), "b.csv")
    assert first.digest == second.digest == hashlib.sha256(TEXT.encode()).hexdigest()


def test_rows_are_a_sequence():
    rows = tables.read(TEXT.encode()).sheets[0].rows
    assert (len(rows), rows[-1][0].address, [r[0].text for r in rows[0:2]]) == (2, "A2", ["名称", "甲"])
    with pytest.raises(IndexError):
        rows[2]
