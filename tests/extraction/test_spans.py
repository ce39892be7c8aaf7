"""Law 1: the quote is the text. Spans in the original read as their quotes, through line ends and page marks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import as_record, extract
from jiqun.model.numerals import fold

SENTENCES = [
    "到2027年，全市软件业务收入达到1.8万亿元，利润总额600亿元。",
    "截至2024年底，全市国家级孵化器32家、众创空间76家，均居全省第二。",
    "培育20个产业集群品牌培育基地和3—5家链主企业，每年新增上市公司１２家。",
    "研发投入强度由2.8%提高到3.4%，约占全国的1/8。",
    "（责任单位：市科技局、市发改委，各市、区人民政府）",
    "打造2个两千亿级、3个千亿级先进制造业集群，总规模达150亿元的人才基金成功落户。",
    "为深入贯彻有关会议精神，结合实际，制定本方案。",
]
PAGE_MARK = re.compile(r"\n—\s?\d+\s?—\n")


@pytest.fixture(scope="module")
def china():
    return packs.load("china")


def squeeze(text: str) -> str:
    return re.sub(r"[\s\ufeff]+", "", text)


def check(document, claims) -> None:
    for claim in claims:
        stretch = document.original[claim.span.start : claim.span.end]
        assert squeeze(PAGE_MARK.sub("", stretch)) == squeeze(claim.quote)
        assert len(claim.quote) <= 60
        assert claim.span.contains(claim.number_span)
        assert "\n" not in claim.quote
        record = as_record(claim, document)
        assert document.original[record["start"] : record["end"]] == stretch


@st.composite
def damaged(draw) -> str:
    """Sentences broken into lines of any length, with a page mark now and then, as a printed page is copied."""
    text = "".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6)))
    width = draw(st.integers(min_value=12, max_value=40))
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    page = draw(st.integers(min_value=2, max_value=6))
    out = ["推进产业发展三年行动方案"]
    for at, line in enumerate(lines):
        out.append(line)
        if at % page == page - 1:
            out.append(f"— {at // page + 1} —")
    return draw(st.sampled_from(["", "\ufeff"])) + draw(st.sampled_from(["\n", "\r\n"])).join(out)


@settings(max_examples=60, deadline=None)
@given(text=damaged())
def test_every_quote_is_the_text_behind_its_span(text):
    document = read(text.encode(), "case.txt")
    extraction = extract(document, packs.load("china"))
    for claim in extraction.claims:
        stretch = document.original[claim.span.start : claim.span.end]
        kept = re.sub(r"[\r\n]+—\s?\d+\s?—[\r\n]+", "", stretch)
        assert squeeze(kept) == squeeze(claim.quote)
        assert claim.span.contains(claim.number_span)
        assert len(claim.quote) <= 60


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(
        alphabet="0123456789一二十百万亿千.,，。；、%家个元年到达超约第（）“”《》—~/ \n产值增长企业全市", max_size=200
    )
)
def test_no_text_breaks_extraction(text):
    document = read(("方案\n" + text + "。").encode(), "case.txt")
    check(document, extract(document, packs.load("china")).claims)


def test_the_number_span_is_the_number(china):
    document = read("到2027年，全市软件业务收入达到 1.8 万亿元。".encode(), "case.txt")
    (claim,) = extract(document, china).claims
    assert claim.number_span.of(document.original) == "1.8 万亿元"
    assert claim.quote == "全市软件业务收入达到 1.8 万亿元"


def test_a_quote_stops_at_a_page_mark(china):
    text = "实施方案\n到2027年，全市规模以上工业企业实现主营业务收入达到\n— 4 —\n520亿元左右，上市公司达到80家。\n"
    document = read(text.encode(), "case.txt")
    first = extract(document, china).claims[0]
    assert first.quote == "520亿元左右"
    assert first.indicator == "规模以上工业企业主营业务收入"


def test_a_quote_is_never_longer_than_sixty_characters(china):
    noun = "、".join(
        ["新能源汽车", "集成电路", "生物医药", "人工智能", "高端装备", "新型显示", "先进材料", "智能终端", "绿色低碳"]
    )
    document = read(f"到2027年，建成20个面向{noun}等领域的应用场景。".encode(), "case.txt")
    (claim,) = extract(document, china).claims
    assert len(claim.quote) == 60
    assert claim.quote.startswith("建成20个面向")
    assert claim.indicator.endswith("等领域的应用场景")


def test_the_real_documents_keep_the_law(reference_dir):
    suzhou = packs.load("suzhou")
    for path in sorted((reference_dir / "documents").iterdir()):
        document = read(path)
        claims = extract(document, suzhou).claims
        assert claims
        for claim in claims:
            assert squeeze(claim.quote) in squeeze(document.original)
            assert fold(claim.number_span.of(document.original)).strip()


def test_a_fraction_does_not_begin_inside_a_number_with_commas(china) -> None:
    document = read("到2027年，全市企业达到11,000/200家，1/3的企业上市。".encode(), "a.txt")
    claims = extract(document, china).claims
    check(document, claims)
    assert "000/200" not in [document.original[c.number_span.start : c.number_span.end] for c in claims]
