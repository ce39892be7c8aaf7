"""Fixed-layout files: lines, tables, page numbers and damage, as on the pages of a PDF."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import pytest

from jiqun.documents import Document, read
from jiqun.model.errors import InputRefused
from jiqun.model.spans import Span
from tests.documents.fixed import SPACE, ofd, table, text

BODY = [
    "某市先进制造业集群培育方案",
    "一、主要目标",
    "　　到2027年，全市规上工业增加值突破一千亿元，培育专精特新企",
    "业二百家以上，研发投入强度达到百分之四，形成十个有影响力的集",
    "群。",
]


@pytest.fixture
def plan() -> Document:
    lines = [
        text(55, 30, BODY[0]),
        *(text(20, 45 + 9 * n, line.replace("　", " " * 2)) for n, line in enumerate(BODY[1:])),
    ]
    first = "".join(lines) + text(100, 285, "— 1 —")
    second = (
        text(20, 30, "二、重点任务")
        + table(20, 45, [["指标", "单位", "目标"], ["工业产值", "亿元", "5000"]])
        + text(100, 285, "— 2 —")
    )
    return read(ofd(first, second, title="培育方案"), "方案.ofd")


def test_lines_become_paragraphs_and_page_numbers_go(plan: Document) -> None:
    assert plan.media_type == "application/ofd"
    assert plan.reading.split("\n")[:4] == [
        BODY[0], "一、主要目标",
        "到2027年，全市规上工业增加值突破一千亿元，培育专精特新企业二百家以上，研发投入强度达到百分之四，形成十个有影响力的集群。",
        "二、重点任务",
    ]  # fmt: skip
    assert "— 1 —" in plan.original and "—" not in plan.reading
    assert plan.findings == ()
    assert plan.header.title == BODY[0]


def test_a_word_broken_over_lines_maps_back(plan: Document) -> None:
    at = plan.reading.index("专精特新企业二百家")
    assert plan.map.to_original(Span(at, at + 9)).of(plan.original) == "专精特新企\n业二百家"


def test_ruled_lines_are_a_table(plan: Document) -> None:
    (found,) = plan.tables
    assert (found.rows, found.columns) == (2, 3)
    assert [cell.text for cell in found.cells] == ["指标", "单位", "目标", "工业产值", "亿元", "5000"]


def test_letters_stand_where_matrix_and_boundary_put_them() -> None:
    # as printers write it: points times 0.3528, one object a letter, the corner of the boundary taken away again
    letters = "".join(
        f'<ofd:TextObject ID="1" CTM="0.3528 0 0 0.3528 {-20 - 5 * n} -40" Boundary="{20 + 5 * n} 40 5 5" Size="14.2" Font="1">'
        f'<ofd:TextCode X="{(20 + 5 * n) / 0.3528:.3f}" Y="{44 / 0.3528:.3f}">{letter}</ofd:TextCode></ofd:TextObject>'
        for n, letter in enumerate("到2027年企业达到90家")
    )
    assert read(ofd(letters)).reading == "到2027年企业达到90家"


def test_unseen_text_is_not_read_and_entities_of_xml_are_letters() -> None:
    page = text(20, 40, "研发费用<50%的企业") + text(20, 60, "看不见的字", extra='Visible="false"')
    assert read(ofd(page)).reading == "研发费用<50%的企业"


def test_a_template_is_printed_under_its_page() -> None:
    document = (
        f"<ofd:Document {SPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:TemplatePage ID='7' BaseLoc='/Doc_0/Tpls/T.xml'/></ofd:CommonData>"
        "<ofd:Pages><ofd:Page ID='1' BaseLoc='Pages/Page_0/Content.xml'/></ofd:Pages></ofd:Document>"
    )
    template = f"<ofd:Page {SPACE}><ofd:Content><ofd:Layer ID='1'>{text(20, 40, '某市统计表')}</ofd:Layer></ofd:Content></ofd:Page>"
    page = (
        f"<ofd:Page {SPACE}><ofd:Template TemplateID='7'/><ofd:Content><ofd:Layer ID='2'>{text(20, 60, '企业数为九十家。')}</ofd:Layer>"
        "</ofd:Content></ofd:Page>"
    )
    parts = {"Doc_0/Document.xml": document, "Doc_0/Tpls/T.xml": template, "Doc_0/Pages/Page_0/Content.xml": page}
    assert read(ofd("", parts=parts)).reading == "某市统计表\n企业数为九十家。"


PICTURE = '<ofd:ImageObject ID="3" Boundary="0 0 210 297" ResourceID="4"/>'
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><ofd:Page xmlns:ofd="x">&a;</ofd:Page>'
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ofd(PICTURE, PICTURE), "scanned"),
        (ofd(""), "empty"),
        (ofd(), "damaged"),
        (ofd("", parts={PAGE: b"<ofd:Page"}), "damaged"),
        (ofd("", parts={PAGE: ENTITIES}), "xml_entities"),
        (ofd("", parts={PAGE: b" " * (70 << 20)}), "zip_bomb"),
        (ofd("", parts={"Doc_0/Document.xml": f"<ofd:Document {SPACE}><ofd:Pages><ofd:Page ID='1' BaseLoc='../../../etc/passwd'/></ofd:Pages></ofd:Document>"}), "damaged"),
        (ofd("", parts={"Encryptions.xml": "<x/>"}), "encrypted"),
        (ofd("甲")[:400], "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(content, "坏.ofd")
    assert [finding.code for finding in refused.value.findings] == [code]


def test_a_run_of_distances_is_no_bigger_than_its_text() -> None:
    huge = '<ofd:TextObject ID="1" Boundary="20 40 100 5" Size="5"><ofd:TextCode X="0" Y="4" DeltaX="g 999999999 5">达到九十家</ofd:TextCode></ofd:TextObject>'
    assert read(ofd(huge)).reading == "达到九十家"
