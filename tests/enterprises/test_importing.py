"""Tables of offices: every way of naming a column and writing a cell that is understood, every fault with its place,
and not one row lost."""

from __future__ import annotations

import datetime
import io
import random
import re
from decimal import Decimal
from functools import cache

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs, tables
from jiqun.enterprises import cells, columns, heads, importing
from jiqun.model.errors import InputRefused
from jiqun.tables import Cell, xlsx
from tests.enterprises.conftest import MORNING, code, firms


@pytest.fixture
def read(tmp_path, city):
    def read(content, name="firms.csv", **changed):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"figures_year": 2022, "workdir": tmp_path, **changed}
        return importing.read(path, city, **given)

    return read


def rows(imported):
    return imported.firms.collect().to_dicts()


def faults(imported):
    return imported.faults.select("line", "column", "code").rows()


def test_a_plain_table_comes_in_whole(read):
    text = f"统一社会信用代码,企业名称,所属区划,行业代码,成立日期\n{code(1)},甲公司,昆山市,C3484,2019-02-28\n"
    imported = read(text)
    assert rows(imported) == [
        {
            "uscc": code(1),
            "name": "甲公司",
            "area_id": "suzhou_kunshan",
            "industry_code": "3484",
            "founded_on": datetime.date(2019, 2, 28),
        }
    ]
    assert (imported.rows, imported.kept_out, imported.faults.height, imported.findings) == (1, 0, 0, ())


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("2022年营业收入（万元）", "revenue_yuan"),
        ("营业收入(2021年度)", "revenue_yuan_prev1"),
        ("上年营业收入", "revenue_yuan"),
        ("营业收入（前2年）", "revenue_yuan_prev2"),
        ("revenue_yuan_prev3", "revenue_yuan_prev3"),
        ("年末从业人员", "employees"),
        ("2020年末从业人员数", "employees_prev2"),
        ("社会信用代码", "uscc"),
        ("单位详细名称*", "name"),
        ("高新技术产品（服务）收入", "hightech_revenue_yuan"),
        ("２０２２年资产总计", "assets_yuan"),
        ("2015年营业收入", None),
        ("2023年营业收入", None),
        ("备注", None),
    ],
)
def test_heads_name_columns_and_years_in_many_ways(city, label, column):
    known = columns.columns(city)
    assert heads.recognise(label, heads._names(known), known, 2022) == column


def test_units_of_the_head_the_row_below_and_the_title_are_applied(read):
    head = "统一社会信用代码,企业名称,营业收入（万元）,研发费用（元）,从业人员\n"
    assert rows(read(f"{head}{code(1)},甲,123.45,678,9\n"))[0] | {"uscc": "", "name": ""} == {
        "uscc": "", "name": "", "revenue_yuan": 1234500.0, "rd_expense_yuan": 678.0, "employees": 9,
    }  # fmt: skip
    titled = f"企业名册,,\n单位：万元,,\n统一社会信用代码,企业名称,营业收入\n{code(1)},甲,2\n"
    assert rows(read(titled))[0]["revenue_yuan"] == 20000.0


def test_a_column_of_money_without_a_unit_is_taken_as_yuan_and_said(read):
    imported = read(f"统一社会信用代码,企业名称,营业收入\n{code(1)},甲,2\n")
    assert rows(imported)[0]["revenue_yuan"] == 2.0
    assert [finding.code for finding in imported.findings] == ["import.unit_missing"]


