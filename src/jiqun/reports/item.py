"""The page of one item: what is said of it, where it stands on its way, what may be done next and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jiqun.ledger import access, store
from jiqun.ledger.access import Action, visible
from jiqun.ledger.models import Comment, Event, Standing
from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding
from jiqun.packs.schema.dockets import Docket, DocketStep
from jiqun.records import steps
from jiqun.records.models import DocketItem
from jiqun.reports import docket_values
from jiqun.reports.docket_values import Blank, Said, blanks, ref_of
from jiqun.reports.dockets import ItemRow, docket_of, item_row
from jiqun.reports.target import Remark
from jiqun.reports.view import Ref, View


@dataclass(frozen=True, slots=True)
class Station:
    """A state on an item's way; `since` is when it last came there, None where it has not been."""

    state: Ref
    since: date | None
    is_here: bool
    is_end: bool


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that the reader may take, with the fields it fills."""

    step: Ref
    after: Ref
    needs_reason: bool
    blanks: tuple[Blank, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a version changed."""

    field: Ref
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class Passage:
    """One version in the item's history: who did what, when and why."""

    version: int
    what: Ref
    state: Ref
    actor: str
    reason: str
    on: date
    recorded_at: datetime
    event: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ItemPage:
    """`waits_for`: who may take a step where the reader may not. `is_withdrawn`: it was opened by mistake."""

    docket: Docket
    ref: Ref
    row: ItemRow
    version: int
    facts: tuple[Said, ...]
    empty: tuple[Ref, ...]
    stations: tuple[Station, ...]
    next: tuple[NextStep, ...]
    waits_for: tuple[str, ...]
    history: tuple[Passage, ...]
    remarks: tuple[Remark, ...]
    may_amend: bool
    may_withdraw: bool
    may_comment: bool
    undoable: int
    is_withdrawn: bool
    is_known: bool
    origin: str


@dataclass(frozen=True)
class FormPage:
    """A form to open or amend an item; `general` is what is wrong with none of its fields.

    `later`: the fields of a new item that steps ask for, so that nobody must have them at the beginning.
    """

    docket: Docket
    ref: Ref
    row: ItemRow | None
    version: int
    blanks: tuple[Blank, ...]
    later: tuple[Blank, ...]
    general: tuple[Finding, ...]
    reason: str

    @property
    def later_errs(self) -> bool:
        return any(blank.errors for blank in self.later)


@dataclass(frozen=True)
class Tried:
    """What somebody typed and what was wrong with it; `step` is the step it was typed for."""

    typed: Mapping[str, str]
    findings: tuple[Finding, ...]
    reason: str = ""
    step: str = ""


def stated(view: View, key: str) -> tuple[Docket, DocketItem]:
    """The item as of the page's day, with its docket, for who may read it. Raises NotFound, Forbidden."""
    row = store.as_of(DocketItem, None if view.is_today else view.on).filter(key=key).first()
    if row is None:
        raise NotFound("没有这个条目，或在这一天还没有登记")
    return docket_of(view, row.docket_id), row


def item(view: View, key: str, tried: Tried | None = None) -> ItemPage:
    """One item. Raises NotFound, Forbidden."""
    docket, row = stated(view, key)
    versions = list(store.history(DocketItem, key).filter(version__lte=row.version))
    shown = item_row(view, docket, row, versions[0].known_on)
    parties = access.parties(view.user, row, view.city)
    is_withdrawn = row.standing != Standing.ACTIVE
    is_known = steps.fits(row, docket)
    can = view.is_today and not is_withdrawn and is_known and bool(access.may(view.user, Action.KEEP_ITEMS))
    taken = steps.open_steps(docket, row, parties) if can else ()
    others = {party for step in docket.steps_from(row.state) for party in step.by} if not taken else set()
    remarks = visible(view.user, store.as_of(Comment)).filter(
        subject_type="docketitem", subject_key=key, state=Standing.ACTIVE
    )
    return ItemPage(
        docket, ref_of(docket), shown, row.version,
        tuple(one for id_, one in shown.said.items() if (one.parts or one.is_hidden) and id_ != docket.title_field),
        tuple(one.field for one in shown.said.values() if not one.parts and not one.is_hidden),
        _stations(docket, versions), tuple(_next(view, docket, row, step, tried) for step in taken),
        () if is_withdrawn else tuple(steps.PARTY_LABELS[party] for party in sorted(others)),
        tuple(reversed(_history(view, docket, versions))),
        tuple(Remark(r.key, r.actor, r.text, r.recorded_at) for r in remarks.order_by("id")),
        can and steps.may_amend(docket, row, parties), can and steps.may_withdraw(docket, row, parties),
        not is_withdrawn and bool(access.may(view.user, Action.COMMENT, row, city=view.city)),
        _undoable(view, row), is_withdrawn, is_known, row.origin.partition(":")[0],
    )  # fmt: skip


