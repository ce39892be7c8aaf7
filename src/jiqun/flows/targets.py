"""Targets by hand: entered, amended, withdrawn, divided; and what the responsible say about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jiqun.flows.faults import fault, field_faults, refuse, required, warning
from jiqun.ledger import store
from jiqun.ledger.models import Comment, Standing, Target
from jiqun.ledger.statement import Statement, number
from jiqun.model.claims import Measure
from jiqun.model.errors import Conflict, InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.workspace import Workspace

TARGET_FIELDS = (
    "title", "indicator", "indicator_id", "area_id", "cluster_id", "measure", "comparator", "strict", "value_text",
    "value_max_text", "unit", "period", "body_ids", "base_value", "base_period",
)  # fmt: skip
_ADDED_UP = frozenset({Measure.LEVEL, Measure.INCREMENT, Measure.CUMULATIVE, Measure.ANNUAL})


def add_target(
    ws: Workspace, fields: Mapping[str, Any], *, actor: str, reason: str = "", known_on: date | None = None
) -> Target:
    """A target entered by hand, known from `known_on` (default: today). Raises InputRefused with every fault."""
    given = filled(ws, fields)
    refuse(target_faults(ws, given))
    with store.recording("target.added", actor=actor, reason=reason, clock=ws.clock, subject=("target", "")) as entry:
        row = Target(key=f"t:{entry.sequence}", known_on=known_on or ws.today, **given)
        entry.put([row])
    return row


def amend_target(
    ws: Workspace, key: str, changes: Mapping[str, Any], *, actor: str, reason: str,
    known_on: date | None = None, version: int | None = None,
) -> Target:  # fmt: skip
    """The target as it holds from `known_on` (default: today) on; what held before stays to be asked for."""
    row = _active(key, version)
    after = {name: changes.get(name, getattr(row, name)) for name in TARGET_FIELDS} | dict(changes)
    refuse(target_faults(ws, after) + _reason_faults(reason))
    given = _with_deadline(dict(changes)) if "period" in changes else dict(changes)
    with store.recording("target.amended", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        fresh: Target = entry.change(row, {**given, "known_on": known_on or ws.today})
    return fresh


def withdraw_target(
    ws: Workspace, key: str, *, actor: str, reason: str, known_on: date | None = None, version: int | None = None
) -> Target:
    """The target no longer in force from `known_on` (default: today), nor any part of it."""
    row = _active(key, version)
    refuse(_reason_faults(reason))
    changes = {"state": Standing.WITHDRAWN.value, "known_on": known_on or ws.today}
    with store.recording("target.withdrawn", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        fresh: Target = entry.change(row, changes)
        entry.change_all(_parts_below(key), changes)
    return fresh


@dataclass(frozen=True)
class Part:
    """A share of a target: of an area or of a body, in the target's unit."""

    value_text: str
    area_id: str | None = None
    body_id: str | None = None

    @property
    def id(self) -> str:
        return self.area_id or self.body_id or ""


@dataclass(frozen=True)
class Split:
    """The parts now in force, and what the sum of them says; a part left out of a new division is withdrawn."""

    parts: tuple[Target, ...]
    findings: tuple[Finding, ...]


