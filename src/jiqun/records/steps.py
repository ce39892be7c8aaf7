"""What may happen to an item of a docket, by whom: the docket's declaration, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from jiqun.model.errors import Conflict, Forbidden
from jiqun.packs.schema.dockets import Docket, DocketField, DocketStep
from jiqun.records.models import DocketItem

PARTY_LABELS = {"city": "市级", "owner": "主责单位", "opener": "登记单位"}
_KINDS = {"body": "department", "area": "district", "city": "city"}


def may_open(docket: Docket, opener_kind: str) -> bool:
    """Whether the docket is open to those who open as city, body or area."""
    return _KINDS[opener_kind] in docket.open_to


def may_amend(docket: Docket, item: DocketItem, parties: Iterable[str]) -> bool:
    return bool(set(docket.state(item.state).amended_by) & set(parties))


def may_withdraw(docket: Docket, item: DocketItem, parties: Iterable[str]) -> bool:
    """An item opened by mistake: by the city, and in its first state by whoever opened it."""
    own = {"city"} | ({"opener"} if item.state == docket.states[0].id else set())
    return bool(own & set(parties))


def open_steps(docket: Docket, item: DocketItem, parties: Iterable[str]) -> tuple[DocketStep, ...]:
    """The steps that these parties may take now."""
    own = set(parties)
    return tuple(step for step in docket.steps_from(item.state) if own & set(step.by))


def waits_for(docket: Docket, item: DocketItem, parties: Iterable[str]) -> bool:
    """Whether the way on, the first step declared out of the item's state, is for these parties to take."""
    onward = next(docket.steps_from(item.state), None)
    return onward is not None and not docket.state(item.state).is_end and bool(set(onward.by) & set(parties))


def step_of(docket: Docket, item: DocketItem, step_id: str, parties: Iterable[str]) -> DocketStep:
    """The step, where it leads out of the item's state and is theirs. Raises Conflict, Forbidden, in words."""
    step = next((each for each in docket.steps_from(item.state) if each.id == step_id), None)
    if step is None:
        named = next((each.name for each in docket.steps if each.id == step_id), step_id)
        onward = "、".join(f"{each.name}（{each.id}）" for each in docket.steps_from(item.state)) or "无"
        raise Conflict(f"{item.number} 现在是“{docket.state(item.state).name}”，不能“{named}”；可办的步骤：{onward}")
    if not set(step.by) & set(parties):
        raise Forbidden(f"“{step.name}”只能由{allowed(step.by)}办理")
    return step


def allowed(parties: Iterable[str]) -> str:
    """Parties in words."""
    return "、".join(PARTY_LABELS[party] for party in parties) or "无人"


def asked(docket: Docket, step: DocketStep, values: dict[str, Any]) -> tuple[DocketField, ...]:
    """The fields that a step fills: those it asks, and those still empty that the state after it requires."""
    wanted = {*step.asks, *(id_ for id_ in docket.state(step.after).requires if id_ not in values)}
    return tuple(field for field in docket.fields if field.id in wanted)


def due(docket: Docket, state_id: str, since: date, values: dict[str, Any]) -> date | None:
    """The last day an item may stand in a state; None where the state has no deadline, or its field is empty."""
    state = docket.state(state_id)
    if state.days is not None:
        return since + timedelta(days=state.days)
    said = values.get(state.due_field) if state.due_field else None
    return date.fromisoformat(said) if said else None


def fits(item: DocketItem, docket: Docket) -> bool:
    """Whether the folder still has the state that the item stands in."""
    return any(state.id == item.state for state in docket.states)