def test_the_year_may_stand_above_the_figure(read):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["统一社会信用代码", "企业名称", "2022年", None, "2021年", None])
    sheet.append([None, None, "营业收入（元）", "从业人员", "营业收入（元）", "从业人员"])
    sheet.append([code(1), "甲", 1, 2, 3, 4])
    for cells_ in ("A1:A2", "B1:B2", "C1:D1", "E1:F1"):
        sheet.merge_cells(cells_)
    file = io.BytesIO()
    book.save(file)
    (got,) = rows(read(file.getvalue(), "firms.xlsx"))
    assert (got["revenue_yuan"], got["employees"], got["revenue_yuan_prev1"], got["employees_prev1"]) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("head", "cell", "column", "value"),
    [
        ("营业收入（万元）", "1,234.50", "revenue_yuan", 12345000.0),
        ("营业收入（万元）", "1.2亿元", "revenue_yuan", 120000000.0),
        ("营业收入（万元）", "1.2亿", "revenue_yuan", 120000000.0),
        ("营业收入（万元）", "５０", "revenue_yuan", 500000.0),
        ("营业收入（元）", "¥12", "revenue_yuan", 12.0),
        ("净利润（万元）", "-3.5", "net_profit_yuan", -35000.0),
        ("细分市场占有率", "12.5%", "market_share_pct", 12.5),
        ("从业人员", "30人", "employees", 30),
        ("从业人员", "—", "employees", None),
        ("从业人员", "0", "employees", 0),
        ("成立日期", "2019年2月8日", "founded_on", datetime.date(2019, 2, 8)),
        ("成立日期", "20190208", "founded_on", datetime.date(2019, 2, 8)),
        ("成立日期", "2019/2/8", "founded_on", datetime.date(2019, 2, 8)),
        ("是否高企", "是", "has_hnte_certificate", True),
        ("是否高企", "否", "has_hnte_certificate", False),
        ("已有称号", "hnte、tech_sme", "titles", ["hnte", "tech_sme"]),
        ("经济类型", "外商投资", "ownership", "foreign"),
        ("所属区划", "工业园区", "area_id", "suzhou_sip"),
        ("所属行业代码", "模具制造", "industry_code", "3525"),
    ],
)
def test_cells_are_read_as_people_write_them(read, head, cell, column, value):
    imported = read(f'统一社会信用代码,企业名称,{head}\n{code(1)},甲,"{cell}"\n')
    assert imported.faults.height == 0
    assert rows(imported)[0][column] == value


@pytest.mark.parametrize(
    ("head", "cell", "fault"),
    [
        ("营业收入（万元）", "约500", "number"),
        ("营业收入（万元）", "100—200", "number"),
        ("营业收入（万元）", "五百", "number"),
        ("营业收入（万元）", "1,23", "grouping"),
        ("营业收入（万元）", "30人", "unit"),
        ("营业收入（万元）", "-5", "negative"),
        ("营业收入（万元）", "99999999999999", "large"),
        ("营业收入（万元）", "nan", "number"),
        ("营业收入（万元）", "sNaN", "number"),
        ("从业人员", "3.5", "whole"),
        ("成立日期", "2019-02-30", "day"),
        ("成立日期", "43524", "day"),
        ("是否高企", "大概", "truth"),
        ("经济类型", "不详", "option"),
        ("所属区划", "南极", "area"),
        ("行业代码", "9999", "industry"),
    ],
)
def test_a_cell_that_cannot_be_read_is_unknown_and_told_and_its_row_comes_in(read, head, cell, fault):
    imported = read(f'统一社会信用代码,企业名称,{head}\n{code(1)},甲,"{cell}"\n{code(2)},乙,\n')
    column = imported.head.columns[2][0].id
    assert faults(imported) == [(2, column, fault)]
    assert [row[column] for row in rows(imported)] == [None, None]
    (finding,) = [f for f in imported.findings if f.code == f"import.cell.{fault}"]
    assert (finding.place.line, finding.place.cell) == (2, "C2")
    assert cell in finding.message
    assert imported.damaged.select("line", "is_in").rows() == [(2, True)]
    assert imported.damaged["text"][0].to_list()[:3] == [code(1), "甲", cell]


def test_a_row_whose_code_cannot_be_trusted_stays_out_and_is_kept(read):
    imported = read(f"统一社会信用代码,企业名称\n{code(1)[:-1]}A,甲\n,乙\n{code(3)},丙\n")
    assert [row["uscc"] for row in rows(imported)] == [code(3)]
    assert (imported.rows, imported.kept_out) == (3, 2)
    assert faults(imported) == [(2, "uscc", "code"), (3, "uscc", "required")]
    assert imported.findings[0].code == "uscc.check"
    assert imported.damaged["text"].to_list()[1][:2] == [None, "乙"]


def test_a_firm_without_a_name_comes_in_and_is_told(read):
    imported = read(f"统一社会信用代码,企业名称\n{code(1)},\n")
    assert (rows(imported)[0]["name"], faults(imported)) == (None, [(2, "name", "required")])


