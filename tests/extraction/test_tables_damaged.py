"""Tables of any damage break nothing, and what they yield keeps the laws; layout gives no claims."""

# ruff: noqa: E501 -- rows of tables are long

from __future__ import annotations

import io
import re
import time

import pytest
from docx import Document as WordDocument
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract

CELLS = st.sampled_from([
    "指标", "单位", "2020年", "2025年目标", "属性", "序号", "任务", "责任单位", "完成时限", "年均/累计", "区域", "亿元", "%", "家",
    "一、经济发展", "1", "2", "孵化器（家）", "其中：占比", "东湖区", "合计", "市科技局、市工信局", "≥3.5", "[14]", "（300）", "10—15",
    "—", "", "1,200", "-2.5", "达到75%左右", "第3", "前十", "新增50家，累计300家", "2025", "2024—2026", "年底前", "（1）", "*", "①",
    "1 2", "万", "1.2万", "十二", "[", "]", "()", "单位：亿元", "注：[ ]为累计数", "<br>", "到2025年，产值达到500亿元。", "约", "≥",
])  # fmt: skip
CHINA = packs.load("china")
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=2, max_size=8)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def check(document) -> None:
    found = extract(document, CHINA)
    for claim in found.claims:
        assert squeeze(claim.span.of(document.original)) == squeeze(claim.quote)
        assert len(claim.quote) <= 60 and claim.span.contains(claim.number_span)
        assert re.search(r"[\d一二两三四五六七八九十百千万亿半]", claim.number_span.of(document.original))
        assert claim.indicator
    for task in found.tasks:
        assert task.title is not None and task.span.of(document.original).strip()


@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_any_markdown_table_is_read_or_left(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    rule = "| " + " | ".join("---" for _ in rows[0]) + " |"
    text = "\n".join(["# 云岭市规划（2021—2025年）", "", lines[0], rule, *lines[1:], ""])
    check(read(text.encode(), "a.md"))


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, data=st.data())
def test_any_page_s_table_is_read_or_left(rows, data):
    spans = st.sampled_from(["", ' colspan="2"', ' rowspan="2"', ' rowspan="99"', ' colspan="0"', ' rowspan="x"'])
    body = "".join("<tr>" + "".join(f"<td{data.draw(spans)}>{c}</td>" for c in row) + "</tr>" for row in rows)
    page = f"<html><body><h1>云岭市规划（2021—2025年）</h1><p>各项指标如下，请认真落实。</p><table>{body}</table></body></html>"
    check(read(page.encode(), "a.html"))


@pytest.mark.parametrize(
    "cell",
    ["[" * 20_000, "年均增长" * 5_000, "达到" * 10_000 + "5", "1" * 20_000, "1-" * 10_000, "、".join("1家" for _ in range(5_000)),
     "(累计)" * 5_000 + "1", "各县（市、区）政府、" * 3_000, "一、" * 9_000],
)  # fmt: skip
def test_no_cell_makes_a_pattern_run_away(cell):
    rows = f"| 指标 | 任务 | 单位 | 2025年 | 责任单位 | 时限 |\n| --- | --- | --- | --- | --- | --- |\n|{f' {cell} |' * 6}\n"
    document = read(f"# 云岭市规划\n\n{rows}".encode(), "a.md")
    began = time.process_time()
    extract(document, CHINA)
    assert time.process_time() - began < 20


LETTERHEAD = """<html><body><table width="100%"><tr><td><img src="logo.png"></td><td>云岭市人民政府</td></tr></table>
<table><tr><td>首页</td><td>政务公开</td><td>2025</td></tr><tr><td>通知公告</td><td>12345热线</td><td>88</td></tr></table>
<h1>关于开展检查的通知</h1><div id="zoom"><p>为做好有关工作，现将检查安排通知如下，请各单位认真组织实施。</p>
<table><tr><td>联系人</td><td>张三</td></tr><tr><td>电话</td><td>6521-8888</td></tr></table></div>
<table class="footer"><tr><td>版权所有</td><td>备案号 20250001</td></tr><tr><td>访问量</td><td>99999</td></tr></table></body></html>"""


def test_tables_of_a_portal_and_a_letterhead_give_nothing():
    found = extract(read(LETTERHEAD.encode(), "a.html"), CHINA)
    assert found.claims == ()


def test_a_word_letterhead_in_a_table_gives_nothing():
    file = WordDocument()
    head = file.add_table(2, 2)
    for r, row in enumerate([("云岭市人民政府文件", ""), ("云政发〔2025〕3号", "签发人：李四")]):
        for c, text in enumerate(row):
            head.cell(r, c).text = text
    file.add_paragraph("关于开展检查的通知")
    out = io.BytesIO()
    file.save(out)
    assert extract(read(out.getvalue(), "a.docx"), CHINA).claims == ()
