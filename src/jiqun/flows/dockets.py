"""Items of dockets: opened, amended, moved on, withdrawn; nobody does to an item what its docket does not grant them.

Every verb here asks `ledger.access` what its user is to the very item, and `records.steps` what that grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jiqun.flows.faults import fault, refuse
from jiqun.ledger import access, store
from jiqun.ledger.access import Action
from jiqun.ledger.models import Event, Standing
from jiqun.model.errors import Conflict, Forbidden, NotFound
from jiqun.model.findings import Finding, Severity
from jiqun.packs.schema.dockets import Docket, DocketField
from jiqun.records import filling, steps
from jiqun.records.filling import Places, in_field
from jiqun.records.models import DocketItem, stands
from jiqun.tables import Cell
from jiqun.workspace import Workspace


@dataclass(frozen=True)
class Opened:
    """What an item is opened with beside its fields. `is_invented`: made up for a demo."""

    reason: str = ""
    origin: str = "web"
    is_invented: bool = False


def docket_of(ws: Workspace, docket_id: str) -> Docket:
    """The docket. Raises NotFound with those there are."""
    if docket_id not in ws.city.dockets:
        known = "、".join(ws.city.dockets) or "没有"
        raise NotFound(f"没有清单“{docket_id}”（已有：{known}）")
    return ws.city.dockets[docket_id]


def item_of(ws: Workspace, key: str, version: int | None = None) -> tuple[Docket, DocketItem]:
    """The item as it stands, with its docket. Raises NotFound; Conflict where `version` no longer holds, or it was
    withdrawn, or the folder no longer has its state."""
    row: DocketItem = store.current(DocketItem, key)
    docket = docket_of(ws, row.docket_id)
    if version is not None and row.version != version:
        raise Conflict("该条目刚被他人修改，请刷新后重试")
    if row.standing != Standing.ACTIVE:
        raise Conflict(f"{row.number} 已撤回")
    if not steps.fits(row, docket):
        raise Conflict(f"{row.number} 的状态“{row.state}”在资料夹里已经没有，请先在资料夹中补上")
    return docket, row


def open_item(
    ws: Workspace, docket_id: str, given: Mapping[str, Cell], *, user: Any, about: Opened | None = None
) -> DocketItem:
    """A new item in the docket's first state, under the next number of the year.

    Raises Forbidden for who may not open items, InputRefused with every finding: unreadable fields, what the state
    requires, a check that fails, an item that stands already.
    """
    docket, said = docket_of(ws, docket_id), about or Opened()
    who = opener(docket, user)
    read = filling.read(docket, ws.city, given)
    values = with_owner(docket, filling.merged({}, read.values), who)
    refuse([*read.findings, *owner_faults(docket, user, {}, values, who)])
    refuse(faults(ws, docket, values, docket.states[0].id, said.reason))
    with store.recording("item.opened", actor=user.get_username(), reason=said.reason, clock=ws.clock,
                         subject=("docketitem", docket_id)) as entry:  # fmt: skip
        _refuse_twins(docket, values)
        row = new_row(ws, docket, values, who, said, next_number(ws, docket))
        entry.put([row])
    return row


def amend_item(
    ws: Workspace, key: str, given: Mapping[str, Cell], *, user: Any, reason: str, version: int | None = None
) -> DocketItem:
    """The item with some fields changed. Raises as `open_item`, and Forbidden where its state grants that to others."""
    docket, row = item_of(ws, key, version)
    require_amend(ws, docket, row, user)
    read = filling.read(docket, ws.city, given)
    values = filling.merged(row.values, read.values)
    found = [*read.findings, *owner_faults(docket, user, row.values, values)]
    if not reason.strip():
        found.append(fault("reason", "需要写明理由", "请写明改了什么、依据是什么"))
    refuse(found)
    refuse(faults(ws, docket, values, row.state, reason))
    with store.recording("item.amended", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=row) as entry:  # fmt: skip
        _refuse_twins(docket, values, key)
        fresh: DocketItem = entry.change(row, {**carried(ws, docket, row, values), "step": ""})
    return fresh


def move_item(
    ws: Workspace, key: str, step_id: str, given: Mapping[str, Cell] | None = None, *, user: Any, reason: str = "",
    version: int | None = None,
) -> DocketItem:  # fmt: skip
    """The item one step on, with the fields that the step fills.

    Raises Conflict for a step that does not lead out of its state, Forbidden where it is not this user's, InputRefused
    with every finding.
    """
    docket, row = item_of(ws, key, version)
    parties = access.parties(user, row, ws.city)
    access.require(user, Action.KEEP_ITEMS, row, city=ws.city)
    step = steps.step_of(docket, row, step_id, parties)
    asked = {field.id for field in steps.asked(docket, step, row.values)}
    read = filling.read(docket, ws.city, given or {})
    strangers = [
        fault("field", f"“{step.name}”不能改“{_name(docket, id_)}”", "请另行修改该条目", place=in_field(id_))
        for id_ in read.values
        if id_ not in asked
    ]
    values = filling.merged(row.values, read.values)
    found = [*read.findings, *strangers, *owner_faults(docket, user, row.values, values)]
    if step.needs_reason and not reason.strip():
        found.append(fault("reason", f"“{step.name}”要写明理由", "请填写理由"))
    refuse(found)
    refuse(faults(ws, docket, values, step.after, reason))
    with store.recording("item.moved", actor=user.get_username(), reason=reason, clock=ws.clock, subject=row) as entry:
        entry.notes["step"] = step.id
        _refuse_twins(docket, values, key)
        changes = carried(ws, docket, row, values, state=step.after)
        fresh: DocketItem = entry.change(row, {**changes, "step": step.id})
    return fresh


def withdraw_item(ws: Workspace, key: str, *, user: Any, reason: str, version: int | None = None) -> DocketItem:
    """The item taken off the docket: it was opened by mistake. Its number is not used again."""
    docket, row = item_of(ws, key, version)
    access.require(user, Action.KEEP_ITEMS, row, city=ws.city)
    if not steps.may_withdraw(docket, row, access.parties(user, row, ws.city)):
        raise Forbidden("只有市级，或还在第一步的登记单位，可以撤回")
    if not reason.strip():
        refuse([fault("reason", "撤回要写明理由", "请填写理由")])
    with store.recording("item.withdrawn", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=row) as entry:  # fmt: skip
        fresh: DocketItem = entry.change(row, {"standing": Standing.WITHDRAWN.value, "known_on": ws.today, "step": ""})
    return fresh


def refuse_others(sequence: int, actor: str) -> None:
    """Raises Forbidden where the event changed an item and was somebody else's: what a docket grants to one party, no
    other takes back by undoing; there are steps for that."""
    event = Event.objects.filter(sequence=sequence).first()
    if event is not None and event.actor != actor and DocketItem.objects.filter(event_id=sequence).exists():
        raise Forbidden("清单条目的改动只能由当事人自己撤销；请改用清单的步骤，例如退回")


# ── what verbs share ────────────────────────────────────────────────────────────────────────────────────────


def opener(docket: Docket, user: Any) -> tuple[str, str]:
    """As whom the user opens an item of the docket. Raises Forbidden."""
    who = access.opens_as(user)
    if not steps.may_open(docket, who[0]):
        raise Forbidden(f"{docket.name}不由本单位登记")
    return who


def require_amend(ws: Workspace, docket: Docket, row: DocketItem, user: Any) -> None:
    """Raises Forbidden, in words, for who may not change the item's fields in its state."""
    access.require(user, Action.KEEP_ITEMS, row, city=ws.city)
    state = docket.state(row.state)
    if not steps.may_amend(docket, row, access.parties(user, row, ws.city)):
        raise Forbidden(f"“{state.name}”的条目只能由{steps.allowed(state.amended_by)}修改")


