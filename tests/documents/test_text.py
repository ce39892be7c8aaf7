"""Plain text: what leaves the reading text, what stays, and where each kept character came from."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import json
import re
import time
from datetime import date
from pathlib import Path

import pytest

from jiqun.documents import BlockKind, Document, read
from jiqun.model.findings import Severity
from jiqun.model.spans import Span

PLAN = "000_suzhou_2018_industry_upgrade_plan.txt"
OPINION = "001_suzhou_2018_manufacturing_clusters.txt"
ACTION = "002_suzhou_2022_innovation_clusters_2025.txt"
SCHEME = "003_new_productive_forces_2024.txt"
RELEASE = "004_suzhou_2023_press_release.txt"


def text(content: str, name: str = "试文.txt") -> Document:
    return read(content.encode(), name)


def paragraphs(document: Document) -> list[str]:
    return [block.span.of(document.reading) for block in document.blocks]


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def original_of(document: Document, words: str) -> str:
    at = document.reading.index(words)
    return document.map.to_original(Span(at, at + len(words))).of(document.original)


@pytest.fixture(scope="module")
def real(reference_dir: Path) -> dict[str, Document]:
    return {path.name: read(path) for path in sorted((reference_dir / "documents").glob("*.txt"))}


# -- the five real documents


def test_a_page_mark_inside_a_number_leaves_the_reading_and_stays_in_the_original(real: dict[str, Document]) -> None:
    plan = real[PLAN]
    assert "建设用地地均gdp达52 万元/亩左右" in plan.reading
    assert original_of(plan, "建设用地地均gdp达52 万元/亩左右") == "建设用地地均gdp达\n— 4 —\n52 万元/亩左右"


def test_hard_wrapped_numbers_keep_their_unit(real: dict[str, Document]) -> None:
    reading = real[PLAN].reading
    for phrase in ("超过 7400 亿元,", "金融资产总量达 6.5 万亿元", "全员劳动生产率达 27万元/人", "中小企业达到200 家"):
        assert phrase in reading
    assert not re.search(r"—\s*\d\s*—", reading)


def test_a_body_printed_twice_is_read_once_from_its_first_print(real: dict[str, Document]) -> None:
    plan = real[PLAN]
    assert plan.reading.count("认定培育高新技术企业超过 10000 家") == 1
    assert plan.original.count("认定培育高新技术企业超过 10000 家") == 2
    at = plan.reading.index("认定培育高新技术企业超过 10000 家")
    assert plan.map.to_original(Span(at, at + 4)).start == plan.original.index("认定培育高新技术企业超过 10000 家")
    second = plan.original.rindex("认定培育高新技术企业超过 10000 家")
    assert plan.map.to_reading(Span(second, second + 8)) is None
    assert "body_doubled" in codes(plan)


def test_a_text_that_breaks_off_is_told(real: dict[str, Document]) -> None:
    assert real[PLAN].reading.endswith("到 2020 年末,全市abc相关")
    assert "body_cut" in codes(real[PLAN])
    assert "body_cut" not in codes(real[OPINION])


def test_what_the_site_prints_below_the_text_is_not_read(real: dict[str, Document]) -> None:
    for name, words in (
        (PLAN, ("点击下载", "wenmi123", "登录", "最新文档", ".docx", "热门文章")),
        (ACTION, ("以上就是本篇文章", "http", "企业黄页")),
        (SCHEME, ("可圈可点", "欢迎阅读与借鉴")),
        (RELEASE, (".jpg", ".png", "责任编辑", "标签", "阅读推荐", "紫金山实验室", "本网策划", "2023-08-08 16:16")),
        (OPINION, ("索 引 号", "主 题 词", "首页 >", "时    效", "内容概述")),
    ):
        for word in words:
            assert word not in real[name].reading, (name, word)
    assert real[PLAN].reading.count("产业升级三年行动计划(2018—2020 年)") == 1


@pytest.mark.parametrize("number", ["000", "001", "004"])
def test_every_number_marked_by_hand_stands_in_one_paragraph_of_the_reading(
    real: dict[str, Document], reference_dir: Path, number: str
) -> None:
    document = next(d for name, d in real.items() if name.startswith(number))
    whole = [re.sub(r"\s+", "", p) for p in paragraphs(document)]
    lines = (reference_dir / "gold" / f"{number}.claims.jsonl").read_text("utf-8").splitlines()
    quotes = [re.sub(r"\s+", "", json.loads(line)["quote"]) for line in lines]
    assert quotes
    assert [q for q in quotes if not any(q in p for p in whole)] == []


@pytest.mark.parametrize("number", ["000", "001"])
def test_the_outline_holds_the_tasks_marked_by_hand(
    real: dict[str, Document], reference_dir: Path, number: str
) -> None:
    document = next(d for name, d in real.items() if name.startswith(number))
    tasks = map(json.loads, (reference_dir / "gold" / f"{number}.tasks.jsonl").read_text("utf-8").splitlines())
    wanted = [(task["number"], task["title"]) for task in tasks]
    found = [(s.path, s.title) for s in document.outline if s.level == 3]
    assert found == wanted


def test_headings_on_lines_of_their_own_make_the_outline(real: dict[str, Document]) -> None:
    outline = real[ACTION].outline
    assert [s.path for s in outline if s.level == 1] == ["一", "二", "三"]
    assert [s.title for s in outline if s.path.count("/") == 1] == [
        "高水平创新企业培育工程", "高层次创新人才集聚工程", "高能级创新载体推进工程", "高质量数字经济提升工程",
        "高效能创新网络建设工程", "高技术创新集群融合工程", "高品质创新生态优化工程",
    ]  # fmt: skip
    assert sum(s.level == 3 for s in outline) == 2 + 1 + 3 + 3 + 4 + 2 + 4 + 4
    task = next(s for s in outline if s.path == "三/(一)/1")
    body = task.span.of(real[ACTION].reading)
    assert body.startswith("1.培育科技型中小企业\n支持和引导") and body.endswith("(牵头单位:市科技局、市税务局)")


def test_headings_that_run_into_their_text_end_where_the_text_begins(real: dict[str, Document]) -> None:
    titles = {s.path: s.title for s in real[SCHEME].outline}
    assert titles["一/(一)"] == "指导思想"
    assert titles["一/(二)"] == "发展目标"
    assert titles["二/(一)"] == "动态调整集群门类"
    assert titles["三/(四)"] == "强化空间供给保障"
    assert not any(path.count("/") > 1 for path in titles)  # the inline 1. and 2. of 二/(二) are no parts
    assert len(titles) == 3 + 2 + 8 + 4


def test_prose_broken_for_a_phone_screen_is_whole_again(real: dict[str, Document]) -> None:
    lines = paragraphs(real[RELEASE])
    assert "上半年,全市规上工业增加值同比增长4.1%;高新技术产业产值达1.12万亿元,占比达53.7%。" in lines
    assert "苏州3家企业入选2023年《财富》世界500强,有45家工业企业(集团)营收超百亿元。" in lines
    assert any(
        line.startswith("近年来,苏州坚持集聚创新要素,全力推进数字经济时代产业创新集群融合发展,") for line in lines
    )
    assert any("总规模达150亿元的国家工业母机基金成功落户," in line for line in lines)


def test_captions_and_headings_stay_apart_from_the_prose(real: dict[str, Document]) -> None:
    release = real[RELEASE]
    lines = paragraphs(release)
    for heading in ("发布会现场", "推进产业创新集群建设", "推动制造业向高端攀升", "推进数实深度融合"):
        assert heading in lines
    kinds = {block.span.of(release.reading): block.kind for block in release.blocks}
    assert kinds["推进产业创新集群建设"] is BlockKind.HEADING


def test_the_header_is_what_the_document_says(real: dict[str, Document]) -> None:
    opinion = real[OPINION].header
    assert opinion.title == "关于加快推进先进制造业集群发展的实施意见"
    assert (opinion.number, opinion.issuer) == ("苏府〔2018〕130号", "苏州市人民政府")
    assert (opinion.issued_on, opinion.index_number) == (date(2018, 12, 19), "014150827/2018-00455")
    assert real[PLAN].header.title == "产业升级三年行动计划(2018—2020 年)"
    assert real[ACTION].header.title == "苏州市推进数字经济时代产业创新集群建设2025行动计划"
    assert real[RELEASE].header.title == "苏州,未来可期!"
    assert real[RELEASE].header.issued_on == date(2023, 8, 8)
    assert real[PLAN].header.issued_on is None and real[PLAN].header.number is None


def test_an_annex_that_is_named_and_missing_is_told(real: dict[str, Document]) -> None:
    told = [f.message for f in real[ACTION].findings if f.code == "annex_missing"]
    assert len(told) == 2
    assert "主要指标" in told[0] and "重点工作清单" in told[1]
    assert real[ACTION].outline[-1].span.of(real[ACTION].reading).endswith("市公安局、市科协)")


def test_every_kept_character_is_the_one_in_the_original(real: dict[str, Document]) -> None:
    for document in real.values():
        for run in document.map.runs:
            kept = document.reading[run.reading : run.reading + run.length]
            assert kept == document.original[run.original : run.original + run.length]
        assert sum(run.length for run in document.map.runs) + document.reading.count("\n") == len(document.reading)


# -- phenomena, in words of our own

WRAPPED = """\
某市重点产业提升方案
为贯彻落实上级部署,推动全市重点产业提质增效,结合我市工
业发展的实际情况,制定本方案。
一、工作目标
到2027年,全市规上工业总产值突破3500亿元,新认定创新
型企业120家以上,数字经济核心产业稳步壮大,研发投入强度达
{mark}
3.2%,形成5个特色产业集群,工业投资年均增长10%以上,
绿色工厂累计达到80家。
二、工作任务
(一)强化载体建设。依托现有园区建设专业化孵化器,到2027
年新增20家,入驻企业超过1500家。
(二)优化服务。
"""


@pytest.mark.parametrize("mark", ["— 4 —", "-4-", "－ 4 －", "第 4 页", "第4页 共12页", "· 4 ·", "Page 4 of 9"])
def test_a_page_mark_on_its_own_line_does_not_break_a_sentence(mark: str) -> None:
    document = text(WRAPPED.format(mark=mark))
    assert "研发投入强度达3.2%,形成5个特色产业集群" in document.reading
    assert mark in original_of(document, "达3.2%")


def test_short_lines_of_a_wrapped_text_stay_headings() -> None:
    document = text(WRAPPED.format(mark="— 2 —"))
    assert [s.path for s in document.outline] == ["一", "二", "二/(一)", "二/(二)"]
    assert document.header.title == "某市重点产业提升方案"
    assert "到2027年新增20家" in document.reading


def test_a_short_text_broken_at_a_page_or_after_an_opening_is_whole() -> None:
    document = text("产业发展行动方案\n到2027年，全市软件业务收入\n达到1.8万亿元，利润总额60\n— 1 —\n0亿元。")
    assert paragraphs(document)[1] == "到2027年，全市软件业务收入达到1.8万亿元，利润总额600亿元。"
    heading = text("聚焦三大领域，打造产业高地\n— 1 —\n一、目标\n到2027年达到50家。")
    assert paragraphs(heading)[:2] == ["聚焦三大领域，打造产业高地", "一、目标"]


def test_bare_numbers_are_page_marks_only_where_they_count_pages() -> None:
    block = "全市工业企业持续增加研发投入,主导产业规模稳步扩大,创新能\n力明显增强,质量效益同步提升,绿色转型步伐加快,企业培育梯\n"
    pages = "".join(block + block.replace("全市", f"第{i}区") + block + f"{i}\n" for i in "3456")
    document = text("某市工业发展规划\n" + pages.replace("企业", "主体", 3))
    assert not [p for p in paragraphs(document) if re.fullmatch(r"\d+", p)]
    table = text("各区任务数\n" + "\n".join(f"甲区\n{i}" for i in range(1, 6)))
    assert "3" in paragraphs(table)


def test_page_marks_caught_inside_a_reflowed_line_go() -> None:
    document = text(
        "某市产业提升方案\n到2027年,全市规上工业总产值达 — 4 — 3500亿元,新增创新型企业120家。\n"
        "强化平台支撑,建成重点实验室 — 5 — 15家,工程研究中心40家。"
    )
    assert "总产值达3500亿元" in document.reading and "重点实验室15家" in document.reading
    assert original_of(document, "达3500亿元") == "达 — 4 — 3500亿元"


def test_a_range_with_dashes_is_no_page_mark() -> None:
    document = text("每个区重点发展3—5个集群,每个集群布局在 2 — 4 个区。全市培育1—2个世界级集群。")
    assert document.reading == document.original


def test_latin_words_of_a_wrapped_text_keep_their_blank() -> None:
    lines = ["推动企业参与国际标准制定,支持建设Industrial Internet", "Platform等重点项目,加快形成一批可复制推广的典型经验,培育",
             "具有国际竞争力的企业集团,提升产业链供应链的韧性和安全水平,", "推动重点领域关键环节实现自主可控,持续增强产业整体竞争能力。"]  # fmt: skip
    document = text("\n".join(lines))
    assert "Industrial Internet Platform等重点项目" in document.reading
    assert document.reading.endswith(
        "提升产业链供应链的韧性和安全水平,推动重点领域关键环节实现自主可控,持续增强产业整体竞争能力。"
    )


def test_a_cut_off_first_print_gives_way_to_the_full_one() -> None:
    sentences = [
        f"第{i}项工作要求围绕产业链部署创新链,推动主导产业规模达到{i * 100}亿元,新增企业{i * 3}家。"
        for i in range(1, 9)
    ]
    full = "\n".join(sentences)
    document = text("某市产业链提升方案\n" + full[:230] + "\n点击查看全文\n" + full)
    for sentence in sentences:
        assert document.reading.count(sentence) == 1
    assert full[:230].rsplit("\n", 1)[1] not in paragraphs(document)


def test_a_second_print_with_other_line_breaks_is_found() -> None:
    body = "".join(
        f"围绕第{i}条产业链,到2027年实现产值{i * 110}亿元,培育龙头企业{i}家,建成公共平台{i + 2}个。"
        for i in range(1, 12)
    )
    wrapped = "\n".join(body[i : i + 30] for i in range(0, len(body), 30))
    document = text("某市产业链培育方案\n" + body + "\n" + wrapped)
    assert document.reading.count("围绕第7条产业链") == 1


def test_numbers_that_repeat_in_a_list_are_not_a_second_print() -> None:
    lines = [
        f"{i}.实施重点项目培育。到2027年完成投资{i}0亿元。(责任单位:市工信局、市发改委、各区人民政府)"
        for i in range(1, 10)
    ]
    document = text("\n".join(lines))
    assert len(document.outline) == 9


def test_a_comma_at_a_line_end_joins_and_a_numbered_line_does_not() -> None:
    document = text("今年前三季度,\n\n全市新增企业300家,\n\n同比增长12%。\n\n1.扩大投资,\n\n2.优化服务。")
    assert paragraphs(document) == ["今年前三季度,全市新增企业300家,同比增长12%。", "1.扩大投资,", "2.优化服务。"]


def test_lines_without_marks_are_a_list_and_stay_apart() -> None:
    names = ["电子信息", "装备制造", "生物医药", "先进材料", "现代纺织"]
    assert paragraphs(text("某市重点产业目录\n\n" + "\n".join(names)))[1:] == names


def test_a_notice_bears_the_title_of_what_it_passes_on() -> None:
    document = text(
        "某市人民政府关于印发\n某市产业集群培育方案的通知\n某政发〔2023〕8号\n各区人民政府:\n"
        "现将《某市产业集群培育方案》印发给你们,请认真组织实施。\n某市人民政府\n二〇二三年五月六日\n"
        "某市产业集群培育方案\n一、总体要求\n坚持市场主导,突出企业主体地位。"
    )
    assert document.header.title == "某市产业集群培育方案"
    assert document.header.number == "某政发〔2023〕8号"
    assert (document.header.issuer, document.header.issued_on) == ("某市人民政府", date(2023, 5, 6))
    assert [b.kind for b in document.blocks].count(BlockKind.TITLE) == 2


@pytest.mark.parametrize(
    "number", ["某府〔2021〕33号", "某府[2021]33号", "某府(2021)33号", "某府（2021）33号", "某府办发【2021】第33号"]
)
def test_a_document_number_is_read_in_any_brackets(number: str) -> None:
    assert text(f"某市工业发展意见\n{number}\n一、总体要求\n坚持创新驱动。").header.number == number


def test_a_portal_box_with_labels_above_their_values_is_read() -> None:
    document = text(
        "索引号\n123456/2022-7\n发布机构\n某市工业和信息化局\n成文日期\n2022-04-01\n文号\n某工信〔2022〕9号\n\n"
        "某市智能制造提升计划\n一、主要目标\n到2025年,建成示范工厂30家。"
    )
    header = document.header
    assert (header.index_number, header.issuer) == ("123456/2022-7", "某市工业和信息化局")
    assert (header.issued_on, header.number) == (date(2022, 4, 1), "某工信〔2022〕9号")
    assert document.reading.startswith("某市智能制造提升计划\n一、主要目标")


ANNOUNCING = "某市培育方案\n一、目标\n到2027年新增企业100家，全市产业规模明显扩大。\n"
WORK = "市工信局负责企业培育,市科技局负责研发平台建设,各区负责落实项目用地和资金。"


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("附件：1.任务分工表\n2.主要指标表\n某市人民政府", [(4, "任务分工表"), (5, "主要指标表")]),
        ("附件：1.任务分工表 2.主要指标表\n某市人民政府", [(4, "任务分工表"), (4, "主要指标表")]),
        ("附件1：任务分工表\n附件2：主要指标表\n某市人民政府", [(4, "任务分工表"), (5, "主要指标表")]),
        ("附件：\n1.任务分工表\n2.主要指标表\n某市人民政府", [(5, "任务分工表"), (6, "主要指标表")]),
        ("附件下载：\n1.任务分工表.docx\n2.主要指标表.xlsx", [(5, "任务分工表"), (6, "主要指标表")]),
        ("附表：主要指标表", [(4, "主要指标表")]),
        (f"附件：1.任务分工表\n2.主要指标表\n附件1\n任务分工表\n{WORK}", [(5, "主要指标表")]),
        ("工作分工见附件1，企业名单附后。", [(4, "附件1"), (4, "企业名单")]),
        ("各区要按要求报送，附件材料要齐全。", []),
        ("附件：某市培育方案.pdf", []),
    ],
)
def test_an_annex_that_is_announced_and_absent_is_told_with_its_line(ending: str, told: list[tuple[int, str]]) -> None:
    found = [f for f in text(ANNOUNCING + ending).findings if f.code == "annex_missing"]
    assert [(f.place.line, f.message) for f in found] == [
        (line, f"文中提到的附件“{title}”不在此文件中。") for line, title in told
    ]
    assert all(f.severity is Severity.WARNING and f.remedy for f in found)


def test_an_annex_that_follows_is_not_missing() -> None:
    body = "某市培育方案\n一、目标\n到2027年新增企业100家。\n附件:1.重点任务分解表\n2.主要指标表\n"
    assert codes(text(body)).count("annex_missing") == 2
    both = body + "附件1\n重点任务分解表\n市工信局负责企业培育,市科技局负责研发平台建设,各区负责落实项目用地和资金。\n"
    both += "附件2\n主要指标表\n规上工业增加值年均增长百分之七,研发经费投入强度达到百分之三点二,企业数量翻番。\n"
    assert "annex_missing" not in codes(text(both))
    assert [s.path for s in text(both).outline] == ["一", "附件1", "附件2"]


def test_a_document_copied_into_one_line_is_cut_at_its_parts() -> None:
    task = "支持龙头企业建设创新平台,推动上下游协同,到2027年新增研发机构50家,其中1.国家级5家,2.省级20家。"
    document = text(
        "某府办规〔2021〕5号 各区人民政府,市政府各委、办、局: 为促进产业发展,提出意见如下: 一、明确总体要求 (一)主要目标。"
        + task * 3
        + " (二)支持领域。"
        + task * 2
        + " 二、提升创新能力 (一)强化平台。"
        + task
        + "(二)培育主体。"
        + task * 2
    )
    assert [s.path for s in document.outline] == ["一", "一/(一)", "一/(二)", "二", "二/(一)", "二/(二)"]
    assert document.header.number == "某府办规〔2021〕5号"
    assert paragraphs(document)[1] == "各区人民政府,市政府各委、办、局:"


def test_articles_and_chapters_nest() -> None:
    document = text(
        "某市产业促进办法\n第一章 总则\n第一条 为促进产业发展,制定本办法。\n第二条 本办法适用于全市。\n第二章 扶持措施\n第三条 对新认定企业给予支持:\n(一)资金支持;\n(二)用地保障。"
    )
    assert [s.path for s in document.outline] == [
        "第一章", "第一章/第一条", "第一章/第二条", "第二章", "第二章/第三条", "第二章/第三条/(一)", "第二章/第三条/(二)",
    ]  # fmt: skip


def test_figures_at_a_line_start_are_no_part_numbers() -> None:
    document = text("某市上半年情况\n1.35万家企业实现增长。\n5、6月份增速回升。\n2023年,全市新增3.5万户。")
    assert document.outline == ()


def test_full_width_brackets_and_stops_give_the_same_paths() -> None:
    document = text(
        "方案\n一、任务\n（一）培育企业。到2027年达到50家。\n1．建设平台。支持建设平台。\n1、完善机制。健全机制。\n（1）定期调度。每季度调度。"
    )
    assert [s.path for s in document.outline] == ["一", "一/(一)", "一/(一)/1", "一/(一)/1", "一/(一)/1/(1)"]


def test_reading_changes_no_character() -> None:
    content = "\ufeff某市　计划Ａ１\r\n\r\n到２０２７年，产值达７％左右 ,年均增长８％。\r\n"
    document = text(content)
    assert document.original == content[1:]
    assert document.reading == "某市　计划Ａ１\n到２０２７年，产值达７％左右 ,年均增长８％。"


def test_twice_the_text_takes_about_twice_the_work() -> None:
    line = "推动企业加大研发投入力度,支持建设创新平台,到2027年达到{0}家,完成投资{1}亿元。"
    lines = [line.format(i, i * 7) for i in range(9000)]
    assert len("\n".join(lines).encode()) > 1_000_000
    spent = []
    for count in (4500, 9000):
        tries = []
        for _ in range(3):  # the least of three: a neighbour on the same core only ever adds
            started = time.process_time()
            document = text("\n".join(lines[:count]))
            tries.append(time.process_time() - started)
        spent.append(min(tries))
    assert spent[1] < 3.5 * spent[0]
    assert len(document.reading) > 300_000


@pytest.mark.parametrize(
    "closing", ["以上就是本篇文章的全部内容了，欢迎阅览！", "下面为大家整理了全文，欢迎阅读参考。"]
)
def test_a_portals_words_in_a_document_copied_into_one_line_take_none_of_it_away(closing: str) -> None:
    body = "到2027年，全市规上企业达到300家，产值突破500亿元，重点项目落地开工。" * 12
    assert text(body + closing).reading == body + closing
