"""Lists of the pages as workbooks, from the same contexts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from jiqun.reports.register import TargetRow
from jiqun.reports.view import View
from jiqun.tables import Value, xlsx
from jiqun.tables.xlsx import Column, Kind, Page

_COLUMNS = (
    Column("状态"), Column("目标", width=48), Column("指标"), Column("区域"), Column("集群"), Column("口径"),
    Column("目标值"), Column("已达到"), Column("数据时期"), Column("完成率", Kind.PERCENT), Column("期限", Kind.DAY),
    Column("牵头单位"), Column("责任单位", width=36), Column("判断理由", width=48), Column("出处文件", width=36),
    Column("文号"), Column("是否演示重述"),
)  # fmt: skip


def targets_workbook(view: View, rows: Sequence[TargetRow], *, created: datetime) -> bytes:
    """The targets listed, with their reasons and sources, as an xlsx file."""
    out = io.BytesIO()
    page = Page("目标", _COLUMNS, [_cells(row) for row in rows], title=f"{view.city.name}目标进展（截至{view.on}）")
    notes = [
        ("截至", f"{view.on}；只含该日已公开的文件和数据"),
        ("城市资料夹", f"{view.city.edition}，摘要 {view.city.digest}"),
        ("完成率", "已达到 ÷ 目标；无法比较的留空，空格不是零"),
        ("演示重述", "标“是”的目标出自演示用的重述文字，不是公文原文"),
    ]
    xlsx.write(out, [page], created=created, notes=notes)
    return out.getvalue()


def _cells(row: TargetRow) -> list[Value]:
    judged, document = row.judged, row.document
    completion = None if judged.completion_pct is None else Decimal(str(judged.completion_pct)) / 100
    return [
        judged.label,
        row.sentence,
        row.indicator.name,
        row.area.name if row.area else None,
        row.cluster.name if row.cluster else None,
        row.measure_label,
        row.promise,
        judged.reached or None,
        judged.reached_label or None,
        completion,
        row.deadline,
        row.lead.name if row.lead else None,
        "、".join(body.name for body in row.answering) or None,
        judged.reason,
        document.title if document else "直接录入",
        document.number or None if document else None,
        "是" if document and document.is_restatement else "否",
    ]