def test_duplicates_are_told_and_never_chosen_between(read):
    text = f"统一社会信用代码,企业名称\n{code(1)},甲\n{code(2)},乙\n{code(1)},甲二\n{code(2)},乙\n{code(3)},丙\n"
    imported = read(text)
    assert [row["name"] for row in rows(imported)] == ["乙", "丙"]
    assert faults(imported) == [(2, None, "twin"), (4, None, "twin"), (5, None, "repeated")]
    assert (imported.rows, imported.kept_out) == (5, 3)
    assert "第2行" in imported.damaged.filter(pl.col("line") == 4)["reasons"].item()


def test_a_torn_row_stays_out_with_all_its_cells(read):
    imported = read(f"统一社会信用代码,企业名称\n{code(1)},甲,多,余\n{code(2)},乙\n{code(3)}\n")
    assert [row["uscc"] for row in rows(imported)] == [code(2), code(3)]
    assert faults(imported) == [(2, None, "torn"), (4, "name", "required")]
    assert imported.damaged["text"].to_list()[0][:4] == [code(1), "甲", "多", "余"]


def test_lines_of_old_programs_are_lines(read):
    imported = read(f"统一社会信用代码,企业名称\r{code(1)},甲公司\r{code(2)},乙公司\r")
    assert [row["name"] for row in rows(imported)] == ["甲公司", "乙公司"]


def test_a_quote_that_never_closes_is_refused_with_its_line(read):
    text = "".join(f"{code(nr)},公司{nr}\n" for nr in range(1, 40))
    with pytest.raises(InputRefused) as refused:
        read(f'统一社会信用代码,企业名称\n{text}"{code(41)},丁公司\n{code(42)},戊公司\n')
    (finding,) = refused.value.findings
    assert (finding.code, finding.place.line) == ("import.open_quote", 41)


def test_a_row_in_another_encoding_stays_out_as_it_was(read):
    """Far behind the sample by which the encoding is told."""
    sound = "".join(f"{code(nr)},第{nr}公司{'长' * 40}\n" for nr in range(1, 3000)).encode()
    damaged = f"{code(3001)},钱塘公司\n".encode("gb18030")
    imported = read(f"统一社会信用代码,企业名称\n{code(3000)},甲公司\n".encode() + sound + damaged)
    assert (imported.rows, imported.kept_out, faults(imported)) == (3001, 1, [(3002, None, "garbled")])
    assert "不能识别的文字编码" in imported.damaged["reasons"].item()


