"""Rounds of forms: opened and locked by the calendar, with who owes a return frozen at the opening."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError

from jiqun.enterprises import register
from jiqun.enterprises.register import Firms
from jiqun.flows.faults import fault, refuse
from jiqun.ledger import store
from jiqun.model.errors import Conflict, JiqunError, NotFound, UsageError
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form
from jiqun.records import releasing
from jiqun.records.models import Return, ReturnState, Round, RoundState, stands
from jiqun.records.releasing import Release
from jiqun.records.transitions import Step, transition
from jiqun.statistics import calendar
from jiqun.statistics.layout import layout
from jiqun.statistics.levels import respondents
from jiqun.statistics.publishing import Released
from jiqun.workspace import Workspace, keep_folder


@dataclass(frozen=True)
class Due:
    """What the calendar asks for today: rounds to open, and open rounds whose day of locking has come."""

    to_open: tuple[tuple[str, str], ...]  # form id, period
    to_lock: tuple[str, ...]  # round keys


@dataclass(frozen=True)
class Kept(Due):
    """What was done of what the calendar asked for, and, by key, why the rest could not be."""

    failed: tuple[tuple[str, str], ...]


def open_round(ws: Workspace, form_id: str, period: str, *, actor: str, reason: str = "") -> Round:
    """The round of a form for a period, open, with a return owed by everybody whom the form asks on this day.

    Raises NotFound for no such form, UsageError for a period without a round, Conflict for a form that has lapsed, a
    round that is open already or not to be opened yet.
    """
    form = _form(ws, form_id)
    at = _period(form, period)
    days = calendar.dates(form, at)
    _refuse_lapsed(form, ws.today)
    if ws.today < days.opens_on:
        raise Conflict(f"{form.name} {at.label}要到 {days.opens_on} 才开放")
    key = f"{form.id}|{at}"
    if stands(Round).filter(key=key).exists():
        raise Conflict(f"{form.name} {at.label}已经布置")
    laid = layout(form, ws.city, at.end)
    owing = respondents(form, ws.city, ws.today, _firms(ws, form))
    if not owing:
        raise Conflict(f"{form.name} {at.label}没有填报对象，请核对名册和 respondents")
    keep_folder(ws.path, ws.city)
    round_ = Round(
        key=key, known_on=ws.today, form_id=form.id, period=str(at), period_end=at.end, owing=len(owing),
        opens_on=days.opens_on, due_on=days.due_on, locks_on=days.locks_on, folder_digest=ws.city.digest,
        cells=[[cell.key, cell.unit, cell.digits] for cell in laid.cells], layout_digest=laid.digest,
    )  # fmt: skip
    rows = [
        Return(
            key=f"{key}|{each.id}", known_on=ws.today, round_key=key, respondent_kind=each.kind,
            respondent_id=each.id, respondent_name=each.name, area_id=each.area_id, path=list(each.path),
            due_on=days.due_on,
        )
        for each in owing
    ]  # fmt: skip
    with store.recording("round.opened", actor=actor, reason=reason, clock=ws.clock, subject=round_) as entry:
        if stands(Round).filter(key=key).exists():  # others may have been quicker
            raise Conflict(f"{form.name} {at.label}已经布置")
        entry.put([round_])
        entry.put(rows)
    return round_


def rounds_due(ws: Workspace) -> Due:
    """What the calendar asks for today."""
    held = set(stands(Round).values_list("key", flat=True))
    to_open = [
        (form.id, str(period))
        for form in ws.city.forms.values()
        if form.valid_until >= ws.today and (form.valid_from or date.min) <= ws.today
        for period in calendar.periods_open_on(form, ws.today)
        if f"{form.id}|{period}" not in held
    ]
    ready = stands(Round).filter(state=RoundState.OPEN, locks_on__lte=ws.today).order_by("key")
    return Due(tuple(to_open), tuple(ready.values_list("key", flat=True)))


def keep_calendar(ws: Workspace, *, actor: str, with_invented: bool = True) -> Kept:
    """Everything that the calendar asks for today is done that can be: each round by an event of its own.

    Asked again, or by two at once, it does nothing twice. Forms made up for a demo are opened `with_invented` only.
    """
    due = rounds_due(ws)
    opened, locked, failed = [], [], []
    for form_id, period in due.to_open:
        if ws.city.forms[form_id].is_invented and not with_invented:
            continue
        key = f"{form_id}|{period}"
        try:
            open_round(ws, form_id, period, actor=actor, reason="按日历开放")
            opened.append((form_id, period))
        except Conflict as error:
            if not stands(Round).filter(key=key).exists():  # else others were quicker
                failed.append((key, str(error)))
        except (JiqunError, DatabaseError) as error:
            failed.append((key, _why(error)))
    for key in due.to_lock:
        try:
            lock_round(ws, key, actor=actor, reason="按日历锁定")
            locked.append(key)
        except (JiqunError, DatabaseError) as error:
            failed.append((key, _why(error)))
    return Kept(tuple(opened), tuple(locked), tuple(failed))


def _why(error: JiqunError | DatabaseError) -> str:
    return store.why(error) if isinstance(error, DatabaseError) else str(error)


def lock_round(ws: Workspace, round_key: str, *, actor: str, reason: str = "") -> Round:
    """The round locked: what came through all levels is final, what never came is missing.

    What is still being decided stays so, and is locked by locking again. Raises Conflict before the day of locking.
    """
    round_ = round_of(round_key)
    if ws.today < round_.locks_on:
        raise Conflict(f"要到 {round_.locks_on} 才能锁定")
    mark, found = releasing.mark(round_), _release(ws, round_)
    keep_folder(ws.path, ws.city)
    with store.recording("round.locked", actor=actor, reason=reason, clock=ws.clock, subject=round_) as entry:
        now = round_of(round_key)
        if now.state == RoundState.LOCKED != round_.state:  # others were quicker
            return now
        fresh: Round = entry.change(now, {"state": RoundState.LOCKED.value})
        for state, has_accepted, after in _lockings():
            rows = stands(Return).filter(round_key=round_key, state=state)
            rows = rows.filter(accepted_version__gt=0) if has_accepted else rows.filter(accepted_version=0)
            entry.change_all(list(rows), {"state": after, "known_on": ws.today})
        entry.notes |= releasing.notes(found if releasing.mark(now) == mark else _release(ws, now), ws.city)
    return fresh


def _release(ws: Workspace, round_: Round) -> Release:
    """What locking shows to readers; nothing where the folder cannot tell what may be shown."""
    if round_.form_id in ws.city.forms:
        with suppress(NotFound):
            return releasing.release_of(round_, ws.city)
    return Release((), Released((), {}))


def _lockings() -> list[tuple[str, bool, str]]:
    """(state, whether a submission came through before, state after) of what locking does."""
    found = []
    for state in (ReturnState.ACCEPTED, ReturnState.DUE, ReturnState.RETURNED):
        each = transition(Step.LOCK, state)
        found.append((state.value, True, (each.on_accepted or each.after).value))
        found.append((state.value, False, each.after.value))
    return found


def extend_deadline(
    ws: Workspace, round_key: str, respondent_ids: Sequence[str], until: date, *, actor: str, reason: str
) -> int:
    """How many respondents may file until a later day, which is kept with its reason. Raises InputRefused, Conflict."""
    round_ = round_of(round_key)
    refuse([] if reason.strip() else [fault("reason", "延期需要写明理由", "请填写理由")])
    if not round_.due_on < until <= round_.locks_on:
        raise Conflict(f"延期应在截止日 {round_.due_on} 之后、锁定日 {round_.locks_on} 及以前")
    rows = list(stands(Return).filter(round_key=round_key, respondent_id__in=list(respondent_ids)))
    absent = sorted(set(respondent_ids) - {row.respondent_id for row in rows})
    if absent:
        raise NotFound(f"本期没有这些填报对象：{'、'.join(absent[:5])}")
    with store.recording("deadline.extended", actor=actor, reason=reason, clock=ws.clock, subject=round_) as entry:
        entry.change_all(rows, {"due_on": until})
    return len(rows)


def round_of(round_key: str) -> Round:
    """The round as it stands. Raises NotFound for none."""
    found: Round | None = stands(Round).filter(key=round_key).first()
    if found is None:
        there = list(stands(Round).order_by("-period_end", "form_id").values_list("key", flat=True)[:5])
        raise NotFound(f"没有“{round_key}”这一期报表（最近的：{'、'.join(there) or '还没有布置过'}）")
    return found


def _form(ws: Workspace, form_id: str) -> Form:
    form = ws.city.forms.get(form_id)
    if form is None:
        raise NotFound(f"城市文件夹里没有报表“{form_id}”（已有：{'、'.join(ws.city.forms) or '无'}）")
    return form


def _period(form: Form, text: str) -> Period:
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not calendar.has_round(form, period):
        raise UsageError(f"{form.name}没有{period.label}这一期")
    return period


def _refuse_lapsed(form: Form, today: date) -> None:
    if form.valid_until < today:
        raise Conflict(f"{form.name}（{form.number}）的有效期到 {form.valid_until} 为止，不能再布置")
    if form.valid_from is not None and today < form.valid_from:
        raise Conflict(f"{form.name}（{form.number}）从 {form.valid_from} 起有效")


def _firms(ws: Workspace, form: Form) -> Firms | None:
    """The firms of the register as known today, read for the form's purpose."""
    if form.respondents.kind != "firms":
        return None
    book = register.open(ws.path / "registers", register.MAIN)
    return register.read(book, ws.city, purpose=form.purpose, day=ws.today, known_on=ws.today)
