"""Dockets: fields that can be filled, states that can be reached and left, names that are the docket's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from jiqun.model.findings import Finding, Place
from jiqun.packs.checks.units import unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Path, Registry
from jiqun.packs.schema.dockets import BUILT_IN, Docket, DocketField, DocketState, InventedItem

_OWNERS = ("body", "area")


def docket_findings(registry: Registry) -> Iterator[Finding]:
    """Whatever keeps a docket's items from being written, found, moved to an end, or told apart."""
    prefixes: dict[str, str] = {}
    for entry, docket in registry.of(Docket):
        first = prefixes.setdefault(docket.numbering.prefix, docket.id)
        if first != docket.id:
            words = {"prefix": docket.numbering.prefix, "other": first}
            yield fault("docket_prefix", entry.place("numbering", "prefix"), **words)
        for part in ("fields", "states", "steps", "checks"):
            yield from _twice(entry, part, [each.id for each in getattr(docket, part)])
        yield from _field_findings(entry, docket)
        if not entry.is_damaged:  # a field or state taken out for its fault would be missed everywhere
            yield from _name_findings(entry, docket)
            yield from _state_findings(entry, docket)
            yield from _step_findings(entry, docket)
    yield from _invented_findings(registry)


def _field_findings(entry: Entry, docket: Docket) -> Iterator[Finding]:
    for index, field in enumerate(docket.fields):
        yield from unit_findings(entry.place("fields", index, "unit"), field.unit)
        if why := _misfit(field):
            yield fault("docket_field", entry.place("fields", index), id=field.id, why=why)


def _misfit(field: DocketField) -> str:
    """What does not fit together in a field; empty when all does."""
    if field.id in (*BUILT_IN, "on"):
        return "这个编号另有所指"
    if (field.kind == "choice") != bool(field.values):
        return "choice 要写 values，别的不写"
    if set(field.values_en) - set(field.values):
        return "values_en 里有 values 没有的编号"
    is_numeric = field.unit or field.digits or field.may_be_negative or field.most is not None
    if field.kind != "number" and is_numeric:
        return "只有 number 才写 unit、digits、may_be_negative、most"
    return ""


def _name_findings(entry: Entry, docket: Docket) -> Iterator[Finding]:
    """Every id that stands for a field, state or party and is none."""
    fields = [field.id for field in docket.fields]
    states = [state.id for state in docket.states]
    for path, id_ in _said_fields(docket):
        yield from _unknown(entry.place(*path), path, id_, fields, "清单项")
    for index, id_ in enumerate(docket.columns):
        yield from _unknown(entry.place("columns", index), ("columns", index), id_, [*fields, *BUILT_IN], "清单项")
    for index, step in enumerate(docket.steps):
        said = [*((("before", nth), id_) for nth, id_ in enumerate(step.before)), (("after",), step.after)]
        for inner, id_ in said:
            at = ("steps", index, *inner)
            yield from _unknown(entry.place(*at), at, id_, states, "状态")
    owner = next((field for field in docket.fields if field.id == docket.owner_field), None)
    if owner is not None and owner.kind not in _OWNERS:
        yield fault("docket_owner", entry.place("owner_field"), id=owner.id)


def _said_fields(docket: Docket) -> Iterator[tuple[Path, str]]:
    yield from ((("identified_by", at), id_) for at, id_ in enumerate(docket.identified_by))
    yield ("owner_field",), docket.owner_field
    for index, state in enumerate(docket.states):
        yield from ((("states", index, "requires", at), id_) for at, id_ in enumerate(state.requires))
        if state.due_field:
            yield ("states", index, "due_field"), state.due_field
    for index, step in enumerate(docket.steps):
        yield from ((("steps", index, "asks", at), id_) for at, id_ in enumerate(step.asks))
    if docket.fed_by is not None:
        yield from ((("fed_by", "fields", id_), id_) for id_ in docket.fed_by.fields)


def _unknown(place: Place, path: Path, id_: str, known: Iterable[str], kind: str) -> Iterator[Finding]:
    ids = list(known)
    if id_ in ids:
        return
    close = difflib.get_close_matches(id_, ids, 1)
    near = f"（是不是“{close[0]}”？）" if close else ""
    what = next(str(part) for part in reversed(path) if isinstance(part, str) and part != id_)
    yield fault("docket_name", place, what=f" {what} ", id=id_, kind=kind, near=near)


def _state_findings(entry: Entry, docket: Docket) -> Iterator[Finding]:
    """Deadlines that cannot be told, states that nothing leads to, and those that nothing leads out of."""
    kinds = {field.id: field.kind for field in docket.fields}
    reached = _reached(docket)
    for index, state in enumerate(docket.states):
        place = entry.place("states", index)
        if why := _due_misfit(state, kinds):
            yield fault("docket_due", place, id=state.id, why=why)
        leads_on = any(True for _ in docket.steps_from(state.id))
        if state.id not in reached:
            yield fault("docket_stuck", place, id=state.id, why="走不到")
        if not leads_on and not state.is_end:
            yield fault("docket_stuck", place, id=state.id, why="走不出去，又不是终点")


def _due_misfit(state: DocketState, kinds: Mapping[str, str]) -> str:
    if state.days is not None and state.due_field:
        return "写了两种"
    if state.due_field and kinds.get(state.due_field, "date") != "date":
        return f"“{state.due_field}”不是日期"
    if state.is_end and (state.days is not None or state.due_field):
        return "终点没有期限"
    return ""


def _reached(docket: Docket) -> set[str]:
    """The states that an item can come to from the first."""
    found = {docket.states[0].id}
    grown = True
    while grown:
        further = {step.after for step in docket.steps if found & set(step.before)}
        grown = not further <= found
        found |= further
    return found


def _step_findings(entry: Entry, docket: Docket) -> Iterator[Finding]:
    """Two buttons of one name beside each other."""
    names = {state.id: state.name for state in docket.states}
    told: dict[tuple[str, str], str] = {}
    for index, step in enumerate(docket.steps):
        for before in step.before:
            if told.setdefault((before, step.name), step.id) != step.id:
                words = {"before": names.get(before, before), "after": names.get(step.after, step.after)}
                yield fault("docket_step", entry.place("steps", index, "name"), name=step.name, **words)


def _invented_findings(registry: Registry) -> Iterator[Finding]:
    dockets = {docket.id: docket for _, docket in registry.of(Docket)}
    for entry, item in registry.of(InventedItem):
        docket = dockets.get(item.docket_id)
        if docket is None or entry.is_damaged:
            continue
        fields = [field.id for field in docket.fields]
        for id_ in item.values:
            yield from _unknown(entry.place("values", id_), ("values", id_), id_, fields, "清单项")
        state, day = docket.states[0].id, item.on
        for index, move in enumerate(item.moves):
            for id_ in move.values:
                path = ("moves", index, "values", id_)
                yield from _unknown(entry.place(*path), path, id_, fields, "清单项")
            step = next((step for step in docket.steps_from(state) if step.id == move.step), None)
            if step is None or move.on < day:
                yield fault("docket_move", entry.place("moves", index), before=state, step=move.step)
                break
            state, day = step.after, move.on


def _twice(entry: Entry, part: str, ids: list[str]) -> Iterator[Finding]:
    for index, id_ in enumerate(ids):
        if id_ in ids[:index]:
            first = entry.place(part, ids.index(id_), "id")
            yield fault("duplicate_id", entry.place(part, index, "id"), kind="编号", id=id_, first=first)
