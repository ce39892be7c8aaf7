"""The demo's returns of firms: rounds that another platform's export fills, decided level by level, each on its day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from jiqun.enterprises import register
from jiqun.flows.deliveries import deliver_returns
from jiqun.flows.demo_returns import MARK, REVIEWER, account_of, on_day, player
from jiqun.flows.publishing import publish_round
from jiqun.flows.returns import accept_returns
from jiqun.flows.rounds import lock_round, open_round
from jiqun.ledger.models import Role
from jiqun.model.periods import Period
from jiqun.packs.schema.invented_returns import InventedFirmRounds
from jiqun.records.models import Return, ReturnState, Round, stands
from jiqun.records.projection import layout_of
from jiqun.statistics import calendar, invented_firms
from jiqun.workspace import Workspace

_DECIDED = 2  # days after it is due that each level decides, one after the other


def play_firm_returns(ws: Workspace, until: date, *, actor: str) -> None:
    """Rounds of firms' forms with invented returns, each delivered, decided on and locked where its day has come.

    After the register is drawn, since the firms are its. A form that has rounds is left as it is.
    """
    plans = ws.city.invented_returns.firms if ws.city.invented_returns else {}
    for form_id, plan in plans.items():
        if stands(Round).filter(form_id=form_id).exists():
            continue
        with transaction.atomic():
            for period in calendar.periods_between(
                ws.city.forms[form_id], Period.parse(plan.first), Period.parse(plan.last)
            ):
                _play(ws, form_id, plan, period, until, actor)


def _play(ws: Workspace, form_id: str, plan: InventedFirmRounds, period: Period, until: date, actor: str) -> None:
    form = ws.city.forms[form_id]
    days = calendar.dates(form, period)
    if days.due_on > until:
        return
    round_ = open_round(on_day(ws, days.opens_on, 1), form_id, str(period), actor=actor, reason=MARK)
    reviewer = player(ws, REVIEWER, Role.CITY_EDITOR, actor)
    csv = invented_firms.export(plan, layout_of(round_, ws.city), period, *_firms(ws, round_, days.opens_on))
    deliver_returns(on_day(ws, days.due_on, 3), round_.key, csv, user=reviewer, reason=MARK, name=f"{MARK}.csv")
    for level in range(len(form.levels)):
        day = days.due_on + timedelta(days=_DECIDED + level)
        if day <= until:
            _accept(on_day(ws, day, 6), round_, actor)
    if days.locks_on <= until:
        lock_round(on_day(ws, days.locks_on, 1), round_.key, actor=actor, reason=MARK)
    publish_round(on_day(ws, min(days.locks_on, until), 2), round_.key, actor=actor, reason=f"{MARK}：凭空生成")


def _firms(ws: Workspace, round_: Round, day: date) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of the firms that owe a return, and the units of their columns."""
    book = register.open(ws.path / "registers", register.MAIN)
    purpose = ws.city.forms[round_.form_id].purpose
    found = register.read(book, ws.city, purpose=purpose, day=day, known_on=day)
    owing = set(stands(Return).filter(round_key=round_.key).values_list("respondent_id", flat=True))
    rows = [row for row in found.rows.collect().iter_rows(named=True) if row["uscc"] in owing]
    return rows, {id_: column.attribute.unit for id_, column in found.columns.items()}


def _accept(ws: Workspace, round_: Round, actor: str) -> None:
    """What waits for an area is accepted by the area's own account, and by the city's reviewer for the city."""
    waiting = stands(Return).filter(round_key=round_.key, state=ReturnState.SUBMITTED)
    for area_id in sorted(set(waiting.values_list("turn_area_id", flat=True))):
        own = area_id != ws.city.area_id
        user = player(ws, account_of(area_id) if own else REVIEWER, Role.DISTRICT if own else Role.CITY_EDITOR, actor,
                      area_id if own else None)  # fmt: skip
        keys = list(waiting.filter(turn_area_id=area_id).values_list("key", flat=True))
        accept_returns(ws, keys, user=user, reason=MARK)