def opening(view: View, docket_id: str, values: Mapping[str, Any], tried: Tried | None = None) -> FormPage:
    """A form for a new item, `values` filled in already as a person would type them."""
    docket = docket_of(view, docket_id)
    typed = {**values, **(tried.typed if tried else {})}
    fixed = () if _is_city(view) else (docket.owner_field,)
    fields = [field for field in docket.fields if field.id not in fixed]
    first = docket.states[0]
    found = blanks(view, docket, fields, {}, typed=typed, findings=tried.findings if tried else (),
                   required=first.requires)  # fmt: skip
    asked = {id_ for step in docket.steps for id_ in step.asks} - {*first.requires, docket.owner_field}
    now = tuple(blank for blank in found if blank.field.id not in asked)
    later = tuple(blank for blank in found if blank.field.id in asked)
    reason = tried.reason if tried else ""
    return FormPage(docket, ref_of(docket), None, 0, now, later, _general(tried, found), reason)


def amending(view: View, key: str, tried: Tried | None = None) -> FormPage:
    """A form with an item's fields, for who may amend it: the verb asks again."""
    docket, row = stated(view, key)
    shown = item_row(view, docket, row, row.known_on)
    required = docket.state(row.state).requires if steps.fits(row, docket) else ()
    fixed = () if _is_city(view) else (docket.owner_field,)
    found = blanks(view, docket, docket.fields, row.values, typed=tried.typed if tried else None,
                   findings=tried.findings if tried else (), required=required, fixed=fixed)  # fmt: skip
    reason = tried.reason if tried else ""
    return FormPage(docket, ref_of(docket), shown, row.version, found, (), _general(tried, found), reason)


def _is_city(view: View) -> bool:
    return bool(access.may(view.user, Action.KEEP_ITEMS)) and access.opens_as(view.user)[0] == "city"


def _general(tried: Tried | None, found: Iterable[Blank]) -> tuple[Finding, ...]:
    ids = {blank.field.id for blank in found}
    return tuple(each for each in (tried.findings if tried else ()) if each.place.cell not in ids)


def _stations(docket: Docket, versions: list[DocketItem]) -> tuple[Station, ...]:
    """The docket's states; ends only where the item came to one, or none but ends are left."""
    came = {row.state: row.since for row in versions}
    here = versions[-1].state
    return tuple(
        Station(ref_of(state), came.get(state.id), state.id == here, state.is_end)
        for at, state in enumerate(docket.states)
        if not state.is_end or state.id in came or at == _main_end(docket)
    )


def _main_end(docket: Docket) -> int:
    """The end that the way leads to: the first of them."""
    return next((at for at, state in enumerate(docket.states) if state.is_end), -1)


def _next(view: View, docket: Docket, row: DocketItem, step: DocketStep, tried: Tried | None) -> NextStep:
    mine = tried if tried is not None and tried.step == step.id else None
    asked = steps.asked(docket, step, row.values)
    found = blanks(view, docket, asked, row.values, typed=mine.typed if mine else None,
                   findings=mine.findings if mine else (), required=docket.state(step.after).requires)  # fmt: skip
    return NextStep(ref_of(step), ref_of(docket.state(step.after)), step.needs_reason, found, mine is not None)


def _history(view: View, docket: Docket, versions: list[DocketItem]) -> list[Passage]:
    undone = set(
        Event.objects.filter(sequence__in=[row.event_id for row in versions], action="event.undone")
        .values_list("sequence", flat=True)
    )  # fmt: skip
    found, names = [], {step.id: ref_of(step) for step in docket.steps}
    before: DocketItem | None = None
    for row in versions:
        state = ref_of(docket.state(row.state)) if steps.fits(row, docket) else Ref(row.state, row.state)
        if before is None:
            what = Ref("", "登记" if not row.origin.startswith("table:") else "导入")
        elif row.event_id in undone:
            what = Ref("", "撤销")
        elif row.standing != before.standing:
            what = Ref("", "撤回")
        else:
            what = names.get(row.step) or Ref("", row.step or "修改")
        changes = _changes(view, docket, before, row) if before is not None else ()
        found.append(
            Passage(
                row.version,
                what,
                state,
                row.actor,
                row.reason,
                row.known_on,
                row.recorded_at,
                row.event_id,
                changes,
            )
        )
        before = row
    return found


def _changes(view: View, docket: Docket, before: DocketItem, after: DocketItem) -> tuple[Change, ...]:
    old, new = (docket_values.said(view, docket, row) for row in (before, after))
    return tuple(
        Change(new[id_].field, old[id_], new[id_])
        for id_ in new
        if before.values.get(id_) != after.values.get(id_) and not (old[id_].is_hidden or new[id_].is_hidden)
    )


def _undoable(view: View, row: DocketItem) -> int:
    """The event that the reader may undo: the last of the item, where it was theirs and wrote nothing but it."""
    is_own = view.user is not None and row.actor == view.user.get_username()
    alone = DocketItem.objects.filter(event_id=row.event_id).count() == 1
    is_undo = Event.objects.filter(sequence=row.event_id, action="event.undone").exists()
    may = view.is_today and is_own and alone and not is_undo and bool(access.may(view.user, Action.UNDO))
    return row.event_id if may else 0
