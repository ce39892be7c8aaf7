"""The demo's items of dockets: invented ones, played through the verbs that people use, each on its day."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from jiqun.flows.demo_returns import MARK, on_day, player
from jiqun.flows.dockets import Opened, move_item, open_item
from jiqun.ledger.models import Role
from jiqun.packs.schema.dockets import Docket, InventedItem, InventedMove
from jiqun.records.filling import typed
from jiqun.records.models import DocketItem, stands
from jiqun.tables import Cell
from jiqun.workspace import Workspace

OFFICE = "demo_office"
_HOUR = 2  # UTC: ten in the morning in China


def play_items(ws: Workspace, *, actor: str) -> int:
    """How many items stand: the folder's invented ones, or those found there already.

    The city opens them from `demo_office`; a step that only the owner takes is taken from an account of its own. Nobody
    can log in to these until an administrator resets their passwords.
    """
    if not ws.city.invented_items or stands(DocketItem).exists():
        return stands(DocketItem).count()
    with transaction.atomic():
        for said in sorted(ws.city.invented_items, key=lambda each: each.on):
            _play(ws, said, actor)
    return stands(DocketItem).count()


def _play(ws: Workspace, said: InventedItem, actor: str) -> None:
    docket = ws.city.dockets[said.docket_id]
    office = player(ws, OFFICE, Role.CITY_EDITOR, actor)
    about = Opened(f"{MARK}", "demo", is_invented=True)
    row = open_item(on_day(ws, said.on, _HOUR), docket.id, _cells(said.values), user=office, about=about)
    for move in said.moves:
        user = office if "city" in _by(docket, row, move) else _owner(ws, row, actor)
        there = on_day(ws, move.on, _HOUR)
        row = move_item(there, row.key, move.step, _cells(move.values), user=user, reason=move.reason or MARK)


def _by(docket: Docket, row: DocketItem, move: InventedMove) -> tuple[str, ...]:
    return next(step.by for step in docket.steps_from(row.state) if step.id == move.step)


def _owner(ws: Workspace, row: DocketItem, actor: str) -> Any:
    role = Role.DEPARTMENT if row.owner_kind == "body" else Role.DISTRICT
    return player(ws, f"demo_{row.owner_id}", role, actor, **{f"{row.owner_kind}_id": row.owner_id})


def _cells(values: dict[str, Any]) -> dict[str, Cell]:
    return {id_: typed(str(text)) for id_, text in values.items()}
