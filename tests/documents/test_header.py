"""What a document says of itself, in the many forms offices and portals print it."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

from datetime import date

import pytest

from jiqun.documents import BlockKind, Document, Header, read


def header(*lines: str) -> Header:
    return document(*lines).header


def document(*lines: str) -> Document:
    return read("\n".join(lines).encode(), "试文.txt")


BODY = ("一、总体要求", "坚持创新驱动,到2027年形成5个特色产业集群。")


@pytest.mark.parametrize(
    "lines",
    [
        ("某市人民政府", "关于加快推进先进制造业", "集群发展的实施意见"),
        ("关于加快推进", "先进制造业集群发展的", "实施意见"),
        ("某市先进制造业集群发展计划", "(2024—2027 年)"),
        ("关于某市 2023 年产业发展计划执行情况与 2024", "年计划草案的报告"),
    ],
)
def test_a_title_broken_over_lines_is_one(lines: tuple[str, ...]) -> None:
    found = document(*lines, "", *BODY)
    assert found.header.title == "".join(lines)
    assert found.blocks[0].kind is BlockKind.TITLE
    assert found.reading.startswith("".join(lines) + "\n")


def test_what_a_site_prints_above_the_title_is_not_the_title() -> None:
    found = document("首 页 区县招商 产业园区 企业选址 优惠政策", "正文复制", "某市工业发展规划", "-----------", *BODY)
    assert found.header.title == "某市工业发展规划"
    assert found.reading.startswith("某市工业发展规划\n一、总体要求")


def test_a_red_head_and_number_stand_above_the_title() -> None:
    found = header("某市人民政府文件", "某政发〔2024〕3号", "某市人民政府关于促进产业集群发展的意见", *BODY)
    assert (found.title, found.number) == ("某市人民政府关于促进产业集群发展的意见", "某政发〔2024〕3号")
    assert found.issuer == "某市人民政府"


def test_a_title_in_brackets_is_named_without_them() -> None:
    found = header("《某省人民政府办公厅关于印发〈某省集群培育方案〉的通知》", "某政办发〔2024〕27号", "各市人民政府:",
                   "《某省集群培育方案》已经省政府同意,现印发给你们。", "2024年5月27日", "某省集群培育方案", *BODY)  # fmt: skip
    assert found.title == "某省集群培育方案"
    assert (found.issuer, found.issued_on) == ("某省人民政府办公厅", date(2024, 5, 27))


def test_the_years_below_a_passed_on_title_belong_to_it() -> None:
    name = "某市低空经济发展行动方案（2025—2027年）"
    found = header(f"某市人民政府办公室关于印发{name}的通知", "各区人民政府：", f"《{name}》已经会议通过，现印发给你们。", "某市人民政府办公室",
                   "2025年3月12日", "某市低空经济发展行动方案", "（2025—2027年）", *BODY)  # fmt: skip
    assert (found.title, found.issued_on) == (name, date(2025, 3, 12))


def test_several_documents_passed_on_by_one_notice_are_told_apart() -> None:
    found = document(
        "各区人民政府:", "《某市推动产业发展方案》《某市产业扶持措施》已经市政府研究通过,现印发给你们。", "2020年11月17日",
        "某市推动产业发展方案", *BODY, "某市产业扶持措施", "一、支持企业创新", "对新认定企业给予支持。",
    )  # fmt: skip
    assert found.header.title == "某市推动产业发展方案"
    titles = [b.span.of(found.reading) for b in found.blocks if b.kind is BlockKind.TITLE]
    assert titles == ["某市推动产业发展方案", "某市产业扶持措施"]
    assert [(s.path, s.parent) for s in found.outline] == [("一", None), ("一", None)]
    assert "扶持措施" not in found.outline[0].span.of(found.reading)


def test_several_bodies_sign_together() -> None:
    found = header(
        "某市科技局 某市发改委关于促进创新的通知",
        "各区:",
        "请认真执行。",
        "某市科学技术局",
        "某市发展和改革委员会",
        "二○二一年七月三十日",
    )
    assert (found.issuer, found.issued_on) == ("某市科学技术局、某市发展和改革委员会", date(2021, 7, 30))


def test_a_signature_and_its_day_may_share_a_line() -> None:
    found = header("某市产业提升方案", *BODY, "某市人民政府办公室  2023年6月1日")
    assert (found.issuer, found.issued_on) == ("某市人民政府办公室", date(2023, 6, 1))


def test_the_issuer_is_taken_from_the_title_where_nothing_else_names_it() -> None:
    assert header("某市人民政府关于建设制造强市的实施意见", *BODY).issuer == "某市人民政府"


def test_a_date_inside_the_text_is_no_day_of_issue() -> None:
    assert header("某市产业提升方案", "一、目标", "自2023年5月1日起施行,到2027年完成。").issued_on is None


def test_an_impossible_date_is_no_date() -> None:
    assert header("某市产业提升方案", *BODY, "某市人民政府", "2023年13月45日").issued_on is None


def test_a_document_without_a_head_has_an_empty_header() -> None:
    assert header("为加快培育产业集群,促进高质量发展,现提出以下意见。", *BODY) == Header()


def test_a_source_line_gives_day_and_source() -> None:
    found = document(
        "某市集群建设再提速",
        "来源:某市发布 2024-01-09 08:30 浏览次数:120",
        "今年以来,全市新增企业300家。",
        "责任编辑:某某",
    )
    assert (found.header.issuer, found.header.issued_on) == ("某市发布", date(2024, 1, 9))
    assert found.reading == "某市集群建设再提速\n今年以来,全市新增企业300家。"


def test_pairs_of_facts_on_one_line_are_read() -> None:
    found = header(
        "索引号：A-1/2023-5　　发布机构：某市工信局",
        "发布日期：2023-03-02　　文号：某工信〔2023〕2号",
        "某市培育计划",
        *BODY,
    )
    assert found == Header(
        "某市培育计划", "某工信〔2023〕2号", "某市工信局", date(2023, 3, 2), "A-1/2023-5", published_on=date(2023, 3, 2)
    )
