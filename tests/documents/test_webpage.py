"""Web pages and Markdown: the article is kept, the page around it and the markup are not."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

from datetime import date

import pytest

from jiqun.documents import BlockKind, Document, read
from jiqun.model.spans import Span

PAGE = """<!DOCTYPE html>
<html><head><meta charset="{charset}"><meta name="ArticleTitle" content="某市产业集群培育方案">
<meta name="PubDate" content="2024-03-06 10:20"><title>某市产业集群培育方案_某市人民政府</title>
<style>p {{ color: red }}</style><script>var hidden = "不是正文";</script></head>
<body>
<div class="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li></ul></div>
<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zc">政策文件</a></div>
<div class="wrap">
 <h1>某市产业集群培育方案</h1>
 <table class="xx"><tr><td>索 引 号：</td><td>K123/2024-5</td><td>发布机构：</td><td>某市工业和信息化局</td></tr>
 <tr><td>文　　号：</td><td>某工信〔2024〕3号</td><td>成文日期：</td><td>2024年3月1日</td></tr></table>
 <div class="info">来源：市工信局　发布时间：2024-03-06</div>
 <div class="content" id="zoom">
  <p>　　为加快培育产业集群，促进高质量发展，制定本方案。</p>
  <p><b>一、主要目标</b></p>
  <p>到2026年，全市高新技术企业达到3000家，<br>占全省比重达12%，工业增加值突破
900亿元。</p>
  <table border="1"><caption>主要指标</caption>
   <tr><th rowspan="2">指标</th><th colspan="2">目标值</th></tr><tr><th>2025年</th><th>2026年</th></tr>
   <tr><td>企业数（家）</td><td>2500</td><td>3000</td></tr></table>
  <p>二、重点任务</p>
  <ol><li>建设创新平台。到2026年新增研发机构50家。</li><li>培育龙头企业。推动企业做大做强。</li></ol>
  <p style="display:none">隐藏的文字不属于正文。</p>
  <p>附件：<a href="a.pdf">任务分解表.pdf</a></p>
 </div>
 <div class="share">分享到：微信 微博</div>
 <p><a href="/2">另一篇关于推动服务业发展的文章标题</a></p>
