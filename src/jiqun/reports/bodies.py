"""The pages of responsible bodies: who answers for what, and who took whose place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiqun.ledger.models import Task
from jiqun.ledger.store import as_of
from jiqun.model.errors import NotFound
from jiqun.packs.schema.bodies import Body
from jiqun.reports import docket_holdings
from jiqun.reports.docket_holdings import Holding
from jiqun.reports.kept import kept
from jiqun.reports.register import LATE, LightCount, Shortlist, TargetRow, count_lights, document_refs, register
from jiqun.reports.shares import Share
from jiqun.reports.tasks import TaskRow, targets_by_task, task_row
from jiqun.reports.view import Ref, View


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A body in force on the day, with the duties it has by the documents or by succession."""

    share: Share
    full_name: str
    area: Ref | None
    leads: int
    tasks: int


@dataclass(frozen=True)
class Bodies:
    rows: tuple[BodyRow, ...]
    without_duty: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A name in the line of a body, with the days it held; `days_unsure`: the folder says the dates are weak."""

    ref: Ref
    full_name: str
    valid_from: date | None
    valid_to: date | None
    is_here: bool
    days_unsure: bool


@dataclass(frozen=True)
class BodyPage:
    ref: Ref
    full_name: str
    aliases: tuple[str, ...]
    area: Ref | None
    line: tuple[Step, ...]
    now: tuple[Ref, ...]
    stands_for: tuple[Ref, ...]
    lights: tuple[LightCount, ...]
    leads: Shortlist
    supports: Shortlist
    tasks: tuple[TaskRow, ...]
    dockets: tuple[Holding, ...]
    note: str


def bodies(view: View) -> Bodies:
    """Every body of the folder that is in force on the day, those with most late targets first."""
    return kept(view, "bodies", lambda: _bodies(view))


def _bodies(view: View) -> Bodies:
    targets: dict[str, list[TargetRow]] = {}
    leads: dict[str, int] = {}
    for row in register(view).wholes:
        for at, body in enumerate(row.answering):
            targets.setdefault(body.id, []).append(row)
            leads[body.id] = leads.get(body.id, 0) + (at == 0)
    tasks = _task_counts(view)
    rows, idle = [], []
    for found in view.city.bodies.values():
        if not view.is_in_force(found):
            continue
        ref = view.names.body(found.id)
        own = targets.get(found.id, [])
        if not own and not tasks.get(found.id):
            idle.append(ref)
            continue
        share = Share(ref, len(own), sum(row.judged.light in LATE for row in own), count_lights(own))
        area = view.names.area(found.area_id)
        rows.append(BodyRow(share, found.name, area, leads.get(found.id, 0), tasks.get(found.id, 0)))
    rows.sort(key=lambda row: (-row.share.late, -row.share.total, -row.tasks, row.full_name))
    return Bodies(tuple(rows), tuple(idle))


def body(view: View, key: str) -> BodyPage:
    """One body with its line of succession and its duties. Raises NotFound."""
    found = view.city.bodies.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个机构")
    line = _line(view, found)
    family = {step.ref.id for step in line} | view.covering(key)
    own = [row for row in register(view).wholes if any(b.id in family for b in (*row.bodies, *row.answering))]
    leading = {row.key for row in own if row.bodies and row.bodies[0].id in family}
    return BodyPage(
        ref=view.names.body(key),
        full_name=found.name,
        aliases=found.aliases,
        area=view.names.area(found.area_id),
        line=line,
        now=tuple(view.names.body(b.id) for b in view.city.body_at(key, view.on) if b.id != key),
        stands_for=view.names.bodies(found.expands_to_ids),
        lights=count_lights(own),
        leads=Shortlist.of(row for row in own if row.key in leading),
        supports=Shortlist.of(row for row in own if row.key not in leading),
        tasks=_tasks_of(view, family),
        dockets=docket_holdings.of_body(view, family),
        note=found.note,
    )


def _line(view: View, body: Body) -> tuple[Step, ...]:
    """Those before, the body, and those after, oldest first."""
    city = view.city
    before: list[Body] = []
    edge = {body.id}
    while edge:
        found = [b for b in city.bodies.values() if edge & set(b.successor_ids) and b not in before]
        before = [*found, *before]
        edge = {b.id for b in found}
    after: list[Body] = []
    edge = set(body.successor_ids)
    while edge:
        found = [city.bodies[key] for key in edge if key in city.bodies and city.bodies[key] not in after]
        after += found
        edge = {key for b in found for key in b.successor_ids}
    return tuple(
        Step(view.names.body(b.id), b.name, b.valid_from, b.valid_to, b.id == body.id, b.date_confidence != "high")
        for b in (*before, body, *after)
    )


def _task_counts(view: View) -> dict[str, int]:
    counts: dict[str, int] = {}
    for body_ids in as_of(Task, known_on=view.on).values_list("body_ids", flat=True):
        for answering in view.answering(body_ids):
            counts[answering.id] = counts.get(answering.id, 0) + 1
    return counts


def _tasks_of(view: View, family: set[str]) -> tuple[TaskRow, ...]:
    rows = (
        as_of(Task, known_on=view.on)
        .filter(task_bodies__body_id__in=family)
        .distinct()
        .order_by("document__known_on", "document_id", "start")[:200]
    )
    found = list(rows)
    documents = document_refs()
    targets = targets_by_task(view, {task.document_id for task in found})
    return tuple(task_row(view, task, documents[task.document_id], targets.get(task.key, ())) for task in found)