def with_owner(docket: Docket, values: dict[str, Any], who: tuple[str, str]) -> dict[str, Any]:
    """What a body or area opens, and nobody is named for, is its own where it is of the owner's kind."""
    kind, id_ = who
    if kind == docket.field(docket.owner_field).kind and docket.owner_field not in values:
        return {**values, docket.owner_field: id_}
    return values


def owner_faults(
    docket: Docket, user: Any, before: Mapping[str, Any], after: Mapping[str, Any], who: tuple[str, str] | None = None
) -> list[Finding]:
    """Nobody but the city puts an item on somebody, or takes it off."""
    old, new = before.get(docket.owner_field), after.get(docket.owner_field)
    if old == new or access.opens_as(user)[0] == "city" or (who is not None and (not new or who[1] == new)):
        return []
    field = docket.field(docket.owner_field)
    return [fault("owner", f"“{field.name}”由市级确定", "请留作原样，或在理由里提出", place=in_field(field.id))]


def faults(
    ws: Workspace, docket: Docket, values: Mapping[str, Any], state: str, reason: str, places: Places = in_field
) -> list[Finding]:
    """What keeps the values from standing in the state; a soft check only where no reason is given."""
    found = filling.missing(docket, state, values, places)
    for each in filling.broken(docket, values, ws.today, places):
        if each.severity is Severity.ERROR or not reason.strip():
            found.append(Finding(each.code, Severity.ERROR, each.message, each.place, each.remedy))
    return found