</div>
<div class="related"><h3>相关文章</h3><ul><li><a href="/3">关于促进外贸稳定增长的若干措施</a></li></ul></div>
<div class="footer">版权所有 某市人民政府办公室 网站标识码：123456</div>
</body></html>"""


@pytest.fixture(params=["utf-8", "gb2312"])
def page(request: pytest.FixtureRequest) -> Document:
    charset = request.param
    return read(PAGE.format(charset=charset).encode("gb18030" if charset == "gb2312" else charset), "方案.html")


def test_only_the_article_is_read(page: Document) -> None:
    assert page.reading == (
        "某市产业集群培育方案\n为加快培育产业集群，促进高质量发展，制定本方案。\n一、主要目标\n"
        "到2026年，全市高新技术企业达到3000家，占全省比重达12%，工业增加值突破 900亿元。\n"
        "指标\t目标值\n2025年\t2026年\n企业数（家）\t2500\t3000\n二、重点任务\n"
        "1.建设创新平台。到2026年新增研发机构50家。\n2.培育龙头企业。推动企业做大做强。\n附件：任务分解表.pdf"
    )


def test_the_original_is_all_that_the_page_shows(page: Document) -> None:
    for shown in ("政务公开", "分享到", "网站标识码", "关于促进外贸稳定增长的若干措施", "索 引 号"):
        assert shown in page.original
    for unseen in ("不是正文", "color", "隐藏的文字", "<p>"):
        assert unseen not in page.original


def test_the_portal_table_gives_the_header(page: Document) -> None:
    header = page.header
    assert (header.title, header.index_number) == ("某市产业集群培育方案", "K123/2024-5")
    assert (header.issuer, header.number) == ("某市工业和信息化局", "某工信〔2024〕3号")
    assert header.issued_on == date(2024, 3, 1)


def test_the_table_of_a_page_keeps_its_merged_cells(page: Document) -> None:
    (table,) = page.tables
    assert (table.rows, table.columns, table.caption) == (3, 3, "主要指标")
    cells = {(c.row, c.column): (c.text, c.row_span, c.column_span) for c in table.cells}
    assert cells[0, 0] == ("指标", 2, 1) and cells[0, 1] == ("目标值", 1, 2)
    assert cells[1, 1] == ("2025年", 1, 1) and cells[2, 2] == ("3000", 1, 1)


def test_a_broken_sentence_of_a_page_maps_back(page: Document) -> None:
    at = page.reading.index("3000家，占全省")
    there = page.map.to_original(Span(at, at + len("3000家，占全省")))
    assert there.of(page.original) == "3000家，\n占全省"


def test_a_page_of_short_paragraphs_is_read_whole() -> None:
    lines = [
        "近年来，",
        "全市坚持创新驱动，",
        "高新技术企业达到",
        "1.35万家，",
        "居全省第二。",
        "上半年，",
        "产值增长",
        "4.1%；",
        "投资增长6%。",
    ]
    document = read(
        ("<html><body><h1>半年通报</h1>" + "".join(f"<p>{x}</p>" for x in lines) + "</body></html>").encode()
    )
    assert "近年来，全市坚持创新驱动，高新技术企业达到1.35万家，居全省第二。" in document.reading
    assert "上半年，产值增长4.1%；投资增长6%。" in document.reading


def test_a_layout_table_is_walked_like_any_block() -> None:
    cell = "到2027年，全市企业达到300家，形成特色集群，培育领军企业。" * 30
    document = read(
        f"<html><body><table><tr><td>栏目导航</td><td><p>{cell}</p></td></tr></table></body></html>".encode()
    )
    assert document.tables == () and cell in document.reading


def test_a_page_that_is_one_table_keeps_it() -> None:
    rows = "".join(f"<tr><td>第{i}项指标</td><td>{i * 10}亿元</td></tr>" for i in range(1, 60))
    (table,) = read(f"<html><body><table>{rows}</table></body></html>".encode()).tables
    assert (table.rows, table.columns) == (59, 2)


def test_a_page_without_text_is_refused_as_empty() -> None:
    from jiqun.model.errors import InputRefused

    with pytest.raises(InputRefused) as refused:
        read(b"<html><body><script>x</script></body></html>", "a.html")
    assert refused.value.findings[0].code == "empty"


def test_deeply_nested_markup_is_no_harm() -> None:
    document = read(("<html><body>" + "<div>" * 5000 + "到2027年达到300家。" + "</div>" * 5000).encode(), "a.html")
    assert "300家" in document.original or document.reading


MARKDOWN = """\
---
layout: page
---
# 某市产业集群培育方案

为加快培育**产业集群**，制定本方案，详见[说明](http://a.example/x)。

## 一、主要目标

到2027年，全市企业达到 *300* 家。

| 指标 | 2025年 | 2027年 |
| --- | ---: | ---: |
| 企业数 | 200 | **300** |
| 产值 |  | 500 |

## 二、重点任务

### （一）创新

1. 建设平台。新增20家。
2. 培育企业。新增30家。

- 市工信局牵头
- 市科技局配合

<!-- 内部说明 -->
![图](a.png)
"""


def test_markdown_loses_its_marks_and_keeps_its_places() -> None:
    document = read(MARKDOWN.encode(), "方案.md")
    assert document.original == MARKDOWN
    assert document.media_type == "text/markdown"
    assert document.reading == (
        "某市产业集群培育方案\n为加快培育产业集群，制定本方案，详见说明。\n一、主要目标\n到2027年，全市企业达到 300 家。\n"
        "指标\t2025年\t2027年\n企业数\t200\t300\n产值\t\t500\n二、重点任务\n（一）创新\n1. 建设平台。新增20家。\n"
        "2. 培育企业。新增30家。\n市工信局牵头\n市科技局配合"
    )
    assert [s.path for s in document.outline] == ["一", "二", "二/(一)", "二/(一)/1", "二/(一)/2"]
    assert document.header.title == "某市产业集群培育方案"
    cells = {(c.row, c.column): c for c in document.tables[0].cells}
    assert cells[1, 2].text == "300" and cells[2, 1].span is None
    assert document.blocks[0].kind is BlockKind.TITLE
    for run in document.map.runs:
        kept = document.reading[run.reading : run.reading + run.length]
        assert kept == MARKDOWN[run.original : run.original + run.length]
