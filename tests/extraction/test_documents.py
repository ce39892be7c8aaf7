"""What whole documents say of their claims: kinds, deadlines from around, bodies, work items, links."""

from __future__ import annotations

import time

import pytest

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract, task_record

PLAN = """云岭市人民政府办公室关于印发云岭市低空经济发展行动方案（2025—2027年）的通知
云政办发〔2025〕16号
各县（市、区）人民政府，市政府各部门：
《云岭市低空经济发展行动方案（2025—2027年）》已经市政府第42次常务会议通过，现印发给你们，请认真贯彻执行。
云岭市人民政府办公室
2025年3月12日
云岭市低空经济发展行动方案
（2025—2027年）
一、总体要求
（一）指导思想。坚持创新引领、安全有序。
（二）发展目标。到2027年，全市低空经济规模达到500亿元，2024年全市低空经济规模为210亿元。
——主体更强。集聚链上企业300家以上。
二、主要任务
（一）强化基础设施建设
1.完善起降设施。2025年底前，建成起降点80个；到2027年，建成起降点200个。（责任单位：市交通运输局、市发展改革委，各县〈市、区〉人民政府等）
2.建设数字底座。建设3个区级分中心。（牵头单位：市工业和信息化局；配合单位：市大数据局、通信集团云岭分公司）
（二）做强产业集群
3.招引重点企业。每年引进项目15个以上。
做优配套，本地配套率由42%提高到60%。
（市商务局、市投资促进局按职责分工负责）
三、保障措施
（一）加强组织领导。每季度召开1次会议。
（二）加大资金支持。设立总规模20亿元的产业基金。责任单位：市财政局、市国资委。
"""

REPORT = """白石区2024年政府工作报告
一、2023年工作回顾
我们完成地区生产总值860亿元，增长6.2%。
二、2024年工作安排
主要预期目标是：地区生产总值增长6.5%左右。
（一）聚力产业攻坚。全年新开工项目60个。（区科技局牵头，区委组织部、区人社局配合）
"""


@pytest.fixture(scope="module")
def plan():
    return extract(read(PLAN.encode(), "plan.txt"), packs.load("china"))


@pytest.fixture(scope="module")
def report():
    return extract(read(REPORT.encode(), "report.txt"), packs.load("china"))


def by_value(extraction, value):
    return next(claim for claim in extraction.claims if claim.value == value)


@pytest.mark.parametrize(
    ("value", "period"),
    [(500, "2027"), (300, "2027"), (80, "2025"), (200, "2027"), (3, "2027"), (15, "2027"), (60, "2027"), (20, "2027")],
)
def test_a_target_takes_its_deadline_from_the_nearest_place(plan, value, period):
    claim = by_value(plan, value)
    assert (str(claim.kind), claim.period) == ("target", period)


def test_a_year_that_is_over_is_reported_even_in_a_plan(plan):
    claim = by_value(plan, 210)
    assert (str(claim.kind), claim.period) == ("actual", "2024")


@pytest.mark.parametrize(
    ("value", "bodies"),
    [
        (500, ()),
        (80, ("市交通运输局", "市发展改革委", "各县〈市、区〉人民政府")),
        (3, ("市工业和信息化局", "市大数据局", "通信集团云岭分公司")),
        (15, ("市商务局", "市投资促进局")),
        (60, ("市商务局", "市投资促进局")),
        (20, ("市财政局", "市国资委")),
    ],
)
def test_bodies_are_those_of_the_paragraph_or_its_article(plan, value, bodies):
    assert by_value(plan, value).bodies == bodies


def test_work_items_are_the_leaves_that_ask_for_work(plan):
    assert [(task.number, task.title, task.claims, task.deadline) for task in plan.tasks] == [
        ("二/(一)/1", "完善起降设施", 2, "2027"),
        ("二/(一)/2", "建设数字底座", 1, None),
        ("二/(二)/3", "招引重点企业", 2, None),
        ("三/(一)", "加强组织领导", 0, None),
        ("三/(二)", "加大资金支持", 1, None),
    ]


def test_claims_know_their_work_item(plan):
    assert by_value(plan, 60).task == "二/(二)/3"
    assert by_value(plan, 500).task is None


def test_a_task_record_has_the_published_fields(plan):
    document = read(PLAN.encode(), "plan.txt")
    record = task_record(plan.tasks[0], document)
    assert document.original[record["start"] : record["end"]].startswith("1.完善起降设施")
    assert {"number", "title", "bodies", "claims", "document", "digest", "body_ids"} <= record.keys()


def test_a_report_tells_and_then_plans(report):
    said = [(str(c.kind), c.period, str(c.value)) for c in report.claims]
    assert said == [
        ("actual", "2023", "860"),
        ("actual", "2023", "6.2"),
        ("target", "2024", "6.5"),
        ("target", "2024", "60"),
    ]
    assert report.claims[-1].bodies == ("区科技局", "区委组织部", "区人社局")


def test_a_text_says_the_same_twice(plan):
    assert extract(read(PLAN.encode(), "plan.txt"), packs.load("china")) == plan


def test_an_empty_document_has_no_claims():
    nothing = extract(read("通知\n".encode(), "empty.txt"), packs.load("china"))
    assert nothing.claims == nothing.tasks == ()


def test_links_come_from_the_folder():
    text = "到2027年，全市全社会研发经费支出占GDP比重达到4%，其中昆山市高新技术企业达到3000家。（责任部门：市科技局）"
    first, second = extract(read(text.encode(), "case.txt"), packs.load("suzhou")).claims
    assert first.indicator_id == "rd_intensity"
    assert first.area_id == "suzhou"
    assert second.indicator_id == "hnte_count"
    assert (second.area, second.area_id) == ("昆山市", "suzhou_kunshan")
    assert second.body_ids == ("sz_stb",)
    assert first.candidates[0].id == "rd_intensity"
    assert first.confidence > 0.9


def test_what_the_folder_does_not_know_stays_open():
    text = "到2027年，花卉种植基地达到40个。（责任部门：市园艺发展中心）"
    (claim,) = extract(read(text.encode(), "case.txt"), packs.load("suzhou")).claims
    assert claim.indicator_id is None
    assert claim.body_ids == (None,)


def test_twice_the_text_takes_about_twice_the_work():
    paragraph = PLAN[PLAN.index("一、总体要求") :]
    parts = [
        paragraph.replace("500", str(500 + n)).replace("起降点", f"起降点{n}号区")
        for n in range(500_000 // (3 * len(paragraph)))
    ]
    city = packs.load("china")
    spent = []
    for count in (len(parts) // 2, len(parts)):
        document = read(("综合材料汇编\n" + "".join(parts[:count])).encode(), "large.txt")
        began = time.process_time()
        extraction = extract(document, city)
        spent.append(time.process_time() - began)
    assert len(extraction.claims) > 500
    assert spent[1] < 3.5 * spent[0]


@pytest.mark.parametrize(
    "unit",
    [
        "产值达到500亿元、",
        "100家企业",
        "（",
        "到2027年",
        "百万亿",
        "12",
        "约占全国的",
        "等",
        "和与及、",
        "分别增长5%、",
        "——",
        "（其中5家）",
    ],
)
def test_no_pattern_runs_away(unit):
    text = "行动方案\n" + unit * (200_000 // len(unit)) + "。"
    document = read(text.encode(), "odd.txt")
    began = time.process_time()
    extract(document, packs.load("china"))
    assert time.process_time() - began < 20