Identity = tuple[str, ...]


def identity(docket: Docket, values: Mapping[str, Any]) -> Identity:
    """What tells an item from the others of its docket."""
    return tuple(str(values.get(id_, "")) for id_ in docket.identified_by)


def identities(docket: Docket, rows: Iterable[DocketItem], but: str = "") -> dict[Identity, str]:
    """Identity → number of the items that are not withdrawn, without the one of key `but`."""
    return {
        identity(docket, row.values): row.number for row in rows if row.standing == Standing.ACTIVE and row.key != but
    }


def twins(
    docket: Docket, values: Mapping[str, Any], taken: Mapping[Identity, str], places: Places = in_field
) -> list[Finding]:
    """A finding where another item agrees in all that identifies one."""
    number = taken.get(identity(docket, values))
    if number is None:
        return []
    same = "、".join(docket.field(id_).name for id_ in docket.identified_by)
    place = places(docket.title_field)
    return [fault("twin", f"{same}与 {number} 相同", "请在原条目上修改，或核对名称", place=place)]


def _refuse_twins(docket: Docket, values: Mapping[str, Any], key: str = "") -> None:
    rows = stands(DocketItem).filter(docket_id=docket.id)
    refuse(twins(docket, values, identities(docket, rows, key)))


def next_number(ws: Workspace, docket: Docket, after: int = 0) -> str:
    """The number after the last of this year, `after` more given out already. Asked within a recording: writers queue.

    Numbers of withdrawn items count: none is given twice.
    """
    front = f"{docket.numbering.prefix}-{ws.today.year}-"
    taken = DocketItem.objects.filter(docket_id=docket.id, number__startswith=front, version=1)
    last = max((int(number.removeprefix(front)) for number in taken.values_list("number", flat=True)), default=0)
    return f"{front}{last + after + 1:0{docket.numbering.digits}d}"


def new_row(
    ws: Workspace, docket: Docket, values: dict[str, Any], who: tuple[str, str], about: Opened, number: str,
    state: str = "",
) -> DocketItem:  # fmt: skip
    """The first version of an item; not yet written."""
    at = state or docket.states[0].id
    row = DocketItem(
        key=f"{docket.id}|{number}", known_on=ws.today, docket_id=docket.id, number=number, state=at, since=ws.today,
        opener_kind=who[0], opener_id=who[1], origin=about.origin, is_invented=about.is_invented,
    )  # fmt: skip
    for name, value in carried(ws, docket, row, values).items():
        setattr(row, name, value)
    return row


def carried(ws: Workspace, docket: Docket, row: DocketItem, values: dict[str, Any], state: str = "") -> dict[str, Any]:
    """The columns of a row that follow from its values and, where it moves, its new state."""
    since = ws.today if state and state != row.state else row.since
    owner = docket.field(docket.owner_field)
    named = [values.get(owner.id)] if owner.kind == "body" else []
    for field in docket.fields:
        if field.kind in ("body", "bodies") and field.id != owner.id:
            said = values.get(field.id, [])
            named += said if isinstance(said, list) else [said]
    return {
        "values": values, "state": state or row.state, "since": since, "known_on": ws.today,
        "due_on": steps.due(docket, state or row.state, since, values),
        "owner_kind": owner.kind if owner.id in values else "", "owner_id": values.get(owner.id, ""),
        "body_ids": list(dict.fromkeys(id_ for id_ in named if id_)), "folder_digest": ws.city.digest,
    }  # fmt: skip


def _name(docket: Docket, field_id: str) -> str:
    found: DocketField | None = next((field for field in docket.fields if field.id == field_id), None)
    return found.name if found else field_id
