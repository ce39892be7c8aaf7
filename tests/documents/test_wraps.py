"""Short texts cut by page marks and narrow line wraps: what two or three lines show is mended, the rest stays apart."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.documents import Document, read
from jiqun.documents.lines import width
from jiqun.model.spans import Span


def text(content: str) -> Document:
    return read(content.encode(), "试文.txt")


def paragraphs(content: str) -> list[str]:
    document = text(content)
    return [block.span.of(document.reading) for block in document.blocks]


MARKS = [
    "第7页/共12页",
    "第 7 页 共 12 页",
    "7 / 12",
    "-7-",
    "— 7 —",
    "－7－",
    "第 7 页",
    "第七页",
    "Page 7",
    "·15·",
    "- 12 -",
    "— 7 —\n\n",
    "\f",
]


@pytest.mark.parametrize("mark", MARKS)
def test_one_page_mark_between_the_halves_of_a_sentence_leaves_it_whole(mark: str) -> None:
    assert paragraphs(f"到2027年，全市规上工业企业\n{mark}\n达到1900家。") == ["到2027年，全市规上工业企业达到1900家。"]


@pytest.mark.parametrize("mark", [mark for mark in MARKS if mark != "7 / 12"])
def test_a_page_mark_between_a_heading_and_its_text_joins_nothing(mark: str) -> None:
    assert paragraphs(f"某市产业提升方案\n主要目标\n{mark}\n到2027年，规上工业企业达到1900家。") == [
        "某市产业提升方案", "主要目标", "到2027年，规上工业企业达到1900家。",
    ]  # fmt: skip


def test_a_page_mark_between_number_and_unit_leaves_both_together() -> None:
    document = text("到2026年，建成高标准农田达到 55\n- 12 -\n万亩。")
    at = document.reading.index("55万亩")
    assert document.map.to_original(Span(at, at + 4)).of(document.original) == "55\n- 12 -\n万亩"


def test_a_hard_wrap_between_two_digits_joins_them_and_the_span_covers_the_break() -> None:
    document = text("到2027年，规上服务业营业收入突破12\n00亿元。")
    assert document.reading == "到2027年，规上服务业营业收入突破1200亿元。"
    at = document.reading.index("1200")
    assert document.map.to_original(Span(at, at + 4)).of(document.original) == "12\n00"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("全市规上服务业营业收入突破12", "00亿元。"),
        ("规上服务业营业收入突破1.", "25万亿元，增长6%。"),
        ("力争建成高标准农田 55", "万亩，粮食总产稳定在40万吨。"),
        ("全市研发经费投入强度达到3.2", "%，比上年提高0.1个百分点。"),
        ("规上工业企业研发机构覆盖率提高8", "个百分点。"),
        ("全市高新技术企业总数突破", "1200家。"),
        ("全市生物医药产业规模以上企业主营业务收", "入达到650亿元。"),
        ("全市规上工业企业总数", "达1900家。"),
        ("全市新增省级专精特新中小企业", "，培育单项冠军8家。"),
    ],
)  # fmt: skip
def test_two_lines_that_part_a_number_its_unit_or_its_verb_are_one(above: str, below: str) -> None:
    assert paragraphs(f"{above}\n{below}") == [above + below]
    assert paragraphs(f"一、主要目标\n{above}\n{below}")[1:] == [above + below]


WRAPPED = "到2028年，全市生物医药产业主营业务收\n入达到650亿元，培育国家级制造业单\n项冠军8家。"


def test_three_lines_of_even_width_are_a_paragraph() -> None:
    assert paragraphs(WRAPPED) == [WRAPPED.replace("\n", "")]
    plain = "坚持以产业链部署创新链，引导龙头企业\n牵头组建创新联合体，集中力量突破一批\n关键核心技术，加快成果转化。"
    assert paragraphs(f"加快创新发展\n{plain}\n健全工作机制\n{plain[::1]}") == [
        "加快创新发展", plain.replace("\n", ""), "健全工作机制", plain.replace("\n", ""),
    ]  # fmt: skip


def test_a_text_of_one_paragraph_set_in_is_whole() -> None:
    content = "　　营业收入稳步增长，健全跨部门工作\n协同推进机制。"
    assert paragraphs(content) == [re.sub(r"\s", "", content)]
    title = "　　　　某市产业发展情况\n工业经济平稳增长，企业效益稳步改善。"
    assert paragraphs(title) == [line.strip() for line in title.split("\n")]


def test_a_line_full_by_its_characters_goes_on_though_figures_make_it_narrow() -> None:
    paragraph = (
        "推动数字技术与实体经济深度融合，培育企业125家，建成5G基站12600座、算力中心36个，营收1250.5亿元，增长12.5%以"
        "上，提升产业链供应链韧性和安全水平，形成一批标杆示范项目和可推广的经验做法。"
    )
    assert paragraphs("\n".join(cut(paragraph, 46, by_characters=True))) == [paragraph]


def test_paragraphs_set_in_by_two_characters_end_where_the_next_is_set_in() -> None:
    content = (
        "某市服务业提升方案\n　　一、聚焦重点领域提升产业能级水平\n　　到2027年，全市服务业增加值达到12\n00亿元，新增总部企业30家。\n"
        "　　推动生产性服务业向专业化延伸，建\n成集聚区20个。\n　　二、保障"
    )
    assert paragraphs(content) == [
        "某市服务业提升方案", "一、聚焦重点领域提升产业能级水平", "到2027年，全市服务业增加值达到1200亿元，新增总部企业30家。",
        "推动生产性服务业向专业化延伸，建成集聚区20个。", "二、保障",
    ]  # fmt: skip


APART = {
    "names": "某市重点产业目录\n电子信息\n装备制造\n生物医药\n先进材料",
    "names_with_pauses": "某市重点产业目录\n电子信息、装备制造、生物医药、新能源\n先进材料、现代纺织、绿色食品、新能源\n数字经济、现代物流、文化旅游、新能源",
    "rows": "主要指标\n地区生产总值 5000\n工业增加值 2000\n服务业增加值 2600",
    "cells": "主要指标\n地区生产总值\n5000\n亿元\n企业数\n1200\n家",
    "list": "工作安排\n1.新建厂房12\n2.新建道路30公里\n3.新建仓库5座",
    "address": "联系方式\n地址：某市人民路100号2幢1203\n邮编：215000\n联系电话：65550123\n2024年3月5日",
    "signature": "特此通知，请各单位遵照执行，并于月底前报送落实情况。\n某市工业和信息化局\n某市财政局\n2024年3月5日",
    "signature_after_mark": "请各县区、各部门结合实际，认真抓好贯彻落实\n— 2 —\n某市人民政府\n2024年3月5日",
    "slogans": "产业集群建设推进情况\n推进产业创新集群建设走在前列\n推动制造业向高端化攀登迈进\n强化企业科技创新主体地位\n全市新增高新技术企业300家。",
    "years": "某市历年规划\n规划建设期到2025\n2026年起转入运营\n2030年全面建成",
    "headline": "2024年，某市工业再创佳绩\n全市规上工业增加值增长7.2%，高新技术产业产值突破5000亿元，新增专精特新企业320家，创历史新高。",
    "heading_as_wide": "聚焦三大领域，打造新高地\n1.产业规模\n12家企业上榜\n2.创新能力",
    "even_headings": "（一）起势阶段（2026—2027年）\n建成示范园区20个，培育运营商15家。\n（二）成势阶段（2028—2030年）\n建成示范园区80个，培育运营商40家。",
    "even_captions": "强化企业科技创新的主体地位\n新增高新技术企业三百余家。\n提升重点园区综合承载能力\n建成标准化厂房二十余万平。",
    "cells_reached": "指标\n企业数\n达到1200家\n投资\n达到35亿元",
    "news": "发布会现场\n超过100家企业参会。\n产业发展\n突破关键技术20项。",
    "three_headings": "某市规划\n第一章 总则\n第一节 发展基础与发展环境\n第二节 指导思想与基本原则\n第三节 发展目标与重点任务",
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_lines_of_their_own_stay_apart(name: str) -> None:
    lines = [line for line in APART[name].split("\n") if line != "— 2 —"]
    assert paragraphs(APART[name]) == lines


def test_a_running_head_at_the_pages_is_read_once() -> None:
    content = (
        "某市制造业提升行动方案\n到2027年，全市规上工业企业\n— 1 —\n某市制造业提升行动方案\n达到1900家，新增省级\n— 2 —\n"
        "某市制造业提升行动方案\n企业技术中心20家。"
    )
    assert paragraphs(content) == [
        "某市制造业提升行动方案",
        "到2027年，全市规上工业企业达到1900家，新增省级企业技术中心20家。",
    ]
    feeds = "某市制造业提升行动方案\n到2027年，全市规上工业企业\n1\n\f某市制造业提升行动方案\n达到1900家。\n2\n"
    assert paragraphs(feeds) == ["某市制造业提升行动方案", "到2027年，全市规上工业企业达到1900家。"]


def test_what_repeats_away_from_the_pages_or_ends_a_sentence_is_read() -> None:
    content = "责任分工\n市发展改革委负责。\n— 1 —\n市发展改革委负责。\n市工信局牵头推进。\n— 2 —\n市发展改革委负责。"
    assert paragraphs(content).count("市发展改革委负责。") == 3


def test_a_fraction_or_a_number_on_its_line_is_no_page_mark_without_an_open_sentence() -> None:
    assert "7 / 12" in paragraphs("各区完成情况\n甲区\n7 / 12\n乙区\n8 / 15")
    assert "15" in paragraphs("各区完成情况\n甲区\n15\n乙区\n17")


# -- for any text, at any width

_CLAUSES = ["全市规上工业企业达到1900家", "营业收入突破12500亿元", "研发经费投入强度提高到3.25%", "培育“链主”企业（含境外）35家", "推动数字技术与实体经济深度融合",
            "建成高标准农田达55.8万亩", "支持企业参与AI开源社区建设", "新增5G基站2万个", "提升产业链供应链韧性和安全水平", "健全跨部门协同推进机制"]  # fmt: skip
_SENTENCE = st.lists(st.sampled_from(_CLAUSES), min_size=1, max_size=6).map(lambda parts: "，".join(parts) + "。")
_PROSE = st.lists(_SENTENCE, min_size=1, max_size=3).map("".join)
_HEADINGS = st.sampled_from(
    ["主要目标", "一、总体要求", "（二）聚焦重点领域加快产业转型升级", "推进产业创新集群建设", "保障措施"]
)
_PAGE_MARKS = ["— {} —", "－{}－", "- {} -", "第 {} 页", "第{}页/共99页", "Page {}", "·{}·", "\f"]


def cut(paragraph: str, columns: int, by_characters: bool) -> list[str]:
    """The lines of a paragraph wrapped without regard to words, as wide as `columns` allows (a Chinese character: 2)."""
    lines = [""]
    for character in paragraph:
        size = 2 * len(lines[-1]) + 2 if by_characters else width(lines[-1] + character)
        if size > columns and lines[-1].strip():
            lines.append("")
        lines[-1] += character
    return lines


@st.composite
def _printed(draw: st.DrawFn) -> tuple[list[str], str]:
    """Paragraphs, and a page that prints them: each set in, or after a blank line; wrapped; marked every so many lines."""
    columns = 2 * draw(st.integers(18, 60))
    by_characters = draw(st.booleans())
    is_set_in = draw(st.booleans())
    every = draw(st.integers(2, 12))
    mark = draw(st.sampled_from(_PAGE_MARKS))
    parts = draw(st.lists(st.one_of(_PROSE, _PROSE, _HEADINGS), min_size=1, max_size=8, unique=True))
    written = ["某市产业提升行动方案", *parts]
    printed: list[str] = []
    count = page = 0
    for paragraph in written:
        lines = cut("　　" + paragraph if is_set_in else paragraph, columns, by_characters)
        for i, line in enumerate(lines):
            printed.append(line)
            count += 1
            if count % every == 0:
                page += 1
                printed += [mark.format(page)]
            if i == len(lines) - 1 and not is_set_in:
                printed.append("")
    return written, "\n".join(printed)


def squeezed(content: str) -> str:
    return re.sub(r"\s+", "", content)


@given(_printed())
@settings(max_examples=250, deadline=None)
def test_wraps_and_page_marks_change_no_character_and_no_marked_boundary(printed: tuple[list[str], str]) -> None:
    written, content = printed
    document = text(content)
    if any(finding.code == "body_doubled" for finding in document.findings):
        return
    assert squeezed(document.reading) == squeezed("".join(written))
    ends, at = set(), 0
    for line in document.reading.split("\n"):
        at += len(squeezed(line))
        ends.add(at)
    at = 0
    for paragraph in written:
        at += len(squeezed(paragraph))
        assert at in ends, paragraph
