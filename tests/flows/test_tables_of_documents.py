"""A plan's table of indicators and its work list, taken into the ledger with their places."""

from __future__ import annotations

from jiqun import flows
from jiqun.ledger import chain
from jiqun.ledger.models import Claim, Task

PLAN = """\
# 云川市数字经济发展规划（2021—2025年）

表1 主要指标

| 指标 | 单位 | 2020年 | 2025年 | 属性 |
| --- | --- | --- | --- | --- |
| 高新技术企业数 | 家 | 300 | 900以上 | 约束性 |
| 上市公司 | 家 | 12 | 30 | 预期性 |

附件1

重点任务清单

| 序号 | 任务 | 责任单位 | 时限 |
| --- | --- | --- | --- |
| 1 | 建设算力中心 | 市工信局 | 2023年6月底前 |
"""


def test_the_ledger_keeps_cell_binding_and_baseline(ws):
    digest = flows.ingest(ws, PLAN.encode(), name="plan.md", actor="zhang").digest
    first, second = Claim.objects.filter(document__digest=digest).order_by("number_start")
    assert (first.cell, first.binding) == ("表1 主要指标 第2行“2025年”列", True)
    assert (first.value_text, first.base_value, first.base_period) == ("900", "300", "2020")
    assert (second.cell, second.binding) == ("表1 主要指标 第3行“2025年”列", False)
    assert chain.verify().is_whole


def test_rows_of_a_work_list_are_tasks_of_the_ledger(ws):
    digest = flows.ingest(ws, PLAN.encode(), name="plan.md", actor="zhang").digest
    (task,) = Task.objects.filter(document__digest=digest)
    assert (task.number, task.title, task.bodies, task.deadline) == ("附件1/1", "建设算力中心", ["市工信局"], "2023M6")


def test_reading_it_again_changes_nothing(ws):
    digest = flows.ingest(ws, PLAN.encode(), name="plan.md", actor="zhang").digest
    again = flows.reextract(ws, digest, actor="zhang")
    assert (again.added, again.renewed, again.proposed, again.gone) == ((), (), {}, ())
