"""The pages of auditors: the chain of events with its verification, and the runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from jiqun.ledger import chain
from jiqun.ledger.access import visible
from jiqun.ledger.models import Event, Run, RunState
from jiqun.model.errors import NotFound
from jiqun.reports.paging import Paging, cut
from jiqun.reports.view import View

KINDS = {
    "claim": "量化表述", "claims": "量化表述", "target": "目标", "observation": "数据", "figures": "数据",
    "document": "文件", "task": "任务", "catalogue": "集群目录", "event": "事件", "comment": "意见",
    "adoptedlayout": "采用的布局", "statedsplit": "分劈依据", "docketitem": "清单条目", "round": "各期报表",
    "return": "应报报表", "submission": "报送内容", "account": "账号", "register": "企业名册", "list": "名单",
    "run": "运行", "file": "导入的文件", "folder": "资料夹", "chain": "产业链", "batch": "批量采纳", "layout": "布局",
    "system": "系统建设",
}  # fmt: skip

ACTION_LABELS = {
    "document.ingested": "收录文件", "document.reextracted": "重新抽取", "claim.accepted": "采纳表述",
    "claim.corrected": "更正表述", "claim.rejected": "否决表述", "claims.accepted_in_bulk": "批量采纳",
    "target.added": "录入目标", "target.amended": "修订目标", "target.withdrawn": "撤回目标",
    "target.divided": "分解目标", "figure.entered": "录入数据", "figure.withdrawn": "撤回数据",
    "figures.imported": "导入数据", "targets.imported": "导入目标",
    "figures.taken_from_folder": "取用资料夹数据", "comment.added": "提交意见", "layout.adopted": "采用布局方案",
    "claims.suggested": "模型建议", "event.undone": "撤销",
    "firms.imported": "导入企业名册", "firms.invented": "生成演示企业", "firms.classified": "判定梯度",
    "firms.withdrawn": "撤回名册快照",
    "firms.placed": "企业归链", "firms.gathered": "计算企业集聚",
    "list.imported": "收录名单", "twins.decided": "认定是否同一家",
    "list.decided": "决定名单的待定行", "list.withdrawn": "撤回名单",
    "list.admitted": "按条款列入名单", "list.invented": "生成演示名单", "cohorts.recorded": "记入名单核算数",
    "catalogue.adopted": "采用目录", "catalogue.withdrawn": "撤回目录",
    "chain.adopted": "采用产业链", "chain.withdrawn": "撤回产业链",
    "split.stated": "写明分劈依据", "split.withdrawn": "撤回分劈依据",
    "item.opened": "登记清单条目", "item.amended": "修改清单条目", "item.moved": "办理清单条目",
    "item.withdrawn": "撤回清单条目", "items.imported": "导入清单条目",
    "round.opened": "布置报表", "round.locked": "锁定报表", "round.published": "公布汇总数",
    "deadline.extended": "延长期限", "returns.delivered": "转入报表", "return.submitted": "报送报表",
    "return.recalled": "撤回报表", "return.accepted": "通过报表", "return.returned": "退回报表",
    "account.added": "新增账号", "account.password_reset": "重置密码",
}  # fmt: skip

RUN_LABELS = {
    "reextract": "重新抽取", "suggest": "模型建议", "import_firms": "导入企业名册", "classify_firms": "判定梯度",
    "place_firms": "企业归链", "gather_firms": "计算企业集聚", "count_cohorts": "核算名单",
}  # fmt: skip


@dataclass(frozen=True)
class EventFilter:
    actor: str = ""
    action: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """`wrote` are the kinds of rows that it wrote, each with how many."""

    sequence: int
    recorded_at: datetime
    actor: str
    action: str
    action_label: str
    subject_label: str
    subject_key: str
    reason: str
    wrote: tuple[tuple[str, int], ...]
    hash: str


@dataclass(frozen=True)
class Events:
    rows: tuple[EventRow, ...]
    paging: Paging
    filter: EventFilter
    actions: tuple[tuple[str, str], ...]
    head: int
    head_hash: str
    verdict: chain.Verdict | None


@dataclass(frozen=True)
class EventPage:
    """`is_undoable`: it wrote statements, and took in no document."""

    row: EventRow
    previous_hash: str
    payload: str
    is_undoable: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    kind: str
    kind_label: str
    state: str
    state_label: str
    actor: str
    progress_pct: int
    folder_digest: str
    created_at: datetime
    finished_at: datetime | None
    seconds: float | None
    result: str


@dataclass(frozen=True)
class Runs:
    rows: tuple[RunRow, ...]
    paging: Paging


def events(view: View, wanted: EventFilter, page: int = 1, *, verified: bool = False) -> Events:
    """Events, the newest first; `verified` walks the whole chain, which takes seconds on a long one."""
    rows = visible(view.user, Event.objects.all()).order_by("-sequence")
    if wanted.actor:
        rows = rows.filter(actor=wanted.actor)
    if wanted.action:
        rows = rows.filter(action=wanted.action)
    if wanted.subject:
        rows = rows.filter(Q(subject_key__contains=wanted.subject) | Q(reason__contains=wanted.subject))
    shown, paging = cut(rows, page, 60)
    sequence, head_hash = chain.head()
    actions = Event.objects.order_by("action").values_list("action", flat=True).distinct()
    return Events(
        rows=tuple(map(_row, shown)),
        paging=paging,
        filter=wanted,
        actions=tuple((one, ACTION_LABELS.get(one, one)) for one in actions),
        head=sequence,
        head_hash=head_hash,
        verdict=chain.verify() if verified else None,
    )


def event(view: View, sequence: int) -> EventPage:
    """One event with all it says. Raises NotFound, also for an event the person may not see."""
    found = visible(view.user, Event.objects.filter(sequence=sequence)).first()
    if found is None:
        raise NotFound(f"没有第 {sequence} 号事件")
    payload = json.loads(found.payload)
    written = payload.get("written", {})
    shown = json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=True)
    return EventPage(_row(found), found.previous_hash, shown, bool(written) and "document" not in written)


def runs(view: View, page: int = 1) -> Runs:
    shown, paging = cut(visible(view.user, Run.objects.all()).order_by("-id"), page, 60)
    return Runs(tuple(map(_run, shown)), paging)


def _row(found: Event) -> EventRow:
    return EventRow(
        sequence=found.sequence,
        recorded_at=found.recorded_at,
        actor=found.actor,
        action=found.action,
        action_label=ACTION_LABELS.get(found.action, found.action),
        subject_label=KINDS.get(found.subject_type, found.subject_type),
        subject_key=found.subject_key,
        reason=found.reason,
        wrote=_wrote(json.loads(found.payload)),
        hash=found.hash,
    )


def _wrote(payload: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    written = payload.get("written", {})
    return tuple((KINDS.get(name, name), told.get("count", 0)) for name, told in written.items())


def _run(row: Run) -> RunRow:
    seconds = (row.finished_at - row.started_at).total_seconds() if row.finished_at and row.started_at else None
    return RunRow(
        id=row.pk,
        kind=row.kind,
        kind_label=RUN_LABELS.get(row.kind, row.kind),
        state=row.state,
        state_label=str(RunState(row.state).label),
        actor=row.actor,
        progress_pct=round(row.progress * 100),
        folder_digest=row.folder_digest,
        created_at=row.created_at,
        finished_at=row.finished_at,
        seconds=seconds,
        result=json.dumps(row.result, ensure_ascii=False) if row.result else "",
    )
