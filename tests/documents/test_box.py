"""The box of facts above a document, in the many layouts of portals; and what it says of the document's validity."""

from __future__ import annotations

from datetime import date

import pytest

from jiqun.documents import Document, read
from jiqun.model.findings import Severity

TITLE = "某市产业集群培育方案"
FACTS = [
    ("索 引 号", "K123/2024-5"),
    ("发布机构", "某市工业和信息化局"),
    ("文　　号", "某工信〔2024〕3号"),
    ("成文日期", "2024年3月1日"),
    ("发布日期", "2024-03-06"),
    ("主题分类", "工业、交通"),
    ("有 效 性", "有效"),
    ("标　　题", TITLE),
]
PAIRS = list(zip(FACTS[::2], FACTS[1::2], strict=True))
ARTICLE = (
    '<div class="article" id="zoom"><p>各区人民政府：</p><p>为加快培育产业集群，促进高质量发展，制定本方案。</p>'
    "<p>一、主要目标</p><p>到2026年，全市高新技术企业达到3000家，工业增加值突破900亿元。</p><p>二、重点任务</p>"
    "<p>建设创新平台，培育龙头企业，推动企业做大做强，形成良好生态。</p></div>"
)


def each(form: str) -> str:
    return "".join(form.format(a, b) for a, b in FACTS)


def two(form: str) -> str:
    return "".join(form.format(a, b, c, d) for (a, b), (c, d) in PAIRS)


LAYOUTS = {
    "a table of two columns": f"<table>{each('<tr><td>{}：</td><td>{}</td></tr>')}</table>",
    "two columns of pairs": f"<table>{two('<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>')}</table>",
    "pairs inside cells": f"<table>{two('<tr><td><b>{}:</b>{}</td><td><b>{}:</b>{}</td></tr>')}</table>",
    "labels above values": "<table><tr>"
    + "".join(f"<th>{a}</th>" for a, _ in FACTS)
    + "</tr><tr>"
    + "".join(f"<td>{b}</td>" for _, b in FACTS)
    + "</tr></table>",
    "cells left empty": f"<table>{each('<tr><td>{}：</td><td>{}</td><td>废止日期：</td><td></td></tr>')}</table>",
    "a list": f"<ul>{each('<li><span>{}：</span><em>{}</em></li>')}</ul>",
    "a list of labels and values": f"<ul>{each('<li>{}</li><li>{}</li>')}</ul>",
    "terms and definitions": f"<dl>{each('<dt>{}</dt><dd>{}</dd>')}</dl>",
    "terms with colons": f"<dl>{each('<dt>{}：</dt><dd>{}</dd>')}</dl>",
    "divisions": each("<div><div>{}</div><div>{}</div></div>"),
    "divisions with colons": each("<div><div>{}：</div><div>{}</div></div>"),
    "one line": f"<div>{each('<span>{}：{}</span> ')}</div>",
    "lines of two": two("<p>{}：{}&nbsp;&nbsp;&nbsp;&nbsp;{}：{}</p>"),
    "brackets": f"<p>{each('【{}】{}<br>')}</p>",
    "square brackets": each("<p>[{}] {}</p>"),
}


def page(box: str, head: str = "") -> Document:
    title = f"{TITLE}-某市人民政府门户网站"
    return read(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><div>{box}{ARTICLE}</div></body></html>".encode()
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("where", ["{box}<h1>某市产业集群<br>培育方案</h1>", "<h1>某市产业集群<br>培育方案</h1>{box}"])
def test_the_box_is_read_in_any_layout_and_leaves_the_text(layout: str, where: str) -> None:
    document = page(where.format(box=LAYOUTS[layout]))
    header = document.header
    assert (header.title, header.index_number, header.number) == (TITLE, "K123/2024-5", "某工信〔2024〕3号")
    assert (header.issuer, header.validity) == ("某市工业和信息化局", "有效")
    assert (header.issued_on, header.published_on) == (date(2024, 3, 1), date(2024, 3, 6))
    assert document.reading.startswith(f"{TITLE}\n各区人民政府：\n为加快")
    assert document.findings == ()


def test_a_label_left_empty_does_not_take_the_line_below() -> None:
    box = "索 引 号:K123/2024-5\n发布机构:某市工业和信息化局\n主 题 词:\n \n时    效:\n\n"
    document = read(f"{box}{TITLE}\n一、目标\n企业达到30家。".encode())
    assert (document.header.title, document.header.validity) == (TITLE, None)


def test_the_page_says_what_its_box_does_not() -> None:
    head = (
        f'<meta name="SiteName" content="某市人民政府"><meta name="ArticleTitle" content="{TITLE}">'
        '<meta name="PubDate" content="2024-03-06 10:20"><meta name="ContentSource" content="市工信局">'
    )
    document = page(f'<h2 class="title">{TITLE}</h2>', head)
    header = document.header
    assert (header.title, header.issuer, header.published_on) == (TITLE, "市工信局", date(2024, 3, 6))
    assert document.reading.startswith(f"{TITLE}\n各区人民政府：")


@pytest.mark.parametrize(
    ("said", "is_told"),
    [("失效", True), ("已废止", True), ("宣布失效", True), ("否", True), ("有效", False), ("现行有效", False),
     ("部分失效", False), ("尚未废止", False), ("是", False)],
)  # fmt: skip
def test_a_document_no_longer_in_force_is_told(said: str, is_told: bool) -> None:
    document = page(f"<table><tr><td>索引号</td><td>K1</td></tr><tr><td>有效性</td><td>{said}</td></tr></table>")
    assert document.header.validity == said
    told = [(f.code, f.severity) for f in document.findings]
    assert told == ([("no_longer_in_force", Severity.WARNING)] if is_told else [])
    assert not is_told or f"“{said}”" in document.findings[0].message
