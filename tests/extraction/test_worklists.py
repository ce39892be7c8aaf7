"""Work lists in tables: every row that asks for work is a task with its bodies, deadline and claims."""

from __future__ import annotations

import io

import pytest
from docx import Document as WordDocument

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract


@pytest.fixture(scope="module")
def china():
    return packs.load("china")


def extraction(table: str, city, title: str = "云岭市机器人产业行动方案（2025—2027年）", around: str = ""):
    text = f"# {title}\n\n{around}\n\n{table}\n"
    return extract(read(text.encode(), "plan.md"), city)


LIST = """\
| 序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |
| --- | --- | --- | --- | --- |
| 一、强化创新 | | | | |
| 1 | 建设创新平台。到2027年，新增省级重点实验室5家。 | 市科技局 | 市工信局、市发改委 | 2027年12月底 |
| 2 | 开展整机攻关 | 市工信局<br>市科技局 | 各县（市、区）政府 | 2026年6月底前 |
| 二、优化服务 | | | | |
| 3 | 每年举办对接活动10场以上 | 市商务局 | — | 长期坚持 |
"""


def test_rows_become_tasks_with_bodies_in_order_and_deadline(china):
    found = extraction(LIST, china, around="附件1\n\n重点任务清单").tasks
    assert [(t.number, t.title, t.bodies, t.deadline, t.claims) for t in found] == [
        ("附件1/1", "建设创新平台", ("市科技局", "市工信局", "市发改委"), "2027", 1),
        ("附件1/2", "开展整机攻关", ("市工信局", "市科技局", "各县（市、区）政府"), "2026M6", 0),
        ("附件1/3", "每年举办对接活动10场以上", ("市商务局",), None, 1),
    ]


def test_claims_in_a_task_know_task_cell_and_bodies(china):
    first, second = extraction(LIST, china).claims
    assert (first.indicator, first.value, first.period, first.task) == ("省级重点实验室", 5, "2027", "1")
    assert first.bodies == ("市科技局", "市工信局", "市发改委")
    assert first.cell is not None and (first.cell.row, first.cell.column) == (3, 2)
    assert (second.value, second.task, str(second.measure)) == (10, "3", "annual")


def test_the_span_of_a_task_is_its_row(china):
    text = f"# 云岭市机器人产业行动方案\n\n{LIST}"
    document = read(text.encode(), "plan.md")
    second = extract(document, china).tasks[1]
    stretch = second.span.of(document.original)
    assert stretch.startswith("2 | 开展整机攻关") and stretch.endswith("2026年6月底前")


def test_lists_without_serials_are_counted_and_several_tables_kept_apart(china):
    table = "| 任务名称 | 责任单位 |\n| --- | --- |\n| 出台扶持政策 | 市财政局 |\n| 组建产业联盟 | 市工信局 |\n"
    found = extraction(f"{table}\n第二类任务如下。\n\n{table}", china).tasks
    assert [t.number for t in found] == ["表1/1", "表1/2", "表2/1", "表2/2"]


def test_merged_tasks_split_where_bodies_do(china):
    file = WordDocument()
    file.add_paragraph("云岭市机器人产业行动方案（2025—2027年）")
    rows = [
        ("序号", "重点任务", "具体举措", "责任单位", "时限"),
        ("1", "强化创新", "（1）建设研究院", "市科技局", "2025年底"),
        ("", "", "（2）突破减速器技术", "市工信局", "2027年"),
        ("2", "做强企业", "培育整机企业", "市工信局", "2026年"),
        ("", "", "引进零部件企业", "", ""),
    ]
    table = file.add_table(len(rows), 5)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    for column in (0, 1):
        table.cell(1, column).merge(table.cell(2, column))
        table.cell(3, column).merge(table.cell(4, column))
    table.cell(3, 3).merge(table.cell(4, 3))
    table.cell(3, 4).merge(table.cell(4, 4))
    out = io.BytesIO()
    file.save(out)
    found = extract(read(out.getvalue(), "a.docx"), china).tasks
    assert [(t.number, t.title, t.bodies, t.deadline) for t in found] == [
        ("1", "建设研究院", ("市科技局",), "2025"),
        ("1/2", "突破减速器技术", ("市工信局",), "2027"),
        ("2", "做强企业", ("市工信局",), "2026"),
    ]


@pytest.mark.parametrize(
    ("cell", "deadline"),
    [
        ("2025年", "2025"), ("2025年底", "2025"), ("2025年12月31日前", "2025"), ("2025年6月底前", "2025M6"),
        ("2024—2026年", "2026"), ("2026年上半年", "2026H1"), ("2026年第三季度", "2026Q3"), ("2026.9", "2026M9"),
        ("2026-09-30", "2026M9"), ("2025年3月—2026年10月", "2026M10"), ("2026", "2026"),
        ("年底前", "2027"), ("9月底", "2027M9"), ("长期坚持", None), ("持续推进", None), ("—", None), ("", None),
    ],
)  # fmt: skip
def test_a_deadline_is_read_as_a_period(cell, deadline, china):
    table = f"| 任务 | 责任单位 | 时限 |\n| --- | --- | --- |\n| 出台政策 | 市财政局 | {cell} |\n"
    (task,) = extraction(table, china).tasks
    assert task.deadline == deadline


def test_a_task_with_a_column_of_targets_gives_both(china):
    table = """\
| 序号 | 工作任务 | 单位 | 2025年目标 | 2027年目标 | 责任单位 |
| --- | --- | --- | --- | --- | --- |
| 1 | 新增高新技术企业 | 家 | 30 | 90 | 市科技局 |
"""
    found = extraction(table, china)
    assert [(t.number, t.claims) for t in found.tasks] == [("1", 2)]
    assert [(c.indicator, c.value, c.period, str(c.measure), c.bodies) for c in found.claims] == [
        ("高新技术企业", 30, "2025", "increment", ("市科技局",)),
        ("高新技术企业", 90, "2027", "increment", ("市科技局",)),
    ]


def test_a_list_of_people_is_no_work_list(china):
    table = "| 姓名 | 任务 |\n| --- | --- |\n| 张三 | 统稿 |\n"
    assert extraction(table, china).tasks == ()


def test_a_cell_takes_no_deadline_from_another_row(china):
    table = """\
| 序号 | 任务 | 责任单位 |
| --- | --- | --- |
| 1 | 到2025年，培育龙头企业6家 | 市工信局 |
| 2 | 发布应用场景清单50项以上 | 市大数据局 |
"""
    found = extraction(table, china).claims
    assert [(c.value, c.period) for c in found] == [(6, "2025"), (50, "2027")]


def test_a_table_of_sentences_that_is_no_list_is_read_as_text(china):
    table = """\
| 专栏1 重点工程 | 建设内容 |
| --- | --- |
| 强基工程 | 围绕关键环节开展攻关。到2027年，建成中试基地12个，突破关键技术30项。 |
"""
    found = extraction(table, china).claims
    assert [(c.value, c.unit, c.period) for c in found] == [(12, "个", "2027"), (30, "项", "2027")]
    assert {c.cell.printed for c in found if c.cell} == {"表1 第2行“建设内容”列"}