def split_target(
    ws: Workspace, key: str, parts: Iterable[Part], *, actor: str, reason: str = "", version: int | None = None
) -> Split:
    """The target divided among areas or bodies.

    Parts of a target that adds up are held against the whole: a sum short of it or beyond it is a warning and
    needs a reason. Raises InputRefused, with all findings, for parts that cannot be or a reason that is missing.
    """
    row = _active(key, version)
    given = list(parts)
    findings = _part_faults(ws, row, given)
    refuse(findings)
    findings += sum_findings(ws, row, given)
    if any(f.severity is Severity.WARNING for f in findings) and not reason.strip():
        raise InputRefused([*findings, fault("reason", "分解数与总目标不一致，需要说明理由", "请填写理由")])
    fresh = [_part_row(ws, row, part) for part in given]
    with store.recording("target.divided", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        left = [old for old in _children(key) if old.key not in {part.key for part in fresh}]
        for old in left:
            if _children(old.key):
                raise Conflict("被去掉的一份已继续分解，请先撤回它的分解")
        entry.change_all(left, {"state": Standing.WITHDRAWN.value, "known_on": ws.today})
        entry.put(fresh)
    return Split(tuple(_children(key)), tuple(findings))


def sum_findings(ws: Workspace, row: Target, parts: Sequence[Part]) -> list[Finding]:
    """What the sum of the parts says of the whole; a note where this kind of target does not add up."""
    indicator = ws.city.indicators.get(row.indicator_id)
    additive = indicator is not None and indicator.aggregation.kind == "sum" and Measure(row.measure) in _ADDED_UP
    whole = row.value
    if not additive or whole is None:
        return [Finding("ledger.not_added_up", Severity.NOTE, "该目标不能由各份加总得出，未核对合计")]
    total = sum((number(part.value_text) or Decimal(0) for part in parts), Decimal(0))
    if total == whole:
        return []
    less_or_more = "少" if total < whole else "多"
    message = (
        f"各份合计 {total:f}{row.unit}，比总目标 {whole:f}{row.unit} {less_or_more} {abs(total - whole):f}{row.unit}"
    )
    code = "parts_short" if total < whole else "parts_beyond"
    return [warning(code, message, "如确需如此，请写明理由")]


def add_comment(
    ws: Workspace, subject: Statement, text: str, *, actor: str, body_id: str | None = None,
    area_id: str | None = None,
) -> Comment:  # fmt: skip
    """What the actor says about a target, task or item, on behalf of a body or area where one is named."""
    if not text.strip():
        refuse([fault("missing", "意见是空的", "请填写内容")])
    kind = str(subject._meta.model_name)
    with store.recording("comment.added", actor=actor, clock=ws.clock, subject=subject) as entry:
        row = Comment(key=f"c:{entry.sequence}", known_on=ws.today, subject_type=kind, subject_key=subject.key,
                      body_id=body_id, area_id=area_id, text=text.strip())  # fmt: skip
        entry.put([row])
    return row


# ── checks and rows ─────────────────────────────────────────────────────────────────────────────────────────


def target_faults(ws: Workspace, fields: Mapping[str, Any], place: Place | None = None) -> list[Finding]:
    """Everything that keeps the fields from being a target."""
    found = field_faults(ws.city, fields, (*TARGET_FIELDS, "deadline"))
    found += required(fields, ("indicator_id", "value_text"))
    return [Finding(f.code, f.severity, f.message, place or f.place, f.remedy) for f in found]


def filled(ws: Workspace, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with what follows from them: the deadline from the period, unit and words from the indicator."""
    given = _with_deadline({name: value for name, value in fields.items() if value is not None})
    indicator = ws.city.indicators.get(str(given.get("indicator_id", "")))
    if indicator is not None:
        given.setdefault("unit", indicator.unit)
        given.setdefault("indicator", indicator.name)
        given.setdefault("title", given["indicator"])
    if not given.get("area_id"):
        given["area_id"] = ws.city.area_id
    return given


def _with_deadline(given: dict[str, Any]) -> dict[str, Any]:
    try:
        given["deadline"] = Period.parse(str(given.get("period") or "")).end
    except ValueError:
        given["deadline"] = None
    return given


def _active(key: str, version: int | None) -> Target:
    row: Target = store.current(Target, key)
    if version is not None and row.version != version:
        raise Conflict("该目标刚被他人修改，请刷新后重试")
    if row.state != Standing.ACTIVE:
        raise Conflict("该目标已撤回")
    return row


def _children(key: str) -> list[Target]:
    return list(Target.objects.filter(parent_key=key, superseded_at=None, state=Standing.ACTIVE).order_by("id"))


def _parts_below(key: str) -> list[Target]:
    found = []
    for child in _children(key):
        found += [child, *_parts_below(child.key)]
    return found


def _reason_faults(reason: str) -> list[Finding]:
    return [] if reason.strip() else [fault("reason", "需要写明理由", "请填写理由")]


def _part_faults(ws: Workspace, row: Target, parts: Sequence[Part]) -> list[Finding]:
    found = []
    if not parts:
        found.append(fault("missing", "没有任何一份", "请至少填写一份"))
    for part in parts:
        if (part.area_id is None) == (part.body_id is None):
            found.append(fault("part", "每一份要指明一个地区或一个责任单位，且只能一个"))
        named = {"area_id": part.area_id, "body_id": part.body_id, "value_text": part.value_text}
        found += field_faults(ws.city, named, named) + required(named, ("value_text",))
    ids = [part.id for part in parts]
    found += [fault("part_twice", f"“{id}”出现了不止一次") for id in dict.fromkeys(ids) if id and ids.count(id) > 1]
    if row.comparator == "range":
        found.append(fault("range_split", "区间目标不能直接分解", "请先把总目标改成一个数"))
    return found


def _part_row(ws: Workspace, row: Target, part: Part) -> Target:
    copied = ("title", "indicator", "indicator_id", "cluster_id", "measure", "comparator", "strict",
              "unit", "period", "deadline", "document_id")  # fmt: skip
    return Target(
        key=f"{row.key}>{part.id}",
        known_on=ws.today,
        parent_key=row.key,
        value_text=part.value_text,
        area_id=part.area_id or row.area_id,
        body_ids=[part.body_id] if part.body_id else [],
        **{name: getattr(row, name) for name in copied},
    )