def test_progress_is_told_from_beginning_to_end(read):
    told = []
    read(f"统一社会信用代码,企业名称\n{code(1)},甲\n", progress=lambda stage, share: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_two_columns_for_one_figure_are_refused(read):
    with pytest.raises(InputRefused, match="营收"):
        read(f"统一社会信用代码,企业名称,营业收入（元）,营收（元）\n{code(1)},甲,1,2\n")


def test_a_table_without_code_or_name_is_refused_with_what_is_missing(read):
    with pytest.raises(InputRefused, match="统一社会信用代码"):
        read("企业名称,从业人员\n甲,3\n")
    with pytest.raises(InputRefused, match="企业名称"):
        read(f"统一社会信用代码,从业人员\n{code(1)},3\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_that_offices_send(read, encoding):
    assert rows(read(f"统一社会信用代码,企业名称\n{code(1)},甲\n".encode(encoding)))[0]["name"] == "甲"


def test_xlsx_and_parquet_give_the_same_as_csv(read, tmp_path, city):
    head = ["统一社会信用代码", "企业名称", "营业收入（万元）", "成立日期", "细分市场占有率"]
    day = datetime.date(2019, 2, 8)
    lines = [[code(1), "甲", Decimal("12.5"), day, Decimal("3.5")], [code(2), "乙", None, None, None]]
    from_csv = rows(read("\n".join([",".join(head), *(",".join(str(c or "") for c in line) for line in lines)])))
    assert from_csv[0]["revenue_yuan"] == 125000.0
    file = io.BytesIO()
    kinds = [xlsx.Kind.TEXT, xlsx.Kind.TEXT, xlsx.Kind.NUMBER, xlsx.Kind.DAY, xlsx.Kind.NUMBER]
    page = xlsx.Page("企业", [xlsx.Column(title, kind) for title, kind in zip(head, kinds, strict=True)], lines)
    xlsx.write(file, [page], created=MORNING)
    assert rows(read(file.getvalue(), "firms.xlsx")) == from_csv
    figures = {"revenue_yuan": [125000.0, None], "founded_on": [day, None], "market_share_pct": [3.5, None]}
    frame = firms(uscc=[code(1), code(2)], name=["甲", "乙"], **figures)
    frame.sink_parquet(tmp_path / "firms.parquet")
    from_parquet = importing.read(tmp_path / "firms.parquet", city, figures_year=2022, workdir=tmp_path)
    assert rows(from_parquet) == from_csv


def test_of_160_000_cells_with_five_percent_damage_every_damaged_row_is_told_and_none_lost(read):
    """One row in twenty is damaged in one of six ways, at random places that the test wrote down."""
    chance = random.Random(5)
    lines, damaged, out = ["统一社会信用代码,企业名称,营业收入（万元）,从业人员,成立日期"], set(), set()
    for number in range(8_000):
        cells_ = [code(number), f"企业{number}", f"{number}.5", str(number % 900), "2019-02-08"]
        if chance.random() < 0.05:
            line = len(lines) + 1
            damaged.add(line)
            at, text = chance.choice([(0, "913299"), (0, ""), (2, "约3"), (3, "2.5"), (4, "去年"), (1, "")])
            cells_[at] = text
            if at == 0:
                out.add(line)
        lines.append(",".join(cells_))
    imported = read("\n".join(lines))
    assert set(imported.faults["line"]) == damaged == set(imported.damaged["line"])
    assert imported.rows == 8_000
    assert imported.kept_out == len(out)
    kept = imported.firms.collect()
    assert kept.height + imported.kept_out == imported.rows
    assert set(imported.damaged.filter(~pl.col("is_in"))["line"]) == out
    assert len([f for f in imported.findings if f.code.startswith(("import.cell", "uscc"))]) == 200
    assert imported.findings[-1].code == "import.more"


NUMBERS = st.one_of(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False).map(lambda d: f"{d:,}"),
    st.text(st.sampled_from("0123456789.,- 万亿元%约人-—"), min_size=1, max_size=8),
    st.sampled_from(
        ["1 234", "12 34", "1e3", ".5", "+7", "−7", "０１２", "1.2亿元", "3万", "5%", "¥5", "#DIV/0!", "N/A"]
    ),
)


@cache
def china():
    return packs.load("china")


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(NUMBERS, min_size=1, max_size=25))
def test_numbers_are_read_as_the_tables_room_reads_them(texts):
    """`tables.number` is the definition: the same values, the same refusals."""
    city = china()
    column = columns.columns(city)["net_profit_yuan"]
    reading = cells.reading(column, "t", "万元", city)
    frame = pl.LazyFrame({"t": texts}, schema={"t": pl.String})
    for step in reading.steps:
        frame = frame.with_columns(**step)
    got = frame.select(reading.value, reading.fault).collect().rows()
    for text, (value, fault) in zip(texts, got, strict=True):
        defined = tables.number(Cell(text, text.strip() or None, "A1", 1, 1), "万元")
        if defined.value is not None and abs(defined.value * 10000) >= Decimal(10) ** 13:
            continue  # the register's own limit
        if re.search("[万亿]{2,}", text.replace("万亿", "")):
            continue  # 万万 and 亿万 are no units here: such a cell is refused
        assert (fault is not None) == defined.is_refused, (text, value, fault, defined)
        if defined.value is None:
            assert value is None
        else:
            assert value == pytest.approx(float(defined.value * 10000), rel=1e-12, abs=1e-6)


def test_firms_come_in_by_code_so_that_one_is_found_without_reading_all(read):
    written = [code(number) for number in (7, 3, 9, 1)]
    imported = read("\n".join(["统一社会信用代码,企业名称", *(f"{each},企业" for each in written)]))
    assert [row["uscc"] for row in rows(imported)] == sorted(written)
